"""The thermal lump of a store: how fast it warms, how it sheds heat, and what cooling and heating cost."""

from __future__ import annotations

from dataclasses import dataclass

from perdure.quantities import Confidence, Sourced

_FIXED_COP = Sourced(0.0, "1/K", "taken as the same in all weather", Confidence.ESTIMATE, 0.0, 0.1)
_NO_FAN_CONDUCTANCE = Sourced(0.0, "kW/K per kWh", "this store has no fans", Confidence.DERIVED)
_NO_FANS = Sourced(0.0, "kW per kWh", "this store has no fans", Confidence.DERIVED)


@dataclass(frozen=True)
class Thermal:
    """One heat capacity per kWh between the cells and the ambient air, with cooling above and heating below set points.

    Fans add `fan_conductance` to ambient and so cool no lower than the ambient air; a chiller moves up to
    `cooling_kw` whatever the weather, at a coefficient of performance of `cooling_cop - cooling_cop_per_k (T_ambient
    - 35 °C)`, at least 1. Fans run first, the chiller takes the rest.
    """

    heat_capacity_kwh_per_k: Sourced  # per kWh of store
    conductance_kw_per_k: Sourced  # per kWh of store, to ambient, passive
    cool_above_c: Sourced
    cooling_kw: Sourced  # per kWh of store, heat a chiller moves at most
    cooling_cop: Sourced  # at 35 °C ambient
    heat_below_c: Sourced
    heating_kw: Sourced  # per kWh of store
    heating_cop: Sourced
    base_load_kw: Sourced  # per kWh of store: controls, sensors, pumps that always run
    cooling_cop_per_k: Sourced = _FIXED_COP
    fan_conductance_kw_per_k: Sourced = _NO_FAN_CONDUCTANCE  # more to ambient while the fans run
    fan_kw: Sourced = _NO_FANS  # what they draw at full speed

    def figures(self) -> dict[str, Sourced]:
        """All figures by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}
