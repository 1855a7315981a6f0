"""The search of the wear price: it beats yearly-greedy dispatch for a store that wears, and leaves others alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from perdure.market.reading import read_tariff
from perdure.study.case import Case
from perdure.study.evaluate import Bench, Trial, repriced
from perdure.study.run import run_case
from perdure.study.sizing.break_even import break_evens, nearest_crossing, worths
from perdure.study.sizing.versus import compare
from perdure.study.sizing.wear_price import highest_price, search_wear_price
from perdure.technology.ageing import AgeingLaw, Wear
from study.size_cases import small_case

TRIAL = Trial("Store", 400.0, 150.0)


def short_lived() -> Case:
    """A store that lasts some 60 cycles, where one cycle a day earns five times what the second does."""
    case = small_case(2, years=8)
    fade = Wear("cycling", "capacity", 1.0, cyclic=lambda depth, rate, warmth, mean: np.full_like(depth, 0.2 / 60))
    law = AgeingLaw("short", {"en": "Short", "zh": "短"}, (fade,), {})
    day = {"peak": "08:00-12:00", "evening": "17:00-21:00", "night": "00:00-08:00, 12:00-17:00, 21:00-24:00"}
    tariff = read_tariff(
        {"kind": "time_of_use", "currency": "CNY", "prices_per_kwh": {"peak": 1.2, "evening": 0.6, "night": 0.45},
         "seasons": [{"name": "all", "months": list(range(1, 13)), "all": day}]}, Path(), "tariff",
    )  # fmt: skip
    store = replace(case.candidates[0], ageing=law)
    return replace(case, site=replace(case.site, tariff=tariff), candidates=(store,), text="short-lived")


def test_wear_price_beats_greedy_dispatch_for_a_short_lived_store():
    with Bench(short_lived()) as bench:
        curve = search_wear_price(bench, TRIAL)
    greedy, best = curve.greedy.row, curve.best.row
    assert greedy["replaced"] > best["replaced"] >= 1
    assert greedy["full_cycles_per_year"] > 1.5 * best["full_cycles_per_year"]
    assert curve.gain > 0.05 * best["investment"]
    assert curve.best.npv == curve.table["npv"].max()
    assert curve.table["wear_price_per_kwh"].is_monotonic_increasing


def test_run_seeks_the_wear_price_where_the_case_leaves_it_open():
    case = short_lived()
    store = replace(case.candidates[0], wear_price_is_sought=True)
    outcome = run_case(replace(case, candidates=(store,), text="sought")).candidates[0]
    given = run_case(case).candidates[0]
    assert outcome.candidate.wear_price_per_kwh > 0.0
    assert outcome.worth.metrics.npv > given.worth.metrics.npv


def test_store_that_does_not_wear_needs_no_price():
    case = small_case(2)
    with Bench(case) as bench:
        curve = search_wear_price(bench, replace(TRIAL, fade_share=1e-6))
    assert curve.best.npv - curve.greedy.npv <= 1e-3 * curve.best.row["investment"]


def test_highest_price_stops_arbitrage():
    case = small_case(2)
    top = highest_price(case, TRIAL)
    prices = case.site.prices.buy_per_kwh
    assert top == pytest.approx(prices.max() - prices.min())


def test_repricing_is_the_life_priced_anew():
    case = small_case(1)
    with Bench(case) as bench:
        lived = bench.ask([TRIAL])[0]
    assert repriced(case, lived).metrics.npv == pytest.approx(lived.npv, rel=1e-12)
    store = case.candidates[0]
    energy = store.costs.energy_per_kwh
    dear = replace(store, costs=replace(store.costs, energy_per_kwh=replace(energy, value=3.0 * energy.value)))
    other = replace(case, candidates=(dear,), text="dear")
    with Bench(other) as bench:
        again = bench.ask([TRIAL])[0]
    assert repriced(case, lived, 3.0).metrics.npv == pytest.approx(again.npv, rel=1e-12)


def test_break_even_is_where_the_value_is_nothing():
    case = small_case(1)
    with Bench(case) as bench:
        lived = bench.ask([TRIAL])[0]
        found = {one.lever: one for one in break_evens(bench, lived, None)}
        for lever, close in (("energy_cost", 1e-3), ("spread", 0.05)):
            one = found[lever]
            assert one.share is not None
            value = worths(bench, one.lever, lived, [one.share])[0]
            assert abs(value) < close * lived.row["investment"]


def test_nearest_crossing_is_found_and_missing_ones_are_none():
    def values(shares):
        return [np.log(one / 1.7) for one in shares]

    assert nearest_crossing(values, (0.25, 0.5, 1.0, 2.0, 4.0), 1e-6) == pytest.approx(1.7, rel=1e-5)
    assert nearest_crossing(lambda shares: [1.0] * len(shares), (0.5, 1.0, 2.0), 1e-6) is None


def test_differences_add_up_to_what_one_store_is_ahead():
    case = small_case(1, years=2, tolerance=0.2)
    costs = case.candidates[0].costs
    dear = replace(costs, energy_per_kwh=replace(costs.energy_per_kwh, value=200.0))
    both = (*case.candidates, replace(case.candidates[0], name="Dear", costs=dear))
    outcome = compare(replace(case, candidates=both, text="two"), given_sizes=True, with_break_even=False)
    assert [one.store.name for one in outcome.contenders] == ["Store", "Dear"]
    first = outcome.differences.set_index("store").loc["Store"]
    parts = first.drop(["rival", "npv"]).astype(float)
    assert parts.sum() == pytest.approx(first["npv"], rel=1e-9)
    assert first["npv"] == pytest.approx(outcome.contenders[0].lived.npv - outcome.contenders[1].lived.npv)
    assert parts["saving"] == pytest.approx(0.0, abs=1e-6 * abs(parts["investment"]))
