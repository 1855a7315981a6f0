"""PJM's regulation: capability and performance prices, both times the performance score."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field, PrivateAttr

from perdure.errors import Faults
from perdure.market.regulation.pjm import PjmRule, pjm_pay, pjm_score
from perdure.market.service import Setting
from perdure.market.service_kind import ServiceKind
from perdure.market.service_parts.reserve_fields import DELIVERY, THROUGHPUT, ReserveFields, replayed
from perdure.market.service_parts.service_fields import Number
from perdure.market.terms import Currency, Positive, Share
from perdure.quantities import Confidence, Sourced
from perdure.timeline import Floats, Timeline

RULE = PjmRule()


class PjmRegulation(ReserveFields):
    """Income per MW and hour: score x (capability price + mileage ratio x performance price)."""

    defaults: ClassVar[dict[str, Sourced]] = {
        "delivery_hours": DELIVERY,
        "throughput_share": THROUGHPUT,
        "mileage_ratio": replace(RULE.mileage_ratio, unit="MW/MW"),
        "minimum_kw": Sourced(100.0, "kW", "PJM market rules, recalled; the text was not seen", Confidence.UNVERIFIED),
    }

    kind: Literal["frequency_regulation_pjm"] = "frequency_regulation_pjm"
    title: str = "Regulation (PJM)"
    currency: Currency = Field("USD", description="Currency of its prices.")
    capability_price_per_mw_h: Number = Field(description="Paid per MW and hour; a number or a series.")
    performance_price_per_mw: Number = Field(description="Paid per MW of mileage ratio and hour; a number or a series.")
    mileage_ratio: Positive | None = Field(None, description="Mileage of the signal followed over the slow signal's.")
    performance: Share | None = Field(None, description="Score expected; from the replay's response unless set.")
    _score: float = PrivateAttr(default=float("nan"))

    def between(self, faults: Faults) -> None:
        """The score comes from somewhere."""
        super().between(faults)
        if self.performance is None and (self.replay is None or self.replay.response_column is None):
            faults.add("performance", "is missing", allowed="0 to 1",
                       cure="State the score, or give a replay with response_column.")  # fmt: skip

    def figures(self) -> dict[str, Sourced]:
        """What the case sets, the replay's score, the rule's figures."""
        found = super().figures()
        if self.performance is None and self._replayed is not None and self.replay is not None:
            found["performance"] = replayed(self._score, "share", self.replay)
        return found | {"lowest_paid_score": RULE.lowest_paid_score}

    def loaded(self, context: object, faults: Faults) -> None:
        """Score the replay; one that cannot be scored is told at once."""
        super().loaded(context, faults)
        seen = self._replayed
        if self.performance is None and seen is not None and seen.response is not None:
            with faults.under("replay"):
                self._score = float(np.nanmean(pjm_score(seen.signal, seen.response, seen.step_s, RULE).score))

    def refused(self, setting: Setting) -> tuple[str, ...]:
        """Also a score that is paid nothing."""
        found, least = super().refused(setting), RULE.lowest_paid_score.value
        score = self.figures()["performance"].value
        if score < least:
            found = (*found, f"{self.name}: not admitted and earns nothing: score {score:.3g} is below {least:g}.")
        return found

    def income_per_kw_h(self, timeline: Timeline) -> Floats:
        """Both parts per kW held and hour (steps,)."""
        figures, full = self.figures(), np.full(timeline.steps, 1.0)
        pay = pjm_pay(
            full * figures["performance"].value,
            1e-3,
            self.laid("capability_price_per_mw_h", timeline),
            self.laid("performance_price_per_mw", timeline),
            RULE,
            full * figures["mileage_ratio"].value,
        )
        return pay.hourly


ENTRY = ServiceKind(
    name="frequency_regulation_pjm",
    title_en="Regulation (PJM)",
    title_zh="调频(PJM)",
    summary_en="MW held by the hour, paid the capability price and the performance price times the mileage ratio, both "
    "times the performance score.",
    summary_zh="按小时预留的功率,获容量价与里程比乘以性能价之和,再乘以性能得分。",
    sources=("PJM Manual 12 as quoted in market/regulation/pjm.py.", "The user's prices."),
    fields=PjmRegulation,
    example={"kind": "frequency_regulation_pjm", "capability_price_per_mw_h": 30.0, "performance_price_per_mw": 6.0,
             "mileage_ratio": 2.9, "performance": 0.92, "delivery_hours": 0.5},
)  # fmt: skip
