"""Price calendars: which named period holds in each half hour of each month and kind of day, laid over a timeline."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from perdure.errors import Faults
from perdure.timeline import Floats, Ints, Timeline

DAY_KINDS = ("weekday", "weekend", "holiday")
HALF_HOURS = 48
_RANGE = re.compile(r"^\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*$")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def half_hours(text: str) -> tuple[int, ...]:
    """The half hours (0..47) of a clock range such as '08:00-11:30'; a range may run past midnight.

    Raises ValueError with a reason where it is no such range.
    """
    match = _RANGE.match(text)
    if match is None:
        raise ValueError("is no clock range")
    hour_a, minute_a, hour_b, minute_b = map(int, match.groups())
    begin, end = hour_a * 60 + minute_a, hour_b * 60 + minute_b
    if begin % 30 or end % 30 or minute_a >= 60 or minute_b >= 60:
        raise ValueError("does not lie on half hours")
    if begin >= 1440 or end > 1440 or begin == end:
        raise ValueError("does not lie within a day")
    first, last = begin // 30, end // 30
    return tuple(range(first, last)) if last > first else (*range(first, HALF_HOURS), *range(last))


def clock(first: int, last: int) -> str:
    """'08:00-11:30' for half hours `first` up to before `last`."""
    return f"{first // 2:02d}:{first % 2 * 30:02d}-{last // 2:02d}:{last % 2 * 30:02d}"


def runs(values: Sequence[object]) -> Iterator[tuple[object, int, int]]:
    """Each stretch of equal values: the value, its first index and the one after its last."""
    begin = 0
    for i in range(1, len(values) + 1):
        if i == len(values) or values[i] != values[begin]:
            yield values[begin], begin, i
            begin = i


def months_text(months: Iterable[int]) -> str:
    """'Jun, Jul, Aug'."""
    return ", ".join(_MONTHS[month - 1] for month in months)


def day_of_periods(periods: Mapping[str, Sequence[str]], place: str, names: Sequence[str], faults: Faults) -> Ints:
    """Period index of each half hour of a day (48,); every hole, overlap and malformed range becomes a fault."""
    found: list[list[str]] = [[] for _ in range(HALF_HOURS)]
    for name, ranges in periods.items():
        for text in ranges:
            try:
                covered = half_hours(text)
            except ValueError as reason:
                faults.add(f"{place}.{name}", str(reason), repr(text), "a range on half hours such as '08:00-11:30'")
                return np.zeros(HALF_HOURS, dtype=np.int64)
            for half_hour in covered:
                found[half_hour].append(name)
    for held, first, last in runs([tuple(names_here) for names_here in found]):
        if held == ():
            faults.add(place, f"{clock(first, last)} is in no period", cure="Give every half hour exactly one period.")
        elif isinstance(held, tuple) and len(held) > 1:
            faults.add(place, f"{clock(first, last)} is in {len(held)} periods", ", ".join(held), "one period each")
    return np.array([names.index(held[0]) if held else 0 for held in found], dtype=np.int64)


@dataclass(frozen=True)
class Laid:
    """A calendar on a timeline: the period index in each equal part of each step (steps, parts)."""

    parts: Ints

    def mean(self, values: Floats) -> Floats:
        """A value per period, as its time-weighted mean in each step (steps,)."""
        if self.parts.shape[1] == 1:
            return np.asarray(values, dtype=np.float64)[self.parts[:, 0]]
        return np.asarray(np.asarray(values, dtype=np.float64)[self.parts].mean(axis=1))

    @cached_property
    def split(self) -> bool:
        """True where some step spans two periods."""
        return bool((self.parts != self.parts[:, :1]).any())

    @cached_property
    def main(self) -> Ints:
        """The period that holds longest in each step, the earlier at a tie (steps,)."""
        count = np.stack([(self.parts == self.parts[:, [i]]).sum(axis=1) for i in range(self.parts.shape[1])], axis=1)
        return np.asarray(self.parts[np.arange(len(self.parts)), count.argmax(axis=1)])

    def remarks(self, grouped: bool = False) -> tuple[str, ...]:
        """What was averaged; `grouped` where a step also has to belong to one period."""
        if not self.split:
            return ()
        told = "Steps that span two price periods take the time-weighted mean price"
        return (told + (" and count whole in the period that holds longest." if grouped else "."),)


@dataclass(frozen=True)
class Calendar:
    """Which period holds: `table` (12 months, 3 kinds of day, 48 half hours) of indices into `names`."""

    names: tuple[str, ...]
    table: Ints
    holidays: frozenset[date] = frozenset()

    @classmethod
    def of_hours(cls, names: Sequence[str], weekday: object, weekend: object) -> Calendar:
        """From two 12 x 24 tables of indices; holidays are not told apart from the day they fall on."""
        tables = [np.repeat(np.asarray(table, dtype=np.int64), 2, axis=1) for table in (weekday, weekend, weekend)]
        return cls(tuple(names), np.stack(tables, axis=1))

    def lay(self, timeline: Timeline) -> Laid:
        """Lay the calendar on a timeline, on its local clock."""
        minute = int(timeline.local[0].minute)
        part_minutes = math.gcd(timeline.step_minutes, 30, minute)
        parts = timeline.step_minutes // part_minutes
        fine = Timeline(timeline.start, part_minutes, timeline.steps * parts, timeline.zone) if parts > 1 else timeline
        kind = fine.weekend.astype(np.int64)
        if self.holidays:
            days = fine.local.tz_localize(None).normalize()
            kind[np.asarray(days.isin([np.datetime64(day) for day in self.holidays]))] = 2
        return Laid(self.table[fine.month - 1, kind, fine.half_hour].reshape(timeline.steps, parts))

    def text(self) -> tuple[str, ...]:
        """The calendar as lines such as 'Jun, Jul (weekday): peak 14:00-22:00; flat 22:00-24:00'."""
        return tuple(
            f"{months}{'' if kinds == 'all' else f' ({kinds})'}: {day}"
            for (kinds, day), months in self._by_day().items()
        )

    def _by_day(self) -> dict[tuple[str, str], str]:
        kinds = DAY_KINDS if self.holidays else DAY_KINDS[:2]
        months: dict[tuple[str, str], list[int]] = {}
        for month in range(12):
            days: dict[str, list[str]] = {}
            for index, kind in enumerate(kinds):
                days.setdefault(self._day_text(self.table[month, index]), []).append(kind)
            for day, held in days.items():
                months.setdefault(("all" if len(held) == len(kinds) else ", ".join(held), day), []).append(month + 1)
        return {key: months_text(found) for key, found in months.items()}

    def _day_text(self, day: Ints) -> str:
        where: dict[str, list[str]] = {}
        for index, first, last in runs([int(i) for i in day]):
            where.setdefault(self.names[int(str(index))], []).append(clock(first, last))
        return "; ".join(f"{name} {', '.join(ranges)}" for name, ranges in where.items())
