"""One drawn life of a candidate, and its net present value under each of many drawn prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from perdure.economics.cashflow import cash_flow
from perdure.economics.finance import Finance
from perdure.errors import InputError, NoPlanError
from perdure.simulate.lifetime import live_through
from perdure.simulate.result import Life
from perdure.site.outlook import Outlook
from perdure.site.site import Site
from perdure.study.candidate import Candidate
from perdure.study.case import Case
from perdure.study.question import Question, read_question
from perdure.study.uncertainty.inputs import COST_FIELDS, FINANCE_FIELDS, PRICE_PARTS, measured_years
from perdure.study.uncertainty.store import with_self_discharge
from perdure.technology.response_map import forget_maps, response_map
from perdure.technology.technology import Costs
from perdure.timeline import Floats

MAPS = 12
"""Response maps a process keeps; every drawn self-discharge makes its own."""

Drawn = tuple[tuple[str, tuple[float, ...]], ...]
"""Inputs a life depends on, each with its value in each store; () is the case as written."""
Column = tuple[str, int]
"""An input that only touches the cash flow, and the store it belongs to."""


@dataclass(frozen=True)
class LifeTask:
    """A life to be lived and priced. `prices` (draws, columns); nan: the case's own value."""

    candidate: str
    drawn: Drawn
    columns: tuple[Column, ...]
    prices: Floats
    wear_price_per_kwh: float
    question: Question | None = None


@dataclass(frozen=True)
class Lived:
    """What it came to. `npv` (draws,), nan where no plan exists (`why`); `survived`: share of outages by length, h."""

    npv: Floats
    life_years: float = float("nan")
    replaced: float = float("nan")
    mean_saving: float = float("nan")
    survived: dict[float, float] = field(default_factory=dict)
    why: str = ""


def live_task(task: LifeTask) -> Lived:
    """The task in a process that has to read the case first."""
    assert task.question is not None
    return live_drawn(read_question(task.question), task)


def live_drawn(case: Case, task: LifeTask) -> Lived:
    """One life, then its net present value for every row of prices."""
    candidate = next(one for one in case.candidates if one.name == task.candidate)
    candidate = drawn_candidate(replace(candidate, wear_price_per_kwh=task.wear_price_per_kwh), dict(task.drawn))
    site, outlook = drawn_years(case, dict(task.drawn))
    try:
        life = live_through(site.with_plant(*candidate.plants), case.lifetime, upkeep=candidate.upkeep, outlook=outlook)
    except (NoPlanError, InputError) as error:
        return Lived(np.full(len(task.prices), np.nan), why=str(error))
    finally:
        if response_map.cache_info().currsize > MAPS:
            forget_maps()
    npv = [_npv(life, candidate, case.finance, task.columns, row) for row in task.prices]
    changed = life.years.loc[life.years["replaced"] > 0, "year"]
    return Lived(
        np.array(npv), float(changed.iloc[0] - 1) if len(changed) else float("inf"),
        float(life.years["replaced"].sum()), float(life.years["saving"].mean()), _survival(case, life),
    )  # fmt: skip


def drawn_candidate(candidate: Candidate, drawn: Mapping[str, tuple[float, ...]]) -> Candidate:
    """The candidate with its stores fading and losing charge as drawn."""
    made = [_drawn_store(one, {name: values[i] for name, values in drawn.items() if i < len(values)})
            for i, one in enumerate(candidate.stores)]  # fmt: skip
    return replace(made[0], beside=tuple(made[1:]))


def _drawn_store(store: Candidate, drawn: Mapping[str, float]) -> Candidate:
    if drawn.get("fade", 1.0) != 1.0:
        store = replace(store, ageing=store.ageing.scattered(drawn["fade"]))
    if drawn.get("self_discharge", 1.0) != 1.0:
        technology = with_self_discharge(store.plant.technology, drawn["self_discharge"])
        store = replace(store, plant=replace(store.plant, technology=technology))
    return store


def drawn_years(case: Case, drawn: Mapping[str, tuple[float, ...]]) -> tuple[Site, Outlook]:
    """The site and its years as drawn; growth stands in place of the case's own."""
    site, outlook = case.site, case.outlook
    level = {part: 1.0 + drawn[name][0] for name, part in PRICE_PARTS.items() if name in drawn}
    outlook = replace(outlook, price_growth=replace(outlook.price_growth, **level))
    if "load_growth" in drawn:
        outlook = replace(outlook, load_growth=1.0 + drawn["load_growth"][0])
    if "generation_loss" in drawn:
        outlook = replace(outlook, generation_growth=1.0 - drawn["generation_loss"][0])
    sites, known = (site, *outlook.measured), measured_years(case)
    if "measured_year" in drawn:
        return sites[known.index(int(drawn["measured_year"][0]))], replace(outlook, measured=())
    if "year_order" in drawn:
        first = known.index(int(drawn["year_order"][0]))
        turned = (*sites[first:], *sites[:first])
        return turned[0], replace(outlook, measured=turned[1:])
    return site, outlook


def _npv(life: Life, candidate: Candidate, finance: Finance, columns: tuple[Column, ...], row: Floats) -> float:
    """Net present value at drawn costs and rates."""
    changed, factors = {}, [dict[str, float]() for _ in candidate.stores]
    for (name, store), value in zip(columns, row.tolist(), strict=True):
        if np.isnan(value):
            continue
        if name in FINANCE_FIELDS:
            changed[FINANCE_FIELDS[name]] = value
        else:
            factors[store][name] = value
    finance = finance.model_copy(update=changed) if changed else finance
    first, *rest = [(one.plant, scaled(one.costs, own)) for one, own in zip(candidate.stores, factors, strict=True)]
    return float(cash_flow(life, *first, finance, rest)["discounted"].sum())


def scaled(costs: Costs, factors: Mapping[str, float]) -> Costs:
    """The costs with each input's fields times its factor."""
    own = costs.figures()
    told: dict[str, Any] = {
        field: replace(own[field], value=own[field].value * factor)
        for name, factor in factors.items()
        for field in COST_FIELDS[name]
        if field in own
    }
    return replace(costs, **told) if told else costs


def _survival(case: Case, life: Life) -> dict[float, float]:
    """By length of outage in hours, the share of its starts a backup service carries, mean of the sampled years."""
    told: dict[float, list[float]] = {}
    for service in case.site.services:
        for length in getattr(service, "lengths_h", ()) if getattr(service, "kind", "") == "backup" else ():
            for served in life.served.values():
                found = served.settlements.get(service.name)
                share = None if found is None else found.survived.get(f"{service.name}, {length:g} h")
                if share is not None:
                    told.setdefault(float(length), []).append(share)
    return {length: float(np.mean(shares)) for length, shares in sorted(told.items())}
