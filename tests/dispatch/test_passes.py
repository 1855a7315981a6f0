"""Sweeps that repeat only what a changed cap reaches, against sweeps from scratch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from problems import problems

from perdure.dispatch import demand, exact, passes


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


def same(one, other):
    for name in ("energy_kwh", "x_kwh", "worth", "slope"):
        assert np.allclose(getattr(one, name), getattr(other, name), atol=1e-7, rtol=1e-9), name
    assert one.exact_slope == other.exact_slope


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(problems(), st.integers(0, 2**32 - 1))
def test_sweep_after_other_caps_equals_sweep_from_scratch(case, seed):
    problem, rates, floors = case
    rng, starts = np.random.default_rng(seed), passes.blocks_of(problem.group, rates.size)[0]
    space, caps = passes.Workspace(problem, starts), rng.uniform(20.0, 120.0, rates.size)
    for _ in range(4):
        again, fresh = demand.sweep(problem, caps, space), passes.Workspace(problem, starts)
        anew = demand.sweep(problem, caps, fresh)
        if isinstance(anew, demand.Stuck):
            assert again == anew
        else:
            same(again, anew)
            for one, other in zip(space.tally(problem, caps, floors), fresh.tally(problem, caps, floors), strict=True):
                assert np.allclose(one, other, rtol=1e-9, atol=1e-7)
        if rates.size:
            caps = caps.copy()
            caps[rng.integers(rates.size)] += rng.uniform(-20.0, 20.0)


@pytest.mark.parametrize("keep", [1.0, 0.9995])
def test_changed_cap_reaches_its_month_and_the_neighbours_only(keep):
    problem = months(keep=keep)
    starts, owner = passes.blocks_of(problem.group, 6)
    assert list(starts) == [0, 200, 400, 600, 800, 1000]
    assert list(owner) == list(range(6))
    space, caps = passes.Workspace(problem, starts), np.full(6, 250.0)
    demand.sweep(problem, caps, space)
    assert space.changed.all()
    caps = caps.copy()
    caps[3] -= 5.0
    again = demand.sweep(problem, caps, space)
    assert set(np.flatnonzero(space.changed)) <= {2, 3, 4}
    same(again, demand.sweep(problem, caps, passes.Workspace(problem, starts)))


def test_another_problem_in_the_same_workspace_is_swept_anew():
    problem = months()
    dearer = problem._replace(buy=problem.buy[::-1].copy())
    space, caps = passes.Workspace(problem, passes.blocks_of(problem.group, 6)[0]), np.full(6, 250.0)
    demand.sweep(problem, caps, space)
    same(demand.sweep(dearer, caps, space), demand.sweep(dearer, caps, passes.Workspace(dearer, space.starts)))


def test_steps_before_the_first_group_belong_to_the_first_block():
    group = np.array([-1, -1, 0, -1, 0, -1, 1, 1, -1])
    for blocks_of in (passes.blocks_of, passes.blocks_of.py_func):
        starts, owner = blocks_of(group, 2)
        assert list(starts) == [0, 6]
        assert list(owner) == [0, 1]


def test_groups_that_interlock_share_a_block():
    assert list(passes.blocks_of(np.array([0, 1, 0, 1, 2]), 3)[0]) == [0, 4]
