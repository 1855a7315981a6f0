"""Chinese provincial time-of-use calendars as multipliers on the part of the price that floats."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from perdure.errors import Faults
from perdure.market.calendar import Calendar, half_hours
from perdure.market.charge import ChargeSheet
from perdure.market.china import empty_table, rules
from perdure.market.kind import TariffKind
from perdure.market.tariff import Connection
from perdure.market.terms import Terms
from perdure.quantities import Confidence, Sourced
from perdure.timeline import Timeline

_TAGS = {"p": "peak", "f": "flat", "v": "valley", "s": "critical_peak", "d": "deep_valley"}
Province = Literal["jiangsu_2025", "guangdong", "shandong_2025", "anhui_2025"]


class ChineseProvince(Terms):
    """price = flat + (multiplier - 1) x floating part."""

    kind: Literal["cn_provincial"] = "cn_provincial"
    title: str = "Provincial time of use"
    currency: Literal["CNY"] = Field("CNY", description="Yuan.")
    province: Province = Field(description="Whose calendar and multipliers.")
    flat_price_per_kwh: Annotated[float, Field(gt=0, description="The all-in flat price of the bill.")]
    floating_price_per_kwh: Annotated[
        float, Field(gt=0, description="The part of the flat price that is multiplied; see 'floats' in the datasheet.")
    ]
    holidays: tuple[date, ...] = Field((), description="Dates of the holiday rule, where the province has one.")

    def check(self, faults: Faults) -> None:
        """The floating part lies within the flat price; holidays only where a rule uses them."""
        super().check(faults)
        if self.floating_price_per_kwh > self.flat_price_per_kwh:
            faults.add("floating_price_per_kwh", "is above the flat price it is a part of", self.floating_price_per_kwh,
                       f"up to {self.flat_price_per_kwh:g}")  # fmt: skip
        if self.holidays and "holiday" not in self._rule:
            faults.add("holidays", f"{self.province} has no holiday rule here", cure="Leave the dates out.")

    @property
    def _rule(self) -> dict[str, Any]:
        return dict(rules()["provinces"][self.province])

    @property
    def _source(self) -> str:
        return f"{self._rule['document']}: {rules()['provinces_source']}"

    def _multipliers(self) -> dict[tuple[str, float], float]:
        """Multiplier of each (period, multiplier) pair in use, in the calendar's order."""
        rule = self._rule
        found: dict[tuple[str, float], float] = {}
        for season in rule["seasons"]:
            held = rule["multipliers"] | season.get("multipliers", {})
            for tag in season["tags"]:
                found.setdefault((_TAGS[tag], held[tag]), held[tag])
        if self.holidays:
            deep = rule["multipliers"]["v"] * (1 - rule["holiday"]["discount_on_valley_share"])
            found[("holiday_deep_valley", deep)] = deep
        return found

    def calendar(self) -> Calendar:
        """The province's seasons; a period whose multiplier differs by season appears once per multiplier."""
        rule, keys, table = self._rule, list(self._multipliers()), empty_table()
        for season in rule["seasons"]:
            held = rule["multipliers"] | season.get("multipliers", {})
            table[np.array(season["months"]) - 1] = [keys.index((_TAGS[tag], held[tag])) for tag in season["tags"]]
        for text in rule["holiday"]["ranges"] if self.holidays else ():
            table[:, 2, half_hours(text)] = len(keys) - 1
        return Calendar(tuple(f"{name} (x{value:g})" for name, value in keys), table, frozenset(self.holidays))

    def _prices(self) -> list[float]:
        return [
            self.flat_price_per_kwh + (value - 1) * self.floating_price_per_kwh
            for value in self._multipliers().values()
        ]

    def figures(self) -> dict[str, Sourced]:
        """The user's prices, the rule's multipliers, and the prices they make."""
        found = super().figures()
        for (name, value), price in zip(self._multipliers(), self._prices(), strict=True):
            found[f"{name} multiplier {value:g}"] = Sourced(value, "", self._source, Confidence.PUBLISHED)
            found[f"{name} price at {value:g}"] = Sourced(
                price, "CNY/kWh", "flat + (multiplier - 1) x floating part", Confidence.DERIVED
            )
        return found

    @property
    def remarks(self) -> tuple[str, ...]:
        """Also what the province's rule says floats, and what is left out."""
        rule = self._rule
        return (*super().remarks, f"What floats: {rule['floats']}.", str(rule["note"]))

    def periods(self) -> tuple[str, ...]:
        """The calendar as text."""
        return self.calendar().text()

    def charges(self, timeline: Timeline, connection: Connection) -> ChargeSheet:
        """Lay the tariff over a timeline."""
        laid = self.calendar().lay(timeline)
        return self.sheet(timeline, connection, laid.mean(np.array(self._prices())), laid.remarks())


ENTRY = TariffKind(
    name="cn_provincial",
    title_en="Chinese provincial time of use",
    title_zh="各省分时电价",
    summary="Half-hour calendars and multipliers of Jiangsu (2025), Guangdong, Shandong (2025) and Anhui (2025). The "
    "user gives the flat price and the part of it that floats, and any demand or capacity price of the contract.",
    sources=tuple(f"{rule['document']}: {rules()['provinces_source']}" for rule in rules()["provinces"].values()),
    fields=ChineseProvince,
    example={"kind": "cn_provincial", "province": "guangdong", "flat_price_per_kwh": 0.70,
             "floating_price_per_kwh": 0.65, "demand_price_per_kw_month": 36.1},
)  # fmt: skip
