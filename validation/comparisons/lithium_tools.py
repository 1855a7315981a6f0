"""Lithium cells beside other simulators: SimSES 2's ageing of one cell, PyBaMM's porous-electrode cells."""

from __future__ import annotations

import numpy as np
import pandas as pd

from perdure.quantities import Confidence, Sourced
from perdure.simulate.stress import stress_of_series
from perdure.technology.chemistries import lfp, nmc
from perdure.technology.parts.equivalent_circuit import CellCurves, EquivalentCircuit
from perdure.timeline import Floats
from validation.comparison import Comparison, values
from validation.duties import DUTIES, STEP_H, day
from validation.tables import table

ISSUE = "set beforehand"
RATE = 0.25
CELLS = {"chen2020": ("nmc", "NMC 811 with graphite and silicon (Chen 2020)"),
         "prada2013": ("lfp", "LFP with graphite (Prada 2013)")}  # fmt: skip

_PULSES = "resistance from pulses of 20 min at C/4 out of rest; pulses end, not begin, at the charge they stand for"
NOTES = {
    "chen2020": f"{_PULSES} (begun there, a first try came to -0.23 points)",
    "prada2013": f"{_PULSES} (begun there, a first try came to -2.6 points: one pulse ran the cell empty)",
}


def comparisons() -> list[Comparison]:
    """All of this subject."""
    return [*ageing(), *porous_electrode()]


def ageing() -> list[Comparison]:
    """Naumann's law on the duties that SimSES 2 went through step by step."""
    frame, found = table("simses_ageing"), []
    law = lfp.ENTRY.ageing["naumann"]
    for duty in DUTIES:
        rows = frame[frame["duty"] == duty]
        soc = np.tile(day(duty), 365)
        stress = stress_of_series(soc, np.full(len(soc), 25.0), STEP_H)
        yearly = law.increments(stress) * 365.0 / stress.days
        model = [100.0 * law.health(yearly * year).capacity_share for year in rows["year"]]
        found.append(
            Comparison(
                "lfp", "Capacity by year, law naumann", f"{duty}, 25 °C", "%",
                values(100.0 * rows["capacity_share"].to_numpy()), values(model),
                f"SimSES {rows['version'].iloc[0]}, run step by step", Confidence.DERIVED, allowed=0.3,
                allowed_by=ISSUE, at=values(rows["year"].to_numpy()), at_name="year",
                note="the same published law in two programs",
            )
        )  # fmt: skip
    return found


def porous_electrode() -> list[Comparison]:
    """A cell rebuilt from rest voltage and pulses, cycled at C/4, beside the porous-electrode model it came from."""
    cycles: pd.DataFrame = table("pybamm_cycles")
    found = []
    for cell, (technology, told) in CELLS.items():
        row = cycles[cycles["cell"] == cell].iloc[0]
        share = 100.0 * round_trip(reduced(cell, float(row["capacity_ah"])), float(row["low"]), float(row["high"]))
        found.append(
            Comparison(
                technology, "Energy efficiency of a cell at C/4", f"{told}, 10 to 90 %", "%",
                (100.0 * float(row["discharged_wh"]) / float(row["charged_wh"]),), (share,),
                f"PyBaMM {row['version']}, Doyle-Fuller-Newman", Confidence.DERIVED, allowed=1.0, allowed_by=ISSUE,
                note=NOTES[cell],
            )
        )  # fmt: skip
    return found


def reduced(cell: str, capacity_ah: float) -> EquivalentCircuit:
    """The cell as perdure describes one: its rest voltage, and its resistance after pulses of 20 minutes."""
    rest, pulses = table(f"pybamm_{cell}_rest"), table(f"pybamm_{cell}_pulses")
    soc = pulses["soc"].to_numpy()
    at_rest, columns = np.interp(soc, rest["soc"], rest["voltage_v"]), {}
    for side, sign in (("charge", 1.0), ("discharge", -1.0)):
        columns[side] = (sign * (pulses[f"{side}_end_v"] - at_rest) / (RATE * capacity_ah)).to_numpy()[:, None]
    curves = CellCurves(
        rest["soc"].to_numpy(), rest["voltage_v"].to_numpy(), soc, np.array([25.0]), columns["charge"],
        columns["discharge"],
    )  # fmt: skip
    return EquivalentCircuit(_figures(curves, capacity_ah), curves)


def _figures(curves: CellCurves, capacity_ah: float) -> dict[str, Sourced]:
    """Limits wide enough never to bind, and the resistance in ohm times this cell's Ah."""
    limits = {
        name: figure for name, figure in nmc.FIGURES.items()
        if name.endswith(("limit_per_h", "limit_v", "off_c", "full_c"))
    }  # fmt: skip
    ohm_ah = curves.given()["resistance_ohm_ah"] * capacity_ah
    return limits | {"resistance_ohm_ah": Sourced(ohm_ah, "Ω Ah", "pulses in PyBaMM", Confidence.DERIVED)}


def round_trip(cell: EquivalentCircuit, low: float, high: float) -> float:
    """Energy out over in at a constant current of C/4 between two states of charge."""
    soc: Floats = np.linspace(low, high, 801)
    energies = []
    for sign in (1.0, -1.0):
        side = np.full(soc.shape, sign)
        voltage = cell.reference_voltage(soc) + sign * RATE * cell.resistance_ohm_ah(soc, np.full(801, 25.0), side, 0.0)
        told = cell.respond(soc, np.full(801, 25.0), sign * RATE * voltage / cell.mean_voltage_v, 0.0)
        energies.append(float(np.trapezoid(told.voltage_v, soc)))
    return energies[1] / energies[0]
