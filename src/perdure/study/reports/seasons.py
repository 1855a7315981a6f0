"""Which week stands for a season: the one closest to the mean week of its three months."""

from __future__ import annotations

import numpy as np
import pandas as pd

FEATURES = ("load_kw", "generation_kw", "buy_price_per_kwh")


def typical_weeks(series: pd.DataFrame, zone: str) -> dict[int, pd.DataFrame]:
    """For each season (0: December to February, 1: March to May, ...) its typical week, Monday to Sunday, local time.

    A week belongs to the season of its Thursday. Only whole weeks count, so those with a clock change do not;
    a season without a whole week is left out. Distance: root mean square over FEATURES, each over its own spread.
    """
    weeks = _whole_weeks(series, zone)
    by_season: dict[int, list[pd.DataFrame]] = {}
    for week in weeks:
        middle = pd.DatetimeIndex(week.index)[len(week) // 2]
        by_season.setdefault(middle.month % 12 // 3, []).append(week)
    return {season: _closest(found) for season, found in sorted(by_season.items())}


def _whole_weeks(series: pd.DataFrame, zone: str) -> list[pd.DataFrame]:
    index = pd.DatetimeIndex(series.index)
    local = index.tz_convert(zone)
    step = index[1] - index[0] if len(index) > 1 else pd.Timedelta(days=7)
    steps = int(pd.Timedelta(days=7) / step)
    naive = local.tz_localize(None)
    monday = naive.normalize() - pd.to_timedelta(naive.day_of_week, unit="D")
    starts, first, count = np.unique(monday.to_numpy(), return_index=True, return_counts=True)
    told = series.set_axis(naive, axis=0)
    return [told.iloc[i : i + n] for _, i, n in zip(starts, first, count, strict=True) if n == steps]


def _closest(weeks: list[pd.DataFrame]) -> pd.DataFrame:
    profiles = np.stack([week.loc[:, list(FEATURES)].to_numpy(dtype=np.float64) for week in weeks])
    spread = profiles.std(axis=(0, 1))
    scaled = profiles / np.where(spread > 0.0, spread, 1.0)
    distance = ((scaled - scaled.mean(axis=0)) ** 2).mean(axis=(1, 2))
    return weeks[int(np.argmin(distance))]
