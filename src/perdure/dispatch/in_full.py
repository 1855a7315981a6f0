"""Tariffs that bend (tiers, contracted steps, look-back) in full: first by straight lines that prove themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from perdure.dispatch import billed, demand, exact
from perdure.dispatch.posed import cost_of, split_peaks, why_program
from perdure.dispatch.program import Bends, BilledTerms, TierTerms
from perdure.market.charge import PeakPrice, Prices
from perdure.market.full_prices import BilledDemand, EnergyTiers, FullPrices
from perdure.timeline import Floats, highest

PROVEN = 1e-10
"""Relative: a plan this close to what straight lines below the tariff allow is the cheapest."""
MOST_TOUCHES = 4
"""How often straight lines are drawn anew around a plan before the general program takes over."""


def bends_of(full: FullPrices) -> Bends:
    """What the general program takes beside straight prices."""
    return (
        tuple(TierTerms(one.name, one.group, one.upper_kwh, one.extra_per_kwh) for one in full.tiers),
        tuple(
            BilledTerms(one.name, one.group, one.share, one.least_kw, one.upper_kw, one.rate_per_kw)
            for one in full.demands
        ),
    )


def straight_part(prices: Prices, full: FullPrices) -> Prices:
    """What of the tariff is straight anyway: the first tier's price and the demand charges that do not bend."""
    peaks = tuple(prices.peaks[i] for i in full.straight)
    return replace(prices, buy_per_kwh=full.buy_per_kwh, peaks=peaks, full=None)


def touching(prices: Prices, full: FullPrices, import_kw: Floats, step_h: float) -> tuple[Prices, float]:
    """Straight prices below the tariff that touch it at an import (steps,), and the constant that lifts them there."""
    straight = straight_part(prices, full)
    buy, constant, peaks = straight.buy_per_kwh, 0.0, straight.peaks
    for tier in full.tiers:
        buy, constant = buy + (extra := _extra(tier, import_kw * step_h)), constant + tier.cost(import_kw * step_h)
        constant -= float(extra @ import_kw) * step_h
    for one in full.demands:
        peak = one.peak_kw(import_kw)
        rate = _rate(one, peak)
        constant += one.cost_of(peak) - float(rate @ peak)
        peaks = (*peaks, PeakPrice(one.name, one.group, rate, tuple("" for _ in rate)))
    return replace(straight, buy_per_kwh=buy, peaks=peaks), constant


def _extra(tier: EnergyTiers, import_kwh: Floats) -> Floats:
    """What the tier each group's import has reached adds (steps,)."""
    counted = tier.group >= 0
    total = np.bincount(tier.group[counted], import_kwh[counted], tier.upper_kwh.shape[0])
    extra = tier.extra_per_kwh[(tier.upper_kwh < total[:, None]).sum(axis=1)]
    return np.where(counted, extra[tier.group], 0.0)


def _rate(one: BilledDemand, peak_kw: Floats) -> Floats:
    """What one more kW of each group's peak costs in all demands it is billed in (groups,)."""
    pull = one.share * peak_kw
    billed = np.maximum(pull.max(axis=1), one.least_kw)
    tier = (one.upper_kw < billed[:, None]).sum(axis=1)
    rate = one.rate_per_kw[np.arange(tier.size), tier]
    held = np.flatnonzero(pull.max(axis=1) >= one.least_kw)
    whose = pull.argmax(axis=1)[held]
    return np.bincount(whose, rate[held] * one.share[held, whose], peak_kw.size).astype(np.float64)


def priced(problem: exact.Problem, prices: Prices, peak: PeakPrice) -> exact.Problem:
    """The same problem under other prices."""
    buy = np.ascontiguousarray(prices.buy_per_kwh, dtype=float)
    group = np.ascontiguousarray(peak.group, dtype=np.int64)
    return problem._replace(buy=buy, group=group, excess_price=2.0 * peak.rate_per_kw + 1.0)


def full_cost(problem: exact.Problem, prices: Prices, full: FullPrices, ac_kw: Floats, stored_kwh: Floats) -> float:
    """What a plan costs under the tariff as it bends, wear included, its constant left out."""
    straight = straight_part(prices, full)
    bent = full.bent_cost(np.maximum(problem.net_kw + ac_kw, 0.0), problem.step_h)
    return cost_of(problem._replace(buy=straight.buy_per_kwh), straight, ac_kw, stored_kwh) + bent


@dataclass(frozen=True, slots=True)
class Proven:
    """The exact method's plan under a tariff that bends, and the straight prices that prove it."""

    problem: exact.Problem
    run: demand.Sweep
    peak: PeakPrice
    sweeps: int
    why: str


def plan_in_full(
    problem: exact.Problem, prices: Prices, full: FullPrices, open_share: float = demand.OPEN_SHARE
) -> Proven | None:
    """The cheapest plan by the exact method, where straight lines below the tariff prove it; None elsewhere.

    Tiers are seen at the tier a plan reaches, and the plan is made again; demand that bends is searched in full.
    """
    imported, sweeps, lowest = np.clip(problem.net_kw, 0.0, problem.import_limit), 0, -np.inf
    demands_apart = replace(full, tiers=())
    for _ in range(MOST_TOUCHES):
        seen, constant = touching(prices, replace(full, demands=()), imported, problem.step_h)
        found = _with_demands(problem, replace(seen, full=None), full, imported, open_share)
        if found is None:
            return None
        ac_kw = exact.ac_power(found.problem, found.run.x_kwh)
        sweeps += found.sweeps
        bent = demands_apart.bent_cost(np.maximum(problem.net_kw + ac_kw, 0.0), problem.step_h)
        lowest = max(lowest, cost_of(found.problem, seen, ac_kw, found.run.energy_kwh) + bent + constant)
        cost = full_cost(found.problem, prices, full, ac_kw, found.run.energy_kwh)
        if cost - lowest <= PROVEN * abs(cost):
            return replace(found, sweeps=sweeps)
        imported = np.maximum(problem.net_kw + ac_kw, 0.0)
    return None


def _with_demands(
    problem: exact.Problem, seen: Prices, full: FullPrices, import_kw: Floats, open_share: float
) -> Proven | None:
    """The cheapest plan at straight energy prices, its demand charges as they bend."""
    why = "straight lines that touch the bending tariff prove the plan"
    if full.demands:
        why = "convex prices, one store; the bound that proves the plan holds the charge as it bends"
    ceiling = tuple(
        PeakPrice(one.name, one.group, (one.share * one.rate_per_kw[:, -1:]).sum(axis=0) + 1e-9, ())
        for one in full.demands
    )
    peak, others = split_peaks((*seen.peaks, *ceiling), problem.net_kw.size)
    if why_program(seen, bool(others)) is not None:
        return None
    straight = priced(problem, seen, peak)
    if not full.demands or peak.group.max(initial=-1) < 0:
        found = demand.solve(straight, peak.rate_per_kw, peak.floors_kw, None, open_share)
        if isinstance(found, demand.Stuck) or not found[0].proven:
            return None
        return Proven(straight, found[0], peak, found[1], why)
    first = peak.rate_per_kw.size - sum(one.share.shape[1] for one in full.demands)
    rates, placed, at = peak.rate_per_kw.copy(), [], first
    rates[first:] = 0.0
    for one in full.demands:
        placed.append((at, one))
        at += one.share.shape[1]
    start = highest(peak.group, import_kw, np.zeros(rates.size))
    answer = billed.solve(straight, rates, peak.floors_kw, tuple(placed), start, open_share)
    if answer is None or isinstance(answer, demand.Stuck):
        return None
    run, sweeps, worth = answer
    return Proven(straight, run, replace(peak, rate_per_kw=worth, floor_kw=None), sweeps, why)
