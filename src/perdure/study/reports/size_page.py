"""The page of `perdure size`: for each store the best size, why it is the best, and the surface it was found on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from perdure.quantities import Language
from perdure.study.case import Case
from perdure.study.reports.size_figures import along_energy, surface, wear
from perdure.study.reports.sizing import (
    Line,
    Part,
    Sheet,
    figure_words,
    in_terminal,
    life_words,
    rate_words,
    size_words,
    write_page,
    years_words,
)
from perdure.study.reports.summary import Flowing, what_to_know
from perdure.study.reports.weakness import all_technical, checks, cost_figures, weak_words
from perdure.study.reports.words import GAP, money, number, percent, say, unit_price
from perdure.study.sizing.size import Sized


def write_size(case: Case, found: Sequence[Sized], path: Path, language: Language = "en") -> Path:
    """Write the page as one HTML file; returns where it lies."""
    parts = [_part(case, one, position, language) for position, one in enumerate(found)]
    summary = " ".join(text for text in (say("size.summary", language), overall(found, language)) if text)
    eyebrow = say("size.eyebrow", language)
    weak = weak_words(case, [one.store for one in found], language)
    return write_page(path, case.title, eyebrow, summary, parts, weak, remarks(found, language), language)


def size_summary(case: Case, found: Sequence[Sized], language: Language = "en") -> RenderableType:
    """Verdict and table of every store, then what to know, for the terminal."""
    told: list[RenderableType] = [Text(case.title, style="bold")]
    for one in found:
        style = "bold yellow" if one.none_is_best else "bold green"
        told.append(Padding(Flowing(verdict(case, one, language), style), (1, 0, 0, 0)))
        if one.best is not None:
            told.append(in_terminal(_facts(case, one, language)))
    told += [Flowing(text, "bold") for text in [overall(found, language)] if text]
    known = [*weak_words(case, [one.store for one in found], language), *remarks(found, language)]
    return Group(*told, *what_to_know(known, language))


def overall(found: Sequence[Sized], language: Language) -> str:
    """Which store is worth most, where there are several."""
    if len(found) < 2:
        return ""
    worth = [one for one in found if not one.none_is_best]
    if not worth:
        return say("size.overall_none", language)
    best = max(worth, key=lambda one: one.best.npv if one.best is not None else 0.0)
    return say("size.overall", language, name=best.store.name)


def verdict(case: Case, one: Sized, language: Language) -> str:
    """One sentence: the best size and what it is worth, or that none is."""
    name = one.store.name
    if one.best is None:
        return say("size.verdict_no_plan", language, name=name, why=one.surface["why"].iloc[-1])
    row = one.best.row
    told = {"name": name, "size": size_words(row), "years": case.lifetime.years}
    value = money(row["npv"], row["currency"], language)
    if one.by in ("autonomy_hours", "peak_kw"):
        return say("size.verdict_service", language, npv=value, **told)
    if one.none_is_best:
        return say("size.verdict_none", language, loss=money(-row["npv"], row["currency"], language), **told)
    if one.by == "npv":
        return say("size.verdict", language, npv=value, **told)
    figure = figure_words(row, one.by, language)
    return say("size.verdict_by", language, by=say(f"size.by.{one.by}", language), figure=figure, npv=value, **told)


def _part(case: Case, one: Sized, position: int, language: Language) -> Part:
    if one.best is None:
        return Part(verdict=verdict(case, one, language), good=False)
    key = f"s{position}"
    drawn = [surface(one, key, language), along_energy(one, key, language)]
    if one.wear is not None:
        drawn.append(wear(one.wear, one.best.row, key, language))
    return Part(
        name=f"{one.store.name}{say('list.colon', language)}{say('size.best', language)}",
        verdict=verdict(case, one, language), good=not one.none_is_best,
        tables=[_facts(case, one, language)], drawn=drawn, about=one.store.name,
    )  # fmt: skip


def _facts(case: Case, one: Sized, language: Language) -> Sheet:
    """The best size and what its life comes to."""
    assert one.best is not None
    row, currency = one.best.row, one.best.row["currency"]
    rows = [
        (say("size.energy", language), f"{number(row['energy_kwh'])}{GAP}kWh, {_modules(one, language)}"),
        (say("size.power", language), f"{number(row['power_kw'])}{GAP}kW"),
        (say("size.duration", language), f"{number(row['duration_h'], 1)}{GAP}h"),
        *_further(one, language),
        (say("row.investment", language), money(row["investment"], currency, language)),
        (say("row.confidence", language), checks(cost_figures(case, one.store), language)),
        (say("row.npv", language), money(row["npv"], currency, language)),
        (say("row.irr", language), rate_words(row, language)),
        (say("row.payback", language), years_words(row["payback_years"], language)),
        (say("row.lcos", language), unit_price(row["lcos_per_kwh"], currency, "kWh", language)),
        (say("row.mean_saving", language), money(row["mean_saving"], currency, language)),
        (say("row.technical", language), checks(all_technical(one.store), language)),
        (say("row.life", language), life_words(row, case.lifetime.years, language)),
        (say("row.cycles", language), number(row["full_cycles_per_year"])),
        (
            say("size.wear_price", language),
            unit_price(row["wear_price_per_kwh"], row["tariff_currency"], "kWh", language),
        ),
    ]
    if row["round_trip_share"] is not None:
        rows.append((say("size.round_trip", language), percent(row["round_trip_share"])))
    heads = [say("size.figure", language), say("size.value", language)]
    return Sheet("", heads, [Line(name, [value]) for name, value in rows])


def _modules(one: Sized, language: Language) -> str:
    assert one.best is not None
    axes = one.axes
    told = {"count": number(one.best.trial.energy_kwh / axes.module_kwh), "kwh": f"{axes.module_kwh:.4g}"}
    if not axes.module_name:
        return say("size.steps", language, **told)
    titles = {level.name: level.title for level in one.store.plant.technology.levels}
    return say("size.modules", language, level=titles[axes.module_name][language], **told)


def _further(one: Sized, language: Language) -> list[tuple[str, str]]:
    """The further axes, where there are any."""
    assert one.best is not None
    told = []
    if len(one.axes.generation_shares) > 1:
        told.append((say("size.generation", language), number(one.best.trial.generation_share, 2)))
    if len(one.axes.import_limits_kw) > 1 or one.by == "peak_kw":
        told.append((say("size.connection", language), f"{number(one.best.row['import_limit_kw'])}{GAP}kW"))
    return told


def remarks(found: Sequence[Sized], language: Language) -> list[str]:
    """What a reader must know: bounds met, what the search can miss, how much was computed."""
    told = []
    for one in found:
        named = [key for key in one.remarks if key not in ("no_plan", "none_is_best")]
        others = ", ".join(
            f"{other.name} ({number(other.plant.energy_kwh)}{GAP}kWh, {number(other.plant.power_kw)}{GAP}kW)"
            for other in one.store.beside
        )
        told += [say(f"size.remark_{key}", language, name=one.store.name, others=others) for key in named]
    for one in found:
        told.append(say(
            "size.remark_lives", language, name=one.store.name, lives=one.lives, coarse=number(one.coarse_seconds),
            seconds=number(one.seconds), tolerance=percent(one.options.tolerance, 0),
            module=f"{one.axes.module_kwh:.4g}", step=f"{one.axes.step_kw:.4g}",
        ))  # fmt: skip
    told.append(say("size.remark_local", language))
    if any(one.axes.extra_per_share or one.axes.extra_per_kw for one in found):
        told.append(say("size.remark_extra", language))
    if any(one.by == "autonomy_hours" for one in found):
        told.append(say("size.remark_autonomy", language))
    told.append(say("size.remark_foresight", language))
    return told
