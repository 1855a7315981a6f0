"""The peer of planning: HiGHS fed straight through sparse arrays, with any of its solvers and tolerances."""

from __future__ import annotations

import time
from dataclasses import dataclass

import highspy
import numpy as np

from perdure.dispatch import program
from perdure.dispatch.exact import Problem
from perdure.timeline import Floats

TIGHT = 1e-9
"""Feasibility tolerances at which objectives can agree to nine digits."""


@dataclass(frozen=True)
class Answer:
    """What HiGHS found (NaN: nothing within the time limit), and the seconds of its run without building arrays."""

    objective: float
    run_s: float


def available(solver: str) -> bool:
    """Whether this installation of HiGHS can run the solver (HiPO needs `pip install highspy[extras]`)."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    return bool(highs.setOptionValue("solver", solver) == highspy.HighsStatus.kOk)


def solve(
    model: highspy.HighsLp,
    solver: str = "choose",
    tolerance: float = 1e-7,
    crossover: bool = True,
    time_limit_s: float = 120.0,
) -> Answer:
    """Run HiGHS on a model."""
    highs = highspy.Highs()
    for name, value in (
        ("output_flag", False),
        ("solver", solver),
        ("run_crossover", "on" if crossover else "off"),
        ("time_limit", time_limit_s),
        ("primal_feasibility_tolerance", tolerance),
        ("dual_feasibility_tolerance", tolerance),
    ):
        highs.setOptionValue(name, value)
    highs.passModel(model)
    began = time.perf_counter()
    highs.run()
    run_s = time.perf_counter() - began
    optimal = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return Answer(highs.getInfo().objective_function_value if optimal else float("nan"), run_s)


def pieces_model(problem: Problem, rates: Floats) -> highspy.HighsLp:
    """The program perdure itself hands to HiGHS where its exact method does not apply: several efficiency pieces."""
    return program.GeneralProgram.build(program.single_terms(problem, rates)).model()


def natural_model(p: Problem) -> highspy.HighsLp:
    """The program one writes by hand for one efficiency each way, no demand charge and nothing to curtail.

    Per step: charge, discharge, stored energy, import, export; two rows.
    """
    n, h, at = p.net_kw.size, p.step_h, p.season
    into = (p.store_nodes[at, 2] / p.ac_nodes[at, 2]) * h  # stored kWh per kW charged
    out = (p.store_nodes[at, 0] / p.ac_nodes[at, 0]) * h
    charge, discharge, stored, bought, sold = np.arange(5 * n).reshape(5, n)
    step, one = np.arange(n), np.ones(n)
    rows = np.concatenate([step] * 4 + [n + step] * 3 + [n + step[1:]])
    columns = np.concatenate([bought, sold, charge, discharge, stored, charge, discharge, stored[:-1]])
    values = np.concatenate([one, -one, -one, one, one, -into, out, -p.keep[at][1:]])
    order = np.lexsort((columns, rows))
    first = np.zeros(n)
    first[0] = p.keep[at[0]] * p.start_kwh
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = 5 * n, 2 * n
    model.col_cost_ = np.concatenate([np.zeros(3 * n), p.buy * h, -p.sell * h])
    model.col_lower_ = np.concatenate([np.zeros(2 * n), p.low_kwh[at], np.zeros(2 * n)])
    limits = np.full(n, p.import_limit), np.full(n, p.export_limit)
    model.col_upper_ = np.concatenate([p.ac_nodes[at, 2], -p.ac_nodes[at, 0], p.high_kwh[at], *limits])
    model.row_lower_ = model.row_upper_ = np.concatenate([p.net_kw, first - p.drain_kwh[at]])
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=2 * n))])
    model.a_matrix_.index_, model.a_matrix_.value_ = columns[order], values[order]
    return model
