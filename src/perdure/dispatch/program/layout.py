"""Where everything sits in the program: columns, rows and coefficients, laid out once from the terms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from perdure.dispatch.program.arrays import Arrays
from perdure.dispatch.program.terms import BilledTerms, CommitmentTerms, Place, ProgramTerms, StoreTerms
from perdure.timeline import Floats, Ints

TOUCH = 1e-7
"""Relative to a store's power: less than this at once in both directions is rounding."""

Pick = Callable[[Any], Any]
Parts = list[tuple[Ints, float]]


@dataclass(frozen=True, slots=True)
class StorePlace:
    """One store's columns and rows. Pieces run from full discharge to full charge, all counted positive."""

    piece: Ints  # (J, steps)
    sign: Floats  # (J,) +1 charges
    span_kw: Floats  # (J, steps)
    most_out_kw: float  # most it discharges in any step
    ratio: Floats  # (J, steps) stored kW per AC kW
    energy: Ints  # (steps + 1,)
    end: Ints  # columns of the end value
    balance: Ints  # (steps,) rows of the store's energy
    end_row: Ints  # (1,)
    held_up: Ints  # (products, steps) reserve columns that lower the draw
    held_down: Ints
    power_up: Ints  # (steps,) rows of headroom, empty without reserve
    power_down: Ints
    energy_up: Ints  # (2, steps) at the start and the end of the step
    energy_down: Ints


@dataclass(frozen=True, slots=True)
class ReservePlace:
    """One product: `held` (stores that hold it, steps), `total` one column per block, `block` (steps,)."""

    held: Ints
    stores: tuple[int, ...]
    total: Ints
    block: Ints
    rows: Ints  # (steps,)


@dataclass(frozen=True, slots=True)
class CommitmentPlace:
    """Rows and deviation columns of the steps that are promised."""

    at: Ints
    rows: Ints
    over: Ints
    under: Ints


@dataclass(frozen=True, slots=True)
class RampPlace:
    """Rows (steps,), the first meeting `before_kw`, and what a ramp exceeds its limits by."""

    rows: Ints
    over: Ints
    under: Ints


@dataclass(frozen=True, slots=True)
class HoldPlace:
    """Rows (steps,) and what is missing."""

    rows: Ints
    missing: Ints


@dataclass(frozen=True, slots=True)
class TierPlace:
    """Energy in each tier (groups, tiers) and the row of each group."""

    energy: Ints
    rows: Ints


@dataclass(frozen=True, slots=True)
class BilledPlace:
    """Peak of each group, billed demand by tier (billed, tiers); rows: peaks, shares of them, least billed."""

    peak: Ints
    tier: Ints
    peak_rows: Ints
    share_rows: Ints
    least_rows: Ints


@dataclass(frozen=True, slots=True)
class Family:
    """Stores with equally many pieces on both sides of 0, looked at together."""

    stores: Ints
    zero: int
    piece: Ints  # (stores, J, steps)
    touch_kw: Floats  # (stores, 1, 1) what counts as rounding


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole program's places and its coefficients."""

    arrays: Arrays
    stores: tuple[StorePlace, ...]
    families: tuple[Family, ...]
    charge_kw: Floats  # (steps,) most all stores can charge and discharge
    discharge_kw: Floats
    imported: Ints
    exported: Ints
    curtailed: Ints
    balance: Ints
    reserves: tuple[ReservePlace, ...]
    meter_up: Ints  # rows of the connection's headroom, empty without reserve
    meter_down: Ints
    caps: tuple[Ints, ...]
    peak_rows: Ints
    commitments: tuple[CommitmentPlace, ...]
    ramps: tuple[RampPlace, ...]
    tiers: tuple[TierPlace, ...]
    holds: tuple[HoldPlace, ...]
    billed: tuple[BilledPlace, ...]


def lay_out(terms: ProgramTerms) -> Layout:
    """Columns, rows and coefficients of `terms`; the numbers on them come from `fill`."""
    arrays = Arrays()
    held = [arrays.add(len(_holders(terms, k)) * terms.steps).reshape(-1, terms.steps) for k in _count(terms.reserves)]
    stores = tuple(_store(arrays, terms, index, held) for index in _count(terms.stores))
    imported, exported, curtailed = (arrays.add(terms.steps) for _ in range(3))
    plant = [(piece, float(sign)) for s in stores for piece, sign in zip(s.piece, s.sign, strict=True)]
    meter: Parts = [(imported, 1.0), (exported, -1.0)]
    balance = arrays.row(terms.steps, [*meter, (curtailed, -1.0), *((piece, -sign) for piece, sign in plant)])
    up = [column for s in stores for column in s.held_up]
    down = [column for s in stores for column in s.held_down]
    some = bool(held)
    caps, peak_rows = _peaks(arrays, terms, imported)
    zeros = [store.zero for store in terms.stores]
    return Layout(
        arrays,
        stores,
        _families(stores, zeros),
        np.sum([s.span_kw[zero:].sum(axis=0) for s, zero in zip(stores, zeros, strict=True)], axis=0),
        np.sum([s.span_kw[:zero].sum(axis=0) for s, zero in zip(stores, zeros, strict=True)], axis=0),
        imported,
        exported,
        curtailed,
        balance,
        tuple(_reserve(arrays, terms, k, columns) for k, columns in enumerate(held)),
        arrays.row(terms.steps if some else 0, [*meter, *((c, -1.0) for c in up)] if some else ()),
        arrays.row(terms.steps if some else 0, [*meter, *((c, 1.0) for c in down)] if some else ()),
        caps,
        peak_rows,
        tuple(_commitment(arrays, one, _at(one.at, meter, plant)) for one in terms.commitments),
        tuple(_ramp(arrays, terms.steps, _at(one.at, meter, plant)) for one in terms.ramps),
        tuple(_tier(arrays, terms, k, imported) for k in _count(terms.tiers)),
        tuple(_hold(arrays, terms, stores, held) for _ in terms.holds),
        tuple(_billed(arrays, one, imported) for one in terms.billed),
    )


def _families(stores: tuple[StorePlace, ...], zeros: list[int]) -> tuple[Family, ...]:
    kinds: dict[tuple[int, int], list[int]] = {}
    for index, (place, zero) in enumerate(zip(stores, zeros, strict=True)):
        kinds.setdefault((place.sign.size, zero), []).append(index)
    return tuple(
        Family(
            np.array(members), zero, np.stack([stores[i].piece for i in members]),
            np.array([TOUCH * (1.0 + stores[i].span_kw.sum(axis=0).max(initial=0.0)) for i in members])[:, None, None],
        )
        for (_, zero), members in kinds.items()
    )  # fmt: skip


def _count(things: Sequence[object]) -> range:
    return range(len(things))


def _at(place: Place, meter: Parts, plant: Parts) -> Parts:
    return meter if place == "meter" else plant


def _holders(terms: ProgramTerms, k: int) -> tuple[int, ...]:
    wanted = terms.reserves[k].stores
    return tuple(i for i, store in enumerate(terms.stores) if not wanted or store.name in wanted)


def _store(arrays: Arrays, terms: ProgramTerms, index: int, held: list[Ints]) -> StorePlace:
    store, steps, h = terms.stores[index], terms.steps, terms.hours
    span, ratio = pieces(store)
    sign = np.where(np.arange(span.shape[0]) >= store.zero, 1.0, -1.0)
    piece = arrays.add(span.size).reshape(span.shape)
    energy, end = arrays.add(steps + 1), arrays.add(store.end_value.size)
    balance = arrays.row(steps, [(energy[1:], 1.0), (energy[:-1], -store.keep[store.season])])
    arrays.put(balance, piece, -sign[:, None] * ratio * h)
    end_row = arrays.row(1, [(energy[-1:], 1.0)])
    arrays.put(end_row, end, -1.0)
    up, down, up_kwh, down_kwh = _holdings(terms, index, held)
    power_up, power_down = arrays.row(steps if len(up) else 0), arrays.row(steps if len(down) else 0)
    energy_up = _headroom(arrays, energy, up, -up_kwh * _dearest_out(store)[:, None])
    energy_down = _headroom(arrays, energy, down, down_kwh * _best_in(store)[:, None])
    for rows, columns, way in ((power_up, up, -1.0), (power_down, down, 1.0)):
        if rows.size:
            arrays.put(rows, piece, sign[:, None])
            arrays.put(rows, columns, way)
    return StorePlace(
        piece,
        sign,
        span,
        float(span[: store.zero].sum(axis=0).max(initial=0.0)),
        ratio,
        energy,
        end,
        balance,
        end_row,
        up,
        down,
        power_up,
        power_down,
        energy_up,
        energy_down,
    )


def pieces(store: StoreTerms) -> tuple[Floats, Floats]:
    """Width (kW) and stored kW per AC kW of every piece in every step (J, steps)."""
    ac, stored = np.diff(store.ac_nodes, axis=1), np.diff(store.store_nodes, axis=1)
    ratio: Floats = np.divide(stored, ac, out=np.ones_like(ac), where=ac > 0)
    return ac[store.season].T.copy(), ratio[store.season].T.copy()


def _dearest_out(store: StoreTerms) -> Floats:
    """Stored kWh that one kWh given back costs at most (steps,): a promise is kept at full power too."""
    _, ratio = pieces(store)
    return np.asarray(ratio[: store.zero].max(axis=0, initial=1.0))


def _best_in(store: StoreTerms) -> Floats:
    """Stored kWh that one kWh taken adds at most (steps,)."""
    _, ratio = pieces(store)
    inward = ratio[store.zero :]
    return inward.max(axis=0) if inward.size else np.ones(ratio.shape[1])


def _holdings(terms: ProgramTerms, index: int, held: list[Ints]) -> tuple[Ints, Ints, Floats, Floats]:
    """Reserve columns of one store (products, steps) and the hours each must last, upward and downward."""
    found: dict[str, tuple[list[Ints], list[float]]] = {"up": ([], []), "down": ([], [])}
    for k, reserve in enumerate(terms.reserves):
        holders = _holders(terms, k)
        if index in holders:
            for way in ("up", "down") if reserve.direction == "symmetric" else (reserve.direction,):
                found[way][0].append(held[k][holders.index(index)])
                found[way][1].append(reserve.hours)
    none = np.zeros((0, terms.steps), np.int64)
    up, down = (np.stack(columns) if columns else none for columns, _ in found.values())
    up_h, down_h = (np.array(hours, float) for _, hours in found.values())
    return up, down, up_h, down_h


def _headroom(arrays: Arrays, energy: Ints, columns: Ints, kwh: Floats) -> Ints:
    """Rows: energy at the start and at the end of each step, with what the reserve may take or add."""
    rows = [arrays.row(columns.shape[1], [(at, 1.0)]) for at in (energy[:-1], energy[1:]) if len(columns)]
    for one in rows:
        arrays.put(one, columns, kwh.T)
    return np.stack(rows) if rows else np.zeros((2, 0), np.int64)


def _reserve(arrays: Arrays, terms: ProgramTerms, k: int, held: Ints) -> ReservePlace:
    block = terms.reserves[k].block
    _, block = np.unique(np.arange(terms.steps) if block is None else block, return_inverse=True)
    total = arrays.add(int(block.max()) + 1)
    rows = arrays.row(terms.steps, [(total[block], -1.0), *((one, 1.0) for one in held)])
    return ReservePlace(held, _holders(terms, k), total, block, rows)


def _peaks(arrays: Arrays, terms: ProgramTerms, imported: Ints) -> tuple[tuple[Ints, ...], Ints]:
    """Caps of each demand charge, and the rows of all: import stays under its cap."""
    caps, rows = [], [np.zeros(0, np.int64)]
    for peak in terms.peaks:
        own, capped = arrays.add(peak.rates.size), np.flatnonzero(peak.group >= 0)
        rows.append(arrays.row(capped.size, [(own[peak.group[capped]], 1.0), (imported[capped], -1.0)]))
        caps.append(own)
    return tuple(caps), np.concatenate(rows)


def _billed(arrays: Arrays, one: BilledTerms, imported: Ints) -> BilledPlace:
    """Billed demand, tier by tier, is no less than any peak it remembers."""
    count, tiers = one.rates.shape
    peak, tier = arrays.add(one.share.shape[1]), arrays.add(count * tiers).reshape(count, tiers)
    counted = np.flatnonzero(one.group >= 0)
    peak_rows = arrays.row(counted.size, [(peak[one.group[counted]], 1.0), (imported[counted], -1.0)])
    who, whose = np.nonzero(one.share)
    share_rows = arrays.row(who.size, [(peak[whose], -one.share[who, whose])])
    arrays.put(share_rows[:, None], tier[who], 1.0)
    least_rows = arrays.row(count)
    arrays.put(least_rows[:, None], tier, 1.0)
    return BilledPlace(peak, tier, peak_rows, share_rows, least_rows)


def _commitment(arrays: Arrays, terms: CommitmentTerms, power: Parts) -> CommitmentPlace:
    at = np.flatnonzero(~np.isnan(terms.power_kw))
    over, under = arrays.add(at.size), arrays.add(at.size)
    rows = arrays.row(at.size, [*((c[at], v) for c, v in power), (over, -1.0), (under, 1.0)])
    return CommitmentPlace(at, rows, over, under)


def _ramp(arrays: Arrays, steps: int, power: Parts) -> RampPlace:
    rows = arrays.row(steps, power)
    for columns, value in power:
        arrays.put(rows[1:], columns[:-1], -value)
    over, under = arrays.add(steps), arrays.add(steps)
    arrays.put(rows, over, -1.0)
    arrays.put(rows, under, 1.0)
    return RampPlace(rows, over, under)


def _hold(arrays: Arrays, terms: ProgramTerms, stores: tuple[StorePlace, ...], held: list[Ints]) -> HoldPlace:
    """Energy of all stores at the start of each step, less what reserves may take of it."""
    missing = arrays.add(terms.steps)
    rows = arrays.row(terms.steps, [(missing, 1.0), *((s.energy[:-1], 1.0) for s in stores)])
    for index, store in enumerate(terms.stores):
        up, _, hours, _ = _holdings(terms, index, held)
        for columns, lasting in zip(up, hours, strict=True):
            arrays.put(rows, columns, -lasting * _dearest_out(store))
    return HoldPlace(rows, missing)


def _tier(arrays: Arrays, terms: ProgramTerms, k: int, imported: Ints) -> TierPlace:
    tier = terms.tiers[k]
    groups, count = tier.upper_kwh.shape[0], tier.extra_per_kwh.size
    energy, rows = arrays.add(groups * count).reshape(groups, count), arrays.row(groups)
    counted = np.flatnonzero(tier.group >= 0)
    arrays.put(rows[tier.group[counted]], imported[counted], -terms.hours[counted])
    arrays.put(rows[:, None], energy, 1.0)
    return TierPlace(energy, rows)


def moved(layout: Layout, steps: int, by: int) -> tuple[Pick, Pick]:
    """What takes a list over all columns (rows) to the list of a horizon that begins `by` steps later."""
    columns, rows = np.arange(layout.arrays.columns), np.arange(layout.arrays.rows)

    def turn(order: Ints, *blocks: Ints) -> None:
        for block in blocks:
            if block.size and block.shape[-1] == steps:
                order[block] = np.roll(block, -by, axis=-1)

    for s in layout.stores:
        turn(columns, s.piece, s.energy[1:])
        turn(rows, s.balance, s.power_up, s.power_down, s.energy_up, s.energy_down)
    turn(columns, layout.imported, layout.exported, layout.curtailed)
    turn(rows, layout.balance, layout.meter_up, layout.meter_down, layout.peak_rows)
    for r in layout.reserves:
        turn(columns, r.held, r.total)
        turn(rows, r.rows)
    for ramp in layout.ramps:
        turn(columns, ramp.over, ramp.under)
        turn(rows, ramp.rows)
    for promise in layout.commitments:
        turn(columns, promise.over, promise.under)
        turn(rows, promise.rows)
    for hold in layout.holds:
        turn(columns, hold.missing)
        turn(rows, hold.rows)
    return itemgetter(*columns.tolist()), itemgetter(*rows.tolist())
