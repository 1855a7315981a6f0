"""Suspicions about values: each is a fault, and a remark where the case accepts it."""

from __future__ import annotations

import numpy as np
import pytest

from perdure.errors import Faults
from perdure.site.checks import Suspicions, check_power, check_sun, to_kw
from perdure.site.clock import Rows
from perdure.site.inputs import GenerationSeries, LoadSeries
from perdure.site.series import Reading
from perdure.timeline import Timeline

YEAR = Timeline.year(2025, "Asia/Shanghai", 60)


def reading(values):
    return Reading(YEAR, values, Rows("line", 2), np.arange(len(values)))


def load(**changes):
    return LoadSeries.model_validate({"file": "l.csv", "column": "p", "unit": "kW", "time_column": "t"} | changes)


def doubts(spec, values, reference_kw=None):
    found = Suspicions(spec, Faults(), [])
    read = reading(values)
    check_power(spec, read, to_kw(spec, read), reference_kw, found)
    return found


def steady():
    return 500.0 + 100.0 * np.sin(np.arange(YEAR.steps) / 5.0)


def test_a_steady_load_raises_no_doubt():
    assert not doubts(load(), steady(), 1000.0).faults.found


def test_every_unit_comes_out_in_kw():
    values = np.full(YEAR.steps, 2.0)
    quarter = Timeline.year(2025, "UTC", 15)
    expected = {"W": 0.002, "kW": 2.0, "MW": 2000.0, "kWh": 8.0, "MWh": 8000.0, "share": 100.0}
    for unit, kw in expected.items():
        spec = load(unit=unit, rated_kw=50.0, scale=1.0)
        read = Reading(quarter, values, Rows("line", 2), np.arange(len(values)))
        assert to_kw(spec, read)[0] == pytest.approx(kw)


def test_spike_is_named_with_row_and_stamp():
    values = steady()
    values[100] = 65_535.0
    told = str(doubts(load(), values, 1000.0).faults.found[0])
    assert "line 102 (2025-01-05 04:00)" in told and "65535 kW" in told and "accept: [spikes]" in told


def test_negative_load_is_a_fault_unless_accepted():
    values = steady()
    values[7] = -3.0
    assert "negative values (1): line 9" in str(doubts(load(), values).faults.found[0])
    accepted = doubts(load(accept=["negative"]), values)
    assert not accepted.faults.found
    assert "accepted" in accepted.remarks[0]


def test_a_rounding_below_zero_is_only_remarked():
    values = steady()
    values[7] = -1e-5
    found = doubts(load(), values)
    assert not found.faults.found
    assert "rounding" in found.remarks[0]


@pytest.mark.parametrize(("unit", "instead"), [("MW", "kW"), ("W", "kW"), ("MWh", "kWh")])
def test_a_factor_of_a_thousand_is_seen_against_the_connection(unit, instead):
    told = str(doubts(load(unit=unit), steady(), 1000.0).faults.found[0])
    assert "factor of about 1000" in told and f"rather {instead}?" in told


def test_a_factor_of_a_thousand_is_seen_without_a_connection():
    assert "factor of about 1000" in str(doubts(load(unit="MW"), steady() * 10.0).faults.found[0])


def test_a_meter_reading_is_not_taken_for_energy():
    told = str(doubts(load(unit="kWh"), np.cumsum(steady())).faults.found[0])
    assert "meter reading" in told and "differences" in told


@pytest.mark.parametrize("shift", [0, 1, -1])
def test_sun_in_the_right_zone_raises_no_doubt(shift):
    assert not _solar_doubts(shift).faults.found


@pytest.mark.parametrize("shift", [8, -8, 3, -3, 12])
def test_sun_in_the_wrong_zone_is_seen(shift):
    assert "the zone looks wrong" in str(_solar_doubts(shift).faults.found[0])


def _solar_doubts(shift):
    """Power that follows the height of the sun at the site, moved by some hours."""
    spec = GenerationSeries.model_validate({"file": "g.csv", "column": "p", "unit": "kW", "time_column": "t"})
    hour = np.asarray(YEAR.local.hour) + 0.5
    declination = np.radians(-23.44 * np.cos(2.0 * np.pi * (np.asarray(YEAR.local.day_of_year) + 10.0) / 365.0))
    latitude, angle = np.radians(31.8), (hour - 12.0) / 12.0 * np.pi
    height = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(angle)
    power = np.roll(np.maximum(0.0, height) * 100.0, shift)
    found = Suspicions(spec, Faults(), [])
    check_sun(reading(power), power, 31.8, 119.97, found)
    return found
