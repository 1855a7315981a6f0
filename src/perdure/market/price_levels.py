"""A tariff at another level: its components dearer or cheaper, the swing of its energy prices wider or narrower."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import singledispatch

import numpy as np

from perdure.market.charge import (
    Charge,
    ChargeSheet,
    EnergyCharge,
    ExportCredit,
    FixedCharge,
    TieredEnergyCharge,
)
from perdure.market.demand import PeakCharge
from perdure.market.tariff import Charges, Connection, Tariff
from perdure.quantities import Sourced
from perdure.timeline import Floats, Timeline


@dataclass(frozen=True)
class PriceLevels:
    """Factors on the components of a tariff; `spread` on the distance of each energy price from the timeline's mean."""

    energy: float = 1.0
    demand: float = 1.0
    fixed: float = 1.0
    export: float = 1.0
    spread: float = 1.0

    def after(self, years: int) -> PriceLevels:
        """These factors as yearly growth, after so many years."""
        return PriceLevels(*(getattr(self, name) ** years for name in self.__dataclass_fields__))

    def times(self, other: PriceLevels) -> PriceLevels:
        """Both together."""
        return PriceLevels(*(getattr(self, name) * getattr(other, name) for name in self.__dataclass_fields__))

    @property
    def unchanged(self) -> bool:
        """True where every factor is 1."""
        return all(getattr(self, name) == 1.0 for name in self.__dataclass_fields__)


@dataclass(frozen=True)
class AtLevels:
    """A tariff whose components are at other levels; everything else is the tariff's own."""

    tariff: Tariff
    levels: PriceLevels

    @property
    def name(self) -> str:
        """Of the tariff."""
        return self.tariff.name

    @property
    def currency(self) -> str:
        """Of the tariff."""
        return self.tariff.currency

    @property
    def title(self) -> str:
        """Of the tariff."""
        return self.tariff.title

    @property
    def remarks(self) -> tuple[str, ...]:
        """Of the tariff."""
        return self.tariff.remarks

    def charges(self, timeline: Timeline, connection: Connection) -> Charges:
        """The tariff's charges at these levels."""
        sheet = self.tariff.charges(timeline, connection)
        if not isinstance(sheet, ChargeSheet):
            raise TypeError(f"the charges of {self.name} are no sheet of charges")
        minimum = sheet.minimum_per_month * self.levels.fixed
        return replace(
            sheet, charges=tuple(at_levels(one, self.levels) for one in sheet.charges), minimum_per_month=minimum
        )

    def figures(self) -> dict[str, Sourced]:
        """Of the tariff."""
        return self.tariff.figures()

    def periods(self) -> tuple[str, ...]:
        """None: the tariff's own would be at other levels."""
        return ()


def tariff_at(tariff: Tariff, levels: PriceLevels) -> Tariff:
    """The tariff at these levels; itself where they change nothing."""
    return tariff if levels.unchanged else AtLevels(tariff, levels)


@singledispatch
def at_levels(charge: Charge, levels: PriceLevels) -> Charge:
    """The same charge at other levels; every kind of charge says how."""
    raise TypeError(f"nothing says how a {type(charge).__name__} changes with price levels")


@at_levels.register
def _(charge: EnergyCharge, levels: PriceLevels) -> EnergyCharge:
    return replace(charge, price_per_kwh=_spread(charge.price_per_kwh, levels) * levels.energy)


@at_levels.register
def _(charge: ExportCredit, levels: PriceLevels) -> ExportCredit:
    return replace(charge, price_per_kwh=charge.price_per_kwh * levels.export)


@at_levels.register
def _(charge: FixedCharge, levels: PriceLevels) -> FixedCharge:
    return replace(charge, amount=charge.amount * levels.fixed)


@at_levels.register
def _(charge: TieredEnergyCharge, levels: PriceLevels) -> TieredEnergyCharge:
    steps = np.bincount(charge.slot, minlength=len(charge.slot_month)).astype(float)
    first = charge.price_per_kwh[:, 0]
    mean = float(steps @ first / steps.sum())
    moved = (first - mean) * (levels.spread - 1.0)
    return replace(charge, price_per_kwh=(charge.price_per_kwh + moved[:, None]) * levels.energy)


@at_levels.register
def _(charge: PeakCharge, levels: PriceLevels) -> PeakCharge:
    return replace(charge, rate_per_kw=charge.rate_per_kw * levels.demand)


def _spread(price_per_kwh: Floats, levels: PriceLevels) -> Floats:
    mean = float(price_per_kwh.mean())
    return np.asarray(mean + levels.spread * (price_per_kwh - mean))
