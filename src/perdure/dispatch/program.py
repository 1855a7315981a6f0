"""The same dispatch as a linear (or mixed-integer) program for HiGHS: the independent check of the exact method, and
the path for what it does not cover: export paid above purchase, negative prices, overlapping demand charges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import highspy
import numpy as np

from perdure.dispatch.exact import Problem
from perdure.timeline import Floats, Ints

GAP = 1e-6
"""Relative gap at which a mixed-integer solve counts as optimal."""


@dataclass(frozen=True, slots=True)
class Solved:
    """What HiGHS found. `energy_kwh` (steps+1,), `ac_kw` (steps,), `worth` (steps,) the value of stored energy."""

    objective: float
    energy_kwh: Floats
    ac_kw: Floats
    worth: Floats
    caps: Floats
    gap: float


@dataclass(frozen=True, slots=True)
class Unsolved:
    """HiGHS ended without a schedule: 'infeasible', 'time_limit' or its own word."""

    reason: str


@dataclass(frozen=True, slots=True)
class PeakTerms:
    """A demand charge beside those of the problem: `group` (steps,), `rates` and `floors` (groups,)."""

    group: Ints
    rates: Floats
    floors: Floats


class _Columns:
    """Counts variables into named blocks and collects rows in triplets."""

    def __init__(self) -> None:
        self.size = 0
        self.rows = 0
        self.costs: list[Floats] = []
        self.lower: list[Floats] = []
        self.upper: list[Floats] = []
        self.row_index: list[Ints] = []
        self.column_index: list[Ints] = []
        self.values: list[Floats] = []
        self.row_lower: list[Floats] = []
        self.row_upper: list[Floats] = []

    def add(self, count: int, cost: object, lower: object, upper: object) -> Ints:
        index = np.arange(self.size, self.size + count)
        for target, value in ((self.costs, cost), (self.lower, lower), (self.upper, upper)):
            target.append(np.broadcast_to(np.asarray(value, float), count))
        self.size += count
        return index

    def row(self, count: int, terms: Sequence[tuple[Ints, float | Floats]], lower: object, upper: object) -> Ints:
        rows = np.arange(self.rows, self.rows + count)
        for columns, value in terms:
            self.row_index.append(rows)
            self.column_index.append(np.broadcast_to(columns, count))
            self.values.append(np.broadcast_to(np.asarray(value, float), count))
        self.row_lower.append(np.broadcast_to(np.asarray(lower, float), count))
        self.row_upper.append(np.broadcast_to(np.asarray(upper, float), count))
        self.rows += count
        return rows


def solve(
    problem: Problem,
    rates: Floats,
    floors: Floats | None = None,
    extra: tuple[PeakTerms, ...] = (),
    solver: str = "choose",
    time_limit_s: float = 600.0,
) -> Solved | Unsolved:
    """Minimise energy cost, wear and demand charges over all steps at once.

    `rates` (groups,) per kW of each group's highest import, at least `floors`; `extra` adds further demand charges.
    Where the prices make it pay to charge and discharge at once (or to import and export), binaries forbid it.
    """
    build = _Model(problem, rates, floors, extra)
    return build.solve(solver, time_limit_s)


class _Model:
    def __init__(self, p: Problem, rates: Floats, floors: Floats | None, extra: tuple[PeakTerms, ...]):
        self.p, self.columns = p, _Columns()
        steps, h = p.net_kw.size, p.step_h
        ac, stored = p.ac_nodes[p.season], p.store_nodes[p.season]  # (steps, J+1)
        zero = int(np.argmin(np.abs(p.ac_nodes[0])))
        pieces = ac.shape[1] - 1
        floor = np.maximum(ac[:, 0], np.minimum(0.0, -p.export_limit - p.net_kw))
        wear, c = 0.5 * p.wear, self.columns
        self.energy = c.add(steps + 1, 0.0, 0.0, 0.0)
        c.lower[0], c.upper[0] = self._energy_bounds()
        # AC power of each piece, charge pieces outward from 0 and discharge pieces likewise, both counted positive
        self.piece, ratio, sign = [], [], []
        for j in range(pieces):
            up = j >= zero
            span = np.abs(ac[:, j + 1] - ac[:, j])
            m = np.divide(stored[:, j + 1] - stored[:, j], ac[:, j + 1] - ac[:, j], out=np.ones(steps), where=span > 0)
            if not up:
                span = np.clip(np.abs(floor) - np.abs(ac[:, j + 1]), 0.0, span)
            self.piece.append(c.add(steps, wear * m * h, 0.0, span))
            ratio.append(m)
            sign.append(1.0 if up else -1.0)
        self.ratio, self.sign = ratio, np.array(sign)
        self.imported = c.add(steps, p.buy * h, 0.0, p.import_limit)
        self.exported = c.add(steps, -p.sell * h, 0.0, p.export_limit)
        self.curtailed = c.add(steps, 0.0, 0.0, np.maximum(-p.net_kw, 0.0) + np.maximum(ac[:, -1], 0))
        end = c.add(p.end_value.size, -p.end_value, 0.0, p.end_length)
        balance = [(self.imported, 1.0), (self.exported, -1.0), (self.curtailed, -1.0)]
        balance += [(piece, -s) for piece, s in zip(self.piece, sign, strict=True)]
        c.row(steps, balance, p.net_kw, p.net_kw)
        keep, drain = p.keep[p.season], p.drain_kwh[p.season]
        store: list[tuple[Ints, float | Floats]] = [(self.energy[1:], 1.0), (self.energy[:-1], -keep)]
        store += [(piece, -s * m * h) for piece, s, m in zip(self.piece, sign, ratio, strict=True)]
        self.store_rows = c.row(steps, store, -drain, -drain)
        low_end = p.low_kwh[p.season[-1]]
        row = c.row(1, [(self.energy[-1:], 1.0)], low_end, low_end)
        c.row_index.append(np.repeat(row, end.size))
        c.column_index.append(end)
        c.values.append(np.full(end.size, -1.0))
        self.caps = self._demand(p.group, rates, np.zeros(rates.size) if floors is None else floors)
        for terms in extra:
            self._demand(terms.group, terms.rates, terms.floors)
        self.integers = self._exclusive()

    def _energy_bounds(self) -> tuple[Floats, Floats]:
        p = self.p
        low = np.concatenate([[p.start_kwh], p.low_kwh[p.season]])
        high = np.concatenate([[p.start_kwh], p.high_kwh[p.season]])
        return low, high

    def _demand(self, group: Ints, rates: Floats, floors: Floats) -> Ints:
        caps = self.columns.add(rates.size, rates, floors, np.inf)
        capped = np.flatnonzero(group >= 0)
        terms = [(caps[group[capped]], 1.0), (self.imported[capped], -1.0)]
        self.columns.row(capped.size, terms, 0.0, np.inf)
        return caps

    def _exclusive(self) -> list[Ints]:
        """Binaries where the relaxation would cheat: charging against discharging, import against export."""
        p, c = self.p, self.columns
        found: list[Ints] = []
        pays_to_waste = np.flatnonzero((np.minimum(p.buy, p.sell) < 0) | (p.sell > p.buy))
        if pays_to_waste.size == 0:
            return found
        n = pays_to_waste.size
        charging = c.add(n, 0.0, 0.0, 1.0)
        for piece, sign in zip(self.piece, self.sign, strict=True):
            span = self._upper(piece)[pays_to_waste]
            if sign > 0:
                c.row(n, [(piece[pays_to_waste], 1.0), (charging, -span)], -np.inf, 0.0)
            else:
                c.row(n, [(piece[pays_to_waste], 1.0), (charging, span)], -np.inf, span)
        self._in_order(pays_to_waste, found)
        importing = c.add(n, 0.0, 0.0, 1.0)
        reach = np.abs(p.net_kw[pays_to_waste]) + np.abs(p.ac_nodes).max()
        c.row(n, [(self.imported[pays_to_waste], 1.0), (importing, -np.minimum(reach, p.import_limit))], -np.inf, 0.0)
        for flow, limit in ((self.exported, np.minimum(reach, p.export_limit)), (self.curtailed, reach)):
            c.row(n, [(flow[pays_to_waste], 1.0), (importing, limit)], -np.inf, limit)
        return [charging, importing, *found]

    def _in_order(self, at: Ints, found: list[Ints]) -> None:
        """Pieces further out may only be used once the inner ones are full."""
        c = self.columns
        outward = ([i for i in range(len(self.sign)) if self.sign[i] > 0],
                   [i for i in reversed(range(len(self.sign))) if self.sign[i] < 0])  # fmt: skip
        for side in outward:
            for inner, outer in pairwise(side):
                full = c.add(at.size, 0.0, 0.0, 1.0)
                inner_span, outer_span = self._upper(self.piece[inner])[at], self._upper(self.piece[outer])[at]
                c.row(at.size, [(self.piece[inner][at], 1.0), (full, -inner_span)], 0.0, np.inf)
                c.row(at.size, [(self.piece[outer][at], 1.0), (full, -outer_span)], -np.inf, 0.0)
                found.append(full)

    def _upper(self, columns: Ints) -> Floats:
        return np.concatenate(self.columns.upper)[columns]

    def solve(self, solver: str, time_limit_s: float) -> Solved | Unsolved:
        """Hand the arrays to HiGHS and read the answer."""
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("time_limit", time_limit_s)
        highs.setOptionValue("mip_rel_gap", GAP)
        highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
        highs.setOptionValue("dual_feasibility_tolerance", 1e-9)
        highs.setOptionValue("solver", solver)
        highs.passModel(self._model())
        highs.run()
        status = highs.getModelStatus()
        info = highs.getInfo()
        if status != highspy.HighsModelStatus.kOptimal:
            timed_out = status == highspy.HighsModelStatus.kTimeLimit
            if not (timed_out and self.integers and np.isfinite(info.mip_gap)):
                return Unsolved("time_limit" if timed_out else highs.modelStatusToString(status).lower())
        return self._read(highs, info)

    def _model(self) -> highspy.HighsLp:
        c = self.columns
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = c.size, c.rows
        model.col_cost_, model.col_lower_, model.col_upper_ = (np.concatenate(x) for x in (c.costs, c.lower, c.upper))
        model.row_lower_, model.row_upper_ = np.concatenate(c.row_lower), np.concatenate(c.row_upper)
        rows, columns = np.concatenate(c.row_index), np.concatenate(c.column_index)
        order = np.lexsort((columns, rows))
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=c.rows))])
        model.a_matrix_.index_ = columns[order]
        model.a_matrix_.value_ = np.concatenate(c.values)[order]
        if self.integers:
            kinds = [highspy.HighsVarType.kContinuous] * c.size
            for block in self.integers:
                for index in block:
                    kinds[index] = highspy.HighsVarType.kInteger
            model.integrality_ = kinds
        return model

    def _read(self, highs: highspy.Highs, info: object) -> Solved:
        solution = highs.getSolution()
        x = np.array(solution.col_value)
        ac_kw = np.sum([s * x[piece] for s, piece in zip(self.sign, self.piece, strict=True)], axis=0)
        duals = np.array(solution.row_dual)
        worth = -duals[self.store_rows] if duals.size and not self.integers else np.full(self.p.net_kw.size, np.nan)
        gap = float(info.mip_gap) if self.integers else 0.0  # type: ignore[attr-defined]
        return Solved(highs.getObjectiveValue(), x[self.energy], ac_kw, worth, x[self.caps], gap)
