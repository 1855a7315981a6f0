"""Metrics of a cash flow, each a pure function of arrays with its formula and source.

Flows `(years + 1,)` are income positive; entry t falls at the end of year t, entry 0 is the investment today.
Sources: [1] Brealey, Myers and Allen, Principles of Corporate Finance (net present value, internal rate of return,
payback, equivalent annual amount): textbook definitions. [2] Balliet, Balducci, Durvasulu and Mosier, Energy Economics
142 (2025): review of the definitions of the levelised cost of storage, which differ in whether charging counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from perdure.timeline import Floats

RATE_RANGE = (-0.9, 10.0)
"""Internal rates of return are sought from -90 % to 1000 % a year."""


@dataclass(frozen=True, slots=True)
class InternalRate:
    """The internal rates of return of a cash flow; `rate` is a number only when there is exactly one."""

    rates: tuple[float, ...]

    @property
    def status(self) -> Literal["one", "none", "several"]:
        """Whether the rate exists and is unique."""
        return "none" if not self.rates else "one" if len(self.rates) == 1 else "several"

    @property
    def rate(self) -> float | None:
        """The rate (share a year), or None where there is none or more than one."""
        return self.rates[0] if len(self.rates) == 1 else None


def discount_factors(rate: float, years: int) -> Floats:
    """(1 + rate)^-t for t = 0..years (years + 1,)."""
    return np.asarray((1.0 + rate) ** -np.arange(years + 1.0))


def npv(flows: Floats, rate: float) -> float:
    """Net present value, sum of flow_t / (1 + rate)^t [1]."""
    return float(np.dot(flows, discount_factors(rate, len(flows) - 1)))


def irr(flows: Floats) -> InternalRate:
    """Every rate in RATE_RANGE at which the net present value crosses zero [1].

    Sought by sign changes on a fine grid of growth factors, then halved to 1e-12; a value that only touches zero
    without crossing is not found.
    """
    growth = np.exp(np.linspace(np.log1p(RATE_RANGE[0]), np.log1p(RATE_RANGE[1]), 2001))
    values = np.polynomial.polynomial.polyval(1.0 / growth, np.asarray(flows, dtype=np.float64))
    signs = np.sign(values)
    found = [float(growth[i]) - 1.0 for i in np.flatnonzero(signs == 0.0)] if np.any(flows) else []
    crossings = np.flatnonzero(signs[:-1] * signs[1:] < 0.0)
    found += [_crossing(flows, float(growth[i]) - 1.0, float(growth[i + 1]) - 1.0) for i in crossings]
    return InternalRate(tuple(sorted(found)))


def _crossing(flows: Floats, low: float, high: float) -> float:
    rising = npv(flows, low) < 0.0
    while high - low > 1e-12 * (1.0 + abs(low)):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if (npv(flows, middle) < 0.0) == rising:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def payback_years(flows: Floats) -> float | None:
    """Years until the cumulative flow reaches zero and stays there, interpolated within the year [1]; None when never.

    Pass discounted flows for the discounted payback. A later replacement that drives the sum below zero again
    moves the payback behind it.
    """
    cumulative = np.cumsum(flows)
    below = np.flatnonzero(cumulative < 0.0)
    if not len(below):
        return 0.0
    last = int(below[-1])
    if last == len(cumulative) - 1:
        return None
    return last + float(-cumulative[last] / (cumulative[last + 1] - cumulative[last]))


def annuity_share(rate: float, years: int) -> float:
    """Capital recovery factor, rate / (1 - (1 + rate)^-years), or 1 / years at rate 0 [1]."""
    return 1.0 / years if rate == 0.0 else float(-rate / np.expm1(-years * np.log1p(rate)))


def equivalent_annual(present_value: float, rate: float, years: int) -> float:
    """The even yearly amount over `years` with the same present value [1]."""
    return present_value * annuity_share(rate, years)


def per_discounted_unit(cost: Floats, amount: Floats, rate: float) -> float | None:
    """Discounted cost over discounted amount, sum(cost_t d_t) / sum(amount_t d_t); None when there is no amount.

    With kWh discharged it is the levelised cost of storage [2], with charging cost in `cost` or without; with
    equivalent full cycles it is the cost of one cycle. Cost positive. Real cost and rate give an even price in
    base-year money, nominal ones an even nominal price.
    """
    total = npv(amount, rate)
    return npv(cost, rate) / total if total > 0.0 else None
