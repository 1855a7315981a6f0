"""The site every benchmark stands on: a made-up factory of 35,040 quarter hours, the same on every run.

Prices and shapes are invented for timing, not taken from any tariff or meter.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from perdure.market.reading import read_tariff
from perdure.market.tariff import Connection
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.technology import TECHNOLOGIES
from perdure.timeline import Floats, Timeline

ENERGY_KWH, POWER_KW = 2000.0, 500.0
DEMAND_PER_KW_MONTH = 40.0
SELL_PER_KWH = 0.30
PRICES = {"valley": 0.32, "flat": 0.62, "peak": 1.05, "critical": 1.26}
SHOULDER_HOURS = {"valley": "00:00-08:00", "flat": "11:00-17:00, 22:00-24:00", "peak": "08:00-11:00, 17:00-22:00"}
EXTREME_HOURS = SHOULDER_HOURS | {"peak": "08:00-11:00, 17:00-19:00, 21:00-22:00", "critical": "19:00-21:00"}
EXTREME_MONTHS = [1, 7, 8, 12]


def timeline() -> Timeline:
    """A year of quarter hours without clock changes."""
    return Timeline.year(2025, "Asia/Shanghai", 15)


def factory(demand_charge: bool, technology: str | None = None) -> Site:
    """The site, with or without twelve monthly demand charges, with or without a 500 kW / 2 MWh plant."""
    ruler = timeline()
    site = Site(
        "benchmark factory",
        ruler,
        _load_kw(ruler),
        _sun_kw(ruler),
        _ambient_c(ruler),
        Connection(import_limit_kw=2500.0, export_limit_kw=2500.0),
        read_tariff(_tariff(demand_charge), Path.cwd()),
    )
    if technology is None:
        return site
    return site.with_plant(Plant(technology, TECHNOLOGIES.find(technology), ENERGY_KWH, POWER_KW))


def _tariff(demand_charge: bool) -> dict[str, object]:
    rest = [month for month in range(1, 13) if month not in EXTREME_MONTHS]
    tariff: dict[str, object] = {
        "kind": "time_of_use",
        "currency": "CNY",
        "prices_per_kwh": PRICES,
        "export_price_per_kwh": SELL_PER_KWH,
        "seasons": [
            {"name": "mild", "months": rest, "all": SHOULDER_HOURS},
            {"name": "extreme", "months": EXTREME_MONTHS, "all": EXTREME_HOURS},
        ],
    }
    return tariff | ({"demand_price_per_kw_month": DEMAND_PER_KW_MONTH} if demand_charge else {})


def _clock_h(ruler: Timeline) -> Floats:
    return np.asarray(ruler.local.hour + ruler.local.minute / 60.0, dtype=np.float64)


def _load_kw(ruler: Timeline) -> Floats:
    """Two shifts, idle Sundays, and a wander that keeps for some hours."""
    hour, noise = _clock_h(ruler), np.random.default_rng(1).normal(size=ruler.steps)
    shift = 1.0 / (1.0 + np.exp(-(hour - 7.5) * 4.0)) / (1.0 + np.exp((hour - 21.5) * 3.0))
    works = np.where(np.asarray(ruler.local.day_of_week) == 6, 0.15, 1.0)
    wander = np.convolve(noise, np.exp(-np.arange(48) / 12.0), mode="same")
    return np.maximum(280.0 + 900.0 * shift * works + 35.0 * wander * (0.3 + shift), 60.0)


def _sun_kw(ruler: Timeline, peak_kw: float = 800.0) -> Floats:
    """A roof at 32 degrees north under days of changing cloud."""
    day, hour = np.asarray(ruler.local.dayofyear, dtype=np.float64), _clock_h(ruler) + 0.125
    tilt, latitude = np.radians(23.45) * np.sin(2.0 * np.pi * (day - 81.0) / 365.0), np.radians(32.0)
    turn = np.cos(2.0 * np.pi * (hour - 12.0) / 24.0)
    height = np.sin(latitude) * np.sin(tilt) + np.cos(latitude) * np.cos(tilt) * turn
    rng = np.random.default_rng(2)
    daily = np.clip(rng.beta(2.0, 1.2, 366), 0.1, 1.0)[np.asarray(ruler.local.dayofyear) - 1]
    flicker = np.clip(1.0 + 0.15 * rng.normal(size=ruler.steps), 0.4, 1.3)
    return peak_kw * np.clip(np.maximum(height, 0.0) * daily * flicker, 0.0, 1.0)


def _ambient_c(ruler: Timeline) -> Floats:
    day, hour = np.asarray(ruler.local.dayofyear, dtype=np.float64), _clock_h(ruler)
    return 16.5 - 12.5 * np.cos(2.0 * np.pi * (day - 20.0) / 365.0) - 4.0 * np.cos(2.0 * np.pi * (hour - 3.0) / 24.0)
