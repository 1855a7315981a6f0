"""Services on a plant: planned with energy, kept in the run, settled in the bill."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from perdure.dispatch.optimise import optimise
from perdure.dispatch.schedule import Infeasible
from perdure.market.service import cut
from perdure.market.service_reading import read_services
from perdure.simulate.lifetime import live_through
from perdure.simulate.options import LifeOptions
from perdure.simulate.run import empty_track, simulate
from perdure.simulate.serving import Ran, settle
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.ageing import Health
from perdure.technology.technology import TECHNOLOGIES
from perdure.timeline import Timeline

REGULATION = {
    "kind": "frequency_regulation", "name": "regulation", "currency": "CNY", "most_kw": 150.0, "delivery_hours": 0.5,
    "capacity_price_per_kw_h": 0.06, "block_hours": 1.0,
}  # fmt: skip
BACKUP = {"kind": "backup", "name": "backup", "critical_kw": 60.0, "hours": 4.0}


@pytest.fixture(scope="module")
def week(small_site: Site) -> Site:
    """Nine days across the end of a month, so that two months share the store."""
    first = 22 * 96
    kept = slice(first, first + 9 * 96)
    timeline = Timeline(small_site.timeline.stamps[first], 15, 9 * 96, small_site.timeline.zone)
    site = replace(
        small_site, timeline=timeline, load_kw=small_site.load_kw[kept],
        generation_kw=small_site.generation_kw[kept], ambient_c=small_site.ambient_c[kept],
    )  # fmt: skip
    return site.with_plant(Plant("store", TECHNOLOGIES.find("lfp"), 1000.0, 250.0))


def serving(site: Site, *services: dict[str, Any]) -> Site:
    return replace(site, services=read_services(list(services), Path()))


def test_regulation_earns_beside_energy(week: Site) -> None:
    """Sharing the plant can only help: income less what it costs in energy is not negative."""
    alone = optimise(week)
    both = optimise(serving(week, REGULATION))
    assert not isinstance(alone, Infeasible)
    assert not isinstance(both, Infeasible)
    held = both.reserves_kw["regulation"]
    income = 0.06 * held.sum() * 0.25
    assert income > 0.0
    assert held.max() <= 150.0 + 1e-6
    assert income - (both.cost - alone.cost) > 0.0
    assert both.why == "services share the plant"
    assert any(price.total > 0.0 for price in both.limit_prices.values())


def test_reserve_leaves_room_in_power_and_energy(week: Site) -> None:
    site = serving(week, REGULATION)
    plan = optimise(site)
    assert not isinstance(plan, Infeasible)
    held, view = plan.reserves_kw["regulation"], plan.problem
    assert np.all(-plan.power_kw + held <= -view.ac_nodes[0, 0] + 1e-6)
    assert np.all(plan.power_kw + held <= view.ac_nodes[0, -1] + 1e-6)
    above = plan.stored_kwh[:-1] - view.low_kwh[view.season]
    assert np.all(above >= 0.5 * held - 1e-6)


def test_two_reserves_never_count_the_same_room(week: Site) -> None:
    """A run that left room for 100 kW gives the first what it planned and the second only the rest."""
    second = REGULATION | {"name": "second", "block_hours": 0.25}
    site = serving(week, REGULATION, second)
    steps = site.timeline.steps
    track = empty_track(steps)
    track.share[:], track.temperature[:], track.ac_kw[:] = 0.5, 25.0, -150.0
    planned = {"regulation": np.full(steps, 80.0), "second": np.full(steps, 80.0)}
    held = settle(site, [Ran(site.the_plant, Health(), track, planned)]).reserves_kw
    assert np.allclose(held["regulation"], 80.0)
    assert np.allclose(held["second"], 250.0 - 150.0 - 80.0)


def test_a_life_bills_what_services_earn(week: Site) -> None:
    life = live_through(serving(week, REGULATION), LifeOptions(years=1))
    plain = live_through(week, LifeOptions(years=1))
    credit = life.bills[0].lines["regulation"].sum()
    assert credit == pytest.approx(-life.years["service_income"].iloc[0])
    assert life.years["service_income"].iloc[0] > 0.0
    assert life.years["saving"].iloc[0] > plain.years["saving"].iloc[0]
    assert life.years["full_cycles"].iloc[0] != plain.years["full_cycles"].iloc[0]
    assert plain.years["service_income"].iloc[0] == 0.0


def test_backup_keeps_its_energy_in_the_plan_and_in_the_run(week: Site) -> None:
    site = serving(week, BACKUP)
    plan = optimise(site)
    assert not isinstance(plan, Infeasible)
    need = site.promised.holds[0].least_kwh
    low = plan.problem.low_kwh[plan.problem.season]
    filled = slice(16, None)  # the first hours are there to fill the store: a hold binds from where it can be kept
    assert np.all(plan.stored_kwh[:-1][filled] >= (need + low)[filled] - 1e-6)
    run = simulate(site, plan)
    missing = np.maximum(need + low - run.series["stored_kwh"].to_numpy(), 0.0)
    assert missing[filled].max() <= 0.02 * 1000.0
    assert live_through(site, LifeOptions(years=2)).years["saving"].min() > 0.0


def test_what_cannot_be_kept_is_named_with_its_hour(week: Site) -> None:
    site = serving(week, BACKUP | {"critical_kw": 248.0, "hours": 4.0})
    plan = optimise(site, start_kwh=0.0)
    assert isinstance(plan, Infeasible)
    assert "backup" in plan.text
    assert "2025-" in plan.text


def test_terms_of_a_part_are_the_part_of_the_terms(week: Site) -> None:
    whole = serving(week, REGULATION, BACKUP).promised
    part = cut(whole, 96, 192)
    assert part.reserves[0].price_per_kw_h.size == 96
    assert np.array_equal(part.holds[0].least_kwh, whole.holds[0].least_kwh[96:192])
