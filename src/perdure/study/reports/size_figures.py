"""Figures of a search for the best size: the surface, the value along energy, the price of wear."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from perdure.quantities import Language
from perdure.study.reports.drawing import ACCENTS, GRID, INK, MUTED, axis, figure, line, plain
from perdure.study.reports.sizing import Drawn
from perdure.study.reports.words import currency_name, money, money_scale, number, say
from perdure.study.sizing.size import Sized
from perdure.study.sizing.wear_price import WearCurve

DRAWN = {"irr": "irr", "payback": "payback_years", "lcos": "lcos_per_kwh"}
"""What the surface shows of a search by these; the net present value otherwise."""
GRID_POINTS = 100
SLIVER = 0.03
"""Of the figure's width: triangles between lives at the edge that are lower than this are not drawn."""
NEAR = 0.12
"""How far, in ratio, a duration may lie from the best one to count as near it."""
SCALE = [[0.0, "#c4552d"], [0.25, "#eec3a4"], [0.5, "#f6f4ee"], [0.75, "#9cc4d4"], [1.0, "#0b6e99"]]
"""Loss to gain, paper-white at zero."""


def surface(sized: Sized, key: str, language: Language) -> Drawn:
    """The objective by energy and power: contours between the lives, each life a point, the best a star."""
    name = DRAWN.get(sized.by, "npv")
    table = _own_site(sized)
    table = table[pd.to_numeric(table[name], errors="coerce").notna()]
    scale, unit = money_scale(str(table["currency"].iloc[0]), language) if name == "npv" else (1.0, "")
    value = table[name].to_numpy(dtype=np.float64) / scale
    data: list[dict[str, Any]] = []
    if len(table) >= 4:
        data.append(_contour(table, value, name, unit))
    for phases, open_points in ((("coarse",), True), (("refined", "wear"), False)):
        rows = table["phase"].isin(phases).to_numpy()
        colour = "rgba(255,255,255,0.2)" if open_points else INK
        data.append(
            _points(table[rows], value[rows], say("size.coarse" if open_points else "size.refined", language),
                    {"size": 7 if open_points else 5, "color": colour, "line": {"color": INK, "width": 1}})
        )  # fmt: skip
    best = table["best"].to_numpy() == 1
    star = {"size": 17, "symbol": "star", "color": "#d9a514", "line": {"color": INK, "width": 1}}
    data.append(_points(table[best], value[best], say("size.best_point", language), star))
    x = _logarithmic(say("size.axis_energy", language), table["energy_kwh"])
    y = _logarithmic(say("size.axis_power", language), table["power_kw"])
    drawn = figure(data, x, y, 520, hovermode="closest", showlegend=True)
    by = say(f"size.by.{sized.by}", language)
    return Drawn(f"{key}_surface", say("size.surface_figure", language, by=by) + (f" ({unit})" if unit else ""),
                 say("size.surface_note", language), drawn)  # fmt: skip


def _own_site(sized: Sized) -> pd.DataFrame:
    """Lives with a plan at the best life's generation and connection."""
    table: pd.DataFrame = sized.surface.query("why == ''")
    best = table[table["best"] == 1].iloc[0]
    for name in ("generation_share", "import_limit_kw"):
        table = table.loc[table[name] == best[name]]
    return table


def _logarithmic(title: str, values: pd.Series[float]) -> dict[str, Any]:
    """A logarithmic axis whose ticks are whole numbers: 1, 2, 5, 10, ..."""
    low, high = np.log10(float(values.min())), np.log10(float(values.max()))
    ticks = [one * 10.0**power for power in range(int(low) - 1, int(high) + 2) for one in (1, 2, 5)]
    room = 0.05 * (high - low) + 0.02
    return axis(title, type="log", showgrid=True, tickmode="array", tickvals=ticks, zeroline=False,
                ticktext=[f"{one:,.4g}" if one < 1000 else f"{one:,.0f}" for one in ticks],
                range=[low - room, high + room])  # fmt: skip


def _points(rows: pd.DataFrame, value: np.ndarray[Any, Any], name: str, marker: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "name": name, "x": plain(rows["energy_kwh"], 1),
        "y": plain(rows["power_kw"], 1), "customdata": plain(value, 4), "marker": marker,
        "hovertemplate": "%{x:,.0f} kWh, %{y:,.0f} kW: %{customdata:,.4~g}<extra></extra>",
    }  # fmt: skip


def _contour(table: pd.DataFrame, value: np.ndarray[Any, Any], name: str, unit: str) -> dict[str, Any]:
    """Straight lines between neighbouring lives on logarithmic axes; deep losses are cut so that gains show."""
    places = np.log(table[["energy_kwh", "power_kw"]].to_numpy(dtype=np.float64))
    x, y = (np.linspace(places[:, i].min(), places[:, i].max(), GRID_POINTS) for i in (0, 1))
    z = _to_the_edge(_between(places, value))
    told: dict[str, Any] = {
        "type": "contour", "x": plain(np.exp(x), 2), "y": plain(np.exp(y), 2),
        "z": [plain(row, 5) for row in z], "contours": {"coloring": "heatmap", "showlines": True},
        "line": {"color": "rgba(255,255,255,0.6)", "width": 1, "smoothing": 0}, "ncontours": 14, "hoverinfo": "skip",
        "colorbar": {"title": {"text": unit, "font": {"size": 11, "color": MUTED}}, "thickness": 14, "outlinewidth": 0,
                     "tickfont": {"size": 11}, **({"tickformat": ",~f"} if unit else {})},
        "showlegend": False,
    }  # fmt: skip
    if name == "npv":
        reach = max(float(value.max()), 0.2 * float(-value.min()), 1e-9)
        step = _round(reach / 6.0)
        reach = step * float(np.ceil(reach / step))
        lines = {**told["contours"], "start": -reach, "end": reach, "size": step}
        return told | {"colorscale": SCALE, "zmin": -reach, "zmax": reach, "contours": lines, "autocontour": False}
    worse = name != "irr"
    return told | {"colorscale": [[0.0, "#f6f4ee"], [1.0, "#0b6e99"]], "reversescale": worse}


def _between(places: np.ndarray[Any, Any], value: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Values between `places` on an even grid over their extent, NaN outside and where all lie on one line.

    Slivers at the edge, which join far places along a border that is not quite straight, are left out: across them runs
    a line past the lives between.
    """
    from scipy.interpolate import LinearNDInterpolator
    from scipy.spatial import Delaunay, QhullError

    line = np.linspace(0.0, 1.0, GRID_POINTS)
    mesh = np.stack(np.meshgrid(line, line), axis=-1)
    scaled = (places - places.min(axis=0)) / np.maximum(np.ptp(places, axis=0), 1e-9)
    try:
        triangles = Delaunay(scaled)
    except (QhullError, ValueError):
        return np.full(mesh.shape[:2], np.nan)
    corners = scaled[triangles.simplices]
    sides = np.roll(corners, -2, axis=1) - np.roll(corners, -1, axis=1)  # each opposite its corner
    length = np.hypot(sides[..., 0], sides[..., 1])
    twice_area = np.abs(sides[:, 0, 0] * sides[:, 1, 1] - sides[:, 0, 1] * sides[:, 1, 0])
    at, outer = np.arange(len(corners)), np.argmax(length, axis=1)
    thin = (twice_area < SLIVER * length[at, outer]) & (length[at, outer] > 0.2)
    left_out = np.zeros(len(corners), bool)
    while True:  # one that is gone may leave the next at the edge
        beyond = triangles.neighbors[at, outer]
        more = thin & ~left_out & ((beyond < 0) | left_out[beyond])
        if not more.any():
            break
        left_out |= more
    found = LinearNDInterpolator(triangles, value)(mesh)
    inside = triangles.find_simplex(mesh)
    return np.asarray(np.where((inside >= 0) & left_out[inside], np.nan, found))


def _to_the_edge(z: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """One cell more around the known ones, the mean of their neighbours: contours end where all corners are known."""
    padded = np.pad(z, 1, constant_values=np.nan)
    near = np.stack([padded[1 + i : 1 + i + z.shape[0], 1 + j : 1 + j + z.shape[1]]
                     for i in (-1, 0, 1) for j in (-1, 0, 1)])  # fmt: skip
    known = np.isfinite(near)
    mean = np.where(known, near, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(np.isfinite(z) | ~known.any(axis=0), z, mean)


def _round(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, ... up."""
    unit = float(10.0 ** np.floor(np.log10(value)))
    return unit * next(one for one in (1.0, 2.0, 5.0, 10.0) if one * unit >= value * (1.0 - 1e-9))


def along_energy(sized: Sized, key: str, language: Language) -> Drawn:
    """Net present value along energy: the upper envelope over power, and the sizes near the best duration."""
    table = _own_site(sized)
    best = table[table["best"] == 1].iloc[0]
    scale, unit = money_scale(str(best["currency"]), language)
    top = table.loc[table.groupby("energy_kwh")["npv"].idxmax()].sort_values("energy_kwh")
    near = table[np.abs(np.log(table["duration_h"] / best["duration_h"])) < NEAR].sort_values("energy_kwh")
    data = [
        line(say("size.at_best_power", language), plain(top["energy_kwh"], 1), plain(top["npv"] / scale, 3),
             ACCENTS[0], mode="lines+markers", marker={"size": 5}),
        {"type": "scatter", "mode": "markers", "name": say("size.at_best_duration", language),
         "x": plain(near["energy_kwh"], 1), "y": plain(near["npv"] / scale, 3),
         "marker": {"size": 9, "symbol": "diamond-open", "color": ACCENTS[1], "line": {"width": 1.5}}},
        {"type": "scatter", "mode": "markers", "name": say("size.best_point", language),
         "x": [float(best["energy_kwh"])], "y": [float(best["npv"]) / scale],
         "marker": {"size": 15, "symbol": "star", "color": "#d9a514", "line": {"color": INK, "width": 1}}},
    ]  # fmt: skip
    low, high = float(top["npv"].min()) / scale, float(top["npv"].max()) / scale
    reach = max(abs(high), 1e-9)
    x = _logarithmic(say("size.axis_energy", language), table["energy_kwh"])
    y = axis(say("size.axis_npv", language, unit=unit), tickformat=",~f", zeroline=True, showgrid=True,
             range=[max(low, -1.2 * reach) - 0.05 * reach, high + 0.12 * reach])  # fmt: skip
    note = say("size.along_note", language, hours=number(float(best["duration_h"]), 1))
    return Drawn(f"{key}_along", say("size.along_figure", language), note,
                 figure(data, x, y, 380, showlegend=True, hovermode="closest"))  # fmt: skip


def wear(curve: WearCurve, row: dict[str, Any], key: str, language: Language) -> Drawn:
    """Net present value and cycles a year against the wear price; `row` tells the currencies."""
    currency, billed = str(row["currency"]), currency_name(str(row["tariff_currency"]), language)
    table, (scale, unit) = curve.table, money_scale(currency, language)
    price = plain(table["wear_price_per_kwh"], 5)
    best = curve.best
    data = [
        line(say("row.npv", language), price, plain(table["npv"] / scale, 3), ACCENTS[0], mode="lines+markers"),
        line(say("size.axis_cycles", language), price, plain(table["full_cycles_per_year"], 1), ACCENTS[1],
             yaxis="y2", mode="lines+markers", line={"dash": "dot"}),
        {"type": "scatter", "mode": "markers", "name": say("size.best_point", language),
         "x": [best.trial.wear_price_per_kwh], "y": [best.npv / scale],
         "marker": {"size": 15, "symbol": "star", "color": "#d9a514", "line": {"color": INK, "width": 1}}},
    ]  # fmt: skip
    second = axis(say("size.axis_cycles", language), overlaying="y", side="right", showgrid=False,
                  rangemode="tozero", tickmode="auto")  # fmt: skip
    drawn = figure(
        data, axis(say("size.axis_wear", language, unit=billed)),
        axis(say("size.axis_npv", language, unit=unit), tickformat=",~f", gridcolor=GRID), 380,
        yaxis2=second, showlegend=True, margin={"l": 64, "r": 64, "t": 40, "b": 46},
    )  # fmt: skip
    note = say("size.wear_note", language, gain=money(curve.gain, currency, language))
    return Drawn(f"{key}_wear", say("size.wear_figure", language), note, drawn)
