"""The project year by year as a table: capacity, use, bills, cash, and what changed at the start of each year."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from perdure.quantities import Language
from perdure.study.case import Case
from perdure.study.outcome import CandidateOutcome
from perdure.study.reports.naming import tariff_title
from perdure.study.reports.words import GAP, money_scale, number, percent, say


@dataclass(frozen=True)
class YearsTable:
    """Heads and rows; the last cell of a row says what changed."""

    heads: list[str]
    rows: list[list[str]]


def years_table(case: Case, one: CandidateOutcome, language: Language) -> YearsTable:
    """A row per project year."""
    bill_scale, bill_unit = money_scale(one.life.bills[0].currency, language)
    cash_scale, cash_unit = money_scale(one.worth.metrics.currency, language)
    measured = bool(case.outlook.measured)
    names = ["year", *(["measured"] if measured else []), "capacity", "cycles", "round_trip"]
    heads = [say(f"years.{name}", language) for name in names]
    heads += [say(f"years.{name}", language, unit=bill_unit) for name in ("without", "with", "saving")]
    heads += [say("years.net", language, unit=cash_unit), say("years.changed", language)]
    net = one.worth.cash_flow.set_index("year")["net"]
    rows = []
    for row in one.life.years.to_dict("records"):
        year = int(row["year"])
        cells = [str(year), *([case.outlook.measured_name(case.site, year)] if measured else [])]
        cells += [f"{number(float(row['capacity_kwh']))}{GAP}kWh", number(float(row["full_cycles"]))]
        cells.append(
            percent(float(row["round_trip_share"])) if row["capacity_kwh"] > 0.0 else say("value.none", language)
        )
        amounts = [(row["cost_without"], bill_scale), (row["cost_with"], bill_scale), (row["saving"], bill_scale),
                   (net[year], cash_scale)]  # fmt: skip
        cells += [number(float(value) / scale, 2 if scale > 1 else 0) for value, scale in amounts]
        rows.append([*cells, "; ".join(changes(case, one, year, language))])
    return YearsTable(heads, rows)


def changes(case: Case, one: CandidateOutcome, year: int, language: Language) -> list[str]:
    """What changed at the start of a project year: tariff, site, store."""
    told = [
        say("years.reform", language, tariff=tariff_title(reform.tariff, language))
        for reform in case.outlook.reforms
        if reform.from_year == year
    ]
    for stage in case.outlook.stages:
        if stage.from_year == year:
            told += [
                say(f"years.{name}", language, value=number(getattr(stage, name), digits))
                for name, digits, plain in STAGE
                if getattr(stage, name) not in (None, plain)
            ]
    for name, table in (one.life.stores or {"": one.life.years}).items():
        told += [f"{name}{say('list.colon', language)}{text}" if one.candidate.beside else text
                 for text in _store(table[table["year"] == year].iloc[0], language)]  # fmt: skip
    return told


STAGE = (
    ("load_scale", 3, 1.0), ("generation_scale", 3, 1.0), ("import_limit_kw", 0, None), ("export_limit_kw", 0, None),
    ("transformer_kva", 0, None),
)  # fmt: skip
"""Fields of a stage, their digits, and the value that changes nothing."""


def _store(row: pd.Series, language: Language) -> list[str]:
    told = [
        say(f"years.{column}", language, value=number(float(row[column])))
        for column in ("replaced_kwh", "added_kwh", "added_kw")
        if row[column] > 0.0
    ]
    if row["stacks_renewed"] > 0:
        told.append(say("years.stacks", language))
    return told
