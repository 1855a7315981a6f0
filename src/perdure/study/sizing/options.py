"""The `size` part of a case file: what is sought, between which bounds, in which steps, how closely."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from perdure.site.inputs import Number, Part, mend

By = Literal["npv", "irr", "payback", "lcos", "autonomy_hours", "peak_kw"]
BY: tuple[By, ...] = ("npv", "irr", "payback", "lcos", "autonomy_hours", "peak_kw")
Bounds = tuple[Annotated[Number, Field(gt=0.0)], Annotated[Number, Field(gt=0.0)]]


class GenerationSizes(Part):
    """Generation as a further axis: shares of the case's generation, and what more of it costs."""

    shares: tuple[Annotated[Number, Field(ge=0.0)], ...] = Field(
        min_length=1, description="Sizes to try, as shares of the case's generation; 1 is added where it is missing."
    )
    rated_kw: Number = Field(gt=0.0, description="What a share of 1 stands for, kW.")
    cost_per_kw: Number = Field(ge=0.0, description="Price of one kW more, in the currency of the results.")


class ConnectionSizes(Part):
    """The connection as a further axis: import limits, and what a larger one costs."""

    import_limits_kw: tuple[Annotated[Number, Field(gt=0.0)], ...] = Field(
        min_length=1, description="Import limits to try, kW; the case's own is added where it is missing."
    )
    cost_per_kw: Number = Field(0.0, ge=0.0, description="Price of one kW more, in the currency of the results.")


class SizeInput(Part):
    """How `perdure size` and `perdure compare` seek the best energy and power of each store."""

    by: By = Field("npv", description="What makes a size the best; the last two seek the best value that serves.")
    autonomy_hours: Number | None = Field(
        None, gt=0.0, description="by autonomy_hours: how long the critical load must last on a worn store."
    )
    critical_kw: Number | None = Field(
        None, gt=0.0, description="by autonomy_hours: the critical load; default: that of the case's backup service."
    )
    peak_kw: Number | None = Field(None, gt=0.0, description="by peak_kw: the highest import that may ever occur.")
    energy_kwh: Bounds | None = Field(
        None, description="Smallest and largest energy; default: from one module to a day of load or generation."
    )
    power_kw: Bounds | None = Field(
        None, description="Smallest and largest power; default: up to the highest load or generation."
    )
    energy_step_kwh: Number | None = Field(
        None, gt=0.0, description="Energy comes in steps of this; default: a part of the technology of a fitting size."
    )
    power_step_kw: Number | None = Field(
        None, gt=0.0, description="Power comes in steps of this; default: a round step of about 1/200 of the largest."
    )
    tolerance: Number = Field(
        0.01, ge=0.0001, le=0.2, description="Sizes are sought to this share of themselves, or to one step."
    )
    wear_price: Literal["given", "search"] = Field(
        "given", description="'search': the wear price is sought too, at the best size (compare always does)."
    )
    generation: GenerationSizes | None = Field(None, description="More or less generation as a further axis.")
    connection: ConnectionSizes | None = Field(None, description="The import limit as a further axis.")

    @model_validator(mode="after")
    def _in_order(self) -> SizeInput:
        for name in ("energy_kwh", "power_kw"):
            bounds = getattr(self, name)
            if bounds is not None and bounds[0] > bounds[1]:
                raise mend(f"has {name} from {bounds[0]:g} to {bounds[1]:g}", allowed="the smaller first")
        for name in ("autonomy_hours", "peak_kw"):
            if self.by == name and getattr(self, name) is None:
                raise mend(f"is by {name} without {name}", cure=f"Add {name} under size, or --target.")
        if self.by == "peak_kw" and self.connection is not None:
            raise mend("is by peak_kw, which sets the import limit, and has connection too", cure="Leave one out.")
        return self
