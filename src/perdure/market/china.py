"""What Chinese tariffs share: the transcribed rules with sources, and the two-part user's demand or capacity."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

import numpy as np
import yaml
from pydantic import Field

from perdure.errors import Faults
from perdure.market.calendar import DAY_KINDS, HALF_HOURS, day_of_periods
from perdure.market.demand import UseDiscount
from perdure.market.tariff import Connection
from perdure.market.terms import Terms, needed_kva
from perdure.quantities import Confidence, Sourced
from perdure.timeline import Ints

Voltage = Literal["1-10kV", "35kV", "110kV", "220kV"]
RULE = "CNY/kWh"


@cache
def rules() -> dict[str, Any]:
    """The transcribed rules."""
    text = resources.files("perdure.market.tariffs").joinpath("china_rules.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def from_rule(rule: Mapping[str, Any], value: float, unit: str, note: str = "") -> Sourced:
    """A figure of a transcribed rule with that rule's source and confidence."""
    return Sourced(value, unit, str(rule["source"]), Confidence(rule.get("confidence", "claim")), note=note)


def price_point(name: str, part: str) -> Sourced:
    """A published price in CNY/kWh."""
    point = rules()["price_points"][name]
    return from_rule(point, point[part], RULE, f"as published, {point['month']}")


def day(periods: Mapping[str, list[str]], names: tuple[str, ...]) -> Ints:
    """Period indices of one day (48,) from a transcribed block; the data must be whole."""
    faults = Faults("china_rules.yaml")
    found = day_of_periods(periods, "periods", names, faults)
    faults.raise_if_any()
    return found


def empty_table() -> Ints:
    """A calendar table to fill (12, 3, 48)."""
    return np.zeros((12, len(DAY_KINDS), HALF_HOURS), dtype=np.int64)


class ChineseTerms(Terms):
    """A Chinese user: two-part users also pay by demand or by capacity, at rates that are unverified until set."""

    currency: Literal["CNY"] = Field("CNY", description="Yuan.")
    billing: Literal["demand", "capacity"] | None = Field(
        None, description="What a two-part user pays besides energy; demand unless set."
    )
    voltage: Voltage = Field("1-10kV", description="Chooses the default demand and capacity prices.")
    high_use_discount: bool = Field(
        False, description="Demand price x0.9 in months of at least 260 kWh per kVA (unverified rule)."
    )

    @property
    def two_part(self) -> bool:
        """True for users who pay by demand or capacity too."""
        return True

    @property
    def billed_by(self) -> Literal["demand", "capacity"] | None:
        """What is paid besides energy."""
        return (self.billing or "demand") if self.two_part else None

    def check(self, faults: Faults) -> None:
        """Demand or capacity figures only where they are billed."""
        super().check(faults)
        given = {
            "demand": self.demand_price_per_kw_month is not None or bool(self.demand_tiers) or self.high_use_discount,
            "capacity": self.capacity_price_per_kva_month is not None,
        }
        for part, stated in given.items():
            if stated and self.billed_by != part:
                faults.add("billing", f"{part} figures are given, but billed is {self.billed_by or 'energy only'}",
                           cure=f"Set billing: {part} for a two-part user, or leave them out.")  # fmt: skip
        if not self.two_part and self.billing is not None:
            faults.add("billing", "is for two-part users only", self.billing)

    @property
    def has_demand(self) -> bool:
        """True where a demand charge is billed."""
        return self.billed_by == "demand"

    def figures(self) -> dict[str, Sourced]:
        """As set, otherwise the default rate of the voltage level, which is unverified."""
        found = super().figures()
        rule = rules()["demand_and_capacity"]
        note = f"{self.voltage}, recalled: check against the grid company's price table"
        if self.billed_by == "demand" and not self.demand_tiers and "demand_price_per_kw_month" not in found:
            found["demand_price_per_kw_month"] = from_rule(
                rule, rule["demand_per_kw_month"][self.voltage], "CNY/kW·month", note
            )
        if self.billed_by == "capacity" and "capacity_price_per_kva_month" not in found:
            found["capacity_price_per_kva_month"] = from_rule(
                rule, rule["capacity_per_kva_month"][self.voltage], "CNY/kVA·month", note
            )
        return found

    @property
    def remarks(self) -> tuple[str, ...]:
        """Also whether the high-use discount is billed."""
        found = super().remarks
        if self.billed_by != "demand":
            return found
        if self.high_use_discount:
            return (*found, "unverified: the demand price is cut to 0.9 of itself from 260 kWh per kVA and month.")
        return (*found, "The demand price cut for high use (0.9 from 260 kWh per kVA and month) is not applied.")

    def discount(self, connection: Connection) -> UseDiscount | None:
        """The high-use discount, where it is chosen."""
        if not self.high_use_discount:
            return None
        high = rules()["demand_and_capacity"]["high_use"]
        return UseDiscount(high["factor"], high["from_kwh_per_kva"] * needed_kva(connection))
