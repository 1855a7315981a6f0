"""Without foresight: what the closed loop keeps, what it never knows, and how it stands beside the truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perdure.dispatch import expected
from perdure.dispatch.forecast import Perfect, Published
from perdure.dispatch.forecasters import Ridge, SimilarDay
from perdure.dispatch.horizon import Horizon, Planner, one_peak
from perdure.dispatch.rules import RULES
from perdure.errors import InputError
from perdure.market.charge import PeakPrice
from perdure.market.reading import read_tariff
from perdure.market.tariff import Connection
from perdure.simulate.without_foresight import PERFECT, ByRule, Rolling, plan_without_foresight, regret
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.technology import TECHNOLOGIES
from perdure.timeline import Timeline

DATA = Path(__file__).parents[3] / "shared" / "data"
DAILY = Horizon(replan_h=24.0)


@pytest.fixture(scope="module")
def works() -> Site:
    """Nine weeks of a works with noise that keeps for hours, under a two-part tariff."""
    whole = Timeline.year(2025, "Asia/Shanghai", 15)
    timeline = Timeline(whole.stamps[0], 15, 63 * 96, "Asia/Shanghai")
    hour = np.arange(timeline.steps) % 96 / 4.0
    noise = np.convolve(np.random.default_rng(5).normal(size=hour.size), 0.9 ** np.arange(60), mode="same")
    shift = np.where(np.abs(hour - 14.0) < 6.0, 300.0, 0.0) * np.where(timeline.weekend, 0.3, 1.0)
    load = np.maximum(80.0 + shift + 22.0 * noise, 10.0)
    tariff = read_tariff({"kind": "jiangsu_2025"}, Path.cwd())
    plant = Plant("store", TECHNOLOGIES.find("lfp"), 600.0, 200.0)
    calm = np.zeros(hour.size)
    return Site("works", timeline, load, calm, calm + 22.0, Connection(1000.0, 0.0, 1000.0), tariff, (plant,))


def spot(values: np.ndarray, start: pd.Timestamp) -> Site:
    """A store alone on the grid that buys and sells at a price series (per kWh)."""
    timeline = Timeline(start, 15, values.size, "Asia/Shanghai")
    tariff = read_tariff(
        {"kind": "hourly_prices", "unit": "CNY/kWh", "buy_prices": values.tolist(), "sell_prices": values.tolist(),
         "start": start.isoformat(), "step_minutes": 15, "zone": "Asia/Shanghai"}, Path.cwd(),
    )  # fmt: skip
    calm = np.zeros(values.size)
    plant = Plant("store", TECHNOLOGIES.find("lfp"), 1000.0, 500.0)
    return Site("spot", timeline, calm, calm, calm + 20.0, Connection(1000.0, 1000.0), tariff, (plant,))


def random_store(rng: np.random.Generator) -> expected.Store:
    ac = np.array([[-50.0, 0.0, 50.0]])
    stored = np.array([[-56.0, 0.0, 46.0]])
    return expected.Store(
        0.5, ac, stored, expected.ratios(ac, stored), float(rng.choice([1.0, 0.999])), float(rng.choice([0.0, 0.05])),
        10.0, 90.0, float(rng.choice([0.0, 0.1])), 500.0, float(rng.choice([0.0, 30.0])),
    )  # fmt: skip


def slow_values(s: expected.Store, w: expected.Scenarios, nodes: int, moves: int) -> np.ndarray:
    """The same dynamic program by trying out every power on a fine grid: cost to go at the start (scenarios, nodes)."""
    e = np.linspace(s.low_kwh, s.high_kwh, nodes)
    ac = np.unique(np.concatenate([np.linspace(-50.0, 50.0, moves), [0.0]]))
    x = np.interp(ac, s.ac_nodes[0], s.store_nodes[0]) * s.step_h
    value = np.zeros((w.net_kw.shape[0], nodes))
    for t in range(w.net_kw.shape[1] - 1, -1, -1):
        mixed, now = w.chance @ value, np.empty_like(value)
        for n in range(value.shape[0]):
            grid = w.net_kw[n, t] + ac
            cost = s.step_h * (
                w.buy[n, t] * np.maximum(grid, 0.0) - w.sell[n, t] * np.minimum(np.maximum(-grid, 0.0), s.export_limit)
            )
            cost += w.excess_price[t] * np.maximum(grid - w.cap_kw[t], 0.0) + 0.5 * s.wear * np.abs(x)
            to = s.keep * e[:, None] - s.drain_kwh + x[None, :]
            inside = (to >= s.low_kwh - 1e-9) & (to <= s.high_kwh + 1e-9)
            total = np.where(inside, cost[None, :] + np.interp(to, e, mixed[n]), np.inf)
            now[n] = total.min(axis=1)
        value = now
    return value


@pytest.mark.parametrize("sweep", [expected.sweep, expected.sweep.py_func])
@pytest.mark.parametrize("seed", range(4))
def test_value_of_energy_agrees_with_trying_every_power(seed, sweep):
    rng = np.random.default_rng(seed)
    s, steps, scenarios = random_store(rng), 12, 3
    w = expected.Scenarios(
        rng.uniform(-20, 80, (scenarios, steps)), rng.uniform(0.3, 1.0, (scenarios, steps)),
        np.full((scenarios, steps), 0.2), np.full(steps, 60.0), np.full(steps, 2.0),
        rng.dirichlet(np.ones(scenarios), scenarios),
    )  # fmt: skip
    kept = np.empty((4, scenarios, 320))
    found = sweep(s, w, np.zeros((scenarios, 320)), 4, kept)
    slow = slow_values(s, w, 641, 801)
    middle = slice(64, 577)  # near the edges the slow version's grid of powers does not fit the band
    gained = -(slow[:, middle][:, -1] - slow[:, middle][:, 0])
    cells = found[:, 32:288].sum(axis=1) * (s.high_kwh - s.low_kwh) / 320
    np.testing.assert_allclose(cells, gained, rtol=0.01, atol=0.05)
    assert np.all(np.diff(found, axis=1) <= 1e-9) and np.all(np.diff(kept, axis=2) <= 1e-9)


@pytest.mark.parametrize("decide", [expected.decide, expected.decide.py_func])
def test_decision_costs_no_more_than_any_other_power(decide):
    rng = np.random.default_rng(2)
    for _ in range(30):
        s = random_store(rng)
        after = np.sort(rng.uniform(0.0, 1.2, 16))[::-1].copy()
        e, net, buy, sell = rng.uniform(10, 90), rng.uniform(-40, 80), rng.uniform(0.2, 1.0), 0.1
        cap, excess = 50.0, 1.0
        scratch = np.empty((1, 7)), np.empty((1, 7))
        power, added = decide(s, e, net, buy, sell, cap, excess, after, *scratch)

        def cost(ac: np.ndarray, x: np.ndarray) -> np.ndarray:
            edges = np.linspace(s.low_kwh, s.high_kwh, 17)  # noqa: B023
            worth = np.concatenate([[0.0], np.cumsum(after * np.diff(edges))])  # noqa: B023
            grid, to = net + ac, s.keep * e - s.drain_kwh + x  # noqa: B023
            paid = s.step_h * (buy * np.maximum(grid, 0) - sell * np.minimum(np.maximum(-grid, 0), s.export_limit))  # noqa: B023
            out = (to < s.low_kwh - 1e-6) | (to > s.high_kwh + 1e-6)  # noqa: B023
            total = paid + excess * np.maximum(grid - cap, 0) + 0.5 * s.wear * np.abs(x) - np.interp(to, edges, worth)  # noqa: B023
            return np.where(out, np.inf, total)

        tried = np.linspace(-50.0, 50.0, 2001)
        every = cost(tried, np.interp(tried, s.ac_nodes[0], s.store_nodes[0]) * s.step_h)
        own = cost(np.array([power]), np.array([added]))[0]
        assert not np.isfinite(every.min()) or own <= every.min() + 1e-6


def test_changing_the_future_changes_no_past_decision(works):
    later = np.arange(works.timeline.steps) >= 40 * 96 + 30
    changed = replace(works, load_kw=np.where(later, 700.0, works.load_kw))
    one, other = (plan_without_foresight(site, Horizon(replan_h=6.0)) for site in (works, changed))
    np.testing.assert_array_equal(one.planned_kw[: 40 * 96 + 30], other.planned_kw[: 40 * 96 + 30])


def test_value_control_beats_the_power_schedule_on_noise(works):
    found = regret(works, [Rolling(DAILY, "value"), Rolling(replace(DAILY, control="power"), "power")])
    saving = found.table.set_index("strategy")["saving"]
    assert saving["value"] > saving["power"]


def test_value_control_keeps_most_of_perfect_foresight(works):
    found = regret(works, [Rolling(Horizon(), "value")]).months
    one = found[found["strategy"] == "value"].iloc[1:]  # the first month has no past to look at
    months = slice(1, None)
    could = (works.bill_without.by_period - regret(works, []).runs[PERFECT].bill.by_period)[months].sum()
    assert one["regret"].sum() < 0.35 * could


def test_truth_as_forecast_comes_near_perfect_foresight():
    rng = np.random.default_rng(4)
    start = pd.Timestamp("2025-03-01", tz="Asia/Shanghai")
    hour = np.arange(20 * 96) % 96 / 4.0
    site = spot(0.3 + 0.15 * np.sin(hour / 24.0 * 2 * np.pi) + 0.05 * rng.uniform(size=hour.size), start)
    found = regret(site, [Rolling(Horizon(net=None, price=Perfect()), "truth")])
    assert found.table["saving_share"].iloc[1] > 0.97


def test_regret_adds_up_by_month_and_kind(works):
    wear = 0.05
    found = regret(works, [Rolling(DAILY, "value"), *map(ByRule, RULES.values())], wear_price_per_kwh=wear)
    cost = found.table.set_index("strategy")["cost"]
    for name, months in found.months.groupby("strategy"):
        bills = months["energy_regret"].sum() + months["demand_regret"].sum()
        assert bills == pytest.approx(cost[name] - cost[PERFECT], abs=1e-6)
        assert months["regret"].sum() == pytest.approx(bills + months["wear_regret"].sum(), abs=1e-6)
    row = found.table.iloc[1]
    assert row["wear_cost"] == pytest.approx(wear * found.runs["value"].cycled_kwh.sum())
    assert row["saving"] == pytest.approx(works.bill_without.total - row["cost"])
    assert list(found.runs) == [PERFECT, "value", *RULES]


def test_import_above_the_cap_happens_only_where_the_store_cannot_help(works):
    run = plan_without_foresight(works, Horizon())
    planner = Planner(works, Horizon())
    imported = works.net_kw + run.track.ac_kw + run.track.auxiliary_kw
    steps = np.arange(35 * 96, works.timeline.steps)
    cap = np.array([planner.chosen_cap(int(step) // 4 * 4) for step in steps])
    charging_over = (run.track.ac_kw[steps] > 1.0) & (imported[steps] > np.maximum(cap, 0.0) + 5.0)
    running = pd.Series(imported).groupby(works.timeline.period).cummax().shift(1).to_numpy()[steps]
    assert not np.any(charging_over & (imported[steps] > running + 5.0))


def test_strategies_with_one_name_are_refused(works):
    with pytest.raises(InputError, match="share a name"):
        regret(works, [Rolling(DAILY), Rolling(Horizon())])


def test_demand_charges_that_meet_leave_the_dearer_in_the_plan():
    group = np.zeros(4, np.int64)
    cheap, dear = (PeakPrice(name, group, np.array([rate]), ("m",)) for name, rate in (("cheap", 1.0), ("dear", 9.0)))
    kept, left = one_peak((cheap, dear), 4)
    assert kept.rate_per_kw.tolist() == [9.0] and left == ("cheap",)


def test_prices_not_seen_move_no_decision_of_their_step():
    rng = np.random.default_rng(6)
    start = pd.Timestamp("2025-03-01", tz="Asia/Shanghai")
    values = rng.uniform(0.1, 0.6, 40 * 96)
    changed = values.copy()
    changed[30 * 96 + 2] = 5.0  # within an interval planned at 30 * 96
    horizon = Horizon(net=None, price=SimilarDay(), sees_price=False)
    one, other = (plan_without_foresight(spot(v, start), horizon) for v in (values, changed))
    np.testing.assert_array_equal(one.planned_kw[: 30 * 96 + 4], other.planned_kw[: 30 * 96 + 4])


@pytest.mark.parametrize("technology", ["nickel_hydrogen", "lfp"])
@pytest.mark.slow
def test_steel_plant_keeps_nine_tenths_of_the_energy_saving_in_the_second_half_year(technology):
    path = DATA / "load" / "kr_steel_2018_15min.parquet"
    if not path.exists():
        pytest.skip(f"reference data '{path.name}' is not beside the project")
    timeline = Timeline.year(2018, "Asia/Seoul", 15)
    load = pd.read_parquet(path).p_kw.to_numpy(float)
    calm = np.zeros(load.size)
    tariff = read_tariff({"kind": "jiangsu_2025"}, Path.cwd())
    plant = Plant("store", TECHNOLOGIES.find(technology), 1000.0, 500.0)
    site = Site("steel", timeline, load, calm, calm + 20.0, Connection(1000.0, 0.0, 1000.0), tariff, (plant,))
    found = regret(site, [Rolling(Horizon(), "value"), *map(ByRule, RULES.values())])
    unseen = slice(6, None)
    best = found.runs[PERFECT].bill
    could = (site.bill_without.by_period - best.by_period)[unseen].sum()
    energy = (site.bill_without.lines["Energy"] - best.lines["Energy"])[unseen].sum()
    months = found.months[found.months["period"] >= "2018-07"].groupby("strategy")
    assert 1.0 - months["energy_regret"].sum()["value"] / energy >= 0.90
    assert 1.0 - months["regret"].sum()["value"] / could >= 0.75
    assert 1.0 - months["regret"].sum()[list(RULES)].min() / could > 0.52


@pytest.mark.slow
def test_spot_store_keeps_most_of_perfect_foresight_where_it_sees_the_price():
    path = DATA / "price" / "cn_gansu_spot_2024-01_07_15min.parquet"
    if not path.exists():
        pytest.skip(f"reference data '{path.name}' is not beside the project")
    data = pd.read_parquet(path)
    site = spot(data.rt_cny_mwh.ffill().to_numpy(float) / 1e3, data.t.iloc[0].tz_localize("Asia/Shanghai"))
    horizon = Horizon(
        net=None, price=Ridge(), published=(Published(data.da_cny_mwh.to_numpy(float) / 1e3),), persist=0.5,
        levels=(0.1, 0.3, 0.5, 0.7, 0.9),
    )  # fmt: skip
    found = regret(site, [Rolling(horizon, "seen"), Rolling(replace(horizon, sees_price=False), "unseen")])
    earned = {name: run.bill.by_period[3:].sum() for name, run in found.runs.items()}
    assert earned["seen"] <= 0.72 * earned[PERFECT]  # negative: earned
    assert earned["unseen"] <= 0.4 * earned[PERFECT]
