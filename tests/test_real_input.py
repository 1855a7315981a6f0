"""Whole runs on real input: a steel plant under the Jiangsu tariff, a commercial building under SAM's tariff."""

from __future__ import annotations

from pathlib import Path

import pytest

from perdure.study.case import read_case
from perdure.study.run import run_case

DATA = Path(__file__).parents[2] / "shared" / "data"

STEEL = """
title: Steel plant under the Jiangsu tariff
site: {{name: Steel plant, zone: Asia/Seoul}}
load:
  file: {data}/load/kr_steel_2018_15min.parquet
  column: p_kw
  unit: kW
  time_column: {time}
  zone: Asia/Seoul
ambient: {{weather_file: {data}/weather/CHN_Jiangsu.Nanjing.582380_CSWD.epw.gz}}
connection: {{import_limit_kw: 1000, transformer_kva: 1000}}
tariff: {{kind: jiangsu_2025}}
candidates:
  - {{name: Nickel-hydrogen, technology: nickel_hydrogen, energy_kwh: 800, power_kw: 200}}
  - {{name: LFP, technology: lfp, energy_kwh: 800, power_kw: 200}}
lifetime: {{years: 3}}
"""

SAM = """
title: Commercial building under SAM's tariff
site: {{name: SAM commercial, zone: Etc/GMT+7}}
load:
  file: {data}/load/us_sam_commercial_hourly_kw.parquet
  column: {column}
  unit: kW
  start: 2018-01-01 00:00
  step_minutes: 60
ambient: {{constant_c: 20}}
connection: {{import_limit_kw: 1000}}
tariff: {{kind: sam, file: {data}/tariff/us_sam_commercial_tou_demand.json}}
candidates:
  - {{name: LFP, technology: lfp, energy_kwh: 400, power_kw: 100}}
finance: {{currency: USD, exchange_rates: {{CNY: 0.14}}}}
lifetime: {{years: 3}}
"""


def answered(tmp_path: Path, text: str, needed: str, **words: str):
    if not (DATA / needed).exists():
        pytest.skip(f"reference data '{needed}' is not beside the project")
    path = tmp_path / "case.yaml"
    path.write_text(text.format(data=DATA, **words), encoding="utf-8")
    return run_case(read_case(path))


def test_steel_plant_saves_energy_and_demand(tmp_path):
    outcome = answered(tmp_path, STEEL, "load/kr_steel_2018_15min.parquet", time="t")
    assert outcome.case.site.load_kw.sum() / 4 == pytest.approx(959.6e3, rel=1e-3)  # as the data's notes say
    for one in outcome.candidates:
        years, bill = one.life.years, one.life.bills[0]
        assert years["saving"].iloc[0] > 0.05 * outcome.bill_without.total
        assert years["saving"].iloc[0] >= 0.95 * years["planned_saving"].iloc[0]
        for charge in ("Energy", "Demand"):
            assert bill.lines[charge].sum() < outcome.bill_without.lines[charge].sum()
        assert 0.7 < years["round_trip_share"].iloc[0] < 0.95
        assert any("unverified" in remark for remark in bill.remarks)


def test_sam_building_saves_under_a_tariff_that_bends(tmp_path):
    """Tiered demand charges are straightened for the plan and told so; the bill stays exact and must fall."""
    outcome = answered(tmp_path, SAM, "tariff/us_sam_commercial_tou_demand.json", column="p_kw")
    years = outcome.candidates[0].life.years
    assert (years["saving"] > 0).all()
    assert years["method"].tolist() == ["exact"] * 3
    assert any("tier" in remark for remark in outcome.candidates[0].life.remarks)
