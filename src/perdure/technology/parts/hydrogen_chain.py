"""Electrolyser, metal-hydride tank and fuel cell as one store, per kWh of hydrogen (lower heating value).

Electrolyser and fuel cell keep their own temperature; the temperature of the store is that of the tank.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields

import numpy as np

from perdure.quantities import Confidence, Language, Sourced
from perdure.technology.ageing import AgeingLaw, Stress, Wear
from perdure.technology.parts.electrolyser import LOWER_HEATING_J_PER_MOL, Electrolyser
from perdure.technology.parts.fuel_cell import FuelCell
from perdure.technology.parts.hydride_tank import HydrideTank
from perdure.technology.parts.rectifier import RECTIFIER
from perdure.technology.parts.two_way_converter import TWO_WAY_CONVERTER
from perdure.technology.technology import Costs, Level, Rating, Response, Technology
from perdure.technology.thermal import Thermal
from perdure.timeline import Floats

PUBLISHED, DERIVED, ESTIMATE = Confidence.PUBLISHED, Confidence.DERIVED, Confidence.ESTIMATE
UNVERIFIED = Confidence.UNVERIFIED

LARGEST_PER_H = 0.5
"""Power of either device over stored hydrogen, at most."""

_FIT = "fit to the Jupiter fuel-cell curve in SimSES 1.3.12 (BSD-3) up to 0.62 A/cm²; worst 0.5 %"
_LANI5 = "LaNi5 after Darzi et al., Int. J. Hydrogen Energy (2016), as quoted in an open project"

CHAIN_FIGURES: dict[str, Sourced] = {
    "fuel_cell_open_v": Sourced(0.97262, "V", _FIT, DERIVED),
    "fuel_cell_slope_v": Sourced(0.049867, "V", _FIT, DERIVED),
    "fuel_cell_exchange_a_per_cm2": Sourced(0.006484, "A/cm²", _FIT, DERIVED),
    "fuel_cell_resistance_ohm_cm2": Sourced(0.13458, "Ω cm²", _FIT, DERIVED),
    "fuel_cell_bend_v": Sourced(0.039139, "V", _FIT, DERIVED),
    "fuel_cell_limit_a_per_cm2": Sourced(0.65077, "A/cm²", _FIT, DERIVED),
    "fuel_cell_utilisation_share": Sourced(
        0.97, "share", "estimate: the rest leaves in purges", ESTIMATE, 0.94, 0.99
    ),
    "fuel_cell_auxiliary_share": Sourced(
        0.08, "share", "estimate: air, water, controls; set for half of the heating value at rated power (DEA)",
        ESTIMATE, 0.05, 0.15,
    ),
    "fuel_cell_design_a_per_cm2": Sourced(0.30, "A/cm²", "estimate: middle of the curve", ESTIMATE, 0.2, 0.4),
    "fuel_cell_minimum_load_share": Sourced(0.10, "share", "estimate", ESTIMATE, 0.05, 0.2),
    "fuel_cell_aged_voltage_share": Sourced(
        0.10, "share", "estimate: common end of life of a stack", ESTIMATE, 0.1, 0.2
    ),
    "plateau_k": Sourced(3704.6, "K", _LANI5, PUBLISHED, 3670.0, 3710.0, 2016, "30.8 kJ per mol of hydrogen"),
    "absorbing_constant": Sourced(10.70, "", _LANI5, PUBLISHED, year=2016),
    "desorbing_constant": Sourced(10.57, "", _LANI5, PUBLISHED, year=2016),
    "alloy_pressure_factor": Sourced(
        2.0, "", "estimate: alloy blended for twice the pressure of LaNi5, to feed a fuel cell from about 10 °C",
        ESTIMATE, 1.0, 2.5,
    ),
    "plateau_slope": Sourced(
        0.33, "", "sloped plateau of a commercial alloy, from a script of unknown origin", UNVERIFIED, 0.1, 0.5
    ),
    "plateau_reach_share": Sourced(
        0.8, "share", "estimate: part of the alloy's hydrogen that takes part", ESTIMATE, 0.7, 0.9
    ),
    "inlet_bar": Sourced(1.3, "bar", "estimate: fuel cell at little more than the air's pressure", ESTIMATE, 1.1, 1.5),
    "pressure_margin_share": Sourced(
        0.25, "share", "estimate: pressure above inlet, or below delivery, at which the whole flow passes", ESTIMATE,
        0.1, 0.5,
    ),
    "fuel_cell_heat_share": Sourced(
        0.30, "share", "estimate: cooling water led through the tank, about what emptying it takes", ESTIMATE, 0.0, 0.6
    ),
    "headroom_share": Sourced(
        0.06, "share", "estimate: direct-current power over the rating, for the converter's loss", ESTIMATE, 0.05, 0.1
    ),
    "lowest_soc": Sourced(0.05, "share", "estimate", ESTIMATE, 0.02, 0.1),
    "highest_soc": Sourced(0.95, "share", "estimate", ESTIMATE, 0.9, 0.98),
}  # fmt: skip


def _part(figures: Mapping[str, Sourced], prefix: str, kind: type) -> dict[str, float]:
    """The figures of one device, by the names its class uses."""
    return {field.name: figures[prefix + field.name].value for field in fields(kind)}


class HydrogenChainPhysics:
    """The chain per kWh of stored hydrogen, at the sizes of electrolyser and fuel cell a rating asks for."""

    def __init__(self, figures: Mapping[str, Sourced], rating: Rating):
        self.value = {name: figure.value for name, figure in figures.items()}
        self.electrolyser = Electrolyser(**_part(figures, "electrolyser_", Electrolyser))
        self.fuel_cell = FuelCell(**_part(figures, "fuel_cell_", FuelCell))
        self.tank = HydrideTank(**_part(figures, "", HydrideTank))
        self.rating = rating

    def respond(self, soc: Floats, temperature_c: Floats, power: Floats, impedance_share: float) -> Response:
        """Losses, the tank's heat, cell voltage and plateau pressure; the other device stands still."""
        soc, celsius, power = np.broadcast_arrays(soc, temperature_c, power)
        filling = power > 0.0
        most = self.rating
        made = self.electrolyser.at_load(np.maximum(power, 0.0) / most.charge_per_h, impedance_share)
        drawn = self.fuel_cell.at_load(np.maximum(-power, 0.0) / most.discharge_per_h, impedance_share)
        stored = made.hydrogen * most.charge_per_h - drawn.hydrogen * most.discharge_per_h
        loss = power - stored
        carried = np.where(filling, 0.0, self.value["fuel_cell_heat_share"])
        return Response(
            loss_kw=loss,
            self_discharge_kw=np.zeros(soc.shape),
            heat_kw=self.tank.bound_share * stored + carried * loss,
            voltage_v=np.where(filling, made.voltage_v, drawn.voltage_v),
            pressure_bar=self.tank.pressure_bar(soc, celsius, filling),
            auxiliary_kw=made.auxiliary * most.charge_per_h + drawn.auxiliary * most.discharge_per_h,
        )

    def power_limits(self, soc: Floats, temperature_c: Floats, impedance_share: float) -> tuple[Floats, Floats]:
        """Ratings of fuel cell and electrolyser as far as the tank's pressure feeds one and takes from the other."""
        soc, celsius = np.broadcast_arrays(soc, temperature_c)
        over = 1.0 + self.value["headroom_share"]
        discharge = over * self.rating.discharge_per_h * self.tank.discharge_share(soc, celsius)
        return discharge, over * self.rating.charge_per_h * self.tank.charge_share(soc, celsius)

    def soc_limits(self, temperature_c: Floats) -> tuple[Floats, Floats]:
        """Fixed floor and top."""
        shape = np.shape(temperature_c)
        return np.full(shape, self.value["lowest_soc"]), np.full(shape, self.value["highest_soc"])

    def energy_share(self, soc: Floats) -> Floats:
        """State of charge is hydrogen over the most the tank holds: stored energy itself."""
        return np.array(soc, dtype=np.float64)


_PEI = "Pei, Chang, Tang, Int. J. Hydrogen Energy (2008), recalled"
_HYDRIDE = {
    "hydride_fade_per_cycle": Sourced(
        3e-5, "1/cycle", "estimate: pure hydrogen; impurities cost more", ESTIMATE, 0.5e-5, 1e-4
    ),
    "hydride_fade_per_year": Sourced(0.001, "1/a", "estimate", ESTIMATE, 0.0, 0.005),
}
STARTS_LAW: dict[str, Sourced] = {
    "fuel_cell_v_per_start": Sourced(13.8e-6, "V", _PEI, UNVERIFIED, 7e-6, 24e-6, 2008),
    "fuel_cell_v_per_h": Sourced(
        10.0e-6, "V/h", _PEI, UNVERIFIED, 2e-6, 12e-6, 2008, "its figure for high power, taken for all running hours"
    ),
    "fuel_cell_v_per_load_change": Sourced(0.42e-6, "V", _PEI, UNVERIFIED, 0.2e-6, 0.6e-6, 2008),
    "fuel_cell_load_changes_per_h": Sourced(4.0, "1/h", "estimate: one a quarter hour", ESTIMATE, 0.0, 60.0),
    **_HYDRIDE,
}
HOURS_LAW: dict[str, Sourced] = {
    "fuel_cell_life_h": Sourced(
        40_000.0, "h", "aim for stationary stacks, recalled; hours to the aged state", UNVERIFIED, 20_000.0, 60_000.0
    ),
    **_HYDRIDE,
}


def _hydride(value: Mapping[str, float]) -> tuple[Wear, ...]:
    """The alloy breaks up and takes up impurities with each filling, a little with time."""

    def cycling(depth: Floats, rate: Floats, celsius: Floats, mean: Floats) -> Floats:
        return np.full_like(depth, value["hydride_fade_per_cycle"])

    def resting(celsius: Floats, soc: Floats) -> Floats:
        return np.full_like(soc, value["hydride_fade_per_year"] / 365.25)

    return (
        Wear("hydride with use", "capacity", 1.0, cyclic=cycling),
        Wear("hydride with time", "capacity", 1.0, calendar=resting),
    )


_SHARED = (
    "One ageing figure stands for both stacks, their mean: together they lose what each would alone.",
    "Stacks worn to the aged state are renewed and paid for; the tank stays.",
)


class StackWear:
    """Ageing laws of a chain: what running hours and starts take from either device."""

    def __init__(self, physics: HydrogenChainPhysics):
        self.splitter, self.cell = physics.electrolyser, physics.fuel_cell
        self.splitter_v = float(self.splitter.voltage(np.asarray(self.splitter.design_a_per_cm2)))
        self.cell_v = float(self.cell.voltage(np.asarray(self.cell.design_a_per_cm2)))
        self.splitter_aged_v = self.splitter.aged_voltage_share * self.splitter_v
        self.cell_aged_v = self.cell.aged_voltage_share * self.cell_v

    def by_hours_and_starts(
        self, title: dict[Language, str], figures: dict[str, Sourced], remarks: tuple[str, ...] = ()
    ) -> AgeingLaw:
        """Voltage lost by running hours and starts, over the aged state's loss."""
        value = {key: figure.value for key, figure in figures.items()}

        def filling(stress: Stress) -> float:
            hours = stress.charging_h * value["electrolyser_share_per_h"] * self.splitter_v
            return (hours + stress.charge_starts * value["electrolyser_v_per_start"]) / self.splitter_aged_v

        def emptying(stress: Stress) -> float:
            changes = value["fuel_cell_v_per_load_change"] * value["fuel_cell_load_changes_per_h"]
            hours = stress.discharging_h * (value["fuel_cell_v_per_h"] + changes)
            return (hours + stress.discharge_starts * value["fuel_cell_v_per_start"]) / self.cell_aged_v

        return _law("hours_and_starts", title, figures, filling, emptying, remarks)

    def by_hours(
        self, title: dict[Language, str], figures: dict[str, Sourced], remarks: tuple[str, ...] = ()
    ) -> AgeingLaw:
        """Resistance of the electrolyser and a life of the fuel cell by running hours alone."""
        value = {key: figure.value for key, figure in figures.items()}
        per_h = value["electrolyser_ohm_cm2_per_h"] * self.splitter.design_a_per_cm2 / self.splitter_aged_v

        def filling(stress: Stress) -> float:
            return stress.charging_h * per_h

        def emptying(stress: Stress) -> float:
            return stress.discharging_h / value["fuel_cell_life_h"]

        return _law("hours", title, figures, filling, emptying, remarks)


def _law(
    name: str,
    title: dict[Language, str],
    figures: dict[str, Sourced],
    filling: Callable[[Stress], float],
    emptying: Callable[[Stress], float],
    remarks: tuple[str, ...],
) -> AgeingLaw:
    """Both devices' wear counts half: their mean is what the one map of an aged chain carries."""
    return AgeingLaw(
        name,
        title,
        (
            *_hydride({key: figure.value for key, figure in figures.items()}),
            Wear("electrolyser", "impedance", 1.0, running=filling),
            Wear("fuel cell", "impedance", 1.0, running=emptying),
        ),
        figures,
        impedance_at_one=2.0,
        temperature_range_c=(10.0, 60.0),
        rate_range_per_h=(0.0, LARGEST_PER_H),
        remarks=(*_SHARED, *remarks),
    )


THERMAL = Thermal(
    heat_capacity_kwh_per_k=Sourced(
        0.0009, "kWh/K per kWh", "estimate: 2.0 kg of alloy per kWh at the read 419 J/kgK, as much again in steel, and "
        "the water in its loop", ESTIMATE, 0.0005, 0.0015,
    ),
    conductance_kw_per_k=Sourced(3e-5, "kW/K per kWh", "estimate: insulated container", ESTIMATE, 1e-5, 1e-4),
    cool_above_c=Sourced(32.0, "°C", "estimate: the water loop starts to cool", ESTIMATE, 25.0, 45.0),
    cooling_kw=Sourced(0.0, "kW per kWh", "estimate: no chiller", ESTIMATE, 0.0, 0.02),
    cooling_cop=Sourced(3.0, "", "estimate", ESTIMATE, 2.0, 4.0),
    heat_below_c=Sourced(22.0, "°C", "estimate: kept ready to feed the fuel cell", ESTIMATE, 15.0, 30.0),
    heating_kw=Sourced(0.02, "kW per kWh", "estimate: resistive heaters", ESTIMATE, 0.01, 0.04),
    heating_cop=Sourced(1.0, "", "resistive", DERIVED),
    base_load_kw=Sourced(0.0001, "kW per kWh", "estimate: controls, gas detectors", ESTIMATE, 0.00005, 0.0003),
    fan_conductance_kw_per_k=Sourced(
        0.0014, "kW/K per kWh", "an open tank model: 25 W/m²K over 1.35 m² for 23.5 kWh", DERIVED, 0.0007, 0.003
    ),
    fan_kw=Sourced(0.0004, "kW per kWh", "estimate: dry cooler and pump", ESTIMATE, 0.0002, 0.001),
)  # fmt: skip

_KG_PER_KWH = 3.6e6 / LOWER_HEATING_J_PER_MOL * 2.01588e-3


def _inventory() -> dict[str, Sourced]:
    tank = "47 kg of alloy and 16.5 L for 0.704 kg of hydrogen in an open tank model"
    return {
        "hydrogen_kg": Sourced(_KG_PER_KWH, "kg/kWh", "lower heating value of hydrogen", DERIVED),
        "alloy_kg": Sourced(47.0 / 0.704 * _KG_PER_KWH, "kg/kWh", tank, DERIVED),
        "alloy_m3": Sourced(0.0165 / 0.704 * _KG_PER_KWH, "m³/kWh", tank, DERIVED),
        "mass_kg": Sourced(5.0, "kg/kWh", "estimate: alloy, steel and water", ESTIMATE, 3.5, 8.0),
        "floor_m2": Sourced(0.003, "m²/kWh", "estimate: tanks in a container", ESTIMATE, 0.001, 0.006),
    }


REMARKS = (
    "Energy is hydrogen by its lower heating value; the fuel cell gives back about half of it.",
    "Below its least load a device runs there for part of the time; its loss falls in proportion.",
    "The temperature is that of the hydride tank; electrolyser and fuel cell keep their own.",
    "Hydrogen lost at rest, and warming up either device at a start, are not counted.",
    "The alloy is taken to have twice the pressure of LaNi5; with LaNi5 itself keep the tank above 30 °C.",
    "No price of a hydride tank was found: 100 USD/kWh and more today is an estimate.",
)


def hydrogen_technology(
    name: str,
    title: dict[Language, str],
    summary: dict[Language, str],
    physics_at: Callable[[Rating], HydrogenChainPhysics],
    figures: dict[str, Sourced],
    ageing: dict[str, AgeingLaw],
    costs: dict[str, Costs],
    *,
    measured_on: str,
    not_valid_for: str,
    remarks: tuple[str, ...],
) -> Technology:
    """A chain around one kind of electrolyser."""
    return Technology(
        name=name,
        title=title,
        summary=summary,
        physics=physics_at(Rating(LARGEST_PER_H, LARGEST_PER_H)),
        physics_at=physics_at,
        ageing=ageing,
        thermal=THERMAL,
        converter=TWO_WAY_CONVERTER,
        charge_converter=RECTIFIER,
        charge_power_range_per_h=(0.005, LARGEST_PER_H),
        costs=costs,
        figures=figures,
        power_range_per_h=(0.005, LARGEST_PER_H),
        temperature_range_c=(0.0, 60.0),
        end_of_life_capacity_share=0.8,
        measured_on=measured_on,
        sensitive_to="power over the rating of either device; tank temperature and filling through the pressure",
        not_valid_for=not_valid_for,
        remarks=(*remarks, *REMARKS),
        stacks_worn_at=1.0,
        levels=(
            Level(
                "hydride_tank", {"en": "Hydride tank", "zh": "金属氢化物储氢罐"},
                Sourced(23.5, "kWh", "0.704 kg of hydrogen in an open tank model", DERIVED),
            ),
        ),
        inventory=_inventory(),
    )  # fmt: skip
