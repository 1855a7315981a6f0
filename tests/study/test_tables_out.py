"""Tables for a spreadsheet: labelled with units, formatted by them, frozen at the top, and texts never formulas."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from perdure.quantities import QUANTITIES
from perdure.study.tables_out import LONGEST_NAME, About, Table, label, sheet_names, write_tables

ABOUT = About("Wujin", "CNY", {"tables.made_by": "perdure 0"}, {"published": ["NREL", "PNNL"], "estimate": ["a guess"]})


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {"year": [1, 2], "saving": [1234.5, np.nan], "capacity_share": [1.0, 0.953], "method": ["=1+1", "exact"],
         "lcos_per_kwh": [0.51234, np.inf], "mine": [pd.Timestamp("2025-01-01", tz="UTC"), None]}
    )  # fmt: skip


@pytest.fixture
def book(frame, tmp_path):
    write_tables(tmp_path, {"1_LFP_years": Table(frame, "CNY", "year by year")}, ABOUT)
    return load_workbook(tmp_path / "tables.xlsx")


def test_the_first_sheet_tells_the_case_its_sheets_and_its_sources(book):
    assert book.sheetnames == ["about", "1_LFP_years"]
    told = [(row[0].value, row[1].value) for row in book["about"].iter_rows(max_col=2)]
    assert told[0][1] == "Wujin"
    assert told[1][1] == "CNY"
    assert ("1_LFP_years", "year by year") in told
    assert [row for row in told if row[0] in ("published", "estimate")] == [
        ("published", "NREL"), ("published", "PNNL"), ("estimate", "a guess")
    ]  # fmt: skip


def test_headings_carry_the_label_and_unit_in_both_languages_and_stay_in_sight(book):
    sheet = book["1_LFP_years"]
    assert sheet.cell(1, 2).value == "Saving (CNY)\n节省电费 (CNY)"
    assert sheet.cell(1, 6).value == "mine"
    assert sheet.freeze_panes == "B2"
    assert all(sheet.cell(1, number).font.bold for number in range(1, 7))


def test_numbers_are_formatted_by_their_unit_and_stay_exact(book):
    sheet = book["1_LFP_years"]
    assert (sheet["B2"].value, sheet["B2"].number_format) == (1234.5, "#,##0")
    assert (sheet["C3"].value, sheet["C3"].number_format) == (0.953, "0.0%")
    assert sheet["E2"].number_format == "0.0000"
    assert sheet["A2"].value == 1


def test_what_is_no_number_leaves_the_cell_empty(book):
    sheet = book["1_LFP_years"]
    assert sheet["B3"].value is None
    assert sheet["E3"].value is None
    assert sheet["F3"].value is None


def test_a_text_that_begins_like_a_formula_stays_a_text(book):
    assert (book["1_LFP_years"]["D2"].value, book["1_LFP_years"]["D2"].data_type) == ("=1+1", "s")


def test_csv_keeps_the_names_of_columns_and_opens_as_utf_8(frame, tmp_path):
    frame["method"] = ["精确", "精确"]
    write_tables(tmp_path, {"years": Table(frame)}, ABOUT)
    raw = (tmp_path / "tables" / "years.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    back = pd.read_csv(StringIO(raw.decode("utf-8-sig")))
    assert list(back.columns) == list(frame.columns)
    assert back["capacity_share"].tolist() == frame["capacity_share"].tolist()


def test_names_of_sheets_are_short_plain_and_different():
    long = "a_very_long_name_of_a_candidate_cash_flow"
    found = sheet_names([long, long.upper(), "a/b:c", "About"])
    assert all(len(name) <= LONGEST_NAME for name in found)
    assert len({name.lower() for name in [*found, "about"]}) == 5
    assert found[2] == "a_b_c"


def test_every_label_of_a_money_column_names_the_currency():
    money = [name for name, one in QUANTITIES.items() if one.unit == "currency"]
    assert money
    assert all(label(name, "EUR").count("EUR") == 2 for name in money)
