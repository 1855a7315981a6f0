"""The datasheet of a store: physics as vectorised functions, limits, ageing laws, thermal lump, costs, sources.

A chemistry file builds one `Technology`. Everyone above reads it through `response_map` (tables) and never calls
the physics in a loop. How a store that is more than a cell is described here (own charging device, slow states,
parts of a plant) is told in docs/decisions/0005.
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
    d(stored)/dt = power - loss - self_discharge. `heat_kw`: reaches the thermal lump (may cool). `auxiliary_kw`: the
    part of `loss_kw` that pumps, dryers and other drives of the store take; None where it has none.
    """

    loss_kw: Floats
    self_discharge_kw: Floats
    heat_kw: Floats
    voltage_v: Floats
    pressure_bar: Floats | None = None
    auxiliary_kw: Floats | None = None


STOCK_UNITS = {"mass_kg": "kg", "floor_m2": "m²", "gas_volume_m3": "m³", "hydrogen_kg": "kg", "electrolyte_m3": "m³",
               "hydrogen_normal_m3": "m³", "alloy_kg": "kg"}  # fmt: skip
"""What an inventory may name, with its unit (the figures are per kWh of stored energy)."""


Standing = Callable[[Floats, Floats, Floats], Floats]
"""State of charge left of (state of charge, temperature °C, hours), of one shape, at open terminals after a charge."""


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
class Rating:
    """AC power over stored energy when new, 1/h, by direction: what sizes stacks that stand apart from the tank."""

    charge_per_h: float
    discharge_per_h: float


@dataclass(frozen=True, eq=False)
class SlowState:
    """A share of capacity that use puts out of reach for a while, and use or service brings back.

    dx/dt = growth - recovery x, both per hour and never negative, of (state of charge, temperature °C, DC power per
    kWh). Of x, `top_share` is missing at the top of the window of stored energy, the rest at its bottom.
    `service_days`: maintenance sets x to nothing this often and loses `service_loss_share` of x from what is stored.
    """

    name: str
    title: dict[Language, str]
    growth_per_h: Callable[[Floats, Floats, Floats], Floats]
    recovery_per_h: Callable[[Floats, Floats, Floats], Floats]
    top_share: float
    largest_share: float
    service_days: float | None = None
    service_loss_share: float = 0.0


@dataclass(frozen=True)
class Level:
    """One level of how a plant is built, from the smallest part up: so many of the level below make one of this."""

    name: str
    title: dict[Language, str]
    holds: Sourced  # parts of the level below; of the smallest level: Ah of one cell, or kWh of one module


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
    charge_power_per_kw: Sourced | None = None  # the charging device, where it is another one (electrolyser)
    stack_renewal_share: Sourced | None = None  # of both powers' price, each time the stacks are worn
    title: dict[Language, str] = field(default_factory=dict)  # region and year, as a reader of a list wants them

    def figures(self) -> dict[str, Sourced]:
        """All cost figures by name."""
        return {name: value for name in self.__dataclass_fields__ if isinstance(value := getattr(self, name), Sourced)}


@dataclass(frozen=True, eq=False)
class Technology:
    """One store a buyer can choose. `figures` holds every number of the datasheet with source and confidence.

    `physics_at`: of a store whose stacks are sized apart from its energy, the physics at a rating; `physics` is then
    the one at `power_range_per_h`'s upper end. `charge_converter` and `charge_power_range_per_h`: of a store that
    charges through a device of its own. `stacks_worn_at`: the impedance share at which such stacks are renewed while
    the energy stays. `standing`: of a store whose rest remembers its last use, what is left after hours.
    `inventory`: what stands there per kWh of stored energy (gas, mass, floor).
    """

    name: str
    title: dict[Language, str]
    summary: dict[Language, str]
    physics: Physics
    ageing: dict[str, AgeingLaw]  # by name; the first is the default
    thermal: Thermal
    converter: Converter
    costs: dict[str, Costs]  # by name (region and year); the first is the default
    figures: dict[str, Sourced]
    power_range_per_h: tuple[float, float]  # sensible AC power per kWh
    temperature_range_c: tuple[float, float]  # the physics is stated for; outside it the run says so
    end_of_life_capacity_share: float
    measured_on: str
    sensitive_to: str
    not_valid_for: str
    remarks: tuple[str, ...] = field(default=())
    physics_at: Callable[[Rating], Physics] | None = None
    charge_converter: Converter | None = None
    charge_power_range_per_h: tuple[float, float] | None = None
    stacks_worn_at: float | None = None
    slow_states: tuple[SlowState, ...] = ()
    levels: tuple[Level, ...] = ()
    inventory: dict[str, Sourced] = field(default_factory=dict)
    standing: Standing | None = None

    @property
    def default_ageing(self) -> AgeingLaw:
        """The ageing law used unless the case names another."""
        return next(iter(self.ageing.values()))

    @property
    def default_costs(self) -> Costs:
        """The costs used unless the case names others."""
        return next(iter(self.costs.values()))

    @property
    def largest_rating(self) -> Rating:
        """The upper ends of the sensible powers."""
        charge = self.charge_power_range_per_h or self.power_range_per_h
        return Rating(charge[1], self.power_range_per_h[1])

    @property
    def level_kwh(self) -> tuple[float, ...]:
        """Energy stored when full in one part of each level, kWh."""
        told: list[float] = []
        for level in self.levels:
            if told:
                told.append(told[-1] * level.holds.value)
            elif level.holds.unit == "Ah":
                told.append(level.holds.value * float(getattr(self.physics, "mean_voltage_v", 1.0)) / 1000.0)
            else:
                told.append(level.holds.value)
        return tuple(told)

    def all_figures(self) -> dict[str, Sourced]:
        """Every number: physics, inventory, ageing, thermal, converter, costs (dotted names)."""
        parts: dict[str, dict[str, Sourced]] = {"converter": self.converter.figures()}
        if self.charge_converter is not None:
            parts["charge_converter"] = self.charge_converter.figures()
        parts["thermal"] = self.thermal.figures()
        parts["inventory"] = self.inventory
        parts["level"] = {level.name: level.holds for level in self.levels}
        parts |= {f"cost.{name}": costs.figures() for name, costs in self.costs.items()}
        parts |= {f"ageing.{law.name}": law.figures for law in self.ageing.values()}
        merged = dict(self.figures)
        for prefix, figures in parts.items():
            merged |= {f"{prefix}.{name}": value for name, value in figures.items()}
        return merged


TECHNOLOGIES: Catalogue[Technology] = Catalogue("perdure.technology.chemistries", "technology")
