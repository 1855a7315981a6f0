"""Plans made month by month: tariffs that bend are held in full, and what is not known is said."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_in_full import BASE, BENT, bill, site_of, tiered

from perdure.dispatch import exact, program
from perdure.dispatch.month_bends import LATER_DEMAND
from perdure.dispatch.optimise import optimise
from perdure.dispatch.posed import sells_above_purchase
from perdure.dispatch.together import Store, optimise_together
from perdure.market.service_reading import read_services
from perdure.site.plant import Plant
from perdure.technology.ageing import Health
from perdure.technology.technology import TECHNOLOGIES

NOTHING = {"kind": "backup", "critical_kw": 0.0, "hours": 1.0}
MINIMUM = BASE | {"demand_price_per_kw_month": 9.0, "minimum_billed_kw": 95.0}


def serving(site):
    return replace(site, services=read_services([NOTHING], Path()))


def two(site):
    plants = tuple(Plant(name, TECHNOLOGIES.find("lfp"), 60.0, 20.0) for name in ("a", "b"))
    return replace(site, plants=plants), [Store(plant, Health()) for plant in plants]


@pytest.mark.parametrize("name", ["steps", "steps and a minimum"])
@pytest.mark.parametrize("seed", range(2))
def test_contracted_steps_beside_a_service_are_held_in_full(name, seed):
    site = site_of(BENT[name], seed)
    planned, straightened = optimise(serving(site)), optimise(serving(site), in_full=False)
    assert planned.in_full and not planned.remarks
    assert not straightened.in_full
    assert bill(site, planned) <= bill(site, straightened) + 1e-6
    assert bill(site, planned) == pytest.approx(bill(site, optimise(site)), rel=2e-3)  # which sees all months at once


def test_contracted_steps_hold_for_stores_that_stand_together():
    site, stores = two(site_of(BENT["steps"], 1))
    plan = optimise_together(site, stores)
    assert all(one.in_full and not one.remarks for one in plan)
    straight = optimise_together(site, stores, replace(site.prices, full=None))

    def paid(schedules):
        power = sum(one.power_kw for one in schedules)
        imported = np.maximum(schedules[0].problem.net_kw + power, 0.0)
        return site.charges.bill(imported, np.zeros_like(imported)).total

    assert paid(plan) <= paid(straight) + 1e-6


def test_look_back_counts_months_planned_before_and_says_what_it_expects_of_later_ones():
    site = site_of(BENT["look-back"], 1)
    planned = optimise(serving(site))
    assert planned.in_full
    assert planned.remarks == (LATER_DEMAND,)
    assert bill(site, planned) <= bill(site, optimise(serving(site), in_full=False)) * 1.01


def test_tiers_by_monthly_use_are_held_in_full(tmp_path):
    site = site_of(tiered(tmp_path, 30000.0, 0.05), 0, tmp_path)
    planned = optimise(serving(site))
    assert planned.in_full and not planned.remarks
    assert bill(site, planned) <= bill(site, optimise(serving(site), in_full=False)) + 1e-6


def test_month_without_a_minimum_names_no_price_of_one():
    assert not any("least billed" in name for name in optimise(serving(site_of(BENT["steps"], 0))).limit_prices)
    assert not any("least billed" in name for name in optimise(serving(site_of(MINIMUM | {"minimum_billed_kw": 0.0}, 0))
                                                               ).limit_prices)  # fmt: skip


def test_a_minimum_is_priced_once_for_each_month_it_binds_in():
    site = site_of(MINIMUM | {"minimum_billed_kw": 300.0}, 0)  # far above every peak
    told = optimise(serving(site)).limit_prices["least billed demand of charge 1"]
    months = np.unique(site.timeline.period).size
    assert told.total == pytest.approx(sum(site.prices.peaks[0].rate_per_kw), rel=1e-9)
    assert np.count_nonzero(told.per_step) == months


def test_a_reserve_that_must_hold_nothing_has_no_price_of_a_minimum():
    wanted = {"kind": "frequency_regulation", "name": "regulation", "currency": "EUR", "most_kw": 15.0,
              "delivery_hours": 0.5, "capacity_price_per_kw_h": 0.01}  # fmt: skip
    site, stores = two(site_of(BASE, 0, days=30))
    plan = optimise_together(replace(site, services=read_services([wanted], Path())), stores)
    assert plan[0].reserves_kw["regulation"].max() > 0.0
    assert not any(name.startswith("least of") for name in plan[0].limit_prices)


def paid_above_purchase(days: int) -> exact.Problem:
    """Export paid above the night's purchase price, so that every night tempts to import and export at once."""
    steps, rng = days * 96, np.random.default_rng(0)
    hour = np.arange(steps) / 4 % 24
    sun = 600.0 * np.maximum(np.sin((hour - 6) / 12 * np.pi), 0.0) * rng.uniform(0.2, 1.0, steps)
    net = 300.0 + 150.0 * ((hour > 8) & (hour < 18)) + rng.normal(0.0, 20.0, steps) - sun
    buy, power = np.where((hour >= 8) & (hour < 22), 0.14, 0.06), 200.0
    ac = power * np.array([[-1.0, -0.5, 0.0, 0.5, 1.0]])
    stored = ac - 0.03 * np.abs(ac) - 0.02 * ac**2 / power
    return exact.Problem(
        0.25, net, buy, np.full(steps, 0.09), np.zeros(steps, np.int64), ac, stored, np.array([0.9999]),
        np.array([0.01]), np.array([40.0]), np.array([800.0]), 0.0, 2500.0, 800.0, np.zeros(steps, np.int64),
        np.array([21.0]), 40.0, np.zeros(1), np.array([760.0]),
    )  # fmt: skip


def test_search_among_choices_ends_with_its_time_and_tells_how_far_it_came():
    problem, began = paid_above_purchase(20), time.perf_counter()
    found = program.solve(problem, np.array([10.0]), time_limit_s=2.0)
    assert not isinstance(found, program.Unsolved)
    assert time.perf_counter() - began < 12.0
    assert 0.0 <= found.gap < 1e-3
    grid = problem.net_kw + found.ac_kw
    energy = 0.25 * (problem.buy * np.maximum(grid, 0.0) - problem.sell * np.maximum(-grid, 0.0)).sum()
    assert found.objective == pytest.approx(energy + 10.0 * grid.max(), rel=1e-6)


def test_steps_in_which_export_is_paid_above_purchase_are_counted():
    site = site_of(BASE, 0, days=30)
    assert sells_above_purchase(site.prices) == 0
    sell = np.where(np.arange(site.timeline.steps) < 7, 1.0, 0.0)
    assert sells_above_purchase(replace(site.prices, sell_per_kwh=sell)) == 7


def test_long_timeline_with_export_paid_above_purchase_is_planned_by_months(monkeypatch):
    site = site_of(BASE, 0, days=40)
    sell = np.where(np.arange(site.timeline.steps) % 24 < 6, 0.35, 0.05)
    prices = replace(site.prices, sell_per_kwh=sell)
    site = replace(site, connection=replace(site.connection, export_limit_kw=100.0))
    whole = optimise(site, prices=prices)
    assert not whole.remarks
    monkeypatch.setattr("perdure.dispatch.optimise.WHOLE_STEPS", 100)
    parted = optimise(site, prices=prices)
    assert any("month by month" in text for text in parted.remarks)
    assert parted.cost == pytest.approx(whole.cost, rel=1e-3)
