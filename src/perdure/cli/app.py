"""The application, the options commands share, and how they talk: data to stdout, talk to stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType

Progress = Callable[[str, float], None]
"""What a long verb calls: what is being done, and the share of the whole that is done."""

_EPILOG = (
    "Exit codes: 0 ok, 1 unexpected error (a bug), 2 input to mend, 3 no feasible plan, 4 solver failed, "
    "5 workers lost, 130 interrupted. Results go to stdout and files, talk goes to stderr."
)
# Plain help: rich would double the time until --help answers.
app = typer.Typer(
    name="perdure", add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True
)


class Tongue(StrEnum):
    """Languages of reports."""

    en = "en"
    zh = "zh"


CaseArgument = Annotated[Path, typer.Argument(metavar="CASE.yaml", help="The case file.")]
Language = Annotated[Tongue, typer.Option("--lang", help="Language of what is written.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the trace of an error.")]
DataFile = Annotated[Path | None, typer.Option(metavar="FILE.csv", help="Test data; columns: docs/fit.md.")]
Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="Without it: a list.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        from perdure import __version__

        print(f"perdure {__version__}")
        raise typer.Exit


@app.callback(epilog=_EPILOG)
def _perdure(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Plan, simulate and run long-life energy storage."""


def show(answer: RenderableType) -> None:
    """Print what a command found."""
    from rich.console import Console

    Console(file=sys.stdout, width=None if sys.stdout.isatty() else 100).print(answer)


def say(text: str) -> None:
    """Talk about it."""
    print(text, file=sys.stderr)


@contextmanager
def progress() -> Iterator[Progress]:
    """A bar on stderr for whoever watches; nothing where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield lambda text, share: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def tell(text: str, share: float) -> None:
            bar.update(task, description=text, completed=share)

        yield tell
