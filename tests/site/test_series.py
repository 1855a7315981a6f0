"""Series from files: stamps, clock changes, order, gaps and filling."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from perdure.errors import InputError
from perdure.site.inputs import TableInput
from perdure.site.series import read_series

BERLIN = "Europe/Berlin"


def spec(**changes):
    return TableInput.model_validate({"file": "s.csv", "column": "kw", "time_column": "time"} | changes)


def local_quarters(first, last, zone=BERLIN):
    """Every quarter hour of a stretch as a meter on the local clock writes it."""
    return pd.date_range(first, last, freq="15min", tz=zone, inclusive="left").strftime("%Y-%m-%d %H:%M")


def write(folder, stamps, values=None, name="s.csv"):
    table = pd.DataFrame({"time": stamps, "kw": np.arange(len(stamps)) * 1.0 if values is None else values})
    table.to_csv(folder / name, index=False)


def fault(folder, zone=BERLIN, **changes):
    with pytest.raises(InputError) as told:
        read_series(spec(**changes), folder, zone)
    return "\n".join(str(one) for one in told.value.faults)


@pytest.mark.parametrize(
    ("first", "last", "quarters"), [("2025-03-30", "2025-03-31", 92), ("2025-10-26", "2025-10-27", 100)]
)
def test_local_stamps_follow_the_clock_change(tmp_path, first, last, quarters):
    write(tmp_path, local_quarters(first, last))
    reading = read_series(spec(), tmp_path, BERLIN)
    assert reading.timeline.steps == quarters
    assert reading.timeline.start == pd.Timestamp(first, tz=BERLIN)
    assert reading.timeline.end == pd.Timestamp(last, tz=BERLIN)
    np.testing.assert_array_equal(reading.values, np.arange(quarters))


def test_a_local_year_with_both_clock_changes_has_all_hours(tmp_path):
    write(tmp_path, local_quarters("2025-01-01", "2026-01-01"))
    reading = read_series(spec(), tmp_path, BERLIN)
    assert reading.timeline.steps == 35_040
    assert not np.isnan(reading.values).any()


def test_stamps_without_clock_change_are_named_and_cured(tmp_path):
    plain = pd.date_range("2025-03-30", "2025-03-31", freq="15min", inclusive="left").strftime("%Y-%m-%d %H:%M")
    write(tmp_path, plain)
    told = fault(tmp_path)
    assert "(4) that do not exist in Europe/Berlin" in told and "line 10 (2025-03-30 02:00" in told
    assert "zone: '+01:00'" in told
    assert read_series(spec(zone="+01:00"), tmp_path, BERLIN).timeline.steps == 96


def test_an_hour_left_out_when_the_clock_goes_back_is_ambiguous(tmp_path):
    plain = pd.date_range("2025-10-26", "2025-10-27", freq="15min", inclusive="left").strftime("%Y-%m-%d %H:%M")
    write(tmp_path, plain)
    told = fault(tmp_path)
    assert "(4) that are ambiguous" in told and "2025-10-26 02:00" in told


def test_end_stamps_name_the_same_intervals(tmp_path):
    starts = local_quarters("2025-10-26", "2025-10-27")
    ends = pd.date_range("2025-10-26 00:15", periods=100, freq="15min", tz=BERLIN).strftime("%Y-%m-%d %H:%M")
    write(tmp_path, starts)
    write(tmp_path, ends, name="e.csv")
    by_start = read_series(spec(), tmp_path, BERLIN)
    by_end = read_series(spec(file="e.csv", stamps="end"), tmp_path, BERLIN)
    assert by_start.timeline == by_end.timeline


def test_24_00_is_the_end_of_the_day(tmp_path):
    write(tmp_path, ["2025/1/1 23:45", "2025/1/1 24:00", "2025/1/2 0:15"])
    reading = read_series(spec(stamps="end"), tmp_path, "Asia/Shanghai")
    assert reading.timeline.end == pd.Timestamp("2025-01-02 00:15", tz="Asia/Shanghai")


def test_stamps_with_offset_need_no_zone(tmp_path):
    write(tmp_path, ["2025-01-01T00:00+08:00", "2025-01-01T01:00+08:00"])
    assert read_series(spec(), tmp_path, "UTC").timeline.start == pd.Timestamp("2024-12-31 16:00", tz="UTC")


def test_day_before_month_is_not_guessed(tmp_path):
    write(tmp_path, ["01.02.2025 00:00", "01.02.2025 01:00"])
    assert "time_format" in fault(tmp_path)
    reading = read_series(spec(time_format="%d.%m.%Y %H:%M"), tmp_path, "UTC")
    assert reading.timeline.start == pd.Timestamp("2025-02-01", tz="UTC")


def test_rows_without_stamps_start_where_the_case_says(tmp_path):
    write(tmp_path, ["", ""])
    reading = read_series(spec(time_column=None, start="2025-01-01", step_minutes=60), tmp_path, "Asia/Shanghai")
    assert reading.timeline.start == pd.Timestamp("2025-01-01", tz="Asia/Shanghai")


def test_duplicate_unsorted_and_off_grid_stamps_are_named(tmp_path):
    stamps = list(local_quarters("2025-01-01", "2025-01-02"))
    write(tmp_path, [*stamps[:5], stamps[4], *stamps[5:]])
    assert "come twice (1): line 7 (2025-01-01 01:00)" in fault(tmp_path)
    write(tmp_path, [*stamps[:5], stamps[6], stamps[5], *stamps[7:]])
    assert "go back in time (1): line 8 (2025-01-01 01:15)" in fault(tmp_path)
    write(tmp_path, [*stamps[:5], "2025-01-01 01:17", *stamps[6:]])
    assert "off the 15 min grid of the first row (1): line 7" in fault(tmp_path)


def test_text_in_a_cell_is_named_and_many_are_counted(tmp_path):
    values = [1.0] * 91 + ["bad"] * 5
    write(tmp_path, local_quarters("2025-01-01", "2025-01-02"), values)
    told = fault(tmp_path)
    assert "not numbers (5): line 93 (bad), line 94 (bad), line 95 (bad) and 2 more" in told


def test_faults_of_stamps_and_cells_are_told_together(tmp_path):
    write(tmp_path, ["2025-01-01 00:00", "soon", "2025-01-01 02:00"], ["x", 1, 2])
    told = fault(tmp_path)
    assert "line 3 (soon)" in told and "line 2 (x)" in told


def gappy(folder, hole):
    """Two days of quarters whose value is the quarter of the day, with a hole."""
    stamps = np.asarray(local_quarters("2025-01-01", "2025-01-17"))
    values = (np.arange(len(stamps)) % 96).astype(float)
    values[hole] = np.nan
    write(folder, stamps, values)


@pytest.mark.parametrize("fill", ["interpolate", "previous_day", "previous_week"])
def test_gap_is_filled_as_the_case_says(tmp_path, fill):
    gappy(tmp_path, slice(1000, 1008))
    reading = read_series(spec(fill=fill), tmp_path, BERLIN)
    np.testing.assert_allclose(reading.values[1000:1008], np.arange(1000, 1008) % 96)
    assert "gaps (1) of 2 h together" in reading.remarks[0]
    assert (reading.origin == -1).sum() == 8


def test_gap_filled_with_zero_is_zero(tmp_path):
    gappy(tmp_path, slice(1000, 1008))
    assert not read_series(spec(fill="zero"), tmp_path, BERLIN).values[1000:1008].any()


def test_gap_longer_than_allowed_stays_a_fault(tmp_path):
    gappy(tmp_path, slice(1000, 1020))
    told = fault(tmp_path, fill="interpolate", fill_at_most_hours=4.0)
    assert "line 1002" in told and "20 of 15 min: empty" in told and "at most 4 h" in told


def test_gap_without_a_week_before_it_is_a_fault(tmp_path):
    gappy(tmp_path, slice(10, 12))
    assert "comes too early" in fault(tmp_path, fill="previous_week")


def test_semicolons_decimal_commas_and_chinese_encoding_are_read(tmp_path):
    (tmp_path / "s.csv").write_bytes("时间;负荷\n2025-01-01 00:00;1,5\n2025-01-01 01:00;2,5\n".encode("gbk"))
    assert "encoding: gbk" in fault(tmp_path, column="负荷", time_column="时间")
    shaped = {"column": "负荷", "time_column": "时间", "encoding": "gbk"}
    assert "separated by ';'" in fault(tmp_path, **shaped)
    reading = read_series(spec(**shaped, separator=";", decimal=","), tmp_path, BERLIN)
    np.testing.assert_array_equal(reading.values, [1.5, 2.5])


def test_parquet_gives_what_csv_gives(tmp_path):
    stamps = local_quarters("2025-01-01", "2025-01-03")
    write(tmp_path, stamps)
    table = pd.DataFrame({"time": pd.to_datetime(stamps), "kw": np.arange(len(stamps)) * 1.0})
    table.to_parquet(tmp_path / "s.parquet")
    table.set_index("time").to_parquet(tmp_path / "i.parquet")
    csv = read_series(spec(), tmp_path, BERLIN)
    for name in ("s.parquet", "i.parquet"):
        parquet = read_series(spec(file=name), tmp_path, BERLIN)
        assert parquet.timeline == csv.timeline
        np.testing.assert_array_equal(parquet.values, csv.values)
