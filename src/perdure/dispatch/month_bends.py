"""What a month's program holds of a tariff that bends: steps and minimum in full, other months as known or expected."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from perdure.dispatch.program import Bends, BilledTerms, TierTerms
from perdure.market.full_prices import BilledDemand, EnergyTiers, FullPrices
from perdure.timeline import Floats, Ints

LATER_DEMAND = "what a month's peak costs in months that remember it is taken at the demand expected of those months"
LATER_USE = "tiers that outlast a month are filled with the use expected of the months after it"
"""What a plan made month by month does not know."""


@dataclass(slots=True)
class MonthBends:
    """A tariff's bends as the months are planned one after another.

    `import_kw` (steps,): expected at first; months already planned write theirs into it.
    """

    full: FullPrices
    import_kw: Floats
    step_h: float
    left_out: dict[str, None] = field(default_factory=dict)

    def of(self, first: int, last: int, seen: int) -> Bends:
        """The bends of the month from `first` to before `last`, for a program that sees steps up to `seen`."""
        tiers = [_tier(one, self.import_kw * self.step_h, first, last, seen) for one in self.full.tiers]
        demands = [_demand(one, self.import_kw, first, last, seen) for one in self.full.demands]
        if any(np.isin(one.group[last:], _named(one.group[first:last])).any() for one in self.full.tiers):
            self.left_out[LATER_USE] = None
        if any(_hangs_on_later(one, first, last) for one in self.full.demands):
            self.left_out[LATER_DEMAND] = None
        return tuple(one for one in tiers if one is not None), tuple(one for one in demands if one is not None)

    def dearer_per_kwh(self, last: int, seen: int) -> Floats:
        """What tiers are expected to add to the price of the steps beyond the month (steps,)."""
        more = np.zeros(seen - last)
        for one in self.full.tiers:
            group, count = one.group, one.upper_kwh.shape[0]
            counted = group >= 0
            total = np.bincount(group[counted], self.import_kw[counted] * self.step_h, count)
            extra = one.extra_per_kwh[(one.upper_kwh < total[:, None]).sum(axis=1)]
            ahead = group[last:seen]
            more += np.where(ahead >= 0, extra[ahead], 0.0)
        return more


def _named(group: Ints) -> Ints:
    """The groups that have steps."""
    present = np.unique(group)
    return present[present >= 0]


def _renamed(group: Ints, own: Ints, first: int, last: int, seen: int) -> Ints:
    """`group` over the steps seen, the month's groups counted from 0, -1 beyond the month."""
    found = np.full(seen - first, -1, np.int64)
    inside = group[first:last]
    found[: last - first] = np.where(inside >= 0, np.searchsorted(own, inside), -1)
    return found


def _tier(one: EnergyTiers, import_kwh: Floats, first: int, last: int, seen: int) -> TierTerms | None:
    """The tiers as the rest of their group's use leaves them."""
    own = _named(one.group[first:last])
    if not own.size:
        return None
    outside = one.group >= 0
    outside[first:last] = False
    used = np.bincount(one.group[outside], import_kwh[outside], one.upper_kwh.shape[0])
    upper = np.maximum(one.upper_kwh[own] - used[own, None], 0.0)
    return TierTerms(one.name, _renamed(one.group, own, first, last, seen), upper, one.extra_per_kwh)


def _demand(one: BilledDemand, import_kw: Floats, first: int, last: int, seen: int) -> BilledTerms | None:
    """The billed demands this month's peaks enter; peaks of other months are a least demand."""
    own = _named(one.group[first:last])
    rows = np.flatnonzero((one.share[:, own] > 0.0).any(axis=1) & (one.rate_per_kw > 0.0).any(axis=1))
    if not rows.size:
        return None
    others = one.share[rows] * one.peak_kw(import_kw)
    others[:, own] = 0.0
    least = np.maximum(one.least_kw[rows], others.max(axis=1))
    group = _renamed(one.group, own, first, last, seen)
    return BilledTerms(one.name, group, one.share[np.ix_(rows, own)], least, one.upper_kw[rows], one.rate_per_kw[rows])


def _hangs_on_later(one: BilledDemand, first: int, last: int) -> bool:
    """Whether a demand this month's peaks enter also hangs on peaks of months not planned yet."""
    own, later = _named(one.group[first:last]), _named(one.group[last:])
    rows = (one.share[:, own] > 0.0).any(axis=1) & (one.rate_per_kw > 0.0).any(axis=1)
    return bool((one.share[np.ix_(rows, np.setdiff1d(later, own))] > 0.0).any())
