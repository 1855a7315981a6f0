"""What every limit of an exact plan is worth: multipliers that prove the plan, found from the plan itself.

With w_t the value of one more stored kWh at the end of step t and pi_t the cost of one more kWh drawn in it, a plan is
optimal where in every step pi_t lies between the slopes of the meter's cost at the grid power chosen, and equals w_t
times the conversion's slope (wear taken off); where w_t passes on to w_{t+1} unchanged but for self-discharge while the
store is neither full nor empty; and where the multipliers of each demand charge add up to its rate. What a limit is
worth is what these conditions leave over at it. Between two times at which the store is full or empty there is one
unknown, so all of them together make a small linear program; the values the plan brought along solve all of it but the
sums of demand charges whose cap sits at a corner.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import highspy
import numpy as np
from numpy.typing import NDArray

from perdure.dispatch.exact import Problem
from perdure.dispatch.program.arrays import Arrays, Numbers, highs_model, solver
from perdure.dispatch.program.solution import LimitPrice
from perdure.timeline import Floats, Ints, highest

Marks = NDArray[np.bool_]
TOUCH = 1e-7
"""Relative to the size of the store (or of the powers): closer to a limit than this counts as on it."""
ADDED_UP = 1e-9
"""Relative: multipliers of a demand charge this close to its rate need no search."""


@dataclass(frozen=True)
class Plan:
    """What is to be proven: a problem, its best schedule, and what its demand charges cost."""

    problem: Problem
    ac_kw: Floats  # (steps,)
    stored_kwh: Floats  # (steps + 1,)
    worth: Floats  # (steps,)
    rates: Floats  # (groups,)
    floors: Floats  # (groups,)

    @cached_property
    def billed_kw(self) -> Floats:
        """Highest import of each group, at least its floor (groups,)."""
        return highest(self.problem.group, self.problem.net_kw + self.ac_kw, self.floors)


def limit_prices(plan: Plan) -> dict[str, LimitPrice]:
    """What one more kW (kWh) of each limit would save in every step, dearest first, as `GeneralSolution` tells it."""
    steps = _Steps.of(plan)
    runs = _Runs.of(plan, steps)
    worth, held = _proven(plan, steps, runs)
    return _told(plan, steps, runs, worth, held)


@dataclass(frozen=True, slots=True)
class _Steps:
    """Of each step (steps,): the slopes on both sides of its power, and which limits it touches."""

    least: Floats  # slope of the meter's cost per kWh, below and above the grid power, limits left out
    most: Floats
    gain_in: Floats  # stored kWh per kWh, were the power lowered (in) or raised (out) a little
    gain_out: Floats
    wear_in: Floats
    wear_out: Floats
    bottom: Marks  # full discharge
    no_lower: Marks  # full discharge, or a surplus beyond the export limit that no store may add to
    top: Marks  # full charge
    at_import: Marks
    at_export: Marks
    capped: Ints  # steps whose import is at a demand charge's cap
    importing: Marks

    @classmethod
    def of(cls, plan: Plan) -> _Steps:
        p, ac = plan.problem, plan.ac_kw
        nodes, zero = p.ac_nodes[p.season], int(np.argmin(np.abs(p.ac_nodes).max(axis=0)))
        near = TOUCH * (1.0 + np.abs(p.ac_nodes).max() + np.abs(p.net_kw).max())
        width = np.diff(p.ac_nodes, axis=1)
        gain = np.divide(np.diff(p.store_nodes, axis=1), width, out=np.ones_like(width), where=width > 0)
        above = np.sum(nodes[:, 1:] <= (ac + near)[:, None], axis=1)
        below = np.sum(nodes[:, :-1] < (ac - near)[:, None], axis=1) - 1
        last, half = width.shape[1] - 1, 0.5 * p.wear
        grid, out = p.net_kw + ac, p.export_limit
        curtails = -out - p.net_kw
        clipped = (curtails > nodes[:, 0] + near) & (ac <= np.minimum(curtails, 0.0) + near)
        above_i, below_i = np.minimum(above, last), np.maximum(below, 0)
        least = np.where(grid > near, p.buy, np.where(grid > near - out, p.sell, 0.0))
        most = np.where(grid >= -near, p.buy, np.where(grid >= -out - near, p.sell, 0.0))
        cap = plan.billed_kw[p.group] if plan.rates.size else np.full(ac.size, np.inf)
        paid = (p.group >= 0) & (plan.rates[p.group] > 0) if plan.rates.size else np.zeros(ac.size, bool)
        return cls(
            np.where(clipped & (curtails < near), -np.inf, least), most,
            gain[p.season, below_i], gain[p.season, above_i],
            np.where(below_i >= zero, half, -half), np.where(above_i >= zero, half, -half),
            below < 0, (below < 0) | (clipped & (curtails >= near)), above > last,
            grid >= p.import_limit - near, grid <= near - out,
            np.flatnonzero(paid & (grid >= cap - near)), grid > near,
        )  # fmt: skip

    def draw_prices(self, worth: Floats) -> tuple[Floats, Floats]:
        """Least and most that a kWh drawn may cost for the store to act as it does (steps,), (steps,)."""
        low = np.where(self.top, -np.inf, (worth - self.wear_out) * self.gain_out)
        high = np.where(self.no_lower, np.inf, (worth - self.wear_in) * self.gain_in)
        return low, high


@dataclass(frozen=True, slots=True)
class _Runs:
    """Stretches of steps between two touches of full or empty; one unknown each: the worth at the run's first step."""

    first: Ints  # (runs,)
    run: Ints  # (steps,)
    scale: Floats  # (steps,) worth of the step as multiple of its run's
    keep: Floats  # (steps,)
    full: Marks  # (steps,) at the end of the step
    empty: Marks

    @classmethod
    def of(cls, plan: Plan, steps: _Steps) -> _Runs:
        p, energy = plan.problem, plan.stored_kwh[1:]
        near = TOUCH * (1.0 + p.high_kwh.max())
        full, empty = energy >= p.high_kwh[p.season] - near, energy <= p.low_kwh[p.season] + near
        run = np.concatenate([[0], np.cumsum(full[:-1] | empty[:-1])])
        first = np.flatnonzero(np.diff(run, prepend=-1))
        keep = p.keep[p.season]
        faded = np.cumsum(np.log(keep))
        return cls(first, run, np.exp(faded[first][run] - faded), keep, full, empty)


def _proven(plan: Plan, steps: _Steps, runs: _Runs) -> tuple[Floats, Floats]:
    """Worth of every step that fits all conditions, and the demand charges' multiplier in each step (steps,)."""
    held = np.zeros(plan.ac_kw.size)
    if not steps.capped.size:
        return plan.worth, held
    at, h = steps.capped, plan.problem.step_h
    low, high = steps.draw_prices(plan.worth)
    held[at] = h * np.maximum(np.clip(steps.most, low, np.maximum(low, high)) - steps.most, 0.0)[at]
    sums = np.bincount(plan.problem.group[at], held[at], plan.rates.size)
    if np.all(np.abs(sums - plan.rates)[_binding(plan)] <= ADDED_UP * plan.rates.max()):
        return plan.worth, held
    return _searched(plan, steps, runs, held)


def _binding(plan: Plan) -> Marks:
    """Groups that are billed above their floor (groups,)."""
    p = plan.problem
    near = TOUCH * (1.0 + np.abs(p.ac_nodes).max() + np.abs(p.net_kw).max())
    used = np.zeros(plan.rates.size, bool)
    used[p.group[p.group >= 0]] = True
    return np.asarray(used & (plan.rates > 0) & (plan.billed_kw > plan.floors + near))


def _searched(plan: Plan, steps: _Steps, runs: _Runs, held: Floats) -> tuple[Floats, Floats]:
    """The linear program: run by run the worth, multipliers at caps, sums as near to the rates as can be.

    Between two corners of the conversion the worth says the multiplier; only at corners it is an unknown of its own.
    """
    p = plan.problem
    inner, at = _parted(steps)
    arrays, bounds = Arrays(), _Bounds()
    worth, mu = arrays.add(runs.first.size), arrays.add(at.size)
    used = np.unique(p.group[steps.capped])
    off = arrays.add(2 * used.size)
    _corners(plan, steps, runs, held, at, worth, mu, arrays, bounds)
    _meetings(plan, runs, worth, arrays, bounds)
    _sums(plan, steps, runs, inner, at, worth, mu, off, arrays, bounds)
    numbers = Numbers.empty(arrays.columns, arrays.rows)
    numbers.cost[off] = 1.0
    numbers.lower[worth], numbers.upper[worth] = _ranges(plan, steps, runs, plan.worth[runs.first], inner, at)
    numbers.row_lower, numbers.row_upper = np.concatenate(bounds.lower), np.concatenate(bounds.upper)
    highs = solver(10.0)
    highs.passModel(highs_model(arrays, numbers))
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return plan.worth, held
    x = np.array(highs.getSolution().col_value)
    found, held = x[worth][runs.run] * runs.scale, held.copy()
    held[at] = x[mu]
    held[inner] = p.step_h * np.maximum(((found - steps.wear_in) * steps.gain_in - steps.most)[inner], 0.0)
    return found, held


class _Bounds:
    """Bounds of the rows in the order they were made."""

    def __init__(self) -> None:
        self.lower: list[Floats] = []
        self.upper: list[Floats] = []

    def add(self, lower: Floats, upper: Floats) -> None:
        self.lower.append(lower)
        self.upper.append(upper)


def _corners(
    plan: Plan, steps: _Steps, runs: _Runs, held: Floats, at: Ints, worth: Ints, mu: Ints, arrays: Arrays,
    bounds: _Bounds,
) -> None:  # fmt: skip
    """At a cap and a corner of the conversion: worth and multiplier fit together on both sides of it."""
    counted = steps.importing[at] / plan.problem.step_h  # a cap of 0 charges what is bought, not what is fed in
    own, scale, h = worth[runs.run[at]], runs.scale[at], plan.problem.step_h
    arrays.row(at.size, [(own, steps.gain_in[at] * scale), (mu, -counted)])
    arrays.row(at.size, [(own, steps.gain_out[at] * scale), (mu, -1.0 / h)])
    # The plan's own values satisfy all but the sums; rounding must not say otherwise.
    before = plan.worth[at] * steps.gain_in[at] - held[at] * counted
    after = plan.worth[at] * steps.gain_out[at] - held[at] / h
    least = steps.least[at] + steps.wear_in[at] * steps.gain_in[at]
    most = steps.most[at] + steps.wear_out[at] * steps.gain_out[at]
    infinite = np.full(at.size, np.inf)
    bounds.add(np.where(steps.no_lower[at], -np.inf, np.minimum(least, before)), infinite)
    bounds.add(-infinite, np.where(steps.top[at] | steps.at_import[at], np.inf, np.maximum(most, after)))


def _meetings(plan: Plan, runs: _Runs, worth: Ints, arrays: Arrays, bounds: _Bounds) -> None:
    """Where two runs meet, the worth may only rise at a full store and only fall at an empty one."""
    ends = np.flatnonzero(np.diff(runs.run))  # last step of each run but the last
    arrays.row(ends.size, [(worth[:-1], runs.scale[ends]), (worth[1:], -runs.keep[ends + 1])])
    fall = plan.worth[ends] - runs.keep[ends + 1] * plan.worth[ends + 1]
    bounds.add(
        np.where(runs.full[ends], -np.inf, np.minimum(fall, 0.0)),
        np.where(runs.empty[ends], np.inf, np.maximum(fall, 0.0)),
    )


def _sums(
    plan: Plan, steps: _Steps, runs: _Runs, inner: Ints, at: Ints, worth: Ints, mu: Ints, off: Ints, arrays: Arrays,
    bounds: _Bounds,
) -> None:  # fmt: skip
    """Each demand charge's multipliers add up to its rate, `off` by what cannot be helped; on its floor to no more."""
    p, count = plan.problem, worth.size
    used = np.unique(p.group[steps.capped])
    rows = arrays.row(used.size, [(off[: used.size], 1.0), (off[used.size :], -1.0)])
    arrays.put(rows[np.searchsorted(used, p.group[at])], mu, 1.0)
    number = np.searchsorted(used, p.group[inner])
    places, place = np.unique(number * count + runs.run[inner], return_inverse=True)
    gained = np.bincount(place, p.step_h * (steps.gain_in * runs.scale)[inner], places.size)
    arrays.put(rows[places // count], worth[places % count], gained.astype(np.float64))
    price = (steps.most + steps.wear_in * steps.gain_in)[inner]
    whole = plan.rates[used] + p.step_h * np.bincount(number, price, used.size)
    bounds.add(np.where(_binding(plan)[used], whole, whole - plan.rates[used]), whole)


def _parted(steps: _Steps) -> tuple[Ints, Ints]:
    """Steps at a cap between two corners of everything else, and those at a corner."""
    at = steps.capped
    corner = (steps.gain_in != steps.gain_out) | (steps.wear_in != steps.wear_out) | (steps.least != steps.most)
    corner |= steps.no_lower | steps.top | steps.at_import | ~steps.importing
    return at[~corner[at]], at[corner[at]]


def _ranges(plan: Plan, steps: _Steps, runs: _Runs, given: Floats, inner: Ints, at: Ints) -> tuple[Floats, Floats]:
    """What the steps apart from those `at` a cap, and the value of energy at the end, allow each run's worth to be."""
    p, last = plan.problem, plan.ac_kw.size - 1
    free = np.ones(plan.ac_kw.size, bool)
    free[at] = False
    low = np.where(free & ~steps.no_lower, steps.least / steps.gain_in + steps.wear_in, -np.inf)
    free[inner] = False
    high = np.where(free & ~steps.top & ~steps.at_import, steps.most / steps.gain_out + steps.wear_out, np.inf)
    borders = p.low_kwh[p.season[last]] + np.concatenate([[0.0], np.cumsum(p.end_length)])
    near, left = TOUCH * (1.0 + p.high_kwh.max()), plan.stored_kwh[-1]
    begun, unfilled = p.end_value[left > borders[:-1] + near], p.end_value[left < borders[1:] - near]
    high[last] = min(high[last], begun.min(initial=np.inf))
    low[last] = max(low[last], unfilled.max(initial=-np.inf))
    low = np.maximum.reduceat(low / runs.scale, runs.first)
    high = np.minimum.reduceat(high / runs.scale, runs.first)
    return np.minimum(low, given), np.maximum(high, given)


def _told(plan: Plan, steps: _Steps, runs: _Runs, worth: Floats, held: Floats) -> dict[str, LimitPrice]:
    """What each limit is worth at these multipliers."""
    p, h = plan.problem, plan.problem.step_h
    low, high = steps.draw_prices(worth)
    beyond = steps.most + held / h
    draw = np.where(steps.at_import, np.maximum(beyond, low), beyond)
    draw = np.where(steps.no_lower, draw, np.minimum(draw, high))
    last, first = (worth - steps.wear_out) * steps.gain_out, (worth - steps.wear_in) * steps.gain_in
    handed = np.append(runs.keep[1:] * worth[1:], max(worth[-1], 0.0)) - worth
    handed_low = -handed
    handed_low[-1] = max(worth[-1], 0.0)
    found = [
        ("discharge power of store", "kW", np.where(steps.bottom, draw - first, 0.0) * h),
        ("charge power of store", "kW", np.where(steps.top, last - draw, 0.0) * h),
        ("capacity of store", "kWh", np.where(runs.full, handed, 0.0)),
        (
            "least charge of store",
            "kWh",
            np.where(runs.empty | (np.arange(worth.size) == worth.size - 1), handed_low, 0.0),
        ),
    ]
    if np.isfinite(p.import_limit):
        found.append(("import limit", "kW", np.where(steps.at_import, draw - beyond, 0.0) * h))
    if np.isfinite(p.export_limit):
        found.append(("export limit", "kW", np.where(steps.at_export, p.sell - draw, 0.0) * h))
    found.append(("least billed demand of charge 1", "kW", _floor_worth(plan, held)))
    prices = {name: LimitPrice(name, unit, np.maximum(values, 0.0)) for name, unit, values in found}
    return dict(sorted(prices.items(), key=lambda item: -item[1].total))


def _floor_worth(plan: Plan, held: Floats) -> Floats:
    """Per step (at the first of each group): what a kW less of the least billed demand saves."""
    group, out = plan.problem.group, np.zeros(plan.ac_kw.size)
    charged = np.flatnonzero(group >= 0)
    first = np.full(plan.rates.size, out.size - 1)
    np.minimum.at(first, group[charged], charged)
    idle = plan.rates - np.bincount(group[charged], held[charged], plan.rates.size)
    np.add.at(out, first, np.where(_binding(plan) | (plan.floors <= 0.0), 0.0, np.maximum(idle, 0.0)))
    return out
