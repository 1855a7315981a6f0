"""A fit as files: the datasheet file perdure reads back, data against model and figures as CSV."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from perdure.errors import InputError
from perdure.quantities import Language, Sourced
from perdure.study.fitting.fit import Fit
from perdure.study.output_folder import MARK
from perdure.study.technology_file import read_technology

FITTED: dict[Language, str] = {"en": "fitted to test data", "zh": "按试验数据拟合"}


def datasheet(one: Fit) -> dict[str, Any]:
    """The fitted technology as a datasheet file holds it; what the user's own file says besides is kept."""
    plan = one.blueprint
    data: dict[str, Any] = copy.deepcopy(plan.written) or {
        "title": dict(plan.technology.title), "base": plan.base, "source": one.source, "confidence": "derived",
    }  # fmt: skip
    data["title"] = _titled(data["title"])
    figures, laws = dict(data.get("figures") or {}), dict(data.get("ageing") or {})
    for key, figure in one.sourced().items():
        told = _told(figure)
        if key.startswith("ageing."):
            law, name = key.removeprefix("ageing.").rsplit(".", 1)
            laws[law] = {**laws.get(law, {}), name: told}
        else:
            figures[key] = told
    data |= {"figures": figures} if figures else {}
    data |= {"ageing": laws} if laws else {}
    names = ", ".join(figure.key for figure in one.figures)
    data["remarks"] = [*(data.get("remarks") or []), f"Fitted to test data: {names}; {one.source}."]
    return {"name": f"{plan.technology.name}_fitted"} | {name: value for name, value in data.items() if name != "name"}


def write_fit(one: Fit, folder: Path) -> tuple[Path, str | None]:
    """Write datasheet, residuals and figures; gives the datasheet and what keeps it from being read, if any."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{one.blueprint.technology.name}_fitted.yaml"
    text = yaml.safe_dump(datasheet(one), allow_unicode=True, sort_keys=False, width=110)
    path.write_text(text, encoding="utf-8")
    one.table.to_csv(folder / "residuals.csv", index=False, float_format="%.8g")
    figures_table(one).to_csv(folder / "figures.csv", index=False, float_format="%.8g")
    files = {met.kind.name: met.data.path.name for met in one.sets}
    made = {"command": "fit", "technology": one.blueprint.technology.name, "data": files}
    (folder / MARK).write_text(json.dumps(made, indent=2, ensure_ascii=False), encoding="utf-8")
    try:
        read_technology(path)
    except InputError as error:
        return path, "; ".join(fault.problem for fault in error.faults)
    return path, None


def figures_table(one: Fit) -> pd.DataFrame:
    """One row per fitted figure: value, interval, the datasheet's value and range, bounds."""
    return pd.DataFrame(
        [
            {
                "figure": figure.key, "unit": figure.given.unit, "value": figure.value, "low": figure.low,
                "high": figure.high, "standard_error": figure.error, "datasheet_value": figure.given.value,
                "datasheet_low": figure.given.low, "datasheet_high": figure.given.high,
                "bound_low": figure.bounds[0], "bound_high": figure.bounds[1], "at_bound": figure.at_bound,
            }
            for figure in one.figures
        ]
    )  # fmt: skip


def _titled(title: str | Mapping[str, str]) -> str | dict[str, str]:
    if isinstance(title, str):
        return f"{title}, {FITTED['en']}"
    return {language: f"{text}, {words}" for language, words in FITTED.items() if (text := title.get(language))}


def _told(figure: Sourced) -> dict[str, Any]:
    told: dict[str, Any] = {"value": float(figure.value)}
    if figure.unit:
        told["unit"] = figure.unit
    if figure.low is not None and figure.high is not None:
        told |= {"low": float(figure.low), "high": float(figure.high)}
    return told | {"source": figure.source, "confidence": str(figure.confidence), "note": figure.note}
