from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from perdure.errors import InputError
from perdure.market.reading import read_tariff
from perdure.market.tariff import Connection
from perdure.quantities import Confidence
from perdure.timeline import Timeline

PROVINCES = ("jiangsu_2025", "guangdong", "shandong_2025", "anhui_2025")


def price_on(sheet, timeline, day, clock):
    moment = pd.Timestamp(f"{day} {clock}", tz="Asia/Shanghai")
    prices = sheet.prices(np.zeros(timeline.steps))
    return prices.buy_per_kwh[timeline.stamps.get_loc(moment.tz_convert("UTC"))]


def test_jiangsu_two_part_meets_the_published_prices(lay, year):
    """Price point after June 2025: flat 0.64 and valley 0.3828 make a purchase price of 0.3957, and peak 0.9566."""
    sheet = lay({"kind": "jiangsu_2025", "flat_price_per_kwh": 0.64, "purchase_price_per_kwh": 0.3957}, year)
    for day, valley, flat, peak in (
        ("2025-07-15", "05:45", "06:00", "14:00"),
        ("2025-04-15", "13:45", "14:00", "15:00"),
    ):
        assert price_on(sheet, year, day, valley) == pytest.approx(0.3828, abs=5e-5)
        assert price_on(sheet, year, day, flat) == pytest.approx(0.64)
        assert price_on(sheet, year, day, peak) == pytest.approx(0.9566, abs=5e-5)
        assert price_on(sheet, year, day, "21:45") == pytest.approx(0.9566, abs=5e-5)
        assert price_on(sheet, year, day, "22:00") == pytest.approx(0.64)
    assert price_on(sheet, year, "2025-07-15", "11:00") == pytest.approx(0.3828, abs=5e-5)
    assert price_on(sheet, year, "2025-07-15", "13:00") == pytest.approx(0.64)
    assert price_on(sheet, year, "2025-04-15", "00:00") == pytest.approx(0.64)


def test_jiangsu_single_part_meets_the_published_nanjing_prices(lay, year):
    data = {"kind": "jiangsu_2025", "user": "single_part_ge_100kva", "flat_price_per_kwh": 0.7390,
            "purchase_price_per_kwh": 0.4240}  # fmt: skip
    sheet = lay(data, year)
    assert price_on(sheet, year, "2025-07-15", "14:00") == pytest.approx(1.0358, abs=5e-5)
    assert price_on(sheet, year, "2025-07-15", "00:00") == pytest.approx(0.4634, abs=5e-5)
    assert "Demand" not in sheet.bill(np.ones(year.steps), np.zeros(year.steps)).lines


def test_jiangsu_day_bill_is_worked_by_hand(lay):
    timeline = Timeline(pd.Timestamp("2025-07-01", tz="Asia/Shanghai"), 60, 744, "Asia/Shanghai")
    sheet = lay({"kind": "jiangsu_2025", "flat_price_per_kwh": 0.64, "purchase_price_per_kwh": 0.4,
                 "demand_price_per_kw_month": 40.0}, timeline)  # fmt: skip
    bill = sheet.bill(np.full(744, 100.0), np.zeros(744))
    per_day = 100.0 * (8 * 0.38 + 8 * 0.64 + 8 * 0.96)
    assert bill.lines["Energy"][0] == pytest.approx(31 * per_day)
    assert bill.lines["Demand"][0] == pytest.approx(4000.0)


def test_small_single_part_user_must_state_the_flat_price(year):
    with pytest.raises(InputError, match=r"tariff\.flat_price_per_kwh: is missing"):
        read_tariff({"kind": "jiangsu_2025", "user": "single_part_lt_100kva"}, Path())
    tariff = read_tariff({"kind": "jiangsu_2025", "user": "single_part_lt_100kva", "flat_price_per_kwh": 0.8}, Path())
    assert tariff.figures()["peak_per_kwh"].value == pytest.approx(0.8 + 0.6 * 0.4240)


@pytest.mark.parametrize(
    ("billing", "rate"), [("demand", "demand_price_per_kw_month"), ("capacity", "capacity_price_per_kva_month")]
)
def test_recalled_rates_are_unverified_until_the_case_sets_them(lay, year, billing, rate):
    data = {"kind": "jiangsu_2025", "billing": billing, "voltage": "35kV"}
    tariff = read_tariff(data, Path())
    assert tariff.figures()[rate].confidence is Confidence.UNVERIFIED
    sheet, nothing = lay(data, year), np.zeros(year.steps)
    for remarks in (tariff.remarks, sheet.bill(nothing, nothing).remarks, sheet.prices(nothing).remarks):
        assert any(remark.startswith(f"unverified: {rate}") for remark in remarks)
    own = data | {rate: 33.0}
    assert read_tariff(own, Path()).figures()[rate].confidence is Confidence.USER
    bill = lay(own, year).bill(np.full(year.steps, 10.0), nothing)
    assert not any("unverified" in remark for remark in bill.remarks)
    assert bill.lines[billing.capitalize()][0] == pytest.approx(33.0 * (10.0 if billing == "demand" else 800.0))


def test_capacity_charge_needs_the_transformer(lay, year):
    with pytest.raises(InputError, match=r"connection\.transformer_kva: is not stated"):
        lay({"kind": "jiangsu_2025", "billing": "capacity"}, year, Connection())


def test_demand_figures_of_a_capacity_user_are_refused():
    with pytest.raises(InputError, match=r"tariff\.billing"):
        read_tariff({"kind": "jiangsu_2025", "billing": "capacity", "demand_price_per_kw_month": 5.0}, Path())
    with pytest.raises(InputError, match="two-part users only"):
        read_tariff({"kind": "jiangsu_2025", "user": "single_part_ge_100kva", "billing": "demand"}, Path())


def test_one_seasons_periods_can_hold_all_year(lay, year):
    sheet = lay({"kind": "jiangsu_2025", "periods_all_year": "spring_autumn"}, year)
    assert price_on(sheet, year, "2025-07-15", "14:30") == pytest.approx(0.64)


def test_jiangsu_2023_has_a_critical_peak_in_its_hours_and_months(lay):
    timeline = Timeline.year(2024, "Asia/Shanghai", 15)
    sheet = lay({"kind": "jiangsu_2023", "peak_price_per_kwh": 1.0, "flat_price_per_kwh": 0.6,
                 "valley_price_per_kwh": 0.3}, timeline)  # fmt: skip
    assert price_on(sheet, timeline, "2024-07-10", "14:30") == pytest.approx(1.2)
    assert price_on(sheet, timeline, "2024-06-10", "14:30") == pytest.approx(0.6)
    assert price_on(sheet, timeline, "2024-01-10", "09:00") == pytest.approx(1.2)
    assert price_on(sheet, timeline, "2024-01-10", "08:45") == pytest.approx(1.0)
    assert price_on(sheet, timeline, "2024-01-10", "07:45") == pytest.approx(0.3)


def test_jiangsu_2023_holiday_has_a_deep_valley(lay):
    timeline = Timeline.year(2024, "Asia/Shanghai", 15)
    data = {"kind": "jiangsu_2023", "valley_price_per_kwh": 0.3, "holidays": ["2024-10-01"]}
    assert price_on(lay(data, timeline), timeline, "2024-10-01", "12:00") == pytest.approx(0.24)
    assert price_on(lay(data, timeline), timeline, "2024-10-02", "12:00") == pytest.approx(0.6557)
    assert any("deep valley" in remark for remark in read_tariff(data, Path()).remarks)


@pytest.mark.parametrize("province", PROVINCES)
def test_province_calendars_equal_the_reference_transcription(reference, province):
    known = yaml.safe_load(reference("tariff/cn_tou_periods.yaml").read_text(encoding="utf-8"))["provinces"][province]
    data = {"kind": "cn_provincial", "province": province, "flat_price_per_kwh": 1.0, "floating_price_per_kwh": 0.5}
    calendar = read_tariff(data, Path()).calendar()
    months = sorted(month for season in known["seasons"] for month in season["months"])
    assert months == list(range(1, 13))
    long = {"v": "valley", "d": "deep_valley", "f": "flat", "p": "peak", "s": "critical_peak"}
    for season in known["seasons"]:
        for month in season["months"]:
            held = [calendar.names[i].split(" ")[0] for i in calendar.table[month - 1, 0]]
            assert held == [long[tag] for tag in season["halfhour_tags"]]


def test_both_transcriptions_of_the_jiangsu_rule_agree(lay, year):
    whole = lay({"kind": "jiangsu_2025", "flat_price_per_kwh": 0.64, "purchase_price_per_kwh": 0.4}, year)
    by_tags = lay({"kind": "cn_provincial", "province": "jiangsu_2025", "flat_price_per_kwh": 0.64,
                   "floating_price_per_kwh": 0.4}, year)  # fmt: skip
    nothing = np.zeros(year.steps)
    np.testing.assert_allclose(whole.prices(nothing).buy_per_kwh, by_tags.prices(nothing).buy_per_kwh, rtol=1e-12)


def test_anhui_peak_multiplier_depends_on_the_month(lay, year):
    sheet = lay({"kind": "cn_provincial", "province": "anhui_2025", "flat_price_per_kwh": 0.7,
                 "floating_price_per_kwh": 0.5}, year)  # fmt: skip
    assert price_on(sheet, year, "2025-07-15", "20:00") == pytest.approx(0.7 + 0.843 * 0.5)
    assert price_on(sheet, year, "2025-04-15", "20:00") == pytest.approx(0.7 + 0.74 * 0.5)


def test_holidays_are_refused_where_the_province_has_no_rule():
    data = {"kind": "cn_provincial", "province": "guangdong", "flat_price_per_kwh": 0.7, "floating_price_per_kwh": 0.8,
            "holidays": ["2025-10-01"]}  # fmt: skip
    with pytest.raises(InputError) as told:
        read_tariff(data, Path())
    assert {fault.place for fault in told.value.faults} == {"tariff.holidays", "tariff.floating_price_per_kwh"}
