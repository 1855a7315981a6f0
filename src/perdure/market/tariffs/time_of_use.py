"""Prices by named period: seasons of months, kinds of day, and clock ranges on half hours."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from perdure.errors import Faults, did_you_mean
from perdure.market.calendar import DAY_KINDS, HALF_HOURS, Calendar, day_of_periods, months_text
from perdure.market.charge import BillingMonths, Charge, ChargeSheet
from perdure.market.demand import monthly_peaks
from perdure.market.kind import TariffKind
from perdure.market.tariff import Connection
from perdure.market.terms import (
    EnergyTier,
    Frozen,
    Positive,
    Terms,
    check_tiers,
    energy_pairs,
    from_case,
    unit_of,
)
from perdure.quantities import Sourced
from perdure.timeline import Ints, Timeline


def _listed(value: object) -> object:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


Ranges = Annotated[tuple[str, ...], BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...])]
Day = dict[str, Ranges]


class Season(Frozen):
    """Months with the same periods: `all`, or `weekday` with `weekend`; and `holiday` if it differs."""

    name: str
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...]
    all: Day | None = None
    weekday: Day | None = None
    weekend: Day | None = None
    holiday: Day | None = None

    def days(self) -> dict[str, tuple[str, Day | None]]:
        """The block that holds on each kind of day, with its key; a holiday without a block is as a weekend."""
        weekend = ("all", self.all) if self.all is not None else ("weekend", self.weekend)
        weekday = ("all", self.all) if self.all is not None else ("weekday", self.weekday)
        return {
            "weekday": weekday,
            "weekend": weekend,
            "holiday": ("holiday", self.holiday) if self.holiday is not None else weekend,
        }


class TimeOfUse(Terms):
    """Prices by named period."""

    kind: Literal["time_of_use"] = "time_of_use"
    title: str = "Time of use"
    prices_per_kwh: dict[str, float] = Field({}, description="Energy price of each named period.")
    tiered_prices_per_kwh: dict[str, tuple[EnergyTier, ...]] = Field(
        {}, description="In its place for some periods: tiers by the month's import."
    )
    seasons: tuple[Season, ...] = Field(description="Which period holds when.")
    holidays: tuple[date, ...] = Field((), description="Dates that count as holidays.")
    period_demand_prices_per_kw_month: dict[str, Positive] = Field(
        {}, description="On the month's highest import within a period."
    )

    @property
    def names(self) -> tuple[str, ...]:
        """The priced periods."""
        return (*self.prices_per_kwh, *self.tiered_prices_per_kwh)

    @property
    def has_demand(self) -> bool:
        """True where a demand charge is billed."""
        return super().has_demand or bool(self.period_demand_prices_per_kw_month)

    def check(self, faults: Faults) -> None:
        """Every half hour of every kind of day in every month has exactly one priced period."""
        super().check(faults)
        for name in set(self.prices_per_kwh) & set(self.tiered_prices_per_kwh):
            faults.add(f"tiered_prices_per_kwh.{name}", "has a price in prices_per_kwh too", cure="Keep one.")
        for name, tiers in self.tiered_prices_per_kwh.items():
            check_tiers([tier.up_to_kwh_per_month for tier in tiers], f"tiered_prices_per_kwh.{name}", faults)
            if not tiers:
                faults.add(f"tiered_prices_per_kwh.{name}", "has no tier")
        for name in self.period_demand_prices_per_kw_month:
            self._check_name(name, f"period_demand_prices_per_kw_month.{name}", faults)
        self._check_months(faults)
        for i, season in enumerate(self.seasons):
            self._check_season(season, f"seasons[{i}]", faults)

    def _check_name(self, name: str, place: str, faults: Faults) -> bool:
        if name in self.names:
            return True
        faults.add(place, "is a period without a price", repr(name), cure=did_you_mean(name, self.names))
        return False

    def _check_months(self, faults: Faults) -> None:
        held: dict[int, list[str]] = {month: [] for month in range(1, 13)}
        for season in self.seasons:
            for month in season.months:
                held[month].append(season.name)
        bare = [month for month, seasons in held.items() if not seasons]
        if bare:
            faults.add("seasons", f"{months_text(bare)}: in no season", cure="Give every month exactly one season.")
        for month, seasons in held.items():
            if len(seasons) > 1:
                faults.add("seasons", f"{months_text([month])}: in {len(seasons)} seasons", ", ".join(seasons))

    def _check_season(self, season: Season, place: str, faults: Faults) -> None:
        place = f"{place} ({season.name})"
        if season.all is not None and (season.weekday is not None or season.weekend is not None):
            faults.add(place, "has 'all' besides 'weekday' or 'weekend'", cure="Keep 'all', or the other two.")
        if season.holiday is not None and not self.holidays:
            faults.add(f"{place}.holiday", "is given, but no dates", cure="List the dates under 'holidays'.")
        told = set()
        for kind, (key, day) in season.days().items():
            if day is None and kind != "holiday":
                faults.add(f"{place}.{kind}", "00:00-24:00 is in no period", cure=f"Give '{kind}', or 'all'.")
            if day is None or key in told:
                continue
            told.add(key)
            known = [name for name in day if self._check_name(name, f"{place}.{key}.{name}", faults)]
            if len(known) == len(day):
                day_of_periods(day, f"{place}.{key}", self.names, faults)

    def calendar(self) -> Calendar:
        """The seasons as a table."""
        table = np.zeros((12, len(DAY_KINDS), HALF_HOURS), dtype=np.int64)
        for season in self.seasons:
            for index, (key, day) in enumerate(season.days().values()):
                for month in season.months:
                    table[month - 1, index] = day_of_periods(day or {}, key, self.names, Faults())
        return Calendar(self.names, table, frozenset(self.holidays))

    def figures(self) -> dict[str, Sourced]:
        """Every number the case sets."""
        found = super().figures()
        for name, price in self.prices_per_kwh.items():
            found[f"prices_per_kwh.{name}"] = from_case(price, f"{self.currency}/kWh")
        for name, tiers in self.tiered_prices_per_kwh.items():
            for i, tier in enumerate(tiers):
                found[f"tiered_prices_per_kwh.{name}[{i}]"] = from_case(tier.price_per_kwh, f"{self.currency}/kWh")
        for name, price in self.period_demand_prices_per_kw_month.items():
            found[f"period_demand_prices_per_kw_month.{name}"] = from_case(
                price, unit_of("_per_kw_month", self.currency)
            )
        return found

    def periods(self) -> tuple[str, ...]:
        """The calendar as text."""
        return self.calendar().text()

    def _period_demand(self, months: BillingMonths, main: Ints) -> list[Charge]:
        return [
            monthly_peaks(
                f"Demand {name}",
                months,
                len(main),
                rate,
                self.minimum_billed_kw,
                self.look_back,
                inside=main == self.names.index(name),
            )
            for name, rate in self.period_demand_prices_per_kw_month.items()
        ]

    def charges(self, timeline: Timeline, connection: Connection) -> ChargeSheet:
        """Lay the tariff over a timeline."""
        laid = self.calendar().lay(timeline)
        grouped = bool(self.tiered_prices_per_kwh or self.period_demand_prices_per_kw_month)
        remarks = laid.remarks(grouped)
        if self.tiered_prices_per_kwh:
            tiers = {name: ((np.inf, price),) for name, price in self.prices_per_kwh.items()}
            pairs = {name: energy_pairs(held) for name, held in self.tiered_prices_per_kwh.items()}
            sheet = self.tiered_sheet(
                timeline, connection, laid.main, [(tiers | pairs)[name] for name in self.names], remarks
            )
        else:
            price = laid.mean(np.array([self.prices_per_kwh[name] for name in self.names]))
            sheet = self.sheet(timeline, connection, price, remarks)
        return sheet.with_charges(self._period_demand(BillingMonths.of(timeline), laid.main) if grouped else [])


ENTRY = TariffKind(
    name="time_of_use",
    title_en="Time of use",
    title_zh="分时电价",
    summary="A price for each named period; periods by season, kind of day (weekday, weekend, holiday) and clock "
    "range. Demand per kW on the whole month or within a period, capacity per kVA, fixed charges and export.",
    sources=("The user's contract.",),
    fields=TimeOfUse,
    example={
        "kind": "time_of_use",
        "currency": "EUR",
        "prices_per_kwh": {"peak": 0.32, "shoulder": 0.24, "night": 0.15},
        "period_demand_prices_per_kw_month": {"peak": 6.0},
        "demand_price_per_kw_month": 3.0,
        "seasons": [
            {"name": "winter", "months": [10, 11, 12, 1, 2, 3],
             "weekday": {"peak": "07:00-10:00, 17:00-20:30", "shoulder": "10:00-17:00, 20:30-23:00",
                         "night": "23:00-07:00"},
             "weekend": {"shoulder": "07:00-23:00", "night": "23:00-07:00"}},
            {"name": "summer", "months": [4, 5, 6, 7, 8, 9],
             "all": {"shoulder": "07:00-23:00", "night": "23:00-07:00"}},
        ],
    },
)  # fmt: skip
