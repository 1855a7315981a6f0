"""What foresight is worth, as a page that stands alone and as a table for the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from markupsafe import Markup
from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from perdure.quantities import Language
from perdure.simulate.without_foresight import PERFECT
from perdure.study.foresight import NEGLIGIBLE_KWH, Compared, ForesightStudy
from perdure.study.reports.drawing import (
    ACCENTS,
    INK,
    MUTED,
    WITHOUT,
    Figure,
    as_written,
    axis,
    bars,
    figure,
    line,
    plain,
)
from perdure.study.reports.naming import charge_name, month_names
from perdure.study.reports.page import environment, part, plotly_source
from perdure.study.reports.summary import Flowing
from perdure.study.reports.words import money, money_scale, number, percent, say, unit_price

COLOURS = {"energy": "#3d6f8e", "demand": "#c98a2b", "wear": "#b5656f"}
MONEY = ("cost", "saving", "energy_saving", "demand_saving", "wear_cost")


@dataclass(frozen=True)
class Drawn:
    """One figure with its heading."""

    name: str
    title: str
    note: str
    figure: Figure


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


def write_regret(study: ForesightStudy, path: Path, language: Language = "en") -> Path:
    """Write the page as one HTML file; returns where it lies."""
    text = environment().get_template("regret.html.j2").render(
        language=language,
        say=lambda key, **values: say(key, language, **values),
        title=study.case.title,
        parts=[_part(one, position, language) for position, one in enumerate(study.compared)],
        remarks=remarks(study, language),
        style=Markup(part("page.css")),
        script=Markup(part("page.js")),
        plotly=Markup(plotly_source()),
    )  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def regret_summary(study: ForesightStudy, language: Language = "en") -> RenderableType:
    """Verdict and table of every candidate, then what to know, for the terminal."""
    told: list[RenderableType] = [Text(study.case.title, style="bold")]
    for one in study.compared:
        style = "bold green" if _saves(one) else "bold yellow"
        told.append(Padding(_flowing(verdict(one, language), style, language), (1, 0, 0, 0)))
        told += [_flowing(text, "", language) for text in [_net(one, language)] if text]
        told.append(_table(one, language))
    told.append(Text(say("regret.remarks", language), style="bold yellow"))
    return Group(*told, *(_flowing(f"  • {text}", "yellow", language, 4) for text in remarks(study, language)))


def _flowing(text: str, style: str, language: Language, indent: int = 0) -> RenderableType:
    return Text(text, style=style) if language == "en" else Flowing(text, style, indent)


def _table(one: Compared, language: Language) -> Table:
    """The page's table with fewer columns: a terminal is narrow."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    columns = [name for name in _columns(one) if name not in ("cost", "seconds")]
    for position, head in enumerate(_heads(one, columns, language)):
        table.add_column(head, justify="right" if position else "left", no_wrap=position == 0, overflow="fold")
    for row in _rows(one, columns, language):
        table.add_row(row.name, *row.cells, style="bold" if row.best else None)
    return table


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


def strategy_name(name: str, language: Language) -> str:
    """A strategy as a reader knows it."""
    return say(f"regret.strategy.{name}", language)


def remarks(study: ForesightStudy, language: Language) -> list[str]:
    """What has to be known before the numbers are believed."""
    names = ["start", "temperature", "net"]
    names += ["prices_forecast", *(["sees_price"] if study.sees_price else [])] if study.prices_forecast else []
    names += [] if study.prices_forecast else ["prices_known"]
    names += ["settings", "best", "new", *(["services"] if study.case.site.services else [])]
    told = [say(f"regret.remark_{name}", language) for name in names]
    for one in study.compared:
        told += _own_remarks(one, language)
    return told


def _own_remarks(one: Compared, language: Language) -> list[str]:
    told, name = [], one.candidate.name
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


def _part(one: Compared, position: int, language: Language) -> Part:
    key = f"c{position}"
    return Part(
        one.candidate.name, verdict(one, language), _net(one, language), _saves(one),
        _heads(one, _columns(one), language), _rows(one, _columns(one), language),
        [_saving(one, key, language), _lost(one, key, language), _peaks(one, key, language)],
    )  # fmt: skip


def _saves(one: Compared) -> bool:
    return float(one.row(one.best)["net_saving"]) > 0.0


def _net(one: Compared, language: Language) -> str:
    wear = one.candidate.wear_price_per_kwh
    return say("regret.net", language, price=unit_price(wear, one.found.currency, "kWh", language)) if wear else ""


def _columns(one: Compared) -> list[str]:
    """Columns of the table; wear only where it has a price."""
    names = ["cost", "saving", "share", "energy_saving", "demand_saving", "wear_cost", "cycles", "peak", "seconds"]
    return [name for name in names if name != "wear_cost" or one.candidate.wear_price_per_kwh]


def _heads(one: Compared, columns: list[str], language: Language) -> list[str]:
    _, unit = money_scale(one.found.currency, language)
    return [say(f"regret.{name}", language, unit=unit) for name in ("strategy", *columns)]


def _rows(one: Compared, columns: list[str], language: Language) -> list[Row]:
    return [
        Row(strategy_name(name, language), [_cell(one, one.row(name), column, language) for column in columns],
            name == one.best)
        for name in map(str, one.table["strategy"])
    ]  # fmt: skip


def _cell(one: Compared, row: pd.Series, column: str, language: Language) -> str:
    if column == "share":
        return _share(float(row["share_of_perfect"]), language)
    if column in MONEY:
        scale, _ = money_scale(one.found.currency, language)
        return number(float(row[column]) / scale, 2 if scale > 1 else 0)
    name, digits = {"cycles": ("full_cycles", 0), "peak": ("mean_peak_kw", 0), "seconds": ("seconds", 2)}[column]
    return number(float(row[name]), digits)


def _share(value: float, language: Language) -> str:
    return percent(value) if np.isfinite(value) else say("value.none", language)


def _saving(one: Compared, key: str, language: Language) -> Drawn:
    """Lying bars: energy, demand charge and wear of each strategy, the sum as a mark with its share."""
    scale, unit = money_scale(one.found.currency, language)
    rows = one.table.iloc[::-1]
    names = [as_written(strategy_name(str(name), language)) for name in rows["strategy"]]
    parts = {"energy": rows["energy_saving"], "demand": rows["demand_saving"], "wear": -rows["wear_cost"]}
    data = [
        bars(say(f"regret.{name}", language), plain(values / scale, 4), [], COLOURS[name])
        | {"y": names, "orientation": "h"}
        for name, values in parts.items()
        if np.abs(values).max() > 0.0
    ]  # fmt: skip
    reach = np.maximum(sum((np.maximum(values, 0.0) for values in parts.values()), start=np.zeros(len(rows))), 0.0)
    data.append(
        {"type": "scatter", "mode": "markers", "name": say("regret.sum", language), "y": names,
         "x": plain(rows["net_saving"] / scale, 4), "marker": {"color": INK, "symbol": "diamond", "size": 9}}
    )  # fmt: skip
    notes = [
        {"x": float(at) / scale, "y": name, "text": _share(float(share), language), "showarrow": False,
         "xanchor": "left", "xshift": 9, "font": {"size": 12, "color": INK}}
        for at, name, share in zip(reach, names, rows["share_of_perfect"], strict=True)
    ]  # fmt: skip
    below = sum((np.minimum(values, 0.0) for values in parts.values()), start=np.zeros(len(rows)))
    low = min(0.0, float(np.min(below)))
    high = max(float(np.max(reach)), 1e-9)
    x = axis(say("regret.axis_saving", language, unit=unit), tickformat=",~f", zeroline=True, showgrid=True,
             range=[1.04 * low / scale, (high + 0.12 * (high - low)) / scale])  # fmt: skip
    drawn = figure(
        data, x, axis(say("regret.strategy", language), type="category"), 120 + 42 * len(names),
        barmode="relative", bargap=0.35, hovermode="closest", annotations=notes, showlegend=True,
    )  # fmt: skip
    return Drawn(
        f"{key}_saving", say("regret.saving_figure", language), say("regret.saving_figure_note", language), drawn
    )


def _of(one: Compared, strategy: str) -> pd.DataFrame:
    return one.months[one.months["strategy"] == strategy]


def _lost(one: Compared, key: str, language: Language) -> Drawn:
    """Stacked bars: what the best strategy lost against perfect foresight in each month."""
    scale, unit = money_scale(one.found.currency, language)
    rows, currency = _of(one, one.best), one.found.currency
    months = month_names(one.site.bill_without.periods, language)
    shown = [name for name in COLOURS if name != "wear" or one.candidate.wear_price_per_kwh]
    data = [
        bars(say(f"regret.{name}", language), months, plain(rows[f"{name}_regret"] / scale, 4), COLOURS[name])
        for name in shown
    ]
    drawn = figure(
        data, axis(say("regret.axis_month", language), type="category"),
        axis(say("regret.axis_lost", language, unit=unit), tickformat=",~f", zeroline=True), 360,
        barmode="relative", bargap=0.3, showlegend=True,
    )  # fmt: skip
    lost = {name: money(float(rows[f"{name}_regret"].sum()), currency, language) for name in shown}
    told = [
        say("regret.part", language, name=say(f"regret.{name}", language), value=value) for name, value in lost.items()
    ]
    regret = money(float(rows["regret"].sum()), currency, language)
    note = say("regret.lost_figure_note", language, regret=regret, parts=say("regret.comma", language).join(told))
    title = say("regret.lost_figure", language, strategy=strategy_name(one.best, language))
    return Drawn(f"{key}_lost", title, note, drawn)


def _peaks(one: Compared, key: str, language: Language) -> Drawn:
    """Lines: the highest import of each month under every strategy and without a store."""
    months = month_names(one.site.bill_without.periods, language)
    without = line(say("regret.strategy.without", language), months, plain(one.site.bill_without.peak_kw, 1), WITHOUT,
                   line={"dash": "dash"})  # fmt: skip
    data, colours = [without], iter(ACCENTS)
    for name in map(str, one.table["strategy"]):
        colour = INK if name == PERFECT else next(colours, MUTED)
        bold = name in (PERFECT, one.best)
        dash = "solid" if bold else "dot"
        peaks = plain(_of(one, name)["peak_kw"], 1)
        data.append(line(strategy_name(name, language), months, peaks, colour, width=3 if bold else 1.6,
                         line={"dash": dash}))  # fmt: skip
    drawn = figure(
        data, axis(say("regret.axis_month", language), type="category"),
        axis(say("axis.peak", language), tickformat=",~f"), 440, showlegend=True,
    )  # fmt: skip
    return Drawn(f"{key}_peaks", say("regret.peak_figure", language), say("regret.peak_figure_note", language), drawn)
