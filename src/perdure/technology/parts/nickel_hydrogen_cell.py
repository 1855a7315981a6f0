"""The nickel-hydrogen cell: electrode voltage, hydrogen pressure, oxygen branch and self-discharge, per Ah of capacity.

Inside: volts, kelvin, rates in 1/h (current over capacity, charging positive), resistances in ohm Ah, pressure in bar.
The charging current splits between the nickel electrode (`main`) and oxygen evolution, which recombines at once:

    rate = main + K exp(main electrode_resistance / slope)      K: oxygen rate at the electrode's rest voltage

Given the rate, its solution is the Lambert W function; written in `main` it needs no special function.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from perdure.timeline import Floats

GAS, FARADAY, REFERENCE_K = 8.314462618, 96485.33212, 298.15
MOL_PER_AH = 3600.0 / (2.0 * FARADAY)  # hydrogen
NEWTON_STEPS, SETTLED = 12, 1e-13  # at most so many; fewer where no rate moves by more (1/h)
LOWEST_VOLTAGE_SHARE = 0.6
"""Beyond the power that pulls the cell to this share of its rest voltage, the voltage is held: finite, lossy."""


@dataclass(frozen=True)
class Standing:
    """What a state fixes before any current flows; arrays of one shape."""

    rest_v: Floats  # terminal voltage without current
    resistance: Floats  # whole, ohm Ah
    electrode_resistance: Floats  # the part the nickel electrode's current sees, ohm Ah
    oxygen_rest_rate: Floats  # K, 1/h
    oxygen_slope_v: Floats


@dataclass(frozen=True)
class Flow:
    """Rates (1/h) and voltage of a cell under current."""

    rate: Floats
    main: Floats
    voltage_v: Floats

    @property
    def oxygen(self) -> Floats:
        """Rate that ends as heat through oxygen evolution and recombination, 1/h."""
        return self.rate - self.main


@dataclass(frozen=True)
class CellState:
    """State of one cell or of many: charge, hysteresis (-1 after discharge, 1 after charge), temperature."""

    soc: Floats
    hysteresis: Floats
    temperature_c: Floats


@dataclass(frozen=True)
class NickelHydrogenCell:
    """Parameters of the cell and its closed-form relations."""

    voltage_constant_v: float
    voltage_slope_v: float
    voltage_low_v: float
    voltage_low_offset: float
    voltage_high_v: float
    voltage_high_offset: float
    voltage_top_soc: float
    voltage_top_slope_v: float
    entropy_v_per_k: float
    hysteresis_v: float
    resistance_ohm_ah: float
    resistance_activation_j_per_mol: float
    resistance_empty_share: float
    resistance_empty_soc: float
    electrode_share: float
    oxygen_rate_per_h: float
    oxygen_voltage_v: float
    oxygen_slope_v: float
    oxygen_activation_j_per_mol: float
    self_discharge_per_day: float
    self_discharge_pressure_bar: float
    self_discharge_order: float
    self_discharge_activation_j_per_mol: float
    thermoneutral_v: float
    full_pressure_bar: float
    precharge_bar: float
    virial_m3_per_mol: float
    ageing_voltage_v: float
    ageing_charge_share: float
    hysteresis_per_charge: float

    def electrode_voltage(self, soc: Floats) -> Floats:
        """Nickel electrode against 1 bar of hydrogen at 25 °C, no hysteresis; fit to NREL's open-circuit points."""
        s = np.minimum(soc, self.voltage_top_soc)
        curve = self.voltage_constant_v + self.voltage_slope_v * s
        curve += self.voltage_low_v * np.log(s + self.voltage_low_offset)
        curve -= self.voltage_high_v * np.log(self.voltage_high_offset - s)
        return np.asarray(curve + self.voltage_top_slope_v * (soc - s))

    @cached_property
    def gas_volume_m3_per_ah(self) -> float:
        """Free gas volume that gives the full pressure at 100 % and 25 °C."""
        thermal = GAS * REFERENCE_K
        pressure, virial = self.full_pressure_bar * 1e5, self.virial_m3_per_mol
        density = (np.sqrt(1.0 + 4.0 * virial * pressure / thermal) - 1.0) / (2.0 * virial)
        return float(MOL_PER_AH / (density - self.precharge_bar * 1e5 / thermal))

    def pressure_bar(self, soc: Floats, kelvin: Floats) -> Floats:
        """Hydrogen pressure by the virial law."""
        density = self.precharge_bar * 1e5 / (GAS * REFERENCE_K) + soc * MOL_PER_AH / self.gas_volume_m3_per_ah
        return np.asarray(density * GAS * kelvin * (1.0 + self.virial_m3_per_mol * density) / 1e5)

    def soc_at_pressure(self, pressure_bar: float, kelvin: Floats) -> Floats:
        """State of charge at which the hydrogen reaches a pressure (may lie outside 0..1)."""
        virial = self.virial_m3_per_mol
        density = (np.sqrt(1.0 + 4.0 * virial * pressure_bar * 1e5 / (GAS * kelvin)) - 1.0) / (2.0 * virial)
        charged = density - self.precharge_bar * 1e5 / (GAS * REFERENCE_K)
        return np.asarray(charged * self.gas_volume_m3_per_ah / MOL_PER_AH)

    def rest_voltage(self, soc: Floats, kelvin: Floats) -> Floats:
        """Equilibrium voltage without hysteresis, hydrogen pressure included."""
        nernst = GAS * kelvin / (2.0 * FARADAY) * np.log(self.pressure_bar(soc, kelvin))
        return np.asarray(self.electrode_voltage(soc) + self.entropy_v_per_k * (kelvin - REFERENCE_K) + nernst)

    def self_discharge(self, soc: Floats, kelvin: Floats) -> Floats:
        """Rate at which dissolved hydrogen reduces the nickel electrode, 1/h."""
        order = (self.pressure_bar(soc, kelvin) / self.self_discharge_pressure_bar) ** self.self_discharge_order
        return (
            self.self_discharge_per_day / 24.0 * order * _arrhenius(-self.self_discharge_activation_j_per_mol, kelvin)
        )

    def ageing_polarisation(self, direction: Floats, impedance_share: float) -> Floats:
        """Voltage that ageing adds, V; `direction` is the sign of the current (discharge loses, charge may gain)."""
        side = np.where(direction < 0.0, -1.0, np.where(direction > 0.0, self.ageing_charge_share, 0.0))
        return np.asarray(impedance_share * self.ageing_voltage_v * side)

    def loop_share(self, depth: float) -> float:
        """Mean place in the hysteresis loop over a repeated cycle of a depth: 1 - 2 tanh(g D / 2) / (g D)."""
        moved = self.hysteresis_per_charge * depth
        return float(1.0 - 2.0 * np.tanh(0.5 * moved) / moved)

    def standing(
        self,
        soc: Floats,
        kelvin: Floats,
        hysteresis: Floats,
        oxygen_hysteresis: Floats,
        ageing_v: Floats | float = 0.0,
    ) -> Standing:
        """What a state fixes; the oxygen branch may see another hysteresis than the terminals, and no ageing."""
        rest = self.rest_voltage(soc, kelvin)
        resistance = self.resistance_ohm_ah * _arrhenius(self.resistance_activation_j_per_mol, kelvin)
        resistance = resistance * (1.0 + self.resistance_empty_share * np.exp(-soc / self.resistance_empty_soc))
        slope = self.oxygen_slope_v * kelvin / REFERENCE_K
        nernst = GAS * kelvin / (2.0 * FARADAY) * np.log(self.pressure_bar(soc, kelvin))
        excess = rest - nernst + self.hysteresis_v * oxygen_hysteresis - self.oxygen_voltage_v
        oxygen = self.oxygen_rate_per_h * _arrhenius(-self.oxygen_activation_j_per_mol, kelvin) * np.exp(excess / slope)
        terminal = rest + self.hysteresis_v * hysteresis + ageing_v
        return Standing(terminal, resistance, self.electrode_share * resistance, oxygen, slope)

    def flow_at_rate(self, at: Standing, rate: Floats) -> Flow:
        """Split and voltage at a given rate; Newton from the right of a rising convex function never overshoots."""
        gain = at.electrode_resistance / at.oxygen_slope_v
        main = np.minimum(np.maximum(rate, 0.0), np.log(np.maximum(rate / at.oxygen_rest_rate, 1.0)) / gain)
        main = np.where(rate < 0.0, rate, main)
        for _ in range(NEWTON_STEPS):
            oxygen = at.oxygen_rest_rate * np.exp(gain * main)
            main = main - (main + oxygen - rate) / (1.0 + gain * oxygen)
        return Flow(rate, main, _voltage(at, rate, main))

    def flow_at_power(self, at: Standing, power_v: Floats) -> Flow:
        """Split and voltage at a terminal power per Ah (V/h), which rises and is convex in `main`."""
        lowest = -LOWEST_VOLTAGE_SHARE * (1.0 - LOWEST_VOLTAGE_SHARE) * at.rest_v**2 / at.resistance
        carried = np.maximum(power_v, lowest)
        gain = at.electrode_resistance / at.oxygen_slope_v
        main = _start(at, carried, gain)
        for _ in range(NEWTON_STEPS):
            oxygen = at.oxygen_rest_rate * np.exp(gain * main)
            rate, slope = main + oxygen, 1.0 + gain * oxygen
            voltage = _voltage(at, rate, main)
            voltage_slope = at.electrode_resistance + (at.resistance - at.electrode_resistance) * slope
            change = (voltage * rate - carried) / (voltage_slope * rate + voltage * slope)
            main = main - change
            if np.max(np.abs(change)) < SETTLED:
                break
        rate = main + at.oxygen_rest_rate * np.exp(gain * main)
        voltage = _voltage(at, rate, main)
        beyond = (power_v - carried) / (LOWEST_VOLTAGE_SHARE * at.rest_v)
        held = np.where(beyond < 0.0, power_v / np.where(beyond < 0.0, rate + beyond, 1.0), voltage)
        return Flow(rate + beyond, main + beyond, held)

    def heat(self, flow: Flow, self_discharge: Floats) -> Floats:
        """Heat per Ah (V/h): terminal power less what the reaction binds at the thermoneutral voltage."""
        return flow.voltage_v * flow.rate - self.thermoneutral_v * (flow.main - self_discharge)

    def step(
        self, state: CellState, rate: Floats, step_h: float | Floats, impedance_share: float = 0.0
    ) -> tuple[CellState, Flow, Floats]:
        """One step at a held rate (1/h): next state, flow, heat (V/h). Temperature is the caller's to move."""
        at = self._standing_now(state, np.sign(rate), impedance_share)
        return self._moved(state, self.flow_at_rate(at, rate), step_h)

    def step_at_power(
        self, state: CellState, power_v: Floats, step_h: float, impedance_share: float = 0.0
    ) -> tuple[CellState, Flow, Floats]:
        """One step at a held terminal power (V/h): as `step`."""
        at = self._standing_now(state, np.sign(power_v), impedance_share)
        return self._moved(state, self.flow_at_power(at, power_v), step_h)

    def _standing_now(self, state: CellState, direction: Floats, impedance_share: float) -> Standing:
        ageing = self.ageing_polarisation(direction, impedance_share)
        return self.standing(state.soc, state.temperature_c + 273.15, state.hysteresis, state.hysteresis, ageing)

    def _moved(self, state: CellState, flow: Flow, step_h: float | Floats) -> tuple[CellState, Flow, Floats]:
        """The state after a step of this flow; hysteresis follows the charge that moved, at rest too."""
        lost = self.self_discharge(state.soc, state.temperature_c + 273.15)
        moved = (flow.main - lost) * step_h
        toward = np.sign(moved)
        hysteresis = toward + (state.hysteresis - toward) * np.exp(-self.hysteresis_per_charge * np.abs(moved))
        return replace(state, soc=state.soc + moved, hysteresis=hysteresis), flow, self.heat(flow, lost)


def _arrhenius(energy_j_per_mol: float, kelvin: Floats) -> Floats:
    """Factor against 25 °C; a positive energy falls with temperature (resistance)."""
    return np.asarray(np.exp(energy_j_per_mol / GAS * (1.0 / kelvin - 1.0 / REFERENCE_K)))


def _voltage(at: Standing, rate: Floats, main: Floats) -> Floats:
    return at.rest_v + at.electrode_resistance * main + (at.resistance - at.electrode_resistance) * rate


def _start(at: Standing, power_v: Floats, gain: Floats) -> Floats:
    """A `main` never left of the root: for charging from the rest voltage, for discharging without oxygen."""
    most = np.maximum(power_v, 0.0) / at.rest_v
    charging = np.minimum(most, np.log(np.maximum(most / at.oxygen_rest_rate, 1.0)) / gain)
    drawn = at.rest_v**2 + 4.0 * at.resistance * np.minimum(power_v, 0.0)
    discharging = (np.sqrt(drawn) - at.rest_v) / (2.0 * at.resistance)
    return np.where(power_v < 0.0, discharging, charging)
