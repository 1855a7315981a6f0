"""Schedules mended where a changed cap is felt, against sweeps from scratch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from problems import problems

from perdure.dispatch import demand, exact, mend, passes


def months(steps_each=200, count=6, keep=0.9995):
    """A problem of several months with a demand charge each: noisy load, three prices a day, two seasons."""
    rng = np.random.default_rng(5)
    steps = steps_each * count
    hour = np.arange(steps) % 48 / 2.0
    ac = np.array([[-100.0, -50.0, 0.0, 50.0, 100.0]] * 2)
    return exact.Problem(
        0.5, 200.0 + 80.0 * np.sin((hour - 8.0) / 12.0 * np.pi) + rng.normal(0.0, 20.0, steps),
        np.where(hour < 6, 0.38, np.where(hour < 14, 0.64, 0.96)), np.zeros(steps),
        (np.arange(steps) >= steps // 2).astype(np.int64), ac, ac - 0.05 * np.abs(ac) - 0.0003 * ac**2,
        np.array([keep, keep]), np.zeros(2), np.array([20.0, 25.0]), np.array([390.0, 370.0]), 0.0, 1e6, 0.0,
        (np.arange(steps) // steps_each).astype(np.int64), np.full(count, 91.0), 20.0, np.zeros(1), np.array([345.0]),
    )  # fmt: skip


def worth_at(problem, run, space, caps, floors):
    """Cost with the excess beyond the caps, less what is left in the store."""
    return space.tally(problem, caps, floors)[0].sum() - demand._end_worth(problem, run.energy_kwh[-1])


def kept(problem, run):
    """The energies of a run keep the limits and follow from what it adds."""
    season, e = problem.season, run.energy_kwh
    assert np.all(e[1:] >= problem.low_kwh[season] - 1e-6) and np.all(e[1:] <= problem.high_kwh[season] + 1e-6)
    after = problem.keep[season] * e[:-1] - problem.drain_kwh[season] + run.x_kwh
    assert np.allclose(after, e[1:], atol=1e-8)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(problems(), st.integers(0, 2**32 - 1))
def test_mended_schedule_costs_what_a_sweep_from_scratch_costs(case, seed):
    problem, rates, floors = case
    rng, starts = np.random.default_rng(seed), passes.blocks_of(problem.group, rates.size)[0]
    space, caps = passes.Workspace(problem, starts), rng.uniform(20.0, 120.0, rates.size)
    planes = []
    for _ in range(5):
        again, fresh = demand.sweep(problem, caps, space), passes.Workspace(problem, starts)
        anew = demand.sweep(problem, caps, fresh)
        if isinstance(anew, demand.Stuck):
            assert again == anew
            return
        kept(problem, again)
        cost = worth_at(problem, again, space, caps, floors)
        assert cost == pytest.approx(worth_at(problem, anew, fresh, caps, floors), rel=1e-9, abs=1e-7)
        for other, plane_cost, slope in planes:  # every sweep's derivatives bound what other caps cost
            assert cost >= plane_cost + slope @ (caps - other) - 1e-6 * (1.0 + abs(cost))
        if again.exact_slope:
            planes.append((caps, cost, again.slope.copy()))
        if rates.size:
            caps = caps.copy()
            moved = rng.integers(rates.size)
            caps[moved] = max(caps[moved] + rng.uniform(-20.0, 20.0), 0.0)  # no cap lies below zero


@pytest.mark.parametrize("keep", [1.0, 0.9995])
@pytest.mark.parametrize("moved", [-5.0, 0.4, 3.0])
def test_changed_cap_is_mended_in_its_month_and_its_neighbours_only(keep, moved):
    problem = months(keep=keep)
    starts, owner = passes.blocks_of(problem.group, 6)
    assert list(starts) == [0, 200, 400, 600, 800, 1000]
    assert list(owner) == list(range(6))
    space, caps, floors = passes.Workspace(problem, starts), np.full(6, 250.0), np.zeros(6)
    before = demand.sweep(problem, caps, space).kept()
    assert space.solved == 1200
    caps = caps.copy()
    caps[3] += moved
    again, fresh = demand.sweep(problem, caps, space), passes.Workspace(problem, starts)
    assert 0 < space.solved <= 400
    differs = np.flatnonzero(np.abs(again.x_kwh - before.x_kwh) > 1e-9)
    assert differs.min() >= 400 and differs.max() < 1000
    anew = demand.sweep(problem, caps, fresh)
    assert fresh.solved == 1200
    assert worth_at(problem, again, space, caps, floors) == pytest.approx(
        worth_at(problem, anew, fresh, caps, floors), rel=1e-12
    )
    assert np.allclose(again.slope, anew.slope, atol=1e-9)


def test_another_problem_in_the_same_workspace_is_swept_anew():
    problem = months()
    dearer = problem._replace(buy=problem.buy[::-1].copy())
    space, caps = passes.Workspace(problem, passes.blocks_of(problem.group, 6)[0]), np.full(6, 250.0)
    demand.sweep(problem, caps, space)
    again, anew = demand.sweep(dearer, caps, space), demand.sweep(dearer, caps, passes.Workspace(dearer, space.starts))
    for name in ("energy_kwh", "x_kwh", "worth", "slope"):
        assert np.array_equal(getattr(again, name), getattr(anew, name)), name


def test_compiled_and_plain_mending_agree():
    problem = months(steps_each=60, count=2)
    caps, moved = np.full(2, 250.0), np.array([250.0, 246.0])
    found = []
    for way in (mend.mend, mend.mend.py_func):
        space = passes.Workspace(problem)
        demand.sweep(problem, caps, space)
        values, ends = np.empty(space.capacity), np.empty(space.capacity)
        solved = way(problem, moved, caps, space.pieces, values, ends, space.room, space.course)
        found.append((solved, space.course.x.copy(), space.course.slope.copy()))
    assert found[0][0] == found[1][0] > 0
    assert np.allclose(found[0][1], found[1][1], atol=1e-9) and np.allclose(found[0][2], found[1][2], atol=1e-9)


def test_steps_before_the_first_group_belong_to_the_first_block():
    group = np.array([-1, -1, 0, -1, 0, -1, 1, 1, -1])
    for blocks_of in (passes.blocks_of, passes.blocks_of.py_func):
        starts, owner = blocks_of(group, 2)
        assert list(starts) == [0, 6]
        assert list(owner) == [0, 1]


def test_groups_that_interlock_share_a_block():
    assert list(passes.blocks_of(np.array([0, 1, 0, 1, 2]), 3)[0]) == [0, 4]
