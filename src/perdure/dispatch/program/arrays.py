"""Sparse arrays in the making: columns and rows counted in blocks, coefficients in triplets, and the HiGHS model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from perdure.timeline import Floats, Ints

Expression = Sequence[tuple[Ints, float | Floats]]
"""Columns and their coefficients, element by element one row each."""


class Arrays:
    """Which row holds which column with which coefficient."""

    def __init__(self, columns: int = 0, rows: int = 0) -> None:
        self.columns, self.rows = columns, rows
        self.row_index: list[Ints] = []
        self.column_index: list[Ints] = []
        self.values: list[Floats] = []

    def add(self, count: int) -> Ints:
        """New columns."""
        self.columns += count
        return np.arange(self.columns - count, self.columns)

    def row(self, count: int, terms: Expression = ()) -> Ints:
        """New rows, row i holding element i of every term."""
        self.rows += count
        rows = np.arange(self.rows - count, self.rows)
        for columns, value in terms:
            self.put(rows, columns, value)
        return rows

    def put(self, rows: Ints, columns: Ints, value: float | Floats) -> None:
        """Coefficients at (rows, columns); repeated places add up in no solver, so name each once."""
        shape = np.broadcast_shapes(np.shape(rows), np.shape(columns), np.shape(value))
        self.row_index.append(np.broadcast_to(rows, shape).ravel())
        self.column_index.append(np.broadcast_to(columns, shape).ravel())
        self.values.append(np.broadcast_to(np.asarray(value, float), shape).ravel())

    def triplets(self) -> tuple[Ints, Ints, Floats]:
        """Rows, columns, coefficients."""
        return np.concatenate(self.row_index), np.concatenate(self.column_index), np.concatenate(self.values)


@dataclass(slots=True)
class Numbers:
    """What may change between two solves: costs and bounds of columns, bounds of rows."""

    cost: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats

    @classmethod
    def empty(cls, columns: int, rows: int) -> Numbers:
        """Columns from 0 up at no cost, rows without bounds."""
        return cls(
            np.zeros(columns),
            np.zeros(columns),
            np.full(columns, np.inf),
            np.full(rows, -np.inf),
            np.full(rows, np.inf),
        )

    def copy(self) -> Numbers:
        """Arrays of its own."""
        return Numbers(
            self.cost.copy(), self.lower.copy(), self.upper.copy(), self.row_lower.copy(), self.row_upper.copy()
        )


def highs_model(arrays: Arrays, numbers: Numbers, integers: Ints | None = None) -> highspy.HighsLp:
    """The model as HiGHS takes it, row by row."""
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = arrays.columns, arrays.rows
    model.col_cost_, model.col_lower_, model.col_upper_ = numbers.cost, numbers.lower, numbers.upper
    model.row_lower_, model.row_upper_ = numbers.row_lower, numbers.row_upper
    rows, columns, values = arrays.triplets()
    order = np.lexsort((columns, rows))
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=arrays.rows))])
    model.a_matrix_.index_, model.a_matrix_.value_ = columns[order], values[order]
    if integers is not None and integers.size:
        kinds = [highspy.HighsVarType.kContinuous] * arrays.columns
        for index in integers:
            kinds[index] = highspy.HighsVarType.kInteger
        model.integrality_ = kinds
    return model


def solver(time_limit_s: float, method: str = "choose") -> highspy.Highs:
    """A quiet HiGHS at the tolerances at which objectives agree to nine digits."""
    highs = highspy.Highs()
    for name, value in (
        ("output_flag", False),
        ("time_limit", time_limit_s),
        ("primal_feasibility_tolerance", 1e-9),
        ("dual_feasibility_tolerance", 1e-9),
        ("solver", method),
    ):
        highs.setOptionValue(name, value)
    return highs
