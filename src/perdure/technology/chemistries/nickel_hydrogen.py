"""Nickel-hydrogen vessels for the ground: figures with sources, limits, three ageing laws, costs.

The cell itself is in `technology/nickel_hydrogen_cell.py`; no measured table of a terrestrial vessel is open, so the
parameters come from a sister chemistry (nickel-metal hydride, the same nickel electrode) and published abstracts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import numpy as np

from perdure.quantities import Confidence, Sourced
from perdure.technology.ageing import AgeingLaw, Wear
from perdure.technology.nickel_hydrogen_cell import REFERENCE_K, Flow, NickelHydrogenCell, Standing
from perdure.technology.technology import Costs, Response, Technology
from perdure.technology.thermal import Thermal
from perdure.technology.two_way_converter import TWO_WAY_CONVERTER
from perdure.timeline import Floats

PUBLISHED, DERIVED, CLAIM = Confidence.PUBLISHED, Confidence.DERIVED, Confidence.CLAIM
UNVERIFIED, ESTIMATE = Confidence.UNVERIFIED, Confidence.ESTIMATE

_FIT = "fit to NREL open-circuit data of a NiMH cell (ADVISOR 2003) less its hydride electrode; rmse 0.93 mV"
_OPERATOR = "tuned to the operator-reported turn from cooling to heating near 80 % on a slow charge"
_LIMIT = "estimate: proposed controller limit for a terrestrial vessel"
_HST = (
    "Vaidyanathan, Rao, J. Power Sources (1996) abstract: Hubble cells lost 0.69 mV per 1000 cycles over 23,000 cycles"
)
_STAND = "no terrestrial measurement found; modern electrodes may be several times better"

FIGURES: dict[str, Sourced] = {
    "voltage_constant_v": Sourced(1.4269, "V", _FIT, DERIVED),
    "voltage_slope_v": Sourced(-0.1389, "V", _FIT, DERIVED),
    "voltage_low_v": Sourced(0.1000, "V", _FIT, DERIVED),
    "voltage_low_offset": Sourced(0.1315, "share", _FIT, DERIVED),
    "voltage_high_v": Sourced(0.01925, "V", _FIT, DERIVED),
    "voltage_high_offset": Sourced(1.001, "share", _FIT, DERIVED),
    "voltage_top_soc": Sourced(0.995, "share", "estimate: a straight line carries the fit on from here", ESTIMATE),
    "voltage_top_slope_v": Sourced(3.2, "V", "slope of the fit at its end", DERIVED),
    "entropy_v_per_k": Sourced(-0.72e-3, "V/K", "NREL data at 1, 26 and 40 °C", DERIVED, -0.78e-3, -0.65e-3),
    "hysteresis_v": Sourced(
        0.050, "V", "half the loop; manufacturer's loop for Ovonic NiMH gives 45 mV", DERIVED, 0.045, 0.060
    ),
    "hysteresis_settling_per_h": Sourced(
        0.01, "kW/kWh", "estimate: power above which the oxygen branch sees the full charge or discharge loop",
        ESTIMATE, 0.002, 0.03,
    ),
    "resistance_ohm_ah": Sourced(
        0.055, "Ω Ah", "fit to typical voltage-rate curves recalled, not seen; NiMH 0.020 to 0.050 read", UNVERIFIED,
        0.035, 0.075,
    ),
    "resistance_activation_j_per_mol": Sourced(
        20e3, "J/mol", "estimate within what NREL's NiMH resistance at 1 to 40 °C shows", ESTIMATE, 15e3, 25e3
    ),
    "resistance_empty_share": Sourced(0.6, "share", "estimate: rise in an empty electrode", ESTIMATE, 0.3, 1.0),
    "resistance_empty_soc": Sourced(0.06, "share", "estimate: reach of that rise", ESTIMATE, 0.03, 0.1),
    "electrode_share": Sourced(0.4, "share", "estimate: resistance on the nickel electrode", ESTIMATE, 0.2, 0.6),
    "oxygen_rate_per_h": Sourced(0.1, "1/h", "set with the oxygen voltage", ESTIMATE),
    "oxygen_voltage_v": Sourced(
        1.455, "V", "set for 1.50 V in C/10 overcharge at 25 °C, recalled", UNVERIFIED, 1.44, 1.47
    ),
    "oxygen_slope_v": Sourced(0.022, "V", _OPERATOR, DERIVED, 0.017, 0.053, note="51 mV per decade"),
    "oxygen_activation_j_per_mol": Sourced(60e3, "J/mol", "estimate", ESTIMATE, 45e3, 75e3),
    "self_discharge_per_day": Sourced(
        0.031, "1/day", "Kim et al., J. Electrochem. Soc. 139 (1992) 351: 3.1 % per day at 25 °C and 50 atm", PUBLISHED,
        0.0093, 0.062, 1992, _STAND,
    ),
    "self_discharge_pressure_bar": Sourced(50.7, "bar", "Kim et al. 1992 (50 atm)", PUBLISHED, year=1992),
    "self_discharge_order": Sourced(
        1.0, "", "Mao et al., J. Appl. Electrochem. 22 (1992) 409; disputed by Pralong et al. 1999 (weak)", PUBLISHED,
        0.0, 1.0, 1992,
    ),
    "self_discharge_activation_j_per_mol": Sourced(
        45e3, "J/mol", "estimate; 34 kJ/mol from recalled 72-hour stand losses", ESTIMATE, 34e3, 50e3
    ),
    "thermoneutral_v": Sourced(
        1.51, "V", "NASA RP-1314 usage, recalled; 1.541 follows from NREL's data", UNVERIFIED, 1.50, 1.541
    ),
    "full_pressure_bar": Sourced(
        35.0, "bar", "press 2023: five percent of a hydrogen vehicle tank", CLAIM, 30.0, 60.0, 2023
    ),
    "precharge_bar": Sourced(1.0, "bar", "Yardney cells, 14.5 psia (Smithrick)", PUBLISHED),
    "virial_m3_per_mol": Sourced(1.48e-5, "m³/mol", "second virial coefficient of hydrogen, recalled", UNVERIFIED),
    "ageing_voltage_v": Sourced(
        0.0207, "V", _HST, DERIVED, note="over 30,000 cycles, at the rate below; held as extra resistance"
    ),
    "ageing_rate_per_h": Sourced(0.25, "1/h", "estimate: rate at which that loss is seen", ESTIMATE),
    "rate_limit_per_h": Sourced(0.6, "1/h", "press: C/2 to C/12 vessels; a fifth more for losses", ESTIMATE, 0.5, 0.7),
    "charge_voltage_limit_v": Sourced(1.62, "V", _LIMIT, ESTIMATE),
    "discharge_voltage_limit_v": Sourced(1.00, "V", _LIMIT, ESTIMATE),
    "cold_off_c": Sourced(-25.0, "°C", _LIMIT, ESTIMATE),
    "cold_full_c": Sourced(-20.0, "°C", _LIMIT, ESTIMATE),
    "hot_charge_full_c": Sourced(45.0, "°C", _LIMIT, ESTIMATE),
    "hot_charge_slow_c": Sourced(50.0, "°C", _LIMIT, ESTIMATE),
    "hot_charge_rate_per_h": Sourced(0.1, "1/h", _LIMIT, ESTIMATE),
    "hot_discharge_full_c": Sourced(55.0, "°C", _LIMIT, ESTIMATE),
    "hot_off_c": Sourced(60.0, "°C", _LIMIT, ESTIMATE),
    "lowest_soc": Sourced(
        0.05, "share", "estimate, after INTELSAT VI storage (47 % fade when kept discharged)", ESTIMATE, 0.02, 0.1
    ),
    "highest_soc": Sourced(0.98, "share", _LIMIT, ESTIMATE, 0.95, 1.0),
    "oxygen_share_at_top": Sourced(
        0.10, "share", "estimate: charging stops where this share of the current makes oxygen", ESTIMATE, 0.05, 0.2
    ),
    "top_rate_per_h": Sourced(0.25, "1/h", "estimate: charging rate at which the top is set", ESTIMATE, 0.125, 0.5),
}  # fmt: skip

_VESSEL = tuple(field.name for field in fields(NickelHydrogenCell) if field.name in FIGURES)


class NickelHydrogenPhysics:
    """The cell seen per kWh of stored energy; stored energy is measured at the 25 °C rest voltage."""

    def __init__(self, figures: Mapping[str, Sourced]):
        self.value = {name: figure.value for name, figure in figures.items()}
        self.cell = NickelHydrogenCell(**{name: self.value[name] for name in _VESSEL})
        self._soc = np.linspace(0.0, 1.0, 2001)
        voltage = self.reference_voltage(self._soc)
        steps = 0.5 * (voltage[1:] + voltage[:-1]) * np.diff(self._soc)
        self._energy = np.concatenate([[0.0], np.cumsum(steps)])
        self.mean_voltage_v = float(self._energy[-1])
        self._top_temperature = np.linspace(-40.0, 70.0, 56)
        self._top_soc = self._top_of_charge(self._top_temperature)

    def reference_voltage(self, soc: Floats) -> Floats:
        """Rest voltage at 25 °C, the measure of stored energy, V."""
        return self.cell.rest_voltage(soc, np.asarray(REFERENCE_K))

    def respond(self, soc: Floats, temperature_c: Floats, power: Floats, impedance_share: float) -> Response:
        """Losses, heat, voltage and pressure at a terminal power."""
        soc, kelvin, power = np.broadcast_arrays(soc, np.asarray(temperature_c) + 273.15, power)
        settled = np.tanh(power / self.value["hysteresis_settling_per_h"])
        at = self.cell.standing(soc, kelvin, np.sign(power), settled, impedance_share)
        flow = self.cell.flow_at_power(at, power * self.mean_voltage_v)
        lost, reference = self.cell.self_discharge(soc, kelvin), self.reference_voltage(soc)
        return Response(
            loss_kw=power - reference * flow.main / self.mean_voltage_v,
            self_discharge_kw=reference * lost / self.mean_voltage_v,
            heat_kw=self.cell.heat(flow, lost) / self.mean_voltage_v,
            voltage_v=flow.voltage_v,
            pressure_bar=self.cell.pressure_bar(soc, kelvin),
        )

    def power_limits(self, soc: Floats, temperature_c: Floats, impedance_share: float) -> tuple[Floats, Floats]:
        """Largest discharge and charge power inside the rate cap, the voltage window and the temperature derating."""
        soc, celsius = np.broadcast_arrays(soc, temperature_c)
        discharge_cap, charge_cap = self._rate_caps(celsius)
        return (
            self._power_at_most(soc, celsius, -discharge_cap, self.value["discharge_voltage_limit_v"], impedance_share),
            self._power_at_most(soc, celsius, charge_cap, self.value["charge_voltage_limit_v"], impedance_share),
        )

    def soc_limits(self, temperature_c: Floats) -> tuple[Floats, Floats]:
        """The floor against storage fade, and the top beyond which charging mostly makes oxygen."""
        lowest = np.full(np.shape(temperature_c), self.value["lowest_soc"])
        return lowest, np.asarray(np.interp(temperature_c, self._top_temperature, self._top_soc))

    def energy_share(self, soc: Floats) -> Floats:
        """Stored energy over the energy at 100 %."""
        return np.interp(soc, self._soc, self._energy / self.mean_voltage_v)

    def _rate_caps(self, celsius: Floats) -> tuple[Floats, Floats]:
        """Discharge and charge rate the temperature allows, 1/h."""
        figure, cap = self.value, self.value["rate_limit_per_h"]
        cold, full, hot = figure["cold_off_c"], figure["cold_full_c"], figure["hot_off_c"]
        discharge = np.interp(celsius, [cold, full, figure["hot_discharge_full_c"], hot], [0.0, cap, cap, 0.0])
        charge = np.interp(
            celsius,
            [cold, full, figure["hot_charge_full_c"], figure["hot_charge_slow_c"], hot],
            [0.0, cap, cap, figure["hot_charge_rate_per_h"], 0.0],
        )
        return discharge, charge

    def _power_at_most(
        self, soc: Floats, celsius: Floats, cap: Floats, limit_v: float, impedance_share: float
    ) -> Floats:
        """Size of the power at the rate cap or the voltage limit, whichever binds; 0 where rest is already past it."""
        sign = np.sign(cap)
        at = self._standing(soc, celsius, sign, impedance_share)
        room = np.maximum(sign * (limit_v - at.rest_v), 0.0) / at.resistance
        flow: Flow = self.cell.flow_at_rate(at, sign * np.minimum(np.abs(cap), room))
        return np.asarray(flow.voltage_v * np.abs(flow.rate) / self.mean_voltage_v)

    def _standing(self, soc: Floats, celsius: Floats, hysteresis: Floats, impedance_share: float) -> Standing:
        return self.cell.standing(soc, celsius + 273.15, hysteresis, hysteresis, impedance_share)

    def _top_of_charge(self, temperature_c: Floats) -> Floats:
        """Where oxygen takes its allowed share at the reference charging rate, per temperature."""
        soc = np.linspace(0.5, 1.0, 501)
        grid, celsius = np.meshgrid(soc, temperature_c)
        rate = np.full(grid.shape, self.value["top_rate_per_h"])
        flow = self.cell.flow_at_rate(self._standing(grid, celsius, np.ones_like(grid), 0.0), rate)
        share = flow.oxygen / flow.rate
        tops = [np.interp(self.value["oxygen_share_at_top"], row, soc) for row in share]
        return np.minimum(np.array(tops), self.value["highest_soc"])


_CALENDAR = Sourced(0.002, "1/a", "estimate: at most 0.2 % a year", ESTIMATE, 0.0, 0.004)
_IMPEDANCE = Sourced(30000.0, "cycles", _HST, DERIVED, note="cycles to the declared aged state, 20.7 mV")
_IMPEDANCE_DEPTH = Sourced(
    0.1,
    "share",
    "Hubble's depth, about 8 to 10 %, recalled; shallower cycles count in proportion",
    UNVERIFIED,
    0.08,
    0.1,
)
_SCATTER = "Life scatters by a factor e^0.8 = 2.2 between cells (censored fit to published life tests)."

LAWS: dict[str, dict[str, Sourced]] = {
    "default": {
        "fade_per_cycle": Sourced(
            1.0e-5, "1/cycle", "estimate between aerospace tests and the vendor's claim", ESTIMATE, 4.67e-6, 2.1e-5
        ),
        "depth_exponent": Sourced(0.85, "", "estimate between the two other sets", ESTIMATE, 0.7, 1.0),
        "calendar_fade_per_year": _CALENDAR,
        "impedance_cycles": _IMPEDANCE,
        "impedance_depth": _IMPEDANCE_DEPTH,
    },
    "aerospace_26koh": {
        "fade_per_cycle": Sourced(
            2.1e-5, "1/cycle", "Lim et al., 26 % KOH: 19,500 cycles to failure at 80 % depth", DERIVED, 1.0e-5, 4.6e-5
        ),
        "depth_exponent": Sourced(0.7, "", "estimate: no test identifies the depth slope", ESTIMATE, 0.5, 1.0),
        "calendar_fade_per_year": _CALENDAR,
        "impedance_cycles": _IMPEDANCE,
        "impedance_depth": _IMPEDANCE_DEPTH,
    },
    "vendor_claim": {
        "fade_per_cycle": Sourced(
            4.67e-6, "1/cycle", "vendor's statement in the press 2023: 86 % after 30,000 cycles", CLAIM, year=2023
        ),
        "depth_exponent": Sourced(1.0, "", "estimate: the claim names full cycles only", ESTIMATE, 0.7, 1.0),
        "calendar_fade_per_year": Sourced(0.0, "1/a", "part of the claimed 14 % in 30 years", CLAIM, year=2023),
        "impedance_cycles": _IMPEDANCE,
        "impedance_depth": _IMPEDANCE_DEPTH,
    },
}  # fmt: skip

_LAW_TITLES = {
    "default": ("Between space tests and claim", "介于航天试验与厂商宣称之间"),
    "aerospace_26koh": ("Space life tests, 26 % KOH", "航天寿命试验(26% KOH)"),
    "vendor_claim": ("Vendor's claim", "厂商宣称"),
}


def _law(name: str, figures: dict[str, Sourced]) -> AgeingLaw:
    """Fade k D^m per cycle of depth D, a small calendar share, and a voltage loss that grows with the cycles."""
    k, m = figures["fade_per_cycle"].value, figures["depth_exponent"].value
    yearly = figures["calendar_fade_per_year"].value
    cycles, shallow = figures["impedance_cycles"].value, figures["impedance_depth"].value
    en, zh = _LAW_TITLES[name]
    return AgeingLaw(
        name,
        {"en": en, "zh": zh},
        (
            Wear("cycling", "capacity", 1.0, cyclic=lambda depth, rate, celsius, mean: k * depth**m, per="cycle"),
            Wear("calendar", "capacity", 1.0, calendar=lambda celsius, soc: np.full_like(soc, yearly / 365.25)),
            Wear(
                "voltage loss", "impedance", 1.0, per="cycle",
                cyclic=lambda depth, rate, celsius, mean: np.minimum(depth / shallow, 1.0) / cycles,
            ),
        ),
        figures,
        temperature_range_c=(-10.0, 40.0),
        rate_range_per_h=(0.0, 1.4),
        remarks=(_SCATTER,),
    )  # fmt: skip


THERMAL = Thermal(
    heat_capacity_kwh_per_k=Sourced(
        0.0054, "kWh/K per kWh", "974 J/kgK of a NiMH module (NREL ADVISOR) at 50 Wh/kg", DERIVED, 0.0045, 0.0068
    ),
    conductance_kw_per_k=Sourced(
        0.0010, "kW/K per kWh", "estimate: vessels in a vented container", ESTIMATE, 0.0005, 0.003
    ),
    cool_above_c=Sourced(35.0, "°C", "estimate: fans start", ESTIMATE, 30.0, 40.0),
    cooling_kw=Sourced(0.03, "kW per kWh", "estimate: heat the fans move", ESTIMATE, 0.015, 0.06),
    cooling_cop=Sourced(20.0, "", "estimate: heat moved over fan power", ESTIMATE, 10.0, 40.0),
    heat_below_c=Sourced(-10.0, "°C", "estimate", ESTIMATE, -20.0, 0.0),
    heating_kw=Sourced(0.01, "kW per kWh", "estimate: resistive heaters", ESTIMATE, 0.005, 0.02),
    heating_cop=Sourced(1.0, "", "resistive", DERIVED),
    base_load_kw=Sourced(0.0003, "kW per kWh", "estimate: controls, sensors, gas detectors", ESTIMATE, 0.0001, 0.0006),
)

_AS_LFP = "as for lithium iron phosphate, converted at 7.2 CNY/USD"
COSTS = Costs(
    currency="USD",
    title={"en": "China, 2025", "zh": "中国，2025 年"},
    energy_per_kwh=Sourced(
        250.0, "USD/kWh", "estimate, no vendor publishes one; materials 49 to 83 (PNAS 2018, Adv. Mater. 2023)",
        ESTIMATE, 150.0, 400.0, 2026, "vessel and rack; 150 (90 to 250) thought possible by 2030",
    ),
    power_per_kw=Sourced(42.0, "USD/kW", f"{_AS_LFP}: Chinese system tenders June 2025", DERIVED, 22.0, 70.0, 2025),
    balance_per_kwh=Sourced(42.0, "USD/kWh", f"{_AS_LFP}: Bernstein 2025, with construction less system", ESTIMATE,
                            28.0, 90.0, 2025),
    development_share=Sourced(0.05, "share", "estimate; PNNL 2022 has 14 % for LFP", ESTIMATE, 0.02, 0.14, 2026),
    fixed_om_share_per_year=Sourced(0.0075, "1/a", "estimate: 0.5 to 1 % a year", ESTIMATE, 0.005, 0.01, 2026),
    variable_om_per_kwh=Sourced(0.0, "USD/kWh", "estimate: nothing wears by energy alone", ESTIMATE, 0.0, 0.002, 2026),
    replacement_share=Sourced(0.6, "share", "estimate: 150 over 250 USD/kWh, 2030 over 2026", ESTIMATE, 0.4, 1.0, 2026),
    decommissioning_per_kwh=Sourced(3.0, "USD/kWh", "estimate; PNNL 2022 has 2.65 for LFP", ESTIMATE, 0.0, 10.0, 2026),
    residual_share=Sourced(0.05, "share", "estimate: nickel scrap", ESTIMATE, 0.0, 0.15, 2026),
)  # fmt: skip


def build(figures: dict[str, Sourced], laws: dict[str, dict[str, Sourced]]) -> Technology:
    """The technology from its figures; nothing physical is kept elsewhere."""
    return Technology(
        name="nickel_hydrogen",
        title={"en": "Nickel-hydrogen vessels", "zh": "镍氢(气)压力容器电池"},
        summary={
            "en": "Sealed vessels with a nickel electrode and hydrogen gas: long life, wide temperature range, "
            "tolerant of overcharge; self-discharge and oxygen evolution cost energy when hot.",
            "zh": "镍电极与氢气组成的密封压力容器:寿命长、温度范围宽、耐过充;高温下自放电和析氧带来能量损失。",
        },
        physics=NickelHydrogenPhysics(figures),
        ageing={name: _law(name, own) for name, own in laws.items()},
        thermal=THERMAL,
        converter=TWO_WAY_CONVERTER,
        costs={"china_2025": COSTS},
        figures=figures,
        power_range_per_h=(1.0 / 12.0, 0.5),
        temperature_range_c=(-25.0, 60.0),
        end_of_life_capacity_share=0.7,
        measured_on="NiMH cells with the same nickel electrode (NREL), abstracts of space cells; no terrestrial vessel",
        sensitive_to="power, state of charge, temperature; self-discharge to pressure",
        not_valid_for="rates beyond C/2, rest below 5 % charge, vessels filled to another pressure unless it is set",
        remarks=(
            "Checked against published abstracts and a sister chemistry, not against measured tables of a vessel.",
            "Self-discharge is uncertain by a factor of 0.3 to 2: vary it in every study that rests for days.",
            "Storage fade below 5 % charge is not modelled; the 5 % floor with top-up is taken to prevent it.",
            "At rest the hysteresis is taken as released; right after a charge the real oxygen loss is higher.",
            "Usable capacity does not fall with temperature here; space cells are recalled to lose 20 % at 30 °C.",
            "End of life at 70 % of the new capacity is a choice; space tests count failure at 1.4C, a harsher test.",
            _SCATTER,
        ),
    )


ENTRY = build(FIGURES, LAWS)
