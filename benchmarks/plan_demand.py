"""Planning a year with twelve monthly demand charges: perdure's exact method against HiGHS."""

from __future__ import annotations

import math
from collections.abc import Callable

import highs
import numpy as np
from factory import DEMAND_PER_KW_MONTH, factory
from measure import Row, Trial, at_least, say, side_by_side
from plan_energy import cost, one_piece

from perdure.dispatch import demand, exact
from perdure.dispatch.optimise import optimise
from perdure.dispatch.schedule import Schedule

PHASE = "plan, 12 demand charges"
DEFAULT_TARGET, FASTEST_TARGET = 100.0, 25.0
AGREE = 1e-9
REPEATS = 7
RATES = np.full(12, DEMAND_PER_KW_MONTH)
Peers = dict[str, Callable[[], highs.Answer]]


def rows(quick: bool) -> tuple[list[Row], float]:
    """The rows, and the seconds of one default HiGHS solve for the phase that follows."""
    four = real_view()
    told, _ = _compare("one efficiency each way", one_piece(four), {}, 1)
    limit = 120.0
    model = highs.pieces_model(four, RATES)
    others: Peers = {}
    if not quick:
        name = "interior point without crossover"
        others[name] = lambda: highs.solve(model, "ipx", crossover=False, time_limit_s=limit)
        if highs.available("hipo"):
            others["HiPO without crossover"] = lambda: highs.solve(model, "hipo", crossover=False, time_limit_s=limit)
    found, default_s = _compare("nickel-hydrogen, 4 pieces", four, others, 1 if quick else 3)
    if not highs.available("hipo"):
        found.append(Row(PHASE, "–", "HiGHS HiPO", "not run", note="needs `pip install highspy[extras]`"))
    return told + found, default_s


def real_view() -> exact.Problem:
    """What perdure plans with: monthly dispatch views of nickel-hydrogen, demand charges in place."""
    schedule = optimise(factory(demand_charge=True, technology="nickel_hydrogen"))
    assert isinstance(schedule, Schedule)
    return schedule.problem


def _compare(what: str, problem: exact.Problem, others: Peers, rounds: int) -> tuple[list[Row], float]:
    """HiGHS' default over several rounds, its slower ways once."""
    found = demand.solve(problem, RATES)
    assert not isinstance(found, demand.Stuck)
    ours = cost(problem, found[0], RATES)
    say(f"  {what}: perdure's cost {ours!r} in {found[1]} sweeps")
    model = highs.pieces_model(problem, RATES)
    default: Peers = {"default": lambda: highs.solve(model, "choose", highs.TIGHT)}
    trials = side_by_side(lambda: demand.solve(problem, RATES), others, 1, REPEATS) if others else {}
    trials = side_by_side(lambda: demand.solve(problem, RATES), default, rounds, REPEATS) | trials
    told = [_told(what, name, trial, ours) for name, trial in trials.items()]
    fastest = min(trials, key=lambda name: trials[name].ratio())
    told.append(at_least(PHASE, what, f"HiGHS fastest way ({fastest})", trials[fastest].ratio(), FASTEST_TARGET))
    answers = [answer.objective for trial in trials.values() for answer in trial.answers]
    apart = min(abs(answer - ours) / abs(ours) for answer in answers if not math.isnan(answer))
    note = f"relative, nearest HiGHS answer; perdure took {found[1]} sweeps"
    told.append(Row(PHASE, what, "HiGHS objective", f"{apart:.1e} apart", f"<= {AGREE:g}", apart <= AGREE, note))
    return told, float(np.median(trials["default"].seconds))


def _told(what: str, name: str, trial: Trial, ours: float) -> Row:
    objective = trial.answers[-1].objective
    note = f"HiGHS objective {(objective - ours) / abs(ours):+.1e} of perdure's"
    if math.isnan(objective):
        note = "HiGHS reached no answer within the time limit: the ratio is a lower bound"
    target = DEFAULT_TARGET if name == "default" else None
    return at_least(PHASE, what, f"HiGHS {name}, solve", trial.ratio(), target, note)
