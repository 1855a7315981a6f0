"""The exact method against HiGHS, and its own promises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from problems import problems

from perdure.dispatch import demand, exact, forward, program


def paid(problem, ac_kw, x_kwh, rates, floors):
    """What a schedule costs, written anew here: plain loops over the bill's own words."""
    total, peaks = 0.0, dict(enumerate(floors))
    for t, power in enumerate(ac_kw):
        grid = problem.net_kw[t] + power
        total += problem.step_h * problem.buy[t] * max(grid, 0.0)
        total -= problem.step_h * problem.sell[t] * min(max(-grid, 0.0), problem.export_limit)
        total += 0.5 * problem.wear * abs(x_kwh[t])
        if problem.group[t] >= 0:
            peaks[problem.group[t]] = max(peaks[problem.group[t]], grid)
    return total + sum(rates[g] * peak for g, peak in peaks.items())


def end_worth(problem, energy):
    begins = problem.low_kwh[problem.season[-1]] + np.array([0.0, problem.end_length[0]])
    return sum(
        v * min(max(energy - b, 0.0), n) for v, b, n in zip(problem.end_value, begins, problem.end_length, strict=True)
    )


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(problems())
def test_exact_cost_equals_highs(case):
    problem, rates, floors = case
    solved = program.solve(problem, rates, floors)
    found = demand.solve(problem, rates, floors)
    if isinstance(solved, program.Unsolved):
        assert isinstance(found, demand.Stuck), solved.reason
        return
    assert not isinstance(found, demand.Stuck), found
    run, _ = found
    ac_kw = exact.ac_power(problem, run.x_kwh)
    total = paid(problem, ac_kw, run.x_kwh, rates, floors) - end_worth(problem, run.energy_kwh[-1])
    scale = max(abs(solved.objective), paid(problem, np.zeros_like(ac_kw), run.x_kwh * 0, rates, floors), 1.0)
    assert abs(total - solved.objective) <= 1e-9 * scale


@pytest.mark.parametrize("keep", [1.0, 0.9995, 0.99])
def test_weeks_of_self_discharge_lose_no_digits(keep):
    """Positions in the list are kept unscaled: over 4,000 steps rounding must not build up."""
    rng = np.random.default_rng(3)
    steps = 4000
    hour = np.arange(steps) % 96 / 4.0
    ac = np.array([[-500.0, -250.0, 0.0, 250.0, 500.0]])
    problem = exact.Problem(
        0.25, 800.0 + 300.0 * np.sin((hour - 8.0) / 12.0 * np.pi) + rng.normal(0.0, 50.0, steps),
        np.where(hour < 6, 0.38, np.where(hour < 14, 0.64, 0.96)), np.zeros(steps), np.zeros(steps, np.int64),
        ac, ac - 0.05 * np.abs(ac) - 0.03 * ac**2 / 500.0, np.array([keep]), np.zeros(1), np.array([100.0]),
        np.array([1950.0]), 0.0, 1e6, 0.0, (np.arange(steps) // 1400).astype(np.int64), np.full(3, 91.0), 100.0,
        np.zeros(1), np.array([1850.0]),
    )  # fmt: skip
    rates = np.full(3, 45.0)
    run, _ = demand.solve(problem, rates)
    total = paid(problem, exact.ac_power(problem, run.x_kwh), run.x_kwh, rates, np.zeros(3))
    assert run.exact_slope
    assert total == pytest.approx(program.solve(problem, rates).objective, rel=1e-9)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(problems())
def test_schedule_keeps_every_limit(case):
    problem, rates, floors = case
    found = demand.solve(problem, rates, floors)
    if isinstance(found, demand.Stuck):
        return
    run, _ = found
    season, e = problem.season, run.energy_kwh
    grid = problem.net_kw + exact.ac_power(problem, run.x_kwh)
    assert np.all(e[1:] >= problem.low_kwh[season] - 1e-6)
    assert np.all(e[1:] <= problem.high_kwh[season] + 1e-6)
    assert np.all(grid <= problem.import_limit + 1e-6)
    after = problem.keep[season] * e[:-1] - problem.drain_kwh[season] + run.x_kwh
    assert np.allclose(after, e[1:], atol=1e-8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(problems())
def test_cap_derivative_matches_finite_differences(case):
    """d(cost)/d(cap) of one sweep lies between the slopes to both sides."""
    problem, rates, _ = case
    if not rates.size:
        return
    space = demand.Workspace(problem)
    caps = np.full(rates.size, 70.0)
    free = np.zeros(rates.size)

    def cost(trial):
        run = demand.sweep(problem, trial, space)
        if isinstance(run, demand.Stuck):
            return None, None
        total = space.tally(problem, trial, free)[0][0] - end_worth(problem, run.energy_kwh[-1])
        return total, run.slope

    middle, slope = cost(caps)
    if middle is None:
        return
    step = 1e-4
    for g in range(rates.size):
        nudge = np.where(np.arange(rates.size) == g, step, 0.0)
        right, left = cost(caps + nudge)[0], cost(caps - nudge)[0]
        assert (middle - left) / step - 1e-5 <= slope[g] <= (right - middle) / step + 1e-5


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(problems())
def test_compiled_and_plain_python_agree(case):
    problem, rates, _ = case
    caps = np.full(rates.size, 80.0)

    def passes(backward, march):
        space = demand.Workspace(problem)
        steps, nothing, none = problem.net_kw.size, np.zeros(0), np.zeros(0, np.int64)
        state = backward(
            problem, caps, space.pieces, np.zeros(4096), np.zeros(4096), space.room, none, nothing, nothing
        )
        if state[0] != exact.FEASIBLE or not state[2] <= problem.start_kwh <= state[3]:
            return state[:2]
        course = forward.new_course(steps, rates.size)
        assert march(problem, space.pieces, space.room, course) == 0
        return course.energy, course.slope

    for left, right in zip(
        passes(exact.backward, forward.march), passes(exact.backward.py_func, forward.march.py_func), strict=True
    ):
        assert np.allclose(left, right, atol=1e-9)


def simple(net_kw, buy, import_limit=1e6, rates=(), group=None):
    steps = len(net_kw)
    return exact.Problem(
        1.0, np.array(net_kw, float), np.array(buy, float), np.zeros(steps), np.zeros(steps, np.int64),
        np.array([[-10.0, 0.0, 10.0]]), np.array([[-10.0 / 0.9, 0.0, 9.0]]), np.ones(1), np.zeros(1), np.zeros(1),
        np.array([20.0]), 0.0, float(import_limit), 0.0,
        np.full(steps, -1, np.int64) if group is None else np.array(group), 2 * np.array(rates, float) + 1.0, 0.0,
        np.zeros(1), np.array([20.0]),
    )  # fmt: skip


def test_two_prices_by_hand():
    """Buy 10 kW at 0.1, keep 9 kWh, give back 8.1 kWh at 1.0."""
    problem = simple([20, 20], [0.1, 1.0])
    run, sweeps = demand.solve(problem, np.zeros(0))
    assert sweeps == 1
    assert exact.ac_power(problem, run.x_kwh) == pytest.approx([10.0, -8.1])
    assert run.worth[0] == pytest.approx(0.9)


def test_demand_charge_by_hand():
    """A peak of 30 beside a valley of 10: discharge what the valley can charge, both meters meet."""
    problem = simple([10, 30], [0.5, 0.5], rates=[100.0], group=[0, 0])
    run, _ = demand.solve(problem, np.array([100.0]))
    grid = problem.net_kw + exact.ac_power(problem, run.x_kwh)
    assert grid == pytest.approx([20.0, 30 - 8.1])


def test_load_beyond_import_limit_names_the_step():
    stuck = demand.solve(simple([5, 5, 40], [1, 1, 1], import_limit=25), np.zeros(0))
    assert isinstance(stuck, demand.Stuck)
    assert (stuck.reason, stuck.step) == ("import_limit", 2)


def test_store_too_small_for_a_long_peak_is_infeasible():
    stuck = demand.solve(simple([0, 30, 30, 30], [1, 1, 1, 1], import_limit=25), np.zeros(0))
    assert isinstance(stuck, demand.Stuck)
    assert stuck.reason in ("stored_energy", "start")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_what_is_but_rounding_does_not_switch_the_converter_on(given_problem):
    """A power of 1e-12 kW would draw the whole no-load loss."""
    problem = given_problem[0]
    noise = np.full(problem.net_kw.size, 1e-13 * (1.0 + problem.high_kwh.min()))
    assert np.all(exact.ac_power(problem, noise) == 0.0)
    assert np.all(exact.ac_power(problem, -noise) == 0.0)
    assert np.all(exact.ac_power(problem, 1e6 * noise) > 0.0)
