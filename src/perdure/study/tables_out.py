"""Writes tables for people who work in a spreadsheet: each as CSV, and all of them in one Excel workbook."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from perdure.quantities import QUANTITIES
from perdure.study.reports.words import say

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

WORKBOOK = "tables.xlsx"
CSV_FOLDER = "tables"
LONGEST_NAME = 31
"""Excel takes no longer name of a sheet."""
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", "_"))
FORMATS = {"share": "0.0%", "currency": "#,##0", "currency/kWh": "0.0000", "kWh": "#,##0", "kW": "#,##0.0",
           "years": "0.0", "": "General"}  # fmt: skip
OTHER_FORMAT = "#,##0.00"
WIDEST = 46


@dataclass(frozen=True)
class About:
    """What the first sheet tells: the case, `lines` of key and value, and the sources by confidence."""

    title: str
    currency: str
    lines: Mapping[str, object] = field(default_factory=dict)  # key of a word -> value
    sources: Mapping[str, Iterable[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A table with the currency of its money columns and, in a few words, what it shows."""

    frame: pd.DataFrame
    currency: str = ""
    note: str = ""


def write_tables(folder: Path, tables: Mapping[str, Table], about: About) -> None:
    """`tables/<name>.csv` (columns by their names in quantities.py) and `tables.xlsx` with a sheet for each table.

    Sheets carry labels with units in English and Chinese. Names differ also where case does not count.
    """
    from openpyxl import Workbook

    (folder / CSV_FOLDER).mkdir()
    book = Workbook()
    sheets = dict(zip(tables, sheet_names(tables), strict=True))
    _write_about(_first(book), about, {sheets[name]: table.note for name, table in tables.items()})
    for name, table in tables.items():
        _write_csv(table.frame, folder / CSV_FOLDER / f"{name}.csv")
        _write_sheet(book.create_sheet(sheets[name]), table)
    book.save(folder / WORKBOOK)


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    """With the mark by which spreadsheets know UTF-8."""
    frame.to_csv(path, index=False, float_format="%.10g", encoding="utf-8-sig")


def sheet_names(names: Iterable[str]) -> list[str]:
    """Names as Excel takes them: no forbidden sign, at most 31 long, different without case, none 'about'."""
    taken, found = {"about", "history"}, []
    for name in names:
        plain = name.translate(FORBIDDEN)
        short, number = plain[:LONGEST_NAME], 1
        while short.lower() in taken:
            number += 1
            end = f" {number}"
            short = plain[: LONGEST_NAME - len(end)] + end
        taken.add(short.lower())
        found.append(short)
    return found


def label(column: str, currency: str) -> str:
    """'Saving (CNY)' over '节省电费 (CNY)'; the name itself where quantities.py does not know it."""
    quantity = QUANTITIES.get(column)
    return column if quantity is None else f"{quantity.label('en', currency)}\n{quantity.label('zh', currency)}"


def both(key: str) -> str:
    """A word in both languages."""
    return f"{say(key, 'en')} / {say(key, 'zh')}"


def _first(book: Workbook) -> Worksheet:
    sheet: Worksheet = book.worksheets[0]
    sheet.title = "about"
    return sheet


def _write_about(sheet: Worksheet, about: About, notes: Mapping[str, str]) -> None:
    told: list[tuple[str, object]] = [("tables.case", about.title), ("tables.currency", about.currency)]
    rows = [(both(key), value) for key, value in [*told, *about.lines.items()]]
    rows += [("", ""), (both("tables.sheets"), ""), *notes.items()]
    rows += [("", ""), (both("tables.sources"), "")]
    rows += [(confidence, source) for confidence, sources in about.sources.items() for source in sources]
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            _put(sheet, number, column, value)
    sheet.column_dimensions["A"].width = 34
    sheet.column_dimensions["B"].width = 110
    _bold(sheet, {1, *(number for number, row in enumerate(rows, start=1) if row[0] and row[1] == "")})


def _write_sheet(sheet: Worksheet, table: Table) -> None:
    """Labels on top, frozen; one row per row, each column in the format of its unit."""
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    for number, name in enumerate(map(str, table.frame.columns), start=1):
        heading = label(name, table.currency)
        _put(sheet, 1, number, heading)
        sheet.cell(1, number).alignment = Alignment(wrap_text=True, vertical="top")
        width = max(len(part) for part in heading.split("\n")) + 2
        sheet.column_dimensions[get_column_letter(number)].width = min(max(width, 11), WIDEST)
        style = _format(name)
        for row, value in enumerate(table.frame.iloc[:, number - 1].tolist(), start=2):
            _put(sheet, row, number, value, style)
    _bold(sheet, {1})
    sheet.freeze_panes = "B2"


def _format(column: str) -> str:
    quantity = QUANTITIES.get(column)
    return "General" if quantity is None else FORMATS.get(quantity.unit, OTHER_FORMAT)


def _put(sheet: Worksheet, row: int, column: int, value: object, style: str = "General") -> None:
    """One cell; a text stays a text even if it begins like a formula, what is no number stays empty."""
    plain = _plain(value)
    if plain is None:
        return
    cell: Any = sheet.cell(row, column)
    cell.value = plain
    if isinstance(plain, str):
        cell.data_type = "s"
    elif not isinstance(plain, bool):
        cell.number_format = style


def _plain(value: object) -> str | int | float | bool | None:
    """A value as a cell may hold it."""
    if hasattr(value, "item"):
        value = value.item()
    if value is None or value is pd.NaT or value == "":
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | int | bool) else str(value)


def _bold(sheet: Worksheet, rows: set[int]) -> None:
    from openpyxl.styles import Font

    for row in rows:
        for cell in sheet[row]:
            cell.font = Font(bold=True)
