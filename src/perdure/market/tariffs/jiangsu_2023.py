"""Jiangsu's time-of-use rule of 2023: base periods, a critical peak in summer and winter, deep valley on holidays."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from perdure.market.calendar import Calendar, half_hours
from perdure.market.charge import ChargeSheet
from perdure.market.china import RULE, ChineseTerms, day, empty_table, from_rule, price_point, rules
from perdure.market.kind import TariffKind
from perdure.market.tariff import Connection
from perdure.market.terms import from_case
from perdure.quantities import Confidence, Sourced
from perdure.timeline import Timeline

PERIODS = ("peak", "flat", "valley", "critical_peak", "deep_valley")
Price = Annotated[float, Field(gt=0)]


class Jiangsu2023(ChineseTerms):
    """Industry from 315 kVA, July 2023 to May 2025."""

    kind: Literal["jiangsu_2023"] = "jiangsu_2023"
    title: str = "Jiangsu time of use (rule 555 of 2023)"
    peak_price_per_kwh: Price | None = Field(None, description="All-in; a published example unless set.")
    flat_price_per_kwh: Price | None = Field(None, description="All-in; a published example unless set.")
    valley_price_per_kwh: Price | None = Field(None, description="All-in; a published example unless set.")
    holidays: tuple[date, ...] = Field((), description="Dates with a deep valley from 11:00 to 15:00.")
    deep_valley_of: Literal["valley", "flat"] = Field(
        "valley", description="Which price the holiday discount is taken from (unverified)."
    )

    def _price(self, part: str) -> Sourced:
        given = getattr(self, f"{part}_price_per_kwh")
        return price_point("two_part_2023_01", part) if given is None else from_case(given, RULE)

    def figures(self) -> dict[str, Sourced]:
        """Prices, the critical-peak multiplier and the holiday discount."""
        rule, found = rules()["jiangsu_2023"], super().figures()
        for part in PERIODS[:3]:
            found[f"{part}_price_per_kwh"] = self._price(part)
        found["critical_peak_multiplier"] = from_rule(rule, rule["critical_peak"]["multiplier_on_peak"], "")
        if self.holidays:
            found["deep_valley_discount_share"] = from_rule(rule, rule["deep_valley"]["discount_share"], "")
        for name, value in list(zip(PERIODS, self._period_prices(), strict=True))[3 : 5 if self.holidays else 4]:
            found[f"{name}_per_kwh"] = Sourced(value, RULE, rule["source"], Confidence.DERIVED)
        return found

    def _period_prices(self) -> tuple[float, ...]:
        rule = rules()["jiangsu_2023"]
        price = {part: self._price(part).value for part in PERIODS[:3]}
        critical = price["peak"] * rule["critical_peak"]["multiplier_on_peak"]
        deep = price[self.deep_valley_of] * (1 - rule["deep_valley"]["discount_share"])
        return (*price.values(), critical, deep)

    def calendar(self) -> Calendar:
        """Base periods, overlaid by the critical peak and, on holidays, the deep valley."""
        rule, table = rules()["jiangsu_2023"], empty_table()
        table[:] = day(rule["periods"], PERIODS)
        for season in rule["critical_peak"]["by_season"]:
            hours = np.isin(np.arange(48), [i for text in season["ranges"] for i in half_hours(text)])
            where = np.ix_(np.array(season["months"]) - 1, np.arange(3), np.flatnonzero(hours))
            table[where] = PERIODS.index("critical_peak")
        for text in rule["deep_valley"]["ranges"]:
            table[:, 2, half_hours(text)] = PERIODS.index("deep_valley")
        return Calendar(PERIODS, table, frozenset(self.holidays))

    @property
    def remarks(self) -> tuple[str, ...]:
        """Also the rule's medium confidence and the holiday rule."""
        found = [*super().remarks, "The rule of 2023 was read in secondary texts (medium confidence)."]
        if any(getattr(self, f"{part}_price_per_kwh") is None for part in PERIODS[:3]):
            found.append("Prices are partly a published example of January 2023, not your month's.")
        if self.holidays:
            found.append(f"unverified: the deep valley is taken from the {self.deep_valley_of} price.")
        else:
            found.append("The deep valley on holidays is not billed: the case lists no dates.")
        return tuple(found)

    def periods(self) -> tuple[str, ...]:
        """The calendar as text."""
        return self.calendar().text()

    def charges(self, timeline: Timeline, connection: Connection) -> ChargeSheet:
        """Lay the tariff over a timeline."""
        laid = self.calendar().lay(timeline)
        price = laid.mean(np.array(self._period_prices()))
        return self.sheet(timeline, connection, price, laid.remarks(), self.discount(connection))


ENTRY = TariffKind(
    name="jiangsu_2023",
    title_en="Jiangsu time of use, rule 555 of 2023",
    title_zh="江苏分时电价(苏发改价格发〔2023〕555号)",
    summary="Large industry in Jiangsu from July 2023 until the rule of 2025: night valley, two peaks a day, a "
    "critical peak 20 % above peak in July, August, December and January, and a deep valley on holidays.",
    sources=(str(rules()["jiangsu_2023"]["source"]), str(rules()["demand_and_capacity"]["source"])),
    fields=Jiangsu2023,
    example={"kind": "jiangsu_2023"},
)
