"""One life as one flat row: what sizing, comparison, wear price and break-even ask for again and again."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

import numpy as np
import pandas as pd

from perdure.economics.cashflow import CASH, Worth, worth
from perdure.errors import Fault, InputError, NoPlanError
from perdure.market.price_levels import PriceLevels, tariff_at
from perdure.market.stack import check_stack
from perdure.simulate.lifetime import live_through
from perdure.simulate.result import Life
from perdure.site.outlook import Outlook
from perdure.site.site import Site
from perdure.study.candidate import Candidate, build_candidate
from perdure.study.case import Case
from perdure.study.case_file import CandidateInput
from perdure.study.question import Question, question_of, read_question
from perdure.study.technologies import DATASHEET_SUFFIXES, find_technology
from perdure.study.workers import Workers
from perdure.technology.technology import TECHNOLOGIES, Costs

WAIT_S = 0.02
"""How long a worker without work waits before it asks again, while others still live."""


@dataclass(frozen=True)
class Trial:
    """One life to be lived: a candidate of the case, or a technology, at a size; shares of 1 change nothing.

    `generation_share` of the case's generation; `import_limit_kw` in place of the connection's; `fade_share`: how many
    times as fast the store fades; `spread_share`: how many times as far energy prices lie from their mean;
    `extra_capital`: paid beside the store (more generation, a larger connection), in the currency of the results.
    """

    store: str
    energy_kwh: float
    power_kw: float
    charge_power_kw: float | None = None
    wear_price_per_kwh: float = 0.0
    generation_share: float = 1.0
    import_limit_kw: float | None = None
    fade_share: float = 1.0
    spread_share: float = 1.0
    extra_capital: float = 0.0


@dataclass(frozen=True)
class Evaluated:
    """What a trial came to: a flat row, and of the life what pricing it anew needs; `why` where it has no plan."""

    trial: Trial
    row: dict[str, Any] = field(default_factory=dict)
    life: Life | None = None  # without series and bills, which are large
    why: str = ""

    @property
    def npv(self) -> float:
        """Net present value; minus infinity without a plan."""
        return float(self.row["npv"]) if self.row else -float("inf")


_SEEN: dict[Question, Case] = {}
"""Cases this process holds anyway."""


def store_of(case: Case, name: str) -> Candidate:
    """The candidate of this name; else the candidate that is of this technology; else the technology by itself."""
    for one in case.candidates:
        if one.name == name:
            return one
    of_kind = [one for one in case.candidates if one.plant.technology.name == name]
    if of_kind:
        return of_kind[0]
    known = [*(one.name for one in case.candidates), *TECHNOLOGIES.names()]
    if name not in known and not name.lower().endswith(DATASHEET_SUFFIXES):
        TECHNOLOGIES.find(name, "store")
    technology = find_technology(name, "store", case.folder)
    power = 1000.0 * (technology.power_range_per_h[0] * technology.power_range_per_h[1]) ** 0.5
    # Its name is what was asked for: every process finds it again by that.
    spec = CandidateInput(name=name, technology=name, energy_kwh=1000.0, power_kw=power)
    return build_candidate(spec, case.finance, case.lifetime, case.folder)


def live(task: tuple[Question, Trial] | None) -> Evaluated | None:
    """One trial lived through and priced; None waits a moment for the next task."""
    if task is None:
        time.sleep(WAIT_S)
        return None
    question, trial = task
    return evaluate(_SEEN.get(question) or read_question(question), trial)


def evaluate(case: Case, trial: Trial) -> Evaluated:
    """A life at the trial's size, as `run_case` would live it; what has no plan is told in `why`."""
    store = sized_store(case, trial)
    site = changed_site(case.site, trial).worked_out()
    try:
        if site.services:
            check_stack(site.services, site.with_plant(*store.plants).setting(), site.tariff.name)
        life = live_through(
            site.with_plant(*store.plants), case.lifetime, upkeep=store.upkeep, outlook=changed_outlook(case, trial)
        )
    except (NoPlanError, InputError) as error:
        return Evaluated(trial, why=str(error))
    if (trial.generation_share, trial.import_limit_kw) != (1.0, None):
        life = _beside(life, case)
    priced = worth(life, store.plant, _with_extra(store.costs, case, trial), case.finance, store.priced_beside)
    bare = replace(life, site=bare_site(life.site), months=pd.DataFrame(), bills=(), samples={}, served={}, plans={})
    return Evaluated(trial, _row(trial, store, life, priced), bare)


def bare_site(site: Site) -> Site:
    """The site without series and plants, which are large or cannot travel; what remains tells tariff and currency."""
    nothing = np.zeros(0)
    return replace(site, load_kw=nothing, generation_kw=nothing, ambient_c=nothing, services=(), plants=())


def sized_store(case: Case, trial: Trial) -> Candidate:
    """The trial's store at its size; what is built onto it later grows in proportion."""
    store = store_of(case, trial.store)
    own = store.plant
    plant = replace(own, energy_kwh=trial.energy_kwh, power_kw=trial.power_kw, charge_power_kw=trial.charge_power_kw)
    law = store.ageing if trial.fade_share == 1.0 else store.ageing.scattered(trial.fade_share)
    energy, power = trial.energy_kwh / own.energy_kwh, trial.power_kw / own.power_kw
    later = tuple(
        one.model_copy(update={"energy_kwh": one.energy_kwh * energy, "power_kw": one.power_kw * power})
        for one in store.additions
    )
    return replace(store, plant=plant, ageing=law, wear_price_per_kwh=trial.wear_price_per_kwh, additions=later)


def changed_site(site: Site, trial: Trial) -> Site:
    """The case's site under the trial's generation, connection and price spread."""
    if trial.generation_share != 1.0:
        site = replace(site, generation_kw=site.generation_kw * trial.generation_share)
    if trial.import_limit_kw is not None:
        site = replace(site, connection=replace(site.connection, import_limit_kw=trial.import_limit_kw))
    tariff = tariff_at(site.tariff, PriceLevels(spread=trial.spread_share))
    return site if tariff is site.tariff else replace(site, tariff=tariff)


def changed_outlook(case: Case, trial: Trial) -> Outlook:
    """The case's years under the same changes."""
    outlook, levels = case.outlook, PriceLevels(spread=trial.spread_share)
    reforms = tuple(replace(one, tariff=tariff_at(one.tariff, levels)) for one in outlook.reforms)
    return replace(outlook, measured=tuple(changed_site(one, trial) for one in outlook.measured), reforms=reforms)


def _beside(life: Life, case: Case) -> Life:
    """The life with savings against the case's own site, not against the changed one without a store."""
    own = np.array([case.outlook.site(case.site, int(year)).bill_without.total for year in life.years["year"]])
    years = life.years.assign(cost_without=own)
    return replace(life, years=years.assign(saving=years["saving"] + own - life.years["cost_without"]))


def _with_extra(costs: Costs, case: Case, trial: Trial) -> Costs:
    """The store's costs with what is bought beside it, carried as balance of plant."""
    if trial.extra_capital == 0.0:
        return costs
    rate = case.finance.exchange_rate(costs.currency, case.finance.currency or case.site.tariff.currency).value
    per_kwh = trial.extra_capital * (1.0 - costs.development_share.value) / rate / trial.energy_kwh
    return replace(costs, balance_per_kwh=replace(costs.balance_per_kwh, value=costs.balance_per_kwh.value + per_kwh))


def repriced(case: Case, lived: Evaluated, energy_cost_share: float = 1.0) -> Worth:
    """The same life at another price of energy capacity: dispatch does not see it, so no new life is needed.

    Costs per kWh that need the price of charging are None.
    """
    if lived.life is None:
        raise InputError([Fault(lived.trial.store, "has no plan at this size, so nothing to price", lived.why)])
    store = sized_store(case, lived.trial)
    costs = _with_extra(store.costs, case, lived.trial)
    energy = costs.energy_per_kwh
    costs = replace(costs, energy_per_kwh=replace(energy, value=energy.value * energy_cost_share))
    return worth(lived.life, store.plant, costs, case.finance, store.priced_beside)


def _row(trial: Trial, store: Candidate, life: Life, priced: Worth) -> dict[str, Any]:
    metrics, plant = priced.metrics, store.plant
    factors = (1.0 + priced.finance.discount_rate) ** -priced.cash_flow["year"].to_numpy(dtype=np.float64)
    told: dict[str, Any] = {
        "energy_kwh": trial.energy_kwh, "power_kw": trial.power_kw, "charge_power_kw": plant.charge_kw,
        "duration_h": trial.energy_kwh / trial.power_kw, "wear_price_per_kwh": trial.wear_price_per_kwh,
        "generation_share": trial.generation_share,
        "import_limit_kw": life.site.connection.import_limit_kw,
        "currency": metrics.currency, "tariff_currency": life.site.tariff.currency, "npv": metrics.npv,
        "irr": metrics.irr.rate, "irr_status": metrics.irr.status,
    }  # fmt: skip
    names = ("investment", "payback_years", "discounted_payback_years", "lcos_per_kwh", "lcos_without_charging_per_kwh",
             "cost_per_cycle", "first_year_saving", "mean_saving", "equivalent_annual_saving")  # fmt: skip
    told |= {name: getattr(metrics, name) for name in names}
    told |= {f"present_{name}": float(np.dot(priced.cash_flow[name], factors)) for name in CASH}
    stock: dict[str, float] = {}
    for one in store.plants:
        stock |= {name: stock.get(name, 0.0) + value for name, value in one.stock().items()}
    return told | _lived(life) | {f"stock_{name}": value for name, value in stock.items()}


def _lived(life: Life) -> dict[str, Any]:
    """What the store did, over the years it worked."""
    years = life.years
    works = years[years["capacity_kwh"] > 0.0]
    drawn = float((works["charged_kwh"] + works["auxiliary_kwh"]).sum())
    changes = years.loc[years["replaced"] > 0, "year"]
    retired = years.loc[years["capacity_kwh"] <= 0.0, "year"]
    ends = [int(found.iloc[0]) - 1 for found in (changes, retired) if len(found)]
    return {
        "life_years": float(min(ends)) if ends else None,
        "replaced": int(years["replaced"].sum()),
        "stacks_renewed": int(years["stacks_renewed"].sum()),
        "full_cycles_per_year": float(works["full_cycles"].mean()),
        "discharged_kwh_per_year": float(works["discharged_kwh"].mean()),
        "lost_kwh_per_year": (drawn - float(works["discharged_kwh"].sum())) / max(len(works), 1),
        "round_trip_share": float(works["discharged_kwh"].sum()) / drawn if drawn > 0.0 else None,
        "capacity_at_end_share": float(years["capacity_share"].iloc[-1]),
        "mean_temperature_c": float(works["mean_temperature_c"].mean()),
        "max_temperature_c": float(works["max_temperature_c"].max()),
        "peak_kw": float(life.months["peak_with_kw"].max()),
        "unserved_kwh": float(years["unserved_kwh"].sum()),
    }


class Bench:
    """Lives on demand, each lived once; the workers stay up between questions.

    Use as a context: `with Bench(case, workers) as bench: bench.ask([...])`.
    """

    def __init__(self, case: Case, workers: Workers | None = None):
        self.case = case
        workers = workers or Workers()
        workers.make_ready()
        self.question = Question(case.text, case.folder) if workers.alone else question_of(case)
        _SEEN[self.question] = case
        self.lived: dict[Trial, Evaluated] = {}
        self._waiting: deque[Trial] = deque()
        self._closed = False
        self._results = workers.run(live, self._source())

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):  # type: ignore[no-untyped-def]
        self._closed = True
        getattr(self._results, "close", lambda: None)()
        _SEEN.pop(self.question, None)

    def _source(self) -> Iterator[tuple[Question, Trial] | None]:
        """What workers draw from: trials while there are any, waiting otherwise."""
        while not self._closed:
            yield (self.question, self._waiting.popleft()) if self._waiting else None

    def ask(self, trials: Sequence[Trial], heard: Callable[[], None] | None = None) -> list[Evaluated]:
        """The trials' lives, in their order; what was lived before is only looked up. `heard` is called at each new."""
        open_ones = {one for one in trials if one not in self.lived}
        self._waiting.extend(one for one in dict.fromkeys(trials) if one in open_ones)
        while open_ones:
            _, found = next(self._results)
            if found is not None:
                self.lived[found.trial] = found
                open_ones.discard(found.trial)
                if heard is not None:
                    heard()
        return [self.lived[one] for one in trials]
