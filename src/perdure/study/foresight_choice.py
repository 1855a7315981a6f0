"""Which strategies a case compares without foresight, each with its forecasts: read from the file, laid on a site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from perdure.dispatch.forecast import LEVELS, Forecaster, Given, GivenQuantiles, Published
from perdure.dispatch.forecasters import FromPublished, KnownDays, Persistence, Ridge, SimilarDay
from perdure.dispatch.horizon import Horizon
from perdure.dispatch.rules import RULES, PeakShaving, Rule, SelfConsumption, TimeWindows
from perdure.errors import Faults
from perdure.market.tariffs.hourly_prices import HourlyPrices
from perdure.simulate.without_foresight import ByRule, Rolling, Strategy
from perdure.site.checks import to_kw
from perdure.site.inputs import SeriesInput, TableInput
from perdure.site.series import Reading, read_series
from perdure.site.site import Site
from perdure.study.foresight_file import (
    PLANS,
    ForesightInput,
    NetLoadForecast,
    PeakShavingInput,
    PlanInput,
    PriceForecast,
    PriceSeries,
    RuleInput,
    TimeWindowsInput,
    name_of,
    slots,
)
from perdure.timeline import Floats
from perdure.validation import check

PRICE_LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
PRICE_PERSIST = 0.5
"""For forecast prices: every net load is planned with every price, and a price forecast's error keeps its rank less."""
_NAMED = {
    "value_hourly": PlanInput.model_validate({"name": "value_hourly"}),
    "schedule_hourly": PlanInput.model_validate({"name": "schedule_hourly", "control": "power"}),
    "value_daily": PlanInput.model_validate({"name": "value_daily", "replan_hours": 24.0}),
}


@dataclass(frozen=True)
class Foresight:
    """What the case asks, with the series it brings; `brought` by the dotted place of the forecast it belongs to."""

    asked: ForesightInput = field(default_factory=lambda: ForesightInput.model_validate({}))
    brought: Mapping[str, Forecaster] = field(default_factory=dict)
    day_ahead_price: Floats | None = None  # (steps,)

    def strategies(self, site: Site, wear_price_per_kwh: float = 0.0) -> list[Strategy]:
        """Those named, or rolling plans and the rules that fit the site, which has a plant; perfect comes by itself."""
        if not self.asked.strategies:
            rules = [ByRule(_sized(rule, site), self._known_price(site)) for rule in RULES.values() if fits(rule, site)]
            return [*(self._rolling(_NAMED[name], "", site, wear_price_per_kwh) for name in PLANS), *rules]
        return [
            self._strategy(one, f"strategies[{i}]", site, wear_price_per_kwh)
            for i, one in enumerate(self.asked.strategies)
        ]

    def _strategy(self, one: str | PlanInput | RuleInput, place: str, site: Site, wear: float) -> Strategy:
        if isinstance(one, str) and one in _NAMED:
            return self._rolling(_NAMED[one], place, site, wear)
        if isinstance(one, PlanInput):
            return self._rolling(one, place, site, wear)
        rule = RULES[one] if isinstance(one, str) else _rule(one)
        return ByRule(_sized(rule, site), self._known_price(site))

    def _rolling(self, one: PlanInput, place: str, site: Site, wear: float) -> Rolling:
        """One rolling plan: its own settings over those of all."""
        own = one.model_dump(include=one.model_fields_set)
        looks = {name: own.get(name, getattr(self.asked.plan, name)) for name in type(self.asked.plan).model_fields}
        net_load, price = one.net_load or self.asked.net_load, self._price(one, place, site)
        persist = looks["persist_share"]
        if persist is None:
            persist = Horizon().persist if price is None else PRICE_PERSIST
        published = () if self.day_ahead_price is None else (self._published(),)
        return Rolling(
            Horizon(
                net=self._forecaster(net_load, f"{place}.net_load" if one.net_load else "net_load"),
                price=price, replan_h=one.replan_hours, window_h=looks["window_hours"], near_h=looks["near_hours"],
                control=one.control, sees_price=looks["sees_price"], persist=None if persist == "counted" else persist,
                cap_margin=looks["cap_margin_share"], cap_days=looks["cap_days"], excess_share=looks["excess_share"],
                cells=looks["cells"], levels=looks["levels"] or (tuple(LEVELS) if price is None else PRICE_LEVELS),
                wear_price_per_kwh=wear, published=published, weather=net_load.weather,
            ),
            one.name,
        )  # fmt: skip

    def _published(self) -> Published:
        assert self.day_ahead_price is not None
        return Published(self.day_ahead_price, int(self.asked.day_ahead_hour or 0))

    def _price(self, one: PlanInput, place: str, site: Site) -> Forecaster | None:
        """The forecaster of prices; None where they are known."""
        spec = one.price or self.asked.price
        if spec is None and not prices_are_forecast(site):
            return None
        if spec is None:
            found: Forecaster | None = Persistence() if self.asked.published is None else FromPublished()
        else:
            found = self._forecaster(spec, f"{place}.price" if one.price else "price")
        if found is None or self.asked.day_ahead_hour is None or self.asked.published is not None:
            return found
        return KnownDays(found, self.asked.day_ahead_hour)

    def _forecaster(self, spec: NetLoadForecast | PriceForecast, place: str) -> Forecaster | None:
        return self.brought.get(place) if spec.forecaster == "given" else _made(spec)

    def _known_price(self, site: Site) -> Floats | None:
        """What rules act on: the tariff's prices (None), those published, or those of the day before."""
        if not prices_are_forecast(site) or (self.asked.price and self.asked.price.forecaster == "known"):
            return None
        if self.day_ahead_price is not None:
            return self.day_ahead_price
        return _day_before(site) if self.asked.day_ahead_hour is None else None


def prices_are_forecast(site: Site) -> bool:
    """True where the tariff is a price series: its coming prices are not known by themselves."""
    return isinstance(site.tariff, HourlyPrices)


def fits(rule: Rule, site: Site) -> bool:
    """False for a rule that has nothing to act on: no demand charge, no change of price, little surplus.

    Little is less than fills the store once in a billing month.
    """
    demand = any(bool(np.any(peak.rate_per_kw > 0.0)) for peak in site.prices.peaks)
    changing = float(np.ptp(site.prices.buy_per_kwh)) > 1e-9
    if isinstance(rule, TimeWindows):
        return changing and (demand or not rule.under_threshold)
    surplus_kwh = float(np.maximum(-site.net_kw, 0.0).sum()) * site.timeline.step_h
    enough = surplus_kwh >= site.the_plant.energy_kwh * len(site.bill_without.periods)
    return {"self_consumption": enough, "peak_shaving": demand}.get(rule.name, True)


def _sized(rule: Rule, site: Site) -> Rule:
    """Prices that change every step have no lowest stretch: as many hours as fill and empty the store."""
    if not (isinstance(rule, TimeWindows) and prices_are_forecast(site)):
        return rule
    plant = site.the_plant
    hours = [max(min(plant.energy_kwh / power, 12.0), site.timeline.step_h)
             for power in (plant.charge_kw, plant.power_kw)]  # fmt: skip
    charge_h = hours[0] if rule.charge_h is None else rule.charge_h
    return replace(rule, charge_h=charge_h, discharge_h=hours[1] if rule.discharge_h is None else rule.discharge_h)


def _day_before(site: Site) -> Floats:
    """The price of the same step a day before (steps,); flat on the first day, of which nothing is known."""
    day, price = round(24.0 / site.timeline.step_h), site.prices.buy_per_kwh
    return np.concatenate([np.full(min(day, price.size), price[0]), price[:-day]])


def _rule(one: RuleInput) -> Rule:
    """A rule with the settings of the case."""
    name = name_of(one)
    if isinstance(one, PeakShavingInput):
        return PeakShaving(one.threshold_kw, one.threshold_share or PeakShaving().threshold_share, name)
    if isinstance(one, TimeWindowsInput):
        return TimeWindows(
            one.charge_hours_per_day, one.discharge_hours_per_day, slots(one.charge_windows),
            slots(one.discharge_windows), one.under_threshold, one.threshold_kw,
            one.threshold_share or TimeWindows().threshold_share, one.even, name,
        )  # fmt: skip
    return SelfConsumption(name)


def _made(spec: NetLoadForecast | PriceForecast) -> Forecaster | None:
    """A forecaster that needs no series of its own; None for what is known."""
    given: dict[str, Any] = {
        "hold_h": spec.hold_hours, "look_back_days": spec.look_back_days, "fade_per_day": spec.fade_per_day_share,
        "same_weekday": spec.same_weekday_weight,
    }  # fmt: skip
    if spec.forecaster == "persistence":
        return Persistence() if spec.hold_hours is None else Persistence(hold_h=spec.hold_hours)
    similar = replace(SimilarDay(), **{name: value for name, value in given.items() if value is not None})
    if spec.forecaster == "similar_day":
        return similar
    if spec.forecaster == "ridge":
        return Ridge(penalty=Ridge().penalty if spec.penalty is None else spec.penalty, base=similar)
    return FromPublished() if spec.forecaster == "published" else None


def read_foresight(raw: object, site: Site | None, folder: Path, faults: Faults) -> Foresight | None:
    """The part of a case; None with every fault noted, those of its files too where the site is sound."""
    asked = check(ForesightInput, {} if raw is None else raw, "foresight", faults)
    if asked is None or site is None:
        return None
    brought: dict[str, Forecaster] = {}
    for place, spec in _forecasts(asked):
        if spec.forecaster == "given":
            with faults.under(f"foresight.{place}"):
                brought[place] = _given(spec, site, folder)
    day_ahead = None
    if asked.published is not None:
        with faults.under("foresight.day_ahead"):
            day_ahead = _prices(asked.published, site, folder)
    found = Foresight(asked, brought, day_ahead)
    with faults.under("foresight"):
        _check(asked, site)
    return found


def _forecasts(asked: ForesightInput) -> list[tuple[str, NetLoadForecast | PriceForecast]]:
    """Every forecast of the part with its place."""
    found: list[tuple[str, NetLoadForecast | PriceForecast | None]] = [
        ("net_load", asked.net_load), ("price", asked.price)
    ]  # fmt: skip
    for i, one in enumerate(asked.strategies):
        if isinstance(one, PlanInput):
            found += [(f"strategies[{i}].net_load", one.net_load), (f"strategies[{i}].price", one.price)]
    return [(place, spec) for place, spec in found if spec is not None]


def _given(spec: NetLoadForecast | PriceForecast, site: Site, folder: Path) -> Forecaster:
    """A forecast from a file; its column counts as the median where quantiles are listed without one."""
    series = spec.series
    assert series is not None  # forecaster: given has one
    point = _laid(series, series.column, site, folder)
    if not spec.quantiles:
        return Given(point)
    columns = {one.level: one.column for one in spec.quantiles}
    columns.setdefault(0.5, series.column)
    levels = sorted(columns)
    values = np.stack([_laid(series, columns[level], site, folder) for level in levels])
    falling = np.argwhere(np.diff(values, axis=0) < -1e-9)
    if len(falling):
        row, step = map(int, falling[0])
        faults = Faults()
        stamp = site.timeline.local[step].strftime("%Y-%m-%d %H:%M")
        faults.add("quantiles", f"cross at {stamp}: {columns[levels[row + 1]]} lies below {columns[levels[row]]}",
                   f"{values[row + 1, step]:g}", f"at least {values[row, step]:g}")  # fmt: skip
        faults.raise_if_any()
    return GivenQuantiles(np.array(levels), values)


def _laid(series: SeriesInput | PriceSeries, column: str, site: Site, folder: Path) -> Floats:
    """One column on the site's timeline, in kW or in money per kWh (steps,)."""
    spec = series.model_copy(update={"column": column})
    return _powers(spec, site, folder) if isinstance(spec, SeriesInput) else _prices(spec, site, folder)


def _powers(spec: SeriesInput, site: Site, folder: Path) -> Floats:
    return _aligned(spec, site, folder, lambda reading: to_kw(spec, reading))


def _prices(spec: PriceSeries, site: Site, folder: Path) -> Floats:
    """Prices per kWh in the tariff's currency (steps,)."""
    currency, per = spec.unit.split("/")
    scale = 1e-3 if per == "MWh" else 1.0
    faults = Faults()
    if currency != site.tariff.currency:
        faults.add("series.unit", "is in another currency than the tariff", spec.unit, site.tariff.currency)
        faults.raise_if_any()
    return _aligned(spec, site, folder, lambda reading: reading.values * scale + spec.added_price_per_kwh)


def _aligned(spec: TableInput, site: Site, folder: Path, scaled: Callable[[Reading], Floats]) -> Floats:
    faults, found = Faults(), np.zeros(0)
    with faults.under("series"):
        reading = read_series(spec, folder, site.timeline.zone)
        found = site.timeline.align(scaled(reading), reading.timeline, spec.file)
    faults.raise_if_any()
    return found


def _check(asked: ForesightInput, site: Site) -> None:
    """What only the site can tell: its step, its tariff, its prices."""
    faults, step_h = Faults(), site.timeline.step_h
    if asked.day_ahead and asked.price is None and not prices_are_forecast(site):
        faults.add("day_ahead", f"the prices of {site.tariff.name} are known ahead anyway",
                   cure="Leave it out, or forecast prices with price: {...}.")  # fmt: skip
    for i, one in enumerate(asked.strategies or PLANS):
        plan = _NAMED.get(one) if isinstance(one, str) else one
        if not isinstance(plan, PlanInput):
            continue
        place = f"strategies[{i}]" if asked.strategies else "plan"
        steps = plan.replan_hours / step_h
        if abs(steps - round(steps)) > 1e-9 or steps < 1.0:
            faults.add(f"{place}.replan_hours", "is no multiple of the step", f"{plan.replan_hours:g} h",
                       f"multiples of {step_h:g} h")  # fmt: skip
        own = plan if "window_hours" in plan.model_fields_set else asked.plan
        if own.window_hours < plan.replan_hours:
            faults.add(f"{'plan' if own is asked.plan else place}.window_hours",
                       f"is shorter than {plan.name} takes until it plans again", f"{own.window_hours:g} h",
                       f"at least {plan.replan_hours:g} h")  # fmt: skip
    faults.raise_if_any()
