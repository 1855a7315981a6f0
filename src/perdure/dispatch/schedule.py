"""What is planned: power per step, what stored energy is worth, the caps kept; or why nothing can be planned."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from perdure.dispatch import exact
from perdure.dispatch.demand import Workspace
from perdure.dispatch.program.solution import LimitPrice
from perdure.timeline import Floats, Ints, Timeline


@dataclass(frozen=True, slots=True)
class ValueOfEnergy:
    """The value function after every step: value per stored kWh, falling from empty to full, exact."""

    offsets: Ints  # (steps + 1,)
    values: Floats
    lengths_kwh: Floats
    low_kwh: Floats  # (steps,) energy where the first stretch begins

    def per_kwh(self, step: int, stored_kwh: float) -> float:
        """What one more stored kWh is worth at the end of `step`, with `stored_kwh` in the store."""
        stretch = slice(self.offsets[step], self.offsets[step + 1])
        ends = self.low_kwh[step] + np.cumsum(self.lengths_kwh[stretch])
        place = min(int(np.searchsorted(ends, stored_kwh, side="right")), ends.size - 1)
        return float(self.values[stretch][place])


@dataclass(frozen=True, slots=True)
class Schedule:
    """A plan for one plant over a timeline.

    `power_kw` (steps,): AC power of the plant, charging positive, auxiliaries not included. `stored_kwh` (steps+1,).
    `energy_value_per_kwh` (steps,): what one more stored kWh is worth at the end of each step. `caps_kw` (groups,):
    the import each demand-charge group is planned to stay under. `cost`: energy, demand charges and wear.
    """

    timeline: Timeline
    power_kw: Floats
    stored_kwh: Floats
    energy_value_per_kwh: Floats
    caps_kw: Floats
    cost: float
    method: str  # 'exact' or 'program'
    why: str
    sweeps: int
    seconds: float
    auxiliary_kw: Floats  # what the plan assumed
    problem: exact.Problem
    reserves_kw: dict[str, Floats] = field(default_factory=dict)  # held ready by name (steps,)
    limit_prices: dict[str, LimitPrice] = field(default_factory=dict)  # what loosening a limit saves, dearest first

    def value_function(self) -> ValueOfEnergy:
        """The value function of every step (exact method only), for a controller that decides anew each second."""
        problem, space = self.problem, Workspace(self.problem)
        offsets = np.zeros(problem.net_kw.size + 1, np.int64)
        space.backward(problem, self.caps_kw, offsets)
        kept = np.zeros(offsets[-1]), np.zeros(offsets[-1])
        space.backward(problem, self.caps_kw, offsets, kept)
        return ValueOfEnergy(offsets, *kept, space.room[:, 0].copy())


@dataclass(frozen=True, slots=True)
class Infeasible:
    """No schedule keeps all limits: which limit fails, when, by how much."""

    limit: str
    step: int
    text: str
