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
from perdure.timeline import Floats, Ints


def block_starts(group: Ints) -> Ints:
    """First steps of the blocks: no demand-charge group reaches over such a border."""
    steps = group.size
    last = np.full(int(group.max(initial=-1)) + 1, -1)
    capped = np.flatnonzero(group >= 0)
    np.maximum.at(last, group[capped], capped)
    reach = np.maximum.accumulate(np.where(group >= 0, last[group], np.arange(steps)))
    first = np.concatenate([[True], reach[:-1] < np.arange(1, steps)])
    opens = first & (group >= 0) & (np.concatenate([[-2], group[:-1]]) != group)
    return np.concatenate([[0], np.flatnonzero(opens)[1:]]) if opens.any() else np.zeros(1, np.int64)


class Bound:
    """The growing linear program. Columns: caps, energies at inner borders, one cost per block."""

    def __init__(self, problem: Problem, rates: Floats, floors: Floats):
        self.problem, self.rates = problem, rates
        self.starts = block_starts(problem.group)
        self.blocks, self.groups = self.starts.size, rates.size
        capped = np.flatnonzero(problem.group >= 0)
        owner = np.zeros(self.groups, np.int64)
        owner[problem.group[capped]] = np.searchsorted(self.starts, capped, side="right") - 1
        self.owner = owner
        self.owned = [np.flatnonzero(owner == k) for k in range(self.blocks)]
        seasons = problem.season[self.starts[1:] - 1]
        most = np.abs(problem.net_kw).max() + np.abs(problem.ac_nodes).max() + 1.0
        infinite = highspy.kHighsInf
        self.highs = highspy.Highs()
        self.highs.setOptionValue("output_flag", False)
        self.highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
        self.highs.setOptionValue("dual_feasibility_tolerance", 1e-9)
        lower = np.concatenate([floors, problem.low_kwh[seasons], np.full(self.blocks, -infinite)])
        upper = np.concatenate([np.full(self.groups, most), problem.high_kwh[seasons], np.full(self.blocks, infinite)])
        upper[: self.groups] = np.maximum(upper[: self.groups], lower[: self.groups])
        cost = np.concatenate([rates, np.zeros(self.blocks - 1), np.ones(self.blocks)])
        none = np.zeros(0)
        self.columns = cost.size
        self.highs.addCols(self.columns, cost, lower, upper, 0, none.astype(np.int32), none.astype(np.int32), none)
        self.base: Floats | None = None

    def add(self, caps: Floats, energy: Floats, worth: Floats, slope: Floats, costs: Floats) -> None:
        """One tangent plane per block. `slope`: derivative of energy cost by cap; `costs`: per block, with excess."""
        if self.base is None:  # block costs are kept relative to the first sweep's, for the solver's sake
            self.base = costs
        keep = self.problem.keep[self.problem.season]
        index: list[Ints] = []
        value: list[Floats] = []
        right = np.empty(self.blocks)
        for k, owned in enumerate(self.owned):
            columns, slopes, at = [owned], [slope[owned]], [caps[owned]]
            if k > 0:  # energy it starts with
                start = self.starts[k]
                columns.append(np.array([self.groups + k - 1]))
                slopes.append(np.array([-keep[start] * worth[start]]))
                at.append(energy[start : start + 1])
            if k < self.blocks - 1:  # energy it must hand on
                end = self.starts[k + 1]
                columns.append(np.array([self.groups + k]))
                slopes.append(worth[end - 1 : end])
                at.append(energy[end : end + 1])
            gradient = np.concatenate(slopes)
            right[k] = costs[k] - self.base[k] - float(gradient @ np.concatenate(at))
            index.append(np.append(np.concatenate(columns), self.groups + self.blocks - 1 + k))
            value.append(np.append(-gradient, 1.0))
        starts = np.concatenate([[0], np.cumsum([len(one) for one in index])[:-1]]).astype(np.int32)
        flat = np.concatenate(index).astype(np.int32)
        no_end = np.full(self.blocks, highspy.kHighsInf)
        self.highs.addRows(self.blocks, right, no_end, flat.size, starts, flat, np.concatenate(value))

    def lowest(self) -> tuple[float, Floats] | None:
        """The bound and the caps that reach it; None when the program has no answer (yet)."""
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal or self.base is None:
            return None
        solution = np.array(self.highs.getSolution().col_value)
        return self.highs.getInfo().objective_function_value + float(self.base.sum()), solution[: self.groups]
