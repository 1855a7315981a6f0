"""The nickel-hydrogen cell beside sister cells, abstracts of tests, and recalled tables: voltage, heat, losses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from perdure.quantities import Confidence
from perdure.technology.chemistries import nickel_hydrogen
from perdure.technology.parts import nickel_hydrogen_bench as bench
from perdure.technology.parts.nickel_hydrogen_cell import FARADAY, REFERENCE_K, CellState
from perdure.timeline import Floats
from validation.comparison import Comparison, values
from validation.tables import table

PUBLISHED, DERIVED = Confidence.PUBLISHED, Confidence.DERIVED
UNVERIFIED, CLAIM = Confidence.UNVERIFIED, Confidence.CLAIM
NAME = "nickel_hydrogen"
FIRST = "the first, separate run of the model"
PHYSICS = nickel_hydrogen.ENTRY.physics
assert isinstance(PHYSICS, nickel_hydrogen.NickelHydrogenPhysics)
CELL = PHYSICS.cell
about: Callable[..., Comparison] = partial(Comparison, NAME)


def comparisons() -> list[Comparison]:
    """All of this subject."""
    return [
        *voltages(), *resistances(), *self_discharge(), *orbit(), *efficiency(), *warmth(), *storage(), *claims(),
        *recalled(),
    ]  # fmt: skip


def read(name: str) -> pd.Series:
    """One row of the table of single facts."""
    facts = table("nickel_hydrogen")
    return facts[facts["id"] == name].iloc[0]


def hydride_voltage(kelvin: float) -> float:
    """A metal hydride electrode against hydrogen at 1 bar, -35 kJ/mol and -110 J/mol K (van 't Hoff), V."""
    return (35e3 - 110.0 * kelvin) / (2.0 * FARADAY)


def nickel_at_25c() -> tuple[Floats, Floats]:
    """Nickel electrode at 25 °C (points,) and its slope in V/K: a line through three temperatures, hydride off."""
    data = table("nimh_prismatic")
    kelvin = np.array([274.15, 299.15, 313.15])
    measured = data[["voltage_1c_v", "voltage_26c_v", "voltage_40c_v"]].to_numpy().T
    nickel = measured + np.array([[hydride_voltage(one)] for one in kelvin])
    slope, middle = np.polyfit(kelvin - REFERENCE_K, nickel, 1)
    return middle, slope


def voltages() -> list[Comparison]:
    """Open-circuit voltage, its slope with temperature, and hysteresis, of nickel-metal hydride cells."""
    prismatic, spiral, loop = table("nimh_prismatic"), table("nimh_spiral"), table("nimh_loop")
    middle, slope = nickel_at_25c()
    soc, source = prismatic["soc"].to_numpy(), str(prismatic["source"].iloc[0])
    fit = "nine figures of the electrode's curve"
    whole = replace(CELL, voltage_top_soc=1.0)
    found = [
        about(
            "Nickel electrode at 25 °C", "less the hydride, line through 1, 26, 40 °C", "mV", values(1e3 * middle),
            values(1e3 * whole.electrode_voltage(soc)), source, PUBLISHED, allowed=0.935,
            allowed_by=FIRST, measure="rms", at=values(soc),
            at_name="state of charge", fitted_to=fit,
            note="without the straight end above 99.5 %, which leaves the extrapolated full point by 18 mV",
            known_miss="the curve's coefficients are rounded to four digits",
        )
    ]  # fmt: skip
    for celsius in (1.0, 26.0, 40.0):
        kelvin = celsius + 273.15
        inner = prismatic[prismatic["extrapolated"] == 0]
        at = inner["soc"].to_numpy()
        model = CELL.electrode_voltage(at) + CELL.entropy_v_per_k * (kelvin - REFERENCE_K) - hydride_voltage(kelvin)
        found.append(
            about(
                "Open-circuit voltage of a sister cell", f"prismatic NiMH at {celsius:g} °C", "mV",
                values(1e3 * inner[f"voltage_{celsius:g}c_v"].to_numpy()), values(1e3 * model), source, PUBLISHED,
                measure="rms", at=values(at), at_name="state of charge", fitted_to=fit,
                note="both ends left out: the data's authors extrapolated them",
            )
        )  # fmt: skip
    inner = spiral[spiral["extrapolated"] == 0]
    at, measured = inner["soc"].to_numpy(), inner["voltage_v"].to_numpy()
    model = CELL.electrode_voltage(at) - hydride_voltage(REFERENCE_K)
    bias, other = float(np.mean(measured - model)), str(spiral["source"].iloc[0])
    found += [
        about(
            "Shape of the open-circuit voltage of another sister cell", "spiral NiMH, 25 °C, a constant taken off",
            "mV", values(1e3 * measured), values(1e3 * (model + bias)), other, PUBLISHED, allowed=4.35,
            allowed_by=FIRST, measure="rms", at=values(at), at_name="state of charge",
        ),
        about(
            "Constant between the two sister cells", "spiral NiMH less the model", "mV", (0.0,), (-1e3 * bias,), other,
            PUBLISHED, allowed=28.5, allowed_by=FIRST, note="their hydride plateaus and rest times differ",
        ),
        about(
            "Change of voltage with temperature", "mean over 20 to 80 % charge", "mV/K",
            (1e3 * float(slope[(soc >= 0.2) & (soc <= 0.8)].mean()),), (1e3 * CELL.entropy_v_per_k,), source, PUBLISHED,
            allowed=0.05, allowed_by="rounding of the figure", fitted_to="entropy_v_per_k",
        ),
        about(
            "Thermoneutral voltage", "half charged, from the three temperatures", "V",
            (float(middle[soc == 0.5][0] - REFERENCE_K * slope[(soc >= 0.2) & (soc <= 0.8)].mean()),),
            (CELL.thermoneutral_v,), f"derived from {source}", DERIVED, allowed=0.0215, allowed_by=FIRST, relative=True,
        ),
        about(
            "Half of the hysteresis loop", "Ovonic NiMH, each state of charge", "mV",
            values(500.0 * (loop["rising_v"] - loop["falling_v"]).to_numpy()), (1e3 * CELL.hysteresis_v,) * len(loop),
            str(loop["source"].iloc[0]), PUBLISHED, allowed=5.01, allowed_by=FIRST, at=values(loop["soc"].to_numpy()),
            at_name="state of charge", fitted_to="hysteresis_v, between these 45 mV and the recalled 60 mV",
        ),
    ]  # fmt: skip
    return found


def resistances() -> list[Comparison]:
    """Resistance of the sister cells: its change with temperature, and its level, which is another cell's."""
    prismatic, spiral = table("nimh_prismatic"), table("nimh_spiral")
    source, at = str(prismatic["source"].iloc[0]), prismatic["soc"].to_numpy()
    inner = (at > 0.0) & (at < 1.0)

    def ohm_ah(soc: Floats, celsius: float) -> Floats:
        none = np.zeros_like(soc)
        return CELL.standing(soc, none + celsius + 273.15, none, none).resistance

    found = [
        about(
            "Resistance over that at 26 °C", f"prismatic NiMH at {celsius} °C", "",
            values((prismatic[f"re_{celsius}c_ohm"] / prismatic["re_26c_ohm"]).to_numpy()[inner]),
            values((ohm_ah(at, celsius) / ohm_ah(at, 26.0))[inner]), source, PUBLISHED, at=values(at[inner]),
            at_name="state of charge", relative=True,
            note="an Arrhenius law with 20 kJ/mol, an estimate, stands for the cell's bend",
        )
        for celsius in (1, 40)
    ]  # fmt: skip
    at = spiral["soc"].to_numpy()[1:-1]
    told = "a hybrid car's cell with thin electrodes; the model's larger resistance is that of recalled space cells"
    found += [
        about(
            "Resistance times capacity of a sister cell", f"spiral NiMH, {side}", "Ω Ah",
            values(6e-3 * spiral[f"{side}_mohm"].to_numpy()[1:-1]), values(ohm_ah(at, 25.0)),
            str(spiral["source"].iloc[0]), PUBLISHED, at=values(at), at_name="state of charge",
            relative=True, note=told,
        )
        for side in ("discharge", "charge")
    ]  # fmt: skip
    return found


def self_discharge() -> list[Comparison]:
    """Size, order in pressure and course of self-discharge."""
    kim, order = read("self_discharge_rate"), read("self_discharge_pressure_order")
    kelvin = np.asarray(REFERENCE_K)
    at_50_atm = float(CELL.self_discharge(CELL.soc_at_pressure(50.66, kelvin), kelvin)) * 2400.0
    socs = np.array([0.3, 0.9])
    rates, pressures = CELL.self_discharge(socs, kelvin), CELL.pressure_bar(socs, kelvin)
    slope = float(np.diff(np.log(rates))[0] / np.diff(np.log(pressures))[0])
    logs = np.log(bench.stand_pressures(CELL, 25.0, 40))
    charge = np.log(_charges(40))
    found = [
        about(
            "Self-discharge", str(kim["conditions"]), "%/day", (float(kim["low"]),), (at_50_atm,), str(kim["source"]),
            PUBLISHED, allowed=0.01, allowed_by="the figure itself", fitted_to="self_discharge_per_day",
        ),
        about(
            "Order of self-discharge in pressure", str(order["conditions"]), "", (float(order["low"]),), (slope,),
            str(order["source"]), PUBLISHED, allowed=0.001, allowed_by="the figure itself",
            fitted_to="self_discharge_order",
            note="Pralong et al. (J. Electrochem. Soc. 146, 1999) dispute it: mainly temperature",
        ),
    ]  # fmt: skip
    for name, series, what in (
        ("self_discharge_pressure_line", logs, "pressure"), ("self_discharge_capacity_line", charge, "charge"),
    ):  # fmt: skip
        row = read(name)
        fit = float(np.corrcoef(np.arange(len(series)), series)[0, 1] ** 2)
        found.append(
            about(
                f"Straight line of the logarithm of {what} in time", "40 days from full, 25 °C", "R²",
                (float(row["low"]),), (fit,), str(row["source"]), PUBLISHED,
                allowed=0.00002 if what == "pressure" else None, allowed_by=FIRST if what == "pressure" else "",
                note="" if what == "pressure" else "the precharge keeps some pressure when the charge is gone",
            )
        )  # fmt: skip
    return found


def _charges(days: int) -> Floats:
    """State of charge after each hour of a stand from full, self-discharge alone (hours,)."""
    quiet, charges = replace(CELL, oxygen_rate_per_h=1e-12), np.zeros(24 * days)
    state = bench.cell_state(1.0, 0.0, 25.0)
    for hour in range(len(charges)):
        state, _, _ = quiet.step(state, np.asarray(0.0), 1.0)
        charges[hour] = state.soc
    return charges


def orbit() -> list[Comparison]:
    """Low orbit: 35 minutes out to 35 % depth, 55 minutes in (assumed), 10 °C (assumed), 98 % of the charge back."""
    energy, charge = read("orbit_energy_efficiency"), read("orbit_coulombic_efficiency")
    settled = bench.low_orbit(CELL, 100.0 / float(charge["low"]), orbits=150)
    return [
        about(
            "Energy efficiency in low orbit", f"{energy['conditions']}; 35 and 55 min, 10 °C assumed", "%",
            (float(energy["low"]),), (100.0 * settled.energy_share,),
            str(energy["source"]), PUBLISHED, allowed=0.0, allowed_by="the published band",
            outside_high=(float(energy["high"]),), fitted_to="hysteresis_per_charge, oxygen_slope_v (once)",
        )
    ]  # fmt: skip


def efficiency() -> list[Comparison]:
    """Round trips: the vendor's, and the temperature that NASA found best."""
    vendor, best = read("vendor_round_trip"), read("best_temperature")
    rates = np.array([1 / 12, 1 / 8, 1 / 4, 1 / 2])
    told = 100.0 * round_trips(rates, np.full(4, 25.0), bench.LOW_SOC, bench.TOP_SOC)
    tested, celsius = np.array([0.1, 0.25, 0.5, 1.0]), np.arange(-5.0, 30.1, 2.5)
    grid = [one.ravel() for one in np.meshgrid(tested, celsius, indexing="ij")]
    shares = round_trips(grid[0], grid[1], 0.2, 0.98).reshape(len(tested), len(celsius))
    by_rate = ", ".join(
        f"{celsius[int(np.argmax(row))]:g} at {rate:g}C" for rate, row in zip(tested, shares, strict=True)
    )
    claim = (float(vendor["low"]),)
    return [
        about(
            "Round trip by rate", "3 to 95 %, 25 °C, cells alone", "%", claim * len(rates), values(told),
            str(vendor["source"]), CLAIM, allowed=1.55, allowed_by=FIRST,
            known_miss="the first run had 88.5, 89.7, 90.4, 89.3: the model now loses 0.1 to 0.4 points more",
            at=values(rates), at_name="rate, 1/h",
            note="the claim names no rate",
        ),
        about(
            "Best temperature for energy efficiency", "mean of C/10, C/4, C/2 and 1C, 20 to 98 %", "°C",
            (float(best["low"]),), (float(celsius[int(np.argmax(shares.mean(axis=0)))]),), str(best["source"]),
            PUBLISHED, outside_high=(float(best["high"]),),
            note="shown only: the mean over rates was taken because C/2 alone lies outside; "
            f"by rate the best is {by_rate}",
        ),
    ]  # fmt: skip


def round_trips(rate: Floats, celsius: Floats, low: float, top: float) -> Floats:
    """Energy out over in of the second cycle between two states of charge, all lanes side by side (lanes,)."""
    step_h: Any = 1.0 / (600.0 * rate)
    state = CellState(np.full_like(rate, low), -np.ones_like(rate), celsius)
    energy = np.zeros((2, len(rate)))
    for _ in range(2):
        energy[:] = 0.0
        for way, sign in enumerate((1.0, -1.0)):
            going = np.ones(len(rate), dtype=bool)
            while going.any():
                moved, flow, _ = CELL.step(state, sign * rate, step_h)
                energy[way] += np.where(going, flow.voltage_v * rate * step_h, 0.0)
                state = replace(
                    state,
                    soc=np.where(going, moved.soc, state.soc),
                    hysteresis=np.where(going, moved.hysteresis, state.hysteresis),
                )
                going &= state.soc < top if sign > 0.0 else state.soc > low
    return np.asarray(energy[1] / energy[0])


def warmth() -> list[Comparison]:
    """Where a slow charge stops cooling the cell."""
    row = read("heat_turn")
    turn = bench.heat_turn(CELL, 0.1, 20.0)
    return [
        about(
            "Charge at which a slow charge begins to warm", "C/10, 20 °C", "share", (float(row["low"]),),
            (float("nan") if turn is None else turn,), str(row["source"]), PUBLISHED, allowed=0.02, allowed_by=FIRST,
            fitted_to="oxygen_slope_v",
        )
    ]  # fmt: skip


def storage() -> list[Comparison]:
    """Fade while standing discharged, and the voltage Hubble's cells lost."""
    fade = nickel_hydrogen.ENTRY.slow_states[0]
    law = nickel_hydrogen.ENTRY.default_ageing.wears[2].cyclic
    assert law is not None
    one = np.ones(1)
    tenth = float(law(0.1 * one, one, 10.0 * one, 0.9 * one)[0]) * 1e6 * CELL.ageing_voltage_v

    def lost(soc: float, celsius: float, days: float) -> float:
        grown = float(fade.growth_per_h(np.asarray(soc), np.asarray(celsius), np.asarray(0.0))) * 24.0 * days
        return 100.0 * min(grown, fade.largest_share)

    decay = read("voltage_decay")
    cases = (("storage_fade", lost(0.0, 25.0, 400.0), "storage_fade_largest_share", 0.01),
             ("storage_fade_trickle", lost(0.95, 25.0, 400.0), "", 0.1),
             ("storage_fade_cold", lost(0.0, 0.0, 213.0), "storage_fade_above_c", 0.1))  # fmt: skip
    return [
        about(
            "Voltage lost by cycling", "10 % depth", str(decay["unit"]), (float(decay["low"]),), (tenth,),
            str(decay["source"]), PUBLISHED, allowed=0.001, allowed_by="the figure itself",
            fitted_to="ageing_voltage_v, impedance_cycles",
        ),
        *(
            about(
                "Capacity out of reach after storage", str(read(name)["conditions"]), "%", (float(read(name)["low"]),),
                (model,), str(read(name)["source"]), PUBLISHED, allowed=allowed, allowed_by="a tenth of a point",
                fitted_to=fitted, note="400 days taken where the abstract names no time" if "cold" not in name else "",
            )
            for name, model, fitted, allowed in cases
        ),
    ]  # fmt: skip


def claims() -> list[Comparison]:
    """The vendor's statements beside what the model takes or gives; shown, never a gate."""
    limits = nickel_hydrogen.FIGURES
    window = PHYSICS.soc_limits(np.asarray(20.0))
    shown = [
        ("Peak pressure", "vendor_pressure", CELL.full_pressure_bar, "full_pressure_bar"),
        ("Depth of discharge allowed", "vendor_depth", 100.0 * float(window[1] - window[0]), ""),
        ("Coldest at which it works", "vendor_coldest_2026", limits["cold_off_c"].value, ""),
        ("Coldest at which it works", "vendor_coldest_2023", limits["cold_off_c"].value, ""),
        ("Hottest at which it works", "vendor_hottest_2026", limits["hot_off_c"].value, ""),
        ("Hottest at which it works", "vendor_hottest_2023", limits["hot_off_c"].value, ""),
    ]
    return [
        about(
            what, str(read(name)["conditions"]), str(read(name)["unit"]), (float(read(name)["low"]),), (model,),
            str(read(name)["source"]), CLAIM, fitted_to=fitted,
        )
        for what, name, model, fitted in shown
    ]  # fmt: skip


def recalled() -> list[Comparison]:
    """Tables recalled and not seen: shown hollow, never a gate."""
    stand, capacity = table("nickel_hydrogen_stand_recalled"), table("nickel_hydrogen_capacity_recalled")
    at_50_bar = replace(CELL, full_pressure_bar=50.0)
    left = [bench.stand(at_50_bar, 1.0, float(one), 72.0) for one in stand["temperature_c"]]
    low, high = PHYSICS.soc_limits(capacity["temperature_c"].to_numpy(float))
    ten = PHYSICS.soc_limits(np.asarray(10.0))
    found = [
        about(
            "Charge left after 72 h at rest", "from full, 50 bar", "share", values(stand["retention_72h"].to_numpy()),
            values(left), "NASA RP-1314 class values, recalled", UNVERIFIED,
            at=values(stand["temperature_c"].to_numpy()),
            at_name="temperature, °C",
        ),
        about(
            "Usable capacity over that at 10 °C", "window the controller allows", "share",
            values(capacity["relative_capacity"].to_numpy()), values((high - low) / float(ten[1] - ten[0])),
            "COMSAT and INTELSAT V class values, recalled", UNVERIFIED,
            at=values(capacity["temperature_c"].to_numpy()), at_name="temperature, °C",
            note="the recalled loss above 10 °C is left out of the model (capacity_loss_per_k)",
        ),
    ]  # fmt: skip
    rates = table("nickel_hydrogen_voltage_by_rate_recalled")
    for side, sign in (("discharge", -1.0), ("charge", 1.0)):
        part = rates.dropna(subset=[f"{side}_v"])
        rate, sides = part["rate_per_h"].to_numpy(), np.full(len(part), sign)
        at = CELL.standing(np.full(len(part), 0.5), np.full(len(part), 283.15), sides, sides)
        found.append(
            about(
                f"Voltage by rate, {side}", "half charged, 10 °C", "V", values(part[f"{side}_v"].to_numpy()),
                values(CELL.flow_at_rate(at, sign * rate).voltage_v), "typical space cell, recalled", UNVERIFIED,
                measure="rms", at=values(rate), at_name="rate, 1/h", fitted_to="resistance_ohm_ah",
            )
        )  # fmt: skip
    overcharge = [bench.overcharge_voltage(CELL, 0.1, celsius) for celsius in (10.0, 25.0)]
    found.append(
        about(
            "Overcharge voltage", "C/10", "V", (1.53, 1.50), values(overcharge), "typical space cell, recalled",
            UNVERIFIED, at=(10.0, 25.0), at_name="temperature, °C", fitted_to="oxygen_voltage_v (at 25 °C)",
        )
    )  # fmt: skip
    return found
