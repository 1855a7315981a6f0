"""The tables of an answered case, as people open them in a spreadsheet: side by side, and year by year."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from perdure.study.outcome import CandidateOutcome, Outcome
from perdure.study.tables_out import About, Table, both, write_tables

SIDE_BY_SIDE = "comparison"
METRICS = (
    "investment", "npv", "payback_years", "discounted_payback_years", "lcos_per_kwh", "lcos_without_charging_per_kwh",
    "cost_per_cycle", "first_year_saving", "mean_saving", "equivalent_annual_saving",
)  # fmt: skip


def write_answer_tables(
    outcome: Outcome, folder: Path, folders: list[str], sources: Mapping[str, list[str]], finished: str
) -> None:
    """`tables.xlsx` and `tables/`; `folders`: what each candidate's part is called on disk."""
    currency = outcome.candidates[0].worth.metrics.currency
    tables = {SIDE_BY_SIDE: Table(side_by_side(outcome), currency, both("tables.comparison"))}
    for name, one in zip(folders, outcome.candidates, strict=True):
        tables |= {f"{name}_{part}": table for part, table in of_candidate(one).items()}
    write_tables(folder, tables, about(outcome, sources, finished))


def side_by_side(outcome: Outcome) -> pd.DataFrame:
    """One row per candidate: what it is and what it comes to. Money in the currency of the results."""
    rows: list[dict[str, Any]] = []
    for one in outcome.candidates:
        plant, metrics = one.candidate.plant, one.worth.metrics
        told = {name: getattr(metrics, name) for name in METRICS}
        rows.append(
            {"candidate": one.candidate.name, "technology": plant.technology.name, "energy_kwh": plant.energy_kwh,
             "power_kw": plant.power_kw, **told, "irr": metrics.irr.rate, "irr_status": metrics.irr.status}
        )  # fmt: skip
    return pd.DataFrame(rows)


def of_candidate(one: CandidateOutcome) -> dict[str, Table]:
    """Years and months (money as billed), cash flow and capital by component (money of the results)."""
    billed, told = one.life.site.tariff.currency, one.worth.metrics.currency
    frames = {
        "years": (one.life.years, billed), "months": (one.life.months, billed),
        "cash_flow": (one.worth.cash_flow, told), "capital": (_capital(one), told),
    }  # fmt: skip
    return {
        part: Table(frame, currency, f"{one.candidate.name}: {both(f'tables.{part}')}")
        for part, (frame, currency) in frames.items()
    }


def _capital(one: CandidateOutcome) -> pd.DataFrame:
    capital = one.worth.capital.rename(columns={"value": "investment"})
    figures = capital.pop("figure")
    told = {"source": [one.source for one in figures], "confidence": [one.confidence.value for one in figures]}
    return capital.assign(**told)


def about(outcome: Outcome, sources: Mapping[str, list[str]], finished: str) -> About:
    """What the first sheet tells of a case."""
    from perdure import __version__

    finance = outcome.candidates[0].worth.finance
    basis = "tables.nominal" if finance.price_basis == "nominal" else "tables.real"
    lines: dict[str, object] = {
        "tables.made_by": f"perdure {__version__}",
        "tables.finished": finished,
        "tables.bill_currency": outcome.case.site.tariff.currency,
        "tables.basis": both(basis),
        "tables.discount_rate": finance.discount_rate,
        "tables.tax_rate": finance.tax_rate,
        "tables.best": outcome.best.candidate.name if outcome.best else both("tables.none"),
    }
    return About(outcome.case.title, outcome.candidates[0].worth.metrics.currency, lines, sources)
