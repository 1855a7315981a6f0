"""Lithium iron phosphate, liquid-cooled: a measured cell scaled to utility size, two published ageing laws."""

from __future__ import annotations

import numpy as np

from perdure.quantities import Confidence, Sourced
from perdure.technology.ageing import AgeingLaw, Wear
from perdure.technology.parts.cell_costs import LFP_2021, LFP_2030, atb, pnnl, price_set
from perdure.technology.parts.container_thermal import LIQUID_COOLED
from perdure.technology.parts.equivalent_circuit import CellCurves, EquivalentCircuit
from perdure.technology.parts.lithium_ageing import (
    NAUMANN_CAPACITY,
    NAUMANN_RESISTANCE,
    anode_voltage,
    naumann_capacity,
    naumann_resistance,
)
from perdure.technology.parts.two_way_converter import TWO_WAY_CONVERTER
from perdure.technology.technology import Level, Technology
from perdure.timeline import Floats

PUBLISHED, DERIVED, ESTIMATE = Confidence.PUBLISHED, Confidence.DERIVED, Confidence.ESTIMATE

# Open-circuit voltage of the Sony US26650 cell, 201 points in SimSES 1.3.12 (BSD-3) thinned to within 1.4 mV.
_OCV_SOC = np.array([0.0, 0.0049, 0.0099, 0.0149, 0.0199, 0.0249, 0.0299, 0.0349, 0.0399, 0.0449, 0.0549, 0.0699,
                     0.0849, 0.0949, 0.0999, 0.1049, 0.1149, 0.1699, 0.2199, 0.2699, 0.3399, 0.4249, 0.46, 0.645,
                     0.72, 0.785, 0.825, 0.845, 0.955, 0.98, 0.985, 0.99, 0.995, 1.0])  # fmt: skip
_OCV_V = np.array([2.0, 2.631, 2.749, 2.8197, 2.8721, 2.9138, 2.9485, 2.9785, 3.0049, 3.0284, 3.0693, 3.1189,
                   3.1586, 3.1804, 3.1892, 3.1959, 3.2024, 3.216, 3.2396, 3.2584, 3.2776, 3.2945, 3.2979, 3.305,
                   3.3104, 3.3204, 3.334, 3.3385, 3.3443, 3.3479, 3.3532, 3.3686, 3.4189, 3.5999])  # fmt: skip
# Its resistance in mΩ by state of charge (rows 0, 0.1 ... 1) at 10, 25 and 40 °C; the source repeats 40 °C at 60 °C.
_CHARGE_MOHM = np.array([[53.6, 37.6, 30.5], [53.6, 37.6, 30.5], [59.2, 41.4, 33.1], [58.5, 41.4, 33.1],
                         [59.3, 41.8, 32.6], [62.6, 44.8, 35.2], [67.5, 47.7, 37.7], [70.8, 49.8, 38.9],
                         [69.2, 46.8, 35.6], [80.7, 53.4, 40.0], [80.7, 53.4, 40.0]])  # fmt: skip
_DISCHARGE_MOHM = np.array([[195.0, 61.7, 44.1], [195.0, 61.7, 44.1], [80.8, 50.4, 38.4], [75.1, 48.8, 37.5],
                            [74.8, 51.8, 40.0], [69.4, 47.8, 38.4], [65.1, 44.3, 35.1], [61.5, 41.8, 32.9],
                            [64.8, 46.6, 37.7], [61.4, 42.5, 34.0], [61.4, 42.5, 34.0]])  # fmt: skip
CURVES = CellCurves(
    soc=_OCV_SOC,
    voltage_v=_OCV_V,
    resistance_soc=np.linspace(0.0, 1.0, 11),
    resistance_c=np.array([10.0, 25.0, 40.0]),
    charge_resistance=_CHARGE_MOHM,
    discharge_resistance=_DISCHARGE_MOHM,
)

_SIMSES = "Sony US26650 cell table in SimSES 1.3.12 (BSD-3)"
_TYPICAL = "typical controller setting, recalled"

FIGURES: dict[str, Sourced] = {
    "open_circuit_half_v": Sourced(3.2990, "V", f"{_SIMSES}, at 50 %; shifts the whole curve", PUBLISHED),
    "hysteresis_v": Sourced(0.020, "V", "estimate: half the loop between charge and discharge", ESTIMATE, 0.010, 0.030),
    "resistance_ohm_ah": Sourced(
        0.1434, "Ω Ah", f"{_SIMSES}, discharging at 50 % and 25 °C times 3.0 Ah; scales the whole table", PUBLISHED
    ),
    "resistance_scale": Sourced(
        1.35, "", "estimate: slow polarisation over hours, busbars and strings on top of the pulse table, set for a "
        "direct-current round trip near 93 % at C/2 and 96 % at C/4, 25 °C", ESTIMATE, 0.9, 1.7,
    ),
    "resistance_cold_activation_j_per_mol": Sourced(
        16.5e3, "J/mol", f"{_SIMSES}, between 10 and 25 °C at 50 %; carries the table below 10 °C", DERIVED, 14e3, 30e3
    ),
    "self_discharge_per_month": Sourced(0.02, "1/month", "estimate: 2 % a month", ESTIMATE, 0.005, 0.03),
    "charge_rate_limit_per_h": Sourced(
        0.65, "1/h", "charging rate up to which the default ageing data go", PUBLISHED
    ),
    "discharge_rate_limit_per_h": Sourced(
        0.65, "1/h", "as for charging; the default ageing data go to 1C", ESTIMATE, 0.5, 1.0
    ),
    "charge_voltage_limit_v": Sourced(3.65, "V", _TYPICAL, Confidence.UNVERIFIED),
    "discharge_voltage_limit_v": Sourced(2.5, "V", _TYPICAL, Confidence.UNVERIFIED),
    "cold_charge_off_c": Sourced(0.0, "°C", _TYPICAL, Confidence.UNVERIFIED),
    "cold_charge_full_c": Sourced(10.0, "°C", "estimate: charging rises from nothing to full up to here", ESTIMATE),
    "cold_discharge_off_c": Sourced(-20.0, "°C", _TYPICAL, Confidence.UNVERIFIED),
    "cold_discharge_full_c": Sourced(-10.0, "°C", "estimate", ESTIMATE),
    "hot_full_c": Sourced(45.0, "°C", "estimate: derating begins", ESTIMATE),
    "hot_off_c": Sourced(55.0, "°C", _TYPICAL, Confidence.UNVERIFIED),
    "lowest_soc": Sourced(0.05, "share", _TYPICAL, Confidence.UNVERIFIED, 0.0, 0.1),
    "highest_soc": Sourced(0.98, "share", _TYPICAL, Confidence.UNVERIFIED, 0.95, 1.0),
}  # fmt: skip


_BLAST = "NREL BLAST-Lite, 250 Ah prismatic LFP-graphite; data doi 10.1016/j.est.2023.109042"
LAWS: dict[str, dict[str, Sourced]] = {
    "blast_250ah": {
        "calendar_factor": Sourced(8.37e4, "1/day^0.526", _BLAST, PUBLISHED),
        "calendar_activation_k": Sourced(-5210.0, "K", _BLAST, PUBLISHED),
        "calendar_anode_k_per_v": Sourced(-3560.0, "K/V", _BLAST, PUBLISHED),
        "calendar_exponent": Sourced(0.526, "", _BLAST, PUBLISHED),
        "cycle_constant": Sourced(4.38e-8, "", _BLAST, PUBLISHED),
        "cycle_depth": Sourced(1.55e-8, "", _BLAST, PUBLISHED),
        "cycle_rate": Sourced(1.68e-7, "h", _BLAST, PUBLISHED),
        "cycle_temperature_k": Sourced(2190.0, "K", _BLAST, PUBLISHED),
        "cycle_exponent": Sourced(0.828, "", _BLAST, PUBLISHED),
        **NAUMANN_RESISTANCE,
    },
    "naumann": {**NAUMANN_CAPACITY, **NAUMANN_RESISTANCE},
}


def _blast(figures: dict[str, Sourced]) -> tuple[Wear, ...]:
    """Capacity wears of BLAST-Lite: q = k_cal d^0.526 + k_cyc EFC^0.828.

    Its second Arrhenius term, e^(-155000/T), is 1e-226 at 25 °C and left out.
    """
    f = {name: figure.value for name, figure in figures.items()}

    def calendar(celsius: Floats, soc: Floats) -> Floats:
        kelvin = celsius + 273.15
        anode = f["calendar_anode_k_per_v"] * anode_voltage(soc) / kelvin
        return np.asarray(f["calendar_factor"] * np.exp(f["calendar_activation_k"] / kelvin + anode))

    def cyclic(depth: Floats, rate: Floats, celsius: Floats, mean: Floats) -> Floats:
        stress = f["cycle_constant"] + f["cycle_depth"] * depth + f["cycle_rate"] * rate
        return np.asarray(stress * np.exp(f["cycle_temperature_k"] / (celsius + 273.15)))

    return (
        Wear("calendar", "capacity", f["calendar_exponent"], calendar=calendar),
        Wear("cycling", "capacity", f["cycle_exponent"], cyclic=cyclic),
    )


_SCATTER = Sourced(0.1, "", "estimate", ESTIMATE, 0.05, 0.2)


def _laws(figures: dict[str, dict[str, Sourced]]) -> dict[str, AgeingLaw]:
    own, other = figures["blast_250ah"], figures["naumann"]
    band = "The two laws differ by 2 to 6 points over 20 years: read that as their uncertainty."
    return {
        "blast_250ah": AgeingLaw(
            "blast_250ah", {"en": "250 Ah prismatic cell (NREL)", "zh": "250 Ah 方形电芯(NREL)"},
            _blast(own) + naumann_resistance(own), own,
            temperature_range_c=(10.0, 45.0), rate_range_per_h=(0.0, 0.65), scatter=_SCATTER,
            remarks=(
                band,
                "Resistance growth is borrowed from Naumann's smaller cell: BLAST-Lite gives none.",
                "Its cycle part slows with warmth, balancing the calendar part inside 10 to 45 °C: never go beyond.",
            ),
        ),
        "naumann": AgeingLaw(
            "naumann", {"en": "3 Ah cylindrical cell (Naumann)", "zh": "3 Ah 圆柱电芯(Naumann)"},
            naumann_capacity(other) + naumann_resistance(other), other,
            temperature_range_c=(10.0, 45.0), rate_range_per_h=(0.0, 1.0), scatter=_SCATTER,
            remarks=(
                band,
                "Its cycle part knows no temperature.",
                "Harsh on light duties: NREL's later fit to the same cells keeps 5 to 8 points more after 10 years.",
            ),
        ),
    }  # fmt: skip


_TENDERS = (
    "Chinese system tenders June 2025 (CEEC): 0.786, 0.465, 0.425 CNY/Wh for 1, 2, 4 h, split into energy and power"
)
_LATER = Sourced(
    0.65, "share", "PNNL 2022: storage block 109 over 167 USD/kWh, 2030 over 2021", DERIVED, 0.45, 1.0, 2022
)
_AFTER_2030 = Sourced(0.8, "share", "estimate: less left to fall after 2030", ESTIMATE, 0.6, 1.0, 2030)
COSTS = {
    "china_2025": price_set(
        "CNY", {"en": "China 2025 (tenders)", "zh": "中国 2025 年（招标价）"}, 2025,
        Sourced(340.0, "CNY/kWh", _TENDERS, DERIVED, 264.0, 385.0, 2025),
        Sourced(300.0, "CNY/kW", _TENDERS, DERIVED, 160.0, 504.0, 2025),
        Sourced(
            300.0, "CNY/kWh", "estimate; Bernstein 2025: 1.00 CNY/Wh with construction less 0.47 system", ESTIMATE,
            200.0, 530.0, 2025,
        ),
        replacement=_LATER, scrap=10.0,
    ),
    "pnnl_us_2021": pnnl(
        {"en": "United States 2021 (PNNL)", "zh": "美国 2021 年（PNNL）"}, LFP_2021, "p. 24", _LATER
    ),
    "pnnl_us_2030": pnnl(
        {"en": "United States 2030 (PNNL)", "zh": "美国 2030 年（PNNL）"}, LFP_2030, "p. 24", _AFTER_2030
    ),
    "atb_us_2025": atb(
        {"en": "United States 2025 (NREL ATB 2024)", "zh": "美国 2025 年（NREL ATB 2024）"}, 2025,
        (281.0, 346.0, 448.0), 458.0, 0.025, _LATER,
    ),
    "atb_us_2030": atb(
        {"en": "United States 2030 (NREL ATB 2024)", "zh": "美国 2030 年（NREL ATB 2024）"}, 2030,
        (222.0, 274.0, 356.0), 466.0, 0.025, _AFTER_2030,
    ),
}  # fmt: skip

_PRODUCT = "typical product of 2023 to 2025, recalled"
LEVELS = (
    Level("cell", {"en": "Prismatic cell", "zh": "方形电芯"},
          Sourced(280.0, "Ah", _PRODUCT, Confidence.UNVERIFIED, 250.0, 314.0, note="the ageing data are of 250 Ah")),
    Level("pack", {"en": "Pack", "zh": "电池包"}, Sourced(48.0, "", _PRODUCT, Confidence.UNVERIFIED, 40.0, 104.0)),
    Level("cluster", {"en": "Rack", "zh": "电池簇"}, Sourced(8.0, "", _PRODUCT, Confidence.UNVERIFIED, 4.0, 10.0)),
    Level("container", {"en": "20 ft container", "zh": "20 英尺集装箱"},
          Sourced(10.0, "", _PRODUCT, Confidence.UNVERIFIED, 8.0, 12.0)),
)  # fmt: skip
INVENTORY = {
    "mass_kg": Sourced(10.0, "kg/kWh", "estimate: container of 35 t", ESTIMATE, 7.5, 12.0),
    "floor_m2": Sourced(0.0043, "m²/kWh", "footprint of 20 ft over 10 racks, no aisles", DERIVED, 0.003, 0.013),
}


def build(figures: dict[str, Sourced], laws: dict[str, dict[str, Sourced]]) -> Technology:
    """The technology from its figures; beside them stand only the measured curves on top and the anode fit."""
    return Technology(
        name="lfp",
        title={"en": "Lithium iron phosphate", "zh": "磷酸铁锂电池"},
        summary={
            "en": "Liquid-cooled containers of lithium iron phosphate cells: efficient and cheap, ages with time and "
            "warmth, not to be charged below freezing.",
            "zh": "液冷集装箱式磷酸铁锂电池:效率高、价格低,随时间和温度老化,零度以下不可充电。",
        },
        physics=EquivalentCircuit(figures, CURVES),
        ageing=_laws(laws),
        thermal=LIQUID_COOLED,
        converter=TWO_WAY_CONVERTER,
        costs=COSTS,
        figures=figures,
        power_range_per_h=(0.1, 0.5),
        temperature_range_c=(-20.0, 55.0),
        end_of_life_capacity_share=0.7,
        measured_on="a 3 Ah cylindrical cell (voltage, resistance, Naumann ageing), a 250 Ah prismatic one (ageing)",
        sensitive_to="power, state of charge, temperature; ageing to time, temperature, charge level, depth and rate",
        not_valid_for="charging below freezing, rates beyond 0.65C, ageing outside 10 to 45 °C",
        remarks=(
            "The resistance table is of a small cell; its scale to a utility system is an estimate.",
            "Auxiliaries are estimates set to 2 to 5 % of throughput; fresh, at C/4 and 25 °C, "
            "the whole comes to 0.88, above PNNL's 0.83 to 0.85 and one field battery's 0.86.",
            "The voltage curve does not move with temperature and the reversible heat is left out.",
            "End of life at 70 % of the new capacity is a choice, common in warranties.",
            "Cell, pack, rack and container sizes are recalled from products, not from one datasheet.",
        ),
        levels=LEVELS,
        inventory=INVENTORY,
    )


ENTRY = build(FIGURES, LAWS)
