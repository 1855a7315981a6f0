"""Vanadium flow and hydrogen beside the curves and tables of stacks they were drawn from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from perdure.quantities import Confidence
from perdure.technology.chemistries import hydrogen_alkaline, hydrogen_pem, vanadium_flow
from perdure.technology.parts.flow_stack import TABLE_MEAN_OHM_CM2
from perdure.technology.parts.hydrogen_chain import HydrogenChainPhysics
from perdure.technology.technology import Technology
from perdure.timeline import Floats
from validation.comparison import Comparison, values
from validation.tables import BESIDE, kept, table

ISSUE = "set beforehand"
CELLS = BESIDE / "simses_celldata"
PUBLISHED = Confidence.PUBLISHED
STACK = vanadium_flow.ENTRY.physics.stack  # type: ignore[attr-defined]


def _chain(technology: Technology) -> HydrogenChainPhysics:
    assert isinstance(technology.physics, HydrogenChainPhysics)
    return technology.physics


PEM, ALKALINE = _chain(hydrogen_pem.ENTRY), _chain(hydrogen_alkaline.ENTRY)


def comparisons(fresh: bool = True) -> list[Comparison]:
    """All of this subject."""
    return [
        *vanadium(), *kept("vanadium_pump_result", CELLS, pump, fresh=fresh),
        *kept("hydrogen_curves_result", CELLS, curves, fresh=fresh), *alkaline(), *hydride(),
    ]  # fmt: skip


def vanadium() -> list[Comparison]:
    """Rest voltage and area resistance of the stack."""
    rest, ohms = table("vanadium_voltage"), table("vanadium_resistance")
    soc = rest["soc_percent"].to_numpy() / 100.0
    found = [
        Comparison(
            "vanadium_flow", "Rest voltage", "25 °C", "mV", values(1e3 * rest["voltage_v"].to_numpy()),
            values(1e3 * STACK.rest_voltage(soc)), str(rest["source"].iloc[0]), PUBLISHED, allowed=3.0,
            allowed_by="set with the model", at=values(soc), at_name="state of charge",
            fitted_to="six figures of the voltage's curve",
        )
    ]  # fmt: skip
    stack, at = replace(STACK, resistance_ohm_cm2=TABLE_MEAN_OHM_CM2), ohms["soc"].to_numpy()
    for side in ("charge", "discharge"):
        for celsius in (20, 25, 30):
            model = stack.resistance(at, np.full(5, celsius + 273.15), np.full(5, side == "charge"), 0.0)
            found.append(
                Comparison(
                    "vanadium_flow", "Area resistance", f"{side}, {celsius} °C", "Ω cm²",
                    values(ohms[f"{side}_{celsius}c_ohm"].to_numpy() * 2160.0 / 40.0), values(model),
                    str(ohms["source"].iloc[0]), PUBLISHED, allowed=0.002 if celsius == 25 else 0.13,
                    allowed_by="set with the model: one activation energy serves every charge", relative=True,
                    at=values(at), at_name="state of charge",
                    fitted_to="shape over charge (25 °C), resistance_activation_j_per_mol",
                    note="at the table's own level; the model's is that of the industrial stack, 1.8 Ω cm²",
                )
            )  # fmt: skip
    return found


def pump() -> list[Comparison]:
    """Efficiency of the circulation pump up to its best flow."""
    read = pd.read_csv(CELLS / "pump__pump_efficiency_renner_RM1_5_35.csv", header=None, index_col=0).T
    flow, share = read["Flowrate"].to_numpy(float) / 16.0, read["Efficiency"].to_numpy(float)
    best = flow <= 1.0
    model = 100.0 * STACK.pump_efficiency * flow * (2.0 - flow)
    return [
        Comparison(
            "vanadium_flow", "Pump efficiency", "Renner RM1-5/35, flow over its best", "%", values(share[best]),
            values(model[best]), "SimSES 1.3.12 (BSD-3)", PUBLISHED, allowed=3.0, allowed_by="set with the model",
            at=values(flow[best]), at_name="flow over best", fitted_to="pump_efficiency (its peak)",
        )
    ]  # fmt: skip


def curves() -> list[Comparison]:
    """Cell voltage of the PEM electrolyser and of the fuel cell."""
    into = _curve("electrolyzer__lookuptable__polarizationcurve1bar.csv")[1:]
    out = _curve("fuel_cell__polarizationcurve_jupiter.csv")
    out = out[out[:, 0] <= 0.62]
    source, splitter, cell = "SimSES 1.3.12 (BSD-3)", PEM.electrolyser, PEM.fuel_cell
    return [
        _voltage("hydrogen_pem", "Electrolyser voltage", "1 bar", into, splitter.voltage(into[:, 0]), source),
        _voltage("hydrogen_pem", "Fuel-cell voltage", "up to 0.62 A/cm²", out, cell.voltage(out[:, 0]), source),
    ]  # fmt: skip


def _curve(name: str) -> Floats:
    return pd.read_csv(CELLS / name).dropna().to_numpy(float)


def _voltage(technology: str, quantity: str, conditions: str, curve: Floats, model: Floats, source: str) -> Comparison:
    return Comparison(
        technology, quantity, conditions, "V", values(curve[:, 1]), values(model), source, PUBLISHED, allowed=0.01,
        allowed_by=ISSUE, relative=True, at=values(curve[:, 0]), at_name="current, A/cm²",
        fitted_to="the device's voltage figures",
    )  # fmt: skip


def alkaline() -> list[Comparison]:
    """Cell voltage of the alkaline electrolyser."""
    data = table("alkaline_curve")
    curve = data[["current_a_per_cm2", "voltage_v"]].to_numpy(float)
    model = ALKALINE.electrolyser.voltage(curve[:, 0])
    return [_voltage("hydrogen_alkaline", "Electrolyser voltage", "53.5 °C", curve, model, str(data["source"].iloc[0]))]


def hydride() -> list[Comparison]:
    """Plateau pressures of the pure alloy, each way."""
    tank = replace(PEM.tank, alloy_pressure_factor=1.0)
    celsius, found = np.array([20.0, 40.0, 60.0]), []
    for side, read in (("filling", (1.44, 3.2, 6.6)), ("emptying", (1.27, 2.8, 5.8))):
        told = tank.pressure_bar(np.full(3, 0.5), celsius, np.full(3, side == "filling"))
        found.append(
            Comparison(
                "hydrogen_pem", "Plateau pressure of LaNi5", f"{side}, half full", "bar", read, values(told),
                "Darzi et al., Int. J. Hydrogen Energy (2016), as quoted in an open project", Confidence.DERIVED,
                allowed=0.02, allowed_by="rounding of the read pressures", relative=True, at=values(celsius),
                at_name="temperature, °C", fitted_to="plateau_k and both constants (the same law)",
                note="the shipped tank holds an alloy of twice this pressure, an estimate",
            )
        )  # fmt: skip
    return found
