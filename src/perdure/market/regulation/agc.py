"""How a plant answered the set points of automatic generation control: one row per set point.

Series are samples at i x step_s, in kW, charging positive. A set point counts where it asks for more than the dead zone
from the power the plant had; where the dead zones around the two touch, no rate can be read. Times are read between
samples by straight lines.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from perdure.errors import Faults
from perdure.timeline import Floats, Ints


@dataclass(frozen=True)
class Answers:
    """One row per set point answered, arrays (answers,). Shares are of rated power."""

    start_s: Floats
    from_kw: Floats
    to_kw: Floats
    delay_s: Floats  # until it left the dead zone around `from_kw` toward `to_kw`; to the next set point if never
    rate_per_min: Floats  # from there until it entered the dead zone around `to_kw`, or as far as it came; may be NaN
    deviation_share: Floats  # mean |power - set point| from there to the next set point; the last one if never reached
    mileage_kw: Floats  # |power at the end - power at the start|
    reached: NDArray[np.bool_]

    def __len__(self) -> int:
        return int(self.start_s.size)


def mileage(values: Floats) -> float:
    """Sum of |changes| of a series (steps,), in its unit; gaps (NaN) are passed over."""
    return float(np.abs(np.diff(values[np.isfinite(values)])).sum())


def answers(
    ordered_kw: Floats, delivered_kw: Floats, step_s: float, rated_kw: float, dead_zone_share: float
) -> Answers:
    """Read how `delivered_kw` answered the set points held in `ordered_kw` (both (steps,))."""
    _check(ordered_kw, delivered_kw, step_s, rated_kw, dead_zone_share)
    zone = dead_zone_share * rated_kw
    rows = []
    for first, last in _stretches(ordered_kw):
        begin = float(delivered_kw[first])
        target = float(ordered_kw[first])
        if abs(target - begin) > zone and last - first >= 2:
            rows.append(_one(delivered_kw[first:last], begin, target, first * step_s, step_s, rated_kw, zone))
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(fields(Answers))
    kinds = [bool if one.name == "reached" else float for one in fields(Answers)]
    return Answers(*(np.array(one, dtype=kind) for one, kind in zip(columns, kinds, strict=True)))


def _check(ordered: Floats, delivered: Floats, step_s: float, rated_kw: float, zone_share: float) -> None:
    faults = Faults()
    if ordered.shape != delivered.shape or ordered.ndim != 1:
        faults.add("delivered_kw", "does not match the set points", delivered.shape, str(ordered.shape))
    for name, value in (("step_s", step_s), ("rated_kw", rated_kw), ("dead_zone_share", zone_share)):
        if not value > 0:
            faults.add(name, "is out of range", value, "more than 0")
    for name, series in (("ordered_kw", ordered), ("delivered_kw", delivered)):
        if not np.isfinite(series).all():
            faults.add(name, "has gaps", int(np.argmin(np.isfinite(series))), "finite numbers",
                       "Hold the base point where the signal is missing.")  # fmt: skip
    faults.raise_if_any()


def _stretches(ordered: Floats) -> list[tuple[int, int]]:
    """First and one-past-last sample of every set point."""
    starts: Ints = np.flatnonzero(np.diff(ordered, prepend=np.inf) != 0.0)
    return list(zip(starts.tolist(), [*starts[1:].tolist(), ordered.size], strict=True))


def _one(
    power: Floats, begin: float, target: float, start_s: float, step_s: float, rated: float, zone: float
) -> tuple[float, float, float, float, float, float, float, bool]:
    """The row of one set point: progress toward it is positive."""
    way = 1.0 if target > begin else -1.0
    came = (power - begin) * way
    left, near = _passes(came, zone), _passes(came, max(abs(target - begin) - zone, zone))
    end = float(power.size - 1)
    gone = abs(float(power[-1]) - begin)
    if left is None:
        return start_s, begin, target, end * step_s, 0.0, abs(float(power[-1]) - target) / rated, gone, False
    stop, at_stop = (near, max(abs(target - begin) - zone, zone)) if near is not None else (end, float(came[-1]))
    minutes = max(stop - left, 1e-9) * step_s / 60.0
    rate = max(at_stop - zone, 0.0) / rated / minutes if abs(target - begin) > 2.0 * zone else np.nan
    settled = power[int(np.ceil(stop)) :] if near is not None else power[-1:]
    deviation = float(np.mean(np.abs(settled - target))) / rated
    return start_s, begin, target, left * step_s, rate, deviation, gone, near is not None


def _passes(came: Floats, level: float) -> float | None:
    """Sample (with its fraction) at which a series first reaches a level; None if it never does."""
    over = np.flatnonzero(came >= level)
    if not over.size:
        return None
    after = int(over[0])
    if after == 0:
        return 0.0
    before = float(came[after - 1])
    return after - 1 + (level - before) / (float(came[after]) - before)
