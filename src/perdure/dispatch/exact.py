"""Exact dispatch of one store against convex prices: dynamic programming on the slopes of the value function.

With t the step, h its length (hours), e the stored energy (kWh) and x what a step adds to it,

    e' = a e - b + x,     lo <= e' <= hi,     cost f_t(x): convex, piecewise linear, from prices and the AC power of x

the cost to go V_t(e) is convex and piecewise linear. Its negated slope is the value of one more stored kWh. The
value function is kept as a list of (value, length), values falling from the empty end to the full end; one step back
merges the pieces of f_t into it, rescales by a, shifts by b and cuts to [lo, hi]. No grid, no solver, no tolerance.

A cap D on the import of a group of steps (a demand charge) enters f_t as a steep piece beyond D. The way back is here,
`forward.py` marches along the decisions it leaves; both are compiled. `passes.py` repeats them only where a cap
changed, `demand.py` searches the caps, `optimise.py` makes Schedules of it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from perdure.timeline import Floats, Ints

FEASIBLE, EMPTY_STORE, OVER_IMPORT, FULL_LIST = 0, 1, 2, 3
TOUCH = 1e-11
"""Relative to the store's size: closer than this to a limit counts as on it."""
REBASE = 16.0
"""Positions are written anew when their common shift exceeds this many store sizes."""


class Problem(NamedTuple):
    """One store behind one meter. Conversions (one per season) are rows; `season` says which row each step uses.

    `ac_nodes`, `store_nodes` (seasons, J+1): AC power and stored power (kW) at the corners of the piecewise-linear
    conversion, rising, both 0 at one node. `keep`, `drain_kwh`: e' = keep e - drain_kwh + x per step.
    """

    step_h: float
    net_kw: Floats  # (steps,) load minus generation plus auxiliaries
    buy: Floats  # (steps,) per kWh, buy >= sell >= 0
    sell: Floats  # (steps,)
    season: Ints  # (steps,)
    ac_nodes: Floats
    store_nodes: Floats
    keep: Floats  # (seasons,)
    drain_kwh: Floats  # (seasons,)
    low_kwh: Floats  # (seasons,)
    high_kwh: Floats  # (seasons,)
    wear: float  # per kWh cycled through the store, half on the way in, half on the way out
    import_limit: float
    export_limit: float
    group: Ints  # (steps,) demand-charge group, -1: none
    excess_price: Floats  # (groups,) per kW beyond the cap, above the group's rate
    start_kwh: float
    end_value: Floats  # value function at the end: values falling ...
    end_length: Floats  # ... and their lengths from low to high


class Pieces(NamedTuple):
    """Scratch and result of the backward pass: per step the pieces of f_t and how far each is worth using."""

    slope: Floats  # (steps, K) cost per kWh added to the store
    length: Floats  # (steps, K) kWh
    level: Floats  # (steps, K) e' up to which stored energy is worth the piece's slope
    number: Ints  # (steps,) of pieces
    first_x: Floats  # (steps,) kWh
    over: Ints  # (steps,) index of the first piece beyond the cap; count: none, -1: all, and more
    over_ratio: Floats  # (steps,) AC kW per kWh/step just beyond the cap


@njit(cache=True, error_model="numpy")
def _ratios(ac_nodes, store_nodes):
    """Stored kW per AC kW of every piece of the conversion (seasons, J)."""
    out = np.ones((ac_nodes.shape[0], ac_nodes.shape[1] - 1))
    for v in range(out.shape[0]):
        for j in range(out.shape[1]):
            if ac_nodes[v, j + 1] > ac_nodes[v, j]:
                out[v, j] = (store_nodes[v, j + 1] - store_nodes[v, j]) / (ac_nodes[v, j + 1] - ac_nodes[v, j])
    return out


@njit(cache=True, error_model="numpy")
def _build(
    h, net, buy, sell, excess, cap, limits, half_wear, least_kw, v, t, ac_nodes, store_nodes, ratio_of, slopes, spans
):
    """Write the pieces of f_t, from low to high x, into row t of `slopes` and `spans`.

    Returns (count, first x, index of the first piece over the cap, its AC kW per stored kW). Count -1: even full
    discharge imports too much. No piece is shorter than `least_kw`, below which rounding could not tell its ends apart.
    Arrays come one by one: taking them out of a tuple here would cost more than the work.
    """
    import_limit, export_limit = limits
    curtails, balances, capped = -export_limit - net, -net, cap - net  # AC powers where the price changes
    bottom = ac_nodes[v, 0]
    least, most = max(min(0.0, curtails), bottom), import_limit - net
    if most < bottom:
        return -1, 0.0, 0, 0.0
    start = min(least, most)
    count, over, first, over_ratio = 0, -1 if start > capped else -2, 0.0, 0.0
    for j in range(ratio_of.shape[1]):
        corner, node = ac_nodes[v, j], ac_nodes[v, j + 1]
        m = ratio_of[v, j]
        if corner <= start <= node:
            first = (store_nodes[v, j] + (start - corner) * m) * h
        end = min(node, most)
        ac = max(corner, start)
        if end <= ac + least_kw:
            continue
        per_m, wear = 1.0 / m, half_wear if ac >= 0.0 else -half_wear
        while ac < end:
            if ac < curtails - least_kw:
                price, stop = 0.0, curtails
            elif ac < balances - least_kw:
                price, stop = sell, balances
            elif ac < capped - least_kw:
                price, stop = buy, capped
            else:
                price, stop = buy + excess, end
                if over == -2:
                    over, over_ratio = count, per_m
            stop = stop if stop < end - least_kw else end
            slopes[t, count], spans[t, count] = price * per_m + wear, (stop - ac) * m * h
            count += 1
            ac = stop
    return count, first, over if over > -2 else count, over_ratio


@njit(cache=True, error_model="numpy")
def retreat(
    p, caps, pieces, values, ends, room, front, back, low, high, begin, stop, offsets, kept_values, kept_lengths
):
    """Carry the value function from after step `stop` - 1 to before step `begin`; fills these rows of `pieces`, `room`.

    `values`, `ends` (capacity,) hold the list in [front, back): the value of each stretch and where it ends, from `low`
    to `high`. While it moves, positions and values are kept unscaled: energy = (position + shift) gain, value = kept
    value / gain, so that self-discharge touches no element; a new piece moves only the shorter side of the list.
    Returns (state, step, front, back, low, high). `offsets`, `kept_*`: see `backward`.
    """
    season, low_kwh, high_kwh = p.season, p.low_kwh, p.high_kwh
    slopes, spans, levels, counts, firsts = pieces.slope, pieces.length, pieces.level, pieces.number, pieces.first_x
    net_kw, buy, sell, group, excess_price = p.net_kw, p.buy, p.sell, p.group, p.excess_price
    ac_nodes, store_nodes, overs, ratios = p.ac_nodes, p.store_nodes, pieces.over, pieces.over_ratio
    h, limits, half_wear = p.step_h, (p.import_limit, p.export_limit), 0.5 * p.wear
    least_kw = 4.0 * TOUCH * (1.0 + high_kwh[season[net_kw.size - 1]]) / h
    capacity = values.size
    keeping, counting = kept_values.size > 0, offsets.size > 0
    ratio_of, keeps, drains = _ratios(p.ac_nodes, p.store_nodes), p.keep, p.drain_kwh
    gain, per_gain, shift = 1.0, 1.0, 0.0
    one = np.uint64(1)  # unsigned places spare a test for negative ones at every access
    for t in range(stop - 1, begin - 1, -1):
        room[t, 0], room[t, 1] = low, high
        if keeping:
            at = low
            for i in range(front, back):
                kept_values[offsets[t] + i - front] = values[i] * per_gain
                kept_lengths[offsets[t] + i - front] = (ends[i] + shift) * gain - at
                at = (ends[i] + shift) * gain
        elif counting:
            offsets[t + 1] = back - front
        v, g = season[t], group[t]
        cap, excess = (caps[g], excess_price[g] / h) if g >= 0 else (np.inf, 0.0)
        count, first, over, ratio = _build(
            h, net_kw[t], buy[t], sell[t], excess, cap, limits, half_wear, least_kw, v, t,
            ac_nodes, store_nodes, ratio_of, slopes, spans,
        )  # fmt: skip
        if count < 0:
            return OVER_IMPORT, t, front, back, low, high
        counts[t], firsts[t], overs[t], ratios[t] = count, first, over, ratio
        before = season[t - 1] if t > 0 else v
        if front < count or back + count > capacity:
            middle = (capacity - (back - front)) // 2
            if middle < 2 * count:
                return FULL_LIST, t, front, back, low, high
            back = _centre(values, ends, front, back, middle)
            front = middle
        # insert the pieces, dearest first; z = e' - x, so the list starts at low - most x and every piece lengthens it
        inserted = 0.0
        most_x = first
        for k in range(count):
            most_x += spans[t, k]
        shift -= most_x * per_gain
        z_low = low - most_x
        head, tail = np.uint64(front), np.uint64(back)
        place = head
        for k in range(count - 1, -1, -1):
            worth, span = slopes[t, k] * gain, spans[t, k] * per_gain
            while place < tail and values[place] > worth:  # first stretch worth no more than the piece
                place += one
            border = ends[place - one] if place > head else z_low * per_gain - shift
            if k + 1 < count and slopes[t, k] >= slopes[t, k + 1]:  # as dear as the last: it lies behind, not before
                levels[t, k] = levels[t, k + 1]
            else:
                levels[t, k] = (border + shift) * gain + most_x - inserted
            inserted += spans[t, k]
            same = place < tail and values[place] == worth
            if place - head < tail - place:
                shift += span
                if same:
                    for i in range(head, place):
                        ends[i] -= span
                else:
                    for i in range(head, place):
                        values[i - one], ends[i - one] = values[i], ends[i] - span
                    head -= one
                    place -= one
                    values[place], ends[place] = worth, border
            elif same:
                for i in range(place, tail):
                    ends[i] += span
            else:
                i = tail
                while i > place:
                    values[i], ends[i] = values[i - one], ends[i - one] + span
                    i -= one
                tail += one
                values[place], ends[place] = worth, border + span
        front, back = np.int64(head), np.int64(tail)
        # from z to e, and cut to the limits
        keep, drain = keeps[v], drains[v]
        low, high = (z_low + drain) / keep, (high - first + drain) / keep
        shift += drain * per_gain
        gain /= keep
        per_gain = 1.0 / gain
        low, high_cut = max(low, low_kwh[before]), min(high, high_kwh[before])
        if high_cut < low - TOUCH * (1.0 + high_kwh[v]):
            return EMPTY_STORE, t, front, back, low, high
        high = max(high_cut, low)
        floor, ceiling = low * per_gain - shift, high * per_gain - shift
        while front < back and ends[front] <= floor:
            front += 1
        while back - front > 1 and ends[back - 2] >= ceiling:
            back -= 1
        if back > front:
            ends[back - 1] = ceiling
        far = gain > 1e3 or abs(shift) * gain > REBASE * (1.0 + high_kwh[v])  # far from zero, digits are lost
        if far or t == begin:
            for i in range(front, back):
                values[i] *= per_gain
                ends[i] = (ends[i] + shift) * gain
            gain, per_gain, shift = 1.0, 1.0, 0.0
    return FEASIBLE, begin, front, back, low, high


@njit(cache=True, error_model="numpy")
def _centre(values, ends, front, back, middle):
    """Move the list in [front, back) to begin at `middle`; returns where it ends then."""
    n = back - front
    if middle < front:
        for i in range(n):
            values[middle + i], ends[middle + i] = values[front + i], ends[front + i]
    else:
        for i in range(n - 1, -1, -1):
            values[middle + i], ends[middle + i] = values[front + i], ends[front + i]
    return middle + n


@njit(cache=True, error_model="numpy")
def backward(p, caps, pieces, values, ends, room, offsets, kept_values, kept_lengths):
    """Carry the value function from the end to the start; fills `pieces` and `room` (steps, 2).

    With `offsets` (steps + 1,) the value function after every step is written to `kept_*` (call once with empty
    `kept_values` to learn the offsets). Returns (state, step, low, high): the feasible energies at the start.
    """
    steps, v = p.net_kw.size, p.season[p.net_kw.size - 1]
    front = back = values.size // 2
    at = p.low_kwh[v]
    for i in range(p.end_value.size):
        at += p.end_length[i]
        values[back], ends[back] = p.end_value[i], at
        back += 1
    state, step, _, _, low, high = retreat(
        p, caps, pieces, values, ends, room, front, back, p.low_kwh[v], p.high_kwh[v], 0, steps,
        offsets, kept_values, kept_lengths,
    )  # fmt: skip
    if offsets.size > 0 and kept_values.size == 0:
        offsets[0] = 0
        for t in range(steps):
            offsets[t + 1] += offsets[t]
    return state, step, low, high


def ac_power(problem: Problem, x: Floats) -> Floats:
    """AC power (steps,) kW of stored energy per step `x` (kWh) by the conversion of each step's season."""
    return np.asarray(_ac_power(problem, x, 0, x.size))


@njit(cache=True, error_model="numpy")
def _ac_power(p, x, begin, stop):
    """AC power of the steps from `begin` to before `stop`; what is but rounding is no power."""
    season, ac_nodes, store_nodes, per_h = p.season, p.ac_nodes, p.store_nodes, 1.0 / p.step_h
    power = np.zeros(stop - begin)
    nodes = ac_nodes.shape[1]
    rounding = TOUCH * (1.0 + p.high_kwh[season[0]]) * per_h
    for t in range(begin, stop):
        v = season[t]
        y = x[t] * per_h
        if abs(y) <= rounding:
            continue
        j = 0
        while j < nodes - 2 and y > store_nodes[v, j + 1]:
            j += 1
        share = (y - store_nodes[v, j]) / (store_nodes[v, j + 1] - store_nodes[v, j])
        power[t - begin] = ac_nodes[v, j] + share * (ac_nodes[v, j + 1] - ac_nodes[v, j])
    return power


@njit(cache=True, error_model="numpy")
def metered(p, ac_kw):
    """Import (steps,) kW of a plan, and what its energy costs."""
    net_kw, buy, sell, export_limit = p.net_kw, p.buy, p.sell, p.export_limit
    imported, total = np.zeros(net_kw.size), 0.0
    for t in range(net_kw.size):
        grid = net_kw[t] + ac_kw[t]
        imported[t] = max(grid, 0.0)
        total += buy[t] * grid if grid > 0.0 else -sell[t] * min(-grid, export_limit)
    return imported, total * p.step_h


@njit(cache=True, error_model="numpy")
def account(p, x, begin, stop, grid_kw, paid):
    """Write what the steps from `begin` to before `stop` draw from the grid (kW) and cost, demand left out."""
    net_kw, buy, sell, h, half_wear = p.net_kw, p.buy, p.sell, p.step_h, 0.5 * p.wear
    power = _ac_power(p, x, begin, stop)
    for t in range(begin, stop):
        grid = net_kw[t] + power[t - begin]
        energy = buy[t] * grid if grid > 0.0 else -sell[t] * min(-grid, p.export_limit)
        grid_kw[t], paid[t] = grid, half_wear * abs(x[t]) + h * energy


@njit(cache=True, error_model="numpy")
def tally(p, grid_kw, paid, caps, starts, floors):
    """What a schedule costs: (per block with excess over caps, per block as paid without demand, peak per group).

    `grid_kw`, `paid` (steps,): its `account`. Blocks begin at the steps `starts`; peaks (kW) are at least `floors`.
    """
    group, excess = p.group, p.excess_price
    with_excess, without, peaks = np.zeros(starts.size), np.zeros(starts.size), floors.copy()
    for block in range(starts.size):
        stop = starts[block + 1] if block + 1 < starts.size else grid_kw.size
        cost, beyond = 0.0, 0.0
        for t in range(starts[block], stop):
            cost += paid[t]
            g = group[t]
            if g >= 0 and grid_kw[t] > min(peaks[g], caps[g]):
                peaks[g] = max(peaks[g], grid_kw[t])
                beyond += excess[g] * max(grid_kw[t] - caps[g], 0.0)
        without[block], with_excess[block] = cost, cost + beyond
    return with_excess, without, peaks
