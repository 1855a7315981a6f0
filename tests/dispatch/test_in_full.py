"""Tariffs that bend, planned in full: the plan costs its bill, no straightened plan is cheaper, HiGHS agrees."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from problems import problems
from test_exact import end_worth

from perdure.dispatch import exact, program
from perdure.dispatch.in_full import bends_of, full_cost, plan_in_full, straight_part
from perdure.dispatch.optimise import optimise
from perdure.dispatch.posed import split_peaks
from perdure.market.charge import Prices
from perdure.market.full_prices import BilledDemand, FullPrices
from perdure.market.reading import read_tariff
from perdure.market.tariff import Connection
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.technology import TECHNOLOGIES
from perdure.timeline import Timeline

STEPS = [
    {"up_to_kw": 90.0, "price_per_kw_month": 3.0},
    {"up_to_kw": 110.0, "price_per_kw_month": 8.0},
    {"price_per_kw_month": 15.0},
]
DEMAND = {"demand_price_per_kw_month": 9.0}
DAY = {"name": "y", "months": list(range(1, 13)), "all": {"low": ["22:00-07:00"], "high": ["07:00-22:00"]}}
BASE = {"kind": "time_of_use", "currency": "EUR", "prices_per_kwh": {"low": 0.2, "high": 0.3}, "seasons": [DAY]}
BENT = {
    "steps": BASE | {"demand_tiers": STEPS},
    "steps and a minimum": BASE | {"demand_tiers": STEPS, "minimum_billed_kw": 95.0},
    "look-back": BASE | DEMAND | {"look_back_share": 0.9, "look_back_months": 2},
    "look-back on a year before": BASE | DEMAND | {"look_back_share": 0.8, "previous_peaks_kw": [160.0] * 12},
    "look-back with steps": BASE | {"demand_tiers": STEPS, "look_back_share": 0.9, "look_back_months": 3},
    "look-back beside a charge by period": BASE
    | DEMAND
    | {"look_back_share": 0.95, "period_demand_prices_per_kw_month": {"high": 2.0}},
}


def site_of(data: dict[str, object], seed: int, folder: Path = Path(), days: int = 120) -> Site:
    rng = np.random.default_rng(seed)
    timeline = Timeline(Timeline.year(2025, "UTC").start, 60, 24 * days, "UTC")
    hour, day = np.arange(timeline.steps) % 24, np.arange(timeline.steps) // 24
    level = np.repeat(rng.uniform(0.6, 1.3, days // 30 + 1), 30)[day]
    load = level * (80.0 + 40.0 * np.sin((hour - 8) / 12 * np.pi)) + rng.normal(0.0, 6.0, timeline.steps)
    bare = Site("s", timeline, load, np.zeros_like(load), np.full_like(load, 20.0), Connection(400.0),
                read_tariff(data, folder))  # fmt: skip
    return bare.with_plant(Plant("p", TECHNOLOGIES.find("lfp"), float(rng.choice([80.0, 200.0])), 40.0))


def tiered(folder: Path, bound_kwh: float, extra: float) -> dict[str, object]:
    """A rate whose two periods both grow dearer by `extra` beyond a month's `bound_kwh`."""
    day = [0] * 7 + [1] * 15 + [0] * 2
    rate = {
        "energyratestructure": [[{"max": bound_kwh, "rate": r}, {"rate": r + extra}] for r in (0.10, 0.13)],
        "energyweekdayschedule": [day] * 12, "energyweekendschedule": [day] * 12,
    }  # fmt: skip
    (folder / "rate.json").write_text(json.dumps(rate))
    return {"kind": "urdb", "file": "rate.json"}


def bill(site: Site, schedule) -> float:
    imported = np.maximum(schedule.problem.net_kw + schedule.power_kw, 0.0)
    return site.charges.bill(imported, np.zeros_like(imported)).total


def by_highs(site: Site, problem):
    """Cost of the whole timeline by the general program."""
    straight = straight_part(site.prices, site.prices.full)
    peak, others = split_peaks(straight.peaks, site.timeline.steps)
    posed = problem._replace(buy=straight.buy_per_kwh, group=peak.group, excess_price=peak.rate_per_kw)
    return program.solve(posed, peak.rate_per_kw, peak.floors_kw, others, bends_of(site.prices.full)).objective


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", BENT)
def test_plan_under_a_demand_charge_that_bends_is_the_cheapest_and_costs_its_bill(name, seed):
    site = site_of(BENT[name], seed)
    assert not site.prices.exact
    planned, straightened = optimise(site), optimise(site, in_full=False)
    assert planned.in_full and not straightened.in_full
    assert planned.cost == pytest.approx(bill(site, planned), rel=1e-9)
    assert planned.cost <= bill(site, straightened) * (1.0 + 1e-9)
    assert planned.cost == pytest.approx(by_highs(site, planned.problem), rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_look_back_beside_an_overlapping_charge_is_left_to_highs_in_full(seed):
    site = site_of(BENT["look-back beside a charge by period"], seed)
    planned = optimise(site)
    assert planned.method == "program"
    assert planned.why == "the tariff bends with use or demand"
    assert optimise(site, prices=site.prices).in_full  # straightened, HiGHS would have to plan it too


@pytest.mark.parametrize("seed", range(3))
def test_tiers_that_no_plan_crosses_need_no_program(seed, tmp_path):
    site = site_of(tiered(tmp_path, 55_000.0, 0.08), seed, tmp_path)
    planned, straightened = optimise(site), optimise(site, in_full=False)
    assert planned.method == "exact"
    assert planned.cost == pytest.approx(bill(site, planned), rel=1e-9)
    assert planned.cost <= bill(site, straightened) * (1.0 + 1e-9)
    assert planned.cost == pytest.approx(by_highs(site, planned.problem), rel=1e-9)


def test_a_tier_that_stops_the_store_is_planned_by_the_program(tmp_path):
    """Losses would carry the month into a tier so dear that the last cycles do not pay: import ends on the bound."""
    free = site_of(tiered(tmp_path, 1e9, 0.0), 1, tmp_path, days=31)
    idle = float(free.charges.bill(np.maximum(optimise(free).problem.net_kw, 0.0), 0.0 * free.net_kw).import_kwh[0])
    bound = idle + 60.0
    site = site_of(tiered(tmp_path, bound, 0.5), 1, tmp_path, days=31)
    planned, straightened = optimise(site), optimise(site, in_full=False)
    imported = np.maximum(planned.problem.net_kw + planned.power_kw, 0.0)
    assert planned.method == "program"
    assert imported.sum() == pytest.approx(bound, rel=1e-9)
    assert planned.cost == pytest.approx(bill(site, planned), rel=1e-9)
    assert planned.cost < bill(site, straightened)
    assert planned.limit_prices["Energy: width of cheaper tiers"].total > 0
    quick = optimise(site, prices=site.prices)
    assert (quick.method, quick.in_full) == ("exact", False)
    assert bill(site, quick) > planned.cost


def test_what_is_not_convex_stays_straightened(tmp_path):
    """A price that falls with use, and a discount earned by use."""
    falling = site_of(tiered(tmp_path, 20_000.0, -0.05), 0, tmp_path)
    assert not falling.prices.exact and falling.prices.full is None
    planned = optimise(falling)
    assert not planned.in_full


def test_minimum_demand_alone_is_a_floor_of_the_exact_method():
    site = site_of(BASE | DEMAND | {"minimum_billed_kw": 100.0}, 0)
    planned = optimise(site)
    assert site.prices.exact
    assert planned.method == "exact"
    assert planned.cost == pytest.approx(bill(site, planned), rel=1e-9)


def test_a_plan_in_full_tells_what_its_limits_are_worth():
    """One more usable kWh saves what it says, under steps and a look-back."""
    site = site_of(BENT["look-back with steps"], 1)
    planned = optimise(site)
    price = planned.limit_prices["capacity of store"].total
    costs = []
    for by in (0.01, -0.01):
        posed = planned.problem._replace(high_kwh=planned.problem.high_kwh + by)
        costs.append(by_highs(site, posed))
    slack = 1e-4 * (1.0 + price)
    assert (planned.cost - costs[0]) / 0.01 - slack <= price <= (costs[1] - planned.cost) / 0.01 + slack
    assert price > 0


def test_exact_plan_in_full_is_refused_where_prices_rule_it_out():
    site = site_of(BENT["steps"], 0)
    prices = replace(site.prices, sell_per_kwh=site.prices.buy_per_kwh + 1.0)
    assert plan_in_full(optimise(site).problem, prices, prices.full) is None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(problems(), st.integers(0, 2**32 - 1))
def test_caps_searched_in_full_cost_what_highs_says(case, seed):
    """Random steps and look-backs on random problems, degenerate ones among them."""
    problem, rates, _ = case
    groups, rng = rates.size, np.random.default_rng(seed)
    if not groups:
        return
    share = np.where(rng.uniform(size=(groups, groups)) < 0.5, rng.uniform(0.3, 1.0, (groups, groups)), 0.0)
    np.fill_diagonal(share, 1.0)
    demand = BilledDemand(
        "d", problem.group, share, rng.choice([0.0, 30.0], groups),
        np.tile([40.0, 70.0, np.inf], (groups, 1)), np.cumsum(rng.choice([0.0, 1.0, 10.0], (groups, 3)), axis=1),
    )  # fmt: skip
    prices = Prices(problem.buy, np.minimum(problem.sell, problem.buy), exact=False)
    full = FullPrices(problem.buy, (), (demand,), ())
    nothing = np.zeros(0)
    posed = problem._replace(group=np.full(problem.buy.size, -1), excess_price=nothing)
    solved = program.solve(posed, nothing, nothing, (), bends_of(full))
    found = plan_in_full(posed, prices, full)
    if found is None or isinstance(solved, program.Unsolved):
        assert found is None or isinstance(solved, program.Unsolved)
        return
    ac_kw = exact.ac_power(found.problem, found.run.x_kwh)
    cost = full_cost(found.problem, prices, full, ac_kw, found.run.energy_kwh) - end_worth(
        problem, found.run.energy_kwh[-1]
    )
    assert cost == pytest.approx(solved.objective, rel=1e-9, abs=1e-7 * (1.0 + abs(solved.objective)))
