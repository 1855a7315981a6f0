"""One year of a life: planned, followed by every store, settled, billed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from perdure.dispatch.hints import Hint
from perdure.dispatch.optimise import optimise
from perdure.dispatch.schedule import Infeasible, Schedule
from perdure.dispatch.serving import HELD_MARGIN_SHARE
from perdure.dispatch.together import Store, optimise_together
from perdure.errors import NoPlanError
from perdure.market.charge import Bill, PeakPrice, Prices
from perdure.market.service import cut
from perdure.simulate.held import held_targets
from perdure.simulate.kernel import Track
from perdure.simulate.run import RanStore, empty_track, follow
from perdure.simulate.serving import Ran, Served, settle
from perdure.simulate.standing import Learned, Standing
from perdure.simulate.stress import stress_of
from perdure.site.site import Site
from perdure.technology.ageing import Health
from perdure.timeline import Floats, Timeline, highest

PLAN_OPEN_SHARE = 1e-6
"""How far from the proven optimum a year's plan may stay: a coin in a million."""
REHEARSAL_OPEN_SHARE = 1e-4
"""The same for a year lived only to learn temperatures and auxiliaries."""
PROGRAM_PLAN_YEARS = 5
"""How many years a plan by the general program is followed, which takes far longer than the exact method."""
PLAN_FITS_SHARE = 0.02
"""By how much net load or prices may have moved on average since such a plan was made."""

Plan = tuple[Schedule, ...]
"""A schedule for each store; caps, method and limit prices are those of all."""


@dataclass(slots=True)
class Memory:
    """What one year's plan leaves to the next."""

    hint: Hint | None = None  # of the search for demand caps
    import_kw: Floats | None = None
    plan: Plan | None = None  # of the general program, followed for some years
    plan_years: int = 0
    planned_for: tuple[Site, Prices] | None = None
    sweeps: int = 0


@dataclass(slots=True)
class Year:
    """One year lived: its runs, bills and plan."""

    stores: list[RanStore]
    bill: Bill
    planned_bill: Bill
    plan: Plan
    prices: Prices
    full_cycles: list[float]
    remarks: dict[str, None]
    unserved_kwh: float
    served: Served | None = None


@dataclass
class _Lived:
    """What a store's year is written into."""

    track: Track
    planned_kw: Floats
    energy_value: Floats
    health: Health
    reserves_kw: dict[str, Floats]
    full_cycles: float = 0.0


@dataclass
class LivingYear:
    """Lives one year of some stores on a site; moves the stores and the memory on."""

    site: Site
    stores: Sequence[Standing]
    memory: Memory
    prices: Prices
    monthly: bool = False  # whether each month is planned anew
    open_share: float = PLAN_OPEN_SHARE
    remarks: dict[str, None] = field(default_factory=dict)
    lived: list[_Lived] = field(init=False)

    def live(self) -> Year:
        """The year; NoPlanError where no schedule keeps the limits."""
        timeline = self.site.timeline
        self.lived = [self._room_for(one) for one in self.stores]
        starts = list(np.unique(timeline.period, return_index=True)[1]) if self.monthly else [0]
        for begin, end in zip(starts, [*starts[1:], timeline.steps], strict=True):
            plan = self._plan(begin)
            self._follow(plan, begin, end)
        served = self._settled()
        self._learn()
        return self._told(plan, served)

    def _room_for(self, store: Standing) -> _Lived:
        steps = self.site.timeline.steps
        reserves = {one.name: np.zeros(steps) for one in self.site.promised.reserves} if self.site.services else {}
        return _Lived(empty_track(steps), np.zeros(steps), np.zeros(steps), store.health, reserves)

    def _plan(self, begin: int) -> Plan:
        memory = self.memory
        if begin == 0 and memory.plan_years < PROGRAM_PLAN_YEARS and self._still_fits():
            assert memory.plan is not None
            memory.plan_years += 1
            return memory.plan
        site = part_of(self.site, begin, self.site.timeline.steps)
        ahead = begin == 0 and not self.monthly and bool(self.site.services and self.site.promised.holds)
        found = self._planned(site, begin, PROGRAM_PLAN_YEARS - 1 if ahead else 0)
        if ahead and isinstance(found, Infeasible):  # what fades away before the next plan can be kept today
            found = self._planned(site, begin, 0)
        if isinstance(found, Infeasible):
            raise NoPlanError(f"{' and '.join(one.name for one in self.stores)}: {found.text}.")
        self._remember(found, begin)
        return found

    def _planned(self, site: Site, begin: int, years: int) -> Plan | Infeasible:
        """A plan for the stores as they will stand after so many years."""
        memory, prices = self.memory, _later(self.prices, begin)
        beliefs = [_belief(one, self.site.timeline, begin, years) for one in self.stores]
        if len(beliefs) > 1:
            return optimise_together(site, beliefs, prices)
        one = beliefs[0]
        alone = optimise(
            site, one.health, temperature_c=one.temperature_c, slow=one.slow, auxiliary_kw=one.auxiliary_kw,
            start_kwh=one.start_kwh, wear_price_per_kwh=one.wear_price_per_kwh, prices=prices,
            hint=memory.hint, open_share=self.open_share,
        )  # fmt: skip
        return alone if isinstance(alone, Infeasible) else (alone,)

    def _remember(self, plan: Plan, begin: int) -> None:
        memory, first = self.memory, plan[0]
        memory.sweeps += first.sweeps
        if first.method == "exact":
            memory.hint = first.hint
        slow = bool(self.site.services) or len(plan) > 1
        if slow and begin == 0 and memory.import_kw is not None and not self.monthly:
            memory.plan, memory.plan_years, memory.planned_for = plan, 1, (self.site, self.prices)

    def _still_fits(self) -> bool:
        """Whether the plan at hand was made for much the same year."""
        if self.memory.plan is None or self.memory.planned_for is None:
            return False
        site, prices = self.memory.planned_for
        pairs = [(site.net_kw, self.site.net_kw), (prices.sell_per_kwh, self.prices.sell_per_kwh),
                 *zip(_levels(prices), _levels(self.prices), strict=True)]  # fmt: skip
        return site.connection == self.site.connection and all(
            one.shape == other.shape and float(np.abs(other - one).sum()) <= PLAN_FITS_SHARE * float(np.abs(one).sum())
            for one, other in pairs
        )

    def _follow(self, plan: Plan, begin: int, end: int) -> None:
        """Store after store: those before it as they ran, those after it as planned."""
        steps, h = slice(begin, end), self.site.timeline.step_h
        part = part_of(self.site, begin, end)
        kept = self._held(plan, part)
        drawn = [schedule.power_kw[: end - begin] + schedule.auxiliary_kw[: end - begin] for schedule in plan]
        for k, (store, schedule, lived) in enumerate(zip(self.stores, plan, self.lived, strict=True)):
            health, plant = store.health, store.plant
            lived.planned_kw[steps] = schedule.power_kw[: end - begin]
            lived.energy_value[steps] = schedule.energy_value_per_kwh[: end - begin]
            for name, held in schedule.reserves_kw.items():
                lived.reserves_kw[name][steps] = held[: end - begin]
            others = sum((one for j, one in enumerate(drawn) if j != k), np.zeros(end - begin))
            meter = replace(part, plants=(plant,), load_kw=part.load_kw + others) if len(plan) > 1 else part
            store.share, store.temperature_c = follow(
                meter, schedule, health, store.share, store.temperature_c, store.slow, lived.track, begin,
                kept[k],
            )  # fmt: skip
            ran = Track(*(column[steps] for column in lived.track))
            drawn[k] = ran.ac_kw + ran.auxiliary_kw
            stress = stress_of(ran, store.first.table(), h)
            per_kwh = ran.dc_kw / (plant.energy_kwh * health.capacity_share)
            self.remarks |= dict.fromkeys(store.law.outside(stress))
            self.remarks |= dict.fromkeys(plant.table(health.capacity_share).outside(ran.temperature, per_kwh))
            store.age(stress)
            lived.full_cycles += stress.full_cycles

    def _held(self, plan: Plan, part: Site) -> Sequence[Floats | None]:
        """What each store's controller keeps for services."""
        holds = part.promised.holds if part.services else ()
        if not holds:
            return [None] * len(plan)
        usable = sum(float((one.problem.high_kwh - one.problem.low_kwh).min()) for one in plan)
        return held_targets(plan, holds, HELD_MARGIN_SHARE.value * usable, part.timeline.steps)

    def _settled(self) -> Served | None:
        """The services' year; what following signals took is added to the runs."""
        if not self.site.services:
            return None
        served = settle(
            self.site,
            [
                Ran(store.plant, one.health, one.track, one.reserves_kw)
                for store, one in zip(self.stores, self.lived, strict=True)
            ],
        )
        for k, (store, one) in enumerate(zip(self.stores, self.lived, strict=True)):
            one.track.auxiliary_kw[:] += served.following_loss_kw[k]
            store.age(served.stress(k, one.track))
            one.full_cycles += float(served.following_cycles[k])
        return served

    def _learn(self) -> None:
        timeline = self.site.timeline
        hours = timeline.sum_by_period(np.ones(timeline.steps))
        for store, one in zip(self.stores, self.lived, strict=True):
            store.learned = Learned(
                one.track.auxiliary_kw,
                timeline.sum_by_period(one.track.temperature) / hours,
                _most_by_month(timeline, one.track.unavailable, store.slow[0]),
            )

    def _told(self, plan: Plan, served: Served | None) -> Year:
        site, zero = self.site, np.zeros(self.site.timeline.steps)
        auxiliary = sum((one.track.auxiliary_kw for one in self.lived), zero)
        imported, exported, _, unserved = site.meter(sum((one.track.ac_kw for one in self.lived), auxiliary))
        planned = site.meter(sum((one.planned_kw for one in self.lived), auxiliary))
        bill, planned_bill = site.charges.bill(imported, exported), site.charges.bill(planned[0], planned[1])
        if served is not None:
            bill, planned_bill = served.on(bill), served.on(planned_bill)
        self.memory.import_kw = imported
        ran = [
            RanStore(store.plant, one.health, one.planned_kw, one.energy_value, one.track, store.share,
                     store.temperature_c)
            for store, one in zip(self.stores, self.lived, strict=True)
        ]  # fmt: skip
        cycles = [one.full_cycles for one in self.lived]
        missed = float(unserved.sum()) * site.timeline.step_h
        return Year(ran, bill, planned_bill, plan, self.prices, cycles, self.remarks, missed, served)


def _belief(store: Standing, timeline: Timeline, begin: int, years: int = 0) -> Store:
    """What the plan believes of a store from a step on, from what its last year showed; as worn after more years."""
    learned, period = store.learned, timeline.period[begin]
    health = (store.ahead(years) if years else None) or store.health
    auxiliary, warmth, slow = learned.auxiliary_kw, learned.monthly_temperature_c, learned.monthly_slow
    return Store(
        store.plant, health,
        None if warmth is None else warmth[period:],
        None if slow is None else slow[period:],
        None if auxiliary is None else _of_length(auxiliary, timeline.steps)[begin:],
        store.share * store.plant.energy_kwh * health.capacity_share, store.wear_price_per_kwh,
    )  # fmt: skip


def _levels(prices: Prices) -> tuple[Floats, Floats]:
    """Purchase prices (steps,) and demand rates: of the tariff in full, where that is known, as it does not move."""
    buy, rates, full = prices.buy_per_kwh, [one.rate_per_kw for one in prices.peaks], prices.full
    if full is not None:
        straight = [rates[i] for i in full.straight]
        buy, rates = full.buy_per_kwh, [*straight, *(one.rate_per_kw.ravel() for one in full.demands)]
    return buy, np.concatenate(rates or [np.zeros(0)])


def _of_length(values: Floats, steps: int) -> Floats:
    """A year's series on a year of another length: a leap day repeats the last day, or is left out."""
    longer = steps - values.size
    return np.concatenate([values, values[-longer:]]) if longer > 0 else values[:steps]


def _most_by_month(timeline: Timeline, unavailable: Floats, end: Floats) -> Floats:
    """The largest share out of reach in each billing month, parted between slow states as at the end (months, slow).

    A plan on the mean would count on energy the store does not give late before a service.
    """
    most = highest(timeline.period, unavailable, np.zeros(int(timeline.period[-1]) + 1))
    parts = end / end.sum() if end.sum() > 0.0 else np.full(end.size, 1.0 / max(end.size, 1))
    return np.outer(most, parts)


def part_of(site: Site, begin: int, end: int) -> Site:
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
