"""A technology at a size: so many kWh and kW, with its converter."""

from __future__ import annotations

from dataclasses import dataclass

from perdure.technology.technology import Technology


@dataclass(frozen=True)
class Plant:
    """A store at a size. `energy_kwh`: energy stored between 0 and 100 % charge when new; `power_kw`: AC rating."""

    name: str
    technology: Technology
    energy_kwh: float
    power_kw: float

    @property
    def rate_per_h(self) -> float:
        """AC power over energy: 0.25 is a four-hour store."""
        return self.power_kw / self.energy_kwh
