"""Photovoltaic generation modelled from a typical weather year with pvlib, on any timeline.

The hourly irradiance is brought to the case's step through *clearness*: global irradiance over what falls on a
horizontal plane outside the atmosphere. Clearness changes slowly, the sun's height does not; so clearness is
interpolated, multiplied by the sun's height at each step, and scaled so that every hour keeps its energy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from perdure.errors import Fault, InputError
from perdure.quantities import Confidence, Sourced
from perdure.site.inputs import PvInput
from perdure.site.sun import solar_hour
from perdure.site.weather import Weather
from perdure.timeline import Floats, Timeline

FIGURES = {
    "heat_loss_constant": Sourced(25.0, "W/m2/K", "Faiman (2008), default of pvlib.temperature.faiman",
                                  Confidence.PUBLISHED),
    "heat_loss_wind": Sourced(6.84, "W/m2/K per m/s", "Faiman (2008), default of pvlib.temperature.faiman",
                              Confidence.PUBLISHED),
}  # fmt: skip
"""Cell temperature above air: irradiance over (constant + wind * wind speed)."""
FINEST_MINUTES = 15
"""Step of the inner grid, at most: coarse steps would misjudge the low sun."""
LATE_HOURS = 0.4
"""Hours by which the middle of a year's irradiation may miss solar noon before the file's clock is doubted."""
LOW_SUN = 0.05
"""Cosine of the zenith angle under which all light is taken as diffuse: beam over cosine explodes there."""


@dataclass(frozen=True)
class _Light:
    """The inner grid: irradiance (W/m2) and sun, all (fine steps,)."""

    timeline: Timeline
    ghi: Floats
    dhi: Floats
    dni: Floats
    extra: Floats
    zenith: Floats
    azimuth: Floats
    lost_share: float


def model_pv(
    pv: PvInput, weather: Weather, timeline: Timeline, latitude: float, longitude: float, altitude_m: float
) -> tuple[Floats, tuple[str, ...]]:
    """AC power of the plant in kW (steps,), and remarks.

    Choices: the file's own split into beam and diffuse light is kept (a decomposition model would add its error to
    that of the file); transposition to the tilted plane after Hay and Davies, which is smooth at all sun heights;
    reflection at the glass by pvlib's physical model for the beam; cell temperature after Faiman; module power
    linear in irradiance and temperature, inverter after PVWatts. No shading by surroundings, no snow.
    InputError where the irradiance is not centred on solar noon (see `irradiance_shift_minutes`).
    """
    remarks = _check_timing(pv, weather, timeline, longitude)
    light = _light(pv, weather, timeline, (latitude, longitude, altitude_m))
    fine = _ac_power(pv, weather, light)
    before = 60 // light.timeline.step_minutes
    per_step = timeline.step_minutes // light.timeline.step_minutes
    power = fine[before : before + timeline.steps * per_step].reshape(timeline.steps, per_step).mean(axis=1)
    yearly = float(power.sum() * timeline.step_h / pv.dc_kwp)
    told = f"Photovoltaics modelled from {pv.weather_file} ({weather.name}): {yearly:.0f} kWh per kWp"
    moved = f", irradiance moved by {pv.irradiance_shift_minutes} min" if pv.irradiance_shift_minutes else ""
    lost = f"; {light.lost_share:.1%} of the irradiation falls too near the horizon and is left out"
    return power, (*remarks, told + moved + (lost if light.lost_share > 0.002 else "") + ".")


def _check_timing(pv: PvInput, weather: Weather, timeline: Timeline, longitude: float) -> tuple[str, ...]:
    """Irradiation over a year is centred on solar noon; a file that breaks the stamp rule is not."""
    year = timeline.local[0].year if timeline.local[0].month < 7 else timeline.local[-1].year
    first = pd.Timestamp(f"{year}-01-01", tz="UTC") - pd.Timedelta(hours=weather.utc_offset_h)
    hours = Timeline(first + pd.Timedelta(minutes=pv.irradiance_shift_minutes), 60, len(weather.ghi_wm2))
    late = float(np.dot(solar_hour(hours, longitude), weather.ghi_wm2) / weather.ghi_wm2.sum())
    if abs(late) <= LATE_HOURS:
        return ()
    better = pv.irradiance_shift_minutes - round(late * 2.0) * 30
    problem = f"its irradiance is centred {abs(late):.1f} h {'after' if late > 0 else 'before'} solar noon"
    if "timing" in pv.accept:
        return (f"{pv.weather_file}: {problem}; accepted in the case file.",)
    raise InputError(
        [Fault("irradiance_shift_minutes", f"{pv.weather_file}: {problem}", str(pv.irradiance_shift_minutes),
               f"within {LATE_HOURS:g} h of solar noon",
               f"Try irradiance_shift_minutes: {better}, or say accept: [timing].")]
    )  # fmt: skip


def _light(pv: PvInput, weather: Weather, timeline: Timeline, where: tuple[float, float, float]) -> _Light:
    from pvlib import irradiance, solarposition

    minutes = math.gcd(FINEST_MINUTES, timeline.step_minutes, abs(pv.irradiance_shift_minutes))
    hour = pd.Timedelta(hours=1)  # a margin on both sides, so that moved hours are whole
    fine = Timeline(timeline.start - hour, minutes, (timeline.steps * timeline.step_minutes + 120) // minutes)
    middles = fine.stamps + pd.Timedelta(minutes=minutes / 2.0)
    sun = solarposition.get_solarposition(middles, where[0], where[1], where[2])
    height = np.maximum(np.cos(np.radians(sun["zenith"].to_numpy())), 0.0)
    extra = np.asarray(irradiance.get_extra_radiation(middles), dtype=np.float64)
    ghi, diffuse_share, lost = _through_clearness(pv, weather, fine, extra * height)
    beam = np.where(height > LOW_SUN, ghi * (1.0 - diffuse_share) / np.maximum(height, LOW_SUN), 0.0)
    dni = np.minimum(beam, extra)
    return _Light(fine, ghi, ghi - dni * height, dni, extra, sun["zenith"].to_numpy(), sun["azimuth"].to_numpy(), lost)


def _through_clearness(pv: PvInput, weather: Weather, fine: Timeline, outside: Floats) -> tuple[Floats, Floats, float]:
    """Global irradiance and its diffuse share on the inner grid (fine steps,), and the share of energy left out."""
    moved = fine.stamps - pd.Timedelta(minutes=pv.irradiance_shift_minutes)
    hour = weather.hour_of_year(moved)
    since = (moved + pd.Timedelta(hours=weather.utc_offset_h)).tz_localize(None)
    block = np.asarray((since - since[0].floor("h")) // pd.Timedelta(hours=1), dtype=np.int64)
    count = np.bincount(block)
    first = np.searchsorted(block, np.arange(len(count)))
    source = np.asarray(hour[first], dtype=np.int64) % len(weather.ghi_wm2)
    ghi, dhi = weather.ghi_wm2[source], weather.dhi_wm2[source]
    above = np.bincount(block, outside) / count
    bright = (above > 10.0) & (ghi > 0.0)
    centres = np.bincount(block, np.arange(len(block))) / count
    steps = np.arange(len(block))

    def between(values: Floats) -> Floats:
        return np.interp(steps, centres[bright], values[bright])

    with np.errstate(divide="ignore", invalid="ignore"):
        clearness, share = np.minimum(ghi / above, 1.0), np.clip(dhi / ghi, 0.0, 1.0)
    shape = between(clearness) * outside
    mean = np.bincount(block, shape) / count
    factor = np.where(bright, np.minimum(ghi, above) / np.maximum(mean, 1e-9), 0.0)
    lit = shape * factor[block]
    lost = 1.0 - float(lit.sum() / np.dot(ghi, count))
    return lit, between(share), lost


def _ac_power(pv: PvInput, weather: Weather, light: _Light) -> Floats:
    """AC power in kW (fine steps,) of the plane, the cells and the inverter."""
    from pvlib import iam, inverter, irradiance, temperature

    plane = irradiance.get_total_irradiance(
        pv.tilt_degrees, pv.azimuth_degrees, light.zenith, light.azimuth, light.dni, light.ghi, light.dhi,
        dni_extra=light.extra, albedo=pv.albedo_share, model="haydavies",
    )  # fmt: skip
    angle = irradiance.aoi(pv.tilt_degrees, pv.azimuth_degrees, light.zenith, light.azimuth)
    direct, scattered = np.asarray(plane["poa_direct"]), np.asarray(plane["poa_diffuse"])
    used = np.nan_to_num(direct * np.asarray(iam.physical(angle)) + scattered)
    stamps = light.timeline.stamps
    cell = temperature.faiman(
        np.nan_to_num(direct + scattered),
        weather.at(weather.temperature_c, stamps), weather.at(weather.wind_ms, stamps),
        FIGURES["heat_loss_constant"].value, FIGURES["heat_loss_wind"].value,
    )  # fmt: skip
    warm = 1.0 + pv.temperature_coefficient_per_k * (np.asarray(cell) - 25.0)
    direct_kw = pv.dc_kwp * used / 1000.0 * warm * (1.0 - pv.losses_share)
    limit = pv.inverter_kw if pv.inverter_kw is not None else pv.dc_kwp
    rated_direct = limit / pv.inverter_efficiency_share
    ac = inverter.pvwatts(direct_kw, rated_direct, pv.inverter_efficiency_share)
    return np.maximum(np.nan_to_num(np.asarray(ac, dtype=np.float64)), 0.0)
