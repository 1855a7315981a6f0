"""A case to start from: a commented case file, its JSON Schema and a synthetic load the user replaces."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from perdure.errors import Fault, InputError
from perdure.study.case_file import case_schema
from perdure.timeline import Floats, Timeline

CASE, LOAD, SCHEMA = "case.yaml", "load_SYNTHETIC.csv", "case.schema.json"
YEAR, ZONE = 2025, "Asia/Shanghai"
_SHUTDOWNS = ((1, 1), (28, 35), (121, 125), (274, 281))  # days of the year, first and last


def write_starter(folder: Path) -> tuple[Path, ...]:
    """Writes the starter into `folder`, which is made where needed; InputError where a file of it exists already."""
    there = [folder / name for name in (CASE, LOAD, SCHEMA) if (folder / name).exists()]
    if there:
        raise InputError(
            [Fault(str(path), "exists already; nothing was written", cure="Give another folder.") for path in there]
        )
    if folder.exists() and not folder.is_dir():
        raise InputError([Fault(str(folder), "is a file, not a folder", cure="Give another folder.")])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LOAD).write_text(_load_csv(), encoding="utf-8")
    (folder / SCHEMA).write_text(json.dumps(case_schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / CASE).write_text(resources.files(__package__).joinpath(CASE).read_text("utf-8"), encoding="utf-8")
    return tuple(folder / name for name in (CASE, LOAD, SCHEMA))


def _load_csv() -> str:
    timeline = Timeline.year(YEAR, ZONE)
    table = pd.DataFrame(
        {"start": timeline.local.strftime("%Y-%m-%d %H:%M"), "synthetic_load_kw": synthetic_load_kw(timeline).round(1)}
    )
    return table.to_csv(index=False, lineterminator="\n")


def synthetic_load_kw(timeline: Timeline) -> Floats:
    """An invented two-shift factory in kW (steps,): no measurement, the same in every run and on every machine."""
    local = timeline.local
    hour = np.asarray(local.hour + local.minute / 60.0, dtype=np.float64)
    day = np.asarray(local.day_of_year, dtype=np.float64)
    off = np.asarray(local.day_of_week == 6)
    for first, last in _SHUTDOWNS:
        off = off | ((day >= first) & (day <= last))
    shift = _step(hour, 6.0) - _step(hour, 22.0) - 0.35 * (_step(hour, 11.5) - _step(hour, 13.0))
    work = np.where(off, 0.0, np.where(np.asarray(local.day_of_week == 5), 0.55, 1.0)) * shift
    summer = np.exp(-(((day - 210.0) / 38.0) ** 2)) * (0.35 + 0.65 * np.exp(-(((hour - 15.0) / 5.0) ** 2)))
    winter = np.exp(-((((day + 165.0) % 365.0 - 182.0) / 40.0) ** 2)) * 0.5
    return np.asarray(310.0 + 820.0 * work * (1.0 + _ripple(timeline)) + (330.0 * summer + 160.0 * winter))


def _step(hour: Floats, at: float) -> Floats:
    """A smooth switch: machines do not all start in the same minute."""
    return np.asarray(1.0 / (1.0 + np.exp(-(hour - at) / 0.15)))


def _ripple(timeline: Timeline) -> Floats:
    """Batches and mixes of products as a few waves without common period: deterministic, unlike a random generator."""
    hours = np.arange(timeline.steps) * timeline.step_h
    waves = ((0.055, 1.37), (0.045, 2.91), (0.04, 7.77), (0.05, 31.3), (0.045, 101.9), (0.03, 0.83))
    return np.asarray(sum(size * np.sin(2.0 * np.pi * hours / period + 9.0 * size) for size, period in waves))
