"""The kinds of charge a tariff is made of, the prices an optimiser reads from them, and the one bill."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perdure.errors import Fault, InputError
from perdure.market.full_prices import BilledDemand, EnergyTiers, FullPrices, rising
from perdure.timeline import Floats, Ints, Timeline

UNLIMITED = float("inf")


@dataclass(frozen=True)
class PeakPrice:
    """What the optimiser sees of one demand charge: `group` of each step (-1: none), a rate per group.

    The charge is sum(rate_per_kw * max(peak_kw, floor_kw)); `floor_kw` None means no floor. A floor comes from a
    minimum billed demand or a ratchet: raising the peak up to it costs nothing.
    """

    name: str
    group: Ints  # (steps,)
    rate_per_kw: Floats  # (groups,)
    labels: tuple[str, ...]
    floor_kw: Floats | None = None  # (groups,)

    @property
    def floors_kw(self) -> Floats:
        """The demand billed at least (groups,), 0 where nothing is."""
        return np.zeros(self.rate_per_kw.size) if self.floor_kw is None else np.asarray(self.floor_kw, float)


@dataclass(frozen=True)
class Prices:
    """A tariff as straight lines: what the optimiser minimises.

    sum(buy import h) - sum(sell export h) + peaks + `constant` is the bill: everywhere where `exact`, otherwise at the
    import it was straightened around. `remarks` names all that was straightened (tiers, ratchets), assumed or
    unverified; empty means objective and bill agree.
    """

    buy_per_kwh: Floats  # (steps,)
    sell_per_kwh: Floats  # (steps,)
    peaks: tuple[PeakPrice, ...] = ()
    remarks: tuple[str, ...] = ()
    constant: float = 0.0
    exact: bool = True
    full: FullPrices | None = None  # of a tariff that bends, where all its bends are convex
    around_kw: Floats | None = None  # (steps,) the import it was straightened around


@dataclass(frozen=True)
class Bill:
    """What a year (or any timeline) costs, by charge and billing month. Costs positive, credits negative."""

    currency: str
    periods: tuple[str, ...]
    lines: dict[str, Floats]  # charge name -> (periods,)
    import_kwh: Floats  # (periods,)
    export_kwh: Floats  # (periods,)
    peak_kw: Floats  # (periods,) highest import
    remarks: tuple[str, ...] = field(default=())

    @property
    def by_period(self) -> Floats:
        """Total of each billing month (periods,)."""
        return np.sum(list(self.lines.values()), axis=0) if self.lines else np.zeros(len(self.periods))

    @property
    def total(self) -> float:
        """The whole sum."""
        return float(self.by_period.sum())


@dataclass(frozen=True)
class BillingMonths:
    """The billing months of a timeline: where each starts, and which share of its calendar month is covered."""

    step_h: float
    labels: tuple[str, ...]
    starts: Ints  # (periods,) first step
    month: Ints  # (periods,) 1..12
    days: Floats  # (periods,) days covered
    share: Floats  # (periods,) of the calendar month covered

    @classmethod
    def of(cls, timeline: Timeline) -> BillingMonths:
        """Read off a timeline."""
        starts = np.flatnonzero(np.diff(timeline.period, prepend=-1))
        calendar = timeline.local[starts].tz_localize(None).to_period("M")
        begin, end = (
            month.start_time.tz_localize(
                timeline.zone, nonexistent="shift_forward", ambiguous=np.ones(len(starts), bool)
            )
            for month in (calendar, calendar + 1)
        )
        whole_h = np.asarray((end - begin) / pd.Timedelta(hours=1), dtype=np.float64)
        share = np.diff(np.append(starts, timeline.steps)) * timeline.step_h / whole_h
        share = np.where(np.abs(share - 1.0) < 1e-9, 1.0, share)
        days = share * np.asarray(calendar.days_in_month, dtype=np.float64)
        return cls(timeline.step_h, timeline.period_labels, starts, timeline.month[starts], days, share)

    def total(self, values: Floats) -> Floats:
        """Sum of per-step values in each billing month (periods,)."""
        return np.add.reduceat(values, self.starts)

    def energy_kwh(self, power_kw: Floats) -> Floats:
        """Energy of each billing month (periods,)."""
        return self.total(power_kw) * self.step_h


@dataclass(frozen=True)
class Line:
    """One charge as straight lines around an import; `bent` says what had to be straightened ('' if nothing).

    `peak_cost` is what the peak's straight line gives at that import. `tiers` or `demand`: what was straightened, in
    full, where it is convex.
    """

    buy_per_kwh: Floats | None = None
    sell_per_kwh: Floats | None = None
    peak: PeakPrice | None = None
    peak_cost: float = 0.0
    bent: str = ""
    tiers: EnergyTiers | None = None
    first_tier_per_kwh: Floats | None = None  # (steps,) beside `tiers`
    demand: BilledDemand | None = None


class Charge(Protocol):
    """One line of a bill."""

    @property
    def name(self) -> str:
        """The line's name on the bill."""

    def cost(self, import_kw: Floats, export_kw: Floats) -> Floats:
        """What it costs in each billing month (periods,)."""

    def line(self, import_kw: Floats) -> Line:
        """The same as straight lines around `import_kw` (steps,)."""


@dataclass(frozen=True)
class EnergyCharge:
    """Imported energy at a price per step."""

    name: str
    months: BillingMonths
    price_per_kwh: Floats  # (steps,)

    def cost(self, import_kw: Floats, export_kw: Floats) -> Floats:
        """Price times imported energy (periods,)."""
        return self.months.energy_kwh(self.price_per_kwh * import_kw)

    def line(self, import_kw: Floats) -> Line:
        """The price itself."""
        return Line(buy_per_kwh=self.price_per_kwh)


@dataclass(frozen=True)
class ExportCredit:
    """Exported energy paid at a price per step."""

    name: str
    months: BillingMonths
    price_per_kwh: Floats  # (steps,)

    def cost(self, import_kw: Floats, export_kw: Floats) -> Floats:
        """Minus price times exported energy (periods,)."""
        return -self.months.energy_kwh(self.price_per_kwh * export_kw)

    def line(self, import_kw: Floats) -> Line:
        """The price itself."""
        return Line(sell_per_kwh=self.price_per_kwh)


@dataclass(frozen=True)
class FixedCharge:
    """An amount per billing month, whatever is metered: connection, meter, capacity."""

    name: str
    amount: Floats  # (periods,)

    def cost(self, import_kw: Floats, export_kw: Floats) -> Floats:
        """The amount (periods,)."""
        return self.amount

    def line(self, import_kw: Floats) -> Line:
        """Nothing: it moves no decision."""
        return Line()


@dataclass(frozen=True)
class TieredEnergyCharge:
    """Imported energy whose price steps up or down with the month's total import.

    A slot is one price period of one billing month. Each tier of the month's total is spread over the slots in
    proportion to their use: with F_p(E) the tiered cost of E kWh at slot p's prices, the month costs
    sum_p E_p/E F_p(E).
    """

    name: str
    months: BillingMonths
    slot: Ints  # (steps,)
    slot_month: Ints  # (slots,) index of the billing month
    upper_kwh: Floats  # (slots, tiers) upper bound of each tier, the last infinite
    price_per_kwh: Floats  # (slots, tiers)

    def _spread(self, import_kw: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Per slot: energy, share of the month, mean price and marginal tier price."""
        energy = sums(self.slot, import_kw, len(self.slot_month)) * self.months.step_h
        total = sums(self.slot_month, energy, len(self.months.labels))[self.slot_month]
        filled = np.minimum(total[:, None], self.upper_kwh)
        cost = (np.diff(filled, axis=1, prepend=0.0) * self.price_per_kwh).sum(axis=1)
        safe = np.where(total > 0, total, 1.0)
        mean = np.where(total > 0, cost / safe, self.price_per_kwh[:, 0])
        tier = np.minimum((self.upper_kwh <= total[:, None]).sum(axis=1), self.upper_kwh.shape[1] - 1)
        marginal = self.price_per_kwh[np.arange(len(tier)), tier]
        return energy, np.where(total > 0, energy / safe, 0.0), mean, marginal

    def cost(self, import_kw: Floats, export_kw: Floats) -> Floats:
        """Mean price of each slot times its energy (periods,)."""
        energy, _, mean, _ = self._spread(import_kw)
        return sums(self.slot_month, energy * mean, len(self.months.labels))

    def line(self, import_kw: Floats) -> Line:
        """The derivative by each slot's energy: its mean price plus the month's shift of all mean prices."""
        _, share, mean, marginal = self._spread(import_kw)
        shift = sums(self.slot_month, share * (marginal - mean), len(self.months.labels))
        price = mean + shift[self.slot_month]
        told = f"{self.name}: tiers by monthly use are seen at the tier of today's import"
        return Line(price[self.slot], bent=told, tiers=self._tiers, first_tier_per_kwh=self.price_per_kwh[self.slot, 0])

    @property
    def _tiers(self) -> EnergyTiers | None:
        """The tiers apart from the price of each slot; None where slots differ in them or a price falls."""
        extra = self.price_per_kwh - self.price_per_kwh[:, :1]
        count = len(self.months.labels)
        upper = np.zeros((count, self.upper_kwh.shape[1]))
        upper[self.slot_month] = self.upper_kwh
        alike = np.allclose(extra, extra[0], rtol=0.0, atol=1e-12) and np.array_equal(
            upper[self.slot_month], self.upper_kwh
        )
        if not (alike and rising(extra)):
            return None
        return EnergyTiers(self.name, self.slot_month[self.slot], upper[:, :-1], extra[0])


def sums(index: Ints, values: Floats, count: int) -> Floats:
    """Sum of `values` at each index 0..count-1 (count,)."""
    return np.bincount(index, weights=values, minlength=count).astype(np.float64)


def sum_of(arrays: Iterable[Floats | None], steps: int) -> Floats:
    """Sum of arrays (steps,), skipping None; zeros if there is none."""
    present = [array for array in arrays if array is not None]
    return np.sum(present, axis=0) if present else np.zeros(steps)


@dataclass(frozen=True)
class ChargeSheet:
    """A tariff laid over one timeline: its charges, from which both the bill and the optimiser's prices come."""

    currency: str
    timeline: Timeline
    charges: tuple[Charge, ...]
    remarks: tuple[str, ...] = ()
    minimum_per_month: float = 0.0  # the least a whole month costs

    def with_charges(self, charges: Iterable[Charge]) -> ChargeSheet:
        """The same sheet with further lines."""
        return replace(self, charges=(*self.charges, *charges))

    @cached_property
    def months(self) -> BillingMonths:
        """The billing months of the timeline."""
        return BillingMonths.of(self.timeline)

    @cached_property
    def _all_remarks(self) -> tuple[str, ...]:
        part = [label for label, share in zip(self.months.labels, self.months.share, strict=True) if share != 1.0]
        told = f"Only part of {', '.join(part)} is covered: monthly charges are taken in proportion."
        return self.remarks + ((told,) if part else ())

    def _check(self, power_kw: Floats, name: str) -> NDArray[np.float64]:
        power_kw = np.asarray(power_kw, dtype=np.float64)
        if power_kw.shape != (self.timeline.steps,):
            raise InputError([Fault(name, "has a wrong shape", str(power_kw.shape), f"({self.timeline.steps},)")])
        return power_kw

    def _lines(self, import_kw: Floats, export_kw: Floats) -> dict[str, Floats]:
        lines: dict[str, Floats] = {}
        for charge in self.charges:
            cost = charge.cost(import_kw, export_kw)
            lines[charge.name] = lines[charge.name] + cost if charge.name in lines else cost
        if self.minimum_per_month > 0:
            so_far = np.sum(list(lines.values()), axis=0)
            lines["Minimum bill"] = np.maximum(self.minimum_per_month * self.months.share - so_far, 0.0)
        return lines

    def bill(self, import_kw: Floats, export_kw: Floats) -> Bill:
        """The bill of metered power (steps,) in kW."""
        import_kw, export_kw = self._check(import_kw, "import_kw"), self._check(export_kw, "export_kw")
        return Bill(
            currency=self.currency,
            periods=self.months.labels,
            lines=self._lines(import_kw, export_kw),
            import_kwh=self.months.energy_kwh(import_kw),
            export_kwh=self.months.energy_kwh(export_kw),
            peak_kw=np.maximum.reduceat(import_kw, self.months.starts),
            remarks=self._all_remarks,
        )

    def prices(self, import_kw: Floats) -> Prices:
        """The straight-line view for the optimiser, straightened where needed around `import_kw` (steps,)."""
        import_kw = self._check(import_kw, "import_kw")
        seen = [charge.line(import_kw) for charge in self.charges]
        steps = self.timeline.steps
        buy, sell = sum_of((s.buy_per_kwh for s in seen), steps), sum_of((s.sell_per_kwh for s in seen), steps)
        peaks = tuple(s.peak for s in seen if s.peak is not None)
        lines = self._lines(import_kw, np.zeros(steps))
        bent = tuple(s.bent for s in seen if s.bent)
        if np.any(lines.get("Minimum bill", 0.0)):
            bent += ("Minimum bill: it binds at today's import, where saving is worth less than the prices say",)
        moving = float(np.sum(buy * import_kw)) * self.timeline.step_h + sum(s.peak_cost for s in seen)
        constant = float(np.sum(list(lines.values()))) - moving if lines else 0.0
        exact = not bent and self.minimum_per_month <= 0
        full, around = (None, None) if exact else (self._full(seen), import_kw)
        return Prices(buy, sell, peaks, self._all_remarks + bent, constant, exact, full, around)

    def _full(self, seen: list[Line]) -> FullPrices | None:
        """What bends, unstraightened; None where some of it is not convex or written for no program."""
        if self.minimum_per_month > 0 or any(s.bent and s.tiers is None and s.demand is None for s in seen):
            return None
        first = (s.buy_per_kwh if s.tiers is None else s.first_tier_per_kwh for s in seen)
        straight = [s.demand is None for s in seen if s.peak is not None]
        return FullPrices(
            sum_of(first, self.timeline.steps),
            tuple(s.tiers for s in seen if s.tiers is not None),
            tuple(s.demand for s in seen if s.demand is not None),
            tuple(i for i, holds in enumerate(straight) if holds),
        )


def tiered_energy(
    name: str,
    months: BillingMonths,
    period: Ints,
    tiers: Iterable[Iterable[tuple[float, float]]],
    per_day: bool = False,
) -> TieredEnergyCharge:
    """Energy tiers per price period: `period` (steps,) indexes `tiers`, each (upper kWh, price) pairs, the last open.

    Bounds hold for a whole month, or for each day of it where `per_day`.
    """
    tables = [list(table) for table in tiers]
    width = max(map(len, tables))
    tables = [table + [table[-1]] * (width - len(table)) for table in tables]
    upper, price = np.array(tables, dtype=np.float64).transpose(2, 0, 1)
    month = np.repeat(np.arange(len(months.labels)), np.diff(np.append(months.starts, len(period))))
    scale = months.days if per_day else months.share
    return TieredEnergyCharge(
        name,
        months,
        slot=month * len(tables) + period,
        slot_month=np.repeat(np.arange(len(months.labels)), len(tables)),
        upper_kwh=(scale[:, None, None] * upper).reshape(-1, width),
        price_per_kwh=np.tile(price, (len(months.labels), 1)),
    )
