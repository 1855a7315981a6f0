"""The datasheet file of a user's own technology as a person writes it: every key, unit and range."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, model_validator

from perdure.quantities import Confidence
from perdure.site.inputs import Number, Part, Whole, mend


class Figure(Part):
    """A number with its range and where it comes from."""

    value: Number = Field(description="The number, in the unit of the figure it replaces.")
    unit: str = Field("", description="Unit, where the figure is new.")
    low: Number | None = Field(None, description="Lowest likely value.")
    high: Number | None = Field(None, description="Highest likely value.")
    source: str | None = Field(None, min_length=6, description="Where it comes from; default: the file's source.")
    confidence: Confidence | None = Field(None, description="How well it is founded; default: the file's confidence.")
    year: Whole | None = Field(None, ge=1950, le=2100, description="Year of the number.")
    note: str = Field("", description="What a reader should know.")

    @model_validator(mode="after")
    def _lies_in_its_range(self) -> Figure:
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        if not low <= self.value <= high:
            raise mend("lies outside its own range", allowed=f"{low:g} to {high:g}")
        return self


def _written_as(given: object) -> str:
    return "figure" if isinstance(given, dict | Figure) else "number"


Given = Annotated[Annotated[Number, Tag("number")] | Annotated[Figure, Tag("figure")], Discriminator(_written_as)]
Text = str | dict[str, str]


class Resistance(Part):
    """Resistance times capacity by state of charge (rows) and temperature (columns)."""

    soc: tuple[Number, ...] = Field((0.5,), min_length=1, description="States of charge of the rows, 0 to 1, rising.")
    temperature_c: tuple[Number, ...] = Field((25.0,), min_length=1, description="Temperatures of the columns, rising.")
    charge_ohm_ah: tuple[tuple[Number, ...], ...] = Field(description="Charging: one row per state of charge.")
    discharge_ohm_ah: tuple[tuple[Number, ...], ...] | None = Field(
        None, description="Discharging; default: as charging."
    )

    @model_validator(mode="after")
    def _rows_are_even(self) -> Resistance:
        for rows in (self.charge_ohm_ah, self.discharge_ohm_ah or self.charge_ohm_ah):
            if len(rows) != len(self.soc) or any(len(row) != len(self.temperature_c) for row in rows):
                raise mend(
                    "tables do not fit their axes",
                    allowed=f"{len(self.soc)} rows of {len(self.temperature_c)} values",
                )
        return self


class TableCell(Part):
    """A cell by its measured curves: open-circuit voltage and resistance."""

    soc: tuple[Number, ...] = Field(min_length=2, description="States of charge of the voltage, 0 first, 1 last.")
    voltage_v: tuple[Number, ...] = Field(min_length=2, description="Open-circuit voltage at 25 °C, V.")
    resistance: Resistance = Field(description="Resistance tables, Ω Ah (resistance times capacity).")
    entropy_soc: tuple[Number, ...] = Field((), description="States of charge of the entropy coefficient.")
    entropy_v_per_k: tuple[Number, ...] = Field((), description="Entropy coefficient, V/K; default: none.")


class Capacities(Part):
    """An ageing law from measured or warranted capacities after cycles."""

    title: Text | None = Field(None, description="Name as reports show it.")
    points: tuple[tuple[Number, Number], ...] = Field(
        min_length=1, description="Pairs [cycles, remaining capacity share], e.g. [[10000, 0.95], [20000, 0.9]]."
    )
    depth_share: Number = Field(1.0, gt=0.0, le=1.0, description="Depth of the cycles tested.")
    depth_exponent: Number = Field(1.0, ge=0.0, le=4.0, description="Wear of a cycle grows as depth to this power.")
    rate_per_h: Number = Field(1.0, gt=0.0, description="Largest rate tested, 1/h; faster use is told in reports.")
    temperature_range_c: tuple[Number, Number] = Field((10.0, 40.0), description="Temperatures tested.")
    calendar_fade_per_year: Number = Field(0.0, ge=0.0, lt=1.0, description="Capacity lost per year at rest, share.")
    source: str | None = Field(None, min_length=6, description="Where the points come from.")
    confidence: Confidence = Field(Confidence.CLAIM, description="How well they are founded.")

    @model_validator(mode="after")
    def _capacity_falls(self) -> Capacities:
        ordered = sorted(self.points)
        shares = [share for _, share in ordered]
        if any(cycles < 0 for cycles, _ in ordered) or not all(0.0 < share <= 1.0 for share in shares):
            raise mend("holds a point that is no capacity", allowed="cycles from 0, shares above 0 up to 1")
        if any(later > earlier for earlier, later in pairwise(shares)):
            raise mend("has a capacity that grows with cycles")
        if not any(cycles > 0 and share < 1.0 for cycles, share in ordered):
            raise mend("shows no fade", cure="Give a point with a capacity below 1.")
        return self


class CostSet(Part):
    """Costs of one region and year; what is left out is the base's."""

    title: Text | None = Field(None, description="Region and year as reports show it.")
    currency: str | None = Field(None, min_length=3, max_length=3, description="Currency; default: the base's.")
    year: Whole | None = Field(None, ge=1990, le=2100, description="Year of the prices.")
    energy_per_kwh: Given | None = Field(None, description="Cells, vessels, racks, tanks, per kWh.")
    power_per_kw: Given | None = Field(None, description="Converter, transformer, switchgear, stacks, per kW.")
    charge_power_per_kw: Given | None = Field(None, description="Charging device of its own, per kW.")
    balance_per_kwh: Given | None = Field(None, description="Enclosure, wiring, integration, construction, per kWh.")
    development_share: Given | None = Field(None, description="Development, share of the capital.")
    fixed_om_share_per_year: Given | None = Field(None, description="Yearly operation, share of the capital.")
    variable_om_per_kwh: Given | None = Field(None, description="Operation per kWh discharged.")
    replacement_share: Given | None = Field(None, description="Price of a later store over energy_per_kwh today.")
    stack_renewal_share: Given | None = Field(None, description="Price of new stacks over all power equipment.")
    decommissioning_per_kwh: Given | None = Field(None, description="Taking it down, per kWh.")
    residual_share: Given | None = Field(None, description="Worth at the end of the project, share of the capital.")


class TechnologyFile(Part):
    """A technology of the user's own, over a shipped one."""

    name: str = Field(min_length=1, pattern=r"^[a-z][a-z0-9_]*$", description="Name: small letters, digits, _.")
    title: Text = Field(description="Title as reports show it: one text, or {en: ..., zh: ...}.")
    base: str = Field(description="The shipped technology everything not stated here comes from.")
    source: str = Field(min_length=6, description="Where the numbers come from, e.g. 'Acme data sheet V3, 2026-03'.")
    confidence: Confidence = Field(Confidence.CLAIM, description="How well they are founded unless a figure says so.")
    summary: Text = Field("", description="One or two sentences for the datasheet.")
    figures: dict[str, Given] = Field(
        default_factory=dict, description="Physical figures of the base, as 'perdure technologies BASE' lists them."
    )
    cell: TableCell | None = Field(None, description="A cell by measured tables instead of the base's physics.")
    ageing: dict[str, dict[str, Given]] = Field(
        default_factory=dict, description="Figures of the base's ageing laws: law, then figure."
    )
    capacity_after_cycles: dict[str, Capacities] = Field(
        default_factory=dict, description="Ageing laws of your own, by name, from capacities after cycles."
    )
    default_ageing: str | None = Field(None, description="The law used unless a case names another.")
    thermal: dict[str, Given] = Field(default_factory=dict, description="Figures of the thermal lump.")
    converter: dict[str, Given] = Field(default_factory=dict, description="Figures of the converter.")
    costs: dict[str, CostSet] = Field(default_factory=dict, description="Sets of costs; the first is the default.")
    inventory: dict[str, Given] = Field(default_factory=dict, description="What stands there per kWh: mass_kg ...")
    power_range_per_h: tuple[Number, Number] | None = Field(None, description="Sensible AC power per kWh, low, high.")
    temperature_range_c: tuple[Number, Number] | None = Field(None, description="Temperatures the data hold for.")
    end_of_life_capacity_share: Number | None = Field(None, gt=0.0, lt=1.0, description="Capacity at end of life.")
    measured_on: str | None = Field(None, description="What the numbers were measured on.")
    sensitive_to: str | None = Field(None, description="What the behaviour depends on.")
    not_valid_for: str | None = Field(None, description="Where the numbers must not be used.")
    remarks: tuple[str, ...] = Field((), description="What a buyer should know.")

    @model_validator(mode="before")
    @classmethod
    def _says_what_it_rests_on(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and raw.get("cell") is not None and not raw.get("measured_on"):
            raise mend("has a cell of its own but no measured_on", cure="Say what the tables were measured on.")
        return raw

    @model_validator(mode="after")
    def _ranges_rise(self) -> TechnologyFile:
        for name in ("power_range_per_h", "temperature_range_c"):
            pair = getattr(self, name)
            if pair is not None and not pair[0] < pair[1]:
                raise mend(f"{name} does not rise", allowed="[low, high]")
        return self
