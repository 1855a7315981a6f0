"""Grid calls: windows in which the grid pays a store for discharging into a peak or charging from a valley."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from perdure.errors import Faults
from perdure.market.service import EnergyPayment, ServiceTerms, Setting
from perdure.market.service_parts.admission import too_small
from perdure.market.service_parts.service_fields import Above, ServiceFields
from perdure.market.service_parts.windows import Window, check_apart
from perdure.market.terms import Currency, Positive
from perdure.quantities import Sourced
from perdure.timeline import Floats, Timeline

Direction = Literal["discharge", "charge"]


class Call(Window):
    """A window in which one direction is paid."""

    direction: Direction = Field(description="discharge into a peak, or charge from a valley.")
    price_per_kwh: Positive | None = Field(None, description="Paid for the plant's own energy in that direction.")


class CalledFields(ServiceFields):
    """Windows of calls, their price, who is admitted, and how many calls there are."""

    currency: Currency = Field(description="Currency of its prices.")
    calls: Annotated[tuple[Call, ...], Field(min_length=1)] = Field(description="Windows that are paid.")
    minimum_kw: Positive | None = Field(None, description="Smallest power admitted.")
    minimum_hours: Positive | None = Field(None, description="Smallest store admitted, hours at that power.")
    aggregated: bool = Field(False, description="True where an aggregator brings the size.")
    most_calls_per_year: Above | None = Field(
        None, description="Calls are taken evenly out of the windows' occurrences; all unless set."
    )

    def between(self, faults: Faults) -> None:
        """Windows do not meet; every call has a price."""
        super().between(faults)
        check_apart(self.calls, "calls", faults)
        for i, call in enumerate(self.calls):
            if self.price(call) is None:
                faults.add(f"calls[{i}].price_per_kwh", "is missing", allowed="at least 0")

    def price(self, call: Call) -> float | None:
        """What a call pays per kWh."""
        return call.price_per_kwh

    def figures(self) -> dict[str, Sourced]:
        """What the case sets, the price of each call included."""
        prices = {
            f"calls[{i}].price_per_kwh": self.stated(call.price_per_kwh, f"{self.currency}/kWh")
            for i, call in enumerate(self.calls)
            if call.price_per_kwh is not None
        }
        return super().figures() | prices

    @property
    def remarks(self) -> tuple[str, ...]:
        """Which calls are taken where not all are."""
        if self.most_calls_per_year is None:
            return super().remarks
        told = f"{self.name}: of all windows in a year {self.most_calls_per_year:g} are called, spread evenly."
        return (*super().remarks, told)

    def refused(self, setting: Setting) -> tuple[str, ...]:
        """Why the plant is not admitted; empty where it is."""
        minimum_kw = 0.0 if self.aggregated else self.held("minimum_kw") or 0.0
        minimum_hours = self.held("minimum_hours") or 0.0
        directions = {call.direction for call in self.calls}
        return too_small(self.name, setting, minimum_kw, minimum_hours, directions)

    def check(self, setting: Setting) -> tuple[str, ...]:
        """Whether the plant is admitted."""
        return self.refused(setting)

    def terms(self, setting: Setting) -> ServiceTerms:
        """The price of each direction in each step."""
        if self.refused(setting):
            return ServiceTerms()
        shares = [call.share(setting.timeline) for call in self.calls]
        called = self._called(shares, setting.timeline)
        prices: dict[Direction, Floats] = {
            "discharge": np.zeros(setting.timeline.steps),
            "charge": np.zeros(setting.timeline.steps),
        }
        for call, share in zip(self.calls, shares, strict=True):
            prices[call.direction] += (self.price(call) or 0.0) * share * called
        return ServiceTerms(payments=(EnergyPayment(self.name, prices["discharge"], prices["charge"]),))

    def _called(self, shares: Sequence[Floats], timeline: Timeline) -> NDArray[np.bool_]:
        """True in steps of the occurrences that are called (steps,)."""
        if self.most_calls_per_year is None:
            return np.ones(timeline.steps, dtype=np.bool_)
        which = np.zeros(timeline.steps, dtype=np.int64)
        for i, share in enumerate(shares):
            which[share > 0] = i + 1
        first = (which > 0) & (np.diff(which, prepend=0) != 0)
        occurrence = np.cumsum(first) - 1
        taken = _spread(int(first.sum()), self.most_calls_per_year * timeline.hours / 8760.0)
        return np.asarray((which > 0) & taken[np.maximum(occurrence, 0)], dtype=np.bool_) if len(taken) else first


def _spread(count: int, most: float) -> NDArray[np.bool_]:
    """`most` of `count` occurrences, spread evenly (count,)."""
    place = np.arange(count + 1) * min(most / max(count, 1), 1.0)
    return np.asarray(np.diff(np.floor(place + 0.5)) > 0)
