"""Uncertain figures that move together: rank correlations as a case states them, laid on draws that know none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from perdure.errors import Faults, did_you_mean
from perdure.timeline import Floats

if TYPE_CHECKING:
    from perdure.study.uncertainty.file import Correlation
    from perdure.study.uncertainty.inputs import Variable

Pair = tuple[str, str, float]
"""Keys of two variables, and their rank correlation."""
ROUNDING = 1e-9
EDGE = 1e-12
"""Shares nearer to 0 or 1 have no normal score of use."""


def pairs_of(variables: Sequence[Variable], asked: Sequence[Correlation], faults: Faults) -> tuple[Pair, ...]:
    """The pairs of variables that correlations come to; what cannot be is noted under `uncertainty.correlations`."""
    found: dict[frozenset[str], Pair] = {}
    before = len(faults.found)
    for position, one in enumerate(asked):
        place = f"uncertainty.correlations[{position}]"
        for first, second in _named(variables, one, place, faults):
            both = frozenset((first, second))
            if both in found:
                faults.add(place, "correlates two inputs again", f"{first}, {second}", cure="Keep one of the two.")
            found[both] = (first, second, one.rank_correlation)
    pairs = tuple(found.values())
    if len(faults.found) == before:
        _check_possible([one.key for one in variables], pairs, faults)
    return pairs


def _named(variables: Sequence[Variable], one: Correlation, place: str, faults: Faults) -> list[tuple[str, str]]:
    """Keys of the pairs one entry means: of figures each candidate draws for itself, within every candidate."""
    known = {key: variable for variable in variables for key in (variable.key, variable.kind.name)}
    sides = []
    for name in one.between:
        own = [variable for variable in variables if name in (variable.key, variable.kind.name)]
        if not own:
            faults.add(f"{place}.between", "names no input that is drawn", repr(name), ", ".join(known),
                       did_you_mean(name, known))  # fmt: skip
        elif own[0].is_choice:
            faults.add(f"{place}.between", f"{name} has no order", repr(name), cure="Leave it out.")
            own = []
        sides.append([(variable, name == variable.key) for variable in own])
    pairs = [
        (first.key, second.key)
        for first, exactly in sides[0]
        for second, also in sides[1]
        if first.key != second.key and ((exactly and also) or not {first.owner, second.owner} - {"", first.owner})
    ]
    if not pairs and all(sides):
        faults.add(f"{place}.between", "names one input twice", " and ".join(one.between),
                   cure="Name two, such as energy_cost of A and energy_cost of B.")  # fmt: skip
    return pairs


def _check_possible(keys: list[str], pairs: tuple[Pair, ...], faults: Faults) -> None:
    """Correlations that no figures can have together are a fault, with the largest share of each that is possible."""

    def possible(share: float) -> bool:
        scores = matrix(keys, [(first, second, share * rank) for first, second, rank in pairs])
        return float(np.linalg.eigvalsh(scores).min()) >= -ROUNDING

    if pairs and not possible(1.0):
        share = max(percent / 100.0 for percent in range(100) if possible(percent / 100.0))
        told = "; ".join(f"{first}, {second}: {rank:g}" for first, second, rank in pairs)
        faults.add("uncertainty.correlations", "are impossible together", told,
                   "a matrix without negative eigenvalues",
                   f"Bring all nearer to 0: {share:.2f} of each is possible.")  # fmt: skip


def matrix(keys: Sequence[str], pairs: Sequence[Pair]) -> Floats:
    """Correlation of the normal scores behind rank correlations (keys, keys).

    r = 2 sin(pi r_s / 6) of two normal variables whose ranks correlate by r_s, Pearson 1907.
    """
    told, place = np.eye(len(keys)), {key: i for i, key in enumerate(keys)}
    for first, second, rank in pairs:
        told[place[first], place[second]] = told[place[second], place[first]] = 2.0 * np.sin(np.pi * rank / 6.0)
    return told


def correlated(lives: Floats, prices: Floats, each: int, scores: Floats) -> tuple[Floats, Floats]:
    """Shares of lives (lives, living) and prices (draws, pricing) with a Gaussian copula laid on them.

    `scores` (living + pricing, both): correlation of their normal scores, living first; draw n belongs to life
    n // `each`. Columns that correlate with none before them stay as they were, to the last bit.
    """
    below, living = _lower(scores), lives.shape[1]
    independent = np.concatenate([np.repeat(lives, each, axis=0), prices], axis=1)
    normal = ndtri(np.clip(independent, EDGE, 1.0 - EDGE))
    made = independent.copy()
    for column in range(independent.shape[1]):
        if np.any(below[column, :column]):
            made[:, column] = ndtr(normal @ below[column])
    return made[::each, :living], made[:, living:]


def _lower(scores: Floats) -> Floats:
    """The lower triangle whose square is `scores`; also where some of them say the same."""
    below = np.zeros_like(scores)
    for row in range(len(scores)):
        for column in range(row):
            rest = scores[row, column] - below[row, :column] @ below[column, :column]
            below[row, column] = rest / below[column, column] if below[column, column] > ROUNDING else 0.0
        below[row, row] = np.sqrt(max(1.0 - float(below[row, :row] @ below[row, :row]), 0.0))
    return below
