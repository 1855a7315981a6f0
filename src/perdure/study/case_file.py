"""The case file as a person writes it: every part, key, unit and range; also the source of its JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, Tag, model_validator
from pydantic.json_schema import models_json_schema

from perdure.economics.finance import Finance
from perdure.market.reading import TARIFFS
from perdure.market.service_reading import SERVICES
from perdure.quantities import Founded
from perdure.simulate.options import Addition, LifeOptions
from perdure.site.inputs import (
    AmbientInput,
    GenerationSeries,
    LoadSeries,
    ModelledGeneration,
    Number,
    Part,
    Whole,
    mend,
)
from perdure.study.foresight_file import ForesightInput
from perdure.study.outlook_file import OutlookInput
from perdure.study.sizing.options import SizeInput
from perdure.study.uncertainty.file import UncertaintyInput

FIELDS_OF_COST = (
    "energy_per_kwh", "power_per_kw", "balance_per_kwh", "development_share", "fixed_om_share_per_year",
    "variable_om_per_kwh", "replacement_share", "decommissioning_per_kwh", "residual_share", "charge_power_per_kw",
    "stack_renewal_share",
)  # fmt: skip
"""The components of `technology.Costs` a case may override."""


class SiteInput(Part):
    """Who and where."""

    name: str = Field(min_length=1, description="Name of the site, as reports show it.")
    place: str = Field("", description="Town and province, as reports show it.")
    zone: str = Field(description="Local clock as an IANA name, e.g. Asia/Shanghai; bills and reports follow it.")
    latitude: Number | None = Field(None, ge=-66.0, le=66.0, description="Degrees north; for sun and weather.")
    longitude: Number | None = Field(None, ge=-180.0, le=180.0, description="Degrees east; for sun and weather.")
    altitude_m: Number = Field(0.0, ge=-430.0, le=6000.0, description="Height above the sea in metres.")

    @model_validator(mode="after")
    def _both_or_neither(self) -> SiteInput:
        if (self.latitude is None) != (self.longitude is None):
            raise mend("has only one of latitude and longitude", cure="Give both or neither.")
        return self


class ConnectionInput(Part):
    """The wire to the grid."""

    import_limit_kw: Number | None = Field(
        None, gt=0.0, description="Largest import in kW; default: the transformer at power factor 1, else unlimited."
    )
    export_limit_kw: Number = Field(0.0, ge=0.0, description="Largest export in kW; 0: nothing may flow back.")
    transformer_kva: Number | None = Field(
        None, gt=0.0, description="Transformer size in kVA; capacity charges need it."
    )


class TimelineInput(Part):
    """Which year is computed, in which steps."""

    year: Whole | None = Field(
        None, ge=1990, le=2100, description="Calendar year on the site's clock; default: the year the load file holds."
    )
    step_minutes: Whole | None = Field(
        None, ge=1, le=60, description="Length of a step; must divide an hour. Default: the load's, at most 60."
    )

    @model_validator(mode="after")
    def _divides_an_hour(self) -> TimelineInput:
        if self.step_minutes and 60 % self.step_minutes:
            raise mend(f"has steps of {self.step_minutes} min", allowed="1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60")
        return self


class CostFigure(Part):
    """A cost with its range and source."""

    value: Number = Field(ge=0.0, description="The cost.")
    low: Number | None = Field(None, ge=0.0, description="Lowest likely value.")
    high: Number | None = Field(None, ge=0.0, description="Highest likely value.")
    source: str = Field("case file", description="Where it comes from: an offer, a contract.")
    year: Whole | None = Field(None, ge=1990, le=2100, description="Year of the price.")
    confidence: Founded = Field("user", description="How well it is founded.")


def _written_as(given: object) -> str:
    return "figure" if isinstance(given, dict | CostFigure) else "number"


Cost = (
    Annotated[
        Annotated[Number, Field(ge=0.0), Tag("number")] | Annotated[CostFigure, Tag("figure")],
        Discriminator(_written_as),
    ]
    | None
)


class CostsInput(Part):
    """Costs of a candidate where they differ from the technology's datasheet. Shares are of the whole capital."""

    basis: str | None = Field(
        None, description="Name of one of the technology's sets of costs (region and year); default: its first."
    )
    currency: str | None = Field(
        None, min_length=3, max_length=3,
        description="Currency of the numbers here; default: the datasheet's. The rest is converted with finance.",
    )  # fmt: skip
    energy_per_kwh: Cost = Field(None, description="Cells, vessels, racks, per kWh.")
    power_per_kw: Cost = Field(None, description="Converter, transformer, switchgear, stacks, per kW.")
    charge_power_per_kw: Cost = Field(None, description="Charging device of its own (electrolyser), per kW.")
    balance_per_kwh: Cost = Field(None, description="Enclosure, wiring, integration, construction, per kWh.")
    development_share: Cost = Field(None, description="Development and permits, share of the capital.")
    fixed_om_share_per_year: Cost = Field(None, description="Yearly operation and maintenance, share of the capital.")
    variable_om_per_kwh: Cost = Field(None, description="Operation per kWh discharged.")
    replacement_share: Cost = Field(None, description="Price of a new store later over energy_per_kwh today.")
    stack_renewal_share: Cost = Field(None, description="Price of new stacks over that of all power equipment.")
    decommissioning_per_kwh: Cost = Field(None, description="Taking it down and recycling, per kWh.")
    residual_share: Cost = Field(None, description="Worth at the end of the project, share of the capital.")


class StoreInput(Part):
    """A store at a size."""

    name: str = Field(min_length=1, description="Name, as reports show it; each candidate its own.")
    technology: str = Field(
        min_length=1,
        description="Name of a technology (see 'perdure technologies'), or a datasheet file of your own (.yaml).",
    )
    energy_kwh: Number = Field(gt=0.0, description="Energy stored between 0 and 100 % charge when new, kWh.")
    power_kw: Number = Field(
        gt=0.0, description="AC rating of the converter, kW; of both directions unless the next key differs."
    )
    charge_power_kw: Number | None = Field(
        None, gt=0.0, description="AC rating of a charging device of its own (electrolyser), kW; default: power_kw."
    )
    ageing: str | None = Field(None, description="Name of an ageing law of the technology; default: its first.")
    wear_price_per_kwh: Annotated[Number, Field(ge=0.0)] | Literal["lifetime"] | None = Field(
        None, description="Price the plan charges per kWh through the store; 'lifetime': the one under which the whole "
        "life is worth most is sought; default: lifetime's.",
    )  # fmt: skip
    costs: CostsInput = Field(CostsInput.model_validate({}), description="Costs where they differ from the datasheet.")
    additions: tuple[Addition, ...] = Field((), description="What is built onto the store in later years.")


class CandidateInput(StoreInput):
    """A store to be lived through and priced; or several behind one meter, dispatched together."""

    beside: tuple[StoreInput, ...] = Field((), description="Further stores that stand beside it, each with its name.")


class CaseFile(Part):
    """A perdure case: one site, its tariff, and the stores to be weighed. Paths are relative to this file."""

    title: str = Field("", description="Headline of the report; default: the site's name.")
    site: SiteInput = Field(description="Who and where.")
    timeline: TimelineInput = Field(
        TimelineInput.model_validate({}), description="Which year, in which steps; default: the load's."
    )
    load: LoadSeries | tuple[LoadSeries, ...] = Field(description="One load series or a list that is added up.")
    generation: GenerationSeries | ModelledGeneration | tuple[GenerationSeries | ModelledGeneration, ...] | None = (
        Field(None, description="Generation behind the meter, read or modelled: one or a list that is added up.")
    )
    ambient: AmbientInput | None = Field(
        None, description="Outdoor temperature around the store; default: the weather file of modelled photovoltaics."
    )
    connection: ConnectionInput = Field(
        ConnectionInput.model_validate({}), description="Limits at the meter; default: none."
    )
    tariff: dict[str, Any] = Field(
        description="The tariff: its `kind`, one of 'perdure tariffs', and the keys of that kind."
    )
    services: tuple[dict[str, Any], ...] = Field(
        (), description="What the plant sells or promises besides: blocks with a `kind`, see docs/services.md."
    )
    candidates: CandidateInput | Annotated[tuple[CandidateInput, ...], Field(min_length=1)] = Field(
        description="The stores to be weighed: one, or a list."
    )
    finance: Finance = Field(Finance.model_validate({}), description="Rates, taxes, currency.")
    lifetime: LifeOptions = Field(LifeOptions.model_validate({}), description="How long, how replaced.")
    foresight: ForesightInput = Field(
        ForesightInput.model_validate({}), description="Strategies and forecasts of 'perdure regret'."
    )
    outlook: OutlookInput = Field(
        OutlookInput.model_validate({}), description="How the years of the project differ from the first."
    )
    size: SizeInput = Field(
        SizeInput.model_validate({}), description="How 'perdure size' and 'perdure compare' seek the best size."
    )
    uncertainty: UncertaintyInput = Field(
        UncertaintyInput.model_validate({}), description="Ranges of uncertain figures, for 'perdure uncertainty'."
    )


def case_schema() -> dict[str, Any]:
    """The JSON Schema of a case file, every kind of tariff and service included, for editors that complete."""
    tariffs = [TARIFFS.find(name) for name in TARIFFS.names()]
    services = [SERVICES.find(name) for name in SERVICES.names()]
    kinds = {kind.name: kind.fields for kind in tariffs} | {kind.name: kind.fields for kind in services}
    models: list[type[BaseModel]] = [CaseFile, *kinds.values()]
    places, shared = models_json_schema([(model, "validation") for model in models])
    parts = shared["$defs"]
    for name, fields in kinds.items():
        part = parts[places[fields, "validation"]["$ref"].rsplit("/", 1)[-1]]
        part["properties"]["kind"]["const"] = name
        part["required"] = sorted({"kind", *part.get("required", [])})
    case = parts.pop(CaseFile.__name__)
    of_tariffs = [places[kind.fields, "validation"] for kind in tariffs]
    of_services = [places[kind.fields, "validation"] for kind in services]
    described = {name: case["properties"][name]["description"] for name in ("tariff", "services")}
    case["properties"]["tariff"] = {"description": described["tariff"], "anyOf": of_tariffs}
    case["properties"]["services"] = {
        "description": described["services"], "type": "array", "items": {"anyOf": of_services},
    }  # fmt: skip
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **case, "$defs": parts}
