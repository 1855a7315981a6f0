"""What foresight is worth, candidate by candidate: verdict, table, what to know; shared by its page and the report."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from perdure.dispatch.forecasters import KnownDays
from perdure.dispatch.horizon import Horizon
from perdure.quantities import Language
from perdure.simulate.without_foresight import PERFECT, ByRule
from perdure.study.foresight import NEGLIGIBLE_KWH, Compared, ForesightStudy
from perdure.study.foresight_file import PlanInput
from perdure.study.reports.figures_regret import Drawn, lost, peaks, saving
from perdure.study.reports.naming import charge_name
from perdure.study.reports.regret_names import share_text, strategy_name
from perdure.study.reports.translation import translated
from perdure.study.reports.weakness import weak_words
from perdure.study.reports.words import money, money_scale, number, percent, say, unit_price

MONEY = ("cost", "saving", "energy_saving", "demand_saving", "wear_cost")


@dataclass(frozen=True)
class Row:
    """One strategy in the table; `best`: of those without foresight."""

    name: str
    cells: list[str]
    best: bool


@dataclass(frozen=True)
class Part:
    """One candidate's part of the page."""

    name: str
    verdict: str
    net: str
    saves: bool
    heads: list[str]
    rows: list[Row]
    drawn: list[Drawn]


def parts(study: ForesightStudy, language: Language) -> list[Part]:
    """Every candidate's part."""
    return [_part(one, position, language) for position, one in enumerate(study.compared)]


def remarks(study: ForesightStudy, language: Language, in_report: bool = False) -> list[str]:
    """What has to be known before the numbers are believed."""
    candidates = [one.candidate for one in study.compared]
    told = [] if in_report else weak_words(study.case, candidates, language, money=False)
    told += [say(f"regret.remark_{name}", language) for name in ("start", "temperature")]
    told += _forecast_remarks(study, language)
    own = study.case.foresight.asked
    if not own.plan.model_fields_set and not any(isinstance(one, PlanInput) for one in own.strategies):
        told.append(say("regret.remark_settings", language))
    told += [say(f"regret.remark_{name}", language) for name in ("best", "new_in_report" if in_report else "new")]
    for one in study.compared:
        told += _own_remarks(one, language)
    if study.not_compared:
        names = say("list.comma", language).join(study.not_compared)
        told.append(say("regret.remark_several", language, names=names))
    return list(dict.fromkeys(told))


def _forecast_remarks(study: ForesightStudy, language: Language) -> list[str]:
    """How load and prices are forecast, and by which strategies where they differ."""
    plans = {name: horizon for one in study.compared for name, horizon in one.horizons.items()}
    said: dict[str, list[str]] = {}
    for name, horizon in plans.items():
        for text in (_net_text(horizon, language), _price_text(horizon, language)):
            said.setdefault(text, []).append(strategy_name(name, language))
    comma = say("list.comma", language)
    told = [
        text
        if len(names) == len(plans)
        else say("regret.only", language, names=comma.join(f"“{name}”" for name in names), text=text)
        for text, names in said.items()
    ]
    guessing = [one for one in plans.values() if one.price is not None and one.control == "value"]
    if any(one.sees_price for one in guessing):
        told.append(say("regret.remark_sees_price", language))
    rules = [one for part in study.compared for one in part.strategies if isinstance(one, ByRule)]
    if any(one.known_price is not None for one in rules):
        published = study.case.foresight.day_ahead_price is not None
        told.append(say("regret.rules_published" if published else "regret.rules_day_before", language))
    return told


def _net_text(horizon: Horizon, language: Language) -> str:
    name = "known" if horizon.net is None else horizon.net.name
    return say(f"regret.net_by.{name}{'_weather' if horizon.weather else ''}", language)


def _price_text(horizon: Horizon, language: Language) -> str:
    if isinstance(horizon.price, KnownDays):
        beyond = say(f"regret.beyond.{horizon.price.beyond.name}", language)
        return say("regret.price_by.day_ahead", language, hour=horizon.price.hour, beyond=beyond)
    name = "known" if horizon.price is None else horizon.price.name
    text = say(f"regret.price_by.{name}", language)
    hour = next((one.hour for one in horizon.published), None)
    return text if name != "published" else text.format(hour=hour)


def _own_remarks(one: Compared, language: Language) -> list[str]:
    told, name = [], one.candidate.name
    comma = say("list.comma", language)
    if one.holds:
        kept = comma.join(translated(service.name, language, "words") for service in one.site.services)
        told.append(say("regret.remark_holds", language, services=kept))
    if one.left_out_services:
        names = comma.join(translated(service, language, "words") for service in one.left_out_services)
        told.append(say("regret.remark_services", language, services=names))
    if one.left_out:
        charges = ", ".join(charge_name(line, language) for line in one.left_out)
        told.append(say("regret.remark_left_out", language, name=name, charges=charges))
    for row in one.table.to_dict("records"):
        strategy = strategy_name(str(row["strategy"]), language)
        if row["unserved_kwh"] > NEGLIGIBLE_KWH:
            energy = number(float(row["unserved_kwh"]))
            told.append(say("regret.remark_unserved", language, name=name, strategy=strategy, energy=energy))
        if row["share_of_perfect"] > 1.0 + 1e-6:
            told.append(say("regret.remark_perfect", language, name=name, strategy=strategy))
    return told


def verdict(one: Compared, language: Language) -> str:
    """One sentence: what the best strategy without foresight keeps of perfect foresight's saving."""
    currency, best = one.found.currency, one.row(one.best)
    possible, saving = float(one.row(PERFECT)["net_saving"]), float(best["net_saving"])
    told = {
        "name": one.candidate.name,
        "months": len(one.site.bill_without.periods),
        "possible": money(possible, currency, language),
    }
    if possible <= 0.0:
        return say("regret.verdict_nothing", language, **told)
    told["strategy"] = strategy_name(one.best, language)
    if saving <= 0.0:
        return say("regret.verdict_loses", language, loss=money(-saving, currency, language), **told)
    share = percent(float(best["share_of_perfect"]))
    return say("regret.verdict", language, share=share, saving=money(saving, currency, language), **told)


def _part(one: Compared, position: int, language: Language) -> Part:
    key = f"c{position}"
    return Part(
        one.candidate.name, verdict(one, language), net(one, language), saves(one),
        heads(one, columns(one), language), rows(one, columns(one), language),
        [saving(one, key, language), lost(one, key, language), peaks(one, key, language)],
    )  # fmt: skip


def saves(one: Compared) -> bool:
    """True where the best strategy without foresight saves anything."""
    return float(one.row(one.best)["net_saving"]) > 0.0


def net(one: Compared, language: Language) -> str:
    """That savings are after wear, where wear has a price."""
    wear = one.candidate.wear_price_per_kwh
    return say("regret.net", language, price=unit_price(wear, one.found.currency, "kWh", language)) if wear else ""


def columns(one: Compared) -> list[str]:
    """Columns of the table; wear only where it has a price, what was missing only where energy is held."""
    names = ["cost", "saving", "share", "energy_saving", "demand_saving", "wear_cost", "cycles", "peak", "missed",
             "seconds"]  # fmt: skip
    shown = {"wear_cost": bool(one.candidate.wear_price_per_kwh), "missed": one.holds}
    return [name for name in names if shown.get(name, True)]


def heads(one: Compared, columns: list[str], language: Language) -> list[str]:
    """Heads of the table with their units."""
    _, unit = money_scale(one.found.currency, language)
    return [say(f"regret.{name}", language, unit=unit) for name in ("strategy", *columns)]


def rows(one: Compared, columns: list[str], language: Language) -> list[Row]:
    """A row for each strategy."""
    return [
        Row(strategy_name(name, language), [_cell(one, one.row(name), column, language) for column in columns],
            name == one.best)
        for name in map(str, one.table["strategy"])
    ]  # fmt: skip


def _cell(one: Compared, row: pd.Series, column: str, language: Language) -> str:
    if column == "share":
        return share_text(float(row["share_of_perfect"]), language)
    if column in MONEY:
        scale, _ = money_scale(one.found.currency, language)
        return number(float(row[column]) / scale, 2 if scale > 1 else 0)
    name = {"cycles": "full_cycles", "peak": "mean_peak_kw", "missed": "hold_missed_h"}.get(column, column)
    return number(float(row[name]), 2 if column == "seconds" else 0)
