"""Demand charges: the month's highest import, in groups and tiers, with a minimum, a look-back and a use discount."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from perdure.market.charge import BillingMonths, Line, PeakPrice, sums
from perdure.market.full_prices import BilledDemand, joined_tiers, rising
from perdure.timeline import Floats, Ints


@dataclass(frozen=True)
class LookBack:
    """The billed demand is at least a share of the peaks of the `months` before.

    `share` and `own` by calendar month (12,): the share at which a month's peak is remembered, and whether the
    month's own peak counts in full. `before_kw` (12,): peaks by calendar month in the year before the timeline; None
    takes a timeline of twelve billing months as repeating, and otherwise remembers nothing from before it.
    """

    months: int
    share: Floats
    own: NDArray[np.bool_]
    before_kw: Floats | None = None

    def weights(self, billing: BillingMonths) -> Floats:
        """Share of the peak of month j (column) in the billed demand of month i (row) (periods, periods)."""
        count = len(billing.month)
        lag = np.arange(count)[:, None] - np.arange(count)[None, :]
        if self.before_kw is None and count == 12:
            lag = lag % 12
        share = np.broadcast_to(self.share[billing.month - 1], (count, count))
        remembered = np.where((lag >= 1) & (lag <= self.months), share, 0.0)
        own = np.where(self.own, 1.0, self.share)[billing.month - 1]
        return np.asarray(np.where(np.eye(count, dtype=np.bool_), own[:, None], remembered))

    def from_before_kw(self, billing: BillingMonths) -> Floats:
        """The least billed demand that the year before leaves in each month (periods,)."""
        least = np.zeros(len(billing.month))
        if self.before_kw is None:
            return least
        for i in range(min(len(least), self.months)):
            past = (billing.month[i] - 1 - np.arange(i + 1, self.months + 1)) % 12
            least[i] = np.max(self.share[past] * self.before_kw[past], initial=0.0)
        return least


@dataclass(frozen=True)
class UseDiscount:
    """The demand price falls to `factor` of itself in months whose import reaches `from_kwh` (per whole month)."""

    factor: float
    from_kwh: float


@dataclass(frozen=True)
class PeakCharge:
    """The highest import of each group of steps, billed in tiers.

    A row is one price table on one group; several rows may price the same group. With a look-back there is exactly
    one group per billing month, in order.
    """

    name: str
    months: BillingMonths
    group: Ints  # (steps,) -1: none
    group_month: Ints  # (groups,) index of the billing month
    labels: tuple[str, ...]  # (groups,)
    row_group: Ints  # (rows,)
    upper_kw: Floats  # (rows, tiers) upper bound of each tier, the last infinite
    rate_per_kw: Floats  # (rows, tiers)
    minimum_kw: float = 0.0
    look_back: LookBack | None = None
    discount: UseDiscount | None = None

    @cached_property
    def _order(self) -> tuple[Ints, Ints, Ints]:
        """Steps sorted by group, the first of each group in that order, and the groups present."""
        order = np.argsort(self.group, kind="stable")
        order = order[np.searchsorted(self.group[order], 0) :]
        present, first = np.unique(self.group[order], return_index=True)
        return order, first, present

    def peak_kw(self, import_kw: Floats) -> Floats:
        """Highest import of each group (groups,)."""
        order, first, present = self._order
        peak = np.zeros(len(self.group_month))
        if len(present):
            peak[present] = np.maximum.reduceat(import_kw[order], first)
        return peak

    @cached_property
    def _weights(self) -> Floats:
        if self.look_back is None:
            return np.eye(len(self.group_month))
        return self.look_back.weights(self.months)

    @cached_property
    def _least_kw(self) -> Floats:
        before = 0.0 if self.look_back is None else self.look_back.from_before_kw(self.months)
        return np.asarray(np.maximum(np.full(len(self.group_month), self.minimum_kw), before))

    def billed_kw(self, peak_kw: Floats) -> Floats:
        """Billed demand of each group (groups,)."""
        if self.look_back is None:
            return np.asarray(np.maximum(peak_kw, self._least_kw))
        return np.asarray(np.maximum((self._weights * peak_kw).max(axis=1), self._least_kw))

    def _rates(self, import_kw: Floats) -> Floats:
        """The price tables of these months, discount included (rows, tiers)."""
        factor = self.months.share
        if self.discount is not None:
            reached = self.months.energy_kwh(import_kw) >= self.discount.from_kwh * self.months.share
            factor = factor * np.where(reached, self.discount.factor, 1.0)
        return np.asarray(self.rate_per_kw * factor[self.group_month[self.row_group]][:, None])

    def cost(self, import_kw: Floats, export_kw: Floats) -> Floats:
        """Tiered cost of the billed demand (periods,)."""
        billed = self.billed_kw(self.peak_kw(import_kw))[self.row_group]
        filled = np.minimum(billed[:, None], self.upper_kw)
        cost = (np.diff(filled, axis=1, prepend=0.0) * self._rates(import_kw)).sum(axis=1)
        return sums(self.group_month[self.row_group], cost, len(self.months.labels))

    def _marginal(self, import_kw: Floats, billed_kw: Floats) -> Floats:
        """Rate of the tier each group's billed demand lies in, all rows of the group together (groups,)."""
        tier = (self.upper_kw <= billed_kw[self.row_group][:, None]).sum(axis=1)
        tier = np.minimum(tier, self.upper_kw.shape[1] - 1)
        rate = self._rates(import_kw)[np.arange(len(tier)), tier]
        return sums(self.row_group, rate, len(self.group_month))

    def line(self, import_kw: Floats) -> Line:
        """The marginal rate per group; under a look-back also what a peak costs in the months that remember it."""
        peak = self.peak_kw(import_kw)
        rate = self._marginal(import_kw, self.billed_kw(peak))
        rate, floor = self._remembered(rate, peak) if self.look_back is not None else (rate, self._least_kw)
        floor_kw = floor if np.any(floor > 0) else None
        seen = PeakPrice(self.name, self.group, rate, self.labels, floor_kw)
        cost = float(rate @ np.maximum(peak, floor))
        return Line(peak=seen, peak_cost=cost, bent=self._bent, demand=self._billed if self._bent else None)

    @cached_property
    def _billed(self) -> BilledDemand | None:
        """The charge in full; None where its price falls with demand or hangs on the month's use."""
        if self.discount is not None:
            return None
        rate = self.rate_per_kw * self.months.share[self.group_month[self.row_group]][:, None]
        upper, rate = joined_tiers(self.upper_kw, rate, self.row_group, len(self.group_month))
        if not rising(rate):
            return None
        return BilledDemand(self.name, self.group, self._weights, self._least_kw, upper, rate)

    def _remembered(self, rate: Floats, peak_kw: Floats) -> tuple[Floats, Floats]:
        """Rate and floor of each month's own peak, given which month's peak sets each month's billed demand."""
        pull = self._weights * peak_kw
        own = np.diag(self._weights)
        others = np.maximum(np.max(pull - np.diag(np.diag(pull)), axis=1, initial=0.0), self._least_kw)
        source = np.where(pull.max(axis=1) >= self._least_kw, pull.argmax(axis=1), -1)
        held = np.arange(len(rate)) == source
        elsewhere = np.flatnonzero((source >= 0) & ~held)
        extra = np.zeros(len(rate))
        np.add.at(extra, source[elsewhere], rate[elsewhere] * self._weights[elsewhere, source[elsewhere]])
        floor = np.where(own > 0, others / np.where(own > 0, own, 1.0), 0.0)
        remembered_only = ~held & (extra > 0)
        return extra + np.where(remembered_only, 0.0, rate * own), np.where(remembered_only, 0.0, floor)

    @cached_property
    def _bent(self) -> str:
        bends = []
        if np.isfinite(self.upper_kw).any():
            bends.append("tiers by kW are seen at the tier of today's peak")
        if self.look_back is not None:
            bends.append("the look-back is seen as today's peaks set it")
        if self.discount is not None:
            bends.append("the discount for high use is seen as today's import earns it")
        if bends and self.minimum_kw > 0:  # alone it is a floor, which the straight line keeps
            bends.append(f"below the minimum of {self.minimum_kw:g} kW a lower peak saves nothing")
        return f"{self.name}: {'; '.join(bends)}" if bends else ""


def monthly_peaks(
    name: str,
    months: BillingMonths,
    steps: int,
    rate_per_kw: float,
    minimum_kw: float = 0.0,
    look_back: LookBack | None = None,
    discount: UseDiscount | None = None,
    tiers: tuple[tuple[float, float], ...] = (),
    inside: NDArray[np.bool_] | None = None,
) -> PeakCharge:
    """One demand charge on the highest import of each whole month, or of its steps `inside` (steps,).

    `tiers`: (upper kW, rate) pairs in place of one `rate_per_kw`.
    """
    count = len(months.labels)
    group = np.repeat(np.arange(count), np.diff(np.append(months.starts, steps)))
    tiers = tiers or ((np.inf, rate_per_kw),)
    upper, rate = (np.tile(np.array(column, dtype=np.float64), (count, 1)) for column in zip(*tiers, strict=True))
    if inside is not None:
        rate = np.where(np.bincount(group[inside], minlength=count)[:, None] > 0, rate, 0.0)
        group = np.where(inside, group, -1)
    every = np.arange(count)
    return PeakCharge(
        name, months, group, every, months.labels, every, upper, rate, minimum_kw, look_back, discount
    )  # fmt: skip
