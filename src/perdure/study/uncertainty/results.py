"""Writes a study under uncertainty: its tables as CSV and one workbook, the case as run, what made it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from perdure import __version__
from perdure.study.output_folder import mark
from perdure.study.tables_out import About, Table, both, write_tables
from perdure.study.uncertainty.prospects import Prospects

CURVE_SHARES = tuple(np.round(np.arange(0.01, 1.0, 0.01), 2).tolist())


def write_prospects(found: Prospects, folder: Path) -> None:
    """`tables.xlsx`, `tables/*.csv`, `case.yaml` and the mark of the folder."""
    frames = {
        "summary": found.summary, "pairs": found.pairs, "ranking": found.ranking, "scenarios": found.scenarios,
        "outages": found.outages, "curves": curves(found), "draws": _draws(found),
    }  # fmt: skip
    tables = {
        name: Table(frame, found.currency, both(f"tables.uncertainty_{name}"))
        for name, frame in frames.items()
        if len(frame)
    }
    lines: dict[str, object] = {
        "tables.made_by": f"perdure {__version__}", "tables.draws": found.draws.count,
        "tables.seed": found.spec.seed, "tables.measure": both(f"uncertainty.axis_{found.measure}"),
    }  # fmt: skip
    write_tables(folder, tables, About(found.case.title, found.currency, lines))
    (folder / "case.yaml").write_text(found.case.text, encoding="utf-8")
    mark(folder, "uncertainty", found.case.title)


def curves(found: Prospects) -> pd.DataFrame:
    """One row per hundredth: the net present value of each candidate below which that share of draws lies."""
    told: dict[str, object] = {"draw_share": CURVE_SHARES}
    for name in found.npv:
        own = found.npv[name].dropna().to_numpy(dtype=np.float64)
        told[str(name)] = np.quantile(own, CURVE_SHARES) if own.size else np.nan
    return pd.DataFrame(told)


def _draws(found: Prospects) -> pd.DataFrame:
    """One row per draw: its number, what was drawn, and each candidate's net present value."""
    values = found.npv.rename(columns={name: f"npv of {name}" for name in found.npv})
    return pd.concat([pd.DataFrame({"draw": np.arange(1, len(values) + 1)}), found.inputs, values], axis=1)
