from __future__ import annotations

from pathlib import Path

import pytest

from perdure.errors import InputError
from perdure.market.reading import TARIFFS, read_tariff

WHOLE = {"kind": "time_of_use", "currency": "EUR", "prices_per_kwh": {"day": 0.3, "night": 0.1},
         "seasons": [{"name": "year", "months": list(range(1, 13)),
                      "all": {"day": "08:00-20:00", "night": "20:00-08:00"}}]}  # fmt: skip


def faults_of(data, place="tariff"):
    with pytest.raises(InputError) as told:
        read_tariff(data, Path(), place)
    return {fault.place: str(fault) for fault in told.value.faults}


def season(**changes):
    return WHOLE | {"seasons": [WHOLE["seasons"][0] | changes]}


def test_kind_with_a_typo_names_the_nearest():
    assert "Did you mean 'jiangsu_2025'?" in faults_of({"kind": "jiangsu_2026"})["tariff.kind"]
    assert "is missing" in faults_of({"currency": "EUR"}, "site.tariff")["site.tariff.kind"]
    assert "time_of_use" in TARIFFS.names()


def test_tariff_that_is_no_mapping_is_refused():
    assert "no mapping" in faults_of("flat")["tariff"]


def test_unknown_keys_name_the_nearest_at_every_depth():
    told = faults_of(WHOLE | {"price_per_kwh": {}, "seasons": [{"name": "a", "moths": [1], "months": [1]}]})
    assert "Did you mean 'prices_per_kwh'?" in told["tariff.price_per_kwh"]
    assert "Did you mean 'months'?" in told["tariff.seasons[0].moths"]


def test_all_single_faults_are_told_at_once():
    told = faults_of({"kind": "flat", "currency": "euro", "price_per_kwh": "cheap", "look_back_share": 2})
    assert set(told) == {"tariff.currency", "tariff.price_per_kwh", "tariff.look_back_share"}
    assert "at most 1" in told["tariff.look_back_share"]


def test_choice_with_a_typo_names_the_nearest():
    assert "Did you mean 'two_part'?" in faults_of({"kind": "jiangsu_2025", "user": "twopart"})["tariff.user"]


def test_hole_in_a_day_names_season_day_and_clock():
    told = faults_of(season(all=None, weekday={"day": "08:00-19:30", "night": "20:00-08:00"},
                            weekend={"night": "00:00-24:00"}))  # fmt: skip
    assert told["tariff.seasons[0] (year).weekday"].startswith(
        "tariff.seasons[0] (year).weekday: 19:30-20:00 is in no period"
    )  # fmt: skip


def test_overlap_in_a_day_names_both_periods():
    told = faults_of(season(all={"day": "08:00-21:00", "night": "20:00-08:00"}))
    assert "20:00-21:00 is in 2 periods (got day, night)" in told["tariff.seasons[0] (year).all"]


def test_missing_weekend_is_named():
    told = faults_of(season(all=None, weekday={"night": "00:00-24:00"}))
    assert "00:00-24:00 is in no period" in told["tariff.seasons[0] (year).weekend"]


def test_months_in_no_season_or_two_are_named():
    told = faults_of(season(months=[1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10]))
    assert "tariff.seasons" in told
    with pytest.raises(InputError) as error:
        read_tariff(season(months=[1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10]), Path())
    text = str(error.value)
    assert "Nov, Dec: in no season" in text
    assert "Feb: in 2 seasons" in text


def test_period_without_a_price_names_the_nearest():
    told = faults_of(season(all={"day": "08:00-20:00", "nigth": "20:00-08:00"}))
    assert "Did you mean 'night'?" in told["tariff.seasons[0] (year).all.nigth"]


def test_malformed_range_is_named():
    told = faults_of(season(all={"day": "08:15-20:00", "night": "20:00-08:00"}))
    assert "does not lie on half hours" in told["tariff.seasons[0] (year).all.day"]


def test_holiday_block_without_dates_is_refused():
    told = faults_of(season(holiday={"night": "00:00-24:00"}))
    assert "no dates" in told["tariff.seasons[0] (year).holiday"]


def test_tiers_must_rise_and_end_open():
    tiers = [{"up_to_kwh_per_month": 500, "price_per_kwh": 0.1}, {"up_to_kwh_per_month": 400, "price_per_kwh": 0.2},
             {"up_to_kwh_per_month": 900, "price_per_kwh": 0.3}]  # fmt: skip
    told = faults_of({"kind": "flat", "currency": "EUR", "price_tiers": tiers})
    assert "do not rise" in told["tariff.price_tiers"]
    assert "must be open" in told["tariff.price_tiers[2]"]


def test_price_and_tiers_together_are_refused():
    told = faults_of({"kind": "flat", "currency": "EUR"})
    assert "must be given" in told["tariff.price_per_kwh"]
    told = faults_of({"kind": "flat", "currency": "EUR", "price_per_kwh": 0.1, "look_back_share": 0.5,
                      "price_tiers": [{"price_per_kwh": 0.2}]})  # fmt: skip
    assert set(told) == {"tariff.price_per_kwh", "tariff.look_back_share"}


def test_tariff_cannot_be_changed_once_read():
    tariff = read_tariff(WHOLE, Path())
    with pytest.raises(Exception, match="frozen"):
        tariff.currency = "USD"


def test_unstated_export_price_is_remarked():
    assert any("no export price" in remark for remark in read_tariff(WHOLE, Path()).remarks)
    assert read_tariff(WHOLE | {"export_price_per_kwh": 0.0}, Path()).remarks == ()
