"""Vanadium flow battery: stacks sized apart from the tanks, pumps, leaks, an imbalance that service sets back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import partial

import numpy as np

from perdure.quantities import Confidence, Sourced
from perdure.technology.ageing import AgeingLaw, Wear
from perdure.technology.parts.flow_stack import REFERENCE_K, FlowStack
from perdure.technology.parts.two_way_converter import TWO_WAY_CONVERTER
from perdure.technology.parts.vanadium_costs import COSTS
from perdure.technology.technology import Level, Physics, Rating, Response, SlowState, Technology
from perdure.technology.thermal import Thermal
from perdure.timeline import Floats

PUBLISHED, DERIVED, ESTIMATE = Confidence.PUBLISHED, Confidence.DERIVED, Confidence.ESTIMATE
UNVERIFIED, CLAIM = Confidence.UNVERIFIED, Confidence.CLAIM

_STACK = "SimSES 1.3.12 (BSD-3), 9 kW industrial stack"
_FIT = "fit to the rest voltages of the 9 kW industrial stack in SimSES 1.3.12 (BSD-3); rmse 0.7 mV, worst 2.0 mV"
_CELLS = "SimSES 1.3.12 (BSD-3), cell-data stack"
_WINDOW = "estimate: controller limit around the read temperature window of 10 to 40 °C"
_VOLTS = "estimate: wider than the 1.2 to 1.6 V read, which do not carry the design current at this resistance"

FIGURES: dict[str, Sourced] = {
    "voltage_constant_v": Sourced(1.41211, "V", _FIT, DERIVED),
    "voltage_slope_v": Sourced(-0.010485, "V", _FIT, DERIVED),
    "voltage_low_v": Sourced(0.082539, "V", _FIT, DERIVED),
    "voltage_low_offset": Sourced(0.113004, "share", _FIT, DERIVED),
    "voltage_high_v": Sourced(0.058894, "V", _FIT, DERIVED),
    "voltage_high_offset": Sourced(0.117089, "share", _FIT, DERIVED),
    "resistance_ohm_cm2": Sourced(1.8, "Ω cm²", _STACK, PUBLISHED, 1.0, 2.3,
                                  note="mean over charge at 25 °C; its shape is that of the cell-data stack"),
    "resistance_activation_j_per_mol": Sourced(
        21.3e3, "J/mol", f"{_CELLS}, its table at 20, 25 and 30 °C", DERIVED, 11.7e3, 28.3e3
    ),
    "aged_resistance_share": Sourced(
        0.5, "share", "estimate: growth that counts as the aged stack", ESTIMATE, 0.3, 0.8
    ),
    "entropy_v_per_k": Sourced(-1.26e-3, "V/K", "typical all-vanadium cell, recalled", UNVERIFIED, -1.4e-3, -1.0e-3),
    "crossover_a_per_cm2": Sourced(0.00064, "A/cm²", f"{_STACK}: 0.96 A times charge over 1500 cm²", PUBLISHED,
                                   0.0003, 0.00092),
    "crossover_activation_j_per_mol": Sourced(
        20e3, "J/mol", "estimate: diffusion in the membrane", ESTIMATE, 10e3, 30e3
    ),
    "shunt_a_per_cm2": Sourced(0.000187, "A/cm²", f"{_STACK}: 0.26 to 0.30 A over 1500 cm²", PUBLISHED,
                               0.000173, 0.0002),
    "rest_loss_per_day": Sourced(
        0.002, "1/day", "estimate: pumps stopped, only what stands in the stacks and seeps past closed valves is lost",
        ESTIMATE, 0.0, 0.01,
    ),
    "vanadium_mol_per_m3": Sourced(1600.0, "mol/m³", _STACK, PUBLISHED, 1500.0, 2000.0),
    "anolyte_viscosity_pa_s": Sourced(0.00418, "Pa s", f"{_STACK}, half charged at 25 °C", PUBLISHED),
    "catholyte_viscosity_pa_s": Sourced(0.00379, "Pa s", f"{_STACK}, half charged at 25 °C", PUBLISHED),
    "viscosity_soc_slope": Sourced(0.81, "", f"{_STACK}, between 15 and 85 % charge", DERIVED, 0.78, 0.84),
    "viscosity_activation_j_per_mol": Sourced(17e3, "J/mol", "estimate: aqueous sulphuric acid", ESTIMATE, 14e3, 22e3),
    "stoichiometry": Sourced(6.0, "", _STACK, PUBLISHED, 4.0, 8.0),
    "full_flow_reach_share": Sourced(
        0.2, "share", "estimate: active vanadium left over all at which the pumps reach full flow", ESTIMATE, 0.1, 0.3
    ),
    "minimum_flow_share": Sourced(0.1, "share", "estimate", ESTIMATE, 0.05, 0.2),
    "hydraulic_per_m3": Sourced(8.8e9, "1/m³", f"{_STACK}, pressure over viscosity and flow of one stack", PUBLISHED),
    "stack_area_cm2": Sourced(1500.0, "cm²", _STACK, PUBLISHED),
    "stack_cells": Sourced(40.0, "", _STACK, PUBLISHED),
    "piping_factor": Sourced(
        3.0, "", "estimate: pipes, valves and heat exchanger on top of the stack, set for 2 to 5 % of rated power",
        ESTIMATE, 1.5, 4.0,
    ),
    "pump_efficiency": Sourced(
        0.336, "share", "SimSES 1.3.12 (BSD-3), Renner RM1-5/35 at its best", PUBLISHED, 0.3, 0.6
    ),
    "design_current_a_per_cm2": Sourced(
        0.08, "A/cm²", "estimate: a common choice; more current makes smaller stacks and larger losses", ESTIMATE,
        0.06, 0.15,
    ),
    "current_limit_a_per_cm2": Sourced(0.13, "A/cm²", "estimate", ESTIMATE, 0.1, 0.2),
    "start_share": Sourced(
        0.05, "share", "estimate: pumps and leaks rise to their running level up to this part of rated power", ESTIMATE,
        0.02, 0.1,
    ),
    "charge_voltage_limit_v": Sourced(1.70, "V", _VOLTS, ESTIMATE, 1.6, 1.75),
    "discharge_voltage_limit_v": Sourced(1.10, "V", _VOLTS, ESTIMATE, 0.8, 1.2),
    "cold_off_c": Sourced(0.0, "°C", _WINDOW, ESTIMATE, 0.0, 5.0),
    "cold_full_c": Sourced(10.0, "°C", _WINDOW, ESTIMATE, 5.0, 10.0),
    "hot_full_c": Sourced(40.0, "°C", _WINDOW, ESTIMATE, 35.0, 45.0),
    "hot_off_c": Sourced(50.0, "°C", _WINDOW, ESTIMATE, 45.0, 55.0),
    "lowest_soc": Sourced(0.10, "share", "estimate: common window of operation", ESTIMATE, 0.05, 0.2),
    "highest_soc": Sourced(0.90, "share", "estimate: common window of operation", ESTIMATE, 0.8, 0.95),
    "precipitation_starts_c": Sourced(
        38.0, "°C", "precipitation above 40 °C when highly charged, recalled", UNVERIFIED, 35.0, 42.0
    ),
    "precipitation_soc_per_k": Sourced(
        0.03, "1/K", "estimate: how fast the highest charge falls with warmth from there", ESTIMATE, 0.01, 0.05
    ),
    "imbalance_per_cycle": Sourced(
        0.002, "1/cycle", "0.1 to 0.3 % a cycle, recalled", UNVERIFIED, 0.001, 0.003
    ),
    "imbalance_top_share": Sourced(0.5, "share", "estimate: both ends of the window move in", ESTIMATE, 0.0, 1.0),
    "imbalance_largest_share": Sourced(0.3, "share", "estimate", ESTIMATE, 0.2, 0.5),
    "rebalancing_days": Sourced(30.0, "days", "monthly to quarterly remixing, recalled", UNVERIFIED, 30.0, 91.0),
    "rebalancing_loss_share": Sourced(
        0.5, "share", "estimate: charge that mixing cancels, over the imbalance", ESTIMATE, 0.0, 1.0
    ),
}  # fmt: skip

_IN_STACK = tuple(field.name for field in fields(FlowStack))


class VanadiumFlowPhysics:
    """Stack, pumps and tanks per kWh of stored energy, at the stack size a rating asks for."""

    def __init__(self, figures: Mapping[str, Sourced], rating: Rating):
        self.value = {name: figure.value for name, figure in figures.items()}
        self.stack = FlowStack(**{name: self.value[name] for name in _IN_STACK})
        rated = self.stack.design_current_a_per_cm2 * self.stack.nominal_voltage_v  # W/cm²
        self.watt_per_cm2 = rated / max(rating.charge_per_h, rating.discharge_per_h)
        self._soc = np.linspace(0.0, 1.0, 2001)
        voltage = self.stack.rest_voltage(self._soc)
        steps = 0.5 * (voltage[1:] + voltage[:-1]) * np.diff(self._soc)
        self._energy = np.concatenate([[0.0], np.cumsum(steps)])

    def respond(self, soc: Floats, temperature_c: Floats, power: Floats, impedance_share: float) -> Response:
        """Losses, reaction heat and cell voltage at a terminal power; pumps stand at zero power."""
        soc, kelvin, power = np.broadcast_arrays(soc, np.asarray(temperature_c) + 273.15, power)
        at = self.stack.solve(soc, kelvin, power * self.watt_per_cm2, impedance_share)
        lost_in_cell = (at.voltage_v - at.rest_v) * at.current + at.rest_v * at.leak
        pumps = at.pumps / self.watt_per_cm2
        loss = pumps + lost_in_cell / self.watt_per_cm2
        rest = np.full(soc.shape, self.value["rest_loss_per_day"] / 24.0) * soc
        bound = REFERENCE_K * self.value["entropy_v_per_k"] / at.rest_v
        return Response(loss, rest, loss + rest + bound * (power - loss - rest), at.voltage_v, auxiliary_kw=pumps)

    def power_limits(self, soc: Floats, temperature_c: Floats, impedance_share: float) -> tuple[Floats, Floats]:
        """Largest discharge and charge power inside current, voltage and temperature limits."""
        soc, celsius = np.broadcast_arrays(soc, temperature_c)
        value, kelvin = self.value, celsius + 273.15
        corners = [value["cold_off_c"], value["cold_full_c"], value["hot_full_c"], value["hot_off_c"]]
        derating = np.interp(celsius, corners, [0.0, 1.0, 1.0, 0.0])
        rest, sides = self.stack.rest_voltage(soc), []
        for sign, name in ((-1.0, "discharge_voltage_limit_v"), (1.0, "charge_voltage_limit_v")):
            resistance = self.stack.resistance(soc, kelvin, np.full(soc.shape, sign > 0.0), impedance_share)
            room = np.maximum(sign * (value[name] - rest), 0.0) / resistance
            current = sign * np.minimum(room, value["current_limit_a_per_cm2"])
            pumps = self.stack.pump_power(self.stack.flow_share(current, soc), soc, kelvin)
            power = sign * (rest + resistance * current) * current + sign * pumps
            sides.append(derating * np.maximum(power, 0.0) / self.watt_per_cm2)
        return sides[0], sides[1]

    def soc_limits(self, temperature_c: Floats) -> tuple[Floats, Floats]:
        """The window of charge; its top falls with warmth, against precipitation."""
        value = self.value
        above = np.maximum(np.asarray(temperature_c) - value["precipitation_starts_c"], 0.0)
        top = np.maximum(value["highest_soc"] - value["precipitation_soc_per_k"] * above, 0.5)
        return np.full(np.shape(temperature_c), value["lowest_soc"]), top

    def energy_share(self, soc: Floats) -> Floats:
        """Stored energy over the energy at 100 %."""
        return np.asarray(np.interp(soc, self._soc, self._energy / self._energy[-1]))


def _imbalance(figures: Mapping[str, Sourced]) -> SlowState:
    """Vanadium and water that crossed the membrane: grows with throughput, remixing sets it back."""
    per_kwh = 0.5 * figures["imbalance_per_cycle"].value
    return SlowState(
        "crossover_imbalance", {"en": "Imbalance of the tanks", "zh": "两侧电解液失衡"},
        growth_per_h=lambda soc, celsius, power: per_kwh * np.abs(power) + 0.0 * soc * celsius,
        recovery_per_h=lambda soc, celsius, power: 0.0 * (soc * celsius * power),
        top_share=figures["imbalance_top_share"].value,
        largest_share=figures["imbalance_largest_share"].value,
        service_days=figures["rebalancing_days"].value,
        service_loss_share=figures["rebalancing_loss_share"].value,
    )  # fmt: skip


LAWS: dict[str, dict[str, Sourced]] = {
    "default": {
        "hydrogen_fade_per_year": Sourced(
            0.004, "1/a", "estimate under the read bound of 1 % a year; 5e-8 A/cm² gives 0.14 % in a 4 h plant",
            ESTIMATE, 0.0014, 0.01, note="half charged",
        ),
        "hydrogen_soc_slope": Sourced(
            2.6, "", "SimSES 1.3.12 (BSD-3), hydrogen current by charge after Schweiss, 30 to 90 %", DERIVED, 2.0, 3.0
        ),
        "resistance_per_year": Sourced(0.02, "1/a", "estimate: carbon felt and membrane", ESTIMATE, 0.01, 0.04),
        "resistance_per_cycle": Sourced(1.5e-5, "1/cycle", "estimate: as above, by use", ESTIMATE, 0.5e-5, 4e-5),
    },
}  # fmt: skip


def _law(figures: Mapping[str, Sourced], aged: float) -> AgeingLaw:
    """Hydrogen evolution takes capacity for good; felt and membrane add resistance, told over that of an aged stack."""
    value = {name: figure.value for name, figure in figures.items()}

    def hydrogen(celsius: Floats, soc: Floats) -> Floats:
        return np.asarray(value["hydrogen_fade_per_year"] / 365.25 * np.exp(value["hydrogen_soc_slope"] * (soc - 0.5)))

    def felt(celsius: Floats, soc: Floats) -> Floats:
        return np.full_like(soc, value["resistance_per_year"] / 365.25)

    def use(depth: Floats, rate: Floats, celsius: Floats, mean: Floats) -> Floats:
        return np.full_like(depth, value["resistance_per_cycle"])

    return AgeingLaw(
        "default", {"en": "Hydrogen evolution and stack wear", "zh": "析氢与电堆老化"},
        (
            Wear("hydrogen", "capacity", 1.0, calendar=hydrogen),
            Wear("stack with time", "impedance", 1.0, calendar=felt),
            Wear("stack with use", "impedance", 1.0, cyclic=use),
        ),
        dict(figures),
        impedance_at_one=aged,
        temperature_range_c=(10.0, 40.0),
        rate_range_per_h=(0.0, 0.5),
        remarks=("Stack wear is an estimate; stacks that have reached it are renewed, the electrolyte stays.",),
    )  # fmt: skip


THERMAL = Thermal(
    heat_capacity_kwh_per_k=Sourced(
        0.040, "kWh/K per kWh", "estimate: 3.2 kJ/kgK at the read 1334 kg/m³ and 33 L/kWh", ESTIMATE, 0.035, 0.06
    ),
    conductance_kw_per_k=Sourced(2e-4, "kW/K per kWh", "estimate: tanks and pipes in a building", ESTIMATE, 5e-5, 5e-4),
    cool_above_c=Sourced(35.0, "°C", "estimate", ESTIMATE, 30.0, 38.0),
    cooling_kw=Sourced(0.03, "kW per kWh", "estimate: liquid chiller", ESTIMATE, 0.01, 0.06),
    cooling_cop=Sourced(3.5, "", "estimate", ESTIMATE, 2.5, 4.5),
    heat_below_c=Sourced(12.0, "°C", "estimate", ESTIMATE, 10.0, 15.0),
    heating_kw=Sourced(0.01, "kW per kWh", "estimate: resistive heaters", ESTIMATE, 0.005, 0.02),
    heating_cop=Sourced(1.0, "", "resistive", DERIVED),
    base_load_kw=Sourced(0.0003, "kW per kWh", "estimate: controls, ventilation", ESTIMATE, 0.0001, 0.0006),
    cooling_cop_per_k=Sourced(0.06, "1/K", "estimate", ESTIMATE, 0.03, 0.1),
    fan_conductance_kw_per_k=Sourced(0.002, "kW/K per kWh", "estimate: dry cooler", ESTIMATE, 0.001, 0.004),
    fan_kw=Sourced(0.0005, "kW per kWh", "estimate: dry cooler", ESTIMATE, 0.0002, 0.001),
)


def _electrolyte(figures: Mapping[str, Sourced]) -> Sourced:
    """Both tanks per kWh stored at 100 %."""
    stack = FlowStack(**{name: figures[name].value for name in _IN_STACK})
    soc = np.linspace(0.0, 1.0, 501)
    joule_per_m3 = 0.5 * 96485.33 * stack.vanadium_mol_per_m3 * float(np.trapezoid(stack.rest_voltage(soc), soc))
    return Sourced(3.6e6 / joule_per_m3, "m³/kWh", "half of vanadium times Faraday times rest voltage", DERIVED)


LEVELS = (
    Level(
        "tank_pair", {"en": "Pair of tanks with its stacks", "zh": "一对储罐及其电堆"},
        Sourced(500.0, "kWh", "estimate: differs by maker", ESTIMATE, 100.0, 4000.0),
    ),
)  # fmt: skip


def build(figures: dict[str, Sourced], laws: dict[str, dict[str, Sourced]]) -> Technology:
    """The technology from its figures; beside them stands only the measured shape of the resistance over charge."""
    most, volume = 0.5, _electrolyte(figures)
    physics_at = partial(_physics, figures)
    return Technology(
        name="vanadium_flow",
        title={"en": "Vanadium flow battery", "zh": "全钒液流电池"},
        summary={
            "en": "Electrolyte in tanks, stacks sized apart: the energy lasts for decades, cannot burn; pumps, leaks "
            "and stack resistance cost a quarter of it, and the electrolyte wants 10 to 40 °C.",
            "zh": "电解液储于罐中,电堆功率与容量独立配置:容量寿命数十年、不燃烧;泵耗、漏电流和电堆内阻"
            "损失约四分之一电量,电解液需保持在 10 至 40 °C。",
        },
        physics=physics_at(Rating(most, most)),
        physics_at=physics_at,
        ageing={"default": _law(laws["default"], figures["aged_resistance_share"].value)},
        thermal=THERMAL,
        converter=TWO_WAY_CONVERTER,
        costs=COSTS,
        figures=figures,
        power_range_per_h=(0.05, most),
        temperature_range_c=(-10.0, 50.0),
        end_of_life_capacity_share=0.7,
        measured_on="a 9 kW industrial stack and single cells of a 40-cell stack (SimSES); no whole plant",
        sensitive_to="power over rated power, state of charge, temperature; flow",
        not_valid_for="electrolyte below 10 °C or above 40 °C for long, other electrolytes, stacks of another make",
        remarks=(
            "Energy stands for all vanadium in the tanks; the window of 10 to 90 % leaves four fifths of it.",
            "Rest voltage does not move with temperature; the reaction heat does follow the stored energy.",
            "The shape of the resistance over charge is of single cells, its level of an industrial stack.",
            "Filling and emptying the stacks at each start and stop is not counted.",
            "Imbalance of the tanks is recalled at 0.2 % a cycle and set back every month; a quarter of daily cycles "
            "would put a sixth out of reach.",
            "Default costs are recalled Chinese tenders, so that Chinese stores meet at Chinese prices; "
            "PNNL's and DEA's are read.",
        ),
        stacks_worn_at=1.0,
        slow_states=(_imbalance(figures),),
        levels=LEVELS,
        inventory={
            "electrolyte_m3": volume,
            "mass_kg": Sourced(
                1.25 * 1334.0 * volume.value, "kg/kWh",
                "estimate: electrolyte of 1334 kg/m³, a quarter more for the rest", ESTIMATE,
            ),
            "floor_m2": Sourced(0.03, "m²/kWh", "estimate: tanks and stacks in a building", ESTIMATE, 0.015, 0.06),
        },
    )  # fmt: skip


def _physics(figures: Mapping[str, Sourced], rating: Rating) -> Physics:
    return VanadiumFlowPhysics(figures, rating)


ENTRY = build(FIGURES, LAWS)
