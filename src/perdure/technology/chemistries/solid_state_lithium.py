"""Solid-state lithium: a declared estimate of cells with a lithium metal anode and a solid electrolyte."""

from __future__ import annotations

import numpy as np

from perdure.quantities import Confidence, Sourced
from perdure.technology.ageing import AgeingLaw
from perdure.technology.parts.cell_costs import estimated
from perdure.technology.parts.container_thermal import LIQUID_COOLED, with_set_points
from perdure.technology.parts.equivalent_circuit import CellCurves, EquivalentCircuit
from perdure.technology.parts.plain_ageing import plain_law
from perdure.technology.parts.two_way_converter import TWO_WAY_CONVERTER
from perdure.technology.technology import Level, Technology

ESTIMATE = Confidence.ESTIMATE

# Shape of a layered oxide's voltage against lithium metal, and of resistance over its value at half charge: estimates.
CURVES = CellCurves(
    soc=np.array([0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]),
    voltage_v=np.array([3.10, 3.35, 3.45, 3.52, 3.60, 3.66, 3.71, 3.76, 3.84, 3.93, 4.03, 4.13, 4.25]),
    resistance_soc=np.array([0.0, 0.1, 0.5, 1.0]),
    resistance_c=np.array([0.0, 10.0, 25.0, 40.0, 60.0]),
    charge_resistance=np.outer([1.3, 1.1, 1.0, 1.1], [3.6, 2.2, 1.0, 0.52, 0.25]),
    discharge_resistance=np.outer([1.5, 1.2, 1.0, 1.0], [3.6, 2.2, 1.0, 0.52, 0.25]),
)

_CELL = "estimate: layered oxide against lithium"

FIGURES: dict[str, Sourced] = {
    "open_circuit_half_v": Sourced(3.76, "V", _CELL, ESTIMATE, 3.3, 3.9),
    "hysteresis_v": Sourced(0.020, "V", "estimate", ESTIMATE, 0.005, 0.050),
    "resistance_ohm_ah": Sourced(0.20, "Ω Ah", "estimate: a solid electrolyte conducts less", ESTIMATE, 0.08, 0.50),
    "resistance_cold_activation_j_per_mol": Sourced(35e3, "J/mol", "estimate", ESTIMATE, 25e3, 60e3),
    "self_discharge_per_month": Sourced(0.01, "1/month", "estimate", ESTIMATE, 0.002, 0.03),
    "charge_rate_limit_per_h": Sourced(0.65, "1/h", "estimate: lithium metal plates slowly", ESTIMATE, 0.2, 3.0),
    "discharge_rate_limit_per_h": Sourced(0.8, "1/h", "estimate", ESTIMATE, 0.3, 3.0),
    "charge_voltage_limit_v": Sourced(4.4, "V", "estimate", ESTIMATE, 4.2, 4.5),
    "discharge_voltage_limit_v": Sourced(2.6, "V", "estimate", ESTIMATE, 2.5, 3.0),
    "cold_charge_off_c": Sourced(0.0, "°C", "estimate", ESTIMATE, -20.0, 10.0),
    "cold_charge_full_c": Sourced(20.0, "°C", "estimate", ESTIMATE, 0.0, 45.0),
    "cold_discharge_off_c": Sourced(-20.0, "°C", "estimate", ESTIMATE, -40.0, 0.0),
    "cold_discharge_full_c": Sourced(15.0, "°C", "estimate", ESTIMATE, -10.0, 40.0),
    "hot_full_c": Sourced(60.0, "°C", "estimate", ESTIMATE, 50.0, 80.0),
    "hot_off_c": Sourced(70.0, "°C", "estimate", ESTIMATE, 60.0, 100.0),
    "lowest_soc": Sourced(0.05, "share", "estimate", ESTIMATE, 0.0, 0.1),
    "highest_soc": Sourced(0.98, "share", "estimate", ESTIMATE, 0.9, 1.0),
}


LAWS: dict[str, dict[str, Sourced]] = {
    "estimate": {
        "calendar_loss_share": Sourced(0.10, "share", "estimate", ESTIMATE, 0.03, 0.25),
        "cycle_life": Sourced(2000.0, "cycles", "estimate: goals of developers are higher", ESTIMATE, 500.0, 6000.0),
        "exponent": Sourced(0.8, "", "estimate", ESTIMATE, 0.5, 1.2),
        "depth_exponent": Sourced(0.3, "", "estimate", ESTIMATE, 0.0, 0.8),
        "activation_j_per_mol": Sourced(40e3, "J/mol", "estimate", ESTIMATE, 15e3, 70e3),
        "resistance_growth": Sourced(0.6, "", "estimate", ESTIMATE, 0.2, 1.5),
    },
}


def _law(figures: dict[str, Sourced]) -> AgeingLaw:
    return plain_law(
        "estimate", {"en": "Declared estimate", "zh": "明示估计"}, figures, (15.0, 60.0), (0.0, 0.65),
        remarks=("No test stands behind this life: vary it over its whole range.",),
        scatter=Sourced(0.7, "", "estimate", ESTIMATE, 0.4, 1.0),
    )  # fmt: skip


LEVELS = (
    Level("cell", {"en": "Pouch cell", "zh": "软包电芯"}, Sourced(60.0, "Ah", "estimate", ESTIMATE, 20.0, 150.0)),
    Level("cluster", {"en": "Rack", "zh": "电池簇"}, Sourced(360.0, "", "estimate", ESTIMATE, 200.0, 420.0)),
    Level("container", {"en": "Container", "zh": "集装箱"}, Sourced(24.0, "", "estimate", ESTIMATE, 10.0, 50.0)),
)
INVENTORY = {
    "mass_kg": Sourced(7.0, "kg/kWh", "estimate: system of cells near 300 Wh/kg", ESTIMATE, 5.0, 10.0),
    "floor_m2": Sourced(0.004, "m²/kWh", "estimate: footprint of containers", ESTIMATE, 0.003, 0.01),
}
COSTS = {
    "china_2025": estimated(
        "CNY", {"en": "China 2025 (declared estimate)", "zh": "中国 2025 年（明示估计）"}, 2025,
        (1500.0, 800.0, 4000.0), "estimate: no system is for sale", replacement=(0.5, 0.2, 1.0),
    ),
    "us_2030": estimated(
        "USD", {"en": "United States 2030 (declared estimate)", "zh": "美国 2030 年（明示估计）"}, 2030,
        (200.0, 100.0, 500.0), "estimate: no system is for sale", replacement=(0.7, 0.3, 1.0),
    ),
}  # fmt: skip


def build(figures: dict[str, Sourced], laws: dict[str, dict[str, Sourced]]) -> Technology:
    """The technology from its figures; beside them stand only the estimated curves on top."""
    return Technology(
        name="solid_state_lithium",
        title={"en": "Solid-state lithium (declared estimate)", "zh": "固态锂电池（明示估计）"},
        summary={
            "en": "Declared estimate: cells with a lithium metal anode and a solid electrolyte. Dense, likely safer, "
            "at ease when warm; resistance in the cold, life and price are open.",
            "zh": "明示估计:锂金属负极加固态电解质电池。能量密度高、可能更安全、耐热;低温内阻、寿命和价格均未定。",
        },
        physics=EquivalentCircuit(figures, CURVES),
        ageing={"estimate": _law(laws["estimate"])},
        thermal=with_set_points(LIQUID_COOLED, 20.0, 45.0),
        converter=TWO_WAY_CONVERTER,
        costs=COSTS,
        figures=figures,
        power_range_per_h=(0.1, 0.5),
        temperature_range_c=(-20.0, 65.0),
        end_of_life_capacity_share=0.7,
        measured_on="nothing: every figure is a declared estimate",
        sensitive_to="power, state of charge, temperature; ageing to time, temperature and depth",
        not_valid_for="any product: use a maker's datasheet as soon as there is one",
        remarks=(
            "Every figure of this technology is a declared estimate: read results as a range, never as a value.",
            "Cells with a sulphide, an oxide or a polymer electrolyte differ more from each other than from this.",
        ),
        levels=LEVELS,
        inventory=INVENTORY,
    )


ENTRY = build(FIGURES, LAWS)
