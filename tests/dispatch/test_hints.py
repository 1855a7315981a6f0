"""What a search for caps hands to the next one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from test_passes import months

from perdure.dispatch import demand
from perdure.dispatch.hints import WIDEST, Hint

RATES = np.full(6, 45.0)


def cost(problem, run):
    peaks = np.zeros(6)
    power = demand.exact.ac_power(problem, run.x_kwh)
    np.maximum.at(peaks, problem.group, problem.net_kw + power)
    return problem.step_h * problem.buy @ np.maximum(problem.net_kw + power, 0.0) + RATES @ peaks


def test_hint_of_the_last_year_spares_sweeps_and_changes_no_cost():
    first, _ = demand.solve(months(), RATES, open_share=1e-9)
    worn = months()._replace(high_kwh=np.array([388.0, 368.0]), end_length=np.array([343.0]))
    cold, cold_sweeps = demand.solve(worn, RATES, open_share=1e-9)
    warm, warm_sweeps = demand.solve(worn, RATES, hint=first.hint, open_share=1e-9)
    assert warm_sweeps < cold_sweeps
    assert cost(worn, warm) == pytest.approx(cost(worn, cold), rel=2e-9)


def test_useless_hint_changes_no_cost():
    problem = months()
    cold, _ = demand.solve(problem, RATES, open_share=1e-9)
    rng = np.random.default_rng(0)
    wild = replace(
        Hint.at(np.full(6, 900.0)), drift=np.full(6, -300.0), apart=rng.normal(size=(5, 6)),
        slopes=rng.normal(0.0, 1e4, (5, 6)),
    )  # fmt: skip
    warm, _ = demand.solve(problem, RATES, hint=wild, open_share=1e-9)
    assert warm.proven
    assert cost(problem, warm) == pytest.approx(cost(problem, cold), rel=2e-9)


def test_hint_of_another_number_of_groups_is_not_used():
    problem = months()
    cold, sweeps = demand.solve(problem, RATES)
    warm, again = demand.solve(problem, RATES, hint=Hint.at(np.full(3, 200.0)))
    assert sweeps == again
    assert np.array_equal(cold.x_kwh, warm.x_kwh)


def test_groups_without_a_rate_keep_what_was_known_of_them():
    problem = months()
    rates = RATES * np.array([1.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    run, _ = demand.solve(problem, rates, hint=np.full(6, 240.0))
    assert run.hint.caps[1] == 240.0
    assert np.isnan(run.hint.apart[:, 1]).all()
    again, _ = demand.solve(problem, RATES, hint=run.hint)
    assert again.proven


def test_reach_follows_the_derivative_seen_before():
    """The derivative rose by 2 per kW: at 3 per kW the least cost lies 1.5 kW away, and the trial somewhat beyond."""
    apart = np.linspace(-4.0, 4.0, 9)[:, None]
    hint = replace(Hint.at(np.array([500.0])), apart=apart, slopes=2.0 * apart)
    assert 1.5 < hint.reach(np.array([3.0]))[0] < 3.0
    assert hint.reach(np.array([1e6]))[0] <= WIDEST * 501.0


def test_caps_are_carried_on_with_the_size_of_the_store():
    """They fell by 4 kW while it lost 10 kWh: 5 kWh later they are expected 2 kW lower."""
    nothing = np.zeros((0, 1))
    hint = Hint.at(np.array([500.0])).after(np.array([500.0]), 100.0, nothing, nothing)
    hint = hint.after(np.array([496.0]), 90.0, nothing, nothing)
    assert hint.start(np.zeros(1), 85.0) == pytest.approx([494.0])
    assert hint.start(np.array([495.0]), 85.0) == pytest.approx([495.0])


def test_a_replaced_store_starts_at_the_caps_of_its_size():
    nothing = np.zeros((0, 1))
    hint = Hint.at(np.array([500.0]))
    for cap, size in ((500.0, 100.0), (496.0, 90.0), (497.0, 80.0)):
        hint = hint.after(np.array([cap]), size, nothing, nothing)
    assert hint.start(np.zeros(1), 100.0) == pytest.approx([500.0])
    assert hint.start(np.zeros(1), 95.0) == pytest.approx([498.0])
    new = hint.after(np.array([501.0]), 100.0, nothing, nothing)  # as found again, of the years since
    assert new.sizes.size == 3
    assert new.start(np.zeros(1), 90.0) == pytest.approx([496.0])
