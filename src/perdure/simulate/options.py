"""How a life is lived: how many years, how often planned anew, what happens to a worn store."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Addition(BaseModel):
    """Modules or converters built onto a store later."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: int = Field(ge=2, le=60, description="Project year at whose start they work.")
    energy_kwh: float = Field(0.0, ge=0.0, description="Energy of new modules, kWh.")
    power_kw: float = Field(0.0, ge=0.0, description="AC rating of further converters, kW.")

    @model_validator(mode="after")
    def _adds_something(self) -> Addition:
        if self.energy_kwh + self.power_kw <= 0.0:
            raise ValueError("adds nothing: give energy_kwh or power_kw above 0")
        return self


class LifeOptions(BaseModel):
    """The `lifetime` part of a case file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    years: int = Field(30, ge=1, le=60, description="Length of the project in years.")
    replan: Literal["year", "month"] = Field(
        "year", description="How often the dispatch view (capacity, efficiency, temperature) is renewed within a life."
    )
    when_worn: Literal["replace", "augment", "retire", "keep"] = Field(
        "replace",
        description="What happens to modules at their end-of-life capacity; 'augment': new ones are added to the old.",
    )
    augment_to_share: float = Field(
        1.0, gt=0.0, le=1.5, description="Capacity that 'augment' builds up to, share of the first energy."
    )
    end_of_life_capacity_share: float | None = Field(
        None, gt=0.0, lt=1.0, description="Capacity at which a store counts as worn; default: the technology's own."
    )
    wear_price_per_kwh: Annotated[float, Field(ge=0.0)] | Literal["lifetime"] = Field(
        0.0, description="Price the plan charges per kWh through the store, so that small gains do not wear it; "
        "'lifetime': of each candidate the one under which the whole life is worth most is sought.",
    )  # fmt: skip
    load_growth_share_per_year: float = Field(0.0, gt=-0.2, lt=0.2, description="Yearly growth of the load.")
    generation_loss_share_per_year: float = Field(0.0, ge=0.0, lt=0.1, description="Yearly loss of generation.")
