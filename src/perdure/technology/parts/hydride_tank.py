"""A metal-hydride tank: plateau pressure by temperature and filling, reaction heat, what the pressures let through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perdure.technology.parts.electrolyser import LOWER_HEATING_J_PER_MOL
from perdure.timeline import Floats

Flags = NDArray[np.bool_]
GAS = 8.314462618


@dataclass(frozen=True)
class HydrideTank:
    """An alloy by van 't Hoff's law: ln(P / 10 bar) = constant - plateau_k / T, another constant each way."""

    plateau_k: float
    absorbing_constant: float
    desorbing_constant: float
    alloy_pressure_factor: float
    plateau_slope: float
    plateau_reach_share: float
    delivery_bar: float
    inlet_bar: float
    pressure_margin_share: float

    @property
    def bound_share(self) -> float:
        """Reaction heat over the lower heating value: set free on filling, wanted back on emptying."""
        return self.plateau_k * GAS / LOWER_HEATING_J_PER_MOL

    def pressure_bar(self, soc: Floats, temperature_c: Floats, absorbing: Flags) -> Floats:
        """Equilibrium pressure; the plateau rises with filling as the tangent of the read form does."""
        kelvin = np.asarray(temperature_c) + 273.15
        constant = np.where(absorbing, self.absorbing_constant, self.desorbing_constant)
        rise = self.plateau_slope * np.tan(np.pi * self.plateau_reach_share * (np.asarray(soc) - 0.5))
        return np.asarray(10.0 * self.alloy_pressure_factor * np.exp(constant - self.plateau_k / kelvin + rise))

    def discharge_share(self, soc: Floats, temperature_c: Floats) -> Floats:
        """Part of the fuel cell's rating the tank feeds: nothing at its inlet pressure, all a margin above."""
        pressure = self.pressure_bar(soc, temperature_c, np.asarray(False))
        return np.clip((pressure / self.inlet_bar - 1.0) / self.pressure_margin_share, 0.0, 1.0)

    def charge_share(self, soc: Floats, temperature_c: Floats) -> Floats:
        """Part of the electrolyser's rating the tank takes: nothing at delivery pressure, all a margin below."""
        pressure = self.pressure_bar(soc, temperature_c, np.asarray(True))
        return np.clip((self.delivery_bar / pressure - 1.0) / self.pressure_margin_share, 0.0, 1.0)
