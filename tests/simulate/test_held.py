"""Promised energy is there: in a worn store too, in every year a plan is followed, and shared between stores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from perdure.dispatch.optimise import optimise
from perdure.dispatch.serving import HELD_MARGIN_SHARE
from perdure.quantities import Confidence
from perdure.simulate.held import held_targets
from perdure.simulate.lifetime import live_through
from perdure.simulate.options import LifeOptions
from perdure.simulate.run import empty_track, follow, slow_at_rest
from perdure.simulate.standing import Standing, Upkeep
from perdure.simulate.stress import stress_of
from perdure.site.plant import Plant
from perdure.technology.ageing import Health
from perdure.technology.technology import TECHNOLOGIES
from simulate.test_promises import BACKUP, works


def missing_kwh(site, track, health):
    low, _ = site.the_plant.table(health.capacity_share).window(float(track.temperature.mean()))
    stored = (track.share - low) * site.the_plant.energy_kwh * health.capacity_share
    return np.max([one.least_kwh - stored for one in site.promised.holds], axis=0)


@pytest.mark.parametrize("technology", ["lfp", "nickel_hydrogen"])
def test_controller_keeps_what_a_plan_for_a_newer_store_promised(technology):
    plant = Plant("store", TECHNOLOGIES.find(technology), 600.0, 200.0)
    site, worn = works(BACKUP).with_plant(plant), Health(0.9, 0.5)
    plan = optimise(site)
    tracks = []
    margin = HELD_MARGIN_SHARE.value * 600.0
    (held,) = held_targets((plan,), site.promised.holds, margin, site.timeline.steps)
    for kept in (None, held):
        track = empty_track(site.timeline.steps)
        follow(site, plan, worn, 0.1, 20.0, slow_at_rest(plant), track, 0, kept)
        tracks.append(missing_kwh(site, track, worn)[24:-1])  # it begins empty
    assert tracks[0].max() > 10.0
    assert tracks[1].max() <= 0.0  # though the plan's demand cap then falls


def test_every_year_of_a_life_keeps_the_promise():
    life = live_through(works(BACKUP), LifeOptions(years=6))
    for year in (1, 6):
        settled = life.served[year].settlements["backup"]
        assert settled.survived["backup, 4 h"] > 0.98  # of 500 moments the first few find it empty
        assert not any("at most" in text and "2025-03-03" not in text for text in settled.told)


def test_stores_share_a_promise_as_the_plan_has_it_and_none_keeps_more_than_planned():
    site = works(BACKUP)
    plan = optimise(site)
    other = replace(plan, stored_kwh=plan.problem.low_kwh[0] + 0.5 * (plan.stored_kwh - plan.problem.low_kwh[0]))
    targets = held_targets((plan, other), site.promised.holds, 3.0, site.timeline.steps)
    low = plan.problem.low_kwh[plan.problem.season]
    above = [one - low for one in targets]
    kept = (above[0] > 0.0) & (above[1] > 0.0)
    np.testing.assert_allclose(above[1][kept], 0.5 * above[0][kept])
    least = np.append(site.promised.holds[0].least_kwh[1:], 0.0) + 3.0
    assert np.all(above[0] + above[1] <= least + 1e-9)
    assert np.all(targets[0] <= plan.stored_kwh[1:] + 1e-9)


def test_a_store_tells_how_it_will_stand_from_the_year_it_lived():
    site = works()
    store = Standing.new(site.the_plant, Upkeep(), LifeOptions(years=20), 20.0)
    assert store.ahead(4) is None
    plan, track = optimise(site), empty_track(site.timeline.steps)
    follow(site, plan, store.health, store.share, 20.0, store.slow, track)
    stress = stress_of(track, site.the_plant.table(), 1.0)
    store.age(stress)
    store.renew(2)
    ahead, now = store.ahead(4), store.health
    for _ in range(4):
        store.age(stress)
    assert ahead.capacity_share == pytest.approx(store.health.capacity_share)
    assert ahead.capacity_share < now.capacity_share < 1.0


def test_margin_of_promised_energy_says_where_it_comes_from():
    assert HELD_MARGIN_SHARE.confidence is Confidence.ESTIMATE
    assert HELD_MARGIN_SHARE.source
