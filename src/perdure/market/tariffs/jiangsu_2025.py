"""Jiangsu's time-of-use rule of 2025: two seasons, peak and valley on the purchase price only."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from perdure.errors import Faults
from perdure.market.calendar import Calendar
from perdure.market.charge import ChargeSheet
from perdure.market.china import RULE, ChineseTerms, day, empty_table, from_rule, price_point, rules
from perdure.market.kind import TariffKind
from perdure.market.tariff import Connection
from perdure.market.terms import from_case
from perdure.quantities import Confidence, Sourced
from perdure.timeline import Timeline

PERIODS = ("peak", "flat", "valley")
_POINTS = {"two_part": "two_part_2025", "single_part_ge_100kva": "single_part_2025"}
_SEASONS = ("summer_winter", "spring_autumn")


class Jiangsu2025(ChineseTerms):
    """price = flat + k x purchase price, with k = +0.8 / +0.7 / +0.6 in peak, 0 in flat, -0.65 in valley hours."""

    kind: Literal["jiangsu_2025"] = "jiangsu_2025"
    title: str = "Jiangsu time of use (rule 426 of 2025)"
    user: Literal["two_part", "single_part_ge_100kva", "single_part_lt_100kva"] = Field(
        "two_part", description="The user class, which sets the peak uplift."
    )
    flat_price_per_kwh: Annotated[float, Field(gt=0)] | None = Field(
        None, description="The all-in flat price; a published example unless set."
    )
    purchase_price_per_kwh: Annotated[float, Field(gt=0)] | None = Field(
        None, description="The part that floats; derived from a published example unless set."
    )
    periods_all_year: Literal["summer_winter", "spring_autumn"] | None = Field(
        None, description="For users who opted in: one season's periods all year."
    )

    @property
    def two_part(self) -> bool:
        """By user class."""
        return self.user == "two_part"

    def check(self, faults: Faults) -> None:
        """A flat price is needed where no example is known; the purchase price is a part of it."""
        super().check(faults)
        if self.flat_price_per_kwh is None and self.user not in _POINTS:
            faults.add("flat_price_per_kwh", "is missing: no example is known for single_part_lt_100kva",
                       cure="Give the flat price of your bill.")  # fmt: skip
            return
        flat, purchase = (float(self._price(part)) for part in ("flat", "purchase"))
        if purchase > flat:
            faults.add("purchase_price_per_kwh", "is above the flat price it is a part of", purchase, f"up to {flat:g}")

    def _price(self, part: Literal["flat", "purchase"]) -> Sourced:
        given = self.flat_price_per_kwh if part == "flat" else self.purchase_price_per_kwh
        if given is not None:
            return from_case(given, RULE)
        found = price_point(_POINTS.get(self.user, "single_part_2025"), part)
        if part == "flat":
            return found
        return Sourced(found.value, found.unit, found.source, Confidence.DERIVED, note="from (flat - valley) / 0.65")

    def figures(self) -> dict[str, Sourced]:
        """Prices, uplifts and the period prices they make."""
        rule, found = rules()["jiangsu_2025"], super().figures()
        found["flat_price_per_kwh"] = self._price("flat")
        found["purchase_price_per_kwh"] = self._price("purchase")
        found["peak_uplift_share"] = from_rule(rule, rule["peak_uplift_share"][self.user], "")
        found["valley_discount_share"] = from_rule(rule, rule["valley_discount_share"], "")
        for name, value in zip(PERIODS, self._period_prices(found), strict=True):
            found[f"{name}_per_kwh"] = Sourced(value, RULE, "flat + k x purchase price", Confidence.DERIVED)
        return found

    def _period_prices(self, figures: dict[str, Sourced]) -> tuple[float, float, float]:
        flat, purchase = figures["flat_price_per_kwh"].value, figures["purchase_price_per_kwh"].value
        uplift, discount = figures["peak_uplift_share"].value, figures["valley_discount_share"].value
        return flat + uplift * purchase, flat, flat - discount * purchase

    def calendar(self) -> Calendar:
        """The two seasons, or the one chosen for the whole year."""
        table, seasons = empty_table(), rules()["jiangsu_2025"]["seasons"]
        for name in _SEASONS:
            held = day(seasons[self.periods_all_year or name]["periods"], PERIODS)
            table[np.array(seasons[name]["months"]) - 1] = held
        return Calendar(PERIODS, table)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Also what the rule leaves open, and that prices move monthly."""
        examples = [part for part in ("flat_price_per_kwh", "purchase_price_per_kwh") if getattr(self, part) is None]
        told = f"{' and '.join(examples)}: a published example, not your month's price." if examples else ""
        open_point = (
            "A critical-peak price may hold besides; the text seen does not state it, so it is not billed."
        )  # fmt: skip
        return (*super().remarks, *([told] if told else []), open_point)

    def periods(self) -> tuple[str, ...]:
        """The calendar as text."""
        return self.calendar().text()

    def charges(self, timeline: Timeline, connection: Connection) -> ChargeSheet:
        """Lay the tariff over a timeline."""
        laid = self.calendar().lay(timeline)
        price = laid.mean(np.array(self._period_prices(self.figures())))
        return self.sheet(timeline, connection, price, laid.remarks(), self.discount(connection))


ENTRY = TariffKind(
    name="jiangsu_2025",
    title_en="Jiangsu time of use, rule 426 of 2025",
    title_zh="江苏分时电价(苏发改价格发〔2025〕426号)",
    summary="Industrial and commercial users in Jiangsu from June 2025. Only the purchase price floats: up by 80 % "
    "(two-part), 70 % or 60 % (single-part from or below 100 kVA) in peak hours, down by 65 % in valley hours, with "
    "valley at noon. Two-part users also pay by demand or by transformer capacity.",
    sources=(str(rules()["jiangsu_2025"]["source"]), str(rules()["demand_and_capacity"]["source"])),
    fields=Jiangsu2025,
    example={"kind": "jiangsu_2025"},
)
