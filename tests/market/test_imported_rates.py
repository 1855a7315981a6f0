from __future__ import annotations

import copy
import json
import warnings

import numpy as np
import pandas as pd
import pytest

from perdure.errors import InputError
from perdure.market.reading import read_tariff
from perdure.market.tariff import Connection
from perdure.timeline import Timeline

# Both databases count 8760 hours from a Monday: 2018 is such a year.
YEAR = Timeline.year(2018, "UTC", 60)
PEAKS_BEFORE = [234.7, 173.4, 172.0, 191.4, 198.3, 236.5, 274.2, 260.3, 226.8, 185.1, 156.2, 184.1]
TIERED = [[1, 1, 20000, 0, 0.05, 0], [1, 2, 1e38, 0, 0.12, 0], [2, 1, 20000, 0, 0.075, 0], [2, 2, 1e38, 0, 0.03, 0],
          [3, 1, 20000, 0, 0.06, 0], [3, 2, 1e38, 0, 0.09, 0], [4, 1, 20000, 0, 0.05, 0],
          [4, 2, 1e38, 0, 0.02, 0]]  # fmt: skip
FLAT_DEMAND = [
    [month, tier, upper, rate] for month in range(12) for tier, upper, rate in ((1, 150, 3.0), (2, 1e38, 5.0))
]
VARIANTS = {
    "as it is": {},
    "billing demand": {"ur_enable_billing_demand": 1, "ur_yearzero_usage_peaks": PEAKS_BEFORE},
    "billing demand in a first year": {"ur_enable_billing_demand": 1, "ur_yearzero_usage_peaks": [0.0] * 12},
    "billing demand of one period with a high minimum": {
        "ur_enable_billing_demand": 1, "ur_yearzero_usage_peaks": PEAKS_BEFORE, "ur_billing_demand_lookback_period": 3,
        "ur_dc_billing_demand_periods": [[1, 1], [2, 0]], "ur_billing_demand_minimum": 260},
    "energy tiers": {"ur_ec_tou_mat": TIERED},
    "daily energy tiers": {"ur_ec_tou_mat": [[p, t, 600 if t == 1 else u, 2, b, s] for p, t, u, _, b, s in TIERED]},
    "flat demand in tiers": {"ur_dc_flat_mat": FLAT_DEMAND},
    "minimum bill": {"ur_monthly_min_charge": 12000.0},
    "no demand": {"ur_dc_enable": 0},
}  # fmt: skip


@pytest.fixture
def load(reference):
    return pd.read_parquet(reference("load/us_sam_commercial_hourly_kw.parquet")).p_kw.to_numpy(dtype=np.float64)


@pytest.fixture
def rate(reference):
    return json.loads(reference("tariff/us_sam_commercial_tou_demand.json").read_text())


@pytest.fixture
def urdb(reference):
    return json.loads(reference("tariff/us_urdb_multi_tier_response.json").read_text())


def by_pysam(rates, load_kw):
    """Monthly bills of a load without a system, by the reference model."""
    model = pytest.importorskip("PySAM.Utilityrate5").new()
    model.ElectricityRates.assign({key: value for key, value in rates.items() if key.startswith(("ur_", "en_"))})
    model.ElectricityRates.assign({"en_electricity_rates": 1, "rate_escalation": [0]})
    model.Lifetime.assign({"analysis_period": 1, "inflation_rate": 0, "system_use_lifetime_output": 0})
    model.SystemOutput.assign({"gen": [0.0] * 8760, "degradation": [0]})
    model.Load.assign({"load": list(load_kw), "load_escalation": [0]})
    model.execute(0)
    return np.array(model.Outputs.year1_monthly_utility_bill_wo_sys)


def read(kind, content, folder, **more):
    path = folder / f"{kind}.json"
    path.write_text(json.dumps(content))
    return read_tariff({"kind": kind, "file": path.name, **more}, folder)


def monthly(tariff, load_kw):
    return tariff.charges(YEAR, Connection()).bill(load_kw, np.zeros(8760)).by_period


@pytest.mark.parametrize("variant", VARIANTS)
def test_sam_bill_equals_the_reference_model_month_by_month(rate, load, tmp_path, variant):
    rate |= VARIANTS[variant]
    np.testing.assert_allclose(monthly(read("sam", rate, tmp_path), load), by_pysam(rate, load), rtol=1e-6)


def test_variants_are_worth_testing_because_they_move_the_bill(rate, load, tmp_path):
    totals = {name: monthly(read("sam", rate | changes, tmp_path), load).sum() for name, changes in VARIANTS.items()}
    assert len({round(total, 2) for total in totals.values()}) == len(totals)


def test_urdb_bill_equals_the_reference_model_month_by_month(urdb, load, tmp_path):
    tools = pytest.importorskip("PySAM.ResourceTools")
    told = copy.deepcopy(urdb)
    # The reference model wants all periods of a month to share their tier bounds; a free period may have any.
    told["demandratestructure"][0] = [{"rate": 0, "max": 100.0, "unit": "kW"}, {"rate": 0, "unit": "kW"}]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        rates = tools.URDBv7_to_ElectricityRates(told)
    ours = read("urdb", urdb, tmp_path).charges(YEAR, Connection()).bill(load, np.zeros(8760))
    # The reference model spreads a daily amount evenly over the months.
    days = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    np.testing.assert_allclose(ours.lines["Fixed"], 3.298 * days, rtol=1e-12)
    even = ours.by_period - ours.lines["Fixed"] + 3.298 * 365 / 12
    np.testing.assert_allclose(even, by_pysam(rates, load), rtol=1e-6)


def test_urdb_months_are_worked_by_hand(urdb, tmp_path):
    load_kw = np.full(8760, 50.0)
    load_kw[YEAR.month == 6] = 150.0
    bill = read("urdb", urdb, tmp_path).charges(YEAR, Connection()).bill(load_kw, np.zeros(8760))
    assert bill.lines["Energy"][0] == pytest.approx(50.0 * 744 * 0.061731)
    assert bill.lines["Energy"][5] == pytest.approx(20000 * 0.078891 + (150.0 * 720 - 20000) * 0.06)
    assert bill.lines["Demand time of use"][5] == pytest.approx(100 * 24.368 + 50 * 17.031)


def test_urdb_look_back_bills_a_share_of_the_highest_month(urdb, tmp_path):
    flat = {"flatdemandstructure": [[{"rate": 10.0, "unit": "kW"}]], "flatdemandmonths": [0] * 12,
            "energyratestructure": [[{"rate": 0.0, "unit": "kWh"}]], "energyweekdayschedule": [[0] * 24] * 12,
            "energyweekendschedule": [[0] * 24] * 12, "lookbackpercent": 0.5, "lookbackrange": 2}  # fmt: skip
    load_kw = np.full(8760, 50.0)
    load_kw[YEAR.month == 6] = 150.0
    found = monthly(read("urdb", flat, tmp_path, previous_peaks_kw=[0.0] * 12), load_kw)
    assert found.tolist() == [500, 500, 500, 500, 500, 1500, 750, 750, 500, 500, 500, 500]


def faults_of(kind, content, folder, **more):
    with pytest.raises(InputError) as told:
        read(kind, content, folder, **more)
    return {fault.place: str(fault) for fault in told.value.faults}


def test_urdb_parts_that_would_change_the_bill_are_refused_all_at_once(urdb, tmp_path):
    urdb |= {"fueladjustmentsmonthly": [0.01] * 12, "demandreactivepowercharge": 0.3, "demandrateunit": "kVA",
             "mincharge": 50.0, "minchargeunits": "$/year"}  # fmt: skip
    urdb["energyratestructure"][1][0]["unit"] = "kWh/kW"
    told = faults_of("urdb", urdb, tmp_path)
    assert set(told) == {
        "tariff.file.fueladjustmentsmonthly", "tariff.file.demandreactivepowercharge", "tariff.file.demandrateunit",
        "tariff.file.minchargeunits", "tariff.file.energyratestructure[1][0].unit",
    }  # fmt: skip


def test_unknown_keys_that_hold_something_are_named(urdb, rate, tmp_path):
    known = read("urdb", urdb | {"windowminutes": 15, "empty": [], "name": "x"}, tmp_path)
    assert "Not used from the file: windowminutes." in known.remarks
    assert "Not used from the file: inflation_rate." in read("sam", rate | {"inflation_rate": 2.5}, tmp_path).remarks


def test_sam_parts_that_would_change_the_bill_are_refused(rate, tmp_path):
    told = faults_of(
        "sam", rate | {"ur_annual_min_charge": 10, "ur_en_ts_buy_rate": 1, "ur_metering_option": 4}, tmp_path
    )
    assert set(told) == {"tariff.file.ur_annual_min_charge", "tariff.file.ur_en_ts_buy_rate",
                         "tariff.file.ur_metering_option"}  # fmt: skip
    assert "net billing" in str(faults_of("sam", rate | {"ur_metering_option": 2, "ur_ec_tou_mat": TIERED}, tmp_path))


def test_malformed_tables_are_refused(rate, urdb, tmp_path):
    told = faults_of(
        "sam", rate | {"ur_ec_sched_weekday": [[9] * 24] * 12, "ur_dc_sched_weekend": [[1] * 23] * 12}, tmp_path
    )
    assert "periods without a rate" in told["tariff.file.ur_ec_sched_weekday"]
    assert "no table of 12 months" in told["tariff.file.ur_dc_sched_weekend"]
    assert "no table" in faults_of("urdb", urdb | {"energyweekdayschedule": None}, tmp_path)[
        "tariff.file.energyweekdayschedule"]  # fmt: skip


def test_net_metering_is_refused_where_the_site_can_export(rate, load, tmp_path):
    with pytest.raises(InputError, match="net metering"):
        read("sam", rate, tmp_path).charges(YEAR, Connection(export_limit_kw=10.0))
    settled = read("sam", rate, tmp_path, export_price_per_kwh=0.03).charges(YEAR, Connection(export_limit_kw=10.0))
    assert settled.bill(load, np.ones(8760)).lines["Export credit"].sum() == pytest.approx(-0.03 * 8760)
    billing = [[*row[:5], 0.02] for row in rate["ur_ec_tou_mat"]]
    sold = read("sam", rate | {"ur_metering_option": 2, "ur_ec_tou_mat": billing}, tmp_path)
    found = sold.charges(YEAR, Connection(export_limit_kw=10.0)).bill(load, np.ones(8760))
    assert found.lines["Export credit"].sum() == pytest.approx(-0.02 * 8760)


def test_response_with_several_rates_needs_a_label(urdb, tmp_path):
    response = {"items": [urdb | {"label": "aaa"}, urdb | {"label": "bbb", "fixedchargefirstmeter": 0.0}]}
    assert "holds 2 rates" in faults_of("urdb", response, tmp_path)["tariff.label"]
    assert "Did you mean 'bbb'?" in faults_of("urdb", response, tmp_path, label="bbc")["tariff.label"]
    assert "Fixed" not in read("urdb", response, tmp_path, label="bbb").charges(YEAR, Connection()).bill(
        np.ones(8760), np.zeros(8760)).lines  # fmt: skip


def test_file_of_another_shape_is_refused(rate, urdb, tmp_path):
    assert "shape of a urdb file" in faults_of("urdb", urdb | {"energyratestructure": [3]}, tmp_path)["tariff.file"]
    assert "no matrix" in faults_of("sam", rate | {"ur_dc_tou_mat": "x"}, tmp_path)["tariff.file.ur_dc_tou_mat"]


def test_look_back_without_the_year_before_says_the_year_repeats(rate, load, tmp_path):
    tariff = read("sam", rate | {"ur_enable_billing_demand": 1}, tmp_path)
    bill = tariff.charges(YEAR, Connection()).bill(load, np.zeros(8760))
    assert any("as repeating" in remark for remark in bill.remarks)
    given = {"ur_enable_billing_demand": 1, "ur_yearzero_usage_peaks": bill.peak_kw.tolist()}
    np.testing.assert_allclose(bill.by_period, by_pysam(rate | given, load), rtol=1e-6)


def test_file_that_is_no_json_is_refused(tmp_path):
    (tmp_path / "x.json").write_text("rate: 3")
    with pytest.raises(InputError, match="is no JSON"):
        read_tariff({"kind": "sam", "file": "x.json"}, tmp_path)
