"""Windows of a service: which steps lie in given months, days, clock ranges or dates, and where two windows meet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BeforeValidator, Field

from perdure.errors import Faults
from perdure.market.calendar import HALF_HOURS, clock, half_hours
from perdure.market.terms import Frozen
from perdure.timeline import Floats, Timeline

Day = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
DAYS: tuple[Day, ...] = get_args(Day)
_WORDS = {"all": DAYS, "weekday": DAYS[:5], "weekend": DAYS[5:]}


def _listed(value: object) -> object:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _days(value: object) -> object:
    return _WORDS[value] if isinstance(value, str) and value in _WORDS else _listed(value)


def _ranges(value: tuple[str, ...]) -> tuple[str, ...]:
    for text in value:
        try:
            half_hours(text)
        except ValueError as reason:
            raise ValueError(f"'{text}' {reason}; give a range on half hours such as 17:00-21:00") from None
    return value


Ranges = Annotated[
    tuple[str, ...],
    Field(min_length=1),
    AfterValidator(_ranges),
    BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...]),
]
Days = Annotated[
    tuple[Day, ...], Field(min_length=1), BeforeValidator(_days, json_schema_input_type=str | tuple[Day, ...])
]
Month = Annotated[int, Field(ge=1, le=12)]


class Window(Frozen):
    """Months, days and clock ranges on half hours; a range past midnight counts by the calendar day of each part."""

    hours: Ranges = Field(("00:00-24:00",), description="Clock ranges such as 17:00-21:00.")
    months: Annotated[tuple[Month, ...], Field(min_length=1)] = Field(
        tuple(range(1, 13)), description="Months, 1 to 12; all unless set."
    )
    days: Days = Field(DAYS, description="all, weekday, weekend, or a list such as [Mon, Tue].")
    dates: tuple[date, ...] = Field((), description="Only these dates; any unless set.")

    @property
    def table(self) -> NDArray[np.bool_]:
        """True where the window holds, without regard to dates (12 months, 7 days, 48 half hours)."""
        found = np.zeros((12, 7, HALF_HOURS), dtype=np.bool_)
        clock_half_hours = [half_hour for text in self.hours for half_hour in half_hours(text)]
        days = [DAYS.index(day) for day in self.days]
        found[np.ix_([month - 1 for month in self.months], days, clock_half_hours)] = True
        return found

    def share(self, timeline: Timeline) -> Floats:
        """Share of each step that lies in the window, on the local clock (steps,)."""
        part_minutes = math.gcd(timeline.step_minutes, 30, int(timeline.local[0].minute))
        parts = timeline.step_minutes // part_minutes
        fine = Timeline(timeline.start, part_minutes, timeline.steps * parts, timeline.zone) if parts > 1 else timeline
        inside = self.table[fine.month - 1, np.asarray(fine.local.day_of_week), fine.half_hour]
        if self.dates:
            days = fine.local.tz_localize(None).normalize()
            inside = inside & np.asarray(days.isin([np.datetime64(day) for day in self.dates]))
        return np.asarray(inside.reshape(timeline.steps, parts).mean(axis=1), dtype=np.float64)

    def inside(self, timeline: Timeline) -> NDArray[np.bool_]:
        """True where at least half of the step lies in the window (steps,)."""
        return np.asarray(self.share(timeline) >= 0.5)

    def meets(self, other: Window) -> str | None:
        """'month 7, Mon 17:00-18:00' where both hold at once, or None."""
        both = self.table & other.table
        if self.dates or other.dates:
            days = set(self.dates) & set(other.dates) if self.dates and other.dates else {*self.dates, *other.dates}
            met = [day for day in sorted(days) if both[day.month - 1, day.weekday()].any()]
            return f"{met[0]} {_first_range(both[met[0].month - 1, met[0].weekday()])}" if met else None
        if not both.any():
            return None
        month, weekday, _ = np.argwhere(both)[0]
        return f"month {month + 1}, {DAYS[weekday]} {_first_range(both[month, weekday])}"


def _first_range(day: NDArray[np.bool_]) -> str:
    first = int(np.argmax(day))
    rest = np.flatnonzero(~day[first:])
    return clock(first, first + int(rest[0]) if len(rest) else HALF_HOURS)


def check_apart(windows: Sequence[Window], place: str, faults: Faults) -> None:
    """Note every pair of windows that hold at once."""
    for i, window in enumerate(windows):
        for j in range(i):
            where = window.meets(windows[j])
            if where is not None:
                faults.add(
                    f"{place}[{i}]", f"overlaps {place}[{j}]", where, cure="Let windows of one service not meet."
                )


def within(windows: Sequence[Window], timeline: Timeline) -> NDArray[np.bool_]:
    """True where a step lies in any window; everywhere where there is none (steps,)."""
    if not windows:
        return np.ones(timeline.steps, dtype=np.bool_)
    return np.asarray(np.any([window.inside(timeline) for window in windows], axis=0))
