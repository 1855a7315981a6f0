"""Rules ask for what a person would ask for, and never look ahead."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from perdure.dispatch.rules import RULES, PeakShaving, SelfConsumption, TimeWindows, cheapest, threshold
from perdure.market.reading import read_tariff
from perdure.market.tariff import Connection
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.technology import TECHNOLOGIES
from perdure.timeline import Timeline


@pytest.fixture(scope="module")
def site() -> Site:
    timeline = Timeline(Timeline.year(2025, "Asia/Shanghai", 60).stamps[0], 60, 31 * 24, "Asia/Shanghai")
    hour = np.arange(timeline.steps) % 24
    load = 100.0 + 200.0 * (np.abs(hour - 14) < 5)
    sun = np.where(np.abs(hour - 12) < 3, 350.0, 0.0)
    tariff = read_tariff({"kind": "jiangsu_2025"}, Path.cwd())
    connection = Connection(import_limit_kw=1000.0, transformer_kva=1000.0)
    plant = Plant("store", TECHNOLOGIES.find("lfp"), 400.0, 200.0)
    return Site("small", timeline, load, sun, np.full(load.size, 20.0), connection, tariff, (plant,))


def test_self_consumption_charges_from_surplus_alone(site):
    asked = SelfConsumption().powers(site)
    assert np.all(asked.power_kw[site.net_kw < 0] > 0) and np.all(asked.power_kw[site.net_kw > 0] < 0)
    assert np.all(asked.power_kw <= np.maximum(-site.net_kw, 0.0))


def test_peak_shaving_gives_what_exceeds_the_threshold(site):
    asked = PeakShaving(threshold_kw=150.0).powers(site)
    above = site.net_kw > 150.0
    np.testing.assert_allclose(asked.power_kw[above], -np.minimum(site.net_kw[above] - 150.0, 200.0))
    assert np.all(site.net_kw[~above] + asked.power_kw[~above] <= 150.0)


def test_threshold_of_the_past_knows_no_later_day(site):
    higher = replace(site, load_kw=site.load_kw + np.where(np.arange(site.timeline.steps) >= 240, 500.0, 0.0))
    np.testing.assert_array_equal(threshold(site, None, 0.7)[:240], threshold(higher, None, 0.7)[:240])
    assert np.isinf(threshold(site, None, 0.7)[:24]).all()


def test_time_windows_charge_cheap_and_discharge_dear(site):
    price = site.prices.buy_per_kwh
    asked = TimeWindows().powers(site)
    assert np.all(asked.power_kw[price == price.min()] == 200.0)
    assert np.all(asked.power_kw[price == price.max()] <= 0.0)
    assert np.all(site.net_kw + asked.power_kw >= np.minimum(site.net_kw, 0.0))  # nothing is exported unpaid


def test_even_windows_move_the_store_once(site):
    asked = TimeWindows(even=True).powers(site)
    day = asked.power_kw[24:48]
    assert np.maximum(day, 0.0).sum() == pytest.approx(400.0)


def test_hours_set_by_hand_are_kept(site):
    asked = TimeWindows(charge_half_hours=(4, 5, 6, 7), discharge_half_hours=(36, 37, 38, 39)).powers(site)
    hour = np.arange(site.timeline.steps) % 24
    assert set(hour[asked.power_kw > 0]) == {2, 3} and set(hour[asked.power_kw < 0]) <= {18, 19}


def test_cheapest_hours_are_counted_by_day():
    day, price = np.repeat([0, 1], 4), np.array([3.0, 1.0, 2.0, 4.0, 1.0, 1.0, 0.5, 9.0])
    assert cheapest(day, price, 2.0, 1.0).tolist() == [False, True, True, False, True, False, True, False]
    assert cheapest(day, price, None, 1.0).tolist() == [False, True, False, False, False, False, True, False]


@pytest.mark.parametrize("name", RULES)
def test_rules_stay_within_the_ratings_and_never_look_ahead(name, site):
    asked = RULES[name].powers(site)
    assert np.abs(asked.power_kw).max() <= 200.0
    later = np.arange(site.timeline.steps) >= 300
    changed = replace(site, load_kw=np.where(later, 900.0, site.load_kw))
    np.testing.assert_array_equal(asked.power_kw[:300], RULES[name].powers(changed).power_kw[:300])
    np.testing.assert_array_equal(asked.cap_kw[:300], RULES[name].powers(changed).cap_kw[:300])
