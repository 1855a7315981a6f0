"""The page of `perdure compare`: stores side by side, why each wins or loses, and where the answer turns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from perdure.quantities import Language, Sourced
from perdure.study.candidate import Candidate
from perdure.study.reports.compare_figures import parts_figure, wear_figure
from perdure.study.reports.compare_words import break_even_words, reasons, verdict
from perdure.study.reports.size_page import remarks as size_remarks
from perdure.study.reports.sizing import (
    Line,
    Part,
    Sheet,
    in_terminal,
    life_words,
    rate_words,
    size_words,
    write_page,
    years_words,
)
from perdure.study.reports.summary import Flowing, what_to_know
from perdure.study.reports.weakness import all_technical, checks, cost_figures, weak_words
from perdure.study.reports.words import GAP, money, number, percent, say, unit_price
from perdure.study.sizing.break_even import LEVERS
from perdure.study.sizing.versus import Comparison, Contender

STOCK = {"floor": ("floor_m2", "m²", 0), "mass": ("mass_kg", "t", 0), "gas": ("gas_volume_m3", "m³", 1),
         "hydrogen": ("hydrogen_kg", "kg", 0), "electrolyte": ("electrolyte_m3", "m³", 0),
         "alloy": ("alloy_kg", "kg", 0)}  # fmt: skip
"""Rows of what stands there: figure of the stock, unit shown, digits."""


def write_compare(outcome: Comparison, path: Path, language: Language = "en") -> Path:
    """Write the page as one HTML file; returns where it lies."""
    parts = [Part(verdict=verdict(outcome, language), good=not outcome.none_is_best)]
    if outcome.contenders:
        parts += _parts(outcome, language)
    given = any(one.sized is None for one in outcome.contenders)
    summary = say("compare.summary_given" if given else "compare.summary", language)
    eyebrow = say("compare.eyebrow", language)
    known = remarks(outcome, language)
    return write_page(path, outcome.case.title, eyebrow, summary, parts, _weak(outcome, language), known, language)


def compare_summary(outcome: Comparison, language: Language = "en") -> RenderableType:
    """Verdict, table, reasons and break-even for the terminal."""
    style = "bold yellow" if outcome.none_is_best else "bold green"
    told: list[RenderableType] = [Text(outcome.case.title, style="bold")]
    told.append(Padding(Flowing(verdict(outcome, language), style), (1, 0, 0, 0)))
    if outcome.contenders:
        told.append(in_terminal(_side_by_side(outcome, language)))
        paragraphs = (reasons(outcome, position, language) for position in range(len(outcome.contenders)))
        told += [Padding(Flowing(text, ""), (0, 0, 1, 0)) for text in paragraphs]
    if _has_break_evens(outcome):
        told.append(in_terminal(_turning(outcome, language)))
    return Group(*told, *what_to_know([*_weak(outcome, language), *remarks(outcome, language)], language))


def _weak(outcome: Comparison, language: Language) -> list[str]:
    return weak_words(outcome.case, [one.store for one in outcome.contenders], language)


def _has_break_evens(outcome: Comparison) -> bool:
    return any(one.break_evens for one in outcome.contenders)


def _parts(outcome: Comparison, language: Language) -> list[Part]:
    count = range(len(outcome.contenders))
    told = [
        Part(say("compare.table", language), tables=[_side_by_side(outcome, language)]),
        Part(say("compare.why", language), paragraphs=[reasons(outcome, i, language) for i in count],
             drawn=[parts_figure(outcome, language)]),
    ]  # fmt: skip
    if _has_break_evens(outcome):
        told.append(Part(say("compare.break_even", language), tables=[_turning(outcome, language)]))
    curves = [one for one in outcome.contenders if one.wear is not None]
    if curves:
        told.append(Part(say("size.wear_figure", language), drawn=[wear_figure(outcome, language)]))
    return told


def _side_by_side(outcome: Comparison, language: Language) -> Sheet:
    """One column per store; the best figure of a row stands out where one is better than another."""
    rows, years = [one.lived.row for one in outcome.contenders], outcome.case.lifetime.years
    currency = rows[0]["currency"]

    def line(name: str, cell: Callable[[dict[str, Any]], str], column: str = "", sign: float = 1.0) -> Line:
        scores = [None if not column or row.get(column) is None else sign * float(row[column]) for row in rows]
        known = [one for one in scores if one is not None]
        best = tuple(i for i, one in enumerate(scores) if one == max(known)) if len(set(known)) > 1 else ()
        return Line(say(name, language), [cell(row) for row in rows], best)

    def check(name: str, figures: Callable[[Candidate], dict[str, Sourced]]) -> Line:
        return Line(say(name, language), [checks(figures(one.store), language) for one in outcome.contenders])

    def amount(column: str) -> Callable[[dict[str, Any]], str]:
        return lambda row: money(row[column], currency, language)

    def price(column: str) -> Callable[[dict[str, Any]], str]:
        return lambda row: unit_price(row[column], currency, "kWh", language)

    titles = [one.store.plant.technology.title[language] for one in outcome.contenders]
    lines = [
        Line(say("compare.row.technology", language), titles),
        line("row.size", size_words),
        line("size.duration", lambda row: f"{number(row['duration_h'], 1)}{GAP}h"),
        line("row.investment", amount("investment"), "investment", -1.0),
        check("row.confidence", lambda store: cost_figures(outcome.case, store)),
        line("row.npv", amount("npv"), "npv"),
        line("row.irr", lambda row: rate_words(row, language), "irr"),
        line("row.payback", lambda row: years_words(row["payback_years"], language), "payback_years", -1.0),
        line("row.lcos", price("lcos_per_kwh"), "lcos_per_kwh", -1.0),
        line("row.lcos_without", price("lcos_without_charging_per_kwh"), "lcos_without_charging_per_kwh", -1.0),
        line("row.mean_saving", amount("mean_saving"), "mean_saving"),
        check("row.technical", all_technical),
        line("row.life", lambda row: life_words(row, years, language)),
        line("row.replacements", lambda row: number(row["replaced"])),
        line("row.cycles", lambda row: number(row["full_cycles_per_year"])),
        line("size.round_trip", lambda row: _share(row["round_trip_share"], language), "round_trip_share"),
        line("size.losses", lambda row: f"{number(row['lost_kwh_per_year'] / 1000, 1)}{GAP}MWh"),
        line("size.mean_temperature", _temperatures),
        line("compare.row.peak", lambda row: f"{number(row['peak_kw'])}{GAP}kW", "peak_kw", -1.0),
        line(
            "size.wear_price",
            lambda row: unit_price(row["wear_price_per_kwh"], row["tariff_currency"], "kWh", language),
        ),
        Line(say("compare.row.gain", language), [_gain(one, language) for one in outcome.contenders]),
        *_stock(rows, language),
    ]
    if any(row["stacks_renewed"] for row in rows):
        lines.append(line("compare.row.stacks", lambda row: number(row["stacks_renewed"])))
    return Sheet("", ["", *(one.store.name for one in outcome.contenders)], lines)


def _share(value: float | None, language: Language) -> str:
    return say("value.none", language) if value is None else percent(value)


def _temperatures(row: dict[str, Any]) -> str:
    return f"{number(row['mean_temperature_c'])} / {number(row['max_temperature_c'])}{GAP}°C"


def _gain(one: Contender, language: Language) -> str:
    if one.wear is None:
        return say("value.none", language)
    return money(one.wear.gain, one.lived.row["currency"], language)


def _stock(rows: list[dict[str, Any]], language: Language) -> list[Line]:
    """What stands there, where any store tells it."""
    told = []
    for name, (column, unit, digits) in STOCK.items():
        values = [row.get(f"stock_{column}") for row in rows]
        if any(one is not None for one in values):
            scale = 1000.0 if unit == "t" else 1.0
            cells = [say("value.none", language) if one is None else f"{number(one / scale, digits)}{GAP}{unit}"
                     for one in values]  # fmt: skip
            told.append(Line(say(f"compare.row.{name}", language), cells))
    return told


def _turning(outcome: Comparison, language: Language) -> Sheet:
    """For every store and lever: whether it pays and leads today, and where that turns."""
    rows = []
    for one in outcome.contenders:
        currency, own = one.store.costs.currency, one.store.costs.energy_per_kwh.value
        for lever in LEVERS:
            price = own if lever == "energy_cost" else None
            found = [even for even in one.break_evens if even.lever == lever]
            cells = [break_even_words(even, price, currency, language) for even in found]
            name = f"{one.store.name}{say('list.colon', language)}{say(f'compare.lever.{lever}', language)}"
            rows.append(Line(name, cells))
    heads = [say("compare.lever", language), say("compare.pays", language)]
    if len(outcome.contenders) == 2:
        heads.append(say("compare.ahead", language))
    elif len(outcome.contenders) > 2:
        heads.append(say("compare.against_rival", language))
    return Sheet("", heads, rows, say("compare.break_even_note", language))


def remarks(outcome: Comparison, language: Language) -> list[str]:
    """What a reader must know."""
    told = [say("compare.remark_no_plan", language, name=name, why=why) for name, why in outcome.without_plan.items()]
    if _has_break_evens(outcome):
        told.append(say("compare.remark_fade", language))
    sized = [one.sized for one in outcome.contenders if one.sized is not None]
    return [*told, *size_remarks(sized, language)] if sized else [*told, say("size.remark_foresight", language)]
