"""Plans several plants behind one meter at once, by the general program."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perdure.dispatch.optimise import monthly_views, problem_of, running_kw, split_peaks, wear_cost
from perdure.dispatch.schedule import Infeasible, Schedule
from perdure.dispatch.serving import plan_serving
from perdure.market.charge import Prices
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.ageing import Health
from perdure.timeline import Floats

WHY = "several stores share the meter"


@dataclass(frozen=True)
class Store:
    """What a plan believes of one plant; None as for `optimise`."""

    plant: Plant
    health: Health
    temperature_c: Floats | None = None  # (billing months,)
    slow: Floats | None = None  # (billing months, slow states)
    auxiliary_kw: Floats | None = None  # (steps,)
    start_kwh: float | None = None
    wear_price_per_kwh: float = 0.0


def optimise_together(
    site: Site, stores: Sequence[Store], prices: Prices | None = None
) -> tuple[Schedule, ...] | Infeasible:
    """One schedule for each store, in their order: together the cheapest for the site, month by month.

    Every schedule's `cost` is that of its own wear; energy and demand are one bill (`limit_prices` are those of all).
    Reserves are parted between the stores.
    """
    began = time.perf_counter()
    prices = site.prices if prices is None else prices
    auxiliary = [
        np.full(site.timeline.steps, running_kw(one.plant)) if one.auxiliary_kw is None else one.auxiliary_kw
        for one in stores
    ]
    first, _ = split_peaks(prices.peaks, site.timeline.steps)
    problems = {
        one.plant.name: problem_of(
            site, monthly_views(site, one.plant, one.health, one.temperature_c, one.slow), prices, first,
            np.sum(auxiliary, axis=0), one.start_kwh, one.wear_price_per_kwh,
        )
        for one in stores
    }  # fmt: skip
    found = plan_serving(problems, site.timeline, site.promised, prices)
    if isinstance(found, Infeasible):
        return found
    seconds, months = time.perf_counter() - began, len(np.unique(site.timeline.period))
    return tuple(
        Schedule(
            site.timeline, found.ac_kw[k], found.stored_kwh[k], found.worth[k], found.caps_kw,
            wear_cost(problem, found.stored_kwh[k]), "program", WHY, months, seconds, auxiliary[k], problem,
            {name: held[k] for name, held in found.reserves_kw.items()}, found.limit_prices,
            in_full=found.in_full or prices.exact, remarks=found.remarks,
        )
        for k, problem in enumerate(problems.values())
    )  # fmt: skip
