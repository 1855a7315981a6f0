"""The compiled closed loop: each step is decided on what is measured, then carried out by the physics."""

from __future__ import annotations

import numpy as np
from numba import njit

from perdure.dispatch.expected import blend, decide
from perdure.simulate.kernel import Track, run

TRIES = 4
"""How often a discharge is bent anew: its losses are known only when it ran."""
CLOSE = 1e-4
"""Of the capacity: what a discharge may take too much."""


@njit(cache=True, error_model="numpy")
def follow_value(
    window, kept, net_levels, price_levels, first, actual, cap_kw, excess_price, group, peaks,
    substeps, s, m, share, temperature, slow, out, planned,
):  # fmt: skip
    """Decide and carry out the steps of one control interval; returns stored share and temperature at its end.

    `kept` (steps, scenarios, cells) as `expected.sweep` writes it; `net_levels`, `price_levels` (levels, steps) tell
    its scenarios apart. `actual` (5, steps of the interval): net load, purchase and export price, ambient, floor of
    grid power. `peaks` (groups,) are the caps, moved up by what is imported; `out` and `planned` (whole run) are
    written from step `first`.
    """
    slopes, spans = np.empty((1, window.ac_nodes.shape[1] + 4)), np.empty((1, window.ac_nodes.shape[1] + 4))
    after, ceiling = np.empty(kept.shape[2]), np.empty(1)
    resting = s.base_load_kw + s.standby_kw
    running = s.base_load_kw + max(s.charge_no_load_kw, s.discharge_no_load_kw)
    for t in range(group.size):
        at = first + t
        net, buy = actual[0, t], actual[1, t]
        drawn = max(out.auxiliary_kw[at - 1], running) if at > 0 else running
        blend(kept[t], net_levels[:, t], net + running, price_levels[:, t], buy, after)
        cap = max(cap_kw[t], peaks[group[t]]) if group[t] >= 0 else np.inf
        planned[at], _added = decide(
            window, share * s.capacity_kwh, net + drawn, buy, actual[2, t], cap, excess_price[t], after, slopes, spans
        )
        ceiling[0] = window.import_limit - drawn + resting
        share, temperature = _one_step(
            window.step_h, substeps, planned, actual, ceiling, t, at, s, m, share, temperature, slow, out
        )
        if group[t] >= 0:
            peaks[group[t]] = max(peaks[group[t]], net + out.ac_kw[at] + out.auxiliary_kw[at])
    return share, temperature


@njit(cache=True, error_model="numpy")
def _one_step(step_h, substeps, planned, actual, ceiling, t, at, s, m, share, temperature, slow, out):
    """The physics of one step, written to place `at` of the track."""
    place, now = slice(at, at + 1), slice(t, t + 1)
    return run(
        step_h, substeps, planned[place], actual[0, now], ceiling, actual[4, now], actual[3, now], s, m, share,
        temperature, slow,
        Track(
            out.ac_kw[place], out.dc_kw[place], out.auxiliary_kw[place], out.store_loss_kw[place],
            out.self_discharge_kw[place], out.refused_kw[place], out.share[place], out.temperature[place],
            out.unavailable[place],
        ),
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def follow_power(
    window, power_kw, held_kwh, first, actual, cap_kw, group, peaks, substeps, s, m, share, temperature, slow, out,
    planned,
):  # fmt: skip
    """Carry out set powers (steps,), bent to the import limit and to `cap_kw` (steps,) or the month's peak so far.

    `held_kwh` (steps,): energy to be held when a step ends, 0 where none; what is missing is charged. The rest as for
    `follow_value`.
    """
    ceiling = np.empty(1)
    resting = s.base_load_kw + s.standby_kw
    running = s.base_load_kw + max(s.charge_no_load_kw, s.discharge_no_load_kw)
    for t in range(group.size):
        at = first + t
        planned[at] = power_kw[t]
        if held_kwh[t] > 0.0:
            planned[at] = max(planned[at], _power_to_hold(window, held_kwh[t], share * s.capacity_kwh))
        drawn = max(out.auxiliary_kw[at - 1], running) if at > 0 else running
        cap = max(cap_kw[t], peaks[group[t]]) if group[t] >= 0 else cap_kw[t]
        ceiling[0] = min(window.import_limit, cap) - drawn + resting
        share, temperature = _one_step(
            window.step_h, substeps, planned, actual, ceiling, t, at, s, m, share, temperature, slow, out
        )
        if group[t] >= 0:
            peaks[group[t]] = max(peaks[group[t]], actual[0, t] + out.ac_kw[at] + out.auxiliary_kw[at])
    return share, temperature


@njit(cache=True, error_model="numpy")
def _power_to_hold(window, held_kwh, stored_kwh):
    """The least AC power after which so much is stored at the end of a step, within the store's rating."""
    nodes, y = window.store_nodes[0], (held_kwh - window.keep * stored_kwh + window.drain_kwh) / window.step_h
    y = min(max(y, nodes[0]), nodes[-1])
    j = 0
    while j < nodes.size - 2 and y > nodes[j + 1]:
        j += 1
    return window.ac_nodes[0, j] + (y - nodes[j]) / window.ratios[0, j]


@njit(cache=True, error_model="numpy")
def plan_power(window, kept, net_levels, price_levels, expected, cap_kw, excess_price, stored_kwh, power_kw):
    """The powers that the value function would choose along the forecast `expected` (3, steps): net, buy, sell."""
    slopes, spans = np.empty((1, window.ac_nodes.shape[1] + 4)), np.empty((1, window.ac_nodes.shape[1] + 4))
    after = np.empty(kept.shape[2])
    e = stored_kwh
    for t in range(power_kw.size):
        blend(kept[t], net_levels[:, t], expected[0, t], price_levels[:, t], expected[1, t], after)
        power_kw[t], added = decide(
            window, e, expected[0, t], expected[1, t], expected[2, t], cap_kw[t], excess_price[t], after, slopes, spans
        )
        e = min(max(window.keep * e - window.drain_kwh + added, window.low_kwh), window.high_kwh)


@njit(cache=True, error_model="numpy")
def run_held(
    p, held_kwh, substeps, planned_kw, net_kw, ceiling_kw, floor_kw, ambient_c, s, m, share, temperature,
    slow, out,
):  # fmt: skip
    """As `kernel.run`, each power bent so that at least `held_kwh` (steps,) is stored when the step ends.

    What must be held goes before a demand charge's cap, not before the connection's limit.
    """
    asked, ceiling = np.empty(1), np.empty(1)
    resting = s.base_load_kw + s.standby_kw
    drawn = resting
    for t in range(planned_kw.size):
        asked[0], highest = planned_kw[t], ceiling_kw[t]
        if held_kwh[t] > 0.0:
            least = _power_in_season(p, p.season[t], held_kwh[t], share * s.capacity_kwh)
            if least > asked[0]:
                asked[0], highest = least, p.import_limit
        ceiling[0] = highest - drawn + resting  # the physics of one step begins with a resting plant
        place = slice(t, t + 1)
        part = Track(
            out.ac_kw[place], out.dc_kw[place], out.auxiliary_kw[place], out.store_loss_kw[place],
            out.self_discharge_kw[place], out.refused_kw[place], out.share[place], out.temperature[place],
            out.unavailable[place],
        )  # fmt: skip
        before, short = slow.copy(), 0.0
        for _ in range(TRIES):
            asked[0] += short / p.step_h
            slow[:] = before
            end, warmth = run(
                p.step_h, substeps, asked, net_kw[place], ceiling, floor_kw[place], ambient_c[place], s, m, share,
                temperature, slow, part,
            )  # fmt: skip
            short = held_kwh[t] - end * s.capacity_kwh
            if asked[0] >= 0.0 or short <= CLOSE * s.capacity_kwh:
                break
        share, temperature = end, warmth
        drawn = out.auxiliary_kw[t]
    return share, temperature


@njit(cache=True, error_model="numpy")
def _power_in_season(p, v, held_kwh, stored_kwh):
    """The least AC power after which so much is stored at the end of a step, within the store's rating."""
    y = (held_kwh - p.keep[v] * stored_kwh + p.drain_kwh[v]) / p.step_h
    nodes = p.store_nodes[v]
    y = min(max(y, nodes[0]), nodes[-1])
    j = 0
    while j < nodes.size - 2 and y > nodes[j + 1]:
        j += 1
    share = (y - nodes[j]) / (nodes[j + 1] - nodes[j]) if nodes[j + 1] > nodes[j] else 0.0
    return p.ac_nodes[v, j] + share * (p.ac_nodes[v, j + 1] - p.ac_nodes[v, j])
