"""How an uncertain figure is spread: the value below which a given share of its outcomes lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from perdure.timeline import Floats

Shape = Literal["uniform", "triangular", "normal", "lognormal", "choice"]
TAIL = 1e-6
"""Shares of outcomes beyond this at either end are not drawn: no distribution here is known that far out."""


@dataclass(frozen=True)
class Law:
    """One distribution. `numbers`, by shape:

    uniform: low, high; triangular: low, likely, high; normal: mean, standard deviation; lognormal: median, standard
    deviation of the logarithm; choice: the values. Normal and lognormal are cut off at `low` and `high`, and what is
    left is spread as before; `weights` of a choice, all alike unless given.
    """

    shape: Shape
    numbers: tuple[float, ...]
    low: float = -np.inf
    high: float = np.inf
    weights: tuple[float, ...] = ()

    def quantile(self, share: Floats) -> Floats:
        """The value below which a share (any shape) of outcomes lies; of a choice, the value drawn by it."""
        share = np.clip(np.asarray(share, dtype=np.float64), TAIL, 1.0 - TAIL)
        if self.shape == "choice":
            return self._chosen(share)
        if self.shape == "uniform":
            low, high = self.numbers
            return np.asarray(low + (high - low) * share)
        if self.shape == "triangular":
            return self._triangular(share)
        return self._bell(share)

    def _chosen(self, share: Floats) -> Floats:
        weights = np.array(self.weights or (1.0,) * len(self.numbers))
        ends = np.cumsum(weights) / weights.sum()
        place = np.searchsorted(ends, share, side="right")
        return np.array(self.numbers)[np.minimum(place, len(self.numbers) - 1)]

    def _triangular(self, share: Floats) -> Floats:
        low, likely, high = self.numbers
        width = high - low
        if width == 0.0:
            return np.full_like(share, low)
        rising = low + np.sqrt(share * width * (likely - low))
        falling = high - np.sqrt((1.0 - share) * width * (high - likely))
        return np.where(share * width < likely - low, rising, falling)

    def _bell(self, share: Floats) -> Floats:
        """Normal, or normal in the logarithm, between the cuts."""
        from scipy.special import ndtri

        centre, deviation = self.numbers
        in_log = self.shape == "lognormal"
        if in_log:
            centre = float(np.log(centre))
        if deviation == 0.0:
            return np.full_like(share, self.numbers[0])
        below, above = (self._share_below(cut, centre, deviation) for cut in (self.low, self.high))
        value = centre + deviation * ndtri(below + share * (above - below))
        return np.asarray(np.exp(value) if in_log else value)

    def _share_below(self, cut: float, centre: float, deviation: float) -> float:
        from scipy.special import ndtr

        if self.shape == "lognormal":
            if cut <= 0.0:
                return 0.0
            cut = float(np.log(cut))
        return float(ndtr((cut - centre) / deviation))

    @property
    def span(self) -> tuple[float, float]:
        """The lowest and highest value that is ever drawn."""
        if self.shape == "choice":
            return min(self.numbers), max(self.numbers)
        ends = self.quantile(np.array([0.0, 1.0]))
        return float(ends[0]), float(ends[1])
