"""A limit on how fast grid power may change."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from perdure.errors import Faults
from perdure.market.service import RampLimit, ServiceTerms, Setting
from perdure.market.service_kind import ServiceKind
from perdure.market.service_parts.service_fields import Above, ServiceFields
from perdure.market.terms import Positive


class Ramp(ServiceFields):
    """A change of so many kW within so many minutes; what exceeds it costs, or is forbidden."""

    kind: Literal["ramp_limit"] = "ramp_limit"
    title: str = "Ramp limit"
    most_kw: Above | None = Field(None, description="Largest change of grid power within the time.")
    most_share: Above | None = Field(None, description="In its place: share of installed_kw.")
    installed_kw: Above | None = Field(None, description="Renewable power the limit is a share of.")
    within_minutes: Above = Field(description="The time the limit holds for; longer steps may change by more.")
    price_per_kw: Positive | None = Field(None, description="Per kW beyond it and step; forbidden unless set.")

    def between(self, faults: Faults) -> None:
        """One way to state the limit."""
        super().between(faults)
        if (self.most_kw is None) == (self.most_share is None):
            faults.add("most_kw", "must be given, or else most_share, but not both", self.most_kw)
        if (self.most_share is None) != (self.installed_kw is None):
            faults.add("installed_kw", "must be given with most_share, and only then", self.installed_kw)

    def terms(self, setting: Setting) -> ServiceTerms:
        """The limit from step to step: in proportion to the step's length."""
        within = self.most_kw if self.most_kw is not None else (self.most_share or 0.0) * (self.installed_kw or 0.0)
        most = within * setting.timeline.step_minutes / self.within_minutes
        price = math.inf if self.price_per_kw is None else self.price_per_kw
        return ServiceTerms(ramps=(RampLimit(self.name, most, price),))

    @property
    def remarks(self) -> tuple[str, ...]:
        """How the limit meets the step."""
        told = f"{self.name}: the limit is taken in proportion to the step, between the mean powers of two steps."
        return (*super().remarks, told)


ENTRY = ServiceKind(
    name="ramp_limit",
    title_en="Ramp limit",
    title_zh="爬坡限制",
    summary_en="Grid power may change by at most so many kW, or a share of the renewable power, within so many "
    "minutes; more costs or is forbidden.",
    summary_zh="并网功率在给定分钟内的变化不超过若干千瓦或新能源装机的一定比例;超出则付费或禁止。",
    sources=("The grid operator's rule, as the user states it.",),
    fields=Ramp,
    example={"kind": "ramp_limit", "currency": "CNY", "most_share": 0.1, "installed_kw": 10000.0,
             "within_minutes": 10.0, "price_per_kw": 0.05},
)  # fmt: skip
