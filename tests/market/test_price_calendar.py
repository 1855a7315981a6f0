from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perdure.errors import Faults
from perdure.market.calendar import Calendar, clock, day_of_periods, half_hours, runs
from perdure.timeline import Timeline

DAY = {
    "peak": ("08:00-11:00", "17:00-22:00"),
    "valley": ("23:30-06:00",),
    "flat": ("06:00-08:00", "11:00-17:00", "22:00-23:30"),
}
NAMES = ("peak", "flat", "valley")


def calendar(holidays=frozenset()):
    table = np.zeros((12, 3, 48), dtype=np.int64)
    table[:, 0] = day_of_periods(DAY, "day", NAMES, Faults())
    table[:, 1] = 1
    table[:, 2] = 2
    return Calendar(NAMES, table, holidays)


@given(st.lists(st.sampled_from(NAMES), min_size=48, max_size=48))
def test_any_day_written_as_ranges_reads_back_the_same(tags):
    day = {name: [clock(first, last) for held, first, last in runs(tags) if held == name] for name in set(tags)}
    faults = Faults()
    assert [NAMES[i] for i in day_of_periods(day, "day", NAMES, faults)] == tags
    assert not faults.found


def test_range_may_run_past_midnight():
    assert half_hours("23:30-01:00") == (47, 0, 1)
    assert half_hours("00:00-24:00") == tuple(range(48))


@pytest.mark.parametrize("text", ["8-11", "08:10-09:00", "08:00-08:00", "24:00-25:00", "noon"])
def test_range_that_is_none_is_refused(text):
    with pytest.raises(ValueError):
        half_hours(text)


def test_uncovered_and_doubled_half_hours_are_named():
    faults = Faults()
    day_of_periods(
        {"peak": ("08:00-12:00",), "flat": ("11:00-24:00", "00:00-07:30")}, "seasons[0].weekday", NAMES, faults
    )
    told = "\n".join(map(str, faults.found))
    assert "seasons[0].weekday: 07:30-08:00 is in no period" in told
    assert "seasons[0].weekday: 11:00-12:00 is in 2 periods (got peak, flat)" in told


@pytest.mark.parametrize(("day", "steps"), [("2025-03-30", 92), ("2025-10-26", 100)])
def test_clock_change_days_keep_prices_on_the_local_clock(day, steps):
    begin = pd.Timestamp(day, tz="Europe/Berlin")
    timeline = Timeline(begin, 15, steps, "Europe/Berlin")
    assert timeline.end == begin + pd.DateOffset(days=1)
    weekday_everywhere = Calendar(NAMES, np.repeat(calendar().table[:, :1], 3, axis=1))
    main = weekday_everywhere.lay(timeline).main
    for step, stamp in enumerate(timeline.local):
        hour = stamp.hour + stamp.minute / 60
        expected = "peak" if 8 <= hour < 11 or 17 <= hour < 22 else "valley" if hour < 6 or hour >= 23.5 else "flat"
        assert NAMES[main[step]] == expected
    assert (main == 2).sum() == 4 * 6.5 + steps - 96


def test_weekends_and_holidays_have_their_own_days():
    timeline = Timeline(pd.Timestamp("2025-10-03", tz="UTC"), 30, 48 * 4)
    main = calendar(frozenset([date(2025, 10, 6)])).lay(timeline).main.reshape(4, 48)
    assert main[0].tolist() == calendar().table[0, 0].tolist()
    assert set(main[1]) == set(main[2]) == {1}
    assert set(main[3]) == {2}


def test_hourly_steps_across_a_half_hour_take_the_mean_and_say_so():
    timeline = Timeline(pd.Timestamp("2025-10-03", tz="UTC"), 60, 24)
    laid = calendar().lay(timeline)
    price = laid.mean(np.array([3.0, 2.0, 1.0]))
    assert price[23] == pytest.approx(1.5)
    assert price[22] == 2.0
    assert "time-weighted mean" in laid.remarks()[0]
    assert calendar().lay(Timeline(timeline.start, 30, 48)).remarks() == ()


def test_zone_with_a_half_hour_offset_keeps_the_local_clock():
    timeline = Timeline(pd.Timestamp("2025-10-03 00:00", tz="UTC"), 60, 24, "Asia/Kolkata")
    price = calendar().lay(timeline).mean(np.array([3.0, 2.0, 1.0]))
    assert price[0] == pytest.approx(1.5)  # 05:30-06:30 on the clock: half valley, half flat
    assert price[2] == pytest.approx(2.5)  # 07:30-08:30: half flat, half peak


def test_calendar_tells_itself():
    assert calendar().text()[0].endswith("(weekday): valley 00:00-06:00, 23:30-24:00; flat 06:00-08:00, 11:00-17:00, "
                                         "22:00-23:30; peak 08:00-11:00, 17:00-22:00")  # fmt: skip
