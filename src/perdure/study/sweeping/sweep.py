"""`sweep`: every case of a study lived through on many workers, kept part by part, gone on with after a stop."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from perdure.errors import Fault, InputError
from perdure.study.output_folder import LIBRARIES, MARK
from perdure.study.sweeping.fingerprint import code_digest, digest, file_digest, files_named
from perdure.study.sweeping.rows import Base, CaseTask, Row, built, live_case
from perdure.study.sweeping.store import SweepFolder, whole
from perdure.study.sweeping.study_file import Study
from perdure.study.workers import Workers

MOST_TOLD = 30
"""Different faults told before the rest is only counted."""
Tell = Callable[[str, float], None]


@dataclass(frozen=True)
class Swept:
    """A finished sweep: the study, where it lies, one row per case and candidate; `lived`: cases of this session."""

    study: Study
    folder: Path
    table: pd.DataFrame
    lived: int


def sweep(study: Study, out: Path, workers: Workers | None = None, tell: Tell | None = None) -> Swept:
    """Live every case of `study` that `out` does not hold yet.

    Every case is checked before the first is lived (InputError with all faults); a case without a plan is a row that
    says so. `out` is refused where it holds another study. `tell(text, share)` hears the progress.
    """
    workers, heard = workers or Workers(), tell or (lambda text, share: None)
    workers.make_ready()
    files = _files(study)
    about = identity(study, files)
    folder = SweepFolder(out, study)
    begun, start = datetime.now(UTC), time.perf_counter()
    if not folder.open(about):
        folder.begin(about, _checked(study, heard))
    done = folder.written()
    lived = _live(study, folder, done, _Share(workers, tuple(files.items())), heard)
    _note(folder, workers, lived, begun, time.perf_counter() - start)
    return Swept(study, out, folder.read(), lived)


def identity(study: Study, files: dict[str, str]) -> dict[str, Any]:
    """What makes results what they are: a sweep is gone on with only where all of it is the same."""
    from perdure import __version__

    grid = study.grid
    asked = {
        "axes": [[list(axis.keys), [list(point) for point in axis.points]] for axis in grid.axes],
        "labels": [list(axis.labels) for axis in grid.axes],
        "combine": grid.combine, "keep": study.keep, "cases_per_part": study.cases_per_part,
        "when_refused": study.when_refused,
    }  # fmt: skip
    return {
        "perdure": __version__,
        "code": code_digest(),
        "study": digest(asked),
        "case": digest(study.text.data),
        "files": files,
    }


def _files(study: Study) -> dict[str, str]:
    """Every file the cases name, with its digest."""
    folder = study.text.path.parent
    varied = [[list(point) for point in axis.points] for axis in study.grid.axes]
    return {name: file_digest(folder / name) for name in files_named([study.text.data, varied], folder)}


def _checked(study: Study, tell: Tell) -> Iterator[str]:
    """The digest of every case, each built once; InputError at the end where some cannot be."""
    found: dict[Fault, list[int]] = {}
    for number in range(study.grid.count):
        if number % 100 == 0:
            tell(f"Checking case {number + 1} of {study.grid.count}", 0.0)
        text = study.case(number)
        try:
            built(text)
        except InputError as error:
            for fault in error.faults:
                found.setdefault(fault, []).append(number)
        yield digest(text.data)
    if study.when_refused == "row":  # what no case gets around is a mistake of the study
        found = {fault: cases for fault, cases in found.items() if len(cases) == study.grid.count}
    if found:
        raise InputError(_told(study, found), str(study.path))


def _told(study: Study, found: dict[Fault, list[int]]) -> list[Fault]:
    """Each fault once, with the first case that has it and how many others do."""
    told = []
    for fault, cases in list(found.items())[:MOST_TOLD]:
        values = ", ".join(f"{key} = {value}" for key, value in study.grid.values(cases[0]).items())
        others = f" and {len(cases) - 1} more" if len(cases) > 1 else ""
        problem = f"{fault.problem}, in case {cases[0]} ({values}){others}"
        told.append(replace(fault, place=f"{study.text.path.name}: {fault.place}", problem=problem))
    if len(found) > MOST_TOLD:
        told.append(Fault("axes", f"{len(found) - MOST_TOLD} more faults of this kind"))
    return told


@dataclass(frozen=True)
class _Share:
    """What is the same for all cases: who lives them, and the files they need."""

    workers: Workers
    files: tuple[tuple[str, str], ...]


def _live(study: Study, folder: SweepFolder, done: set[int], share: _Share, tell: Tell) -> int:
    """Lives the cases of the parts that are not there; how many that were."""
    size, count = study.cases_per_part, study.grid.count
    wanted = [number for number in range(count) if number // size not in done]
    base = Base(study.text.path.resolve(), study.text.text, share.files)
    tasks = (CaseTask(base, number, study.case(number).data, study.keep) for number in wanted)
    under_way: dict[int, dict[int, list[Row]]] = {}
    pace = _Pace(count - len(wanted), count, tell)
    for _, (number, rows) in share.workers.run(live_case, tasks):
        part = number // size
        cases = under_way.setdefault(part, {})
        cases[number] = rows
        if len(cases) == min(size, count - part * size):
            folder.write(part, under_way.pop(part))
        pace.one_more()
    return len(wanted)


class _Pace:
    """Tells how many cases are done, how fast, and how long the rest takes."""

    def __init__(self, done: int, count: int, tell: Tell):
        self.done, self.count, self.tell = done, count, tell
        self.before, self.start = done, time.monotonic()
        tell(f"{done} of {count} cases", done / count)

    def one_more(self) -> None:
        """A case is done."""
        self.done += 1
        rate = (self.done - self.before) / max(time.monotonic() - self.start, 1e-9)
        fast = f"{rate:.2f} a second" if rate < 10 else f"{rate:.0f} a second"
        left = duration((self.count - self.done) / rate)
        self.tell(f"{self.done} of {self.count} cases, {fast}, {left} left", self.done / self.count)


def duration(seconds: float) -> str:
    """'40 s', '12 min', '3 h 20 min'."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def _note(folder: SweepFolder, workers: Workers, lived: int, begun: datetime, seconds: float) -> None:
    """What made the results and how long it took, session by session; the only file that knows a clock."""
    from perdure import __version__

    path = folder.path / MARK
    sessions = json.loads(path.read_text(encoding="utf-8"))["sessions"] if path.is_file() else []
    session = {"begun": begun.isoformat(timespec="seconds"), "seconds": round(seconds, 3), "cases": lived,
               "jobs": workers.jobs, "cluster": workers.cluster}  # fmt: skip
    told = {
        "perdure": __version__, "command": "sweep", "about": folder.study.title, "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in LIBRARIES}, "sessions": [*sessions, session],
    }  # fmt: skip
    whole(path, json.dumps(told, indent=2, ensure_ascii=False) + "\n")
