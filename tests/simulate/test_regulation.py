"""A regulation signal replayed on the simulated plant: it follows, drifts, misses and tells, and energy closes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perdure.errors import InputError
from perdure.market.regulation.droop import DroopRule
from perdure.market.regulation.hunan import hunan_pay, standard_rate
from perdure.market.regulation.pjm import PjmRule, pjm_pay
from perdure.quantities import Confidence, Sourced
from perdure.simulate.following import Following, recurrence
from perdure.simulate.primary_frequency import replay_frequency, step_test
from perdure.simulate.regulation import Provider, replay
from perdure.simulate.regulation_exact import exact_cell, replay_exact
from perdure.site.plant import Plant
from perdure.technology.parts.nickel_hydrogen_cell import CellState
from perdure.technology.technology import TECHNOLOGIES

FREQUENCY = Path(__file__).parents[3] / "shared/data/frequency"


def figure(value, unit="s"):
    return Sourced(value, unit, "test", Confidence.USER)


def control(delay_s=0.0, time_constant_s=0.0, ramp_share_per_s=10.0):
    return Following(figure(delay_s), figure(time_constant_s), figure(ramp_share_per_s, "1/s"))


AT_ONCE = control()


@pytest.fixture(params=["nickel_hydrogen", "lfp", "vanadium_flow"])
def plant(request):
    return Plant("store", TECHNOLOGIES.find(request.param), 2000.0, 1000.0)


@pytest.fixture
def lfp():
    return Plant("store", TECHNOLOGIES.find("lfp"), 2000.0, 1000.0)


def wave(hours=2.0, step_s=2.0):
    seconds = np.arange(0.0, hours * 3600.0, step_s)
    return 0.6 * np.sin(seconds / 61.0) + 0.35 * np.sin(seconds / 7.3)


def need(name):
    path = FREQUENCY / name
    if not path.exists():
        pytest.skip(f"measured frequency data is not here: {name}")
    return path


# the plant's control


def test_a_recurrence_without_a_loop_is_the_loop():
    random = np.random.default_rng(1)
    factor, added, x, said = random.uniform(0, 1, 1001), random.normal(0, 1, 1001), 3.0, []
    for a, b in zip(factor, added, strict=True):
        x = a * x + b
        said.append(x)
    assert recurrence(factor, added, 3.0) == pytest.approx(said)


def test_a_lag_after_one_time_constant_is_63_percent_there():
    mean, end = control(time_constant_s=10.0).lagged(np.full(5, 100.0), 2.0, 0.0)
    assert end == pytest.approx(100.0 * (1 - np.exp(-1)))
    fine = 100.0 * (1 - np.exp(-(np.arange(10_000) + 0.5) / 10_000.0))
    assert mean == pytest.approx(fine.reshape(5, 2000).mean(axis=1), rel=1e-6)


def test_a_delay_within_a_step_mixes_the_old_order_with_the_new():
    """Half a second of two: a quarter of the old."""
    assert control(delay_s=0.5).delayed(np.array([8.0, 0.0, 4.0]), 2.0) == pytest.approx([6.0, 2.0, 3.0])
    assert control(delay_s=5.0).delayed(np.array([8.0, 0.0, 4.0, 4.0]), 2.0) == pytest.approx([0.0, 0.0, 4.0, 4.0])


def test_a_ramp_is_never_exceeded_and_is_used_in_full():
    power = control(ramp_share_per_s=0.01).ramped(np.array([100.0, 100.0, 100.0, -50.0]), 2.0, 1000.0, 60.0)
    assert power == pytest.approx([80.0, 100.0, 100.0, 80.0])


# following


def test_an_instant_plant_delivers_the_order_and_scores_one(plant):
    found = replay(plant, Provider(800.0, following=AT_ONCE), wave(), 2.0)
    assert found.delivered_kw == pytest.approx(-800.0 * wave(), abs=1e-6)
    assert found.missed == ()
    assert found.pjm_score().score == pytest.approx([1.0, 1.0], abs=1e-9)


def test_energy_closes(plant):
    """Drawn at the terminals = drift + converter and store losses + self-discharge."""
    totals = replay(plant, Provider(900.0, bias_band_kw=80.0), wave(), 2.0).totals
    drawn = totals["charged_kwh"] - totals["discharged_kwh"]
    used = totals["drift_kwh"] + totals["converter_loss_kwh"] + totals["store_loss_kwh"] + totals["self_discharge_kwh"]
    assert used == pytest.approx(drawn, abs=1e-6)


def test_steps_of_one_and_of_ten_seconds_tell_the_same_energy(plant):
    slow = np.repeat(np.sin(np.arange(720) / 9.0), 1)
    runs = [replay(plant, Provider(900.0, following=AT_ONCE), np.repeat(slow, n), 10.0 / n) for n in (1, 10)]
    assert runs[0].drift_kwh == pytest.approx(runs[1].drift_kwh, rel=2e-3, abs=0.05)


def test_a_signal_up_discharges():
    lfp = Plant("store", TECHNOLOGIES.find("lfp"), 2000.0, 1000.0)
    found = replay(lfp, Provider(500.0, base_kw=200.0, following=AT_ONCE), np.full(1800, 1.0), 2.0)
    assert found.delivered_kw == pytest.approx(-300.0)
    assert found.drift_kwh < -300.0
    assert found.response == pytest.approx(1.0)


def test_the_bias_brings_the_store_back_within_its_band(plant):
    tired, held = (replay(plant, Provider(900.0, bias_band_kw=band), wave(8.0), 2.0, start_share=0.4)
                   for band in (0.0, 90.0))  # fmt: skip
    assert abs(held.end_share - 0.5) < 0.02 < abs(tired.end_share - 0.5)
    assert np.abs(held.base_kw).max() <= 90.0 + 1e-9
    assert held.pjm_score().score == pytest.approx(tired.pjm_score().score, abs=1e-3)


def test_what_could_not_be_followed_is_named_with_hour_amount_and_cause(lfp):
    start = pd.Timestamp("2025-03-01 05:00", tz="Asia/Shanghai")
    signal = np.concatenate([np.zeros(1800), np.full(1800, 1.0)])
    found = replay(lfp, Provider(1000.0, lowest_share=0.3, following=AT_ONCE), signal, 2.0, start=start)
    (one,) = found.missed
    assert one.start == start + pd.Timedelta(hours=1)
    assert one.because == ("store (window of stored energy or power limit)",)
    assert one.largest_kw == pytest.approx(1000.0)
    assert one.energy_kwh == pytest.approx(found.totals["missed_kwh"])
    given = found.totals["discharged_kwh"]
    assert one.energy_kwh == pytest.approx(1000.0 - given, rel=1e-6)
    assert found.end_share == pytest.approx(0.3, abs=1e-3)
    assert found.pjm_score().score[1] < 0.8


def test_rating_and_ramp_are_named_as_causes(lfp):
    busy = replay(lfp, Provider(900.0, base_kw=300.0, following=AT_ONCE), np.full(900, -1.0), 2.0)
    assert busy.missed[0].because == ("power rating",)
    assert busy.missed[0].largest_kw == pytest.approx(200.0)
    slow = replay(lfp, Provider(900.0, following=control(ramp_share_per_s=0.01)), np.full(900, -1.0), 2.0)
    assert slow.missed[0].because == ("ramp",)
    assert slow.missed[0].seconds == pytest.approx(88.0)  # 900 kW at 10 kW/s: 45 steps, the last one exact


def test_a_missing_signal_sends_the_plant_to_its_base_point_and_is_marked(lfp):
    signal = wave()
    signal[2000:2100] = np.nan
    found = replay(lfp, Provider(500.0, base_kw=-50.0, following=AT_ONCE), signal, 2.0)
    assert found.delivered_kw[2000:2100] == pytest.approx(-50.0)
    (one,) = found.missed
    assert one.because == ("signal missing",) and one.seconds == 200.0
    assert found.pjm_score().score == pytest.approx([1.0, 1.0], abs=1e-9)


def test_a_slower_plant_scores_less(plant):
    scores = [replay(plant, Provider(800.0, following=control(delay_s=delay)), wave(), 2.0).pjm_score().score.mean()
              for delay in (0.0, 2.0, 10.0, 40.0)]  # fmt: skip
    assert all(left > right for left, right in pairwise(scores))


def test_wear_and_heat_come_with_the_replay(plant):
    found = replay(plant, Provider(900.0), wave(), 2.0)
    assert found.totals["full_cycles"] > 0.1
    worn = plant.technology.default_ageing.increments(found.stress)
    assert (worn >= 0).all()
    assert np.isfinite(found.heat_kwh)


def test_all_that_is_wrong_with_a_promise_is_told_at_once(lfp):
    wrong = Provider(2000.0, base_kw=np.zeros(3), bias_band_kw=-1.0, target_share=0.1, lowest_share=0.2, restore_h=0.0)
    with pytest.raises(InputError) as told:
        replay(lfp, wrong, np.array([0.0, 2.0]), 90.0)
    assert len(told.value.faults) == 7
    with pytest.raises(InputError, match="ramp_share_per_s"):
        control(ramp_share_per_s=0.0)


# Hunan


def test_set_points_held_for_a_minute_earn_hunan_s_k(lfp):
    """At once but for half a second: T = 0.5 s and a bit, the rate far above K1's cap, no deviation: K close to 1.8."""
    signal = np.repeat(np.resize([0.5, -0.5, 0.2, -0.3], 60), 60)
    found = replay(lfp, Provider(900.0, following=control(delay_s=0.5)), signal, 1.0)
    index = found.hunan_index(standard_rate({"coal_ge_50pct": 900.0, "storage": 100.0}))
    assert index.by_period == pytest.approx([1.8], abs=0.01)
    assert len(found.answers()) == 60
    # MW: 0 to 0.5 once, -0.3 to 0.5 14 times, the other three moves 15 times
    ordered = 0.9 * (0.5 + 14 * 0.8 + 15 * (1.0 + 0.7 + 0.5))
    assert index.mileage_mw[0] == pytest.approx(ordered, rel=1e-3)
    pay = hunan_pay(index.mileage_mw, np.array([8.0]), index.settled())
    assert pay[0] == pytest.approx(ordered * 8.0 * index.by_period[0], rel=1e-3)


# the exact cell


def test_the_exact_cell_is_the_cell_walked_step_by_step():
    plant = Plant("store", TECHNOLOGIES.find("nickel_hydrogen"), 2000.0, 1000.0)
    found = replay(plant, Provider(900.0, bias_band_kw=90.0), wave(0.5), 2.0)
    exact = exact_cell(found)
    physics, state = plant.technology.physics, None
    for t in range(found.signal.size):
        warm = found.track.temperature[t]
        state = CellState(exact.soc[:1], np.zeros(1), warm) if state is None else replace(state, temperature_c=warm)
        power = found.track.dc_kw[t : t + 1] / 2000.0 * physics.mean_voltage_v
        state, _, _ = physics.cell.step_at_power(state, power, found.step_h)
    assert exact.soc[-1] == pytest.approx(state.soc[0], abs=1e-8)
    assert exact.hysteresis[-1] == pytest.approx(state.hysteresis[0], abs=1e-7)


def test_small_turns_cost_the_exact_cell_less_than_its_map_says():
    """Fast turns stay inside the hysteresis loop, of which the map takes a mean."""
    plant = Plant("store", TECHNOLOGIES.find("nickel_hydrogen"), 2000.0, 1000.0)
    exact = exact_cell(replay(plant, Provider(900.0), wave(2.0), 2.0))
    assert 0.0 < exact.lost_kwh < exact.map_lost_kwh


def test_the_exact_cell_in_the_replay_closes_its_energy_and_needs_less_bias():
    plant = Plant("store", TECHNOLOGIES.find("nickel_hydrogen"), 2000.0, 1000.0)
    provider = Provider(900.0, bias_band_kw=90.0)
    mapped, exact = (walk(plant, provider, wave(3.0), 2.0) for walk in (replay, replay_exact))
    totals = exact.totals
    drawn = totals["charged_kwh"] - totals["discharged_kwh"]
    used = totals["drift_kwh"] + totals["converter_loss_kwh"] + totals["store_loss_kwh"] + totals["self_discharge_kwh"]
    assert used == pytest.approx(drawn, abs=1e-6)
    assert totals["bias_kwh"] < mapped.totals["bias_kwh"]
    again = exact_cell(exact)  # the same power in one stretch
    assert again.share[-1] == pytest.approx(exact.end_share, abs=1e-8)
    assert again.gap_share.max() < 1e-8
    assert exact.heat_kwh == pytest.approx(again.heat_kwh, abs=1e-5)
    assert exact.heat_kwh < mapped.heat_kwh


def test_other_chemistries_have_no_exact_cell(lfp):
    with pytest.raises(InputError, match="no exact cell"):
        exact_cell(replay(lfp, Provider(900.0), wave(0.1), 2.0))


# primary frequency


def test_the_default_control_holds_the_grid_rule_in_a_step(plant):
    for frequency in (49.8, 50.2):
        answer = step_test(plant, DroopRule(), frequency)
        assert answer.faults(DroopRule()) == ()
        assert 0.5 <= answer.lag_s <= 0.6


def test_a_slow_control_breaks_the_grid_rule_and_says_how(lfp):
    provider = Provider(200.0, following=control(delay_s=1.5, time_constant_s=3.0))
    told = step_test(lfp, DroopRule(), 49.8, provider).faults(DroopRule())
    assert [one.split(" ")[0] for one in told] == ["lag", "rise", "settling"]


def test_a_deviation_in_millihertz_is_refused(lfp):
    with pytest.raises(InputError, match="Hz"):
        replay_frequency(lfp, np.array([4.0, -1.0]), 1.0, DroopRule())


# measured signals


@pytest.mark.parametrize("name", ["fr_rte_2014_10_10s.parquet", "fr_rte_2017_12_10s.parquet"])
def test_measured_frequency_is_answered_within_the_accuracy_once_settled(plant, name):
    """10 s samples, each held; 1 s steps; a narrow dead band, for the measured days are calm."""
    frequency = np.repeat(pd.read_parquet(need(name))["f_hz"].to_numpy(), 10)
    rule = replace(DroopRule(), dead_band_hz=figure(0.02, "Hz"), droop_share=figure(0.005, "share"))
    found = replay_frequency(plant, frequency, 1.0, rule, Provider(1.0, bias_band_kw=50.0))
    assert found.settled.mean() > 0.5
    assert found.passed_share == 1.0
    assert found.replay.missed == ()
    assert found.replay.totals["delivered_mileage_kw"] > 10_000.0


def test_the_regd_day_is_followed_and_paid(plant):
    signal = pd.read_parquet(need("pjm_regd_1day_2s_h00_16.parquet"))["regd"].to_numpy(np.float64)
    prices = pd.read_csv(need("pjm_reg_prices_example_day.csv"))[:16]
    found = replay(plant, Provider(900.0, bias_band_kw=100.0), signal, 2.0)
    assert found.missed == ()
    hourly, rolling = found.pjm_score(), found.pjm_score(PjmRule(rolling=True))
    assert hourly.score.shape == (16,)
    assert 0.95 < hourly.score.min() <= hourly.score.max() < 1.0
    assert rolling.score == pytest.approx(hourly.score, abs=0.02)
    both = prices[["reg_capability_usd_mw", "reg_performance_usd_mw_mile"]].to_numpy()
    pay = pjm_pay(hourly.score, 0.9, both[:, 0], both[:, 1])
    assert pay.total == pytest.approx(float((0.9 * hourly.score * (both[:, 0] + 3.0 * both[:, 1])).sum()))
    assert abs(found.end_share - 0.5) < 0.03
