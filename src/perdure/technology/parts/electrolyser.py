"""An electrolyser: cell voltage by current, Faraday efficiency, dryer and drives, part-time running at small loads.

Inside: volts and A/cm² of cell area. A load is direct-current power over the rating when new, drives included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perdure.timeline import Floats

FARADAY = 96485.33212
LOWER_HEATING_J_PER_MOL = 241_820.0
HEATING_VOLTAGE_V = LOWER_HEATING_J_PER_MOL / (2.0 * FARADAY)
"""Lower heating value of hydrogen as a cell voltage: 1.253 V."""
REACH, POINTS = 3.0, 1201


@dataclass(frozen=True)
class Hydrogen:
    """What a device does at a load, all over its rating: hydrogen power (lower heating value), drives, cell voltage."""

    hydrogen: Floats
    auxiliary: Floats
    voltage_v: Floats


@dataclass(frozen=True)
class Electrolyser:
    """Parameters of cell and surroundings; U = reversible + slope asinh(i / 2 exchange) + resistance i."""

    reversible_v: float
    slope_v: float
    exchange_a_per_cm2: float
    resistance_ohm_cm2: float
    faraday_square_a2_per_cm4: float
    faraday_limit_share: float
    dryer_share: float
    auxiliary_share: float
    design_a_per_cm2: float
    minimum_load_share: float
    aged_voltage_share: float

    def voltage(self, current: Floats, impedance_share: float = 0.0) -> Floats:
        """Cell voltage; ageing adds in proportion to the current, `aged_voltage_share` of it at design current."""
        fresh = self._fresh_voltage(current)
        design = self._fresh_voltage(np.asarray(self.design_a_per_cm2))
        added = impedance_share * self.aged_voltage_share * design * current / self.design_a_per_cm2
        return np.asarray(fresh + added)

    def faraday_share(self, current: Floats) -> Floats:
        """Part of the current that leaves the stack as hydrogen: limit i² / (square + i²)."""
        square = np.square(current)
        return np.asarray(self.faraday_limit_share * square / (self.faraday_square_a2_per_cm4 + square))

    def at_load(self, load: Floats, impedance_share: float) -> Hydrogen:
        """Hydrogen stored, drives and voltage; below the least load it runs there for part of the time."""
        current = np.linspace(0.0, REACH * self.design_a_per_cm2, POINTS)
        voltage = self.voltage(current, impedance_share)
        design = np.asarray(self.design_a_per_cm2)
        rated = float(self._fresh_voltage(design) * design) * (1.0 + self.auxiliary_share)
        load_of_current = voltage * current * (1.0 + self.auxiliary_share) / rated
        running = np.maximum(load, self.minimum_load_share)
        duty = load / running
        at = np.interp(running, load_of_current, current)
        made = HEATING_VOLTAGE_V * at * self.faraday_share(at) * (1.0 - self.dryer_share) / rated
        drives = load * self.auxiliary_share / (1.0 + self.auxiliary_share)
        return Hydrogen(duty * made, drives, self.voltage(at, impedance_share))

    def _fresh_voltage(self, current: Floats) -> Floats:
        activation = self.slope_v * np.arcsinh(current / (2.0 * self.exchange_a_per_cm2))
        return np.asarray(self.reversible_v + activation + self.resistance_ohm_cm2 * current)
