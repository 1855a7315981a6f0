"""The compiled loop of every simulation: one store through its response map, step by step, and rainflow counting."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from perdure.timeline import Floats

ONE = np.uint64(1)
"""Unsigned indices spare a test for negative ones at every access."""
STILL = 1e-6
"""A state of charge that moves less than this in a step rests."""
SMALLEST_DEPTH = 1e-4


class Store(NamedTuple):
    """One plant as the loop needs it: sizes, converters, thermal lump. kW, kWh, K, hours."""

    capacity_kwh: float  # now
    charge_kw: float  # AC rating of the converter that charges, with its losses
    charge_linear: float
    charge_quadratic: float
    charge_no_load_kw: float
    discharge_kw: float
    discharge_linear: float
    discharge_quadratic: float
    discharge_no_load_kw: float
    standby_kw: float
    base_load_kw: float
    heat_capacity: float  # kWh/K
    conductance: float  # kW/K
    cool_above: float
    fan_conductance: float
    fan_kw: float
    cooling_kw: float
    cooling_cop: float
    cooling_cop_per_k: float
    heat_below: float
    heating_kw: float
    heating_cop: float


class Track(NamedTuple):
    """What the loop writes, means over each step (steps,): kW; stored share and temperature at its start.

    `unavailable`: what slow states keep out of reach at its start, over the capacity.
    """

    ac_kw: Floats
    dc_kw: Floats
    auxiliary_kw: Floats
    store_loss_kw: Floats
    self_discharge_kw: Floats
    refused_kw: Floats
    share: Floats
    temperature: Floats
    unavailable: Floats


@njit(cache=True, error_model="numpy")
def _cell(value, low, step, count):
    """Index of the grid cell and the place in it, clamped to the grid."""
    place = (value - low) / step
    if place <= 0.0:
        return np.uint64(0), 0.0
    if place >= count - 1:
        return np.uint64(count - 2), 1.0
    index = np.uint64(place)
    return index, place - index


@njit(cache=True, error_model="numpy")
def _flat(table, i, u, j, v):
    """A (shares, temperatures) table at a place."""
    p, q = i + ONE, j + ONE
    return (1.0 - u) * ((1.0 - v) * table[i, j] + v * table[i, q]) + u * ((1.0 - v) * table[p, j] + v * table[p, q])


@njit(cache=True, error_model="numpy")
def _solid(table, i, u, j, v, k, w):
    """A (shares, temperatures, powers) table at a place."""
    p, q, r = i + ONE, j + ONE, k + ONE
    near = (
        (1.0 - u) * ((1.0 - v) * table[i, j, k] + v * table[i, q, k])
        + u * ((1.0 - v) * table[p, j, k] + v * table[p, q, k])
    )  # fmt: skip
    far = (
        (1.0 - u) * ((1.0 - v) * table[i, j, r] + v * table[i, q, r])
        + u * ((1.0 - v) * table[p, j, r] + v * table[p, q, r])
    )  # fmt: skip
    return (1.0 - w) * near + w * far


@njit(cache=True, error_model="numpy")
def _power_cell(dc_per_kwh, m, count):
    """Index of the grid cell along power and the place in it; the middle node is zero power."""
    middle = count // 2
    step = m.charge_step if dc_per_kwh > 0.0 else m.discharge_step
    return _cell(dc_per_kwh, -middle * step, step, count)


@njit(cache=True, error_model="numpy")
def to_direct(ac, s):
    """DC power of an AC power (kW), charging positive."""
    if ac > 0.0:
        load = ac / s.charge_kw
        return ac - (s.charge_linear * load + s.charge_quadratic * load * load) * s.charge_kw
    load = -ac / s.discharge_kw
    return ac - (s.discharge_linear * load + s.discharge_quadratic * load * load) * s.discharge_kw


@njit(cache=True, error_model="numpy")
def to_alternating(dc, s):
    """AC power of a DC power (kW): the inverse of `to_direct`."""
    if dc == 0.0:
        return 0.0
    if dc > 0.0:
        u, b, q = dc / s.charge_kw, 1.0 - s.charge_linear, s.charge_quadratic
        return 2.0 * u / (b + np.sqrt(max(b * b - 4.0 * q * u, 0.0))) * s.charge_kw
    u, b, q = -dc / s.discharge_kw, 1.0 + s.discharge_linear, s.discharge_quadratic
    return -2.0 * u / (b + np.sqrt(b * b + 4.0 * q * u)) * s.discharge_kw


@njit(cache=True, error_model="numpy")
def _condition(temperature, ambient, h, s):
    """Temperature after a substep of fans, chiller or heater, and the power they drew (kW)."""
    drawn = 0.0
    if temperature > s.cool_above:
        surplus = (temperature - s.cool_above) * s.heat_capacity / h
        able = s.fan_conductance * (temperature - ambient)
        if able > 0.0:
            speed = min(surplus / able, 1.0)
            drawn += speed * s.fan_kw
            surplus -= speed * able
            temperature -= speed * able * h / s.heat_capacity
        moved = min(surplus, s.cooling_kw)
        if moved > 0.0:
            temperature -= moved * h / s.heat_capacity
            drawn += moved / max(s.cooling_cop - s.cooling_cop_per_k * (ambient - 35.0), 1.0)
    elif temperature < s.heat_below:
        moved = min((s.heat_below - temperature) * s.heat_capacity / h, s.heating_kw)
        temperature += moved * h / s.heat_capacity
        drawn += moved / s.heating_cop
    return temperature, drawn


@njit(cache=True, error_model="numpy")
def _drift(slow, m, h, i, u, j, v, k, w):
    """Move the slow states (row 0; row 1 is hours since service) by a substep; the stored share a service loses."""
    lost = 0.0
    for n in range(slow.shape[1]):
        growth = _solid(m.slow_growth[n], i, u, j, v, k, w)
        recovery = _solid(m.slow_recovery[n], i, u, j, v, k, w)
        if recovery * h > 1e-12:
            rest = growth / recovery
            x = rest + (slow[0, n] - rest) * np.exp(-recovery * h)
        else:
            x = slow[0, n] + growth * h
        slow[0, n] = min(x, m.slow_rules[n, 1])
        slow[1, n] += h
        if slow[1, n] >= m.slow_rules[n, 2]:
            lost += slow[0, n] * m.slow_rules[n, 3]
            slow[0, n], slow[1, n] = 0.0, 0.0
    return lost


@njit(cache=True, error_model="numpy")
def run(step_h, substeps, planned_kw, net_kw, ceiling_kw, floor_kw, ambient_c, s, m, share, temperature, slow, out):
    """Carry the store through all steps; returns its stored share and temperature at the end; moves `slow` (2, slow).

    `planned_kw` (steps,) AC power wanted. `ceiling_kw`, `floor_kw` (steps,): highest and lowest grid power (import
    positive) the controller accepts; it bends the plan to them with the auxiliaries it sees. What the physics then
    refuses of the bent plan goes to `out.refused_kw`. `m`: the tables at the store's health.
    """
    # arrays are taken out of their tuples here: in the loop that would cost more than the work
    loss_table, heat_table = m.loss, m.heat
    self_discharge, charge_limit, discharge_limit = m.self_discharge, m.charge_limit, m.discharge_limit
    highest, lowest, slow_rules = m.highest_share, m.lowest_share, m.slow_rules
    told_ac, told_dc, told_auxiliary, told_refused = out.ac_kw, out.dc_kw, out.auxiliary_kw, out.refused_kw
    told_loss, told_drain, told_share = out.store_loss_kw, out.self_discharge_kw, out.share
    told_temperature, told_unavailable = out.temperature, out.unavailable
    shares, temperatures, powers = m.loss.shape[0], m.loss.shape[1], m.loss.shape[2]
    h = step_h / substeps
    capacity = s.capacity_kwh
    decay = np.exp(-s.conductance * h / s.heat_capacity)
    auxiliary = s.base_load_kw + s.standby_kw
    energy = share * capacity
    below = above = 0.0  # stored energy the slow states keep out of reach, over capacity
    for n in range(slow.shape[1]):
        above += slow[0, n] * slow_rules[n, 0]
        below += slow[0, n] * (1.0 - slow_rules[n, 0])
    for t in range(planned_kw.size):
        told_share[t], told_temperature[t], told_unavailable[t] = energy / capacity, temperature, above + below
        seen = net_kw[t] + auxiliary
        wanted = planned_kw[t]
        if seen + wanted > ceiling_kw[t]:
            wanted = ceiling_kw[t] - seen
        if seen + wanted < floor_kw[t] and wanted < 0.0:
            wanted = min(0.0, floor_kw[t] - seen)
        wanted = min(max(wanted, -s.discharge_kw), s.charge_kw)
        wanted_dc = to_direct(wanted, s)
        ac_sum = dc_sum = loss_sum = drain_sum = auxiliary_sum = 0.0
        for _ in range(substeps):
            i, u = _cell(energy / capacity, 0.0, m.share_step, shares)
            j, v = _cell(temperature, m.temperature_low, m.temperature_step, temperatures)
            dc = wanted_dc
            drain = _flat(self_discharge, i, u, j, v) * capacity
            if dc > 0.0:
                dc = min(dc, _flat(charge_limit, i, u, j, v) * capacity)
                border = ((1.0 - v) * highest[j] + v * highest[j + ONE] - above) * capacity
            else:
                dc = max(dc, -_flat(discharge_limit, i, u, j, v) * capacity)
                border = ((1.0 - v) * lowest[j] + v * lowest[j + ONE] + below) * capacity
            if (dc > 0.0 and energy >= border) or (dc < 0.0 and energy <= border):
                dc = 0.0
            k, w = _power_cell(dc / capacity, m, powers)
            loss = _solid(loss_table, i, u, j, v, k, w) * capacity
            for _again in range(12):  # stop at the border of the allowed window
                beyond = energy + h * (dc - loss - drain) - border
                if dc == 0.0 or (beyond <= 1e-9 * capacity if dc > 0.0 else beyond >= -1e-9 * capacity):
                    break
                change = beyond / h
                dc = max(dc - change, 0.0) if dc > 0.0 else min(dc - change, 0.0)
                k, w = _power_cell(dc / capacity, m, powers)
                loss = _solid(loss_table, i, u, j, v, k, w) * capacity
            ac = to_alternating(dc, s) if dc != wanted_dc else wanted
            heat = _solid(heat_table, i, u, j, v, k, w) * capacity
            if slow.shape[1]:
                loss += min(_drift(slow, m, h, i, u, j, v, k, w) * capacity, energy) / h
                above = below = 0.0
                for n in range(slow.shape[1]):
                    above += slow[0, n] * slow_rules[n, 0]
                    below += slow[0, n] * (1.0 - slow_rules[n, 0])
            energy += h * (dc - loss - drain)
            if energy < 0.0:  # an empty store has nothing left to lose
                drain += energy / h
                energy = 0.0
            rest = ambient_c[t] + heat / s.conductance
            temperature, drawn = _condition(rest + (temperature - rest) * decay, ambient_c[t], h, s)
            running = s.standby_kw
            if ac != 0.0:
                running = s.charge_no_load_kw if ac > 0.0 else s.discharge_no_load_kw
            auxiliary = s.base_load_kw + running + drawn
            ac_sum += ac
            dc_sum += dc
            loss_sum += loss
            drain_sum += drain
            auxiliary_sum += auxiliary
        told_ac[t], told_dc[t] = ac_sum / substeps, dc_sum / substeps
        told_loss[t], told_drain[t] = loss_sum / substeps, drain_sum / substeps
        told_auxiliary[t] = auxiliary_sum / substeps
        told_refused[t] = abs(wanted - ac_sum / substeps)
    return energy / capacity, temperature


@njit(cache=True)
def rainflow(series):
    """Rainflow cycles of a series: (first index, last index, weight) per cycle; weight 1 whole, 0.5 half.

    Turning points are taken first, then the four-point rule; what is left counts as half cycles.
    """
    n = series.size
    points = np.empty(n, np.int64)
    count = 0
    for t in range(n):
        if count and series[t] == series[points[count - 1]]:
            continue
        rose = series[t] > series[points[count - 1]] if count else False
        if count >= 2 and rose == (series[points[count - 1]] > series[points[count - 2]]):
            points[count - 1] = t
        else:
            points[count] = t
            count += 1
    first, last, weight = np.empty(count + 1, np.int64), np.empty(count + 1, np.int64), np.empty(count + 1)
    stack = np.empty(count + 1, np.int64)
    top = found = 0
    for index in range(count):
        stack[top] = points[index]
        top += 1
        while top >= 4:
            a, b, c, d = series[stack[top - 4]], series[stack[top - 3]], series[stack[top - 2]], series[stack[top - 1]]
            inner = abs(c - b)
            if inner > abs(b - a) or inner > abs(d - c):
                break
            first[found], last[found], weight[found] = stack[top - 3], stack[top - 2], 1.0
            found += 1
            stack[top - 3] = stack[top - 1]
            top -= 2
    for index in range(top - 1):
        first[found], last[found], weight[found] = stack[index], stack[index + 1], 0.5
        found += 1
    return first[:found], last[:found], weight[:found]


@njit(cache=True, error_model="numpy")
def counted(soc, temperature, first, last, weight, step_h):
    """Depth, mean state of charge, rate (1/h), temperature and weight of the `rainflow` cycles worth counting."""
    moved, warmth = np.zeros(soc.size + 1), np.zeros(soc.size + 1)
    moving = np.zeros(soc.size + 1, np.int64)
    for t in range(soc.size):
        move = abs(soc[t + 1] - soc[t]) if t + 1 < soc.size else 0.0
        moved[t + 1], moving[t + 1] = moved[t] + move, moving[t] + (move > STILL)
        warmth[t + 1] = warmth[t] + temperature[t]
    out, count = np.empty((5, first.size)), 0
    for n in range(first.size):
        depth = abs(soc[last[n]] - soc[first[n]])
        if not depth > SMALLEST_DEPTH:
            continue
        early, late = min(first[n], last[n]), max(first[n], last[n])
        hours = max((moving[late] - moving[early]) * step_h, step_h)
        out[0, count], out[1, count] = depth, 0.5 * (soc[first[n]] + soc[last[n]])
        out[2, count] = (moved[late] - moved[early]) / hours
        out[3, count] = (warmth[late + 1] - warmth[early]) / (late + 1 - early)
        out[4, count] = weight[n]
        count += 1
    return out[0, :count], out[1, :count], out[2, :count], out[3, :count], out[4, :count]


@njit(cache=True, error_model="numpy")
def moves(soc):
    """Steps that charge, steps that discharge, and how often each begins after a step that does not."""
    charging = discharging = charge_starts = discharge_starts = 0
    before = 0
    for t in range(soc.size - 1):
        step = soc[t + 1] - soc[t]
        now = 1 if step > STILL else (-1 if step < -STILL else 0)
        charging += now == 1
        discharging += now == -1
        charge_starts += t > 0 and now == 1 and before != 1
        discharge_starts += t > 0 and now == -1 and before != -1
        before = now
    return charging, discharging, charge_starts, discharge_starts
