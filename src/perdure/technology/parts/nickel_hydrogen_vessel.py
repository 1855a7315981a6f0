"""What stands around the nickel-hydrogen cell: vessel, rack and container, gas and mass, cooling, storage fade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from perdure.quantities import Confidence, Sourced
from perdure.technology.parts.nickel_hydrogen_cell import GAS, MOL_PER_AH, REFERENCE_K, NickelHydrogenCell
from perdure.technology.technology import Level, SlowState
from perdure.technology.thermal import Thermal
from perdure.timeline import Floats

DERIVED, UNVERIFIED, ESTIMATE = Confidence.DERIVED, Confidence.UNVERIFIED, Confidence.ESTIMATE
HYDROGEN_KG_PER_MOL = 2.01588e-3
NORMAL_M3_PER_MOL = 22.414e-3

CELL_AH = Sourced(220.0, "Ah", "from a vessel of 3 kWh and the number of cells taken here", ESTIMATE, 50.0, 450.0)
CELLS_PER_VESSEL = Sourced(
    10.0, "cells", "estimate: no vendor tells the voltage of a vessel", ESTIMATE, 5.0, 40.0, note="in series"
)
VESSELS_PER_RACK = Sourced(
    50.0, "vessels", "second-generation product recalled: vessels of 3 kWh, racks of 150 kWh", UNVERIFIED, 40.0, 60.0
)
RACKS_PER_CONTAINER = Sourced(
    6.0, "racks", "estimate: vessels of 40 Wh/L fill two thirds of a 20-foot container", ESTIMATE, 4.0, 8.0
)

LEVELS = (
    Level("battery_cell", {"en": "Cell", "zh": "单体"}, CELL_AH),
    Level("vessel", {"en": "Pressure vessel", "zh": "压力容器"}, CELLS_PER_VESSEL),
    Level("rack", {"en": "Rack", "zh": "机架"}, VESSELS_PER_RACK),
    Level("container", {"en": "20-foot container", "zh": "20 英尺集装箱"}, RACKS_PER_CONTAINER),
)

MASS_KG = Sourced(20.0, "kg/kWh", "estimate: 50 Wh/kg, within 40 to 75 published for space cells", ESTIMATE, 13.0, 25.0)
FLOOR_M2 = Sourced(
    0.033, "m²/kWh", "estimate: two footprints of a 20-foot container for each 900 kWh, aisles included", ESTIMATE,
    0.02, 0.06,
)  # fmt: skip


def vessel_kwh(mean_voltage_v: float) -> float:
    """Stored energy of one vessel, kWh, at the cell's mean rest voltage."""
    return CELL_AH.value * CELLS_PER_VESSEL.value * mean_voltage_v / 1000.0


def hydrogen_kg_per_kwh(cell: NickelHydrogenCell, mean_voltage_v: float) -> float:
    """Hydrogen of a full store per kWh of stored energy, precharge included, kg."""
    precharge = cell.precharge_bar * 1e5 * cell.gas_volume_m3_per_ah / (GAS * REFERENCE_K)
    return (MOL_PER_AH + precharge) * HYDROGEN_KG_PER_MOL * 1000.0 / mean_voltage_v


def hydrogen_share_of_air(hydrogen_kg: float, air_m3: float) -> float:
    """Volume share of hydrogen after so much of it has mixed with so much air (0 °C, 1 atm)."""
    gas = hydrogen_kg / HYDROGEN_KG_PER_MOL * NORMAL_M3_PER_MOL
    return gas / (gas + air_m3)


def inventory(cell: NickelHydrogenCell, mean_voltage_v: float) -> dict[str, Sourced]:
    """What stands there per kWh of stored energy; gas and hydrogen follow from the cell's own figures."""
    hydrogen = hydrogen_kg_per_kwh(cell, mean_voltage_v)
    source = "from charge, mean rest voltage and full pressure of the cell"
    gas = cell.gas_volume_m3_per_ah * 1000.0 / mean_voltage_v
    return {
        "mass_kg": MASS_KG,
        "floor_m2": FLOOR_M2,
        "gas_volume_m3": Sourced(gas, "m³/kWh", source, DERIVED, note="free gas inside the vessels"),
        "hydrogen_kg": Sourced(
            hydrogen, "kg/kWh", source, DERIVED, note="full, precharge included; 0.030 per kWh delivered at 1.25 V"
        ),
        "hydrogen_normal_m3": Sourced(
            hydrogen / HYDROGEN_KG_PER_MOL * NORMAL_M3_PER_MOL, "m³/kWh", source, DERIVED, note="at 0 °C and 1 atm"
        ),
    }


THERMAL = Thermal(
    heat_capacity_kwh_per_k=Sourced(
        0.0054, "kWh/K per kWh", "974 J/kgK of a NiMH module (NREL ADVISOR) at 50 Wh/kg", DERIVED, 0.0045, 0.0068
    ),
    conductance_kw_per_k=Sourced(
        0.0010, "kW/K per kWh", "estimate: vessels in a vented container, fans at rest", ESTIMATE, 0.0005, 0.003
    ),
    cool_above_c=Sourced(30.0, "°C", "estimate: fans start; hot vessels lose charge faster", ESTIMATE, 25.0, 40.0),
    cooling_kw=Sourced(0.0, "kW per kWh", "the vendor cools without a chiller", Confidence.CLAIM, 0.0, 0.06),
    cooling_cop=Sourced(3.0, "", "estimate, used only where a chiller is added", ESTIMATE, 2.0, 4.0),
    heat_below_c=Sourced(-10.0, "°C", "estimate", ESTIMATE, -20.0, 0.0),
    heating_kw=Sourced(0.01, "kW per kWh", "estimate: resistive heaters", ESTIMATE, 0.005, 0.02),
    heating_cop=Sourced(1.0, "", "resistive", DERIVED),
    base_load_kw=Sourced(0.0003, "kW per kWh", "estimate: controls, sensors, gas detectors", ESTIMATE, 0.0001, 0.0006),
    fan_conductance_kw_per_k=Sourced(
        0.0030, "kW/K per kWh", "estimate: 2.5 L/s of air per kWh, warmed to the vessels", ESTIMATE, 0.0015, 0.006
    ),
    fan_kw=Sourced(
        0.0012, "kW per kWh", "estimate: that air against 200 Pa at an efficiency of 0.4", ESTIMATE, 0.0005, 0.003
    ),
)
"""A vented container whose fans run above a set point; no chiller."""

THERMAL_WITHOUT_FANS = replace(
    THERMAL,
    fan_conductance_kw_per_k=Sourced(0.0, "kW/K per kWh", "variant: a vented container without fans", ESTIMATE),
    fan_kw=Sourced(0.0, "kW per kWh", "variant: a vented container without fans", ESTIMATE),
)
"""The same container cooled by still air alone; put it in with `dataclasses.replace(technology, thermal=...)`."""

_STORAGE = "estimate from INTELSAT VI cells kept discharged at room temperature (abstract)"
STORAGE_FIGURES: dict[str, Sourced] = {
    "storage_fade_per_day": Sourced(0.002, "1/day", _STORAGE, ESTIMATE, 0.0, 0.004),
    "storage_fade_below_soc": Sourced(0.05, "share", _STORAGE, ESTIMATE, 0.02, 0.1),
    "storage_fade_soc_width": Sourced(0.01, "share", "estimate: how sharply the fade sets in", ESTIMATE, 0.005, 0.02),
    "storage_fade_above_c": Sourced(
        15.0, "°C", "estimate; 7 months at 0 °C did no harm (INTELSAT VI, abstract)", ESTIMATE, 5.0, 20.0
    ),
    "storage_fade_width_c": Sourced(2.0, "K", "estimate: how sharply the fade sets in", ESTIMATE, 1.0, 4.0),
    "storage_fade_largest_share": Sourced(
        0.47, "share", "INTELSAT VI cells kept discharged with hydrogen precharge (abstract)", Confidence.PUBLISHED,
        0.245, 0.47,
    ),
    "storage_recovery_per_h": Sourced(
        0.5, "1/h", "estimate: a top-off charge brings it back within a working day", ESTIMATE, 0.05, 2.0
    ),
    "storage_recovery_above_soc": Sourced(
        0.9, "share", "estimate: where a top-off charge begins", ESTIMATE, 0.85, 0.95
    ),
}  # fmt: skip
"""Figures of the fade that goes with standing empty; they belong to the chemistry's figures."""


@dataclass(frozen=True)
class StorageFade:
    """Capacity that slips to a second plateau below the voltage limit while the nickel electrode stands empty and warm.

    Growth and recovery (1/h) fade in over a width instead of jumping, so that the map can follow them.
    """

    per_day: float
    below_soc: float
    soc_width: float
    above_c: float
    width_c: float
    recovery_rate_per_h: float
    recovery_above_soc: float

    def growth_per_h(self, soc: Floats, temperature_c: Floats, power: Floats) -> Floats:
        """What one hour puts out of reach (any shape)."""
        empty = _rising((self.below_soc - soc) / self.soc_width)
        return np.asarray(self.per_day / 24.0 * empty * _rising((temperature_c - self.above_c) / self.width_c))

    def recovery_per_h(self, soc: Floats, temperature_c: Floats, power: Floats) -> Floats:
        """Share of it that one hour near the top brings back (any shape)."""
        return np.asarray(self.recovery_rate_per_h * _rising((soc - self.recovery_above_soc) / self.soc_width))


def storage_fade(figures: Mapping[str, Sourced]) -> SlowState:
    """The slow state of storage fade; it is missing at the bottom, where energy would come at too low a voltage."""
    value = {name: figures[name].value for name in STORAGE_FIGURES}
    fade = StorageFade(
        value["storage_fade_per_day"], value["storage_fade_below_soc"], value["storage_fade_soc_width"],
        value["storage_fade_above_c"], value["storage_fade_width_c"], value["storage_recovery_per_h"],
        value["storage_recovery_above_soc"],
    )  # fmt: skip
    title = {"en": "Capacity lost while standing empty", "zh": "空态搁置损失的容量"}
    largest = value["storage_fade_largest_share"]
    return SlowState("storage_fade", title, fade.growth_per_h, fade.recovery_per_h, 0.0, largest)  # type: ignore[arg-type]


def _rising(place: Floats) -> Floats:
    """From 0 to 1 around 0, smooth."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * place)))
