"""What holding energy back costs and covers in a year: the year as lived beside one plan that holds nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from perdure.dispatch.optimise import optimise
from perdure.dispatch.schedule import Infeasible
from perdure.market.service import Settlement
from perdure.simulate.result import Life
from perdure.simulate.run import empty_track, follow, slow_at_rest
from perdure.simulate.serving import Ran, Served, settle
from perdure.simulate.year import PLAN_OPEN_SHARE
from perdure.site.site import Site
from perdure.technology.ageing import Health
from perdure.timeline import Floats, highest


@dataclass(frozen=True)
class HeldBack:
    """A year with energy held back and without, otherwise alike.

    Bills in the tariff's currency, with what other services earned, without charges for energy missing. `survived`:
    of the moments an outage may begin, the share survived with and without, by service or storm and length.
    """

    services: tuple[str, ...]
    currency: str
    bill: float
    bill_without: float
    full_cycles: float
    full_cycles_without: float
    survived: dict[str, tuple[float, float]]

    @property
    def cost(self) -> float:
        """What holding energy back adds to the bill."""
        return self.bill - self.bill_without


def held_back(life: Life) -> HeldBack | None:
    """Year 1 of a life beside one more plan of it in which nothing is held; None where nothing is.

    The plan without believes of the store what the year showed, and the physics carries it out. Several plants on a
    site are not compared.
    """
    if 1 not in life.served or 1 not in life.samples:
        return None
    sample, served = life.samples[1], life.served[1]
    site = sample.site
    names = {one.name for one in site.promised.holds}
    if len(site.plants) != 1 or not names:
        return None
    free = _without_holds(life, site)
    if free is None:
        return None
    bill, other, cycles = free
    discharged_kwh = float(sample.series["discharge_kw"].sum()) * site.timeline.step_h
    return HeldBack(
        tuple(one.name for one in site.services if names & set(served.settlements[one.name].lines)),
        site.tariff.currency,
        life.bills[0].total + _of_holds(served, names),
        bill - other.income + _of_holds(other, names),
        discharged_kwh / site.the_plant.energy_kwh,
        cycles,
        _survived(served.settlements, other.settlements),
    )


def _without_holds(life: Life, site: Site) -> tuple[float, Served, float] | None:
    """Bill without services, services and full cycles of a year in which nothing is held; None without a plan."""
    plant, health, timeline = site.the_plant, Health(), site.timeline
    series = life.samples[1].series
    free = replace(site, service_terms=replace(site.promised, holds=()))
    prices = site.prices if site.prices.exact else site.charges.prices(series["import_kw"].to_numpy())
    start_kwh = float(series["stored_kwh"].iloc[0])
    schedule = optimise(
        free, health, temperature_c=_monthly_mean(site, series["temperature_c"].to_numpy()), slow=_slow(life, site),
        auxiliary_kw=series["auxiliary_kw"].to_numpy(), start_kwh=start_kwh, prices=prices, open_share=PLAN_OPEN_SHARE,
        wear_price_per_kwh=float(life.years["wear_price_per_kwh"].iloc[0]),
    )  # fmt: skip
    if isinstance(schedule, Infeasible):
        return None
    track = empty_track(timeline.steps)
    warm = float(series["temperature_c"].iloc[0])
    follow(free, schedule, health, start_kwh / plant.energy_kwh, warm, slow_at_rest(plant), track)
    served = settle(free, [Ran(plant, health, track, schedule.reserves_kw)])
    drawn_kw = track.ac_kw + track.auxiliary_kw + served.following_loss_kw.sum(axis=0)
    import_kw, export_kw, _, _ = site.meter(drawn_kw)
    cycles = float(np.maximum(-track.ac_kw, 0.0).sum()) * timeline.step_h / plant.energy_kwh
    return site.charges.bill(import_kw, export_kw).total, served, cycles


def _monthly_mean(site: Site, values: Floats) -> Floats:
    timeline = site.timeline
    return timeline.sum_by_period(values) / timeline.sum_by_period(np.ones(timeline.steps))


def _slow(life: Life, site: Site) -> Floats | None:
    """The most that was out of reach in each billing month, parted evenly between slow states (months, slow)."""
    series, states = life.samples[1].series, slow_at_rest(site.the_plant).shape[1]
    if "unavailable_share" not in series or states == 0:
        return None
    period = site.timeline.period
    most = highest(period, series["unavailable_share"].to_numpy(), np.zeros(int(period[-1]) + 1))
    return np.outer(most, np.full(states, 1.0 / states))


def _of_holds(served: Served, names: set[str]) -> float:
    """What services settled for energy held (costs negative)."""
    lines = [values for one in served.settlements.values() for name, values in one.lines.items() if name in names]
    return float(sum(values.sum() for values in lines))


def _survived(held: dict[str, Settlement], free: dict[str, Settlement]) -> dict[str, tuple[float, float]]:
    return {
        what: (share, free[name].survived[what])
        for name, one in held.items()
        for what, share in one.survived.items()
        if what in free[name].survived
    }
