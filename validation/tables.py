"""Reading the plain tables of `validation/data`, and keeping the last result of what needs data from beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from perdure.quantities import Confidence
from validation.comparison import Comparison, values

DATA = Path(__file__).parent / "data"
BESIDE = Path(__file__).parents[2] / "shared" / "data" / "battery"
"""Reference data that may stand beside the repository and never enters it."""
POINTS_KEPT = 41


def table(name: str) -> pd.DataFrame:
    """One table of `validation/data`."""
    return pd.read_csv(DATA / f"{name}.csv", comment="#")


def kept(name: str, needs: Path, compute: Callable[[], list[Comparison]], *, fresh: bool) -> list[Comparison]:
    """What `compute` finds where its data stand beside the repository, else what it found there last."""
    if fresh and needs.exists():
        return as_kept(compute)
    return read_kept(name)


def as_kept(compute: Callable[[], list[Comparison]]) -> list[Comparison]:
    """What `compute` finds, as it would be kept."""
    return [replace(thinned(one), beside=True) for one in compute()]


def write_kept_where_possible(name: str, compute: Callable[[], list[Comparison]]) -> None:
    """Keep a result anew, if the data it needs stand beside the repository."""
    if BESIDE.exists():
        write_kept(name, as_kept(compute))


def write_kept(name: str, found: list[Comparison]) -> None:
    """Keep results: one line a point."""
    lines: list[dict[str, Any]] = []
    for one in found:
        for n, (outside, model) in enumerate(zip(one.outside, one.model, strict=True)):
            lines.append(
                {
                    "technology": one.technology, "quantity": one.quantity, "conditions": one.conditions,
                    "unit": one.unit, "at_name": one.at_name, "at": one.at[n] if one.at else np.nan,
                    "outside": outside, "model": model, "measure": one.measure, "relative": one.relative,
                    "allowed": one.allowed, "allowed_by": one.allowed_by, "fitted_to": one.fitted_to,
                    "note": one.note, "source": one.source, "confidence": one.confidence.value,
                }
            )  # fmt: skip
    pd.DataFrame(lines).to_csv(DATA / f"{name}.csv", index=False, float_format="%.9g")


def read_kept(name: str) -> list[Comparison]:
    """Results as they were kept."""
    text = ["at_name", "allowed_by", "fitted_to", "note", "unit"]
    frame = pd.read_csv(DATA / f"{name}.csv", dtype=dict.fromkeys(text, "str"))
    frame[text] = frame[text].fillna("")
    found = []
    for _, group in frame.groupby(["technology", "quantity", "conditions"], sort=False):
        first = group.iloc[0]
        found.append(
            Comparison(
                str(first["technology"]), str(first["quantity"]), str(first["conditions"]), str(first["unit"]),
                values(group["outside"].to_numpy()), values(group["model"].to_numpy()), str(first["source"]),
                Confidence(str(first["confidence"])),
                allowed=None if pd.isna(first["allowed"]) else float(first["allowed"]),
                allowed_by=str(first["allowed_by"]), measure=first["measure"], relative=bool(first["relative"]),
                at=() if group["at"].isna().any() else values(group["at"].to_numpy()),
                at_name=str(first["at_name"]), fitted_to=str(first["fitted_to"]), note=str(first["note"]), beside=True,
            )
        )  # fmt: skip
    return found


def thinned(one: Comparison) -> Comparison:
    """At most `POINTS_KEPT` points, the worst among them, of a comparison told by its worst."""
    if one.measure != "worst" or len(one.outside) <= POINTS_KEPT:
        return one
    chosen = np.linspace(0, len(one.outside) - 1, POINTS_KEPT).round().astype(int)
    chosen = np.unique(np.append(chosen, int(np.argmax(np.abs(one.errors)))))

    def part(numbers: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(numbers[n] for n in chosen) if numbers else ()

    return replace(one, outside=part(one.outside), model=part(one.model), at=part(one.at))
