from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from perdure.errors import InputError
from perdure.market.charge import BillingMonths
from perdure.timeline import Timeline

FLAT = {"kind": "flat", "currency": "EUR", "price_per_kwh": 0.2, "export_price_per_kwh": 0.05}


def bump(sheet, import_kw, step, by_kw):
    moved = import_kw.copy()
    moved[step] += by_kw
    nothing = np.zeros(len(import_kw))
    return sheet.bill(moved, nothing).total - sheet.bill(import_kw, nothing).total


def test_flat_bill_is_worked_by_hand(lay):
    timeline = Timeline.year(2025, "Europe/Berlin", 60)
    sheet = lay(FLAT | {"demand_price_per_kw_month": 8.0, "fixed_price_per_month": 20.0}, timeline)
    import_kw = np.full(timeline.steps, 10.0)
    import_kw[0] = 50.0
    bill = sheet.bill(import_kw, np.full(timeline.steps, 1.0))
    assert bill.lines["Energy"][0] == pytest.approx(0.2 * (10 * 744 + 40))
    assert bill.lines["Demand"].tolist() == [8.0 * 50] + [8.0 * 10] * 11
    assert bill.lines["Fixed"].tolist() == [20.0] * 12
    assert bill.lines["Export credit"][1] == pytest.approx(-0.05 * 672)
    assert bill.total == pytest.approx(0.2 * (87600 + 40) + 8 * 160 + 240 - 0.05 * 8760)
    assert bill.peak_kw[0] == 50.0


def test_month_with_clock_change_has_one_hour_less(lay):
    timeline = Timeline.year(2025, "Europe/Berlin", 15)
    bill = lay(FLAT, timeline).bill(np.ones(timeline.steps), np.zeros(timeline.steps))
    assert bill.import_kwh[2] == pytest.approx(743.0)
    assert bill.import_kwh[9] == pytest.approx(745.0)


def test_tier_prices_of_one_month_are_worked_by_hand(lay):
    timeline = Timeline(pd.Timestamp("2025-04-01", tz="UTC"), 60, 720)
    tiers = [{"up_to_kwh_per_month": 1000, "price_per_kwh": 0.1}, {"price_per_kwh": 0.3}]
    sheet = lay({"kind": "flat", "currency": "EUR", "price_tiers": tiers}, timeline)
    use = np.full(720, 2.0)
    assert sheet.bill(use, 0 * use).total == pytest.approx(1000 * 0.1 + 440 * 0.3)
    assert sheet.prices(use).buy_per_kwh == pytest.approx(np.full(720, 0.3))
    assert sheet.prices(use / 2).buy_per_kwh == pytest.approx(np.full(720, 0.1))
    assert "tiers" in " ".join(sheet.prices(use).remarks)
    assert not sheet.prices(use).exact


def test_marginal_price_of_tiered_periods_is_the_derivative_of_the_bill(lay, meter):
    timeline = Timeline.year(2025, "UTC", 60)
    day = {"day": "08:00-20:00", "night": "20:00-08:00"}
    rise = [{"up_to_kwh_per_month": 60000, "price_per_kwh": 0.1}, {"price_per_kwh": 0.4}]
    fall = [{"up_to_kwh_per_month": 90000, "price_per_kwh": 0.2}, {"price_per_kwh": 0.05}]
    data = {"kind": "time_of_use", "currency": "EUR", "tiered_prices_per_kwh": {"day": rise, "night": fall},
            "seasons": [{"name": "year", "months": list(range(1, 13)), "all": day}]}  # fmt: skip
    sheet, (import_kw, _) = lay(data, timeline), meter(timeline, 3)
    prices = sheet.prices(import_kw)
    for step in (5, 12, 4000, 4010, 8700):
        slope = (bump(sheet, import_kw, step, 0.5) - bump(sheet, import_kw, step, -0.5)) / 1.0
        assert slope == pytest.approx(prices.buy_per_kwh[step], rel=1e-5)


def test_minimum_bill_tops_up_a_cheap_month(lay):
    timeline = Timeline.year(2025, "UTC", 60)
    sheet = lay(FLAT | {"minimum_bill_per_month": 100.0}, timeline)
    bill = sheet.bill(np.full(8760, 0.1), np.zeros(8760))
    assert bill.by_period == pytest.approx(np.full(12, 100.0))
    assert any("Minimum bill" in remark for remark in sheet.prices(np.full(8760, 0.1)).remarks)


def test_part_of_a_month_pays_its_share_and_says_so(lay):
    timeline = Timeline(pd.Timestamp("2025-04-01", tz="UTC"), 60, 240)
    sheet = lay(FLAT | {"fixed_price_per_month": 30.0, "fixed_price_per_day": 1.0, "demand_price_per_kw_month": 6.0},
                timeline)  # fmt: skip
    bill = sheet.bill(np.full(240, 9.0), np.zeros(240))
    assert bill.lines["Fixed"][0] == pytest.approx(10.0 + 10.0)
    assert bill.lines["Demand"][0] == pytest.approx(6.0 * 9.0 / 3)
    assert any("2025-04" in remark for remark in bill.remarks)


def test_billing_months_follow_the_local_calendar():
    months = BillingMonths.of(Timeline.year(2024, "Europe/Berlin", 15))
    assert months.share.tolist() == [1.0] * 12
    assert months.days.tolist() == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert months.labels[0] == "2024-01"


def test_capacity_charge_is_rating_times_rate(lay, year):
    bill = lay(FLAT | {"capacity_price_per_kva_month": 30.0}, year).bill(np.zeros(year.steps), np.zeros(year.steps))
    assert bill.lines["Capacity"].tolist() == [30.0 * 800.0] * 12


def test_power_of_another_length_is_refused(lay, year):
    with pytest.raises(InputError, match="wrong shape"):
        lay(FLAT, year).bill(np.zeros(5), np.zeros(year.steps))


def test_bill_and_prices_of_a_year_take_less_than_five_milliseconds(lay, meter, year):
    tiers = [{"up_to_kwh_per_month": 60000, "price_per_kwh": 0.1}, {"price_per_kwh": 0.4}]
    data = {"kind": "time_of_use", "currency": "EUR", "prices_per_kwh": {"night": 0.1},
            "tiered_prices_per_kwh": {"day": tiers}, "demand_price_per_kw_month": 3.0, "look_back_share": 0.6,
            "period_demand_prices_per_kw_month": {"day": 5.0},
            "seasons": [{"name": "year", "months": list(range(1, 13)),
                         "all": {"day": "08:00-20:00", "night": "20:00-08:00"}}]}  # fmt: skip
    sheet, (import_kw, export_kw) = lay(data, year), meter(year, 1)
    for call in (lambda: sheet.bill(import_kw, export_kw), lambda: sheet.prices(import_kw)):
        call()
        seconds = []
        for _ in range(15):
            begin = time.process_time()
            call()
            seconds.append(time.process_time() - begin)
        assert min(seconds) < 0.005
