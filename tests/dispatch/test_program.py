"""The program where the exact method does not apply: it must not cheat."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from problems import problems
from test_exact import simple

from perdure.dispatch import program
from perdure.dispatch.program import general


def test_negative_price_does_not_burn_energy_in_a_loop():
    """At -1 per kWh one would love to charge and discharge at once; the store may only charge, and only to full."""
    problem = simple([0.0, 0.0, 0.0], [-1.0, -1.0, 0.5])
    solved = program.solve(problem, np.zeros(0))
    assert solved.ac_kw[:2] == pytest.approx([10.0, 10.0])
    assert solved.objective == pytest.approx(-20.0)


def test_export_above_purchase_is_not_looped_through_the_meter():
    problem = simple([5.0, 5.0], [0.1, 0.1])._replace(sell=np.array([0.0, 1.0]), export_limit=100.0)
    solved = program.solve(problem, np.zeros(0))
    assert solved.ac_kw == pytest.approx([10.0, -8.1])
    assert solved.objective == pytest.approx(0.1 * 15 - 1.0 * 3.1)


def test_two_overlapping_demand_charges_are_both_paid():
    problem = simple([10, 30], [0.5, 0.5], rates=[10.0], group=[0, 0])
    extra = program.PeakTerms(np.array([-1, 0]), np.array([1000.0]), np.zeros(1))
    solved = program.solve(problem, np.array([10.0]), extra=(extra,))
    assert solved.ac_kw[1] == pytest.approx(-8.1)
    assert solved.objective == pytest.approx(0.5 * (20 + 21.9) + 10 * 21.9 + 1000 * 21.9)


def test_infeasible_is_a_value_not_an_exception():
    assert isinstance(program.solve(simple([40.0], [1.0], import_limit=25), np.zeros(0)), program.Unsolved)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(problems(), st.integers(0, 2**32 - 1))
def test_choices_everywhere_cost_what_choices_where_needed_cost(case, seed):
    """The last resort where free energy lets every answer cheat elsewhere."""
    problem, rates, floors = case
    rng = np.random.default_rng(seed)
    paid = problem._replace(buy=problem.buy * rng.choice([1.0, -1.0], problem.buy.size))
    usual = program.solve(paid, rates, floors)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(general, "ROUNDS", 1)
        patch.setattr(general.GeneralProgram, "_rounded", lambda *_: None)
        at_once = program.solve(paid, rates, floors)
    if isinstance(usual, program.Unsolved):
        assert isinstance(at_once, program.Unsolved)
    else:
        assert at_once.objective == pytest.approx(usual.objective, rel=5e-6, abs=1e-5)
