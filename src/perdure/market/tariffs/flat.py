"""One energy price all year, with demand, capacity and fixed charges where there are some."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from perdure.errors import Faults
from perdure.market.charge import ChargeSheet
from perdure.market.kind import TariffKind
from perdure.market.tariff import Connection
from perdure.market.terms import EnergyTier, Terms, check_tiers, energy_pairs, from_case
from perdure.quantities import Sourced
from perdure.timeline import Timeline


class Flat(Terms):
    """One price per kWh, or tiers by monthly use."""

    kind: Literal["flat"] = "flat"
    title: str = "Flat price"
    price_per_kwh: float | None = Field(None, description="Paid for imported energy.")
    price_tiers: tuple[EnergyTier, ...] = Field((), description="In place of one price: tiers by monthly import.")

    def check(self, faults: Faults) -> None:
        """Exactly one of price and tiers."""
        super().check(faults)
        if (self.price_per_kwh is None) == (not self.price_tiers):
            faults.add("price_per_kwh", "must be given, or else price_tiers, but not both", self.price_per_kwh)
        check_tiers([tier.up_to_kwh_per_month for tier in self.price_tiers], "price_tiers", faults)

    def figures(self) -> dict[str, Sourced]:
        """Every number the case sets."""
        tiers = {
            f"price_tiers[{i}]": from_case(tier.price_per_kwh, f"{self.currency}/kWh")
            for i, tier in enumerate(self.price_tiers)
        }
        return super().figures() | tiers

    def charges(self, timeline: Timeline, connection: Connection) -> ChargeSheet:
        """Lay the tariff over a timeline."""
        if self.price_tiers:
            period = np.zeros(timeline.steps, dtype=np.int64)
            return self.tiered_sheet(timeline, connection, period, [energy_pairs(self.price_tiers)])
        return self.sheet(timeline, connection, np.full(timeline.steps, self.price_per_kwh or 0.0))


ENTRY = TariffKind(
    name="flat",
    title_en="Flat price",
    title_zh="单一电价",
    summary="One price for every kWh (or tiers by monthly use), one for export, and a demand, capacity or fixed charge "
    "where the contract has one.",
    sources=("The user's contract.",),
    fields=Flat,
    example={"kind": "flat", "currency": "EUR", "price_per_kwh": 0.25, "export_price_per_kwh": 0.06,
             "demand_price_per_kw_month": 8.0, "fixed_price_per_month": 20.0},
)  # fmt: skip
