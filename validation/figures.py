"""The page's figures: outside numbers as points, hollow where recalled, the model as lines; written as SVG."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from perdure.study.reports.drawing import INK, Figure, Trace, accent, axis, figure, line, plain
from perdure.technology.technology import TECHNOLOGIES
from validation.comparison import MONEY, Comparison

FOLDER = Path(__file__).parents[1] / "docs" / "images" / "validation"
WIDTH = 860


@dataclass(frozen=True)
class Drawn:
    """One figure: the comparisons of a store whose quantity begins so, over what they are `at`."""

    file: str
    title: str
    technology: str
    quantities: tuple[str, ...]
    x: str
    y: str
    logarithmic: bool = False
    short: str = "conditions"  # what names a series: its conditions or its quantity

    def chosen(self, found: list[Comparison]) -> list[Comparison]:
        """The comparisons it shows."""
        return [one for one in found if one.technology == self.technology and one.at
                and one.quantity.startswith(self.quantities)]  # fmt: skip


SOC = "State of charge"
DRAWN = (
    Drawn("nickel_hydrogen_voltage", "Rest voltage of sister cells beside the model", "nickel_hydrogen",
          ("Open-circuit voltage of a sister", "Shape of the open-circuit"), SOC, "Rest voltage, mV"),
    Drawn("nickel_hydrogen_round_trip", "Round trip by rate beside the vendor's word", "nickel_hydrogen",
          ("Round trip by rate",), "Rate, 1/h", "Energy out over in, %", short="quantity"),
    Drawn("nickel_hydrogen_life", "Cycles by depth: failed, running, recalled", "nickel_hydrogen",
          ("Cycles",), "Depth of discharge", "Cycles", True, "quantity"),
    Drawn("nickel_hydrogen_polarisation", "Voltage by rate, recalled", "nickel_hydrogen",
          ("Voltage by rate",), "Rate, 1/h", "Voltage, V", short="quantity"),
    Drawn("nickel_hydrogen_stand", "Stand and capacity by temperature, recalled", "nickel_hydrogen",
          ("Charge left", "Usable capacity"), "Temperature, °C", "Share", short="quantity"),
    Drawn("lfp_blast", "Capacity by year beside BLAST-Lite", "lfp", ("Capacity by year, law blast_250ah",), "Year",
          "Capacity, %"),
    Drawn("lfp_simses", "Capacity by year beside SimSES 2, law naumann", "lfp", ("Capacity by year, law naumann",),
          "Year", "Capacity, %"),
    Drawn("lfp_voltage", "Voltage beside the cell's table", "lfp", ("Rest voltage", "Terminal voltage"), SOC,
          "Voltage, mV"),
    Drawn("vanadium_voltage", "Rest voltage beside the stack's table", "vanadium_flow", ("Rest voltage",), SOC,
          "Rest voltage, mV"),
    Drawn("vanadium_resistance", "Area resistance beside the cell table", "vanadium_flow", ("Area resistance",), SOC,
          "Area resistance, Ω cm²"),
    Drawn("hydrogen_curves", "Cell voltage of electrolyser and fuel cell", "hydrogen_pem",
          ("Electrolyser voltage", "Fuel-cell voltage"), "Current, A/cm²", "Cell voltage, V", short="quantity"),
    Drawn("money_sam", "Yearly net flow beside SAM", MONEY, ("Yearly net flow",), "Year", "Net flow, USD"),
)  # fmt: skip
MOST_SERIES = 6


def drawn(one: Drawn, found: list[Comparison]) -> Figure:
    """Points and lines of one figure."""
    chosen = one.chosen(found)
    if one.file == "lfp_simses":
        chosen = [each for each in chosen if "SimSES" in each.source]
    step = max(1, round(len(chosen) / MOST_SERIES))
    traces: list[Trace] = []
    for place, each in enumerate(chosen[::step]):
        traces += _pair(each, str(getattr(each, one.short)), accent(place))
    y = axis(one.y, **({"type": "log"} if one.logarithmic else {}))
    return _titled(figure(traces, axis(one.x), y, height=430), one.title)


def _pair(each: Comparison, name: str, colour: str) -> list[Trace]:
    """Outside as points, the model as a line through the same places."""
    order = np.argsort(each.at, kind="stable")
    x, y, model = (plain(np.asarray(values)[order], 6) for values in (each.at, each.outside, each.model))
    running = bool(each.outside_high) and max(each.outside_high) == float("inf")
    symbol = "triangle-up" if running else "circle"
    hollow = each.recalled
    points: Trace = {
        "type": "scatter", "mode": "markers", "x": x, "y": y, "legendgroup": name,
        "name": name + (" (recalled)" if hollow and "recalled" not in name else ""),
        "marker": {"symbol": symbol + ("-open" if hollow else ""), "size": 8, "color": colour,
                   "line": {"width": 1.6, "color": colour}},
    }  # fmt: skip
    return [points, line("model", x, model, colour, width=1.6, showlegend=False, legendgroup=name)]


def overview(found: list[Comparison]) -> Figure:
    """Each gate as a point: its error over the allowed one, by store; those fitted to their own numbers are grey."""
    gates = [one for one in found if one.gates and one.allowed and not one.quantity.endswith("by time step")]
    gates = [one for one in gates if one.of_store]
    names = list(dict.fromkeys(one.technology for one in gates))[::-1]
    traces: list[Trace] = []
    for fitted, colour, told in ((True, "#b4bcc6", "the model was set with these numbers"),
                                 (False, accent(0), "nothing was set with them")):  # fmt: skip
        own = [one for one in gates if bool(one.fitted_to) is fitted]
        spread = [names.index(one.technology) + 0.32 * np.sin(7.0 * n) for n, one in enumerate(own)]
        ratio = [min(abs(one.error) / one.allowed, 1.5) for one in own if one.allowed]
        traces.append(
            {"type": "scatter", "mode": "markers", "name": told, "x": plain(ratio), "y": plain(spread),
             "marker": {"size": 8, "color": colour, "opacity": 0.85}}
        )  # fmt: skip
    y = axis("", tickvals=list(range(len(names))), ticktext=[TECHNOLOGIES.find(name).title["en"] for name in names])
    shown = figure(traces, axis("Error over allowed error (1: just met)", range=[-0.03, 1.55]), y, height=470)
    shown["layout"]["shapes"] = [
        {"type": "line", "x0": 1, "x1": 1, "yref": "paper", "y0": 0, "y1": 1, "line": {"color": INK, "dash": "dot"}}
    ]
    shown["layout"]["margin"] = {**shown["layout"]["margin"], "l": 250}
    return shown


def _titled(one: Figure, title: str) -> Figure:
    one["layout"]["title"] = {"text": title, "x": 0.01, "xanchor": "left", "y": 0.98, "yanchor": "top",
                              "font": {"size": 15, "color": INK}}  # fmt: skip
    one["layout"]["margin"] = {"l": 70, "r": 24, "t": 112, "b": 52}
    return one


def write_all(found: list[Comparison]) -> bool:
    """Write every figure; False where plotly has no means to export one (the `validation` extra brings them)."""
    if find_spec("kaleido") is None:
        return False
    import plotly.graph_objects as graph
    import plotly.io as export

    FOLDER.mkdir(parents=True, exist_ok=True)
    figures: dict[str, Any] = {one.file: drawn(one, found) for one in DRAWN} | {"overview": overview(found)}
    files = [FOLDER / f"{name}.svg" for name in figures]
    heights = [int(one["layout"]["height"]) for one in figures.values()]
    export.write_images([graph.Figure(one) for one in figures.values()], files, width=WIDTH, height=heights)
    for file in files:
        file.write_text(_plain(file.read_text(encoding="utf-8")), encoding="utf-8")
    return True


def _plain(told: str) -> str:
    """The SVG without plotly's random marks, so that the same numbers give the same file."""
    mark = re.search(r'id="defs-([0-9a-f]+)"', told)
    told = told if mark is None else told.replace(mark.group(1), "perdure")
    return re.sub(r"scatter trace[0-9a-f]{6}", "scatter trace", told) + "\n"
