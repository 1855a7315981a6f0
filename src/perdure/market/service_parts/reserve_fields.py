"""What all regulation services share: power held ready in trading blocks, its bounds, delivery hours and throughput."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field, PrivateAttr

from perdure.errors import Faults
from perdure.market.service import Reserve, ServiceTerms, Setting
from perdure.market.service_parts.admission import too_small
from perdure.market.service_parts.replay import Replay, Replayed
from perdure.market.service_parts.service_fields import Above, ServiceFields
from perdure.market.service_parts.windows import Window, check_apart, within
from perdure.market.terms import Currency, Positive
from perdure.quantities import Confidence, Sourced
from perdure.timeline import Floats, Timeline

DELIVERY = Sourced(
    1.0, "h", "engineering estimate: an hour at full power, a common demand where a rule asks for one",
    Confidence.ESTIMATE,
)  # fmt: skip
THROUGHPUT = Sourced(
    0.25, "share", "engineering estimate for a signal that stays near zero energy; a replay replaces it",
    Confidence.ESTIMATE, 0.1, 0.4,
)  # fmt: skip


class ReserveFields(ServiceFields):
    """Power held ready for regulation; a kind says what a kW earns in an hour."""

    defaults: ClassVar[dict[str, Sourced]] = {"delivery_hours": DELIVERY, "throughput_share": THROUGHPUT}

    currency: Currency = Field(description="Currency of its prices.")
    direction: Literal["both", "up", "down"] = Field("both", description="up: discharging more; down: charging more.")
    windows: tuple[Window, ...] = Field((), description="When it may be offered; always unless set.")
    least_kw: Positive = Field(0.0, description="Held in every step of the windows.")
    most_kw: Above | None = Field(None, description="Held at most; the plant's rating unless set.")
    delivery_hours: Above | None = Field(None, description="How long full power must be deliverable from the store.")
    block_hours: Above = Field(1.0, description="Trading period: what is held is equal over it.")
    throughput_share: Positive | None = Field(
        None, description="kWh through the plant, both directions, per kW held and hour."
    )
    replay: Replay | None = Field(None, description="Signal of a past day: gives throughput, mileage and index.")
    minimum_kw: Positive | None = Field(None, description="Smallest power admitted.")
    minimum_hours: Positive | None = Field(None, description="Smallest store admitted, in hours at its power.")
    aggregated: bool = Field(False, description="True where an aggregator brings the size.")
    _replayed: Replayed | None = PrivateAttr(default=None)

    @abstractmethod
    def income_per_kw_h(self, timeline: Timeline) -> Floats:
        """What a kW held earns in an hour (steps,)."""

    def between(self, faults: Faults) -> None:
        """Windows do not meet, bounds are in order, throughput is stated once."""
        super().between(faults)
        check_apart(self.windows, "windows", faults)
        if self.most_kw is not None and self.least_kw > self.most_kw:
            faults.add("least_kw", "is more than most_kw", f"{self.least_kw:g}", f"at most {self.most_kw:g}")
        if self.replay is not None and self.throughput_share is not None:
            faults.add("throughput_share", "is given besides replay", self.throughput_share, cure="Keep one.")

    def loaded(self, context: object, faults: Faults) -> None:
        """Read the replay."""
        if self.replay is not None:
            with faults.under("replay"):
                self._replayed = self.replay.read(context)

    def figures(self) -> dict[str, Sourced]:
        """What the case sets, what the replay gives, and the sourced defaults."""
        found = super().figures()
        if self._replayed is not None and self.replay is not None:
            found["throughput_share"] = replayed(self._replayed.throughput_share, "share", self.replay)
        return found

    @property
    def throughput(self) -> float:
        """The throughput that holds."""
        return self.figures()["throughput_share"].value

    def refused(self, setting: Setting) -> tuple[str, ...]:
        """Why the plant is not admitted; empty where it is."""
        minimum_kw = 0.0 if self.aggregated else self.held("minimum_kw") or 0.0
        directions = {"both": ("discharge", "charge"), "up": ("discharge",), "down": ("charge",)}[self.direction]
        return too_small(self.name, setting, minimum_kw, self.held("minimum_hours") or 0.0, directions)

    def check(self, setting: Setting) -> tuple[str, ...]:
        """Admission; InputError where what must be held exceeds the plant or the timeline breaks the blocks."""
        faults = Faults()
        rating = self._rating_kw(setting)
        if self.least_kw > rating * (1 + 1e-9):
            faults.add(f"{self.name}.least_kw", f"exceeds the plant by {self.least_kw - rating:.6g} kW",
                       f"{self.least_kw:g} kW", f"at most {rating:g} kW")  # fmt: skip
        stored = self.least_kw * (self.held("delivery_hours") or 0.0) / setting.discharge_share
        if self.direction != "down" and stored > setting.energy_kwh * (1 + 1e-9):
            problem = f"needs {stored - setting.energy_kwh:.6g} kWh more than the store holds"
            faults.add(f"{self.name}.least_kw", problem,
                       f"{stored:.6g} kWh", f"at most {setting.energy_kwh:g} kWh")  # fmt: skip
        steps = self.block_hours / setting.timeline.step_h
        if steps >= 1 and abs(steps - round(steps)) > 1e-9:
            faults.add(f"{self.name}.block_hours", "is no whole number of steps", f"{self.block_hours:g} h",
                       f"a multiple of {setting.timeline.step_minutes} min")  # fmt: skip
        faults.raise_if_any()
        return self.refused(setting)

    def terms(self, setting: Setting) -> ServiceTerms:
        """One reserve; nothing where the plant is not admitted."""
        if self.refused(setting):
            return ServiceTerms()
        timeline = setting.timeline
        open_ = within(self.windows, timeline)
        most = min(self._rating_kw(setting), self.most_kw or np.inf)
        reserve = Reserve(
            self.name,
            up=self.direction != "down",
            down=self.direction != "up",
            hours=self.held("delivery_hours") or 0.0,
            price_per_kw_h=self.income_per_kw_h(timeline),
            least_kw=np.where(open_, self.least_kw, 0.0),
            most_kw=np.where(open_, most, 0.0),
            throughput_share=self.throughput,
            block_steps=max(round(self.block_hours / timeline.step_h), 1),
        )
        return ServiceTerms(reserves=(reserve,))

    def _rating_kw(self, setting: Setting) -> float:
        ratings = {"up": setting.discharge_kw, "down": setting.charge_kw}
        return ratings.get(self.direction, min(setting.discharge_kw, setting.charge_kw))


def replayed(value: float, unit: str, replay: Replay) -> Sourced:
    """A figure computed from a replayed file."""
    return Sourced(value, unit, replay.file, Confidence.DERIVED, note="from the replayed signal")
