"""Writes what `perdure size` and `perdure compare` found as tables, with the case and how it was made."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from perdure.study.case import Case
from perdure.study.output_folder import LIBRARIES, MARK
from perdure.study.sizing.break_even import as_table
from perdure.study.sizing.size import Sized
from perdure.study.sizing.versus import Comparison
from perdure.study.sizing.wear_price import WearCurve


def size_tables(found: Sequence[Sized]) -> dict[str, pd.DataFrame]:
    """`sizes`: every life lived, a row each; `best`: the best of each store; `wear_price`: the curves, where sought."""
    surface = pd.concat([one.surface for one in found], ignore_index=True)
    tables = {"sizes": surface, "best": surface[surface["best"] == 1].reset_index(drop=True)}
    curves = {one.store.name: one.wear for one in found if one.wear is not None}
    return tables | ({"wear_price": _curves(curves)} if curves else {})


def compare_tables(outcome: Comparison) -> dict[str, pd.DataFrame]:
    """`compare`, `differences`, `break_even`, `wear_price`, and `sizes` where sizes were sought; none is empty."""
    tables = {"compare": outcome.table, "differences": outcome.differences}
    tables["break_even"] = as_table([even for one in outcome.contenders for even in one.break_evens])
    tables["wear_price"] = _curves({one.store.name: one.wear for one in outcome.contenders if one.wear is not None})
    sized = [one.sized.surface for one in outcome.contenders if one.sized is not None]
    if sized:
        tables["sizes"] = pd.concat(sized, ignore_index=True)
    return {name: table for name, table in tables.items() if not table.empty}


def write_study(case: Case, command: str, tables: Mapping[str, pd.DataFrame], about: Mapping[str, Any], folder: Path,
                seconds: float) -> None:  # fmt: skip
    """`case.yaml` as run, `<table>.csv` for each table, and `made_by.json` with `about`."""
    from perdure import __version__

    (folder / "case.yaml").write_text(case.text, encoding="utf-8")
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, float_format="%.10g")
    made = {
        "perdure": __version__,
        "command": command,
        "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "case_remarks": list(case.remarks),
        **about,
    }
    text = json.dumps(made, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / MARK).write_text(text + "\n", encoding="utf-8")


def about_sizes(found: Sequence[Sized]) -> dict[str, Any]:
    """How each store's size was sought: bounds, steps, lives, seconds."""
    return {"stores": {one.store.name: _about(one) for one in found}}


def _about(one: Sized) -> dict[str, Any]:
    axes = one.axes
    energy, power = ([axes_step * bound for bound in bounds] for axes_step, bounds in
                     ((axes.module_kwh, axes.modules), (axes.step_kw, axes.steps)))  # fmt: skip
    return {
        "by": one.by, "tolerance": one.options.tolerance, "energy_kwh": energy, "energy_step_kwh": axes.module_kwh,
        "energy_step_is": axes.module_name, "power_kw": power, "power_step_kw": axes.step_kw, "lives": one.lives,
        "coarse_seconds": round(one.coarse_seconds, 3), "seconds": round(one.seconds, 3),
        "none_is_best": one.none_is_best, "remarks": list(one.remarks),
    }  # fmt: skip


def about_comparison(outcome: Comparison) -> dict[str, Any]:
    """The same of every store compared, and which had no plan."""
    sized = [one.sized for one in outcome.contenders if one.sized is not None]
    return {**about_sizes(sized), "none_is_best": outcome.none_is_best, "without_plan": outcome.without_plan}


def _curves(curves: Mapping[str, WearCurve]) -> pd.DataFrame:
    tables = []
    for store, curve in curves.items():
        table = curve.table.copy()
        table.insert(0, "store", store)
        table["best"] = (table["wear_price_per_kwh"] == curve.best.trial.wear_price_per_kwh).astype(int)
        tables.append(table)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
