"""Photovoltaics from a typical year: energy kept, noon where it belongs, late files found."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from perdure.errors import InputError
from perdure.site.inputs import PvInput
from perdure.site.photovoltaics import model_pv
from perdure.site.sun import solar_hour
from perdure.site.weather import Weather, read_weather
from perdure.timeline import Timeline

DATA = Path(__file__).parents[2] / ".." / "shared" / "data" / "weather"
NANJING = "CHN_Jiangsu.Nanjing.582380_CSWD.epw.gz"
needs_nanjing = pytest.mark.skipif(
    not (DATA / NANJING).exists(), reason="the Nanjing weather year is not here (class B)"
)


def plant(**changes):
    return PvInput.model_validate({"weather_file": "w.epw", "dc_kwp": 100.0, "tilt_degrees": 0.0} | changes)


@cache
def clear_year(late_hours=0):
    """A made year: global irradiance 0.7 of what comes in above the atmosphere, UTC+8, 120 degrees east."""
    from pvlib import irradiance, solarposition

    fine = Timeline.year(2023, "UTC", 5)
    sun = solarposition.get_solarposition(fine.stamps - np.timedelta64(8, "h"), 32.0, 120.0)
    extra = np.asarray(irradiance.get_extra_radiation(fine.stamps)) * np.maximum(np.cos(np.radians(sun["zenith"])), 0.0)
    ghi = np.roll(0.7 * extra.to_numpy().reshape(8760, 12).mean(axis=1), late_hours)
    calm = np.full(8760, 1.0)
    return Weather("made", 32.0, 120.0, 10.0, 8.0, ghi, 0.3 * ghi, np.full(8760, 20.0), calm)


def power(pv, weather, step=15, year=2025):
    timeline = Timeline.year(year, "Asia/Shanghai", step)
    return timeline, model_pv(pv, weather, timeline, weather.latitude, weather.longitude, 10.0)[0]


@cache
def flat_year():
    """What the plain plant makes of the clear year at 15 minutes."""
    return power(plant(), clear_year())


def test_night_is_dark_and_the_inverter_limits():
    timeline, made = power(plant(inverter_kw=40.0), clear_year())
    assert made.max() == pytest.approx(40.0, rel=1e-6)
    assert not made[np.asarray(timeline.local.hour) < 4].any()


def test_the_step_does_not_change_the_energy():
    weather = clear_year()
    energy = {step: power(plant(), weather, step)[1].sum() * step / 60 for step in (10, 15, 30, 60)}
    for step, value in energy.items():
        assert value == pytest.approx(energy[15], rel=0.005), step


def test_interpolation_through_clearness_follows_the_sun_between_hours():
    timeline, made = flat_year()
    day = made[(timeline.local.month == 6) & (timeline.local.day == 21)]
    bend = np.diff(day[28:68], 2)  # a staircase of hours would jump, a sine keeps curving down
    assert bend.max() < 0.15


def test_a_leap_year_has_its_29th_of_february():
    timeline, made = power(plant(), clear_year(), year=2024)
    assert timeline.steps == 35_136
    day = np.asarray(timeline.local.strftime("%m-%d"))
    assert made[day == "02-29"].sum() == pytest.approx(made[day == "02-28"].sum(), rel=0.02)


@pytest.mark.parametrize(("late", "cure"), [(1, -60), (-1, 60)])
def test_a_late_file_is_found_and_cured(late, cure):
    weather = clear_year(late)
    with pytest.raises(InputError, match=f"Try irradiance_shift_minutes: {cure}"):
        power(plant(), weather)
    right = flat_year()[1]
    moved = power(plant(irradiance_shift_minutes=cure), weather)[1]
    assert moved.sum() == pytest.approx(right.sum(), rel=0.005)
    assert np.abs(moved - right).max() < 3.0


@needs_nanjing
def test_nanjing_yields_what_the_lower_yangtze_yields():
    """1208 kWh/m2 a year on the horizontal; plants there are commonly told to make 950 to 1150 kWh per kWp."""
    weather = read_weather(DATA, NANJING)
    timeline, made = power(plant(tilt_degrees=25.0, irradiance_shift_minutes=-60), weather)
    assert 950.0 < made.sum() * timeline.step_h / 100.0 < 1150.0
    assert made.max() < 100.0


@needs_nanjing
def test_nanjing_is_symmetric_about_solar_noon_once_moved():
    weather = read_weather(DATA, NANJING)
    with pytest.raises(InputError, match="irradiance_shift_minutes: -60"):
        power(plant(), weather)
    timeline, made = power(plant(tilt_degrees=25.0, irradiance_shift_minutes=-60), weather)
    hour = solar_hour(timeline, weather.longitude)
    assert abs(np.dot(hour, made) / made.sum()) < 0.25
    morning, afternoon = made[hour < 0].sum(), made[hour > 0].sum()
    assert 0.9 < morning / afternoon < 1.2


@needs_nanjing
def test_nanjing_temperature_follows_the_file():
    weather = read_weather(DATA, NANJING)
    air = weather.ambient_c(Timeline.year(2025, "Asia/Shanghai"))
    assert air.mean() == pytest.approx(weather.temperature_c.mean(), abs=0.05)
    assert (air.min(), air.max()) == pytest.approx((weather.temperature_c.min(), weather.temperature_c.max()), abs=0.5)


def test_a_short_weather_file_is_refused(tmp_path):
    head = "LOCATION,Here,,,,1,32.0,120.0,8.0,5\n" + "x\n" * 7
    row = ",".join(["2005,1,1,1,0,u", *["1"] * 29])
    (tmp_path / "short.epw").write_text(head + (row + "\n") * 100)
    with pytest.raises(InputError, match=r"not a typical year \(got 100 hours\); allowed: 8760 hours"):
        read_weather(tmp_path, "short.epw")
    with pytest.raises(InputError, match="Did you mean 'short"):
        read_weather(tmp_path, "shrot.epw")


def test_tmy3_is_read(tmp_path):
    head = '723815,"DAGGETT",CA,-8.0,34.85,-116.8,586\n'
    names = "Date (MM/DD/YYYY),Time (HH:MM),GHI (W/m^2),DNI (W/m^2),DHI (W/m^2),Dry-bulb (C),Wspd (m/s)\n"
    (tmp_path / "t.csv").write_text(head + names + "01/01/1988,01:00,10,5,6,12.5,3\n" * 8760)
    weather = read_weather(tmp_path, "t.csv")
    assert (weather.latitude, weather.longitude, weather.altitude_m, weather.utc_offset_h) == (
        34.85,
        -116.8,
        586.0,
        -8.0,
    )
    assert weather.temperature_c[0] == 12.5
