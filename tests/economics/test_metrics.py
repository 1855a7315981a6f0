"""Each metric against hand-worked numbers and its own identity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perdure.economics.metrics import (
    annuity_share,
    discount_factors,
    equivalent_annual,
    irr,
    npv,
    payback_years,
    per_discounted_unit,
)


def flows(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def test_present_value_of_one_payment_a_year_ahead() -> None:
    assert npv(flows(-100.0, 110.0), 0.1) == pytest.approx(0.0)


def test_discount_factors_start_at_one() -> None:
    assert discount_factors(0.25, 2).tolist() == pytest.approx([1.0, 0.8, 0.64])


def test_internal_rate_of_a_doubling_is_one_hundred_percent() -> None:
    found = irr(flows(-100.0, 200.0))
    assert found.status == "one"
    assert found.rate == pytest.approx(1.0)


def test_flow_that_never_turns_positive_has_no_internal_rate() -> None:
    found = irr(flows(-100.0, -5.0, -5.0))
    assert (found.status, found.rate, found.rates) == ("none", None, ())


def test_empty_flow_has_no_internal_rate() -> None:
    assert irr(np.zeros(5)).status == "none"


def test_flow_that_crosses_twice_tells_both_internal_rates() -> None:
    # (x - 1/1.1)(x - 1/1.4) in x = 1/(1+r), scaled
    found = irr(flows(-1.0, 2.5, -1.54))
    assert found.status == "several"
    assert found.rate is None
    assert found.rates == pytest.approx((0.1, 0.4))


@given(st.floats(-0.5, 3.0), st.integers(1, 40), st.floats(1.0, 1e7))
def test_even_flow_built_for_a_rate_returns_that_rate(rate: float, years: int, price: float) -> None:
    yearly = price * annuity_share(rate, years) if abs(rate) > 1e-9 else price / years
    found = irr(np.concatenate([[-price], np.full(years, yearly)]))
    assert found.rate == pytest.approx(rate, abs=1e-6)


@given(st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=2, max_size=31))
def test_present_value_at_every_internal_rate_is_zero(values: list[float]) -> None:
    series = flows(*values)
    for rate in irr(series).rates:
        scale = float(np.dot(np.abs(series), discount_factors(rate, len(series) - 1)))
        assert abs(npv(series, rate)) <= 1e-8 * scale + 1e-12


def test_payback_is_interpolated_within_the_year() -> None:
    assert payback_years(flows(-100.0, 40.0, 40.0, 40.0)) == pytest.approx(2.5)


def test_payback_never_reached_is_none() -> None:
    assert payback_years(flows(-100.0, 40.0, 40.0)) is None


def test_a_replacement_that_sinks_the_sum_moves_the_payback_behind_it() -> None:
    assert payback_years(flows(-100.0, 60.0, 60.0, -70.0, 60.0, 60.0)) == pytest.approx(3 + 50 / 60)


def test_nothing_to_pay_back_takes_no_time() -> None:
    assert payback_years(flows(0.0, 5.0)) == 0.0


def test_annuity_share_without_interest_spreads_evenly() -> None:
    assert annuity_share(0.0, 20) == pytest.approx(0.05)
    assert annuity_share(1e-12, 20) == pytest.approx(0.05)


def test_equivalent_annual_amount_of_a_known_annuity() -> None:
    assert equivalent_annual(1000.0, 0.08, 20) == pytest.approx(101.852, abs=1e-3)


@given(st.floats(0.0, 0.3), st.integers(1, 60), st.floats(-1e6, 1e6))
def test_equivalent_annual_amount_has_the_same_present_value(rate: float, years: int, value: float) -> None:
    even = np.concatenate([[0.0], np.full(years, equivalent_annual(value, rate, years))])
    assert npv(even, rate) == pytest.approx(value, rel=1e-9, abs=1e-6)


def test_levelised_cost_sells_out_the_whole_cost() -> None:
    cost, energy = flows(1000.0, 10.0, 10.0), flows(0.0, 500.0, 400.0)
    price = per_discounted_unit(cost, energy, 0.07)
    assert price is not None
    assert npv(price * energy - cost, 0.07) == pytest.approx(0.0, abs=1e-9)


def test_levelised_cost_of_no_energy_is_none() -> None:
    assert per_discounted_unit(flows(1.0, 1.0), np.zeros(2), 0.05) is None
