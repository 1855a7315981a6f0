"""Rolling plans, schedules and rules hold the energy that services promise, and know a storm from its warning on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from perdure.dispatch import expected
from perdure.dispatch.horizon import Horizon, Planner
from perdure.dispatch.rules import TimeWindows
from perdure.market.reading import read_tariff
from perdure.market.service_reading import read_services
from perdure.market.tariff import Connection
from perdure.simulate.held_back import held_back
from perdure.simulate.lifetime import live_through
from perdure.simulate.options import LifeOptions
from perdure.simulate.without_foresight import ByRule, Rolled, Rolling, regret
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.ageing import Health
from perdure.technology.technology import TECHNOLOGIES
from perdure.timeline import Timeline

ENERGY_KWH = 600.0
STORM = {"name": "Typhoon", "from": "2025-03-13 18:00", "until": "2025-03-15 06:00", "lead_hours": 12.0,
         "reserve_share": 0.7}  # fmt: skip
BACKUP = {"kind": "backup", "critical_kw": 40.0, "hours": 4.0}


def works(*services: dict[str, Any]) -> Site:
    """Three weeks of a works under the Jiangsu tariff."""
    timeline = Timeline(pd.Timestamp("2025-03-03", tz="Asia/Shanghai"), 60, 21 * 24, "Asia/Shanghai")
    hour = np.arange(timeline.steps) % 24
    noise = np.random.default_rng(5).normal(0.0, 10.0, timeline.steps)
    load = 200.0 + 150.0 * (np.abs(hour - 14) < 5) * np.where(timeline.weekend, 0.3, 1.0) + noise
    tariff = read_tariff({"kind": "jiangsu_2025"}, Path.cwd())
    plant = Plant("store", TECHNOLOGIES.find("lfp"), ENERGY_KWH, 200.0)
    calm = np.zeros(timeline.steps)
    return Site("works", timeline, load, calm, calm + 20.0, Connection(1000.0, 0.0, 1000.0), tariff, (plant,),
                services=read_services(list(services), Path()))  # fmt: skip


def storm(**changed: object) -> dict[str, Any]:
    return {"kind": "storm_reserve", "critical_share": 0.3, "warnings": [STORM | changed]}


def missing_kwh(run: Rolled) -> np.ndarray:
    """What lacks of the promise at the beginning of each step."""
    low, _ = run.site.the_plant.table().window(float(run.track.temperature.mean()))
    stored = (run.track.share - low) * ENERGY_KWH
    return np.max([one.least_kwh - stored for one in run.site.promised.holds], axis=0)


STRATEGIES = [
    Rolling(Horizon(), "value"),
    Rolling(Horizon(replan_h=6.0, control="power"), "power"),
    ByRule(TimeWindows()),
]


@pytest.mark.parametrize("service", [storm(), BACKUP], ids=["storm", "backup"])
def test_every_strategy_holds_what_is_promised(service: dict[str, Any]) -> None:
    site = works(service)
    runs = regret(site, STRATEGIES).runs
    free = regret(replace(site, services=()), STRATEGIES).runs
    for name, run in runs.items():
        filled = missing_kwh(run)[24:]  # it begins empty
        assert filled.max() <= 0.02 * ENERGY_KWH, name
        without = missing_kwh(replace(free[name], site=site))[24:]
        assert without.max() > 0.3 * site.promised.holds[0].least_kwh.max(), name


def test_a_storm_changes_nothing_before_its_warning() -> None:
    calm = works()
    begun = 10 * 24 + 6  # 12 h before it
    for one in STRATEGIES[:2]:
        with_storm, without = one.run(works(storm()), Health()), one.run(calm, Health())
        np.testing.assert_array_equal(with_storm.planned_kw[:begun], without.planned_kw[:begun])
        assert not np.array_equal(with_storm.planned_kw[begun:], without.planned_kw[begun:])


def test_a_window_sees_of_a_storm_what_its_warning_tells() -> None:
    planner = Planner(works(storm()), Horizon())
    warned, begins = 10 * 24 + 6, 10 * 24 + 18
    assert planner.promises.seen(warned - 1, 48).max() == 0.0
    seen = planner.promises.seen(warned, 48)[0]
    assert seen[begins - warned : 48].max() > 0.69 * ENERGY_KWH * 0.8


@pytest.mark.parametrize("sweep", [expected.sweep, expected.sweep.py_func])
def test_energy_below_a_promise_is_worth_its_price_more(sweep: Any) -> None:
    ac, stored = np.array([[-50.0, 0.0, 50.0]]), np.array([[-56.0, 0.0, 46.0]])
    store = expected.Store(1.0, ac, stored, expected.ratios(ac, stored), 1.0, 0.0, 0.0, 100.0, 0.0, 1e3, 0.0)
    flat = np.full((1, 1), 0.5)
    given = np.zeros((1, 1)), flat, flat * 0.0, np.full(1, np.inf), np.zeros(1), np.ones((1, 1))
    nothing, kept = np.zeros((1, 20)), np.empty((0, 1, 20))
    plain = sweep(store, expected.Scenarios(*given), nothing, 0, kept)
    held = sweep(store, expected.Scenarios(*given, np.array([[32.5]]), np.array([7.0])), nothing, 0, kept)
    np.testing.assert_allclose((held - plain)[0, :8], [7.0] * 6 + [3.5, 0.0])


def test_cost_of_a_reserve_is_the_bill_beside_a_plan_without_it() -> None:
    site = works(storm(until="2025-03-19 06:00"))
    life = live_through(site, LifeOptions(years=1))
    told = held_back(life)
    assert told is not None
    assert told.services == ("storm_reserve",)
    assert told.bill == pytest.approx(life.bills[0].total)
    assert told.cost > 0.0
    free = live_through(replace(site, services=()), LifeOptions(years=1)).bills[0].total
    assert told.bill_without == pytest.approx(free, rel=0.02)
    held, without = told.survived["Typhoon, 4 h"]
    assert held == pytest.approx(1.0)
    assert without < 0.9


def test_nothing_is_told_where_nothing_is_held() -> None:
    site = works()
    assert held_back(live_through(site, LifeOptions(years=1))) is None
