"""Nickel manganese cobalt oxide with graphite: a measured 94 Ah cell, two published ageing laws of other such cells."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from perdure.quantities import Confidence, Sourced
from perdure.technology.ageing import AgeingLaw, Wear
from perdure.technology.parts.cell_costs import estimated
from perdure.technology.parts.container_thermal import LIQUID_COOLED
from perdure.technology.parts.equivalent_circuit import CellCurves, EquivalentCircuit
from perdure.technology.parts.lithium_ageing import anode_voltage
from perdure.technology.parts.two_way_converter import TWO_WAY_CONVERTER
from perdure.technology.technology import Level, Technology
from perdure.timeline import Floats

PUBLISHED, DERIVED, ESTIMATE = Confidence.PUBLISHED, Confidence.DERIVED, Confidence.ESTIMATE
UNVERIFIED = Confidence.UNVERIFIED

# A Samsung 94 Ah cell in SimSES 1.3.12 (BSD-3): voltage at 25 °C thinned to within 1.5 mV; its change from 15 to 35 °C;
# resistance in mΩ at C/2 and 5, 15, 25, 35 °C.
CURVES = CellCurves(
    soc=np.array([0.0, 0.001, 0.004, 0.013, 0.020, 0.030, 0.035, 0.039, 0.044, 0.051, 0.117, 0.127, 0.176, 0.209,
                  0.234, 0.286, 0.419, 0.477, 0.522, 0.547, 0.595, 0.666, 0.726, 0.783, 0.827, 0.884, 0.948, 0.983,
                  0.997, 1.0]),
    voltage_v=np.array([3.2285, 3.2415, 3.2637, 3.3187, 3.3546, 3.3984, 3.4167, 3.4266, 3.4349, 3.4424, 3.4854, 3.4942,
                        3.5463, 3.5730, 3.5878, 3.6097, 3.6500, 3.6703, 3.6903, 3.7063, 3.7507, 3.8006, 3.8473, 3.8964,
                        3.9375, 3.9958, 4.0680, 4.1111, 4.1353, 4.1444]),
    resistance_soc=np.array([0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.8, 1.0]),
    resistance_c=np.array([5.0, 15.0, 25.0, 35.0]),
    charge_resistance=np.array([
        [1.797, 1.119, 0.836, 0.684], [1.797, 1.119, 0.836, 0.684], [1.676, 1.043, 0.784, 0.633],
        [1.548, 0.958, 0.718, 0.585], [1.500, 0.925, 0.695, 0.566], [1.571, 0.959, 0.723, 0.595],
        [1.661, 1.015, 0.751, 0.623], [1.676, 1.067, 0.803, 0.656], [1.473, 0.939, 0.709, 0.576],
        [1.454, 0.916, 0.699, 0.575], [1.459, 0.925, 0.704, 0.581]]),
    discharge_resistance=np.array([
        [1.931, 1.162, 0.850, 0.675], [1.931, 1.162, 0.850, 0.675], [1.723, 1.062, 0.789, 0.637],
        [1.544, 0.963, 0.718, 0.585], [1.467, 0.920, 0.695, 0.557], [1.495, 0.945, 0.704, 0.581],
        [1.562, 0.982, 0.747, 0.609], [1.610, 1.019, 0.770, 0.647], [1.469, 0.949, 0.718, 0.580],
        [1.402, 0.912, 0.685, 0.581], [1.416, 0.906, 0.699, 0.580]]),
    entropy_soc=np.linspace(0.0, 1.0, 11),
    entropy_v_per_k=1e-3 * np.array([-0.445, -0.140, -0.165, 0.150, 0.195, 0.190, 0.255, 0.175, 0.210, 0.230, -0.065]),
)  # fmt: skip

_SIMSES = "Samsung 94 Ah cell in SimSES 1.3.12 (BSD-3)"
_TYPICAL = "typical controller setting, recalled"

FIGURES: dict[str, Sourced] = {
    "open_circuit_half_v": Sourced(3.6797, "V", f"{_SIMSES}, at 50 %; shifts the whole curve", PUBLISHED),
    "hysteresis_v": Sourced(0.0275, "V", f"{_SIMSES}, mean of 5 to 95 %", DERIVED, 0.020, 0.035),
    "resistance_ohm_ah": Sourced(
        0.0702, "Ω Ah", f"{_SIMSES}, discharging at 50 % and 25 °C times 94 Ah; scales the whole table", DERIVED
    ),
    "resistance_scale": Sourced(1.2, "", "estimate: slow polarisation, busbars, strings", ESTIMATE, 0.9, 1.6),
    "resistance_cold_activation_j_per_mol": Sourced(
        30e3, "J/mol", f"{_SIMSES}, between 5 and 15 °C at 50 %", DERIVED, 20e3, 40e3
    ),
    "resistance_hot_activation_j_per_mol": Sourced(
        15.6e3, "J/mol", f"{_SIMSES}, between 25 and 35 °C at 50 %", DERIVED, 10e3, 20e3
    ),
    "self_discharge_per_month": Sourced(0.02, "1/month", "estimate: 2 % a month", ESTIMATE, 0.005, 0.03),
    "self_discharge_activation_j_per_mol": Sourced(40e3, "J/mol", "estimate", ESTIMATE, 20e3, 60e3),
    "charge_rate_limit_per_h": Sourced(1.1, "1/h", "estimate; the cell's own limit is 2C", ESTIMATE, 0.5, 2.0),
    "discharge_rate_limit_per_h": Sourced(1.3, "1/h", "estimate; the cell's own limit is 2C", ESTIMATE, 0.5, 2.0),
    "charge_voltage_limit_v": Sourced(4.2, "V", "estimate; the cell's own limit is 4.15 V", ESTIMATE, 4.15, 4.2),
    "discharge_voltage_limit_v": Sourced(2.7, "V", _SIMSES, PUBLISHED, 2.5, 3.0),
    "cold_charge_off_c": Sourced(0.0, "°C", _TYPICAL, UNVERIFIED, -10.0, 5.0),
    "cold_charge_full_c": Sourced(10.0, "°C", "estimate", ESTIMATE, 5.0, 15.0),
    "cold_discharge_off_c": Sourced(-20.0, "°C", _TYPICAL, UNVERIFIED, -30.0, -10.0),
    "cold_discharge_full_c": Sourced(-5.0, "°C", "estimate", ESTIMATE, -10.0, 5.0),
    "hot_full_c": Sourced(45.0, "°C", "estimate", ESTIMATE, 40.0, 50.0),
    "hot_off_c": Sourced(55.0, "°C", _TYPICAL, UNVERIFIED, 50.0, 60.0),
    "lowest_soc": Sourced(0.05, "share", _TYPICAL, UNVERIFIED, 0.0, 0.1),
    "highest_soc": Sourced(0.95, "share", _TYPICAL, UNVERIFIED, 0.9, 1.0),
}


_BLAST = "NREL BLAST-Lite, 50 Ah pouch NMC-graphite B1; data doi 10.1016/j.est.2023.109042"
_SCHMALSTIEG = "Schmalstieg et al., doi 10.1016/j.jpowsour.2014.02.012, as in BLAST-Lite"
_RESISTANCE = {
    "resistance_calendar_slope": Sourced(5.270, "1/V", _SCHMALSTIEG, PUBLISHED),
    "resistance_calendar_constant": Sourced(-16.32, "", _SCHMALSTIEG, PUBLISHED),
    "resistance_activation_k": Sourced(5986.0, "K", _SCHMALSTIEG, PUBLISHED),
    "resistance_calendar_exponent": Sourced(0.75, "", _SCHMALSTIEG, PUBLISHED),
    "resistance_cycle_square": Sourced(2.153e-4, "1/V²", _SCHMALSTIEG, PUBLISHED),
    "resistance_cycle_voltage_v": Sourced(3.725, "V", _SCHMALSTIEG, PUBLISHED),
    "resistance_cycle_constant": Sourced(-1.521e-5, "", _SCHMALSTIEG, PUBLISHED),
    "resistance_cycle_depth": Sourced(2.798e-4, "", _SCHMALSTIEG, PUBLISHED),
}
LAWS: dict[str, dict[str, Sourced]] = {
    "blast_50ah": {
        "calendar_factor": Sourced(36.2, "1/(10⁴ d)^0.708", _BLAST, PUBLISHED),
        "calendar_stress": Sourced(-4.4, "", _BLAST, PUBLISHED),
        "calendar_exponent": Sourced(0.708, "", _BLAST, PUBLISHED),
        "cycle_factor": Sourced(0.844, "1/10⁵^0.467", _BLAST, PUBLISHED),
        "cycle_stress_exponent": Sourced(0.458, "", _BLAST, PUBLISHED),
        "cycle_exponent": Sourced(0.467, "", _BLAST, PUBLISHED),
        "resistance_per_lost_capacity": Sourced(
            1.8, "", "estimate: Schmalstieg's cell, 29 % for 16 %", ESTIMATE, 1.0, 3.0
        ),
    },
    "schmalstieg": {
        "calendar_slope": Sourced(7.543, "1/V", _SCHMALSTIEG, PUBLISHED),
        "calendar_constant": Sourced(-23.75, "", _SCHMALSTIEG, PUBLISHED),
        "calendar_activation_k": Sourced(6976.0, "K", _SCHMALSTIEG, PUBLISHED),
        "calendar_exponent": Sourced(0.75, "", _SCHMALSTIEG, PUBLISHED),
        "cycle_square": Sourced(7.348e-3, "1/V²", _SCHMALSTIEG, PUBLISHED),
        "cycle_voltage_v": Sourced(3.667, "V", _SCHMALSTIEG, PUBLISHED),
        "cycle_constant": Sourced(7.6e-4, "", _SCHMALSTIEG, PUBLISHED),
        "cycle_depth": Sourced(4.081e-3, "", _SCHMALSTIEG, PUBLISHED),
        "cycle_exponent": Sourced(0.5, "", _SCHMALSTIEG, PUBLISHED),
        **_RESISTANCE,
    },
}
# Rest voltage of Schmalstieg's 2.15 Ah cell as digitised in BLAST-Lite, thinned to within 4 mV: what its law asks for.
_LAW_SOC = np.array([0.0, 0.045, 0.081, 0.117, 0.154, 0.190, 0.244, 0.444, 0.498, 0.535, 0.607, 0.771, 0.898, 1.0])
_LAW_V = np.array([3.331, 3.412, 3.466, 3.511, 3.547, 3.575, 3.606, 3.670, 3.696, 3.721, 3.781, 3.935, 4.071, 4.162])
_LAW_AH_PER_CYCLE = 2.0 * 2.15
_WARM_K, _HALF_ANODE_V = 308.15, 0.123
"""Temperature and anode voltage that BLAST-Lite's law is written around."""


def _blast(figures: Mapping[str, Sourced]) -> tuple[Wear, ...]:
    """Wears of BLAST-Lite: q = k_cal (d/10⁴)^0.708 + k_cyc (EFC/10⁵)^0.467; resistance grows in step with both."""
    f = {name: figure.value for name, figure in figures.items()}
    growth = f["resistance_per_lost_capacity"]

    def calendar(celsius: Floats, soc: Floats) -> Floats:
        anode = np.cbrt(np.maximum(anode_voltage(soc), 0.0) / _HALF_ANODE_V)
        stress = np.exp(f["calendar_stress"] * (_WARM_K / (celsius + 273.15)) ** 3 * anode)
        return np.asarray(f["calendar_factor"] * stress / 1e4 ** f["calendar_exponent"])

    def cyclic(depth: Floats, rate: Floats, celsius: Floats, mean: Floats) -> Floats:
        stress = depth**2 * ((celsius + 273.15) / _WARM_K) ** 3 * np.sqrt(rate)
        return np.asarray(f["cycle_factor"] * stress ** f["cycle_stress_exponent"] / 1e5 ** f["cycle_exponent"])

    def stiffening(celsius: Floats, soc: Floats) -> Floats:
        return growth * calendar(celsius, soc)

    def wearing(depth: Floats, rate: Floats, celsius: Floats, mean: Floats) -> Floats:
        return growth * cyclic(depth, rate, celsius, mean)

    return (
        Wear("calendar", "capacity", f["calendar_exponent"], calendar=calendar),
        Wear("cycling", "capacity", f["cycle_exponent"], cyclic=cyclic),
        Wear("resistance with time", "impedance", f["calendar_exponent"], calendar=stiffening),
        Wear("resistance with cycles", "impedance", f["cycle_exponent"], cyclic=wearing),
    )


def _schmalstieg(figures: Mapping[str, Sourced]) -> tuple[Wear, ...]:
    """Capacity wears of Schmalstieg: k_cal d^0.75 + k_cyc sqrt(Ah); stresses below zero count as none."""
    f = {name: figure.value for name, figure in figures.items()}

    def calendar(celsius: Floats, soc: Floats) -> Floats:
        stress = np.maximum(f["calendar_slope"] * _law_voltage(soc) + f["calendar_constant"], 0.0)
        return np.asarray(1e6 * stress * np.exp(-f["calendar_activation_k"] / (celsius + 273.15)))

    def cyclic(depth: Floats, rate: Floats, celsius: Floats, mean: Floats) -> Floats:
        square = f["cycle_square"] * (_law_voltage(mean) - f["cycle_voltage_v"]) ** 2
        stress = np.maximum(square + f["cycle_constant"] + f["cycle_depth"] * depth, 0.0)
        return np.asarray(stress * _LAW_AH_PER_CYCLE ** f["cycle_exponent"])

    return (
        Wear("calendar", "capacity", f["calendar_exponent"], calendar=calendar),
        Wear("cycling", "capacity", f["cycle_exponent"], cyclic=cyclic),
    )


def _resistance_growth(figures: Mapping[str, Sourced]) -> tuple[Wear, ...]:
    """Resistance wears of Schmalstieg: d^0.75 and linear in Ah; stresses below zero count as none."""
    f = {name: figure.value for name, figure in figures.items()}

    def calendar(celsius: Floats, soc: Floats) -> Floats:
        slope, constant = f["resistance_calendar_slope"], f["resistance_calendar_constant"]
        stress = np.maximum(slope * _law_voltage(soc) + constant, 0.0)
        return np.asarray(1e5 * stress * np.exp(-f["resistance_activation_k"] / (celsius + 273.15)))

    def cyclic(depth: Floats, rate: Floats, celsius: Floats, mean: Floats) -> Floats:
        square = f["resistance_cycle_square"] * (_law_voltage(mean) - f["resistance_cycle_voltage_v"]) ** 2
        stress = square + f["resistance_cycle_constant"] + f["resistance_cycle_depth"] * depth
        return np.asarray(np.maximum(stress, 0.0) * _LAW_AH_PER_CYCLE)

    return (
        Wear("resistance with time", "impedance", f["resistance_calendar_exponent"], calendar=calendar),
        Wear("resistance with cycles", "impedance", 1.0, cyclic=cyclic),
    )


def _law_voltage(soc: Floats) -> Floats:
    return np.asarray(np.interp(soc, _LAW_SOC, _LAW_V))


_SCATTER = Sourced(0.15, "", "estimate", ESTIMATE, 0.05, 0.3)


def _laws(figures: dict[str, dict[str, Sourced]]) -> dict[str, AgeingLaw]:
    own, other = figures["blast_50ah"], figures["schmalstieg"]
    return {
        "blast_50ah": AgeingLaw(
            "blast_50ah", {"en": "50 Ah pouch cell (NREL)", "zh": "50 Ah 软包电芯(NREL)"},
            _blast(own), own,
            temperature_range_c=(10.0, 45.0), rate_range_per_h=(0.0, 1.75), scatter=_SCATTER,
            remarks=(
                "Resistance grows in step with lost capacity, an estimate: BLAST-Lite gives none for this cell.",
                "Fitted to cycles of 80 to 100 % depth; below 10 °C the cells were charged at C/3 at most.",
            ),
        ),
        "schmalstieg": AgeingLaw(
            "schmalstieg", {"en": "2.15 Ah cylindrical cell (Schmalstieg)", "zh": "2.15 Ah 圆柱电芯(Schmalstieg)"},
            _schmalstieg(other) + _resistance_growth(other), other,
            temperature_range_c=(20.0, 40.0), rate_range_per_h=(0.0, 1.0), scatter=_SCATTER,
            remarks=(
                "Its cycle part knows no temperature and no rate: it was measured at 35 °C and 1C.",
                "A cell of 2010: harsher than later ones, and it leaves out the knee seen at deep cycles.",
            ),
        ),
    }  # fmt: skip


_PRODUCT = "typical product, recalled"
LEVELS = (
    Level("cell", {"en": "Prismatic cell", "zh": "方形电芯"}, Sourced(94.0, "Ah", _SIMSES, PUBLISHED)),
    Level("module", {"en": "Module", "zh": "模组"}, Sourced(24.0, "", _PRODUCT, UNVERIFIED, 12.0, 28.0)),
    Level("cluster", {"en": "Rack", "zh": "电池簇"}, Sourced(10.0, "", _PRODUCT, UNVERIFIED, 8.0, 20.0)),
    Level("container", {"en": "Container", "zh": "集装箱"}, Sourced(24.0, "", _PRODUCT, UNVERIFIED, 10.0, 40.0)),
)
INVENTORY = {
    "mass_kg": Sourced(9.0, "kg/kWh", "estimate; cells alone 6.1 (SimSES)", ESTIMATE, 7.0, 12.0),
    "floor_m2": Sourced(0.006, "m²/kWh", "estimate: footprint of containers", ESTIMATE, 0.004, 0.015),
}
COSTS = {
    "china_2025": estimated(
        "CNY", {"en": "China 2025 (estimate)", "zh": "中国 2025 年（估计）"}, 2025,
        (480.0, 400.0, 650.0), "estimate: LFP tenders plus dearer cells",
    ),
    "us_2021": estimated(
        "USD", {"en": "United States 2021 (estimate)", "zh": "美国 2021 年（估计）"}, 2021,
        (185.0, 150.0, 240.0), "estimate: PNNL 2022 for LFP plus dearer cells",
    ),
}  # fmt: skip


def build(figures: dict[str, Sourced], laws: dict[str, dict[str, Sourced]]) -> Technology:
    """The technology from its figures; beside them stand only the measured curves."""
    return Technology(
        name="nmc",
        title={"en": "Nickel manganese cobalt lithium-ion", "zh": "三元锂电池"},
        summary={
            "en": "Liquid-cooled containers of lithium-ion cells with nickel, manganese and cobalt: dense, powerful "
            "and efficient; dearer and less stable when hot than iron phosphate.",
            "zh": "液冷集装箱式三元锂电池:能量密度高、功率大、效率高;比磷酸铁锂更贵,高温稳定性较差。",
        },
        physics=EquivalentCircuit(figures, CURVES),
        ageing=_laws(laws),
        thermal=LIQUID_COOLED,
        converter=TWO_WAY_CONVERTER,
        costs=COSTS,
        figures=figures,
        power_range_per_h=(0.1, 1.0),
        temperature_range_c=(-20.0, 55.0),
        end_of_life_capacity_share=0.7,
        measured_on="a 94 Ah prismatic cell at 5 to 35 °C (voltage, resistance), a 50 Ah pouch cell (ageing)",
        sensitive_to="power, state of charge, temperature; ageing to time, temperature, charge level, depth and rate",
        not_valid_for="charging below freezing, rates beyond 1C, ageing outside 10 to 45 °C, cells rich in nickel",
        remarks=(
            "Voltage and ageing are of different cells of one family.",
            "The reversible heat comes from voltages at 15 and 35 °C and may hold some loss of capacity when cold.",
            "Costs are estimates: no price of a nickel manganese cobalt system was read.",
            "End of life at 70 % of the new capacity is a choice, common in warranties.",
        ),
        levels=LEVELS,
        inventory=INVENTORY,
    )


ENTRY = build(FIGURES, LAWS)
