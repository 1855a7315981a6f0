"""The way forward along the best decisions, and the multipliers that tell what a cap and a stored kWh are worth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from perdure.dispatch.exact import TOUCH
from perdure.timeline import Floats, Ints

SAME = 0.1 * TOUCH
"""Relative: what differs by less at the border of a block leaves the block as it is."""


class Course(NamedTuple):
    """What `march` writes, per step and per block: where the store goes and at what multipliers."""

    energy: Floats  # (steps + 1,) kWh
    x: Floats  # (steps,) kWh added
    worth: Floats  # (steps,) of one kWh more at the end of the step
    bounds: Floats  # (2, steps) of the multipliers by each step alone
    met: Floats  # (2, steps) ... by all steps after it too
    at_cap: Ints  # (steps,) 1: the import may be at its cap, 2: beyond
    entry: Floats  # (blocks, 4): energy and worth it begins with, multipliers' bounds after its end
    clashes: Ints  # (blocks,)
    slope: Floats  # (groups,) d(optimal cost)/d(cap), never positive


def new_course(steps: int, blocks: int, groups: int) -> Course:
    """Room for a march."""
    return Course(
        np.empty(steps + 1), np.empty(steps), np.empty(steps), np.empty((2, steps)), np.empty((2, steps)),
        np.empty(steps, np.int64), np.full((blocks, 4), np.nan), np.zeros(blocks, np.int64), np.zeros(groups),
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def march(p, pieces, room, starts, changed, course):
    """From `start_kwh` forward along the best decisions, then the multipliers, for blocks that start at `starts`.

    `changed` (blocks,): the way back was written anew here; blocks where neither this nor what comes in over a border
    changed are left as the last march left them. On return it says whose decisions were made anew. Returns in how many
    steps the multipliers clashed beyond rounding: with any, `course.slope` is no longer exact.
    """
    blocks, steps = starts.size, p.net_kw.size
    stops = np.append(starts[1:], steps)
    touch = SAME * (1.0 + p.high_kwh[p.season[0]])
    entry = course.entry
    e = p.start_kwh
    for k in range(blocks):
        if changed[k] or not abs(e - entry[k, 0]) <= touch:
            entry[k, 0] = e
            _decide(p, pieces, room, course, e, starts[k], stops[k])
            changed[k] = True
        e = course.energy[stops[k]]
    repriced = changed.copy()
    above = _end_bounds(p, course.energy[steps])
    for k in range(blocks - 1, -1, -1):
        if k < blocks - 1:
            above = course.met[0, stops[k]], course.met[1, stops[k]]
        if repriced[k] or not (_alike(above[0], entry[k, 2]) and _alike(above[1], entry[k, 3])):
            entry[k, 2], entry[k, 3] = above
            course.clashes[k] = _meet_backward(p, course, starts[k], stops[k], above[0], above[1])
            repriced[k] = True
    value = np.nan
    for k in range(blocks):
        if repriced[k] or not (k == 0 or _alike(value, entry[k, 1])):
            entry[k, 1] = value
            _price(p, pieces, course, value, starts[k], stops[k])
        value = course.worth[stops[k] - 1]
    return course.clashes.sum()


@njit(cache=True, error_model="numpy")
def _alike(one, other):
    return one == other or abs(one - other) <= 1e-13 * (1.0 + abs(one))


@njit(cache=True, error_model="numpy")
def _decide(p, pieces, room, course, e, begin, stop):
    """The decisions from energy `e` at step `begin` on, and the bounds each sets its multiplier."""
    season, keeps, drains = p.season, p.keep, p.drain_kwh
    slopes, spans, levels, counts = pieces.slope, pieces.length, pieces.level, pieces.number
    firsts, overs = pieces.first_x, pieces.over
    energy, x, bounds, at_cap = course.energy, course.x, course.bounds, course.at_cap
    touch = TOUCH * (1.0 + p.high_kwh[season[0]])
    if begin == 0:
        energy[0] = e
    for t in range(begin, stop):
        v = season[t]
        z = keeps[v] * e - drains[v]
        added = firsts[t]
        left, right = -np.inf, np.inf
        count, over = counts[t], overs[t]
        k = 0
        while k < count:
            wanted, span = levels[t, k] - z, spans[t, k]
            if wanted <= added + touch:
                right = slopes[t, k]
                break
            if wanted < added + span - touch:
                added = max(wanted, added)
                left = right = slopes[t, k]
                break
            added += span
            left = slopes[t, k]
            k += 1
        at_cap[t] = 2 if (left == right and k >= over) or k > over else (1 if k == over and k < count else 0)
        e = min(max(z + added, room[t, 0]), room[t, 1])
        x[t], energy[t + 1] = e - z, e
        bounds[0, t], bounds[1, t] = left, right


@njit(cache=True, error_model="numpy")
def _end_bounds(p, energy):
    """What the value function at the end says the energy left there is worth, at least and at most."""
    v = p.season[p.net_kw.size - 1]
    touch = TOUCH * (1.0 + p.high_kwh[p.season[0]])
    at = p.low_kwh[v]
    from_low, from_high = -np.inf, np.inf
    for i in range(p.end_value.size):
        if energy > at + touch:
            from_high = p.end_value[i]
        at += p.end_length[i]
        if energy < at - touch:
            from_low = max(from_low, p.end_value[i])
    return from_low, from_high


@njit(cache=True, error_model="numpy")
def _meet_backward(p, course, begin, stop, from_low, from_high):
    """Narrow each step's range of multipliers to those that the steps after it allow; counts where none is left.

    `from_low`, `from_high`: the range of the step after the last, or of the value function at the end.
    """
    clashes = 0
    steps, season, keeps, low_kwh, high_kwh = p.net_kw.size, p.season, p.keep, p.low_kwh, p.high_kwh
    energy, bounds, met = course.energy, course.bounds, course.met
    touch = TOUCH * (1.0 + high_kwh[season[0]])
    for t in range(stop - 1, begin - 1, -1):
        if t < steps - 1:
            keep = keeps[season[t + 1]]
            v = season[t]
            from_low, from_high = from_low * keep, from_high * keep
            if energy[t + 1] >= high_kwh[v] - touch:
                from_low = -np.inf
            if energy[t + 1] <= low_kwh[v] + touch:
                from_high = np.inf
        low, high = max(bounds[0, t], from_low), min(bounds[1, t], from_high)
        if low > high:
            clashes += low - high > 1e-9 * (1.0 + abs(low))
            low = high = 0.5 * (low + high)
        met[0, t], met[1, t] = from_low, from_high = low, high
    return clashes


@njit(cache=True, error_model="numpy")
def _price(p, pieces, course, value, begin, stop):
    """Choose the multipliers from `begin` on, after `value`, and sum up what they make each cap worth."""
    h, season, group, keeps, excess_price = p.step_h, p.season, p.group, p.keep, p.excess_price
    slopes, overs, ratios = pieces.slope, pieces.over, pieces.over_ratio
    met, worth, at_cap, slope_by_cap = course.met, course.worth, course.at_cap, course.slope
    for t in range(begin, stop):
        if group[t] >= 0:
            slope_by_cap[group[t]] = 0.0
    for t in range(begin, stop):
        low, high = met[0, t], met[1, t]
        if t == 0:
            value = low if low > -np.inf else (high if high < np.inf else 0.0)
        else:
            value = min(max(value / keeps[season[t]], low), high)
        worth[t] = value
        g = group[t]
        if at_cap[t] == 0 or g < 0:
            continue
        excess = excess_price[g]
        if at_cap[t] == 2:
            slope_by_cap[g] -= excess
        else:
            ratio = ratios[t]  # AC kWh per stored kWh
            bare = slopes[t, overs[t]] - excess * ratio / h
            slope_by_cap[g] -= min(max((value - bare) * h / ratio, 0.0), excess)
