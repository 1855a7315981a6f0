"""How every figure of the page looks: one ink, one grid, one colour per candidate, legends above the data.

Figures are plain plotly dictionaries `{"data": [...], "layout": {...}}`, drawn by the browser.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

Figure = dict[str, Any]
Trace = dict[str, Any]

INK, MUTED, GRID = "#1f2933", "#7b8794", "#e6e9ee"
WITHOUT, LOAD, GENERATION, PRICE = "#9aa5b1", "#3e4c59", "#d9a514", "#1f2933"
ACCENTS = ("#0b6e99", "#c4552d", "#4f7f3c", "#7a4fa0", "#b5467a", "#2f7f7a", "#8a6d1d", "#5261a8")
FONTS = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "PingFang SC", "Hiragino Sans GB", '
    '"Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei", sans-serif'
)


def accent(position: int) -> str:
    """The colour of the candidate at `position`, the same in every figure."""
    return ACCENTS[position % len(ACCENTS)]


def faded(colour: str, opacity: float) -> str:
    """A hex colour as rgba."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def plain(values: Iterable[float], digits: int = 3) -> list[float | None]:
    """Numbers ready for JSON: rounded, gaps as None."""
    rounded = np.round(np.asarray(list(values), dtype=np.float64), digits)
    return [float(one) if np.isfinite(one) else None for one in rounded]


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis with its title, unit in brackets."""
    return {
        "title": {"text": title, "standoff": 8, "font": {"size": 12, "color": MUTED}},
        "gridcolor": GRID,
        "zerolinecolor": "#cbd2d9",
        "linecolor": "#cbd2d9",
        "tickfont": {"size": 11, "color": INK},
        "automargin": True,
        "separatethousands": True,  # 5,000 rather than 5k, as the tables write it
        "exponentformat": "none",
        **more,
    }


def as_written(name: str) -> str:
    """A name as plotly shows it letter by letter: it would take '<b>' for bold print."""
    return name.replace("&", "&amp;").replace("<", "&lt;")


def figure(data: list[Trace], x: dict[str, Any], y: dict[str, Any], height: int = 360, **layout: Any) -> Figure:
    """Traces with a pair of axes and the house layout; the legend stands above the plot."""
    return {
        "data": data,
        "layout": {
            "height": height,
            "margin": {"l": 64, "r": 20, "t": 40, "b": 46},
            "paper_bgcolor": "#ffffff",
            "plot_bgcolor": "#ffffff",
            "font": {"family": FONTS, "size": 12, "color": INK},
            "legend": {
                "orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom",
                "font": {"size": 12}, "bgcolor": "rgba(255,255,255,0)",
            },
            "hovermode": "x unified",
            "hoverlabel": {"bgcolor": "#ffffff", "font": {"family": FONTS, "size": 12}},
            "xaxis": {"showgrid": False, "zeroline": False, **x},
            "yaxis": y,
            **layout,
        },
    }  # fmt: skip


def line(name: str, x: list[Any], y: list[float | None], colour: str, **more: Any) -> Trace:
    """A line trace."""
    style = {"color": colour, "width": more.pop("width", 2), **more.pop("line", {})}
    return {"type": "scatter", "mode": "lines", "name": as_written(name), "x": x, "y": y, "line": style, **more}


def bars(name: str, x: list[Any], y: list[float | None], colour: str, **more: Any) -> Trace:
    """A bar trace."""
    return {"type": "bar", "name": as_written(name), "x": x, "y": y, "marker": {"color": colour}, **more}
