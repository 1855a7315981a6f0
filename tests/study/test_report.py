"""The report page and the terminal summary, on an outcome built by hand: a factory, two stores, twelve years."""

from __future__ import annotations

import html
import io
import json
import re
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from rich.console import Console

from perdure.economics.cashflow import Finance, worth
from perdure.market.charge import Bill, Prices
from perdure.market.tariff import Connection
from perdure.quantities import Confidence, Language, Sourced
from perdure.simulate.options import LifeOptions
from perdure.simulate.result import SERIES, Bought, Life, Result
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.study.candidate import Candidate
from perdure.study.case import Case
from perdure.study.outcome import CandidateOutcome, Outcome
from perdure.study.reports import findings, weakness
from perdure.study.reports.assumptions import assumption_blocks
from perdure.study.reports.balance import energy_balance, refused_text
from perdure.study.reports.figures_together import DURATION_POINTS, duration
from perdure.study.reports.page import report_html, write_report
from perdure.study.reports.seasons import typical_weeks
from perdure.study.reports.summary import summary
from perdure.study.reports.words import LANGUAGES, money, number, say, table
from perdure.technology.ageing import AgeingLaw
from perdure.technology.converter import Converter
from perdure.technology.technology import Costs, Technology
from perdure.technology.thermal import Thermal
from perdure.timeline import Floats, Timeline

YEARS = 12


def sourced(value: float, unit: str = "", confidence: Confidence = Confidence.ESTIMATE) -> Sourced:
    return Sourced(value, unit, "made up for the test", confidence, 0.8 * value, 1.2 * value, 2025)


@dataclass(frozen=True)
class DayNightTariff:
    """Dear by day, cheap at night, and a demand charge on the month's peak."""

    name: str = "day_night"
    currency: str = "CNY"
    title: str = "Day and night with demand charge"
    remarks: tuple[str, ...] = ()
    timeline: Timeline | None = None

    def charges(self, timeline: Timeline, connection: Connection) -> Any:
        return replace(self, timeline=timeline)

    def figures(self) -> dict[str, Sourced]:
        return {
            "day_per_kwh": sourced(1.1, "CNY/kWh", Confidence.PUBLISHED),
            "night_per_kwh": sourced(0.3, "CNY/kWh", Confidence.PUBLISHED),
            "demand_per_kw_month": sourced(48.0, "CNY/kW·month", Confidence.UNVERIFIED),
        }

    def periods(self) -> tuple[str, ...]:
        return ()

    @property
    def buy(self) -> Floats:
        hour = cast(Timeline, self.timeline).half_hour // 2
        return np.where(hour < 8, 0.3, np.where((hour >= 14) & (hour < 20), 1.1, 0.65))

    def bill(self, import_kw: Floats, export_kw: Floats) -> Bill:
        line = cast(Timeline, self.timeline)
        peak = pd.Series(import_kw).groupby(line.period).max().to_numpy()
        energy = line.sum_by_period(import_kw * self.buy) * line.step_h
        lines = {"Energy": energy, "Demand": 48.0 * peak}
        imported = line.sum_by_period(import_kw) * line.step_h
        remarks = ("unverified: demand 48 CNY/kW·month",)
        return Bill("CNY", line.period_labels, lines, imported, 0.0 * imported, peak, remarks)

    def prices(self, import_kw: Floats) -> Prices:
        return Prices(self.buy, 0.0 * self.buy)


def make_technology(name: str, title: str, energy_price: float) -> Technology:
    costs = Costs(
        "CNY", sourced(energy_price, "CNY/kWh", Confidence.CLAIM), sourced(300.0, "CNY/kW"), sourced(150.0, "CNY/kWh"),
        sourced(0.05), sourced(0.015), sourced(0.005, "CNY/kWh"), sourced(0.6), sourced(20.0, "CNY/kWh"), sourced(0.03),
    )  # fmt: skip
    law = AgeingLaw("measured", {"en": "Measured", "zh": "实测"}, (), {"fade": sourced(0.01, "share/a")})
    other = AgeingLaw("claimed", {"en": "Claimed", "zh": "宣称"}, (), {"rosy_fade": sourced(0.001, "share/a")})
    return Technology(
        name=name,
        title={"en": title, "zh": title},
        summary={"en": "", "zh": ""},
        physics=cast(Any, None),
        ageing={"measured": law, "claimed": other},
        thermal=Thermal(*[sourced(1.0 + i) for i in range(len(fields(Thermal)))]),
        converter=Converter(*[sourced(0.01) for _ in fields(Converter)]),
        costs={"china_2025": costs},
        figures={"cell_voltage_v": sourced(1.3, "V", Confidence.PUBLISHED)},
        power_range_per_h=(0.1, 1.0),
        temperature_range_c=(-10.0, 45.0),
        end_of_life_capacity_share=0.8,
        measured_on="nothing",
        sensitive_to="everything",
        not_valid_for="buying",
        remarks=(f"{title} is made up",),
    )


@cache
def make_site() -> Site:
    line = Timeline.year(2025, "Asia/Shanghai", 15)
    hour = np.asarray(line.local.hour + line.local.minute / 60.0)
    day = np.asarray(line.local.day_of_year)
    season = np.cos(2 * np.pi * (day - 200) / 365)
    noise = np.random.default_rng(7).normal(0.0, 25.0, line.steps)
    work = np.where(line.weekend, 0.45, 1.0) * (0.45 + 0.55 * np.clip(np.sin(np.pi * (hour - 6) / 15), 0.0, 1.0))
    load = np.clip(900.0 * work * (1.0 + 0.12 * season) + noise, 60.0, None)
    sun = 350.0 * np.clip(np.sin(np.pi * (hour - 6.0) / 12.0), 0.0, 1.0) * (0.7 + 0.3 * season)
    ambient = 16.0 + 12.0 * season + 5.0 * np.sin(np.pi * (hour - 9.0) / 12.0)
    remarks = ("3 missing quarter hours were filled",)
    return Site(
        "Works", line, load, sun, ambient, Connection(1250.0, 0.0), DayNightTariff(), None, "Changzhou", remarks
    )


def make_sample(site: Site, plant: Plant, efficiency: float, hydrogen: bool) -> Result:
    line, tariff = site.timeline, cast(DayNightTariff, site.charges)
    hour, h = line.half_hour // 2, line.step_h
    charge, discharge, stored = np.zeros(line.steps), np.zeros(line.steps), np.zeros(line.steps)
    now = 0.2 * plant.energy_kwh
    for t in range(line.steps):
        stored[t] = now
        if hour[t] < 8:
            charge[t] = min(plant.power_kw, (plant.energy_kwh - now) / h / efficiency)
        elif 14 <= hour[t] < 20:
            discharge[t] = min(plant.power_kw, now / h, max(site.net_kw[t], 0.0))
        now += (charge[t] * efficiency - discharge[t]) * h
    import_kw, export_kw, curtailed, unserved = site.meter(charge - discharge + 2.0)
    series = pd.DataFrame({name: np.zeros(line.steps) for name in SERIES}, index=line.stamps)
    filled: dict[str, Any] = {
        "load_kw": site.load_kw, "generation_kw": site.generation_kw, "planned_kw": charge - discharge,
        "charge_kw": charge, "discharge_kw": discharge, "auxiliary_kw": np.full(line.steps, 2.0),
        "import_kw": import_kw, "export_kw": export_kw, "curtailed_kw": curtailed, "unserved_kw": unserved,
        "converter_loss_kw": charge * 0.03, "store_loss_kw": charge * (1.0 - efficiency - 0.03), "stored_kwh": stored,
        "soc": stored / plant.energy_kwh, "temperature_c": site.ambient_c * 0.5 + 14.0 + 0.01 * charge,
        "ambient_c": site.ambient_c, "buy_price_per_kwh": tariff.buy, "energy_value_per_kwh": np.full(line.steps, 0.6),
    }  # fmt: skip
    series = series.assign(**filled)
    if hydrogen:
        series["pressure_bar"] = 4.0 + 60.0 * stored / plant.energy_kwh
    return Result(site.with_plant(plant), series, site.charges.bill(import_kw, export_kw), {}, 0.2, 20.0)


def make_life(sample: Result, fade: float, replaced_in: int | None) -> Life:
    site, bill = sample.site, sample.bill
    without = make_site().bill_without
    plant = cast(Plant, site.the_plant)
    year = np.arange(1, YEARS + 1)
    age = year - 1 if replaced_in is None else np.where(year < replaced_in, year - 1, year - replaced_in)
    share = 1.0 - fade * age
    charged = float(sample.series["charge_kw"].sum()) * 0.25 * share
    discharged = float(sample.series["discharge_kw"].sum()) * 0.25 * share
    saving = (without.total - bill.total) * share
    years = pd.DataFrame(
        {
            "year": year, "capacity_share": share, "impedance_share": 0.05 * age,
            "capacity_kwh": share * plant.energy_kwh,
            "charged_kwh": charged, "discharged_kwh": discharged, "refused_kwh": 120.0 * age, "unserved_kwh": 0.0,
            "full_cycles": discharged / plant.energy_kwh, "round_trip_share": discharged / charged - 0.004 * age,
            "cost_without": without.total, "cost_with": without.total - saving, "saving": saving,
            "planned_saving": saving * 1.02, "replaced": (year == replaced_in).astype(int), "stacks_renewed": 0,
            "replaced_kwh": plant.energy_kwh * (year == replaced_in), "added_kwh": 0.0, "added_kw": 0.0,
            "method": "exact",
        }
    )  # fmt: skip
    months = pd.DataFrame(
        {
            "year": np.repeat(year, 12), "period": list(without.periods) * YEARS,
            "cost_without": np.tile(without.by_period, YEARS), "cost_with": np.tile(bill.by_period, YEARS),
            "peak_without_kw": np.tile(without.peak_kw, YEARS), "peak_with_kw": np.tile(bill.peak_kw, YEARS),
        }
    )  # fmt: skip
    made = {"version": "0.1.0", "method": "exact", "seconds": 3.21}
    bought = [Bought(plant.name, "first", 1, replaced_in, plant.energy_kwh, plant.power_kw)]
    if replaced_in is not None:
        bought.append(Bought(plant.name, "replacement", replaced_in, None, plant.energy_kwh, 0.0))
    remarks = (f"life of {plant.name} is made up",)
    return Life(site, years, months, (bill,) * YEARS, {1: sample}, remarks, made, bought=tuple(bought))


@cache
def make_outcome(energy_price: float = 450.0, name: str = "Long <b>life</b>") -> Outcome:
    site, finance, told, candidates = make_site(), Finance(), [], []
    specs = (
        (name, make_technology("nickel", "Nickel-hydrogen", 1.4 * energy_price), 2000.0, 500.0, 0.9, True, 0.006, None),
        ("Standard LFP", make_technology("lfp", "LFP", energy_price), 1600.0, 400.0, 0.93, False, 0.025, 9),
    )
    for title, technology, energy, power, efficiency, hydrogen, fade, replaced in specs:
        plant = Plant(title, technology, energy, power)
        life = make_life(make_sample(site, plant, efficiency, hydrogen), fade, replaced)
        candidate = Candidate(title, plant, technology.default_costs, technology.default_ageing, 0.0)
        candidates.append(candidate)
        told.append(CandidateOutcome(candidate, life, worth(life, plant, technology.default_costs, finance)))
    options = LifeOptions(years=YEARS)
    case = Case("Works & sons", site, tuple(candidates), finance, options, "title: <Works>\n", Path(), site.remarks)
    return Outcome(case, site.bill_without, tuple(told))


@cache
def page(language: Language = "en") -> str:
    return report_html(make_outcome(), language)


def figures_of(text: str) -> dict[str, dict[str, Any]]:
    found = re.findall(r'<script type="application/json" data-figure="([^"]+)">(.*?)</script>', text, re.S)
    return {name: json.loads(body) for name, body in found}


def prose(text: str) -> str:
    """The page without scripts and styles, tags removed."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", text, flags=re.S)
    return html.unescape(re.sub(r"<[^>]+>", " ", bare))


def flat(text: str) -> str:
    """All white space, also that which does not break, as single spaces."""
    return " ".join(text.split())


def terminal(outcome: Outcome, language: Language) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(summary(outcome, language))
    return cast(io.StringIO, console.file).getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_is_sound_plotly_with_units_on_its_axes(language: Language) -> None:
    figures = figures_of(page(language))
    assert len(figures) == 5 + 2 * (4 + 4) + 1
    for name, made in figures.items():
        go.Figure(made)  # plotly refuses unknown attributes and values
        axes = [value for key, value in made["layout"].items() if re.fullmatch(r"[xy]axis\d*", key)]
        assert len(axes) >= 2
        for one in axes:
            assert re.search("[(\uff08].+[)\uff09]$", one["title"]["text"]), f"{name}: {one['title']}"
        assert all(any(v is not None for v in trace["y"]) for trace in made["data"]), name


def test_legends_stand_outside_the_plot() -> None:
    for made in figures_of(page()).values():
        assert made["layout"]["legend"]["y"] > 1.0
        assert made["layout"]["legend"]["yanchor"] == "bottom"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_loaded_from_elsewhere(language: Language) -> None:
    without_scripts = re.sub(r"<script\b[^>]*>.*?</script>", "", page(language), flags=re.S)
    links = re.findall(r"""(?:src|href|action|data)\s*=\s*["']([^"']*)["']""", without_scripts)
    assert links
    assert all(link.startswith("#") for link in links), links
    assert not re.search(r"<script[^>]+src|<link|@import|url\(", without_scripts)
    assert "default-src 'none'" in page(language)


def test_every_text_is_there_in_both_languages() -> None:
    for key, texts in table().items():
        blanks = [set(re.findall(r"{(\w+)}", texts[language])) for language in LANGUAGES]
        assert blanks[0] == blanks[1], key
        assert set(texts) == set(LANGUAGES), key
        assert texts["zh"] or key == "list.sentence", key


def test_every_field_of_costs_and_finance_has_a_name_in_words() -> None:
    outcome = make_outcome()
    names = [name for name in outcome.candidates[0].worth.assumptions if ".exchange_rates." not in name]
    names += [f"thermal.{one.name}" for one in fields(Thermal)] + [f"converter.{one.name}" for one in fields(Converter)]
    assert [name for name in names if f"figure_name.{name}" not in table()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_says_the_verdict_and_its_numbers(language: Language) -> None:
    outcome, text = make_outcome(), flat(prose(page(language)))
    assert outcome.best is not None
    assert flat(findings.verdict(outcome, language)) in text
    for one in outcome.candidates:
        metrics = one.worth.metrics
        assert flat(money(metrics.npv, "CNY", language)) in text
        assert flat(money(metrics.mean_saving, "CNY", language)) in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_summary_shows_the_numbers_of_the_outcome(language: Language) -> None:
    outcome = make_outcome()
    text = terminal(outcome, language)
    for one in outcome.candidates:
        metrics = one.worth.metrics
        for value in (metrics.npv, metrics.mean_saving, metrics.first_year_saving, metrics.investment):
            assert money(value, "CNY", language) in text
        assert metrics.lcos_per_kwh is not None
        assert number(metrics.lcos_per_kwh, 3) in text
        assert number(cast(float, metrics.payback_years), 1) in text


def test_doing_nothing_is_advised_when_every_candidate_loses() -> None:
    outcome = make_outcome(energy_price=5000.0)
    assert outcome.best is None
    assert findings.verdict(outcome, "en").startswith("Do not buy")
    assert "(Best)" not in terminal(outcome, "en")
    assert 'class="card nothing best"' in report_html(outcome, "en")


def test_best_candidate_has_the_highest_present_value() -> None:
    row = next(row for row in findings.comparison(make_outcome(), "en") if row.name == "npv")
    values = [one.worth.metrics.npv for one in make_outcome().candidates]
    assert row.best == (int(np.argmax(values)),)


def test_doing_nothing_may_be_the_best_of_a_row() -> None:
    # both stores charge at full power at night and raise the peak
    row = next(row for row in findings.comparison(make_outcome(), "en") if row.name == "peak")
    assert row.best == (-1,)


def test_text_of_the_user_is_escaped() -> None:
    text = page()
    assert "<b>life</b>" not in text
    assert "Long &lt;b&gt;life&lt;/b&gt;" in text
    assert "Works &amp; sons" in text
    assert "title: &lt;Works&gt;" in text


def test_script_in_a_name_cannot_close_the_figure_data() -> None:
    outcome = make_outcome(450.0, "</script><script>alert(1)</script>")
    text = report_html(outcome, "en")
    assert "alert(1)" in text
    assert "<script>alert(1)" not in text


def test_names_in_figures_are_shown_letter_by_letter() -> None:
    figures = figures_of(page())
    names = [trace.get("name", "") for made in figures.values() for trace in made["data"]]
    assert "Long &lt;b>life&lt;/b>" in names
    assert not any("<" in name for name in names)
    assert figures["bridge-0"]["data"][0]["x"][-1] == "Long &lt;b>life&lt;/b>"


def test_weak_figures_are_marked_and_named_near_the_verdict() -> None:
    told = [caution.text for caution in findings.cautions(make_outcome(), "en")]
    assert any("1 of 3: Demand per kW month" in text for text in told)
    assert "unverified: demand 48 CNY/kW·month" in told
    assert "3 missing quarter hours were filled" in told
    assert "LFP is made up" in told
    assert "life of Standard LFP is made up" in told
    assert len(told) == len(set(told))
    assert page().index('id="cautions"') < page().index('class="compare"')


def test_only_the_ageing_law_in_use_is_listed() -> None:
    names = [line.name for block in assumption_blocks(make_outcome(), "en") for line in block.lines]
    assert any("fade" in name for name in names)
    assert not any("rosy" in name for name in names)


def test_weak_figures_lead_each_table_of_assumptions() -> None:
    for block in assumption_blocks(make_outcome(), "en"):
        marked = [line.figure.confidence in weakness.WEAK for line in block.lines]
        assert marked == sorted(marked, reverse=True)


def test_energy_balance_closes() -> None:
    for one in make_outcome().candidates:
        balance = energy_balance(one.life.samples[1])
        assert abs(balance["error"]) < 1e-6 * balance["total"]


def test_energy_balance_shows_what_is_missing() -> None:
    sample = make_outcome().candidates[0].life.samples[1]
    broken = replace(sample, series=sample.series.assign(store_loss_kw=0.0))
    assert energy_balance(broken)["error"] > 0.01 * energy_balance(broken)["total"]


def test_refusals_of_the_life_are_told() -> None:
    one = make_outcome().candidates[0]
    told = refused_text(one, "en")
    assert told[0].startswith("Nothing")
    assert number(float(one.life.years["refused_kwh"].sum())) in told[1]


def test_duration_curve_is_thinned_but_keeps_the_peak() -> None:
    outcome = make_outcome()
    curve = duration(outcome, "en")["data"][1]
    series = outcome.candidates[0].life.samples[1].series["import_kw"]
    assert len(curve["y"]) <= DURATION_POINTS
    assert curve["y"][0] == pytest.approx(series.max(), abs=0.06)
    assert curve["y"][-1] == pytest.approx(series.min(), abs=0.06)
    assert curve["x"][-1] == pytest.approx(8759.75)


def test_typical_week_is_the_one_closest_to_its_season() -> None:
    line = Timeline.year(2025, "Asia/Shanghai", 60)
    hour = np.asarray(line.local.hour, dtype=np.float64)
    week = np.asarray(line.local.isocalendar().week, dtype=np.float64)
    # load rises week by week: the week in the middle of a season is the typical one
    load = 100.0 + 10.0 * week + hour
    series = pd.DataFrame({"load_kw": load, "generation_kw": 0.0, "buy_price_per_kwh": 0.5}, index=line.stamps)
    weeks = typical_weeks(series, line.zone)
    assert sorted(weeks) == [0, 1, 2, 3]
    first = pd.DatetimeIndex(weeks[2].index)[0]
    assert (first.day_of_week, first.hour, len(weeks[2])) == (0, 0, 168)
    assert first.month == 7
    assert weeks[2]["load_kw"].iloc[5] - weeks[2]["load_kw"].iloc[0] == 5.0


def test_a_few_days_have_no_typical_week() -> None:
    series = make_outcome().candidates[0].life.samples[1].series.iloc[:300]
    assert typical_weeks(series, "Asia/Shanghai") == {}


def test_a_report_of_one_candidate_marks_it_against_doing_nothing() -> None:
    outcome = replace(make_outcome(), candidates=make_outcome().candidates[:1])
    rows = {row.name: row.best for row in findings.comparison(outcome, "en")}
    assert rows["npv"] == (0,)
    assert rows["peak"] == (-1,)
    assert rows["irr"] == ()
    figures = figures_of(report_html(outcome, "en"))
    assert len(figures) == 5 + 4 + 4 + 1
    alone = [name for name, made in figures.items() if len(made["data"]) == 1 and not name.startswith("bridge")]
    assert "cumulative" in alone
    assert all(figures[name]["layout"]["showlegend"] for name in alone), "plotly hides the legend of a single line"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_four_seasons_each_have_a_week_of_quarter_hours(language: Language) -> None:
    figures = figures_of(page(language))
    for candidate in (0, 1):
        starts = []
        for season in range(4):
            made = figures[f"plot-week-{candidate}-{season}"]
            assert all(len(trace["x"]) == 7 * 96 for trace in made["data"])
            starts.append(made["data"][0]["x"][0])
        assert len(set(starts)) == 4
        assert [int(start[5:7]) % 12 // 3 for start in starts] == [0, 1, 2, 3]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_replaced_store_is_told(language: Language) -> None:
    outcome = make_outcome()
    rows = {row.name: row.cells for row in findings.comparison(outcome, language)}
    assert rows["replacements"] == ("0", "1")
    assert rows["life"] == (say("value.beyond", language, value=12), say("value.years", language, value="8"))
    cash = {trace["name"]: trace for trace in figures_of(page(language))["cash-1"]["data"]}
    replacement = cash[{"en": "Replacement", "zh": "更换"}[language]]
    assert [year for year, paid in zip(replacement["x"], replacement["y"], strict=True) if paid] == [8]
    marks = figures_of(page(language))["capacity"]["data"][1]["marker"]["size"]
    assert marks.index(max(marks)) == 8


def test_advice_against_buying_reads_as_such_in_chinese() -> None:
    outcome = make_outcome(energy_price=5000.0)
    told = terminal(replace(outcome, candidates=outcome.candidates[:1]), "zh")
    assert "不建议建设储能" in told
    assert "无法收回" in told
    assert "最优" not in told


def test_bill_bridge_leads_from_one_bill_to_the_other() -> None:
    outcome = make_outcome()
    made = figures_of(page())["bridge-0"]["data"][0]
    assert made["y"][0] == pytest.approx(outcome.bill_without.total, abs=1e-3)
    assert made["y"][-1] == pytest.approx(outcome.candidates[0].life.bills[0].total, abs=1e-3)
    assert sum(made["y"][:-1]) == pytest.approx(made["y"][-1], abs=1e-2)
    assert made["base"][2] == pytest.approx(made["y"][0] + made["y"][1], abs=1e-3)


def test_a_candidate_keeps_its_colour_in_every_figure() -> None:
    figures = figures_of(page())
    colours = {figures[name]["data"][i]["line"]["color"] for name, i in (("duration", 2), ("capacity", 1))}
    colours.add(figures["peaks"]["data"][2]["marker"]["color"])
    assert len(colours) == 1


def test_money_is_written_as_each_language_writes_it() -> None:
    assert flat(money(1234567.4, "CNY", "en")) == "CNY 1,234,567"
    assert flat(money(-1234567.4, "CNY", "zh")) == "−123.46 万元"
    assert flat(money(250000.0, "USD", "zh")) == "25.00 万 USD"
    assert number(-0.2) == "0"


def test_missing_text_is_an_error_not_a_blank() -> None:
    with pytest.raises(KeyError):
        say("no.such.text", "en")


def test_report_is_written_into_a_folder_it_makes(tmp_path: Path) -> None:
    target = write_report(make_outcome(), tmp_path / "deep" / "report.html", "zh")
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert target.stat().st_size < 8e6
