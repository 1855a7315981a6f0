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
from perdure.study.answer_tables import write_answer_tables
from perdure.study.candidate import Candidate
from perdure.study.foresight import ForesightStudy, settings, write_tables
from perdure.study.outcome import CandidateOutcome, Outcome
from perdure.study.output_folder import LIBRARIES, MARK


def write_results(outcome: Outcome, folder: Path, seconds: float, foresight: ForesightStudy | None = None) -> None:
    """`case.yaml` as run, `totals.json`, `made_by.json`, and a folder of Parquet tables for each candidate.

    `tables.xlsx` and `tables/` hold what a spreadsheet opens. With a study of foresight `regret.csv`,
    `regret_months.csv` and its settings too.
    """
    (folder / "case.yaml").write_text(outcome.case.text, encoding="utf-8")
    folders = [candidate_folder(outcome, position) for position in range(len(outcome.candidates))]
    for name, one in zip(folders, outcome.candidates, strict=True):
        _write_tables(one, folder / name)
    _write_json(folder / "totals.json", _totals(outcome))
    made_by = _made_by(outcome, seconds)
    write_answer_tables(outcome, folder, folders, made_by["sources"], made_by["finished"])
    if foresight is not None:
        write_tables(foresight, folder)
        made_by |= {"foresight": settings(foresight)["strategies"]}
    _write_json(folder / MARK, made_by)


def candidate_folder(outcome: Outcome, position: int) -> str:
    """'1_Nickel-hydrogen': the number keeps names apart that differ only in signs a folder cannot have."""
    name = re.sub(r"[^\w.-]+", "_", outcome.candidates[position].candidate.name).strip("._")
    return f"{position + 1}_{name}".rstrip("_")


def _write_tables(one: CandidateOutcome, folder: Path) -> None:
    folder.mkdir()
    one.life.years.to_parquet(folder / "years.parquet")
    for position, store in enumerate(one.life.stores if one.candidate.beside else ()):
        one.life.stores[store].to_parquet(folder / f"years_store_{position + 1}.parquet")
    one.life.months.to_parquet(folder / "months.parquet")
    one.worth.cash_flow.to_parquet(folder / "cash_flow.parquet")
    for year, sample in one.life.samples.items():
        sample.series.to_parquet(folder / f"series_year_{year:02d}.parquet")
        for position, table in enumerate(sample.stores.values()):
            table.to_parquet(folder / f"series_year_{year:02d}_store_{position + 1}.parquet")


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
    each = [_store_totals(store) for store in one.candidate.stores]
    return (each[0] if len(each) == 1 else {"stores": each}) | {
        "metrics": _metrics(one.worth),
        "years": {year: sample.totals for year, sample in one.life.samples.items()},
        "remarks": list(one.life.remarks),
    }


def _store_totals(store: Candidate) -> dict[str, Any]:
    return {
        "technology": store.plant.technology.name,
        "energy_kwh": store.plant.energy_kwh,
        "power_kw": store.plant.power_kw,
        "ageing": store.ageing.name,
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
        for store in one.candidate.stores:
            figures += [*store.plant.technology.all_figures().values(), *store.costs.figures().values()]
        figures += one.worth.assumptions.values()
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
