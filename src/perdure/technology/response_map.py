"""A technology as tables: what the one simulation kernel interpolates and the dispatch view is drawn from.

The axis of charge is the share of stored energy (0..1), not of electric charge: a step then moves it by exactly
power minus losses, and interpolation touches the losses only. All powers are DC, kW per kWh of present capacity.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from perdure.technology.technology import Technology
from perdure.timeline import Floats

SHARES, TEMPERATURES, POWERS = 81, 31, 49
"""Nodes along stored share, temperature and power (odd: one of them is zero power)."""


class Tables(NamedTuple):
    """The arrays the kernel reads. First axis of `loss`, `heat`, `limits`: fresh, aged."""

    share_step: float
    temperature_low: float
    temperature_step: float
    power_low: float
    power_step: float
    loss: Floats  # (2, shares, temperatures, powers)
    heat: Floats  # (2, shares, temperatures, powers)
    self_discharge: Floats  # (2, shares, temperatures)
    discharge_limit: Floats  # (2, shares, temperatures), positive
    charge_limit: Floats  # (2, shares, temperatures)
    lowest_share: Floats  # (temperatures,)
    highest_share: Floats  # (temperatures,)


@dataclass(frozen=True, eq=False)
class ResponseMap:
    """Tables of one technology with their axes."""

    technology: Technology
    tables: Tables
    shares: Floats
    temperatures: Floats
    powers: Floats
    soc_of_share: Floats  # (shares_fine,) electric state of charge at `fine_shares`
    fine_shares: Floats

    def soc(self, share: Floats) -> Floats:
        """State of charge (electric) at a stored share (any shape)."""
        return np.interp(share, self.fine_shares, self.soc_of_share)

    def along_share(self, table: Floats, temperature_c: float, impedance_share: float) -> Floats:
        """A table at one temperature and health: (shares, ...)."""
        place = np.clip((temperature_c - self.temperatures[0]) / self.tables.temperature_step, 0, TEMPERATURES - 1)
        left = min(int(place), TEMPERATURES - 2)
        near = table[:, :, left] + (place - left) * (table[:, :, left + 1] - table[:, :, left])
        return np.asarray(near[0] + impedance_share * (near[1] - near[0]))

    def window(self, temperature_c: float) -> tuple[float, float]:
        """Lowest and highest stored share the controller allows at a temperature."""
        return (
            float(np.interp(temperature_c, self.temperatures, self.tables.lowest_share)),
            float(np.interp(temperature_c, self.temperatures, self.tables.highest_share)),
        )


@lru_cache(maxsize=64)
def response_map(technology: Technology) -> ResponseMap:
    """Tabulate a technology once; later calls return the same map."""
    physics = technology.physics
    shares = np.linspace(0.0, 1.0, SHARES)
    low, high = technology.temperature_range_c
    temperatures = np.linspace(min(low, -30.0), max(high, 60.0), TEMPERATURES)
    reach = 1.15 * technology.power_range_per_h[1]
    powers = np.linspace(-reach, reach, POWERS)
    fine_soc = np.linspace(0.0, 1.0, 2001)
    fine_shares = physics.energy_share(fine_soc)
    soc = np.interp(shares, fine_shares, fine_soc)
    grid = np.meshgrid(soc, temperatures, powers, indexing="ij")
    flat = np.meshgrid(soc, temperatures, indexing="ij")
    responses = [physics.respond(*grid, impedance_share=aged) for aged in (0.0, 1.0)]
    limits = [physics.power_limits(*flat, impedance_share=aged) for aged in (0.0, 1.0)]
    lowest, highest = physics.soc_limits(temperatures)
    middle = POWERS // 2
    tables = Tables(
        share_step=float(shares[1]),
        temperature_low=float(temperatures[0]),
        temperature_step=float(temperatures[1] - temperatures[0]),
        power_low=float(powers[0]),
        power_step=float(powers[1] - powers[0]),
        loss=np.stack([one.loss_kw for one in responses]),
        heat=np.stack([one.heat_kw for one in responses]),
        self_discharge=np.stack([one.self_discharge_kw[..., middle] for one in responses]),
        discharge_limit=np.stack([np.broadcast_to(one[0], flat[0].shape) for one in limits]),
        charge_limit=np.stack([np.broadcast_to(one[1], flat[0].shape) for one in limits]),
        lowest_share=np.interp(lowest, fine_soc, fine_shares),
        highest_share=np.interp(highest, fine_soc, fine_shares),
    )
    return ResponseMap(technology, tables, shares, temperatures, powers, fine_soc, fine_shares)
