"""Tables of what a result rests on: every figure with range, source and confidence; the investment; how it was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from perdure.dispatch.serving import HELD_MARGIN_SHARE
from perdure.market.service_parts.critical import CriticalFields
from perdure.quantities import Language, Sourced
from perdure.study.candidate import Candidate
from perdure.study.outcome import CandidateOutcome, Outcome
from perdure.study.reports.findings import law_words
from perdure.study.reports.naming import figure_name
from perdure.study.reports.service_names import service_title
from perdure.study.reports.translation import NO_WORDS, translated
from perdure.study.reports.weakness import technical_figures, weak
from perdure.study.reports.words import money, number, percent, say


@dataclass(frozen=True)
class Line:
    """One figure as the table shows it."""

    name: str
    value: str
    unit: str
    span: str
    source: str
    note: str
    figure: Sourced


@dataclass(frozen=True)
class Block:
    """A group of figures under one heading."""

    title: str
    note: str
    count: str
    lines: list[Line]


def assumption_blocks(outcome: Outcome, language: Language) -> list[Block]:
    """Tariff, services, finance, then costs and physics of each candidate; weak figures first in each block."""
    tariff = outcome.case.site.tariff.figures()
    shared = _part_of(outcome.candidates[0].worth.assumptions, "finance.")
    blocks = [
        _block(say("assumption.tariff", language), tariff, language),
        *_services(outcome, language),
        _block(say("assumption.finance", language), shared, language),
    ]
    for one in outcome.candidates:
        for store in one.candidate.stores:
            prefix = f"cost.{store.name}." if one.candidate.beside else "cost."
            costs = _part_of(one.worth.assumptions, prefix)
            blocks.append(_block(say("assumption.costs", language, name=store.name), costs, language))
            blocks.append(_physics(store, law_words(one, language), language))
    return [block for block in blocks if block.lines]


def _services(outcome: Outcome, language: Language) -> list[Block]:
    """A block per service, with what its plan and controller keep beyond promised energy."""
    found = []
    for one in outcome.case.site.services:
        title = say("assumption.service", language, name=service_title(one.name, language))
        held = {"held_margin_share": HELD_MARGIN_SHARE} if isinstance(one, CriticalFields) else {}
        found.append(_block(title, one.figures() | held, language))
    return found


def _physics(store: Candidate, words: Mapping[str, str], language: Language) -> Block:
    technology = store.plant.technology
    note = say(
        "assumption.validity", language, measured=_sentence(technology.measured_on, language),
        sensitive=_sentence(technology.sensitive_to, language), invalid=_sentence(technology.not_valid_for, language),
    )  # fmt: skip
    title = say("assumption.technology", language, name=store.name)
    return _block(title, technical_figures(store), language, note, words)


def _sentence(text: str, language: Language) -> str:
    text = translated(text.strip(), language)
    return text if not text or text[-1] in ".。!?" else text + ("." if language == "en" else "。")


def _part_of(figures: dict[str, Sourced], prefix: str) -> dict[str, Sourced]:
    return {name: one for name, one in figures.items() if name.startswith(prefix)}


def _block(
    title: str, figures: dict[str, Sourced], language: Language, note: str = "", words: Mapping[str, str] = NO_WORDS
) -> Block:
    marked = set(weak(figures))
    ordered = sorted(figures.items(), key=lambda item: item[0] not in marked)
    lines = [_line(name, one, language, words) for name, one in ordered]
    count = say("assumption.count", language, count=len(figures), weak=len(marked))
    return Block(title, note, count, lines)


def _line(name: str, one: Sourced, language: Language, words: Mapping[str, str]) -> Line:
    span = ""
    if one.low is not None and one.high is not None:
        span = say("value.to", language, low=_short(one.low), high=_short(one.high))
    if name.startswith("finance.exchange_rates."):
        told = say("figure_name.exchange", language, name=name.rsplit(".", 1)[-1])
    else:
        told = figure_name(name, language, words)
    source, note = (translated(text, language) for text in (one.source, one.note))
    return Line(told, _short(one.value), translated(one.unit, language, "units"), span, source, note, one)


def _short(value: float) -> str:
    return f"{value:,.6g}".replace("-", "−")


def capital_rows(one: CandidateOutcome, language: Language) -> list[tuple[str, str, str, Sourced | None]]:
    """(component, cost, the price behind it as text and as figure) for a table; the total last, without a price."""
    currency = one.worth.metrics.currency
    rows: list[tuple[str, str, str, Sourced | None]] = []
    total = 0.0
    for component, value, figure, store in one.worth.capital.itertuples(index=False):
        total += float(value)
        price = f"{figure.value:.6g} {translated(figure.unit, language, 'units')}"
        price = say("capital.of_all", language, share=percent(figure.value)) if figure.unit == "share" else price
        name = say(f"capital.{component}", language)
        name = f"{store}: {name}" if one.candidate.beside else name
        rows.append((name, money(float(value), currency, language), price, figure))
    return [*rows, (say("capital.total", language), money(total, currency, language), "", None)]


def series_text(outcome: Outcome, language: Language) -> str:
    """How many steps of which length, from when, on which clock."""
    line = outcome.case.site.timeline
    return say(
        "made.timeline_value", language, steps=number(line.steps), minutes=line.step_minutes,
        start=line.local[0].strftime("%Y-%m-%d"), zone=line.zone,
    )  # fmt: skip


def made_rows(outcome: Outcome, language: Language) -> list[tuple[str, list[str]]]:
    """(what, a text per candidate): dispatch methods, then whatever each life noted of its making."""
    lives = [one.life for one in outcome.candidates]
    counted = [Counter(str(method) for method in life.years["method"]) for life in lives]
    comma = say("list.comma", language)
    methods = [
        comma.join(f"{translated(method, language, 'words')} ({count})" for method, count in one.items())
        for one in counted
    ]
    keys = dict.fromkeys(key for life in lives for key in life.made_by)
    told = [
        (
            _made_name(key, language),
            [
                _made_text(one.life.made_by.get(key, ""), language, law_words(one, language))
                for one in outcome.candidates
            ],
        )
        for key in keys
    ]
    return [(say("made.methods", language), methods), *told]


def _made_name(key: str, language: Language) -> str:
    known = {"version", "method", "seconds"}
    return say(f"made.{key}", language) if key in known else translated(key.replace("_", " "), language, "keys")


def _made_text(value: object, language: Language, words: Mapping[str, str]) -> str:
    """What a life noted of its making; names such as those of methods and the ageing law in the reader's words."""
    text = _made_value(value)
    if language == "en" or not isinstance(value, str):
        return text
    return say("list.comma", language).join(translated(part, language, "words", words) for part in text.split(", "))


def _made_value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.4g}"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_made_value(one)}" for key, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
