"""Break-even: the capital cost, fading or price spread at which a store begins or ceases to pay, or to lead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from perdure.study.evaluate import Bench, Evaluated, Trial, repriced

Lever = Literal["energy_cost", "fade", "spread"]
LEVERS: tuple[Lever, ...] = ("energy_cost", "fade", "spread")
GRIDS: dict[Lever, tuple[float, ...]] = {
    "energy_cost": (0.01, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0),
    "fade": (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0),
    "spread": (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0),
}
"""Shares of today's figure where each lever is tried before the crossing is closed in on."""
CLOSE = {"energy_cost": 1e-4, "fade": 0.02, "spread": 0.01}
"""A crossing is told to this share of itself."""
MOST_ROUNDS = 12
Values = Callable[[Sequence[float]], list[float]]


@dataclass(frozen=True)
class BreakEven:
    """Where a lever turns the answer for a store.

    `share`: of today's figure, 1 is today; None where nothing turns between `low` and `high`. `against` is the rival,
    '' for no store at all; `leads` tells which way it stands today.
    """

    store: str
    lever: Lever
    against: str
    share: float | None
    low: float
    high: float
    leads: bool


def break_evens(bench: Bench, lived: Evaluated, rival: Evaluated | None) -> list[BreakEven]:
    """Every lever against no store and against the rival's best; sizes and wear prices stay.

    Capital cost and fading move for this store alone, the price spread for both. Capital cost needs no new lives.
    """
    others = (None,) if rival is None else (None, rival)
    return [_break_even(bench, lever, lived, other) for lever in LEVERS for other in others]


def _break_even(bench: Bench, lever: Lever, lived: Evaluated, rival: Evaluated | None) -> BreakEven:
    def values(shares: Sequence[float]) -> list[float]:
        own = worths(bench, lever, lived, shares)
        if rival is None:
            return own
        others = worths(bench, lever, rival, shares) if lever == "spread" else [rival.npv] * len(shares)
        return [a - b for a, b in zip(own, others, strict=True)]

    grid = _grid(bench, lever)
    today = values([1.0])[0]
    share = nearest_crossing(values, grid, CLOSE[lever])
    against = rival.trial.store if rival is not None else ""
    return BreakEven(lived.trial.store, lever, against, share, grid[0], grid[-1], today > 0.0)


def _grid(bench: Bench, lever: Lever) -> tuple[float, ...]:
    """Shares to try; the spread ends where the lowest price would fall below zero or below what export earns."""
    grid = GRIDS[lever]
    if lever != "spread":
        return grid
    prices = bench.case.site.prices
    mean = float(prices.buy_per_kwh.mean())
    low = prices.buy_per_kwh < mean - 1e-12
    room = (mean - np.maximum(prices.sell_per_kwh, 0.0)[low]) / (mean - prices.buy_per_kwh[low])
    widest = float(room.min()) if room.size else 1.0
    if widest <= 1.0:
        return tuple(one for one in grid if one <= 1.0)
    return (*(one for one in grid if one < 0.95 * widest), min(widest * (1.0 - 1e-9), grid[-1]))


def worths(bench: Bench, lever: Lever, lived: Evaluated, shares: Sequence[float]) -> list[float]:
    """Net present value of the store with the lever at each share."""
    if lever == "energy_cost":
        return [repriced(bench.case, lived, one).metrics.npv for one in shares]
    field = {"fade": "fade_share", "spread": "spread_share"}[lever]
    trials: list[Trial] = [replace(lived.trial, **{field: float(one)}) for one in shares]  # type: ignore[arg-type]
    return [one.npv for one in bench.ask(trials)]


def nearest_crossing(values: Values, grid: Sequence[float], close: float) -> float | None:
    """The share nearest to 1 (in ratio) where the values change sign, closed in on to `close`; None without one.

    Lives jump where a replacement comes or goes, so the bracket is halved unless the straight line between its ends
    points well inside it.
    """
    told = np.array(values(grid))
    logs = np.log(np.asarray(grid))
    turns = [i for i in range(len(grid) - 1) if np.isfinite(told[i : i + 2]).all() and told[i] * told[i + 1] <= 0.0]
    if not turns:
        return None
    at = min(turns, key=lambda i: min(abs(logs[i]), abs(logs[i + 1])) + 1e-6 * abs(logs[i] + logs[i + 1]))
    (low, high), (below, above) = logs[at : at + 2], told[at : at + 2]
    for _ in range(MOST_ROUNDS):
        if high - low <= close or below == above:
            break
        middle = low + (high - low) * min(max(below / (below - above), 0.2), 0.8)
        value = values([float(np.exp(middle))])[0]
        if (value > 0.0) == (below > 0.0):
            low, below = middle, value
        else:
            high, above = middle, value
    share = low if below == above else low + (high - low) * below / (below - above)
    return float(np.exp(share))


def as_table(found: Sequence[BreakEven]) -> pd.DataFrame:
    """One row per break-even, empty `share` where nothing turns."""
    return pd.DataFrame([vars(one) for one in found], columns=list(BreakEven.__dataclass_fields__))
