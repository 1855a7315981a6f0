"""What dispatch believes of each store, against the map it is drawn from."""

from __future__ import annotations

import numpy as np
import pytest

from perdure.simulate import kernel
from perdure.simulate.run import empty_track, slow_at_rest, store_of
from perdure.site.plant import Plant
from perdure.technology.ageing import Health
from perdure.technology.dispatch_view import dispatch_view, dispatch_views
from perdure.technology.technology import TECHNOLOGIES


def four_hours(name):
    """A plant of 1000 kWh that takes four hours, or as long as its technology sensibly does."""
    technology = TECHNOLOGIES.find(name)
    return Plant("p", technology, 1000.0, min(250.0, 1000.0 * technology.largest_rating.discharge_per_h))


STATES = [(Health(), 25.0), (Health(), 5.0), (Health(0.8, 0.7), 35.0)]


@pytest.mark.parametrize("name", TECHNOLOGIES.names())
@pytest.mark.parametrize(("health", "temperature"), STATES)
@pytest.mark.parametrize("share_of_power", [1.0, 0.5, -0.5, -1.0])
def test_view_is_never_rosier_than_a_full_sweep_of_the_map(name, health, temperature, share_of_power):
    """Fill or empty the store at constant power: the map moves at least the energy the view counts on."""
    plant = four_hours(name)
    table = plant.table(health.capacity_share)
    view = dispatch_view(table, plant.energy_kwh, plant.power_kw, health, temperature, charge_power_kw=plant.charge_kw)
    capacity = plant.energy_kwh * health.capacity_share
    ac = share_of_power * (view.ac_nodes[-1] if share_of_power > 0 else -view.ac_nodes[0])
    steps, h = 6000, 1.0 / 60.0
    store = store_of(plant, health)._replace(heat_capacity=1e12, cool_above=200.0, heat_below=-200.0)
    track, still = empty_track(steps), np.zeros(steps)
    start = view.low_kwh if ac > 0 else view.high_kwh
    kernel.run(
        h, 1, still + ac, still, still + 1e9, still - 1e9, still + temperature, store, table.at(health.impedance_share),
        start / capacity, temperature, slow_at_rest(plant), track,
    )  # fmt: skip
    energy = track.share * capacity
    moving = (np.abs(track.ac_kw - ac) < 1e-6) & (np.arange(steps) < steps - 1)
    inner = moving & (energy > view.low_kwh + 0.02 * capacity) & (energy < view.high_kwh - 0.02 * capacity)
    assert inner.sum() > 60
    rate = np.diff(energy)[inner[:-1]].mean() / h
    believed = np.interp(ac, view.ac_nodes, view.store_nodes)
    believed -= view.drain_per_h * energy[inner].mean() + view.drain_kw
    assert believed <= rate + 1e-3 * abs(rate)


@pytest.mark.parametrize("name", TECHNOLOGIES.names())
@pytest.mark.parametrize(("health", "temperature"), STATES)
def test_view_is_convex_and_its_limits_hold(name, health, temperature):
    plant = four_hours(name)
    view = dispatch_view(
        plant.table(health.capacity_share), 1000.0, plant.power_kw, health, temperature, charge_power_kw=plant.charge_kw
    )
    ratio = np.diff(view.store_nodes) / np.diff(view.ac_nodes)
    assert np.all(np.diff(ratio) <= 1e-12)  # stored per AC kWh falls from discharge to charge: convex cost
    charging = view.ac_nodes[:-1] >= 0
    assert np.all(ratio[charging] < 1.0)
    assert np.all(ratio[~charging] > 1.0)
    assert view.drain_per_h >= 0
    assert view.drain_kw >= 0
    assert 0 <= view.low_kwh < view.high_kwh <= 1000.0 * health.capacity_share
    assert -plant.power_kw <= view.ac_nodes[0] <= 0.0 <= view.ac_nodes[-1] <= plant.charge_kw


@pytest.mark.parametrize("name", TECHNOLOGIES.names())
def test_views_of_all_months_are_those_of_each_and_charge_reads_as_interpolated(name):
    plant, health, warmth = four_hours(name), Health(0.9, 0.3), np.array([-40.0, 3.3, 25.0, 70.0])
    table = plant.table(health.capacity_share)
    slow = np.tile(np.linspace(0.0, 0.02, warmth.size)[:, None], len(plant.technology.slow_states))
    together = dispatch_views(table, 1000.0, plant.power_kw, health, warmth, slow=slow)
    for month, view in enumerate(together):
        alone = dispatch_view(table, 1000.0, plant.power_kw, health, float(warmth[month]), slow=slow[month])
        assert np.array_equal(view.store_nodes, alone.store_nodes)
        assert (view.low_kwh, view.high_kwh, view.drain_kw) == (alone.low_kwh, alone.high_kwh, alone.drain_kw)
    share = np.concatenate([np.linspace(-0.1, 1.1, 997), table.fine_shares])
    assert np.allclose(table.soc(share), np.interp(share, table.fine_shares, table.soc_of_share), rtol=0, atol=1e-14)
