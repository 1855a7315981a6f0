"""How a life is lived: how many years, how often planned anew, what happens to a worn store."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class LifeOptions(BaseModel):
    """The `lifetime` part of a case file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    years: int = Field(30, ge=1, le=60, description="Length of the project in years.")
    replan: Literal["year", "month"] = Field(
        "year", description="How often the dispatch view (capacity, efficiency, temperature) is renewed within a life."
    )
    when_worn: Literal["replace", "retire", "keep"] = Field(
        "replace", description="What happens when the store reaches its end-of-life capacity."
    )
    end_of_life_capacity_share: float | None = Field(
        None, gt=0.0, lt=1.0, description="Capacity at which a store counts as worn; default: the technology's own."
    )
    wear_price_per_kwh: float = Field(
        0.0, ge=0.0, description="Price the plan charges per kWh through the store, so that small gains do not wear it."
    )
    load_growth_share_per_year: float = Field(0.0, gt=-0.2, lt=0.2, description="Yearly growth of the load.")
    generation_loss_share_per_year: float = Field(0.0, ge=0.0, lt=0.1, description="Yearly loss of generation.")
