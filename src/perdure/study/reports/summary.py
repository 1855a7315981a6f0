"""The outcome at a glance in a terminal: the verdict, the comparison as a table, the cautions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from perdure.quantities import Language
from perdure.study.foresight import ForesightStudy
from perdure.study.outcome import Outcome
from perdure.study.reports import findings
from perdure.study.reports.naming import display_name
from perdure.study.reports.regret_parts import verdict as regret_verdict
from perdure.study.reports.words import say

TOKEN = re.compile(
    r" +|(?:[（“《〔]*(?:[^\s\u2e80-\uffef]+(?:\u00a0[^\s\u2e80-\uffef]+)*|\S)|\s)[，。；：、）”》〕？！]*"
)
"""What stays on one line: a run of Latin letters and figures or one Chinese character, its punctuation with it."""


def summary(outcome: Outcome, language: Language = "en", foresight: ForesightStudy | None = None) -> RenderableType:
    """Verdict, comparison, what is left without foresight where it was asked, and cautions as a rich renderable."""
    without = [] if foresight is None else [regret_verdict(one, language) for one in foresight.compared]
    best = outcome.best is not None
    verdict = Flowing(findings.verdict(outcome, language), "bold green" if best else "bold yellow")
    return Group(
        Text(outcome.case.title, style="bold"),
        Padding(verdict, (1, 0, 0, 0)),
        Padding(Flowing(findings.verdict_detail(outcome, language), ""), (0, 0, 1, 0)),
        _table(outcome, language),
        *(Padding(Flowing(text, ""), (0, 0, 1, 0)) for text in without),
        *_cautions(outcome, language, foresight is not None),
    )


class Flowing:
    """Text that breaks at spaces and between Chinese characters, its later lines indented; rich does neither."""

    def __init__(self, text: str, style: str, indent: int = 0):
        self.text, self.style, self.indent = text, style, indent

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """The lines; `indent` columns before all but the first."""
        line = ""
        for token in TOKEN.findall(self.text):
            if line.strip() and cell_len((line + token).rstrip()) > options.max_width:
                yield Text(line.rstrip(), style=self.style)
                line = " " * self.indent + token.lstrip(" ")
            else:
                line += token
        yield Text(line.rstrip(), style=self.style)


def what_to_know(remarks: Sequence[str], language: Language, head: str = "size.remarks") -> list[RenderableType]:
    """A heading and a list."""
    return [Text(say(head, language), style="bold yellow"), *(Flowing(f"  • {one}", "yellow", 4) for one in remarks)]


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


def _cautions(outcome: Outcome, language: Language, told_without: bool) -> list[RenderableType]:
    told = findings.cautions(outcome, language, told_without)
    if not told:
        return []
    colon = say("list.colon", language)
    return what_to_know(
        [f"{one.source + colon if one.source else ''}{one.text}" for one in told], language, "caution.head"
    )
