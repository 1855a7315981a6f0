"""PJM's regulation: performance score by hour (accuracy, delay, precision) and the two-part payment.

Signal and response are shares of the regulation capacity, positive for more power into the grid. Every 10 s a sample is
taken of both; with r(d) the correlation of the signal with the response d seconds later, and 0 <= d <= 300 s,

    delay    D(d) = |d - 300| / 300
    accuracy A    = r(d*), delay score D(d*), where d* makes r(d) + D(d) largest (the shortest such d)
    precision P   = 1 - mean|response - signal| / mean|signal|
    score         = (A + D + P) / 3,   pay = MW x score x (capability price + mileage ratio x performance price)

Where no delay correlates above 0 nothing was answered, and the delay score is 0 as well (otherwise rest would earn 1).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from perdure.errors import Faults
from perdure.quantities import Confidence, Sourced
from perdure.timeline import Floats, Ints

_MANUAL = "PJM Manual 12, regulation performance score (its text was not seen whole)"
_QUOTED = "PJM Manual 12 as quoted in a University of Michigan co-simulation test bed, 2023"
FLAT = 1e-9
"""A signal whose variance is below this has no correlation."""


def _recalled(value: float, unit: str, low: float | None = None, high: float | None = None, note: str = "") -> Sourced:
    return Sourced(value, unit, _MANUAL, Confidence.UNVERIFIED, low, high, note=note)


@dataclass(frozen=True)
class PjmRule:
    """The figures of the score and of the payment.

    `rolling`: accuracy and delay from a window of `longest_delay_s` that starts at each sample, averaged over the hour,
    as the quoted manual has it; otherwise from one correlation over the hour.
    """

    sample_s: Sourced = field(default_factory=lambda: Sourced(10.0, "s", _QUOTED, Confidence.CLAIM))
    longest_delay_s: Sourced = field(default_factory=lambda: Sourced(300.0, "s", _QUOTED, Confidence.CLAIM))
    accuracy_weight: Sourced = field(default_factory=lambda: Sourced(1 / 3, "", _QUOTED, Confidence.CLAIM))
    delay_weight: Sourced = field(default_factory=lambda: Sourced(1 / 3, "", _QUOTED, Confidence.CLAIM))
    precision_weight: Sourced = field(default_factory=lambda: Sourced(1 / 3, "", _QUOTED, Confidence.CLAIM))
    mileage_ratio: Sourced = field(
        default_factory=lambda: _recalled(
            3.0, "", 2.0, 4.0, "mileage of the fast signal over that of the slow one; the market states it by hour"
        )
    )
    lowest_paid_score: Sourced = field(default_factory=lambda: _recalled(0.25, "share"))
    rolling: bool = False

    def figures(self) -> dict[str, Sourced]:
        """All figures by name."""
        return {name: one for name in self.__dataclass_fields__ if isinstance(one := getattr(self, name), Sourced)}


@dataclass(frozen=True)
class PjmScore:
    """The score of each hour, arrays (hours,); NaN in an hour without signal or without a sample of both.

    In a flat hour (signal that does not move) accuracy and delay are NaN and precision alone is the score.
    """

    accuracy: Floats
    delay: Floats
    precision: Floats
    score: Floats
    delay_s: Floats  # the delay that accuracy and delay score stand for; mean over the windows where they roll


@dataclass(frozen=True)
class PjmPay:
    """Income by hour (hours,), USD or whatever currency the prices are in."""

    capability: Floats
    performance: Floats

    @property
    def hourly(self) -> Floats:
        """Both parts."""
        return self.capability + self.performance

    @property
    def total(self) -> float:
        """The whole sum."""
        return float(self.hourly.sum())


def pjm_score(signal: Floats, response: Floats, step_s: float, rule: PjmRule | None = None) -> PjmScore:
    """Score `response` against `signal` (steps,), NaN where one is missing; the last hour may be a part of one.

    The response of the hour after is read for delays that reach into it. Accuracy and precision below 0 count as 0.
    """
    rule = rule or PjmRule()
    every = _samples_every(signal, response, step_s, rule)
    wanted, given = signal[::every], response[::every]
    per_hour, delays = round(3600.0 / rule.sample_s.value), round(rule.longest_delay_s.value / rule.sample_s.value)
    ahead = np.append(given, np.full(delays, np.nan))
    credit = np.abs(np.arange(delays + 1) - delays) / delays
    measured = np.array(
        [_correlation(wanted, ahead[k : k + wanted.size], per_hour, delays if rule.rolling else 0)
         for k in range(delays + 1)]
    )  # fmt: skip
    known = np.isfinite(measured)
    best = np.argmax(np.where(known, measured + credit[:, None], -np.inf), axis=0)
    accuracy = np.clip(np.take_along_axis(measured, best[None], 0)[0], 0.0, 1.0)
    delay, delay_s = np.where(accuracy > 0.0, credit[best], 0.0), best * rule.sample_s.value
    found = known.any(axis=0)
    if rule.rolling:
        hour = np.arange(wanted.size) // per_hour
        accuracy, delay, delay_s = (_mean_by(hour, one, found) for one in (accuracy, delay, delay_s))
    else:
        accuracy, delay, delay_s = (np.where(found, one, np.nan) for one in (accuracy, delay, delay_s))
    precision = _precision(wanted, given, per_hour)
    weights = rule.accuracy_weight.value, rule.delay_weight.value, rule.precision_weight.value
    whole = weights[0] * accuracy + weights[1] * delay + weights[2] * precision
    return PjmScore(accuracy, delay, precision, np.where(np.isfinite(accuracy), whole, precision), delay_s)


def pjm_pay(
    score: Floats,
    capacity_mw: float | Floats,
    capability_price_per_mw: Floats,
    performance_price_per_mw: Floats,
    rule: PjmRule | None = None,
    mileage_ratio: Floats | None = None,
) -> PjmPay:
    """Income of each hour (hours,); `mileage_ratio` (hours,) as the market stated it, else the rule's.

    Hours below the lowest paid score, and hours without a score, earn nothing.
    """
    rule = rule or PjmRule()
    faults, hours = Faults(), score.size
    for name, values in (("capability_price_per_mw", capability_price_per_mw),
                         ("performance_price_per_mw", performance_price_per_mw),
                         ("mileage_ratio", mileage_ratio)):  # fmt: skip
        if values is not None and np.shape(values) != (hours,):
            faults.add(name, "has a wrong shape", np.shape(values), f"({hours},)", "One value per scored hour.")
        elif values is not None and not np.isfinite(values).all():
            faults.add(name, "has no value in some hours", int(np.argmin(np.isfinite(values))), "finite numbers")
    faults.raise_if_any()
    counted = np.where(np.nan_to_num(score) >= rule.lowest_paid_score.value, np.nan_to_num(score), 0.0)
    ratio = np.full(hours, rule.mileage_ratio.value) if mileage_ratio is None else mileage_ratio
    sold = counted * capacity_mw
    return PjmPay(sold * capability_price_per_mw, sold * ratio * performance_price_per_mw)


def _samples_every(signal: Floats, response: Floats, step_s: float, rule: PjmRule) -> int:
    """Steps between samples; InputError for series that cannot be scored."""
    faults = Faults()
    if signal.shape != response.shape or signal.ndim != 1 or not signal.size:
        faults.add("response", "does not match the signal", response.shape, f"{signal.shape}, at least one step")
    every = rule.sample_s.value / step_s if step_s > 0 else 0.0
    if every < 1 or abs(every - round(every)) > 1e-9:
        allowed = f"{rule.sample_s.value:g} s over a whole number"
        faults.add("step_s", "does not divide the sample time", step_s, allowed)
    faults.raise_if_any()
    return round(every)


def _by_hour(values: Floats, per_hour: int) -> Floats:
    """Sums over each hour, the last one as far as it goes (hours,)."""
    return np.asarray(np.add.reduceat(values, np.arange(0, values.size, per_hour)))


def _mean_by(hour: Ints, values: Floats, found: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    count = np.bincount(hour, weights=found.astype(float))
    total = np.bincount(hour, weights=np.where(found, values, 0.0))
    return np.where(count > 0, total / np.maximum(count, 1.0), np.nan)


def _correlation(wanted: Floats, given: Floats, per_hour: int, window: int) -> Floats:
    """Correlation over each hour (hours,), or over the `window` samples from each sample on (samples,); NaN if none."""
    both = np.isfinite(wanted) & np.isfinite(given)
    s, r = np.where(both, wanted, 0.0), np.where(both, given, 0.0)
    parts = (both.astype(float), s, r, s * s, r * r, s * r)
    if window:
        ends = np.minimum(np.arange(s.size) + window, s.size)
        sums = [np.append(0.0, np.cumsum(one)) for one in parts]
        n, s1, r1, ss, rr, sr = (one[ends] - one[:-1] for one in sums)
    else:
        n, s1, r1, ss, rr, sr = (_by_hour(one, per_hour) for one in parts)
    n = np.maximum(n, 1.0)
    spread_s, spread_r = ss / n - (s1 / n) ** 2, rr / n - (r1 / n) ** 2
    moving = (spread_s > FLAT) & (n > 2)
    together = sr / n - s1 * r1 / n**2
    root = np.sqrt(np.where(moving & (spread_r > FLAT), spread_s * spread_r, 1.0))
    return np.where(moving, np.where(spread_r > FLAT, together / root, 0.0), np.nan)


def _precision(wanted: Floats, given: Floats, per_hour: int) -> Floats:
    both = np.isfinite(wanted) & np.isfinite(given)
    error = _by_hour(np.where(both, np.abs(np.where(both, given - wanted, 0.0)), 0.0), per_hour)
    size = _by_hour(np.where(both, np.abs(np.where(both, wanted, 0.0)), 0.0), per_hour)
    return np.where(size > 0, np.clip(1.0 - error / np.where(size > 0, size, 1.0), 0.0, 1.0), np.nan)
