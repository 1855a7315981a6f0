"""Planning a year with twelve monthly demand charges: perdure's exact method against HiGHS."""

from __future__ import annotations

import math

import highs
import numpy as np
from factory import DEMAND_PER_KW_MONTH, factory
from measure import Row, Trial, at_least, say, seconds_of, side_by_side
from plan_energy import cost

from perdure.dispatch import demand, exact
from perdure.dispatch.optimise import optimise
from perdure.dispatch.schedule import Schedule

PHASE = "plan, 12 demand charges"
DEFAULT_TARGET, FASTEST_TARGET = 100.0, 25.0
AGREE = 1e-9
WHAT = "nickel-hydrogen, 4 pieces"


def rows(quick: bool) -> tuple[list[Row], float]:
    """The rows, and the seconds of the fastest HiGHS solve for the phase that follows."""
    schedule = optimise(factory(demand_charge=True, technology="nickel_hydrogen"))
    assert isinstance(schedule, Schedule)
    problem, rates = schedule.problem, np.full(12, DEMAND_PER_KW_MONTH)
    found = demand.solve(problem, rates)
    assert not isinstance(found, demand.Stuck)
    ours = cost(problem, found[0], rates)
    say(f"  perdure alone {seconds_of(lambda: demand.solve(problem, rates))[0]:.3g} s, {found[1]} sweeps")
    trials = side_by_side(lambda: demand.solve(problem, rates), _peers(problem, rates, quick), 1)
    return _told(trials, ours, found[1])


def _peers(problem: exact.Problem, rates: np.ndarray, quick: bool):  # type: ignore[no-untyped-def]
    """Interior point without crossover is the fastest way HiGHS has; it ends a little above the optimum."""
    model = highs.pieces_model(problem, rates)
    limit = 45.0 if quick else 200.0
    peers = {"interior point without crossover": lambda: highs.solve(model, "ipx", crossover=False, time_limit_s=limit)}
    if not quick:
        peers["interior point with crossover"] = lambda: highs.solve(model, "ipx", highs.TIGHT, time_limit_s=limit)
        if highs.available("hipo"):
            peers["HiPO without crossover"] = lambda: highs.solve(model, "hipo", crossover=False, time_limit_s=limit)
        peers["default"] = lambda: highs.solve(model, "choose", highs.TIGHT, time_limit_s=limit)
    return peers


def _told(trials: dict[str, Trial], ours: float, sweeps: int) -> tuple[list[Row], float]:
    rows, closest = [], math.inf
    fastest = min(trials, key=lambda name: trials[name].ratio())
    for name, trial in trials.items():
        objective = trial.answers[-1].objective
        apart = (objective - ours) / abs(ours)
        if math.isnan(objective):
            note = "HiGHS reached no answer within the time limit: the ratio is a lower bound"
        else:
            note = f"HiGHS objective {apart:+.1e} of perdure's"
            closest = min(closest, abs(apart), key=abs)
        target = DEFAULT_TARGET if name == "default" else FASTEST_TARGET if name == fastest else None
        rows.append(at_least(PHASE, WHAT, f"HiGHS {name}, solve", trial.ratio(), target, note))
    if not highs.available("hipo"):
        rows.append(Row(PHASE, WHAT, "HiGHS HiPO", "not run", note="needs `pip install highspy[extras]`"))
    if "default" not in trials:
        rows.append(Row(PHASE, WHAT, "HiGHS default", "not run", note="left out by --quick"))
    if math.isfinite(closest):
        note, agree = f"relative, nearest HiGHS answer; perdure took {sweeps} sweeps", closest <= AGREE
        rows.append(Row(PHASE, WHAT, "HiGHS objective", f"{closest:.1e} apart", f"<= {AGREE:g}", agree, note))
    return rows, min(trial.seconds[-1] for trial in trials.values())
