"""The part `foresight` of a case: what it chooses is what is run, and every fault in it is told at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conftest import CaseFolder
from perdure.dispatch.forecast import Given, GivenQuantiles, Published
from perdure.dispatch.forecasters import FromPublished, KnownDays, Persistence, Ridge, SimilarDay
from perdure.dispatch.horizon import Horizon
from perdure.dispatch.rules import PeakShaving, TimeWindows
from perdure.errors import InputError
from perdure.simulate.without_foresight import ByRule, Rolling, Strategy
from perdure.study.case import read_case


def chosen(folder: CaseFolder, part: dict[str, Any] | None, **tariff: Any) -> dict[str, Strategy]:
    """The strategies of the sound case with a part `foresight`, by name."""
    folder.data["candidates"][0].update(technology="lfp")
    if tariff:
        folder.data["tariff"] = tariff
    if part is not None:
        folder.data["foresight"] = part
    case = read_case(folder.write())
    return {one.name: one for one in case.foresight.strategies(case.site.with_plant(case.candidates[0].plant), 0.02)}


def horizon(one: Strategy) -> Horizon:
    assert isinstance(one, Rolling)
    return one.horizon


def rule(one: Strategy) -> Any:
    assert isinstance(one, ByRule)
    return one.rule


def faults(folder: CaseFolder, part: dict[str, Any], **tariff: Any) -> str:
    with pytest.raises(InputError) as caught:
        chosen(folder, part, **tariff)
    return str(caught.value)


def priced(folder: CaseFolder, **columns: Any) -> dict[str, Any]:
    """A tariff of a price series in the load's file, with more columns beside it."""
    steps = np.arange(len(folder.load_lines) - 1)
    price = 0.5 + 0.3 * np.sin(steps / 24.0 * 6.1)
    beside = {"price": price} | {name: price + shift for name, shift in columns.items()}
    lines = [f"{line},{','.join(f'{one[i]:.4f}' for one in beside.values())}"
             for i, line in enumerate(folder.load_lines[1:])]  # fmt: skip
    folder.load_lines = [f"{folder.load_lines[0]},{','.join(beside)}", *lines]
    return {"kind": "hourly_prices", "unit": "CNY/kWh", "file": "load.csv", "column": "price", "time_column": "start",
            "zone": "Asia/Shanghai"}  # fmt: skip


def series(column: str, unit: str) -> dict[str, Any]:
    return {"file": "load.csv", "column": column, "unit": unit, "time_column": "start"}


def test_without_the_part_everything_is_as_by_default(case_folder: CaseFolder) -> None:
    every = chosen(case_folder, None)
    assert list(every) == ["value_hourly", "schedule_hourly", "value_daily"]
    assert horizon(every["value_hourly"]) == Horizon(wear_price_per_kwh=0.02)
    assert horizon(every["schedule_hourly"]) == Horizon(wear_price_per_kwh=0.02, control="power")
    assert horizon(every["value_daily"]) == Horizon(wear_price_per_kwh=0.02, replan_h=24.0)


def test_every_key_of_a_plan_reaches_the_horizon(case_folder: CaseFolder) -> None:
    part = {
        "net_load": {"forecaster": "ridge", "weather": True, "penalty": 7.0, "look_back_days": 14},
        "plan": {"window_hours": 36.0, "near_hours": 3.0, "sees_price": False, "persist_share": "counted",
                 "cap_margin_share": 1.2, "cap_days": 20, "excess_share": 0.4, "levels": [0.2, 0.5, 0.9], "cells": 16},
        "strategies": [
            "value_daily",
            {"name": "mine", "replan_hours": 6.0, "control": "power", "cells": 48,
             "net_load": {"forecaster": "persistence", "hold_hours": 1.0}},
        ],
    }  # fmt: skip
    every = chosen(case_folder, part)
    daily, mine = horizon(every["value_daily"]), horizon(every["mine"])
    shared = {"window_h": 36.0, "near_h": 3.0, "sees_price": False, "persist": None, "cap_margin": 1.2, "cap_days": 20,
              "excess_share": 0.4, "levels": (0.2, 0.5, 0.9), "wear_price_per_kwh": 0.02}  # fmt: skip
    ridge = Ridge(penalty=7.0, base=SimilarDay(look_back_days=14))
    assert daily == Horizon(net=ridge, replan_h=24.0, weather=True, cells=16, **shared)
    assert mine == Horizon(net=Persistence(hold_h=1.0), replan_h=6.0, control="power", cells=48, **shared)


def test_rules_take_their_windows_and_thresholds(case_folder: CaseFolder) -> None:
    part = {"strategies": [
        {"rule": "time_windows", "name": "by hand", "charge_windows": ["23:00-06:30"],
         "discharge_windows": ["17:30-21:00"], "even": True, "under_threshold": True, "threshold_kw": 700.0},
        {"rule": "time_windows", "charge_hours_per_day": 3.0, "discharge_hours_per_day": 2.0},
        {"rule": "peak_shaving", "name": "share", "threshold_share": 0.5}, "self_consumption",
    ]}  # fmt: skip
    every = chosen(case_folder, part)
    assert list(every) == ["by hand", "time_windows", "share", "self_consumption"]
    assert rule(every["by hand"]) == TimeWindows(
        charge_half_hours=(*range(13), 46, 47), discharge_half_hours=tuple(range(35, 42)), even=True,
        under_threshold=True, threshold_kw=700.0, name="by hand",
    )  # fmt: skip
    assert rule(every["time_windows"]) == TimeWindows(3.0, 2.0)
    assert rule(every["share"]) == PeakShaving(threshold_share=0.5, name="share")


def test_prices_of_a_series_known_a_day_ahead(case_folder: CaseFolder) -> None:
    tariff = priced(case_folder)
    every = chosen(case_folder, {"day_ahead": {"hour": 13}, "strategies": ["value_hourly", "time_windows"]}, **tariff)
    assert horizon(every["value_hourly"]).price == KnownDays(Persistence(), 13)
    windows = every["time_windows"]
    assert isinstance(windows, ByRule)
    assert windows.known_price is None  # the day's own prices


def test_day_ahead_prices_beside_those_of_real_time(case_folder: CaseFolder) -> None:
    tariff = priced(case_folder, ahead=0.1)
    part = {"day_ahead": {"hour": 17, "series": series("ahead", "CNY/MWh") | {"added_price_per_kwh": 0.2}},
            "strategies": ["value_hourly", "time_windows"]}  # fmt: skip
    every = chosen(case_folder, part, **tariff)
    found = horizon(every["value_hourly"])
    assert found.price == FromPublished()
    assert found.persist == 0.5
    (published,) = found.published
    assert isinstance(published, Published)
    assert published.hour == 17
    windows = every["time_windows"]
    assert isinstance(windows, ByRule)
    assert windows.known_price is not None
    case = read_case(case_folder.path / "case.yaml")
    ahead = (case.site.prices.buy_per_kwh + 0.1) / 1000.0 + 0.2
    np.testing.assert_allclose(windows.known_price, ahead, atol=1e-7)
    np.testing.assert_allclose(published.values, ahead, atol=1e-7)


def test_forecasts_of_the_users_own_are_read_with_their_unit(case_folder: CaseFolder) -> None:
    tariff = priced(case_folder, low=-0.2, high=0.3)
    part = {
        "net_load": {"forecaster": "given", "series": series("load_kw", "MW")},
        "price": {"forecaster": "given", "series": series("price", "CNY/kWh"),
                  "quantiles": [{"level": 0.1, "column": "low"}, {"level": 0.9, "column": "high"}]},
        "strategies": ["value_hourly"],
    }  # fmt: skip
    found = horizon(chosen(case_folder, part, **tariff)["value_hourly"])
    case = read_case(case_folder.path / "case.yaml")
    assert isinstance(found.net, Given)
    np.testing.assert_allclose(found.net.values, 1000.0 * case.site.net_kw)
    assert isinstance(found.price, GivenQuantiles)
    np.testing.assert_array_equal(found.price.given_levels, [0.1, 0.5, 0.9])
    apart = found.price.values - case.site.prices.buy_per_kwh
    np.testing.assert_allclose(apart, np.repeat([[-0.2], [0.0], [0.3]], case.site.timeline.steps, axis=1), atol=2e-4)


def test_unknown_names_are_told_with_the_nearest_all_at_once(case_folder: CaseFolder) -> None:
    told = faults(case_folder, {
        "in_reprot": True,
        "net_load": {"forecaster": "similar_days"},
        "price": {"forecaster": "persistence", "penalty": 3.0},
        "plan": {"window_hour": 24.0, "levels": [0.5, 0.2]},
        "strategies": ["value_houly", {"name": "x", "replan_hours": 5.0}, {"rule": "peak_shavin"},
                       {"rule": "time_windows", "charge_windows": ["0-8"]},
                       {"rule": "time_windows", "name": "both", "charge_windows": ["00:00-08:00"],
                        "discharge_windows": ["07:30-09:00"]}],
    })  # fmt: skip
    for part in (
        "Did you mean 'in_report'?", "Did you mean 'similar_day'?", "Did you mean 'window_hours'?",
        "Did you mean 'value_hourly'?", "Did you mean 'peak_shaving'?", "sets penalty, which persistence has not",
        "do not rise", "does not divide a day", "'0-8' is no clock range", "charges and discharges at 07:30",
    ):  # fmt: skip
        assert part in told, part


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"day_ahead": True}, "the prices of flat are known ahead anyway"),
        ({"strategies": [{"name": "x", "replan_hours": 0.5}]}, "is no multiple of the step"),
        ({"plan": {"window_hours": 12.0}}, "value_daily takes until it plans again"),
        ({"strategies": ["value_hourly", "value_hourly"]}, "names value_hourly twice"),
        ({"strategies": [{"name": "perfect foresight"}]}, "perfect foresight is always there"),
        ({"net_load": {"forecaster": "given"}}, "has no series to be given"),
        ({"price": {"forecaster": "published"}}, "nothing is"),
        ({"price": {"forecaster": "given", "series": series("load_kw", "EUR/kWh")}}, "in another currency"),
        ({"net_load": {"forecaster": "given", "series": series("laod_kw", "kW")}}, "Did you mean 'load_kw'?"),
        ({"net_load": {"forecaster": "given", "series": series("load_kw", "kW"),
          "quantiles": [{"level": 0.9, "column": "lower"}]}}, "cross at 2025-01-01 00:00"),
    ],
)  # fmt: skip
def test_what_the_site_cannot_have_is_told(part: dict[str, Any], told: str, case_folder: CaseFolder) -> None:
    lines = [f"{line},{float(line.split(',')[1]) - 5.0:.2f}" for line in case_folder.load_lines[1:]]
    case_folder.load_lines = [f"{case_folder.load_lines[0]},lower", *lines]
    assert told in faults(case_folder, part)
