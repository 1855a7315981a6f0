"""Plans plants that also serve, or stand together: month by month, by the general program, with two days beyond."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from perdure.dispatch.exact import Problem
from perdure.dispatch.in_full import priced, straight_part
from perdure.dispatch.month_bends import MonthBends
from perdure.dispatch.posed import split_peaks
from perdure.dispatch.program import (
    GeneralProgram,
    GeneralSolution,
    LimitPrice,
    ProgramTerms,
    Unsolved,
    single_terms,
    with_services,
)
from perdure.dispatch.program.conflict import Conflict
from perdure.dispatch.schedule import Infeasible
from perdure.errors import SolverError
from perdure.market.charge import Prices
from perdure.market.service import Hold, ServiceTerms, cut
from perdure.quantities import Confidence, Sourced
from perdure.timeline import Floats, Ints, Timeline, highest

AHEAD_H = 48.0
"""How far a month's plan sees into the next, so that it does not empty the store on its last day."""


HELD_MARGIN_SHARE = Sourced(
    0.005, "share", "estimate: what the physics of one step takes beyond the straight lines of a plan and a controller",
    Confidence.ESTIMATE, 0.0, 0.02,
)  # fmt: skip
"""Of the usable energy: what plan and controller hold beyond a promised energy that must be kept."""
MONTH_PATIENCE_S = 20.0
"""How long a month with on/off choices is searched before the best plan found is taken."""
MONTH_GAP = 1e-4
"""Relative, of everything the month costs: a search among on/off choices ends this close to its bound."""


@dataclass(frozen=True, slots=True)
class Served:
    """What the months' programs found, joined: (plants, steps), `stored_kwh` (plants, steps + 1).

    `in_full`: for the tariff as it bends; `remarks`: what of it was expected, and months whose search was cut short.
    """

    ac_kw: Floats
    stored_kwh: Floats
    worth: Floats
    caps_kw: Floats
    reserves_kw: dict[str, Floats]
    limit_prices: dict[str, LimitPrice]
    seconds: float
    in_full: bool = False
    remarks: tuple[str, ...] = ()


def plan_serving(
    problems: dict[str, Problem],
    timeline: Timeline,
    asked: ServiceTerms,
    prices: Prices,
) -> Served | Infeasible:
    """The cheapest schedule that keeps what the services ask; months share the store, not their demand charges.

    `problems`: each plant's by its name, under `prices`; they share net load and limits, and each has its own store. A
    month sees its own prices, promises and peaks and `AHEAD_H` of the next month without its demand charge. A tariff
    that bends is held in full (`month_bends`). Promised energy that must be kept is planned with `HELD_MARGIN_SHARE`.
    """
    return _Months(problems, timeline, asked, prices).plan()


class _Months:
    """The months planned one after another."""

    def __init__(self, problems: dict[str, Problem], timeline: Timeline, asked: ServiceTerms, prices: Prices):
        self.began, self.timeline, self.asked = time.perf_counter(), timeline, asked
        self.problems, self.bends = problems, _bends_of(problems, prices)
        whole, _ = split_peaks(prices.peaks, timeline.steps)
        self.whole = whole
        if self.bends is not None:
            straight = straight_part(prices, self.bends.full)
            self.first, self.others = split_peaks(straight.peaks, timeline.steps)
            self.problems = {name: priced(one, straight, self.first) for name, one in problems.items()}
        else:
            self.first, self.others = split_peaks(prices.peaks, timeline.steps)
        low, high = (np.sum([getattr(one, name)[one.season] for one in problems.values()], axis=0)
                     for name in ("low_kwh", "high_kwh"))  # fmt: skip
        self.low_kwh, self.high_kwh = low, high
        self.margin_kwh = HELD_MARGIN_SHARE.value * float((high - low).min())
        self.remarks: dict[str, None] = {}

    def plan(self) -> Served | Infeasible:
        """All months, joined."""
        steps, plants = self.timeline.steps, len(self.problems)
        self.ac, self.worth = np.zeros((plants, steps)), np.zeros((plants, steps))
        self.stored = np.zeros((plants, steps + 1))
        self.stored[:, 0] = [one.start_kwh for one in self.problems.values()]
        self.held = {one.name: np.zeros((plants, steps)) for one in self.asked.reserves}
        self.prices = dict[str, LimitPrice]()
        starts = [*np.unique(self.timeline.period, return_index=True)[1].tolist(), steps]
        for first, last in pairwise(starts):
            failed = self._month(first, last)
            if failed is not None:
                return failed
        left_out = {} if self.bends is None else self.bends.left_out
        ordered = dict(sorted(self.prices.items(), key=lambda item: -item[1].total))
        return Served(
            self.ac, self.stored, self.worth, self._caps(), self.held, ordered, time.perf_counter() - self.began,
            self.bends is not None, (*left_out, *self.remarks),
        )  # fmt: skip

    def _month(self, first: int, last: int) -> Infeasible | None:
        """Plan one month and keep what it found."""
        seen = min(last + round(AHEAD_H / self.timeline.step_h), self.timeline.steps)
        program = GeneralProgram.build(self._window(first, last, seen), MONTH_PATIENCE_S, gap=MONTH_GAP)
        found = program.solve()
        if isinstance(found, Unsolved):
            if "infeasible" not in found.reason:
                raise SolverError(f"HiGHS ended without a schedule: {found.reason}")
            return _told(self.timeline, first, program.conflict())
        if found.gap > MONTH_GAP:
            month = self.timeline.local[first].strftime("%Y-%m")
            told = f"{month}: the search among on/off choices was ended {100 * found.gap:.2g} % from its bound"
            self.remarks[told] = None
        self._keep(found, first, last)
        return None

    def _keep(self, found: GeneralSolution, first: int, last: int) -> None:
        own = slice(0, last - first)
        self.ac[:, first:last], self.worth[:, first:last] = found.ac_kw[:, own], found.worth[:, own]
        self.stored[:, first + 1 : last + 1] = found.energy_kwh[:, 1 : last - first + 1]
        if self.bends is not None:
            self.bends.import_kw[first:last] = found.import_kw[own]
        for name, power in found.reserve_kw.items():
            self.held[name][:, first:last] = power[:, own]
        for name, price in found.limit_prices.items():
            known = self.prices.setdefault(name, LimitPrice(name, price.unit, np.zeros(self.timeline.steps)))
            known.per_step[first:last] = price.per_step[own]

    def _caps(self) -> Floats:
        """The import each demand-charge group of the straight prices is planned to stay under (groups,)."""
        problem = next(iter(self.problems.values()))
        imported = np.maximum(problem.net_kw + self.ac.sum(axis=0), 0.0)
        return highest(self.whole.group, imported, self.whole.floors_kw)

    def _window(self, first: int, last: int, seen: int) -> ProgramTerms:
        """The program's terms from a month's first step to as far as it sees; peaks count in the month itself."""

        def own(group: Ints) -> Ints:
            part = group[first:seen].copy()
            part[last - first :] = -1
            return part

        view, starting = slice(first, seen), self.stored[:, first]
        local = {
            name: _seen(one, view, own(one.group), float(starting[k]))
            for k, (name, one) in enumerate(self.problems.items())
        }
        others = tuple(replace(one, group=own(one.group)) for one in self.others)
        rates, floors = self.first.rate_per_kw, np.maximum(self.first.floors_kw, 0.0)
        each = [single_terms(one, rates, floors, others, name) for name, one in local.items()]
        terms = replace(each[0], stores=tuple(one.stores[0] for one in each))
        if self.bends is not None:
            tiers, billed = self.bends.of(first, last, seen)
            buy = terms.buy_per_kwh.copy()
            buy[last - first :] += self.bends.dearer_per_kwh(last, seen)
            terms = replace(terms, buy_per_kwh=buy, tiers=tiers, billed=billed)
        part = cut(self.asked, first, seen)
        reserves = tuple(replace(one, throughput_share=0.5 * one.throughput_share) for one in part.reserves)
        return with_services(terms, [replace(part, holds=self._holds(part, view, local), reserves=reserves)])

    def _holds(self, part: ServiceTerms, view: slice, local: dict[str, Problem]) -> tuple[Hold, ...]:
        """Promised energy above the least charge, with a margin where it must be kept, as far as it can be reached."""
        reach = np.sum([_within_reach(one) for one in local.values()], axis=0)
        low, high = self.low_kwh[view], self.high_kwh[view]
        found = []
        for one in part.holds:
            least = one.least_kwh + low
            if np.isinf(one.price_per_kwh):
                least = np.maximum(least, np.minimum(least + self.margin_kwh, high))
            found.append(replace(one, least_kwh=np.where(one.least_kwh > 0.0, np.minimum(least, reach), 0.0)))
        return tuple(found)


def _bends_of(problems: dict[str, Problem], prices: Prices) -> MonthBends | None:
    """The tariff in full, where it bends and its prices are those of all steps."""
    problem, full = next(iter(problems.values())), prices.full
    if full is None or full.buy_per_kwh.size != problem.net_kw.size:
        return None
    expected = np.clip(problem.net_kw, 0.0, problem.import_limit) if prices.around_kw is None else prices.around_kw
    return MonthBends(full, expected.copy(), problem.step_h)


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
