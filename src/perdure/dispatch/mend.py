"""Mends a schedule whose caps moved, only where that is felt, and proves it by its multipliers.

A schedule is the best where every step's multiplier lies between the slopes of its cost at what it does and passes on
to the next step unchanged but where the store is full or empty. When caps move, this fails only at steps that import as
much as the old or the new cap. Windows around these steps, up to where the store is full or empty, are solved anew
between the energies the schedule has at their ends. Where the multipliers do not fit at an end, the window grows past
it; where they fit everywhere, the whole is the best schedule under the new caps.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from perdure.dispatch.exact import FEASIBLE, TOUCH, account, retreat
from perdure.dispatch.forward import add_up, decide, end_bounds, meet, price

MARGIN = 8
"""Steps that a window reaches beyond the steps it is there for, at least; each growth reaches twice as far."""
MOST_SHARE = 0.85
"""Of all steps, solved in windows: beyond, a sweep over all steps costs less."""
REFUSED = -1


@njit(cache=True, error_model="numpy")
def mend(p, caps, before, pieces, values, ends, room, course):
    """Bring a `march` under the caps `before` to the caps `caps`: the steps it solved anew, or REFUSED.

    The march must be free of clashes. Refused, `course` is of no use; either way `room` and the levels in `pieces` are
    no longer those of one sweep.
    """
    steps = p.net_kw.size
    begins, stops = _windows(p, caps, before, course)
    count, solved = begins.size, 0
    reach, fresh = np.full(count, 2 * MARGIN), np.ones(count, np.bool_)
    firsts = begins.copy()  # where the multipliers' ranges begin to differ
    grown = True
    while grown:
        for w in range(count):
            if fresh[w]:
                solved += stops[w] - begins[w]
        if solved > MOST_SHARE * steps:
            return REFUSED
        for w in range(count):
            if fresh[w] and not _solve(p, caps, pieces, values, ends, room, course, begins[w], stops[w]):
                return REFUSED
        grown = False
        for w in range(count - 1, -1, -1):
            low, high = _after(p, course, stops[w])
            least = stops[w - 1] if w > 0 else 0
            first, clashes, last_clash, first_clash = meet(p, course, least, begins[w], stops[w], low, high)
            firsts[w], fresh[w] = min(first, firsts[w]), clashes > 0
            if clashes == 0:
                continue
            grown = True
            if last_clash >= begins[w]:
                stops[w] = _touch_after(p, course.energy, stops[w] + reach[w])
            if first_clash < begins[w]:
                begins[w] = _touch_before(p, course.energy, first_clash - reach[w])
            reach[w] *= 2
        count = _merge(begins, stops, firsts, reach, fresh, count)
    t = 0
    for w in range(count):
        if stops[w] > t:
            t = max(t, firsts[w])
            t = price(p, course, t, stops[w], steps, course.worth[t - 1] if t > 0 else np.nan)
    add_up(p, pieces, course)
    return solved


@njit(cache=True, error_model="numpy")
def _windows(p, caps, before, course):
    """First steps, and those after the last, of windows around the steps where changed caps are felt."""
    group, grid, at_cap, energy, steps = p.group, course.grid, course.at_cap, course.energy, p.net_kw.size
    felt = np.full(caps.size, np.inf)
    for g in range(caps.size):
        if caps[g] != before[g]:
            felt[g] = min(caps[g], before[g])
            felt[g] -= 1e-9 * (1.0 + abs(felt[g]))
    begins, stops, count = np.empty(steps, np.int64), np.empty(steps, np.int64), 0
    for t in range(steps):
        g = group[t]
        if g < 0 or felt[g] == np.inf or (grid[t] < felt[g] and at_cap[t] == 0):
            continue
        if count > 0 and t + MARGIN < stops[count - 1]:
            continue
        begin = _touch_before(p, energy, t - MARGIN)
        if count > 0 and begin <= stops[count - 1]:
            count -= 1
            begin = begins[count]
        begins[count], stops[count] = begin, _touch_after(p, energy, t + 1 + MARGIN)
        count += 1
    return begins[:count].copy(), stops[:count].copy()


@njit(cache=True, error_model="numpy")
def _touch_after(p, energy, t):
    """The first step from `t` on before which the store is full or empty, or the number of steps."""
    touch, steps = TOUCH * (1.0 + p.high_kwh[p.season[0]]), p.net_kw.size
    while t < steps:
        v = p.season[t - 1]
        if energy[t] >= p.high_kwh[v] - touch or energy[t] <= p.low_kwh[v] + touch:
            return t
        t += 1
    return steps


@njit(cache=True, error_model="numpy")
def _touch_before(p, energy, t):
    """The last step up to `t` before which the store is full or empty, or 0."""
    touch = TOUCH * (1.0 + p.high_kwh[p.season[0]])
    while t > 0:
        v = p.season[t - 1]
        if energy[t] >= p.high_kwh[v] - touch or energy[t] <= p.low_kwh[v] + touch:
            return t
        t -= 1
    return 0


@njit(cache=True, error_model="numpy")
def _after(p, course, stop):
    """The range of multipliers after a window."""
    if stop == p.net_kw.size:
        return end_bounds(p, course.energy[stop])
    return course.met[0, stop], course.met[1, stop]


@njit(cache=True, error_model="numpy")
def _solve(p, caps, pieces, values, ends, room, course, begin, stop):
    """Decide the steps from `begin` to before `stop` anew; False where the limits or the list's length forbid it."""
    nothing, none = np.zeros(0), np.zeros(0, np.int64)
    front = back = values.size // 2
    if stop == p.net_kw.size:
        v = p.season[stop - 1]
        low, high, at = p.low_kwh[v], p.high_kwh[v], p.low_kwh[v]
        for i in range(p.end_value.size):
            at += p.end_length[i]
            values[back], ends[back] = p.end_value[i], at
            back += 1
    else:
        low = high = course.energy[stop]
    state, _, _, _, low, high = retreat(
        p, caps, pieces, values, ends, room, front, back, low, high, begin, stop, none, nothing, nothing
    )
    e, touch = course.energy[begin], TOUCH * (1.0 + p.high_kwh[p.season[0]])
    if state != FEASIBLE or not low - touch <= e <= high + touch:
        return False
    decide(p, pieces, room, course, e, begin, stop)
    account(p, course.x, begin, stop, course.grid, course.paid)
    return True


@njit(cache=True, error_model="numpy")
def _merge(begins, stops, firsts, reach, fresh, count):
    """Make one of windows that grew into each other; returns how many are left."""
    kept = 0
    for w in range(1, count):
        kept += 1
        begins[kept], stops[kept], firsts[kept] = begins[w], stops[w], firsts[w]
        reach[kept], fresh[kept] = reach[w], fresh[w]
        while kept > 0 and begins[kept] <= stops[kept - 1]:
            kept -= 1
            begins[kept], firsts[kept] = min(begins[kept : kept + 2]), min(firsts[kept : kept + 2])
            stops[kept], reach[kept] = max(stops[kept : kept + 2]), max(reach[kept : kept + 2])
            fresh[kept] = True
    return min(kept + 1, count)
