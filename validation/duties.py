"""State-of-charge duties that another tool and perdure both age through; plain numpy, so any tool can import it."""

from __future__ import annotations

import numpy as np

STEP_H = 0.25
DUTIES = {
    "one full cycle a day": ((0.0, 4.0, 12.0, 16.0, 24.0), (0.0, 1.0, 1.0, 0.0, 0.0)),
    "one cycle of 80 % a day": ((0.0, 3.25, 12.0, 15.25, 24.0), (0.1, 0.9, 0.9, 0.1, 0.1)),
    "two cycles of 40 % a day": ((0.0, 2.0, 6.0, 8.0, 12.0, 14.0, 18.0, 20.0, 24.0),
                                 (0.3, 0.7, 0.7, 0.3, 0.3, 0.7, 0.7, 0.3, 0.3)),
}  # fmt: skip
"""Corners of a day: hours, state of charge. Temperature is 25 °C throughout."""
YEARS = (1, 5, 10, 20)


def day(name: str, step_h: float = STEP_H) -> np.ndarray:
    """State of charge at the end of each step of a day (steps,)."""
    hours, charges = DUTIES[name]
    return np.asarray(np.interp(np.arange(1, round(24.0 / step_h) + 1) * step_h, hours, charges))
