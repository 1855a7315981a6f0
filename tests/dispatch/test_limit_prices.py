"""What limits are worth, told from an exact plan alone: held to finite differences of what HiGHS pays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from problems import problems
from test_optimise import site as small_site  # noqa: F401

from perdure.dispatch import demand, exact, program
from perdure.dispatch.limit_prices import Plan, limit_prices
from perdure.dispatch.optimise import optimise

STEP = 1e-4
SLACK = 1e-5


def wider(problem, by, end):
    """The outermost corner moves on along its own slope."""
    ac, stored = problem.ac_nodes.copy(), problem.store_nodes.copy()
    inner = 1 if end == 0 else -2
    slope = (stored[:, end] - stored[:, inner]) / (ac[:, end] - ac[:, inner])
    out = -by if end == 0 else by
    ac[:, end] += out
    stored[:, end] += out * slope
    return problem._replace(ac_nodes=ac, store_nodes=stored)


LOOSENED = {
    "import limit": lambda p, f, by: (p._replace(import_limit=p.import_limit + by), f),
    "export limit": lambda p, f, by: (p._replace(export_limit=p.export_limit + by), f),
    "capacity of store": lambda p, f, by: (p._replace(high_kwh=p.high_kwh + by), f),
    "least charge of store": lambda p, f, by: (p._replace(low_kwh=p.low_kwh - by), f),
    "discharge power of store": lambda p, f, by: (wider(p, by, 0), f),
    "charge power of store": lambda p, f, by: (wider(p, by, -1), f),
    "least billed demand of charge 1": lambda p, f, by: (p, f - by * (f > 0)),
}


def least_cost(problem, rates, floors):
    """What HiGHS pays; NaN where nothing is possible."""
    if np.any(problem.low_kwh > problem.high_kwh) or problem.export_limit < 0:
        return np.nan
    solved = program.solve(problem, rates, floors, solver="simplex")
    return np.nan if isinstance(solved, program.Unsolved) else solved.objective


def can(problem, name):
    """Whether the plant has the direction at all."""
    ends = {"discharge power of store": problem.ac_nodes[0, 0], "charge power of store": problem.ac_nodes[0, -1]}
    return ends.get(name, 1.0) != 0.0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(problems())
def test_dual_price_of_an_exact_plan_lies_between_the_finite_differences(case):
    """One more kW (kWh) everywhere saves what the price says: at most the last one's saving, at least the next one's.

    The left difference does not exist where less of the limit makes the site impossible. Where all energy is free,
    what stored energy is worth is open, and the price of a limit with it.
    """
    problem, rates, floors = case
    assume(problem.buy.max() > 0.0)
    found = demand.solve(problem, rates, floors)
    here = least_cost(problem, rates, floors)
    if isinstance(found, demand.Stuck) or np.isnan(here):
        return
    run, _ = found
    plan = Plan(problem, exact.ac_power(problem, run.x_kwh), run.energy_kwh, run.worth, rates, floors)
    prices, slack = limit_prices(plan), SLACK * (1.0 + abs(here))
    for name, price in prices.items():
        if not can(problem, name):
            continue
        more, less = (least_cost(loose, rates, least) for loose, least in (
            LOOSENED[name](problem, floors, by) for by in (STEP, -STEP)))  # fmt: skip
        if not np.isnan(more):
            assert price.total >= (here - more) / STEP - slack, name
        if not np.isnan(less):
            assert price.total <= (less - here) / STEP + slack, name


def test_where_the_cost_has_no_corner_both_methods_tell_one_price():
    """Forty noisy days with four demand charges: the sums of both, limit by limit."""
    rng = np.random.default_rng(5)
    steps, ac = 960, np.array([[-60.0, -30.0, 0.0, 30.0, 60.0]])
    problem = exact.Problem(
        1.0, rng.uniform(20.0, 100.0, steps), rng.uniform(0.2, 0.9, steps), np.zeros(steps), np.zeros(steps, np.int64),
        ac, ac - 0.04 * np.abs(ac) - 0.04 * ac**2 / 60.0, np.array([0.9995]), np.zeros(1), np.array([20.0]),
        np.array([180.0]), 0.01, 130.0, 0.0, (np.arange(steps) // 240).astype(np.int64), np.full(4, 31.0), 20.0,
        np.zeros(1), np.array([160.0]),
    )  # fmt: skip
    rates = np.full(4, 15.0)
    run, _ = demand.solve(problem, rates)
    floors = np.zeros(4)
    told = limit_prices(Plan(problem, exact.ac_power(problem, run.x_kwh), run.energy_kwh, run.worth, rates, floors))
    solved = program.solve(problem, rates)
    assert {name for name, price in told.items() if price.total > 0} >= {"capacity of store", "charge power of store"}
    for name, price in told.items():
        by_highs = solved.limit_prices.get(name)  # a minimum that does not exist has no price there
        assert price.total == pytest.approx(by_highs.total if by_highs else 0.0, rel=1e-6, abs=1e-6), name


def test_every_schedule_tells_what_its_limits_are_worth(small_site):  # noqa: F811
    planned = optimise(small_site)
    assert planned.method == "exact"
    assert max(price.total for price in planned.limit_prices.values()) > 0
    assert planned.limit_prices is planned.limit_prices
    negative = replace(small_site.prices, buy_per_kwh=np.where(np.arange(480) < 5, -0.1, 0.3))
    by_highs = optimise(small_site, prices=negative)
    assert by_highs.method == "program"
    assert max(price.total for price in by_highs.limit_prices.values()) > 0
