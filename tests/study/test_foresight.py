"""`perdure regret`: files, page and table tell the numbers of `regret()`; what does not fit is left out or told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from conftest import CaseFolder
from perdure.cli import main
from perdure.dispatch.horizon import Horizon
from perdure.simulate.without_foresight import PERFECT, ByRule, Rolling, regret
from perdure.study.case import read_case
from perdure.study.foresight import compare
from perdure.study.reports.regret_parts import remarks
from perdure.study.reports.words import money, say
from study.test_translation import SENTENCE

Change = Callable[[dict[str, Any]], object]
ROLLING = ["value_hourly", "schedule_hourly", "value_daily"]


def lfp(data: dict[str, Any]) -> None:
    """The toy draws more by itself than the site's connection carries."""
    data["candidates"][0].update(name="Store", technology="lfp")


def two_part(data: dict[str, Any]) -> None:
    lfp(data)
    data["tariff"] = {"kind": "jiangsu_2025"}


def spot(data: dict[str, Any]) -> None:
    lfp(data)
    data["tariff"] = {"kind": "hourly_prices", "unit": "CNY/kWh", "file": "load.csv", "column": "price",
                      "time_column": "start", "zone": "Asia/Shanghai"}  # fmt: skip


def quickly(change: Change) -> Change:
    """Without the strategies that plan anew every hour of the year: they take long and say the same."""

    def quick(data: dict[str, Any]) -> None:
        change(data)
        data["foresight"] = {"strategies": ["value_daily", "time_windows"]}

    return quick


def with_prices(folder: CaseFolder) -> None:
    """A price that swings with the hour and drifts from day to day."""
    price = 0.5 + 0.3 * np.sin(np.arange(len(folder.load_lines) - 1) / 24.0 * 6.1)
    lines = [f"{line},{one:.4f}" for line, one in zip(folder.load_lines[1:], price, strict=True)]
    folder.load_lines = [f"{folder.load_lines[0]},price", *lines]


def ran(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """stdout of a command that succeeds."""
    code = main([str(one) for one in arguments])
    out, err = capsys.readouterr()
    assert code == 0, err
    return out


def test_command_writes_files_that_agree_with_regret(case_folder: CaseFolder, capsys: pytest.CaptureFixture[str]):
    path = case_folder.write(quickly(two_part))
    told = ran(capsys, "regret", path)
    folder = path.parent / "regret"
    assert {one.name for one in folder.iterdir()} == {
        "case.yaml", "made_by.json", "regret.csv", "regret.html", "regret_months.csv"
    }  # fmt: skip
    table, months = (pd.read_csv(folder / f"{name}.csv") for name in ("regret", "regret_months"))

    case = read_case(path)
    site = case.site.with_plant(case.candidates[0].plant)
    found = regret(site, [Rolling(Horizon(replan_h=24.0), "value_daily")])
    again = table.set_index("strategy")
    for row in found.table.to_dict("records"):
        for column in ("cost", "saving", "energy_saving", "demand_saving", "full_cycles"):
            assert again.loc[row["strategy"], column] == pytest.approx(row[column], rel=1e-8, abs=1e-6)
        assert again.loc[row["strategy"], "share_of_perfect"] == pytest.approx(row["saving_share"], rel=1e-8)

    best = again.drop(PERFECT)["saving"].idxmax()
    page = (folder / "regret.html").read_text(encoding="utf-8")
    for text in (page, told.replace("\n", " ")):
        plain = re.sub(r"\s+", " ", text)
        for name in (PERFECT, best):
            assert re.sub(r"\s+", " ", money(again.loc[name, "saving"], "CNY", "en")) in plain
    sums = months.groupby("strategy")[["energy_saving", "demand_saving", "regret"]].sum()
    for name, row in again.iterrows():
        assert sums.loc[name, "energy_saving"] == pytest.approx(row["energy_saving"], abs=1e-3)
        assert sums.loc[name, "demand_saving"] == pytest.approx(row["demand_saving"], abs=1e-3)
        assert sums.loc[name, "regret"] == pytest.approx(again.loc[PERFECT, "saving"] - row["saving"], abs=1e-3)
    made = json.loads((folder / "made_by.json").read_text(encoding="utf-8"))
    assert made["strategies"]["Store"]["value_daily"]["replan_h"] == 24.0


def test_wear_with_a_price_is_taken_off_the_share(case_folder: CaseFolder):
    def worn(data: dict[str, Any]) -> None:
        quickly(two_part)(data)
        data["candidates"][0]["wear_price_per_kwh"] = 0.05

    one = compare(read_case(case_folder.write(worn))).compared[0]
    best, perfect = one.row(one.best), one.row(PERFECT)
    assert best["wear_cost"] == pytest.approx(0.05 * best["full_cycles"] * 1000.0)
    net = best["saving"] - best["wear_cost"]
    assert best["share_of_perfect"] == pytest.approx(net / (perfect["saving"] - perfect["wear_cost"]))


def names(case_folder: CaseFolder, change: Change | None = None) -> list[str]:
    case = read_case(case_folder.write(change))
    return [one.name for one in case.foresight.strategies(case.site.with_plant(case.candidates[0].plant))]


def test_rules_without_anything_to_act_on_are_left_out(case_folder: CaseFolder):
    assert names(case_folder) == ROLLING
    assert names(case_folder, two_part) == [
        *ROLLING, "peak_shaving", "time_windows", "even_windows_under_threshold"
    ]  # fmt: skip


def test_prices_of_a_series_are_forecast_and_rules_see_the_day_before(case_folder: CaseFolder):
    with_prices(case_folder)
    case = read_case(case_folder.write(spot))
    site = case.site.with_plant(case.candidates[0].plant)
    every = {one.name: one for one in case.foresight.strategies(site)}
    assert list(every) == [*ROLLING, "time_windows"]
    for name in ROLLING:
        one = every[name]
        assert isinstance(one, Rolling)
        assert one.horizon.price is not None
    windows = every["time_windows"]
    assert isinstance(windows, ByRule)
    assert windows.known_price is not None
    assert windows.known_price.shape == site.prices.buy_per_kwh.shape
    assert np.array_equal(windows.known_price[24:], site.prices.buy_per_kwh[:-24])


@pytest.mark.parametrize("series", [False, True])
def test_chinese_page_holds_no_english_sentence(
    series: bool, case_folder: CaseFolder, capsys: pytest.CaptureFixture[str]
):
    if series:
        with_prices(case_folder)
    path = case_folder.write(quickly(spot if series else two_part))
    told = ran(capsys, "regret", path, "--lang", "zh", "--out", path.parent / "out")
    page = (path.parent / "out" / "regret.html").read_text(encoding="utf-8")
    figures = [json.loads(one) for one in re.findall(r'application/json" data-figure="\w+">(.*?)</script>', page)]
    assert len(figures) == 3
    assert (say("regret.remark_sees_price", "zh") in page) is series
    shown = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.S)
    drawn = " | ".join(text for one in figures for text in strings({**one, "layout": without_fonts(one["layout"])}))
    for text in (re.sub(r"<[^>]+>", "|", shown), drawn, told):
        assert SENTENCE.findall(text.replace("A sound case", "").replace("perdure run", "")) == []
    for one in figures:
        for axis in ("xaxis", "yaxis"):
            assert one["layout"][axis]["title"]["text"]


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in strings(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in strings(inner)]
    return [value] if isinstance(value, str) else []


def without_fonts(layout: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in layout.items() if name not in ("font", "hoverlabel", "hovermode")}


def test_unknown_candidate_is_told_with_the_nearest_match(case_folder: CaseFolder, capsys: pytest.CaptureFixture[str]):
    path = case_folder.write(two_part)
    assert main(["regret", str(path), "--candidate", "Stroe"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--candidate: the case has no such candidate (got 'Stroe')" in err
    assert "Did you mean 'Store'?" in err
    assert not (path.parent / "regret").exists()


@pytest.mark.parametrize("by_key", [False, True])
def test_report_holds_the_comparison_where_it_is_asked(
    by_key: bool, case_folder: CaseFolder, capsys: pytest.CaptureFixture[str]
):
    def short(data: dict[str, Any]) -> None:
        two_part(data)
        data["lifetime"] = {"years": 1}
        data["foresight"] = {
            "in_report": by_key,
            "strategies": ["value_daily", {"name": "Meine", "replan_hours": 12.0}],
        }
        if not by_key:
            data["services"] = [{"kind": "storm_reserve", "critical_share": 0.3, "warnings": [
                {"name": "Taifun", "from": "2025-07-20 18:00", "until": "2025-07-22 06:00", "lead_hours": 24.0,
                 "reserve_share": 0.6}]}]  # fmt: skip

    path = case_folder.write(short)
    told = ran(capsys, "run", path, "--lang", "zh", *([] if by_key else ["--foresight"]))
    folder = path.parent / "results"
    table = pd.read_csv(folder / "regret.csv").set_index("strategy")
    assert list(table.index) == [PERFECT, "value_daily", "Meine"]
    assert by_key or table["hold_missed_h"].max() <= 24.0
    assert (folder / "regret_months.csv").exists()
    made = json.loads((folder / "made_by.json").read_text(encoding="utf-8"))
    assert made["foresight"]["Store"]["Meine"]["replan_h"] == 12.0
    page = (folder / "report.html").read_text(encoding="utf-8")
    section = page[page.index('<section id="foresight">') : page.index('<section id="assumptions">')]
    assert section.count('<script type="application/json"') == 3
    saving = money(float(table.drop(PERFECT)["saving"].max()), "CNY", "zh")
    assert saving in section
    assert saving.replace("\u00a0", "") in told.replace("\u00a0", "").replace("\n", "").replace(" ", "")
    shown = re.sub(r"<[^>]+>", "|", re.sub(r"<(script|style)\b.*?</\1>", "", section, flags=re.S))
    assert SENTENCE.findall(shown.replace("perdure run", "")) == []
    assert say("caution.foresight_told", "zh") in page
    assert (say("held_back.head", "zh") in page) is not by_key
    assert (say("held_back.survived", "zh", outage="Taifun, 4 h") in page) is not by_key


def test_report_holds_no_comparison_unless_it_is_asked(case_folder: CaseFolder, capsys: pytest.CaptureFixture[str]):
    def short(data: dict[str, Any]) -> None:
        two_part(data)
        data["lifetime"] = {"years": 1}

    path = case_folder.write(short)
    ran(capsys, "run", path)
    folder = path.parent / "results"
    assert not (folder / "regret.csv").exists()
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert 'id="foresight"' not in page
    assert 'href="#foresight"' not in page
    assert say("held_back.head", "en") not in page


def test_services_that_are_paid_are_left_out_by_name(case_folder: CaseFolder):
    def serving(data: dict[str, Any]) -> None:
        two_part(data)
        data["foresight"] = {"strategies": ["value_daily"]}
        data["services"] = [
            {"kind": "backup", "critical_kw": 30.0, "hours": 2.0},
            {"kind": "frequency_regulation", "currency": "CNY", "capacity_price_per_kw_h": 0.01},
        ]

    one = compare(read_case(case_folder.write(serving))).compared[0]
    assert [service.name for service in one.site.services] == ["backup"]
    assert one.left_out_services == ("frequency_regulation",)
    assert one.table["hold_missed_h"].max() <= 2.0


def day_ahead(own: bool) -> dict[str, Any]:
    series = {"file": "load.csv", "column": "price", "unit": "CNY/kWh", "time_column": "start"}
    return {"hour": 13} if own else {"hour": 13, "series": series}


@pytest.mark.parametrize("own", [True, False])
def test_page_tells_what_is_published_a_day_ahead(own: bool, case_folder: CaseFolder):
    with_prices(case_folder)

    def published(data: dict[str, Any]) -> None:
        spot(data)
        data["foresight"] = {"day_ahead": day_ahead(own), "strategies": ["value_daily", "time_windows"]}

    study = compare(read_case(case_folder.write(published)))
    for language in ("en", "zh"):
        told = remarks(study, language)
        beyond = say("regret.beyond.persistence", language)
        known = say("regret.price_by.day_ahead", language, hour=13, beyond=beyond)
        around = say("regret.price_by.published", language, hour=13)
        assert (known in told, around in told) == (own, not own)
        assert (say("regret.rules_published", language) in told) is not own
        assert say("regret.rules_day_before", language) not in told
    assert study.compared[0].row("value_daily")["share_of_perfect"] > 0.5
