"""`optimise` on a site: the method it chooses, the value function it leaves, what it says when nothing is possible."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from perdure.dispatch.optimise import optimise
from perdure.dispatch.schedule import Infeasible
from perdure.errors import InputError
from perdure.market.reading import read_tariff
from perdure.market.tariff import Connection
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.technology import TECHNOLOGIES
from perdure.timeline import Timeline

TIME_OF_USE = {
    "kind": "time_of_use",
    "currency": "EUR",
    "prices_per_kwh": {"low": 0.1, "high": 0.5},
    "seasons": [
        {"name": "year", "months": list(range(1, 13)), "all": {"low": ["22:00-06:00"], "high": ["06:00-22:00"]}},
    ],
}


@pytest.fixture(scope="module")
def site() -> Site:
    timeline = Timeline(Timeline.year(2025).start, 60, 24 * 20)
    hour = np.arange(timeline.steps) % 24
    load = 100.0 + 60.0 * np.sin((hour - 8) / 12 * np.pi)
    tariff = read_tariff(
        {"kind": "flat", "currency": "EUR", "price_per_kwh": 0.3, "demand_price_per_kw_month": 9.0}, Path()
    )
    bare = Site("s", timeline, load, np.zeros_like(load), np.full_like(load, 20.0), Connection(300.0), tariff)
    return bare.with_plant(Plant("p", TECHNOLOGIES.find("lfp"), 200.0, 50.0))


def test_site_without_a_plant_is_refused(site):
    with pytest.raises(InputError, match=r"site\.plant"):
        optimise(replace(site, plants=()))


def test_demand_charge_alone_is_worth_shaving(site):
    schedule = optimise(site)
    without, planned = site.net_kw.max(), (schedule.problem.net_kw + schedule.power_kw).max()
    assert schedule.method == "exact"
    assert planned < without - 20.0
    assert planned == pytest.approx(schedule.caps_kw[0])


def test_a_hint_changes_the_way_not_the_answer(site):
    free = optimise(site)
    hinted = optimise(site, hint=free.caps_kw * 1.3)
    assert hinted.cost == pytest.approx(free.cost, rel=1e-9)


def test_value_function_is_the_derivative_of_the_cost(site):
    """One kWh more at the start saves what the value function of a store at that energy says."""
    schedule = optimise(site)
    low, high = schedule.problem.low_kwh[0], schedule.problem.high_kwh[0]
    start, step = 0.5 * (low + high), 1e-3
    fixed = optimise(site, start_kwh=start)
    more = optimise(site, start_kwh=start + step)
    less = optimise(site, start_kwh=start - step)
    value = fixed.energy_value_per_kwh[0] * fixed.problem.keep[0]
    assert (fixed.cost - more.cost) / step - 1e-6 <= value <= (less.cost - fixed.cost) / step + 1e-6
    worth = fixed.value_function()
    assert worth.per_kwh(0, low + 0.01) >= worth.per_kwh(0, high - 0.01)
    at = worth.per_kwh(5, fixed.stored_kwh[6] - 1e-6), worth.per_kwh(5, fixed.stored_kwh[6] + 1e-6)
    assert at[1] - 1e-9 <= fixed.energy_value_per_kwh[5] <= at[0] + 1e-9 or fixed.stored_kwh[6] in (low, high)


def test_impossible_connection_is_a_value_that_says_when_and_how_much(site):
    answer = optimise(replace(site, connection=Connection(90.0)))
    assert isinstance(answer, Infeasible)
    assert "2025-01-" in answer.text
    assert "import limit" in answer.text


def test_impossible_program_names_the_limits_in_conflict(site):
    """Negative prices leave the plan to HiGHS; it too says which limits fail when, and by how much."""
    prices = replace(site.prices, buy_per_kwh=np.where(np.arange(480) < 5, -0.1, 0.3))
    answer = optimise(replace(site, connection=Connection(90.0)), prices=prices)
    assert isinstance(answer, Infeasible)
    assert "2025-01-" in answer.text
    assert "import limit (short by" in answer.text


def test_wear_price_stops_cycles_that_do_not_pay(site):
    tariff = read_tariff(TIME_OF_USE, Path())
    spread = replace(site, tariff=tariff)
    moved = [np.abs(optimise(spread, wear_price_per_kwh=price).power_kw).sum() for price in (0.0, 0.45)]
    assert moved[0] > 0
    assert moved[1] < 1e-3 * moved[0]  # only what self-discharge takes is put back


def test_a_price_no_export_can_earn_leaves_the_method_exact(site):
    """Export paid above purchase, or below zero, is nothing to a connection that may not export."""
    closed = replace(site, connection=Connection(import_limit_kw=site.connection.import_limit_kw, export_limit_kw=0.0))
    usual = optimise(closed)
    for price in (9.0, -1.0):
        lured = optimise(closed, prices=replace(closed.prices, sell_per_kwh=np.full(closed.timeline.steps, price)))
        assert lured.method == usual.method == "exact"
        assert lured.cost == usual.cost
        assert np.array_equal(lured.power_kw, usual.power_kw)


def test_limit_prices_do_not_hang_on_how_close_the_plan_came(site):
    tight, loose = optimise(site), optimise(site, open_share=0.05)
    assert loose.cost > tight.cost * (1.0 + 1e-6)
    for name, price in tight.limit_prices.items():
        assert loose.limit_prices[name].total == pytest.approx(price.total, rel=1e-6, abs=1e-9), name
