"""A cell as a voltage source with hysteresis behind a resistance: plain curves and figures in, physics of a store out.

Inside: volts, °C, rates in 1/h (current over capacity, charging positive), resistances in ohm Ah.
Stored energy is charge times the open-circuit voltage at the reference temperature; the voltage's temperature
coefficient gives the reversible heat and moves no voltage (a few millivolts), so that the energy account closes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from perdure.errors import Faults, did_you_mean
from perdure.quantities import Sourced
from perdure.technology.technology import Response
from perdure.timeline import Floats

GAS, REFERENCE_K, HOURS_PER_MONTH = 8.314462618, 298.15, 730.5
LOWEST_VOLTAGE_SHARE = 0.6
"""Beyond the power that pulls the cell to this share of its rest voltage, the voltage is held: finite, lossy."""

NEEDED = ("charge_rate_limit_per_h", "discharge_rate_limit_per_h",
          "charge_voltage_limit_v", "discharge_voltage_limit_v",
          "cold_charge_off_c", "cold_charge_full_c", "cold_discharge_off_c", "cold_discharge_full_c",
          "hot_full_c", "hot_off_c")  # fmt: skip
"""Figures every cell must state."""
DEFAULTS = {
    "resistance_scale": 1.0,  # on the whole table: what the table's pulses are too short to see
    "resistance_cold_activation_j_per_mol": 0.0,  # carries the table below its coldest column
    "resistance_hot_activation_j_per_mol": 0.0,  # and above its warmest
    "hysteresis_v": 0.0,  # half the loop
    "entropy_v_per_k": 0.0,  # of the open-circuit voltage, added to the curve where there is one
    "side_reaction_share": 0.0,  # of the charging current, that stores nothing and ends as heat
    "self_discharge_per_month": 0.0,  # at 25 °C and half charge
    "self_discharge_activation_j_per_mol": 0.0,
    "self_discharge_soc_slope": 0.0,  # its rise from empty to full, over its value at half charge
    "lowest_soc": 0.0,
    "highest_soc": 1.0,
}
"""Figures that may be left out. So may `open_circuit_half_v` and `resistance_ohm_ah`, which the curves then give."""
FROM_CURVES = ("open_circuit_half_v", "resistance_ohm_ah")


def _none() -> Floats:
    return np.zeros(0)


@dataclass(frozen=True, eq=False)
class CellCurves:
    """Measured curves of a cell. Tables are (points of charge, temperatures); one number makes a table of one by one.

    `open_circuit_half_v` and `resistance_ohm_ah` among the figures shift the voltage to their value at half charge and
    scale both tables to theirs (discharging, half charge, 25 °C), so the tables may be in any unit of resistance.
    """

    soc: Floats  # (n,) rising from 0 to 1
    voltage_v: Floats  # (n,) open circuit at 25 °C
    resistance_soc: Floats  # (rows,)
    resistance_c: Floats  # (columns,) temperatures
    charge_resistance: Floats  # (rows, columns)
    discharge_resistance: Floats  # (rows, columns)
    entropy_soc: Floats = field(default_factory=_none)  # (m,) or empty
    entropy_v_per_k: Floats = field(default_factory=_none)  # (m,)

    def resistance(self, table: Floats, soc: Floats, celsius: Floats) -> Floats:
        """Bilinear in state of charge and temperature, held at the edges (any shape)."""
        columns = [np.interp(soc, self.resistance_soc, column) for column in table.T]
        value = np.asarray(columns[0])
        for left, right, low, high in zip(columns[:-1], columns[1:], self.resistance_c[:-1], self.resistance_c[1:],
                                          strict=True):  # fmt: skip
            value = value + np.clip((celsius - low) / (high - low), 0.0, 1.0) * (right - left)
        return value

    def given(self) -> dict[str, float]:
        """The two figures the curves themselves tell."""
        table = self.resistance(self.discharge_resistance, np.asarray(0.5), np.asarray(25.0))
        return {
            "open_circuit_half_v": float(np.interp(0.5, self.soc, self.voltage_v)),
            "resistance_ohm_ah": float(table),
        }

    def check(self, faults: Faults) -> None:
        """Note what no cell's curves can be: charge that does not rise, voltages or resistances not above zero."""
        for name in ("soc", "resistance_soc", "resistance_c", "entropy_soc"):
            axis = getattr(self, name)
            if np.ndim(axis) != 1 or not np.all(np.diff(axis) > 0.0):
                faults.add(name, "must rise from point to point", np.asarray(axis).tolist())
        if len(self.soc) < 2 or self.soc[0] != 0.0 or self.soc[-1] != 1.0:
            faults.add("soc", "must reach from empty to full", np.asarray(self.soc).tolist(), "0 first, 1 last")
        shape = (len(self.resistance_soc), len(self.resistance_c))
        for name, values, wanted in (
            ("voltage_v", self.voltage_v, (len(self.soc),)),
            ("charge_resistance", self.charge_resistance, shape),
            ("discharge_resistance", self.discharge_resistance, shape),
        ):
            if np.shape(values) != wanted:
                faults.add(name, "does not fit its axes", np.shape(values), f"{wanted}")
            elif not np.all(np.isfinite(values) & (values > 0.0)):
                faults.add(name, "holds values that are not above 0", float(np.min(values)), "above 0")
        if np.shape(self.entropy_v_per_k) != np.shape(self.entropy_soc):
            faults.add("entropy_v_per_k", "does not fit its axis", np.shape(self.entropy_v_per_k),
                       f"{np.shape(self.entropy_soc)}")  # fmt: skip


class EquivalentCircuit:
    """Physics of a store of such cells, per kWh of stored energy. Figures by name: see `NEEDED` and `DEFAULTS`."""

    def __init__(self, figures: Mapping[str, Sourced], curves: CellCurves):
        """Raises InputError with every fault of figures and curves."""
        faults = Faults()
        curves.check(faults)
        _check(figures, faults)
        faults.raise_if_any()
        self.curves, own = curves, curves.given()
        self.value = DEFAULTS | own | {name: figure.value for name, figure in figures.items()}
        self._shift_v = self.value["open_circuit_half_v"] - own["open_circuit_half_v"]
        self._scale = self.value["resistance_ohm_ah"] / own["resistance_ohm_ah"] * self.value["resistance_scale"]
        self._soc = np.linspace(0.0, 1.0, 2001)
        voltage = self.reference_voltage(self._soc)
        steps = 0.5 * (voltage[1:] + voltage[:-1]) * np.diff(self._soc)
        self._energy = np.concatenate([[0.0], np.cumsum(steps)])
        self.mean_voltage_v = float(self._energy[-1])

    def reference_voltage(self, soc: Floats) -> Floats:
        """Open-circuit voltage without hysteresis at 25 °C, the measure of stored energy, V."""
        return np.asarray(np.interp(soc, self.curves.soc, self.curves.voltage_v) + self._shift_v)

    def respond(self, soc: Floats, temperature_c: Floats, power: Floats, impedance_share: float) -> Response:
        """Losses, heat and voltage at a terminal power."""
        soc, celsius, power = np.broadcast_arrays(soc, np.asarray(temperature_c, dtype=float), power)
        reference, direction = self.reference_voltage(soc), np.sign(power)
        rest = reference + self.value["hysteresis_v"] * direction
        resistance = self.resistance_ohm_ah(soc, celsius, direction, impedance_share)
        rate, voltage = _at_power(rest, resistance, power * self.mean_voltage_v)
        astray = self.value["side_reaction_share"] * np.maximum(rate, 0.0)
        loss = ((voltage - reference) * rate + reference * astray) / self.mean_voltage_v
        lost = self._self_discharge(soc, celsius) * reference / self.mean_voltage_v
        return Response(loss, lost, loss + lost + self._bound(soc, celsius) * (power - loss - lost), voltage)

    def power_limits(self, soc: Floats, temperature_c: Floats, impedance_share: float) -> tuple[Floats, Floats]:
        """Largest discharge and charge power inside the rate caps, the voltage window and the temperature derating."""
        soc, celsius = np.broadcast_arrays(soc, np.asarray(temperature_c, dtype=float))
        sides, figure = [], self.value
        for sign, side in ((-1.0, "discharge"), (1.0, "charge")):
            cap = figure[f"{side}_rate_limit_per_h"]
            corners = [figure[f"cold_{side}_off_c"], figure[f"cold_{side}_full_c"], figure["hot_full_c"],
                       figure["hot_off_c"]]  # fmt: skip
            rest = self.reference_voltage(soc) + sign * figure["hysteresis_v"]
            resistance = self.resistance_ohm_ah(soc, celsius, np.full(soc.shape, sign), impedance_share)
            room = np.maximum(sign * (figure[f"{side}_voltage_limit_v"] - rest), 0.0) / resistance
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

    def resistance_ohm_ah(self, soc: Floats, celsius: Floats, sign: Floats, impedance_share: float) -> Floats:
        """Resistance times capacity: the table in between, Arrhenius laws below its coldest and above its warmest."""
        curves, kelvin = self.curves, celsius + 273.15
        table = np.where(
            sign >= 0.0,
            curves.resistance(curves.charge_resistance, soc, celsius),
            curves.resistance(curves.discharge_resistance, soc, celsius),
        )
        coldest, warmest = curves.resistance_c[0] + 273.15, curves.resistance_c[-1] + 273.15
        below = (
            self.value["resistance_cold_activation_j_per_mol"]
            / GAS
            * (1.0 / np.minimum(kelvin, coldest) - 1.0 / coldest)
        )
        above = (
            self.value["resistance_hot_activation_j_per_mol"]
            / GAS
            * (1.0 / np.maximum(kelvin, warmest) - 1.0 / warmest)
        )
        return np.asarray(self._scale * (1.0 + impedance_share) * np.exp(below + above) * table)

    def _self_discharge(self, soc: Floats, celsius: Floats) -> Floats:
        """Charge lost over capacity, 1/h."""
        warm = -self.value["self_discharge_activation_j_per_mol"] / GAS * (1.0 / (celsius + 273.15) - 1.0 / REFERENCE_K)
        by_charge = np.maximum(1.0 + self.value["self_discharge_soc_slope"] * (soc - 0.5), 0.0)
        return np.asarray(self.value["self_discharge_per_month"] / HOURS_PER_MONTH * by_charge * np.exp(warm))

    def _bound(self, soc: Floats, celsius: Floats) -> Floats:
        """Reversible heat over stored power: T dU/dT over U, warming on charge where the voltage rises with warmth."""
        slope = self.value["entropy_v_per_k"] + np.zeros(np.shape(soc))
        if self.curves.entropy_soc.size:
            slope = slope + np.interp(soc, self.curves.entropy_soc, self.curves.entropy_v_per_k)
        return np.asarray((celsius + 273.15) * slope / self.reference_voltage(soc))


def _at_power(rest: Floats, resistance: Floats, power_v: Floats) -> tuple[Floats, Floats]:
    """Rate and terminal voltage at a power per Ah (V/h)."""
    lowest = -LOWEST_VOLTAGE_SHARE * (1.0 - LOWEST_VOLTAGE_SHARE) * rest**2 / resistance
    carried = np.maximum(power_v, lowest)
    rate = (np.sqrt(rest**2 + 4.0 * resistance * carried) - rest) / (2.0 * resistance)
    voltage = rest + resistance * rate
    return rate + (power_v - carried) / voltage, voltage


def _check(figures: Mapping[str, Sourced], faults: Faults) -> None:
    """Note names that are missing or unknown, and figures that contradict each other."""
    known = (*NEEDED, *DEFAULTS, *FROM_CURVES)
    for name in figures:
        if name not in known:
            faults.add(name, "is no figure of an equivalent circuit", cure=did_you_mean(name, known))
    missing = [name for name in NEEDED if name not in figures]
    for name in missing:
        faults.add(name, "is missing", cure="State it with its source.")
    if missing:
        return
    value = DEFAULTS | {name: figure.value for name, figure in figures.items()}
    for side in ("charge", "discharge"):
        corners = [f"cold_{side}_off_c", f"cold_{side}_full_c", "hot_full_c", "hot_off_c"]
        if not np.all(np.diff([value[name] for name in corners]) > 0.0):
            faults.add(corners[0], "temperatures of derating must rise", [value[name] for name in corners],
                       " < ".join(corners))  # fmt: skip
    for low, high in (("lowest_soc", "highest_soc"), ("discharge_voltage_limit_v", "charge_voltage_limit_v")):
        if not value[low] < value[high]:
            faults.add(low, f"must lie below {high}", value[low], f"below {value[high]:g}")
    for name in ("charge_rate_limit_per_h", "discharge_rate_limit_per_h", "resistance_scale"):
        if not value[name] > 0.0:
            faults.add(name, "must be above 0", value[name], "above 0")
    for name in ("hysteresis_v", "self_discharge_per_month"):
        if value[name] < 0.0:
            faults.add(name, "must not be negative", value[name], "0 or more")
    if not 0.0 <= value["side_reaction_share"] < 1.0:
        faults.add("side_reaction_share", "is a share", value["side_reaction_share"], "0 up to below 1")
