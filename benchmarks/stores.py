"""Every technology of the catalogue: how long its tables take to make, and one year of it at 15 minutes."""

from __future__ import annotations

from typing import Any

import numpy as np
from measure import Row, seconds_of

from perdure.simulate.kernel import run
from perdure.simulate.run import empty_track, slow_at_rest, store_of
from perdure.site.plant import Plant
from perdure.technology import response_map
from perdure.technology.ageing import Health
from perdure.technology.technology import TECHNOLOGIES, Technology

PHASE = "store"
STEPS = 35_040
AGED = Health(0.9, 0.4)


def rows(quick: bool) -> list[Row]:
    """One row per technology and question; an aged store is timed."""
    repeats = 3 if quick else 11
    told: list[Row] = []
    for technology in TECHNOLOGIES:
        made = float(np.median([seconds_of(lambda one=technology: _tabulate(one))[0] for _ in range(repeats)]))
        told.append(_row(technology.name, "tables", made, 0.5, "s", 1.0))
        year = float(np.median([seconds_of(work)[0] for work in [_year(technology)] * repeats]))
        told.append(_row(technology.name, "a year at 15 min", year, 0.025, "ms", 1000.0))
    return told


def _row(name: str, what: str, seconds: float, most: float, unit: str, scale: float) -> Row:
    figure = f"{scale * seconds:.2g} {unit}" if scale == 1.0 else f"{scale * seconds:.0f} {unit}"
    return Row(PHASE, f"{name}, {what}", "–", figure, f"<= {scale * most:g} {unit}", seconds <= most)


def _tabulate(technology: Technology) -> Any:
    response_map.response_map.cache_clear()
    response_map._TABLES.clear()
    return response_map.response_map(technology)


def _year(technology: Technology) -> Any:
    """A day of charging by night and discharging in the evening, 365 times, with the seasons' temperatures."""
    plant = Plant("p", technology, 1000.0, min(250.0, 1000.0 * technology.largest_rating.discharge_per_h))
    hour = np.arange(STEPS) / 4.0
    day = hour % 24.0
    plan = np.where(day < 6.0, 0.6, np.where((day > 16.0) & (day < 22.0), -0.8, 0.0)) * plant.power_kw
    ambient = 15.0 + 10.0 * np.sin(hour / 8760.0 * 2.0 * np.pi) + 5.0 * np.sin(day / 24.0 * 2.0 * np.pi)
    wide, still, store = np.full(STEPS, 1e9), np.zeros(STEPS), store_of(plant, AGED)
    tables, track = plant.tables_of(AGED), empty_track(STEPS)

    def work() -> None:
        slow = slow_at_rest(plant)
        run(0.25, 1, plan, still, wide, -wide, ambient, store, tables, 0.3, 20.0, slow, track)

    work()
    return work
