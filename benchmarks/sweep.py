"""Many lives: one beside its target, the same sweep on one core and on two, a sweep killed and resumed, one size.

Run as a program: `python sweep.py measure STUDY.yaml OUT JOBS` runs one sweep and prints a line of JSON;
`python sweep.py size JOBS` sizes one technology on the benchmark's factory case.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml
from measure import Row, say, seconds_of

PHASE = "many lives"
CASE = Path(__file__).parents[1] / "examples" / "wujin_factory" / "case.yaml"
LIFE_S, SIZE_S, COARSE_S, EFFICIENCY, PARENT_MB = 1.5, 90.0, 20.0, 0.85, 1024.0
LIVES, MANY = 40, 10_000


def rows(quick: bool) -> list[Row]:
    """Seconds here are targets of their own, on the machine that measures."""
    return [*_one_life(), *_parallel(8 if quick else LIVES), *_many(200 if quick else MANY), *_size(quick)]


def _one_life() -> list[Row]:
    from perdure.study.case import read_case
    from perdure.study.run import live

    case = read_case(CASE)
    told = []
    for one in case.candidates:
        live(case, one)
        took = min(seconds_of(lambda one=one: live(case, one))[0] for _ in range(3))
        say(f"  {one.name}: {took:.2f} s")
        told.append(Row(PHASE, f"one life of {case.lifetime.years} years, {one.name}", "–", f"{took:.2f} s",
                        f"<= {LIFE_S:g} s", took <= LIFE_S, "one core, best of three"))  # fmt: skip
    return told


def _parallel(lives: int) -> list[Row]:
    """The same sweep with one worker and with two; both with all the start of workers."""
    with tempfile.TemporaryDirectory() as folder:
        study = _study(Path(folder), lives, years=30)
        one, two = (_child("measure", str(study), str(Path(folder) / f"jobs{jobs}"), str(jobs)) for jobs in (1, 2))
    share = one["seconds"] / two["seconds"] / 2.0
    name = f"sweep of {lives} lives of 30 years, 2 workers"
    met = share >= EFFICIENCY if lives == LIVES else None
    return [Row(PHASE, name, "1 worker", f"{share:.0%} of twice as fast", f">= {EFFICIENCY:.0%}", met)]


def _many(cases: int) -> list[Row]:
    """Short lives, so that the bookkeeping shows: memory of the parent, and a kill midway."""
    with tempfile.TemporaryDirectory() as folder:
        study, out = _study(Path(folder), cases, years=1, step_minutes=60), Path(folder) / "out"
        command = [sys.executable, __file__, "measure", str(study), str(out), "2"]
        killed = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not _parts(out) and killed.poll() is None:
            time.sleep(0.2)
        time.sleep(2.0)
        done_before = _parts(out)
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        ended = _child("measure", str(study), str(out), "2")
        whole = ended["rows"] == cases and ended["distinct"] == cases
    name = f"sweep of {cases:,} cases, killed after {done_before} part{'s' if done_before > 1 else ''}, resumed"
    memory = ended["peak_mb"]
    return [
        Row(PHASE, name, "–", "every case once" if whole else f"{ended['rows']:,} rows", "every case once", whole),
        Row(PHASE, f"sweep of {cases:,} cases", "peak memory of the parent", f"{memory:.0f} MB", f"< {PARENT_MB:g} MB",
            memory < PARENT_MB),
    ]  # fmt: skip


def _parts(out: Path) -> int:
    return len(list(out.glob("results/part-*.parquet")))


def _size(quick: bool) -> list[Row]:
    if quick:
        return []
    found = _child("size", "2")
    coarse, whole = found["coarse_seconds"], found["seconds"]
    name = f"best size of one technology, {found['lives']:.0f} lives, 2 workers"
    return [
        Row(PHASE, name, "–", f"{whole:.0f} s", f"<= {SIZE_S:g} s", whole <= SIZE_S),
        Row(PHASE, "its coarse picture", "–", f"{coarse:.0f} s", f"<= {COARSE_S:g} s", coarse <= COARSE_S),
    ]


def _study(folder: Path, cases: int, years: int, step_minutes: int = 15) -> Path:
    """One store, so that a case is a life; what it costs does not change it, but a sweep lives each all the same."""
    shutil.copytree(CASE.parent, folder / "case")
    told = yaml.safe_load(CASE.read_text(encoding="utf-8"))
    told["candidates"] = [one for one in told["candidates"] if one["name"] == "LFP"]
    (folder / "case" / CASE.name).write_text(yaml.safe_dump(told), encoding="utf-8")
    study: dict[str, Any] = {
        "case": f"case/{CASE.name}",
        "axes": [
            {"key": "candidates[LFP].costs.energy_per_kwh", "range": {"start": 300, "stop": 900, "count": cases}},
            {"key": "lifetime.years", "values": [years]},
            {"key": "timeline.step_minutes", "values": [step_minutes]},
        ],
    }
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(study), encoding="utf-8")
    return path


def _child(*words: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    say(f"  {' '.join(words[:1] + words[-1:])}: {found['seconds']:.3g} s")
    return found


def _measure(study: str, out: str, jobs: int) -> dict[str, float]:
    import pandas as pd
    from live_through import peak_megabytes

    from perdure.study.sweeping.study_file import read_study
    from perdure.study.sweeping.sweep import sweep
    from perdure.study.workers import Workers

    asked = read_study(Path(study))
    seconds, _ = seconds_of(lambda: sweep(asked, Path(out), Workers(jobs=jobs)))
    found = pd.read_parquet(Path(out) / "results")
    return {"seconds": seconds, "rows": len(found), "distinct": found["case"].nunique(),
            "peak_mb": peak_megabytes()}  # fmt: skip


def _sized(jobs: int) -> dict[str, float]:
    from perdure.study.case import read_case
    from perdure.study.sizing.size import size
    from perdure.study.workers import Workers

    workers = Workers(jobs=jobs)
    workers.make_ready()
    case = read_case(CASE)
    found = size(case, case.candidates[0], workers=workers)
    return {"seconds": found.seconds, "coarse_seconds": found.coarse_seconds, "lives": found.lives}


if __name__ == "__main__":
    if sys.argv[1] == "measure":
        print(json.dumps(_measure(sys.argv[2], sys.argv[3], int(sys.argv[4]))))
    else:
        print(json.dumps(_sized(int(sys.argv[2]))))
