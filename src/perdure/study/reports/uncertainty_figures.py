"""Figures of a study under uncertainty: how likely which value is, what each input alone does, which matters most."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from perdure.quantities import Language
from perdure.study.reports.drawing import GRID, INK, MUTED, accent, as_written, axis, faded, figure, line, plain
from perdure.study.reports.sizing import Drawn
from perdure.study.reports.words import GAP, money_scale, number, percent, say
from perdure.study.uncertainty.inputs import KINDS
from perdure.study.uncertainty.prospects import Prospects
from perdure.timeline import Floats

CURVE_POINTS = 201
BINS = 40
ENDS = (0.5, 99.5)
"""Percentiles between which curves are drawn: what lies beyond is a handful of draws."""
LOW_COLOUR, HIGH_COLOUR = "#7fb2c9", "#c4552d"


def input_name(name: str, language: Language) -> str:
    """What an input is called."""
    return say(f"uncertainty.input.{name}", language)


def value_words(name: str, value: float) -> str:
    """'× 1.20', '1.5 %', '2025', '3.0'."""
    told = {"factor": f"×{GAP}{number(value, 2)}", "share_per_year": percent(value), "year": f"{value:.0f}"}
    return told.get(KINDS[name].unit, number(value, 1))


def cumulative(found: Prospects, language: Language) -> Drawn:
    """Chance of a net present value below each value, all candidates together."""
    scale, unit = money_scale(found.currency, language)
    shares = np.linspace(ENDS[0], ENDS[1], CURVE_POINTS)
    data = [
        line(
            str(name),
            plain(np.percentile(own, shares) / scale, 2),
            plain(shares / 100.0, 4),
            accent(position),
            width=2.5,
        )
        for position, (name, own) in enumerate(_answered(found).items())
    ]
    y = axis(say("uncertainty.chance_below", language), tickformat=".0%", range=[0, 1])
    drawn = figure(data, _money_axis(unit, language), y, 400, showlegend=True, hovermode="closest",
                   shapes=[_upright(0.0)])  # fmt: skip
    return Drawn(
        "cumulative", say("uncertainty.cumulative", language), say("uncertainty.cumulative_note", language), drawn
    )


def histogram(found: Prospects, language: Language) -> Drawn:
    """How often each range of net present value comes."""
    scale, unit = money_scale(found.currency, language)
    answered = _answered(found)
    all_values = np.concatenate(list(answered.values())) / scale
    low, high = np.percentile(all_values, ENDS)
    edges = np.linspace(low, max(high, low + 1e-9), BINS + 1)
    data: list[dict[str, Any]] = []
    for position, (name, own) in enumerate(answered.items()):
        share = np.histogram(own / scale, edges)[0] / len(own)
        data.append({
            "type": "scatter", "mode": "lines", "name": as_written(str(name)), "x": plain(edges, 2),
            "y": plain([*share, share[-1]], 5), "fill": "tozeroy", "fillcolor": faded(accent(position), 0.25),
            "line": {"color": accent(position), "width": 1.5, "shape": "hv"},
        })  # fmt: skip
    y = axis(say("uncertainty.share_of_draws", language), tickformat=".0%", rangemode="tozero")
    drawn = figure(data, _money_axis(unit, language), y, 340, showlegend=True, hovermode="closest",
                   shapes=[_upright(0.0)])  # fmt: skip
    return Drawn(
        "histogram",
        say("uncertainty.histogram", language),
        say("uncertainty.histogram_note", language, count=BINS),
        drawn,
    )


def tornado(found: Prospects, name: str, key: str, language: Language) -> Drawn:
    """What each input alone does to a candidate's net present value, the widest on top."""
    scale, unit = money_scale(found.currency, language)
    table = found.scenarios[found.scenarios["candidate"] == name]
    base = found.base[name] / scale
    order = swings(table).index.tolist()[::-1]
    labels = [input_name(one, language) for one in order]
    ends_of = {side: [end(table[table["input"] == one], side) for one in order] for side in ("low", "high")}
    change = {side: np.array([float(row["npv"]) / scale - base for row in rows]) for side, rows in ends_of.items()}
    data = []
    for side, other, colour in (("low", "high", LOW_COLOUR), ("high", "low", HIGH_COLOUR)):
        told = _has_room(change[side], change[other], first=side == "low")
        data.append({
            "type": "bar", "orientation": "h", "name": say(f"uncertainty.{side}", language), "y": labels,
            "base": [base] * len(labels), "x": plain(change[side], 2), "marker": {"color": colour},
            "text": [value_words(str(row["input"]), float(row["input_value"])) if fits else ""
                     for row, fits in zip(ends_of[side], told, strict=True)],
            "textposition": "outside", "textfont": {"size": 11, "color": INK}, "cliponaxis": False,
            "hovertemplate": "%{y}, %{text}<extra></extra>",
        })  # fmt: skip
    ends = [float(one) for one in table["npv"] / scale] + [base]
    room = 0.16 * max(max(ends) - min(ends), 1e-9)
    x = _money_axis(unit, language) | {
        "range": [min(ends) - room, max(ends) + room],
        "showgrid": True,
        "gridcolor": GRID,
    }
    drawn = figure(data, x, axis("", showgrid=False), 110 + 36 * len(order), barmode="overlay", showlegend=True,
                   hovermode="closest", margin={"l": 20, "r": 20, "t": 40, "b": 46},
                   shapes=[_upright(base, INK)])  # fmt: skip
    return Drawn(
        f"{key}_tornado", say("uncertainty.tornado", language), say("uncertainty.tornado_note", language), drawn
    )


def ranking(found: Prospects, name: str, position: int, key: str, language: Language) -> Drawn:
    """Which input matters most, with its interval."""
    table = found.ranking[found.ranking["candidate"] == name].iloc[::-1]
    value = table["importance"].to_numpy(dtype=np.float64)
    above = np.maximum(table["importance_high"].to_numpy(dtype=np.float64) - value, 0.0)
    below = np.maximum(value - table["importance_low"].to_numpy(dtype=np.float64), 0.0)
    data = [{
        "type": "bar", "orientation": "h", "showlegend": False,
        "y": [input_name(one, language) for one in table["input"]], "x": plain(value, 4),
        "marker": {"color": faded(accent(position), 0.8)}, "hovertemplate": "%{y}: %{x:.2f}<extra></extra>",
        "error_x": {"type": "data", "symmetric": False, "array": plain(above, 4), "arrayminus": plain(below, 4),
                    "color": MUTED, "thickness": 1.2, "width": 4},
    }]  # fmt: skip
    x = axis(say(f"uncertainty.axis_{found.measure}", language), rangemode="tozero", showgrid=True, gridcolor=GRID)
    drawn = figure(data, x, axis("", showgrid=False), 110 + 30 * len(table), hovermode="closest",
                   margin={"l": 20, "r": 20, "t": 20, "b": 46})  # fmt: skip
    note = say(f"uncertainty.ranking_note_{found.measure}", language,
               explained=percent(found.explained.get(name, 0.0), 0))  # fmt: skip
    return Drawn(f"{key}_ranking", say("uncertainty.ranking", language), note, drawn)


def swings(table: pd.DataFrame) -> pd.Series:
    """Of each input, the distance between its best and worst scenario, the widest first."""
    spread = table.groupby("input", sort=False)["npv"].agg(lambda one: one.max() - one.min())
    return spread.fillna(0.0).sort_values(ascending=False, kind="stable")


def _has_room(own: Floats, other: Floats, first: bool) -> Floats:
    """Which bars carry their value: those that are seen, and of two on one side of the base the longer."""
    seen = np.maximum(np.abs(own), np.abs(other)) > 0.004 * max(float(np.nanmax(np.abs([own, other]))), 1e-12)
    longer = np.abs(own) >= np.abs(other) if first else np.abs(own) > np.abs(other)
    return np.asarray(seen & ((own * other < 0.0) | longer))


def end(rows: pd.DataFrame, side: str) -> pd.Series:
    """The low or high scenario; of a choice, its worst and best value."""
    named = rows[rows["scenario"] == side]
    if len(named):
        return named.iloc[0]
    ordered = rows.sort_values("npv")
    return ordered.iloc[0 if side == "low" else -1]


def _answered(found: Prospects) -> dict[str, np.ndarray]:
    told = {str(name): found.npv[name].dropna().to_numpy(dtype=np.float64) for name in found.npv}
    return {name: own for name, own in told.items() if own.size}


def _money_axis(unit: str, language: Language) -> dict[str, Any]:
    return axis(say("size.axis_npv", language, unit=unit), tickformat=",~f", showgrid=True, gridcolor=GRID)


def _upright(at: float, colour: str = MUTED) -> dict[str, Any]:
    return {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper",
            "line": {"color": colour, "width": 1.2, "dash": "dot"}}  # fmt: skip
