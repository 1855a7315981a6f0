"""The nickel-hydrogen cell on the test bench: round trip, stand, orbit, overcharge and duty, with its exact states.

The response map knows no hysteresis and takes a mean place in the loop; here the cell carries its own.
Temperatures in °C, rates in 1/h (current over capacity), powers in kW per kWh of stored energy, charging positive.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from perdure.technology.parts.nickel_hydrogen_cell import REFERENCE_K, CellState, NickelHydrogenCell
from perdure.technology.thermal import Thermal
from perdure.timeline import Floats

LOW_SOC, TOP_SOC = 0.03, 0.95
"""Window of the round trips published figures are compared with."""


class ExactPhysics(Protocol):
    """What a duty needs of the chemistry's physics."""

    @property
    def cell(self) -> NickelHydrogenCell:
        """The cell with its parameters."""

    @property
    def mean_voltage_v(self) -> float:
        """Mean rest voltage at 25 °C, V."""

    def energy_share(self, soc: Floats) -> Floats:
        """Stored energy over the energy at 100 %."""


@dataclass(frozen=True)
class RoundTrip:
    """What comes back of what went in, over a settled cycle."""

    energy_share: float
    charge_share: float


@dataclass(frozen=True)
class Orbit:
    """A settled low-orbit cycle."""

    energy_share: float
    charge_share: float
    end_of_discharge_v: float
    end_of_charge_v: float
    lowest_soc: float
    highest_soc: float


@dataclass(frozen=True)
class DutyRun:
    """A duty as the exact cell went through it; arrays (steps, lanes), `share` and `temperature_c` at step starts."""

    step_h: float
    power: Floats
    share: Floats
    hysteresis: Floats
    temperature_c: Floats
    lost: Floats  # all losses with self-discharge, mean over the step, kW per kWh

    @property
    def energy_share(self) -> float:
        """Discharged over charged energy, the change of what is stored taken into account."""
        into, out = np.maximum(self.power, 0.0).sum(), np.maximum(-self.power, 0.0).sum()
        return float(out / (out + self.lost.sum())) if into > 0 else 0.0


def cell_state(soc: float, hysteresis: float, temperature_c: float) -> CellState:
    """One cell's state."""
    return CellState(np.asarray(soc), np.asarray(hysteresis), np.asarray(temperature_c))


def open_circuit_voltage(cell: NickelHydrogenCell, soc: Floats, temperature_c: Floats, hysteresis: Floats) -> Floats:
    """Rest voltage, V (any shape); `hysteresis` -1 after a discharge, 0 between, 1 after a charge."""
    kelvin = np.asarray(temperature_c) + 273.15
    return np.asarray(cell.standing(soc, kelvin, hysteresis, hysteresis).rest_v)


def round_trip(
    cell: NickelHydrogenCell,
    rate_per_h: float,
    temperature_c: float = 25.0,
    impedance_share: float = 0.0,
    low: float = LOW_SOC,
    top: float = TOP_SOC,
) -> RoundTrip:
    """The second cycle between two states of charge at one rate and a held temperature."""
    state, step_h = cell_state(low, -1.0, temperature_c), 1.0 / (600.0 * rate_per_h)
    energy, charge = [0.0, 0.0], [0.0, 0.0]
    for _ in range(2):
        energy, charge = [0.0, 0.0], [0.0, 0.0]
        for way, sign in enumerate((1.0, -1.0)):
            while state.soc < top if sign > 0 else state.soc > low:
                state, flow, _ = cell.step(state, np.asarray(sign * rate_per_h), step_h, impedance_share)
                energy[way] += float(flow.voltage_v) * rate_per_h * step_h
                charge[way] += rate_per_h * step_h
    return RoundTrip(energy[1] / energy[0], charge[1] / charge[0])


def stand(cell: NickelHydrogenCell, soc: float, temperature_c: float, hours: float, hysteresis: float = 1.0) -> float:
    """State of charge left after standing open-circuit at a held temperature."""
    return float(stood(cell, np.asarray(soc), np.asarray(temperature_c), np.asarray(hours), hysteresis))


def stood(
    cell: NickelHydrogenCell, soc: Floats, temperature_c: Floats, hours: Floats, hysteresis: float = 1.0
) -> Floats:
    """As `stand` for many cells at once (any shape), in steps of ten minutes or less."""
    soc, celsius, hours = np.broadcast_arrays(soc, np.asarray(temperature_c, dtype=float), hours)
    state = CellState(soc, np.full(soc.shape, hysteresis), celsius)
    steps = max(int(np.ceil(6.0 * np.max(hours))), 1)
    for _ in range(steps):
        state, _, _ = cell.step(state, np.asarray(0.0), hours / steps)
    return np.asarray(state.soc)


def low_orbit(
    cell: NickelHydrogenCell,
    recharge: float,
    depth: float = 0.35,
    temperature_c: float = 10.0,
    minutes: tuple[int, int] = (35, 55),
    orbits: int = 120,
) -> Orbit:
    """The last of many orbits: `depth` out, `recharge` times as much in, over (discharge, charge) minutes.

    120 orbits settle to the last digit.
    """
    state, step_h = cell_state(0.9, 1.0, temperature_c), 1.0 / 60.0
    rates = -depth / (minutes[0] * step_h), depth * recharge / (minutes[1] * step_h)
    ends, states, energy = [0.0, 0.0], [state, state], [0.0, 0.0]
    for _ in range(orbits):
        energy = [0.0, 0.0]
        for way, (rate, steps) in enumerate(zip(rates, minutes, strict=True)):
            for _ in range(steps):
                state, flow, _ = cell.step(state, np.asarray(rate), step_h)
                ends[way] = float(flow.voltage_v)
                energy[way] += ends[way] * abs(rate) * step_h
            states[way] = state
    low, high = (float(one.soc) for one in states)
    return Orbit(energy[0] / energy[1], 1.0 / recharge, ends[0], ends[1], low, high)


def heat_turn(cell: NickelHydrogenCell, rate_per_h: float, temperature_c: float) -> float | None:
    """State of charge beyond a fifth at which a charge from empty begins to warm; None where it never does."""
    state = cell_state(0.0, 1.0, temperature_c)
    while state.soc < 1.0:
        state, _, heat = cell.step(state, np.asarray(rate_per_h), 1.0 / 60.0)
        if state.soc > 0.2 and heat > 0.0:
            return float(state.soc)
    return None


def overcharge_voltage(cell: NickelHydrogenCell, rate_per_h: float, temperature_c: float) -> float:
    """Voltage where a held charge settles: all but the self-discharge goes into oxygen."""
    state, voltage = cell_state(0.95, 1.0, temperature_c), 0.0
    for _ in range(int(60.0 * 2.0 / rate_per_h)):
        state, flow, _ = cell.step(state, np.asarray(rate_per_h), 1.0 / 60.0)
        voltage = float(flow.voltage_v)
    return voltage


def stand_pressures(cell: NickelHydrogenCell, temperature_c: float, days: int) -> Floats:
    """Pressure (bar, at 25 °C) after each hour of a stand from full, oxygen branch shut off: self-discharge alone."""
    quiet, pressures = replace(cell, oxygen_rate_per_h=1e-12), np.zeros(24 * days)
    state = cell_state(1.0, 0.0, temperature_c)
    for hour in range(len(pressures)):
        state, _, _ = quiet.step(state, np.asarray(0.0), 1.0)
        pressures[hour] = quiet.pressure_bar(state.soc, np.asarray(REFERENCE_K))
    return pressures


def follow_duty(
    physics: ExactPhysics,
    thermal: Thermal,
    target_share: Floats,
    step_h: float,
    ambient_c: float,
    *,
    substeps: int = 10,
    most_per_h: float = 0.5,
    dead_band: float = 0.05,
) -> DutyRun:
    """Let the exact cell follow stored shares (steps + 1, lanes), side by side, from rest at the first.

    Power each step is what reaches the next target with the losses of the step before, within `most_per_h`; where
    the target rests, so does the cell, until `dead_band` is missing. Fans hold their set point as far as they can.
    """
    cell, h, lanes = physics.cell, step_h / substeps, target_share.shape[1]
    fine = np.linspace(0.0, 1.0, 2001)
    shares = physics.energy_share(fine)
    zero = np.zeros(lanes)
    state = CellState(np.interp(target_share[0], shares, fine), zero, zero + ambient_c)
    steps, lost = len(target_share) - 1, zero
    run = DutyRun(step_h, *(np.zeros((steps, lanes)) for _ in range(5)))
    lump = _Lump(thermal, ambient_c, h)
    for t in range(steps):
        share = np.interp(state.soc, fine, shares)
        run.share[t], run.hysteresis[t], run.temperature_c[t] = share, state.hysteresis, state.temperature_c
        wanted = (target_share[t + 1] - share) / step_h
        resting = (target_share[t + 1] == target_share[t]) & (np.abs(wanted) * step_h < dead_band)
        power = np.where(resting, 0.0, np.clip(wanted + lost, -most_per_h, most_per_h))
        for _ in range(substeps):
            state, _, heat = cell.step_at_power(state, power * physics.mean_voltage_v, h)
            state = replace(state, temperature_c=lump.after(state.temperature_c, heat / physics.mean_voltage_v))
        lost = power - (np.interp(state.soc, fine, shares) - share) / step_h
        run.power[t], run.lost[t] = power, lost
    return run


class _Lump:
    """The thermal lump of the store in still air and with fans, by steps of one length."""

    def __init__(self, thermal: Thermal, ambient_c: float, step_h: float):
        capacity, still = thermal.heat_capacity_kwh_per_k.value, thermal.conductance_kw_per_k.value
        self.ambient_c, self.still, self.set_point_c = ambient_c, still, thermal.cool_above_c.value
        self.decay = np.exp(-still * step_h / capacity)
        self.fan = min(thermal.fan_conductance_kw_per_k.value * step_h / capacity, 1.0)

    def after(self, temperature_c: Floats, heat_kw: Floats) -> Floats:
        """Temperature a step later."""
        rest = self.ambient_c + heat_kw / self.still
        warm = rest + (temperature_c - rest) * self.decay
        most = self.fan * np.maximum(warm - self.ambient_c, 0.0)
        return np.asarray(warm - np.clip(warm - self.set_point_c, 0.0, most))
