"""Forecasts know the past alone, and their quantiles hold what they promise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perdure.dispatch.forecast import (
    LEVELS,
    Forecaster,
    Given,
    GivenQuantiles,
    Perfect,
    Published,
    Series,
    targets_of,
)
from perdure.dispatch.forecasters import (
    FORECASTERS,
    FromPublished,
    KnownDays,
    Persistence,
    Ridge,
    SimilarDay,
    published_ahead,
)
from perdure.dispatch.ranks import chances, mixing, rank_chances
from perdure.errors import InputError
from perdure.timeline import Timeline

DATA = Path(__file__).parents[3] / "shared" / "data"
DAYS = 100


def works(seed: int = 3, zone: str = "Asia/Shanghai") -> Series:
    """A works that rests at weekends, with noise that keeps for hours, and a published forecast of it."""
    timeline = Timeline(pd.Timestamp("2025-01-06", tz=zone), 30, DAYS * 48, zone)
    rng = np.random.default_rng(seed)
    hour = np.arange(timeline.steps) % 48 / 2.0
    shape = 100.0 + 200.0 * (np.abs(hour - 13.0) < 5.0) * np.where(timeline.weekend, 0.2, 1.0)
    noise = np.convolve(rng.normal(size=timeline.steps), 0.9 ** np.arange(40), mode="same")
    return Series(timeline, shape + 8.0 * noise, (Published(shape),))


def every() -> list[Forecaster]:
    return [*FORECASTERS.values(), Given(works().values * 0.9)]


@pytest.mark.parametrize("forecaster", every(), ids=lambda one: one.name)
def test_changing_the_future_changes_no_forecast(forecaster):
    series = works()
    origin = 60 * 48 + 17
    origins = np.array([origin - 30, origin])
    changed = series.values.copy()
    changed[origin:] = 1e3 + np.random.default_rng(1).normal(size=changed.size - origin) * 1e3
    before = forecaster.quantiles(series, origins, 96, LEVELS)
    after = forecaster.quantiles(Series(series.timeline, changed, series.published), origins, 96, LEVELS)
    np.testing.assert_array_equal(before, after)


def test_changing_the_weather_to_come_changes_no_forecast():
    series, origin = works(), 60 * 48 + 17
    warm = 20.0 + np.random.default_rng(2).normal(size=series.values.size)
    other = np.where(np.arange(warm.size) < origin, warm, -30.0)
    found = [
        Ridge().quantiles(Series(series.timeline, series.values, (), (one,)), np.array([origin]), 96, LEVELS)
        for one in (warm, other, warm * 0.0)
    ]
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.allclose(found[0], found[2])  # it is used


def test_changing_the_future_changes_no_chances():
    series, before = works(), 60 * 48
    changed = series.values.copy()
    changed[before:] = 0.0
    found = [
        rank_chances(SimilarDay(), one, before, LEVELS, 0.9)
        for one in (series, Series(series.timeline, changed, series.published))
    ]
    np.testing.assert_array_equal(*found)
    assert np.allclose(found[0].sum(axis=1), 1.0)


@pytest.mark.parametrize(
    "forecaster", [Persistence(), SimilarDay(), Ridge(), FromPublished()], ids=lambda one: one.name
)
def test_quantiles_rise_and_cover_their_share_of_what_comes(forecaster):
    series = works()
    origins = np.arange(40 * 48, 95 * 48, 7)
    found = forecaster.quantiles(series, origins, 96, LEVELS)
    assert np.all(np.diff(found, axis=1) >= -1e-9)
    came = series.values[targets_of(origins, 96, series.values.size)]
    share = (came[:, None, :] <= found).mean(axis=(0, 2))
    np.testing.assert_allclose(share, LEVELS, atol=0.06)


def test_similar_day_knows_the_weekend_and_ridge_the_last_hour():
    series = works()
    origins = np.arange(40 * 48, 95 * 48, 5)
    came = series.values[targets_of(origins, 96, series.values.size)]
    miss = {one.name: np.abs(came - one.quantiles(series, origins, 96, np.array([0.5]))[:, 0])
            for one in (Persistence(), SimilarDay(), Ridge())}  # fmt: skip
    assert miss["similar_day"].mean() < 0.8 * miss["persistence"].mean()
    assert miss["ridge"][:, 0].mean() < 0.7 * miss["ridge"][:, 48:].mean()


def test_published_prices_are_unknown_before_their_hour():
    series = works()
    values = np.arange(series.values.size, dtype=float)
    day = 50 * 48
    early, late = day + 35, day + 36  # 17:30 and 18:00
    target = np.array([[day + 47, day + 48, day + 96]] * 2)
    found = published_ahead(series, Published(values), np.array([early, late]), target)
    assert found[0].tolist() == [day + 47, day, day]
    assert found[1].tolist() == [day + 47, day + 48, day + 48]


def test_clock_change_days_are_forecast():
    series = works(zone="Europe/Berlin")
    origins = np.arange(80 * 48, 90 * 48, 3)  # across 30 March 2025
    assert np.isfinite(SimilarDay().quantiles(series, origins, 96, LEVELS)).all()


def test_perfect_forecast_is_the_series_at_every_level():
    series = works()
    found = Perfect().quantiles(series, np.array([10, 20]), 5, LEVELS)
    assert np.array_equal(found[1, 0], series.values[20:25]) and np.array_equal(found[1, 0], found[1, -1])


def test_given_series_of_another_length_is_refused():
    with pytest.raises(InputError, match="wrong length"):
        Given(np.zeros(5)).quantiles(works(), np.array([100]), 4, LEVELS)


def test_levels_stand_for_all_outcomes():
    assert chances(LEVELS).sum() == pytest.approx(1.0)
    assert np.allclose(mixing(LEVELS, 0.9).sum(axis=1), 1.0)
    assert np.allclose(chances(LEVELS) @ mixing(LEVELS, 0.9), chances(LEVELS))


@pytest.mark.parametrize("forecaster", [SimilarDay(), Ridge()], ids=lambda one: one.name)
def test_quantiles_of_a_measured_load_cover_their_share(forecaster):
    path = DATA / "load" / "kr_steel_2018_15min.parquet"
    if not path.exists():
        pytest.skip(f"reference data '{path.name}' is not beside the project")
    timeline = Timeline.year(2018, "Asia/Seoul", 15)
    series = Series(timeline, pd.read_parquet(path).p_kw.to_numpy(float))
    origins = np.arange(182 * 96, 360 * 96, 11)
    levels = np.array([0.1, 0.5, 0.9, 0.99])
    came = series.values[targets_of(origins, 192, series.values.size)]
    share = (came[:, None, :] <= forecaster.quantiles(series, origins, 192, levels)).mean(axis=(0, 2))
    np.testing.assert_allclose(share, levels, atol=0.05)


def test_prices_of_tomorrow_are_known_from_the_hour_they_are_out():
    series = works()
    day, base = 30 * 48, Persistence()
    early, late = day + 2 * 13 - 1, day + 2 * 13  # 12:30 and 13:00
    origins = np.array([early, late])
    found = KnownDays(base, hour=13).quantiles(series, origins, 96, LEVELS)
    guessed = base.quantiles(series, origins, 96, LEVELS)
    for row, ahead in ((0, day + 48 - early), (1, day + 96 - late)):
        origin = origins[row]
        np.testing.assert_array_equal(found[row, :, :ahead], np.tile(series.values[origin : origin + ahead], (5, 1)))
        np.testing.assert_array_equal(found[row, :, ahead:], guessed[row, :, ahead:])


def test_given_quantiles_are_told_and_joined_by_straight_lines():
    series = works()
    values = np.stack([series.values - 10.0, series.values, series.values + 30.0])
    given = GivenQuantiles(np.array([0.1, 0.5, 0.9]), values)
    found = given.quantiles(series, np.array([100]), 4, np.array([0.05, 0.1, 0.3, 0.5, 0.7, 0.99]))[0]
    above = np.array([-10.0, -10.0, -5.0, 0.0, 15.0, 30.0])
    np.testing.assert_allclose(found, series.values[100:104] + above[:, None])
