"""Who a market admits: a plant's power and hours against the smallest size, in words with what is missing."""

from __future__ import annotations

from collections.abc import Collection

from perdure.market.service import Setting


def too_small(
    name: str, setting: Setting, minimum_kw: float, minimum_hours: float, directions: Collection[str]
) -> tuple[str, ...]:
    """What is missing for admission; empty where the plant is large enough.

    Hours are those of the stored energy, given out at the smallest power admitted or the plant's, whichever is more.
    """
    ratings = {"discharge": setting.discharge_kw, "charge": setting.charge_kw}
    told = [
        f"{name}: not admitted and earns nothing: {direction} power {ratings[direction]:g} kW is "
        f"{minimum_kw - ratings[direction]:g} kW below the smallest size of {minimum_kw:g} kW."
        for direction in sorted(directions)
        if ratings[direction] < minimum_kw
    ]
    power = max(minimum_kw, setting.discharge_kw)
    hours = setting.energy_kwh / power if power > 0 else 0.0
    if hours < minimum_hours * (1 - 1e-9):
        told.append(
            f"{name}: not admitted and earns nothing: {setting.energy_kwh:g} kWh last {hours:.3g} h at {power:g} kW, "
            f"{(minimum_hours - hours) * power:.6g} kWh less than the {minimum_hours:g} h asked for."
        )
    return tuple(told)
