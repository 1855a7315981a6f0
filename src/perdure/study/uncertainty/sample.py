"""Draws spread evenly over a unit cube, and what they tell: which input matters, and how sure a share is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc, rankdata

from perdure.study.uncertainty.file import Method
from perdure.timeline import Floats

RESAMPLES = 500
INTERVAL = (0.025, 0.975)
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Points:
    """Two samples of one size, each (count, dimensions), the dimensions of `points` independent of each other."""

    drawn: Floats
    other: Floats


def points(count: int, dimensions: int, method: Method, seed: int, stream: int) -> Points:
    """Shares in 0..1, scrambled by `seed`; `stream` keeps samples of one seed apart.

    Further dimensions never change the first ones of a latin hypercube; of a Sobol sequence, scrambling may.
    """
    if dimensions == 0:
        return Points(np.zeros((count, 0)), np.zeros((count, 0)))
    random = np.random.default_rng([seed, stream])
    if method == "latin_hypercube":
        both = qmc.LatinHypercube(2 * dimensions, seed=random).random(count)
    else:
        power = int(np.ceil(np.log2(max(count, 1))))
        both = qmc.Sobol(2 * dimensions, scramble=True, seed=random).random_base2(power)[:count]
    return Points(both[:, :dimensions], both[:, dimensions:])


def total_order(value: Floats, changed: Floats) -> float:
    """Total-order Sobol index of an input by Jansen's estimator.

    T = E[(f(A) - f(A with the input from B))^2] / (2 Var f), Jansen 1999, as in Saltelli et al. 2010, table 2 (f).
    `value`, `changed` (draws,) or (clusters, draws of each). 0 where nothing varies.
    """
    return float(_jansen(value.reshape(1, -1), changed.reshape(1, -1))[0])


def total_order_interval(value: Floats, changed: Floats, taken: Whole) -> tuple[float, float]:
    """95 % interval of `total_order` by resampling clusters; `value`, `changed` (clusters, draws of each)."""
    return interval(_jansen(value, changed, taken))


def _jansen(value: Floats, changed: Floats, taken: Whole | None = None) -> Floats:
    taken = np.arange(len(value))[None, :] if taken is None else taken
    centred = value - value.mean()
    first, second, apart = (
        one.mean(axis=1)[taken].mean(axis=1) for one in (centred, centred**2, (value - changed) ** 2)
    )
    variance = second - first**2
    told = variance > 1e-15 * max(float(np.max(np.abs(value), initial=0.0)) ** 2, 1e-300)
    return np.where(told, apart / np.where(told, 2.0 * variance, 1.0), 0.0)


@dataclass(frozen=True)
class Fitted:
    """A rank regression: of each input the standardised coefficient, and the share of variance all explain."""

    coefficient: Floats  # (inputs,) signed; of a choice the spread its values make, never negative
    explained: float


class RankRegression:
    """Standardised coefficients of the ranks of `value` on the ranks of `inputs`.

    `value` (clusters, draws of each), `inputs` (clusters, draws of each, inputs). The values of a choice have no order,
    so each but the first gets a coefficient of its own.
    """

    def __init__(self, inputs: Floats, value: Floats, is_choice: list[bool]):
        clusters, each = value.shape
        flat = inputs.reshape(clusters * each, len(is_choice))
        columns: list[Floats] = []
        owners: list[int] = []
        for position, choice in enumerate(is_choice):
            made = [flat[:, position] == one for one in np.unique(flat[:, position])[1:]] if choice else [
                rankdata(flat[:, position])]  # fmt: skip
            scaled = [_standard(np.asarray(one, dtype=np.float64)) for one in made]
            kept = [one for one in scaled if one.any()]
            columns, owners = columns + kept, owners + [position] * len(kept)
        self.is_choice, self.owners = is_choice, np.array(owners, dtype=np.int64)
        told = [np.ones(clusters * each), *columns, _standard(rankdata(value))]
        table = np.stack(told, axis=1).reshape(clusters, each, len(told))
        self._moments = np.einsum("cdi,cdj->cij", table, table) / each

    def fit(self, taken: Whole | None = None) -> Fitted:
        """Over all clusters, or those `taken` (clusters,) with repeats."""
        moments = self._moments.mean(axis=0) if taken is None else self._moments[taken].mean(axis=0)
        spread = moments - np.outer(moments[0], moments[0])
        own, cross, total = spread[1:-1, 1:-1], spread[1:-1, -1], float(spread[-1, -1])
        found = np.zeros(len(self.is_choice))
        if not len(own) or total < 1e-12:
            return Fitted(found, 0.0)
        solved = np.linalg.lstsq(own, cross, rcond=None)[0]
        for position, choice in enumerate(self.is_choice):
            mine = np.flatnonzero(self.owners == position)
            part = float(np.sqrt(max(solved[mine] @ own[np.ix_(mine, mine)] @ solved[mine], 0.0) / total))
            found[position] = part if choice or not len(mine) else part * float(np.sign(solved[mine[0]]))
        return Fitted(found, float(solved @ cross) / total)

    def intervals(self, taken: Whole) -> list[tuple[float, float]]:
        """95 % interval of every coefficient by resampling clusters (resamples, clusters)."""
        told = np.array([self.fit(one).coefficient for one in taken])
        return [interval(told[:, position]) for position in range(len(self.is_choice))]


def _standard(values: Floats) -> Floats:
    spread = float(values.std())
    centred = values - values.mean()
    return np.zeros_like(values, dtype=np.float64) if spread < 1e-12 else np.asarray(centred / spread)


def resamples(clusters: int, seed: int, count: int = RESAMPLES) -> Whole:
    """Which clusters a bootstrap takes (count, clusters)."""
    return np.random.default_rng([seed, 99]).integers(0, clusters, size=(count, clusters))


def interval(estimates: Floats) -> tuple[float, float]:
    """The middle 95 % of bootstrap estimates (resamples,)."""
    low, high = np.quantile(estimates, INTERVAL)
    return float(low), float(high)


def mean_interval(value: Floats, taken: Whole) -> tuple[float, float]:
    """95 % interval of the mean of `value` (clusters, draws of each) by resampling clusters."""
    return interval(value.mean(axis=1)[taken].mean(axis=1))
