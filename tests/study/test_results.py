"""Results on disk: whole, readable by other tools, and saying how they were made."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from perdure.economics.cashflow import worth
from perdure.errors import InputError
from perdure.quantities import QUANTITIES
from perdure.simulate.result import SERIES, Life, Result
from perdure.study.answer_tables import side_by_side
from perdure.study.case import read_case
from perdure.study.outcome import CandidateOutcome, Outcome
from perdure.study.output_folder import whole_folder
from perdure.study.results import write_results
from perdure.study.tables_out import label


@pytest.fixture
def outcome(case_folder):
    """A sound case with a life of three years written by hand."""
    case = read_case(case_folder.write(lambda data: data["candidates"][0].update(name="Toy: 2 h / fast")))
    one, site = case.candidates[0], case.site
    always = {"cost_without": 900.0, "cost_with": 700.0, "charged_kwh": 500.0, "discharged_kwh": 400.0,
              "full_cycles": 4.0, "replaced": 0, "replaced_kwh": 0.0, "added_kwh": 0.0, "added_kw": 0.0,
              "stacks_renewed": 0, "capacity_share": 1.0, "capacity_kwh": 1e3,
              "saving": 200.0}  # fmt: skip
    years = pd.DataFrame({"year": [1, 2, 3], **always})
    months = pd.DataFrame({"year": [1], "period": ["2025-01"], "cost_without": 75.0, "cost_with": 60.0})
    series = pd.DataFrame(dict.fromkeys(SERIES, 1.0), index=site.timeline.stamps)
    sample = Result(site, series, site.bill_without, {"load_kw": np.float64(3.0), "lost": float("nan")}, 0.5, 20.0)
    life = Life(site, years, months, (site.bill_without,) * 3, {1: sample}, ("a remark",), {"seconds": 0.1})
    priced = worth(life, one.plant, one.costs, case.finance)
    return Outcome(case, site.bill_without, (CandidateOutcome(one, life, priced),))


def test_results_hold_case_totals_tables_and_origin(outcome, tmp_path):
    write_results(outcome, tmp_path, 1.5)
    assert (tmp_path / "case.yaml").read_text("utf-8") == outcome.case.text
    totals = json.loads((tmp_path / "totals.json").read_text("utf-8"))
    told = totals["candidates"]["Toy: 2 h / fast"]
    assert told["metrics"]["npv"] == pytest.approx(outcome.candidates[0].worth.metrics.npv)
    assert told["years"]["1"] == {"load_kw": 3.0, "lost": None}
    made = json.loads((tmp_path / "made_by.json").read_text("utf-8"))
    assert made["seconds"] == 1.5
    assert "made up for tests" in made["sources"]["estimate"]
    folder = tmp_path / "1_Toy_2_h_fast"
    assert len(pd.read_parquet(folder / "series_year_01.parquet")) == 8760
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "years.parquet"), outcome.candidates[0].life.years)
    assert {path.name for path in folder.iterdir()} == {
        "years.parquet", "months.parquet", "cash_flow.parquet", "series_year_01.parquet"
    }  # fmt: skip


def test_tables_for_a_spreadsheet_stand_beside_the_results(outcome, tmp_path):
    write_results(outcome, tmp_path, 1.5)
    book = load_workbook(tmp_path / "tables.xlsx")
    parts = ("years", "months", "cash_flow", "capital")
    names = ["comparison", *(f"1_Toy_2_h_fast_{part}" for part in parts)]
    assert book.sheetnames == ["about", *names]
    assert {path.stem for path in (tmp_path / "tables").iterdir()} == set(names)
    one = outcome.candidates[0]
    side = pd.read_csv(tmp_path / "tables" / "comparison.csv")
    assert side["candidate"].tolist() == ["Toy: 2 h / fast"]
    assert side["npv"].iloc[0] == pytest.approx(one.worth.metrics.npv)
    flow = book["1_Toy_2_h_fast_cash_flow"]
    headings = [cell.value for cell in flow[1]]
    column = headings.index(label("net", one.worth.metrics.currency)) + 1
    written = [flow.cell(row, column).value for row in range(2, 6)]
    assert written == pytest.approx(one.worth.cash_flow["net"].tolist(), rel=1e-14)
    told = {row[1].value for row in book["about"].iter_rows(max_col=2)}
    assert {outcome.case.title, "made up for tests"} <= told


def test_every_column_of_the_side_by_side_table_is_in_the_table_of_names(outcome):
    assert set(side_by_side(outcome).columns) <= set(QUANTITIES)


def test_a_failure_keeps_the_earlier_results(tmp_path):
    target = tmp_path / "results"
    with whole_folder(target) as folder:
        (folder / "made_by.json").write_text("{}")
    with pytest.raises(RuntimeError), whole_folder(target) as folder:
        (folder / "half.txt").write_text("half")
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["results"]
    assert [path.name for path in target.iterdir()] == ["made_by.json"]


def test_a_file_is_not_taken_for_a_folder(tmp_path):
    (tmp_path / "results").write_text("")
    with pytest.raises(InputError, match="is a file"), whole_folder(tmp_path / "results"):
        pass
