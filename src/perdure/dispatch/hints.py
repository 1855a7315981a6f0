"""What one search for demand caps tells the next on nearly the same problem, such as a year later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perdure.timeline import Floats, Ints

WIDEST = 0.01
"""Share of a cap that the second trial moves at most, and moves where nothing is known."""
NARROWEST = 1e-3
OVERSHOOT = 1.5
"""How much farther than where the cost is expected to be least: both sides of it bound it."""
MEMORY = 16
"""So many sweeps are remembered."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Where to look first, and how the derivative by each cap ran around there.

    `caps`: the best found. `drift`: how far they had moved since the search before. `apart`, `slopes`: caps tried,
    from the best, and the derivatives there, demand rate included; the latest first.
    """

    caps: Floats  # (groups,) kW
    drift: Floats  # (groups,) kW
    apart: Floats  # (sweeps, groups) kW
    slopes: Floats  # (sweeps, groups) per kW

    @classmethod
    def at(cls, caps: Floats) -> Hint:
        """Caps alone."""
        nothing = np.zeros((0, caps.size))
        return cls(caps, np.zeros(caps.size), nothing, nothing)

    def after(self, caps: Floats, tried: Floats, slopes: Floats) -> Hint:
        """What to hand on when this hint led to `caps`."""
        drift = caps - self.caps
        drift = np.where(np.abs(drift) < WIDEST * np.abs(caps), drift, 0.0)
        apart, kept = np.concatenate([tried - caps, self.apart]), np.concatenate([slopes, self.slopes])
        return Hint(caps, drift, apart[:MEMORY], kept[:MEMORY])

    def of(self, groups: Ints) -> Hint:
        """Of some groups only."""
        return Hint(self.caps[groups], self.drift[groups], self.apart[:, groups], self.slopes[:, groups])

    def onto(self, groups: Ints, all_caps: Floats) -> Hint:
        """As a hint for more groups, of which these are some; the others at `all_caps`, and nothing known of them."""
        drift, caps = np.zeros(all_caps.size), all_caps.copy()
        apart = np.full((len(self.apart), caps.size), np.nan)
        slopes = apart.copy()
        caps[groups], drift[groups] = self.caps, self.drift
        apart[:, groups], slopes[:, groups] = self.apart, self.slopes
        return Hint(caps, drift, apart, slopes)

    def start(self, floors: Floats) -> Floats:
        """The first trial: as far from the caps before as these were from theirs."""
        return np.maximum(self.caps + self.drift, floors)

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
