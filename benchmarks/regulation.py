"""Regulation replay: one day of a fast signal at 2 s on the simulated plant, followed, scored and paid.

Run as a program: `python regulation.py [--quick]` prints the rows of this phase alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from measure import Row, say, seconds_of, table

TARGET_S = 0.3
STORES = ("nickel_hydrogen", "lfp")


def signal_of_a_day() -> np.ndarray:
    """43,200 values at 2 s that look like a fast regulation signal: swings of minutes under noise of seconds."""
    random = np.random.default_rng(20)
    swing = np.zeros(43_200)
    for minutes, size in ((2.0, 0.25), (9.0, 0.25), (25.0, 0.15)):
        phase = np.cumsum(random.normal(2.0 / (60.0 * minutes), 0.004, swing.size)) * 2.0 * np.pi
        swing += size * np.sin(phase)
    return np.clip(swing + random.normal(0.0, 0.05, swing.size), -1.0, 1.0)


def rows(quick: bool) -> list[Row]:
    """Replay alone, then with score and pay; for information the exact cell and droop."""
    from perdure.market.regulation.droop import DroopRule
    from perdure.simulate.primary_frequency import replay_frequency
    from perdure.simulate.regulation import Provider, replay
    from perdure.simulate.regulation_exact import exact_cell
    from perdure.site.plant import Plant
    from perdure.technology.technology import TECHNOLOGIES

    signal, rounds = signal_of_a_day(), 5 if quick else 20
    frequency = 50.0 + 0.06 * signal
    provider = Provider(900.0, bias_band_kw=100.0)
    found: list[Row] = []
    for name in STORES:
        plant = Plant(name, TECHNOLOGIES.find(name), 2000.0, 1000.0)
        day = _median(lambda plant=plant: replay(plant, provider, signal, 2.0), rounds)
        found.append(_row(f"{name}, a day at 2 s (43,200 steps), followed", *day))
        paid = _median(lambda plant=plant: _followed_and_paid(plant, provider, signal), rounds)
        found.append(_row(f"{name}, the same with score and pay", *paid))
        answered = _median(lambda plant=plant: replay_frequency(plant, frequency, 2.0, DroopRule()), rounds)
        found.append(_row(f"{name}, a day of frequency at 2 s, droop", *answered, target=False))
    plant = Plant("nickel_hydrogen", TECHNOLOGIES.find("nickel_hydrogen"), 2000.0, 1000.0)
    walked = replay(plant, provider, signal, 2.0)
    found.append(_row("nickel_hydrogen, exact cell over the same day", *_median(lambda: exact_cell(walked), rounds),
                      target=False))  # fmt: skip
    return found


def _followed_and_paid(plant: Any, provider: Any, signal: np.ndarray) -> float:
    from perdure.market.regulation.pjm import pjm_pay
    from perdure.simulate.regulation import replay

    done = replay(plant, provider, signal, 2.0)
    return pjm_pay(done.pjm_score().score, 0.9, np.full(24, 40.0), np.full(24, 5.0)).total


def _median(work: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Median and worst seconds after one call that compiles and fills tables."""
    work()
    took = [seconds_of(work)[0] for _ in range(rounds)]
    return float(np.median(took)), max(took)


def _row(what: str, median: float, worst: float, target: bool = True) -> Row:
    say(f"  {what}: {1000 * median:.0f} ms, worst {1000 * worst:.0f} ms")
    figure = f"{1000 * median:.0f} ms"
    if not target:
        return Row("regulation replay", what, "–", figure, note="for information")
    ratio = TARGET_S / median
    return Row(
        "regulation replay", what, f"{1000 * TARGET_S:.0f} ms", f"{figure}, {ratio:.1f} x", ">= 1 x", ratio >= 1.0
    )


if __name__ == "__main__":
    print(table(rows("--quick" in sys.argv)))
