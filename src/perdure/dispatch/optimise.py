"""`optimise`: the cheapest schedule of a site's plant, by the exact method where it holds, by HiGHS elsewhere."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from perdure.dispatch import demand, exact, program
from perdure.dispatch.schedule import Infeasible, Schedule
from perdure.dispatch.serving import plan_serving
from perdure.errors import SolverError
from perdure.market.charge import PeakPrice, Prices
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.ageing import Health
from perdure.technology.dispatch_view import DispatchView, dispatch_view
from perdure.timeline import Floats


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
    hint: Floats | None = None,
    open_share: float = demand.OPEN_SHARE,
) -> Schedule | Infeasible:
    """The schedule that makes energy cost, demand charges and wear least, knowing the whole timeline.

    A site with services is planned by the general program; `cost` then leaves their income out.

    `temperature_c` (billing months,): store temperature the plan believes; default: the month's ambient mean, within
    the thermal set points. `slow` (billing months, slow states): shares of capacity out of reach, as the plan knows.
    `auxiliary_kw` (steps,): what the plant itself draws; default: controls and the running
    converter. `start_kwh`: stored energy at the start; default: the least allowed. `hint`: demand caps to start the
    search from; `open_share`: distance to the proven optimum the search may leave. Raises InputError without a plant.
    """
    began = time.perf_counter()
    plant = site.the_plant
    prices = site.prices if prices is None else prices
    auxiliary = np.full(site.timeline.steps, _running_kw(plant)) if auxiliary_kw is None else auxiliary_kw
    views = monthly_views(site, plant, health or Health(), temperature_c, slow)
    first, others = _merge_peaks(prices.peaks, site.timeline.steps)
    problem = _problem(site, views, prices, first, auxiliary, start_kwh, wear_price_per_kwh)
    if site.services:
        answer = _serve(site, problem, first, others)
    else:
        answer = _solve(site, problem, prices, first, others, hint, open_share)
    if isinstance(answer, Infeasible):
        return answer
    cost = _cost(problem, prices, answer.ac_kw, answer.stored_kwh)
    return Schedule(
        site.timeline, answer.ac_kw, answer.stored_kwh, answer.worth, answer.caps_kw, cost, answer.method, answer.why,
        answer.sweeps, time.perf_counter() - began, auxiliary, problem, answer.reserves_kw, answer.limit_prices,
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


def _serve(
    site: Site, problem: exact.Problem, peak: PeakPrice, others: tuple[program.PeakTerms, ...]
) -> _Answer | Infeasible:
    """Energy and services at once, by the general program."""
    found = plan_serving(problem, site.timeline, site.promised, peak.rate_per_kw, _floors(peak), others)
    if isinstance(found, Infeasible):
        return found
    return _Answer(
        found.ac_kw, found.stored_kwh, found.worth, found.caps_kw, "program", "services share the plant",
        len(np.unique(site.timeline.period)), found.reserves_kw, found.limit_prices,
    )  # fmt: skip


def _solve(
    site: Site,
    problem: exact.Problem,
    prices: Prices,
    peak: PeakPrice,
    others: tuple[program.PeakTerms, ...],
    hint: Floats | None,
    open_share: float,
) -> _Answer | Infeasible:
    """The exact method where it holds and proves its result, HiGHS elsewhere."""
    why = _why_program(prices, bool(others))
    if why is None:
        found = demand.solve(problem, peak.rate_per_kw, _floors(peak), hint, open_share)
        if isinstance(found, demand.Stuck):
            return _explain(site, problem, found)
        run, sweeps = found
        if run.proven:
            why = "convex prices, one store, demand charges that do not overlap"
            ac_kw = exact.ac_power(problem, run.x_kwh)
            return _Answer(ac_kw, run.energy_kwh, run.worth, run.caps, "exact", why, sweeps)
        why = f"the search for demand caps did not meet its bound in {sweeps} sweeps"
    solved = program.solve(problem, peak.rate_per_kw, _floors(peak), others)
    if isinstance(solved, program.Unsolved):
        if "infeasible" in solved.reason:
            return _conflicting(site, program.explain(problem, peak.rate_per_kw, _floors(peak), others))
        raise SolverError(f"HiGHS ended without a schedule: {solved.reason}")
    return _Answer(solved.ac_kw, solved.energy_kwh, solved.worth, solved.caps, "program", why, 1)


def monthly_views(
    site: Site, plant: Plant, health: Health, temperature_c: Floats | None = None, slow: Floats | None = None
) -> tuple[DispatchView, ...]:
    """The dispatch view of each billing month."""
    timeline, thermal = site.timeline, plant.technology.thermal
    if temperature_c is None:
        months = timeline.sum_by_period(np.ones(timeline.steps))
        ambient = timeline.sum_by_period(site.ambient_c) / months
        temperature_c = np.clip(ambient, thermal.heat_below_c.value, thermal.cool_above_c.value)
    months = np.zeros((len(temperature_c), 0)) if slow is None else slow
    return tuple(
        _view(plant, health, round(float(warm), 1), tuple(round(float(one), 3) for one in hidden))
        for warm, hidden in zip(temperature_c, months, strict=True)
    )


@lru_cache(maxsize=4096)
def _view(plant: Plant, health: Health, temperature_c: float, slow: tuple[float, ...]) -> DispatchView:
    return dispatch_view(
        plant.table(health.capacity_share), plant.energy_kwh, plant.power_kw, health, temperature_c,
        charge_power_kw=plant.charge_kw, slow=np.array(slow),
    )  # fmt: skip


def _running_kw(plant: Plant) -> float:
    technology = plant.technology
    converter = technology.converter.no_load_share.value * plant.power_kw
    if technology.charge_converter is not None:
        converter = max(converter, technology.charge_converter.no_load_share.value * plant.charge_kw)
    return technology.thermal.base_load_kw.value * plant.energy_kwh + converter


def _floors(peak: PeakPrice) -> Floats:
    return np.zeros(peak.rate_per_kw.size) if peak.floor_kw is None else np.asarray(peak.floor_kw, float)


def _merge_peaks(peaks: tuple[PeakPrice, ...], steps: int) -> tuple[PeakPrice, tuple[program.PeakTerms, ...]]:
    """Charges whose groups never meet in a step become one; those that meet it stay beside it."""
    group, rates, floors = np.full(steps, -1, np.int64), np.zeros(0), np.zeros(0)
    labels: tuple[str, ...] = ()
    others: list[program.PeakTerms] = []
    for peak in peaks:
        charged = (peak.group >= 0) & (peak.rate_per_kw[np.maximum(peak.group, 0)] > 0)
        if np.any(charged & (group >= 0)):
            others.append(program.PeakTerms(peak.group, peak.rate_per_kw, _floors(peak)))
            continue
        group = np.where(charged, peak.group + rates.size, group)
        rates, floors = np.concatenate([rates, peak.rate_per_kw]), np.concatenate([floors, _floors(peak)])
        labels += tuple(peak.labels)
    return PeakPrice("demand", group, rates, labels, floors), tuple(others)


def _why_program(prices: Prices, overlapping: bool) -> str | None:
    if min(prices.buy_per_kwh.min(), prices.sell_per_kwh.min()) < 0:
        return "prices are negative at times"
    if np.any(prices.sell_per_kwh > prices.buy_per_kwh):
        return "export is paid above purchase at times"
    return "demand charges overlap" if overlapping else None


def _problem(
    site: Site,
    views: tuple[DispatchView, ...],
    prices: Prices,
    peak: PeakPrice,
    auxiliary_kw: Floats,
    start_kwh: float | None,
    wear: float,
) -> exact.Problem:
    h, season = site.timeline.step_h, site.timeline.period
    low, high = (np.array([getattr(view, name) for view in views]) for name in ("low_kwh", "high_kwh"))
    start = low[season[0]] if start_kwh is None else float(np.clip(start_kwh, low[season[0]], high[season[0]]))
    last = season[-1]
    return exact.Problem(
        step_h=h,
        net_kw=np.ascontiguousarray(site.net_kw + auxiliary_kw),
        buy=np.ascontiguousarray(prices.buy_per_kwh, dtype=float),
        sell=np.ascontiguousarray(prices.sell_per_kwh, dtype=float),
        season=season,
        ac_nodes=np.stack([view.ac_nodes for view in views]),
        store_nodes=np.stack([view.store_nodes for view in views]),
        keep=np.array([view.keep(h) for view in views]),
        drain_kwh=np.array([view.drain_kwh(h) for view in views]),
        low_kwh=low,
        high_kwh=high,
        wear=float(wear),
        import_limit=float(site.connection.import_limit_kw),
        export_limit=float(site.connection.export_limit_kw),
        group=np.ascontiguousarray(peak.group, dtype=np.int64),
        excess_price=2.0 * peak.rate_per_kw + 1.0,
        start_kwh=float(start),
        end_value=np.zeros(1),
        end_length=np.array([high[last] - low[last]]),
    )


def _cost(problem: exact.Problem, prices: Prices, ac_kw: Floats, stored: Floats) -> float:
    grid = problem.net_kw + ac_kw
    imported, exported = np.maximum(grid, 0.0), np.minimum(np.maximum(-grid, 0.0), problem.export_limit)
    energy = problem.step_h * float((problem.buy * imported - problem.sell * exported).sum())
    moved = np.diff(stored) + stored[:-1] * (1.0 - problem.keep[problem.season]) + problem.drain_kwh[problem.season]
    return energy + demand_cost(prices, imported) + 0.5 * problem.wear * float(np.abs(moved).sum())


def demand_cost(prices: Prices, imported_kw: Floats) -> float:
    """What the demand charges of straight-line prices come to for an import (steps,)."""
    total = 0.0
    for peak in prices.peaks:
        highest = _floors(peak).copy()
        charged = peak.group >= 0
        np.maximum.at(highest, peak.group[charged], imported_kw[charged])
        total += float(peak.rate_per_kw @ highest)
    return total


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
