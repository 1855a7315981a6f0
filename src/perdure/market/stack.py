"""Services stacked on one plant: what each lacks, and what all together ask that no plan can give."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perdure.errors import Faults
from perdure.market.service import Service, ServiceTerms, Setting, joined
from perdure.timeline import Floats

_ROUNDING = 1e-6  # kW or kWh


def check_stack(
    services: Sequence[Service], setting: Setting, tariff_kind: str = "", place: str = "services"
) -> tuple[str, ...]:
    """What is told of services on one plant; InputError with every fault of each and of all together.

    A fault is what no plan can keep: reserves above the ratings, energy that must be held above the store. A promise
    that costs when broken is told, with the least that will be missing.
    """
    faults, told = Faults(), list[str]()
    sound = []
    for service in services:
        with faults.under(place):
            told += service.check(setting)
            sound.append(service)
    terms = joined([service.terms(setting) for service in sound])
    _check_reserves(terms, setting, place, faults)
    told += _tell_promises(terms, setting)
    if tariff_kind == "hourly_prices":
        told += [
            f"{service.name}: the tariff is a price series; where that is a spot market that runs continuously, "
            "peak-regulation markets are no longer run (state spot_market)."
            for service in services
            if getattr(service, "kind", "") == "peak_regulation"
        ]
    faults.raise_if_any()
    return tuple(told)


def _check_reserves(terms: ServiceTerms, setting: Setting, place: str, faults: Faults) -> None:
    """All that must be held at once: power up and down together, stored energy and room."""
    zero = np.zeros(setting.timeline.steps)
    power = sum((one.least_kw * (int(one.up) + int(one.down)) for one in terms.reserves), zero)
    below = sum((one.least_kw * one.hours / setting.discharge_share for one in terms.reserves if one.up), zero)
    above = sum((one.least_kw * one.hours * setting.discharge_share for one in terms.reserves if one.down), zero)
    firm = [one.least_kwh for one in terms.holds if np.isinf(one.price_per_kwh)]
    stored = np.max([zero, *firm], axis=0) + below + above
    # between full charge and full discharge a converter spans both ratings
    sides = (
        ("hold more power ready", power, setting.discharge_kw + setting.charge_kw, "kW"),
        ("need more stored energy and room", stored, setting.energy_kwh, "kWh"),
    )
    for problem, asked, limit, unit in sides:
        worst = int(np.argmax(asked))
        over = float(asked[worst] - limit)
        if over > _ROUNDING and len(terms.reserves) + len(firm) > 1:
            when = f"by {over:.6g} {unit} at {_stamp(setting, worst)}"
            faults.add(place, f"together {problem} than the plant has, {when}",
                       f"{asked[worst]:.6g} {unit}", f"at most {limit:g} {unit}")  # fmt: skip
            break


def _tell_promises(terms: ServiceTerms, setting: Setting) -> list[str]:
    """The least that will be missing of each promise, with a store without losses and full at the beginning."""
    told = []
    for one in terms.commitments:
        missing_kw, surplus_kw = _unreachable(one.grid_kw, one.tolerance_kw, setting)
        for what, over in (("short", missing_kw), ("in excess", surplus_kw)):
            if over.max(initial=0.0) > _ROUNDING:
                worst = int(np.argmax(over))
                told.append(
                    f"{one.name}: no plan keeps the promise: it is {what} by at least {over[worst]:.6g} kW at "
                    f"{_stamp(setting, worst)}, {over.sum() * setting.timeline.step_h:.6g} kWh in all."
                )
    return told


def _unreachable(grid_kw: Floats, tolerance_kw: Floats, setting: Setting) -> tuple[Floats, Floats]:
    """Shortfall and surplus no plan avoids (steps,), kW.

    Most charging power that keeps the promise is grid + tolerance - load + generation; where it is below zero the store
    must give, from an energy that began full and took all it could. Too much is only what neither charging nor
    curtailing takes away.
    """
    step_h, net = setting.timeline.step_h, setting.load_kw - setting.generation_kw
    promised = np.where(
        np.isnan(grid_kw), setting.import_limit_kw, np.minimum(grid_kw + tolerance_kw, setting.import_limit_kw)
    )
    most = np.minimum(promised - net, setting.charge_kw)
    missing, stored = np.zeros(len(net)), setting.energy_kwh
    for step in range(len(net)):
        given = max(most[step], -setting.discharge_kw, -stored / step_h)
        missing[step] = given - most[step]
        stored = min(stored + given * step_h, setting.energy_kwh)
    missing[np.isnan(grid_kw)] = 0.0
    least = np.where(np.isnan(grid_kw), -np.inf, grid_kw - tolerance_kw) - setting.load_kw
    return missing, np.maximum(least - setting.charge_kw, 0.0)


def _stamp(setting: Setting, step: int) -> str:
    return setting.timeline.local[step].strftime("%Y-%m-%d %H:%M")
