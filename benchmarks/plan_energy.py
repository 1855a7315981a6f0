"""Planning a year on energy prices alone: perdure's exact method against raw HiGHS."""

from __future__ import annotations

import highs
import numpy as np
from factory import ENERGY_KWH, POWER_KW, factory
from measure import Row, at_least, side_by_side

from perdure.dispatch import demand, exact
from perdure.dispatch.optimise import optimise
from perdure.dispatch.schedule import Schedule

PHASE = "plan, energy only"
TARGET = 300.0
EFFICIENCY = 0.95
NO_RATES = np.zeros(0)


def rows(quick: bool) -> list[Row]:
    """One efficiency piece against the program one writes by hand; four pieces against perdure's own program."""
    real = _real_view()
    one, four = one_piece(real), real
    rounds = 1 if quick else 5
    return [
        *_compare("one efficiency each way", one, lambda: highs.natural_model(one), rounds),
        *_compare("nickel-hydrogen, 4 pieces", four, lambda: highs.pieces_model(four, NO_RATES), rounds, highs.TIGHT),
    ]


def cost(problem: exact.Problem, run: demand.Sweep, rates: np.ndarray = NO_RATES) -> float:
    """Energy and demand cost of a schedule, from its power alone."""
    grid = problem.net_kw + exact.ac_power(problem, run.x_kwh)
    energy = problem.step_h * float((problem.buy * np.maximum(grid, 0) - problem.sell * np.maximum(-grid, 0)).sum())
    peaks = [grid[problem.group == g].max() for g in range(rates.size)]
    return energy + float(rates @ np.maximum(peaks, 0.0)) if rates.size else energy


def _real_view() -> exact.Problem:
    schedule = optimise(factory(demand_charge=False, technology="nickel_hydrogen"))
    assert isinstance(schedule, Schedule)
    return schedule.problem


def one_piece(p: exact.Problem) -> exact.Problem:
    """The textbook store: one efficiency each way, no self-discharge, the whole range usable."""
    months = p.ac_nodes.shape[0]
    ac = np.tile([-POWER_KW, 0.0, POWER_KW], (months, 1))
    stored = np.tile([-POWER_KW / EFFICIENCY, 0.0, POWER_KW * EFFICIENCY], (months, 1))
    return p._replace(
        ac_nodes=ac, store_nodes=stored, keep=np.ones(months), drain_kwh=np.zeros(months),
        low_kwh=np.zeros(months), high_kwh=np.full(months, ENERGY_KWH), start_kwh=0.0,
        end_length=np.array([ENERGY_KWH]),
    )  # fmt: skip


def _compare(name, problem, build, rounds, tolerance=1e-7) -> list[Row]:  # type: ignore[no-untyped-def]
    found = demand.solve(problem, NO_RATES)
    assert not isinstance(found, demand.Stuck)
    ours = cost(problem, found[0])
    trial = side_by_side(
        lambda: demand.solve(problem, NO_RATES), {name: lambda: highs.solve(build(), tolerance=tolerance)}, rounds, 30
    )[name]
    apart = max(abs(answer.objective - ours) / abs(ours) for answer in trial.answers)
    note = f"objectives {apart:.0e} apart"
    alone = trial.ratio(tuple(answer.run_s for answer in trial.answers))
    return [
        at_least(PHASE, name, "HiGHS default, build and solve", trial.ratio(), TARGET, note),
        at_least(PHASE, name, "HiGHS default, solve alone", alone, TARGET),
    ]
