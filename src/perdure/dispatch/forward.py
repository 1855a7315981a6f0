"""The way forward along the best decisions, and the multipliers that tell what a cap and a stored kWh are worth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from perdure.dispatch.exact import TOUCH, account
from perdure.timeline import Floats, Ints


class Course(NamedTuple):
    """What a march writes, per step: where the store goes, at what cost and at what multipliers."""

    energy: Floats  # (steps + 1,) kWh
    x: Floats  # (steps,) kWh added
    grid: Floats  # (steps,) kW imported, negative: exported
    paid: Floats  # (steps,) for energy and wear
    worth: Floats  # (steps,) of one kWh more at the end of the step
    bounds: Floats  # (2, steps) of the multipliers by each step alone
    met: Floats  # (2, steps) ... by all steps after it too
    at_cap: Ints  # (steps,) 1: the import may be at its cap, 2: beyond
    slope: Floats  # (groups,) d(optimal cost)/d(cap), never positive


def new_course(steps: int, groups: int) -> Course:
    """Room for a march."""
    row = np.empty((4, steps))
    return Course(
        np.empty(steps + 1), row[0], row[1], row[2], row[3], np.empty((2, steps)), np.empty((2, steps)),
        np.empty(steps, np.int64), np.zeros(groups),
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def march(p, pieces, room, course):
    """From `start_kwh` forward along the best decisions, then the multipliers.

    Returns in how many steps the multipliers clashed beyond rounding: with any, `course.slope` is no longer exact.
    """
    steps = p.net_kw.size
    decide(p, pieces, room, course, p.start_kwh, 0, steps)
    account(p, course.x, 0, steps, course.grid, course.paid)
    low, high = end_bounds(p, course.energy[steps])
    clashes = meet(p, course, 0, 0, steps, low, high)[1]
    price(p, course, 0, steps, steps, np.nan)
    add_up(p, pieces, course)
    return clashes


@njit(cache=True, error_model="numpy")
def decide(p, pieces, room, course, e, begin, stop):
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
def end_bounds(p, energy):
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
def _alike(one, other):
    return one == other or abs(one - other) <= 1e-13 * (1.0 + abs(one))


@njit(cache=True, error_model="numpy")
def meet(p, course, least, begin, stop, low, high):
    """Narrow each step's range of multipliers, from step `stop` - 1 back, to those that the steps after it allow.

    `low`, `high`: the range of the step after the last, or of the value function at the end. Before `begin` it ends
    where nothing changes, at `least` at the latest. Returns (first step narrowed anew, steps with no range left,
    the last and the first such step, -1: none).
    """
    season, keeps, low_kwh, high_kwh = p.season, p.keep, p.low_kwh, p.high_kwh
    energy, bounds, met, last = course.energy, course.bounds, course.met, p.net_kw.size - 1
    touch = TOUCH * (1.0 + high_kwh[season[0]])
    clashes, last_clash, first_clash = 0, -1, -1
    for t in range(stop - 1, least - 1, -1):
        if t < last:
            keep, v = keeps[season[t + 1]], season[t]
            low, high = low * keep, high * keep
            if energy[t + 1] >= high_kwh[v] - touch:
                low = -np.inf
            if energy[t + 1] <= low_kwh[v] + touch:
                high = np.inf
        low, high = max(bounds[0, t], low), min(bounds[1, t], high)
        if low > high:
            if low - high > 1e-9 * (1.0 + abs(low)):
                clashes += 1
                first_clash = t
                last_clash = max(last_clash, t)
            low = high = 0.5 * (low + high)
        if t < begin and _alike(low, met[0, t]) and _alike(high, met[1, t]):
            return t + 1, clashes, last_clash, first_clash
        met[0, t], met[1, t] = low, high
    return least, clashes, last_clash, first_clash


@njit(cache=True, error_model="numpy")
def price(p, course, begin, stop, most, value):
    """Choose the multipliers from step `begin` on, after `value` of the step before.

    From `stop` on it ends where nothing changes, at `most` at the latest; returns the step it ended before.
    """
    season, keeps, met, worth = p.season, p.keep, course.met, course.worth
    for t in range(begin, most):
        low, high = met[0, t], met[1, t]
        if t == 0:
            value = low if low > -np.inf else (high if high < np.inf else 0.0)
        else:
            value = min(max(value / keeps[season[t]], low), high)
        if t >= stop and _alike(value, worth[t]):
            return t
        worth[t] = value
    return most


@njit(cache=True, error_model="numpy")
def add_up(p, pieces, course):
    """What the multipliers make each cap worth."""
    h, group, excess_price = p.step_h, p.group, p.excess_price
    slopes, overs, ratios = pieces.slope, pieces.over, pieces.over_ratio
    worth, at_cap, slope_by_cap = course.worth, course.at_cap, course.slope
    slope_by_cap[:] = 0.0
    for t in range(at_cap.size):
        g = group[t]
        if at_cap[t] == 0 or g < 0:
            continue
        excess = excess_price[g]
        if at_cap[t] == 2:
            slope_by_cap[g] -= excess
        else:
            ratio = ratios[t]  # AC kWh per stored kWh
            bare = slopes[t, overs[t]] - excess * ratio / h
            slope_by_cap[g] -= min(max((worth[t] - bare) * h / ratio, 0.0), excess)
