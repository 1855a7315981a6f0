"""Writes one page that stands alone: verdict, comparison, figures, tables, assumptions; nothing is loaded from afar."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perdure.quantities import Language, Sourced
from perdure.study.foresight import ForesightStudy
from perdure.study.outcome import CandidateOutcome, Outcome
from perdure.study.reports import findings
from perdure.study.reports.assumptions import assumption_blocks, capital_rows, made_rows, series_text
from perdure.study.reports.balance import balance_rows, refused_text, stands_rows
from perdure.study.reports.drawing import Figure, accent
from perdure.study.reports.figures_bill import bridge, monthly
from perdure.study.reports.figures_store import Inside, cash, inside, weeks
from perdure.study.reports.figures_together import together
from perdure.study.reports.limits import limit_rows
from perdure.study.reports.naming import display_name, first_sample, size_text, tariff_title
from perdure.study.reports.regret_parts import parts, remarks
from perdure.study.reports.services import held_back_rows, held_back_text, service_rows, sharing
from perdure.study.reports.shell import html, write_html
from perdure.study.reports.weakness import WEAK, all_technical, cost_figures, weak, weak_counts
from perdure.study.reports.words import money, number, say
from perdure.study.reports.years import YearsTable, years_table


@dataclass(frozen=True)
class Panel:
    """One candidate's part of the page."""

    name: str
    size: str
    colour: str
    best: bool
    npv: str
    bill: str
    saving: str
    payback: str
    life: str
    figures: dict[str, Figure]
    inside: list[Inside]
    years: YearsTable
    weeks: dict[int, tuple[str, Figure]]
    refused: list[str]
    balance: list[tuple[str, str, str, bool]]
    capital: list[tuple[str, str, str, Sourced | None]]
    stands: list[tuple[str, str]]
    services: list[tuple[str, str]]
    sharing: Figure | None
    limits: list[tuple[str, str]]
    held_back: list[tuple[str, str, str]]
    held_back_text: str
    weak_costs: int
    weak_technical: str


def write_report(
    outcome: Outcome, path: Path | str, language: Language = "en", foresight: ForesightStudy | None = None
) -> Path:
    """Write the report of `outcome` as one HTML file in `language`, with what foresight is worth where it was asked.

    Returns where it lies.
    """
    return write_html(path, "page.html.j2", language, **_told(outcome, language, foresight))


def report_html(outcome: Outcome, language: Language = "en", foresight: ForesightStudy | None = None) -> str:
    """The whole page as text."""
    return html("page.html.j2", language, **_told(outcome, language, foresight))


def _told(outcome: Outcome, language: Language, foresight: ForesightStudy | None) -> dict[str, Any]:
    """What the template asks for."""
    tariff = outcome.case.site.tariff
    return {
        "case": outcome.case,
        "facts": _facts(outcome, language),
        "verdict": findings.verdict(outcome, language),
        "detail": findings.verdict_detail(outcome, language),
        "buy": outcome.best is not None,
        "cautions": findings.cautions(outcome, language, told_without=foresight is not None),
        "regret_parts": parts(foresight, language) if foresight is not None else [],
        "regret_remarks": remarks(foresight, language, in_report=True) if foresight is not None else [],
        "nothing": money(outcome.bill_without.total, outcome.bill_without.currency, language),
        "nothing_npv": money(0.0, findings.leader(outcome).worth.metrics.currency, language),
        "panels": [_panel(outcome, i, language) for i in range(len(outcome.candidates))],
        "rows": findings.comparison(outcome, language),
        "figures": together(outcome, language),
        "weak_tariff": len(weak(tariff.figures())),
        "weak_costs": _counts(outcome, "caution.costs_by", language),
        "weak_technology": _counts(outcome, "caution.technical_by", language),
        "money_words": findings.money_words(outcome.candidates[0].worth.finance, language),
        "losses_kinds": sorted({one.worth.finance.losses for one in outcome.candidates}),
        "blocks": assumption_blocks(outcome, language),
        "made": made_rows(outcome, language),
        "made_series": series_text(outcome, language),
        "confidence": lambda one: one.confidence.label(language),
        "is_weak": lambda one: one.confidence in WEAK,
    }


def _counts(outcome: Outcome, key: str, language: Language) -> str:
    """How many weak figures of each candidate are behind a figure that shows all of them."""
    costs = key == "caution.costs_by"
    named = {
        display_name(one, language): cost_figures(outcome.case, one.candidate)
        if costs
        else all_technical(one.candidate)
        for one in outcome.candidates
    }
    return weak_counts(key, named, language)


def _facts(outcome: Outcome, language: Language) -> list[tuple[str, str]]:
    site = outcome.case.site
    hours = site.timeline.step_h
    told = [
        (say("page.site", language), site.name),
        (say("page.place", language), site.place),
        (say("page.tariff", language), tariff_title(site.tariff, language)),
        (say("page.horizon", language), say("page.years", language, years=len(outcome.candidates[0].life.years))),
        (say("page.year_one_load", language), f"{number(float(site.load_kw.sum()) * hours / 1000)} MWh"),
    ]
    generated = float(site.generation_kw.sum()) * hours / 1000
    if generated > 0.0:
        told.append((say("page.year_one_generation", language), f"{number(generated)} MWh"))
    return [(name, value) for name, value in told if value]


def _panel(outcome: Outcome, position: int, language: Language) -> Panel:
    one = outcome.candidates[position]
    metrics = one.worth.metrics
    return Panel(
        name=display_name(one, language),
        size=size_text(one),
        colour=accent(position),
        best=outcome.best is one,
        npv=money(metrics.npv, metrics.currency, language),
        bill=money(float(one.life.years["cost_with"].iloc[0]), outcome.bill_without.currency, language),
        saving=money(metrics.mean_saving, metrics.currency, language),
        payback=findings.years_text(metrics.payback_years, language),
        life=findings.life_text(one, language),
        figures=_own_figures(outcome, one, accent(position), language),
        inside=inside(first_sample(one.life), accent(position), language),
        years=years_table(outcome.case, one, language),
        weeks=weeks(first_sample(one.life), accent(position), language),
        refused=refused_text(one, language),
        balance=balance_rows(first_sample(one.life), language),
        capital=capital_rows(one, language),
        stands=stands_rows(one, language),
        services=service_rows(one, language),
        sharing=sharing(one, accent(position), language),
        limits=limit_rows(one, language),
        held_back=held_back_rows(one, language),
        held_back_text=held_back_text(one, language),
        weak_costs=len(weak(cost_figures(outcome.case, one.candidate))),
        weak_technical=weak_counts(
            "caution.technical_by", {display_name(one, language): all_technical(one.candidate)}, language
        ),
    )


def _own_figures(outcome: Outcome, one: CandidateOutcome, colour: str, language: Language) -> dict[str, Figure]:
    first_bill = one.life.bills[0]
    return {
        "bridge": bridge(outcome.bill_without, first_bill, display_name(one, language), colour, language),
        "monthly": monthly(outcome.bill_without, first_bill, language),
        "cash": cash(one, colour, language),
    }


__all__ = ["report_html", "write_report"]
