"""A site and its plant as the exact method's problem: conversions by month, demand charges, what a plan costs."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from perdure.dispatch import exact, program
from perdure.market.charge import PeakPrice, Prices
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.ageing import Health
from perdure.technology.dispatch_view import DispatchView, dispatch_views
from perdure.timeline import Floats, highest


def monthly_views(
    site: Site, plant: Plant, health: Health, temperature_c: Floats | None = None, slow: Floats | None = None
) -> tuple[DispatchView, ...]:
    """The dispatch view of each billing month."""
    timeline, thermal = site.timeline, plant.technology.thermal
    if temperature_c is None:
        months = timeline.sum_by_period(np.ones(timeline.steps))
        ambient = timeline.sum_by_period(site.ambient_c) / months
        temperature_c = np.clip(ambient, thermal.heat_below_c.value, thermal.cool_above_c.value)
    hidden = np.zeros((len(temperature_c), 0)) if slow is None else slow
    return _views(plant, health, tuple(np.round(temperature_c, 1)), tuple(map(tuple, np.round(hidden, 3))))


@lru_cache(maxsize=512)
def _views(
    plant: Plant, health: Health, temperature_c: tuple[float, ...], slow: tuple[tuple[float, ...], ...]
) -> tuple[DispatchView, ...]:
    return dispatch_views(
        plant.table(health.capacity_share), plant.energy_kwh, plant.power_kw, health, np.array(temperature_c),
        charge_power_kw=plant.charge_kw, slow=np.array(slow),
    )  # fmt: skip


def running_kw(plant: Plant) -> float:
    """What the plant itself draws while its converter runs, kW."""
    technology = plant.technology
    converter = technology.converter.no_load_share.value * plant.power_kw
    if technology.charge_converter is not None:
        converter = max(converter, technology.charge_converter.no_load_share.value * plant.charge_kw)
    return technology.thermal.base_load_kw.value * plant.energy_kwh + converter


def split_peaks(peaks: tuple[PeakPrice, ...], steps: int) -> tuple[PeakPrice, tuple[program.PeakTerms, ...]]:
    """Charges whose groups never meet in a step become one; those that meet it stay beside it."""
    group, rates, floors = np.full(steps, -1, np.int64), np.zeros(0), np.zeros(0)
    labels: tuple[str, ...] = ()
    others: list[program.PeakTerms] = []
    for peak in peaks:
        charged = (peak.group >= 0) & (peak.rate_per_kw[np.maximum(peak.group, 0)] > 0)
        if np.any(charged & (group >= 0)):
            others.append(program.PeakTerms(peak.group, peak.rate_per_kw, peak.floors_kw))
            continue
        group = np.where(charged, peak.group + rates.size, group)
        rates, floors = np.concatenate([rates, peak.rate_per_kw]), np.concatenate([floors, peak.floors_kw])
        labels += tuple(peak.labels)
    return PeakPrice("demand", group, rates, labels, floors), tuple(others)


def why_program(prices: Prices, overlapping: bool) -> str | None:
    """Why the exact method does not hold under these prices; None where it does."""
    if min(prices.buy_per_kwh.min(), prices.sell_per_kwh.min()) < 0:
        return "prices are negative at times"
    if np.any(prices.sell_per_kwh > prices.buy_per_kwh):
        return "export is paid above purchase at times"
    return "demand charges overlap" if overlapping else None


def where_export_is_forbidden(prices: Prices) -> Prices:
    """Prices at a connection that may not export: whatever export would earn, nothing is sold."""
    return replace(prices, sell_per_kwh=np.zeros_like(prices.sell_per_kwh))


def sells_above_purchase(prices: Prices) -> int:
    """In how many steps export is paid above purchase: there a plan needs on/off choices, which take long."""
    return int(np.sum(prices.sell_per_kwh > prices.buy_per_kwh))


def problem_of(
    site: Site,
    views: tuple[DispatchView, ...],
    prices: Prices,
    peak: PeakPrice,
    auxiliary_kw: Floats,
    start_kwh: float | None,
    wear: float,
) -> exact.Problem:
    """One plant of the site under straight-line prices; energy left at the end is worth nothing."""
    h, season = site.timeline.step_h, site.timeline.period
    low, high = (np.array([getattr(view, name) for view in views]) for name in ("low_kwh", "high_kwh"))
    start = low[season[0]] if start_kwh is None else float(np.clip(start_kwh, low[season[0]], high[season[0]]))
    last = season[-1]
    return exact.Problem(
        step_h=h,
        net_kw=np.ascontiguousarray(site.net_kw + auxiliary_kw),
        buy=np.ascontiguousarray(prices.buy_per_kwh, dtype=float),
        sell=np.ascontiguousarray(prices.sell_per_kwh, dtype=float),
        season=season,
        ac_nodes=np.stack([view.ac_nodes for view in views]),
        store_nodes=np.stack([view.store_nodes for view in views]),
        keep=np.array([view.keep(h) for view in views]),
        drain_kwh=np.array([view.drain_kwh(h) for view in views]),
        low_kwh=low,
        high_kwh=high,
        wear=float(wear),
        import_limit=float(site.connection.import_limit_kw),
        export_limit=float(site.connection.export_limit_kw),
        group=np.ascontiguousarray(peak.group, dtype=np.int64),
        excess_price=2.0 * peak.rate_per_kw + 1.0,
        start_kwh=float(start),
        end_value=np.zeros(1),
        end_length=np.array([high[last] - low[last]]),
    )


def cost_of(problem: exact.Problem, prices: Prices, ac_kw: Floats, stored: Floats) -> float:
    """Energy, demand charges and wear of a plan under straight-line prices, their constant left out."""
    imported, energy = exact.metered(problem, ac_kw)
    return float(energy) + demand_cost(prices, imported) + wear_cost(problem, stored)


def wear_cost(problem: exact.Problem, stored: Floats) -> float:
    """The wear price of a plan's stored energy (steps + 1,), half on the way in and half out."""
    if problem.wear == 0.0:
        return 0.0
    moved = np.diff(stored) + stored[:-1] * (1.0 - problem.keep[problem.season]) + problem.drain_kwh[problem.season]
    return 0.5 * problem.wear * float(np.abs(moved).sum())


def demand_cost(prices: Prices, imported_kw: Floats) -> float:
    """What the demand charges of straight-line prices come to for an import (steps,)."""
    total = 0.0
    for peak in prices.peaks:
        total += float(peak.rate_per_kw @ highest(peak.group, imported_kw, peak.floors_kw))
    return total
