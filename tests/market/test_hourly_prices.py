from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perdure.errors import InputError
from perdure.market.reading import read_tariff
from perdure.market.tariff import Connection
from perdure.timeline import Timeline


def write(folder, stamps, name="prices.csv", **columns):
    table = pd.DataFrame({"t": stamps, **columns})
    path = folder / name
    table.to_csv(path, index=False) if name.endswith("csv") else table.to_parquet(path)
    return path


def case(**changes):
    return {"kind": "hourly_prices", "unit": "CNY/MWh", "file": "prices.csv", "column": "price",
            "zone": "Asia/Shanghai"} | changes  # fmt: skip


def faults_of(data, folder):
    with pytest.raises(InputError) as told:
        read_tariff(data, folder)
    return {fault.place: str(fault) for fault in told.value.faults}


def test_prices_per_mwh_of_a_csv_become_prices_per_kwh_on_the_local_clock(tmp_path):
    write(tmp_path, pd.date_range("2025-03-01", periods=48, freq="h"), price=np.arange(48.0), sell=np.full(48, 100.0))
    tariff = read_tariff(case(sell_column="sell", added_price_per_kwh=0.2), tmp_path)
    assert tariff.currency == "CNY"
    timeline = Timeline(pd.Timestamp("2025-03-02", tz="Asia/Shanghai"), 15, 96, "Asia/Shanghai")
    prices = tariff.charges(timeline, Connection()).prices(np.zeros(96))
    assert prices.buy_per_kwh == pytest.approx(np.repeat(np.arange(24.0, 48.0), 4) / 1000 + 0.2)
    assert prices.sell_per_kwh == pytest.approx(np.full(96, 0.1))
    assert tariff.remarks == ()


def test_finer_prices_are_averaged_and_that_is_said(tmp_path):
    write(tmp_path, pd.date_range("2025-03-01", periods=96, freq="15min"), "p.parquet", price=np.arange(96.0))
    tariff = read_tariff(case(file="p.parquet", unit="CNY/kWh"), tmp_path)
    timeline = Timeline(pd.Timestamp("2025-03-01", tz="Asia/Shanghai"), 60, 24, "Asia/Shanghai")
    prices = tariff.charges(timeline, Connection()).prices(np.zeros(24))
    assert prices.buy_per_kwh[:2].tolist() == [1.5, 5.5]
    assert any("15 min are averaged" in remark for remark in prices.remarks)


def test_clock_change_in_the_file_is_followed(tmp_path):
    local = pd.date_range("2025-10-25", "2025-10-28", freq="h", tz="Europe/Berlin", inclusive="left")
    write(tmp_path, local.tz_localize(None), price=np.arange(73.0))
    tariff = read_tariff(case(zone="Europe/Berlin", unit="EUR/kWh"), tmp_path)
    timeline = Timeline(local[0], 60, 73, "Europe/Berlin")
    assert tariff.charges(timeline, Connection()).prices(np.zeros(73)).buy_per_kwh.tolist() == list(range(73))


def test_arrays_in_code_need_no_file():
    data = {"kind": "hourly_prices", "unit": "EUR/kWh", "buy_prices": [0.1, 0.2], "sell_prices": [0.05, 0.06],
            "start": "2025-01-01T00:00:00+01:00"}  # fmt: skip
    timeline = Timeline(pd.Timestamp("2024-12-31 23:00", tz="UTC"), 60, 2)
    prices = read_tariff(data, Path()).charges(timeline, Connection()).prices(np.zeros(2))
    assert prices.buy_per_kwh.tolist() == [0.1, 0.2]
    assert prices.sell_per_kwh.tolist() == [0.05, 0.06]


def test_prices_that_do_not_cover_the_timeline_are_refused(tmp_path):
    write(tmp_path, pd.date_range("2025-03-01", periods=48, freq="h"), price=np.arange(48.0))
    tariff = read_tariff(case(), tmp_path)
    with pytest.raises(InputError, match="does not cover"):
        tariff.charges(Timeline.year(2025, "Asia/Shanghai", 60), Connection())


def test_faults_of_a_price_file_are_named(tmp_path):
    write(tmp_path, pd.date_range("2025-03-01", periods=48, freq="h"), price=np.arange(48.0))
    assert "does not exist" in faults_of(case(file="none.csv"), tmp_path)["tariff.file"]
    assert "Did you mean 'price'?" in faults_of(case(column="prize"), tmp_path)["tariff.column"]
    assert "is needed" in faults_of(case(zone=None), tmp_path)["tariff.zone"]
    assert "is no time zone" in faults_of(case(zone="Asia/Shangai"), tmp_path)["tariff.zone"]
    assert "is missing" in faults_of(case(column=None), tmp_path)["tariff.column"]
    assert "but not both" in faults_of(case(file=None), tmp_path)["tariff.file"]
    assert "differs" in faults_of(case(currency="EUR"), tmp_path)["tariff.currency"]
    assert "tariff.unit" in faults_of(case(unit="CNY/GWh"), tmp_path)


def test_gaps_and_leaps_in_a_price_file_are_named_with_their_row(tmp_path):
    stamps = pd.date_range("2025-03-01", periods=48, freq="h")
    write(tmp_path, stamps, price=np.where(np.arange(48) == 7, np.nan, 1.0))
    assert "the first in row 8" in faults_of(case(), tmp_path)["tariff.column"]
    write(tmp_path, stamps.delete(5), price=np.ones(47))
    assert "in row 6" in faults_of(case(), tmp_path)["tariff.time_column"]


def test_absolute_path_is_taken_as_it_is(tmp_path):
    path = write(tmp_path, pd.date_range("2025-03-01", periods=4, freq="h"), price=np.ones(4))
    assert read_tariff(case(file=str(path)), Path("/nowhere")).currency == "CNY"


def test_measured_spot_prices_are_read(reference):
    path = reference("price/cn_gansu_spot_2024-01_07_15min.parquet")
    tariff = read_tariff(case(file=str(path), column="da_cny_mwh"), Path())
    timeline = Timeline(pd.Timestamp("2024-02-01", tz="Asia/Shanghai"), 15, 96, "Asia/Shanghai")
    expected = pd.read_parquet(path).set_index("t").da_cny_mwh["2024-02-01"].to_numpy() / 1000
    found = tariff.charges(timeline, Connection()).prices(np.zeros(96)).buy_per_kwh
    np.testing.assert_allclose(found, expected, rtol=1e-6)
