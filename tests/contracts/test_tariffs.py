"""What every tariff of the catalogue must keep, and some that bend the rules of straight lines."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perdure.errors import InputError
from perdure.market.reading import TARIFFS, read_tariff
from perdure.market.tariff import Connection
from perdure.quantities import Confidence
from perdure.timeline import Timeline

CONNECTION = Connection(export_limit_kw=500.0, transformer_kva=800.0)
TIMELINES = {
    "a year of quarter hours": Timeline.year(2025, "Asia/Shanghai", 15),
    "a leap year of hours with clock changes": Timeline.year(2024, "Europe/Berlin", 60),
    "ten days across a month's end": Timeline(pd.Timestamp("2025-06-25", tz="Asia/Shanghai"), 30, 480, "Asia/Shanghai"),
}
TIERS = [{"up_to_kwh_per_month": 40000, "price_per_kwh": 0.2}, {"price_per_kwh": 0.35}]
DAY = {"day": "08:00-20:00", "night": "20:00-08:00"}
FLAT = {"kind": "flat", "currency": "EUR", "price_per_kwh": 0.25}
CASES = {
    "capacity and export": FLAT | {"capacity_price_per_kva_month": 3.0, "export_price_per_kwh": 0.08},
    "negative price": FLAT | {"price_per_kwh": -0.05},
    "minimum demand": FLAT | {"demand_price_per_kw_month": 9.0, "minimum_billed_kw": 400.0},
    "look-back": FLAT | {"demand_price_per_kw_month": 9.0, "look_back_share": 0.9, "look_back_months": 4},
    "demand tiers": FLAT | {"demand_tiers": [{"up_to_kw": 300, "price_per_kw_month": 4.0},
                                             {"price_per_kw_month": 9.0}]},
    "energy tiers": {"kind": "flat", "currency": "EUR", "price_tiers": TIERS},
    "minimum bill": FLAT | {"minimum_bill_per_month": 1e6},
    "tiered periods": {"kind": "time_of_use", "currency": "EUR", "prices_per_kwh": {"night": 0.1},
                       "tiered_prices_per_kwh": {"day": TIERS}, "period_demand_prices_per_kw_month": {"day": 4.0},
                       "seasons": [{"name": "year", "months": list(range(1, 13)), "all": DAY}]},
    "periods on odd half hours": {"kind": "time_of_use", "currency": "EUR", "prices_per_kwh": {"a": 0.1, "b": 0.5},
                                  "seasons": [{"name": "year", "months": list(range(1, 13)),
                                               "all": {"a": "07:30-18:30", "b": "18:30-07:30"}}]},
    "jiangsu by capacity": {"kind": "jiangsu_2025", "billing": "capacity", "export_price_per_kwh": 0.391},
    "jiangsu with the high-use cut": {"kind": "jiangsu_2025", "high_use_discount": True},
    "jiangsu with holidays": {"kind": "jiangsu_2023", "holidays": ["2024-10-01", "2025-06-26"]},
    "anhui": {"kind": "cn_provincial", "province": "anhui_2025", "flat_price_per_kwh": 0.7,
              "floating_price_per_kwh": 0.5, "holidays": ["2025-06-26"]},
    "shandong": {"kind": "cn_provincial", "province": "shandong_2025", "flat_price_per_kwh": 0.7,
                 "floating_price_per_kwh": 0.5},
}  # fmt: skip


def hourly_prices(folder: Path) -> dict[str, object]:
    stamps = pd.date_range("2023-12-31", "2026-01-02", freq="30min", tz="UTC", inclusive="left")
    rng = np.random.default_rng(0)
    table = {"start": stamps, "buy": rng.normal(80.0, 40.0, len(stamps)), "sell": rng.uniform(0, 60.0, len(stamps))}
    pd.DataFrame(table).to_parquet(folder / "prices.parquet")
    return {"kind": "hourly_prices", "unit": "EUR/MWh", "file": "prices.parquet", "column": "buy",
            "sell_column": "sell", "demand_price_per_kw_month": 5.0}  # fmt: skip


def urdb(folder: Path) -> dict[str, object]:
    day = [0] * 8 + [1] * 12 + [0] * 4
    rate = {
        "energyratestructure": [[{"rate": 0.1}], [{"rate": 0.3, "adj": 0.01}]],
        "energyweekdayschedule": [day] * 12, "energyweekendschedule": [[0] * 24] * 12,
        "demandratestructure": [[{"rate": 2.0}], [{"rate": 11.0}]],
        "demandweekdayschedule": [day] * 12, "demandweekendschedule": [[0] * 24] * 12,
        "flatdemandstructure": [[{"rate": 3.0}], [{"rate": 6.0}]],
        "flatdemandmonths": [0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0],
        "fixedchargefirstmeter": 50.0, "fixedchargeunits": "$/month",
    }  # fmt: skip
    (folder / "rate.json").write_text(json.dumps(rate))
    return {"kind": "urdb", "file": "rate.json"}


def sam(folder: Path) -> dict[str, object]:
    day = [1] * 8 + [2] * 12 + [1] * 4
    rate = {"ur_ec_tou_mat": [[1, 1, 1e38, 0, 0.1, 0.02], [2, 1, 1e38, 0, 0.3, 0.05]], "ur_metering_option": 2,
            "ur_ec_sched_weekday": [day] * 12, "ur_ec_sched_weekend": [[1] * 24] * 12, "ur_dc_enable": 1,
            "ur_dc_tou_mat": [[1, 1, 1e38, 4.0], [2, 1, 1e38, 9.0]], "ur_dc_sched_weekday": [day] * 12,
            "ur_dc_sched_weekend": [[1] * 24] * 12, "ur_monthly_fixed_charge": 30.0}  # fmt: skip
    (folder / "rate.json").write_text(json.dumps(rate))
    return {"kind": "sam", "file": "rate.json"}


FILES = {"hourly_prices": hourly_prices, "urdb": urdb, "sam": sam}


def case_of(name: str, folder: Path) -> dict[str, object]:
    if name in CASES:
        return CASES[name]
    example = TARIFFS.find(name).example
    assert example is not None or name in FILES, f"{name} needs an example, or a file made here"
    return dict(example) if example is not None else FILES[name](folder)


def metering(timeline: Timeline, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    net = rng.normal(100.0 + 50.0 * seed, 150.0, timeline.steps)
    return np.maximum(net, 0.0), np.maximum(-net, 0.0)


def objective(prices, import_kw, export_kw, step_h):
    """The optimiser's view of a cost, written here step by step and apart from the package."""
    cost = prices.constant + step_h * float(np.sum(prices.buy_per_kwh * import_kw - prices.sell_per_kwh * export_kw))
    for peak in prices.peaks:
        for group, rate in enumerate(peak.rate_per_kw):
            highest = import_kw[peak.group == group].max(initial=0.0)
            cost += rate * max(highest, 0.0 if peak.floor_kw is None else peak.floor_kw[group])
    return cost


EVERY = (*TARIFFS.names(), *CASES)


@pytest.fixture(params=EVERY)
def tariff(request, tmp_path):
    return read_tariff(case_of(request.param, tmp_path), tmp_path)


@pytest.mark.parametrize("span", TIMELINES)
def test_objective_and_bill_agree(tariff, span):
    timeline = TIMELINES[span]
    sheet = tariff.charges(timeline, CONNECTION)
    around, _ = metering(timeline, 1)
    prices = sheet.prices(around)
    for seed in (1, 2, 5):
        import_kw, export_kw = metering(timeline, seed)
        if seed == 1 or prices.exact:
            # A straightened tariff agrees at the import it was straightened around.
            export_kw = export_kw if prices.exact else np.zeros(timeline.steps)
            bill = sheet.bill(import_kw, export_kw).total
            assert objective(prices, import_kw, export_kw, timeline.step_h) == pytest.approx(bill, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("span", TIMELINES)
def test_tariff_in_full_costs_what_its_bill_says_for_every_import(tariff, span):
    timeline = TIMELINES[span]
    sheet = tariff.charges(timeline, CONNECTION)
    seen = sheet.prices(metering(timeline, 1)[0])
    if seen.full is None:
        return
    straight = tuple(seen.peaks[i] for i in seen.full.straight)
    first = replace(seen, buy_per_kwh=seen.full.buy_per_kwh, peaks=straight)
    differences = []
    for seed in (1, 2, 5):
        import_kw, export_kw = metering(timeline, seed)
        told = objective(first, import_kw, export_kw, timeline.step_h)
        bill = sheet.bill(import_kw, export_kw).total
        differences.append(bill - told - seen.full.bent_cost(import_kw, timeline.step_h))
    assert differences == pytest.approx([differences[0]] * 3, rel=1e-9, abs=1e-9 * abs(bill))  # what is left is fixed


def test_what_is_straightened_is_remarked(tariff):
    timeline = TIMELINES["a year of quarter hours"]
    sheet = tariff.charges(timeline, CONNECTION)
    prices = sheet.prices(metering(timeline, 1)[0])
    differing = []
    for seed in (2, 5):
        import_kw, export_kw = metering(timeline, seed)
        bill = sheet.bill(import_kw, export_kw).total
        differing.append(abs(objective(prices, import_kw, export_kw, timeline.step_h) - bill) > 1e-6 * abs(bill))
    if any(differing):
        assert not prices.exact
        assert set(prices.remarks) - set(sheet.bill(*metering(timeline, 1)).remarks)


def test_bill_adds_up_and_is_repeatable(tariff):
    timeline = TIMELINES["a year of quarter hours"]
    sheet = tariff.charges(timeline, CONNECTION)
    import_kw, export_kw = metering(timeline, 3)
    bill, again = sheet.bill(import_kw, export_kw), sheet.bill(import_kw, export_kw)
    assert len(bill.periods) == 12
    assert bill.currency == tariff.currency
    assert all(line.shape == (12,) for line in bill.lines.values())
    assert bill.total == pytest.approx(sum(line.sum() for line in bill.lines.values()))
    assert bill.total == again.total
    assert bill.import_kwh.sum() == pytest.approx(import_kw.sum() * 0.25)
    assert bill.peak_kw.max() == import_kw.max()


def test_every_figure_has_a_unit_like_name_a_source_and_unverified_ones_are_remarked(tariff):
    figures = tariff.figures()
    assert figures
    assert all(figure.source and np.isfinite(figure.value) for figure in figures.values())
    for name, figure in figures.items():
        if figure.confidence is Confidence.UNVERIFIED:
            assert any(remark.startswith(f"unverified: {name}") for remark in tariff.remarks)


def priced(part: object, key: str = "") -> list[float]:
    """Every number under a key that speaks of a price."""
    if isinstance(part, dict):
        kept = {name: inner for name, inner in part.items() if not name.startswith("up_to")}
        return [number for name, inner in kept.items() for number in priced(inner, key if "price" in key else name)]
    if isinstance(part, list):
        return [number for inner in part for number in priced(inner, key)]
    return [float(part)] if isinstance(part, int | float) and "price" in key else []


@pytest.mark.parametrize("name", [name for name in EVERY if name not in FILES])
def test_every_price_a_case_sets_is_a_figure(name, tmp_path):
    case = case_of(name, tmp_path)
    values = [figure.value for figure in read_tariff(case, tmp_path).figures().values()]
    assert set(priced(case)) <= set(values)


def test_remarks_of_the_tariff_reach_the_bill(tariff):
    timeline = TIMELINES["ten days across a month's end"]
    bill = tariff.charges(timeline, CONNECTION).bill(*metering(timeline, 1))
    assert set(tariff.remarks) <= set(bill.remarks)


@pytest.mark.parametrize("name", TARIFFS.names())
def test_entry_introduces_itself_and_refuses_unknown_keys(name, tmp_path):
    kind = TARIFFS.find(name)
    assert kind.title_en and kind.title_zh and kind.sources
    assert len(kind.summary) > 40
    with pytest.raises(InputError, match="unknown key"):
        read_tariff(case_of(name, tmp_path) | {"nonsense": 1}, tmp_path)
