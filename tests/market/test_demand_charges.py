from __future__ import annotations

import numpy as np
import pytest

from perdure.timeline import Timeline

YEAR = Timeline.year(2025, "UTC", 60)
BASE = {"kind": "flat", "currency": "EUR", "price_per_kwh": 0.0, "demand_price_per_kw_month": 10.0}


def with_peaks(peaks_kw):
    """Import of 1 kW with one peak in each month."""
    import_kw = np.ones(YEAR.steps)
    firsts = np.flatnonzero(np.diff(YEAR.period, prepend=-1))
    import_kw[firsts + 12] = peaks_kw
    return import_kw


def demand(lay, data, peaks_kw):
    return lay(BASE | data, YEAR).bill(with_peaks(peaks_kw), np.zeros(YEAR.steps)).lines["Demand"]


def test_demand_is_billed_on_each_months_highest_import(lay):
    peaks = np.arange(12) * 10.0 + 50.0
    assert demand(lay, {}, peaks).tolist() == (10.0 * peaks).tolist()


def test_minimum_billed_demand_holds_and_gives_a_floor(lay):
    peaks = np.array([50.0, 150.0] * 6)
    assert demand(lay, {"minimum_billed_kw": 100.0}, peaks).tolist() == [1000.0, 1500.0] * 6
    prices = lay(BASE | {"minimum_billed_kw": 100.0}, YEAR).prices(with_peaks(peaks))
    assert prices.peaks[0].floor_kw.tolist() == [100.0] * 12


def test_look_back_remembers_a_share_of_earlier_peaks(lay):
    peaks = np.full(12, 20.0)
    peaks[1] = 100.0
    data = {"look_back_share": 0.5, "look_back_months": 3, "previous_peaks_kw": [0.0] * 11 + [60.0]}
    assert demand(lay, data, peaks).tolist() == [300, 1000, 500, 500, 500, 200, 200, 200, 200, 200, 200, 200]


def test_look_back_without_earlier_peaks_takes_the_year_as_repeating(lay):
    peaks = np.full(12, 20.0)
    peaks[10] = 100.0
    found = demand(lay, {"look_back_share": 0.5, "look_back_months": 3}, peaks)
    assert found.tolist() == [500, 500, 200, 200, 200, 200, 200, 200, 200, 200, 1000, 500]


def test_demand_tiers_bill_each_kilowatt_at_its_tier(lay):
    tiers = [{"up_to_kw": 100, "price_per_kw_month": 5.0}, {"price_per_kw_month": 12.0}]
    found = demand(lay, {"demand_price_per_kw_month": None, "demand_tiers": tiers}, [60.0, 160.0] * 6)
    assert found.tolist() == [300.0, 500.0 + 720.0] * 6


def test_high_use_cuts_the_demand_price(lay):
    sheet = lay({"kind": "jiangsu_2025", "demand_price_per_kw_month": 10.0, "high_use_discount": True}, YEAR)
    low, high = (sheet.bill(np.full(YEAR.steps, kw), np.zeros(YEAR.steps)).lines["Demand"] for kw in (100.0, 400.0))
    assert low == pytest.approx(np.full(12, 1000.0))
    assert high == pytest.approx(np.full(12, 0.9 * 4000.0))


@pytest.mark.parametrize(
    "data",
    [
        {"look_back_share": 0.8, "look_back_months": 2},
        {"look_back_share": 0.8, "previous_peaks_kw": [120.0] * 12},
        {"minimum_billed_kw": 90.0},
        {"demand_price_per_kw_month": None,
         "demand_tiers": [{"up_to_kw": 75, "price_per_kw_month": 5.0}, {"price_per_kw_month": 12.0}]},
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "peaks",
    [
        np.random.default_rng(4).uniform(60.0, 130.0, 12),
        # February is billed by January's peak, yet sets April's billed demand.
        np.array([110.0, 85.0, 31.0, 32.0, 33.0, 34.0, 130.0, 36.0, 37.0, 38.0, 39.0, 40.0]),
    ],
)
def test_rate_and_floor_are_the_slope_of_the_bill_by_each_months_peak(lay, data, peaks):
    sheet, import_kw = lay(BASE | data, YEAR), with_peaks(peaks)
    prices = sheet.prices(import_kw)
    peak = prices.peaks[0]
    highest = np.array([import_kw[peak.group == month].max() for month in range(12)])
    floor = np.zeros(12) if peak.floor_kw is None else peak.floor_kw
    nothing = np.zeros(YEAR.steps)
    for month in range(12):
        step = np.flatnonzero((peak.group == month) & (import_kw == highest[month]))[0]
        up = import_kw.copy()
        up[step] += 0.01
        slope = (sheet.bill(up, nothing).total - sheet.bill(import_kw, nothing).total) / 0.01
        expected = peak.rate_per_kw[month] if highest[month] >= floor[month] else 0.0
        assert slope == pytest.approx(expected, abs=1e-6)


def test_demand_within_a_period_ignores_peaks_outside_it(lay):
    data = {"kind": "time_of_use", "currency": "EUR", "prices_per_kwh": {"on": 0.0, "off": 0.0},
            "period_demand_prices_per_kw_month": {"on": 7.0}, "minimum_billed_kw": 5.0,
            "seasons": [{"name": "summer", "months": [6, 7, 8], "all": {"on": "12:00-13:00", "off": "13:00-12:00"}},
                        {"name": "rest", "months": [1, 2, 3, 4, 5, 9, 10, 11, 12],
                         "all": {"off": "00:00-24:00"}}]}  # fmt: skip
    import_kw = np.ones(YEAR.steps)
    import_kw[(YEAR.month == 7) & (YEAR.half_hour == 24)] = 30.0
    import_kw[(YEAR.month == 8) & (YEAR.half_hour == 30)] = 80.0
    bill = lay(data, YEAR).bill(import_kw, np.zeros(YEAR.steps))
    assert bill.lines["Demand on"].tolist() == [0, 0, 0, 0, 0, 35.0, 210.0, 35.0, 0, 0, 0, 0]
