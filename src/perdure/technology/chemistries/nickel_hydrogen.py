"""Nickel-hydrogen vessels for the ground: figures with sources, limits, three ageing laws, costs.

The cell itself is in `technology/parts/nickel_hydrogen_cell.py`; no measured table of a terrestrial vessel is open, so
the parameters come from a sister chemistry (nickel-metal hydride, the same nickel electrode) and published abstracts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import partial

import numpy as np

from perdure.quantities import Confidence, Sourced
from perdure.technology.parts.nickel_hydrogen_ageing import HUBBLE, LAWS, SCATTER_REMARK, law
from perdure.technology.parts.nickel_hydrogen_bench import stood
from perdure.technology.parts.nickel_hydrogen_cell import REFERENCE_K, Flow, NickelHydrogenCell
from perdure.technology.parts.nickel_hydrogen_costs import COST_SETS
from perdure.technology.parts.nickel_hydrogen_vessel import LEVELS, STORAGE_FIGURES, THERMAL, inventory, storage_fade
from perdure.technology.parts.two_way_converter import TWO_WAY_CONVERTER
from perdure.technology.technology import Response, Technology
from perdure.timeline import Floats

PUBLISHED, DERIVED, CLAIM = Confidence.PUBLISHED, Confidence.DERIVED, Confidence.CLAIM
UNVERIFIED, ESTIMATE = Confidence.UNVERIFIED, Confidence.ESTIMATE

_FIT = "fit to NREL open-circuit data of a NiMH cell (ADVISOR 2003) less its hydride electrode; rmse 0.93 mV"
_OPERATOR = "tuned to the operator-reported turn from cooling to heating near 80 % on a slow charge"
_LIMIT = "estimate: proposed controller limit for a terrestrial vessel"
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
    "hysteresis_per_charge": Sourced(
        15.0, "", "tuned with the oxygen slope: 98 % of the charge back in low orbit (Zhou et al., SAE 1999-01-2538)",
        DERIVED, 10.0, 30.0, note="share of the way to the other side of the loop per share of charge moved",
    ),
    "hysteresis_depth": Sourced(
        0.90, "share", "estimate: depth of the cycles whose mean place in the loop the map takes", ESTIMATE, 0.1, 0.95,
        note="full cycles; shallow duty moves through less of the loop and loses less than the map says",
    ),
    "hysteresis_settling_per_h": Sourced(
        0.02, "kW/kWh", "estimate: power above which the oxygen branch sees the full charge or discharge loop",
        ESTIMATE, 0.002, 0.03,
    ),
    "hysteresis_kept_at_top_share": Sourced(
        0.73, "share", "chosen so that map and exact cell lose the same in daily full cycles, within 5 %", DERIVED,
        0.4, 0.9, note="part of the loop the oxygen branch keeps when resting at the top of charge",
    ),
    "hysteresis_released_share": Sourced(
        0.0, "share", "estimate: place in the loop the oxygen branch is taken at when resting far below full", ESTIMATE,
        -0.5, 0.5, note="after a long rest; -1 would be just discharged",
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
        0.0207, "V", HUBBLE, DERIVED, note="over 30,000 cycles; taken off the discharge voltage at any power"
    ),
    "ageing_charge_share": Sourced(
        0.0, "share", "estimate: of that voltage, what charging needs more; the abstract tells nothing of it", ESTIMATE,
        0.0, 1.0,
    ),
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
    "allowable_pressure_bar": Sourced(
        45.0, "bar", "estimate: design value for 35 bar of working pressure; the relief valve opens here", ESTIMATE,
        40.0, 90.0,
    ),
    "pressure_warn_share": Sourced(
        0.817, "share", "estimate: 5 % above the working pressure, over the allowable one; charging slows", ESTIMATE,
        0.78, 0.90,
    ),
    "pressure_stop_share": Sourced(
        0.871, "share", "estimate: 12 % above the working pressure, over the allowable one; charging stops", ESTIMATE,
        0.80, 0.95,
    ),
    "capacity_loss_per_k": Sourced(
        0.0, "1/K", "left out: 0.0115 above 10 °C recalled from 30 Ah space cells, not seen", UNVERIFIED, 0.0, 0.012,
        note="lowers the top of charge; set it to see what the recalled table would cost",
    ),
    "highest_soc": Sourced(0.98, "share", _LIMIT, ESTIMATE, 0.95, 1.0),
    "oxygen_share_at_top": Sourced(
        0.10, "share", "estimate: charging stops where this share of the current makes oxygen", ESTIMATE, 0.05, 0.2
    ),
    "top_rate_per_h": Sourced(0.25, "1/h", "estimate: charging rate at which the top is set", ESTIMATE, 0.125, 0.5),
    **STORAGE_FIGURES,
}  # fmt: skip

_CAPACITY_REFERENCE_C = 10.0
"""Temperature the recalled capacity table is relative to; `capacity_loss_per_k` counts from here."""
_SMALLEST_WINDOW = 0.01
"""Share of charge always left between the limits, so that every temperature has a window."""
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
        self.loop_share = self.cell.loop_share(self.value["hysteresis_depth"])
        self._top_temperature = np.linspace(-40.0, 70.0, 56)
        self._top_soc = self._top_of_charge(self._top_temperature)

    def reference_voltage(self, soc: Floats) -> Floats:
        """Rest voltage at 25 °C, the measure of stored energy, V."""
        return self.cell.rest_voltage(soc, np.asarray(REFERENCE_K))

    def respond(self, soc: Floats, temperature_c: Floats, power: Floats, impedance_share: float) -> Response:
        """Losses, heat, voltage and pressure at a terminal power."""
        soc, kelvin, power = np.broadcast_arrays(soc, np.asarray(temperature_c) + 273.15, power)
        settled = self._oxygen_hysteresis(soc, kelvin, power)
        direction = np.sign(power)
        ageing = self.cell.ageing_polarisation(direction, impedance_share)
        at = self.cell.standing(soc, kelvin, self.loop_share * direction, settled, ageing)
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
        """Largest discharge and charge power inside rate cap, voltage window, temperature and pressure derating."""
        soc, celsius = np.broadcast_arrays(soc, temperature_c)
        discharge_cap, charge_cap = self._rate_caps(celsius)
        warn, stop = self._pressures_bar
        charge_cap = charge_cap * np.interp(self.cell.pressure_bar(soc, celsius + 273.15), [warn, stop], [1.0, 0.0])
        return (
            self._power_at_most(soc, celsius, -discharge_cap, self.value["discharge_voltage_limit_v"], impedance_share),
            self._power_at_most(soc, celsius, charge_cap, self.value["charge_voltage_limit_v"], impedance_share),
        )

    def soc_limits(self, temperature_c: Floats) -> tuple[Floats, Floats]:
        """The floor against storage fade; the top, where charging makes oxygen or the pressure passes its ceiling."""
        celsius = np.asarray(temperature_c, dtype=float)
        lowest = np.full(celsius.shape, self.value["lowest_soc"])
        top = np.interp(celsius, self._top_temperature, self._top_soc)
        top = top - self.value["capacity_loss_per_k"] * np.maximum(celsius - _CAPACITY_REFERENCE_C, 0.0)
        top = np.minimum(top, self.cell.soc_at_pressure(self._pressures_bar[1], celsius + 273.15))
        return lowest, np.maximum(top, lowest + _SMALLEST_WINDOW)

    @property
    def _pressures_bar(self) -> tuple[float, float]:
        """Where charging begins to slow, and where it stops."""
        allowable = self.value["allowable_pressure_bar"]
        stop = self.value["pressure_stop_share"] * allowable
        return min(self.value["pressure_warn_share"] * allowable, 0.999 * stop), stop

    def energy_share(self, soc: Floats) -> Floats:
        """Stored energy over the energy at 100 %."""
        return np.interp(soc, self._soc, self._energy / self.mean_voltage_v)

    def _oxygen_hysteresis(self, soc: Floats, kelvin: Floats, power: Floats) -> Floats:
        """Place in the loop the oxygen branch sees: some of the time at rest, more of it moving as power grows."""
        moving = np.tanh(np.abs(power) / self.value["hysteresis_settling_per_h"])
        gain = self.cell.hysteresis_v / self.cell.oxygen_slope_v * REFERENCE_K / kelvin
        resting = np.exp(gain * self._hysteresis_at_rest(soc, kelvin))
        return np.asarray(np.log(resting + moving * (np.exp(gain * np.sign(power)) - resting)) / gain)

    def _hysteresis_at_rest(self, soc: Floats, kelvin: Floats) -> Floats:
        """Place in the loop a resting cell is taken at: as if it had come down from its top of charge by standing."""
        released = self.value["hysteresis_released_share"]
        below = np.interp(kelvin - 273.15, self._top_temperature, self._top_soc) - soc
        at_top = self.value["hysteresis_kept_at_top_share"]
        kept = 1.0 / (1.0 + (1.0 / at_top - 1.0) * np.exp(self.cell.hysteresis_per_charge * below))
        return np.asarray(released + (1.0 - released) * kept)

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
        ageing = self.cell.ageing_polarisation(sign, impedance_share)
        at = self.cell.standing(soc, celsius + 273.15, sign, sign, ageing)
        room = np.maximum(sign * (limit_v - at.rest_v), 0.0) / at.resistance
        flow: Flow = self.cell.flow_at_rate(at, sign * np.minimum(np.abs(cap), room))
        return np.asarray(flow.voltage_v * np.abs(flow.rate) / self.mean_voltage_v)

    def _top_of_charge(self, temperature_c: Floats) -> Floats:
        """Where oxygen takes its allowed share at the reference charging rate, per temperature."""
        soc = np.linspace(0.5, 1.0, 501)
        grid, celsius = np.meshgrid(soc, temperature_c)
        rate = np.full(grid.shape, self.value["top_rate_per_h"])
        charged = np.ones_like(grid)
        flow = self.cell.flow_at_rate(self.cell.standing(grid, celsius + 273.15, charged, charged), rate)
        share = flow.oxygen / flow.rate
        tops = [np.interp(self.value["oxygen_share_at_top"], row, soc) for row in share]
        return np.minimum(np.array(tops), self.value["highest_soc"])


REMARKS = (
    "Checked against published abstracts and a sister chemistry, not against measured tables of a vessel.",
    "Self-discharge is uncertain by a factor of 0.3 to 2: vary it in every study that rests for days.",
    "Standing below 5 % charge and warm puts capacity out of reach until a charge to the top brings it back.",
    "Hysteresis losses are those of full cycles, within 5 %; cycles of 10 % depth lose a third of what is shown here.",
    "Standing loss near the top is that of hours after a charge; in a run, days kept full lose about half of it.",
    "Usable capacity does not fall with temperature here; space cells are recalled to lose 20 % at 30 °C.",
    "Ageing is taken as a lower discharge voltage at any power; charging is taken as unchanged.",
    "Fans hold the vessels at 30 °C where the air is cooler; there is no chiller.",
    "End of life at 70 % of the new capacity is a choice; space tests count failure at 1.4C, a harsher test.",
    SCATTER_REMARK,
)


def build(figures: dict[str, Sourced], laws: dict[str, dict[str, Sourced]]) -> Technology:
    """The technology from its figures; nothing physical is kept elsewhere."""
    physics = NickelHydrogenPhysics(figures)
    return Technology(
        name="nickel_hydrogen",
        title={"en": "Nickel-hydrogen vessels", "zh": "镍氢(气)压力容器电池"},
        summary={
            "en": "Sealed vessels with a nickel electrode and hydrogen gas: long life, wide temperature range, "
            "tolerant of overcharge; self-discharge and oxygen evolution cost energy when hot.",
            "zh": "镍电极与氢气组成的密封压力容器:寿命长、温度范围宽、耐过充;高温下自放电和析氧带来能量损失。",
        },
        physics=physics,
        ageing={name: law(name, own) for name, own in laws.items()},
        thermal=THERMAL,
        converter=TWO_WAY_CONVERTER,
        costs=COST_SETS,
        figures=figures,
        power_range_per_h=(1.0 / 12.0, 0.5),
        temperature_range_c=(-25.0, 60.0),
        end_of_life_capacity_share=0.7,
        measured_on="NiMH cells with the same nickel electrode (NREL), abstracts of space cells; no terrestrial vessel",
        sensitive_to="power, state of charge, temperature; self-discharge to pressure",
        not_valid_for="rates beyond C/2, another filling pressure unless it is set, losses of shallow regulation duty",
        remarks=REMARKS,
        slow_states=(storage_fade(figures),),
        levels=LEVELS,
        inventory=inventory(physics.cell, physics.mean_voltage_v),
        standing=partial(stood, physics.cell),
    )


ENTRY = build(FIGURES, LAWS)
