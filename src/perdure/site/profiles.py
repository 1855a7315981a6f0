"""Outdoor temperature over a timeline: constant, from monthly normals, from a series or from a weather file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from perdure.errors import Faults
from perdure.quantities import Confidence
from perdure.site.inputs import AmbientInput, MonthlyTemperature
from perdure.site.series import read_series
from perdure.site.weather import read_weather
from perdure.timeline import Floats, Timeline

WARMEST_HOUR = 15.0
"""Local hour of the daily maximum in profiles made from monthly normals (an estimate)."""


def ambient_profile(spec: AmbientInput, folder: Path, timeline: Timeline) -> tuple[Floats, tuple[str, ...]]:
    """Outdoor temperature in °C (steps,) and remarks on where it comes from."""
    if spec.constant_c is not None:
        return np.full(timeline.steps, spec.constant_c), (f"Outdoor temperature held at {spec.constant_c:g} °C.",)
    if spec.monthly is not None:
        return _from_months(spec.monthly, timeline)
    if spec.weather_file is not None:
        weather = read_weather(folder, spec.weather_file)
        return weather.ambient_c(timeline), (f"Outdoor temperature from {spec.weather_file} ({weather.name}).",)
    return _from_series(spec, folder, timeline)


def _from_months(normals: MonthlyTemperature, timeline: Timeline) -> tuple[Floats, tuple[str, ...]]:
    """Smooth over the year with the given monthly means kept exactly, a cosine over the day."""
    mean = smooth_months(normals.mean_c, timeline)
    label = Confidence(normals.confidence).label()
    told = f"Outdoor temperature from monthly normals ({normals.source}; {label})"
    if normals.min_c is None or normals.max_c is None:
        return mean, (told + ", no daily swing.",)
    swing = smooth_months([high - low for low, high in zip(normals.min_c, normals.max_c, strict=True)], timeline)
    # Mean of the extremes is not the mean: the day keeps the stated mean, its width is the stated swing.
    hour: Floats = np.asarray(timeline.local.hour + timeline.local.minute / 60.0) + timeline.step_h / 2.0
    wave = np.cos(2.0 * np.pi * (hour - WARMEST_HOUR) / 24.0)
    return mean + 0.5 * swing * wave, (f"{told}, warmest at {WARMEST_HOUR:.0f} h (estimate).",)


def smooth_months(values: tuple[float, ...] | list[float], timeline: Timeline) -> Floats:
    """A yearly course without steps between months whose mean in every month is the value given (steps,).

    Straight lines between twelve mid-month knots; the knots solve the 12 x 12 system "mean of each month = value".
    """
    day = np.arange(365) + 0.5
    month = np.repeat(np.arange(12), [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    middles = np.array([day[month == m].mean() for m in range(12)])
    weights = np.stack([np.interp(day, middles, row, period=365.0) for row in np.eye(12)], axis=1)
    means = np.stack([weights[month == m].mean(axis=0) for m in range(12)])
    knots = np.linalg.solve(means, np.asarray(values, dtype=np.float64))
    local = timeline.local
    at = np.asarray(local.day_of_year - (local.is_leap_year & (local.day_of_year >= 60)) - 1 + local.hour / 24.0)
    return np.asarray(np.interp(at, middles, knots, period=365.0))


def _from_series(spec: AmbientInput, folder: Path, timeline: Timeline) -> tuple[Floats, tuple[str, ...]]:
    assert spec.series is not None  # exactly one of the four is given
    faults = Faults()
    with faults.under("series"):
        reading = read_series(spec.series, folder, timeline.zone)
        odd = np.flatnonzero((reading.values < -60.0) | (reading.values > 60.0))
        if len(odd):
            faults.add(f"series.{spec.series.column}", f"temperatures that cannot be ({len(odd)}): {reading.list(odd)}",
                       f"{reading.values[odd[0]]:g}", "-60 to 60 °C")  # fmt: skip
        aligned = timeline.align(reading.values, reading.timeline, spec.series.file)
    faults.raise_if_any()
    return aligned, (*reading.remarks, f"Outdoor temperature from {spec.series.file}, {spec.series.column}.")
