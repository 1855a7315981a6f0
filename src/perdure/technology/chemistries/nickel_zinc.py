"""Nickel-zinc, an aqueous zinc battery: estimated cells, prices and lifetime as PNNL read them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from perdure.quantities import Confidence, Sourced
from perdure.technology.ageing import AgeingLaw
from perdure.technology.parts.cell_costs import LFP_2021, LFP_2030, PNNL, estimated, pnnl
from perdure.technology.parts.container_thermal import LIQUID_COOLED, with_set_points
from perdure.technology.parts.equivalent_circuit import CellCurves, EquivalentCircuit
from perdure.technology.parts.plain_ageing import plain_law
from perdure.technology.parts.two_way_converter import TWO_WAY_CONVERTER
from perdure.technology.technology import Level, Technology

DERIVED, ESTIMATE = Confidence.DERIVED, Confidence.ESTIMATE

# Shape of the nickel electrode against zinc and of resistance over its value at half charge: estimates.
CURVES = CellCurves(
    soc=np.array([0.0, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0]),
    voltage_v=np.array([1.50, 1.60, 1.66, 1.70, 1.72, 1.74, 1.77, 1.82]),
    resistance_soc=np.array([0.0, 0.2, 0.8, 1.0]),
    resistance_c=np.array([-20.0, 0.0, 25.0, 45.0]),
    charge_resistance=np.outer([1.0, 1.0, 1.0, 1.2], [3.0, 1.7, 1.0, 0.8]),
    discharge_resistance=np.outer([1.3, 1.0, 1.0, 1.0], [3.0, 1.7, 1.0, 0.8]),
)

_EES = "pouch cell of 3.5 Ah, EES 2020"

FIGURES: dict[str, Sourced] = {
    "open_circuit_half_v": Sourced(1.72, "V", "estimate", ESTIMATE, 1.65, 1.75),
    "hysteresis_v": Sourced(0.045, "V", "estimate: the nickel electrode's loop", ESTIMATE, 0.03, 0.06),
    "resistance_ohm_ah": Sourced(0.06, "Ω Ah", "estimate", ESTIMATE, 0.02, 0.15),
    "resistance_cold_activation_j_per_mol": Sourced(25e3, "J/mol", "estimate", ESTIMATE, 15e3, 40e3),
    "entropy_v_per_k": Sourced(-0.0005, "V/K", "estimate", ESTIMATE, -0.0010, 0.0),
    "side_reaction_share": Sourced(0.05, "share", "estimate: oxygen and hydrogen on charge", ESTIMATE, 0.01, 0.12),
    "self_discharge_per_month": Sourced(0.15, "1/month", "estimate", ESTIMATE, 0.05, 0.4),
    "self_discharge_activation_j_per_mol": Sourced(40e3, "J/mol", "estimate", ESTIMATE, 20e3, 60e3),
    "self_discharge_soc_slope": Sourced(1.0, "", "estimate", ESTIMATE, 0.0, 2.0),
    "charge_rate_limit_per_h": Sourced(0.65, "1/h", "estimate", ESTIMATE, 0.3, 1.0),
    "discharge_rate_limit_per_h": Sourced(0.75, "1/h", "estimate; built for far more", ESTIMATE, 0.5, 5.0),
    "charge_voltage_limit_v": Sourced(1.93, "V", "estimate", ESTIMATE, 1.90, 2.1),
    "discharge_voltage_limit_v": Sourced(1.2, "V", "estimate", ESTIMATE, 1.0, 1.4),
    "cold_charge_off_c": Sourced(-10.0, "°C", "estimate", ESTIMATE, -20.0, 5.0),
    "cold_charge_full_c": Sourced(10.0, "°C", "estimate", ESTIMATE, 0.0, 20.0),
    "cold_discharge_off_c": Sourced(-25.0, "°C", "estimate", ESTIMATE, -35.0, -10.0),
    "cold_discharge_full_c": Sourced(-5.0, "°C", "estimate", ESTIMATE, -15.0, 10.0),
    "hot_full_c": Sourced(40.0, "°C", "estimate", ESTIMATE, 35.0, 50.0),
    "hot_off_c": Sourced(55.0, "°C", "estimate", ESTIMATE, 45.0, 65.0),
    "lowest_soc": Sourced(0.10, "share", "estimate", ESTIMATE, 0.0, 0.3),
    "highest_soc": Sourced(0.95, "share", "estimate", ESTIMATE, 0.8, 1.0),
}


LAWS: dict[str, dict[str, Sourced]] = {
    "estimate": {
        "calendar_loss_share": Sourced(
            0.15, "share", "estimate; PNNL 2022: life of 15 years", ESTIMATE, 0.08, 0.3
        ),
        "cycle_life": Sourced(1000.0, "cycles", "estimate: zinc changes its shape", ESTIMATE, 300.0, 4000.0),
        "exponent": Sourced(1.0, "", "estimate", ESTIMATE, 0.7, 1.3),
        "depth_exponent": Sourced(0.8, "", "estimate", ESTIMATE, 0.3, 1.5),
        "activation_j_per_mol": Sourced(40e3, "J/mol", "estimate", ESTIMATE, 20e3, 60e3),
        "resistance_growth": Sourced(0.6, "", "estimate", ESTIMATE, 0.2, 1.5),
    },
}  # fmt: skip


def _law(figures: dict[str, Sourced]) -> AgeingLaw:
    return plain_law(
        "estimate", {"en": "Declared estimate", "zh": "明示估计"}, figures, (10.0, 40.0), (0.0, 0.65),
        remarks=("Cycle life at full depth is the weakest figure: vary it over its whole range.",),
        scatter=Sourced(0.6, "", "estimate", ESTIMATE, 0.4, 0.9),
    )  # fmt: skip


LEVELS = (
    Level("cell", {"en": "Cell", "zh": "电芯"}, Sourced(100.0, "Ah", "estimate", ESTIMATE, 40.0, 200.0)),
    Level("module", {"en": "Module", "zh": "模组"}, Sourced(30.0, "", "estimate", ESTIMATE, 8.0, 40.0)),
    Level("cabinet", {"en": "Cabinet", "zh": "电池柜"}, Sourced(12.0, "", "estimate", ESTIMATE, 6.0, 20.0)),
)
INVENTORY = {
    "mass_kg": Sourced(18.0, "kg/kWh", f"estimate; {_EES}: 165 Wh/kg", ESTIMATE, 9.0, 25.0),
    "floor_m2": Sourced(0.012, "m²/kWh", "estimate", ESTIMATE, 0.006, 0.03),
}
_PAGE = "p. 59; power and construction as for LFP"
_LATER = Sourced(0.8, "share", f"{PNNL}, 158 over 197 USD/kWh", DERIVED, 0.6, 1.0, 2021)
COSTS = {
    "china_2025": estimated(
        "CNY", {"en": "China 2025 (estimate)", "zh": "中国 2025 年（估计）"}, 2025,
        (1200.0, 800.0, 1700.0), "estimate: PNNL 2022 at 7.2 CNY/USD, cheaper made", replacement=(0.8, 0.5, 1.0),
        residual=0.05,
    ),
    "pnnl_us_2021": pnnl(
        {"en": "United States 2021 (PNNL)", "zh": "美国 2021 年（PNNL）"},
        LFP_2021 | {"block": 197.0, "balance": 30.0, "upkeep": 0.8471, "scrap": 0.0}, _PAGE, _LATER,
    ),
    "pnnl_us_2030": pnnl(
        {"en": "United States 2030 (PNNL)", "zh": "美国 2030 年（PNNL）"},
        LFP_2030 | {"block": 158.0, "balance": 27.0, "integration": 31.67, "construction": 38.03, "development": 45.64,
                    "upkeep": 0.6794}, _PAGE,
        Sourced(0.9, "share", "estimate", ESTIMATE, 0.7, 1.0, 2030),
    ),
}  # fmt: skip


def build(figures: dict[str, Sourced], laws: dict[str, dict[str, Sourced]]) -> Technology:
    """The technology from its figures; beside them stand only the estimated curves on top."""
    heat = Sourced(0.005, "kWh/K per kWh", "estimate: 18 kg/kWh at 1000 J/kgK", ESTIMATE, 0.003, 0.008)
    return Technology(
        name="nickel_zinc",
        title={"en": "Nickel-zinc (declared estimate)", "zh": "镍锌电池（明示估计）"},
        summary={
            "en": "Declared estimate: nickel against zinc in alkaline water. Does not burn, gives high power, can be "
            "recycled; loses charge at rest, and deep cycles wear the zinc. Prices as PNNL read them.",
            "zh": "明示估计:碱性水系镍锌电池。不燃、功率高、可回收;静置自放电,深循环损耗锌电极。价格据 PNNL。",
        },
        physics=EquivalentCircuit(figures, CURVES),
        ageing={"estimate": _law(laws["estimate"])},
        thermal=replace(with_set_points(LIQUID_COOLED, 10.0, 35.0), heat_capacity_kwh_per_k=heat),
        converter=TWO_WAY_CONVERTER,
        costs=COSTS,
        figures=figures,
        power_range_per_h=(0.1, 0.5),
        temperature_range_c=(-25.0, 55.0),
        end_of_life_capacity_share=0.7,
        measured_on="nothing; losses are set near PNNL's 0.80 round trip, prices and lifetime are PNNL's",
        sensitive_to="power, state of charge, temperature; ageing to time, temperature and depth",
        not_valid_for="zinc-bromine and zinc-air, backup at many times C, any product without its datasheet",
        remarks=(
            "Every physical figure of this technology is a declared estimate: read results as a range.",
            "PNNL's round trips are 0.71 to 0.88; its prices are of a 24 h plant, and a shorter one may cost more.",
        ),
        levels=LEVELS,
        inventory=INVENTORY,
    )


ENTRY = build(FIGURES, LAWS)
