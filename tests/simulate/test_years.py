"""Years that differ, stores that grow, and several stores behind one meter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from perdure.market.price_levels import PriceLevels, tariff_at
from perdure.market.reading import read_tariff
from perdure.simulate.lifetime import live_through
from perdure.simulate.options import Addition, LifeOptions
from perdure.simulate.standing import Standing, Upkeep
from perdure.site.outlook import Outlook, Reform, Stage
from perdure.site.plant import Plant
from perdure.technology.technology import TECHNOLOGIES

WORN_AFTER_A_YEAR = 0.1


@pytest.fixture(scope="module", params=["nickel_hydrogen", "lfp"])
def store_site(request, small_site):
    """The small site with a store that lasts, or one that does not."""
    return small_site.with_plant(Plant("store", TECHNOLOGIES.find(request.param), 1000.0, 250.0))


def worn_at(site) -> float:
    after = float(live_through(site, LifeOptions(years=2)).years["capacity_share"].iloc[1])
    return after + WORN_AFTER_A_YEAR * (1.0 - after)


def test_replaced_modules_are_bought_once_and_at_their_own_size(store_site):
    options = LifeOptions(years=3, end_of_life_capacity_share=worn_at(store_site))
    bought = live_through(store_site, options).bought
    energy = store_site.the_plant.energy_kwh
    assert [(one.reason, one.from_year, one.until_year, one.energy_kwh) for one in bought] == [
        ("first", 1, 2, energy), ("replacement", 2, 3, energy), ("replacement", 3, None, energy),
    ]  # fmt: skip


def test_additions_enlarge_the_store_from_their_year_on(store_site):
    plant = store_site.the_plant
    upkeep = {plant.name: Upkeep(additions=(Addition(year=2, energy_kwh=0.5 * plant.energy_kwh),))}
    life = live_through(store_site, LifeOptions(years=3), upkeep=upkeep)
    alone = live_through(store_site, LifeOptions(years=3))
    more = life.years["capacity_kwh"] - alone.years["capacity_kwh"]
    assert more.iloc[0] == 0.0
    assert more.iloc[1] == pytest.approx(0.5 * plant.energy_kwh, rel=1e-9)  # new modules beside the aged ones
    assert life.years["added_kwh"].tolist() == [0.0, 0.5 * plant.energy_kwh, 0.0]
    assert life.years["saving"].iloc[1] > alone.years["saving"].iloc[1]


def test_modules_of_two_ages_wear_each_from_its_own_past(store_site):
    plant = store_site.the_plant
    upkeep = {plant.name: Upkeep(additions=(Addition(year=2, energy_kwh=plant.energy_kwh),))}
    life = live_through(store_site, LifeOptions(years=3), upkeep=upkeep)
    old, new = life.bought
    assert (old.reason, new.reason, new.from_year) == ("first", "addition", 2)
    assert 0.0 < old.left_share < new.left_share < 1.0


def test_topping_up_keeps_the_first_capacity(store_site):
    options = LifeOptions(years=4, when_worn="augment", end_of_life_capacity_share=worn_at(store_site))
    years = live_through(store_site, options).years
    assert years["capacity_kwh"].iloc[1:].to_numpy() == pytest.approx(store_site.the_plant.energy_kwh)
    assert np.all(years["added_kwh"].iloc[1:] > 0.0)
    assert years["replaced"].sum() == 0


def test_new_modules_come_empty(store_site):
    plant = store_site.the_plant
    upkeep = Upkeep(additions=(Addition(year=2, energy_kwh=plant.energy_kwh),))
    store = Standing.new(plant, upkeep, LifeOptions(), 20.0)
    store.share = 0.8
    store.renew(2)
    assert store.share * store.plant.energy_kwh == pytest.approx(0.8 * plant.energy_kwh)


def test_added_converters_raise_the_power(store_site):
    plant = store_site.the_plant
    store = Standing.new(plant, Upkeep(additions=(Addition(year=3, power_kw=50.0),)), LifeOptions(), 20.0)
    store.renew(2)
    assert store.plant == plant
    store.renew(3)
    assert store.plant.power_kw == pytest.approx(plant.power_kw + 50.0)
    assert store.plant.energy_kwh == plant.energy_kwh


def test_prices_grow_component_by_component(store_site):
    growth = PriceLevels(energy=1.1, demand=1.2, fixed=1.3, export=1.4)
    outlook = Outlook(price_growth=growth)
    years = live_through(store_site, LifeOptions(years=2), outlook=outlook).years
    tariff = tariff_at(store_site.tariff, growth)
    expected = replace(store_site, tariff=tariff).bill_without.total
    assert years["cost_without"].iloc[1] == pytest.approx(expected, rel=1e-12)
    assert expected > 1.09 * years["cost_without"].iloc[0]


def test_spread_moves_prices_about_their_mean(store_site):
    wide = replace(store_site, tariff=tariff_at(store_site.tariff, PriceLevels(spread=2.0)))
    one, two = store_site.prices.buy_per_kwh, wide.prices.buy_per_kwh
    assert two.mean() == pytest.approx(one.mean())
    assert np.ptp(two) == pytest.approx(2.0 * np.ptp(one))


def test_a_reform_changes_the_tariff_from_its_year_on(store_site):
    dear = read_tariff({"kind": "flat", "currency": store_site.tariff.currency, "price_per_kwh": 9.0}, None)
    years = live_through(store_site, LifeOptions(years=3), outlook=Outlook(reforms=(Reform(3, dear),))).years
    hours = store_site.timeline.step_h
    imported = float(np.maximum(store_site.net_kw, 0.0).sum()) * hours
    assert years["cost_without"].iloc[2] == pytest.approx(9.0 * imported)
    assert years["cost_without"].iloc[1] == years["cost_without"].iloc[0]


def test_a_stage_changes_load_and_connection(store_site):
    outlook = Outlook(stages=(Stage(2, load_scale=1.5, import_limit_kw=5000.0), Stage(3, load_scale=2.0)))
    assert outlook.site(store_site, 1) is store_site
    second, third = outlook.site(store_site, 2), outlook.site(store_site, 3)
    assert second.load_kw == pytest.approx(1.5 * store_site.load_kw)
    assert third.load_kw == pytest.approx(3.0 * store_site.load_kw)
    assert third.connection.import_limit_kw == 5000.0


def test_measured_years_come_in_turn(store_site):
    other = replace(store_site, load_kw=2.0 * store_site.load_kw)
    years = live_through(store_site, LifeOptions(years=4), outlook=Outlook(measured=(other,))).years["cost_without"]
    assert years.iloc[0] == years.iloc[2]
    assert years.iloc[1] == years.iloc[3] > years.iloc[0]


def fortnight(site):
    """Its first two weeks: plans of several stores at once take long."""
    steps = 14 * 96
    timeline = replace(site.timeline, steps=steps)
    parts = {name: getattr(site, name)[:steps] for name in ("load_kw", "generation_kw", "ambient_c")}
    return replace(site, timeline=timeline, **parts)


def two_stores(site, second: str):
    """Half of the site's store, and as much of another technology."""
    plant = site.the_plant
    half = replace(plant, energy_kwh=0.5 * plant.energy_kwh, power_kw=0.5 * plant.power_kw)
    return site.with_plant(half, Plant("second", TECHNOLOGIES.find(second), half.energy_kwh, half.power_kw))


def test_two_halves_of_one_store_earn_what_the_whole_earns(store_site):
    site = fortnight(store_site)
    half = replace(site.the_plant, energy_kwh=0.5 * site.the_plant.energy_kwh, power_kw=0.5 * site.the_plant.power_kw)
    whole = live_through(site, LifeOptions(years=1)).years.iloc[0]
    halves = live_through(site.with_plant(half, replace(half, name="other half")), LifeOptions(years=1))
    together = halves.years.iloc[0]
    assert together["saving"] == pytest.approx(whole["saving"], rel=0.02)
    assert together["capacity_kwh"] == pytest.approx(whole["capacity_kwh"])


def test_several_stores_add_up_and_balance(store_site):
    site = fortnight(store_site)
    life = live_through(two_stores(site, "nickel_hydrogen"), LifeOptions(years=2))
    for name in ("charged_kwh", "discharged_kwh", "auxiliary_kwh"):
        parts = sum(table[name] for table in life.stores.values())
        assert life.years[name].to_numpy() == pytest.approx(parts.to_numpy())
    sample = life.samples[1]
    hours = site.timeline.step_h
    drawn = (sample.series["import_kw"] - sample.series["export_kw"]).sum()
    net = site.net_kw.sum() + sample.series["curtailed_kw"].sum() - sample.series["unserved_kw"].sum()
    stores = sum((t["charge_kw"] - t["discharge_kw"] + t["auxiliary_kw"]).sum() for t in sample.stores.values())
    assert drawn * hours == pytest.approx((net + stores) * hours, rel=1e-9)
    assert {one.store for one in life.bought} == set(life.stores)
    assert life.years["saving"].iloc[0] > 0.0
