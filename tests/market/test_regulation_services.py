from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from market.service_site import HUNAN, LARGE, PJM, REGULATION, ZONE, delivered, faults_of, read, site
from perdure.errors import InputError
from perdure.market.service_reading import read_services
from perdure.market.stack import check_stack


def test_regulation_pays_capacity_and_mileage_times_the_index():
    service = read(REGULATION | {"mileage_price_per_kw": 0.001, "mileage_kw_per_kw_h": 8.0, "performance": 1.5,
                                 "highest_performance": 1.2})  # fmt: skip
    setting = site()
    found = service.settle(setting, delivered(setting, reserves={"frequency_regulation": np.full(336, 100.0)}))
    assert found.total == pytest.approx(168 * 100.0 * (0.01 + 0.001 * 8.0 * 1.2))


def test_capacity_price_may_be_a_series(tmp_path):
    stamps = pd.date_range("2025-07-14", periods=168, freq="h", tz=ZONE)
    pd.DataFrame({"start": stamps, "price": np.arange(168.0)}).to_csv(tmp_path / "prices.csv", index=False)
    series = {"file": "prices.csv", "column": "price", "scale": 0.001}
    service = read(PJM | {"capability_price_per_mw_h": series, "performance": 0.9, "mileage_ratio": 3.0}, tmp_path)
    income = service.terms(LARGE).reserves[0].price_per_kw_h
    assert np.allclose(income, 0.9 / 1000 * (np.repeat(np.arange(168.0), 2) / 1000 + 3.0 * 6.0))
    assert service.figures()["capability_price_per_mw_h"].high == pytest.approx(0.167)


def test_hunan_pays_mileage_price_and_index_capped_at_two():
    for k, counted in ((1.2, 1.2), (2.6, 2.0)):
        service = read(HUNAN | {"mileage_mw_per_mw_h": 12.0, "performance": k, "sharing_share": 0.8})
        assert np.allclose(service.terms(LARGE).reserves[0].price_per_kw_h, 0.8 * 12.0 * 10.0 * counted / 1000)


def test_hunan_refuses_bids_out_of_range_and_weak_plants():
    stated = {"mileage_mw_per_mw_h": 12.0, "performance": 1.0}
    assert "4 to 15 CNY/MW" in faults_of(HUNAN | stated | {"mileage_price_per_mw": 16.0})
    weak = read(HUNAN | stated | {"performance": 0.25})
    assert "K 0.25 is below 0.3" in weak.check(LARGE)[0] and not weak.terms(LARGE).reserves
    small = read(HUNAN | stated)
    assert "9500 kW below the smallest size of 10000 kW" in small.check(site(charge_kw=500.0))[0]
    assert read(HUNAN | stated | {"aggregated": True}).terms(site()).reserves[0].most_kw.max() == 400.0


def signal_file(folder, lag_steps):
    """A day of a wandering signal, and a plant that follows it late by so many samples of 2 s."""
    rng = np.random.default_rng(7)
    signal = np.clip(np.repeat(np.cumsum(rng.normal(0.0, 0.1, 1440)) % 2 - 1, 30), -1, 1)
    response = np.concatenate([np.zeros(lag_steps), signal[: signal.size - lag_steps]])
    table = pd.DataFrame({"signal": signal, "response": response})
    table.to_csv(folder / "signal.csv", index=False)
    return signal, {"file": "signal.csv", "signal_column": "signal", "response_column": "response", "step_s": 2.0}


def test_replay_gives_throughput_mileage_and_index(tmp_path):
    signal, replay = signal_file(tmp_path, 1)
    service = read(HUNAN | {"replay": replay, "fleet_mw": {"storage": 100.0, "coal_ge_50pct": 400.0}}, tmp_path)
    figures = service.figures()
    assert figures["throughput_share"].value == pytest.approx(np.abs(signal).mean())
    assert figures["mileage_mw_per_mw_h"].value == pytest.approx(np.abs(np.diff(signal)).sum() / 24.0, rel=0.1)
    assert 0.5 < figures["performance"].value <= 2.0
    assert service.terms(LARGE).reserves[0].throughput_share == figures["throughput_share"].value


def test_a_later_answer_scores_less_in_either_market(tmp_path):
    scores = {}
    for lag in (1, 20):
        _, replay = signal_file(tmp_path, lag)
        pjm = read(PJM | {"replay": replay}, tmp_path).figures()["performance"].value
        hunan = read(HUNAN | {"replay": replay, "fleet_mw": {"storage": 1.0}}, tmp_path).figures()["performance"].value
        scores[lag] = (pjm, hunan)
    assert scores[20][0] < scores[1][0] and scores[20][1] < scores[1][1]


def test_bad_replay_is_named(tmp_path):
    _, replay = signal_file(tmp_path, 1)
    assert "service.replay.signal_column: is not in the file" in faults_of(
        REGULATION | {"replay": replay | {"signal_column": "signals"}}, tmp_path
    )
    assert "throughput_share: is given besides replay" in faults_of(
        REGULATION | {"replay": replay, "throughput_share": 0.2}, tmp_path
    )
    assert "service.replay.step_s: does not divide" in faults_of(PJM | {"replay": replay | {"step_s": 7.0}}, tmp_path)
    pd.DataFrame({"signal": [0.0, 1.5]}).to_csv(tmp_path / "loud.csv", index=False)
    loud = {"file": "loud.csv", "signal_column": "signal", "step_s": 2.0}
    assert "leaves its range in row 2" in faults_of(REGULATION | {"replay": loud}, tmp_path)


def test_real_signal_is_replayed(reference):
    path = reference("frequency/pjm_regd_1day_2s_h00_16.parquet")
    name = next(
        name for name in pd.read_parquet(path).columns if pd.api.types.is_float_dtype(pd.read_parquet(path)[name])
    )
    service = read(REGULATION | {"replay": {"file": str(path), "signal_column": name, "step_s": 2.0},
                                 "mileage_price_per_kw": 0.001})  # fmt: skip
    assert 0.1 < service.figures()["throughput_share"].value < 0.6
    assert service.figures()["mileage_kw_per_kw_h"].value > 2.0


def test_reserve_beyond_the_plant_names_by_how_much():
    with pytest.raises(InputError, match=r"exceeds the plant by 50 kW"):
        read(REGULATION | {"least_kw": 450.0}).check(site())
    with pytest.raises(InputError, match=r"needs 222\.222 kWh more than the store holds"):
        read(REGULATION | {"least_kw": 400.0, "delivery_hours": 5.0}).check(site())
    with pytest.raises(InputError, match=r"block_hours: is no whole number of steps"):
        read(REGULATION | {"block_hours": 0.75}).check(site())


def test_services_that_together_exceed_the_plant_are_named():
    pair = read_services([REGULATION | {"name": name, "least_kw": 300.0} for name in ("one", "two")], Path())
    with pytest.raises(InputError, match=r"together hold more power ready than the plant has, by 300 kW"):
        check_stack(pair, site())
    backup = read({"kind": "backup", "critical_kw": 150.0, "hours": 10.0})
    one = read(REGULATION | {"least_kw": 300.0, "delivery_hours": 2.0})
    assert check_stack([backup], site()) == () and check_stack([one], site()) == ()
    with pytest.raises(
        InputError, match=r"together need more stored energy and room than the plant has, by 873\.333 kWh"
    ):
        check_stack([backup, one], site())
