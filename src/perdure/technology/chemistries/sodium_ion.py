"""Sodium-ion with hard carbon: a published voltage curve, resistance and ageing by declared estimate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from perdure.quantities import Confidence, Sourced
from perdure.technology.ageing import AgeingLaw
from perdure.technology.parts.cell_costs import estimated
from perdure.technology.parts.container_thermal import LIQUID_COOLED, with_set_points
from perdure.technology.parts.equivalent_circuit import CellCurves, EquivalentCircuit
from perdure.technology.parts.lithium_ageing import (
    NAUMANN_CAPACITY,
    NAUMANN_RESISTANCE,
    naumann_capacity,
    naumann_resistance,
)
from perdure.technology.parts.plain_ageing import plain_law
from perdure.technology.parts.two_way_converter import TWO_WAY_CONVERTER
from perdure.technology.technology import Level, Technology

PUBLISHED, DERIVED, ESTIMATE = Confidence.PUBLISHED, Confidence.DERIVED, Confidence.ESTIMATE
UNVERIFIED, CLAIM = Confidence.UNVERIFIED, Confidence.CLAIM

# Hard carbon against NVPF: the two electrode curves of Chayambuka 2022 (PyBaMM, BSD-3) put together at their published
# balance, from the published charged state to the end of the hard carbon's curve; thinned to within 8 mV.
# Resistance over its value at half charge, by estimate: higher when nearly empty, tripling down to -20 °C.
CURVES = CellCurves(
    soc=np.array([0.0, 0.0002, 0.0095, 0.0368, 0.0640, 0.0958, 0.1362, 0.1815, 0.2490, 0.3435, 0.4335, 0.4822, 0.4925,
                  0.4992, 0.5042, 0.5130, 0.5340, 0.5793, 0.6175, 0.9965, 1.0]),
    voltage_v=np.array([2.309, 2.408, 2.556, 2.673, 2.815, 2.949, 3.099, 3.222, 3.363, 3.517, 3.587, 3.598, 3.630,
                        3.714, 3.850, 3.958, 4.025, 4.063, 4.073, 4.134, 4.144]),
    resistance_soc=np.array([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]),
    resistance_c=np.array([-20.0, 0.0, 25.0, 45.0]),
    charge_resistance=np.outer([1.2, 1.1, 1.05, 1.0, 1.0, 1.1], [3.0, 1.7, 1.0, 0.75]),
    discharge_resistance=np.outer([1.8, 1.4, 1.1, 1.0, 1.0, 1.0], [3.0, 1.7, 1.0, 0.75]),
)  # fmt: skip

_CHAYAMBUKA = "Chayambuka et al., doi 10.1016/j.electacta.2021.139764, as in PyBaMM"
_VENDORS = "vendors' statements, recalled"

FIGURES: dict[str, Sourced] = {
    "open_circuit_half_v": Sourced(
        3.736, "V", f"{_CHAYAMBUKA}, at 50 %; shifts the whole curve", DERIVED, 2.9, 3.75,
        note="cells with layered oxide have about 3 V",
    ),
    "hysteresis_v": Sourced(0.035, "V", "estimate", ESTIMATE, 0.010, 0.060),
    "resistance_ohm_ah": Sourced(0.16, "Ω Ah", "estimate: system losses of press reports", ESTIMATE, 0.08, 0.30),
    "resistance_cold_activation_j_per_mol": Sourced(30e3, "J/mol", "estimate", ESTIMATE, 20e3, 45e3),
    "self_discharge_per_month": Sourced(0.03, "1/month", "estimate", ESTIMATE, 0.01, 0.06),
    "self_discharge_activation_j_per_mol": Sourced(45e3, "J/mol", "estimate", ESTIMATE, 25e3, 65e3),
    "charge_rate_limit_per_h": Sourced(0.7, "1/h", "estimate; press: 12 min to 90 %", ESTIMATE, 0.5, 4.0),
    "discharge_rate_limit_per_h": Sourced(0.8, "1/h", "estimate", ESTIMATE, 0.5, 3.0),
    "charge_voltage_limit_v": Sourced(4.3, "V", f"{_CHAYAMBUKA}: 4.2 V", ESTIMATE, 4.2, 4.4),
    "discharge_voltage_limit_v": Sourced(2.0, "V", _CHAYAMBUKA, PUBLISHED, 1.5, 2.2),
    "cold_charge_off_c": Sourced(-25.0, "°C", f"estimate; {_VENDORS}: to -20 °C", ESTIMATE, -30.0, -10.0),
    "cold_charge_full_c": Sourced(10.0, "°C", "estimate", ESTIMATE, -10.0, 15.0),
    "cold_discharge_off_c": Sourced(-40.0, "°C", _VENDORS, UNVERIFIED, -40.0, -20.0),
    "cold_discharge_full_c": Sourced(-20.0, "°C", "estimate", ESTIMATE, -25.0, 0.0),
    "hot_full_c": Sourced(50.0, "°C", "estimate", ESTIMATE, 45.0, 55.0),
    "hot_off_c": Sourced(60.0, "°C", "estimate", ESTIMATE, 55.0, 65.0),
    "lowest_soc": Sourced(0.05, "share", "estimate", ESTIMATE, 0.0, 0.1),
    "highest_soc": Sourced(0.98, "share", "estimate", ESTIMATE, 0.95, 1.0),
}  # fmt: skip


LAWS: dict[str, dict[str, Sourced]] = {
    "placeholder": {
        **NAUMANN_CAPACITY,
        **NAUMANN_RESISTANCE,
        "calendar_times": Sourced(1.3, "", "estimate", ESTIMATE, 0.7, 2.5),
        "cycle_times": Sourced(1.2, "", "estimate", ESTIMATE, 0.6, 2.5),
    },
    "vendor_claim": {
        "calendar_loss_share": Sourced(0.10, "share", "estimate", ESTIMATE, 0.05, 0.2),
        "cycle_life": Sourced(6000.0, "cycles", f"{_VENDORS}: 4,000 to 10,000", CLAIM, 4000.0, 10000.0),
        "exponent": Sourced(0.7, "", "estimate", ESTIMATE, 0.5, 1.0),
        "depth_exponent": Sourced(0.2, "", "estimate", ESTIMATE, 0.0, 0.5),
        "activation_j_per_mol": Sourced(40e3, "J/mol", "estimate", ESTIMATE, 20e3, 60e3),
        "resistance_growth": Sourced(0.4, "", "estimate", ESTIMATE, 0.2, 0.8),
    },
}


def _placeholder(figures: dict[str, Sourced]) -> AgeingLaw:
    """Naumann's law of lithium iron phosphate, its capacity fade taken some times over."""
    calendar, cycling = naumann_capacity(figures)
    times = {"calendar": figures["calendar_times"].value, "cycling": figures["cycle_times"].value}
    wears = tuple(replace(one, pace=times[one.name] ** (1.0 / one.exponent)) for one in (calendar, cycling))
    return AgeingLaw(
        "placeholder", {"en": "Placeholder (declared estimate)", "zh": "占位模型(明示估计)"},
        wears + naumann_resistance(figures), figures,
        temperature_range_c=(10.0, 45.0), rate_range_per_h=(0.0, 1.0),
        scatter=Sourced(0.5, "", "estimate", ESTIMATE, 0.3, 0.7),
        remarks=("No open law of sodium-ion ageing was found: this is iron phosphate's, made faster by estimate.",),
    )  # fmt: skip


def _laws(figures: dict[str, dict[str, Sourced]]) -> dict[str, AgeingLaw]:
    claim = plain_law(
        "vendor_claim", {"en": "Vendors' claim", "zh": "厂商宣称"}, figures["vendor_claim"], (15.0, 45.0), (0.0, 1.0),
        remarks=("Cycle life as vendors state it, time and warmth by estimate.",),
    )  # fmt: skip
    return {"placeholder": _placeholder(figures["placeholder"]), "vendor_claim": claim}


_READ = "Datang Hubei plant of HiNa cells, press 2024"
LEVELS = (
    Level("cell", {"en": "Prismatic cell", "zh": "方形电芯"}, Sourced(185.0, "Ah", _READ, CLAIM, 160.0, 240.0)),
    Level("cluster", {"en": "Rack", "zh": "电池簇"}, Sourced(384.0, "", "estimate", ESTIMATE, 250.0, 420.0)),
    Level("container", {"en": "Container", "zh": "集装箱"}, Sourced(11.0, "", "estimate", ESTIMATE, 8.0, 14.0)),
)
INVENTORY = {
    "mass_kg": Sourced(13.0, "kg/kWh", "estimate: cells of 100 to 160 Wh/kg", ESTIMATE, 10.0, 17.0),
    "floor_m2": Sourced(0.0065, "m²/kWh", "estimate: footprint of containers", ESTIMATE, 0.005, 0.02),
}
COSTS = {
    "china_2025": estimated(
        "CNY", {"en": "China 2025 (estimate)", "zh": "中国 2025 年（估计）"}, 2025,
        (600.0, 450.0, 800.0), "estimate: systems at 0.6 to 0.9 CNY/Wh", replacement=(0.55, 0.4, 1.0),
    ),
    "china_2030": estimated(
        "CNY", {"en": "China 2030 (estimate)", "zh": "中国 2030 年（估计）"}, 2030,
        (300.0, 220.0, 450.0), "estimate; press: 20 to 30 % below LFP when scaled", replacement=(0.8, 0.6, 1.0),
    ),
    "us_2030": estimated(
        "USD", {"en": "United States 2030 (estimate)", "zh": "美国 2030 年（估计）"}, 2030,
        (105.0, 75.0, 160.0), "estimate: about PNNL 2022 for LFP in 2030", replacement=(0.8, 0.6, 1.0),
    ),
}  # fmt: skip


def build(figures: dict[str, Sourced], laws: dict[str, dict[str, Sourced]]) -> Technology:
    """The technology from its figures; beside them stand only the curves on top."""
    return Technology(
        name="sodium_ion",
        title={"en": "Sodium-ion", "zh": "钠离子电池"},
        summary={
            "en": "Containers of sodium-ion cells with hard carbon: no lithium, works in the cold; less proven and "
            "less efficient than lithium iron phosphate. Resistance and ageing are declared estimates.",
            "zh": "集装箱式硬碳钠离子电池:不含锂、耐低温;成熟度和效率低于磷酸铁锂。内阻与老化为明示估计。",
        },
        physics=EquivalentCircuit(figures, CURVES),
        ageing=_laws(laws),
        thermal=with_set_points(LIQUID_COOLED, -5.0, 35.0),
        converter=TWO_WAY_CONVERTER,
        costs=COSTS,
        figures=figures,
        power_range_per_h=(0.1, 0.5),
        temperature_range_c=(-40.0, 60.0),
        end_of_life_capacity_share=0.7,
        measured_on="electrode curves of a 3 mAh laboratory cell (hard carbon, NVPF); nothing else is measured",
        sensitive_to="power, state of charge, temperature; ageing to time, temperature, charge level, depth and rate",
        not_valid_for="the voltage window of cells with layered oxide, rates beyond C/2, aqueous sodium cells",
        remarks=(
            "Resistance, self-discharge and ageing are declared estimates with wide ranges.",
            "The voltage curve has a step at half charge that cells with layered oxide do not have.",
            "Press gives 85 % at -20 °C for one plant and above 92 % for another; neither says what is counted.",
        ),
        levels=LEVELS,
        inventory=INVENTORY,
    )


ENTRY = build(FIGURES, LAWS)
