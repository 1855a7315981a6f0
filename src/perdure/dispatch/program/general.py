"""The general program: built once, solved again and again with other numbers, integers only where it would cheat."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np

from perdure.dispatch.program.arrays import Numbers, highs_model, solver
from perdure.dispatch.program.checks import check, same_structure
from perdure.dispatch.program.conflict import Conflict, find_conflict
from perdure.dispatch.program.fill import constant, fill, refill
from perdure.dispatch.program.honest import Binaries, Places, cheats, everywhere, honest_bounds, suspects
from perdure.dispatch.program.layout import Layout, Pick, lay_out, moved
from perdure.dispatch.program.solution import GeneralSolution
from perdure.dispatch.program.terms import ProgramTerms
from perdure.timeline import Floats, Ints

GAP = 1e-6
"""Relative gap at which a mixed-integer solve counts as optimal."""
SAME = 1e-9
"""Relative: an honest schedule this close to the relaxation's cost is optimal."""
ROUNDS = 30


@dataclass(frozen=True, slots=True)
class Unsolved:
    """HiGHS ended without a schedule: 'infeasible', 'time_limit' or its own word."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Rounded:
    """Bounds that hold every choice, what the schedule within them costs, and how far that may be from the least."""

    numbers: Numbers
    cost: float
    gap: float


def _apart(cost: float, bound: float) -> float:
    """Relative distance of a cost to its lower bound."""
    return max(cost - bound, 0.0) / max(abs(cost), 1e-9)


class GeneralProgram:
    """One program over all steps. `update` changes costs, bounds and right-hand sides; `solve` starts warm."""

    def __init__(self, terms: ProgramTerms, layout: Layout, time_limit_s: float, method: str):
        self.terms, self.layout = terms, layout
        self.time_limit_s, self.gap, self._until = time_limit_s, GAP, np.inf
        self._base = fill(layout, terms)
        self._in_solver = self._base
        self._highs = solver(time_limit_s, method)
        self._highs.passModel(highs_model(layout.arrays, self._base))
        self._columns = np.arange(layout.arrays.columns, dtype=np.int32)
        self._rows = np.arange(layout.arrays.rows, dtype=np.int32)
        self._has_schedule = False
        self._moves: dict[int, tuple[Pick, Pick]] = {}

    @classmethod
    def build(
        cls, terms: ProgramTerms, time_limit_s: float = 600.0, method: str = "choose", gap: float = GAP
    ) -> GeneralProgram:
        """Lay out the arrays. `method`: HiGHS' word for its way to solve ('choose', 'simplex', 'ipm', ...).

        `gap`: relative, at which a search among on/off choices ends; `time_limit_s`: when it takes the best so far.

        Raises InputError with everything in the terms that does not fit.
        """
        check(terms)
        program = cls(terms, lay_out(terms), time_limit_s, method)
        program.gap = gap
        return program

    def model(self) -> highspy.HighsLp:
        """The linear program as HiGHS takes it."""
        return highs_model(self.layout.arrays, self._base)

    def update(
        self,
        *,
        start_kwh: Mapping[str, float] | None = None,
        floors: tuple[Floats, ...] | None = None,
        **changes: Any,
    ) -> None:
        """Other numbers for the next solve: any field of ProgramTerms whose coefficients stay what they are.

        `start_kwh`: stored energy at the start by store; `floors`: of every demand charge, such as peaks so far.
        Raises InputError where a change would need other coefficients (another conversion, group or step).
        """
        terms = replace(self.terms, **changes)
        if start_kwh is not None:
            stores = terms.stores
            terms = replace(
                terms, stores=tuple(replace(s, start_kwh=float(start_kwh.get(s.name, s.start_kwh))) for s in stores)
            )
        if floors is not None:
            pairs = zip(terms.peaks, floors, strict=True)
            terms = replace(terms, peaks=tuple(replace(peak, floors=floor) for peak, floor in pairs))
        if changes.keys() <= PLAIN:
            self._base = refill(self.layout, terms, self._base)
        else:
            check(terms)
            same_structure(self.terms, terms)
            self._base = fill(self.layout, terms)
        self.terms, self._has_schedule = terms, False

    def shift(self, steps: int = 1) -> None:
        """The next solve looks at a horizon that begins `steps` later: let it start from the same plan, moved."""
        if steps not in self._moves:
            self._moves[steps] = moved(self.layout, self.terms.steps, steps)
        columns, rows = self._moves[steps]
        basis = self._highs.getBasis()
        if basis.valid:
            basis.col_status, basis.row_status = columns(basis.col_status), rows(basis.row_status)
            self._highs.setBasis(basis)

    def solve(self) -> GeneralSolution | Unsolved:
        """The cheapest schedule, or why there is none."""
        answer = self._solved()
        self._has_schedule = isinstance(answer, GeneralSolution)
        return answer

    def _solved(self) -> GeneralSolution | Unsolved:
        self._until = time.perf_counter() + self.time_limit_s
        failed = self._run(self._base)
        if failed is not None:
            return Unsolved(failed)
        x, relaxed = self._x(), self._highs.getInfo().objective_function_value
        found = cheats(self.layout, self.terms, self._base, x)
        if not found.any:
            return self._read(x, 0.0, False)
        if not any(found.stores[k].any() for k, one in enumerate(self.terms.stores) if one.has_least_load):
            honest = self._as_cheap(x, found, relaxed)
            if honest is not None:
                return self._read(honest, 0.0, False)
        return self._whole(found, x, relaxed)

    def conflict(self, time_limit_s: float = 60.0) -> Conflict | None:
        """The smallest set of limits that cannot be kept together, when `solve` found no schedule."""
        if self._has_schedule:
            return None
        return find_conflict(self.layout, self.terms, self._base, time_limit_s)

    def _as_cheap(self, x: Floats, found: Places, target: float) -> Floats | None:
        """An honest solution that costs no more than `target`, if bounds alone give one."""
        for _ in range(ROUNDS):
            if self._run(honest_bounds(self.layout, self.terms, self._base, x, found)) is not None:
                return None
            if self._highs.getInfo().objective_function_value - target > SAME * (1.0 + abs(target)):
                return None
            x = self._x()
            more = cheats(self.layout, self.terms, self._base, x)
            if not more.any:
                return x
            found = found | more
        return None

    def _whole(self, found: Places, x: Floats, relaxed: float) -> GeneralSolution | Unsolved:
        """With binaries where it cheated, and where prices tempt it to; again while it cheats elsewhere.

        The relaxation `x` rounded to honest choices is taken where it is close enough, or the search finds no better.
        """
        at = found | suspects(self.layout, self.terms)
        rounded = self._rounded(x, at, relaxed)
        if rounded is not None and rounded.gap <= self.gap:
            return self._taken(rounded)
        for left in range(ROUNDS - 1, -1, -1):
            if left == 0:
                at = everywhere(self.terms)
            answer = self._choose(at)
            if isinstance(answer, Unsolved):
                return answer if rounded is None or answer.reason != "time_limit" else self._taken(rounded)
            chosen, gap = answer
            failed = self._run(honest_bounds(self.layout, self.terms, self._base, chosen, at), last=True)
            if failed is not None:
                return Unsolved(failed)
            x, cost = self._x(), self._highs.getInfo().objective_function_value
            more = cheats(self.layout, self.terms, self._base, x)
            if not more.any:
                if rounded is not None and rounded.cost < cost:
                    bound = cost - gap * abs(cost)
                    return self._taken(replace(rounded, gap=min(rounded.gap, _apart(rounded.cost, bound))))
                return self._read(x, gap, True)
            honest = self._as_cheap(np.where(np.isfinite(x), x, 0.0), at | more, cost)
            if honest is not None:
                return self._read(honest, gap, True)
            at = at | more
        return Unsolved("round limit")

    def _rounded(self, x: Floats, at: Places, relaxed: float) -> _Rounded | None:
        """What the relaxation comes to with each choice as it nets out; None where that is no schedule."""
        numbers = honest_bounds(self.layout, self.terms, self._base, x, at)
        if self._run(numbers) is not None:
            return None
        if cheats(self.layout, self.terms, self._base, self._x()).any:
            return None
        cost = self._highs.getInfo().objective_function_value
        return _Rounded(numbers, cost, _apart(cost, relaxed))

    def _taken(self, rounded: _Rounded) -> GeneralSolution | Unsolved:
        failed = self._run(rounded.numbers, last=True)
        return Unsolved(failed) if failed is not None else self._read(self._x(), rounded.gap, True)

    def _choose(self, at: Places) -> tuple[Floats, float] | Unsolved:
        """One mixed-integer solve: the columns of the linear program, and the gap left."""
        with_choices = Binaries(self.layout, self.terms, self._base, at)
        highs = solver(max(self._until - time.perf_counter(), 0.01))
        highs.setOptionValue("mip_rel_gap", self.gap)
        highs.setOptionValue("mip_feasibility_tolerance", 1e-9)
        highs.passModel(highs_model(with_choices.arrays, with_choices.numbers, with_choices.integers))
        highs.run()
        status, gap = highs.getModelStatus(), float(highs.getInfo().mip_gap)
        if status != highspy.HighsModelStatus.kOptimal:
            timed_out = status == highspy.HighsModelStatus.kTimeLimit
            if not (timed_out and np.isfinite(gap)):
                return Unsolved("time_limit" if timed_out else highs.modelStatusToString(status).lower())
        return np.array(highs.getSolution().col_value)[: self.layout.arrays.columns], gap

    def _run(self, numbers: Numbers, last: bool = False) -> str | None:
        """Solve the linear program at `numbers`; what went wrong, if anything.

        It ends with the time of the whole solve; the `last` one, which only fills in an answer, gets half of it anew.
        """
        self._push(numbers)
        left = max(self._until - time.perf_counter(), 0.5 * self.time_limit_s if last else 0.01)
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + left)  # HiGHS counts all runs together
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            self._once_warm()
            return None
        timed_out = status == highspy.HighsModelStatus.kTimeLimit
        return "time_limit" if timed_out else str(self._highs.modelStatusToString(status)).lower()

    def _once_warm(self) -> None:
        """From a basis close by, shaken costs and steepest-edge weights cost more than they save."""
        self._highs.setOptionValue("dual_simplex_cost_perturbation_multiplier", 0.0)
        self._highs.setOptionValue("simplex_dual_edge_weight_strategy", 1)

    def _push(self, numbers: Numbers) -> None:
        """Hand HiGHS what differs from what it holds."""
        old, highs = self._in_solver, self._highs
        at = self._columns[numbers.cost != old.cost]
        if at.size:
            highs.changeColsCost(at.size, at, numbers.cost[at])
        at = self._columns[(numbers.lower != old.lower) | (numbers.upper != old.upper)]
        if at.size:
            highs.changeColsBounds(at.size, at, numbers.lower[at], numbers.upper[at])
        at = self._rows[(numbers.row_lower != old.row_lower) | (numbers.row_upper != old.row_upper)]
        if at.size:
            _change_rows(highs, at, numbers.row_lower[at], numbers.row_upper[at])
        self._in_solver = numbers

    def _x(self) -> Floats:
        return np.array(self._highs.getSolution().col_value)

    def _read(self, x: Floats, gap: float, whole: bool) -> GeneralSolution:
        info = self._highs.getInfo()
        return GeneralSolution(
            self.terms, self.layout, self._base, x, self._highs.getSolution(),
            info.objective_function_value + constant(self.terms), gap, whole, int(info.simplex_iteration_count),
        )  # fmt: skip


def _change_rows(highs: Any, at: Ints, lower: Floats, upper: Floats) -> None:
    """All rows in one call, where this HiGHS has it."""
    if hasattr(highs, "changeRowsBounds"):
        highs.changeRowsBounds(at.size, at, lower, upper)
        return
    for row, low, high in zip(at.tolist(), lower.tolist(), upper.tolist(), strict=True):
        highs.changeRowBounds(row, low, high)


PLAIN = frozenset({"net_kw", "buy_per_kwh", "sell_per_kwh", "import_limit_kw", "export_limit_kw", "curtailable_kw"})
"""Fields that touch no coefficient."""
