"""A rate as United States databases hold it: 12 x 24 tables of periods with tiers; what URDB and SAM files become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from perdure.errors import Faults
from perdure.market.calendar import Calendar, Laid
from perdure.market.charge import (
    BillingMonths,
    Charge,
    ChargeSheet,
    EnergyCharge,
    ExportCredit,
    FixedCharge,
    tiered_energy,
)
from perdure.market.demand import LookBack, PeakCharge
from perdure.market.files import fault
from perdure.market.tariff import Connection
from perdure.quantities import Confidence, Sourced
from perdure.timeline import Ints, Timeline

Tiers = tuple[tuple[float, float], ...]  # (upper bound, rate), the last open
NO_TIERS: Tiers = ((np.inf, 0.0),)


@dataclass(frozen=True)
class BillingDemand:
    """A minimum and look-back that replace the metered demand in the `periods` flagged."""

    minimum_kw: float
    look_back: LookBack
    periods: frozenset[int]


@dataclass(frozen=True)
class RateTable:
    """Energy and demand periods with tiers, flat demand by calendar month, fixed and minimum amounts."""

    currency: str
    source: str
    energy: Calendar
    energy_tiers: tuple[Tiers, ...]
    sell_per_kwh: tuple[float, ...]
    tiers_per_day: bool = False
    demand: Calendar | None = None
    demand_tiers: tuple[Tiers, ...] = ()
    flat_demand_tiers: tuple[Tiers, ...] = (NO_TIERS,) * 12
    fixed_per_month: float = 0.0
    fixed_per_day: float = 0.0
    minimum_per_month: float = 0.0
    billing_demand: BillingDemand | None = None
    export_refused: str = ""  # why exports cannot be billed, '' if they can
    remarks: tuple[str, ...] = ()

    def figures(self) -> dict[str, Sourced]:
        """Every rate with the file as its source."""
        found: dict[str, float] = {}
        for i, tiers in enumerate(self.energy_tiers):
            found |= {f"{self.energy.names[i]} tier {k + 1} per_kwh": rate for k, (_, rate) in enumerate(tiers)}
        for i, tiers in enumerate(self.demand_tiers):
            found |= {f"demand {i + 1} tier {k + 1} per_kw_month": rate for k, (_, rate) in enumerate(tiers)}
        for i, tiers in enumerate(self.flat_demand_tiers):
            found |= {f"flat demand month {i + 1} tier {k + 1} per_kw_month": rate for k, (_, rate) in enumerate(tiers)
                      if rate}  # fmt: skip
        found |= {"fixed_per_month": self.fixed_per_month, "fixed_per_day": self.fixed_per_day}
        units = {"per_kwh": "/kWh", "kw_month": "/kW·month", "er_month": "/month", "_per_day": "/day"}
        return {
            name: Sourced(value, self.currency + units[name[-7:] if name.endswith("per_kwh") else name[-8:]],
                          self.source, Confidence.USER)
            for name, value in found.items()
        }  # fmt: skip

    def charges(self, timeline: Timeline, connection: Connection, export_price: float | None) -> ChargeSheet:
        """Lay the table on a timeline; InputError where exports would be billed by a rule not supported."""
        months, laid = BillingMonths.of(timeline), self.energy.lay(timeline)
        tiered = any(len(tiers) > 1 for tiers in self.energy_tiers)
        charges: list[Charge] = [self._energy(months, laid, tiered)]
        remarks = laid.remarks(tiered)
        charges += self._demand_charges(months, timeline)
        fixed = self.fixed_per_month * months.share + self.fixed_per_day * months.days
        if np.any(fixed):
            charges.append(FixedCharge("Fixed", fixed))
        if connection.export_limit_kw > 0:
            charges.append(self._export(months, laid, export_price))
        return ChargeSheet(self.currency, timeline, tuple(charges), self.remarks + remarks, self.minimum_per_month)

    def _energy(self, months: BillingMonths, laid: Laid, tiered: bool) -> Charge:
        if tiered:
            return tiered_energy("Energy", months, laid.main, self.energy_tiers, self.tiers_per_day)
        return EnergyCharge("Energy", months, laid.mean(np.array([tiers[0][1] for tiers in self.energy_tiers])))

    def _export(self, months: BillingMonths, laid: Laid, export_price: float | None) -> ExportCredit:
        if export_price is None and self.export_refused:
            raise fault("export_price_per_kwh", f"is needed: {self.export_refused}",
                        cure="Set it to settle exports at one price, or export_limit_kw: 0.")  # fmt: skip
        sell = self.sell_per_kwh if export_price is None else [export_price] * len(self.sell_per_kwh)
        return ExportCredit("Export credit", months, laid.mean(np.array(sell)))

    def _demand_charges(self, months: BillingMonths, timeline: Timeline) -> list[Charge]:
        flagged = self.billing_demand.periods if self.billing_demand is not None else frozenset()
        main = None if self.demand is None else self.demand.lay(timeline).main
        found: list[PeakCharge] = []
        if main is not None:
            usual = np.isin(main, [i for i in range(len(self.demand_tiers)) if i not in flagged])
            found.append(self._by_period(months, np.where(usual, main, -1)))
        if self.billing_demand is None:
            found.append(self._flat(months, timeline.steps))
        else:
            found.append(self._by_billing_demand(months, timeline.steps, main, self.billing_demand))
        return [charge for charge in found if np.any(charge.rate_per_kw)]

    def _by_period(self, months: BillingMonths, period: Ints) -> PeakCharge:
        """One group per billing month and demand period that occurs."""
        count = max(len(self.demand_tiers), 1)
        month = _month_of(months, len(period))
        keys, group = np.unique(np.where(period >= 0, month * count + period, -1), return_inverse=True)
        offset = int(keys[0] < 0)
        keys, group = keys[offset:], group.astype(np.int64) - offset
        labels = tuple(f"{months.labels[key // count]} demand {key % count + 1}" for key in keys)
        upper, rate = _table([self.demand_tiers[key % count] for key in keys])
        every = np.arange(len(keys))
        return PeakCharge("Demand time of use", months, group, keys // count, labels, every, upper, rate)

    def _flat(self, months: BillingMonths, steps: int) -> PeakCharge:
        """One group per billing month."""
        every = np.arange(len(months.labels))
        upper, rate = _table([self.flat_demand_tiers[month - 1] for month in months.month])
        return PeakCharge("Demand", months, _month_of(months, steps), every, months.labels, every, upper, rate)

    def _by_billing_demand(
        self, months: BillingMonths, steps: int, main: Ints | None, billing: BillingDemand
    ) -> PeakCharge:
        """One billed demand per month, priced by every flagged period of the month and by the flat table."""
        month = _month_of(months, steps)
        group = month if main is None else np.where(np.isin(main, list(billing.periods)), month, -1)
        rows = [(i, self.flat_demand_tiers[m - 1]) for i, m in enumerate(months.month)]
        if main is not None:
            pairs = np.unique(np.stack([month, main])[:, group >= 0], axis=1).T
            rows += [(int(i), self.demand_tiers[int(period)]) for i, period in pairs]
        upper, rate = _table([tiers for _, tiers in rows])
        every = np.arange(len(months.labels))
        charge = PeakCharge("Demand", months, group, every, months.labels, np.array([i for i, _ in rows]), upper, rate)
        return replace(charge, minimum_kw=billing.minimum_kw, look_back=billing.look_back)


def _month_of(months: BillingMonths, steps: int) -> Ints:
    return np.repeat(np.arange(len(months.labels)), np.diff(np.append(months.starts, steps)))


def _table(tiers: Sequence[Tiers]) -> tuple[Any, Any]:
    """Upper bounds and rates, each (rows, tiers)."""
    width = max(map(len, tiers), default=1)
    padded = [[*row, *[row[-1]] * (width - len(row))] for row in tiers]
    both = np.array(padded, dtype=np.float64).reshape(len(padded), width, 2)
    return both[:, :, 0], both[:, :, 1]


def open_tiers(pairs: Sequence[tuple[float, float]], place: str, faults: Faults) -> Tiers:
    """Tiers that rise and end open; a bounded last tier is held on beyond its bound, as no rate is stated there."""
    bounds = [upper for upper, _ in pairs]
    if any(low >= high for low, high in pairwise(bounds)):
        faults.add(place, "has tier bounds that do not rise", ", ".join(f"{bound:g}" for bound in bounds))
    return (*pairs[:-1], (np.inf, pairs[-1][1]))


def hours_table(value: object, place: str, periods: int, faults: Faults, first: int) -> Any:
    """A 12 x 24 table of period numbers, counted from `first` in the file and from 0 here (12, 24)."""
    try:
        table = np.array(value, dtype=np.float64)
    except (ValueError, TypeError):
        table = np.zeros(0)
    if table.shape != (12, 24):
        faults.add(place, "is no table of 12 months by 24 hours", str(table.shape), "(12, 24)")
        return np.zeros((12, 24), dtype=np.int64)
    found = table.astype(np.int64) - first
    bad = np.unique(found[(found < 0) | (found >= periods)])
    if len(bad):
        faults.add(place, "names periods without a rate", ", ".join(str(i + first) for i in bad),
                   f"{first} to {periods + first - 1}")  # fmt: skip
        return np.clip(found, 0, max(periods - 1, 0))
    return found
