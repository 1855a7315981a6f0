"""A sweep as a page that stands alone, as a table for the terminal, and as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from perdure.quantities import Language, label
from perdure.study.reports.shell import write_html
from perdure.study.reports.summary import Flowing, what_to_know
from perdure.study.reports.sweep_figures import figures, place_label, varied, written
from perdure.study.reports.weakness import weak_words
from perdure.study.reports.words import money, money_scale, number, percent, say
from perdure.study.sweeping.rows import OK, built
from perdure.study.sweeping.sweep import Swept

SHOWN = 12
"""Best cases of a candidate in the page's table."""
COLUMNS = ("npv", "irr", "payback_years", "investment", "mean_saving", "replaced")
NARROW = ("npv", "irr", "payback_years")
_MONEY = ("npv", "investment", "mean_saving")


@dataclass(frozen=True)
class Part:
    """One candidate's part of the page: the best case in a sentence, the best few as a table, what has no answer."""

    name: str
    verdict: str
    saves: bool
    heads: list[str]
    rows: list[list[str]]
    without: list[str]


def write_sweep(swept: Swept, path: Path, language: Language = "en") -> Path:
    """Write the page as one HTML file; returns where it lies."""
    drawn = figures(swept.study.grid, swept.table, _currency(swept), language)
    return write_html(
        path, "sweep.html.j2", language,
        title=swept.study.title,
        facts=_facts(swept, language),
        parts=_parts(swept, language),
        drawn=drawn,
        remarks=_remarks(swept, language),
        paired=len(drawn) > 1 and len(swept.study.grid.axes) == 2,
    )  # fmt: skip


def write_csv(swept: Swept, path: Path) -> None:
    """Every row as CSV; numbers with all their digits."""
    swept.table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def sweep_summary(swept: Swept, language: Language = "en") -> RenderableType:
    """The best case of every candidate, for the terminal."""
    told: list[RenderableType] = [Text(swept.study.title, style="bold")]
    for one in _parts(swept, language):
        style = "bold green" if one.saves else "bold yellow"
        told.append(Padding(Flowing(one.verdict, style), (1, 0, 0, 0)))
        told += [Flowing(f"  • {text}", "yellow", 4) for text in one.without]
        if one.rows:
            told.append(_table(swept, one.name, language))
    return Group(*told, *what_to_know(_remarks(swept, language), language))


def _remarks(swept: Swept, language: Language) -> list[str]:
    """Weak figures of the first case that has an answer, and what all plans know."""
    answered = swept.table.loc[swept.table["status"] == OK, "case"]
    if answered.empty:
        return []
    case = built(swept.study.case(int(answered.iloc[0])))
    return [*weak_words(case, case.candidates, language),
            say("sweep.remark_chosen", language), say("size.remark_foresight", language)]  # fmt: skip


def _table(swept: Swept, name: str, language: Language) -> Table:
    """The best five cases in few columns: a terminal is narrow."""
    rows = swept.table[(swept.table["candidate"] == name) & (swept.table["status"] == OK)]
    heads, cells = _best(swept, _by_npv(rows).head(5), NARROW, language)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for position, head in enumerate(heads):
        table.add_column(head, justify="right" if position else "left", overflow="fold")
    for position, row in enumerate(cells):
        table.add_row(*row, style=None if position else "bold")
    return table


def _currency(swept: Swept) -> str:
    told = swept.table["currency"].dropna()
    return str(told.iloc[0]) if len(told) else ""


def _facts(swept: Swept, language: Language) -> list[tuple[str, str]]:
    grid = swept.study.grid
    told = [(say("sweep.cases", language), number(grid.count))]
    for one in grid.axes:
        ends = f"{written(one.labels[0])} … {written(one.labels[-1])}" if len(one.labels) > 3 else None
        shown = ends or ", ".join(written(label) for label in one.labels)
        told.append((one.title, say("sweep.values", language, values=shown, count=len(one.labels))))
    return told


def _parts(swept: Swept, language: Language) -> list[Part]:
    table = swept.table
    return [_part(swept, one, table[table["candidate"] == one], language) for one in dict.fromkeys(table["candidate"])]


def _part(swept: Swept, name: str, rows: pd.DataFrame, language: Language) -> Part:
    answered = _by_npv(rows[rows["status"] == OK])
    without = [
        say("sweep.without", language, count=int(count), status=say(f"sweep.status.{status}", language))
        for status, count in rows.loc[rows["status"] != OK, "status"].value_counts().sort_index().items()
    ]
    if answered.empty:
        return Part(name, say("sweep.no_answer", language, name=name, count=len(rows)), False, [], [], without)
    best = answered.iloc[0]
    verdict = say(
        "sweep.verdict", language, name=name, count=number(len(rows)),
        place=place_label(swept.study.grid, int(best["case"])),
        npv=money(float(best["npv"]), str(best["currency"]), language),
    )  # fmt: skip
    heads, cells = _best(swept, answered.head(SHOWN), COLUMNS, language)
    return Part(name, verdict, float(best["npv"]) > 0.0, heads, cells, without)


def _by_npv(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(["npv", "case"], ascending=[False, True])


def _best(
    swept: Swept, rows: pd.DataFrame, wanted: tuple[str, ...], language: Language
) -> tuple[list[str], list[list[str]]]:
    """Heads and cells of a table of these cases: number, what varies, results."""
    columns, axes = [column for column in wanted if column in rows], varied(swept.study.grid)
    currency = str(rows["currency"].iloc[0])
    heads = [label("case", language), *(one.title for one in axes), *_heads(columns, currency, language)]
    return heads, [_cells(swept, row, columns, language) for row in rows.to_dict("records")]


def _heads(columns: list[str], currency: str, language: Language) -> list[str]:
    _, unit = money_scale(currency, language)
    units = {"payback_years": say("sweep.years", language)} | dict.fromkeys(_MONEY, unit)
    names = {name: say(f"sweep.column.{name}", language) for name in columns}
    return [f"{names[name]} ({units[name]})" if name in units else names[name] for name in columns]


def _cells(swept: Swept, row: dict[Any, Any], columns: list[str], language: Language) -> list[str]:
    grid, case = swept.study.grid, int(row["case"])
    shown = varied(grid)
    place = [written(one.labels[at]) for one, at in zip(grid.axes, grid.place(case), strict=True) if one in shown]
    return [str(case), *place, *(_cell(name, row[name], str(row["currency"]), language) for name in columns)]


def _cell(name: str, value: Any, currency: str, language: Language) -> str:
    if pd.isna(value):
        return say("value.none", language)
    if name in _MONEY:
        scale, _ = money_scale(currency, language)
        return number(float(value) / scale, 2 if scale > 1 else 0)
    return percent(float(value)) if name == "irr" else number(float(value), 1 if name == "payback_years" else 0)
