"""Sweeps back and forth over one problem: over all steps, or only where changed caps are felt."""

from __future__ import annotations

import numpy as np
from numba import njit

from perdure.dispatch.exact import FULL_LIST, Pieces, Problem, backward, tally
from perdure.dispatch.forward import march, new_course
from perdure.dispatch.mend import REFUSED, mend
from perdure.timeline import Floats, Ints

FIRST_CAPACITY = 1024
NOTHING, NO_OFFSETS = np.zeros(0), np.zeros(0, np.int64)


class Workspace:
    """Arrays that every sweep of one problem shares.

    `starts`: the first steps of the blocks whose costs are told apart, as `blocks_of` gives them; default: one block.
    """

    def __init__(self, problem: Problem, starts: Ints | None = None):
        steps, most = problem.net_kw.size, problem.ac_nodes.shape[1] + 4
        self.pieces = Pieces(
            np.empty((steps, most)), np.empty((steps, most)), np.empty((steps, most)),
            np.empty(steps, np.int64), np.empty(steps), np.empty(steps, np.int64), np.empty(steps),
        )  # fmt: skip
        self.room = np.empty((steps, 2))
        self.starts = np.zeros(1, np.int64) if starts is None else starts
        self.capacity = FIRST_CAPACITY + problem.end_value.size
        self.course = new_course(steps, problem.excess_price.size)
        self.solved = 0
        """Steps that the last sweep decided anew."""
        self._problem: Problem | None = None  # of the last march, where it may be mended
        self._caps = NOTHING

    def backward(
        self,
        problem: Problem,
        caps: Floats,
        offsets: Ints | None = None,
        kept: tuple[Floats, Floats] | None = None,
    ) -> tuple[int, int, float, float]:
        """One pass over all steps, with a longer list where it overflows."""
        kept_values, kept_lengths = kept if kept is not None else (NOTHING, NOTHING)
        self._problem = None
        while True:
            values, ends = np.empty(self.capacity), np.empty(self.capacity)
            state = backward(
                problem, caps, self.pieces, values, ends, self.room,
                NO_OFFSETS if offsets is None else offsets, kept_values, kept_lengths,
            )  # fmt: skip
            if state[0] != FULL_LIST:
                return int(state[0]), int(state[1]), float(state[2]), float(state[3])
            self.capacity *= 2

    def march(self, problem: Problem, caps: Floats) -> bool:
        """Go forward after `backward`; whether the derivatives by the caps are exact."""
        fits = bool(march(problem, self.pieces, self.room, self.course) == 0)
        self.solved = problem.net_kw.size
        self._problem, self._caps = (problem if fits else None), caps.copy()
        return fits

    def mend(self, problem: Problem, caps: Floats) -> bool:
        """Bring the last march to other caps; False where it cannot be, or where a sweep over all steps costs less."""
        if self._problem is not problem:
            return False
        values, ends = np.empty(self.capacity), np.empty(self.capacity)
        self.solved = int(mend(problem, caps, self._caps, self.pieces, values, ends, self.room, self.course))
        self._problem, self._caps = (None if self.solved == REFUSED else problem), caps.copy()
        return self.solved != REFUSED

    def tally(self, problem: Problem, caps: Floats, floors: Floats) -> tuple[Floats, Floats, Floats]:
        """`exact.tally` of the last march."""
        with_excess, paid, peaks = tally(problem, self.course.grid, self.course.paid, caps, self.starts, floors)
        return with_excess, paid, peaks


@njit(cache=True, error_model="numpy")
def blocks_of(group, groups):
    """First steps of the blocks (blocks,) and the block of each group (groups,): no group reaches over such a border.

    `group` (steps,): the group each step counts to, -1: none.
    """
    last, owner = np.full(groups, -1), np.zeros(groups, np.int64)
    for t in range(group.size):
        if group[t] >= 0:
            last[group[t]] = t
    starts, count, reach = np.zeros(group.size, np.int64), 0, -1
    for t in range(group.size):
        g = group[t]
        if g < 0:
            continue
        if reach < t and (t == 0 or group[t - 1] != g):
            starts[count] = t if count else 0  # what comes before the first belongs to it
            count += 1
        reach = max(reach, last[g])
        owner[g] = max(count - 1, 0)
    return starts[: max(count, 1)].copy(), owner
