"""Which uncertain input matters most to a candidate, by total-order indices or by rank regression."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from perdure.study.uncertainty.draws import Draws
from perdure.study.uncertainty.inputs import Variable
from perdure.study.uncertainty.sample import RankRegression, resamples, total_order, total_order_interval
from perdure.timeline import Floats

Measure = Literal["sobol", "regression"]
COLUMNS = ["candidate", "input", "own", "rank", "importance", "importance_low", "importance_high", "direction"]
Row = dict[str, object]


def ranking_table(
    draws: Draws, npv: pd.DataFrame, acting: dict[str, list[Variable]], changed: dict[str, dict[str, Floats]],
    measure: Measure, seed: int,
) -> tuple[pd.DataFrame, dict[str, float]]:  # fmt: skip
    """One row per candidate and input, the most important first; and what a regression explains of each candidate.

    `importance`: the index with its 95 % interval. `direction`: 1 where more of the input is worth more, -1 where less,
    0 where it has no order.
    """
    rows: list[Row] = []
    explained: dict[str, float] = {}
    for name, variables in acting.items():
        value = npv[name].to_numpy(dtype=np.float64).reshape(draws.clusters)
        answered = np.isfinite(value).all(axis=1)
        others = {key: one.reshape(draws.clusters) for key, one in changed.get(name, {}).items()}
        for one in others.values():
            answered &= np.isfinite(one).all(axis=1)
        if answered.sum() < 2 or not variables:
            continue
        kept = value[answered]
        fitted = _regressed(draws, name, variables, kept, answered, seed if measure == "regression" else None)
        explained[name] = fitted[1]
        told = fitted[0]
        if measure == "sobol":
            told = _sobol(told, variables, kept, {key: one[answered] for key, one in others.items()}, seed)
        told = sorted(told, key=lambda row: -float(row["importance"]))  # type: ignore[arg-type]
        rows += [{"candidate": name, **row, "rank": place} for place, row in enumerate(told, start=1)]
    return pd.DataFrame(rows, columns=COLUMNS), explained


def _regressed(
    draws: Draws, name: str, variables: list[Variable], value: Floats, answered: np.ndarray, seed: int | None
) -> tuple[list[Row], float]:
    """By rank regression; intervals where a `seed` for resampling is given."""
    inputs = np.stack([draws.value(one, name).reshape(draws.clusters)[answered] for one in variables], axis=-1)
    regression = RankRegression(inputs, value, [one.is_choice for one in variables])
    fitted = regression.fit()
    size = np.abs(fitted.coefficient)
    spans = [(float("nan"),) * 2] * len(variables)
    if seed is not None:
        spans = [_unsigned(span) for span in regression.intervals(resamples(len(value), seed))]
    rows: list[Row] = [
        {"input": one.kind.name, "own": int(bool(one.owner)), "importance": float(size[i]),
         "importance_low": spans[i][0], "importance_high": spans[i][1],
         "direction": 0 if one.is_choice else int(np.sign(fitted.coefficient[i]))}
        for i, one in enumerate(variables)
    ]  # fmt: skip
    return rows, fitted.explained


def _unsigned(span: tuple[float, float]) -> tuple[float, float]:
    low, high = sorted(map(abs, span))
    return (0.0, high) if span[0] < 0.0 < span[1] else (low, high)


def _sobol(
    rows: list[Row], variables: list[Variable], value: Floats, changed: dict[str, Floats], seed: int
) -> list[Row]:
    """The same rows with total-order indices for coefficients."""
    taken, told = resamples(len(value), seed), []
    for row, one in zip(rows, variables, strict=True):
        low, high = total_order_interval(value, changed[one.key], taken)
        index = total_order(value, changed[one.key])
        told.append(row | {"importance": index, "importance_low": low, "importance_high": high})
    return told
