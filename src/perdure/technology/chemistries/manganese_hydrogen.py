"""Manganese-hydrogen: a declared estimate of an aqueous cell with a manganese cathode and a hydrogen gas anode."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from perdure.quantities import Confidence, Sourced
from perdure.technology.ageing import AgeingLaw
from perdure.technology.parts.cell_costs import estimated
from perdure.technology.parts.container_thermal import LIQUID_COOLED, with_set_points
from perdure.technology.parts.equivalent_circuit import CellCurves, EquivalentCircuit
from perdure.technology.parts.plain_ageing import plain_law
from perdure.technology.parts.two_way_converter import TWO_WAY_CONVERTER
from perdure.technology.technology import Level, Technology

DERIVED, ESTIMATE = Confidence.DERIVED, Confidence.ESTIMATE

# Flat voltage of manganese against hydrogen, and resistance over its value at half charge: estimates.
CURVES = CellCurves(
    soc=np.array([0.0, 0.05, 0.15, 0.5, 0.85, 0.95, 1.0]),
    voltage_v=np.array([1.22, 1.31, 1.35, 1.38, 1.41, 1.43, 1.46]),
    resistance_soc=np.array([0.0, 0.2, 0.8, 1.0]),
    resistance_c=np.array([0.0, 25.0, 45.0]),
    charge_resistance=np.outer([1.0, 1.0, 1.0, 1.2], [1.7, 1.0, 0.75]),
    discharge_resistance=np.outer([1.3, 1.0, 1.0, 1.0], [1.7, 1.0, 0.75]),
)

_NATURE = "Nature Energy 3 (2018) 428, abstract"

FIGURES: dict[str, Sourced] = {
    "open_circuit_half_v": Sourced(1.38, "V", f"estimate; {_NATURE}: 1.3 V discharging", ESTIMATE, 1.25, 1.45),
    "hysteresis_v": Sourced(0.060, "V", "estimate: manganese plates at another voltage", ESTIMATE, 0.02, 0.15),
    "resistance_ohm_ah": Sourced(0.12, "Ω Ah", "estimate", ESTIMATE, 0.04, 0.30),
    "resistance_cold_activation_j_per_mol": Sourced(20e3, "J/mol", "estimate", ESTIMATE, 10e3, 35e3),
    "entropy_v_per_k": Sourced(-0.0005, "V/K", "estimate", ESTIMATE, -0.0010, 0.0003),
    "side_reaction_share": Sourced(0.03, "share", "estimate: oxygen made on charge", ESTIMATE, 0.0, 0.10),
    "self_discharge_per_month": Sourced(0.30, "1/month", "estimate: about a percent a day", ESTIMATE, 0.05, 1.0),
    "self_discharge_activation_j_per_mol": Sourced(40e3, "J/mol", "estimate", ESTIMATE, 20e3, 60e3),
    "self_discharge_soc_slope": Sourced(1.0, "", "estimate: rises with hydrogen pressure", ESTIMATE, 0.0, 2.0),
    "charge_rate_limit_per_h": Sourced(0.65, "1/h", "estimate", ESTIMATE, 0.2, 4.0),
    "discharge_rate_limit_per_h": Sourced(0.75, "1/h", "estimate", ESTIMATE, 0.2, 4.0),
    "charge_voltage_limit_v": Sourced(1.70, "V", "estimate", ESTIMATE, 1.55, 1.80),
    "discharge_voltage_limit_v": Sourced(0.90, "V", "estimate", ESTIMATE, 0.8, 1.1),
    "cold_charge_off_c": Sourced(-10.0, "°C", "estimate", ESTIMATE, -20.0, 5.0),
    "cold_charge_full_c": Sourced(10.0, "°C", "estimate", ESTIMATE, 0.0, 20.0),
    "cold_discharge_off_c": Sourced(-15.0, "°C", "estimate", ESTIMATE, -25.0, 5.0),
    "cold_discharge_full_c": Sourced(5.0, "°C", "estimate", ESTIMATE, -5.0, 20.0),
    "hot_full_c": Sourced(40.0, "°C", "estimate", ESTIMATE, 35.0, 50.0),
    "hot_off_c": Sourced(55.0, "°C", "estimate", ESTIMATE, 45.0, 65.0),
    "lowest_soc": Sourced(0.05, "share", "estimate", ESTIMATE, 0.0, 0.1),
    "highest_soc": Sourced(0.95, "share", "estimate", ESTIMATE, 0.8, 1.0),
}


LAWS: dict[str, dict[str, Sourced]] = {
    "estimate": {
        "calendar_loss_share": Sourced(0.10, "share", "estimate", ESTIMATE, 0.02, 0.25),
        "cycle_life": Sourced(
            5000.0, "cycles", f"estimate; {_NATURE}: above 10,000 in the laboratory", ESTIMATE, 1000.0, 15000.0
        ),
        "exponent": Sourced(1.0, "", "estimate", ESTIMATE, 0.7, 1.3),
        "depth_exponent": Sourced(0.2, "", "estimate", ESTIMATE, 0.0, 0.8),
        "activation_j_per_mol": Sourced(30e3, "J/mol", "estimate", ESTIMATE, 15e3, 50e3),
        "resistance_growth": Sourced(0.5, "", "estimate", ESTIMATE, 0.2, 1.5),
    },
}


def _law(figures: dict[str, Sourced]) -> AgeingLaw:
    return plain_law(
        "estimate", {"en": "Declared estimate", "zh": "明示估计"}, figures, (10.0, 40.0), (0.0, 0.65),
        remarks=("No test of a whole store stands behind this life: vary it over its whole range.",),
        scatter=Sourced(0.7, "", "estimate", ESTIMATE, 0.4, 1.0),
    )  # fmt: skip


LEVELS = (
    Level("gas_vessel", {"en": "Vessel", "zh": "压力容器"}, Sourced(1.0, "kWh", "estimate", ESTIMATE, 0.2, 3.0)),
    Level("rack", {"en": "Rack", "zh": "机架"}, Sourced(50.0, "", "estimate", ESTIMATE, 20.0, 150.0)),
    Level("container", {"en": "Container", "zh": "集装箱"}, Sourced(10.0, "", "estimate", ESTIMATE, 5.0, 20.0)),
)
_FARADAY = "Faraday's law at 1.38 V"
INVENTORY = {
    "mass_kg": Sourced(30.0, "kg/kWh", f"estimate; {_NATURE}: 139 Wh/kg of actives", ESTIMATE, 15.0, 60.0),
    "hydrogen_kg": Sourced(0.0272, "kg/kWh", _FARADAY, DERIVED, 0.026, 0.030),
    "floor_m2": Sourced(0.02, "m²/kWh", "estimate", ESTIMATE, 0.008, 0.05),
}
COSTS = {
    "china_2025": estimated(
        "CNY", {"en": "China 2025 (declared estimate)", "zh": "中国 2025 年（明示估计）"}, 2025,
        (1500.0, 700.0, 4000.0), "estimate: no system is for sale", replacement=(0.5, 0.2, 1.0), residual=0.05,
    ),
    "us_2030": estimated(
        "USD", {"en": "United States 2030 (declared estimate)", "zh": "美国 2030 年（明示估计）"}, 2030,
        (150.0, 80.0, 400.0), "estimate: no system is for sale", replacement=(0.7, 0.3, 1.0), residual=0.05,
    ),
}  # fmt: skip


def build(figures: dict[str, Sourced], laws: dict[str, dict[str, Sourced]]) -> Technology:
    """The technology from its figures; beside them stand only the estimated curves on top."""
    heat = Sourced(0.009, "kWh/K per kWh", "estimate: 30 kg/kWh, half of it water", ESTIMATE, 0.005, 0.018)
    return Technology(
        name="manganese_hydrogen",
        title={"en": "Manganese-hydrogen (declared estimate)", "zh": "锰氢（气）电池（明示估计）"},
        summary={
            "en": "Declared estimate: manganese plated from an acid solution against hydrogen gas. Cheap materials and "
            "many cycles in the laboratory; no store of any size has been shown.",
            "zh": "明示估计:酸性溶液中锰的沉积/溶解配氢气电极。材料便宜,实验室循环次数多;尚无任何规模的储能装置。",
        },
        physics=EquivalentCircuit(figures, CURVES),
        ageing={"estimate": _law(laws["estimate"])},
        thermal=replace(with_set_points(LIQUID_COOLED, 10.0, 35.0), heat_capacity_kwh_per_k=heat),
        converter=TWO_WAY_CONVERTER,
        costs=COSTS,
        figures=figures,
        power_range_per_h=(0.1, 0.5),
        temperature_range_c=(-15.0, 55.0),
        end_of_life_capacity_share=0.7,
        measured_on="nothing; the abstract of one laboratory cell guides voltage and cycle life",
        sensitive_to="power, state of charge, temperature; ageing to time, temperature and depth",
        not_valid_for="any product: use a maker's datasheet as soon as there is one",
        remarks=(
            "Every figure of this technology is a declared estimate: read results as a range, never as a value.",
            "Hydrogen pressure is not followed: the gas may stand in the vessel or in a tank of its own.",
        ),
        levels=LEVELS,
        inventory=INVENTORY,
    )


ENTRY = build(FIGURES, LAWS)
