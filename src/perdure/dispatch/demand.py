"""Finds the import caps that make energy cost plus demand charges least.

J(D) + sum r_g D_g is convex in the caps D and piecewise linear. Every trial costs one sweep of `exact` and yields the
derivative by each cap, so all groups narrow their bracket at once: by the secant of the two derivatives, which is good
where J bends smoothly, and by crossing the two tangents, which hits a corner exactly. What the tangents leave
open bounds the distance to the optimum and ends the search.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from perdure.dispatch import exact
from perdure.dispatch.cuts import Bound
from perdure.dispatch.hints import Hint
from perdure.dispatch.passes import Workspace
from perdure.timeline import Floats, Ints

Marks = NDArray[np.bool_]

OPEN_SHARE = 1e-10
"""The search ends when the lower bound leaves less than this share of the total cost open."""
FOLLOW_SHARE = 1e-3
"""Below this share open, the caps of the lower bound are better trials than the brackets' own."""
ROUGH_H, FEWEST_ROUGH, ROUGH_SHARE = 1.0, 2000, 1e-5
"""A search with no hint is first made in steps of so many hours, where so many are left, to this open share."""
LONGEST_NARROWING = 14
MOST_SWEEPS = 200


@dataclass(slots=True)
class Sweep:
    """One pass over all steps at given caps."""

    caps: Floats
    energy_kwh: Floats  # (steps + 1,)
    x_kwh: Floats  # (steps,)
    worth: Floats  # (steps,) value of one stored kWh more
    slope: Floats  # (groups,) d(cost)/d(cap)
    exact_slope: bool  # the multipliers fitted together in every step
    proven: bool = True  # the lower bound met the cost
    hint: Hint | None = None  # for the next search

    def kept(self) -> Sweep:
        """The same in arrays of its own."""
        return replace(self, energy_kwh=self.energy_kwh.copy(), x_kwh=self.x_kwh.copy(), worth=self.worth.copy())


@dataclass(frozen=True, slots=True)
class Stuck:
    """No schedule keeps the limits: what fails, at which step, and between which stored energies (kWh)."""

    reason: str
    step: int


def sweep(problem: exact.Problem, caps: Floats, space: Workspace) -> Sweep | Stuck:
    """The best schedule under given caps, or what makes it impossible.

    Its arrays are the workspace's: they hold until the next sweep.
    """
    exact_slope = space.mend(problem, caps)
    if not exact_slope:
        state, step, low, high = space.backward(problem, caps)
        if state == exact.OVER_IMPORT:
            return Stuck("import_limit", step)
        touch = exact.TOUCH * (1.0 + high)
        if state == exact.EMPTY_STORE:
            return Stuck("stored_energy", step)
        if not low - touch <= problem.start_kwh <= high + touch:
            return Stuck("start", 0)
        exact_slope = space.march(problem, caps)
    course = space.course
    return Sweep(caps, course.energy, course.x, course.worth, course.slope.copy(), exact_slope)


def _end_worth(problem: exact.Problem, energy_kwh: float) -> float:
    """What the energy left at the end is worth by the problem's end value."""
    if not problem.end_value.any():
        return 0.0
    begins = problem.low_kwh[problem.season[-1]] + np.concatenate([[0.0], np.cumsum(problem.end_length)[:-1]])
    return float(problem.end_value @ np.clip(energy_kwh - begins, 0.0, problem.end_length))


class _Side:
    """One end of every group's bracket: cap, derivative there, cost of the group's block and energy at its borders."""

    def __init__(self, groups: int):
        self.cap, self.slope, self.cost = np.full(groups, np.nan), np.full(groups, np.nan), np.zeros(groups)
        self.energy, self.worth = np.zeros((2, groups)), np.zeros((2, groups))

    def take(self, which: Marks, run: Sweep, slope: Floats, cost: Floats, borders: Ints) -> None:
        """Take in a sweep for the groups `which`; `borders` (2, groups): first step and the one after the last."""
        self.cap[which], self.slope[which], self.cost[which] = run.caps[which], slope[which], cost[which]
        self.energy[:, which] = run.energy_kwh[borders[:, which]]
        self.worth[:, which] = run.worth[np.maximum(borders[:, which] - 1, 0)]

    @property
    def known(self) -> Marks:
        """Groups that have this end (groups,)."""
        return np.asarray(~np.isnan(self.cap))


def solve(
    problem: exact.Problem,
    rates: Floats,
    floors: Floats | None = None,
    hint: Hint | Floats | None = None,
    open_share: float = OPEN_SHARE,
) -> tuple[Sweep, int] | Stuck:
    """The best schedule with demand charges `rates` (groups,) per kW, and the number of sweeps it took.

    `floors` (groups,): the peak that is billed at least. `hint`: caps to start from, or what last year's search left.
    `open_share`: how far above the proven lower bound the cost may end, as a share of it.
    """
    floors = np.zeros(rates.size) if floors is None else floors
    free = np.full(rates.size, np.inf)
    capped = problem.group >= 0
    capped[capped] = rates[problem.group[capped]] > 0
    if not capped.any():
        run = sweep(problem, free, Workspace(problem))
        return run if isinstance(run, Stuck) else (run, 1)
    occurs = np.bincount(problem.group[capped], minlength=rates.size) > 0  # groups that cost nothing bind nothing
    used, number = np.flatnonzero(occurs), np.cumsum(occurs) - 1
    own = np.where(capped, number[problem.group], -1)
    narrowed = problem._replace(group=own, excess_price=problem.excess_price[used])
    hint = hint if isinstance(hint, Hint) or hint is None else Hint.at(hint)
    if hint is not None and hint.caps.size != rates.size:  # of another tariff
        hint = None
    start, before = None if hint is None else hint.of(used), 0
    if start is None and (rough := _coarser(narrowed)) is not None:
        found = _Search(rough, rates[used], floors[used], ROUGH_SHARE).run(None)
        if not isinstance(found, Stuck):
            start, before = found[0].hint, found[1]
    found = _Search(narrowed, rates[used], floors[used], open_share).run(start)
    if isinstance(found, Stuck):
        return found
    run, sweeps = found
    told = None if run.hint is None else run.hint.onto(used, free if hint is None else hint.caps)
    caps, slope = free.copy(), np.zeros(rates.size)
    caps[used], slope[used] = run.caps, run.slope
    return replace(run, caps=caps, slope=slope, hint=told), before + sweeps


def _coarser(problem: exact.Problem) -> exact.Problem | None:
    """The problem in steps of an hour, where it is long and its steps shorter: its best caps are a good first trial."""
    number = round(ROUGH_H / problem.step_h)
    count = problem.net_kw.size // max(number, 1)
    if number < 2 or count < FEWEST_ROUGH:
        return None

    def mean(values: Floats) -> Floats:
        return np.asarray(values[: count * number].reshape(count, number).mean(axis=1))

    first = slice(0, count * number, number)
    return problem._replace(
        step_h=number * problem.step_h, net_kw=mean(problem.net_kw), buy=mean(problem.buy), sell=mean(problem.sell),
        season=problem.season[first].copy(), group=problem.group[first].copy(), keep=problem.keep**number,
        drain_kwh=problem.drain_kwh * number,
    )  # fmt: skip


class _Search:
    def __init__(self, problem: exact.Problem, rates: Floats, floors: Floats, open_share: float):
        self.problem, self.rates, self.floors = problem, rates, floors
        self.open_share = open_share
        self.groups, self.size = rates.size, float((problem.high_kwh - problem.low_kwh).mean())
        self.bound = Bound(problem, rates, floors)
        starts, owner = self.bound.starts, self.bound.owner
        self.space = Workspace(problem, starts)
        self.borders = np.stack([starts[owner], np.append(starts, problem.net_kw.size)[owner + 1]])
        self.alone = np.bincount(owner, minlength=starts.size)[owner] == 1  # the only group of its block
        self.low, self.high = _Side(self.groups), _Side(self.groups)
        self.best: tuple[float, Sweep] | None = None
        self.sweeps = 0
        self.tried: list[Floats] = []
        self.slopes: list[Floats] = []

    def _try(self, caps: Floats) -> Stuck | None:
        """One sweep; each group's bracket takes it in on the side its derivative says, the bound takes its planes."""
        run = sweep(self.problem, caps, self.space)
        self.sweeps += 1
        if isinstance(run, Stuck):
            return run
        costs, paid, peaks = self.space.tally(self.problem, caps, self.floors)
        left = _end_worth(self.problem, run.energy_kwh[-1])
        total = float(paid.sum() + self.rates @ peaks) - left
        run.caps = np.where(np.isinf(caps), peaks, caps)
        leads = self.best is None or total < self.best[0]
        if leads:
            self.best = (total, run.kept())
        costs[-1] -= left
        if run.exact_slope:
            paid[-1] -= left
            paid += np.bincount(self.bound.owner, self.rates * peaks, self.bound.blocks)
            self.bound.add(run.caps, run.energy_kwh, run.worth, run.slope, costs)
            self.bound.judge(paid, leads)
        slope = self.rates + run.slope
        self.tried.append(run.caps)
        self.slopes.append(slope)
        for side, which, closer in (
            (self.high, slope >= 0, run.caps < self.high.cap),
            (self.low, slope < 0, run.caps > self.low.cap),
        ):
            side.take(which & (~side.known | closer), run, slope, costs[self.bound.owner], self.borders)
        return None

    def _crossing(self) -> tuple[Floats, Floats]:
        """Where the tangents of both ends cross, and how far that lies below the better end (cost), per group.

        Energy over the borders of a block is valued at the mean of what both sweeps say it is worth. A block with
        several groups gives no tangent of its own to each: the middle then.
        """
        low, high = self.low, self.high
        moved = 0.5 * (low.worth + high.worth) * (high.energy - low.energy)
        width = high.cap - low.cap
        rise = high.cost - low.cost + moved[0] - moved[1] + self.rates * width
        along = np.full(self.groups, np.nan)
        np.divide(high.slope * width - rise, high.slope - low.slope, out=along, where=high.slope > low.slope)
        along = np.clip(np.where(np.isfinite(along) & self.alone, along, 0.5 * width), 0.0, width)
        gap = np.minimum(-low.slope * along, high.slope * (width - along))
        return low.cap + along, np.where(np.isfinite(gap), gap, np.inf)

    def _secant(self) -> Floats:
        """Where a straight line through both derivatives is zero; NaN where it would be of no use."""
        low, high = self.low, self.high
        bend = high.slope - low.slope
        sensible = (bend > 0) & (low.slope > -20.0 * self.rates)
        share = np.full(self.groups, np.nan)
        np.divide(-low.slope, bend, out=share, where=sensible)
        return np.asarray(low.cap + share * (high.cap - low.cap))

    def _told(self, best: Sweep, hint: Hint | None) -> Sweep:
        """The best sweep, with what it tells the next search."""
        hint = hint or Hint.at(best.caps)
        best.hint = hint.after(best.caps, self.size, np.array(self.tried), np.array(self.slopes))
        return best

    def _spared(self, trial: Floats, above: Floats, turn: int) -> Floats:
        """The trial, but for blocks whose best is as good as proven: their caps stay, which spares sweeping them."""
        assert self.best is not None
        order = np.argsort(above)
        rest = np.cumsum(np.maximum(above[order], 0.0)) > 0.5 * self.open_share * abs(self.best[0])
        if turn >= LONGEST_NARROWING or not rest.any():
            return trial
        moves = np.zeros(above.size, np.bool_)
        moves[order] = rest
        return np.where(moves[self.bound.owner], trial, self.bound.best_caps)

    def _within(self, turn: int, reach: Floats, crossing: Floats, use_secant: Marks, followed: Floats) -> Floats:
        """The next trial by the brackets; `followed` (groups,): caps of the lower bound where these are better."""
        low, high = self.low, self.high
        trial = np.where(use_secant, self._secant(), crossing)
        trial = np.where(low.slope <= -20.0 * self.rates, 0.5 * (low.cap + high.cap), trial)
        trial = np.where(np.isnan(followed), trial, followed)
        farther = np.fmax(high.cap - reach, 0.6 * high.cap * np.isnan(reach) if turn < 3 else 0.0)
        trial = np.where(~low.known, np.maximum(farther, self.floors), trial)
        return np.where(~high.known, low.cap + np.fmin(reach, low.cap + 1.0), trial)

    def run(self, hint: Hint | None) -> tuple[Sweep, int] | Stuck:
        """Narrow the brackets until they stop paying, then follow the lower bound's caps until it meets the best."""
        stuck = self._try(np.full(self.groups, np.inf) if hint is None else hint.start(self.floors, self.size))
        reach = np.full(self.groups, np.nan) if hint is None or stuck else hint.reach(self.slopes[0])
        low, high = self.low, self.high
        steady = np.zeros(self.groups, bool)  # the last secant cut well: the cost bends smoothly here
        for turn in range(MOST_SWEEPS):
            if stuck is not None:
                return stuck
            assert self.best is not None
            total, best = self.best
            on_floor = ~low.known & (high.cap <= self.floors)
            low.cap[on_floor], low.slope[on_floor] = self.floors[on_floor], -1.0
            crossing, gap = self._crossing()
            width, both = high.cap - low.cap, low.known & high.known
            near = both & (gap <= FOLLOW_SHARE * abs(total) / self.groups)
            lowest = self.bound.lowest() if both.any() or turn >= LONGEST_NARROWING else None
            if lowest is None:
                followed, above = np.full(self.groups, np.nan), np.full(self.bound.blocks, np.inf)
            elif total - lowest[0] <= self.open_share * abs(total):
                return self._told(best, hint), self.sweeps
            else:
                every = turn >= LONGEST_NARROWING or (both.all() and (near | ~self.alone).all())
                followed, above = np.where(near | every, lowest[1], np.nan), lowest[2]
                if every:
                    stuck = self._try(self._spared(followed, above, turn))
                    continue
            use_secant = np.isfinite(self._secant()) & (steady | (turn % 3 == 0))
            stuck = self._try(self._spared(self._within(turn, reach, crossing, use_secant, followed), above, turn))
            reach = reach * 4.0
            cut_well = high.cap - low.cap < 0.3 * width
            steady = np.where(use_secant, cut_well, steady & cut_well)
        assert self.best is not None
        self.best[1].proven = False
        return self.best[1], self.sweeps
