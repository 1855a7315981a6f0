"""A whole life: ageing, replacement, bills, and the cases that bend."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from perdure.errors import NoPlanError
from perdure.market.reading import read_tariff
from perdure.market.tariff import Connection
from perdure.simulate.lifetime import live_through
from perdure.simulate.options import LifeOptions
from perdure.site.plant import Plant
from perdure.technology.technology import TECHNOLOGIES


def test_store_ages_and_never_heals(store_site):
    life = live_through(store_site, LifeOptions(years=4))
    assert np.all(np.diff(life.years["capacity_share"]) < 0)
    assert np.all(np.diff(life.years["impedance_share"]) >= 0)
    assert life.years["capacity_share"].iloc[0] == 1.0
    assert list(life.samples) == [1, 4]


def test_months_and_years_tell_the_same_money(store_site):
    life = live_through(store_site, LifeOptions(years=2))
    by_year = life.months.groupby("year")[["cost_without", "cost_with"]].sum()
    assert by_year["cost_with"].to_numpy() == pytest.approx(life.years["cost_with"].to_numpy())
    assert by_year["cost_without"].to_numpy() == pytest.approx(life.years["cost_without"].to_numpy())
    assert life.samples[1].bill.total == pytest.approx(life.years["cost_with"].iloc[0])


def test_sampled_years_balance_to_their_very_end(store_site):
    """Drawn = lost + self-discharged + what is left in the store after the last step."""
    for sample in live_through(store_site, LifeOptions(years=2)).samples.values():
        told = sample.totals
        drawn = told["charged_kwh"] - told["discharged_kwh"]
        lost = told["converter_loss_kwh"] + told["store_loss_kwh"] + told["self_discharge_kwh"]
        assert lost + told["stored_change_kwh"] == pytest.approx(drawn, rel=1e-9)


@pytest.mark.parametrize("when_worn", ["replace", "retire", "keep"])
def test_worn_store_is_replaced_retired_or_kept(store_site, when_worn):
    fresh = live_through(store_site, LifeOptions(years=2))
    after_one = float(fresh.years["capacity_share"].iloc[1])
    worn_at = after_one + 0.1 * (1.0 - after_one)  # worn after one year
    life = live_through(store_site, LifeOptions(years=3, when_worn=when_worn, end_of_life_capacity_share=worn_at))
    years = life.years
    if when_worn == "replace":
        assert years["replaced"].tolist() == [0, 1, 1]
        assert years["capacity_share"].tolist() == [1.0, 1.0, 1.0]
    elif when_worn == "retire":
        assert years["method"].tolist()[1:] == ["retired", "retired"]
        assert years["saving"].tolist()[1:] == [0.0, 0.0]
        assert years["capacity_kwh"].tolist()[1:] == [0.0, 0.0]
    else:
        assert years["replaced"].sum() == 0
        assert years["capacity_share"].iloc[2] < worn_at


def test_monthly_replan_comes_close_to_yearly(store_site):
    yearly = live_through(store_site, LifeOptions(years=1))
    monthly = live_through(store_site, LifeOptions(years=1, replan="month"))
    assert monthly.years["saving"].iloc[0] == pytest.approx(yearly.years["saving"].iloc[0], rel=0.03)


def test_wear_price_trades_saving_for_cycles(store_site):
    free, dear = (live_through(store_site, LifeOptions(years=1, wear_price_per_kwh=p)).years for p in (0.0, 0.25))
    assert dear["full_cycles"].iloc[0] < free["full_cycles"].iloc[0]
    assert dear["saving"].iloc[0] < free["saving"].iloc[0]


def test_growing_load_raises_the_bill(store_site):
    life = live_through(store_site, LifeOptions(years=2, load_growth_share_per_year=0.1))
    assert life.years["cost_without"].iloc[1] > 1.05 * life.years["cost_without"].iloc[0]


def test_load_beyond_the_connection_says_when_and_by_how_much(store_site):
    tight = replace(store_site, connection=Connection(300.0, 0.0, 1600.0))
    with pytest.raises(NoPlanError, match=r"load exceeds the import limit by .* kW"):
        live_through(tight, LifeOptions(years=1))


def test_negative_prices_go_to_the_program(store_site):
    """Paid to draw: the exact method steps aside, the program takes over and says why."""
    steps = 96 * 4
    site = replace(
        store_site,
        timeline=type(store_site.timeline)(store_site.timeline.start, 15, steps, "Asia/Shanghai"),
        load_kw=store_site.load_kw[:steps], generation_kw=store_site.generation_kw[:steps],
        ambient_c=store_site.ambient_c[:steps],
    )  # fmt: skip
    hour = np.arange(steps) % 96 // 4
    price = np.where((hour >= 2) & (hour < 5), -0.05, 0.6)
    tariff = hourly(price, site.timeline.start.isoformat())
    life = live_through(replace(site, tariff=tariff), LifeOptions(years=1))
    assert life.years["method"].tolist() == ["program"]
    assert any("negative" in remark for remark in life.remarks)
    assert life.years["saving"].iloc[0] > 0


def hourly(price, start):
    """A tariff with a price of its own for every step."""
    data = {
        "kind": "hourly_prices",
        "unit": "CNY/kWh",
        "buy_prices": price.tolist(),
        "step_minutes": 15,
        "start": start,
    }
    return read_tariff(data, Path.cwd())


def test_worn_stacks_are_renewed_while_the_capacity_stays(small_site):
    technology = TECHNOLOGIES.find("vanadium_flow")
    grown = live_through(small_site.with_plant(Plant("store", technology, 1000.0, 250.0)), LifeOptions(years=2))
    after_one = float(grown.years["impedance_share"].iloc[1])
    quick = replace(technology, stacks_worn_at=0.9 * after_one)
    life = live_through(small_site.with_plant(Plant("store", quick, 1000.0, 250.0)), LifeOptions(years=3))
    assert life.years["stacks_renewed"].tolist() == [0, 1, 1]
    assert life.years["impedance_share"].tolist() == [0.0, 0.0, 0.0]
    assert life.years["replaced"].sum() == 0
    assert np.all(np.diff(life.years["capacity_share"]) < 0)
    kept = live_through(
        small_site.with_plant(Plant("store", quick, 1000.0, 250.0)), LifeOptions(years=2, when_worn="keep")
    )
    assert kept.years["stacks_renewed"].sum() == 0


def test_the_plan_knows_what_imbalance_keeps_out_of_reach(small_site):
    """Capacity hidden by a slow state is in the year's table, and little of the planned discharge is refused for it."""
    life = live_through(
        small_site.with_plant(Plant("store", TECHNOLOGIES.find("vanadium_flow"), 1000.0, 250.0)), LifeOptions(years=1)
    )
    first = life.samples[1]
    assert 0.005 < first.series["unavailable_share"].max() < 0.2
    assert life.years["unavailable_share"].iloc[0] == pytest.approx(first.series["unavailable_share"].mean())
    refused = first.series.loc[first.series["planned_kw"] < 0.0, "refused_kw"].sum() / 4.0
    assert refused < 0.03 * first.totals["discharged_kwh"]
