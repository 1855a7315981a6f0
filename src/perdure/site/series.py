"""Reads a series from a file onto an even grid: order, duplicates, gaps and filling are settled here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from perdure.errors import Fault, Faults, InputError
from perdure.site.clock import FIRST, Rows, clock, read_stamps, to_utc
from perdure.site.inputs import TableInput
from perdure.site.table import existing, read_numbers, read_table
from perdure.timeline import Floats, Ints, Timeline


@dataclass(frozen=True)
class Reading:
    """A series as read: its own timeline, values (steps,) in the file's unit, where each came from, what was filled."""

    timeline: Timeline
    values: Floats
    rows: Rows
    origin: Ints  # (steps,) position in the file, -1 where filled
    remarks: tuple[str, ...] = ()

    def place(self, step: int) -> str:
        """'line 17 (2024-01-01 03:45)' for a step, on the site's clock."""
        stamp = self.timeline.local[step].strftime("%Y-%m-%d %H:%M")
        position = int(self.origin[step])
        return f"{self.rows.name(position)} ({stamp})" if position >= 0 else f"filled step {stamp}"

    def list(self, steps: Ints) -> str:
        """The first few places, the rest counted."""
        rest = len(steps) - FIRST
        return ", ".join(self.place(int(step)) for step in steps[:FIRST]) + (f" and {rest} more" if rest > 0 else "")


def read_series(spec: TableInput, folder: Path, zone: str) -> Reading:
    """The column `spec` names, on an even grid; one InputError tells everything wrong with file, stamps and cells."""
    with existing(folder, spec.file).open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    # The same table at another scale or unit is not read anew: a sweep asks for it thousands of times.
    table = TableInput.model_validate({name: getattr(spec, name) for name in TableInput.model_fields})
    return _read(table, folder, zone, content)


@lru_cache(maxsize=16)
def _read(spec: TableInput, folder: Path, zone: str, content: str) -> Reading:
    faults = Faults()
    table, rows = read_table(spec, folder)
    if len(table) < 2:
        raise InputError([Fault("file", "holds fewer than two rows", repr(spec.file))])
    values = read_numbers(table[spec.column], spec, rows, faults)
    timed = _dated(spec, table, zone, rows, faults)
    faults.raise_if_any()
    assert timed is not None  # a missing one has left a fault
    timeline, slots = timed
    grid = np.full(timeline.steps, np.nan)
    grid[slots] = values
    origin = np.full(timeline.steps, -1, dtype=np.int64)
    origin[slots] = np.arange(len(values))
    bare = Reading(timeline, grid, rows, origin)
    filled, remarks = _close_gaps(bare, spec, faults)
    faults.raise_if_any()
    filled.setflags(write=False)
    return Reading(timeline, filled, rows, np.where(np.isnan(grid), -1, origin), remarks)


def _dated(
    spec: TableInput, table: pd.DataFrame, zone: str, rows: Rows, faults: Faults
) -> tuple[Timeline, Ints] | None:
    if spec.time_column is None:
        return _counted(spec, len(table), zone, faults)
    stamps = read_stamps(table[spec.time_column], spec, rows, faults)
    if stamps is None:
        return None
    utc = to_utc(stamps, spec, zone, rows, faults)
    return None if utc is None else _gridded(spec, utc, stamps, zone, rows, faults)


def _counted(spec: TableInput, count: int, zone: str, faults: Faults) -> tuple[Timeline, Ints] | None:
    """Rows without stamps: laid one after the other from `start`."""
    tz = clock(spec.zone or zone, "zone")
    try:
        start = pd.Timestamp(str(spec.start))
        start = start.tz_localize(tz) if start.tzinfo is None else start
    except ValueError as error:
        faults.add("start", f"is not a moment on the clock of {spec.zone or zone} ({error})", repr(spec.start),
                   "a date as 2024-01-01")  # fmt: skip
        return None
    return Timeline(start, int(spec.step_minutes or 0), count, zone), np.arange(count, dtype=np.int64)


def _gridded(
    spec: TableInput, utc: pd.DatetimeIndex, written: pd.Series, zone: str, rows: Rows, faults: Faults
) -> tuple[Timeline, Ints] | None:
    """Stamped rows: the step is found, order and grid are checked."""
    place = spec.time_column or "start"
    minutes = np.round(utc.as_unit("ms").asi8 / 60_000.0, 6)
    between = np.diff(minutes)
    rising = between[between > 0]
    step = float(np.median(rising)) if len(rising) else 0.0
    if step < 1 or step % 1:
        faults.add(place, "stamps do not rise by whole minutes", f"{step:g} min", "steps of 1 to 1440 min")
        return None
    if spec.step_minutes is not None and spec.step_minutes != step:
        faults.add("step_minutes", f"the stamps lie {step:g} min apart", spec.step_minutes, f"{step:g}")
    if not _in_order(spec, minutes, step, written, rows, faults):
        return None
    slots = np.asarray((minutes - minutes[0]) / step, dtype=np.int64)
    start = utc[0] - pd.Timedelta(minutes=step if spec.stamps == "end" else 0)
    return Timeline(start, int(step), int(slots[-1]) + 1, zone), slots


def _in_order(spec: TableInput, minutes: Floats, step: float, written: pd.Series, rows: Rows, faults: Faults) -> bool:
    """True where stamps rise on one grid without repetition; otherwise the rows at fault are told."""
    place = spec.time_column or "start"
    again = np.flatnonzero(pd.Series(minutes).duplicated().to_numpy())
    # A repeated block steps back once: that is told as repetition, not as disorder too.
    back = np.setdiff1d(np.flatnonzero(np.diff(minutes) < 0) + 1, again)
    off = np.flatnonzero((minutes - minutes[0]) % step != 0)
    if len(again):
        fixed = spec.zone is not None and clock(spec.zone, "zone").utcoffset(None) is not None
        changing = f"; or, if the clock of the file is changed twice a year, a place instead of zone {spec.zone}"
        faults.add(place, f"stamps that come twice ({len(again)}): {rows.list(again, written)}",
                   cure="Keep one row of each" + (changing if fixed else "") + ".")  # fmt: skip
    if len(back):
        faults.add(place, f"rows that go back in time ({len(back)}): {rows.list(back, written)}", cure="Sort the rows.")
    if len(off):
        faults.add(place, f"stamps off the {step:g} min grid of the first row ({len(off)}): {rows.list(off, written)}")
    return not (len(again) or len(back) or len(off))


def _close_gaps(bare: Reading, spec: TableInput, faults: Faults) -> tuple[Floats, tuple[str, ...]]:
    """Values with gaps filled as the case says; gaps that may not be filled are faults."""
    starts, ends = _runs(np.isnan(bare.values))
    if not len(starts):
        return bare.values, ()
    step_h = bare.timeline.step_h
    hours = (ends - starts) * step_h
    over = hours > (spec.fill_at_most_hours if spec.fill else -1.0)
    if over.any():
        _tell_gaps(bare, spec, starts[over], ends[over], faults)
        return bare.values, ()
    filled = _fill(bare, spec, starts, ends, faults)
    way = {"zero": "with zero", "interpolate": "by interpolation"}.get(str(spec.fill), f"from the {spec.fill}")
    return filled, (
        f"{spec.file}, {spec.column}: gaps ({len(starts)}) of {hours.sum():g} h together "
        f"(longest {hours.max():g} h) filled {way.replace('_', ' ')}.",
    )


def _tell_gaps(bare: Reading, spec: TableInput, starts: Ints, ends: Ints, faults: Faults) -> None:
    local = bare.timeline.local
    told = []
    for start, end in list(zip(starts, ends, strict=True))[:FIRST]:
        span = f"{local[start]:%Y-%m-%d %H:%M}, {end - start} of {bare.timeline.step_minutes} min"
        at = int(bare.origin[start])
        before = int(bare.origin[start - 1]) if start else 0
        told.append(f"{bare.rows.name(at)} ({span}: empty)" if at >= 0 else
                    f"after {bare.rows.name(before)} ({span}: no rows)")  # fmt: skip
    rest = len(starts) - FIRST
    faults.add(
        spec.column,
        f"gaps ({len(starts)}): " + "; ".join(told) + (f"; and {rest} more" if rest > 0 else ""),
        allowed=f"gaps of at most {spec.fill_at_most_hours:g} h (fill_at_most_hours)" if spec.fill else "no gaps",
        cure="Complete the file, or say how gaps are filled: fill: interpolate | previous_week | previous_day | zero"
        + (", and raise fill_at_most_hours." if spec.fill else "."),
    )


def _runs(missing: np.ndarray) -> tuple[Ints, Ints]:
    """Starts and ends (exclusive) of each stretch of True."""
    edges = np.diff(np.concatenate(([0], missing.astype(np.int64), [0])))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)


def _fill(bare: Reading, spec: TableInput, starts: Ints, ends: Ints, faults: Faults) -> Floats:
    values = bare.values.copy()
    missing = np.isnan(values)
    if spec.fill == "zero":
        values[missing] = 0.0
    elif spec.fill == "interpolate":
        steps = np.arange(len(values))
        values[missing] = np.interp(steps[missing], steps[~missing], values[~missing])
    else:
        back = (7 if spec.fill == "previous_week" else 1) * 24 * 60 // bare.timeline.step_minutes
        for start, end in zip(starts, ends, strict=True):
            if start < back:
                faults.add(spec.column, f"nothing to fill from: the gap at {bare.place(start)} comes too early",
                           spec.fill, cure="Use fill: interpolate.")  # fmt: skip
                continue
            # A gap longer than the look-back copies what was filled just before, step by step.
            for step in range(start, end):
                values[step] = values[step - back]
    return values
