"""`perdure regret`: what a case's candidates earn without foresight, strategy by strategy, beside perfect foresight."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd

from perdure.dispatch.forecast import Published
from perdure.dispatch.horizon import Horizon, one_peak
from perdure.errors import Fault, InputError, did_you_mean
from perdure.market.service import ServiceTerms
from perdure.simulate.without_foresight import PERFECT, ByRule, Regret, Rolled, Rolling, Strategy, regret
from perdure.site.site import Site
from perdure.study.candidate import Candidate
from perdure.study.case import Case
from perdure.study.output_folder import LIBRARIES, MARK
from perdure.technology.ageing import Health

NEGLIGIBLE_KWH = 0.5
HELD_SHARE = 0.01
"""What may be missing of the store's energy before a promise to hold energy counts as not kept."""


@dataclass(frozen=True)
class Compared:
    """One candidate under every strategy.

    `table`: that of `Regret` with `net_saving` (saving minus wear), `share_of_perfect` (of perfect foresight's net
    saving; NaN where that is not above zero), `mean_peak_kw`, `highest_peak_kw`, `unserved_kwh` and, where services
    hold energy, `hold_missed_h`: hours in which more than one per cent of the store was missing. `months`: that of
    `Regret` with what was saved, `energy_saving` and `demand_saving`. `best`: the strategy without foresight that
    saved most, wear counted; known only afterwards.
    """

    candidate: Candidate
    site: Site
    strategies: tuple[Strategy, ...]
    found: Regret
    table: pd.DataFrame
    months: pd.DataFrame
    best: str
    left_out_services: tuple[str, ...] = ()

    def row(self, strategy: str) -> pd.Series:
        """The row of `table` of a strategy."""
        return self.table[self.table["strategy"] == strategy].iloc[0]

    @property
    def horizons(self) -> dict[str, Horizon]:
        """How each rolling plan looks ahead, by its name."""
        return {one.name: one.horizon for one in self.strategies if isinstance(one, Rolling)}

    @property
    def holds(self) -> bool:
        """True where services hold energy in every strategy."""
        return bool(self.site.services)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Demand charges that meet another one and are left out of the rolling plans."""
        return one_peak(self.site.prices.peaks, self.site.timeline.steps)[1]


@dataclass(frozen=True)
class ForesightStudy:
    """A case's candidates with every strategy."""

    case: Case
    compared: tuple[Compared, ...]
    not_compared: tuple[str, ...] = ()
    """Candidates of several stores, which rolling plans cannot run."""


def compare(case: Case, name: str | None = None, tell: Callable[[str, float], None] | None = None) -> ForesightStudy:
    """Every candidate of the case, or the one of this name, under every strategy that fits the case.

    The store is new. Of the services those that only hold energy are kept, the others left out: rolling plans know
    none. `tell(text, share)` hears the progress. Raises InputError for an unknown name, NoPlanError where not even
    perfect foresight has a plan.
    """
    chosen = candidates_of(case, name)
    parts = []
    for position, one in enumerate(chosen):

        def heard(text: str, share: float, position: int = position) -> None:
            if tell is not None:
                tell(text, (position + share) / len(chosen))

        parts.append(_compared(case, one, heard))
    several = tuple(one.name for one in case.candidates if one.beside) if name is None else ()
    return ForesightStudy(case, tuple(parts), several)


def candidates_of(case: Case, name: str | None) -> tuple[Candidate, ...]:
    """All candidates of one store, or the one of this name; InputError (with the nearest match) where there is none."""
    alone = tuple(one for one in case.candidates if not one.beside)
    names = [one.name for one in case.candidates]
    if (name is None and not alone) or name in set(names) - {one.name for one in alone}:
        raise InputError([Fault("candidates", "have several stores, which only perfect foresight plans together",
                                ", ".join(names) if name is None else name)])  # fmt: skip
    if name is None:
        return alone
    if name not in names:
        cure = did_you_mean(name, names)
        raise InputError([Fault("--candidate", "the case has no such candidate", repr(name), ", ".join(names), cure)])
    return tuple(one for one in case.candidates if one.name == name)


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
    whole = case.site.with_plant(candidate.plant)
    kept = tuple(one for one in whole.services if _only_holds(one.terms(whole.setting())))
    site = replace(whole, services=kept, service_terms=None)
    wear = candidate.wear_price_per_kwh
    every = case.foresight.strategies(site, wear)
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
    left_out = tuple(one.name for one in whole.services if one not in kept)
    return Compared(candidate, site, tuple(every), found, table, _months(found, site), best, left_out)


def _only_holds(terms: ServiceTerms) -> bool:
    """True for a service a rolling plan can keep: energy held, nothing sold."""
    return bool(terms.holds) and not (terms.reserves or terms.commitments or terms.payments or terms.ramps)


def _table(found: Regret) -> pd.DataFrame:
    table = found.table.copy()
    table.insert(3, "net_saving", table["saving"] - table["wear_cost"])
    perfect = float(table.loc[table["strategy"] == PERFECT, "net_saving"].iloc[0])
    table.insert(4, "share_of_perfect", table["net_saving"] / perfect if perfect > 0.0 else np.nan)
    runs = [found.runs[name] for name in table["strategy"]]
    table["mean_peak_kw"] = [float(run.bill.peak_kw.mean()) for run in runs]
    table["highest_peak_kw"] = [float(run.bill.peak_kw.max()) for run in runs]
    table["unserved_kwh"] = [_unserved_kwh(run) for run in runs]
    if runs[0].site.services:
        table["hold_missed_h"] = [_missed_h(run) for run in runs]
    return table


def _missed_h(run: Rolled) -> float:
    """Hours in which less was stored than services hold."""
    low, _ = run.site.the_plant.table().window(float(np.mean(run.track.temperature)))
    energy_kwh = run.site.the_plant.energy_kwh
    stored = (run.track.share - low) * energy_kwh
    missing = np.max([one.least_kwh - stored for one in run.site.promised.holds], axis=0)
    return float(np.count_nonzero(missing > HELD_SHARE * energy_kwh)) * run.site.timeline.step_h


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


def write_study(study: ForesightStudy, folder: Path, seconds: float) -> None:
    """`case.yaml` as run, `regret.csv`, `regret_months.csv` and `made_by.json`."""
    (folder / "case.yaml").write_text(study.case.text, encoding="utf-8")
    write_tables(study, folder)
    text = json.dumps(_made_by(study, seconds), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / MARK).write_text(text + "\n", encoding="utf-8")


def write_tables(study: ForesightStudy, folder: Path) -> None:
    """`regret.csv` and `regret_months.csv`; money in the tariff's currency."""
    for file, part in (("regret.csv", "table"), ("regret_months.csv", "months")):
        tables = []
        for one in study.compared:
            table = getattr(one, part).copy()
            table.insert(0, "candidate", one.candidate.name)
            table.insert(1, "currency", one.found.currency)
            tables.append(table)
        pd.concat(tables, ignore_index=True).to_csv(folder / file, index=False, float_format="%.10g")


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
    } | settings(study)


def settings(study: ForesightStudy) -> dict[str, object]:
    """What each strategy of each candidate was told, so that it can be run again."""
    return {"strategies": {one.candidate.name: _settings(one) for one in study.compared}}


def _settings(one: Compared) -> dict[str, object]:
    told: dict[str, object] = {}
    for strategy in one.strategies:
        if isinstance(strategy, Rolling):
            told[strategy.name] = {name: _plain(value) for name, value in vars(strategy.horizon).items()}
        elif isinstance(strategy, ByRule):
            told[strategy.name] = asdict(strategy.rule)  # type: ignore[call-overload]
    return told


def _plain(value: object) -> object:
    """A forecaster as its name and settings; a published series as its hour."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Published):
        return {"hour": value.hour}
    if is_dataclass(value):
        parts = {one.name: getattr(value, one.name) for one in fields(value)}
        return {name: _plain(part) for name, part in parts.items() if not isinstance(part, np.ndarray)}
    return value
