"""The ruler: local years, clock changes, billing months, aligning."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from perdure.errors import InputError
from perdure.timeline import Timeline


def test_local_year_starts_at_local_midnight():
    timeline = Timeline.year(2025, "Asia/Shanghai")
    assert timeline.start == pd.Timestamp("2024-12-31 16:00", tz="UTC")
    assert timeline.steps == 35_040
    assert timeline.covers_a_year
    assert timeline.period_labels[0] == "2025-01"
    assert len(timeline.period_labels) == 12


def test_clock_change_days_have_92_and_100_quarter_hours():
    timeline = Timeline.year(2025, "Europe/Berlin")
    days = pd.Series(1, index=timeline.local).groupby(timeline.local.date).sum()
    assert sorted(days.unique()) == [92, 96, 100]
    assert timeline.steps == 35_040


def test_half_hours_follow_the_local_clock():
    timeline = Timeline.year(2025, "Asia/Shanghai", 60)
    assert timeline.half_hour[:3].tolist() == [0, 2, 4]
    assert not timeline.weekend[0]  # 1 January 2025 is a Wednesday
    assert timeline.weekend[24 * 3]


def test_sum_by_period_keeps_the_whole():
    timeline = Timeline.year(2024, "UTC", 60)
    values = np.arange(timeline.steps, dtype=float)
    assert timeline.sum_by_period(values).sum() == pytest.approx(values.sum())


def test_align_averages_fine_and_holds_coarse():
    fine, coarse = Timeline.year(2025, "UTC", 15), Timeline.year(2025, "UTC", 60)
    values = np.arange(fine.steps, dtype=float)
    assert coarse.align(values, fine)[:2].tolist() == [1.5, 5.5]
    assert fine.align(np.arange(coarse.steps, dtype=float), coarse)[:5].tolist() == [0, 0, 0, 0, 1]


def test_align_refuses_a_series_that_is_too_short_or_off_the_grid():
    year, day = Timeline.year(2025, "UTC", 60), Timeline(pd.Timestamp("2025-01-02", tz="UTC"), 60, 24)
    with pytest.raises(InputError, match="does not cover"):
        year.align(np.zeros(24), day)
    with pytest.raises(InputError, match="do not divide"):
        Timeline(pd.Timestamp("2025-01-02 00:10", tz="UTC"), 60, 4).align(np.zeros(8760), year)


def test_start_without_zone_is_refused():
    with pytest.raises(InputError, match="no time zone"):
        Timeline(pd.Timestamp("2025-01-01"), 60, 24)
