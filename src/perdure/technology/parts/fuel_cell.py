"""A PEM fuel cell: cell voltage by current, hydrogen lost in purges, its drives, part-time running at small loads.

Inside: volts and A/cm² of cell area. A load is direct-current power after the drives over the rating when new.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perdure.technology.parts.electrolyser import HEATING_VOLTAGE_V, Hydrogen
from perdure.timeline import Floats

POINTS, LAST_SHARE = 1201, 0.97
"""Points along the current, up to this share of the limiting one."""


@dataclass(frozen=True)
class FuelCell:
    """Parameters of cell and surroundings.

    U = open - slope asinh(i / 2 exchange) - resistance i + bend ln(1 - i / limit)
    """

    open_v: float
    slope_v: float
    exchange_a_per_cm2: float
    resistance_ohm_cm2: float
    bend_v: float
    limit_a_per_cm2: float
    utilisation_share: float
    auxiliary_share: float
    design_a_per_cm2: float
    minimum_load_share: float
    aged_voltage_share: float

    def voltage(self, current: Floats, impedance_share: float = 0.0) -> Floats:
        """Cell voltage; ageing takes in proportion to the current, `aged_voltage_share` of it at design current."""
        design = self._fresh_voltage(np.asarray(self.design_a_per_cm2))
        taken = impedance_share * self.aged_voltage_share * design * current / self.design_a_per_cm2
        return np.asarray(self._fresh_voltage(current) - taken)

    def at_load(self, load: Floats, impedance_share: float) -> Hydrogen:
        """Hydrogen drawn, drives and voltage; below the least load it runs there for part of the time.

        Beyond the peak of power the hydrogen goes on growing with the load: finite, lossy.
        """
        current = np.linspace(0.0, LAST_SHARE * self.limit_a_per_cm2, POINTS)
        design = np.asarray(self.design_a_per_cm2)
        kept = 1.0 - self.auxiliary_share
        rated = float(self._fresh_voltage(design) * design) * kept
        net = self.voltage(current, impedance_share) * current * kept / rated
        peak = int(np.argmax(net)) + 1
        running = np.maximum(load, self.minimum_load_share)
        at = np.interp(running, net[:peak], current[:peak])
        duty = load / running * np.maximum(running / net[peak - 1], 1.0)
        drawn = HEATING_VOLTAGE_V * at / self.utilisation_share / rated
        drives = load * self.auxiliary_share / kept
        return Hydrogen(duty * drawn, drives, self.voltage(at, impedance_share))

    def _fresh_voltage(self, current: Floats) -> Floats:
        activation = self.slope_v * np.arcsinh(current / (2.0 * self.exchange_a_per_cm2))
        starved = self.bend_v * np.log(1.0 - current / self.limit_a_per_cm2)
        return np.asarray(self.open_v - activation - self.resistance_ohm_cm2 * current + starved)
