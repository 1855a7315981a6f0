"""The stack of a vanadium flow battery with its pumps: voltage, resistance, leaks and flow, per cm² of cell area.

Inside: volts, A/cm², ohm cm², W/cm², kelvin. Power at the terminals carries the pumps too: charging, they take their
share of it before the stack does; discharging, the stack feeds them before the terminals.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from perdure.timeline import Floats

Flags = NDArray[np.bool_]
GAS, FARADAY, REFERENCE_K = 8.314462618, 96485.33212, 298.15
LOWEST_VOLTAGE_SHARE = 0.6
"""Beyond the power that pulls the cell to this share of its rest voltage, the voltage is held: finite, lossy."""
PUMP_STEPS = 6
"""Turns of the search for the current that feeds stack and pumps; each leaves a third of the error at most."""
SATURATION = 4.0
"""How sharply the flow bends into its largest: fourth powers, so that the tables can follow."""

# Resistance against the mean of both tables over charge at 25 °C; SimSES 1.3.12 (BSD-3), RFB_cell_data_R, 25 °C column.
TABLE_SOC = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
TABLE_MEAN_OHM_CM2 = 2.304
_CHARGE_SHAPE = np.array([2.983, 2.195, 2.141, 2.117, 2.948]) / TABLE_MEAN_OHM_CM2
_DISCHARGE_SHAPE = np.array([3.037, 2.164, 2.011, 2.033, 2.579]) / TABLE_MEAN_OHM_CM2


@dataclass(frozen=True)
class FlowStack:
    """Parameters of cell, electrolyte and pumps, and the closed-form relations between them."""

    voltage_constant_v: float
    voltage_slope_v: float
    voltage_low_v: float
    voltage_low_offset: float
    voltage_high_v: float
    voltage_high_offset: float
    resistance_ohm_cm2: float
    resistance_activation_j_per_mol: float
    aged_resistance_share: float
    crossover_a_per_cm2: float
    crossover_activation_j_per_mol: float
    shunt_a_per_cm2: float
    vanadium_mol_per_m3: float
    anolyte_viscosity_pa_s: float
    catholyte_viscosity_pa_s: float
    viscosity_soc_slope: float
    viscosity_activation_j_per_mol: float
    stoichiometry: float
    full_flow_reach_share: float
    minimum_flow_share: float
    hydraulic_per_m3: float
    stack_area_cm2: float
    stack_cells: float
    piping_factor: float
    pump_efficiency: float
    design_current_a_per_cm2: float
    start_share: float

    @cached_property
    def nominal_voltage_v(self) -> float:
        """Rest voltage half charged."""
        return float(self.rest_voltage(np.asarray(0.5)))

    def rest_voltage(self, soc: Floats) -> Floats:
        """Open-circuit voltage at 25 °C, V: the shape of Nernst's law with the ends left finite."""
        low = self.voltage_low_v * np.log(soc + self.voltage_low_offset)
        high = self.voltage_high_v * np.log(1.0 + self.voltage_high_offset - soc)
        return np.asarray(self.voltage_constant_v + self.voltage_slope_v * soc + low - high)

    def resistance(self, soc: Floats, kelvin: Floats, charging: Flags, impedance_share: float) -> Floats:
        """Area resistance, ohm cm²; the table's shape by charge, one Arrhenius law by temperature."""
        shape = np.where(charging, _along(soc, _CHARGE_SHAPE), _along(soc, _DISCHARGE_SHAPE))
        aged = 1.0 + self.aged_resistance_share * impedance_share
        return np.asarray(self.resistance_ohm_cm2 * aged * shape * _warm(-self.resistance_activation_j_per_mol, kelvin))

    def leak(self, soc: Floats, kelvin: Floats) -> Floats:
        """Current density that crosses the membrane or runs through the channels while the pumps run, A/cm²."""
        crossing = self.crossover_a_per_cm2 * soc * _warm(self.crossover_activation_j_per_mol, kelvin)
        return np.asarray(crossing + self.shunt_a_per_cm2)

    def flow_share(self, current: Floats, soc: Floats) -> Floats:
        """Flow over the largest one: what the current needs, times the stoichiometry, between the smallest and 1.

        Where less active vanadium is left than the full flow is laid out for, the stoichiometry falls instead.
        """
        reach = np.maximum(np.where(current >= 0.0, 1.0 - soc, soc), self.full_flow_reach_share)
        needed = self.full_flow_reach_share / reach * np.abs(current) / self.design_current_a_per_cm2
        bent = needed / (1.0 + needed**SATURATION) ** (1.0 / SATURATION)
        return np.maximum(bent, self.minimum_flow_share)

    def pump_power(self, flow: Floats, soc: Floats, kelvin: Floats) -> Floats:
        """Both pumps at a share of the largest flow, W/cm².

        Pressure rises with flow (laminar); efficiency as peak x (2 - x), the parabola of a pump tuned to full flow.
        """
        molar = self.vanadium_mol_per_m3 * self.full_flow_reach_share
        cells = self.stack_cells * self.stack_area_cm2
        largest = self.stoichiometry * self.design_current_a_per_cm2 * cells / (FARADAY * molar)  # m³/s, one side
        anolyte = self.anolyte_viscosity_pa_s * np.exp(self.viscosity_soc_slope * (0.5 - soc))
        catholyte = self.catholyte_viscosity_pa_s * np.exp(self.viscosity_soc_slope * (0.5 - soc))
        thick = (anolyte + catholyte) * _warm(-self.viscosity_activation_j_per_mol, kelvin)
        hydraulic = self.piping_factor * self.hydraulic_per_m3 * thick * largest**2 / cells
        return np.asarray(hydraulic / self.pump_efficiency * flow / (2.0 - flow))

    def solve(self, soc: Floats, kelvin: Floats, power: Floats, impedance_share: float) -> FlowPoint:
        """Current, voltage, pumps and leak at a terminal power, W/cm²; nothing runs at zero power."""
        charging = power > 0.0
        rest = self.rest_voltage(soc)
        resistance = self.resistance(soc, kelvin, charging, impedance_share)
        rated = self.design_current_a_per_cm2 * self.nominal_voltage_v
        running = np.minimum(np.abs(power) / (self.start_share * rated), 1.0)
        pumps = np.zeros_like(power)
        full = self.pump_power(np.ones_like(soc), soc, kelvin)
        for _ in range(PUMP_STEPS):
            current, _voltage = at_power(rest, resistance, power - pumps)
            flow = self.flow_share(current, soc)
            pumps = running * full * flow / (2.0 - flow)
        current, voltage = at_power(rest, resistance, power - pumps)
        return FlowPoint(rest, voltage, current, power - voltage * current, running * self.leak(soc, kelvin))


@dataclass(frozen=True)
class FlowPoint:
    """A stack at work; `pumps` W/cm², `leak` A/cm² beside the current that reaches the terminals."""

    rest_v: Floats
    voltage_v: Floats
    current: Floats
    pumps: Floats
    leak: Floats


def at_power(rest: Floats, resistance: Floats, power: Floats) -> tuple[Floats, Floats]:
    """Current and voltage of a cell at a power, both per area."""
    lowest = -LOWEST_VOLTAGE_SHARE * (1.0 - LOWEST_VOLTAGE_SHARE) * rest**2 / resistance
    carried = np.maximum(power, lowest)
    current = (np.sqrt(rest**2 + 4.0 * resistance * carried) - rest) / (2.0 * resistance)
    voltage = rest + resistance * current
    return current + (power - carried) / voltage, voltage


def _along(soc: Floats, shape: Floats) -> Floats:
    """A table by charge, straight between its points and beyond its ends."""
    step = TABLE_SOC[1] - TABLE_SOC[0]
    place = np.clip(((soc - TABLE_SOC[0]) / step).astype(int), 0, len(shape) - 2)
    return np.asarray(shape[place] + (shape[place + 1] - shape[place]) * (soc - TABLE_SOC[place]) / step)


def _warm(activation: float, kelvin: Floats) -> Floats:
    """Arrhenius factor against 25 °C; electrolyte that cold or hot is not run, so it is held beyond -10 and 60 °C."""
    held = np.clip(kelvin, 263.15, 333.15)
    return np.asarray(np.exp(-activation / GAS * (1.0 / held - 1.0 / REFERENCE_K)))
