"""What makes terms unfit for a program, all faults told at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from perdure.dispatch.program.terms import ProgramTerms, StoreTerms
from perdure.errors import Fault, Faults, InputError, did_you_mean


def check(terms: ProgramTerms) -> None:
    """InputError with everything that does not fit."""
    faults = Faults("program terms")
    steps = terms.steps
    series = {"net_kw": terms.net_kw, "buy_per_kwh": terms.buy_per_kwh, "sell_per_kwh": terms.sell_per_kwh}
    for name, values in series.items():
        _series(faults, name, values, steps)
    if np.any(terms.hours <= 0):
        faults.add("step_h", "is not positive", float(terms.hours.min()), "> 0")
    for name, limit in (("import_limit_kw", terms.import_limit_kw), ("export_limit_kw", terms.export_limit_kw)):
        if np.any(np.isnan(limit)) or np.any(np.asarray(limit) < 0):
            faults.add(name, "is negative or missing", limit, ">= 0")
    if not terms.stores:
        faults.add("stores", "is empty", cure="A program needs at least one store.")
    _twice(faults, "stores", (store.name for store in terms.stores))
    for store in terms.stores:
        _store(faults, f"stores.{store.name}", store, steps)
    _promises(faults, terms)
    _groups(faults, terms)
    faults.raise_if_any()


def _series(faults: Faults, place: str, values: object, steps: int) -> None:
    array = np.asarray(values, float)
    if array.shape != (steps,):
        faults.add(place, "has a wrong shape", array.shape, f"({steps},)")
    elif not np.isfinite(array).all():
        step = int(np.flatnonzero(~np.isfinite(array))[0])
        faults.add(f"{place}[{step}]", "is not a number", array[step], "finite")


def _twice(faults: Faults, place: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            faults.add(place, "names one thing twice", name, cure="Give each its own name.")
        seen.add(name)


def _store(faults: Faults, place: str, store: StoreTerms, steps: int) -> None:
    seasons = store.ac_nodes.shape[0]
    if store.season.shape != (steps,) or store.season.min() < 0 or store.season.max() >= seasons:
        faults.add(f"{place}.season", "does not name a row for every step", store.season.shape, f"({steps},)")
    if store.ac_nodes.shape != store.store_nodes.shape:
        faults.add(f"{place}.store_nodes", "has another shape than ac_nodes", store.store_nodes.shape)
        return
    ac, stored = np.diff(store.ac_nodes, axis=1), np.diff(store.store_nodes, axis=1)
    if np.any(ac < 0) or np.abs(store.ac_nodes).min(axis=1).max() > 0:
        faults.add(f"{place}.ac_nodes", "does not rise through 0", store.ac_nodes[0])
    ratio = np.divide(stored, ac, out=np.full_like(ac, np.nan), where=ac > 0)
    bent = np.diff(ratio, axis=1) > 1e-9 * np.nanmax(np.abs(ratio), initial=1.0)
    if np.any(bent) or np.any(ratio <= 0):
        faults.add(f"{place}.store_nodes", "gains efficiency with power", ratio[0], "stored per AC kW falling")
    if np.any(store.low_kwh > store.high_kwh):
        faults.add(f"{place}.low_kwh", "exceeds high_kwh", float(np.max(store.low_kwh - store.high_kwh)))
    for name in ("start_kwh", "wear_per_kwh", "least_charge_kw", "least_discharge_kw"):
        value = getattr(store, name)
        if not np.isfinite(value) or value < 0:
            faults.add(f"{place}.{name}", "is not a number from 0 up", value, ">= 0")
    if np.any(np.diff(store.end_value) > 0) or store.end_value.shape != store.end_length_kwh.shape:
        faults.add(f"{place}.end_value", "does not fall with stored energy", store.end_value)


def _promises(faults: Faults, terms: ProgramTerms) -> None:
    names = [store.name for store in terms.stores]
    promised = [one.name for one in terms.reserves] + [one.name for one in terms.commitments]
    promised += [one.name for one in terms.ramps] + [one.name for one in terms.holds]
    _twice(faults, "names", promised + [one.name for one in terms.tiers])
    for reserve in terms.reserves:
        place = f"reserves.{reserve.name}"
        for name in reserve.stores:
            if name not in names:
                faults.add(f"{place}.stores", "is no store of this site", name, cure=did_you_mean(name, names))
        _series(faults, f"{place}.price_per_kw", reserve.price_per_kw, terms.steps)
        if not reserve.hours >= 0:
            faults.add(f"{place}.hours", "is negative", reserve.hours, ">= 0")
        if reserve.block is None and np.any(terms.series(reserve.least_kw) > terms.series(reserve.most_kw)):
            faults.add(f"{place}.least_kw", "exceeds most_kw")
    for one in terms.commitments:
        if np.shape(one.power_kw) != (terms.steps,):
            faults.add(f"commitments.{one.name}", "has a wrong shape", np.shape(one.power_kw), f"({terms.steps},)")
        prices = np.minimum(one.over_price_per_kwh, one.under_price_per_kwh)
        if np.any(prices < 0) or np.any(np.asarray(one.tolerance_kw) < 0):
            faults.add(f"commitments.{one.name}", "has a negative price or tolerance", allowed=">= 0")
    for hold in terms.holds:
        _series(faults, f"holds.{hold.name}.least_kwh", hold.least_kwh, terms.steps)


def _groups(faults: Faults, terms: ProgramTerms) -> None:
    for k, peak in enumerate(terms.peaks):
        if peak.group.shape != (terms.steps,) or peak.group.max(initial=-1) >= peak.rates.size:
            faults.add(f"peaks[{k}].group", "names a group without a rate", allowed=f"-1..{peak.rates.size - 1}")
        if np.any(np.asarray(peak.rates) < 0) or peak.floors.shape != peak.rates.shape:
            faults.add(f"peaks[{k}].rates", "is negative or not one per floor", peak.rates, ">= 0")
    for billed in terms.billed:
        place = f"billed.{billed.name}"
        if billed.group.shape != (terms.steps,) or billed.group.max(initial=-1) >= billed.share.shape[1]:
            faults.add(f"{place}.group", "names a group without a share", allowed=f"-1..{billed.share.shape[1] - 1}")
        if np.any(np.diff(billed.rates, axis=1) < 0) or np.any(billed.rates < 0):
            faults.add(f"{place}.rates", "falls or is negative", billed.rates, cure="Straighten it first.")
        if billed.upper_kw.shape != billed.rates.shape or not np.all(np.isinf(billed.upper_kw[:, -1])):
            faults.add(f"{place}.upper_kw", "does not give each tier's end, the last open")
    for tier in terms.tiers:
        if np.any(np.diff(tier.extra_per_kwh) < 0):
            cure = "A falling price is not convex: straighten it first."
            faults.add(f"tiers.{tier.name}.extra_per_kwh", "falls", tier.extra_per_kwh, cure=cure)
        if tier.upper_kwh.shape[1:] != (tier.extra_per_kwh.size - 1,) or np.any(np.diff(tier.upper_kwh, axis=1) < 0):
            faults.add(f"tiers.{tier.name}.upper_kwh", "does not rise, one bound per tier but the last")


def same_structure(old: ProgramTerms, new: ProgramTerms) -> None:
    """InputError where `new` would need other coefficients than `old`."""
    if not _equal(_structure(old), _structure(new)):
        cure = "Build a new program."
        raise InputError([Fault("update", "would change coefficients, not only numbers", cure=cure)])


def _equal(old: list[object], new: list[object]) -> bool:
    return len(old) == len(new) and all(a is b or np.array_equal(a, b) for a, b in zip(old, new, strict=True))  # type: ignore[arg-type]


def _structure(terms: ProgramTerms) -> list[object]:
    found: list[object] = [terms.steps, terms.hours]
    for s in terms.stores:
        found += [s.name, s.season, s.ac_nodes, s.store_nodes, s.keep, s.end_value.size]
    for r in terms.reserves:
        found += [r.name, r.direction, r.hours, "".join(r.stores), 0 if r.block is None else r.block]
    for one in terms.commitments:
        found += [one.name, one.at, np.isnan(one.power_kw)]
    for peak in terms.peaks:
        found += [peak.group, peak.rates.size]
    for ramp in terms.ramps:
        found += [ramp.name, ramp.at]
    for tier in terms.tiers:
        found += [tier.name, tier.group, tier.extra_per_kwh.size]
    for billed in terms.billed:
        found += [billed.name, billed.group, billed.share, billed.rates.shape]
    return [*found, len(terms.holds)]
