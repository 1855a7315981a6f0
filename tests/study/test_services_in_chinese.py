"""Everything a service may tell a reader has its Chinese."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from contracts.test_services import CASES, EVERY, case_of, kept, setting_of
from perdure.market.service import Delivered
from perdure.market.service_reading import SERVICES, read_service
from perdure.market.stack import check_stack
from perdure.study.reports.translation import in_chinese
from perdure.timeline import Timeline
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
