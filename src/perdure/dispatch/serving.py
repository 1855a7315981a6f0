"""Plans a plant that also serves: month by month through the general program, two days of the next month in view."""

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
from perdure.market.service import Hold, ServiceTerms, cut
from perdure.timeline import Floats, Ints, Timeline

AHEAD_H = 48.0
"""How far a month's plan sees into the next, so that it does not empty the store on its last day."""


@dataclass(frozen=True, slots=True)
class Served:
    """What the months' programs found, joined."""

    ac_kw: Floats
    stored_kwh: Floats
    worth: Floats
    caps_kw: Floats
    reserves_kw: dict[str, Floats]
    limit_prices: dict[str, LimitPrice]
    seconds: float


def plan_serving(
    problem: Problem,
    timeline: Timeline,
    asked: ServiceTerms,
    rates: Floats,
    floors: Floats,
    extra: tuple[PeakTerms, ...],
) -> Served | Infeasible:
    """The cheapest schedule that keeps what the services ask; months share the store, not their demand charges.

    A month sees its own prices, promises and peaks and `AHEAD_H` of the next month without its demand charge.
    """
    began, steps = time.perf_counter(), timeline.steps
    starts = [*np.unique(timeline.period, return_index=True)[1].tolist(), steps]
    ahead = round(AHEAD_H / timeline.step_h)
    ac, stored, worth = np.zeros(steps), np.zeros(steps + 1), np.zeros(steps)
    stored[0] = problem.start_kwh
    held = {one.name: np.zeros(steps) for one in asked.reserves}
    caps, prices = floors.copy(), dict[str, LimitPrice]()
    for first, last in pairwise(starts):
        seen = min(last + ahead, steps)
        terms = _window(problem, asked, rates, np.maximum(floors, 0.0), extra, first, last, seen, float(stored[first]))
        program = GeneralProgram.build(terms)
        found = program.solve()
        if isinstance(found, Unsolved):
            if "infeasible" not in found.reason:
                raise SolverError(f"HiGHS ended without a schedule: {found.reason}")
            return _told(timeline, first, program.conflict())
        own = slice(0, last - first)
        ac[first:last], worth[first:last] = found.ac_kw[0][own], found.worth[0][own]
        stored[first + 1 : last + 1] = found.energy_kwh[0][1 : last - first + 1]
        for name, power in found.reserve_kw.items():
            held[name][first:last] = power.sum(axis=0)[own]
        for name, price in found.limit_prices.items():
            known = prices.setdefault(name, LimitPrice(name, price.unit, np.zeros(steps)))
            known.per_step[first:last] = price.per_step[own]
        groups = np.unique(problem.group[first:last])
        groups = groups[groups >= 0]
        caps[groups] = found.caps_kw[0][groups]
    ordered = dict(sorted(prices.items(), key=lambda item: -item[1].total))
    return Served(ac, stored, worth, caps, held, ordered, time.perf_counter() - began)


def _window(
    problem: Problem,
    asked: ServiceTerms,
    rates: Floats,
    floors: Floats,
    extra: tuple[PeakTerms, ...],
    first: int,
    last: int,
    seen: int,
    start_kwh: float,
) -> ProgramTerms:
    """The program's terms from a month's first step to as far as it sees; peaks count in the month itself."""
    view = slice(first, seen)

    def own(group: Ints) -> Ints:
        part = group[view].copy()
        part[last - first :] = -1
        return part

    local = problem._replace(
        net_kw=problem.net_kw[view], buy=problem.buy[view], sell=problem.sell[view], season=problem.season[view],
        group=own(problem.group), start_kwh=start_kwh,
    )  # fmt: skip
    if seen < problem.net_kw.size:
        end = problem.season[seen - 1]
        local = local._replace(
            end_value=np.zeros(1), end_length=np.array([problem.high_kwh[end] - problem.low_kwh[end]])
        )
    others = tuple(replace(one, group=own(one.group)) for one in extra)
    part, reach = cut(asked, first, seen), _within_reach(local)
    low = problem.low_kwh[local.season]
    holds = tuple(
        Hold(one.name, np.where(one.least_kwh > 0.0, np.minimum(one.least_kwh + low, reach), 0.0), one.price_per_kwh)
        for one in part.holds
    )
    reserves = tuple(replace(one, throughput_share=0.5 * one.throughput_share) for one in part.reserves)
    return with_services(single_terms(local, rates, floors, others), [replace(part, holds=holds, reserves=reserves)])


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
