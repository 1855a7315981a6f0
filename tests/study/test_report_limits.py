"""The report's rows on limits: a buyer's words and units, in both languages, for plans with and without services."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from perdure.dispatch.program import LimitPrice
from perdure.study.reports.limits import limit_rows
from perdure.study.reports.page import report_html
from study.test_report import make_outcome

WORTH = {
    "import limit": 12.3, "capacity of store": 140.0, "charge power of store": 20.0, "discharge power of store": 30.0,
    "least of reserve": 4.0, "export limit": 0.0, "Demand: width of cheaper steps": 300.0, "backup": 2.0,
}  # fmt: skip


def with_prices(worth):
    outcome = make_outcome()
    units = {"backup": "kWh"}
    prices = tuple(LimitPrice(name, units.get(name, "kW"), np.array([value])) for name, value in worth.items())
    first = outcome.candidates[0]
    plans = {1: SimpleNamespace(limit_prices={one.name: one for one in prices}), 20: SimpleNamespace(limit_prices={})}
    told = replace(first, life=replace(first.life, plans=plans))
    return replace(outcome, candidates=(told, *outcome.candidates[1:]))


def test_limits_are_told_in_words_a_buyer_reads_dearest_first():
    rows = limit_rows(with_prices(WORTH).candidates[0], "en")
    assert rows == [
        ("One more kWh of usable storage, all year", "140.0 CNY a year"),
        ("One more kW of converter, both ways, all year", "50.0 CNY a year"),
        ("One more kW of connection, all year", "12.3 CNY a year"),
        ("One kW less that must be held for reserve, all year", "4.0 CNY a year"),
        ("One kWh less of Backup of a critical load, all year", "2.0 CNY a year"),
    ]


def test_several_stores_are_told_apart_by_name():
    rows = limit_rows(with_prices({"capacity of North": 9.0, "capacity of South": 7.0}).candidates[0], "en")
    assert [name for name, _ in rows] == [
        "One more kWh of usable storage, all year (North)",
        "One more kWh of usable storage, all year (South)",
    ]


def test_chinese_page_tells_limits_in_chinese():
    page = report_html(with_prices(WORTH), "zh")
    assert "并网购电功率上限每增加 1 kW（全年）" in page
    assert "12.3 元/年" in page
    assert "重要负荷后备 要求每减少 1 kWh（全年）" in page
    assert "import limit" not in page


def test_no_section_where_no_limit_is_known():
    assert limit_rows(make_outcome().candidates[0], "en") == []
