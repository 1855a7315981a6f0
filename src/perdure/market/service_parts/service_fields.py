"""What all services of a case file share: name, currency, series from files, and where figures come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, PrivateAttr, model_validator

from perdure.errors import Faults
from perdure.market.files import column, read_table, resolve, timeline_of
from perdure.market.service import Delivered, ServiceTerms, Setting, Settlement
from perdure.market.service_parts.settling import settle_terms
from perdure.market.terms import Currency, Frozen
from perdure.quantities import Confidence, Founded, Sourced
from perdure.timeline import Floats, Timeline

Above = Annotated[float, Field(gt=0)]
_UNITS = (
    ("price_per_kwh", "{}/kWh"), ("load_per_kwh", "{}/kWh"), ("price_per_kw_h", "{}/kW·h"),
    ("price_per_mw_h", "{}/MW·h"), ("price_per_mw", "{}/MW"), ("price_per_kw", "{}/kW"), ("per_year", "1/year"),
    ("_share", "share"), ("_hours", "h"), ("hours", "h"), ("_minutes", "min"), ("_kwh", "kWh"), ("_kw", "kW"),
)  # fmt: skip


class SeriesFile(Frozen):
    """A column of a CSV or Parquet file."""

    file: str = Field(description="CSV or Parquet; relative to the case file.")
    column: str = Field(description="The column's name.")
    scale: float = Field(1.0, description="Multiplies the column: 1000 for a power in MW, 0.001 for a price per MWh.")
    time_column: str | None = Field(None, description="Interval starts; the first column of time stamps unless set.")
    zone: str | None = Field(None, description="The clock of time stamps that name no zone.")

    def read(self, context: object) -> tuple[Timeline, Floats]:
        """The column and its timeline; InputError where file, column or stamps are wrong."""
        table = read_table(resolve(self.file, context))
        values = column(table, self.column, "column") * self.scale
        return timeline_of(table, self.time_column, self.zone), values


Number = float | SeriesFile


def unit_of(name: str, currency: str | None) -> str:
    """'CNY/kWh' for a field name that ends in `price_per_kwh`, and so on."""
    return next((unit.format(currency or "") for ending, unit in _UNITS if name.endswith(ending)), "")


class ServiceFields(Frozen):
    """Fields and duties of every service; a kind adds `terms` and what else it checks."""

    defaults: ClassVar[dict[str, Sourced]] = {}

    kind: str
    name: str = Field("", description="What the case calls it; its kind unless set.")
    title: str = ""
    currency: Currency | None = Field(None, description="Currency of its prices.")
    source: str = Field("case file", min_length=3, description="Where its numbers come from: a contract, a rule.")
    confidence: Founded = Field("user", description="How well its numbers are founded; shown wherever they are.")
    _series: dict[str, tuple[Timeline, Floats]] = PrivateAttr(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _name_from_kind(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and not data.get("name"):
            return {**data, "name": data.get("kind", "")}
        return data

    def model_post_init(self, context: object) -> None:
        """Read the files and raise all faults that lie between fields."""
        faults = Faults()
        self.between(faults)
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SeriesFile):
                with faults.under(name):
                    self._series[name] = value.read(context)
        self.loaded(context, faults)
        faults.raise_if_any()

    def between(self, faults: Faults) -> None:
        """Note what does not fit together; called once all single fields are right."""
        prices = [name for name in self.model_fields_set if "price" in name or name == "calls"]
        if prices and self.currency is None:
            faults.add("currency", "is missing", allowed="three capital letters, such as CNY",
                       cure=f"{', '.join(sorted(prices))} needs one.")  # fmt: skip

    def loaded(self, context: object, faults: Faults) -> None:
        """Read further files, note what does not fit in what was read."""

    def held(self, name: str) -> float | None:
        """A number as the case sets it, or else its sourced default."""
        value = getattr(self, name)
        if value is None and name in self.defaults:
            return self.defaults[name].value
        return None if value is None else float(value)

    def laid(self, name: str, timeline: Timeline) -> Floats:
        """A field that is a number or a series, on a timeline (steps,); InputError where a series falls short."""
        if name in self._series:
            source, values = self._series[name]
            return timeline.align(values, source, f"{self.name}.{name}")
        return np.full(timeline.steps, self.held(name) or 0.0)

    def figures(self) -> dict[str, Sourced]:
        """Every number with its source and confidence: what the case sets, otherwise the sourced default."""
        found = {}
        for name in type(self).model_fields:
            value, unit = getattr(self, name), unit_of(name, self.currency)
            if name in self._series:
                series, file = self._series[name][1], getattr(value, "file", "")
                low, high = float(series.min()), float(series.max())
                told = file if self.source == "case file" else f"{self.source}, {file}"
                found[name] = replace(
                    self.stated(float(series.mean()), unit), source=told, low=low, high=high, note="mean"
                )
            elif value is None and name in self.defaults:
                found[name] = self.defaults[name]
            elif isinstance(value, int | float) and not isinstance(value, bool) and name in self.model_fields_set:
                found[name] = self.stated(float(value), unit)
        return found

    def stated(self, value: float, unit: str) -> Sourced:
        """A number of the case, with the source and confidence the case names for the service."""
        return Sourced(value, unit, self.source, Confidence(self.confidence))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was assumed, is unverified, or is left out."""
        assumed = [
            f"{figure.confidence}: {name} {figure.value:g} {figure.unit} ({figure.source}); "
            f"set {name} in the case to replace it."
            for name, figure in self.figures().items()
            if figure.confidence in (Confidence.UNVERIFIED, Confidence.ESTIMATE)
            and name in type(self).model_fields
            and name not in self.model_fields_set
        ]
        if self.confidence in ("claim", "unverified", "estimate"):
            assumed.append(f"{self.name}: the case gives its numbers as {self.confidence} ({self.source}).")
        return tuple(assumed)

    def check(self, setting: Setting) -> tuple[str, ...]:
        """What the site or plant does not fulfil; InputError for faults."""
        return ()

    def terms(self, setting: Setting) -> ServiceTerms:
        """What it asks of the plan."""
        return ServiceTerms()

    def settle(self, setting: Setting, delivered: Delivered) -> Settlement:
        """What the run earned or owes, by the terms the plan was given."""
        return settle_terms(self.terms(setting), setting.timeline, delivered)
