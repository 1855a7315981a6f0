"""`perdure uncertainty`: draws are lives `perdure run` would give, luck favours no candidate, seeds repeat."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from conftest import CaseFolder
from perdure.cli import main
from perdure.errors import Faults, InputError
from perdure.quantities import QUANTITIES
from perdure.study.case import read_case
from perdure.study.reports.uncertainty_page import chance, uncertainty_summary, write_uncertainty
from perdure.study.reports.words import table as words
from perdure.study.run import run_case
from perdure.study.uncertainty.draws import Draws, with_changes
from perdure.study.uncertainty.file import Name, UncertaintyInput
from perdure.study.uncertainty.inputs import KINDS, measured_years, resolve
from perdure.study.uncertainty.life import drawn_candidate
from perdure.study.uncertainty.prospects import Prospects, uncertainty
from perdure.study.uncertainty.results import write_prospects
from perdure.study.uncertainty.store import FIGURES, self_discharge_figure, with_self_discharge
from perdure.study.workers import Workers
from perdure.technology.technology import TECHNOLOGIES
from study.test_translation import SENTENCE

STORE = {"name": "Store", "technology": "lfp", "energy_kwh": 1000.0, "power_kw": 250.0}
COST = {"input": "energy_cost", "distribution": "uniform", "low": 0.5, "high": 1.5}
RATE = {"input": "discount_rate", "distribution": "triangular", "low": 0.04, "likely": 0.08, "high": 0.12}
FADE = {"input": "fade", "distribution": "lognormal", "median": 1.0, "log_deviation": 0.8}


def always(name: str, value: float) -> dict[str, Any]:
    return {"input": name, "distribution": "choice", "values": [value]}


@pytest.fixture
def studied(case_folder: CaseFolder) -> Callable[..., Prospects]:
    """Draws inputs of a sound case of two years, changed as wanted."""

    def study(
        *inputs: dict[str, Any], change: Callable[[dict[str, Any]], object] | None = None, **more: Any
    ) -> Prospects:
        def apply(data: dict[str, Any]) -> None:
            data["tariff"] = {"kind": "jiangsu_2025"}
            data["lifetime"] = {"years": 2}
            data["candidates"] = [STORE]
            if change is not None:
                change(data)
            data["uncertainty"] = {"samples": 4, "draws_per_life": 4, **more, "inputs": list(inputs)}

        return uncertainty(read_case(case_folder.write(apply)))

    return study


def told(case_folder: CaseFolder, *inputs: dict[str, Any], **more: Any) -> str:
    """What is said of a case whose `uncertainty` must be refused."""
    with pytest.raises(InputError) as caught:
        read_case(case_folder.write(lambda data: data.update(uncertainty={"inputs": list(inputs), **more})))
    return str(caught.value)


def twins(data: dict[str, Any]) -> None:
    data["candidates"] = [{**STORE, "name": name} for name in ("A", "B")]


def test_identical_candidates_under_common_draws_never_differ(studied: Callable[..., Prospects]) -> None:
    found = studied(RATE, {**COST, "common": True}, {**FADE, "common": True}, change=twins)
    assert found.npv["A"].nunique() == 16
    assert found.npv["A"].equals(found.npv["B"])
    assert (found.pairs["ahead_share"] == 0.5).all() and (found.pairs["difference_mean"] == 0.0).all()


def test_identical_candidates_with_draws_of_their_own_are_ahead_half_the_time(
    studied: Callable[..., Prospects],
) -> None:
    found = studied(RATE, COST, change=twins, samples=16, draws_per_life=32, ranking="regression")
    assert not np.allclose(found.npv["A"], found.npv["B"])
    assert found.pairs["ahead_share"].to_numpy() == pytest.approx([0.5, 0.5], abs=0.03)
    assert found.pairs["ahead_share"].sum() == pytest.approx(1.0)
    assert abs(np.corrcoef(found.inputs["energy_cost of A"], found.inputs["energy_cost of B"])[0, 1]) < 0.05


def test_figures_that_only_touch_the_cash_flow_need_one_life(studied: Callable[..., Prospects]) -> None:
    found = studied(RATE, COST)
    assert found.lives == 1 and len(found.npv) == 16


def test_every_price_drawn_is_that_of_run(studied: Callable[..., Prospects]) -> None:
    costs = ("energy_cost", "power_cost", "balance_cost", "operation_cost", "replacement_cost")
    growths = ("saving_growth", "operation_cost_growth", "replacement_cost_growth")
    inputs = [{"input": one, "distribution": "uniform", "low": 0.5, "high": 2.0} for one in costs]
    inputs += [{"input": one, "distribution": "uniform", "low": -0.05, "high": 0.05} for one in growths]
    found = studied(RATE, *inputs, samples=2, draws_per_life=2)
    own = found.case.candidates[0]
    fields = {"energy_cost": "energy_per_kwh", "power_cost": "power_per_kw", "balance_cost": "balance_per_kwh",
              "replacement_cost": "replacement_share"}  # fmt: skip
    for row, npv in zip(found.inputs.to_dict("records"), found.npv["Store"], strict=True):
        factor = {name: row[f"{name} of Store"] for name in costs}
        changed = {to: replace(getattr(own.costs, to), value=getattr(own.costs, to).value * factor[name])
                   for name, to in fields.items()}  # fmt: skip
        for to in ("fixed_om_share_per_year", "variable_om_per_kwh"):
            figure = getattr(own.costs, to)
            changed[to] = replace(figure, value=figure.value * factor["operation_cost"])
        finance = found.case.finance.model_copy(update={
            "discount_rate": row["discount_rate"], "energy_price_change_share_per_year": row["saving_growth"],
            "operation_cost_change_share_per_year": row["operation_cost_growth"],
            "replacement_cost_change_share_per_year": row["replacement_cost_growth"],
        })  # fmt: skip
        case = replace(found.case, finance=finance, candidates=(replace(own, costs=replace(own.costs, **changed)),))
        assert npv == pytest.approx(run_case(case).candidates[0].worth.metrics.npv, rel=1e-9)


def test_drawn_years_are_those_of_run(studied: Callable[..., Prospects], case_folder: CaseFolder) -> None:
    growth = {"load_growth": 0.02, "generation_loss": 0.01, "spread_growth": 0.03, "energy_price_growth": 0.01,
              "demand_price_growth": -0.02, "export_price_growth": 0.05}  # fmt: skip
    found = studied(*(always(name, value) for name, value in growth.items()), samples=2)

    def write(data: dict[str, Any]) -> None:
        del data["uncertainty"]
        data["lifetime"] |= {"load_growth_share_per_year": 0.02, "generation_loss_share_per_year": 0.01}
        data["outlook"] = {"price_growth_share_per_year": {"spread": 0.03, "energy": 0.01, "demand": -0.02,
                                                           "export": 0.05}}  # fmt: skip

    known = run_case(read_case(case_folder.write(write))).candidates[0].worth.metrics.npv
    assert found.npv["Store"].to_numpy() == pytest.approx([known, known], rel=1e-9)
    assert known != pytest.approx(found.base["Store"], rel=1e-6)
    assert found.lives == 2 + len(growth)  # alike draws, as written, and each growth alone (its low is its high)


def two_measured_years(case_folder: CaseFolder) -> Callable[[dict[str, Any]], None]:
    """The case's year and one of another load."""
    stamps = pd.date_range("2024-01-01", "2025-01-01", freq="h", tz="Asia/Shanghai", inclusive="left")
    load = 400.0 + 300.0 * np.sin(np.arange(len(stamps)) / 4.0)
    other = pd.DataFrame({"start": stamps.strftime("%Y-%m-%d %H:%M"), "load_kw": load.round(2)})
    other.to_csv(case_folder.path / "other.csv", index=False)

    def change(data: dict[str, Any]) -> None:
        data["outlook"] = {"measured": [{"year": 2024, "load": {**data["load"], "file": "other.csv"}}]}

    return change


def test_a_measured_year_stands_for_all_years(studied: Callable[..., Prospects], case_folder: CaseFolder) -> None:
    found = studied({"input": "measured_year"}, change=two_measured_years(case_folder), samples=8)
    assert measured_years(found.case) == [2025, 2024]
    assert sorted(found.inputs["measured_year"]) == [2024.0] * 4 + [2025.0] * 4
    for year, site in ((2025, found.case.site), (2024, found.case.outlook.measured[0])):
        alone = replace(found.case, site=site, outlook=replace(found.case.outlook, measured=()))
        known = run_case(alone).candidates[0].worth.metrics.npv
        drawn = found.npv["Store"][found.inputs["measured_year"] == year]
        assert drawn.to_numpy() == pytest.approx([known] * 4, rel=1e-9)
    assert set(found.scenarios["scenario"]) == {"2024", "2025"}


def test_measured_years_may_begin_with_any(studied: Callable[..., Prospects], case_folder: CaseFolder) -> None:
    found = studied({"input": "year_order"}, change=two_measured_years(case_folder), samples=4)
    own = found.npv["Store"][found.inputs["year_order"] == 2025]
    other = found.npv["Store"][found.inputs["year_order"] == 2024]
    assert own.to_numpy() == pytest.approx([found.base["Store"]] * 2, rel=1e-9)
    assert other.nunique() == 1 and other.iloc[0] != pytest.approx(own.iloc[0], rel=1e-6)


def test_a_store_that_fades_faster_is_worth_less_and_lives_shorter(studied: Callable[..., Prospects]) -> None:
    fast = {"input": "fade", "distribution": "uniform", "low": 1.0, "high": 16.0}
    found = studied(fast, samples=8, draws_per_life=1, change=lambda data: data["lifetime"].update(years=4))
    order = np.argsort(found.inputs["fade of Store"].to_numpy())
    assert found.npv["Store"].to_numpy()[order[0]] > found.npv["Store"].to_numpy()[order[-1]]
    assert found.summary.iloc[0]["life_years_p10"] < found.summary.iloc[0]["life_years_p90"]
    assert found.ranking.iloc[0]["direction"] == -1


@pytest.mark.parametrize("name", TECHNOLOGIES.names())
def test_self_discharge_follows_its_factor(name: str) -> None:
    technology = TECHNOLOGIES.find(name)
    if self_discharge_figure(technology) is None:
        assert not set(FIGURES) & set(technology.figures)
        assert with_self_discharge(technology, 2.0) is technology
        return
    soc, warm = np.array([0.3, 0.6, 0.9]), np.full(3, 25.0)
    slow, fast = (one.physics.respond(soc, warm, np.zeros(3), 0.0) for one in (
        technology, with_self_discharge(technology, 1.7)))  # fmt: skip
    assert fast.self_discharge_kw == pytest.approx(1.7 * slow.self_discharge_kw, rel=1e-9)
    assert (slow.self_discharge_kw > 0.0).all()
    assert technology.physics.respond(soc, warm, np.zeros(3), 0.0).self_discharge_kw.tolist() == pytest.approx(
        slow.self_discharge_kw.tolist()
    )


def test_total_order_indices_of_two_costs_are_their_parts_of_the_variance(studied: Callable[..., Prospects]) -> None:
    """Net present value is a straight line in both costs, so the variance splits by the square of the slopes."""
    balance = {"input": "balance_cost", "distribution": "uniform", "low": 0.5, "high": 1.5}
    found = studied(COST, balance, samples=32, draws_per_life=32)
    assert found.measure == "sobol"
    swing = found.scenarios.pivot(index="input", columns="scenario", values="npv")
    squares = (swing["high"] - swing["low"]) ** 2
    ranked = found.ranking.set_index("input")["importance"]
    for name in ("energy_cost", "balance_cost"):
        assert ranked[name] == pytest.approx(squares[name] / squares.sum(), abs=0.02)
    assert found.ranking["input"].tolist() == ["energy_cost", "balance_cost"]
    assert found.explained["Store"] == pytest.approx(1.0, abs=0.02)


def test_asked_sobol_lives_again_for_every_input_a_life_depends_on(studied: Callable[..., Prospects]) -> None:
    found = studied(FADE, COST, ranking="sobol", samples=4)
    assert found.measure == "sobol" and found.lives == 1 + 4 + 4 + 2  # as written, sample, swapped, low and high
    plain = studied(FADE, COST, samples=4)
    assert plain.measure == "regression" and plain.npv.equals(found.npv)


def test_low_and_high_are_the_tenths_of_the_distribution(studied: Callable[..., Prospects]) -> None:
    found = studied(COST)
    assert found.scenarios["input_value"].tolist() == pytest.approx([0.6, 1.4])
    assert found.scenarios["npv"].is_monotonic_decreasing
    assert found.scenarios["npv"].mean() == pytest.approx(found.base["Store"])


@pytest.mark.slow
def test_the_same_seed_draws_the_same_whatever_the_jobs(tmp_path: Path) -> None:
    def write(data: dict[str, Any]) -> None:
        data["candidates"] = [STORE]
        data["tariff"] = {"kind": "jiangsu_2025"}
        data["lifetime"] = {"years": 1}
        data["uncertainty"] = {"samples": 2, "draws_per_life": 2}

    case = read_case(CaseFolder(tmp_path).write(write))
    alone, many = uncertainty(case), uncertainty(case, workers=Workers(2))
    assert alone.npv.equals(many.npv) and alone.ranking.equals(many.ranking) and alone.summary.equals(many.summary)
    other = uncertainty(case, case.uncertainty.model_copy(update={"seed": 2}))
    assert not np.allclose(alone.npv, other.npv)
    assert alone.resolved.by_default
    named = {one.kind.name for one in alone.resolved.variables}
    assert named >= {"energy_cost", "fade", "self_discharge", "saving_growth"} and "discount_rate" not in named


def test_a_figure_without_range_stays_and_is_named(case_folder: CaseFolder) -> None:
    def write(data: dict[str, Any]) -> None:
        data["lifetime"] = {"years": 1}
        data["uncertainty"] = {"samples": 2, "draws_per_life": 2}

    found = uncertainty(read_case(case_folder.write(write)))
    assert ("Toy", "energy_cost") in found.resolved.certain and ("Toy", "fade") in found.resolved.certain
    assert {one.kind.name for one in found.resolved.variables} == {
        "saving_growth", "operation_cost_growth", "replacement_cost_growth",
    }  # fmt: skip


def test_a_datasheet_range_is_a_factor_on_the_figure(case_folder: CaseFolder) -> None:
    cost = {"value": 200.0, "low": 100.0, "high": 400.0}

    def write(data: dict[str, Any]) -> None:
        data["lifetime"] = {"years": 1}
        data["candidates"][0]["costs"] = {"energy_per_kwh": cost}
        data["uncertainty"] = {"inputs": [{"input": "energy_cost", "range": "datasheet"}], "samples": 16}

    drawn = uncertainty(read_case(case_folder.write(write))).inputs["energy_cost of Toy"]
    assert 0.5 < drawn.min() < 0.55 and 1.9 < drawn.max() < 2.0
    assert drawn.mean() == pytest.approx((0.5 + 1.0 + 2.0) / 3.0, abs=0.01)


def test_stores_of_one_candidate_draw_together_each_in_its_own_range(case_folder: CaseFolder) -> None:
    def write(data: dict[str, Any]) -> None:
        second = {"name": "Second", "technology": "nickel_hydrogen", "energy_kwh": 500.0, "power_kw": 125.0}
        data["candidates"] = [{**STORE, "beside": [second]}]
        data["uncertainty"] = {"inputs": [{"input": name, "range": "datasheet"} for name in ("energy_cost", "fade")]}

    case = read_case(case_folder.write(write))
    draws = Draws.of(resolve(case, case.uncertainty, Faults()), case.uncertainty)
    assert draws.columns("Store") == (("energy_cost", 0), ("energy_cost", 1))
    rows = draws.rows("Store", draws.prices.drawn)
    first, second = (rows[:, store] for store in (0, 1))
    assert np.array_equal(np.argsort(first), np.argsort(second)) and second.max() > 1.5 > 1.2 > first.max()
    drawn = dict(draws.drawn("Store", draws.lives.drawn)[0])
    made = drawn_candidate(case.candidates[0], drawn)
    for before, after, factor in zip(case.candidates[0].stores, made.stores, drawn["fade"], strict=True):
        wear, own = before.ageing.wears[0], after.ageing.wears[0]
        assert own.pace == pytest.approx(wear.pace * factor ** (1.0 / wear.exponent))


def test_draws_without_a_plan_are_counted_apart(studied: Callable[..., Prospects]) -> None:
    growth = {"input": "load_growth", "distribution": "choice", "values": [0.0, 0.19]}
    found = studied(growth, samples=4, change=lambda data: data["lifetime"].update(years=5))
    assert found.summary.iloc[0]["no_plan_share"] == 0.5
    assert np.isfinite(found.summary.iloc[0]["npv_mean"]) and "Store" in found.why


def backed_up(data: dict[str, Any]) -> None:
    data["lifetime"] = {"years": 1}
    data["services"] = [{"kind": "backup", "critical_kw": 100.0, "hours": 2.0, "lengths_h": [1.0, 2.0, 8.0, 24.0]}]


def test_outages_are_counted_with_the_backup_service(studied: Callable[..., Prospects]) -> None:
    """Two hours are always held, a day never: 1 h is survived but at the very end of the year, 24 h hardly."""
    number = {"input": "outages_per_year", "distribution": "choice", "values": [2.0]}
    for hours, least, most in ((1.0, 0.999, 1.0), (24.0, 0.0, 0.2)):
        found = studied(number, always("outage_hours", hours), change=backed_up)
        row = found.outages.iloc[0]
        assert least <= row["survived_share"] <= most
        assert row["lost_outages_per_year"] == pytest.approx(2.0 * (1.0 - row["survived_share"]))
    assert found.lives == 1 and found.npv["Store"].nunique() == 1  # counted, not priced


def test_outages_without_a_backup_service_are_said_not_to_count(
    studied: Callable[..., Prospects], tmp_path: Path
) -> None:
    found = studied(COST, always("outage_hours", 2.0))
    assert found.outages.empty
    assert words()["uncertainty.remark_outage_uncounted"]["en"] in page(found, tmp_path, "en")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"input": "enrgy_cost", "range": "datasheet"}, "Did you mean 'energy_cost'?"),
        ({"input": "energy_cost"}, "has no distribution"),
        ({"input": "energy_cost", "range": "datasheet"}, "which has none for this figure"),
        ({"input": "energy_cost", "distribution": "uniform", "low": 0.5}, "is uniform without high"),
        ({**COST, "mean": 1.0}, "does not take mean"),
        ({**COST, "low": 2.0}, "out of order"),
        ({**COST, "range": "datasheet"}, "numbers of its own"),
        ({**COST, "low": -0.5}, "out of its range"),
        ({**COST, "candidate": "Toi"}, "Did you mean 'Toy'?"),
        ({**RATE, "candidate": "Toy"}, "is the same for all candidates"),
        ({"input": "measured_year"}, "one measured year only"),
        ({"input": "measured_year", "distribution": "choice", "values": [1999]}, "no such measured year"),
        ({"input": "load_growth", "distribution": "normal", "mean": 0.0, "deviation": 0.1}, "cut its tails"),
        ({"input": "fade", "distribution": "choice", "values": [1.0, 2.0], "weights": [1.0]}, "1 weights for 2 values"),
        ({"input": "self_discharge", "distribution": "uniform", "low": 0.5, "high": 2.0}, "has none for this figure"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_place_and_cure(
    case_folder: CaseFolder, given: dict[str, Any], said: str
) -> None:
    text = told(case_folder, given)
    assert said in text and "uncertainty.inputs[0]" in text and "line" in text


def test_all_faults_are_told_at_once(case_folder: CaseFolder) -> None:
    text = told(case_folder, {**COST, "candidate": "Toi"}, {**RATE, "low": -0.5}, COST, COST)
    assert "Toi" in text and "out of its range" in text and "comes twice" in text


def test_the_command_line_says_which_sample_it_cannot_take() -> None:
    with pytest.raises(InputError, match="--samples"):
        with_changes(UncertaintyInput.model_validate({}), 1)


def page(found: Prospects, folder: Path, language: Any) -> str:
    return write_uncertainty(found, folder / f"{language}.html", language).read_text(encoding="utf-8")


def test_every_input_has_its_words() -> None:
    names: tuple[Name, ...] = tuple(KINDS)  # type: ignore[assignment]
    for name in names:
        assert all(words()[f"uncertainty.input.{name}"].values())


def test_page_tells_chances_in_both_languages(studied: Callable[..., Prospects], tmp_path: Path) -> None:
    found = studied(RATE, COST, FADE, change=twins)
    english, chinese = page(found, tmp_path, "en"), page(found, tmp_path, "zh")
    for text in (english, chinese):
        figures = [json.loads(part.split("</script>")[0]) for part in text.split('data-figure="')[1:]
                   for part in [part.split(">", 1)[1]]]  # fmt: skip
        assert len(figures) == 2 + 2 * 2
    shown = chinese.split("<main>")[1].split("<script>")[0]
    for line in shown.split("<td")[1:]:
        assert not SENTENCE.search(line.split("<")[0].split(">")[-1])
    assert "亏损概率" in chinese and "Chance of loss" not in chinese
    assert uncertainty_summary(found, "zh") is not None


def test_a_chance_is_never_told_as_certain() -> None:
    assert chance(0.0, "en") == "under 1\u00a0%" and chance(1.0, "en") == "over 99\u00a0%"
    assert chance(0.37, "en") == "37\u00a0%"


def test_tables_hold_every_draw_and_known_columns(studied: Callable[..., Prospects], tmp_path: Path) -> None:
    found = studied(RATE, COST, FADE, change=twins)
    write_prospects(found, tmp_path)
    frames = {path.stem: pd.read_csv(path) for path in (tmp_path / "tables").glob("*.csv")}
    assert len(frames["draws"]) == 16 and frames["draws"]["npv of A"].tolist() == pytest.approx(found.npv["A"].tolist())
    assert frames["curves"]["A"].is_monotonic_increasing
    for name in ("summary", "pairs", "ranking", "scenarios"):
        assert set(frames[name].columns) <= set(QUANTITIES), name
    assert (tmp_path / "tables.xlsx").is_file()


def test_the_command_writes_page_and_tables(case_folder: CaseFolder, capsys: pytest.CaptureFixture[str]) -> None:
    def write(data: dict[str, Any]) -> None:
        data["lifetime"] = {"years": 1}
        data["uncertainty"] = {"samples": 2, "draws_per_life": 2, "inputs": [COST]}

    path = case_folder.write(write)
    assert main(["uncertainty", str(path), "--jobs", "1", "--samples", "4"]) == 0
    out = path.parent / "uncertainty"
    assert {one.name for one in out.iterdir()} == {
        "case.yaml",
        "made_by.json",
        "tables",
        "tables.xlsx",
        "uncertainty.html",
    }
    assert len(pd.read_csv(out / "tables" / "draws.csv")) == 8
    assert "Chance of loss" in capsys.readouterr().out
