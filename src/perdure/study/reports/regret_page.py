"""`perdure regret`: what foresight is worth as a page that stands alone, and as a table for the terminal."""

from __future__ import annotations

from pathlib import Path

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from perdure.quantities import Language
from perdure.study.foresight import Compared, ForesightStudy
from perdure.study.reports.regret_parts import columns, heads, net, parts, remarks, rows, saves, verdict
from perdure.study.reports.shell import write_html
from perdure.study.reports.summary import Flowing, what_to_know


def write_regret(study: ForesightStudy, path: Path, language: Language = "en") -> Path:
    """Write the page as one HTML file; returns where it lies."""
    return write_html(
        path, "regret.html.j2", language,
        title=study.case.title,
        regret_parts=parts(study, language),
        regret_remarks=remarks(study, language),
    )  # fmt: skip


def regret_summary(study: ForesightStudy, language: Language = "en") -> RenderableType:
    """Verdict and table of every candidate, then what to know, for the terminal."""
    told: list[RenderableType] = [Text(study.case.title, style="bold")]
    for one in study.compared:
        style = "bold green" if saves(one) else "bold yellow"
        told.append(Padding(Flowing(verdict(one, language), style), (1, 0, 0, 0)))
        told += [Flowing(text, "") for text in [net(one, language)] if text]
        told.append(_table(one, language))
    return Group(*told, *what_to_know(remarks(study, language), language))


def _table(one: Compared, language: Language) -> Table:
    """The page's table with fewer columns: a terminal is narrow."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    shown = [name for name in columns(one) if name not in ("cost", "seconds")]
    for position, head in enumerate(heads(one, shown, language)):
        table.add_column(head, justify="right" if position else "left", no_wrap=position == 0, overflow="fold")
    for row in rows(one, shown, language):
        table.add_row(row.name, *row.cells, style="bold" if row.best else None)
    return table
