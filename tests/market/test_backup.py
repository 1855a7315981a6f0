from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.service_site import WEEK, ZONE, delivered, faults_of, read, site
from perdure.errors import InputError
from perdure.market.service_parts.survival import needed_kwh, survival
from perdure.timeline import Timeline


def survived_slowly(stored, critical, generation, discharge_kw, step_h, discharge_share, length_h):
    """Each outage followed step by step."""
    steps, found = len(stored), []
    for start in range(steps):
        left, alive = stored[start], True
        for t in range(start, min(start + int(np.ceil(length_h / step_h - 1e-9)), steps)):
            need = max(critical[t] - generation[t], 0.0)
            if need > discharge_kw + 1e-9 or need * step_h / discharge_share > left + 1e-6:
                alive = False
                break
            left -= need * step_h / discharge_share
        found.append(alive)
    return np.array(found)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    step_h=st.sampled_from([0.25, 0.5, 1.0]),
    share=st.sampled_from([1.0, 0.93, 0.5]),
    discharge=st.sampled_from([60.0, 90.0, 1e6]),
)
def test_survival_of_every_start_is_that_of_a_slow_loop(seed, step_h, share, discharge):
    rng = np.random.default_rng(seed)
    steps = 60
    stored = rng.uniform(0.0, 300.0, steps) * rng.integers(0, 2, steps)
    critical = rng.integers(0, 100, steps).astype(float)
    generation = rng.integers(0, 60, steps).astype(float)
    lengths = (step_h, 1.0, 1.6, 4.0, 100.0)
    found = survival(stored, critical, generation, discharge, step_h, share, lengths)
    for i, length in enumerate(lengths):
        slow = survived_slowly(stored, critical, generation, discharge, step_h, share, length)
        counted = found.counted[i]
        assert np.array_equal(found.survived[i][counted], slow[counted])
        expected = slow[counted].mean() if counted.any() else np.nan
        assert found.share[i] == pytest.approx(expected, nan_ok=True)


def test_survival_counts_by_the_hour_an_outage_begins():
    timeline = Timeline(pd.Timestamp("2025-01-01", tz=ZONE), 60, 48, ZONE)
    stored = np.where(np.arange(48) % 24 < 12, 40.0, 10.0)
    found = survival(stored, np.full(48, 10.0), np.zeros(48), 100.0, 1.0, 1.0, (2.0,))
    hour = timeline.half_hour // 2
    by_hour = [found.within(hour == one)[0] for one in range(24)]
    assert by_hour == [1.0] * 12 + [0.0] * 12
    assert found.lasts_h[0] == 4.0 and found.lasts_h[12] == 1.0
    assert found.counted[0].sum() == 47  # the last start has no two hours ahead of it


def test_what_is_needed_for_some_hours_just_survives_them():
    rng = np.random.default_rng(5)
    critical = rng.uniform(0.0, 100.0, 500)
    needed = needed_kwh(critical, 0.25, 0.9, 3.0)
    held = survival(needed, critical, np.zeros(500), 200.0, 0.25, 0.9, (3.0,))
    assert held.survived[held.counted].all() and held.counted.sum() == 489
    short = survival(needed - 0.01, critical, np.zeros(500), 200.0, 0.25, 0.9, (3.0,))
    assert not short.survived[short.counted].any()


def test_backup_holds_the_next_hours_over_the_efficiency_less_generation():
    sun = np.where((WEEK.half_hour >= 24) & (WEEK.half_hour < 28), 60.0, 0.0)
    setting = site(generation_kw=sun)
    data = {"kind": "backup", "critical_kw": 90.0, "hours": 2.0, "generation_share": 0.5}
    least = read(data).terms(setting).holds[0].least_kwh
    assert least[0] == pytest.approx(2 * 90.0 / 0.9)
    assert least[24] == pytest.approx(2 * 60.0 / 0.9) and least[22] == pytest.approx((90.0 + 60.0) / 0.9)
    assert read(data).settle(setting, delivered(setting, stored_kwh=least)).told[:2] == (
        "backup: outages of 1 h are survived from 100 % of the moments they may begin.",
        "backup: outages of 2 h are survived from 100 % of the moments they may begin.",
    )


def test_backup_beyond_the_plant_names_hour_and_by_how_much():
    load = np.where(np.arange(336) == 77, 1100.0, 100.0)
    with pytest.raises(InputError) as caught:
        read({"kind": "backup", "critical_share": 0.5, "hours": 40.0}).check(site(load_kw=load))
    said = str(caught.value)
    assert "backup.critical_kw: is 50 kW more than the plant has at 2025-07-15 14:30" in said
    assert "backup.hours: needs 500 kWh more than the plant has" in said


def test_value_of_lost_load_turns_the_limit_into_an_expected_loss():
    data = {"kind": "backup", "critical_kw": 100.0, "hours": 40.0, "currency": "EUR", "lost_load_per_kwh": 20.0,
            "outages_per_year": 3.0}  # fmt: skip
    service, setting = read(data), site()
    assert "needs 2444.44 kWh more" in service.check(setting)[0]
    hold = service.terms(setting).holds[0]
    assert hold.price_per_kwh == pytest.approx(20.0 * 0.9 * 3.0 * 0.5 / 8760.0)
    empty = service.settle(setting, delivered(setting)).total
    assert empty == pytest.approx(-hold.price_per_kwh * hold.least_kwh.sum())


STORM = {"from": "2025-07-16 12:00", "until": "2025-07-17 06:00", "lead_hours": 4.0, "reserve_share": 0.8}


def test_storm_reserve_rises_while_the_warning_runs_and_is_held_to_the_end():
    service = read({"kind": "storm_reserve", "critical_kw": 80.0, "warnings": [STORM]})
    setting = site()
    least = service.terms(setting).holds[0].least_kwh
    begin = 2 * 48 + 24
    assert (least[begin : begin + 36] == 1600.0).all() and (least[begin + 36 :] == 0.0).all()
    assert least[begin - 1] == pytest.approx(1600.0 - 400.0 * 0.9 * 0.5)
    assert least[begin - 8] == pytest.approx(1600.0 - 400.0 * 0.9 * 4.0) and (least[: begin - 8] == 0.0).all()
    (told,) = service.check(setting)
    assert "4 h of warning before 2025-07-16 12:00 add at most 1440 kWh; 160 kWh must be stored before it" in told


def test_outages_within_the_storm_are_counted_apart():
    service = read({"kind": "storm_reserve", "critical_kw": 90.0, "warnings": [STORM], "lengths_h": [2.0]})
    setting = site()
    stored = np.zeros(336)
    stored[2 * 48 + 24 : 2 * 48 + 24 + 9] = 500.0
    told = service.settle(setting, delivered(setting, stored_kwh=stored)).told
    assert told[-1] == "Storm 1: storm_reserve: outages of 2 h are survived from 25 % of the moments they may begin."


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reserve_kwh": 10.0}, "must be given, or else reserve_kwh, but not both"),
        ({"until": "2025-07-16 11:00"}, "is not after 'from'"),
        ({"until": "2025-07-17 06:00+08:00"}, "another kind of time stamp"),
        ({"lead_hours": -1.0}, "lead_hours: is out of range"),
        ({"from": "soon"}, "warnings[0].from"),
    ],
)
def test_bad_warning_is_named(changed, said):
    assert said in faults_of({"kind": "storm_reserve", "critical_kw": 1.0, "warnings": [STORM | changed]})


def test_warnings_that_overlap_are_named():
    later = STORM | {"from": "2025-07-17 05:00", "until": "2025-07-18 05:00"}
    data = {"kind": "storm_reserve", "critical_kw": 1.0, "warnings": [later, STORM]}
    assert "warnings[0].from: overlaps warnings[1]" in faults_of(data)


def test_storm_beyond_store_or_timeline_is_named():
    large = {"kind": "storm_reserve", "critical_kw": 1.0,
             "warnings": [{"from": "2025-08-16", "until": "2025-08-17", "reserve_kwh": 2500.0}]}  # fmt: skip
    with pytest.raises(InputError) as caught:
        read(large).check(site())
    assert "needs 500 kWh more than the store holds" in str(caught.value)
    assert "is not within the timeline" in str(caught.value)


def test_backup_is_kept_within_its_windows_only():
    service = read(
        {"kind": "backup", "critical_kw": 90.0, "hours": 1.0, "windows": [{"hours": "08:00-18:00", "days": "weekday"}]}
    )
    least = service.terms(site()).holds[0].least_kwh.reshape(7, 48)
    assert np.allclose(least[:5, 16:36], 100.0) and least.sum() == pytest.approx(100.0 * 20 * 5)
