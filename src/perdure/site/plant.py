"""A technology at a size: so many kWh and kW, with its converters; and the parts it is built of."""

from __future__ import annotations

from dataclasses import dataclass

from perdure.technology.response_map import ResponseMap, response_map
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

    @property
    def table(self) -> ResponseMap:
        """The response map of the technology at this plant's rating."""
        return response_map(self.technology, self.rating if self.technology.physics_at is not None else None)
