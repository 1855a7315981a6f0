"""What is planned: power per step, what stored energy is worth, the caps kept; or why nothing can be planned."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from perdure.dispatch import demand, exact
from perdure.dispatch.hints import Hint
from perdure.dispatch.limit_prices import Plan, limit_prices
from perdure.dispatch.passes import Workspace
from perdure.dispatch.program.solution import LimitPrice
from perdure.market.charge import PeakPrice
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
    told: dict[str, LimitPrice] = field(default_factory=dict)  # what `limit_prices` gives, once known
    peak: PeakPrice | None = None  # the demand charge an exact plan kept its caps for
    in_full: bool = False  # made for the tariff as it bends, not straightened around an import
    hint: Hint | None = None  # what the search for the caps tells the next one
    remarks: tuple[str, ...] = ()  # what the plan had to expect or left open

    @property
    def limit_prices(self) -> dict[str, LimitPrice]:
        """What one more kW (kWh) of each limit would save over the timeline, dearest first.

        HiGHS tells them with its plan; those of the exact method are found when first asked for (some 100 ms a year),
        from a plan at the proven optimum: a few millionths above it, the multipliers of a limit may be far off.
        """
        if not self.told and self.method == "exact":
            rates, floors = np.zeros(0), np.zeros(0)
            if self.peak is not None:
                rates, floors = self.peak.rate_per_kw, self.peak.floors_kw
            self.told.update(limit_prices(self._at_optimum(rates, floors)))
        return self.told

    def _at_optimum(self, rates: Floats, floors: Floats) -> Plan:
        found = demand.solve(self.problem, rates, floors, self.hint)
        if isinstance(found, demand.Stuck) or not found[0].proven:
            return Plan(self.problem, self.power_kw, self.stored_kwh, self.energy_value_per_kwh, rates, floors)
        run = found[0]
        ac_kw = exact.ac_power(self.problem, run.x_kwh)
        return Plan(self.problem, ac_kw, run.energy_kwh, run.worth, rates, floors)

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
