"""`uncertainty`: how a case comes out when its figures are ranges: the spread, the chances, and which range matters."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from perdure.errors import Faults
from perdure.study.case import Case
from perdure.study.evaluate import Bench, Trial
from perdure.study.sizing.wear_price import search_wear_price
from perdure.study.uncertainty.draws import Asked, Draws, Requests, Tell
from perdure.study.uncertainty.file import UncertaintyInput
from perdure.study.uncertainty.inputs import Resolved, Variable, base, resolve
from perdure.study.uncertainty.rank import Measure, ranking_table
from perdure.study.uncertainty.tables import outage_table, pair_table, summary_table
from perdure.study.workers import Workers
from perdure.timeline import Floats

LOW, HIGH = 0.1, 0.9
"""Shares of outcomes below the low and the high scenario of an input."""


@dataclass(frozen=True)
class Prospects:
    """How a case comes out. Money in `currency`; docs/uncertainty.md tells every column.

    `npv` (draws, candidates), nan where a drawn life has no plan; `base`: the case as written. `summary`: one row per
    candidate; `pairs`: one per ordered pair; `scenarios`: one per candidate, input and value; `ranking`: one per
    candidate and input, by `measure`; `explained`: share of the variance of ranks that a regression explains;
    `outages`: one per candidate where outages are drawn and a backup service tells what is survived.
    """

    case: Case
    spec: UncertaintyInput
    resolved: Resolved
    draws: Draws
    currency: str
    npv: pd.DataFrame
    inputs: pd.DataFrame
    base: dict[str, float]
    summary: pd.DataFrame
    pairs: pd.DataFrame
    scenarios: pd.DataFrame
    ranking: pd.DataFrame
    measure: Measure
    explained: dict[str, float]
    outages: pd.DataFrame
    why: dict[str, str]
    lives: int
    seconds: float

    @property
    def priced(self) -> int:
        """How often a life was priced for the distribution."""
        return self.draws.count


def uncertainty(
    case: Case, spec: UncertaintyInput | None = None, *, workers: Workers | None = None, tell: Tell | None = None
) -> Prospects:
    """Draw the case's uncertain figures and live every candidate through under the same draws.

    `spec`: default the case's `uncertainty` part. The same seed gives the same numbers whatever the workers. Raises
    InputError where an input does not fit the case.
    """
    began, spec, workers = time.perf_counter(), spec or case.uncertainty, workers or Workers()
    faults = Faults()
    resolved = resolve(case, spec, faults)
    faults.raise_if_any()
    draws = Draws.of(resolved, spec)
    requests = Requests(case, draws, _wear_prices(case, workers, tell))
    asked = _Asking(requests, _measure(spec, draws, resolved))
    requests.live(workers, tell)
    return _answer(case, spec, resolved, asked, began)


def _measure(spec: UncertaintyInput, draws: Draws, resolved: Resolved) -> Measure:
    if spec.ranking == "auto":
        return "regression" if draws.living or resolved.together else "sobol"
    return spec.ranking


def _wear_prices(case: Case, workers: Workers, tell: Tell | None) -> dict[str, float]:
    """Of each candidate; sought once, for the case as written, where the case says so."""
    found = {one.name: one.wear_price_per_kwh for one in case.candidates}
    sought = [one for one in case.candidates if one.wear_price_is_sought]
    if not sought:
        return found
    with Bench(case, workers) as bench:
        for one in sought:
            if tell is not None:
                tell(f"{one.name}: wear price", 0.0)
            plant = one.plant
            trial = Trial(one.name, plant.energy_kwh, plant.power_kw, plant.charge_power_kw)
            if bench.ask([trial])[0].row:
                found[one.name] = search_wear_price(bench, trial).best.trial.wear_price_per_kwh
    return found


class _Asking:
    """Everything the study asks, by what it is for."""

    def __init__(self, requests: Requests, measure: Measure):
        self.requests, self.measure = requests, measure
        self.draws, self.case = requests.draws, requests.case
        names = [one.name for one in self.case.candidates]
        self.base = {name: requests.ask(name, ()) for name in names}
        self.sample = {name: self._all(name, self.draws.lives.drawn, self.draws.prices.drawn) for name in names}
        self.scenarios = {name: self._scenarios(name) for name in names}
        self.changed = {name: self._changed(name) for name in names} if measure == "sobol" else {}

    def _all(self, name: str, lives: Floats, prices: Floats) -> list[Asked]:
        rows = self.draws.rows(name, prices).reshape(len(lives), self.draws.each, -1)
        return [self.requests.ask(name, drawn, own)
                for drawn, own in zip(self.draws.drawn(name, lives), rows, strict=True)]  # fmt: skip

    def acting(self, name: str) -> list[Variable]:
        """Variables that move a candidate's net present value."""
        return [one for one in (*self.draws.living, *self.draws.pricing)
                if name in one.laws and one.kind.needs != "outage"]  # fmt: skip

    def _changed(self, name: str) -> dict[str, list[Asked]]:
        """For each variable, the sample with that one alone taken from the other sample."""
        return {one.key: self._all(name, *self._swapped(one)) for one in self.acting(name)}

    def _swapped(self, variable: Variable) -> tuple[Floats, Floats]:
        lives, prices = self.draws.lives.drawn, self.draws.prices.drawn
        if variable in self.draws.living:
            lives, place = lives.copy(), self.draws.living.index(variable)
            lives[:, place] = self.draws.lives.other[:, place]
        else:
            prices, place = prices.copy(), self.draws.pricing.index(variable)
            prices[:, place] = self.draws.prices.other[:, place]
        return lives, prices

    def _scenarios(self, name: str) -> list[tuple[Variable, str, Floats, Asked]]:
        """Each variable alone low, high, or at each value of a choice."""
        found = []
        for one in self.acting(name):
            for scenario, values in _cases(one, name):
                if one in self.draws.living:
                    asked = self.requests.ask(name, ((one.kind.name, tuple(map(float, values))),))
                else:
                    columns = self.draws.columns(name)
                    row = np.full((1, len(columns)), np.nan)
                    row[0, [i for i, (kind, _) in enumerate(columns) if kind == one.kind.name]] = values
                    asked = self.requests.ask(name, (), row)
                found.append((one, scenario, values, asked))
        return found

    def npv(self, asked: list[Asked]) -> Floats:
        """(draws,)."""
        return np.concatenate([self.requests.npv(one) for one in asked])


def _cases(variable: Variable, name: str) -> list[tuple[str, Floats]]:
    """Low and high, or every value of a choice, with its value in each store."""
    if variable.is_choice:
        law = variable.laws[name][0]
        return [(f"{value:.0f}", np.array([value])) for value in dict.fromkeys(law.numbers)]
    return [
        (scenario, variable.values(name, np.array([share]))[0]) for scenario, share in (("low", LOW), ("high", HIGH))
    ]


def _answer(case: Case, spec: UncertaintyInput, resolved: Resolved, asked: _Asking, began: float) -> Prospects:
    draws, lived = asked.draws, asked.requests.lived
    npv = pd.DataFrame({name: asked.npv(own) for name, own in asked.sample.items()})
    own = {name: float(asked.requests.npv(one)[0]) for name, one in asked.base.items()}
    changed = {name: {key: asked.npv(one) for key, one in told.items()} for name, told in asked.changed.items()}
    acting = {name: asked.acting(name) for name in asked.sample}
    ranking, explained = ranking_table(draws, npv, acting, changed, asked.measure, spec.seed)
    why: dict[str, str] = {}
    for (name, _), one in lived.items():
        if one.why:
            why.setdefault(name, one.why)
    lives = {name: [lived[one.life] for one in told] for name, told in asked.sample.items()}
    return Prospects(
        case=case, spec=spec, resolved=resolved, draws=draws,
        currency=case.finance.currency or case.site.tariff.currency, npv=npv, inputs=_inputs(draws, resolved),
        base=own, summary=summary_table(draws, npv, own, lives, spec.seed), pairs=pair_table(draws, npv, spec.seed),
        scenarios=_scenario_table(case, asked, own), ranking=ranking, measure=asked.measure, explained=explained,
        outages=outage_table(case, draws, lives), why=why, lives=len(lived), seconds=time.perf_counter() - began,
    )  # fmt: skip


def _inputs(draws: Draws, resolved: Resolved) -> pd.DataFrame:
    """What was drawn: one row per draw, one column per variable and, of a common range, candidate."""
    columns: dict[str, Floats] = {}
    for one in resolved.variables:
        alike = len(set(one.laws.values())) == 1
        for name in list(one.laws)[:1] if alike else one.laws:
            columns[one.key if alike else f"{one.key} of {name}"] = draws.value(one, name)
    return pd.DataFrame(columns)


def _scenario_table(case: Case, asked: _Asking, own: dict[str, float]) -> pd.DataFrame:
    rows = []
    for name, told in asked.scenarios.items():
        for variable, scenario, values, one in told:
            rows.append({
                "candidate": name, "input": variable.kind.name, "own": int(bool(variable.owner)), "scenario": scenario,
                "input_value": float(values[0]), "input_base": base(case, variable.kind.name),
                "npv": float(asked.requests.npv(one)[0]), "npv_base": own[name],
            })  # fmt: skip
    return pd.DataFrame(rows)
