"""What the pages of `size` and `compare` are made of: parts with verdict, tables and figures; how numbers read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from perdure.quantities import Language
from perdure.study.reports.drawing import Figure
from perdure.study.reports.shell import write_html
from perdure.study.reports.words import GAP, money, number, percent, say, unit_price


@dataclass(frozen=True)
class Drawn:
    """One figure with its heading."""

    name: str
    title: str
    note: str
    figure: Figure


@dataclass(frozen=True)
class Line:
    """One row of a table; `best`: positions of its best cells."""

    name: str
    cells: list[str]
    best: tuple[int, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """One table."""

    title: str
    heads: list[str]
    rows: list[Line]
    note: str = ""


@dataclass(frozen=True)
class Part:
    """A part of the page; what is empty is left out. `about`: the store its figures are of."""

    name: str = ""
    verdict: str = ""
    good: bool = True
    paragraphs: list[str] = field(default_factory=list)
    tables: list[Sheet] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)
    about: str = ""


def write_page(
    path: Path, title: str, eyebrow: str, summary: str, parts: Sequence[Part], weak: Sequence[str],
    remarks: Sequence[str],    language: Language,
) -> Path:  # fmt: skip
    """Write the parts as one HTML file, `weak` figures and `remarks` at its end; returns where it lies."""
    return write_html(
        path, "sizing.html.j2", language,
        title=title, eyebrow=eyebrow, summary=summary, parts=parts, weak=weak, remarks=remarks,
    )  # fmt: skip


def in_terminal(sheet: Sheet) -> Table:
    """A table for the terminal."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for position, head in enumerate(sheet.heads):
        table.add_column(head, justify="right" if position else "left", overflow="fold")
    for row in sheet.rows:
        cells = [Text(text, style="bold" if i in row.best else "") for i, text in enumerate(row.cells)]
        table.add_row(Text(row.name), *cells)
    return table


def size_words(row: dict[str, Any]) -> str:
    """'2,000 kWh / 500 kW'."""
    energy, power = float(row["energy_kwh"]), float(row["power_kw"])
    return f"{number(energy, 0 if energy >= 100 else 1)}{GAP}kWh / {number(power, 0 if power >= 20 else 1)}{GAP}kW"


def years_words(value: float | None, language: Language, none: str = "value.never") -> str:
    """'6.3 years', or what `none` says."""
    return say(none, language) if value is None else say("value.years", language, value=number(value, 1))


def life_words(row: dict[str, Any], years: int, language: Language) -> str:
    """'14 years', or 'over 20 years' when the first store outlived the project."""
    if row["life_years"] is None:
        return say("value.beyond", language, value=years)
    return say("value.years", language, value=number(row["life_years"]))


def rate_words(row: dict[str, Any], language: Language) -> str:
    """The internal rate of return, or a dash where there is none or several."""
    return say("value.none", language) if row["irr"] is None else percent(row["irr"])


def figure_words(row: dict[str, Any], by: str, language: Language) -> str:
    """The figure a size was chosen by."""
    currency = str(row["currency"])
    if by == "irr":
        return rate_words(row, language)
    if by == "payback":
        return years_words(row["payback_years"], language)
    if by == "lcos":
        return unit_price(row["lcos_per_kwh"], currency, "kWh", language)
    return money(row["npv"], currency, language)
