"""PJM's score and pay: cases one can check on paper, and a slow version written on its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from perdure.errors import InputError
from perdure.market.regulation.pjm import PjmRule, pjm_pay, pjm_score

HOUR = np.tile([1.0, 1.0, -1.0, -1.0], 90)  # 360 samples of 10 s


def only(values):
    assert values.shape == (1,)
    return values[0]


def test_a_perfect_answer_scores_one():
    score = pjm_score(HOUR, HOUR.copy(), 10.0)
    assert [only(part) for part in (score.accuracy, score.delay, score.precision, score.score)] == pytest.approx(
        [1] * 4
    )


def test_an_answer_ten_seconds_late_keeps_accuracy_and_loses_a_thirtieth_of_delay_and_all_precision():
    """A quarter period late: half the samples miss by 2, the mean miss is 1, as large as the signal."""
    score = pjm_score(HOUR, np.roll(HOUR, 1), 10.0)
    assert only(score.accuracy) == pytest.approx(1.0)
    assert only(score.delay_s) == 10.0
    assert only(score.delay) == pytest.approx(29 / 30)
    assert only(score.precision) == pytest.approx(0.0)
    assert only(score.score) == pytest.approx((1 + 29 / 30) / 3)


def test_half_the_power_costs_half_the_precision_only():
    score = pjm_score(HOUR, 0.5 * HOUR, 10.0)
    assert only(score.precision) == pytest.approx(0.5)
    assert only(score.score) == pytest.approx(2.5 / 3)


def test_an_offset_of_a_tenth_costs_a_tenth_of_precision():
    assert only(pjm_score(HOUR, HOUR + 0.1, 10.0).score) == pytest.approx(2.9 / 3)


@pytest.mark.parametrize("rolling", [False, True])
def test_rest_and_a_flat_wrong_answer_earn_nothing(rolling):
    score = pjm_score(HOUR, np.zeros(360), 10.0, PjmRule(rolling=rolling))
    assert only(score.score) == 0.0


def test_samples_are_taken_every_ten_seconds():
    fine = np.repeat(HOUR, 5)
    noisy = fine.copy()
    noisy[1::5] += 0.7  # between the samples
    assert only(pjm_score(fine, noisy, 2.0).score) == pytest.approx(1.0)


def test_a_missing_stretch_is_left_out_of_the_score():
    signal, response = HOUR.copy(), 0.5 * HOUR
    signal[100:140] = np.nan
    response[100:140] = 99.0
    assert only(pjm_score(signal, response, 10.0).precision) == pytest.approx(0.5)


def test_an_hour_without_signal_has_no_score_and_no_pay():
    signal = np.concatenate([HOUR, np.full(360, np.nan), np.zeros(360)])
    score = pjm_score(signal, np.nan_to_num(signal), 10.0)
    assert score.score[0] == pytest.approx(1.0)
    assert np.isnan(score.score[1:]).all()
    pay = pjm_pay(score.score, 1.0, np.full(3, 10.0), np.zeros(3))
    assert pay.hourly == pytest.approx([10.0, 0.0, 0.0])


def test_a_held_signal_is_scored_by_precision_alone():
    score = pjm_score(np.full(360, 0.5), np.full(360, 0.4), 10.0)
    assert np.isnan(only(score.accuracy))
    assert only(score.score) == pytest.approx(0.8)


def test_the_last_hour_may_be_a_part_of_one():
    signal = np.concatenate([HOUR, HOUR[:90]])
    assert pjm_score(signal, 0.5 * signal, 10.0).score == pytest.approx([2.5 / 3] * 2)


@pytest.mark.parametrize("rolling", [False, True])
def test_a_slow_version_written_on_its_own_agrees(rolling):
    random = np.random.default_rng(7)
    signal = np.cumsum(random.normal(0, 0.2, 760))
    signal /= np.abs(signal).max()
    response = 0.9 * np.concatenate([np.zeros(4), signal[:-4]]) + random.normal(0, 0.02, 760)
    score = pjm_score(signal, response, 10.0, PjmRule(rolling=rolling))
    for hour in range(3):
        first, last = 360 * hour, min(360 * (hour + 1), 760)
        found = []
        for begin in range(first, last) if rolling else [first]:
            end = min(begin + 30, 760) if rolling else last
            best = (-9.0, 0.0, 0.0)
            for k in range(31):
                n = min(end, 760 - k) - begin
                if n < 3:
                    continue
                r = np.corrcoef(signal[begin : begin + n], response[begin + k : begin + k + n])[0, 1]
                best = max(best, (r + (30 - k) / 30, max(r, 0.0), (30 - k) / 30 if r > 0 else 0.0))
            if best[0] > -9:
                found.append(best[1:])
        accuracy, delay = np.mean(found, axis=0)
        assert (score.accuracy[hour], score.delay[hour]) == pytest.approx((accuracy, delay), abs=1e-7)
        miss = np.abs(response[first:last] - signal[first:last]).mean() / np.abs(signal[first:last]).mean()
        assert score.precision[hour] == pytest.approx(1 - miss, abs=1e-9)


def test_pay_is_power_times_score_times_both_prices():
    """2 MW x 0.9 x 30 = 54; 2 MW x 0.9 x 3 x 4 = 21.6."""
    pay = pjm_pay(np.array([0.9]), 2.0, np.array([30.0]), np.array([4.0]))
    assert (only(pay.capability), only(pay.performance), pay.total) == pytest.approx((54.0, 21.6, 75.6))
    stated = pjm_pay(np.array([0.9]), 2.0, np.array([30.0]), np.array([4.0]), mileage_ratio=np.array([2.0]))
    assert stated.total == pytest.approx(68.4)


def test_an_hour_below_the_lowest_paid_score_earns_nothing():
    pay = pjm_pay(np.array([0.24, 0.26]), 1.0, np.full(2, 10.0), np.zeros(2))
    assert pay.hourly == pytest.approx([0.0, 2.6])


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(InputError) as told:
        pjm_pay(np.ones(3), 1.0, np.ones(2), np.array([1.0, np.nan, 1.0]))
    assert len(told.value.faults) == 2
    with pytest.raises(InputError, match="divide the sample time"):
        pjm_score(HOUR, HOUR, 3.0)


def test_every_figure_moves_the_outcome():
    signal = np.random.default_rng(3).uniform(-1, 1, 720)
    response = 0.35 * signal + 0.6 * np.concatenate([np.zeros(3), signal[:-3]])

    def total(rule):
        score = pjm_score(signal, response, 10.0, rule)
        return pjm_pay(score.score * np.array([1.0, 0.6]), 1.0, np.full(2, 20.0), np.full(2, 5.0), rule).total

    rule = PjmRule()
    for name, figure in rule.figures().items():
        other = replace(figure, value=2.0 * figure.value)
        assert total(replace(rule, **{name: other})) != pytest.approx(total(rule), rel=1e-6), name
