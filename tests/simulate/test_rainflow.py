"""Rainflow counting against a hand-worked series and its own sums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perdure.simulate.kernel import rainflow
from perdure.simulate.stress import stress_of_series


def test_standard_example_by_hand():
    """-2 1 -3 5 -1 3 -4 4 -2: the worked example of ASTM E1049 (ranges 3, 4, 4 (whole), 6, 8, 8, 9)."""
    series = np.array([-2.0, 1.0, -3.0, 5.0, -1.0, 3.0, -4.0, 4.0, -2.0])
    first, last, weight = rainflow(series)
    ranges = sorted(zip(np.abs(series[last] - series[first]).tolist(), weight.tolist(), strict=True))
    assert ranges == [(3, 0.5), (4, 0.5), (4, 1.0), (6, 0.5), (8, 0.5), (8, 0.5), (9, 0.5)]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=80))
def test_cycles_add_up_to_the_whole_way(values):
    """Every movement belongs to exactly one half cycle: depths times two halves sum to the path length."""
    series = np.array(values)
    first, last, weight = rainflow(series)
    assert 2.0 * np.sum(weight * np.abs(series[last] - series[first])) == pytest.approx(
        np.abs(np.diff(series)).sum(), abs=1e-9
    )


def test_one_full_cycle_a_day_is_counted_as_such():
    day = np.concatenate([np.linspace(0.1, 0.9, 17)[:-1], np.linspace(0.9, 0.1, 17)[:-1], np.full(64, 0.1)])
    stress = stress_of_series(np.tile(day, 30), np.full(day.size * 30, 25.0), 0.25)
    assert stress.full_cycles == pytest.approx(30 * 0.8, rel=0.01)
    assert stress.rate_per_h == pytest.approx(0.2, rel=0.05)
    assert stress.cycle_temperature_c == pytest.approx(25.0)
