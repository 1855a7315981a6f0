"""The `outlook` part of a case file: how the years of the project differ from the first."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from perdure.site.inputs import Number, Part, Whole, mend

Growth = Annotated[Number, Field(gt=-0.2, lt=0.2)]
FromYear = Annotated[Whole, Field(ge=2, le=60)]


class PriceGrowthInput(Part):
    """Yearly growth of a tariff's components beyond inflation; finance's own growth of the saving comes on top."""

    energy: Growth = Field(0.0, description="Energy prices, share a year.")
    demand: Growth = Field(0.0, description="Demand charges, share a year.")
    fixed: Growth = Field(0.0, description="Fixed charges, share a year.")
    export: Growth = Field(0.0, description="Export prices, share a year.")
    spread: Growth = Field(0.0, description="Distance of every energy price from the year's mean, share a year.")


class ReformInput(Part):
    """Another tariff from a year on."""

    from_year: FromYear = Field(description="Project year from which it holds.")
    tariff: dict[str, Any] = Field(description="The tariff, as the case's own is written, at the prices of that year.")


class StageInput(Part):
    """A change at the site that stays: build-out of load, generation or connection."""

    from_year: FromYear = Field(description="Project year from which it holds.")
    load_scale: Number = Field(1.0, gt=0.0, description="Factor on the load.")
    generation_scale: Number = Field(1.0, ge=0.0, description="Factor on the generation.")
    import_limit_kw: Number | None = Field(None, gt=0.0, description="New import limit, kW.")
    export_limit_kw: Number | None = Field(None, ge=0.0, description="New export limit, kW.")
    transformer_kva: Number | None = Field(None, gt=0.0, description="New transformer, kVA.")

    @model_validator(mode="after")
    def _changes_something(self) -> StageInput:
        if not self.model_fields_set - {"from_year"}:
            raise mend("changes nothing", cure="Give load_scale, generation_scale, or a limit.")
        return self


class MeasuredInput(Part):
    """Another measured year; what it does not name is read from the case's own files."""

    year: Whole = Field(ge=1990, le=2100, description="Calendar year of its series.")
    load: dict[str, Any] | tuple[dict[str, Any], ...] | None = Field(None, description="As the case's own `load`.")
    generation: dict[str, Any] | tuple[dict[str, Any], ...] | None = Field(
        None, description="As the case's own `generation`."
    )
    ambient: dict[str, Any] | None = Field(None, description="As the case's own `ambient`.")


class OutlookInput(Part):
    """How the project's years differ; growth of load and loss of generation stand under `lifetime`."""

    measured: tuple[MeasuredInput, ...] = Field(
        (), description="Further measured years, taken in turn after the case's own: year 2 is the first of them."
    )
    price_growth_share_per_year: PriceGrowthInput = Field(
        PriceGrowthInput.model_validate({}), description="Growth of prices, component by component."
    )
    reforms: tuple[ReformInput, ...] = Field((), description="Tariffs that replace the case's own.")
    stages: tuple[StageInput, ...] = Field((), description="Build-out of the site, year by year.")

    @model_validator(mode="after")
    def _each_reform_its_year(self) -> OutlookInput:
        years = [one.from_year for one in self.reforms]
        if len(set(years)) < len(years):
            raise mend("names two tariffs for one year", cure="Give each reform its own from_year.")
        return self
