"""The numbers on a layout: costs, bounds and right-hand sides, all that an update may change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from perdure.dispatch.program.arrays import Numbers
from perdure.dispatch.program.layout import Layout, ReservePlace, StorePlace
from perdure.dispatch.program.terms import CommitmentTerms, ProgramTerms, RampTerms, ReserveTerms, StoreTerms
from perdure.timeline import Floats


def fill(layout: Layout, terms: ProgramTerms) -> Numbers:
    """Everything HiGHS needs beside the coefficients."""
    numbers = Numbers.empty(layout.arrays.columns, layout.arrays.rows)
    for place, store in zip(layout.stores, terms.stores, strict=True):
        _store(numbers, place, store, terms)
    _meter(numbers, layout, terms)
    for reserve_place, reserve in zip(layout.reserves, terms.reserves, strict=True):
        _reserve(numbers, reserve_place, reserve, terms)
    for caps, peak in zip(layout.caps, terms.peaks, strict=True):
        numbers.cost[caps], numbers.lower[caps] = peak.rates, peak.floors
    for commitment_place, commitment in zip(layout.commitments, terms.commitments, strict=True):
        _commitment(numbers, terms, commitment, *_columns(commitment_place))
    for ramp_place, ramp in zip(layout.ramps, terms.ramps, strict=True):
        _ramp(numbers, ramp, terms.steps, *_columns(ramp_place))
    for tier_place, tier in zip(layout.tiers, terms.tiers, strict=True):
        numbers.cost[tier_place.energy] = tier.extra_per_kwh
        numbers.upper[tier_place.energy[:, :-1]] = np.diff(tier.upper_kwh, axis=1, prepend=0.0)
        numbers.row_lower[tier_place.rows] = 0.0
    for hold_place, hold in zip(layout.holds, terms.holds, strict=True):
        numbers.row_lower[hold_place.rows] = hold.least_kwh
        _priced(numbers, hold_place.missing, hold.price_per_kwh)
    numbers.row_lower[layout.peak_rows] = 0.0
    for billed_place, billed in zip(layout.billed, terms.billed, strict=True):
        numbers.cost[billed_place.tier] = billed.rates
        numbers.upper[billed_place.tier] = np.diff(billed.upper_kw, axis=1, prepend=0.0)
        numbers.row_lower[billed_place.peak_rows] = numbers.row_lower[billed_place.share_rows] = 0.0
        numbers.row_lower[billed_place.least_rows] = billed.least_kw
    return numbers


def refill(layout: Layout, terms: ProgramTerms, numbers: Numbers) -> Numbers:
    """`numbers` where only the net load, prices, connection, stored energy or floors changed: the quick way."""
    out = numbers.copy()
    _meter(out, layout, terms)
    room = terms.series(terms.export_limit_kw) + terms.net_kw
    for place, store in zip(layout.stores, terms.stores, strict=True):
        first, start = place.energy[0], store.start_kwh
        out.lower[first] = out.upper[first] = start
        if place.power_up.size:
            out.row_lower[place.energy_up[0, 0]] = min(store.low_kwh[store.season[0]], start)
        if place.power_down.size:
            out.row_upper[place.energy_down[0, 0]] = max(store.high_kwh[store.season[0]], start)
        if terms.curtail == "surplus" and room.min() < place.most_out_kw:
            out.upper[place.piece] = clipped_span(place, store, terms)
        elif terms.curtail == "surplus":
            out.upper[place.piece] = place.span_kw
    for caps, peak in zip(layout.caps, terms.peaks, strict=True):
        out.lower[caps] = peak.floors
    return out


def constant(terms: ProgramTerms) -> float:
    """What the objective holds beside the program's: floors that cost nothing."""
    return -float(sum(peak.rates @ peak.floors for peak in terms.peaks if peak.above_floor))


def _columns(place: object) -> tuple[NDArray[np.int64], ...]:
    return tuple(getattr(place, name) for name in ("rows", "over", "under"))


def _priced(numbers: Numbers, columns: NDArray[np.int64], price: Floats | float) -> None:
    """A deviation at a price; one that must not happen stays at zero."""
    price = np.broadcast_to(np.asarray(price, float), columns.shape)
    never = np.isinf(price)
    numbers.cost[columns] = np.where(never, 0.0, price)
    numbers.upper[columns] = np.where(never, 0.0, np.inf)


def clipped_span(place: StorePlace, store: StoreTerms, terms: ProgramTerms) -> Floats:
    """Width of each piece (J, steps): a store does not discharge into curtailment where only surplus is curtailed."""
    zero = store.zero
    if terms.curtail == "free" or zero == 0:
        return place.span_kw
    room = np.maximum(terms.series(terms.export_limit_kw) + terms.net_kw, 0.0)
    if room.min() >= place.most_out_kw:
        return place.span_kw
    inner = np.cumsum(place.span_kw[:zero][::-1], axis=0)[::-1] - place.span_kw[:zero]
    span = place.span_kw.copy()
    span[:zero] = np.clip(room - inner, 0.0, span[:zero])
    return span


def _store(numbers: Numbers, place: StorePlace, store: StoreTerms, terms: ProgramTerms) -> None:
    h, season = terms.hours, store.season
    cost = 0.5 * store.wear_per_kwh * place.ratio * h
    for paid in terms.payments:
        cost = cost - h * np.where(place.sign[:, None] > 0, paid.charge_per_kwh, paid.discharge_per_kwh)
    numbers.cost[place.piece], numbers.upper[place.piece] = cost, clipped_span(place, store, terms)
    low, high = store.low_kwh[season], store.high_kwh[season]
    start = store.start_kwh
    numbers.lower[place.energy[0]] = numbers.upper[place.energy[0]] = start
    numbers.lower[place.energy[1:]], numbers.upper[place.energy[1:]] = low, high
    last = place.energy[-1]
    numbers.lower[last] = max(low[-1], store.least_end_kwh)
    numbers.cost[place.end], numbers.upper[place.end] = -store.end_value, store.end_length_kwh
    drain = store.drain_kwh[season]
    numbers.row_lower[place.balance] = numbers.row_upper[place.balance] = -drain
    if place.end.size:
        numbers.row_lower[place.end_row] = low[-1]
        numbers.row_upper[place.end_row] = low[-1] if store.end_value[-1] < 0 else np.inf
    _headroom(numbers, place, store, np.concatenate([[min(low[0], start)], low, [max(high[0], start)], high]))


def _headroom(numbers: Numbers, place: StorePlace, store: StoreTerms, bounds: Floats) -> None:
    """What reserve leaves untouched: the store's power and energy limits."""
    steps = store.season.size
    low, high = bounds[: steps + 1], bounds[steps + 1 :]
    zero = store.zero
    if place.power_up.size:
        numbers.row_lower[place.power_up] = -place.span_kw[:zero].sum(axis=0)
        numbers.row_lower[place.energy_up[0]], numbers.row_lower[place.energy_up[1]] = low[:-1], low[1:]
    if place.power_down.size:
        numbers.row_upper[place.power_down] = place.span_kw[zero:].sum(axis=0)
        numbers.row_upper[place.energy_down[0]], numbers.row_upper[place.energy_down[1]] = high[:-1], high[1:]


def widest_flows(layout: Layout, terms: ProgramTerms) -> tuple[Floats, Floats, Floats]:
    """Most import, export and curtailment that make sense in each step."""
    charge, discharge = layout.charge_kw, layout.discharge_kw
    if terms.curtail == "surplus":
        curtailed = np.maximum(-terms.net_kw, 0.0) + charge
        return np.maximum(terms.net_kw + charge, 0.0), np.maximum(discharge - terms.net_kw, 0.0), curtailed
    free = np.maximum(-terms.net_kw, 0.0) if terms.curtailable_kw is None else terms.curtailable_kw
    return np.maximum(terms.net_kw + charge + free, 0.0), np.maximum(discharge - terms.net_kw, 0.0), free


def _meter(numbers: Numbers, layout: Layout, terms: ProgramTerms) -> None:
    h, buy, sell = terms.hours, terms.buy_per_kwh, terms.sell_per_kwh
    numbers.cost[layout.imported], numbers.cost[layout.exported] = buy * h, -sell * h
    most_in, most_out = terms.series(terms.import_limit_kw), terms.series(terms.export_limit_kw)
    reach_in, reach_out, curtailed = widest_flows(layout, terms)
    loops = (sell > buy) | (np.minimum(buy, sell) < 0)  # import and export at once would pay: keep it bounded
    if loops.any():
        numbers.upper[layout.imported] = np.where(loops, np.minimum(most_in, reach_in), most_in)
        numbers.upper[layout.exported] = np.where(loops, np.minimum(most_out, reach_out), most_out)
    else:
        numbers.upper[layout.imported], numbers.upper[layout.exported] = most_in, most_out
    numbers.upper[layout.curtailed] = curtailed
    numbers.row_lower[layout.balance] = numbers.row_upper[layout.balance] = terms.net_kw
    if layout.meter_up.size:
        numbers.row_lower[layout.meter_up], numbers.row_upper[layout.meter_down] = -most_out, most_in


def _reserve(numbers: Numbers, place: ReservePlace, reserve: ReserveTerms, terms: ProgramTerms) -> None:
    wear = np.array([terms.stores[index].wear_per_kwh for index in place.stores])
    worn = reserve.throughput_share * wear[:, None] * terms.hours
    numbers.cost[place.held] = worn - reserve.price_per_kw
    least, most = terms.series(reserve.least_kw), terms.series(reserve.most_kw)
    lower, upper = np.zeros(place.total.size), np.full(place.total.size, np.inf)
    np.maximum.at(lower, place.block, least)
    np.minimum.at(upper, place.block, most)
    numbers.lower[place.total], numbers.upper[place.total] = lower, upper
    numbers.row_lower[place.rows] = numbers.row_upper[place.rows] = 0.0


def _commitment(
    numbers: Numbers, terms: ProgramTerms, one: CommitmentTerms,
    rows: NDArray[np.int64], over: NDArray[np.int64], under: NDArray[np.int64],
) -> None:  # fmt: skip
    at = ~np.isnan(one.power_kw)
    promised, tolerance, h = one.power_kw[at], terms.series(one.tolerance_kw)[at], terms.hours[at]
    numbers.row_lower[rows], numbers.row_upper[rows] = promised - tolerance, promised + tolerance
    _priced(numbers, over, terms.series(one.over_price_per_kwh)[at] * h)
    _priced(numbers, under, terms.series(one.under_price_per_kwh)[at] * h)


def _ramp(
    numbers: Numbers, ramp: RampTerms, steps: int,
    rows: NDArray[np.int64], over: NDArray[np.int64], under: NDArray[np.int64],
) -> None:  # fmt: skip
    before = np.zeros(steps)
    before[0] = ramp.before_kw
    unknown = np.isnan(before)
    numbers.row_lower[rows] = np.where(unknown, -np.inf, before - ramp.down_kw)
    numbers.row_upper[rows] = np.where(unknown, np.inf, before + ramp.up_kw)
    _priced(numbers, over, ramp.price_per_kw)
    _priced(numbers, under, ramp.price_per_kw)
