"""What a controller that follows a plan keeps stored for services."""

from __future__ import annotations

import numpy as np

from perdure.dispatch.schedule import Schedule
from perdure.market.service import Hold
from perdure.timeline import Floats


def held_targets(plan: tuple[Schedule, ...], holds: tuple[Hold, ...], margin_kwh: float, steps: int) -> list[Floats]:
    """What each store's controller keeps at the end of each step (stores of (steps,)), kWh; 0 where nothing is held.

    Promises that must be kept; those with a price are the plan's to weigh. Stores share a promise as the plan has it,
    and none keeps more than it was planned to hold. `margin_kwh`: of all stores together, beyond the promise.
    """
    wanted = [one.least_kwh for one in holds if np.isinf(one.price_per_kwh)]
    least = np.max([np.zeros(steps), *(np.where(one > 0.0, one + margin_kwh, 0.0) for one in wanted)], axis=0)
    least = np.append(least[1:], 0.0)[:steps]
    low = [one.problem.low_kwh[one.problem.season][:steps] for one in plan]
    above = [np.maximum(one.stored_kwh[1 : steps + 1] - floor, 0.0) for one, floor in zip(plan, low, strict=True)]
    whole = np.maximum(np.sum(above, axis=0), 1e-9)
    part = np.minimum(least / whole, 1.0)
    return [np.where(part > 0.0, own * part + floor, 0.0) for own, floor in zip(above, low, strict=True)]
