"""Figures of a sweep: a map for two axes, lines for one, parallel coordinates for more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from perdure.quantities import Language
from perdure.study.reports.drawing import INK, MUTED, Figure, accent, as_written, axis, faded, figure, line, plain
from perdure.study.reports.words import money_scale, number, say
from perdure.study.sweeping.axes import Axis, Grid, is_number
from perdure.study.sweeping.rows import OK

BELOW, ABOVE, MIDDLE, EMPTY = "#c4552d", "#0b6e99", "#fbfbf8", "#eceff2"
MOST_WRITTEN, MOST_LINES, MOST_TICKS = 80, 300, 9
"""Cells of a map that still have their number written in; lines of parallel coordinates; values beside an upright."""


@dataclass(frozen=True)
class Drawn:
    """One figure with its heading."""

    name: str
    title: str
    note: str
    figure: Figure


def figures(grid: Grid, table: pd.DataFrame, currency: str, language: Language) -> list[Drawn]:
    """The main figures: net present value over the axes, a map or parallel lines for each candidate."""
    if grid.combine == "zip" or len(grid.axes) == 1:
        return [_lines(grid, table, currency, language)]
    draw = _map if len(grid.axes) == 2 else _parallel
    candidates = list(dict.fromkeys(table["candidate"]))
    drawn = [draw(grid, table, one, position, currency, language) for position, one in enumerate(candidates)]
    return [one for one in drawn if one is not None]


def place_label(grid: Grid, number: int) -> str:
    """Where case `number` stands, axis by axis: 'Store size 2,000 kWh, Discount rate 0.08'."""
    places = zip(grid.axes, grid.place(number), strict=True)
    told = [(one, written(one.labels[point])) for one, point in places if one in varied(grid)]
    return ", ".join(f"{one.name} {value} {one.unit}".rstrip() for one, value in told)


def varied(grid: Grid) -> list[Axis]:
    """Axes with more than one value; all where none has."""
    return [one for one in grid.axes if len(one.points) > 1] or list(grid.axes)


def written(label: Any) -> str:
    """A value of an axis as a person writes it: '2,000', '0.08', 'LFP'."""
    if not is_number(label):
        return str(label)
    text = f"{label:,.6g}" if abs(label) < 1e6 else f"{label:,.0f}"
    return text.replace("-", "−")


def _ticks(one: Axis, title: str) -> dict[str, Any]:
    """A true scale for numbers, evenly spaced names otherwise."""
    if one.numeric:
        return axis(title, separatethousands=False)  # it may count years
    return axis(title, type="category")


def _values(one: Axis) -> list[Any]:
    return [label if is_number(label) else as_written(str(label)) for label in one.labels]


def _npv(table: pd.DataFrame, candidate: str, count: int, scale: float) -> Any:
    """Net present value of each case (cases,), NaN where there is no answer."""
    found = np.full(count, np.nan)
    rows = table[(table["candidate"] == candidate) & (table["status"] == OK)]
    found[rows["case"].to_numpy()] = rows["npv"].to_numpy(dtype=np.float64) / scale
    return found


def _lines(grid: Grid, table: pd.DataFrame, currency: str, language: Language) -> Drawn:
    """One line for each candidate over the only axis; with several axes side by side, over the points."""
    scale, unit = money_scale(currency, language)
    first = grid.axes[0]
    alone = len(grid.axes) == 1 or (first.numeric and len(set(first.labels)) == len(first.labels))
    x: Sequence[Any] = _values(first)
    if not alone:
        x = [as_written(" / ".join(written(one.labels[at]) for one in grid.axes)) for at in range(grid.count)]
    across = _ticks(first, first.title) if alone else axis(" / ".join(one.title for one in grid.axes), type="category")
    order = np.argsort(np.array(first.labels, dtype=np.float64)) if alone and first.numeric else np.arange(grid.count)
    data = []
    for position, candidate in enumerate(dict.fromkeys(table["candidate"])):
        values = _npv(table, candidate, grid.count, scale)[order]
        data.append(line(candidate, [x[at] for at in order], plain(values, 4), accent(position),
                         mode="lines+markers", marker={"size": 7}))  # fmt: skip
    up = axis(
        say("sweep.npv", language, unit=unit), tickformat=",~f", zeroline=True, zerolinecolor=INK, rangemode="tozero"
    )
    drawn = figure(data, across, up, 420, showlegend=True)
    return Drawn("lines", say("sweep.lines", language), say("sweep.lines_note", language), drawn)


def _colours(table: pd.DataFrame, scale: float) -> dict[str, Any]:
    """One range of colour for all candidates; where some gain and some lose, white is zero."""
    values = table.loc[table["status"] == OK, "npv"].to_numpy(dtype=np.float64) / scale
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    if low < 0.0 < high:
        reach = max(-low, high)
        return {"range": (-reach, reach), "scale": [[0, BELOW], [0.5, MIDDLE], [1, ABOVE]]}
    shades = [[0, MIDDLE], [1, ABOVE]] if low >= 0.0 else [[0, BELOW], [1, MIDDLE]]
    return {"range": (low, high if high > low else low + 1.0), "scale": shades}


def _bar(unit: str, language: Language) -> dict[str, Any]:
    title = {"text": say("sweep.npv", language, unit=unit), "side": "right", "font": {"size": 12, "color": MUTED}}
    ticks = {"tickformat": ",~f", "tickfont": {"size": 11, "color": INK}}
    return {"title": title, "thickness": 12, "outlinewidth": 0, **ticks}


def _map(
    grid: Grid, table: pd.DataFrame, candidate: str, position: int, currency: str, language: Language
) -> Drawn | None:
    """Net present value as colour over two axes; the best case is framed."""
    scale, unit = money_scale(currency, language)
    values = _npv(table, candidate, grid.count, scale)
    if not np.isfinite(values).any():
        return None
    across, up = grid.axes
    cells = values.reshape(len(across.points), len(up.points)).T
    columns, rows = ([as_written(written(label)) for label in one.labels] for one in (across, up))
    colours = _colours(table, scale)
    digits = 0 if np.nanmax(np.abs(values)) >= 100 else 1
    text = [[number(one, digits) if np.isfinite(one) else "" for one in row] for row in cells]
    heat = {
        "type": "heatmap", "x": columns, "y": rows, "z": [plain(row, 4) for row in cells], "xgap": 1, "ygap": 1,
        "zmin": colours["range"][0], "zmax": colours["range"][1], "colorscale": colours["scale"],
        "colorbar": _bar(unit, language), "text": text, "hoverongaps": False,
        "hovertemplate": f"%{{x}}, %{{y}}: %{{text}} {unit}<extra></extra>",
    }  # fmt: skip
    if values.size <= MOST_WRITTEN:
        heat |= {"texttemplate": "%{text}", "textfont": {"size": 11}}
    best = np.unravel_index(np.nanargmax(cells), cells.shape)
    frame = {"type": "rect", "x0": best[1] - 0.5, "x1": best[1] + 0.5, "y0": best[0] - 0.5, "y1": best[0] + 0.5,
             "line": {"color": INK, "width": 2.5}}  # fmt: skip
    frame = {key: value.item() if hasattr(value, "item") else value for key, value in frame.items()}
    drawn = figure(
        [heat], axis(across.title, type="category"), axis(up.title, type="category", showgrid=False),
        max(300, min(640, 150 + 44 * len(rows))), shapes=[frame], hovermode="closest", plot_bgcolor=EMPTY,
        margin={"l": 64, "r": 10, "t": 12, "b": 46},
    )  # fmt: skip
    return Drawn(f"map{position}", say("sweep.map", language, name=candidate), say("sweep.map_note", language), drawn)


def _parallel(
    grid: Grid, table: pd.DataFrame, candidate: str, position: int, currency: str, language: Language
) -> Drawn | None:
    """A line for each case through the values of its axes to its net present value; plain lines, so that it prints."""
    scale, unit = money_scale(currency, language)
    values = _npv(table, candidate, grid.count, scale)
    cases = np.flatnonzero(np.isfinite(values))
    if not len(cases):
        return None
    cases = cases[np.argsort(values[cases], kind="stable")]
    drawn = cases[np.unique(np.linspace(0, len(cases) - 1, MOST_LINES).astype(np.int64))]
    rails = [_rail(grid, one) for one in varied(grid)]
    low, high = float(values[cases[0]]), float(values[cases[-1]])
    share = (values - low) / (high - low if high > low else 1.0)
    paths = {int(one): [*(rail.height(int(one)) for rail in rails), float(share[one])] for one in drawn}
    worth = [(number(low + (high - low) * at, 0 if high - low >= 20 else 2), at) for at in (0.0, 0.25, 0.5, 0.75, 1.0)]
    rails.append(Rail(say("sweep.npv", language, unit=unit), worth if high > low else worth[:1], lambda case: 0.0))
    shades = _shades(len(drawn))
    data = [
        _path(paths[int(one)], shade, 1.2, f"{place_label(grid, int(one))}: {number(float(values[one]), 0)} {unit}")
        for one, shade in zip(drawn, shades, strict=True)
    ]
    data[-1]["line"] = {"color": INK, "width": 3}
    note = say("sweep.parallel_note", language, drawn=number(len(drawn)), count=number(len(cases)))
    title = say("sweep.parallel", language, name=candidate)
    return Drawn(f"parallel{position}", title, note, _railed(rails, data))


@dataclass(frozen=True)
class Rail:
    """An upright of parallel coordinates: its title, values with their heights 0..1, and the height of a case."""

    title: str
    ticks: list[tuple[str, float]]
    height: Callable[[int], float]


def _rail(grid: Grid, one: Axis) -> Rail:
    at, last = grid.axes.index(one), max(len(one.labels) - 1, 1)
    every = -(-len(one.labels) // MOST_TICKS)
    ticks = [(written(label), point / last) for point, label in enumerate(one.labels) if point % every == 0]
    return Rail(one.title, ticks, lambda case: grid.place(case)[at] / last)


def _shades(count: int) -> list[str]:
    """From the worst case to the best: pale to strong."""
    return [faded(ABOVE, round(0.12 + 0.7 * (at / max(count - 1, 1)) ** 2, 3)) for at in range(count)]


def _path(heights: list[float], colour: str, width: float, told: str) -> dict[str, Any]:
    return line("", list(range(len(heights))), plain(heights, 4), colour, width=width, showlegend=False,
                hovertemplate=f"{as_written(told)}<extra></extra>")  # fmt: skip


def _railed(rails: list[Rail], data: list[dict[str, Any]]) -> Figure:
    """The lines with their uprights, titles above and values beside them."""
    shapes = [
        {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "line": {"color": MUTED, "width": 1}, "layer": "below"}
        for at in range(len(rails))
    ]
    notes = []
    for at, rail in enumerate(rails):
        outside = {"xanchor": "left", "xshift": 6} if at == len(rails) - 1 else {"xanchor": "right", "xshift": -6}
        notes.append({"x": at, "y": 1.1, "text": as_written(rail.title), "showarrow": False,
                      "font": {"size": 12, "color": MUTED}})  # fmt: skip
        notes += [
            {"x": at, "y": height, "text": as_written(text), "showarrow": False, **outside,
             "font": {"size": 11, "color": INK}, "bgcolor": "rgba(255,255,255,0.75)"}
            for text, height in rail.ticks
        ]  # fmt: skip
    side = {"visible": False, "fixedrange": True}
    return figure(
        data, {**side, "range": [-0.35, len(rails) - 0.65]}, {**side, "range": [-0.06, 1.16]}, 420, shapes=shapes,
        annotations=notes, hovermode="closest", showlegend=False, margin={"l": 10, "r": 10, "t": 10, "b": 10},
    )  # fmt: skip
