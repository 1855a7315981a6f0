"""Prices as a series: a column of a CSV or Parquet file, or arrays in code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field, PrivateAttr, model_validator

from perdure.errors import Faults
from perdure.market.charge import BillingMonths, ChargeSheet, ExportCredit
from perdure.market.files import column, fault, read_table, resolve, timeline_of, zone_of
from perdure.market.kind import TariffKind
from perdure.market.tariff import Connection
from perdure.market.terms import Terms, from_case
from perdure.quantities import Sourced
from perdure.timeline import Floats, Timeline


class HourlyPrices(Terms):
    """A purchase price per interval, and an export price per interval where given."""

    kind: Literal["hourly_prices"] = "hourly_prices"
    title: str = "Price series"
    unit: Annotated[str, Field(pattern=r"^[A-Z]{3}/(kWh|MWh)$", description="Such as CNY/MWh or EUR/kWh.")]
    file: str | None = Field(None, description="CSV or Parquet; relative to the case file.")
    column: str | None = Field(None, description="The purchase price's column.")
    sell_column: str | None = Field(None, description="The export price's column.")
    time_column: str | None = Field(None, description="Interval starts; the first column of time stamps unless set.")
    zone: str | None = Field(None, description="The clock of time stamps that name no zone.")
    buy_prices: tuple[float, ...] = Field((), description="In place of a file: purchase prices in `unit`.")
    sell_prices: tuple[float, ...] = Field((), description="In place of a file: export prices in `unit`.")
    start: datetime | None = Field(None, description="Start of the first price given as an array.")
    step_minutes: Annotated[int, Field(ge=1)] = Field(60, description="Step of prices given as arrays.")
    added_price_per_kwh: float = Field(0.0, description="Added to every purchase price: network, levies.")
    _source: Timeline = PrivateAttr()
    _buy: Floats = PrivateAttr()
    _sell: Floats | None = PrivateAttr(default=None)

    @model_validator(mode="before")
    @classmethod
    def _currency_from_unit(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and "currency" not in data and isinstance(data.get("unit"), str):
            return {**data, "currency": data["unit"].split("/")[0]}
        return data

    def check(self, faults: Faults) -> None:
        """A file with a column, or arrays with a start; one export price; one currency."""
        super().check(faults)
        if (self.file is None) == (not self.buy_prices):
            faults.add("file", "must be given, or else buy_prices, but not both", self.file)
        if self.file is not None and self.column is None:
            faults.add("column", "is missing", cure="Name the file's price column.")
        if self.buy_prices and self.start is None:
            faults.add("start", "is missing", cure="Give the start of the first price.")
        if self.sell_prices and len(self.sell_prices) != len(self.buy_prices):
            faults.add(
                "sell_prices", "has another length than buy_prices", len(self.sell_prices), str(len(self.buy_prices))
            )
        if (self.sell_column or self.sell_prices) and "export_price_per_kwh" in self.model_fields_set:
            faults.add("export_price_per_kwh", "is given besides a series of export prices", cure="Keep one.")
        if self.unit.split("/")[0] != self.currency:
            faults.add("currency", "differs from the unit's", self.currency, self.unit.split("/")[0])

    def model_post_init(self, context: object) -> None:
        """Read the series, so that a bad file is told at once."""
        super().model_post_init(context)
        if self.zone is not None:
            zone_of(self.zone)
        scale = 1e-3 if self.unit.endswith("MWh") else 1.0
        if self.file is None:
            self._source, buy, sell = self._from_arrays()
        else:
            self._source, buy, sell = self._from_file(context)
        self._buy = buy * scale + self.added_price_per_kwh
        self._sell = None if sell is None else sell * scale

    def _from_arrays(self) -> tuple[Timeline, Floats, Floats | None]:
        start = pd.Timestamp(self.start or "NaT")
        if start.tzinfo is None:
            if self.zone is None:
                raise fault("start", "names no zone", start, cure="Give zone, or an offset such as +08:00.")
            start = start.tz_localize(self.zone)
        source = Timeline(start, self.step_minutes, len(self.buy_prices), self.zone or "UTC")
        return source, np.array(self.buy_prices), np.array(self.sell_prices) if self.sell_prices else None

    def _from_file(self, context: object) -> tuple[Timeline, Floats, Floats | None]:
        table = read_table(resolve(str(self.file), context))
        buy = column(table, str(self.column), "column")
        sell = None if self.sell_column is None else column(table, self.sell_column, "sell_column")
        return timeline_of(table, self.time_column, self.zone), buy, sell

    def figures(self) -> dict[str, Sourced]:
        """The figures set, and the mean of each series."""
        found, where = super().figures(), self.file or "arrays in code"
        found.pop("step_minutes", None)
        for name, series in (("mean_buy_price_per_kwh", self._buy), ("mean_sell_price_per_kwh", self._sell)):
            if series is not None:
                mean = from_case(float(series.mean()), f"{self.currency}/kWh")
                found[name] = Sourced(
                    mean.value, mean.unit, where, mean.confidence, float(series.min()), float(series.max())
                )
        return found

    @property
    def remarks(self) -> tuple[str, ...]:
        """As for every tariff; a series of export prices is a stated export price."""
        return tuple(told for told in super().remarks if self._sell is None or not told.startswith("Exported energy"))

    def charges(self, timeline: Timeline, connection: Connection) -> ChargeSheet:
        """Lay the series on a timeline; InputError where it does not cover it."""
        buy = timeline.align(self._buy, self._source, "tariff prices")
        remarks: tuple[str, ...] = ()
        if timeline.step_minutes > self._source.step_minutes:
            remarks = (f"Prices of {self._source.step_minutes} min are averaged over each step.",)
        sheet = self.sheet(timeline, connection, buy, remarks)
        if self._sell is None:
            return sheet
        sell = timeline.align(self._sell, self._source, "tariff export prices")
        return sheet.with_charges([ExportCredit("Export credit", BillingMonths.of(timeline), sell)])


ENTRY = TariffKind(
    name="hourly_prices",
    title_en="Price series (spot, day-ahead)",
    title_zh="逐时电价(现货、日前)",
    summary="A purchase price for each interval from a CSV or Parquet column (or arrays in code), with its unit and "
    "zone; an export price per interval where given; demand, capacity and fixed charges besides.",
    sources=("The user's file.",),
    fields=HourlyPrices,
)
