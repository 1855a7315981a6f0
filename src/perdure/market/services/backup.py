"""Backup: the store always holds what a critical load needs for the next hours, should the grid fail."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from perdure.errors import Faults
from perdure.market.service import Delivered, Hold, ServiceTerms, Setting, Settlement
from perdure.market.service_kind import ServiceKind
from perdure.market.service_parts.critical import CriticalFields
from perdure.market.service_parts.service_fields import Above
from perdure.market.service_parts.survival import needed_kwh
from perdure.market.service_parts.windows import Window, check_apart, within
from perdure.market.terms import Positive
from perdure.quantities import Confidence, Sourced
from perdure.timeline import Floats

_HOURS_PER_YEAR = 8760.0


class Backup(CriticalFields):
    """Hours of autonomy, kept always or weighed by the value of lost load."""

    kind: Literal["backup"] = "backup"
    title: str = "Backup of a critical load"
    hours: Above = Field(description="Autonomy: how long the critical load must last from any moment on.")
    windows: tuple[Window, ...] = Field((), description="When autonomy is kept; always unless set.")
    lost_load_per_kwh: Positive | None = Field(
        None, description="Value of lost load: missing energy is weighed by it; unless set, autonomy is a limit."
    )
    outages_per_year: Positive | None = Field(None, description="Outages of that length expected in a year.")
    lengths_h: Annotated[tuple[Above, ...], Field(min_length=1)] = Field(
        (1.0, 2.0, 4.0, 8.0, 24.0), description="Lengths of outage whose survival is told."
    )

    def between(self, faults: Faults) -> None:
        """A value of lost load goes with a count of outages and a currency."""
        super().between(faults)
        check_apart(self.windows, "windows", faults)
        if (self.lost_load_per_kwh is None) != (self.outages_per_year is None):
            faults.add("outages_per_year", "must be given with lost_load_per_kwh, and only then", self.outages_per_year)
        if self.lost_load_per_kwh is not None and self.currency is None:
            faults.add("currency", "is missing", cure="lost_load_per_kwh needs one.")

    def least_kwh(self, setting: Setting) -> Floats:
        """Stored energy that carries the critical net load for the hours (steps,); 0 outside the windows."""
        timeline = setting.timeline
        needed = needed_kwh(self.net_kw(setting), timeline.step_h, setting.discharge_share, self.hours)
        return np.where(within(self.windows, timeline), needed, 0.0)

    def check(self, setting: Setting) -> tuple[str, ...]:
        """Told (or InputError where autonomy is a limit) what exceeds the plant, when and by how much."""
        faults = Faults()
        self.check_size(setting, self.least_kwh(setting), within(self.windows, setting.timeline), "hours", faults)
        if self.lost_load_per_kwh is None:
            faults.raise_if_any()
        return tuple(f"{fault.place}: {fault.problem}." for fault in faults.found)

    def terms(self, setting: Setting) -> ServiceTerms:
        """One hold; with a value of lost load, its price is the loss expected of a kWh missing in a step."""
        price = math.inf
        if self.lost_load_per_kwh is not None:
            begins = (self.outages_per_year or 0.0) * setting.timeline.step_h / _HOURS_PER_YEAR
            price = self.lost_load_per_kwh * setting.discharge_share * begins
        return ServiceTerms(holds=(Hold(self.name, self.least_kwh(setting), price),))

    def settle(self, setting: Setting, delivered: Delivered) -> Settlement:
        """The expected loss, and which outages would have been survived."""
        found = super().settle(setting, delivered)
        always = np.ones(setting.timeline.steps, dtype=np.bool_)
        told = self.tell_survival(setting, delivered, self.lengths_h, always)
        survived = self.survived(setting, delivered, self.lengths_h, always, self.name)
        return Settlement(found.lines, (*found.told, *told), survived)

    def figures(self) -> dict[str, Sourced]:
        """What the case sets, the lengths included."""
        told = {
            f"lengths_h[{i}]": Sourced(length, "h", "case file", Confidence.USER)
            for i, length in enumerate(self.lengths_h)
            if "lengths_h" in self.model_fields_set
        }
        return super().figures() | told


ENTRY = ServiceKind(
    name="backup",
    title_en="Backup of a critical load",
    title_zh="重要负荷后备",
    summary_en="The store always holds what the critical load needs for the next hours; tells which outages it would "
    "survive, by start and length.",
    summary_zh="储能随时保有重要负荷未来数小时所需电量;给出不同起始时刻和时长停电的可维持概率。",
    sources=("The user's building.",),
    fields=Backup,
    example={"kind": "backup", "critical_kw": 150.0, "hours": 4.0, "generation_share": 0.0},
)
