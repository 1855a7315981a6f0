"""The datasheet of a store: physics as vectorised functions, limits, ageing law, thermal lump, costs, sources.

A chemistry file builds one `Technology`. Everyone above reads it through `response_map` (tables) and never calls
the physics in a loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from perdure.catalogue import Catalogue
from perdure.quantities import Language, Sourced
from perdure.technology.ageing import AgeingLaw
from perdure.technology.converter import Converter
from perdure.technology.thermal import Thermal
from perdure.timeline import Floats


@dataclass(frozen=True)
class Response:
    """What one kWh of store does at a direct-current power, all arrays of one shape, per kWh of stored energy at 100 %.

    `loss_kw`: dissipated apart from self-discharge, never negative, so that
    d(stored)/dt = power - loss - self_discharge. `heat_kw`: reaches the thermal lump (may cool).
    """

    loss_kw: Floats
    self_discharge_kw: Floats
    heat_kw: Floats
    voltage_v: Floats
    pressure_bar: Floats | None = None


class Physics(Protocol):
    """The functions a chemistry file writes; arguments broadcast, temperature in °C, power in kW per kWh, + charges."""

    def respond(self, soc: Floats, temperature_c: Floats, power: Floats, impedance_share: float) -> Response:
        """The response at a state; `impedance_share` 0 is fresh, 1 the chemistry's declared aged state."""

    def power_limits(self, soc: Floats, temperature_c: Floats, impedance_share: float) -> tuple[Floats, Floats]:
        """Largest discharge and charge power (both >= 0, kW per kWh) the cell takes at a state."""

    def soc_limits(self, temperature_c: Floats) -> tuple[Floats, Floats]:
        """Lowest and highest state of charge the controller allows at a temperature."""

    def energy_share(self, soc: Floats) -> Floats:
        """Stored energy over the energy at 100 %, rising from 0 to 1 with state of charge."""


@dataclass(frozen=True)
class Costs:
    """Cost by component, each with range, year and source, in one currency. Shares are of the whole capital."""

    currency: str
    energy_per_kwh: Sourced  # cells, vessels, racks
    power_per_kw: Sourced  # converter, transformer, switchgear
    balance_per_kwh: Sourced  # enclosure, wiring, integration, construction
    development_share: Sourced
    fixed_om_share_per_year: Sourced
    variable_om_per_kwh: Sourced  # of discharged energy
    replacement_share: Sourced  # a new store later, over `energy_per_kwh` today
    decommissioning_per_kwh: Sourced
    residual_share: Sourced  # of the capital, at the end of the project

    def figures(self) -> dict[str, Sourced]:
        """All cost figures by name."""
        return {name: value for name in self.__dataclass_fields__ if isinstance(value := getattr(self, name), Sourced)}


@dataclass(frozen=True, eq=False)
class Technology:
    """One store a buyer can choose. `figures` holds every number of the datasheet with source and confidence."""

    name: str
    title: dict[Language, str]
    summary: dict[Language, str]
    physics: Physics
    ageing: dict[str, AgeingLaw]  # by name; the first is the default
    thermal: Thermal
    converter: Converter
    costs: Costs
    figures: dict[str, Sourced]
    power_range_per_h: tuple[float, float]  # sensible AC power per kWh
    temperature_range_c: tuple[float, float]  # the physics is stated for; outside it the run says so
    end_of_life_capacity_share: float
    measured_on: str
    sensitive_to: str
    not_valid_for: str
    remarks: tuple[str, ...] = field(default=())

    @property
    def default_ageing(self) -> AgeingLaw:
        """The ageing law used unless the case names another."""
        return next(iter(self.ageing.values()))

    def all_figures(self) -> dict[str, Sourced]:
        """Every number: physics, ageing, thermal, converter, costs (dotted names)."""
        parts: dict[str, Callable[[], dict[str, Sourced]]] = {
            "converter": self.converter.figures,
            "thermal": self.thermal.figures,
            "cost": self.costs.figures,
        }
        merged = dict(self.figures)
        for prefix, figures in parts.items():
            merged |= {f"{prefix}.{name}": value for name, value in figures().items()}
        for law in self.ageing.values():
            merged |= {f"ageing.{law.name}.{name}": value for name, value in law.figures.items()}
        return merged


TECHNOLOGIES: Catalogue[Technology] = Catalogue("perdure.technology.chemistries", "technology")
