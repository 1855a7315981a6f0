"""The stretch of steps in which a program fails, so that a year's conflict is looked for in its hours alone."""

from __future__ import annotations

import time
from dataclasses import fields, is_dataclass, replace
from typing import Any

import highspy
import numpy as np

from perdure.dispatch.program.arrays import Numbers, highs_model, solver
from perdure.dispatch.program.fill import fill
from perdure.dispatch.program.layout import Layout, lay_out
from perdure.dispatch.program.terms import ProgramTerms

FIRST = 96
"""Steps of the first window tried."""
SERIES = frozenset(
    {
        "net_kw", "buy_per_kwh", "sell_per_kwh", "season", "step_h", "import_limit_kw", "export_limit_kw",
        "curtailable_kw", "price_per_kw", "least_kw", "most_kw", "block", "power_kw", "tolerance_kw",
        "over_price_per_kwh", "under_price_per_kwh", "group", "least_kwh", "discharge_per_kwh", "charge_per_kwh",
    }
)  # fmt: skip
"""Fields of the terms that may hold one value per step."""

Window = tuple[ProgramTerms, Layout, Numbers]


def failing_window(terms: ProgramTerms, until: float) -> tuple[int, Window] | None:
    """First step and program of the shortest window found that fails on its own; None where the whole is feasible."""
    last = _failing_end(terms, until)
    if last is None:
        return None
    length = FIRST
    while length < last and time.perf_counter() < until:
        window = _window(terms, last - length, last)
        if not _feasible(window, until):
            return last - length, window
        length *= 2
    return 0, _window(terms, 0, last)


def _failing_end(terms: ProgramTerms, until: float) -> int | None:
    """The least number of steps from the start that no schedule gets through."""
    passed, failed = 0, min(FIRST, terms.steps)
    while _feasible(_window(terms, 0, failed), until):
        if failed == terms.steps or time.perf_counter() >= until:
            return None
        passed, failed = failed, min(2 * failed, terms.steps)
    while failed - passed > 1 and time.perf_counter() < until:
        middle = (passed + failed) // 2
        if _feasible(_window(terms, 0, middle), until):
            passed = middle
        else:
            failed = middle
    return failed


def _window(terms: ProgramTerms, first: int, last: int) -> Window:
    """The program of some steps; one that begins later may begin with any energy within the limits."""
    part = _sliced(terms, slice(first, last))
    ends = {} if last == terms.steps else {"least_end_kwh": -np.inf}
    none = {"end_value": np.zeros(0), "end_length_kwh": np.zeros(0)}
    stores = tuple(replace(store, **none, **ends) for store in part.stores)
    if first > 0:
        stores = tuple(replace(store, start_kwh=float(store.high_kwh[store.season[0]])) for store in stores)
        part = replace(part, ramps=tuple(replace(ramp, before_kw=np.nan) for ramp in part.ramps))
    part = replace(part, stores=stores)
    layout = lay_out(part)
    numbers = fill(layout, part)
    if first > 0:
        for place, store in zip(layout.stores, part.stores, strict=True):
            numbers.lower[place.energy[0]] = store.low_kwh[store.season[0]]
    return part, layout, numbers


def _sliced(thing: Any, part: slice) -> Any:
    """The same terms over a part of the steps."""
    changes = {}
    for one in fields(thing):
        value = getattr(thing, one.name)
        if isinstance(value, tuple) and value and is_dataclass(value[0]):
            changes[one.name] = tuple(_sliced(item, part) for item in value)
        elif one.name in SERIES and np.ndim(value) == 1:
            changes[one.name] = value[part]
    return replace(thing, **changes)


def _feasible(window: Window, until: float) -> bool:
    _, layout, numbers = window
    free = replace(numbers, cost=np.zeros(numbers.cost.size))
    highs = solver(max(until - time.perf_counter(), 0.01))
    highs.passModel(highs_model(layout.arrays, free))
    highs.run()
    return bool(highs.getModelStatus() != highspy.HighsModelStatus.kInfeasible)
