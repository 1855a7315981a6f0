"""Everything a service may tell a reader has its Chinese."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from contracts.test_services import CASES, EVERY, case_of, kept, setting_of
from perdure.dispatch.serving import HELD_MARGIN_SHARE
from perdure.market.service import Delivered
from perdure.market.service_reading import SERVICES, read_service
from perdure.market.stack import check_stack
from perdure.study.reports.assumptions import assumption_blocks
from perdure.study.reports.service_names import line_title, outage_title
from perdure.study.reports.translation import in_chinese
from perdure.timeline import Timeline
from study.test_report import make_outcome
from study.test_translation import CHINESE, check, check_figures

YEAR = Timeline.year(2025, "Asia/Shanghai", 60)
MORE = {
    "weak hunan": {"kind": "frequency_regulation_hunan_2025", "mileage_price_per_mw": 10.0,
                   "mileage_mw_per_mw_h": 12.0, "performance": 0.2},
    "weak pjm": {"kind": "frequency_regulation_pjm", "capability_price_per_mw_h": 30.0, "performance_price_per_mw": 6.0,
                 "performance": 0.2},
    "greedy firming": {"kind": "firming", "currency": "CNY", "shortfall_price_per_kwh": 0.6,
                       "surplus_price_per_kwh": 0.2,
                       "windows": [{"hours": "02:00-05:00", "export_kw": -25000.0},
                                   {"hours": "18:00-23:00", "export_kw": 25000.0}]},
}  # fmt: skip


@pytest.mark.parametrize("name", [*EVERY, *MORE])
def test_what_a_service_tells_has_its_chinese(name):
    service = read_service((CASES | MORE)[name] if name in CASES | MORE else case_of(name), Path())
    check_figures(service.figures())
    words = [*service.remarks]
    setting = setting_of(YEAR)
    small = replace(setting, discharge_kw=3000.0, charge_kw=50.0, energy_kwh=31000.0)
    for site in (setting, small):
        words += check_stack([service], site, "hourly_prices")
        terms = service.terms(site)
        words += service.settle(site, kept(terms, site)).told
        bad = np.random.default_rng(0).normal(0.0, 9000.0, YEAR.steps)
        nothing = Delivered(bad, bad, np.zeros(YEAR.steps), 0.9, {})
        settled = service.settle(site, nothing)
        words += settled.told
        assert [line for line in settled.lines if not CHINESE.search(in_chinese(line, "words") or "")] == []
    check(words)


def test_every_kind_is_called_by_its_chinese_title_where_it_has_no_other_name():
    assert {kind.name: in_chinese(kind.name, "words") for kind in SERVICES} == {
        kind.name: kind.title("zh") for kind in SERVICES
    }


@pytest.mark.parametrize(
    ("line", "english", "chinese"),
    [
        ("firming: firming: shortfall", "Firming to a schedule: shortfall", "跟踪计划出力：少供考核"),
        ("firming: surplus", "Firming to a schedule: surplus", "跟踪计划出力：多供考核"),
        ("frequency_regulation: frequency_regulation", "Frequency regulation", "调频"),
        ("my own: my own: shortfall", "my own: shortfall", "my own：少供考核"),
        ("my own: my own", "my own", "my own"),
    ],
)
def test_lines_of_services_are_told_by_title_and_once(line, english, chinese):
    assert line_title(line, "en").startswith(english)
    assert chinese in line_title(line, "zh")
    assert "_" not in line_title(line, "zh")


def test_outages_are_told_with_the_title_of_their_service():
    assert outage_title("backup, 4 h", "en") == "Backup of a critical load, 4 h"
    assert outage_title("backup, 4 h", "zh") == "重要负荷后备, 4 h"
    assert outage_title("Typhoon, 4 h", "zh") == "Typhoon, 4 h"


def test_every_figure_of_a_service_stands_among_the_assumptions():
    outcome = make_outcome()
    service = read_service({"kind": "backup", "critical_kw": 5.0, "hours": 2.0}, Path())
    site = replace(outcome.case.site, services=(service,))
    first = outcome.candidates[0]
    told = replace(first, life=replace(first.life, site=replace(first.life.site, services=(service,))))
    outcome = replace(outcome, case=replace(outcome.case, site=site), candidates=(told,))
    for language, title in (("en", "Service: Backup of a critical load"), ("zh", "辅助服务：重要负荷后备")):
        (block,) = [one for one in assumption_blocks(outcome, language) if one.title == title]
        figures = {line.figure for line in block.lines}
        assert figures >= set(service.figures().values())
        assert HELD_MARGIN_SHARE in figures
