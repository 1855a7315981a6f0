"""The value of stored energy when load and prices are not known: a Markov dynamic program, compiled.

Every step has S scenarios of net load and prices, the quantiles of a forecast. Which one holds is seen before the step
is decided; the next one follows by the chances P:

    V_t^s(e) = min_x f_t^s(x) + sum_r P[s, r] V_{t+1}^r(keep e - drain + x)

f_t^s is the piecewise-linear cost of `exact`. The value functions stay convex; they are kept as slopes on equal cells
of energy, each the exact mean of the slope over its cell. One scenario is the certain forecast. `decide` is what a
controller calls: the best AC power of a step from what is measured and from the value of what remains.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from perdure.dispatch.exact import _build, _ratios
from perdure.timeline import Floats

PENALTY = 1e4
"""Value per kWh of energy the store must gain to come back into its allowed band."""


class Store(NamedTuple):
    """What a window's sweep knows of the store and the meter: kW, kWh, hours; conversions as rows of one."""

    step_h: float
    ac_nodes: Floats  # (1, J+1)
    store_nodes: Floats  # (1, J+1)
    ratios: Floats  # (1, J) stored kW per AC kW
    keep: float
    drain_kwh: float
    low_kwh: float
    high_kwh: float
    wear: float
    import_limit: float
    export_limit: float


NO_HOLDS, NO_HOLD_PRICES = np.zeros((0, 0)), np.zeros(0)


class Scenarios(NamedTuple):
    """What may come. `cap_kw`, `excess_price`: import beyond the cap costs so much per kW and step."""

    net_kw: Floats  # (scenarios, steps)
    buy: Floats  # (scenarios, steps) per kWh
    sell: Floats  # (scenarios, steps)
    cap_kw: Floats  # (steps,)
    excess_price: Floats  # (steps,)
    chance: Floats  # (scenarios, scenarios) from a step's scenario (row) to the next step's
    hold_kwh: Floats = NO_HOLDS  # (holds, steps) energy that must be stored when the step begins
    hold_price: Floats = NO_HOLD_PRICES  # (holds,) per kWh missing in a step


def ratios(ac_nodes: Floats, store_nodes: Floats) -> Floats:
    """Stored kW per AC kW of every piece of a conversion (1, J)."""
    return np.asarray(_ratios(ac_nodes, store_nodes))


@njit(cache=True, error_model="numpy")
def _pieces(
    h, net, buy, sell, cap, excess, import_limit, export_limit, half_wear, least, ac_nodes, store_nodes, ratio_of,
    slopes, spans,
):  # fmt: skip
    """The pieces of one step's cost in row 0 of `slopes` and `spans`: (count, first x in kWh)."""
    most = max(import_limit, net + ac_nodes[0, 0] + least)  # where even full discharge is too little: the least
    count, first, _over, _ratio = _build(
        h, net, buy, sell, excess / h, cap, (most, export_limit), half_wear, least, 0, 0,
        ac_nodes, store_nodes, ratio_of, slopes, spans,
    )  # fmt: skip
    return max(count, 0), first


@njit(cache=True, error_model="numpy")
def _step_back(low, width, keep, drain, after, count, first, slopes, spans, out):
    """One scenario, one step back: cell values `after` (cells,) and the step's pieces into cell values `out`."""
    cells = after.size
    most = first
    for k in range(count):
        most += spans[0, k]
    at = low - most  # z = keep e - drain; e after the step is z + x
    wide = keep * width
    begin = keep * low - drain
    target, end, filled, per_width = 0, begin + wide, 0.0, 1.0 / wide
    if at > begin:  # not even the most charge brings it back into the band: rounding or a drained store
        while target < cells and at >= end:
            out[target] = PENALTY
            target, end = target + 1, end + wide
        filled = (at - (end - wide)) * PENALTY
    cell, k, left = 0, count - 1, width
    value = 0.0
    reached = max(at, begin)
    while target < cells and (cell < cells or k >= 0):
        if k >= 0 and (cell >= cells or slopes[0, k] >= after[cell]):
            value = slopes[0, k]
            at += spans[0, k]
            k -= 1
        else:
            value = after[cell]
            at += left
            cell += 1
        while at >= end:
            out[target] = (filled + (end - reached) * value) * per_width * keep
            filled, reached, target, end = 0.0, end, target + 1, end + wide
            if target == cells:
                break
        if at > reached:
            filled += (at - reached) * value
            reached = at
    while target < cells:  # beyond what the step can use: worth as much as the last stretch
        out[target] = (filled + (end - reached) * value) * per_width * keep
        filled, reached, target, end = 0.0, end, target + 1, end + wide


@njit(cache=True, error_model="numpy")
def sweep(s, w, end_value, keep_steps, kept):
    """From the end of the window to its start; returns the cell values at the start (scenarios, cells).

    `end_value` (scenarios, cells): value per kWh at the window's end, falling. `kept` (keep_steps, scenarios, cells):
    what one more stored kWh is worth after each of the first steps, given the scenario seen in it.
    """
    h, ac_nodes, store_nodes, ratio_of = s.step_h, s.ac_nodes, s.store_nodes, s.ratios
    low, keep, drain, half_wear = s.low_kwh, s.keep, s.drain_kwh, 0.5 * s.wear
    import_limit, export_limit = s.import_limit, s.export_limit
    net_kw, buy, sell, cap_kw, excess_price, chance = w.net_kw, w.buy, w.sell, w.cap_kw, w.excess_price, w.chance
    hold_kwh, hold_price = w.hold_kwh, w.hold_price
    scenarios, steps = net_kw.shape
    cells = end_value.shape[1]
    width = (s.high_kwh - low) / cells
    least = 1e-9 * (1.0 + s.high_kwh) / h
    most = ac_nodes.shape[1] + 4
    slopes, spans = np.empty((1, most)), np.empty((1, most))
    value, mixed = np.empty((scenarios, cells)), np.empty((scenarios, cells))
    for n in range(scenarios):
        value[n] = end_value[n]
    for t in range(steps - 1, -1, -1):
        for n in range(scenarios):
            mixed_n = mixed[n]
            for g in range(cells):
                mixed_n[g] = chance[n, 0] * value[0, g]
            for r in range(1, scenarios):
                part = chance[n, r]
                for g in range(cells):
                    mixed_n[g] += part * value[r, g]
        if t < keep_steps:
            for n in range(scenarios):
                for g in range(cells):
                    kept[t, n, g] = mixed[n, g]
        for n in range(scenarios):
            count, first = _pieces(
                h, net_kw[n, t], buy[n, t], sell[n, t], cap_kw[t], excess_price[t], import_limit, export_limit,
                half_wear, least, ac_nodes, store_nodes, ratio_of, slopes, spans,
            )  # fmt: skip
            _step_back(low, width, keep, drain, mixed[n], count, first, slopes, spans, value[n])
            for hold in range(hold_price.size):
                _held(low, width, hold_kwh[hold, t], hold_price[hold], value[n])
    return value


@njit(cache=True, error_model="numpy")
def _held(low, width, least_kwh, price, value):
    """Adds what a kWh is worth more where less is stored than is to be held, to cell values (cells,)."""
    for g in range(value.size):
        below = (least_kwh - low) / width - g
        if below <= 0.0:
            break
        value[g] += price * min(below, 1.0)


@njit(cache=True, error_model="numpy")
def decide(s, stored_kwh, net, buy, sell, cap, excess, after, slopes, spans):
    """(AC power kW, energy added kWh): the best of one step at the measured net load, given cell values `after`.

    `slopes`, `spans` (1, J+5): scratch.
    """
    count, first = _pieces(
        s.step_h, net, buy, sell, cap, excess, s.import_limit, s.export_limit, 0.5 * s.wear,
        1e-9 * (1.0 + s.high_kwh) / s.step_h, s.ac_nodes, s.store_nodes, s.ratios, slopes, spans,
    )  # fmt: skip
    cells = after.size
    width = (s.high_kwh - s.low_kwh) / cells
    z = s.keep * stored_kwh - s.drain_kwh
    touch = 1e-9 * (1.0 + s.high_kwh)
    x = first
    for k in range(count):
        end = x + spans[0, k]
        if z + end <= s.low_kwh + touch:  # the band is not reached yet
            x = end
            continue
        x = max(x, min(s.low_kwh - z, end))
        while x < end - touch:
            g = int((z + x - s.low_kwh + touch) / width)
            if g >= cells or after[g] <= slopes[0, k]:
                break
            x = min(end, s.low_kwh + (g + 1) * width - z)
        if x < end - touch:
            break
    x = min(x, max(s.high_kwh - z, first))
    y, j = x / s.step_h, 0
    while j < s.store_nodes.shape[1] - 2 and y > s.store_nodes[0, j + 1]:
        j += 1
    return s.ac_nodes[0, j] + (y - s.store_nodes[0, j]) / s.ratios[0, j], x


@njit(cache=True, error_model="numpy")
def _between(levels, measured):
    """(index, share): the measured value lies the share of the way from the level before the index to it."""
    last = levels.size - 1
    n = 0
    while n < last and levels[n] < measured:
        n += 1
    if n == 0 or levels[n] <= measured or levels[n] <= levels[n - 1]:
        return n, 1.0
    return n, (measured - levels[n - 1]) / (levels[n] - levels[n - 1])


@njit(cache=True, error_model="numpy")
def blend(kept, net_levels, net_kw, price_levels, price, out):
    """Cell values between scenarios for a measured net load and price, into `out` (cells,).

    `kept` (net levels x price levels, cells), the price moving fastest; levels rise.
    """
    n, share_n = _between(net_levels, net_kw)
    m, share_m = _between(price_levels, price)
    prices = price_levels.size
    for g in range(out.size):
        out[g] = 0.0
    for i in range(2):
        weight_n = share_n if i == 0 else 1.0 - share_n
        for j in range(2):
            weight = weight_n * (share_m if j == 0 else 1.0 - share_m)
            if weight > 0.0:
                row = (n - i) * prices + m - j
                for g in range(out.size):
                    out[g] += weight * kept[row, g]
