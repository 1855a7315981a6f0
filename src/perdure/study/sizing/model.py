"""A model of the surface around a size: what lives nearby tell about sizes not lived through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perdure.timeline import Floats

FEWEST, MOST = 9, 12
"""Lives the model is laid through: six coefficients, and some to tell how far it errs."""
GRID = 41
DOUBTS = 3.0
"""A size is ruled out that would still be worse with so many times the model's error on top."""


@dataclass(frozen=True)
class Model:
    """A quadratic in the logarithms of energy and power, less what a size costs to buy, which is known exactly.

    Sizes are counted in modules and steps. `ratio`: how far from `centre` lives count in full.
    """

    centre: Floats
    ratio: float
    coefficients: Floats
    capital: Floats
    error: float
    leverage: Floats

    def foretell(self, sizes: Floats) -> tuple[Floats, Floats]:
        """Value and error (sizes,) of sizes (sizes, 2)."""
        terms = _terms(np.log(sizes / self.centre))
        doubt = self.error * np.sqrt(1.0 + np.einsum("ij,jk,ik->i", terms, self.leverage, terms))
        return terms @ self.coefficients - _linear(sizes) @ self.capital, doubt

    def top(self) -> tuple[int, int]:
        """The best size within two strides of the centre, were the model right."""
        line = np.linspace(-2.0 * self.ratio, 2.0 * self.ratio, GRID)
        sizes = self.centre * np.exp(np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2))
        energy, power = sizes[int(np.argmax(self.foretell(sizes)[0]))]
        return round(energy), round(power)

    def rules_out(self, size: Sequence[int], best: float) -> bool:
        """Whether a size cannot reach `best`."""
        value, doubt = self.foretell(np.array([size], dtype=np.float64))
        return float(value[0] + DOUBTS * doubt[0]) < best


def model_of(sizes: Floats, values: Floats, capital: Floats, centre: Sequence[int], ratio: float) -> Model | None:
    """The model through the lives nearest to `centre`; None where they are too few.

    `sizes` (lives, 2) in modules and steps, `values` and `capital` (lives,) in one currency; capital 0 where values
    are not money.
    """
    if len(sizes) < FEWEST:
        return None
    middle = np.array(centre, dtype=np.float64)
    far = np.abs(np.log(sizes / middle)).max(axis=1)
    near = np.argsort(far, kind="stable")[:MOST]
    weight = 1.0 / (1.0 + (far[near] / ratio) ** 2)
    price: Floats = np.asarray(np.linalg.lstsq(_linear(sizes), capital, rcond=None)[0], dtype=np.float64)
    terms = _terms(np.log(sizes[near] / middle)) * weight[:, None]
    gross = (values[near] + _linear(sizes[near]) @ price) * weight
    found = np.linalg.lstsq(terms, gross, rcond=None)[0]
    error = np.sqrt(np.sum((terms @ found - gross) ** 2) / (len(near) - 6))
    spread: Floats = np.asarray(np.linalg.pinv(terms.T @ terms), dtype=np.float64)
    return Model(middle, ratio, found, price, float(error), spread)


def _terms(logs: Floats) -> Floats:
    a, b = logs.T
    return np.stack([np.ones(a.size), a, b, a * a, a * b, b * b], axis=1)


def _linear(sizes: Floats) -> Floats:
    return np.column_stack([np.ones(len(sizes)), sizes])
