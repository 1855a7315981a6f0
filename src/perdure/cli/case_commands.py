"""Commands on one case as it stands: run it, check it, begin one, tell what foresight is worth."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from perdure.cli.app import CaseArgument, Debug, Language, Progress, Tongue, app, progress, say, show

if TYPE_CHECKING:
    from rich.console import RenderableType

    from perdure.study.case import Case


@app.command(short_help="Live through, price and report the candidates of a case.")
def run(
    case: CaseArgument,
    out: Annotated[
        Path | None, typer.Option("--out", help="Output folder [default: results/ beside the case].")
    ] = None,
    foresight: Annotated[
        bool, typer.Option("--foresight", help="Add what is left of the saving without foresight, as regret does.")
    ] = False,
    lang: Language = Tongue.en,
    debug: Debug = False,
) -> None:
    """Live every candidate of a case through, price it, and write the results."""
    from perdure.study.case import read_case
    from perdure.study.output_folder import check_target, whole_folder

    target = (out or case.parent / "results").resolve()
    check_target(target)
    with progress() as tell:
        tell("Reading the case", 0.0)
        asked = read_case(case)
        with whole_folder(target) as folder:
            told = answer(asked, folder, lang.value, tell, foresight or asked.foresight.asked.in_report)
    show(told)
    say(f"Results: {target}")


def answer(case: Case, folder: Path, language: Literal["en", "zh"], tell: Progress, foresight: bool) -> RenderableType:
    """Answers the case, writes everything about it into `folder`, and gives the summary for the terminal."""
    from perdure.study.foresight import candidates_of, compare
    from perdure.study.reports.page import write_report
    from perdure.study.reports.summary import summary
    from perdure.study.results import write_results
    from perdure.study.run import run_case, with_cost_of_holding

    if foresight:
        candidates_of(case, None)
    start = time.perf_counter()
    outcome = with_cost_of_holding(run_case(case, tell))
    study = compare(case, None, tell) if foresight else None
    tell("Writing the report", 1.0)
    write_results(outcome, folder, time.perf_counter() - start, study)
    write_report(outcome, folder / "report.html", language, study)
    return summary(outcome, language, study)


@app.command(short_help="Tell what foresight is worth: plans and rules without it.")
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
    from perdure.study.foresight import compare, write_study
    from perdure.study.output_folder import check_target, whole_folder
    from perdure.study.reports.regret_page import regret_summary, write_regret

    target = (out or case.parent / "regret").resolve()
    check_target(target)
    with progress() as tell:
        tell("Reading the case", 0.0)
        asked = read_case(case)
        with whole_folder(target) as folder:
            start = time.perf_counter()
            study = compare(asked, candidate, tell)
            write_study(study, folder, time.perf_counter() - start)
            write_regret(study, folder / "regret.html", lang.value)
    show(regret_summary(study, lang.value))
    say(f"Page: {target / 'regret.html'}\nTables as CSV beside it in {target}")


@app.command(short_help="Read a case with its files; tell what is found or wrong.")
def check(case: CaseArgument, lang: Language = Tongue.en, debug: Debug = False) -> None:
    """Read a case with all its files and tell what was found, or all that is wrong."""
    from perdure.study.case import read_case
    from perdure.study.summary import summarise

    with progress() as tell:
        tell("Reading the case", 0.0)
        told = summarise(read_case(case), lang.value)
    print(told)


@app.command(short_help="Write a commented case that runs, to start from.")
def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to.")], debug: Debug = False) -> None:
    """Write a commented case that runs, to start from; never overwrites."""
    from perdure.study.starter import write_starter

    for path in write_starter(folder):
        print(path)
    say(f"The load is invented: replace it by your own. Next: perdure check {folder / 'case.yaml'}")
