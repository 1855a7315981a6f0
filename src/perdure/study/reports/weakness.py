"""Which figures behind a result are claims, estimates or unverified: counted for cards, told in sentences."""

from __future__ import annotations

from collections.abc import Iterable

from perdure.quantities import Confidence, Language, Sourced
from perdure.study.candidate import Candidate
from perdure.study.case import Case
from perdure.study.reports.naming import figure_name
from perdure.study.reports.service_names import service_title
from perdure.study.reports.words import GAP, say

WEAK = frozenset({Confidence.CLAIM, Confidence.UNVERIFIED, Confidence.ESTIMATE})
"""Confidences a reader is warned of."""


def weak(figures: dict[str, Sourced]) -> list[str]:
    """Names of the figures that are claims, estimates or unverified."""
    return [name for name, one in figures.items() if one.confidence in WEAK]


def cost_figures(case: Case, candidate: Candidate) -> dict[str, Sourced]:
    """The cost figures and exchange rates behind a candidate's worth."""
    costs = [store.costs for store in candidate.stores]
    told = {f"{at}.{name}": figure for at, one in enumerate(costs) for name, figure in one.figures().items()}
    billed = case.site.tariff.currency
    currency = case.finance.currency or billed
    foreign = {billed, *(one.currency for one in costs)} - {currency}
    return told | {name: case.finance.exchange_rate(name, currency) for name in sorted(foreign)}


def all_technical(candidate: Candidate) -> dict[str, Sourced]:
    """The technical figures of a store and of those beside it."""
    each = enumerate(technical_figures(store) for store in candidate.stores)
    return {f"{at}.{name}": figure for at, figures in each for name, figure in figures.items()}


def technical_figures(store: Candidate) -> dict[str, Sourced]:
    """The figures of a store's physics and of the ageing law it was lived through with."""
    told = store.plant.technology.all_figures().items()
    law = f"ageing.{store.ageing.name}."
    return {
        name: figure
        for name, figure in told
        if not name.startswith("cost.") and (not name.startswith("ageing.") or name.startswith(law))
    }


def weak_words(case: Case, candidates: Iterable[Candidate], language: Language, money: bool = True) -> list[str]:
    """A sentence for the tariff, each service, the costs (where `money` is told) and technology of every candidate."""
    told = [_tariff(case, language), *_services(case, language)]
    for one in candidates:
        name = " + ".join(store.name for store in one.stores)
        parts = [("caution.costs", name, cost_figures(case, one))] if money else []
        parts += [("caution.physics", store.name, technical_figures(store)) for store in one.stores]
        told += [
            say(key, language, name=name, count=len(found), total=len(figures))
            for key, name, figures in parts
            if (found := weak(figures))
        ]
    return [text for text in told if text]


def checks(figures: dict[str, Sourced], language: Language) -> str:
    """'9 of 10': how many figures are to be checked."""
    return say("value.of", language, count=len(weak(figures)), total=len(figures))


def weak_counts(key: str, named: dict[str, dict[str, Sourced]], language: Language) -> str:
    """Under a figure: how many weak figures of each store are behind it; '' where there are none."""
    told = [f"{name}{GAP}{len(found)}" for name, figures in named.items() if (found := weak(figures))]
    return say(key, language, counts=say("list.comma", language).join(told)) if told else ""


def _services(case: Case, language: Language) -> list[str]:
    told = ((service_title(one.name, language), one.figures()) for one in case.site.services)
    return [
        say("caution.service", language, name=name, count=len(found), total=len(figures))
        for name, figures in told
        if (found := weak(figures))
    ]


def _tariff(case: Case, language: Language) -> str:
    figures = case.site.tariff.figures()
    found = weak(figures)
    if not found:
        return ""
    names = say("list.comma", language).join(figure_name(name, language) for name in found[:4])
    if len(found) > 4:
        names += " " + say("caution.more", language, count=len(found) - 4)
    return say("caution.tariff", language, count=len(found), total=len(figures), names=names)
