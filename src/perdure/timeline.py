"""The ruler under every series: when it starts, how long a step is, how many steps, in which zone.

UTC inside, the local zone at the edges. A row is the interval that *starts* at its stamp.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perdure.errors import Fault, InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Timeline:
    """`steps` intervals of `step_minutes`, the first starting at `start` (timezone-aware; kept in UTC)."""

    start: pd.Timestamp
    step_minutes: int
    steps: int
    zone: str = "UTC"

    def __post_init__(self) -> None:
        start = pd.Timestamp(self.start)
        if start.tzinfo is None:
            raise InputError(
                [Fault("timeline.start", "has no time zone", str(start), cure="Give an aware time stamp.")]
            )
        if self.steps < 1 or self.step_minutes < 1:
            raise InputError(
                [Fault("timeline", "is empty", f"{self.steps} steps of {self.step_minutes} min", "at least 1 of each")]
            )
        ZoneInfo(self.zone)
        object.__setattr__(self, "start", start.tz_convert("UTC"))

    @classmethod
    def year(cls, year: int, zone: str = "UTC", step_minutes: int = 15) -> Timeline:
        """One local calendar year."""
        first = pd.Timestamp(f"{year}-01-01", tz=zone)
        last = pd.Timestamp(f"{year + 1}-01-01", tz=zone)
        steps = int((last - first) / pd.Timedelta(minutes=step_minutes))
        return cls(first, step_minutes, steps, zone)

    @property
    def step_h(self) -> float:
        """Length of a step in hours."""
        return self.step_minutes / 60.0

    @property
    def hours(self) -> float:
        """Length of the whole timeline in hours."""
        return self.steps * self.step_h

    @property
    def end(self) -> pd.Timestamp:
        """The moment the last step ends (UTC)."""
        return self.start + pd.Timedelta(minutes=self.step_minutes * self.steps)

    @property
    def covers_a_year(self) -> bool:
        """True for 365 or 366 days."""
        return self.hours in (8760.0, 8784.0)

    @cached_property
    def stamps(self) -> pd.DatetimeIndex:
        """Interval starts in UTC (steps,)."""
        return pd.date_range(self.start, periods=self.steps, freq=f"{self.step_minutes}min")

    @cached_property
    def local(self) -> pd.DatetimeIndex:
        """Interval starts on the local clock (steps,)."""
        return self.stamps.tz_convert(self.zone)

    @cached_property
    def half_hour(self) -> Ints:
        """Half hour of the local day, 0..47 (steps,)."""
        return np.asarray(self.local.hour * 2 + self.local.minute // 30, dtype=np.int64)

    @cached_property
    def month(self) -> Ints:
        """Local calendar month, 1..12 (steps,)."""
        return np.asarray(self.local.month, dtype=np.int64)

    @cached_property
    def weekend(self) -> NDArray[np.bool_]:
        """True on local Saturdays and Sundays (steps,)."""
        return np.asarray(self.local.day_of_week >= 5, dtype=np.bool_)

    @cached_property
    def period(self) -> Ints:
        """Index of the billing month each step falls in, 0.. in order (steps,)."""
        serial = np.asarray(self.local.year * 12 + self.local.month, dtype=np.int64)
        return np.asarray(serial - serial[0], dtype=np.int64)

    @cached_property
    def period_labels(self) -> tuple[str, ...]:
        """'2025-01', '2025-02', ... one per billing month."""
        firsts = np.unique(self.period, return_index=True)[1]
        return tuple(stamp.strftime("%Y-%m") for stamp in self.local[firsts])

    def sum_by_period(self, values: Floats) -> Floats:
        """Sum of a per-step array in each billing month (periods,)."""
        return np.asarray(np.bincount(self.period, weights=values), dtype=np.float64)

    def align(self, values: Floats, source: Timeline, name: str = "series") -> Floats:
        """A mean-power (or price, or temperature) series of `source`, told in the steps of this timeline (steps,).

        Finer series are averaged, coarser ones held. Raises InputError where `source` does not cover this
        timeline or the steps do not divide each other.
        """
        long, short = max(self.step_minutes, source.step_minutes), min(self.step_minutes, source.step_minutes)
        offset = int((self.start - source.start) / pd.Timedelta(minutes=1))
        if self.start < source.start or self.end > source.end:
            raise InputError(
                [
                    Fault(
                        name,
                        "does not cover the whole timeline",
                        f"{source.start} to {source.end}",
                        f"{self.start} to {self.end}",
                    )
                ]
            )
        if long % short or offset % short:
            raise InputError(
                [Fault(name, "has steps that do not divide the timeline's", f"{source.step_minutes} min",
                       f"a divisor or multiple of {self.step_minutes} min on the same grid")]
            )  # fmt: skip
        fine = np.repeat(values, source.step_minutes // short)[offset // short :]
        per_step = self.step_minutes // short
        return np.asarray(fine[: self.steps * per_step].reshape(self.steps, per_step).mean(axis=1))


def highest(group: Ints, values: Floats, least: Floats) -> Floats:
    """The highest of `values` (steps,) in each group (groups,), at least `least`; steps of group -1 count to none."""
    out = np.array(least, dtype=np.float64)
    runs = np.flatnonzero(np.diff(group, prepend=-2))
    if runs.size:
        of_run, grouped = np.maximum.reduceat(values, runs), group[runs] >= 0
        np.maximum.at(out, group[runs][grouped], of_run[grouped])
    return out
