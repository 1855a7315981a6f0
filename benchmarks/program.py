"""Replanning by the general program: warm, against the same program built anew and solved cold each time."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
from measure import Row, say, seconds_of

from perdure.dispatch.program import (
    GeneralProgram,
    GeneralSolution,
    PeakTerms,
    ProgramTerms,
    ReserveTerms,
    StoreTerms,
)

PHASE = "replan, general program"
STEP_H = 0.25
PAIR_MS, FLEET_MS = 20.0, 3.0
Turn = Callable[[GeneralProgram, ProgramTerms, np.random.Generator, int], None]


def rows(quick: bool) -> list[Row]:
    """Two stores over two days moving on by a step; twelve over one day with a few loads changed. One core."""
    rounds = 10 if quick else 60
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if cores:
        os.sched_setaffinity(0, {min(cores)})
    try:
        return [
            _row("2 stores, 192 steps, moved on a step", site(2, 192), moved_on, rounds, PAIR_MS),
            _row(
                "2 stores, 192 steps, reserve, moved on a step", site(2, 192, reserve=True), moved_on, rounds, PAIR_MS
            ),
            _row("12 stores, 96 steps, 8 loads changed", site(12, 96), few_loads, rounds, FLEET_MS),
        ]
    finally:
        if cores:
            os.sched_setaffinity(0, cores)


def site(stores: int, steps: int, reserve: bool = False) -> ProgramTerms:
    """A made-up site: a load wave with noise, three prices, a demand charge, stores of different sizes."""
    rng, hour = np.random.default_rng(0), np.arange(steps) * STEP_H % 24
    buy = np.where(hour < 6, 0.30, np.where(hour < 14, 0.60, 0.95)) + rng.normal(0.0, 0.02, steps)
    return ProgramTerms(
        STEP_H,
        150.0 + 100.0 * np.sin((hour - 8.0) / 12.0 * np.pi) + rng.normal(0.0, 20.0, steps),
        buy,
        0.4 * buy,
        tuple(_store(k, stores, steps) for k in range(stores)),
        import_limit_kw=400.0,
        export_limit_kw=200.0,
        reserves=(ReserveTerms("primary", "symmetric", 0.25, np.full(steps, 0.01 * STEP_H)),) if reserve else (),
        peaks=(PeakTerms(np.zeros(steps, np.int64), np.array([5.0]), np.array([180.0])),),
    )


def _store(k: int, stores: int, steps: int) -> StoreTerms:
    power = 200.0 * (1.0 + 0.2 * k) / stores
    size = power * (2 + k % 3)
    ac = np.array([[-1.0, -0.5, 0.0, 0.5, 1.0]]) * power
    stored = ac - 0.03 * (1.0 + 0.1 * k) * np.abs(ac) - 0.03 * ac**2 / power
    return StoreTerms(
        f"store {k}", np.zeros(steps, np.int64), ac, stored, np.array([0.9999]), np.zeros(1), np.array([0.05 * size]),
        np.array([0.95 * size]), 0.5 * size, 0.01, np.array([0.3]), np.array([0.9 * size]),
    )  # fmt: skip


def _starts(terms: ProgramTerms, rng: np.random.Generator) -> dict[str, float]:
    return {store.name: store.start_kwh * (1.0 + rng.normal(0.0, 0.02)) for store in terms.stores}


def moved_on(program: GeneralProgram, terms: ProgramTerms, rng: np.random.Generator, turn: int) -> None:
    """The horizon begins a step later; every load is forecast anew."""
    program.shift()
    net = np.roll(terms.net_kw, -turn) + rng.normal(0.0, 5.0, terms.steps)
    buy = np.roll(terms.buy_per_kwh, -turn)
    program.update(net_kw=net, buy_per_kwh=buy, sell_per_kwh=0.4 * buy, start_kwh=_starts(terms, rng))


def few_loads(program: GeneralProgram, terms: ProgramTerms, rng: np.random.Generator, turn: int) -> None:
    """The next two hours' load and what is stored turn out a little different."""
    net = terms.net_kw.copy()
    net[:8] += rng.normal(0.0, 5.0, 8)
    program.update(net_kw=net, start_kwh=_starts(terms, rng))


def _row(what: str, terms: ProgramTerms, change: Turn, rounds: int, most_ms: float) -> Row:
    warm, rng = GeneralProgram.build(terms), np.random.default_rng(5)
    warm.solve()
    seconds, cold, apart = [], [], 0.0
    for turn in range(1, rounds + 1):
        change_s, _ = seconds_of(lambda turn=turn: change(warm, terms, rng, turn))
        solve_s, answer = seconds_of(warm.solve)
        anew_s, anew = seconds_of(lambda: GeneralProgram.build(warm.terms).solve())
        assert isinstance(answer, GeneralSolution)
        assert isinstance(anew, GeneralSolution)
        seconds.append(change_s + solve_s)
        cold.append(anew_s)
        apart = max(apart, abs(answer.objective - anew.objective) / abs(anew.objective))
    ms, ratio = 1e3 * float(np.median(seconds)), float(np.median(np.array(cold) / np.array(seconds)))
    say(f"  {what}: {ms:.2f} ms warm, {1e3 * float(np.median(cold)):.1f} ms cold")
    note = f"{ratio:.1f} x faster than built and solved anew; objectives {apart:.0e} apart"
    return Row(PHASE, what, "itself, cold", f"{ms:.1f} ms", f"<= {most_ms:g} ms", ms <= most_ms, note)
