"""Every limit by name: which bounds it sets, in which step and with which weight. Dual prices and conflicts read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from perdure.dispatch.program.arrays import Numbers
from perdure.dispatch.program.fill import clipped_span
from perdure.dispatch.program.layout import Layout, StorePlace
from perdure.dispatch.program.terms import PeakTerms, ProgramTerms, StoreTerms
from perdure.timeline import Floats, Ints


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds that one limit sets: loosening it by 1 moves bound i by `weight[i]` outward, in step `step[i]`."""

    name: str
    unit: str
    on_rows: bool
    upper: bool
    index: Ints
    step: Ints
    weight: Floats


def limit_bounds(layout: Layout, terms: ProgramTerms, numbers: Numbers) -> list[Bounds]:
    """All bounds that are somebody's limit, not what only describes the plant (balances, efficiencies)."""
    found = [*_connection(layout, terms, numbers)]
    for place, store in zip(layout.stores, terms.stores, strict=True):
        found += _store(place, store, terms)
    found += _promises(layout, terms)
    return [one for one in found if one.index.size]


def _bounds(
    name: str, unit: str, on_rows: bool, upper: bool, index: Ints, step: Ints | None = None, weight: float = 1.0
) -> Bounds:
    index = np.atleast_1d(index)
    at = np.arange(index.size) if step is None else np.atleast_1d(step)
    return Bounds(name, unit, on_rows, upper, index, at, np.full(index.size, weight))


def _connection(layout: Layout, terms: ProgramTerms, numbers: Numbers) -> Iterator[Bounds]:
    flows = (("import limit", layout.imported, terms.import_limit_kw, layout.meter_down, True),
             ("export limit", layout.exported, terms.export_limit_kw, layout.meter_up, False))  # fmt: skip
    for name, columns, limit, rows, upper in flows:
        most = terms.series(limit)
        own = np.flatnonzero(np.isfinite(most) & (numbers.upper[columns] == most))
        yield _bounds(name, "kW", False, True, columns[own], own)
        if rows.size:
            at = np.flatnonzero(np.isfinite(most))
            yield _bounds(name, "kW", True, upper, rows[at], at)


def _store(place: StorePlace, store: StoreTerms, terms: ProgramTerms) -> Iterator[Bounds]:
    steps, zero, pieces = np.arange(terms.steps), store.zero, place.sign.size
    span = clipped_span(place, store, terms)
    if zero > 0:
        clipped = span < place.span_kw
        for j in range(zero):
            partly = np.flatnonzero(clipped[j] & (span[j] > 0))
            yield _bounds("export limit", "kW", False, True, place.piece[j, partly], partly)
        whole = np.flatnonzero(~clipped[0])
        yield _bounds(f"discharge power of {store.name}", "kW", False, True, place.piece[0, whole], whole)
        yield _bounds(f"discharge power of {store.name}", "kW", True, False, place.power_up)
    if zero < pieces:
        yield _bounds(f"charge power of {store.name}", "kW", False, True, place.piece[-1], steps)
        yield _bounds(f"charge power of {store.name}", "kW", True, True, place.power_down)
    full, empty = f"capacity of {store.name}", f"least charge of {store.name}"
    last_free = steps[:-1] if store.least_end_kwh > store.low_kwh[store.season[-1]] else steps
    yield _bounds(full, "kWh", False, True, place.energy[1:], steps)
    yield _bounds(empty, "kWh", False, False, place.energy[1:][last_free], last_free)
    if store.end_value.size:
        yield _bounds(empty, "kWh", True, False, place.end_row, steps[-1:])
    if last_free.size < steps.size:
        yield _bounds(f"energy left at the end in {store.name}", "kWh", False, False, place.energy[-1], steps[-1])
    for k in range(2):
        # the start of a step is the end of the one before
        at = np.maximum(np.arange(place.energy_down.shape[1]) - 1 + k, 0)
        yield _bounds(full, "kWh", True, True, place.energy_down[k], at)
        at = np.maximum(np.arange(place.energy_up.shape[1]) - 1 + k, 0)
        yield _bounds(empty, "kWh", True, False, place.energy_up[k], at)


def _with_least(peak: PeakTerms) -> tuple[Ints, Ints]:
    """Groups of a demand charge that have both a minimum and steps, and the first step of each."""
    present, first = np.unique(peak.group, return_index=True)
    present, first = present[present >= 0], first[present >= 0]
    own = peak.floors[present] > 0.0
    return present[own], first[own]


def _promises(layout: Layout, terms: ProgramTerms) -> Iterator[Bounds]:
    for place, reserve in zip(layout.reserves, terms.reserves, strict=True):
        step = np.full(place.total.size, terms.steps)
        np.minimum.at(step, place.block, np.arange(terms.steps))
        promised = np.unique(place.block[terms.series(reserve.least_kw) > 0.0])  # 0 is no minimum
        yield _bounds(f"least of {reserve.name}", "kW", False, False, place.total[promised], step[promised])
        yield _bounds(f"most of {reserve.name}", "kW", False, True, place.total, step)
    for number, (caps, peak) in enumerate(zip(layout.caps, terms.peaks, strict=True)):
        if not peak.above_floor:  # there the floor is the edge of a contracted step
            name = f"least billed demand of charge {number + 1}"
            own, begin = _with_least(peak)
            yield _bounds(name, "kW", False, False, caps[own], begin)
    for deviation, one in zip(layout.commitments, terms.commitments, strict=True):
        yield _bounds(f"{one.name}: highest power", "kW", True, True, deviation.rows, deviation.at)
        yield _bounds(f"{one.name}: lowest power", "kW", True, False, deviation.rows, deviation.at)
    for ramp_place, ramp in zip(layout.ramps, terms.ramps, strict=True):
        yield _bounds(f"{ramp.name}: rise", "kW", True, True, ramp_place.rows)
        yield _bounds(f"{ramp.name}: fall", "kW", True, False, ramp_place.rows)
    for hold_place, hold in zip(layout.holds, terms.holds, strict=True):
        yield _bounds(hold.name, "kWh", True, False, hold_place.rows)
    for billed_place, one_billed in zip(layout.billed, terms.billed, strict=True):
        some = np.flatnonzero(one_billed.least_kw > 0.0)
        rows, begin = billed_place.least_rows[some], np.zeros(some.size, np.int64)
        yield _bounds(f"least billed demand of {one_billed.name}", "kW", True, False, rows, begin)
        steps_wide = billed_place.tier[:, :-1]
        yield _bounds(f"{one_billed.name}: width of cheaper steps", "kW", False, True, steps_wide.ravel(),
                      np.zeros(steps_wide.size, np.int64))  # fmt: skip
    for tier_place, tier in zip(layout.tiers, terms.tiers, strict=True):
        columns = tier_place.energy[:, :-1]
        yield _bounds(f"{tier.name}: width of cheaper tiers", "kWh", False, True, columns.ravel(),
                      np.zeros(columns.size, np.int64))  # fmt: skip
