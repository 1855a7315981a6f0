"""`live_through`: plan, run, bill, age and replace, year after year."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from perdure.dispatch.optimise import optimise
from perdure.dispatch.program import LimitPrice
from perdure.dispatch.schedule import Infeasible, Schedule
from perdure.errors import NoPlanError
from perdure.market.charge import Bill, PeakPrice, Prices
from perdure.market.service import cut
from perdure.simulate.kernel import Track
from perdure.simulate.options import LifeOptions
from perdure.simulate.result import Life, Result
from perdure.simulate.run import as_result, empty_track, energy_totals, follow, slow_at_rest
from perdure.simulate.serving import Served, settle
from perdure.simulate.stress import stress_of
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.ageing import AgeingLaw, Health
from perdure.timeline import Floats, Timeline

PLAN_OPEN_SHARE = 1e-7
"""How far from the proven optimum a year's plan may stay: a cent in a hundred thousand."""
SERVICE_PLAN_YEARS = 5
"""How many years a plan with services is followed: the general program takes far longer than the exact method."""
MOST_PRICE_READINGS = 4
"""How often a tariff that bends (tiers, ratchets) is straightened anew around the plan in the first year."""


def live_through(
    site: Site,
    options: LifeOptions | None = None,
    *,
    years: int | None = None,
    ageing: AgeingLaw | None = None,
    wear_price_per_kwh: float | None = None,
    tell: Callable[[str, float], None] | None = None,
) -> Life:
    """The life of the site's plant: each year planned with that year's capacity and efficiency, simulated, billed.

    `ageing`: default the technology's; `tell(text, share)` hears the progress. Raises NoPlanError where no schedule
    keeps the site's limits.
    """
    options = options or LifeOptions()
    if years is not None:
        options = options.model_copy(update={"years": years})
    if wear_price_per_kwh is not None:
        options = options.model_copy(update={"wear_price_per_kwh": wear_price_per_kwh})
    plant = site.the_plant
    return _Living(site, plant, options, ageing or plant.technology.default_ageing, tell).live()


@dataclass(slots=True)
class _State:
    """What one year hands to the next."""

    worn: Floats
    share: float
    temperature_c: float
    slow: Floats
    auxiliary_kw: Floats | None = None
    monthly_temperature_c: Floats | None = None
    monthly_slow: Floats | None = None  # (billing months, slow states), the most of each month
    plan: Schedule | None = None  # of a plant with services, followed for some years
    plan_years: int = 0
    caps_kw: Floats | None = None
    import_kw: Floats | None = None


@dataclass(slots=True)
class _Year:
    """One year lived: its track, bill and plan."""

    track: Track
    bill: Bill
    planned_bill: Bill
    planned_kw: Floats
    energy_value: Floats
    schedule: Schedule
    health: Health
    prices: Prices
    full_cycles: float
    end_share: float
    end_temperature_c: float
    served: Served | None = None


class _Living:
    def __init__(
        self,
        site: Site,
        plant: Plant,
        options: LifeOptions,
        law: AgeingLaw,
        tell: Callable[[str, float], None] | None,
    ):
        self.site, self.plant, self.options, self.law, self.tell = site, plant, options, law, tell
        self.table = plant.table()
        self.worn_at = options.end_of_life_capacity_share or plant.technology.end_of_life_capacity_share
        self.rows: list[dict[str, object]] = []
        self.months: list[pd.DataFrame] = []
        self.bills: list[Bill] = []
        self.samples: dict[int, Result] = {}
        self.served: dict[int, Served] = {}
        self.limit_prices: dict[int, tuple[LimitPrice, ...]] = {}
        self.remarks = dict.fromkeys(law.remarks)  # a set that keeps its order
        self.sweeps = 0

    def live(self) -> Life:
        """All years."""
        began = time.perf_counter()
        thermal = self.plant.technology.thermal
        warmth = float(np.clip(self.site.ambient_c[0], thermal.heat_below_c.value, thermal.cool_above_c.value))
        state = _State(self.law.fresh(), self.table.window(warmth)[0], warmth, slow_at_rest(self.plant))
        retired = False
        for year in range(1, self.options.years + 1):
            site = self._grown(year)
            replaced, renewed = False, False
            if not retired and self._is_worn(state) and year > 1:
                if self.options.when_worn == "replace":
                    state.worn, state.slow, state.plan, replaced = (
                        self.law.fresh(),
                        slow_at_rest(self.plant),
                        None,
                        True,
                    )
                retired = self.options.when_worn == "retire"
            if not retired and self._has_worn_stacks(state) and self.options.when_worn == "replace":
                state.worn, renewed = self.law.with_new_stacks(state.worn), True
            if retired:
                self._note_idle(year, site)
            else:
                self._note(year, site, self._live_year(site, state, first=year == 1), replaced, renewed)
            if self.tell is not None:
                self.tell(f"{self.plant.name}: year {year} of {self.options.years}", year / self.options.years)
        return self._life(time.perf_counter() - began)

    def _is_worn(self, state: _State) -> bool:
        return self.law.health(state.worn).capacity_share <= self.worn_at

    def _has_worn_stacks(self, state: _State) -> bool:
        limit = self.plant.technology.stacks_worn_at
        return limit is not None and self.law.health(state.worn).impedance_share >= limit

    def _grown(self, year: int) -> Site:
        options = self.options
        load = (1.0 + options.load_growth_share_per_year) ** (year - 1)
        generation = (1.0 - options.generation_loss_share_per_year) ** (year - 1)
        if load == 1.0 and generation == 1.0:
            return self.site
        return replace(self.site, load_kw=self.site.load_kw * load, generation_kw=self.site.generation_kw * generation)

    def _live_year(self, site: Site, state: _State, first: bool) -> _Year:
        """One year; the first is planned again once its auxiliaries, temperatures and prices are known."""
        if not first:
            return self._attempt(site, state, self._prices(site, state.import_kw))
        start = replace(state)
        prices = self._prices(site, None)
        best: tuple[float, _Year, _State] | None = None
        for reading in range(1 if site.prices.exact else MOST_PRICE_READINGS):
            for _ in range(2 if reading == 0 else 1):
                trial = replace(
                    state, worn=start.worn, share=start.share, temperature_c=start.temperature_c, slow=start.slow.copy()
                )
                year = self._attempt(site, trial, prices)
                state.auxiliary_kw, state.monthly_temperature_c = trial.auxiliary_kw, trial.monthly_temperature_c
                state.caps_kw, state.monthly_slow = trial.caps_kw, trial.monthly_slow
            if best is None or year.bill.total < best[0]:
                best = (year.bill.total, year, trial)
            prices = self._prices(site, trial.import_kw)
        assert best is not None
        for name in _State.__slots__:
            setattr(state, name, getattr(best[2], name))
        return best[1]

    def _prices(self, site: Site, import_kw: Floats | None) -> Prices:
        if site.prices.exact or import_kw is None:
            return site.prices
        return site.charges.prices(import_kw)

    def _attempt(self, site: Site, state: _State, prices: Prices) -> _Year:
        """Plan, follow, age and bill one year, in one stretch or month by month; moves `state` on."""
        timeline = site.timeline
        track = empty_track(timeline.steps)
        planned, value = np.zeros(timeline.steps), np.zeros(timeline.steps)
        health_at_start = self.law.health(state.worn)
        starts = [0]
        if self.options.replan == "month":
            starts = list(np.unique(timeline.period, return_index=True)[1])
        schedule: Schedule | None = None
        cycles = 0.0
        reserves_kw = {one.name: np.zeros(timeline.steps) for one in site.promised.reserves} if site.services else {}
        for begin, end in zip(starts, [*starts[1:], timeline.steps], strict=True):
            health = self.law.health(state.worn)
            schedule = self._plan(site, state, health, prices, begin)
            steps = slice(begin, end)
            planned[steps], value[steps] = (
                schedule.power_kw[: end - begin], schedule.energy_value_per_kwh[: end - begin],
            )  # fmt: skip
            for name, held in schedule.reserves_kw.items():
                reserves_kw[name][steps] = held[: end - begin]
            state.share, state.temperature_c = follow(
                _part(site, begin, end), schedule, health, state.share, state.temperature_c, state.slow, track, begin
            )
            lived = Track(*(column[steps] for column in track))
            stress = stress_of(lived, self.table, timeline.step_h)
            self.remarks |= dict.fromkeys(self.law.outside(stress))
            per_kwh = lived.dc_kw / (self.plant.energy_kwh * health.capacity_share)
            self.remarks |= dict.fromkeys(self.plant.table(health.capacity_share).outside(lived.temperature, per_kwh))
            state.worn = state.worn + self.law.increments(stress)
            cycles += stress.full_cycles
        assert schedule is not None
        served = settle(site, reserves_kw, track, health_at_start) if site.services else None
        if served is not None:
            track.auxiliary_kw[:] += served.following_loss_kw
            state.worn = state.worn + self.law.increments(served.stress(track))
            cycles += served.following_cycles
        import_kw, export_kw, _, _ = site.meter(track.ac_kw + track.auxiliary_kw)
        state.auxiliary_kw, state.import_kw = track.auxiliary_kw, import_kw
        state.monthly_temperature_c = timeline.sum_by_period(track.temperature) / timeline.sum_by_period(
            np.ones(timeline.steps)
        )
        state.monthly_slow = _most_by_month(timeline, track.unavailable, state.slow[0])
        planned_import, planned_export, _, _ = site.meter(planned + track.auxiliary_kw)
        bill, planned_bill = site.charges.bill(import_kw, export_kw), site.charges.bill(planned_import, planned_export)
        if served is not None:
            bill, planned_bill = served.on(bill), served.on(planned_bill)
        return _Year(
            track, bill, planned_bill,
            planned, value, schedule, health_at_start, prices, cycles, state.share, state.temperature_c, served,
        )  # fmt: skip

    def _plan(self, site: Site, state: _State, health: Health, prices: Prices, begin: int) -> Schedule:
        if site.services and begin == 0 and state.plan is not None and state.plan_years < SERVICE_PLAN_YEARS:
            state.plan_years += 1
            return state.plan
        steps = site.timeline.steps
        auxiliary = None if state.auxiliary_kw is None else state.auxiliary_kw[begin:]
        temperature = state.monthly_temperature_c
        schedule = optimise(
            _part(site, begin, steps),
            health,
            temperature_c=None if temperature is None else temperature[site.timeline.period[begin] :],
            slow=state.monthly_slow[site.timeline.period[begin] :] if state.monthly_slow is not None else None,
            auxiliary_kw=auxiliary,
            start_kwh=state.share * self.plant.energy_kwh * health.capacity_share,
            wear_price_per_kwh=self.options.wear_price_per_kwh,
            prices=_later(prices, begin),
            hint=state.caps_kw,
            open_share=PLAN_OPEN_SHARE,
        )
        if isinstance(schedule, Infeasible):
            raise NoPlanError(f"{self.plant.name}: {schedule.text}.")
        if schedule.method == "exact":
            state.caps_kw = schedule.caps_kw if schedule.caps_kw.size else None
        self.sweeps += schedule.sweeps
        if site.services and begin == 0 and state.import_kw is not None and self.options.replan == "year":
            state.plan, state.plan_years = schedule, 1
        return schedule

    def _note(self, year: int, site: Site, lived: _Year, replaced: bool, renewed: bool) -> None:
        track, health = lived.track, lived.health
        totals = energy_totals(track, site.timeline.step_h)
        unserved = site.meter(track.ac_kw + track.auxiliary_kw)[3]
        without, bill = site.bill_without, lived.bill
        drawn = totals["charged_kwh"] + totals["auxiliary_kwh"]
        self.rows.append(
            {
                "year": year,
                "capacity_share": health.capacity_share,
                "impedance_share": health.impedance_share,
                "capacity_kwh": self.plant.energy_kwh * health.capacity_share,
            }
            | totals
            | {
                "unserved_kwh": float(unserved.sum()) * site.timeline.step_h,
                "full_cycles": lived.full_cycles,
                "round_trip_share": totals["discharged_kwh"] / drawn if drawn > 0 else float("nan"),
                "mean_temperature_c": float(track.temperature.mean()),
                "max_temperature_c": float(track.temperature.max()),
                "unavailable_share": float(track.unavailable.mean()),
                "cost_without": without.total,
                "cost_with": bill.total,
                "saving": without.total - bill.total,
                "service_income": lived.served.income if lived.served is not None else 0.0,
                "planned_saving": without.total - lived.planned_bill.total,
                "wear_price_per_kwh": self.options.wear_price_per_kwh,
                "replaced": int(replaced),
                "stacks_renewed": int(renewed),
                "method": lived.schedule.method,
            }
        )
        if site_serves := bool(site.services):
            self.remarks[f"a plan with services is followed for {SERVICE_PLAN_YEARS} years before it is made anew"] = (
                None
            )
        if lived.schedule.method == "program" and not site_serves:
            self.remarks[f"dispatch by HiGHS, because {lived.schedule.why}"] = None
        if not lived.prices.exact:
            self.remarks |= dict.fromkeys(lived.prices.remarks)
        self._note_months(year, without, bill)
        if year in (1, self.options.years):
            if lived.served is not None:
                self.served[year] = lived.served
                self.remarks |= dict.fromkeys(f"year {year}: {text}" for text in lived.served.told)
                self.limit_prices[year] = tuple(p for p in lived.schedule.limit_prices.values() if p.total > 0.0)
            self.samples[year] = as_result(
                site, self.plant, health, lived.planned_kw, lived.energy_value, track, lived.end_share,
                lived.end_temperature_c,
            )  # fmt: skip

    def _note_months(self, year: int, without: Bill, bill: Bill) -> None:
        self.bills.append(bill)
        self.months.append(
            pd.DataFrame(
                {
                    "year": year,
                    "period": list(bill.periods),
                    "cost_without": without.by_period,
                    "cost_with": bill.by_period,
                    "peak_without_kw": without.peak_kw,
                    "peak_with_kw": bill.peak_kw,
                }
            )
        )

    def _note_idle(self, year: int, site: Site) -> None:
        """A year after the store was retired: the bill is the one without it."""
        bill = site.bill_without
        nothing = {name: 0.0 for name in self.rows[0] if name not in ("year", "method")}
        told = {"cost_without": bill.total, "cost_with": bill.total, "round_trip_share": float("nan")}
        self.rows.append({"year": year} | nothing | told | {"replaced": 0, "stacks_renewed": 0, "method": "retired"})
        self._note_months(year, bill, bill)

    def _life(self, seconds: float) -> Life:
        years = pd.DataFrame(self.rows)
        high = self.plant.technology.temperature_range_c[1]
        if years["max_temperature_c"].max() > high:
            self.remarks[f"store reached {years['max_temperature_c'].max():.0f} °C; its data end at {high:g} °C"] = None
        made_by = {
            "method": ", ".join(dict.fromkeys(years["method"])),
            "ageing": self.law.name,
            "replan": self.options.replan,
            "sweeps": self.sweeps,
            "seconds": round(seconds, 3),
        }
        return Life(
            self.site, years, pd.concat(self.months, ignore_index=True), tuple(self.bills), self.samples,
            tuple(self.remarks), made_by, self.served, self.limit_prices,
        )  # fmt: skip


def _most_by_month(timeline: Timeline, unavailable: Floats, end: Floats) -> Floats:
    """The largest share out of reach in each billing month, parted between slow states as at the end (months, slow).

    A plan on the mean would count on energy the store does not give late before a service.
    """
    most = np.zeros(int(timeline.period.max()) + 1)
    np.maximum.at(most, timeline.period, unavailable)
    parts = end / end.sum() if end.sum() > 0.0 else np.full(end.size, 1.0 / max(end.size, 1))
    return np.outer(most, parts)


def _part(site: Site, begin: int, end: int) -> Site:
    """The site over some of its steps (the tariff's charges stay those of the whole year)."""
    timeline = site.timeline
    if begin == 0 and end == timeline.steps:
        return site
    shorter = Timeline(timeline.stamps[begin], timeline.step_minutes, end - begin, timeline.zone)
    kept = slice(begin, end)
    return replace(
        site, timeline=shorter, load_kw=site.load_kw[kept], generation_kw=site.generation_kw[kept],
        ambient_c=site.ambient_c[kept], service_terms=cut(site.promised, begin, end) if site.services else None,
    )  # fmt: skip


def _later(prices: Prices, begin: int) -> Prices:
    """Prices from a step on."""
    if begin == 0:
        return prices
    peaks = tuple(PeakPrice(p.name, p.group[begin:], p.rate_per_kw, p.labels, p.floor_kw) for p in prices.peaks)
    return replace(
        prices, buy_per_kwh=prices.buy_per_kwh[begin:], sell_per_kwh=prices.sell_per_kwh[begin:], peaks=peaks
    )
