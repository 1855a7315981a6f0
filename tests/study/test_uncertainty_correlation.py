"""Correlated draws: ranks move together as the case says, distributions stay, impossible wishes are refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import kstest, spearmanr

from conftest import CaseFolder
from perdure.errors import Faults, InputError
from perdure.study.case import Case, read_case
from perdure.study.reports.uncertainty_page import remarks
from perdure.study.uncertainty.correlation import correlated, matrix
from perdure.study.uncertainty.draws import Draws
from perdure.study.uncertainty.inputs import resolve
from perdure.study.uncertainty.prospects import uncertainty
from perdure.study.uncertainty.sample import points

STORE = {"technology": "lfp", "energy_kwh": 1000.0, "power_kw": 250.0}
COST = {"input": "energy_cost", "distribution": "uniform", "low": 0.5, "high": 1.5}
POWER = {"input": "power_cost", "distribution": "lognormal", "median": 1.0, "log_deviation": 0.4}
FADE = {"input": "fade", "distribution": "lognormal", "median": 1.0, "log_deviation": 0.3}
RATE = {"input": "discount_rate", "distribution": "uniform", "low": 0.04, "high": 0.12}
OWN = ["energy_cost of A", "energy_cost of B"]


def pair(first: str, second: str, rank: float) -> dict[str, Any]:
    return {"between": [first, second], "rank_correlation": rank}


@pytest.fixture
def asked(case_folder: CaseFolder) -> Callable[..., Case]:
    """Reads a case of two stores with four inputs, correlated as wanted."""

    def read(*correlations: dict[str, Any], **more: Any) -> Case:
        def change(data: dict[str, Any]) -> None:
            data["tariff"], data["lifetime"] = {"kind": "jiangsu_2025"}, {"years": 1}
            data["candidates"] = [{"name": name, **STORE} for name in ("A", "B")]
            told = {"samples": 64, "draws_per_life": 16, "inputs": [COST, POWER, FADE, RATE], **more}
            data["uncertainty"] = told | ({"correlations": list(correlations)} if correlations else {})

        return read_case(case_folder.write(change))

    return read


def draws_of(case: Case) -> Draws:
    faults = Faults()
    made = Draws.of(resolve(case, case.uncertainty, faults), case.uncertainty)
    faults.raise_if_any()
    return made


def drawn(case: Case) -> dict[str, np.ndarray]:
    made = draws_of(case)
    return {one.key: made.value(one, next(iter(one.laws))) for one in (*made.living, *made.pricing)}


@pytest.mark.parametrize("method", ["sobol", "latin_hypercube"])
@pytest.mark.parametrize("rank", [-1.0, -0.6, 0.3, 0.9, 1.0])
def test_ranks_move_together_as_asked(method: str, rank: float, asked: Callable[..., Case]) -> None:
    found = drawn(asked(pair(*OWN, rank), method=method))
    assert spearmanr(found[OWN[0]], found[OWN[1]]).statistic == pytest.approx(rank, abs=0.03)
    assert abs(spearmanr(found[OWN[0]], found["discount_rate"]).statistic) < 0.06
    assert kstest(found[OWN[1]], "uniform", (0.5, 1.0)).pvalue > 0.2


def test_what_a_life_depends_on_moves_with_what_prices_it(asked: Callable[..., Case]) -> None:
    found = drawn(asked(pair("fade of A", "power_cost of A", 0.7), samples=512, draws_per_life=4))
    assert spearmanr(found["fade of A"], found["power_cost of A"]).statistic == pytest.approx(0.7, abs=0.03)
    assert len(np.unique(found["fade of A"])) == 512


def test_a_name_without_candidate_holds_within_each(asked: Callable[..., Case]) -> None:
    found = drawn(asked(pair("energy_cost", "power_cost", 0.8)))
    for one, other, wanted in (("A", "A", 0.8), ("B", "B", 0.8), ("A", "B", 0.0), ("B", "A", 0.0)):
        told = spearmanr(found[f"energy_cost of {one}"], found[f"power_cost of {other}"]).statistic
        assert told == pytest.approx(wanted, abs=0.06), (one, other)


def test_no_correlation_leaves_every_draw_as_it_was(asked: Callable[..., Case]) -> None:
    alone, zero = draws_of(asked()), draws_of(asked(pair(*OWN, 0.0), pair("fade", "discount_rate", 0.0)))
    assert alone.lives.drawn.tobytes() == zero.lives.drawn.tobytes()
    assert alone.prices.drawn.tobytes() == zero.prices.drawn.tobytes()


def test_inputs_that_stand_apart_keep_their_draws(asked: Callable[..., Case]) -> None:
    alone, paired = drawn(asked()), drawn(asked(pair(*OWN, 0.5)))
    moved = {key for key in alone if alone[key].tobytes() != paired[key].tobytes()}
    assert moved == {OWN[1]}


def test_three_inputs_reach_their_whole_matrix() -> None:
    keys, pairs = ["a", "b", "c"], (("a", "b", 0.5), ("b", "c", -0.4), ("a", "c", 0.2))
    sample = points(4096, 3, "sobol", 1, 0).drawn
    _, prices = correlated(np.zeros((1, 0)), sample, 4096, matrix(keys, pairs))
    told = spearmanr(prices).statistic
    assert told[0, 1] == pytest.approx(0.5, abs=0.01)
    assert told[1, 2] == pytest.approx(-0.4, abs=0.01)
    assert told[0, 2] == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize(("correlations", "more", "words"), [
    ([pair("energy_cost of A", "power_cost of A", 0.9), pair("power_cost of A", "fade of A", 0.9),
      pair("energy_cost of A", "fade of A", -0.9)], {}, ["impossible together", "of each"]),
    ([pair("energy_cots", "power_cost", 0.5)], {}, ["names no input that is drawn", "Did you mean 'energy_cost'?"]),
    ([pair("energy_cost of A", "energy_cost of A", 0.5)], {}, ["names one input twice"]),
    ([pair(*OWN, 0.5), pair(*reversed(OWN), 0.4)], {}, ["correlates two inputs again"]),
    ([pair(*OWN, 1.5)], {}, ["correlations[0].rank_correlation", "1.5"]),
    ([pair(*OWN, 0.5)], {"ranking": "sobol"}, ["Sobol indices of correlated inputs", "regression"]),
])  # fmt: skip
def test_what_cannot_be_is_refused(
    correlations: list[dict[str, Any]], more: dict[str, Any], words: list[str], asked: Callable[..., Case]
) -> None:
    with pytest.raises(InputError) as caught:
        asked(*correlations, **more)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_largest_possible_share_of_impossible_correlations_is_possible(asked: Callable[..., Case]) -> None:
    impossible = [("energy_cost of A", "power_cost of A", 0.9), ("power_cost of A", "fade of A", 0.9),
                  ("energy_cost of A", "fade of A", -0.9)]  # fmt: skip
    with pytest.raises(InputError) as caught:
        asked(*(pair(*one) for one in impossible))
    share = float(str(caught.value).split("nearer to 0: ")[1].split(" ")[0])
    assert 0.3 < share < 1.0
    drawn(asked(*(pair(first, second, share * rank) for first, second, rank in impossible)))


def test_costs_that_rise_together_narrow_the_difference_of_two_stores(asked: Callable[..., Case]) -> None:
    spread, told = {}, {}
    for rank in (0.0, 0.9):
        case = asked(pair(*OWN, rank), samples=16)
        plain = replace(case, uncertainty=case.uncertainty.model_copy(
            update={"inputs": (case.uncertainty.inputs[0], case.uncertainty.inputs[3])}))  # fmt: skip
        found = uncertainty(plain)
        spread[rank], told[rank] = float((found.npv["A"] - found.npv["B"]).std()), remarks(found, "en")
        assert found.measure == ("regression" if rank else "sobol")
        if rank:
            assert any("相关" in text for text in remarks(found, "zh"))
    assert spread[0.9] < 0.6 * spread[0.0]
    assert any("(A) with" in text and "0.9" in text for text in told[0.9])
    assert any("independent" in text for text in told[0.0])
