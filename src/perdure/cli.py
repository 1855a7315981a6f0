"""The command line: each command parses, calls one verb, prints. Data goes to stdout, talk to stderr."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType

    from perdure.study.case import Case

Progress = Callable[[str, float], None]
"""What a long verb calls: what is being done, and the share of the whole that is done."""

UNEXPECTED, USAGE, INTERRUPTED = 1, 2, 130
_EPILOG = (
    "Exit codes: 0 ok, 1 unexpected error (a bug), 2 input to mend, 3 no feasible plan, 4 solver failed, "
    "130 interrupted. Results go to stdout and files, talk goes to stderr."
)
# Plain help: rich would double the time until --help answers.
_app = typer.Typer(
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


@_app.callback(epilog=_EPILOG)
def _perdure(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Plan, simulate and run long-life energy storage."""


@_app.command()
def run(
    case: CaseArgument,
    out: Annotated[
        Path | None, typer.Option("--out", help="Output folder [default: results/ beside the case].")
    ] = None,
    lang: Language = Tongue.en,
    debug: Debug = False,
) -> None:
    """Live every candidate of a case through, price it, and write the results."""
    from perdure.study.case import read_case
    from perdure.study.output_folder import check_target, whole_folder

    target = (out or case.parent / "results").resolve()
    check_target(target)
    with _progress() as tell:
        tell("Reading the case", 0.0)
        asked = read_case(case)
        with whole_folder(target) as folder:
            answer = _answer(asked, folder, lang.value, tell)
    _show(answer)
    _say(f"Results: {target}")


def _answer(case: Case, folder: Path, language: Literal["en", "zh"], tell: Progress) -> RenderableType:
    """Answers the case, writes everything about it into `folder`, and gives the summary for the terminal."""
    from perdure.study.reports.page import write_report
    from perdure.study.reports.summary import summary
    from perdure.study.results import write_results
    from perdure.study.run import run_case

    start = time.perf_counter()
    outcome = run_case(case, tell)
    tell("Writing the report", 1.0)
    write_results(outcome, folder, time.perf_counter() - start)
    write_report(outcome, folder / "report.html", language)
    return summary(outcome, language)


@_app.command()
def regret(
    case: CaseArgument,
    out: Annotated[Path | None, typer.Option("--out", help="Output folder [default: regret/ beside the case].")] = None,
    candidate: Annotated[
        str | None, typer.Option("--candidate", metavar="NAME", help="Only this candidate [default: all].")
    ] = None,
    lang: Language = Tongue.en,
    debug: Debug = False,
) -> None:
    """Tell what foresight is worth: rolling plans and rules beside perfect foresight, on a new store."""
    from perdure.study.case import read_case
    from perdure.study.foresight import compare, write_tables
    from perdure.study.output_folder import check_target, whole_folder
    from perdure.study.reports.regret_page import regret_summary, write_regret

    target = (out or case.parent / "regret").resolve()
    check_target(target)
    with _progress() as tell:
        tell("Reading the case", 0.0)
        asked = read_case(case)
        with whole_folder(target) as folder:
            start = time.perf_counter()
            study = compare(asked, candidate, tell)
            write_tables(study, folder, time.perf_counter() - start)
            write_regret(study, folder / "regret.html", lang.value)
    _show(regret_summary(study, lang.value))
    _say(f"Page: {target / 'regret.html'}\nTables as CSV beside it in {target}")


@_app.command()
def check(case: CaseArgument, debug: Debug = False) -> None:
    """Read a case with all its files and tell what was found, or all that is wrong."""
    from perdure.study.case import read_case
    from perdure.study.summary import summarise

    with _progress() as tell:
        tell("Reading the case", 0.0)
        told = summarise(read_case(case))
    print(told)


@_app.command()
def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to.")], debug: Debug = False) -> None:
    """Write a commented case that runs, to start from; never overwrites."""
    from perdure.study.starter import write_starter

    for path in write_starter(folder):
        print(path)
    _say(f"The load is invented: replace it by your own. Next: perdure check {folder / 'case.yaml'}")


@_app.command()
def technologies(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Names, or datasheet files; without one: a list.")
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="A table of the named (default: all) side by side.")
    ] = False,
    temperature: Annotated[float, typer.Option("--temperature", help="Store temperature of --compare, °C.")] = 25.0,
    c_rate: Annotated[float, typer.Option("--c-rate", help="AC power over stored energy of --compare, 1/h.")] = 0.25,
    lang: Language = Tongue.en,
    debug: Debug = False,
) -> None:
    """List technologies, tell everything about one with the source of every number, or compare several."""
    if compare:
        from perdure.study.side_by_side import compared

        width = get_terminal_size().columns if sys.stdout.isatty() else 100
        _show(compared(names or [], temperature, c_rate, lang.value, width))
        return
    from perdure.study.datasheets import list_technologies, technology_datasheet

    sheets = [technology_datasheet(name, lang.value) for name in names or []]
    print("\n\n\n".join(sheets) if sheets else list_technologies(lang.value))


@_app.command()
def characterise(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A technology, or a datasheet file.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Output folder [default: characterisation-NAME here].")
    ] = None,
    lang: Language = Tongue.en,
    debug: Debug = False,
) -> None:
    """Write the test-bench curves of a technology: voltage, pressure, efficiency, stand loss, heat, life."""
    from perdure.study.characterise import characterise as on_the_bench
    from perdure.study.output_folder import check_target, mark, whole_folder
    from perdure.study.reports.characterisation import write_characterisation
    from perdure.study.technologies import find_technology

    technology = find_technology(name)
    target = (out or Path(f"characterisation-{technology.name}")).resolve()
    check_target(target)
    with _progress() as tell, whole_folder(target) as folder:
        tell("On the bench", 0.0)
        measured = on_the_bench(technology)
        measured.write(folder)
        mark(folder, "characterise", technology.name)
        write_characterisation(measured, folder / "characterisation.html", lang.value)
    print(target / "characterisation.html")
    _say(f"Curves as CSV beside it in {target}")


@_app.command()
def fit(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A technology, or a datasheet file.")],
    voltage: DataFile = None,
    pressure: DataFile = None,
    capacity: DataFile = None,
    stand: DataFile = None,
    figures: Annotated[
        str | None, typer.Option("--figures", help="Figures to fit, a,b,c [default: those the data can tell].")
    ] = None,
    ageing: Annotated[
        str | None, typer.Option("--ageing", help="Ageing law --capacity fits [default: the first].")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Output folder [default: fit-NAME here].")] = None,
    lang: Language = Tongue.en,
    debug: Debug = False,
) -> None:
    """Fit figures of a technology to CSV test data, with confidence intervals; writes a datasheet file."""
    from perdure.study.fit import fit as to_data
    from perdure.study.fit_file import write_fit
    from perdure.study.output_folder import check_target, whole_folder
    from perdure.study.reports.fitted import fit_summary, write_fitted

    target = (out or Path(f"fit-{Path(name).stem}")).resolve()
    check_target(target)
    given = {"voltage": voltage, "pressure": pressure, "capacity": capacity, "stand": stand}
    named = [one.strip() for one in (figures or "").split(",") if one.strip()]
    with _progress() as tell, whole_folder(target) as folder:
        tell("Fitting", 0.0)
        fitted = to_data(name, {kind: file for kind, file in given.items() if file is not None}, named, ageing)
        sheet, unread = write_fit(fitted, folder)
        write_fitted(fitted, folder / "fit.html", lang.value, unread)
    _show(fit_summary(fitted, lang.value, unread))
    _say(f"Page: {target / 'fit.html'}\nDatasheet file: {target / sheet.name}")


@_app.command()
def tariffs(name: Name = None, lang: Language = Tongue.en, debug: Debug = False) -> None:
    """List kinds of tariff, or tell everything about one, with the source of every number."""
    from perdure.study.datasheets import list_tariffs, tariff_datasheet

    print(tariff_datasheet(name, lang.value) if name else list_tariffs(lang.value))


@_app.command()
def replay(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A technology, or a datasheet file.")],
    signal: Annotated[Path, typer.Argument(metavar="SIGNAL", help="CSV or Parquet: one sample a row, -1 to 1.")],
    energy: Annotated[float, typer.Option("--energy-kwh", help="Energy stored when new.")],
    power: Annotated[float, typer.Option("--power-kw", help="AC rating.")],
    capacity: Annotated[float, typer.Option("--capacity-kw", help="Regulation capacity the signal moves.")],
    step: Annotated[float, typer.Option("--step-s", help="Seconds between samples.")],
    column: Annotated[str | None, typer.Option("--column", help="Column [default: the last with numbers].")] = None,
    bias: Annotated[float, typer.Option("--bias-band-kw", help="How far the base point may shift for charge.")] = 0.0,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for hours.csv and power.csv [default: none].")
    ] = None,
    debug: Debug = False,
) -> None:
    """Replay a frequency-regulation signal on a plant, second by second: delivered power, drift, losses, score."""
    from perdure.study.output_folder import check_target, mark, whole_folder
    from perdure.study.signal_replay import replay_signal

    target = out.resolve() if out is not None else None
    if target is not None:
        check_target(target)
    done = replay_signal(
        name, signal, energy_kwh=energy, power_kw=power, capacity_kw=capacity, step_s=step, column=column,
        bias_band_kw=bias,
    )  # fmt: skip
    print(done.text)
    if target is not None:
        with whole_folder(target) as folder:
            done.write(folder)
            mark(folder, "replay", name)
        _say(f"Tables: {target}")


@_app.command()
def services(name: Name = None, lang: Language = Tongue.en, debug: Debug = False) -> None:
    """List kinds of service, or tell about one: what it is, an example, its sources."""
    from perdure.study.datasheets import list_services, service_sheet

    print(service_sheet(name, lang.value) if name else list_services(lang.value))


@_app.command()
def schema(debug: Debug = False) -> None:
    """Print the JSON Schema of a case file, for editors."""
    import json

    from perdure.study.case_file import case_schema

    print(json.dumps(case_schema(), indent=2, ensure_ascii=False))


def _show(answer: RenderableType) -> None:
    from rich.console import Console

    Console(file=sys.stdout, width=None if sys.stdout.isatty() else 100).print(answer)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


@contextmanager
def _progress() -> Iterator[Progress]:
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and gives its exit code; errors are told in words, with a trace only under --debug."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code: Any = _app(given, standalone_mode=False)
        return code if isinstance(code, int) else 0
    except KeyboardInterrupt:
        _say("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) went away; Python must not complain when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the outermost layer: every error becomes one message and a code
        return _tell(error, "--debug" in given)


def _tell(error: Exception, debug: bool) -> int:
    from perdure.errors import PerdureError

    if debug:
        traceback.print_exception(error)
    if hasattr(error, "format_message"):  # a mistake on the command line, told by click
        _say(f"Error: {error.format_message()}\nTry 'perdure --help'.")
        return USAGE
    if type(error).__name__ == "Abort":
        _say("Interrupted.")
        return INTERRUPTED
    if isinstance(error, PerdureError):
        _say(str(error))
        return error.exit_code
    hint = "" if debug else " Run again with --debug for the trace, and please report it."
    _say(f"Unexpected {type(error).__name__}: {error}.{hint}")
    return UNEXPECTED


if __name__ == "__main__":
    sys.exit(main())
