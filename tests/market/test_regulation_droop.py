"""Droop: the power called for and the reading of a step, against numbers worked on paper."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from perdure.errors import InputError
from perdure.market.regulation.droop import DroopRule, called_kw, step_answer
from perdure.quantities import Confidence, Sourced


def rule(**values):
    changed = {name: Sourced(value, "", "test", Confidence.USER) for name, value in values.items()}
    return replace(DroopRule(), **changed)


def test_low_frequency_discharges_by_droop_beyond_the_dead_band():
    """(0.15 - 0.05) / (0.02 x 50) = 0.1 of 1000 kW."""
    assert called_kw(np.array([49.85, 50.15]), 1000.0, DroopRule()) == pytest.approx([-100.0, 100.0])


def test_within_the_dead_band_nothing_is_called_and_beyond_the_limit_no_more():
    assert called_kw(np.array([50.0, 50.049, 49.951, 49.5, 51.0]), 1000.0, DroopRule()) == pytest.approx(
        [0.0, 0.0, 0.0, -200.0, 200.0]
    )


def test_a_smaller_droop_is_a_steeper_line():
    assert called_kw(np.array([49.9]), 1000.0, rule(droop_share=0.005))[0] == pytest.approx(-200.0)
    assert called_kw(np.array([49.9]), 1000.0, rule(droop_share=0.01))[0] == pytest.approx(-100.0)


def test_a_first_order_answer_is_read_as_its_formula_says():
    """To 10 %: ln(1/0.9) = 0.105 s; to 90 %: ln 10 = 2.303 s; within 1 % of rating, a 20th: ln 20 = 2.996 s."""
    seconds = np.arange(0, 20, 0.001)
    seen = step_answer(-200.0 * (1 - np.exp(-seconds)), 0.0, -200.0, 0.001, 1000.0, DroopRule())
    assert (seen.lag_s, seen.rise_s, seen.settling_s) == pytest.approx((0.105, 2.303, 2.996), abs=2e-3)
    assert seen.deviation_share < 1e-3
    assert seen.faults(DroopRule()) == ()


def test_a_slow_answer_is_told_by_what_it_breaks():
    seconds = np.arange(0, 60, 0.01)
    seen = step_answer(200.0 * (1 - np.exp(-seconds / 12.0)), 0.0, 200.0, 0.01, 1000.0, DroopRule())
    told = seen.faults(DroopRule())
    assert [one.split(" ")[0] for one in told] == ["lag", "rise", "settling", "deviation"]


def test_an_answer_that_never_comes_takes_for_ever():
    seen = step_answer(np.zeros(100), 0.0, 200.0, 0.1, 1000.0, DroopRule())
    assert np.isinf([seen.lag_s, seen.rise_s, seen.settling_s]).all()
    assert seen.deviation_share == pytest.approx(0.2)


def test_an_overshoot_settles_only_when_it_is_back():
    power = np.full(100, 200.0)
    power[10:30] = 230.0
    assert step_answer(power, 0.0, 200.0, 0.1, 1000.0, DroopRule()).settling_s == pytest.approx(3.0)


def test_figures_out_of_range_are_told_together():
    with pytest.raises(InputError) as told:
        rule(droop_share=0.0, dead_band_hz=-0.1, limit_share=1.5)
    assert len(told.value.faults) == 3
    assert DroopRule().dead_band_hz.confidence is Confidence.CLAIM
