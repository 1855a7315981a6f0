"""`optimise`: the cheapest schedule of a site's plant, by the exact method where it holds, by HiGHS elsewhere."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np

from perdure.dispatch import demand, exact, program
from perdure.dispatch.hints import Hint
from perdure.dispatch.in_full import bends_of, full_cost, plan_in_full, priced, straight_part
from perdure.dispatch.posed import (
    cost_of,
    demand_cost,
    monthly_views,
    problem_of,
    running_kw,
    sells_above_purchase,
    split_peaks,
    wear_cost,
    where_export_is_forbidden,
    why_program,
)
from perdure.dispatch.schedule import Infeasible, Schedule
from perdure.dispatch.serving import plan_serving
from perdure.errors import SolverError
from perdure.market.charge import PeakPrice, Prices
from perdure.market.full_prices import FullPrices
from perdure.market.service import ServiceTerms
from perdure.site.site import Site
from perdure.technology.ageing import Health
from perdure.timeline import Floats

PATIENCE_S = 60.0
"""Where the general program takes longer over the whole timeline, a tariff that bends is straightened, and on/off
choices are taken as the search has them, or month by month."""
WHOLE_STEPS = 10_000
"""With more steps than this and export paid above purchase at times, months are planned one by one: sooner and closer
to their bound."""
CHOICE_GAP = 1e-4
"""Relative, of the whole cost: a search among on/off choices ends this close to its bound."""
__all__ = [
    "demand_cost",
    "monthly_views",
    "optimise",
    "problem_of",
    "running_kw",
    "split_peaks",
    "wear_cost",
]


def optimise(
    site: Site,
    health: Health | None = None,
    *,
    temperature_c: Floats | None = None,
    slow: Floats | None = None,
    auxiliary_kw: Floats | None = None,
    start_kwh: float | None = None,
    wear_price_per_kwh: float = 0.0,
    prices: Prices | None = None,
    hint: Hint | Floats | None = None,
    open_share: float = demand.OPEN_SHARE,
    in_full: bool | None = None,
) -> Schedule | Infeasible:
    """The schedule that makes energy cost, demand charges and wear least, knowing the whole timeline.

    A site with services is planned by the general program; `cost` then leaves their income out.

    `temperature_c` (billing months,): store temperature the plan believes; default: the month's ambient mean, within
    the thermal set points. `slow` (billing months, slow states): shares of capacity out of reach, as the plan knows.
    `auxiliary_kw` (steps,): what the plant itself draws; default: controls and the running
    converter. `start_kwh`: stored energy at the start; default: the least allowed. `hint`: demand caps to start the
    search from, or an earlier schedule's; `open_share`: distance to the proven optimum the search may leave. `in_full`:
    tiers, contracted steps and look-back as the bill has them, not straightened; False: never; True: wherever a minute
    is enough; default: True, but where `prices` are given only where that takes no longer than straightening. Raises
    InputError without a plant.
    """
    began = time.perf_counter()
    plant = site.the_plant
    patient = prices is None if in_full is None else in_full
    prices = site.prices if prices is None else prices
    full = None if in_full is False else _full_of(site, prices)
    prices = where_export_is_forbidden(prices) if site.connection.export_limit_kw == 0.0 else prices
    auxiliary = np.full(site.timeline.steps, running_kw(plant)) if auxiliary_kw is None else auxiliary_kw
    views = monthly_views(site, plant, health or Health(), temperature_c, slow)
    first, others = split_peaks(prices.peaks, site.timeline.steps)
    problem = problem_of(site, views, prices, first, auxiliary, start_kwh, wear_price_per_kwh)
    if site.services:
        if in_full is False:
            prices = replace(prices, full=None)
        answer = _serve(site, problem, prices)
        full = prices.full if isinstance(answer, _Answer) and answer.in_full else None
    else:
        bent = None if full is None else _solve_in_full(site, problem, prices, full, open_share, patient)
        full = None if bent is None else full
        answer = bent or _solve(site, problem, prices, first, others, hint, open_share)
    if isinstance(answer, Infeasible):
        return answer
    if full is not None:
        problem, first = answer.problem or problem, answer.peak or first
        cost = full_cost(problem, prices, full, answer.ac_kw, answer.stored_kwh)
    else:
        cost = cost_of(problem, prices, answer.ac_kw, answer.stored_kwh)
    return Schedule(
        site.timeline, answer.ac_kw, answer.stored_kwh, answer.worth, answer.caps_kw, cost, answer.method, answer.why,
        answer.sweeps, time.perf_counter() - began, auxiliary, problem, answer.reserves_kw, answer.limit_prices, first,
        full is not None or prices.exact, answer.hint, answer.remarks,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Answer:
    """What either method found."""

    ac_kw: Floats
    stored_kwh: Floats
    worth: Floats
    caps_kw: Floats
    method: str
    why: str
    sweeps: int
    reserves_kw: dict[str, Floats] = field(default_factory=dict)
    limit_prices: dict[str, program.LimitPrice] = field(default_factory=dict)
    problem: exact.Problem | None = None  # solved in place of the one asked
    peak: PeakPrice | None = None
    hint: Hint | None = None  # for the next plan
    in_full: bool = False  # by months, for the tariff as it bends
    remarks: tuple[str, ...] = ()


def _serve(site: Site, problem: exact.Problem, prices: Prices) -> _Answer | Infeasible:
    """Energy and services at once, by the general program."""
    found = plan_serving({"store": problem}, site.timeline, site.promised, prices)
    if isinstance(found, Infeasible):
        return found
    return _Answer(
        found.ac_kw[0], found.stored_kwh[0], found.worth[0], found.caps_kw, "program", "services share the plant",
        len(np.unique(site.timeline.period)), {name: held[0] for name, held in found.reserves_kw.items()},
        found.limit_prices, in_full=found.in_full, remarks=found.remarks,
    )  # fmt: skip


def _solve(
    site: Site,
    problem: exact.Problem,
    prices: Prices,
    peak: PeakPrice,
    others: tuple[program.PeakTerms, ...],
    hint: Hint | Floats | None,
    open_share: float,
) -> _Answer | Infeasible:
    """The exact method where it holds and proves its result, HiGHS elsewhere."""
    why = why_program(prices, bool(others))
    if why is None:
        found = demand.solve(problem, peak.rate_per_kw, peak.floors_kw, hint, open_share)
        if isinstance(found, demand.Stuck):
            return _explain(site, problem, found)
        run, sweeps = found
        if run.proven:
            why = "convex prices, one store, demand charges that do not overlap"
            ac_kw = exact.ac_power(problem, run.x_kwh)
            return _Answer(ac_kw, run.energy_kwh, run.worth, run.caps, "exact", why, sweeps, hint=run.hint)
        why = f"the search for demand caps did not meet its bound in {sweeps} sweeps"
    if sells_above_purchase(prices) and site.timeline.steps > WHOLE_STEPS:
        return _by_months(site, problem, prices, why)
    solved = program.solve(problem, peak.rate_per_kw, peak.floors_kw, others, time_limit_s=PATIENCE_S, gap=CHOICE_GAP)
    if isinstance(solved, program.Unsolved):
        if solved.reason == "time_limit":
            return _by_months(site, problem, prices, why)
        if "infeasible" in solved.reason:
            return _conflicting(site, program.explain(problem, peak.rate_per_kw, peak.floors_kw, others))
        raise SolverError(f"HiGHS ended without a schedule: {solved.reason}")
    told = f"the search among on/off choices was ended {100 * solved.gap:.2g} % from its bound"
    return _Answer(
        solved.ac_kw, solved.energy_kwh, solved.worth, solved.caps, "program", why, 1, {}, solved.limit_prices,
        remarks=(told,) if solved.gap > CHOICE_GAP else (),
    )  # fmt: skip


def _by_months(site: Site, problem: exact.Problem, prices: Prices, why: str) -> _Answer | Infeasible:
    """Month by month, where all months at once take too long."""
    found = plan_serving({"store": problem}, site.timeline, ServiceTerms(), replace(prices, full=None))
    if isinstance(found, Infeasible):
        return found
    told = "planned month by month, as all months at once take too long"
    return _Answer(
        found.ac_kw[0], found.stored_kwh[0], found.worth[0], found.caps_kw, "program", why, 1, {}, found.limit_prices,
        remarks=(told, *found.remarks),
    )  # fmt: skip


def _full_of(site: Site, prices: Prices) -> FullPrices | None:
    """The tariff in full, where it bends, no service shares the plant and the prices are those of all steps."""
    full = prices.full
    if full is None or site.services or full.buy_per_kwh.size != site.timeline.steps:
        return None
    return full


def _solve_in_full(
    site: Site, problem: exact.Problem, prices: Prices, full: FullPrices, open_share: float, patient: bool
) -> _Answer | Infeasible | None:
    """A tariff that bends: the exact method where it proves its plan; else the program, where there is time for it."""
    found = plan_in_full(problem, prices, full, open_share)
    if found is not None:
        ac_kw = exact.ac_power(found.problem, found.run.x_kwh)
        return _Answer(
            ac_kw, found.run.energy_kwh, found.run.worth, found.run.caps, "exact", found.why, found.sweeps,
            problem=found.problem, peak=found.peak,
        )  # fmt: skip
    if not patient and why_program(prices, bool(split_peaks(prices.peaks, site.timeline.steps)[1])) is None:
        return None  # straightened, the exact method takes it
    straight = straight_part(prices, full)
    first, others = split_peaks(straight.peaks, site.timeline.steps)
    whole, bends = priced(problem, straight, first), bends_of(full)
    solved = program.solve(whole, first.rate_per_kw, first.floors_kw, others, bends, time_limit_s=PATIENCE_S)
    if isinstance(solved, program.Unsolved):
        if solved.reason == "time_limit":
            return None
        if "infeasible" in solved.reason:
            return _conflicting(site, program.explain(whole, first.rate_per_kw, first.floors_kw, others, bends))
        raise SolverError(f"HiGHS ended without a schedule: {solved.reason}")
    return _Answer(
        solved.ac_kw, solved.energy_kwh, solved.worth, solved.caps, "program", "the tariff bends with use or demand", 1,
        {}, solved.limit_prices, whole, first,
    )  # fmt: skip


def _explain(site: Site, problem: exact.Problem, stuck: demand.Stuck) -> Infeasible:
    step = stuck.step
    if stuck.reason == "import_limit":
        over = problem.net_kw + problem.ac_nodes[problem.season, 0] - problem.import_limit
        step = int(np.argmax(over))
        text = f"load exceeds the import limit by {over[step]:.1f} kW even with the store discharging fully"
        text += f" ({int(np.sum(over > 0))} steps in all)"
    elif stuck.reason == "stored_energy":
        text = "the store cannot hold enough energy to keep the import limit in the hours that follow"
    else:
        text = f"the limits that follow cannot be kept with {problem.start_kwh:.1f} kWh stored"
    stamp = site.timeline.local[step].strftime("%Y-%m-%d %H:%M")
    return Infeasible(stuck.reason, step, f"at {stamp} {text}")


def _conflicting(site: Site, conflict: program.Conflict | None) -> Infeasible:
    if conflict is None:
        return Infeasible("program", 0, "no schedule keeps all limits at once")
    stamp = site.timeline.local[conflict.step].strftime("%Y-%m-%d %H:%M")
    text = f"at {stamp} these limits cannot be kept together: {conflict}"
    return Infeasible(conflict.limits[0].name, conflict.step, text)
