"""The price of wear: which price per kWh through the store makes its whole life worth most, found on whole lives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from perdure.study.candidate import Candidate
from perdure.study.case import Case
from perdure.study.evaluate import Bench, Evaluated, Trial, changed_site, store_of

FIRST_SHARES = (0.0, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2)
"""Prices tried first, as shares of the highest."""
FINEST_SHARE = 1 / 128
"""Refinement ends at this share of the highest price."""
GAIN_SHARE = 1e-4
"""A price above zero must be worth this much more than none, as a share of the investment."""
CYCLES_PAID_BACK = 1000.0
"""Where energy prices do not differ, the highest price lets a new store be paid by so many cycles."""
CURVE = ("npv", "life_years", "full_cycles_per_year", "replaced", "mean_saving", "present_saving",
         "present_replacement", "discharged_kwh_per_year")  # fmt: skip


@dataclass(frozen=True)
class WearCurve:
    """Every price tried, in rising order, with what the life came to; the best of them, and price 0 beside it.

    `table`: `wear_price_per_kwh` and the columns CURVE; `greedy` is the life that counts no wear, each year planned
    for that year alone.
    """

    table: pd.DataFrame
    best: Evaluated
    greedy: Evaluated

    @property
    def gain(self) -> float:
        """What pricing wear is worth over the life (net present value)."""
        return self.best.npv - self.greedy.npv


def highest_price(case: Case, trial: Trial) -> float:
    """A price, in the tariff's currency, that no spread of energy prices pays for."""
    site = changed_site(case.site, trial)
    prices = site.prices
    spread = max(float(prices.buy_per_kwh.max()), float(prices.sell_per_kwh.max())) - min(
        float(prices.buy_per_kwh.min()), float(prices.sell_per_kwh.min()) if site.connection.export_limit_kw else np.inf
    )
    if spread > 1e-9:
        return spread
    costs = store_of(case, trial.store).costs
    rate = case.finance.exchange_rate(costs.currency, site.tariff.currency).value
    return costs.energy_per_kwh.value * rate / CYCLES_PAID_BACK


def search_wear_price(bench: Bench, trial: Trial, tell: Callable[[int], None] | None = None) -> WearCurve:
    """The wear price from 0 to `highest_price` under which the trial's life is worth most.

    Coarse prices first; then both intervals beside the best are halved again and again, two lives a round. That asks
    no smoothness: a life's value jumps where a replacement comes or goes. Of equal values the lowest price wins.
    """
    top, seen = highest_price(bench.case, trial), dict[float, Evaluated]()

    def ask(prices: list[float]) -> None:
        new = [one for one in prices if one not in seen]
        seen.update(zip(new, bench.ask([replace(trial, wear_price_per_kwh=one) for one in new]), strict=True))
        if tell is not None:
            tell(len(seen))

    ask([share * top for share in FIRST_SHARES])
    while True:
        known = sorted(seen)
        at = known.index(_leader(seen))
        beside = [known[i] for i in (at - 1, at + 1) if 0 <= i < len(known)]
        ends = [*beside, *([top] if at == len(known) - 1 and known[-1] < top else [])]
        halves = [0.5 * (known[at] + one) for one in ends if abs(known[at] - one) > FINEST_SHARE * top]
        if not halves:
            break
        ask(halves)
    return _curve(seen)


def with_wear_price(case: Case, candidate: Candidate) -> Candidate:
    """The candidate with the wear price its case leaves to be sought; itself where it names one or has no plan."""
    if not candidate.wear_price_is_sought:
        return candidate
    plant = candidate.plant
    trial = Trial(candidate.name, plant.energy_kwh, plant.power_kw, plant.charge_power_kw)
    with Bench(case) as bench:
        if not bench.ask([trial])[0].row:
            return candidate
        price = search_wear_price(bench, trial).best.trial.wear_price_per_kwh
    return replace(candidate, wear_price_per_kwh=price, wear_price_is_sought=False)


def _leader(seen: dict[float, Evaluated]) -> float:
    """The price of the most valuable life; zero unless another is worth noticeably more."""
    best = min(seen, key=lambda price: (-seen[price].npv, price))
    least = GAIN_SHARE * float(seen[0.0].row.get("investment", 0.0))
    return best if seen[best].npv > seen[0.0].npv + least else 0.0


def _curve(seen: dict[float, Evaluated]) -> WearCurve:
    rows = [
        {"wear_price_per_kwh": price} | {name: seen[price].row.get(name) for name in CURVE} for price in sorted(seen)
    ]
    return WearCurve(pd.DataFrame(rows), seen[_leader(seen)], seen[0.0])
