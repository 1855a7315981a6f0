"""Where the linear program cheats, and the bounds and binaries that forbid it.

A linear program may charge and discharge at once, use the worse pieces of a conversion first, or import and export at
once, wherever wasting energy pays; and it runs a store below its least load. What it gains by that is not there.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from perdure.dispatch.program.arrays import Arrays, Expression, Numbers
from perdure.dispatch.program.fill import widest_flows
from perdure.dispatch.program.layout import TOUCH, Family, Layout, StorePlace
from perdure.dispatch.program.terms import ProgramTerms, StoreTerms
from perdure.timeline import Floats, Ints

Marks = NDArray[np.bool_]


@dataclass(slots=True)
class Places:
    """Steps that need (or have) a choice: of each store (stores, steps), of the meter's direction (steps,)."""

    stores: Marks
    meter: Marks

    @property
    def any(self) -> bool:
        """Whether there is one at all."""
        return bool(self.stores.any() or self.meter.any())

    def __or__(self, other: Places) -> Places:
        return Places(self.stores | other.stores, self.meter | other.meter)


def cheats(layout: Layout, terms: ProgramTerms, numbers: Numbers, x: Floats) -> Places:
    """Where the solution `x` does what no plant can."""
    stores = np.zeros((len(terms.stores), terms.steps), bool)
    for family in layout.families:
        stores[family.stores] = _both_ways(family, numbers.upper[family.piece], x[family.piece])
    for k, store in enumerate(terms.stores):
        if store.has_least_load:
            stores[k] |= _too_little(layout.stores[k], store, x)
    out = x[layout.exported] + (x[layout.curtailed] if terms.curtail == "surplus" else 0.0)
    at_once = np.minimum(x[layout.imported], out)
    return Places(stores, at_once > TOUCH * (1.0 + np.abs(terms.net_kw)))


def _both_ways(family: Family, span: Floats, used: Floats) -> Marks:
    """Where stores charge and discharge at once, or use an outer piece while an inner one is open (stores, steps)."""
    zero, some = family.zero, used > family.touch_kw
    found = some[:, :zero].any(axis=1) & some[:, zero:].any(axis=1)
    if used.shape[1] <= 2:
        return np.asarray(found)
    open_inside = used < span - family.touch_kw
    found |= (some[:, zero + 1 :] & open_inside[:, zero:-1]).any(axis=1)
    return np.asarray(found | (some[:, : max(zero - 1, 0)] & open_inside[:, 1:zero]).any(axis=1))


def _too_little(place: StorePlace, store: StoreTerms, x: Floats) -> Marks:
    """Where a store runs below its least load (steps,)."""
    used, zero = x[place.piece], store.zero
    touch = TOUCH * (1.0 + place.span_kw.sum(axis=0).max(initial=0.0))
    found = np.zeros(used.shape[1], bool)
    for side, least in ((used[zero:], store.least_charge_kw), (used[:zero], store.least_discharge_kw)):
        total = side.sum(axis=0)
        found |= (total > touch) & (total < least - touch)
    return found


def everywhere(terms: ProgramTerms) -> Places:
    """All steps: where nothing costs anything, a solution may cheat anew at other steps each time it is asked."""
    return Places(np.ones((len(terms.stores), terms.steps), bool), np.ones(terms.steps, bool))


def suspects(layout: Layout, terms: ProgramTerms) -> Places:
    """Where the prices alone make cheating pay, and stores with a least load at all times.

    The meter needs a choice only where it can turn: elsewhere load and stores leave it one direction.
    """
    lowest = np.minimum(terms.buy_per_kwh, terms.sell_per_kwh) < 0
    stores = np.stack([lowest | store.has_least_load for store in terms.stores])
    reach_in, reach_out, curtailed = widest_flows(layout, terms)
    turns = (reach_in > 0.0) & ((reach_out > 0.0) | (curtailed > 0.0))
    return Places(stores, (lowest | (terms.sell_per_kwh > terms.buy_per_kwh)) & turns)


def honest_bounds(layout: Layout, terms: ProgramTerms, numbers: Numbers, x: Floats, at: Places) -> Numbers:
    """`numbers` with bounds that hold every choice at `at` as `x` nets out: one direction, inner pieces first."""
    out = numbers.copy()
    for place, store, marks in zip(layout.stores, terms.stores, at.stores, strict=True):
        steps = np.flatnonzero(marks)
        if steps.size:
            _hold_store(out, place, store, steps, x)
    given = x[layout.exported] + (x[layout.curtailed] if terms.curtail == "surplus" else 0.0)
    importing = x[layout.imported] >= given
    out.upper[layout.imported[at.meter & ~importing]] = 0.0
    out.upper[layout.exported[at.meter & importing]] = 0.0
    if terms.curtail == "surplus":
        out.upper[layout.curtailed[at.meter & importing]] = 0.0
    return out


def _hold_store(out: Numbers, place: StorePlace, store: StoreTerms, steps: Ints, x: Floats) -> None:
    zero, columns, ratio = store.zero, place.piece[:, steps], place.ratio[:, steps]
    span = out.upper[columns]
    stored = (place.sign[:, None] * ratio * x[columns]).sum(axis=0)
    ways = ((1.0, np.arange(zero, span.shape[0]), store.least_charge_kw),
            (-1.0, np.arange(zero)[::-1], store.least_discharge_kw))  # fmt: skip
    running = np.abs(stored) > TOUCH * (1.0 + span.sum(axis=0))
    for sign, outward, least in ways:
        left, under = np.where(sign * stored > 0, np.abs(stored), 0.0), np.full(steps.size, least)
        active = (stored >= 0.0) == (sign > 0.0)  # what nets out to nothing may only charge
        active &= running | (not store.has_least_load)
        for j in outward:
            room = span[j] * ratio[j]
            full = active & (left >= room - TOUCH * (1.0 + room)) & (j != outward[-1])
            needed = np.where(active, np.clip(under, 0.0, span[j]), 0.0)
            out.lower[columns[j]] = np.where(full, span[j], needed)
            out.upper[columns[j]] = np.where(active, span[j], 0.0)
            active, left, under = active & full, np.maximum(left - room, 0.0), under - span[j]
    if store.has_least_load:
        _hold_headroom(out, place, store, steps, np.where(running, np.sign(stored), 0.0))


def _hold_headroom(out: Numbers, place: StorePlace, store: StoreTerms, steps: Ints, way: Floats) -> None:
    """A store that must not go below its least load gives reserve only within the direction it runs in."""
    zero, span = store.zero, place.span_kw[:, steps]
    if place.power_up.size:
        lowest = np.where(way > 0, store.least_charge_kw, np.where(way < 0, -span[:zero].sum(axis=0), 0.0))
        out.row_lower[place.power_up[steps]] = lowest
    if place.power_down.size:
        highest = np.where(way > 0, span[zero:].sum(axis=0), np.where(way < 0, -store.least_discharge_kw, 0.0))
        out.row_upper[place.power_down[steps]] = highest


class Binaries:
    """The program with on/off choices at some places: more columns, more rows."""

    def __init__(self, layout: Layout, terms: ProgramTerms, numbers: Numbers, at: Places):
        self.arrays: Arrays = copy(layout.arrays)
        for name in ("row_index", "column_index", "values"):
            setattr(self.arrays, name, list(getattr(layout.arrays, name)))
        self.numbers, self.whole = numbers, [np.zeros(0, np.int64)]
        self.row_lower: list[Floats] = [numbers.row_lower]
        self.row_upper: list[Floats] = [numbers.row_upper]
        for place, store, marks in zip(layout.stores, terms.stores, at.stores, strict=True):
            steps = np.flatnonzero(marks)
            if steps.size:
                self._store(place, store, steps)
        self._meter(layout, terms, np.flatnonzero(at.meter))
        columns, count = np.concatenate(self.whole), self.arrays.columns - layout.arrays.columns
        self.integers = columns
        self.numbers = Numbers(
            np.concatenate([numbers.cost, np.zeros(count)]),
            np.concatenate([numbers.lower, np.zeros(count)]),
            np.concatenate([numbers.upper, np.ones(count)]),
            np.concatenate(self.row_lower),
            np.concatenate(self.row_upper),
        )

    def _binary(self, count: int) -> Ints:
        self.whole.append(self.arrays.add(count))
        return self.whole[-1]

    def _row(self, count: int, terms: Expression, lower: Floats | float, upper: Floats | float) -> None:
        self.arrays.row(count, terms)
        self.row_lower.append(np.broadcast_to(np.asarray(lower, float), count))
        self.row_upper.append(np.broadcast_to(np.asarray(upper, float), count))

    def _store(self, place: StorePlace, store: StoreTerms, steps: Ints) -> None:
        n, zero, columns = steps.size, store.zero, place.piece[:, steps]
        span = self.numbers.upper[columns]
        charging, discharging = self._binary(n), self._binary(n)
        self._row(n, [(charging, 1.0), (discharging, 1.0)], -np.inf, 1.0)
        outward = np.arange(zero, span.shape[0]), np.arange(zero)[::-1]
        leasts = store.least_charge_kw, store.least_discharge_kw
        for on, side, least in zip((charging, discharging), outward, leasts, strict=True):
            for j in side:
                self._row(n, [(columns[j], 1.0), (on, -span[j])], -np.inf, 0.0)
            if least > 0.0:
                self._row(n, [*((columns[j], 1.0) for j in side), (on, -least)], 0.0, np.inf)
            for inner, outer in pairwise(side):
                full = self._binary(n)
                self._row(n, [(columns[inner], 1.0), (full, -span[inner])], 0.0, np.inf)
                self._row(n, [(columns[outer], 1.0), (full, -span[outer])], -np.inf, 0.0)
        if store.has_least_load:
            self._spinning(place, store, steps, charging, discharging)

    def _spinning(self, place: StorePlace, store: StoreTerms, steps: Ints, charging: Ints, discharging: Ints) -> None:
        n, zero, span = steps.size, store.zero, place.span_kw[:, steps]
        power: Expression = [(place.piece[j, steps], float(place.sign[j])) for j in range(place.sign.size)]
        if place.power_up.size:
            held = [(one[steps], -1.0) for one in place.held_up]
            on = [(charging, -store.least_charge_kw), (discharging, span[:zero].sum(axis=0))]
            self._row(n, [*power, *held, *on], 0.0, np.inf)
        if place.power_down.size:
            held = [(one[steps], 1.0) for one in place.held_down]
            on = [(charging, -span[zero:].sum(axis=0)), (discharging, store.least_discharge_kw)]
            self._row(n, [*power, *held, *on], -np.inf, 0.0)

    def _meter(self, layout: Layout, terms: ProgramTerms, at: Ints) -> None:
        if not at.size:
            return
        reach_in, reach_out, curtailed = (flow[at] for flow in widest_flows(layout, terms))
        importing = self._binary(at.size)
        flows = [(layout.exported, np.minimum(reach_out, terms.series(terms.export_limit_kw)[at]))]
        if terms.curtail == "surplus":
            flows.append((layout.curtailed, curtailed))
        most = np.minimum(reach_in, terms.series(terms.import_limit_kw)[at])
        self._row(at.size, [(layout.imported[at], 1.0), (importing, -most)], -np.inf, 0.0)
        for flow, limit in flows:
            self._row(at.size, [(flow[at], 1.0), (importing, limit)], -np.inf, limit)
