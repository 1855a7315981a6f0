"""A tariff that bends, in full: energy in tiers by use and demand as it is billed, where both are convex."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perdure.timeline import Floats, Ints, highest


@dataclass(frozen=True)
class EnergyTiers:
    """Imported energy that grows dearer with a group's total: `extra_per_kwh` (tiers,) rising, on top of the price.

    `group` (steps,), -1: none; `upper_kwh` (groups, tiers - 1): where each tier but the last ends.
    """

    name: str
    group: Ints
    upper_kwh: Floats
    extra_per_kwh: Floats

    def cost(self, import_kwh: Floats) -> float:
        """What the tiers add for imported energy (steps,)."""
        counted = self.group >= 0
        total = np.bincount(self.group[counted], import_kwh[counted], self.upper_kwh.shape[0])
        bounds = np.concatenate([np.zeros((len(total), 1)), self.upper_kwh], axis=1)
        more = np.diff(self.extra_per_kwh, prepend=0.0)
        return float((np.maximum(total[:, None] - bounds, 0.0) * more).sum())


@dataclass(frozen=True)
class BilledDemand:
    """Demand as a utility bills it: i is billed max(least_kw[i], share[i, j] * peak of group j for every j).

    `group` (steps,), -1: none; `share` (billed, groups); `upper_kw`, `rate_per_kw` (billed, tiers): the last tier is
    open, rates rise. A look-back has shares off the diagonal; contracted steps are tiers.
    """

    name: str
    group: Ints
    share: Floats
    least_kw: Floats
    upper_kw: Floats
    rate_per_kw: Floats

    def peak_kw(self, import_kw: Floats) -> Floats:
        """Highest import of each group (groups,)."""
        return highest(self.group, import_kw, np.zeros(self.share.shape[1]))

    def cost_of(self, peak_kw: Floats) -> float:
        """What peaks (groups,) cost."""
        billed = np.maximum((self.share * peak_kw).max(axis=1), self.least_kw)
        filled = np.diff(np.minimum(billed[:, None], self.upper_kw), axis=1, prepend=0.0)
        return float((filled * self.rate_per_kw).sum())


@dataclass(frozen=True)
class FullPrices:
    """The whole bill but for its straight demand charges: equal to it for every import, not only around one."""

    buy_per_kwh: Floats  # (steps,) of the first tier
    tiers: tuple[EnergyTiers, ...]
    demands: tuple[BilledDemand, ...]
    straight: tuple[int, ...]  # which of the straight view's peaks hold as they are

    def bent_cost(self, import_kw: Floats, step_h: float) -> float:
        """What tiers and billed demand come to for an import (steps,)."""
        energy = sum(tier.cost(import_kw * step_h) for tier in self.tiers)
        return float(energy + sum(one.cost_of(one.peak_kw(import_kw)) for one in self.demands))


def rising(values: Floats) -> bool:
    """Whether prices rise from tier to tier (..., tiers), so that the cheapest is used first."""
    return bool(np.all(np.diff(values, axis=-1) >= -1e-12))


def joined_tiers(upper: Floats, rate: Floats, row_of: Ints, count: int) -> tuple[Floats, Floats]:
    """Several price tables on one demand (rows, tiers) as one table each (count, tiers): rates add up."""
    tables = []
    for i in range(count):
        rows = np.flatnonzero(row_of == i)
        edges = np.unique(np.append(upper[rows].ravel(), np.inf))
        at = np.minimum((upper[rows][:, :, None] < edges).sum(axis=1), upper.shape[1] - 1)
        tables.append((edges, np.take_along_axis(rate[rows], at, axis=1).sum(axis=0)))
    width = max((len(edges) for edges, _ in tables), default=1)
    whole = np.full((count, width), np.inf), np.zeros((count, width))
    for i, (edges, rates) in enumerate(tables):
        whole[0][i, : len(edges)], whole[1][i, : len(edges)] = edges, rates
        whole[1][i, len(edges) :] = rates[-1]
    return whole
