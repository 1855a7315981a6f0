"""What a plant earns without foresight: rolling plans and rules, carried out by the physics, beside the truth."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd

from perdure.dispatch.horizon import Horizon, Planner, Window
from perdure.dispatch.optimise import optimise
from perdure.dispatch.rules import Rule
from perdure.dispatch.schedule import Infeasible
from perdure.errors import Fault, InputError, NoPlanError
from perdure.market.charge import Bill
from perdure.simulate.closed_loop import follow_power, follow_value, plan_power
from perdure.simulate.kernel import Track
from perdure.simulate.run import LONGEST_SUBSTEP_H, empty_track, follow, slow_at_rest, store_of
from perdure.simulate.serving import Ran, Served, settle
from perdure.site.site import Site
from perdure.technology.ageing import Health
from perdure.timeline import Floats

PERFECT = "perfect foresight"


@dataclass(frozen=True)
class Rolled:
    """What happened under one strategy, and what it cost.

    `planned_kw` (steps,): the AC power decided on. `seconds`: planning and physics; `replans`: how often.
    """

    name: str
    site: Site
    track: Track
    planned_kw: Floats
    bill: Bill
    end_share: float
    end_temperature_c: float
    seconds: float
    replans: int = 0
    remarks: tuple[str, ...] = ()
    served: Served | None = None
    """What holding energy for services came to; None where none is promised."""

    @property
    def cycled_kwh(self) -> Floats:
        """Energy taken from the store in each billing month, at its AC side (periods,)."""
        timeline = self.site.timeline
        return timeline.sum_by_period(np.maximum(-self.track.ac_kw, 0.0)) * timeline.step_h


class Strategy(Protocol):
    """A way to run a plant through a timeline."""

    @property
    def name(self) -> str:
        """What a table calls it."""

    def run(self, site: Site, health: Health) -> Rolled:
        """Run the site's plant; the physics decides what really happens."""


@dataclass(frozen=True)
class PerfectForesight:
    """The plan that knows the whole timeline, carried out by the physics: the yardstick."""

    name: str = PERFECT
    wear_price_per_kwh: float = 0.0

    def run(self, site: Site, health: Health) -> Rolled:
        """Plan once, follow; NoPlanError where no plan keeps the limits."""
        began = time.perf_counter()
        schedule = optimise(site, health, wear_price_per_kwh=self.wear_price_per_kwh)
        if isinstance(schedule, Infeasible):
            raise NoPlanError(f"{site.the_plant.name}: {schedule.text}.")
        loop = _Loop(site, health)
        loop.share = float(schedule.stored_kwh[0]) / loop.store.capacity_kwh
        loop.share, loop.temperature_c = follow(
            site, schedule, health, loop.share, loop.temperature_c, loop.slow, loop.track
        )
        loop.planned_kw[:] = schedule.power_kw
        return loop.rolled(self.name, began, 1)


@dataclass(frozen=True)
class Rolling:
    """A rolling plan on forecasts: `horizon` says how far, how often, and whether by value or by power schedule."""

    horizon: Horizon = field(default_factory=Horizon)
    name: str = "rolling plan"

    def run(self, site: Site, health: Health) -> Rolled:
        """Replan, carry out the steps until the next replan, hand on what the physics left."""
        return plan_without_foresight(site, self.horizon, name=self.name, health=health)


@dataclass(frozen=True)
class ByRule:
    """A rule of thumb; `known_price` (steps,): prices known a day ahead where the tariff's are not."""

    rule: Rule
    known_price: Floats | None = None

    @property
    def name(self) -> str:
        """The rule's own name."""
        return self.rule.name

    def run(self, site: Site, health: Health) -> Rolled:
        """Powers and caps of the rule, bent to what the store can do."""
        began = time.perf_counter()
        loop, planner = _Loop(site, health), Planner(site, Horizon(net=None), health)
        asked = self.rule.powers(site, self.known_price)
        held_kwh = planner.promises.next_step(site.timeline.steps)
        loop.share, loop.temperature_c = follow_power(
            planner.stores[0], asked.power_kw, held_kwh, 0, loop.actual, asked.cap_kw, planner.peak.group,
            planner.floors_kw(), loop.substeps, loop.store, loop.tables, loop.share, loop.temperature_c, loop.slow,
            loop.track, loop.planned_kw,
        )  # fmt: skip
        return loop.rolled(self.name, began, 0)


def plan_without_foresight(
    site: Site, horizon: Horizon | None = None, *, name: str = "rolling plan", health: Health | None = None
) -> Rolled:
    """Run the site's plant on rolling plans that know only the past and what is published ahead.

    Every control interval is planned on forecasts made at its beginning and carried out by the physics: stored energy
    drifts from the plan as it would on site. Money is the tariff's bill over what the meter then sees.
    """
    began = time.perf_counter()
    horizon, health = horizon or Horizon(), health or Health()
    planner, loop = Planner(site, horizon, health), _Loop(site, health)
    loop.held_kwh = planner.promises.next_step(site.timeline.steps)
    peaks = planner.floors_kw()
    for number in range(planner.origins.size):
        window = planner.replan(number, peaks)
        if horizon.control == "value":
            loop.by_value(planner, window, peaks, horizon.sees_price)
        else:
            loop.by_power(planner, window, peaks)
    remarks = tuple(f"{one}: it meets another demand charge and is left out of the plan" for one in planner.left_out)
    return loop.rolled(name, began, planner.origins.size, remarks)


class _Loop:
    """A plant on its way through the timeline."""

    def __init__(self, site: Site, health: Health):
        plant, steps = site.the_plant, site.timeline.steps
        self.site, self.health, self.held_kwh = site, health, np.zeros(steps)
        self.store, self.tables = store_of(plant, health), plant.tables_of(health)
        self.substeps = max(1, int(np.ceil(site.timeline.step_h / LONGEST_SUBSTEP_H - 1e-9)))
        self.track, self.planned_kw, self.slow = empty_track(steps), np.zeros(steps), slow_at_rest(plant)
        floor = np.full(steps, -site.connection.export_limit_kw)
        prices = site.prices
        series = site.net_kw, prices.buy_per_kwh, prices.sell_per_kwh, site.ambient_c, floor
        self.actual = np.ascontiguousarray(np.stack(series), dtype=np.float64)
        thermal = plant.technology.thermal
        low, high = thermal.heat_below_c.value, thermal.cool_above_c.value
        self.temperature_c = float(np.clip(site.ambient_c[0], low, high))
        self.share = float(plant.table(health.capacity_share).window(self.temperature_c)[0])

    def by_value(self, planner: Planner, w: Window, peaks: Floats, sees_price: bool) -> None:
        """Carry out a control interval, each step decided anew on what is measured."""
        cut = slice(w.first, w.first + w.steps)
        actual = self.actual[:, cut]
        if not sees_price:
            actual = actual.copy()
            actual[1:3] = w.middle[1:3]
        self.share, self.temperature_c = follow_value(
            w.store, w.kept, w.net_levels, w.price_levels, w.first, actual, w.cap_kw, w.excess_price,
            planner.peak.group[cut], peaks, self.substeps, self.store, self.tables, self.share, self.temperature_c,
            self.slow, self.track, self.planned_kw,
        )  # fmt: skip

    def by_power(self, planner: Planner, w: Window, peaks: Floats) -> None:
        """Carry out a control interval with the powers planned on its forecast, bent only to the caps."""
        cut = slice(w.first, w.first + w.steps)
        power_kw = np.empty(w.steps)
        plan_power(
            w.store, w.kept, w.net_levels, w.price_levels, w.middle, w.cap_kw, w.excess_price,
            self.share * self.store.capacity_kwh, power_kw,
        )  # fmt: skip
        self.share, self.temperature_c = follow_power(
            w.store, power_kw, self.held_kwh[cut], w.first, self.actual[:, cut], w.cap_kw, planner.peak.group[cut],
            peaks, self.substeps, self.store, self.tables, self.share, self.temperature_c, self.slow, self.track,
            self.planned_kw,
        )  # fmt: skip

    def rolled(self, name: str, began: float, replans: int, remarks: tuple[str, ...] = ()) -> Rolled:
        """The whole run with its bill."""
        import_kw, export_kw, _, _ = self.site.meter(self.track.ac_kw + self.track.auxiliary_kw)
        bill = self.site.charges.bill(import_kw, export_kw)
        served = None
        if self.site.services:
            served = settle(self.site, [Ran(self.site.the_plant, self.health, self.track, {})])
        return Rolled(
            name, self.site, self.track, self.planned_kw, bill if served is None else served.on(bill), self.share,
            self.temperature_c, time.perf_counter() - began, replans, remarks, served,
        )  # fmt: skip


@dataclass(frozen=True)
class Regret:
    """Strategies side by side.

    `table`: one row per strategy: `strategy, cost, saving, saving_share` (of perfect foresight's), `energy_saving,
    demand_saving, energy_saving_share, demand_saving_share, wear_cost, full_cycles, replans, seconds`. `months`: one
    row per strategy and billing month: what was lost against perfect foresight, `energy_regret, demand_regret,
    wear_regret, regret`, and `peak_kw, full_cycles`. Money in the tariff's currency; costs positive.
    """

    currency: str
    table: pd.DataFrame
    months: pd.DataFrame
    runs: dict[str, Rolled]


def regret(
    site: Site,
    strategies: Sequence[Strategy],
    *,
    health: Health | None = None,
    wear_price_per_kwh: float = 0.0,
) -> Regret:
    """Perfect foresight and each strategy on the same site: money, cycles, and where the difference arose, by month.

    `wear_price_per_kwh`: what a discharged kWh wears, told beside the bill. Raises InputError where two strategies
    share a name.
    """
    names = [PERFECT, *(one.name for one in strategies)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError([Fault("strategies", "share a name", ", ".join(twice), cure="Give each its own name.")])
    every: list[Strategy] = [PerfectForesight(wear_price_per_kwh=wear_price_per_kwh), *strategies]
    runs = {one.name: one.run(site, health or Health()) for one in every}
    demand_lines = {peak.name for peak in site.prices.peaks}
    parts = {name: _parts(run.bill, demand_lines, run.cycled_kwh * wear_price_per_kwh) for name, run in runs.items()}
    without = _parts(site.bill_without, demand_lines, np.zeros(len(site.bill_without.periods)))
    rows = [_row(run, parts[name], without, parts[PERFECT]) for name, run in runs.items()]
    months = [_month_rows(run, parts[name], parts[PERFECT]) for name, run in runs.items()]
    return Regret(site.tariff.currency, pd.DataFrame(rows), pd.concat(months, ignore_index=True), runs)


def _parts(bill: Bill, demand_lines: set[str], wear: Floats) -> dict[str, Floats]:
    """A bill by billing month as energy (with all that is no demand charge), demand, wear (periods,)."""
    demand = np.zeros(len(bill.periods))
    for name, line in bill.lines.items():
        if name in demand_lines:
            demand = demand + line
    return {"energy": bill.by_period - demand, "demand": demand, "wear": wear}


def _row(
    run: Rolled, parts: dict[str, Floats], without: dict[str, Floats], best: dict[str, Floats]
) -> dict[str, object]:
    saving = {name: float((without[name] - parts[name]).sum()) for name in ("energy", "demand")}
    could = {name: float((without[name] - best[name]).sum()) for name in ("energy", "demand")}
    total, possible = sum(saving.values()), sum(could.values())
    return {
        "strategy": run.name,
        "cost": run.bill.total,
        "saving": total,
        "saving_share": _share(total, possible),
        "energy_saving": saving["energy"],
        "demand_saving": saving["demand"],
        "energy_saving_share": _share(saving["energy"], could["energy"]),
        "demand_saving_share": _share(saving["demand"], could["demand"]),
        "wear_cost": float(parts["wear"].sum()),
        "full_cycles": float(run.cycled_kwh.sum()) / run.site.the_plant.energy_kwh,
        "replans": run.replans,
        "seconds": run.seconds,
    }


def _share(value: float, whole: float) -> float:
    return value / whole if whole > 0.0 else float("nan")


def _month_rows(run: Rolled, parts: dict[str, Floats], best: dict[str, Floats]) -> pd.DataFrame:
    lost = {f"{name}_regret": parts[name] - best[name] for name in ("energy", "demand", "wear")}
    return pd.DataFrame(
        {"strategy": run.name, "period": list(run.bill.periods)}
        | lost
        | {
            "regret": np.sum(list(lost.values()), axis=0),
            "peak_kw": run.bill.peak_kw,
            "full_cycles": run.cycled_kwh / run.site.the_plant.energy_kwh,
        }
    )
