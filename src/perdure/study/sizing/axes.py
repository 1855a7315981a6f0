"""The sizes a store may have at a site: modules of energy, steps of power, bounds, and the coarse grid over them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from perdure.errors import Fault, Faults, InputError
from perdure.market.service_parts.critical import CriticalFields
from perdure.market.service_parts.survival import needed_kwh
from perdure.site.site import Site
from perdure.study.candidate import Candidate
from perdure.study.case import Case
from perdure.study.evaluate import Trial
from perdure.study.sizing.options import SizeInput

Point = tuple[int, int, int, int]
"""Modules of energy, steps of power, position of the generation's share, position of the import limit."""

ENERGY_POINTS, DURATION_POINTS = 6, 3
ENERGY_SPAN = 100.0
"""Default bounds reach down to the largest energy over this."""
BEYOND = 8
"""How far refinement may leave default upper bounds, which are only a guess."""
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Axes:
    """What sizes there are. Bounds in modules and steps, both ends allowed; `rates_per_h`: AC power over energy."""

    store: Candidate
    module_kwh: float
    module_name: str  # '' where the step was given
    step_kw: float
    modules: tuple[int, int]
    steps: tuple[int, int]
    coarse: tuple[int, int]  # modules and steps the coarse grid reaches up to
    rates_per_h: tuple[float, float]
    generation_shares: tuple[float, ...] = (1.0,)
    import_limits_kw: tuple[float | None, ...] = (None,)
    extra_per_share: float = 0.0
    extra_per_kw: float = 0.0
    own_limit_kw: float = 0.0

    def allowed(self, point: Point) -> bool:
        """Whether the technology can be built so and the bounds hold."""
        energy, power, share, limit = point
        low, high = self.power_steps(energy)
        return (
            self.modules[0] <= energy <= self.modules[1]
            and low <= power <= high
            and 0 <= share < len(self.generation_shares)
            and 0 <= limit < len(self.import_limits_kw)
        )

    def power_steps(self, modules: int) -> tuple[int, int]:
        """Fewest and most steps of power that go with so many modules; the most may be below the fewest: none fit."""
        energy = modules * self.module_kwh
        low = math.ceil(self.rates_per_h[0] * energy / self.step_kw - _ROUNDING)
        high = math.floor(self.rates_per_h[1] * energy / self.step_kw + _ROUNDING)
        return max(low, self.steps[0], 1), min(high, self.steps[1])

    def nearest(self, point: Point) -> Point:
        """The point with its power brought between what its energy allows."""
        energy = min(max(point[0], self.modules[0]), self.modules[1])
        low, high = self.power_steps(energy)
        return (energy, max(low, min(point[1], high)), *point[2:])

    def trial(self, point: Point, wear_price_per_kwh: float) -> Trial:
        """The life to be lived at a point."""
        store, plant = self.store, self.store.plant
        energy, power = point[0] * self.module_kwh, point[1] * self.step_kw
        share, limit = self.generation_shares[point[2]], self.import_limits_kw[point[3]]
        charge = None if plant.charge_power_kw is None else power * plant.charge_power_kw / plant.power_kw
        own = plant.technology.charge_power_range_per_h
        if charge is not None and own is not None:
            charge = min(max(charge, own[0] * energy), own[1] * energy)
        extra = (share - 1.0) * self.extra_per_share
        if limit is not None and self.extra_per_kw:
            extra += (limit - self.own_limit_kw) * self.extra_per_kw
        return Trial(store.name, energy, power, charge, wear_price_per_kwh, share, limit, extra_capital=extra)

    @property
    def start(self) -> tuple[int, int]:
        """Positions of the case's own generation and connection."""
        limit = self.import_limits_kw.index(None) if None in self.import_limits_kw else 0
        return self.generation_shares.index(1.0), limit

    def grid(self) -> list[Point]:
        """The grid: energies by durations in even ratios, every second row between its neighbours' durations.

        At the case's own generation and connection.
        """
        low = max(self.modules[0], round(self.coarse[0] / ENERGY_SPAN))
        energies = np.geomspace(low, max(low, self.coarse[0]), ENERGY_POINTS)
        rates = np.geomspace(*self.rates_per_h, 2 * DURATION_POINTS - 1)
        found: dict[Point, None] = {}
        for row, energy in enumerate(energies):
            modules = round(energy)
            for rate in rates[row % 2 :: 2]:
                power = min(round(rate * modules * self.module_kwh / self.step_kw), self.coarse[1])
                point = self.nearest((modules, power, *self.start))
                if self.allowed(point):
                    found[point] = None
        return list(found)


def axes_of(case: Case, store: Candidate, options: SizeInput) -> Axes:
    """The axes of a store at the case's site; InputError where a target or bound leaves no size."""
    site, technology, faults = case.site, store.plant.technology, Faults("size")
    power_high = options.power_kw[1] if options.power_kw else _highest_kw(site)
    energy_high = options.energy_kwh[1] if options.energy_kwh else _day_kwh(site, power_high)
    energy_low = options.energy_kwh[0] if options.energy_kwh else energy_high / ENERGY_SPAN
    power_low = options.power_kw[0] if options.power_kw else 0.0
    if options.by == "autonomy_hours":
        need_kwh, need_kw = _needed(case, store, options)
        for name, need, given in (
            ("energy_kwh", need_kwh, options.energy_kwh),
            ("power_kw", need_kw, options.power_kw),
        ):
            if given is not None and need > given[1]:
                faults.add(f"size.{name}", f"{options.autonomy_hours:g} h of autonomy need more of {store.name}",
                           f"{given[1]:g}", f"at least {need:.6g}")  # fmt: skip
        energy_low, power_low = max(energy_low, need_kwh), max(power_low, need_kw)
        energy_high, power_high = max(energy_high, 2.0 * energy_low), max(power_high, 2.0 * power_low)
    faults.raise_if_any()
    module, name = _module(store, options, energy_high)
    step = options.power_step_kw or nice(power_high / 200.0)
    energy_beyond, power_beyond = (1 if given else BEYOND for given in (options.energy_kwh, options.power_kw))
    axes = Axes(
        store, module, name, step,
        modules=(max(1, math.ceil(energy_low / module - _ROUNDING)),
                 math.floor(energy_beyond * energy_high / module + _ROUNDING)),
        steps=(max(1, math.ceil(power_low / step - _ROUNDING)),
               math.floor(power_beyond * power_high / step + _ROUNDING)),
        coarse=(math.floor(energy_high / module + _ROUNDING), math.floor(power_high / step + _ROUNDING)),
        rates_per_h=technology.power_range_per_h,
    )  # fmt: skip
    if options.energy_kwh is None and options.by != "autonomy_hours":
        axes = replace(axes, modules=(1, axes.modules[1]))
    _check_room(axes, options)
    return _with_more_axes(axes, case, options)


def _check_room(axes: Axes, options: SizeInput) -> None:
    """InputError unless some size lies within the bounds."""
    low, high = axes.modules
    sizes = {round(one) for one in np.geomspace(low, high, 200)} if high >= low else set()
    if any(axes.allowed((one, axes.power_steps(one)[0], 0, 0)) for one in sizes):
        return
    technology = axes.store.plant.technology
    rates = " to ".join(f"{1.0 / rate:.3g}" for rate in reversed(axes.rates_per_h))
    raise InputError([Fault(
        "size", f"leaves no size of {technology.name}",
        f"energy {options.energy_kwh or 'default'}, power {options.power_kw or 'default'}, steps of "
        f"{axes.module_kwh:g} kWh and {axes.step_kw:g} kW",
        f"{rates} hours of energy per power", "Widen the bounds or make the steps smaller.",
    )])  # fmt: skip


def _with_more_axes(axes: Axes, case: Case, options: SizeInput) -> Axes:
    if options.generation is not None:
        shares = tuple(sorted({1.0, *options.generation.shares}))
        price = options.generation.cost_per_kw * options.generation.rated_kw
        axes = replace(axes, generation_shares=shares, extra_per_share=price)
    if options.connection is not None:
        own = case.site.connection.import_limit_kw
        limits = sorted({one for one in options.connection.import_limits_kw if one != own})
        axes = replace(axes, import_limits_kw=_with_own(limits, own), own_limit_kw=own if np.isfinite(own) else 0.0,
                       extra_per_kw=options.connection.cost_per_kw)  # fmt: skip
        if not np.isfinite(own) and options.connection.cost_per_kw:
            raise InputError([Fault("size.connection", "prices kW of a connection the case does not limit",
                                    cure="Give connection.import_limit_kw.")])  # fmt: skip
    if options.by == "peak_kw":
        axes = replace(axes, import_limits_kw=(options.peak_kw,))
    return axes


def _with_own(limits: list[float], own: float) -> tuple[float | None, ...]:
    """The limits in rising order with the case's own as None among them."""
    return (*(one for one in limits if one < own), None, *(one for one in limits if one > own))


def _highest_kw(site: Site) -> float:
    """The default largest power: the highest load, generation or export."""
    limits = [one for one in (site.connection.export_limit_kw,) if np.isfinite(one)]
    highest = max(float(site.load_kw.max()), float(site.generation_kw.max()), *limits)
    if highest > 0.0:
        return highest
    if np.isfinite(site.connection.import_limit_kw):
        return site.connection.import_limit_kw
    raise InputError([Fault("size.power_kw", "cannot be guessed: the site has no load, no generation and no limits",
                            cure="Give size: {power_kw: [smallest, largest]}.")])  # fmt: skip


def _day_kwh(site: Site, power_kw: float) -> float:
    """The default largest energy: a mean day's load or generation, at least two hours of the largest power."""
    days = site.timeline.steps * site.timeline.step_h / 24.0
    a_day = (float(one.sum()) * site.timeline.step_h / days for one in (site.load_kw, site.generation_kw))
    return max(*a_day, 2.0 * power_kw)


def _module(store: Candidate, options: SizeInput, energy_high: float) -> tuple[float, str]:
    """The step of energy: as given, else the largest part of at most a hundredth of the largest energy."""
    technology = store.plant.technology
    if options.energy_step_kwh is not None:
        return options.energy_step_kwh, ""
    fitting = [(kwh, level.name) for level, kwh in zip(technology.levels, technology.level_kwh, strict=True)]
    small = [one for one in fitting if one[0] <= energy_high / 100.0]
    if small:
        return max(small)
    return min(fitting) if fitting else (nice(energy_high / 200.0), "")


def _needed(case: Case, store: Candidate, options: SizeInput) -> tuple[float, float]:
    """Energy and power of a store that carries the critical load for the hours when it is worn."""
    technology = store.plant.technology
    unit = replace(store.plant, energy_kwh=1000.0, charge_power_kw=None,
                   power_kw=1000.0 * technology.power_range_per_h[1])  # fmt: skip
    site = case.site.with_plant(unit)
    setting = site.setting()
    critical = [one.net_kw(setting) for one in site.services if isinstance(one, CriticalFields)]
    if options.critical_kw is not None:
        critical = [np.full(site.timeline.steps, options.critical_kw)]
    if not critical:
        raise InputError([Fault("size.critical_kw", "is missing: the case has no backup service that states the load",
                                cure="Add critical_kw under size.")])  # fmt: skip
    net_kw = np.max(critical, axis=0)
    assert options.autonomy_hours is not None
    stored = float(needed_kwh(net_kw, site.timeline.step_h, setting.discharge_share, options.autonomy_hours).max())
    worn = case.lifetime.end_of_life_capacity_share or technology.end_of_life_capacity_share
    return stored / (setting.energy_kwh / 1000.0) / worn, float(net_kw.max())


def nice(value: float) -> float:
    """The largest of 1, 2, 5, 10, 20, ... and their tenths not above `value`."""
    power = 10.0 ** math.floor(math.log10(value))
    return power * max(one for one in (1.0, 2.0, 5.0) if one * power <= value * (1.0 + _ROUNDING))
