"""Sweeps back and forth over one problem that repeat only the blocks a changed cap reaches.

The timeline falls into blocks that share no cap (billing months, as a rule). What a block hands to its neighbours is
the value function at its start and the energy and multipliers at its borders. A store that was full or empty in
between forgets what came after, so a changed cap is felt in its own block and seldom far beyond.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from perdure.dispatch.exact import FEASIBLE, FULL_LIST, Pieces, Problem, backward, retreat, tally_anew
from perdure.dispatch.forward import SAME, march, new_course
from perdure.timeline import Floats, Ints

FIRST_CAPACITY = 1024
NOTHING, NO_OFFSETS = np.zeros(0), np.zeros(0, np.int64)


class Edges(NamedTuple):
    """Value functions where blocks begin, the last one at the end of the timeline (blocks + 1, ...)."""

    values: Floats  # (..., capacity) per kWh
    ends: Floats  # (..., capacity) kWh
    number: Ints
    span: Floats  # (..., 2) lowest and highest energy


class Workspace:
    """Arrays that every sweep of one problem shares.

    `starts`: the first steps of its blocks, as `blocks_of` gives them; default: all is one block.
    """

    def __init__(self, problem: Problem, starts: Ints | None = None):
        steps, most = problem.net_kw.size, problem.ac_nodes.shape[1] + 4
        self.pieces = Pieces(
            np.empty((steps, most)), np.empty((steps, most)), np.empty((steps, most)),
            np.empty(steps, np.int64), np.empty(steps), np.empty(steps, np.int64), np.empty(steps),
        )  # fmt: skip
        self.room = np.empty((steps, 2))
        self.starts = np.zeros(1, np.int64) if starts is None else starts
        groups = problem.excess_price.size
        self.owner = np.zeros(groups, np.int64) if starts is None else blocks_of(problem.group, groups)[1]
        self.capacity = FIRST_CAPACITY + problem.end_value.size
        blocks = self.starts.size
        self.course = new_course(steps, blocks, groups)
        self.changed = np.ones(blocks, np.bool_)
        self.with_excess, self.paid, self.peaks = np.zeros(blocks), np.zeros(blocks), np.zeros(groups)
        self._caps: Floats | None = None
        self._problem: Problem | None = None
        self._edges: Edges | None = None

    def backward(
        self,
        problem: Problem,
        caps: Floats,
        offsets: Ints | None = None,
        kept: tuple[Floats, Floats] | None = None,
    ) -> tuple[int, int, float, float]:
        """One pass over all steps, with a longer list where it overflows."""
        kept_values, kept_lengths = kept if kept is not None else (NOTHING, NOTHING)
        self._caps = None
        while True:
            values, ends = np.empty(self.capacity), np.empty(self.capacity)
            state = backward(
                problem, caps, self.pieces, values, ends, self.room,
                NO_OFFSETS if offsets is None else offsets, kept_values, kept_lengths,
            )  # fmt: skip
            if state[0] != FULL_LIST:
                return int(state[0]), int(state[1]), float(state[2]), float(state[3])
            self.capacity *= 2

    def renew(self, problem: Problem, caps: Floats) -> tuple[int, int, float, float]:
        """Bring the backward pass to these caps; `changed` says which blocks the march must look at."""
        changed, blocks = self.changed, self.starts.size
        while True:
            full = self._edges is None or self._edges.values.shape[1] < self.capacity
            if self._edges is None or full or self._problem is not problem:
                self._edges, self._caps, self._problem = _new_edges(problem, blocks, self.capacity), None, problem
            if self._caps is None:
                changed[:] = True
                self.course.entry[:] = np.nan
            else:
                changed[:] = False
                changed[self.owner[self._caps != caps]] = True
            values, ends = np.empty(self.capacity), np.empty(self.capacity)
            self._caps = None
            state = _renew(problem, caps, self.pieces, values, ends, self.room, self.starts, self._edges, changed)
            if state[0] != FULL_LIST:
                break
            self.capacity *= 2
        if state[0] == FEASIBLE:
            self._caps = caps.copy()
        return int(state[0]), int(state[1]), float(state[2]), float(state[3])

    def march(self, problem: Problem) -> bool:
        """Bring the forward pass to the last `renew`; whether the derivatives by the caps are exact."""
        return bool(march(problem, self.pieces, self.room, self.starts, self.changed, self.course) == 0)

    def tally(self, problem: Problem, caps: Floats, floors: Floats) -> tuple[Floats, Floats, Floats]:
        """`exact.tally` of the last march, counted anew where it changed."""
        tally_anew(
            problem, self.course.x, caps, self.starts, floors, self.changed, self.with_excess, self.paid, self.peaks
        )
        return self.with_excess.copy(), self.paid.copy(), self.peaks.copy()


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


def _new_edges(problem: Problem, blocks: int, capacity: int) -> Edges:
    """Nothing known but the value function at the end."""
    edges = Edges(
        np.empty((blocks + 1, capacity)), np.empty((blocks + 1, capacity)), np.full(blocks + 1, -1),
        np.zeros((blocks + 1, 2)),
    )  # fmt: skip
    last, count = problem.season[-1], problem.end_value.size
    edges.values[-1, :count] = problem.end_value
    edges.ends[-1, :count] = problem.low_kwh[last] + np.cumsum(problem.end_length)
    edges.number[-1], edges.span[-1] = count, (problem.low_kwh[last], problem.high_kwh[last])
    return edges


@njit(cache=True, error_model="numpy")
def _renew(p, caps, pieces, values, ends, room, starts, edges, changed):
    """Sweep back over the blocks `changed`, and on through those whose value function at the end came out different.

    Returns (state, step, low, high) as `backward` does.
    """
    blocks, steps, offsets, nothing = starts.size, p.net_kw.size, np.zeros(0, np.int64), np.zeros(0)
    for k in range(blocks - 1, -1, -1):
        if not changed[k]:
            continue
        count = edges.number[k + 1]
        front = (values.size - count) // 2
        values[front : front + count] = edges.values[k + 1, :count]
        ends[front : front + count] = edges.ends[k + 1, :count]
        stop = starts[k + 1] if k + 1 < blocks else steps
        state, step, front, back, low, high = retreat(
            p, caps, pieces, values, ends, room, front, front + count, edges.span[k + 1, 0], edges.span[k + 1, 1],
            starts[k], stop, offsets, nothing, nothing,
        )  # fmt: skip
        if state != FEASIBLE:
            return state, step, low, high
        if not _same(edges, k, values[front:back], ends[front:back], low, high):
            edges.number[k], edges.span[k, 0], edges.span[k, 1] = back - front, low, high
            edges.values[k, : back - front], edges.ends[k, : back - front] = values[front:back], ends[front:back]
            if k > 0:
                changed[k - 1] = True
    return FEASIBLE, 0, edges.span[0, 0], edges.span[0, 1]


@njit(cache=True, error_model="numpy")
def _same(edges, k, values, ends, low, high):
    """Whether the value function stored where block `k` begins is this one, but for rounding."""
    if edges.number[k] != values.size:
        return False
    near = SAME * (1.0 + abs(high))
    if abs(edges.span[k, 0] - low) > near or abs(edges.span[k, 1] - high) > near:
        return False
    for i in range(values.size):
        if abs(edges.ends[k, i] - ends[i]) > near or abs(edges.values[k, i] - values[i]) > 1e-13 * (1 + abs(values[i])):
            return False
    return True
