"""Lithium iron phosphate and nickel manganese cobalt beside tables of cells and BLAST-Lite's ageing of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from perdure.quantities import Confidence, Sourced
from perdure.simulate.stress import stress_of_series
from perdure.technology.ageing import Stress
from perdure.technology.chemistries import lfp, nmc
from perdure.technology.parts.equivalent_circuit import EquivalentCircuit
from validation.comparison import Comparison, values
from validation.tables import BESIDE, kept, table

ISSUE = "set beforehand"
CELLS = BESIDE / "simses_celldata"
SONY = "lithium_ion__cell__CLFP_Sony_US26650"
SIMSES = "SimSES 1.3.12 (BSD-3), Sony US26650"
BLAST = "BLAST-Lite 1.1.1"
BLAST_MODELS = (("blast_250ah", "LFP_250Ah_2019", True), ("naumann", "LFP_SonyMurata3Ah_2018", False))
WEATHER = BESIDE.parent / "weather" / "cn_nanjing_cswd_tmy_hourly.parquet"
AH = 3.0
DUTIES = {
    "fcr": ("frequency containment", "frequency_containment_reserve"),
    "peak_shaving": ("peak shaving", "commercial_peak_shaving"),
    "ev_support": ("charging station", "ev_charging_support_corner_charging_station"),
}


def comparisons(fresh: bool = True) -> list[Comparison]:
    """All of this subject; `fresh` False tells what was kept of the parts that need data from beside."""
    return [
        *kept("lfp_cell_result", CELLS, cell_tables, fresh=fresh),
        *kept("lfp_blast_result", BESIDE, blast_duties, fresh=fresh), *nmc_years(),
    ]  # fmt: skip


def cell_tables() -> list[Comparison]:
    """Rest voltage, and voltage under current, at every point of the cell's tables."""
    rest, tables = (pd.read_csv(CELLS / f"{SONY}_{name}.csv") for name in ("OCV_thinned", "Rint"))
    plain = Sourced(0.0, "", "taken off to see the table", Confidence.ESTIMATE)
    bare = {**lfp.FIGURES, "resistance_scale": replace(plain, value=1.0), "hysteresis_v": plain}
    physics = EquivalentCircuit(bare, lfp.CURVES)
    soc = rest["SOC"].to_numpy()
    found = [
        _table("Rest voltage", "25 °C", rest["OCV"].to_numpy(), physics.reference_voltage(soc), soc),
    ]
    soc = tables["SOC"].to_numpy()
    still = np.interp(soc, rest["SOC"], rest["OCV"])
    for sign, first, side in ((1.0, 2, "charging"), (-1.0, 6, "discharging")):
        for column, celsius in enumerate((10.0, 25.0, 40.0)):
            for rate in (0.25, 1.0):
                measured = still + sign * rate * AH * tables.iloc[:, first + column].to_numpy()
                power = sign * rate * measured / physics.mean_voltage_v
                told = physics.respond(soc, np.full(soc.shape, celsius), power, 0.0)
                found.append(_table("Terminal voltage", f"{side} at {rate:g}C, {celsius:g} °C", measured,
                                    told.voltage_v, soc))  # fmt: skip
    return found


def _table(quantity: str, conditions: str, outside: np.ndarray, model: np.ndarray, soc: np.ndarray) -> Comparison:
    return Comparison(
        "lfp", quantity, conditions, "mV", values(1e3 * outside), values(1e3 * model), SIMSES, Confidence.PUBLISHED,
        allowed=5.0, allowed_by=ISSUE, at=values(soc), at_name="state of charge",
        fitted_to="the cell's curves are these tables",
        note="" if quantity == "Rest voltage" else "the model's scale of resistance (1.35) and hysteresis taken off",
    )  # fmt: skip


def blast_duties() -> list[Comparison]:
    """Ten years of three published duties by BLAST-Lite's model of the default law's cell, and of the other's."""
    reference, found = pd.read_csv(BESIDE / "blast_lite_reference_soh.csv"), []
    for short, (title, file) in DUTIES.items():
        frame = pd.read_parquet(BESIDE / f"duty_{file}.parquet")
        soc, hours = frame["soc"].to_numpy(np.float64), frame["t_s"].to_numpy(np.float64) / 3600.0
        year = pd.read_parquet(WEATHER)["t_air_c"].to_numpy(np.float64)
        outside = np.interp(hours % 8760.0, np.arange(8760.0), year)
        for place, celsius in (("const25", np.full(len(soc), 25.0)), ("nanjing_ambient", outside)):
            stress = stress_of_series(soc, celsius, float(hours[1] - hours[0]))
            rows = reference[(reference["duty"] == short) & (reference["temperature"] == place)]
            told = f"{title}, {'25 °C' if place == 'const25' else 'outdoors in Nanjing'}"
            found += [_blast(told, stress, rows, *pair) for pair in BLAST_MODELS]
    return found


def _blast(conditions: str, stress: Stress, rows: pd.DataFrame, name: str, model: str, own: bool) -> Comparison:
    rows, law = rows[rows["model"] == model], lfp.ENTRY.ageing[name]
    yearly = law.increments(stress) * 365.0 / stress.days
    told = [100.0 * law.health(yearly * year).capacity_share for year in rows["year"]]
    return Comparison(
        "lfp", f"Capacity by year, law {name}", conditions, "%", values(100.0 * rows["q_rel"].to_numpy()), values(told),
        f"{BLAST}, {model}", Confidence.DERIVED, allowed=0.5 if own else None, allowed_by=ISSUE if own else "",
        at=values(rows["year"].to_numpy()), at_name="year",
        note="" if own else "another law fitted to the same tests: how far two fits stand apart",
    )  # fmt: skip


def nmc_years() -> list[Comparison]:
    """The first year of one cycle of 80 % a day, by BLAST-Lite's models of the two cells."""
    frame, found = table("nmc_blast"), []
    for name, rows in frame.groupby("law", sort=False):
        law = nmc.ENTRY.ageing[str(name)]
        told = [100.0 * law.health(law.increments(_daily(one))).capacity_share for one in rows["temperature_c"]]
        allowed = float(rows["allowed_points"].iloc[0])
        found.append(
            Comparison(
                "nmc", f"Capacity after a year, law {name}", "one cycle of 80 % a day without rest", "%",
                values(100.0 * rows["capacity_share"].to_numpy()), values(told), f"{BLAST}", Confidence.DERIVED,
                allowed=allowed, allowed_by="throughput: BLAST-Lite counts less of it as a cell fades",
                at=values(rows["temperature_c"].to_numpy()), at_name="temperature, °C",
            )
        )  # fmt: skip
    return found


def _daily(celsius: float, days: int = 365) -> Stress:
    hour = np.arange(24.0 * days) + 0.5
    soc, one = np.interp(hour % 24.0, [0.0, 12.0, 24.0], [0.1, 0.9, 0.1]), np.ones(days)
    return Stress(1.0, soc, np.full(len(hour), celsius), 0.8 * one, 0.5 * one, 0.8 / 12.0 * one, celsius * one, one)
