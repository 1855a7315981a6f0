"""Caps under demand charges that bend (contracted steps, look-back): cutting planes, the charge itself in the bound.

As in `demand.py` the cost of energy J(D) is convex in the caps D and every sweep gives a tangent plane to it. The
charge G(D) is convex and piecewise linear too, so the least of planes plus G is one small linear program: a bound no
schedule beats, and the caps to try next, kept near the best ones so far while the planes are few.
"""

from __future__ import annotations

import highspy
import numpy as np

from perdure.dispatch import exact
from perdure.dispatch.cuts import Bound
from perdure.dispatch.demand import Stuck, Sweep, _end_worth, sweep
from perdure.dispatch.passes import Workspace
from perdure.market.full_prices import BilledDemand
from perdure.timeline import Floats, Ints

MOST_TURNS = 250
FIRST_REACH = 0.05
"""How far from the best caps the first trials may go, as a share of them."""

Placed = tuple[int, BilledDemand]
"""A billed demand and the number of its first group among all groups."""


class _Master(Bound):
    """Bound with the billed demands' own columns (kW in each tier) and rows."""

    def __init__(self, problem: exact.Problem, rates: Floats, floors: Floats, demands: tuple[Placed, ...]):
        super().__init__(problem, rates, floors)
        self.lower = floors.copy()
        self.most = np.abs(problem.net_kw).max() + np.abs(problem.ac_nodes).max() + 1.0
        self.shares: list[tuple[Ints, Ints, Floats]] = []  # row, group, share
        for first, one in demands:
            tiers = self._columns(one)
            who, whose = np.nonzero(one.share)
            share, rows = one.share[who, whose], self.highs.getNumRow()
            self._rows(tiers[who], first + whose, -share, np.zeros(who.size))
            self._rows(tiers, None, None, one.least_kw)
            self.shares.append((rows + np.arange(who.size), first + whose, share))

    def _columns(self, one: BilledDemand) -> Ints:
        width = np.diff(one.upper_kw, axis=1, prepend=0.0)
        width = np.where(np.isfinite(width), width, highspy.kHighsInf)
        begin, none = self.highs.getNumCol(), np.zeros(0)
        empty = none.astype(np.int32)
        cost = one.rate_per_kw.ravel()
        self.highs.addCols(cost.size, cost, np.zeros(cost.size), width.ravel(), 0, empty, empty, none)
        return begin + np.arange(cost.size).reshape(one.rate_per_kw.shape)

    def _rows(self, tiers: Ints, group: Ints | None, weight: Floats | None, lower: Floats) -> None:
        index = tiers if group is None else np.column_stack([group, tiers])
        ones = np.ones(tiers.shape)
        value = ones if weight is None else np.column_stack([weight, ones])
        count, wide = index.shape
        self.highs.addRows(
            count, lower, np.full(count, highspy.kHighsInf), index.size, (np.arange(count) * wide).astype(np.int32),
            index.ravel().astype(np.int32), value.ravel(),
        )  # fmt: skip

    def near(self, caps: Floats, reach: Floats) -> Floats | None:
        """The best caps by the planes so far within `reach` of `caps`."""
        self._bounds(np.maximum(caps - reach, self.lower), np.minimum(caps + reach, self.most))
        found = self.lowest()
        self._bounds(self.lower, np.full(caps.size, self.most))
        return None if found is None else found[1]

    def _bounds(self, lower: Floats, upper: Floats) -> None:
        at = np.arange(lower.size, dtype=np.int32)
        self.highs.changeColsBounds(at.size, at, lower, np.maximum(upper, lower))

    def worth_of_caps(self) -> Floats:
        """What one more kW of each group's peak costs at the bound just found (groups,)."""
        dual, rate = np.array(self.highs.getSolution().row_dual), self.rates.copy()
        for rows, group, share in self.shares:
            np.add.at(rate, group, share * dual[rows])
        return rate


def solve(
    problem: exact.Problem,
    rates: Floats,
    floors: Floats,
    demands: tuple[Placed, ...],
    start_kw: Floats,
    open_share: float,
) -> tuple[Sweep, int, Floats] | Stuck | None:
    """The best schedule, the sweeps it took and what each group's peak costs at the margin; None where unproven.

    `rates`, `floors` (groups,): of the straight demand charges, 0 where a group bends. `start_kw` (groups,): caps of a
    schedule close to the best. `problem.excess_price` must exceed what a kW costs in any of the charges.
    """
    master = _Master(problem, rates, floors, demands)
    space = Workspace(problem, master.starts)
    best: tuple[float, Sweep] | None = None
    caps, centre, reach = np.maximum(start_kw, floors), start_kw, FIRST_REACH * (start_kw + 1.0)
    for turn in range(1, MOST_TURNS + 1):
        run = sweep(problem, caps, space)
        if isinstance(run, Stuck):
            return run
        costs, paid, peaks = space.tally(problem, caps, floors)
        left = _end_worth(problem, run.energy_kwh[-1])
        bent = sum(one.cost_of(np.maximum(peaks[first : first + one.share.shape[1]], 0.0)) for first, one in demands)
        total = float(paid.sum() + rates @ peaks) - left + bent
        better = best is None or total < best[0]
        if better:
            best, centre = (total, run.kept()), peaks.copy()
        reach = reach * (1.5 if better else 0.6)
        costs[-1] -= left
        if run.exact_slope:
            master.add(caps, run.energy_kwh, run.worth, run.slope, costs)
        lowest = master.lowest()
        assert best is not None
        if lowest is not None and best[0] - lowest[0] <= open_share * abs(best[0]):
            best[1].caps = centre
            return best[1], turn, master.worth_of_caps()
        trial = lowest[1] if lowest is not None and turn % 4 == 0 else master.near(centre, reach)
        if trial is None:
            return None
        caps = trial
    return None
