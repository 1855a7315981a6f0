from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from market.service_site import FIRM, ZONE, delivered, faults_of, read, site
from perdure.errors import InputError
from perdure.market.stack import check_stack


def test_block_mean_promises_each_hours_mean_of_generation():
    sun = np.tile([100.0, 300.0], 168)
    setting = site(generation_kw=sun, load_kw=50.0)
    commitment = read(FIRM | {"smoothing": "block_mean", "tolerance_share": 0.1}).terms(setting).commitments[0]
    assert np.allclose(commitment.grid_kw, 50.0 - 200.0)
    assert np.allclose(commitment.tolerance_kw, 15.0)


def test_promised_smoothing_stays_within_the_export_limit():
    setting = site(generation_kw=5000.0)
    assert np.allclose(read(FIRM | {"smoothing": "block_mean"}).terms(setting).commitments[0].grid_kw, -1500.0)


def test_yesterday_promises_nothing_on_the_first_day():
    sun = np.repeat(np.arange(7.0) * 100.0, 48)
    grid = read(FIRM | {"smoothing": "yesterday"}).terms(site(generation_kw=sun, load_kw=0.0)).commitments[0].grid_kw
    assert np.isnan(grid[:48]).all()
    assert np.allclose(grid[48:], -sun[:-48])


def test_schedule_is_read_from_a_column_in_its_unit(tmp_path):
    stamps = pd.date_range("2025-07-14", periods=168, freq="h", tz=ZONE)
    pd.DataFrame({"start": stamps, "export_mw": np.arange(168) / 1000.0}).to_csv(tmp_path / "plan.csv", index=False)
    data = FIRM | {"schedule_kw": {"file": "plan.csv", "column": "export_mw", "scale": 1000.0}}
    grid = read(data, tmp_path).terms(site()).commitments[0].grid_kw
    assert np.allclose(grid, -np.repeat(np.arange(168.0), 2))


def test_deviation_is_settled_beyond_its_tolerance_only():
    setting = site()
    data = FIRM | {
        "tolerance_kw": 20.0,
        "windows": [{"hours": "17:00-18:00", "export_kw": 300.0, "dates": ["2025-07-15"]}],
    }
    service = read(data)
    grid = np.full(336, 777.0)
    grid[48 + 34], grid[48 + 35] = -220.0, -330.0  # 80 kW too little, 30 kW too much, for half an hour each
    found = service.settle(setting, delivered(setting, grid_kw=grid))
    assert found.lines["firming: shortfall"] == pytest.approx([-0.6 * 60.0 * 0.5])
    assert found.lines["firming: surplus"] == pytest.approx([-0.2 * 10.0 * 0.5])
    assert (
        "firming: shortfall beyond the tolerance: 0.5 h, at most 60 kW at 2025-07-15 17:00, 30 kWh in all."
        in found.told
    )


def test_surplus_costs_nothing_unless_it_is_priced_and_says_so():
    firm = FIRM | {"smoothing": "block_mean"}
    free = {name: value for name, value in firm.items() if name != "surplus_price_per_kwh"}
    service = read(free)
    assert service.surplus_price_per_kwh == 0.0
    assert any("no price is stated" in text for text in service.remarks)
    assert not any("no price is stated" in text for text in read(firm).remarks)
    setting = site(generation_kw=np.tile([100.0, 300.0], 168), load_kw=0.0)
    more = service.settle(setting, delivered(setting, -250.0))
    assert all(values.sum() == 0.0 for values in more.lines.values())


def test_promise_beyond_the_connection_names_the_hour_and_by_how_much():
    service = read(FIRM | {"windows": [{"hours": "17:00-18:00", "export_kw": 1600.0}]})
    with pytest.raises(
        InputError, match=r"promises 100 kW more than the connection's export limit at 2025-07-14 17:00"
    ):
        service.check(site())


def test_promise_no_store_can_keep_is_told_with_the_least_that_is_missing():
    # 2000 kWh in store give 500 kW for four hours; the promise asks 500 kW beside 100 kW of load for six
    service = read(FIRM | {"windows": [{"hours": "12:00-18:00", "export_kw": 400.0, "dates": ["2025-07-16"]}]})
    told = check_stack([service], site())
    assert told == (
        "firming: no plan keeps the promise: it is short by at least 500 kW at 2025-07-16 16:00, 1000 kWh in all.",
    )


def test_promise_a_store_can_keep_is_not_complained_of():
    service = read(FIRM | {"windows": [{"hours": "12:00-16:00", "export_kw": 400.0, "dates": ["2025-07-16"]}]})
    assert check_stack([service], site()) == ()


def test_promised_draw_no_charging_reaches_is_told():
    service = read(FIRM | {"windows": [{"hours": "02:00-03:00", "export_kw": -700.0, "dates": ["2025-07-16"]}]})
    (told,) = check_stack([service], site())
    assert "in excess by at least 200 kW at 2025-07-16 02:00, 200 kWh in all" in told


def test_smoothing_without_generation_is_a_fault():
    with pytest.raises(InputError, match="smooths own generation, but the site has none"):
        read(FIRM | {"smoothing": "block_mean"}).check(site())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "exactly one of schedule_kw, windows and smoothing"),
        ({"smoothing": "block_mean", "windows": [{"export_kw": 1.0}]}, "exactly one of"),
        ({"smoothing": "blockmean"}, "Did you mean 'block_mean'"),
        ({"smoothing": "yesterday", "block_hours": 2.0}, "means nothing for yesterday"),
        ({"windows": [{"export_kw": 1.0, "hours": "17:00-21:15"}]}, "does not lie on half hours"),
        ({"windows": [{"export_kw": 1.0, "days": ["Mon", "Tues"]}]}, "windows"),
        ({"windows": [{"export_kw": 1.0, "hours": "17:00-21:00"}, {"export_kw": 2.0, "hours": "20:00-22:00"}]},
         "windows[1]: overlaps windows[0] (got month 1, Mon 20:00-21:00)"),
        ({"schedule_kw": {"file": "nowhere.csv", "column": "x"}}, "service.schedule_kw.file: does not exist"),
        ({"smoothing": "block_mean", "tolerance_kw": -1.0}, "tolerance_kw: is out of range"),
    ],
)  # fmt: skip
def test_bad_firming_is_named(data, said):
    assert said in faults_of(FIRM | data)


def test_missing_column_is_named_with_its_place_and_the_nearest(tmp_path):
    stamps = pd.date_range("2025-07-14", periods=10, freq="h", tz=ZONE)
    pd.DataFrame({"start": stamps, "export_kw": 1.0}).to_csv(tmp_path / "plan.csv", index=False)
    said = faults_of(FIRM | {"schedule_kw": {"file": "plan.csv", "column": "exports_kw"}}, tmp_path)
    assert "service.schedule_kw.column: is not in the file" in said and "'export_kw'" in said


def test_series_that_does_not_cover_the_timeline_is_named(tmp_path):
    stamps = pd.date_range("2025-07-14", periods=10, freq="h", tz=ZONE)
    pd.DataFrame({"start": stamps, "export_kw": 1.0}).to_csv(tmp_path / "plan.csv", index=False)
    service = read(FIRM | {"schedule_kw": {"file": "plan.csv", "column": "export_kw"}}, tmp_path)
    with pytest.raises(InputError, match=r"firming.schedule_kw: does not cover the whole timeline"):
        service.check(site())


def test_open_connection_leaves_every_promise_its_terms():
    setting = site(import_limit_kw=np.inf, export_limit_kw=np.inf, generation_kw=np.tile([0.0, 700.0], 168))
    service = read(FIRM | {"smoothing": "block_mean"})
    assert service.check(setting) == () and check_stack([service], setting) == ()
    assert np.allclose(service.terms(setting).commitments[0].grid_kw, 100.0 - 350.0)


def test_store_that_loses_ground_every_hour_is_told_when_it_is_empty():
    # each hour gives 225 kWh and takes 200 kWh: after 72 h 200 kWh are left
    setting = site(generation_kw=np.tile([0.0, 900.0], 168))
    assert check_stack([read(FIRM | {"smoothing": "block_mean"})], setting) == (
        "firming: no plan keeps the promise: it is short by at least 50 kW at 2025-07-17 00:00, 2400 kWh in all.",
    )
