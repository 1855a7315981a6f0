"""Storm reserve: energy held through announced storms, and the outages it would carry in them."""

from __future__ import annotations

import math
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from perdure.errors import Faults
from perdure.market.service import Delivered, Hold, ServiceTerms, Setting, Settlement
from perdure.market.service_kind import ServiceKind
from perdure.market.service_parts.critical import CriticalFields
from perdure.market.service_parts.service_fields import Above
from perdure.market.terms import Frozen, Positive, Share
from perdure.quantities import Sourced
from perdure.timeline import Floats, Timeline


class StormWarning(Frozen):
    """An announced storm."""

    name: str = Field("", description="What reports call it.")
    from_: datetime = Field(alias="from", description="When the storm may begin to cut the grid.")
    until: datetime = Field(description="When it is over.")
    lead_hours: Positive = Field(0.0, description="How long before `from` the warning comes.")
    reserve_share: Share | None = Field(None, description="Share of the store held from `from` to `until`.")
    reserve_kwh: Above | None = Field(None, description="In its place: energy held.")

    def needed_kwh(self, energy_kwh: float) -> float:
        """Energy held in a store of that size."""
        return self.reserve_kwh if self.reserve_kwh is not None else (self.reserve_share or 0.0) * energy_kwh

    def span(self, timeline: Timeline) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Both moments; those without a zone are on the timeline's clock."""
        begin, end = (pd.Timestamp(moment) for moment in (self.from_, self.until))
        begin, end = (
            moment.tz_localize(timeline.zone, ambiguous=True, nonexistent="shift_forward")
            if moment.tzinfo is None
            else moment
            for moment in (begin, end)
        )
        return begin.tz_convert("UTC"), end.tz_convert("UTC")

    def inside(self, timeline: Timeline) -> NDArray[np.bool_]:
        """Steps that touch the storm (steps,)."""
        begin, end = self.span(timeline)
        ends = timeline.stamps + pd.Timedelta(minutes=timeline.step_minutes)
        return np.asarray((ends > begin) & (timeline.stamps < end))


class StormReserve(CriticalFields):
    """Holds energy through each warning; while a warning runs, holds what can no longer be charged in time."""

    kind: Literal["storm_reserve"] = "storm_reserve"
    title: str = "Reserve ahead of a storm"
    warnings: Annotated[tuple[StormWarning, ...], Field(min_length=1)] = Field(description="Announced storms.")
    missing_price_per_kwh: Positive | None = Field(
        None, description="Per kWh missing in a step of a storm; the reserve is a limit unless set."
    )
    lengths_h: Annotated[tuple[Above, ...], Field(min_length=1)] = Field(
        (1.0, 2.0, 4.0, 8.0), description="Lengths of outage whose survival within storms is told."
    )

    def between(self, faults: Faults) -> None:
        """Storms end after they begin, do not overlap, and say what is held once."""
        super().between(faults)
        for i, warning in enumerate(self.warnings):
            place = f"warnings[{i}]"
            if (warning.reserve_share is None) == (warning.reserve_kwh is None):
                faults.add(f"{place}.reserve_share", "must be given, or else reserve_kwh, but not both",
                           warning.reserve_share)  # fmt: skip
            if (warning.from_.tzinfo is None) != (warning.until.tzinfo is None):
                faults.add(f"{place}.until", "has another kind of time stamp than 'from'", warning.until,
                           cure="Give both with an offset, or both without.")  # fmt: skip
            elif warning.until <= warning.from_:
                faults.add(f"{place}.until", "is not after 'from'", warning.until, f"after {warning.from_}")
        if not faults.found:
            self._check_apart(faults)

    def _check_apart(self, faults: Faults) -> None:
        ruler = Timeline(pd.Timestamp("2000-01-01", tz="UTC"), 60, 1)  # only its zone is used, the same for all
        spans = sorted((*warning.span(ruler), i) for i, warning in enumerate(self.warnings))
        for (_, end, i), (begin, _, j) in pairwise(spans):
            if begin < end:
                faults.add(f"warnings[{j}].from", f"overlaps warnings[{i}]", self.warnings[j].from_,
                           f"at or after {self.warnings[i].until}", "Join the two.")  # fmt: skip

    def figures(self) -> dict[str, Sourced]:
        """What the case sets, each warning's numbers included."""
        found = super().figures()
        for i, warning in enumerate(self.warnings):
            for name, unit in (("lead_hours", "h"), ("reserve_share", "share"), ("reserve_kwh", "kWh")):
                value = getattr(warning, name)
                if value is not None:
                    found[f"warnings[{i}].{name}"] = self.stated(value, unit)
        return found

    def least_kwh(self, setting: Setting) -> Floats:
        """Energy held (steps,): the reserve in a storm; while the warning runs, what charging could no longer add.

        Charging is taken at rated power and as efficient as discharging.
        """
        timeline, held = setting.timeline, np.zeros(setting.timeline.steps)
        rate_kw = setting.charge_kw * setting.discharge_share
        for warning in self.warnings:
            needed = warning.needed_kwh(setting.energy_kwh)
            begin, _ = warning.span(timeline)
            left_h = np.asarray((begin - timeline.stamps) / pd.Timedelta(hours=1), dtype=np.float64)
            warned = (left_h > 0) & (left_h <= warning.lead_hours)
            rising = np.where(warned, np.maximum(needed - rate_kw * left_h, 0.0), 0.0)
            held = np.maximum(held, np.where(warning.inside(timeline), needed, rising))
        return held

    def told_h(self, setting: Setting) -> Floats:
        """Hours from a storm's warning to each step from it on to the storm's end (steps,); elsewhere all hours."""
        timeline = setting.timeline
        told = np.full(timeline.steps, timeline.steps * timeline.step_h)
        for warning in self.warnings:
            begin, end = warning.span(timeline)
            since = np.asarray((timeline.stamps - begin) / pd.Timedelta(hours=1), dtype=np.float64)
            running = (since >= -warning.lead_hours) & np.asarray(timeline.stamps < end)
            told = np.where(running, np.clip(since + warning.lead_hours, 0.0, told), told)
        return told

    def check(self, setting: Setting) -> tuple[str, ...]:
        """InputError for too large a reserve or a storm outside the timeline; told where the warning is too short."""
        faults, told = Faults(), []
        rate_kw = setting.charge_kw * setting.discharge_share
        for i, warning in enumerate(self.warnings):
            place, needed = f"{self.name}.warnings[{i}]", warning.needed_kwh(setting.energy_kwh)
            if needed > setting.energy_kwh * (1 + 1e-9):
                problem = f"needs {needed - setting.energy_kwh:.6g} kWh more than the store holds"
                faults.add(f"{place}.reserve_kwh", problem,
                           f"{needed:g} kWh", f"at most {setting.energy_kwh:g} kWh")  # fmt: skip
            begin, end = warning.span(setting.timeline)
            if begin < setting.timeline.start or end > setting.timeline.end:
                faults.add(f"{place}.from", "is not within the timeline", f"{warning.from_} to {warning.until}",
                           f"{setting.timeline.start} to {setting.timeline.end}")  # fmt: skip
            late = needed - rate_kw * warning.lead_hours
            if late > 1e-9 * needed:
                told.append(
                    f"{self.name}: {warning.lead_hours:g} h of warning before {warning.from_:%Y-%m-%d %H:%M} add at "
                    f"most {needed - late:.6g} kWh; {late:.6g} kWh must be stored before it."
                )
        faults.raise_if_any()
        return tuple(told)

    def terms(self, setting: Setting) -> ServiceTerms:
        """One hold over all storms."""
        price = math.inf if self.missing_price_per_kwh is None else self.missing_price_per_kwh
        return ServiceTerms(holds=(Hold(self.name, self.least_kwh(setting), price, self.told_h(setting)),))

    def settle(self, setting: Setting, delivered: Delivered) -> Settlement:
        """What missing energy costs, and which outages that begin in a storm would have been survived."""
        found, told, survived = super().settle(setting, delivered), [], dict[str, float]()
        for i, warning in enumerate(self.warnings):
            inside = warning.inside(setting.timeline)
            lines = self.tell_survival(setting, delivered, self.lengths_h, inside)
            place = warning.name or f"{self.name} {i + 1}"
            survived |= self.survived(setting, delivered, self.lengths_h, inside, place)
            told += [f"{warning.name or f'Storm {i + 1}'}: {line}" for line in lines]
        return Settlement(found.lines, (*found.told, *told), survived)


ENTRY = ServiceKind(
    name="storm_reserve",
    title_en="Reserve ahead of a storm",
    title_zh="风暴前备电",
    summary_en="Energy held from the beginning to the end of each announced storm, filled while the warning runs; "
    "tells which outages in the storm it would carry.",
    summary_zh="在每次预警的风暴期间保有电量,并在预警期内充足;给出风暴中停电可维持的概率。",
    sources=("The user's warnings.",),
    fields=StormReserve,
    example={"kind": "storm_reserve", "critical_share": 0.3,
             "warnings": [{"name": "Typhoon", "from": "2025-07-20 18:00", "until": "2025-07-22 06:00",
                           "lead_hours": 24.0, "reserve_share": 0.9}]},
)  # fmt: skip
