"""Distributions on their quantiles, estimators on functions whose indices are known, samples that fill their cube."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from perdure.study.uncertainty.laws import TAIL, Law
from perdure.study.uncertainty.sample import (
    RankRegression,
    mean_interval,
    points,
    resamples,
    total_order,
    total_order_interval,
)

SHARES = np.array([0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999])
BELLS = {"normal": stats.norm(2.0, 0.5), "lognormal": stats.lognorm(0.5, scale=2.0)}


@pytest.mark.parametrize(
    ("law", "known"),
    [
        (Law("uniform", (2.0, 5.0)), stats.uniform(2.0, 3.0)),
        (Law("triangular", (1.0, 2.0, 5.0)), stats.triang(0.25, 1.0, 4.0)),
        (Law("triangular", (1.0, 1.0, 5.0)), stats.triang(0.0, 1.0, 4.0)),
        (Law("triangular", (1.0, 5.0, 5.0)), stats.triang(1.0, 1.0, 4.0)),
        (Law("normal", (2.0, 0.5)), BELLS["normal"]),
        (Law("lognormal", (2.0, 0.5)), BELLS["lognormal"]),
    ],
)
def test_quantiles_are_those_of_the_distribution(law: Law, known: Any) -> None:
    assert law.quantile(SHARES) == pytest.approx(known.ppf(SHARES), rel=1e-9)


@pytest.mark.parametrize("shape", ["normal", "lognormal"])
def test_a_cut_tail_spreads_what_is_left_as_before(shape: Any) -> None:
    law, known = Law(shape, (2.0, 0.5), 1.5, 3.0), BELLS[shape]
    drawn = law.quantile(np.linspace(0.0, 1.0, 1001))
    assert drawn.min() >= 1.5 and drawn.max() <= 3.0
    middle = known.cdf(drawn[500])
    assert middle == pytest.approx((known.cdf(1.5) + known.cdf(3.0)) / 2.0)


def test_the_outermost_tail_is_never_drawn() -> None:
    law = Law("normal", (0.0, 1.0))
    assert law.span == pytest.approx((stats.norm.ppf(TAIL), stats.norm.ppf(1.0 - TAIL)))
    assert np.isfinite(law.quantile(np.array([0.0, 1.0]))).all()


def test_no_deviation_draws_the_centre() -> None:
    for shape in ("normal", "lognormal"):
        assert Law(shape, (2.0, 0.0), 1.0, 3.0).quantile(SHARES).tolist() == [2.0] * len(SHARES)  # type: ignore[arg-type]


def test_values_of_a_choice_come_by_their_weights() -> None:
    law = Law("choice", (10.0, 20.0, 30.0), weights=(1.0, 2.0, 1.0))
    drawn = law.quantile((np.arange(1000) + 0.5) / 1000)
    assert [int((drawn == value).sum()) for value in law.numbers] == [250, 500, 250]


@pytest.mark.parametrize("method", ["sobol", "latin_hypercube"])
def test_every_dimension_is_filled_evenly(method: Any) -> None:
    drawn = points(64, 3, method, 7, 0)
    for sample in (drawn.drawn, drawn.other):
        for column in sample.T:
            assert sorted((column * 64).astype(int).tolist()) == list(range(64))


@pytest.mark.parametrize("method", ["sobol", "latin_hypercube"])
def test_samples_repeat_with_their_seed_and_differ_by_seed_and_stream(method: Any) -> None:
    first = points(16, 2, method, 7, 0)
    assert np.array_equal(first.drawn, points(16, 2, method, 7, 0).drawn)
    for other in (points(16, 2, method, 8, 0), points(16, 2, method, 7, 1)):
        assert not np.allclose(first.drawn, other.drawn)
    assert not np.allclose(first.drawn, first.other)


def ishigami(share: np.ndarray, a: float = 7.0, b: float = 0.1) -> np.ndarray:
    x = math.pi * (2.0 * share - 1.0)
    return np.asarray(np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0]))


def ishigami_totals(a: float = 7.0, b: float = 0.1) -> list[float]:
    """Worked out from the integrals: variance parts of x1, x2 and of x1 with x3."""
    pi = math.pi
    first = 0.5 * (1.0 + b * pi**4 / 5.0) ** 2
    second, joint = a**2 / 8.0, b**2 * pi**8 * 8.0 / 225.0
    whole = first + second + joint
    return [(first + joint) / whole, second / whole, joint / whole]


def swapped(sample: Any, column: int) -> np.ndarray:
    mixed = sample.drawn.copy()
    mixed[:, column] = sample.other[:, column]
    return np.asarray(mixed)


def test_total_order_indices_of_the_ishigami_function_are_found() -> None:
    sample = points(8192, 3, "sobol", 3, 0)
    value = ishigami(sample.drawn)
    assert ishigami_totals() == pytest.approx([0.5576, 0.4424, 0.2437], abs=1e-4)  # as printed in the literature
    for column, known in enumerate(ishigami_totals()):
        assert total_order(value, ishigami(swapped(sample, column))) == pytest.approx(known, abs=0.015)


def test_total_order_indices_of_a_product_are_found() -> None:
    """The g-function of Sobol with a = (0, 1, 9): each factor's variance part is 1 / (3 (1 + a)^2)."""
    steep = np.array([0.0, 1.0, 9.0])

    def g(share: np.ndarray) -> np.ndarray:
        return np.asarray(np.prod((np.abs(4.0 * share - 2.0) + steep) / (1.0 + steep), axis=1))

    own = 1.0 / (3.0 * (1.0 + steep) ** 2)
    whole = np.prod(1.0 + own) - 1.0
    sample = points(8192, 3, "sobol", 5, 0)
    for column in range(3):
        known = own[column] * np.prod(np.delete(1.0 + own, column)) / whole
        assert total_order(g(sample.drawn), g(swapped(sample, column))) == pytest.approx(known, abs=0.015)


def test_an_input_without_effect_has_no_index() -> None:
    sample = points(256, 2, "sobol", 1, 0)
    value = sample.drawn[:, 0] ** 2
    assert total_order(value, value) == 0.0
    assert total_order(np.ones(8), np.ones(8)) == 0.0


def test_the_interval_of_an_index_holds_the_true_one() -> None:
    """At 95 %, of 40 samples about two miss; five or more would come once in twenty times."""
    missed = 0
    for seed in range(40):
        sample = points(256, 3, "latin_hypercube", seed, 0)
        value, changed = ishigami(sample.drawn), ishigami(swapped(sample, 1))
        low, high = total_order_interval(value[:, None], changed[:, None], resamples(256, seed))
        missed += not low <= ishigami_totals()[1] <= high
    assert missed <= 5


def test_regression_of_a_weighted_sum_gives_the_weights() -> None:
    """Normal inputs and a normal sum: the rank correlation is 6 / pi asin(r / 2) of the plain one."""
    sample = points(4096, 3, "sobol", 2, 0)
    inputs = stats.norm.ppf(np.clip(sample.drawn, 1e-9, 1 - 1e-9))
    weights = np.array([3.0, -2.0, 1.0])
    fitted = RankRegression(inputs[:, None, :], (inputs @ weights)[:, None], [False] * 3).fit()
    known = 6.0 / math.pi * np.arcsin(weights / np.linalg.norm(weights) / 2.0)
    assert fitted.coefficient == pytest.approx(known, abs=0.01)
    assert fitted.explained == pytest.approx(float(known @ known), abs=0.01)


def test_regression_sees_through_any_rising_curve() -> None:
    share = points(512, 1, "sobol", 2, 0).drawn
    fitted = RankRegression(share[:, None, :], np.exp(9.0 * share), [False]).fit()
    assert fitted.coefficient.tolist() == pytest.approx([1.0])


def test_regression_needs_no_order_among_the_values_of_a_choice() -> None:
    """Values 1, 2, 3 worth 0, 1, 0: no straight line sees it, a coefficient for each does."""
    share = points(1024, 2, "sobol", 4, 0).drawn
    years = np.floor(3.0 * share[:, 0]) + 1.0
    value = np.where(years == 2.0, 1.0, 0.0) + 1e-3 * share[:, 1]
    inputs = np.stack([years, share[:, 1]], axis=-1)[:, None, :]
    straight, free = (RankRegression(inputs, value[:, None], [one, False]).fit() for one in (False, True))
    assert abs(straight.coefficient[0]) < 0.05
    assert free.coefficient[0] > 0.8 and free.explained > straight.explained + 0.5


def test_draws_of_one_life_do_not_count_as_independent() -> None:
    """64 draws that repeat 8 lives are as uncertain as 8."""
    values = np.random.default_rng(1).normal(size=8)
    low, high = mean_interval(np.repeat(values[:, None], 64, axis=1), resamples(8, 1, 4000))
    assert (high - low) / 3.92 == pytest.approx(values.std() / math.sqrt(8), rel=0.1)


def test_an_input_that_does_not_vary_has_no_coefficient() -> None:
    inputs = np.stack([np.arange(32.0), np.ones(32)], axis=-1)[:, None, :]
    fitted = RankRegression(inputs, np.arange(32.0)[:, None], [False, False]).fit()
    assert fitted.coefficient.tolist() == pytest.approx([1.0, 0.0])
