"""Plans plants that also serve, or stand together: month by month, by the general program, with two days beyond."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from perdure.dispatch.exact import Problem
from perdure.dispatch.program import (
    GeneralProgram,
    LimitPrice,
    PeakTerms,
    ProgramTerms,
    Unsolved,
    single_terms,
    with_services,
)
from perdure.dispatch.program.conflict import Conflict
from perdure.dispatch.schedule import Infeasible
from perdure.errors import SolverError
from perdure.market.service import ServiceTerms, cut
from perdure.timeline import Floats, Ints, Timeline

AHEAD_H = 48.0
"""How far a month's plan sees into the next, so that it does not empty the store on its last day."""


@dataclass(frozen=True, slots=True)
class Served:
    """What the months' programs found, joined: (plants, steps), `stored_kwh` (plants, steps + 1)."""

    ac_kw: Floats
    stored_kwh: Floats
    worth: Floats
    caps_kw: Floats
    reserves_kw: dict[str, Floats]
    limit_prices: dict[str, LimitPrice]
    seconds: float


def plan_serving(
    problems: dict[str, Problem],
    timeline: Timeline,
    asked: ServiceTerms,
    rates: Floats,
    floors: Floats,
    extra: tuple[PeakTerms, ...],
) -> Served | Infeasible:
    """The cheapest schedule that keeps what the services ask; months share the store, not their demand charges.

    `problems`: each plant's by its name; they share net load, prices and limits, and each has its own store. A month
    sees its own prices, promises and peaks and `AHEAD_H` of the next month without its demand charge.
    """
    began, steps = time.perf_counter(), timeline.steps
    starts = [*np.unique(timeline.period, return_index=True)[1].tolist(), steps]
    ahead = round(AHEAD_H / timeline.step_h)
    plants, problem = len(problems), next(iter(problems.values()))
    ac, stored, worth = np.zeros((plants, steps)), np.zeros((plants, steps + 1)), np.zeros((plants, steps))
    stored[:, 0] = [one.start_kwh for one in problems.values()]
    held = {one.name: np.zeros((plants, steps)) for one in asked.reserves}
    caps, prices = floors.copy(), dict[str, LimitPrice]()
    for first, last in pairwise(starts):
        seen = min(last + ahead, steps)
        starting = {name: float(stored[k, first]) for k, name in enumerate(problems)}
        terms = _window(problems, asked, rates, np.maximum(floors, 0.0), extra, first, last, seen, starting)
        program = GeneralProgram.build(terms)
        found = program.solve()
        if isinstance(found, Unsolved):
            if "infeasible" not in found.reason:
                raise SolverError(f"HiGHS ended without a schedule: {found.reason}")
            return _told(timeline, first, program.conflict())
        own = slice(0, last - first)
        ac[:, first:last], worth[:, first:last] = found.ac_kw[:, own], found.worth[:, own]
        stored[:, first + 1 : last + 1] = found.energy_kwh[:, 1 : last - first + 1]
        for name, power in found.reserve_kw.items():
            held[name][:, first:last] = power[:, own]
        for name, price in found.limit_prices.items():
            known = prices.setdefault(name, LimitPrice(name, price.unit, np.zeros(steps)))
            known.per_step[first:last] = price.per_step[own]
        groups = np.unique(problem.group[first:last])
        groups = groups[groups >= 0]
        caps[groups] = found.caps_kw[0][groups]
    ordered = dict(sorted(prices.items(), key=lambda item: -item[1].total))
    return Served(ac, stored, worth, caps, held, ordered, time.perf_counter() - began)


def _window(
    problems: dict[str, Problem],
    asked: ServiceTerms,
    rates: Floats,
    floors: Floats,
    extra: tuple[PeakTerms, ...],
    first: int,
    last: int,
    seen: int,
    starting_kwh: dict[str, float],
) -> ProgramTerms:
    """The program's terms from a month's first step to as far as it sees; peaks count in the month itself."""

    def own(group: Ints) -> Ints:
        part = group[first:seen].copy()
        part[last - first :] = -1
        return part

    local = {name: _seen(one, slice(first, seen), own(one.group), starting_kwh[name]) for name, one in problems.items()}
    others = tuple(replace(one, group=own(one.group)) for one in extra)
    part = cut(asked, first, seen)
    reach = np.sum([_within_reach(one) for one in local.values()], axis=0)
    low = np.sum([one.low_kwh[one.season] for one in local.values()], axis=0)
    holds = tuple(
        replace(one, least_kwh=np.where(one.least_kwh > 0.0, np.minimum(one.least_kwh + low, reach), 0.0))
        for one in part.holds
    )
    reserves = tuple(replace(one, throughput_share=0.5 * one.throughput_share) for one in part.reserves)
    each = [single_terms(one, rates, floors, others, name) for name, one in local.items()]
    terms = replace(each[0], stores=tuple(one.stores[0] for one in each))
    return with_services(terms, [replace(part, holds=holds, reserves=reserves)])


def _seen(problem: Problem, view: slice, group: Ints, start_kwh: float) -> Problem:
    """A plant's problem over the steps seen; energy left at their end is worth nothing."""
    local = problem._replace(
        net_kw=problem.net_kw[view], buy=problem.buy[view], sell=problem.sell[view], season=problem.season[view],
        group=group, start_kwh=start_kwh,
    )  # fmt: skip
    if view.stop < problem.net_kw.size:
        end = problem.season[view.stop - 1]
        local = local._replace(
            end_value=np.zeros(1), end_length=np.array([problem.high_kwh[end] - problem.low_kwh[end]])
        )
    return local


def _within_reach(problem: Problem) -> Floats:
    """Energy the store can hold at the start of each step (steps,): what it begins with, and half its charging power.

    A promise to hold energy binds from when it can be kept; a store that begins empty is given time to fill, whatever
    the connection leaves of its charging power.
    """
    filled = 0.5 * problem.store_nodes[problem.season, -1] * problem.step_h
    return problem.start_kwh + np.concatenate([[0.0], np.cumsum(filled[:-1])])


def _told(timeline: Timeline, first: int, conflict: Conflict | None) -> Infeasible:
    if conflict is None:
        month = timeline.local[first].strftime("%Y-%m")
        return Infeasible("program", first, f"in {month} no schedule keeps all limits and services at once")
    stamp = timeline.local[first + conflict.step].strftime("%Y-%m-%d %H:%M")
    return Infeasible(
        conflict.limits[0].name, first + conflict.step, f"at {stamp} these cannot be kept together: {conflict}"
    )
