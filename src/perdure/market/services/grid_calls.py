"""Grid calls as a contract states them: peak shaving and valley filling paid per kWh in windows."""

from __future__ import annotations

from typing import Literal

from perdure.market.service_kind import ServiceKind
from perdure.market.service_parts.calls import CalledFields


class GridCalls(CalledFields):
    """Windows with a direction and a price."""

    kind: Literal["grid_calls"] = "grid_calls"
    title: str = "Grid calls"


ENTRY = ServiceKind(
    name="grid_calls",
    title_en="Grid calls (peak shaving, valley filling)",
    title_zh="电网调用(削峰填谷)",
    summary_en="The grid pays for discharging into peaks or charging from valleys: windows by month, day and hour, a "
    "price, a smallest size and a count of calls.",
    summary_zh="电网为高峰放电或低谷充电付费:按月份、日期和时段,约定价格、最小规模与调用次数。",
    sources=("The user's contract.",),
    fields=GridCalls,
    example={"kind": "grid_calls", "currency": "CNY", "minimum_kw": 500.0,
             "calls": [{"direction": "discharge", "price_per_kwh": 0.5, "hours": "17:00-21:00", "months": [7, 8]},
                       {"direction": "charge", "price_per_kwh": 0.1, "hours": "00:00-04:00", "months": [7, 8],
                        "days": "weekend"}]},
)  # fmt: skip
