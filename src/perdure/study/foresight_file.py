"""The part `foresight` of a case file as a person writes it: forecasts, rolling plans, rules, and their settings."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from perdure.market.calendar import half_hours
from perdure.site.inputs import Number, Part, SeriesInput, TableInput, Whole, mend

PlanName = Literal["value_hourly", "schedule_hourly", "value_daily"]
RuleName = Literal["self_consumption", "peak_shaving", "time_windows", "even_windows_under_threshold"]
StrategyName = Literal[PlanName, RuleName]
PLANS: tuple[str, ...] = get_args(PlanName)
RULE_NAMES: tuple[str, ...] = get_args(RuleName)
PERFECT_NAME = "perfect foresight"

SHAPES = {
    "persistence": ("hold_hours",),
    "similar_day": ("hold_hours", "look_back_days", "fade_per_day_share", "same_weekday_weight"),
    "ridge": ("hold_hours", "look_back_days", "fade_per_day_share", "same_weekday_weight", "penalty", "weather"),
    "given": ("series", "quantiles"),
    "published": (),
    "known": (),
}
"""Which keys each forecaster is set by."""

Level = Annotated[Number, Field(gt=0.0, lt=1.0)]
Share = Annotated[Number, Field(ge=0.0, le=1.0)]


class QuantileInput(Part):
    """One quantile of a forecast that is given."""

    level: Level = Field(description="The share of outcomes below it, e.g. 0.9.")
    column: str = Field(min_length=1, description="Its column in the file of `series`.")


class PriceSeries(TableInput):
    """A series of prices."""

    unit: Annotated[str, Field(pattern=r"^[A-Z]{3}/(kWh|MWh)$")] = Field(description="Such as CNY/MWh or EUR/kWh.")
    added_price_per_kwh: Number = Field(0.0, description="Added to every price: network, levies, as in the tariff.")


class ForecastInput(Part):
    """A forecaster and what it may be set to."""

    hold_hours: Number | None = Field(
        None, gt=0.0, le=48.0, description="How fast today's deviation fades: half of it after so many hours (2)."
    )
    look_back_days: Whole | None = Field(None, ge=7, le=366, description="Days that similar ones are sought in (28).")
    fade_per_day_share: Number | None = Field(
        None, gt=0.0, le=1.0, description="Weight of a day over that of the day after it (0.95)."
    )
    same_weekday_weight: Number | None = Field(
        None, ge=1.0, le=100.0, description="Weight of the same weekday over other days of its kind (3)."
    )
    penalty: Number | None = Field(None, ge=0.0, le=1e6, description="Strength of the ridge (3).")
    quantiles: tuple[QuantileInput, ...] = Field(
        (), description="Quantiles of a given forecast; without them its own past errors tell them."
    )

    def checked(self, forecaster: str) -> None:
        """ValueError for settings the forecaster has not, or a forecast that names no series."""
        given = [name for name in type(self).model_fields if name != "forecaster" and name in self.model_fields_set]
        wrong = [name for name in given if name not in SHAPES[forecaster]]
        if wrong:
            owners = ", ".join(one for one, keys in SHAPES.items() if wrong[0] in keys)
            own = ", ".join(SHAPES[forecaster]) or "none"
            cure = f"{wrong[0]} belongs to {owners}."
            raise mend(f"sets {', '.join(wrong)}, which {forecaster} has not", allowed=own, cure=cure)
        if forecaster == "given" and "series" not in given:
            raise mend("has no series to be given", cure="Name its file, column and unit: series: {...}.")
        levels = [one.level for one in self.quantiles]
        if levels != sorted(set(levels)):
            raise mend("has quantiles whose levels do not rise", cure="List each level once, from low to high.")


class NetLoadForecast(ForecastInput):
    """How load minus generation is forecast."""

    forecaster: Literal["persistence", "similar_day", "ridge", "given", "known"] = Field(
        "similar_day", description="'known' is the truth: what a perfect load forecast would be worth."
    )
    weather: bool = Field(False, description="Ridge sees the outdoor temperature up to now and that of a day before.")
    series: SeriesInput | None = Field(
        None, description="A forecast of the net load, one value per step as known before the step's day."
    )

    @model_validator(mode="after")
    def _fits(self) -> NetLoadForecast:
        self.checked(self.forecaster)
        return self


class PriceForecast(ForecastInput):
    """How prices are forecast that are not known ahead."""

    forecaster: Literal["persistence", "similar_day", "ridge", "published", "given", "known"] = Field(
        description="'published': the day-ahead price with the errors it used to have; 'known': the truth."
    )
    series: PriceSeries | None = Field(
        None, description="A forecast of the purchase price, one value per step as known before the step's day."
    )

    @model_validator(mode="after")
    def _fits(self) -> PriceForecast:
        self.checked(self.forecaster)
        return self


class DayAheadInput(Part):
    """Prices published a day ahead."""

    hour: Whole = Field(18, ge=0, le=23, description="Local hour at which the next day's prices are out.")
    series: PriceSeries | None = Field(
        None,
        description="Day-ahead prices, where the tariff's are those of real time; unless set, the tariff's own are "
        "known to the end of the day and, from `hour` on, of the next.",
    )


class LookAhead(Part):
    """How a rolling plan looks ahead."""

    window_hours: Number = Field(48.0, ge=2.0, le=336.0, description="How far the plan looks.")
    near_hours: Number = Field(6.0, ge=1.0, le=336.0, description="Step by step so far; hour by hour beyond.")
    sees_price: bool = Field(True, description="The price of a step is known when it begins (forecast prices only).")
    persist_share: Share | Literal["counted"] | None = Field(
        None,
        description="Chance per hour that a forecast's error keeps its rank (0.95, of forecast prices 0.5); 'counted': "
        "as in the past.",
    )
    cap_margin_share: Number = Field(
        1.1, ge=0.5, le=3.0, description="The month's cap over what would have been best in the weeks before."
    )
    cap_days: Whole = Field(28, ge=1, le=366, description="How many days that looks back.")
    excess_share: Share = Field(0.25, description="Share of the demand rate planned with for each step above the cap.")
    levels: tuple[Level, ...] | None = Field(
        None, min_length=1, max_length=15, description="Quantiles planned for, rising (five unless set)."
    )
    cells: Whole = Field(32, ge=4, le=512, description="Stretches of stored energy with a value each.")

    @field_validator("levels")
    @classmethod
    def _rising(cls, levels: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if levels is not None and list(levels) != sorted(set(levels)):
            raise mend("do not rise", allowed="each level once, from low to high")
        return levels


class PlanInput(LookAhead):
    """A rolling plan of one's own; what it leaves out is as in `plan`, `net_load` and `price`."""

    name: str = Field(min_length=1, max_length=40, description="What tables and figures call it.")
    replan_hours: Number = Field(1.0, gt=0.0, le=24.0, description="How often is planned; must divide a day.")
    control: Literal["value", "power"] = Field(
        "value", description="Each step by the value of stored energy, or powers fixed on the forecast."
    )
    net_load: NetLoadForecast | None = Field(None, description="In place of the one for all.")
    price: PriceForecast | None = Field(None, description="In place of the one for all.")

    @field_validator("replan_hours")
    @classmethod
    def _divides(cls, hours: float) -> float:
        if abs(24.0 / hours - round(24.0 / hours)) > 1e-9:
            raise mend("does not divide a day", allowed="0.25, 0.5, 1, 2, 3, 4, 6, 8, 12 or 24")
        return hours


class RuleInput(Part):
    """A rule with settings of one's own."""

    name: str | None = Field(
        None, min_length=1, max_length=40, description="What tables call it; the rule's unless set."
    )


class SelfConsumptionInput(RuleInput):
    """Charge from surplus, discharge into the load."""

    rule: Literal["self_consumption"]


class PeakShavingInput(RuleInput):
    """Keep the import below a threshold."""

    rule: Literal["peak_shaving"]
    threshold_kw: Number | None = Field(None, gt=0.0, description="Import to stay under.")
    threshold_share: Number | None = Field(
        None, gt=0.0, le=2.0, description="In its place: share of the highest net load of the last four weeks (0.7)."
    )

    @model_validator(mode="after")
    def _one_threshold(self) -> PeakShavingInput:
        _one_of("threshold_kw", self.threshold_kw, "threshold_share", self.threshold_share)
        return self


class TimeWindowsInput(RuleInput):
    """Charge in some hours, discharge in others."""

    rule: Literal["time_windows"]
    charge_windows: tuple[str, ...] = Field((), description="Clock ranges on half hours such as 00:00-08:00.")
    discharge_windows: tuple[str, ...] = Field((), description="Clock ranges on half hours such as 17:00-21:30.")
    charge_hours_per_day: Number | None = Field(
        None, gt=0.0, le=24.0, description="In their place: each day's cheapest hours, so many."
    )
    discharge_hours_per_day: Number | None = Field(
        None, gt=0.0, le=24.0, description="In their place: each day's dearest hours, so many."
    )
    even: bool = Field(False, description="Spread the store's energy evenly over the windows of a day.")
    under_threshold: bool = Field(False, description="Also keep the import below the threshold.")
    threshold_kw: Number | None = Field(None, gt=0.0, description="Import to stay under.")
    threshold_share: Number | None = Field(
        None, gt=0.0, le=2.0, description="In its place: share of the highest net load of the last four weeks (0.7)."
    )

    @field_validator("charge_windows", "discharge_windows")
    @classmethod
    def _ranges(cls, windows: tuple[str, ...]) -> tuple[str, ...]:
        for text in windows:
            try:
                half_hours(text)
            except ValueError as reason:
                raise ValueError(f"'{text}' {reason}; give a range on half hours such as 17:00-21:00") from None
        return windows

    @model_validator(mode="after")
    def _agrees(self) -> TimeWindowsInput:
        _one_of("threshold_kw", self.threshold_kw, "threshold_share", self.threshold_share)
        for side in ("charge", "discharge"):
            _one_of(f"{side}_windows", getattr(self, f"{side}_windows") or None,
                    f"{side}_hours_per_day", getattr(self, f"{side}_hours_per_day"))  # fmt: skip
        if not self.under_threshold and (self.threshold_kw, self.threshold_share) != (None, None):
            raise mend("has a threshold it does not keep", cure="Add under_threshold: true.")
        both = set(slots(self.charge_windows)) & set(slots(self.discharge_windows))
        if both:
            first = min(both)
            raise mend(f"charges and discharges at {first // 2:02d}:{first % 2 * 30:02d}",
                       cure="Let the windows not meet.")  # fmt: skip
        return self


def slots(windows: tuple[str, ...]) -> tuple[int, ...]:
    """The half hours of the day (0..47) in clock ranges."""
    return tuple(sorted({one for text in windows for one in half_hours(text)}))


def _one_of(first: str, one: object, second: str, other: object) -> None:
    if one is not None and other is not None:
        raise mend(f"has both {first} and {second}", cure="Keep one.")


def _written_as(given: object) -> str:
    """Which kind of strategy an entry is; an unknown rule is told by the plain ones."""
    if isinstance(given, str):
        return "by name"
    rule = given.get("rule") if isinstance(given, dict) else getattr(given, "rule", None)
    if rule is None:
        return "rolling plan"
    return str(rule) if rule in ("self_consumption", "peak_shaving", "time_windows") else "unknown rule"


class UnknownRule(RuleInput):
    """A rule nobody knows, so that its fault can be told."""

    rule: Literal["self_consumption", "peak_shaving", "time_windows"]


StrategyInput = Annotated[
    Annotated[StrategyName, Tag("by name")]
    | Annotated[PlanInput, Tag("rolling plan")]
    | Annotated[SelfConsumptionInput, Tag("self_consumption")]
    | Annotated[PeakShavingInput, Tag("peak_shaving")]
    | Annotated[TimeWindowsInput, Tag("time_windows")]
    | Annotated[UnknownRule, Tag("unknown rule")],
    Discriminator(_written_as),
]


class ForesightInput(Part):
    """What `perdure regret` compares, and whether the report of `perdure run` holds it."""

    in_report: bool = Field(False, description="perdure run adds the comparison to its report.")
    net_load: NetLoadForecast = Field(
        NetLoadForecast.model_validate({}), description="How load minus generation is forecast."
    )
    price: PriceForecast | None = Field(
        None, description="How prices are forecast; unless set, a tariff's are known, those of a price series are not."
    )
    day_ahead: bool | DayAheadInput = Field(False, description="Whether prices are published a day ahead, and how.")
    plan: LookAhead = Field(LookAhead.model_validate({}), description="How every rolling plan looks ahead.")
    strategies: tuple[StrategyInput, ...] = Field(
        (), description="Strategies by name or with settings; unless set, three rolling plans and the rules that fit."
    )

    @field_validator("strategies", mode="before")
    @classmethod
    def _a_list(cls, given: Any) -> Any:
        return [given] if isinstance(given, str | dict) else given

    @model_validator(mode="after")
    def _agrees(self) -> ForesightInput:
        names = [name_of(one) for one in self.strategies]
        twice = sorted({name for name in names if names.count(name) > 1} | ({PERFECT_NAME} & set(names)))
        if twice:
            raise mend(f"names {', '.join(twice)} twice; perfect foresight is always there",
                       cure="Give each strategy its own name.")  # fmt: skip
        prices = [self.price, *(one.price for one in self.strategies if isinstance(one, PlanInput))]
        for price in prices:
            if price is not None and price.forecaster == "published" and not self.published:
                raise mend("forecasts prices by what is published, and nothing is",
                           cure="Add day_ahead: {series: ...}.")  # fmt: skip
        return self

    @property
    def published(self) -> PriceSeries | None:
        """The series of day-ahead prices, where one is given."""
        return self.day_ahead.series if isinstance(self.day_ahead, DayAheadInput) else None

    @property
    def day_ahead_hour(self) -> int | None:
        """The hour the next day's prices are out; None where they are not published ahead."""
        if isinstance(self.day_ahead, DayAheadInput):
            return self.day_ahead.hour
        return int(DayAheadInput.model_fields["hour"].default) if self.day_ahead else None


def name_of(one: str | PlanInput | RuleInput) -> str:
    """What tables call a strategy of the list."""
    if isinstance(one, str):
        return one
    return one.name or str(getattr(one, "rule", ""))
