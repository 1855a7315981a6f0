"""A lower bound on what demand caps can reach, from the multipliers of every sweep so far.

The timeline falls into blocks that share no demand charge (billing months, as a rule). A block's cost is convex in
its caps and in the stored energy at its two borders, and each sweep gives one tangent plane to it. The least sum of
these planes over caps and border energies is a linear program of a few dozen variables: a bound no schedule beats, and
the caps to try next.
"""

from __future__ import annotations

import highspy
import numpy as np

from perdure.dispatch.exact import Problem
from perdure.dispatch.passes import blocks_of
from perdure.timeline import Floats


class Bound:
    """The growing linear program. Columns: caps, energies at inner borders, one cost per block."""

    def __init__(self, problem: Problem, rates: Floats, floors: Floats):
        self.problem, self.rates = problem, rates
        self.starts, self.owner = blocks_of(problem.group, rates.size)
        self.blocks, self.groups = self.starts.size, rates.size
        self._lay_rows()
        self.highs = self._program(floors)
        self.base: Floats | None = None
        self.latest = np.zeros(0), np.zeros(0), np.zeros(0)
        self.best = np.full(self.blocks, np.inf)  # least cost of each block so far, with its demand charges ...
        self.best_caps = np.zeros(self.groups)  # ... the caps that gave it, and at what border energies worth how much
        self.best_energy, self.best_pull = np.zeros(self.index.size), np.zeros(self.index.size)

    def _lay_rows(self) -> None:
        """A row per block over its caps, the energy it starts with, the energy it hands on, and its cost."""
        k = np.arange(self.blocks)
        row = np.concatenate([self.owner, k[1:], k[:-1], k])
        self.order = np.argsort(row, kind="stable")
        column = np.concatenate(
            [np.arange(self.groups), self.groups + k[1:] - 1, self.groups + k[:-1], self.groups + self.blocks - 1 + k]
        )
        self.row, self.index = row[self.order], column[self.order].astype(np.int32)
        self.energies = (self.index >= self.groups) & (self.index < self.groups + self.blocks - 1)
        self.row_starts = np.searchsorted(self.row, k).astype(np.int32)

    def _program(self, floors: Floats) -> highspy.Highs:
        problem, infinite = self.problem, highspy.kHighsInf
        seasons = problem.season[self.starts[1:] - 1]
        most = np.abs(problem.net_kw).max() + np.abs(problem.ac_nodes).max() + 1.0
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
        highs.setOptionValue("dual_feasibility_tolerance", 1e-9)
        lower = np.concatenate([floors, problem.low_kwh[seasons], np.full(self.blocks, -infinite)])
        upper = np.concatenate([np.full(self.groups, most), problem.high_kwh[seasons], np.full(self.blocks, infinite)])
        upper[: self.groups] = np.maximum(upper[: self.groups], lower[: self.groups])
        cost = np.concatenate([self.rates, np.zeros(self.blocks - 1), np.ones(self.blocks)])
        none = np.zeros(0)
        highs.addCols(cost.size, cost, lower, upper, 0, none.astype(np.int32), none.astype(np.int32), none)
        return highs

    def add(self, caps: Floats, energy: Floats, worth: Floats, slope: Floats, costs: Floats) -> None:
        """One tangent plane per block. `slope`: derivative of energy cost by cap; `costs`: per block, with excess."""
        if self.base is None:  # block costs are kept relative to the first sweep's, for the solver's sake
            self.base = costs
        inner, keep = self.starts[1:], self.problem.keep[self.problem.season[self.starts[1:]]]
        falls = np.concatenate([-slope, keep * worth[inner], -worth[inner - 1], np.ones(self.blocks)])[self.order]
        at = np.concatenate([caps, energy[inner], np.zeros(self.blocks)])[self.index]
        right = costs - self.base + np.bincount(self.row, falls * at, self.blocks)
        no_end = np.full(self.blocks, highspy.kHighsInf)
        self.highs.addRows(self.blocks, right, no_end, falls.size, self.row_starts, self.index, falls)
        self.latest = caps, at, np.where(self.energies, falls, 0.0)

    def judge(self, paid: Floats, leads: bool) -> None:
        """What the blocks of the sweep just added really cost, with demand charges; `leads`: none cost less in all."""
        caps, at, pull = self.latest
        apart = np.bincount(self.row, np.abs(pull * (at - self.best_energy)), self.blocks)
        better = np.where(apart <= 1e-9 * np.abs(paid), paid < self.best, leads)  # else their costs do not compare
        self.best[better] = paid[better]
        self.best_caps = np.where(better[self.owner], caps, self.best_caps)
        cell = better[self.row]
        self.best_energy[cell], self.best_pull[cell] = at[cell], pull[cell]

    def lowest(self) -> tuple[float, Floats, Floats] | None:
        """The bound, the caps that reach it and how far each block's best lies above its share of it.

        None when the program has no answer (yet).
        """
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal or self.base is None:
            return None
        solution = np.array(self.highs.getSolution().col_value)
        caps, costs = solution[: self.groups], solution[self.groups + self.blocks - 1 :][: self.blocks]
        share = costs + self.base + np.bincount(self.owner, self.rates * caps, self.blocks)
        moved = self.best_pull * (self.best_energy - solution[self.index])
        above = self.best + np.bincount(self.row, moved, self.blocks) - share
        return self.highs.getInfo().objective_function_value + float(self.base.sum()), caps, above
