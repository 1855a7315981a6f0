"""How long a store carries a critical load through an outage: every start at once, by length and by clock hour."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perdure.timeline import Floats, Ints

_ROUNDING = 1e-9  # share of the energy at stake that summing may lose


@dataclass(frozen=True)
class Survival:
    """What each start of an outage would have come to.

    `lasts_h` (steps,): how long the critical load is served from that start on, at most to the series' end;
    `survived` (lengths, steps): whether it is served for the whole length; `counted` (lengths, steps): false where the
    series ends before the outage does, which counts neither way.
    """

    lengths_h: tuple[float, ...]
    lasts_h: Floats
    survived: NDArray[np.bool_]
    counted: NDArray[np.bool_]

    @property
    def share(self) -> Floats:
        """Share of starts survived, per length (lengths,); NaN where no start counts."""
        return _share(self.survived, self.counted)

    def within(self, steps: NDArray[np.bool_]) -> Floats:
        """The same for starts in some steps (steps,) only (lengths,)."""
        return _share(self.survived[:, steps], self.counted[:, steps])


def _share(survived: NDArray[np.bool_], counted: NDArray[np.bool_]) -> Floats:
    count = counted.sum(axis=1).astype(np.float64)
    return np.asarray((survived & counted).sum(axis=1) / np.where(count > 0, count, np.nan))


def survival(
    stored_kwh: Floats,
    critical_kw: Floats,
    generation_kw: Floats,
    discharge_kw: float,
    step_h: float,
    discharge_share: float,
    lengths_h: tuple[float, ...],
) -> Survival:
    """Outages that begin at each step, with what is stored there (steps,), for every length at once.

    In a step the store gives what generation leaves of the critical load, max(critical - generation, 0), and takes that
    over `discharge_share` from its energy; it fails where that is above `discharge_kw` or more than is left. Surplus
    generation is not stored during an outage, so the figures err on the safe side. Lengths count in whole steps,
    rounded up.
    """
    steps = len(stored_kwh)
    need_kw = np.maximum(critical_kw - generation_kw, 0.0)
    drawn = np.concatenate([[0.0], np.cumsum(need_kw * step_h / discharge_share)])
    slack = _ROUNDING * (drawn[-1] + stored_kwh)
    # the last mark whose drawn energy still fits in what the start has
    reach = np.searchsorted(drawn, drawn[:-1] + stored_kwh + slack, side="right") - 1
    lasts = np.minimum(reach, _next_overload(need_kw > discharge_kw * (1 + _ROUNDING))) - np.arange(steps)
    counts = np.array([math.ceil(length / step_h - _ROUNDING) for length in lengths_h], dtype=np.int64)
    starts = np.arange(steps)
    return Survival(
        tuple(lengths_h),
        lasts * step_h,
        np.asarray(lasts[None, :] >= counts[:, None]),
        np.asarray(starts[None, :] + counts[:, None] <= steps),
    )


def needed_kwh(need_kw: Floats, step_h: float, discharge_share: float, hours: float) -> Floats:
    """Stored energy that serves `need_kw` for the next `hours` from each step on (steps,); nothing past the end."""
    ahead = math.ceil(hours / step_h - _ROUNDING)
    drawn = np.concatenate([[0.0], np.cumsum(need_kw * step_h / discharge_share)])
    last = np.minimum(np.arange(len(need_kw)) + ahead, len(need_kw))
    return np.asarray(drawn[last] - drawn[:-1])


def _next_overload(over: NDArray[np.bool_]) -> Ints:
    """Index of the first overloaded step at or after each step, the count of steps where there is none (steps,)."""
    marks = np.where(over, np.arange(len(over)), len(over))
    return np.asarray(np.minimum.accumulate(marks[::-1])[::-1], dtype=np.int64)
