"""Figures of what foresight is worth: saving by strategy, loss by month, monthly peaks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from perdure.quantities import Language
from perdure.simulate.without_foresight import PERFECT
from perdure.study.foresight import Compared
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
from perdure.study.reports.naming import month_names
from perdure.study.reports.regret_names import share_text, strategy_name
from perdure.study.reports.words import money, money_scale, say

COLOURS = {"energy": "#3d6f8e", "demand": "#c98a2b", "wear": "#b5656f"}


@dataclass(frozen=True)
class Drawn:
    """One figure with its heading."""

    name: str
    title: str
    note: str
    figure: Figure


def saving(one: Compared, key: str, language: Language) -> Drawn:
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
        {"x": float(at) / scale, "y": name, "text": share_text(float(share), language), "showarrow": False,
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


def lost(one: Compared, key: str, language: Language) -> Drawn:
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


def peaks(one: Compared, key: str, language: Language) -> Drawn:
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
