"""Commands that ask what if: the best size, stores side by side, what is uncertain, any axes."""

from __future__ import annotations

import os
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from perdure.cli.app import CaseArgument, Debug, Language, Tongue, app, progress, say, show

if TYPE_CHECKING:
    from perdure.study.workers import Workers


class By(StrEnum):
    """What makes a size the best."""

    npv = "npv"
    irr = "irr"
    payback = "payback"
    lcos = "lcos"
    autonomy_hours = "autonomy_hours"
    peak_kw = "peak_kw"


Candidates = Annotated[list[str] | None, typer.Option("--candidate", metavar="NAME", help="Only this one; repeatable.")]
Technologies = Annotated[
    list[str] | None,
    typer.Option("--technology", metavar="NAME", help="A technology, or a datasheet file; repeatable."),
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", metavar="N", help="Processes on this machine [default: one per core].")
]
Cluster = Annotated[
    str | None, typer.Option("--cluster", metavar="ADDRESS", help="A Dask scheduler, tcp://host:port, instead.")
]
Tolerance = Annotated[
    float | None, typer.Option("--tolerance", metavar="SHARE", help="How closely sizes are sought [default: 0.01].")
]


def _workers(jobs: int | None, cluster: str | None) -> Workers:
    """Who lives the lives: processes here, one per core unless told, or a cluster."""
    if jobs is not None and cluster is not None:
        raise typer.BadParameter("give either --jobs or --cluster")
    # A sum must not depend on how many threads made it: before numpy is loaded, here and in all that is started.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from perdure.study.workers import Workers

    workers = Workers((os.cpu_count() or 1) if jobs is None else jobs, cluster)
    workers.make_ready()
    return workers


@app.command(short_help="Find the best energy and power of each store.")
def size(
    case: CaseArgument,
    candidate: Candidates = None,
    technology: Technologies = None,
    by: Annotated[By | None, typer.Option("--by", help="What makes a size the best [default: npv].")] = None,
    target: Annotated[
        float | None, typer.Option("--target", metavar="NUMBER", help="Hours or kW, by autonomy_hours or peak_kw.")
    ] = None,
    wear_price: Annotated[
        bool, typer.Option("--search-wear-price", help="Seek the wear price too, at the best size.")
    ] = False,
    tolerance: Tolerance = None,
    jobs: Jobs = None,
    cluster: Cluster = None,
    out: Annotated[Path | None, typer.Option("--out", help="Output folder [default: size/ beside the case].")] = None,
    lang: Language = Tongue.en,
    debug: Debug = False,
) -> None:
    """Find the energy and power of each store that are worth most, and draw where it pays."""
    workers = _workers(jobs, cluster)
    from perdure.study.case import read_case
    from perdure.study.output_folder import check_target, whole_folder
    from perdure.study.reports.size_page import size_summary, write_size
    from perdure.study.sizing.files import about_sizes, size_tables, write_study
    from perdure.study.sizing.size import size_all, stores_of, with_by

    folder_at = (out or case.parent / "size").resolve()
    check_target(folder_at)
    with progress() as tell:
        tell("Reading the case", 0.0)
        asked = read_case(case)
        seeks = "search" if wear_price else None
        options = with_by(asked.size, by=by and by.value, target=target, tolerance=tolerance, wear_price=seeks)
        stores = stores_of(asked, candidate or (), technology or ())
        with whole_folder(folder_at) as folder:
            start = time.perf_counter()
            found = size_all(asked, stores, options, workers=workers, tell=tell)
            seconds = time.perf_counter() - start
            write_study(asked, "size", size_tables(found), about_sizes(found), folder, seconds)
            write_size(asked, found, folder / "size.html", lang.value)
    show(size_summary(asked, found, lang.value))
    say(f"Page: {folder_at / 'size.html'}\nTables as CSV beside it in {folder_at}")


@app.command(short_help="Hold stores side by side, each at its best; tell why.")
def compare(
    case: CaseArgument,
    candidate: Candidates = None,
    technology: Technologies = None,
    given_sizes: Annotated[
        bool, typer.Option("--given-sizes", help="At the sizes of the case; only the wear price is sought.")
    ] = False,
    break_even: Annotated[
        bool, typer.Option("--break-even/--no-break-even", help="Where the answer turns: takes more lives.")
    ] = True,
    tolerance: Tolerance = None,
    jobs: Jobs = None,
    cluster: Cluster = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Output folder [default: compare/ beside the case].")
    ] = None,
    lang: Language = Tongue.en,
    debug: Debug = False,
) -> None:
    """Hold stores side by side, each at its best size and wear price, and tell why each wins or loses."""
    workers = _workers(jobs, cluster)
    from perdure.study.case import read_case
    from perdure.study.output_folder import check_target, whole_folder
    from perdure.study.reports.compare_page import compare_summary, write_compare
    from perdure.study.sizing.files import about_comparison, compare_tables, write_study
    from perdure.study.sizing.size import stores_of, with_by
    from perdure.study.sizing.versus import compare as hold_side_by_side

    folder_at = (out or case.parent / "compare").resolve()
    check_target(folder_at)
    with progress() as tell:
        tell("Reading the case", 0.0)
        asked = read_case(case)
        options = with_by(asked.size, tolerance=tolerance)
        stores = stores_of(asked, candidate or (), technology or ())
        with whole_folder(folder_at) as folder:
            start = time.perf_counter()
            found = hold_side_by_side(
                asked, stores, options, given_sizes=given_sizes, with_break_even=break_even,
                workers=workers, tell=tell,
            )  # fmt: skip
            seconds = time.perf_counter() - start
            write_study(asked, "compare", compare_tables(found), about_comparison(found), folder, seconds)
            write_compare(found, folder / "compare.html", lang.value)
    show(compare_summary(found, lang.value))
    say(f"Page: {folder_at / 'compare.html'}\nTables as CSV beside it in {folder_at}")


@app.command(short_help="Draw uncertain figures: spread of value, chance of loss.")
def uncertainty(
    case: CaseArgument,
    samples: Annotated[
        int | None, typer.Option("--samples", metavar="N", help="Lives of each candidate [default: case's or 32].")
    ] = None,
    jobs: Jobs = None,
    cluster: Cluster = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Output folder [default: uncertainty/ beside the case].")
    ] = None,
    lang: Language = Tongue.en,
    debug: Debug = False,
) -> None:
    """Draw uncertain figures: spread of value, chance of loss, chance to beat a rival, which figure matters."""
    workers = _workers(jobs, cluster)
    from perdure.study.case import read_case
    from perdure.study.output_folder import check_target, whole_folder
    from perdure.study.reports.uncertainty_page import uncertainty_summary, write_uncertainty
    from perdure.study.uncertainty.draws import with_changes
    from perdure.study.uncertainty.prospects import uncertainty as draw
    from perdure.study.uncertainty.results import write_prospects

    target = (out or case.parent / "uncertainty").resolve()
    check_target(target)
    with progress() as tell:
        tell("Reading the case", 0.0)
        asked = read_case(case)
        with whole_folder(target) as folder:
            found = draw(asked, with_changes(asked.uncertainty, samples), workers=workers, tell=tell)
            write_prospects(found, folder)
            write_uncertainty(found, folder / "uncertainty.html", lang.value)
    show(uncertainty_summary(found, lang.value))
    say(f"Page: {target / 'uncertainty.html'}\nTables: {target / 'tables.xlsx'} and {target / 'tables'}")


@app.command(short_help="Live every case of a study through; goes on after a stop.")
def sweep(
    study: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="The study file: docs/sweep.md.")],
    out: Annotated[Path | None, typer.Option("--out", help="Output folder [default: sweep/ beside the study].")] = None,
    jobs: Jobs = None,
    cluster: Cluster = None,
    lang: Language = Tongue.en,
    debug: Debug = False,
) -> None:
    """Live every case of a study through, on all cores or a cluster; run again, it goes on where it stopped."""
    workers = _workers(jobs, cluster)
    from perdure.study.reports.sweep_page import sweep_summary, write_csv, write_sweep
    from perdure.study.sweeping.study_file import read_study
    from perdure.study.sweeping.sweep import sweep as sweep_study

    target = (out or study.parent / "sweep").resolve()
    with progress() as tell:
        swept = sweep_study(read_study(study), target, workers, tell)
    write_csv(swept, target / "cases.csv")
    write_sweep(swept, target / "sweep.html", lang.value)
    show(sweep_summary(swept, lang.value))
    say(f"{swept.lived} cases lived now, {swept.study.grid.count} in all.\n"
         f"Page: {target / 'sweep.html'}\nTables: {target / 'cases.csv'} and {target / 'results'}")  # fmt: skip
