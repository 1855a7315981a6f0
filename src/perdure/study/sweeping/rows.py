"""One case of a sweep lived through: a flat row for each candidate, with a status where there is no answer."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from perdure.economics.cashflow import Metrics
from perdure.errors import InputError, NoPlanError, PerdureError, SolverError
from perdure.site.site import Site
from perdure.study.case import Case, build_case
from perdure.study.case_text import CaseText
from perdure.study.outcome import CandidateOutcome
from perdure.study.run import run_case
from perdure.study.sweeping.fingerprint import check_files

OK, NO_PLAN, SOLVER_FAILED, REFUSED, NUMERIC = "ok", "no_plan", "solver_failed", "refused", "numeric"
_LIVED = {
    "replaced": int, "stacks_renewed": int, "full_cycles": float, "charged_kwh": float, "discharged_kwh": float,
    "auxiliary_kwh": float, "unserved_kwh": float,
}  # fmt: skip
"""Columns of a life's years that are summed."""
RESULTS: dict[str, type] = {
    **{one.name: str if one.name == "currency" else float for one in fields(Metrics)},
    "irr_status": str,
    **_LIVED,
    "capacity_at_end_share": float,
}
"""Result column -> kind; all are in quantities.py."""
SITES = 8
"""Sites a process keeps: neighbours in a sweep mostly differ in the store only."""
_sites: dict[str, Site] = {}

Row = dict[str, Any]


@dataclass(frozen=True)
class Base:
    """What all tasks of a sweep share: where the case lies, its text, and the digests of the files it names."""

    path: Path
    text: str
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CaseTask:
    """One case to be lived: its number, its data with the axes put in, what to keep."""

    base: Base
    number: int
    data: dict[str, Any]
    keep: tuple[str, ...]


def live_case(task: CaseTask) -> tuple[int, list[Row]]:
    """The number of the case and a row for each candidate; InputError where this process sees other files."""
    _check(task.base)
    text = CaseText(task.base.path, task.base.text, task.data)
    try:
        case = built(text)
    except InputError as error:
        return task.number, [_without(name, error) for name in names(task.data)]
    return task.number, [_row(case, position, task.keep) for position in range(len(case.candidates))]


def built(text: CaseText) -> Case:
    """The case, its site taken from the last few where it is the same."""
    while len(_sites) > SITES:
        _sites.pop(next(iter(_sites)))
    return build_case(text, _sites)


def names(data: dict[str, Any]) -> list[str]:
    """Names of the candidates as written."""
    raw = data.get("candidates")
    items = raw if isinstance(raw, list) else [raw]
    return [str(item.get("name", "")) if isinstance(item, dict) else "" for item in items]


@lru_cache(maxsize=4)
def _check(base: Base) -> None:
    check_files(base.path.parent, base.files)


def _row(case: Case, position: int, keep: tuple[str, ...]) -> Row:
    candidate = case.candidates[position]
    try:
        answer = run_case(replace(case, candidates=(candidate,))).candidates[0]
    except (PerdureError, ArithmeticError, ValueError) as error:
        return _without(candidate.name, error)
    told = _told(answer)
    return {"candidate": candidate.name, "status": OK, "why": "", **{name: told[name] for name in keep}}


def _without(name: str, error: Exception) -> Row:
    kinds = {NoPlanError: NO_PLAN, SolverError: SOLVER_FAILED, InputError: REFUSED}
    status = next((status for kind, status in kinds.items() if isinstance(error, kind)), NUMERIC)
    why = "; ".join(map(str, error.faults)) if isinstance(error, InputError) else str(error)
    return {"candidate": name, "status": status, "why": why or type(error).__name__}


def _told(answer: CandidateOutcome) -> Row:
    metrics, years = answer.worth.metrics, answer.life.years
    told = {one.name: getattr(metrics, one.name) for one in fields(metrics)}
    told |= {"irr": metrics.irr.rate, "irr_status": metrics.irr.status}
    told |= {name: kind(years[name].sum()) for name, kind in _LIVED.items()}
    return told | {"capacity_at_end_share": float(years["capacity_share"].iloc[-1])}
