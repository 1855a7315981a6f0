"""Writes an answered case as tables and JSON: everything the report shows, to read on with any tool."""

from __future__ import annotations

import json
import math
import platform
import re
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from perdure.economics.cashflow import Worth
from perdure.study.outcome import CandidateOutcome, Outcome
from perdure.study.output_folder import MARK

LIBRARIES = ("numpy", "pandas", "numba", "highspy", "pvlib", "pyarrow", "pydantic")


def write_results(outcome: Outcome, folder: Path, seconds: float) -> None:
    """`case.yaml` as run, `totals.json`, `made_by.json`, and a folder of Parquet tables for each candidate."""
    (folder / "case.yaml").write_text(outcome.case.text, encoding="utf-8")
    for position, one in enumerate(outcome.candidates):
        _write_tables(one, folder / candidate_folder(outcome, position))
    _write_json(folder / "totals.json", _totals(outcome))
    _write_json(folder / MARK, _made_by(outcome, seconds))


def candidate_folder(outcome: Outcome, position: int) -> str:
    """'1_Nickel-hydrogen': the number keeps names apart that differ only in signs a folder cannot have."""
    name = re.sub(r"[^\w.-]+", "_", outcome.candidates[position].candidate.name).strip("._")
    return f"{position + 1}_{name}".rstrip("_")


def _write_tables(one: CandidateOutcome, folder: Path) -> None:
    folder.mkdir()
    one.life.years.to_parquet(folder / "years.parquet")
    one.life.months.to_parquet(folder / "months.parquet")
    one.worth.cash_flow.to_parquet(folder / "cash_flow.parquet")
    for year, sample in one.life.samples.items():
        sample.series.to_parquet(folder / f"series_year_{year:02d}.parquet")


def _totals(outcome: Outcome) -> dict[str, Any]:
    bill = outcome.bill_without
    lines = {name: float(values.sum()) for name, values in bill.lines.items()}
    best = outcome.best
    return {
        "bill_without": {"currency": bill.currency, "total": bill.total, "charges": lines},
        "best": best.candidate.name if best else None,
        "candidates": {one.candidate.name: _candidate_totals(one) for one in outcome.candidates},
    }


def _candidate_totals(one: CandidateOutcome) -> dict[str, Any]:
    plant = one.candidate.plant
    return {
        "technology": plant.technology.name,
        "energy_kwh": plant.energy_kwh,
        "power_kw": plant.power_kw,
        "ageing": one.candidate.ageing.name,
        "metrics": _metrics(one.worth),
        "years": {year: sample.totals for year, sample in one.life.samples.items()},
        "remarks": list(one.life.remarks),
    }


def _metrics(worth: Worth) -> dict[str, Any]:
    told = asdict(worth.metrics)
    told["irr"] = {"status": worth.metrics.irr.status, "rates": list(worth.metrics.irr.rates)}
    return told


def _made_by(outcome: Outcome, seconds: float) -> dict[str, Any]:
    from perdure import __version__

    case = outcome.case
    return {
        "perdure": __version__,
        "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "case_remarks": list(case.remarks),
        "candidates": {one.candidate.name: one.life.made_by for one in outcome.candidates},
        "sources": _sources(outcome),
    }


def _sources(outcome: Outcome) -> dict[str, list[str]]:
    """Every source a number of this answer came from, by confidence."""
    figures = list(outcome.case.site.tariff.figures().values())
    for one in outcome.candidates:
        figures += one.candidate.plant.technology.all_figures().values()
        figures += [*one.candidate.costs.figures().values(), *one.worth.assumptions.values()]
    found: dict[str, set[str]] = {}
    for figure in figures:
        found.setdefault(figure.confidence.value, set()).add(figure.source)
    return {confidence: sorted(sources) for confidence, sources in sorted(found.items())}


def _write_json(path: Path, told: dict[str, Any]) -> None:
    path.write_text(json.dumps(_plain(told), indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _plain(value: Any) -> Any:
    """Numbers of numpy as Python's; what is not finite as null, which JSON knows."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if hasattr(value, "item"):
        return _plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | int | bool) or value is None else str(value)
