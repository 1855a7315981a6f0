"""From a simulated run to what ages a store: its series and the half cycles rainflow finds in them."""

from __future__ import annotations

import numpy as np

from perdure.simulate.kernel import Track, rainflow
from perdure.technology.ageing import Stress
from perdure.technology.response_map import ResponseMap
from perdure.timeline import Floats

STILL = 1e-6
"""A state of charge that moves less than this in a step rests."""
SMALLEST_DEPTH = 1e-4


def stress_of(track: Track, table: ResponseMap, step_h: float) -> Stress:
    """The stress of a run."""
    return stress_of_series(table.soc(track.share), track.temperature, step_h)


def stress_of_series(soc: Floats, temperature_c: Floats, step_h: float) -> Stress:
    """The stress of a state-of-charge series (steps,) at temperatures (steps,)."""
    first, last, weight = rainflow(soc)
    depth = np.abs(soc[last] - soc[first])
    real = depth > SMALLEST_DEPTH
    first, last, weight, depth = first[real], last[real], weight[real], depth[real]
    step = np.diff(soc, append=soc[-1:])
    rising, falling, move = step > STILL, step < -STILL, np.abs(step)
    moved = np.concatenate([[0.0], np.cumsum(move)])
    moving_h = np.concatenate([[0.0], np.cumsum(move > STILL)]) * step_h
    warmth = np.concatenate([[0.0], np.cumsum(temperature_c)])
    early, late = np.minimum(first, last), np.maximum(first, last)
    hours = np.maximum(moving_h[late] - moving_h[early], step_h)
    return Stress(
        step_h=step_h,
        soc=soc,
        temperature_c=temperature_c,
        depth=depth,
        mean_soc=0.5 * (soc[first] + soc[last]),
        rate_per_h=(moved[late] - moved[early]) / hours,
        cycle_temperature_c=(warmth[late + 1] - warmth[early]) / (late + 1 - early),
        weight=weight,
        charging_h=float(rising.sum()) * step_h,
        discharging_h=float(falling.sum()) * step_h,
        charge_starts=int(np.sum(rising[1:] & ~rising[:-1])),
        discharge_starts=int(np.sum(falling[1:] & ~falling[:-1])),
    )
