"""Forecasters a case can name: persistence, similar days, ridge regression, what is published ahead."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from perdure.dispatch.forecast import (
    ERROR_EVERY_H,
    MEMORY_DAYS,
    Forecaster,
    FromErrors,
    Published,
    Series,
    targets_of,
)
from perdure.timeline import Floats, Ints

Marks = NDArray[np.bool_]


@dataclass(frozen=True)
class Persistence(FromErrors):
    """Tomorrow as today: the same step of the latest day known, moved on to the level of the last hour at first."""

    name: str = "persistence"
    hold_h: float = 2.0

    def points(self, series: Series, origins: Ints, window: int, learnt: object) -> Floats:
        """The value a day before (two days, where that lies ahead), plus the present deviation, fading."""
        target = targets_of(origins, window, series.values.size)
        values = lagged(series, series.values, origins, target, 1)
        return values + fading(series, origins, window, self.hold_h, deviation(series, origins, 1))


def lagged(series: Series, values: Floats, origins: Ints, target: Ints, days: int) -> Floats:
    """The value `days` (or the next multiple that is known at the origin) before each target."""
    per = series.day_steps
    back = days * per * np.maximum(np.ceil((target - origins[:, None] + 1) / (days * per)), 1).astype(np.int64)
    return np.asarray(values[np.maximum(np.minimum(target - back, origins[:, None] - 1), 0)])


def deviation(series: Series, origins: Ints, hours: float) -> Floats:
    """How far the last hours lay above the day before (origins,)."""
    change = series.values.copy()
    change[series.day_steps :] -= series.values[: -series.day_steps]
    change[: series.day_steps] = 0.0
    return trailing(change, origins, max(round(hours / series.timeline.step_h), 1))


def trailing(values: Floats, origins: Ints, steps: int) -> Floats:
    """Mean of the `steps` values before each origin (origins,); zero at the very start."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    begin = np.maximum(origins - steps, 0)
    return np.asarray((total[origins] - total[begin]) / np.maximum(origins - begin, 1))


def fading(series: Series, origins: Ints, window: int, hold_h: float, level: Floats) -> Floats:
    """A level at each origin, halved every `hold_h` hours ahead (origins, window)."""
    share = 0.5 ** ((np.arange(window) + 0.5) * series.timeline.step_h / hold_h)
    return level[:, None] * share


@dataclass(frozen=True)
class SimilarDay(FromErrors):
    """The mean of the latest days of the same weekday and of the same kind (working or not), older ones less."""

    name: str = "similar_day"
    hold_h: float = 2.0
    look_back_days: int = 28
    fade_per_day: float = 0.95
    same_weekday: float = 3.0

    def learn(self, series: Series, before: int, window: int) -> object:
        """Nothing: every origin looks back itself."""
        return None

    def points(self, series: Series, origins: Ints, window: int, learnt: object) -> Floats:
        """The profile of similar days, plus the present deviation from it, fading."""
        profile = self.profile(series, origins, window)
        steps = max(round(1.0 / series.timeline.step_h), 1)
        past = np.maximum(origins - steps, 0)
        own = self.profile(series, past, steps)
        actual = series.values[np.minimum(past[:, None] + np.arange(steps), np.maximum(origins - 1, 0)[:, None])]
        return profile + fading(series, origins, window, self.hold_h, (actual - own).mean(axis=1))

    def profile(self, series: Series, origins: Ints, window: int) -> Floats:
        """Weighted means of similar days before each origin's day (origins, window)."""
        target = targets_of(origins, window, series.values.size)
        days = series.day[np.minimum(origins, series.values.size - 1)]
        if self not in series.made:
            series.made[self] = self._table(series, 2 + window // series.day_steps)
        ahead = np.minimum(series.day[target] - days[:, None], series.made[self].shape[1] - 1)
        return np.asarray(series.made[self][days[:, None], ahead, series.slot[target]])

    def _table(self, series: Series, days_ahead: int) -> Floats:
        """For each local day what its next days look like, from the days before it (days, days ahead, day's steps)."""
        by_day = series.by_day(series.values)
        weekday = (int(series.weekday[0]) + np.arange(by_day.shape[0] + days_ahead)) % 7
        table = np.zeros((by_day.shape[0], days_ahead, series.day_steps))
        table[0] = series.values[0]
        for day in range(1, by_day.shape[0]):
            past = np.arange(max(day - self.look_back_days, 0), day)
            same = weekday[past][None, :] == weekday[day : day + days_ahead][:, None]
            kind = (weekday[past] >= 5)[None, :] == (weekday[day : day + days_ahead] >= 5)[:, None]
            alike = np.where(same, self.same_weekday, np.where(kind, 1.0, 0.02)) * self.fade_per_day ** (day - past)
            table[day] = weighted_mean(by_day[past], alike)
        return table


def weighted_mean(rows: Floats, weights: Floats) -> Floats:
    """Means of rows (n, k) that may hold NaN, by weights (m, n): (m, k); NaN everywhere gives zero."""
    missing = np.isnan(rows)
    if not missing.any():
        return np.asarray(weights @ rows / weights.sum(axis=1)[:, None])
    present = weights @ ~missing
    return np.asarray(weights @ np.where(missing, 0.0, rows) / np.where(present > 0, present, 1.0))


@dataclass(frozen=True)
class Ridge(FromErrors):
    """Least squares with a penalty, one set of weights per group of leads, learnt every week on the weeks before.

    It sees: the similar-day profile, the values a day and a week before, how far the last hour, four hours and day
    lay above the profile, the hour of the day and the weekend, weather of the day before, what is published ahead.
    """

    name: str = "ridge"
    penalty: float = 3.0
    base: SimilarDay = field(default_factory=SimilarDay)
    ends_h: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 24.0, 1e9)

    def _groups(self, window: int, step_h: float) -> Ints:
        ahead = (np.arange(window) + 1.0) * step_h
        return np.searchsorted(np.array(self.ends_h), ahead - 1e-9).astype(np.int64)

    def features(self, series: Series, origins: Ints, window: int) -> Floats:
        """What the weights multiply (origins, window, features); the first is the profile itself."""
        target = targets_of(origins, window, series.values.size)
        profile = self.base.profile(series, origins, window)
        wide = [profile, lagged(series, series.values, origins, target, 1)]
        wide.append(lagged(series, series.values, origins, target, 7))
        day = series.day_steps
        past = np.maximum(origins - day, 0)
        off = series.values[np.minimum(past[:, None] + np.arange(day), np.maximum(origins - 1, 0)[:, None])]
        off = off - self.base.profile(series, past, day)
        for hours in (1.0, 4.0, 24.0):
            steps = max(round(hours / series.timeline.step_h), 1)
            wide.append(np.broadcast_to(off[:, -steps:].mean(axis=1)[:, None], target.shape))
        angle = 2.0 * np.pi * series.slot[target] / day
        wide += [np.sin(angle), np.cos(angle), np.sin(2.0 * angle), np.cos(2.0 * angle)]
        wide.append((series.weekday[target] >= 5).astype(float))
        wide += [lagged(series, one, origins, target, 1) for one in series.weather]
        wide += [published_ahead(series, one, origins, target) for one in series.published]
        if series.published:
            wide += self._misses(series, series.published[0], origins, target, wide[-len(series.published)])
        return np.stack(wide, axis=2)

    def _misses(self, series: Series, one: Published, origins: Ints, target: Ints, ahead: Floats) -> list[Floats]:
        """How the series differed from what was published of it, a day before and of late."""
        miss = series.values - one.values
        late = [trailing(miss, origins, max(round(h / series.timeline.step_h), 1)) for h in (0.25, 1.0, 4.0, 24.0)]
        return [
            ahead - lagged(series, one.values, origins, target, 1),
            lagged(series, miss, origins, target, 1),
            *(np.broadcast_to(one[:, None], target.shape) for one in late),
        ]

    def learn(self, series: Series, before: int, window: int) -> object:
        """Weights per lead group; None before two weeks are known."""
        stride = max(round(ERROR_EVERY_H / series.timeline.step_h), 1)
        oldest = max(before - MEMORY_DAYS * series.day_steps, 7 * series.day_steps)
        origins = np.arange(oldest, before, stride)
        if before < 14 * series.day_steps:
            return None
        seen = origins[:, None] + np.arange(window) < before
        x = self.features(series, origins, window)
        y = series.values[np.minimum(origins[:, None] + np.arange(window), before - 1)]
        groups = self._groups(window, series.timeline.step_h)
        return {int(g): _fit(x[:, groups == g], y[:, groups == g], seen[:, groups == g], self.penalty)
                for g in np.unique(groups)}  # fmt: skip

    def points(self, series: Series, origins: Ints, window: int, learnt: object) -> Floats:
        """Weighted features; the similar days alone while too little is known."""
        if not isinstance(learnt, dict):
            return self.base.points(series, origins, window, None)
        x = self.features(series, origins, window)
        groups = self._groups(window, series.timeline.step_h)
        out = np.empty(x.shape[:2])
        for g in np.unique(groups):
            weights, offset = learnt[int(g)]
            out[:, groups == g] = x[:, groups == g] @ weights + offset
        return out


def _fit(x: Floats, y: Floats, seen: Marks, penalty: float) -> tuple[Floats, float]:
    """Ridge weights and offset; features are scaled to one, the penalty counts as so many samples per thousand."""
    if not np.any(seen):
        return np.eye(1, x.shape[-1])[0], 0.0
    rows, wanted = x[seen], y[seen]
    if rows.shape[0] > 6000:
        rows, wanted = rows[:: rows.shape[0] // 6000], wanted[:: rows.shape[0] // 6000]
    middle, mean = rows.mean(axis=0), float(wanted.mean())
    scale = rows.std(axis=0)
    scale = np.where(scale > 1e-9 * (1.0 + np.abs(middle)), scale, np.inf)
    z = (rows - middle) / scale
    strength = penalty * 1e-3 * len(rows)
    weights = np.linalg.solve(z.T @ z + strength * np.eye(z.shape[1]), z.T @ (wanted - mean)) / scale
    return weights, mean - float(middle @ weights)


def published_ahead(series: Series, one: Published, origins: Ints, target: Ints) -> Floats:
    """The published value where it is out at the origin; else the same step of the latest day that is."""
    last = series.values.size - 1
    at = np.minimum(origins, last)
    hour = series.slot[at] * series.timeline.step_minutes / 60.0
    days_out = series.day[at] + (hour >= one.hour)
    late = np.maximum(series.day[target] - days_out[:, None], 0)
    return np.asarray(one.values[np.clip(target - late * series.day_steps, 0, last)])


@dataclass(frozen=True)
class FromPublished(FromErrors):
    """What is published ahead (the first such series), with the spread that followed at its level and time of day.

    The same at every lead: what the last hours tell is left to the chances from rank to rank.
    """

    name: str = "published"

    def points(self, series: Series, origins: Ints, window: int, learnt: object) -> Floats:
        """The published value; the latest day's where it is not out yet."""
        target = targets_of(origins, window, series.values.size)
        return published_ahead(series, series.published[0], origins, target)

    def kinds(self, series: Series, before: int, target: Ints) -> Ints:
        """Eight levels of the published value, as in the weeks before, by four-hour part of the day."""
        values = series.published[0].values
        past = values[max(before - MEMORY_DAYS * series.day_steps, 0) : max(before, 1)]
        level = np.searchsorted(np.quantile(past, np.arange(1, 8) / 8.0), values[target])
        return np.asarray(level * 6 + series.slot[target] * 6 // series.day_steps, dtype=np.int64)


@dataclass(frozen=True)
class KnownDays:
    """What is known to the end of the day (and, from `hour` on, of the next) as it is; what lies beyond, forecast.

    Day-ahead prices: those of tomorrow are out at `hour` of today (0..23, local).
    """

    beyond: Forecaster = field(default_factory=Persistence)
    hour: int = 18
    name: str = "day_ahead"

    def quantiles(self, series: Series, origins: Ints, window: int, levels: Floats) -> Floats:
        """Every level the truth as far as it is published."""
        found = self.beyond.quantiles(series, origins, window, levels)
        target = targets_of(origins, window, series.values.size)
        at = np.minimum(origins, series.values.size - 1)
        last_day = series.day[at] + (series.slot[at] * series.timeline.step_minutes >= 60 * self.hour)
        known = series.day[target] <= last_day[:, None]
        return np.where(known[:, None, :], series.values[target][:, None, :], found)


FORECASTERS: dict[str, Forecaster] = {one.name: one for one in (Persistence(), SimilarDay(), Ridge(), FromPublished())}
"""Those a case file can name without more; `given` needs its series."""
