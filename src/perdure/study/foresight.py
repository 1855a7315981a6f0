"""`perdure regret`: what a case's candidates earn without foresight, strategy by strategy, beside perfect foresight."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd

from perdure.dispatch.forecasters import Persistence
from perdure.dispatch.horizon import Horizon, one_peak
from perdure.dispatch.rules import RULES, Rule, TimeWindows
from perdure.errors import Fault, InputError, did_you_mean
from perdure.market.tariffs.hourly_prices import HourlyPrices
from perdure.simulate.without_foresight import PERFECT, ByRule, Regret, Rolled, Rolling, Strategy, regret
from perdure.site.site import Site
from perdure.study.candidate import Candidate
from perdure.study.case import Case
from perdure.study.output_folder import MARK
from perdure.study.results import LIBRARIES
from perdure.technology.ageing import Health
from perdure.timeline import Floats

PRICE_LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
PRICE_PERSIST = 0.5
"""For forecast prices: every net load is planned with every price, and a price forecast's error keeps its rank less."""
NEGLIGIBLE_KWH = 0.5


@dataclass(frozen=True)
class Compared:
    """One candidate under every strategy.

    `table`: that of `Regret` with `net_saving` (saving minus wear), `share_of_perfect` (of perfect foresight's net
    saving; NaN where that is not above zero), `mean_peak_kw`, `highest_peak_kw` and `unserved_kwh`. `months`: that of
    `Regret` with what was saved, `energy_saving` and `demand_saving`. `best`: the strategy without foresight that
    saved most, wear counted; known only afterwards.
    """

    candidate: Candidate
    site: Site
    found: Regret
    table: pd.DataFrame
    months: pd.DataFrame
    best: str

    def row(self, strategy: str) -> pd.Series:
        """The row of `table` of a strategy."""
        return self.table[self.table["strategy"] == strategy].iloc[0]

    @property
    def left_out(self) -> tuple[str, ...]:
        """Demand charges that meet another one and are left out of the rolling plans."""
        return one_peak(self.site.prices.peaks, self.site.timeline.steps)[1]


@dataclass(frozen=True)
class ForesightStudy:
    """A case's candidates with every strategy; `prices_forecast`: prices were not taken as known ahead."""

    case: Case
    compared: tuple[Compared, ...]
    prices_forecast: bool
    sees_price: bool


def compare(case: Case, name: str | None = None, tell: Callable[[str, float], None] | None = None) -> ForesightStudy:
    """Every candidate of the case, or the one of this name, under every strategy that fits the case.

    The store is new. Services are left out: rolling plans know none. `tell(text, share)` hears the progress. Raises
    InputError for an unknown name, NoPlanError where not even perfect foresight has a plan.
    """
    chosen = candidates_of(case, name)
    parts = []
    for position, one in enumerate(chosen):

        def heard(text: str, share: float, position: int = position) -> None:
            if tell is not None:
                tell(text, (position + share) / len(chosen))

        parts.append(_compared(case, one, heard))
    return ForesightStudy(case, tuple(parts), prices_are_forecast(case.site), Horizon().sees_price)


def candidates_of(case: Case, name: str | None) -> tuple[Candidate, ...]:
    """All candidates, or the one of this name; InputError with the nearest match where there is none."""
    if name is None:
        return case.candidates
    names = [one.name for one in case.candidates]
    if name not in names:
        cure = did_you_mean(name, names)
        raise InputError([Fault("--candidate", "the case has no such candidate", repr(name), ", ".join(names), cure)])
    return tuple(one for one in case.candidates if one.name == name)


def prices_are_forecast(site: Site) -> bool:
    """True where the tariff is a price series: its coming prices are forecast, not known."""
    return isinstance(site.tariff, HourlyPrices)


def strategies(site: Site, wear_price_per_kwh: float = 0.0) -> list[Strategy]:
    """Rolling plans and the rules that fit the site, which has a plant; perfect foresight comes by itself."""
    hourly = Horizon(wear_price_per_kwh=wear_price_per_kwh)
    if prices_are_forecast(site):
        hourly = replace(hourly, price=Persistence(), persist=PRICE_PERSIST, levels=PRICE_LEVELS)
    rolling: list[Strategy] = [
        Rolling(hourly, "value_hourly"),
        Rolling(replace(hourly, control="power"), "schedule_hourly"),
        Rolling(replace(hourly, replan_h=24.0), "value_daily"),
    ]
    known = _day_before(site) if prices_are_forecast(site) else None
    return [*rolling, *(ByRule(_sized(rule, site), known) for rule in RULES.values() if fits(rule, site))]


def fits(rule: Rule, site: Site) -> bool:
    """False for a rule that has nothing to act on: no demand charge, no change of price, little surplus.

    Little is less than fills the store once in a billing month.
    """
    demand = any(bool(np.any(peak.rate_per_kw > 0.0)) for peak in site.prices.peaks)
    changing = float(np.ptp(site.prices.buy_per_kwh)) > 1e-9
    if isinstance(rule, TimeWindows):
        return changing and (demand or not rule.under_threshold)
    surplus_kwh = float(np.maximum(-site.net_kw, 0.0).sum()) * site.timeline.step_h
    enough = surplus_kwh >= site.the_plant.energy_kwh * len(site.bill_without.periods)
    return {"self_consumption": enough, "peak_shaving": demand}.get(rule.name, True)


def _sized(rule: Rule, site: Site) -> Rule:
    """Prices that change every step have no lowest stretch: as many hours as fill and empty the store."""
    if not (isinstance(rule, TimeWindows) and prices_are_forecast(site)):
        return rule
    plant = site.the_plant
    hours = (min(plant.energy_kwh / power, 12.0) for power in (plant.charge_kw, plant.power_kw))
    charge_h, discharge_h = (max(one, site.timeline.step_h) for one in hours)
    return replace(rule, charge_h=charge_h, discharge_h=discharge_h)


def _day_before(site: Site) -> Floats:
    """The price of the same step a day before (steps,); flat on the first day, of which nothing is known."""
    day, price = round(24.0 / site.timeline.step_h), site.prices.buy_per_kwh
    return np.concatenate([np.full(min(day, price.size), price[0]), price[:-day]])


@dataclass(frozen=True)
class _Heard:
    """A strategy that says when it begins."""

    strategy: Strategy
    tell: Callable[[], None]

    @property
    def name(self) -> str:
        return self.strategy.name

    def run(self, site: Site, health: Health) -> Rolled:
        self.tell()
        return self.strategy.run(site, health)


def _compared(case: Case, candidate: Candidate, tell: Callable[[str, float], None]) -> Compared:
    site = replace(case.site, services=(), service_terms=None).with_plant(candidate.plant)
    wear = candidate.wear_price_per_kwh
    every = strategies(site, wear)
    tell(f"{candidate.name}: {PERFECT}", 0.0)
    heard: list[Strategy] = []
    for position, one in enumerate(every):

        def begin(name: str = one.name, share: float = (position + 1) / (len(every) + 1)) -> None:
            tell(f"{candidate.name}: {name.replace('_', ' ')}", share)

        heard.append(_Heard(one, begin))
    found = regret(site, heard, wear_price_per_kwh=wear)
    table = _table(found)
    causal = table[table["strategy"] != PERFECT]
    best = str(causal["strategy"].iloc[int(causal["net_saving"].argmax())])
    return Compared(candidate, site, found, table, _months(found, site), best)


def _table(found: Regret) -> pd.DataFrame:
    table = found.table.copy()
    table.insert(3, "net_saving", table["saving"] - table["wear_cost"])
    perfect = float(table.loc[table["strategy"] == PERFECT, "net_saving"].iloc[0])
    table.insert(4, "share_of_perfect", table["net_saving"] / perfect if perfect > 0.0 else np.nan)
    runs = [found.runs[name] for name in table["strategy"]]
    table["mean_peak_kw"] = [float(run.bill.peak_kw.mean()) for run in runs]
    table["highest_peak_kw"] = [float(run.bill.peak_kw.max()) for run in runs]
    table["unserved_kwh"] = [_unserved_kwh(run) for run in runs]
    return table


def _unserved_kwh(run: Rolled) -> float:
    """Load and charging beyond the connection, which the bill does not hold."""
    _, _, _, unserved_kw = run.site.meter(run.track.ac_kw + run.track.auxiliary_kw)
    return float(unserved_kw.sum()) * run.site.timeline.step_h


def _months(found: Regret, site: Site) -> pd.DataFrame:
    """What each month saved: without a store, minus with."""
    demand_lines = {peak.name for peak in site.prices.peaks}
    parts = []
    for name, rows in found.months.groupby("strategy", sort=False):
        bill, none = found.runs[str(name)].bill, np.zeros(len(rows))
        demand = sum(
            (site.bill_without.lines.get(one, none) - bill.lines.get(one, none) for one in demand_lines), start=none
        )
        energy = site.bill_without.by_period - bill.by_period - demand
        parts.append(rows.assign(energy_saving=energy, demand_saving=demand))
    return pd.concat(parts, ignore_index=True)


def write_tables(study: ForesightStudy, folder: Path, seconds: float) -> None:
    """`case.yaml` as run, `regret.csv`, `months.csv` and `made_by.json`; money in the tariff's currency."""
    (folder / "case.yaml").write_text(study.case.text, encoding="utf-8")
    for file, part in (("regret.csv", "table"), ("months.csv", "months")):
        tables = []
        for one in study.compared:
            table = getattr(one, part).copy()
            table.insert(0, "candidate", one.candidate.name)
            table.insert(1, "currency", one.found.currency)
            tables.append(table)
        pd.concat(tables, ignore_index=True).to_csv(folder / file, index=False, float_format="%.10g")
    text = json.dumps(_made_by(study, seconds), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / MARK).write_text(text + "\n", encoding="utf-8")


def _made_by(study: ForesightStudy, seconds: float) -> dict[str, object]:
    from perdure import __version__

    return {
        "perdure": __version__,
        "command": "regret",
        "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "case_remarks": list(study.case.remarks),
        "prices_forecast": study.prices_forecast,
        "sees_price": study.sees_price,
        "strategies": {one.candidate.name: _settings(one) for one in study.compared},
    }


def _settings(one: Compared) -> dict[str, object]:
    """What each strategy was told, so that it can be run again."""
    told: dict[str, object] = {}
    for strategy in strategies(one.site, one.candidate.wear_price_per_kwh):
        if isinstance(strategy, Rolling):
            horizon = strategy.horizon
            given = {name: value for name, value in vars(horizon).items() if name not in ("net", "price", "published")}
            forecasters = {name: getattr(getattr(horizon, name), "name", None) for name in ("net", "price")}
            told[strategy.name] = given | forecasters
        elif isinstance(strategy, ByRule):
            told[strategy.name] = asdict(strategy.rule)  # type: ignore[call-overload]
    return told
