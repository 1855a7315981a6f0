"""The thermal lump of a store: how fast it warms, how it sheds heat, and what cooling and heating cost."""

from __future__ import annotations

from dataclasses import dataclass

from perdure.quantities import Sourced


@dataclass(frozen=True)
class Thermal:
    """One heat capacity per kWh between the cells and the ambient air, with cooling above and heating below set points.

    Heat moved by active cooling costs `heat / cooling_cop`; a store with fans only has a small cost per heat moved.
    """

    heat_capacity_kwh_per_k: Sourced  # per kWh of store
    conductance_kw_per_k: Sourced  # per kWh of store, to ambient, passive
    cool_above_c: Sourced
    cooling_kw: Sourced  # per kWh of store, heat moved at most
    cooling_cop: Sourced
    heat_below_c: Sourced
    heating_kw: Sourced  # per kWh of store
    heating_cop: Sourced
    base_load_kw: Sourced  # per kWh of store: controls, sensors, pumps that always run

    def figures(self) -> dict[str, Sourced]:
        """All figures by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}
