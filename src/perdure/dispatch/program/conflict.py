"""Why there is no schedule: the smallest set of named limits that cannot be kept together, when, and by how much.

Every limit is made elastic. The multipliers of the least total violation name a set that is already impossible; limits
are taken out of it one by one as long as it stays so. What is left is irreducible: loosen any one of them and the rest
can be kept.
"""

from __future__ import annotations

import time
from copy import copy
from dataclasses import dataclass, replace

import highspy
import numpy as np

from perdure.dispatch.program.arrays import Arrays, Numbers, highs_model, solver
from perdure.dispatch.program.honest import Binaries, Places
from perdure.dispatch.program.layout import Layout
from perdure.dispatch.program.limits import limit_bounds
from perdure.dispatch.program.terms import ProgramTerms
from perdure.dispatch.program.window import failing_window
from perdure.timeline import Floats, Ints

TOUCH = 1e-7
FREE = np.inf


@dataclass(frozen=True, slots=True)
class ConflictLimit:
    """One limit of the set: over which steps it takes part, and by how much it alone would have to give way."""

    name: str
    unit: str
    first_step: int
    last_step: int
    short_by: float

    def __str__(self) -> str:
        return f"{self.name} (short by {self.short_by:.4g} {self.unit})"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Limits that cannot all be kept; loosening one of them by what it is short of settles this conflict.

    `step`: the last step that takes part, where the schedule fails. Another conflict may lie behind this one.
    """

    limits: tuple[ConflictLimit, ...]
    step: int

    @property
    def names(self) -> frozenset[str]:
        """The names of the limits."""
        return frozenset(limit.name for limit in self.limits)

    def __str__(self) -> str:
        return " and ".join(str(limit) for limit in self.limits)


def find_conflict(layout: Layout, terms: ProgramTerms, numbers: Numbers, time_limit_s: float = 60.0) -> Conflict | None:
    """The conflict of an infeasible program; None where it is feasible or time ran out."""
    until = time.perf_counter() + time_limit_s
    found = failing_window(terms, until)
    if found is not None:
        first, (part, own, at) = found
        elastic = _Elastic(own.arrays, at, None, own, part, until)
        return _narrowed(elastic, first)
    # the on/off choices are what cannot be met
    everywhere = Places(np.ones((len(terms.stores), terms.steps), bool), np.ones(terms.steps, bool))
    choices = Binaries(layout, terms, numbers, everywhere)
    return _narrowed(_Elastic(choices.arrays, choices.numbers, choices.integers, layout, terms, until), 0)


def _narrowed(elastic: _Elastic, first: int) -> Conflict | None:
    violated = elastic.least_violation()
    found = None if violated is None or violated <= TOUCH else elastic.narrowed()
    if found is None or first == 0:
        return found
    moved = tuple(
        replace(one, first_step=one.first_step + first, last_step=one.last_step + first) for one in found.limits
    )
    return Conflict(moved, found.step + first)


class _Elastic:
    """The program with a violation column for every named limit in every step, and no other cost."""

    def __init__(
        self,
        arrays: Arrays,
        numbers: Numbers,
        integers: Ints | None,
        layout: Layout,
        terms: ProgramTerms,
        until: float,
    ):
        self.until = until
        self.arrays = copy(arrays)
        for name in ("row_index", "column_index", "values"):
            setattr(self.arrays, name, list(getattr(arrays, name)))
        self.whole = integers is not None
        self.bounds = [b for b in limit_bounds(layout, terms, numbers) if not b.name.startswith("least billed")]
        self._keys(terms.steps)
        self._lay_out(numbers)
        self.highs = solver(max(until - time.perf_counter(), 0.01))
        self.highs.passModel(highs_model(self.arrays, self.numbers, integers))

    def _keys(self, steps: int) -> None:
        """One violation column per limit and step; a limit may set several bounds in a step."""
        self.names = list(dict.fromkeys(bound.name for bound in self.bounds))
        units = {bound.name: bound.unit for bound in self.bounds}
        self.units = [units[name] for name in self.names]
        codes = [self.names.index(b.name) * (steps + 1) + b.step for b in self.bounds]
        found, inverse = np.unique(np.concatenate(codes), return_inverse=True)
        self.name_of, self.step_of = found // (steps + 1), found % (steps + 1)
        self.columns = self.arrays.add(found.size)
        self.key_of = np.split(inverse, np.cumsum([code.size for code in codes])[:-1])

    def _lay_out(self, numbers: Numbers) -> None:
        n = numbers.copy()
        lower, upper = [n.row_lower], [n.row_upper]
        self.rows: list[Ints] = []
        for bound, key in zip(self.bounds, self.key_of, strict=True):
            give = -bound.weight if bound.upper else bound.weight
            if bound.on_rows:
                self.arrays.put(bound.index, self.columns[key], give)
                self.rows.append(bound.index)
                continue
            at = (n.upper if bound.upper else n.lower)[bound.index].copy()
            self.rows.append(self.arrays.row(at.size, [(bound.index, 1.0), (self.columns[key], give)]))
            lower.append(np.full(at.size, -np.inf) if bound.upper else at)
            upper.append(at if bound.upper else np.full(at.size, np.inf))
            (n.upper if bound.upper else n.lower)[bound.index] = np.inf if bound.upper else -np.inf
        count = self.columns.size
        self.numbers = Numbers(
            np.concatenate([np.zeros(n.cost.size), np.ones(count)]),
            np.concatenate([n.lower, np.zeros(count)]),
            np.concatenate([n.upper, np.full(count, np.inf)]),
            np.concatenate(lower),
            np.concatenate(upper),
        )

    def _run(self) -> bool | None:
        """Whether a schedule exists; None when time is up."""
        left = self.until - time.perf_counter()
        if left <= 0:
            return None
        self.highs.setOptionValue("time_limit", self.highs.getRunTime() + left)
        self.highs.run()
        status = self.highs.getModelStatus()
        if status == highspy.HighsModelStatus.kTimeLimit:
            return None
        return bool(status == highspy.HighsModelStatus.kOptimal)

    def least_violation(self) -> float | None:
        """The least sum of violations; None without an answer."""
        if not self._run():
            return None
        return float(self.highs.getInfo().objective_function_value)

    def _support(self) -> Ints:
        """Violation columns whose limits carry a multiplier: already impossible together."""
        if self.whole:
            return np.arange(self.columns.size)
        dual = np.array(self.highs.getSolution().row_dual)
        found = np.zeros(self.columns.size, bool)
        for bound, rows, key in zip(self.bounds, self.rows, self.key_of, strict=True):
            push = -dual[rows] if bound.upper else dual[rows]
            found[key[push > TOUCH]] = True
        return np.flatnonzero(found)

    def _allow(self, keys: Ints, most: float) -> None:
        """Let these limits be violated by at most so much."""
        at = self.columns[keys].astype(np.int32)
        if at.size:
            self.highs.changeColsBounds(at.size, at, np.zeros(at.size), np.full(at.size, most))

    def narrowed(self) -> Conflict | None:
        """Take limits out while the rest stays impossible: whole limits first, then single steps."""
        inside = self._support()
        every = np.arange(self.columns.size)
        self.highs.changeColsCost(every.size, self.columns.astype(np.int32), np.zeros(every.size))
        self._allow(every, FREE)
        self._allow(inside, 0.0)
        batches = [inside[self.name_of[inside] == name] for name in np.unique(self.name_of[inside])]
        for one_by_one in (False, True):
            if one_by_one and self.whole:
                break
            for batch in [np.array([key]) for key in inside] if one_by_one else batches:
                self._allow(batch, FREE)
                feasible = self._run()
                if feasible is None:
                    return None
                if feasible:
                    self._allow(batch, 0.0)
                else:
                    inside = np.setdiff1d(inside, batch)
        return self._told(inside)

    def _told(self, inside: Ints) -> Conflict:
        limits = [self._short(inside, name) for name in np.unique(self.name_of[inside])]
        return Conflict(tuple(sorted(limits, key=lambda one: one.first_step)), int(self.step_of[inside].max()))

    def _short(self, inside: Ints, name: int) -> ConflictLimit:
        """By how much one limit would have to give way, in all its steps alike, the others being kept."""
        own = inside[self.name_of[inside] == name]
        none: Floats = np.zeros(0)
        highs, shared = self.highs, self.highs.getNumCol()
        highs.addCol(1.0, 0.0, highspy.kHighsInf, 0, none.astype(np.int32), none)
        for column in self.columns[own]:
            pair = np.array([column, shared], np.int32)
            highs.addRow(-highspy.kHighsInf, 0.0, 2, pair, np.array([1.0, -1.0]))
        self._allow(own, FREE)
        short = float(highs.getInfo().objective_function_value) if self._run() else float("nan")
        self._allow(own, 0.0)
        highs.changeColCost(shared, 0.0)
        steps = self.step_of[own]
        return ConflictLimit(self.names[name], self.units[name], int(steps.min()), int(steps.max()), short)
