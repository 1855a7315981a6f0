"""One simulated stretch: energy closes, limits hold, the physics wins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from perdure.dispatch.optimise import optimise
from perdure.simulate import kernel
from perdure.simulate.run import empty_track, follow, simulate, slow_at_rest, store_of
from perdure.technology.ageing import Health
from perdure.technology.response_map import response_map


@pytest.fixture(scope="module")
def outcome(store_site):
    schedule = optimise(store_site)
    return store_site, schedule, simulate(store_site, schedule)


def test_energy_balances_in_every_step_and_in_total(outcome):
    """stored + lost + self-discharged + auxiliaries = drawn."""
    site, _, result = outcome
    table, h = result.series, site.timeline.step_h
    stored = np.append(table["stored_kwh"].to_numpy(), result.totals["stored_change_kwh"] + table["stored_kwh"].iloc[0])
    drawn = (table["charge_kw"] - table["discharge_kw"] + table["auxiliary_kw"]).to_numpy() * h
    used = (
        table["converter_loss_kw"] + table["store_loss_kw"] + table["self_discharge_kw"] + table["auxiliary_kw"]
    ).to_numpy() * h
    open_steps = np.diff(stored) + used - drawn
    assert np.max(np.abs(open_steps)) <= 1e-6 * site.the_plant.power_kw * h
    assert abs(open_steps.sum()) <= 1e-6 * np.abs(drawn).sum()


def test_meter_balances(outcome):
    site, _, result = outcome
    t = result.series
    left = t["load_kw"] - t["generation_kw"] + t["charge_kw"] - t["discharge_kw"] + t["auxiliary_kw"]
    right = t["import_kw"] - t["export_kw"] - t["curtailed_kw"] + t["unserved_kw"]
    assert np.allclose(left, right, atol=1e-9)
    assert t["import_kw"].max() <= site.connection.import_limit_kw + 1e-9


def test_every_series_column_is_in_the_table_of_names(outcome):
    from perdure.quantities import QUANTITIES
    from perdure.simulate.result import SERIES

    _, _, result = outcome
    assert set(result.series.columns) <= set(QUANTITIES)
    assert set(SERIES) <= set(result.series.columns)


def test_losses_are_never_negative(outcome):
    _, _, result = outcome
    for name in ("converter_loss_kw", "store_loss_kw", "self_discharge_kw", "auxiliary_kw", "refused_kw"):
        assert result.series[name].min() >= -1e-9, name


def test_plan_is_kept_nearly_everywhere(outcome):
    """The view is drawn never rosier than the map: little of the planned discharge is refused, its saving comes true.

    Charging may be refused where the store is fuller than planned, having lost less.
    """
    site, schedule, result = outcome
    giving = schedule.power_kw < 0.0
    refused = result.series["refused_kw"].to_numpy()[giving].sum() * site.timeline.step_h
    assert refused <= 0.03 * result.totals["discharged_kwh"]
    import_kw, export_kw, _, _ = site.meter(schedule.power_kw + result.series["auxiliary_kw"].to_numpy())
    planned = site.bill_without.total - site.charges.bill(import_kw, export_kw).total
    assert site.bill_without.total - result.bill.total >= 0.95 * planned > 0


def test_objective_equals_the_bill_of_the_plan(outcome):
    """Money is computed once: the optimiser's cost is the tariff's bill."""
    site, schedule, _ = outcome
    import_kw, export_kw, _, _ = site.meter(schedule.power_kw + schedule.auxiliary_kw)
    bill = site.charges.bill(import_kw, export_kw)
    assert schedule.cost + site.prices.constant == pytest.approx(bill.total, rel=1e-9)


def test_full_store_refuses_charge_and_empty_store_refuses_discharge(store_site):
    site = replace(store_site, load_kw=np.full(store_site.timeline.steps, 400.0))
    schedule = optimise(site)
    table = site.the_plant.table()
    for power, share in ((250.0, 1.0), (-250.0, 0.0)):
        pushed = replace_power(schedule, power)
        track = empty_track(site.timeline.steps)
        follow(site, pushed, Health(), share, 25.0, slow_at_rest(site.the_plant), track)
        assert track.refused_kw[0] == pytest.approx(250.0)
        low, high = table.window(25.0)
        assert track.share[1:].min() >= 0.0
        assert track.share[:96].max() <= max(share, high) + 1e-6
        assert track.share[:96].min() >= min(share, low) - 1e-6 if power < 0 else True
        assert np.abs(track.ac_kw).max() <= 250.0 + 1e-9


def replace_power(schedule, power):
    """The same schedule with another, constant power and no caps."""
    from dataclasses import fields

    values = {one.name: getattr(schedule, one.name) for one in fields(schedule)}
    values["power_kw"] = np.full_like(schedule.power_kw, power)
    values["caps_kw"] = np.full_like(schedule.caps_kw, np.inf)
    return type(schedule)(**values)


def test_compiled_and_plain_python_agree(store_site):
    site = store_site
    steps = 200
    plan = optimise(site).power_kw[:steps]
    tables = site.the_plant.tables_of(Health(0.9, 0.3))
    limits = np.full(steps, 1500.0), np.zeros(steps)
    runs = []
    for function in (kernel.run, kernel.run.py_func):
        track = empty_track(steps)
        end = function(
            0.25, 1, plan, site.net_kw[:steps], *limits, site.ambient_c[:steps],
            store_of(site.the_plant, Health(0.9, 0.3)), tables, 0.3, 25.0,
            slow_at_rest(site.the_plant), track,
        )  # fmt: skip
        runs.append((end, track))
    assert runs[0][0] == pytest.approx(runs[1][0])
    for left, right in zip(runs[0][1], runs[1][1], strict=True):
        assert np.allclose(left, right, atol=1e-9)


def test_map_agrees_with_a_slow_run_through_the_chemistry_itself(store_site):
    """An independent loop: the chemistry's own functions step by step, fixed temperature, against the kernel."""
    site, table = store_site, store_site.the_plant.table()
    physics, capacity, h = table.physics, 1000.0, 0.25
    powers = np.concatenate([np.full(14, 200.0), np.zeros(4), np.full(12, -200.0), np.full(6, 90.0), np.full(8, -60.0)])
    store = store_of(site.the_plant, Health())._replace(heat_capacity=1e12, cool_above=99.0, heat_below=-99.0)
    track = empty_track(powers.size)
    wide = np.full(powers.size, 1e9)
    kernel.run(
        h,
        1,
        powers,
        np.zeros(powers.size),
        wide,
        -wide,
        np.full(powers.size, 25.0),
        store,
        table.at(0.0),
        0.2,
        25.0,
        slow_at_rest(site.the_plant),
        track,
    )
    share = 0.2
    for t, dc in enumerate(track.dc_kw):
        assert track.share[t] == pytest.approx(share, abs=3e-3)
        one = physics.respond(table.soc(np.array([share])), np.array([25.0]), np.array([dc / capacity]), 0.0)
        share += h * (dc / capacity - float(one.loss_kw[0]) - float(one.self_discharge_kw[0]))


def test_coarse_steps_are_divided():
    """An hour is walked in quarters: the result is that of four equal quarter hours."""
    from perdure.technology.technology import TECHNOLOGIES

    technology = next(iter(TECHNOLOGIES))
    from perdure.site.plant import Plant

    store = store_of(Plant("p", technology, 1000.0, 250.0), Health())
    tables = response_map(technology).at(0.0)
    slow = np.zeros((2, len(technology.slow_states)))
    ends = []
    for step_h, substeps, n in ((1.0, 4, 6), (0.25, 1, 24)):
        plan = np.repeat([200.0, -150.0, 100.0], n // 3)
        wide = np.full(n, 1e9)
        track = empty_track(n)
        ends.append(
            kernel.run(
                step_h,
                substeps,
                plan,
                np.zeros(n),
                wide,
                -wide,
                np.full(n, 20.0),
                store,
                tables,
                0.4,
                20.0,
                slow.copy(),
                track,
            )
        )
    assert ends[0] == pytest.approx(ends[1], rel=1e-9)
