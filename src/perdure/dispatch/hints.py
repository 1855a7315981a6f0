"""What one search for demand caps tells the next on nearly the same problem, such as a year later."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from perdure.timeline import Floats, Ints

WIDEST = 0.01
"""Share of a cap that the second trial moves at most, and moves where nothing is known."""
NARROWEST = 1e-3
OVERSHOOT = 1.5
"""How much farther than where the cost is expected to be least: both sides of it bound it."""
MEMORY = 16
"""So many sweeps are remembered."""
SAME_SIZE = 1e-6
"""Relative: stores closer in size are one."""
MOST_CARRIED = 3.0
"""A drift is carried on to at most so many times the change of size it came with."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Where to look first, and how the derivative by each cap ran around there.

    `caps`: the best found for a store of `size`. `drift`: how far they had moved since the search before, when the
    size had `moved` by so much. `sizes`, `best`: of all searches so far, by size. `apart`, `slopes`: caps tried, from
    the best, and the derivatives there, demand rate included; the latest first.
    """

    caps: Floats  # (groups,) kW
    size: float  # kWh
    drift: Floats  # (groups,) kW
    moved: float  # kWh
    sizes: Floats  # (searches,) kWh, rising
    best: Floats  # (searches, groups) kW
    apart: Floats  # (sweeps, groups) kW
    slopes: Floats  # (sweeps, groups) per kW

    @classmethod
    def at(cls, caps: Floats) -> Hint:
        """Caps alone."""
        nothing = np.zeros((0, caps.size))
        return cls(caps, 0.0, np.zeros(caps.size), 0.0, np.zeros(0), nothing, nothing, nothing)

    def after(self, caps: Floats, size: float, tried: Floats, slopes: Floats) -> Hint:
        """What to hand on when this hint led to `caps` for a store of `size` kWh."""
        drift = caps - self.caps
        drift = np.where(np.abs(drift) < WIDEST * np.abs(caps), drift, 0.0)
        apart, kept = np.concatenate([tried - caps, self.apart]), np.concatenate([slopes, self.slopes])
        others = np.abs(self.sizes - size) > SAME_SIZE * size
        sizes, best = np.append(self.sizes[others], size), np.concatenate([self.best[others], caps[None]])
        order = np.argsort(sizes)
        return Hint(caps, size, drift, size - self.size, sizes[order], best[order], apart[:MEMORY], kept[:MEMORY])

    def of(self, groups: Ints) -> Hint:
        """Of some groups only."""
        return replace(
            self, caps=self.caps[groups], drift=self.drift[groups], best=self.best[:, groups],
            apart=self.apart[:, groups], slopes=self.slopes[:, groups],
        )  # fmt: skip

    def onto(self, groups: Ints, all_caps: Floats) -> Hint:
        """As a hint for more groups, of which these are some; the others at `all_caps`, and nothing known of them."""

        def spread(values: Floats, others: Floats | float) -> Floats:
            whole = np.empty((*values.shape[:-1], all_caps.size))
            whole[...] = others
            whole[..., groups] = values
            return whole

        return replace(
            self, caps=spread(self.caps, all_caps), drift=spread(self.drift, 0.0), best=spread(self.best, np.nan),
            apart=spread(self.apart, np.nan), slopes=spread(self.slopes, np.nan),
        )  # fmt: skip

    def start(self, floors: Floats, size: float) -> Floats:
        """The first trial for a store of `size` kWh: as the caps ran with the size, known or carried on."""
        if self.sizes.size and self.sizes[0] <= min(size, self.size) and max(size, self.size) <= self.sizes[-1]:
            shift = self._recorded(size) - self._recorded(self.size)
        else:
            further = (size - self.size) / self.moved if abs(self.moved) > SAME_SIZE * size else 1.0
            shift = self.drift * (further if 0.0 <= further <= MOST_CARRIED else 1.0)
        return np.maximum(self.caps + np.where(np.isfinite(shift), shift, 0.0), floors)

    def _recorded(self, size: float) -> Floats:
        """The best caps at a size, between the searches recorded (groups,)."""
        return np.array([np.interp(size, self.sizes, self.best[:, g]) for g in range(self.caps.size)])

    def reach(self, slope: Floats) -> Floats:
        """How far to go from the first trial, with its derivatives `slope`, for the other side of the least cost.

        NaN where not even the cap is known.
        """
        reach = np.where(np.isfinite(self.caps), WIDEST * (np.abs(self.caps) + 1.0), np.nan)
        for g in range(slope.size):
            known = np.isfinite(self.apart[:, g])
            if known.any():
                apart, slopes = self.apart[known, g], self.slopes[known, g]
                order = np.argsort(apart)
                there = np.interp(slope[g], _rising(slopes[order]), apart[order])
                reach[g] *= np.clip(OVERSHOOT * abs(there) / reach[g], NARROWEST / WIDEST, 1.0)
        return reach


def _rising(slopes: Floats) -> Floats:
    """Derivatives in order of their caps, made to rise: those of several years do not quite."""
    back = np.minimum.accumulate(slopes[::-1])[::-1]
    return np.asarray(0.5 * (np.maximum.accumulate(slopes) + back))
