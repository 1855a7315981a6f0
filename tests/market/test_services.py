from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from market.service_site import CALLS, FIRM, LARGE, REGULATION, WEEK, ZONE, delivered, faults_of, read, site
from perdure.errors import InputError
from perdure.market.service_reading import read_services
from perdure.market.stack import check_stack
from perdure.quantities import Confidence
from perdure.timeline import Timeline


def test_windows_hold_on_days_months_and_dates():
    service = read(CALLS | {"calls": [
        {"direction": "discharge", "price_per_kwh": 1.0, "hours": "17:00-19:00", "days": "weekend"},
        {"direction": "charge", "price_per_kwh": 2.0, "hours": "22:00-01:00", "dates": ["2025-07-17"]},
        {"direction": "charge", "price_per_kwh": 3.0, "hours": "05:00-06:00", "months": [1]}]})  # fmt: skip
    payment = service.terms(site()).payments[0]
    days = payment.discharge_per_kwh.reshape(7, 48)
    assert (days[:5] == 0).all() and (days[5:].sum(axis=1) == 4).all() and (days[5:, 34:38] == 1.0).all()
    charged = payment.charge_per_kwh.reshape(7, 48)
    assert np.flatnonzero(charged).tolist() == [3 * 48, 3 * 48 + 1, *range(3 * 48 + 44, 3 * 48 + 48)]


def test_step_that_spans_a_window_is_paid_for_its_share():
    hours = Timeline(pd.Timestamp("2025-07-14", tz=ZONE), 60, 24, ZONE)
    data = CALLS | {"calls": [{"direction": "discharge", "price_per_kwh": 0.4, "hours": "17:30-19:00"}]}
    assert np.allclose(read(data).terms(site(hours)).payments[0].discharge_per_kwh[16:20], [0.0, 0.2, 0.4, 0.0])


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        ({"days": "weekday"}, {"days": "weekend"}, False),
        ({"months": [1, 2]}, {"months": [3]}, False),
        ({"dates": ["2025-07-14"]}, {"dates": ["2025-07-15"]}, False),
        ({"dates": ["2025-07-14"]}, {"days": "weekend"}, False),
        ({"dates": ["2025-07-14"]}, {"days": "weekday"}, True),
        ({"dates": ["2025-07-14", "2025-07-15"]}, {"dates": ["2025-07-15"]}, True),
        ({"hours": "22:00-02:00"}, {"hours": "01:00-03:00"}, True),
        ({"hours": "22:00-02:00"}, {"hours": "02:00-22:00"}, False),
    ],
)
def test_windows_of_one_service_must_not_meet(first, second, meet):
    calls = [{"direction": "discharge", "price_per_kwh": 1.0} | one for one in (first, second)]
    if meet:
        assert "calls[1]: overlaps calls[0]" in faults_of(CALLS | {"calls": calls})
    else:
        read(CALLS | {"calls": calls})


def test_called_energy_is_paid_at_the_terminals_by_direction():
    data = CALLS | {"calls": [{"direction": "discharge", "price_per_kwh": 0.5, "hours": "18:00-19:00"},
                              {"direction": "charge", "price_per_kwh": 0.1, "hours": "02:00-03:00"}]}  # fmt: skip
    setting = site()
    found = read(data).settle(setting, delivered(setting, plant_kw=np.where(WEEK.half_hour < 24, 100.0, -200.0)))
    assert found.total == pytest.approx(7 * (200.0 * 0.5 + 100.0 * 0.1))


def test_only_so_many_calls_are_made_and_they_are_spread():
    year = Timeline.year(2025, ZONE, 30)
    data = CALLS | {"most_calls_per_year": 30.0,
                    "calls": [{"direction": "discharge", "price_per_kwh": 1.0, "hours": "18:00-20:00"}]}  # fmt: skip
    called = read(data).terms(site(year)).payments[0].discharge_per_kwh.reshape(365, 48)
    days = np.flatnonzero(called.any(axis=1))
    assert len(days) == 30 and (called[days].sum(axis=1) == 4).all()
    assert set(np.diff(days)) <= {12, 13}


def test_henan_pays_its_highest_price_and_admits_from_two_megawatts_for_two_hours():
    data = {
        "kind": "peak_regulation",
        "province": "henan_2023",
        "calls": [{"direction": "discharge", "hours": "18:00-21:00"}],
    }
    service = read(data)
    assert service.terms(LARGE).payments[0].discharge_per_kwh.max() == 0.3
    assert service.figures()["minimum_kw"].confidence is Confidence.PUBLISHED
    told = service.check(site(discharge_kw=1500.0, charge_kw=1500.0, energy_kwh=2500.0))
    assert "discharge power 1500 kW is 500 kW below the smallest size of 2000 kW" in told[0]
    assert "1500 kWh less than the 2 h asked for" in told[1]
    assert read(data | {"aggregated": True, "minimum_hours": 0.5}).check(site()) == ()


def test_peak_regulation_price_above_the_cap_is_refused():
    calls = [{"direction": "discharge", "hours": "18:00-21:00", "price_per_kwh": 0.4}]
    data = {"kind": "peak_regulation", "province": "henan_2023", "calls": calls}
    assert "is above highest_price_per_kwh (got 0.4); allowed: at most 0.3" in faults_of(data)
    data = {"kind": "peak_regulation", "renewable_price_per_kwh": 0.35, "calls": calls}
    assert "is above renewable_price_per_kwh" in faults_of(data)


def test_peak_regulation_ends_where_spot_runs_continuously():
    data = {"kind": "peak_regulation", "province": "henan_2023", "calls": [{"direction": "discharge"}]}
    assert "is not run besides a continuous spot market" in faults_of(data | {"spot_market": "continuous"})
    assert any("ends once the spot market" in told for told in read(data | {"spot_market": "trial"}).remarks)
    assert any("spot market" in told for told in check_stack([read(data)], LARGE, "hourly_prices"))
    assert not any("spot market" in told for told in check_stack([read(data)], LARGE, "flat"))


def test_recalled_price_is_marked_unverified():
    service = read({"kind": "peak_regulation", "province": "jiangsu_2023", "calls": [{"direction": "discharge"}]})
    assert any(told.startswith("unverified: highest_price_per_kwh 0.5 CNY/kWh") for told in service.remarks)


def test_call_without_a_price_is_named():
    data = {"kind": "peak_regulation", "calls": [{"direction": "discharge"}]}
    assert "calls[0].price_per_kwh: is missing" in faults_of(data)


def test_ramp_is_limited_in_proportion_to_the_step_and_excess_costs():
    data = {"kind": "ramp_limit", "currency": "CNY", "most_share": 0.1, "installed_kw": 1000.0, "within_minutes": 10.0,
            "price_per_kw": 0.5}  # fmt: skip
    setting = site()
    assert read(data).terms(setting).ramps[0].most_kw == pytest.approx(300.0)
    grid = np.zeros(336)
    grid[100:] = 450.0
    assert read(data).settle(setting, delivered(setting, grid_kw=grid)).total == pytest.approx(-0.5 * 150.0)


def test_capacity_ratio_tells_fulfilled_or_by_how_much_not():
    service = read({"kind": "capacity_ratio", "installed_kw": 6000.0, "power_share": 0.1, "hours": 3.0})
    assert service.check(site()) == (
        "capacity_ratio: not fulfilled: power 500 kW is 100 kW below the 600 kW asked for.",
    )
    assert "energy 1500 kWh is 300 kWh below the 1800 kWh" in service.check(site(energy_kwh=1500.0))[1]
    assert "fulfilled: 600 kW and 2000 kWh" in service.settle(site(discharge_kw=600.0), delivered(site())).told[0]


def test_every_fault_of_every_service_is_told_once():
    with pytest.raises(InputError) as caught:
        read_services([{"kind": "backups"}, FIRM, {"kind": "backup", "critical_kw": -1.0, "hours": 0.0}], Path())
    said = str(caught.value)
    assert "services[0].kind: unknown service" in said and "Did you mean 'backup'" in said
    assert "services[1].schedule_kw" in said
    assert "services[2].hours: is out of range" in said


def test_services_of_one_name_are_refused():
    with pytest.raises(InputError, match=r"services\[1\].name: comes twice"):
        read_services([REGULATION, REGULATION], Path())


def test_price_without_a_currency_is_refused():
    said = faults_of({"kind": "ramp_limit", "most_kw": 1.0, "within_minutes": 1.0, "price_per_kw": 1.0})
    assert "service.currency: is missing" in said


def test_stack_tells_the_faults_of_all_services():
    pair = [read(REGULATION | {"least_kw": 450.0}), read({"kind": "backup", "critical_kw": 600.0, "hours": 1.0})]
    with pytest.raises(InputError) as caught:
        check_stack(pair, site())
    places = [fault.place for fault in caught.value.faults]
    assert places == ["services.frequency_regulation.least_kw", "services.backup.critical_kw"]


def test_size_is_checked_against_each_plant_anew():
    service = read(REGULATION | {"least_kw": 450.0})
    assert service.check(replace(site(), charge_kw=500.0)) == ()
