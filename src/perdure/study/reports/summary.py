"""The outcome at a glance in a terminal: the verdict, the comparison as a table, the cautions."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from perdure.quantities import Language
from perdure.study.outcome import Outcome
from perdure.study.reports import findings
from perdure.study.reports.naming import display_name
from perdure.study.reports.words import say


def summary(outcome: Outcome, language: Language = "en") -> RenderableType:
    """Verdict, comparison and cautions as a rich renderable."""
    best = outcome.best is not None
    return Group(
        Text(outcome.case.title, style="bold"),
        Padding(Text(findings.verdict(outcome, language), style="bold green" if best else "bold yellow"), (1, 0, 0, 0)),
        Padding(Text(findings.verdict_detail(outcome, language)), (0, 0, 1, 0)),
        _table(outcome, language),
        *_cautions(outcome, language),
    )


def _table(outcome: Outcome, language: Language) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", overflow="fold")
    table.add_column(say("card.nothing", language), justify="right", style="dim")
    for one in outcome.candidates:
        name = Text(display_name(one, language))
        if outcome.best is one:
            name.append(f" ({say('card.best', language)})", style="green")
        table.add_column(name, justify="right")
    for row in findings.comparison(outcome, language):
        cells = [Text(text, style="bold" if i in row.best else "") for i, text in enumerate(row.cells)]
        table.add_row(Text(row.label), Text(row.nothing, style="bold" if -1 in row.best else ""), *cells)
    return table


def _cautions(outcome: Outcome, language: Language) -> list[RenderableType]:
    told = findings.cautions(outcome, language)
    if not told:
        return []
    lines = [Text(f"  • {one.source + ': ' if one.source else ''}{one.text}", style="yellow") for one in told]
    return [Text(say("caution.head", language), style="bold yellow"), *lines]
