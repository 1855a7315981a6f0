"""What a person writes about series, photovoltaics and temperature: the site parts of a case file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict, model_validator
from pydantic_core import PydanticCustomError

from perdure.quantities import Founded

Number = Annotated[float, Strict()]
Whole = Annotated[int, Strict()]
PowerUnit = Literal["W", "kW", "MW", "kWh", "MWh", "share"]
Suspicion = Literal["negative", "spikes", "unit", "counter", "zone", "stamps", "import_limit"]
Twelve = Annotated[tuple[Number, ...], Field(min_length=12, max_length=12)]


class Part(BaseModel):
    """One part of a case file: read once, never changed, no unknown keys, no infinite numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def mend(problem: str, **told: Any) -> PydanticCustomError:
    """A validator's complaint; `allowed` and `cure` reach the reader as such."""
    return PydanticCustomError("perdure", "{problem}", {"problem": problem, **told})


class TableInput(Part):
    """One column of a CSV or Parquet file and how its rows are dated."""

    file: str = Field(min_length=1, description="CSV or Parquet file, relative to the case file.")
    column: str = Field(min_length=1, description="Name of the column that holds the values.")
    time_column: str | None = Field(
        None,
        description="Name of the column with date and time, as 2024-01-31 14:15 (or 2024/1/31 14:15, with or without "
        "an offset such as +08:00). Leave out for rows without stamps and give `start` and `step_minutes`.",
    )
    time_format: str | None = Field(
        None, description="How the stamps are written if year does not come first, e.g. '%d.%m.%Y %H:%M'."
    )
    start: str | None = Field(
        None, description="Start of the first row on the clock of `zone`, for rows without stamps, e.g. 2024-01-01."
    )
    step_minutes: Whole | None = Field(
        None,
        ge=1,
        le=1440,
        description="Length of a row in minutes; needed without stamps, otherwise found and checked.",
    )
    stamps: Literal["start", "end"] = Field(
        "start", description="Whether a stamp says when its interval starts or ends."
    )
    zone: str | None = Field(
        None,
        description="Clock of the stamps: an IANA name (Europe/Berlin; clock changes are followed) or a fixed offset "
        "(+08:00; no clock changes). Default: the site's zone.",
    )
    separator: str = Field(
        ",", min_length=1, max_length=1, description="What stands between the columns of a CSV file."
    )
    decimal: Literal[".", ","] = Field(".", description="Decimal sign of a CSV file.")
    encoding: str = Field("utf-8", description="Character encoding of a CSV file, e.g. utf-8 or gbk.")
    fill: Literal["interpolate", "previous_week", "previous_day", "zero"] | None = Field(
        None, description="How gaps and empty cells are filled; without it every gap is a fault."
    )
    fill_at_most_hours: Number = Field(
        3.0, gt=0.0, le=744.0, description="Longest gap in hours that `fill` may close; longer ones stay faults."
    )

    @model_validator(mode="after")
    def _dated_one_way(self) -> TableInput:
        if (self.time_column is None) == (self.start is None):
            raise mend(
                "needs either time_column or start" if self.start is None else "has both time_column and start",
                allowed="time_column, or start with step_minutes",
                cure="Name the column with the stamps, or for rows without stamps say when the first one starts.",
            )
        if self.start is not None and self.step_minutes is None:
            raise mend("has start but no step_minutes", cure="Say how many minutes a row lasts: step_minutes: 15.")
        return self


class SeriesInput(TableInput):
    """A series of power or energy."""

    unit: PowerUnit = Field(
        description="Unit of the values: mean power (W, kW, MW), energy of each interval (kWh, MWh), "
        "or share of rated_kw."
    )
    rated_kw: Number | None = Field(None, gt=0.0, description="Rated power in kW; needed when the unit is share.")
    scale: Number = Field(1.0, gt=0.0, description="Factor on every value, e.g. for planned growth.")
    accept: tuple[Suspicion, ...] = Field(
        (), description="Suspicions looked into and found right: they become remarks instead of faults."
    )

    @model_validator(mode="after")
    def _share_of_something(self) -> SeriesInput:
        if self.unit == "share" and self.rated_kw is None:
            raise mend("is a share of nothing: rated_kw is missing", cure="Add rated_kw: <kW at share 1>.")
        return self


class LoadSeries(SeriesInput):
    """A load read from a file."""


class GenerationSeries(SeriesInput):
    """Generation read from a file."""

    kind: Literal["pv", "wind", "other"] = Field(
        "pv", description="What generates; pv is checked against the sun, so that a wrong zone is found."
    )


class PvInput(Part):
    """A photovoltaic plant modelled from weather, on fixed racks."""

    weather_file: str = Field(
        min_length=1,
        description="Typical year: EnergyPlus weather (.epw, .epw.gz) or TMY3 (.csv), relative to the case.",
    )
    dc_kwp: Number = Field(gt=0.0, description="Module power in kW at standard test conditions.")
    tilt_degrees: Number = Field(ge=0.0, le=90.0, description="Tilt from the horizontal.")
    azimuth_degrees: Number = Field(
        180.0, ge=0.0, le=360.0, description="Direction the modules face: 90 east, 180 south, 270 west."
    )
    inverter_kw: Number | None = Field(None, gt=0.0, description="AC power limit of the inverters; default: dc_kwp.")
    losses_share: Number = Field(
        0.14,
        ge=0.0,
        lt=1.0,
        description="Soiling, mismatch, wiring, downtime, together; the default is near pvlib's PVWatts losses.",
    )
    inverter_efficiency_share: Number = Field(0.96, gt=0.5, le=1.0, description="Nominal efficiency of the inverters.")
    temperature_coefficient_per_k: Number = Field(
        -0.0035, gt=-0.01, le=0.0, description="Change of power with cell temperature, share per kelvin."
    )
    albedo_share: Number = Field(0.2, ge=0.0, le=1.0, description="Share of light the ground reflects.")
    irradiance_shift_minutes: Whole = Field(
        0,
        ge=-180,
        le=180,
        multiple_of=5,
        description="Minutes added to the file's irradiance times. EPW rows hold the mean of the hour before; "
        "some files break the rule: many Chinese CSWD files are about an hour late and need -60.",
    )
    accept: tuple[Literal["timing"], ...] = Field(
        (), description="Suspicions looked into and found right: timing (irradiance not centred on solar noon)."
    )


class ModelledGeneration(Part):
    """Generation modelled instead of read."""

    pv: PvInput = Field(description="A photovoltaic plant modelled with pvlib from a weather file.")


class MonthlyTemperature(Part):
    """Monthly normals of the outdoor temperature, with where they come from."""

    mean_c: Twelve = Field(description="Mean temperature of January to December in °C.")
    min_c: Twelve | None = Field(None, description="Mean daily lowest temperature by month, °C.")
    max_c: Twelve | None = Field(None, description="Mean daily highest temperature by month, °C.")
    source: str = Field(min_length=3, description="Where the numbers were read.")
    confidence: Founded = Field("user", description="How well they are founded.")

    @model_validator(mode="after")
    def _in_order(self) -> MonthlyTemperature:
        if (self.min_c is None) != (self.max_c is None):
            raise mend("has only one of min_c and max_c", cure="Give both for a daily swing, or neither.")
        for month, (low, mean, high) in enumerate(
            zip(self.min_c or self.mean_c, self.mean_c, self.max_c or self.mean_c, strict=True), 1
        ):
            if not -60.0 <= low <= mean <= high <= 60.0:
                raise mend(f"is out of order in month {month}: {low:g}, {mean:g}, {high:g}",
                           allowed="-60 <= min_c <= mean_c <= max_c <= 60")  # fmt: skip
        return self


class AmbientInput(Part):
    """Outdoor temperature: exactly one of constant, monthly normals, a series or a weather file."""

    constant_c: Number | None = Field(None, ge=-60.0, le=60.0, description="The same temperature all year, °C.")
    monthly: MonthlyTemperature | None = Field(None, description="Monthly normals with a daily swing.")
    series: TableInput | None = Field(None, description="A column in °C.")
    weather_file: str | None = Field(None, description="Typical year (.epw, .epw.gz, TMY3 .csv).")

    @model_validator(mode="after")
    def _exactly_one(self) -> AmbientInput:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise mend(
                "has " + (" and ".join(given) if given else "nothing in it"),
                allowed="exactly one of constant_c, monthly, series, weather_file",
            )
        return self
