"""A technology at a size: so many kWh and kW, with its converters; and the parts it is built of."""

from __future__ import annotations

import math
from dataclasses import dataclass

from perdure.technology.ageing import Health
from perdure.technology.dispatch_view import DispatchView, dispatch_view
from perdure.technology.response_map import ResponseMap, Tables, response_map
from perdure.technology.technology import Rating, Technology


@dataclass(frozen=True)
class Plant:
    """A store at a size. `energy_kwh`: energy stored between 0 and 100 % charge when new; `power_kw`: AC rating.

    `charge_power_kw`: AC rating of the device that charges, where the technology has another one (default:
    `power_kw`, at most the technology's largest).
    """

    name: str
    technology: Technology
    energy_kwh: float
    power_kw: float
    charge_power_kw: float | None = None

    @property
    def charge_kw(self) -> float:
        """AC rating when charging."""
        if self.charge_power_kw is not None:
            return self.charge_power_kw
        own = self.technology.charge_power_range_per_h
        return self.power_kw if own is None else min(self.power_kw, own[1] * self.energy_kwh)

    @property
    def rating(self) -> Rating:
        """AC power over stored energy, by direction."""
        return Rating(self.charge_kw / self.energy_kwh, self.power_kw / self.energy_kwh)

    def parts(self) -> dict[str, int]:
        """How many parts of each level it takes, from the smallest up, by the level's name."""
        own = zip(self.technology.levels, self.technology.level_kwh, strict=True)
        return {level.name: math.ceil(self.energy_kwh / one_kwh - 1e-9) for level, one_kwh in own}

    def stock(self) -> dict[str, float]:
        """What stands there (gas, mass, floor), each in the unit its name ends in."""
        return {name: figure.value * self.energy_kwh for name, figure in self.technology.inventory.items()}

    def view_when_new(self) -> DispatchView:
        """What dispatch believes of the new plant at 20 °C."""
        return dispatch_view(
            self.table(), self.energy_kwh, self.power_kw, Health(), 20.0, charge_power_kw=self.charge_kw
        )

    def table(self, capacity_share: float = 1.0) -> ResponseMap:
        """The response map at this plant's rating, per kWh of present capacity.

        Stacks that stand apart keep their size while capacity fades: their rating per kWh grows, in steps of a
        twentieth so that a life needs few maps.
        """
        if self.technology.physics_at is None:
            return response_map(self.technology)
        left = max(round(20.0 * capacity_share), 1) / 20.0
        new = self.rating
        return response_map(self.technology, Rating(new.charge_per_h / left, new.discharge_per_h / left))

    def tables_of(self, health: Health) -> Tables:
        """What the compiled loop of a simulation reads of the map at this health."""
        return self.table(health.capacity_share).at(health.impedance_share)
