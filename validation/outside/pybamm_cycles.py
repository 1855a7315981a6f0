"""Runs lithium cells in PyBaMM's Doyle-Fuller-Newman model: rest voltage, pulses and a slow cycle.

Runs where `pybamm` is installed, from the root of the repository: `python -m validation.outside.pybamm_cycles`.
"""

from __future__ import annotations

import csv
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

DATA = Path(__file__).parents[1] / "data"
CELLS = {"chen2020": ("Chen2020", 4.2, 2.5), "prada2013": ("Prada2013", 3.6, 2.0)}
"""Parameter set, upper and lower voltage."""
RATE = 0.25
PULSE_H = 1.0 / 3.0
PULSE_ENDS = np.linspace(0.1, 0.9, 17)


def rest_voltage(parameters: Any) -> tuple[np.ndarray, np.ndarray, float]:
    """State of charge and rest voltage (points,), and the capacity between them, Ah."""
    import pybamm  # type: ignore[import-not-found]

    solver = pybamm.lithium_ion.ElectrodeSOHSolver(parameters)
    low, high, positive_high, positive_low = solver.get_min_max_stoichiometries()
    share = np.linspace(0.0, 1.0, 201)
    negative, positive = low + share * (high - low), positive_low + share * (positive_high - positive_low)
    kelvin = parameters["Reference temperature [K]"]
    curves = []
    for side, places in (("positive", positive), ("negative", negative)):
        potential = getattr(pybamm.LithiumIonParameters(), side[0]).prim.U
        curves.append(np.array([float(parameters.evaluate(potential(pybamm.Scalar(one), kelvin))) for one in places]))
    capacity = float(solver.solve(_totals(parameters))["Q"])
    return share, curves[0] - curves[1], capacity


def _totals(parameters: Any) -> dict[str, float]:
    """What the solver of the electrodes' balance asks for."""
    import pybamm

    lithium = pybamm.LithiumIonParameters()
    told = {"Q_n": lithium.n.prim.Q_init, "Q_p": lithium.p.prim.Q_init, "Q_Li": lithium.Q_Li_particles_init}
    return {name: float(parameters.evaluate(one)) for name, one in told.items()}


def pulse(parameters: Any, end: float, sign: float, upper: float, lower: float, capacity: float) -> float:
    """Terminal voltage at the end of a pulse from rest that ends at a state of charge (`sign` 1 charges), V."""
    start = end - sign * RATE * PULSE_H
    solution = _solved(parameters, [_step(sign, capacity, PULSE_H)], start, upper, lower)
    return float(solution["Terminal voltage [V]"].entries[-1])


def cycle(parameters: Any, upper: float, lower: float, capacity: float) -> dict[str, float]:
    """The second of two cycles from 10 to 90 % and back at constant current: energies, Wh, and its window of charge."""
    hours = 0.8 / RATE
    once = [_step(1.0, capacity, hours), _step(-1.0, capacity, hours)]
    solution = _solved(parameters, once * 2, 0.1, upper, lower)
    energies = []
    for step in [one for part in solution.cycles for one in part.steps][2:]:
        power = step["Terminal voltage [V]"].entries * step["Current [A]"].entries
        energies.append(abs(float(np.trapezoid(power, step["Time [h]"].entries))))
    return {"charged_wh": energies[0], "discharged_wh": energies[1], "low": 0.1, "high": 0.9}


def _step(sign: float, capacity: float, hours: float) -> Any:
    import pybamm

    return pybamm.step.current(-sign * RATE * capacity, duration=3600.0 * hours, period=60.0)


def _solved(parameters: Any, steps: list[Any], soc: float, upper: float, lower: float) -> Any:
    import pybamm

    wide = parameters.copy()
    wide["Upper voltage cut-off [V]"], wide["Lower voltage cut-off [V]"] = upper, lower
    model = pybamm.lithium_ion.DFN()
    simulation = pybamm.Simulation(model, parameter_values=wide, experiment=pybamm.Experiment(steps))
    return simulation.solve(initial_soc=soc)


def run(cell: str) -> tuple[list[list[Any]], list[list[Any]], dict[str, float]]:
    """Rows of rest voltage, rows of pulses (charge at the end, end voltages), and the cycle."""
    import pybamm

    name, upper, lower = CELLS[cell]
    parameters = pybamm.ParameterValues(name)
    share, volts, capacity = rest_voltage(parameters)
    pulses = [
        [float(soc), *(pulse(parameters, float(soc), sign, upper, lower, capacity) for sign in (1.0, -1.0))]
        for soc in PULSE_ENDS
    ]
    result = cycle(parameters, upper, lower, capacity) | {"capacity_ah": capacity}
    return [list(row) for row in zip(share, volts, strict=True)], pulses, result


def main() -> None:
    """Write the tables of every cell."""
    results = []
    for cell in CELLS:
        rest, pulses, result = run(cell)
        _write(f"pybamm_{cell}_rest", ["soc", "voltage_v"], rest)
        _write(f"pybamm_{cell}_pulses", ["soc", "charge_end_v", "discharge_end_v"], pulses)
        results.append([cell, *(f"{one:.6f}" for one in result.values()), "pybamm DFN", version("pybamm")])
    _write("pybamm_cycles", ["cell", *result, "tool", "version"], results)


def _write(name: str, header: list[str], rows: list[list[Any]]) -> None:
    with (DATA / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows([[f"{one:.6f}" if isinstance(one, float) else one for one in row] for row in rows])


if __name__ == "__main__":
    main()
