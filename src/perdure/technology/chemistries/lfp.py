"""Lithium iron phosphate, liquid-cooled: a measured cell scaled to utility size, two published ageing laws."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from perdure.quantities import Confidence, Sourced
from perdure.technology.ageing import AgeingLaw, Wear
from perdure.technology.technology import Costs, Response, Technology
from perdure.technology.thermal import Thermal
from perdure.technology.two_way_converter import TWO_WAY_CONVERTER
from perdure.timeline import Floats

PUBLISHED, DERIVED, ESTIMATE = Confidence.PUBLISHED, Confidence.DERIVED, Confidence.ESTIMATE
GAS, REFERENCE_K, HOURS_PER_MONTH = 8.314462618, 298.15, 730.5
LOWEST_VOLTAGE_SHARE = 0.6
"""Beyond the power that pulls the cell to this share of its rest voltage, the voltage is held: finite, lossy."""

# Open-circuit voltage of the Sony US26650 cell, 201 points in SimSES 1.3.12 (BSD-3) thinned to within 1.4 mV.
_OCV_SOC = np.array([0.0, 0.0049, 0.0099, 0.0149, 0.0199, 0.0249, 0.0299, 0.0349, 0.0399, 0.0449, 0.0549, 0.0699,
                     0.0849, 0.0949, 0.0999, 0.1049, 0.1149, 0.1699, 0.2199, 0.2699, 0.3399, 0.4249, 0.46, 0.645,
                     0.72, 0.785, 0.825, 0.845, 0.955, 0.98, 0.985, 0.99, 0.995, 1.0])  # fmt: skip
_OCV_V = np.array([2.0, 2.631, 2.749, 2.8197, 2.8721, 2.9138, 2.9485, 2.9785, 3.0049, 3.0284, 3.0693, 3.1189,
                   3.1586, 3.1804, 3.1892, 3.1959, 3.2024, 3.216, 3.2396, 3.2584, 3.2776, 3.2945, 3.2979, 3.305,
                   3.3104, 3.3204, 3.334, 3.3385, 3.3443, 3.3479, 3.3532, 3.3686, 3.4189, 3.5999])  # fmt: skip
# Its resistance in mΩ by state of charge (rows 0, 0.1 ... 1) at 10, 25 and 40 °C; the source repeats 40 °C at 60 °C.
_KELVIN = (283.15, 298.15, 313.15)
_CHARGE_MOHM = np.array([[53.6, 37.6, 30.5], [53.6, 37.6, 30.5], [59.2, 41.4, 33.1], [58.5, 41.4, 33.1],
                         [59.3, 41.8, 32.6], [62.6, 44.8, 35.2], [67.5, 47.7, 37.7], [70.8, 49.8, 38.9],
                         [69.2, 46.8, 35.6], [80.7, 53.4, 40.0], [80.7, 53.4, 40.0]])  # fmt: skip
_DISCHARGE_MOHM = np.array([[195.0, 61.7, 44.1], [195.0, 61.7, 44.1], [80.8, 50.4, 38.4], [75.1, 48.8, 37.5],
                            [74.8, 51.8, 40.0], [69.4, 47.8, 38.4], [65.1, 44.3, 35.1], [61.5, 41.8, 32.9],
                            [64.8, 46.6, 37.7], [61.4, 42.5, 34.0], [61.4, 42.5, 34.0]])  # fmt: skip
_TABLE_MOHM = 47.8  # discharging, 50 %, 25 °C

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
    "rate_limit_per_h": Sourced(0.65, "1/h", "charging rate up to which the default ageing data go", PUBLISHED),
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


class LithiumIronPhosphatePhysics:
    """A voltage source with hysteresis behind a resistance, per kWh of stored energy; volts, 1/h, ohm Ah inside."""

    def __init__(self, figures: Mapping[str, Sourced]):
        self.value = {name: figure.value for name, figure in figures.items()}
        self._soc = np.linspace(0.0, 1.0, 2001)
        voltage = self.reference_voltage(self._soc)
        steps = 0.5 * (voltage[1:] + voltage[:-1]) * np.diff(self._soc)
        self._energy = np.concatenate([[0.0], np.cumsum(steps)])
        self.mean_voltage_v = float(self._energy[-1])

    def reference_voltage(self, soc: Floats) -> Floats:
        """Open-circuit voltage without hysteresis, the measure of stored energy, V."""
        shift = self.value["open_circuit_half_v"] - np.interp(0.5, _OCV_SOC, _OCV_V)
        return np.asarray(np.interp(soc, _OCV_SOC, _OCV_V) + shift)

    def respond(self, soc: Floats, temperature_c: Floats, power: Floats, impedance_share: float) -> Response:
        """Losses, heat and voltage at a terminal power; the small reversible heat is left out."""
        soc, kelvin, power = np.broadcast_arrays(soc, np.asarray(temperature_c) + 273.15, power)
        reference = self.reference_voltage(soc)
        rest = reference + self.value["hysteresis_v"] * np.sign(power)
        resistance = self._resistance(soc, kelvin, np.sign(power), impedance_share)
        rate, voltage = _at_power(rest, resistance, power * self.mean_voltage_v)
        loss = (voltage - reference) * rate / self.mean_voltage_v
        lost = self.value["self_discharge_per_month"] / HOURS_PER_MONTH * reference / self.mean_voltage_v
        return Response(loss, lost, loss + lost, voltage)

    def power_limits(self, soc: Floats, temperature_c: Floats, impedance_share: float) -> tuple[Floats, Floats]:
        """Largest discharge and charge power inside the rate cap, the voltage window and the temperature derating."""
        soc, celsius = np.broadcast_arrays(soc, temperature_c)
        figure, cap = self.value, self.value["rate_limit_per_h"]
        warm, hot = figure["hot_full_c"], figure["hot_off_c"]
        charge = [figure["cold_charge_off_c"], figure["cold_charge_full_c"], warm, hot]
        discharge = [figure["cold_discharge_off_c"], figure["cold_discharge_full_c"], warm, hot]
        sides = []
        for sign, corners in ((-1.0, discharge), (1.0, charge)):
            limit = figure["charge_voltage_limit_v" if sign > 0.0 else "discharge_voltage_limit_v"]
            rest = self.reference_voltage(soc) + sign * figure["hysteresis_v"]
            resistance = self._resistance(soc, celsius + 273.15, np.full(soc.shape, sign), impedance_share)
            room = np.maximum(sign * (limit - rest), 0.0) / resistance
            rate = np.minimum(np.interp(celsius, corners, [0.0, cap, cap, 0.0]), room)
            sides.append((rest + sign * resistance * rate) * rate / self.mean_voltage_v)
        return sides[0], sides[1]

    def soc_limits(self, temperature_c: Floats) -> tuple[Floats, Floats]:
        """Fixed floor and top."""
        shape = np.shape(temperature_c)
        return np.full(shape, self.value["lowest_soc"]), np.full(shape, self.value["highest_soc"])

    def energy_share(self, soc: Floats) -> Floats:
        """Stored energy over the energy at 100 %."""
        return np.interp(soc, self._soc, self._energy / self.mean_voltage_v)

    def _resistance(self, soc: Floats, kelvin: Floats, sign: Floats, impedance_share: float) -> Floats:
        """Resistance times capacity, ohm Ah: the table in between, an Arrhenius law below it, the last column above."""
        scale = self.value["resistance_ohm_ah"] / _TABLE_MOHM * self.value["resistance_scale"] * (1.0 + impedance_share)
        below = self.value["resistance_cold_activation_j_per_mol"] / GAS * (1.0 / np.minimum(kelvin, _KELVIN[0]))
        cold = np.exp(below - self.value["resistance_cold_activation_j_per_mol"] / GAS / _KELVIN[0])
        table = np.where(sign >= 0.0, _look_up(_CHARGE_MOHM, soc, kelvin), _look_up(_DISCHARGE_MOHM, soc, kelvin))
        return np.asarray(scale * cold * table)


def _look_up(table: Floats, soc: Floats, kelvin: Floats) -> Floats:
    """Bilinear in state of charge and temperature, held at the edges."""
    cold, mild, warm = (np.interp(soc, np.linspace(0.0, 1.0, len(table)), column) for column in table.T)
    lower = np.clip((kelvin - _KELVIN[0]) / (_KELVIN[1] - _KELVIN[0]), 0.0, 1.0)
    upper = np.clip((kelvin - _KELVIN[1]) / (_KELVIN[2] - _KELVIN[1]), 0.0, 1.0)
    return np.asarray(cold + lower * (mild - cold) + upper * (warm - mild))


def _at_power(rest: Floats, resistance: Floats, power_v: Floats) -> tuple[Floats, Floats]:
    """Rate and terminal voltage at a power per Ah (V/h)."""
    lowest = -LOWEST_VOLTAGE_SHARE * (1.0 - LOWEST_VOLTAGE_SHARE) * rest**2 / resistance
    carried = np.maximum(power_v, lowest)
    rate = (np.sqrt(rest**2 + 4.0 * resistance * carried) - rest) / (2.0 * resistance)
    voltage = rest + resistance * rate
    return rate + (power_v - carried) / voltage, voltage


_BLAST = "NREL BLAST-Lite, 250 Ah prismatic LFP-graphite; data doi 10.1016/j.est.2023.109042"
_NAUMANN_CALENDAR = "Naumann et al., doi 10.1016/j.est.2018.01.019, as in SimSES"
_NAUMANN_CYCLE = "Naumann et al., doi 10.1016/j.jpowsour.2019.227666, as in SimSES"

_RESISTANCE_FIGURES = {
    "resistance_calendar_per_s": Sourced(3.4194e-10, "1/s", _NAUMANN_CALENDAR, PUBLISHED),
    "resistance_activation_j_per_mol": Sourced(71827.0, "J/mol", _NAUMANN_CALENDAR, PUBLISHED),
    "resistance_soc_square": Sourced(-3.3903, "", _NAUMANN_CALENDAR, PUBLISHED),
    "resistance_soc_constant": Sourced(1.5604, "", _NAUMANN_CALENDAR, PUBLISHED),
    "resistance_rate_slope": Sourced(-0.0020, "% h", _NAUMANN_CYCLE, PUBLISHED),
    "resistance_rate_constant": Sourced(0.0021, "%", _NAUMANN_CYCLE, PUBLISHED),
    "resistance_depth_cube": Sourced(6.8477, "", _NAUMANN_CYCLE, PUBLISHED),
    "resistance_depth_constant": Sourced(0.91882, "", _NAUMANN_CYCLE, PUBLISHED),
}

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
        **_RESISTANCE_FIGURES,
    },
    "naumann": {
        "calendar_factor": Sourced(1.2571e-5, "1/s^0.5", _NAUMANN_CALENDAR, PUBLISHED),
        "calendar_activation_j_per_mol": Sourced(17126.0, "J/mol", _NAUMANN_CALENDAR, PUBLISHED),
        "calendar_soc_cube": Sourced(2.8575, "", _NAUMANN_CALENDAR, PUBLISHED),
        "calendar_soc_constant": Sourced(0.60225, "", _NAUMANN_CALENDAR, PUBLISHED),
        "cycle_rate_slope": Sourced(0.0630, "% h", _NAUMANN_CYCLE, PUBLISHED),
        "cycle_rate_constant": Sourced(0.0971, "%", _NAUMANN_CYCLE, PUBLISHED),
        "cycle_depth_cube": Sourced(4.0253, "", _NAUMANN_CYCLE, PUBLISHED),
        "cycle_depth_constant": Sourced(1.0923, "", _NAUMANN_CYCLE, PUBLISHED),
        **_RESISTANCE_FIGURES,
    },
}


def _blast(figures: dict[str, Sourced]) -> tuple[Wear, ...]:
    """Capacity wears of BLAST-Lite: q = k_cal d^0.526 + k_cyc EFC^0.828.

    Its second Arrhenius term, e^(-155000/T), is 1e-226 at 25 °C and left out.
    """
    f = {name: figure.value for name, figure in figures.items()}

    def calendar(celsius: Floats, soc: Floats) -> Floats:
        kelvin = celsius + 273.15
        anode = f["calendar_anode_k_per_v"] * _anode_voltage(soc) / kelvin
        return np.asarray(f["calendar_factor"] * np.exp(f["calendar_activation_k"] / kelvin + anode))

    def cyclic(depth: Floats, rate: Floats, celsius: Floats, mean: Floats) -> Floats:
        stress = f["cycle_constant"] + f["cycle_depth"] * depth + f["cycle_rate"] * rate
        return np.asarray(stress * np.exp(f["cycle_temperature_k"] / (celsius + 273.15)))

    return (
        Wear("calendar", "capacity", f["calendar_exponent"], calendar=calendar),
        Wear("cycling", "capacity", f["cycle_exponent"], cyclic=cyclic),
    )


def _anode_voltage(soc: Floats) -> Floats:
    """Graphite against lithium, V, at a state of charge (BLAST-Lite's fit)."""
    x = 0.0085 + 0.7715 * soc
    steps = 0.044 * np.tanh(-(x - 0.1958) / 0.1088) - 0.1978 * np.tanh((x - 1.0571) / 0.0854)
    steps -= 0.6875 * np.tanh((x + 0.0117) / 0.0529) + 0.0175 * np.tanh((x - 0.5692) / 0.0875)
    return np.asarray(0.6379 + 0.5416 * np.exp(-305.5309 * x) + steps)


def _naumann(figures: dict[str, Sourced]) -> tuple[Wear, ...]:
    """Capacity wears of Naumann: square roots of time (here days) and of full cycles; the cycle law is in percent."""
    f = {name: figure.value for name, figure in figures.items()}

    def calendar(celsius: Floats, soc: Floats) -> Floats:
        warm = np.exp(-f["calendar_activation_j_per_mol"] / GAS * (1.0 / (celsius + 273.15) - 1.0 / REFERENCE_K))
        stress = f["calendar_soc_cube"] * (soc - 0.5) ** 3 + f["calendar_soc_constant"]
        return np.asarray(f["calendar_factor"] * np.sqrt(86400.0) * warm * stress)

    def cyclic(depth: Floats, rate: Floats, celsius: Floats, mean: Floats) -> Floats:
        stress = f["cycle_depth_cube"] * (depth - 0.6) ** 3 + f["cycle_depth_constant"]
        return np.asarray((f["cycle_rate_slope"] * rate + f["cycle_rate_constant"]) * stress / 100.0)

    return (
        Wear("calendar", "capacity", 0.5, calendar=calendar),
        Wear("cycling", "capacity", 0.5, cyclic=cyclic),
    )


def _resistance_growth(figures: dict[str, Sourced]) -> tuple[Wear, ...]:
    """Resistance wears of Naumann, linear in time and full cycles; its rate factor, negative beyond 1C, ends at 0."""
    f = {name: figure.value for name, figure in figures.items()}

    def calendar(celsius: Floats, soc: Floats) -> Floats:
        warm = np.exp(-f["resistance_activation_j_per_mol"] / GAS * (1.0 / (celsius + 273.15) - 1.0 / REFERENCE_K))
        stress = f["resistance_soc_square"] * (soc - 0.5) ** 2 + f["resistance_soc_constant"]
        return np.asarray(f["resistance_calendar_per_s"] * 86400.0 * warm * stress)

    def cyclic(depth: Floats, rate: Floats, celsius: Floats, mean: Floats) -> Floats:
        by_rate = np.maximum(f["resistance_rate_slope"] * rate + f["resistance_rate_constant"], 0.0)
        by_depth = f["resistance_depth_cube"] * (depth - 0.5) ** 3 + f["resistance_depth_constant"]
        return np.asarray(by_rate * by_depth / 100.0)

    return (
        Wear("resistance with time", "impedance", 1.0, calendar=calendar),
        Wear("resistance with cycles", "impedance", 1.0, cyclic=cyclic),
    )


def _laws(figures: dict[str, dict[str, Sourced]]) -> dict[str, AgeingLaw]:
    own, other = figures["blast_250ah"], figures["naumann"]
    band = "The two laws differ by 2 to 6 points over 20 years: read that as their uncertainty."
    return {
        "blast_250ah": AgeingLaw(
            "blast_250ah", {"en": "250 Ah prismatic cell (NREL)", "zh": "250 Ah 方形电芯(NREL)"},
            _blast(own) + _resistance_growth(own), own,
            temperature_range_c=(10.0, 45.0), rate_range_per_h=(0.0, 0.65),
            remarks=(
                band,
                "Resistance growth is borrowed from Naumann's smaller cell: BLAST-Lite gives none.",
                "Its cycle part slows with warmth, balancing the calendar part inside 10 to 45 °C: never go beyond.",
            ),
        ),
        "naumann": AgeingLaw(
            "naumann", {"en": "3 Ah cylindrical cell (Naumann)", "zh": "3 Ah 圆柱电芯(Naumann)"},
            _naumann(other) + _resistance_growth(other), other,
            temperature_range_c=(10.0, 45.0), rate_range_per_h=(0.0, 1.0),
            remarks=(
                band,
                "Its cycle part knows no temperature.",
                "Harsh on light duties: NREL's later fit to the same cells keeps 5 to 8 points more after 10 years.",
            ),
        ),
    }  # fmt: skip


THERMAL = Thermal(
    heat_capacity_kwh_per_k=Sourced(
        0.0022, "kWh/K per kWh", "1001 J/kgK (SimSES), 8 kg/kWh of rack by estimate", ESTIMATE, 0.0017, 0.0028
    ),
    conductance_kw_per_k=Sourced(4e-5, "kW/K per kWh", "estimate: insulated container", ESTIMATE, 2e-5, 1e-4),
    cool_above_c=Sourced(30.0, "°C", "estimate", ESTIMATE, 25.0, 35.0),
    cooling_kw=Sourced(0.03, "kW per kWh", "estimate: liquid chiller", ESTIMATE, 0.02, 0.05),
    cooling_cop=Sourced(3.0, "", "estimate", ESTIMATE, 2.0, 4.0),
    heat_below_c=Sourced(10.0, "°C", "estimate", ESTIMATE, 5.0, 15.0),
    heating_kw=Sourced(0.01, "kW per kWh", "estimate: resistive heater", ESTIMATE, 0.005, 0.02),
    heating_cop=Sourced(1.0, "", "resistive", DERIVED),
    base_load_kw=Sourced(
        0.0006, "kW per kWh", "estimate: pump, controls; auxiliaries then take 2 to 5 % of throughput", ESTIMATE,
        0.0003, 0.001,
    ),
)  # fmt: skip

_TENDERS = (
    "Chinese system tenders June 2025 (CEEC): 0.786, 0.465, 0.425 CNY/Wh for 1, 2, 4 h, split into energy and power"
)
COSTS = Costs(
    currency="CNY",
    energy_per_kwh=Sourced(340.0, "CNY/kWh", _TENDERS, DERIVED, 264.0, 385.0, 2025),
    power_per_kw=Sourced(300.0, "CNY/kW", _TENDERS, DERIVED, 160.0, 504.0, 2025),
    balance_per_kwh=Sourced(
        300.0, "CNY/kWh", "estimate; Bernstein 2025: 1.00 CNY/Wh with construction less 0.47 system", ESTIMATE,
        200.0, 530.0, 2025,
    ),
    development_share=Sourced(0.05, "share", "estimate; PNNL 2022 has 14 % for LFP", ESTIMATE, 0.02, 0.14, 2025),
    fixed_om_share_per_year=Sourced(
        0.015, "1/a", "estimate between PNNL 2022 (0.43 % of the block, 2 USD/kW) and ATB 2024 (2.3 to 2.5 %)",
        ESTIMATE, 0.005, 0.025, 2025,
    ),
    variable_om_per_kwh=Sourced(0.0, "CNY/kWh", "estimate: counted as wear", ESTIMATE, 0.0, 0.01, 2025),
    replacement_share=Sourced(
        0.65, "share", "PNNL 2022: storage block 109 over 167 USD/kWh, 2030 over 2021", DERIVED, 0.45, 1.0, 2022
    ),
    decommissioning_per_kwh=Sourced(
        10.0, "CNY/kWh", "estimate within PNNL 2022, 2.65 USD/kWh in 2021 and 0 in 2030", ESTIMATE, 0.0, 19.0, 2022
    ),
    residual_share=Sourced(0.03, "share", "estimate", ESTIMATE, 0.0, 0.05, 2025),
)  # fmt: skip


def build(figures: dict[str, Sourced], laws: dict[str, dict[str, Sourced]]) -> Technology:
    """The technology from its figures; beside them stand only the two measured tables on top and BLAST's anode fit."""
    return Technology(
        name="lfp",
        title={"en": "Lithium iron phosphate", "zh": "磷酸铁锂电池"},
        summary={
            "en": "Liquid-cooled containers of lithium iron phosphate cells: efficient and cheap, ages with time and "
            "warmth, not to be charged below freezing.",
            "zh": "液冷集装箱式磷酸铁锂电池:效率高、价格低,随时间和温度老化,零度以下不可充电。",
        },
        physics=LithiumIronPhosphatePhysics(figures),
        ageing=_laws(laws),
        thermal=THERMAL,
        converter=TWO_WAY_CONVERTER,
        costs={"china_2025": COSTS},
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
        ),
    )


ENTRY = build(FIGURES, LAWS)
