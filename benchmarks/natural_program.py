"""The linear program a practitioner writes by hand for one efficiency each way, straight into HiGHS by sparse arrays.

Per step: charge, discharge, stored energy, import, export; two rows. Nothing in it is owed to perdure.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import highspy
import numpy as np

from perdure.dispatch.exact import Problem


@dataclass(frozen=True)
class Answer:
    """What HiGHS found, and the seconds of its own run without building the arrays."""

    objective: float
    run_s: float


def solve(problem: Problem, solver: str = "choose", tolerance: float = 1e-7, time_limit_s: float = 120.0) -> Answer:
    """The cheapest cost of a problem with one piece each way, no demand charge and nothing to curtail."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("solver", solver)
    highs.setOptionValue("time_limit", time_limit_s)
    highs.setOptionValue("primal_feasibility_tolerance", tolerance)
    highs.setOptionValue("dual_feasibility_tolerance", tolerance)
    highs.passModel(_model(problem))
    began = time.perf_counter()
    highs.run()
    run_s = time.perf_counter() - began
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return Answer(float("nan"), run_s)
    return Answer(highs.getInfo().objective_function_value, run_s)


def _model(p: Problem) -> highspy.HighsLp:
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
    right = np.concatenate([p.net_kw, first - p.drain_kwh[at]])
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = 5 * n, 2 * n
    model.col_cost_ = np.concatenate([np.zeros(3 * n), p.buy * h, -p.sell * h])
    model.col_lower_ = np.concatenate([np.zeros(2 * n), p.low_kwh[at], np.zeros(2 * n)])
    limits = np.full(n, p.import_limit), np.full(n, p.export_limit)
    model.col_upper_ = np.concatenate([p.ac_nodes[at, 2], -p.ac_nodes[at, 0], p.high_kwh[at], *limits])
    model.row_lower_ = model.row_upper_ = right
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=2 * n))])
    model.a_matrix_.index_, model.a_matrix_.value_ = columns[order], values[order]
    return model
