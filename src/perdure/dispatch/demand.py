"""Finds the import caps that make energy cost plus demand charges least.

J(D) + sum r_g D_g is convex in the caps D and piecewise linear. Every trial costs one sweep of `exact` and yields the
derivative by each cap, so all groups narrow their bracket at once: by the secant of the two derivatives, which is good
where J bends smoothly, and by crossing the two tangents, which hits a corner exactly. What the tangents leave
open bounds the distance to the optimum and ends the search.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perdure.dispatch import exact
from perdure.dispatch.cuts import Bound
from perdure.timeline import Floats, Ints

Marks = NDArray[np.bool_]

OPEN_SHARE = 1e-10
"""The search ends when the lower bound leaves less than this share of the total cost open."""
FOLLOW_SHARE = 1e-3
"""Below this share open, the caps of the lower bound are better trials than the brackets' own."""
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


@dataclass(frozen=True, slots=True)
class Stuck:
    """No schedule keeps the limits: what fails, at which step, and between which stored energies (kWh)."""

    reason: str
    step: int


class Workspace:
    """Arrays that every sweep of one problem shares."""

    def __init__(self, problem: exact.Problem):
        steps, most = problem.net_kw.size, problem.ac_nodes.shape[1] + 4
        self.pieces = exact.Pieces(
            np.zeros((steps, most)), np.zeros((steps, most)), np.zeros((steps, most)),
            np.zeros(steps, np.int64), np.zeros(steps), np.zeros(steps, np.int64), np.zeros(steps),
        )  # fmt: skip
        self.room = np.zeros((steps, 2))
        self.capacity = 1024 + problem.end_value.size
        self.nothing = np.zeros(0)
        self.no_offsets = np.zeros(0, np.int64)

    def backward(
        self,
        problem: exact.Problem,
        caps: Floats,
        offsets: Ints | None = None,
        kept: tuple[Floats, Floats] | None = None,
    ) -> tuple[int, int, float, float]:
        """One backward pass, with a longer list where it overflows."""
        kept_values, kept_lengths = kept if kept is not None else (self.nothing, self.nothing)
        while True:
            values, ends = np.zeros(self.capacity), np.zeros(self.capacity)
            state = exact.backward(
                problem, caps, self.pieces, values, ends, self.room,
                self.no_offsets if offsets is None else offsets, kept_values, kept_lengths,
            )  # fmt: skip
            if state[0] != exact.FULL_LIST:
                return int(state[0]), int(state[1]), float(state[2]), float(state[3])
            self.capacity *= 2


def sweep(problem: exact.Problem, caps: Floats, space: Workspace) -> Sweep | Stuck:
    """The best schedule under given caps, or what makes it impossible."""
    state, step, low, high = space.backward(problem, caps)
    if state == exact.OVER_IMPORT:
        return Stuck("import_limit", step)
    touch = exact.TOUCH * (1.0 + high)
    if state == exact.EMPTY_STORE:
        return Stuck("stored_energy", step)
    if not low - touch <= problem.start_kwh <= high + touch:
        return Stuck("start", 0)
    steps = problem.net_kw.size
    energy, x, worth = np.empty(steps + 1), np.empty(steps), np.empty(steps)
    slope, clashes = exact.march(
        problem, caps, space.pieces, space.room, energy, x, worth, np.empty(steps), np.empty(steps)
    )
    return Sweep(caps, energy, x, worth, slope, clashes == 0)


def _end_worth(problem: exact.Problem, energy_kwh: float) -> float:
    """What the energy left at the end is worth by the problem's end value."""
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
    hint: Floats | None = None,
    open_share: float = OPEN_SHARE,
) -> tuple[Sweep, int] | Stuck:
    """The best schedule with demand charges `rates` (groups,) per kW, and the number of sweeps it took.

    `floors` (groups,): the peak that is billed at least. `hint`: caps to start from, such as last year's.
    `open_share`: how far above the proven lower bound the cost may end, as a share of it.
    """
    space = Workspace(problem)
    floors = np.zeros(rates.size) if floors is None else floors
    free = np.full(rates.size, np.inf)
    capped = problem.group >= 0
    capped[capped] = rates[problem.group[capped]] > 0
    if not capped.any():
        run = sweep(problem, free, space)
        return run if isinstance(run, Stuck) else (run, 1)
    used, group = np.unique(problem.group[capped], return_inverse=True)  # groups that cost nothing bind nothing
    own = np.full(problem.group.size, -1, np.int64)
    own[capped] = group
    narrowed = problem._replace(group=own, excess_price=problem.excess_price[used])
    found = _Search(narrowed, rates[used], floors[used], space, open_share).run(None if hint is None else hint[used])
    if not isinstance(found, Stuck):
        for name in ("caps", "slope"):
            whole = free.copy() if name == "caps" else np.zeros(rates.size)
            whole[used] = getattr(found[0], name)
            setattr(found[0], name, whole)
    return found


class _Search:
    def __init__(self, problem: exact.Problem, rates: Floats, floors: Floats, space: Workspace, open_share: float):
        self.problem, self.rates, self.floors, self.space = problem, rates, floors, space
        self.open_share = open_share
        self.groups = rates.size
        self.bound = Bound(problem, rates, floors)
        starts, owner = self.bound.starts, self.bound.owner
        self.borders = np.stack([starts[owner], np.append(starts, problem.net_kw.size)[owner + 1]])
        self.alone = np.bincount(owner, minlength=starts.size)[owner] == 1  # the only group of its block
        self.low, self.high = _Side(self.groups), _Side(self.groups)
        self.best: tuple[float, Sweep] | None = None
        self.sweeps = 0

    def _try(self, caps: Floats) -> Stuck | None:
        """One sweep; each group's bracket takes it in on the side its derivative says, the bound takes its planes."""
        run = sweep(self.problem, caps, self.space)
        self.sweeps += 1
        if isinstance(run, Stuck):
            return run
        costs, paid, peaks = exact.tally(self.problem, run.x_kwh, caps, self.bound.starts, self.floors)
        left = _end_worth(self.problem, run.energy_kwh[-1])
        total = float(paid.sum() + self.rates @ peaks) - left
        run.caps = np.where(np.isinf(caps), peaks, caps)
        if self.best is None or total < self.best[0]:
            self.best = (total, run)
        costs[-1] -= left
        if run.exact_slope:
            self.bound.add(run.caps, run.energy_kwh, run.worth, run.slope, costs)
        slope = self.rates + run.slope
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

    def run(self, hint: Floats | None) -> tuple[Sweep, int] | Stuck:
        """Narrow the brackets until they stop paying, then follow the lower bound's caps until it meets the best."""
        start = np.full(self.groups, np.inf) if hint is None else np.maximum(hint, self.floors)
        reach = np.full(self.groups, np.nan) if hint is None else 0.01 * (np.abs(hint) + 1.0)
        low, high = self.low, self.high
        stuck = self._try(start)
        steady = np.zeros(self.groups, bool)  # the last secant cut well: the cost bends smoothly here
        for turn in range(MOST_SWEEPS):
            if stuck is not None:
                return stuck
            assert self.best is not None
            total, best = self.best
            on_floor = ~low.known & (high.cap <= self.floors)
            low.cap[on_floor], low.slope[on_floor] = self.floors[on_floor], -1.0
            crossing, gap = self._crossing()
            width = high.cap - low.cap
            both = low.known & high.known
            near = both & (gap <= FOLLOW_SHARE * abs(total) / self.groups)
            narrow = both.all() and (near | ~self.alone).all()
            lowest = self.bound.lowest() if both.all() or turn >= LONGEST_NARROWING else None
            if lowest is not None:
                if total - lowest[0] <= self.open_share * abs(total):
                    return best, self.sweeps
                if narrow or turn >= LONGEST_NARROWING:
                    stuck = self._try(lowest[1])
                    continue
            secant = self._secant()
            use_secant = np.isfinite(secant) & (steady | (turn % 3 == 0))
            trial = np.where(use_secant, secant, crossing)
            trial = np.where(low.slope <= -20.0 * self.rates, 0.5 * (low.cap + high.cap), trial)
            farther = np.fmax(high.cap - reach, 0.6 * high.cap * np.isnan(reach) if turn < 3 else 0.0)
            trial = np.where(~low.known, np.maximum(farther, self.floors), trial)
            trial = np.where(~high.known, low.cap + np.fmin(reach, low.cap + 1.0), trial)
            reach = reach * 4.0
            stuck = self._try(trial)
            after = high.cap - low.cap
            steady = np.where(use_secant, after < 0.3 * width, steady & (after < 0.3 * width))
        assert self.best is not None
        self.best[1].proven = False
        return self.best[1], self.sweeps
