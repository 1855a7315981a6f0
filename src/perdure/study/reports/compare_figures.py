"""Figures of a comparison: what each store's value is made of, and what pricing wear is worth to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from perdure.economics.cashflow import CASH
from perdure.quantities import Language
from perdure.study.reports.drawing import ACCENTS, INK, accent, as_written, axis, bars, figure, line, plain
from perdure.study.reports.sizing import Drawn
from perdure.study.reports.words import currency_name, money_scale, say
from perdure.study.sizing.versus import Comparison

COLOURS = {"saving": ACCENTS[0], "investment": ACCENTS[1], "replacement": "#b5467a", "addition": "#8a6d1d",
           "operation": "#d9a514", "tax": "#9aa5b1", "residual": "#4f7f3c", "grant": "#2f7f7a",
           "decommissioning": "#3e4c59"}  # fmt: skip


def parts_figure(outcome: Comparison, language: Language) -> Drawn:
    """Stacked bars: the present value of each part of every store's cash flow; the net present value as a mark."""
    rows = [one.lived.row for one in outcome.contenders]
    scale, unit = money_scale(str(rows[0]["currency"]), language)
    names = [as_written(one.store.name) for one in outcome.contenders]
    data: list[dict[str, Any]] = []
    for name in sorted(CASH, key=list(COLOURS).index):
        values = np.array([row[f"present_{name}"] for row in rows]) / scale
        if np.abs(values).max() > 0.0:
            text = say(f"compare.part.{name}", language)
            data.append(bars(text[:1].upper() + text[1:], names, plain(values, 3), COLOURS[name], width=0.45))
    data.append(
        {"type": "scatter", "mode": "markers", "name": say("row.npv", language), "x": names,
         "y": plain([row["npv"] / scale for row in rows], 3),
         "marker": {"color": INK, "symbol": "diamond", "size": 11, "line": {"color": "#ffffff", "width": 1.5}}}
    )  # fmt: skip
    y = axis(say("compare.axis_present", language, unit=unit), tickformat=",~f", zeroline=True)
    drawn = figure(data, axis("", type="category"), y, 440, barmode="relative", showlegend=True, hovermode="closest")
    return Drawn("parts", say("compare.parts_figure", language), say("compare.parts_note", language), drawn)


def wear_figure(outcome: Comparison, language: Language) -> Drawn:
    """Lines: what each store gains over planning every year for itself, against the wear price."""
    currency = str(outcome.contenders[0].lived.row["currency"])
    scale, unit = money_scale(currency, language)
    data, gains = [], [0.0]
    for position, one in enumerate(outcome.contenders):
        if one.wear is None:
            continue
        table, best = one.wear.table, one.wear.best
        gain = (table["npv"] - one.wear.greedy.npv) / scale
        gains.append(one.wear.gain / scale)
        data.append(line(one.store.name, plain(table["wear_price_per_kwh"], 5), plain(gain, 3), accent(position),
                         mode="lines+markers", marker={"size": 5}))  # fmt: skip
        data.append(
            {"type": "scatter", "mode": "markers", "showlegend": False, "hoverinfo": "skip",
             "x": [best.trial.wear_price_per_kwh], "y": [one.wear.gain / scale],
             "marker": {"size": 14, "symbol": "star", "color": accent(position), "line": {"color": INK, "width": 1}}}
        )  # fmt: skip
    reach = max(max(gains), 0.02 * max(abs(one.lived.npv) for one in outcome.contenders) / scale)
    billed = currency_name(outcome.case.site.tariff.currency, language)
    x = axis(say("size.axis_wear", language, unit=billed))
    y = axis(say("compare.axis_gain", language, unit=unit), tickformat=",~f", zeroline=True, showgrid=True,
             range=[-1.5 * reach, 1.3 * reach])  # fmt: skip
    drawn = figure(data, x, y, 400, showlegend=True, hovermode="closest")
    return Drawn("wear", say("compare.wear_figure", language), say("compare.wear_note", language), drawn)
