"""Frequency regulation in general: paid for power held and for mileage, each as a contract or a market states it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from perdure.errors import Faults
from perdure.market.service_kind import ServiceKind
from perdure.market.service_parts.reserve_fields import ReserveFields, replayed
from perdure.market.service_parts.service_fields import Number
from perdure.market.terms import Positive
from perdure.quantities import Sourced
from perdure.timeline import Floats, Timeline


class FrequencyRegulation(ReserveFields):
    """Income per kW and hour: capacity price (times the index where paid so) + index x mileage x mileage price."""

    kind: Literal["frequency_regulation"] = "frequency_regulation"
    title: str = "Frequency regulation"
    capacity_price_per_kw_h: Number = Field(0.0, description="Paid per kW held and hour; a number or a series.")
    mileage_price_per_kw: Number = Field(0.0, description="Paid per kW of movement; a number or a series.")
    mileage_kw_per_kw_h: Positive | None = Field(None, description="Movement per kW held and hour, kW.")
    performance: Annotated[float, Field(gt=0)] = Field(1.0, description="Expected performance index.")
    highest_performance: Annotated[float, Field(gt=0)] | None = Field(
        None, description="The index counts at most this."
    )
    performance_on_capacity: bool = Field(False, description="True where the capacity price is times the index too.")

    def between(self, faults: Faults) -> None:
        """Something is paid, and mileage is known where it is."""
        super().between(faults)
        if self.capacity_price_per_kw_h == 0.0 and self.mileage_price_per_kw == 0.0:
            faults.add("capacity_price_per_kw_h", "must be given, or else mileage_price_per_kw", 0.0)
        if self.mileage_price_per_kw != 0.0 and self.mileage_kw_per_kw_h is None and self.replay is None:
            faults.add("mileage_kw_per_kw_h", "is missing", cure="State it, or give a replay of the signal.")

    def figures(self) -> dict[str, Sourced]:
        """Mileage from the replay where it is not stated."""
        found = super().figures()
        if self._replayed is not None and self.replay is not None and self.mileage_kw_per_kw_h is None:
            found["mileage_kw_per_kw_h"] = replayed(self._replayed.mileage_per_h, "kW/kW·h", self.replay)
        return found

    def income_per_kw_h(self, timeline: Timeline) -> Floats:
        """Both parts (steps,)."""
        index = min(self.performance, self.highest_performance or self.performance)
        mileage = self.figures().get("mileage_kw_per_kw_h")
        capacity = self.laid("capacity_price_per_kw_h", timeline) * (index if self.performance_on_capacity else 1.0)
        moved = self.laid("mileage_price_per_kw", timeline) * (0.0 if mileage is None else mileage.value * index)
        return capacity + moved


ENTRY = ServiceKind(
    name="frequency_regulation",
    title_en="Frequency regulation",
    title_zh="调频",
    summary_en="Power held ready in trading blocks, up, down or both; paid per kW and hour and per kW of movement, "
    "with a performance index; deliverable for the hours stated.",
    summary_zh="按交易时段预留上调、下调或双向功率,按预留容量与调频里程计费并乘以性能指标;须能持续所述小时数。",
    sources=("The user's contract or market.",),
    fields=FrequencyRegulation,
    example={"kind": "frequency_regulation", "currency": "EUR", "capacity_price_per_kw_h": 0.012,
             "mileage_price_per_kw": 0.0005, "mileage_kw_per_kw_h": 10.0, "performance": 0.9,
             "delivery_hours": 0.5, "block_hours": 4.0, "minimum_kw": 1000.0},
)  # fmt: skip
