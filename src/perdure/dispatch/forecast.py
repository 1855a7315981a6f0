"""Forecasters behind one interface: what load or price may be over a window, as quantiles, from the past alone.

A forecast made at an origin (a step number) uses the series before that step, the calendar, and what is published
ahead; nothing else. `tests/dispatch/test_forecast.py` changes the future and finds every forecast unchanged.

Point forecasts learn anew every week, later every four. Their quantiles are those of their own errors in the eight
weeks before, by hour of day, working day or not, and how far ahead: no shape of distribution is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from perdure.errors import Fault, InputError
from perdure.timeline import Floats, Ints, Timeline

Marks = NDArray[np.bool_]

LEVELS = np.array([0.15, 0.5, 0.8, 0.95, 0.99])
"""What a plan distinguishes: few quantiles, close together where a demand charge is decided."""
MEMORY_DAYS = 56
EARLY_WEEKS = 8
ERROR_EVERY_H = 5.25
"""Errors are looked at from origins this far apart: they meet every quarter of the day in turn."""
THIN = 3
"""Of neighbouring errors, which are much alike, every third is looked at."""
FARTHEST_STEPS_H = (1.0, 4.0, 12.0, 1e9)
"""How far ahead (hours) the groups of errors end."""


@dataclass(frozen=True)
class Published:
    """A series known ahead, such as day-ahead prices: each local day appears at `hour` of the day before."""

    values: Floats  # (steps,)
    hour: int = 18


@dataclass(frozen=True)
class Series:
    """What is to be forecast. Only the part before an origin may be used at that origin."""

    timeline: Timeline
    values: Floats  # (steps,)
    published: tuple[Published, ...] = ()
    weather: tuple[Floats, ...] = ()  # (steps,) each; before the origin as measured, after it as its day before
    made: dict[object, Floats] = field(default_factory=dict, compare=False, repr=False)  # tables made once

    @property
    def day_steps(self) -> int:
        """Steps of a day."""
        return round(24.0 / self.timeline.step_h)

    @cached_property
    def slot(self) -> Ints:
        """Step of the local day (steps,)."""
        local = self.timeline.local
        return np.asarray((local.hour * 60 + local.minute) // self.timeline.step_minutes, dtype=np.int64)

    @cached_property
    def day(self) -> Ints:
        """Local days since the start (steps,)."""
        stamps = self.timeline.local.tz_localize(None).normalize()
        return np.asarray((stamps - stamps[0]).days, dtype=np.int64)

    @cached_property
    def weekday(self) -> Ints:
        """0 Monday .. 6 Sunday (steps,)."""
        return np.asarray(self.timeline.local.day_of_week, dtype=np.int64)

    def by_day(self, values: Floats) -> Floats:
        """The series as (days, steps of a day); NaN where the clock skips."""
        out = np.full((int(self.day[-1]) + 1, self.day_steps), np.nan)
        out[self.day, self.slot] = values
        return out


class Forecaster(Protocol):
    """Anything that tells quantiles of a series over a window, from the past of each origin."""

    @property
    def name(self) -> str:
        """Its name in a case file."""

    def quantiles(self, series: Series, origins: Ints, window: int, levels: Floats) -> Floats:
        """Quantiles (origins, levels, window): entry [i, q, k] for step `origins[i] + k`; past the end, held."""


def learning_steps(series: Series) -> Ints:
    """The steps at which forecasters learn anew: weekly at first, when little is known, then every four weeks."""
    week = 7 * series.day_steps
    weeks = -(-series.values.size // week)
    return np.array([n * week for n in range(weeks) if n < EARLY_WEEKS or (n - EARLY_WEEKS) % 4 == 0], dtype=np.int64)


def targets_of(origins: Ints, window: int, steps: int) -> Ints:
    """Step numbers (origins, window), held at the last step."""
    return np.asarray(np.minimum(origins[:, None] + np.arange(window), steps - 1), dtype=np.int64)


class FromErrors:
    """Quantiles of a point forecaster from its own past errors."""

    def learn(self, series: Series, before: int, window: int) -> object:
        """What the point forecast needs from `series` before a step."""
        return None

    def points(self, series: Series, origins: Ints, window: int, learnt: object) -> Floats:
        """Point forecasts (origins, window)."""
        raise NotImplementedError

    def kinds(self, series: Series, before: int, target: Ints) -> Ints:
        """Which of 48 kinds of step the targets are, each with its own errors: hour of the day, working day or not."""
        hour = series.slot[target] // max(series.day_steps // 24, 1)
        return np.asarray(hour + 24 * (series.weekday[target] >= 5), dtype=np.int64)

    def quantiles(self, series: Series, origins: Ints, window: int, levels: Floats) -> Floats:
        """As the protocol says: points plus quantiles of the errors of the weeks before."""
        out = np.empty((origins.size, levels.size, window))
        starts = learning_steps(series)
        block = np.searchsorted(starts, origins, side="right") - 1
        for number in np.unique(block):
            rows = np.flatnonzero(block == number)
            before = int(starts[number])
            learnt = self.learn(series, before, window)
            points = self.points(series, origins[rows], window, learnt)
            spread = self._spread(series, before, window, learnt, levels)
            target = targets_of(origins[rows], window, series.values.size)
            kind = self.kinds(series, before, target)
            lead = lead_group(window, series.timeline.step_h)
            out[rows] = points[:, None, :] + np.moveaxis(spread[kind, lead[None, :]], 2, 1)
        return out

    def _errors(self, series: Series, window: int, stride: int, numbers: slice, learnt: object) -> Floats:
        """What followed minus what was forecast, from every `stride`-th step; once for all where nothing is learnt."""
        every = np.arange(0, series.values.size, stride)
        if learnt is not None:
            return series.values[targets_of(every[numbers], window, series.values.size)] - self.points(
                series, every[numbers], window, learnt
            )
        key = self, window
        if key not in series.made:
            followed = series.values[targets_of(every, window, series.values.size)]
            series.made[key] = followed - self.points(series, every, window, None)
        return series.made[key][numbers]

    def _spread(self, series: Series, before: int, window: int, learnt: object, levels: Floats) -> Floats:
        """Quantiles of past errors (48 kinds of hour, lead groups, levels); zero where there is no past."""
        groups = len(FARTHEST_STEPS_H)
        out = np.zeros((48, groups, levels.size))
        stride = max(round(ERROR_EVERY_H / series.timeline.step_h), 1)
        oldest = max(before - MEMORY_DAYS * series.day_steps, 2 * series.day_steps)
        numbers = slice(-(-oldest // stride), -(-before // stride))
        origins = np.arange(numbers.start, numbers.stop) * stride
        if origins.size == 0:
            return out
        target = origins[:, None] + np.arange(window)
        seen = (target < before) & (target % THIN == 0)
        target = np.minimum(target, before - 1)
        error = self._errors(series, window, stride, numbers, learnt)
        lead = np.broadcast_to(lead_group(window, series.timeline.step_h), target.shape)
        key = (self.kinds(series, before, target) * groups + lead)[seen]
        fill_quantiles(key, error[seen], levels, out.reshape(48 * groups, levels.size), pool=groups)
        return out


def lead_group(window: int, step_h: float) -> Ints:
    """Which group of errors each step ahead belongs to (window,)."""
    ahead = (np.arange(window) + 1.0) * step_h
    return np.searchsorted(np.array(FARTHEST_STEPS_H), ahead - 1e-9).astype(np.int64)


def fill_quantiles(key: Ints, values: Floats, levels: Floats, out: Floats, pool: int, fewest: int = 12) -> None:
    """Quantiles of the values of each key into `out` (keys, levels); keys seen seldom take those of key % pool."""
    order = np.lexsort((values, key))
    found, first, count = np.unique(key[order], return_index=True, return_counts=True)
    ordered = values[order]
    for group in range(pool):
        out[group::pool] = np.quantile(values[key % pool == group], levels) if np.any(key % pool == group) else 0.0
    enough = count >= fewest
    place = first[enough, None] + levels * (count[enough, None] - 1)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, (first + count - 1)[enough, None])
    out[found[enough]] = ordered[low] + (place - low) * (ordered[high] - ordered[low])


@dataclass(frozen=True, eq=False)
class Given(FromErrors):
    """A forecast the user brings: one value per step, as known before the step's day; quantiles from its errors."""

    values: Floats
    name: str = "given"

    def points(self, series: Series, origins: Ints, window: int, learnt: object) -> Floats:
        """The series itself."""
        if self.values.shape != series.values.shape:
            raise InputError(
                [Fault("forecast.given", "has a wrong length", str(self.values.shape), str(series.values.shape))]
            )
        return self.values[targets_of(origins, window, series.values.size)]


@dataclass(frozen=True, eq=False)
class GivenQuantiles:
    """A forecast the user brings with its quantiles: the same at every lead, straight lines between its levels."""

    given_levels: Floats  # (given,) rising
    values: Floats  # (given, steps) rising with the level
    name: str = "given"

    def quantiles(self, series: Series, origins: Ints, window: int, levels: Floats) -> Floats:
        """As the protocol says; beyond the outermost levels given, those."""
        place = np.interp(levels, self.given_levels, np.arange(self.given_levels.size))
        low = np.minimum(place.astype(np.int64), self.given_levels.size - 1)
        high, share = np.minimum(low + 1, self.given_levels.size - 1), place - low
        target = targets_of(origins, window, series.values.size)
        wanted = self.values[low] + share[:, None] * (self.values[high] - self.values[low])
        return np.asarray(np.moveaxis(wanted[:, target], 0, 1))


@dataclass(frozen=True)
class Perfect:
    """The truth: for tests, and for the part of a series that is known (a fixed tariff)."""

    name: str = "perfect"

    def quantiles(self, series: Series, origins: Ints, window: int, levels: Floats) -> Floats:
        """The series itself at every level."""
        known = series.values[targets_of(origins, window, series.values.size)]
        return np.repeat(known[:, None, :], levels.size, axis=1)
