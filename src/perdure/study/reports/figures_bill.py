"""Figures of one candidate's bill: the bridge from without to with storage, and the saving by month and charge."""

from __future__ import annotations

from typing import Any

import numpy as np

from perdure.market.charge import Bill
from perdure.quantities import Language
from perdure.study.reports.drawing import MUTED, WITHOUT, Figure, as_written, axis, bars, figure, plain
from perdure.study.reports.naming import charge_name, month_names
from perdure.study.reports.words import money_scale, number, say
from perdure.timeline import Floats

CHARGE_COLOURS = ("#3d6f8e", "#c98a2b", "#6f9a5d", "#9a6fb0", "#b5656f", "#5f7f86", "#8d8143", "#7c86b8")
LESS, MORE = "#4f8f6a", "#b8574a"


def savings(without: Bill, with_storage: Bill) -> dict[str, Floats]:
    """What storage takes off each charge in each month, negative where it adds (periods,), largest charge first."""
    names = list(dict.fromkeys([*without.lines, *with_storage.lines]))
    zero = np.zeros(len(without.periods))
    told = {name: without.lines.get(name, zero) - with_storage.lines.get(name, zero) for name in names}
    moved = {name: values for name, values in told.items() if np.abs(values).sum() > 1e-6 * max(1.0, without.total)}
    return dict(sorted(moved.items(), key=lambda item: -abs(item[1].sum())))


def bridge(without: Bill, with_storage: Bill, name: str, colour: str, language: Language) -> Figure:
    """A waterfall over the year from the bill without to the bill with storage."""
    scale, unit = money_scale(without.currency, language)
    steps = {charge_name(one, language): -float(v.sum()) / scale for one, v in savings(without, with_storage).items()}
    start, end = without.total / scale, with_storage.total / scale
    digits = 2 if scale > 1 else 0
    changes = [f"{'+' if one > 0 else ''}{number(one, digits)}" for one in steps.values()]
    levels = start + np.concatenate([[0.0], np.cumsum(list(steps.values()))])
    low, high = _window(levels)
    trace: dict[str, Any] = {
        "type": "bar",
        "x": [say("trace.without", language), *map(as_written, steps), as_written(name)],
        "y": plain([start, *steps.values(), end], 4),
        "base": plain([0.0, *levels[:-1], 0.0], 4),
        "text": [number(start, digits), *changes, number(end, digits)],
        "textposition": "outside",
        "textangle": 0,
        "cliponaxis": False,
        "marker": {"color": [WITHOUT, *[MORE if one > 0 else LESS for one in steps.values()], colour]},
        "hovertemplate": f"%{{x}}: %{{text}} {unit}<extra></extra>",
        "showlegend": False,
    }
    made = figure(
        [trace],
        axis(say("axis.charge", language), type="category"),
        axis(say("axis.bill", language, unit=unit), tickformat=",~f", range=[low, high]),
        hovermode="closest",
        bargap=0.25,
        shapes=[_connector(position, float(level)) for position, level in enumerate(levels)],
    )
    made["layout"]["meta"] = {"cut": not low <= 0.0 <= high}
    return made


def _window(levels: Floats) -> tuple[float, float]:
    """Axis limits that let the steps be seen: cut below where they are small against the bill."""
    low, high = float(levels.min()), float(levels.max())
    reach = max(high - low, 1e-3 * abs(high), 1e-9)
    bottom = low - 0.6 * reach
    return (bottom if bottom > 0.25 * high else min(0.0, low - 0.12 * reach)), high + 0.15 * reach


def _connector(position: int, level: float) -> dict[str, Any]:
    """A thin line from one bar to the next at the level between them."""
    return {
        "type": "line", "x0": position, "x1": position + 1, "y0": level, "y1": level, "layer": "below",
        "line": {"color": MUTED, "width": 1, "dash": "dot"},
    }  # fmt: skip


def monthly(without: Bill, with_storage: Bill, language: Language) -> Figure:
    """Stacked bars: what each charge saves in each billing month."""
    scale, unit = money_scale(without.currency, language)
    traces = [
        bars(
            charge_name(one, language),
            month_names(without.periods, language),
            plain(values / scale, 4),
            CHARGE_COLOURS[position % len(CHARGE_COLOURS)],
            hovertemplate=f"%{{y:,.{2 if scale > 1 else 0}f}} {unit}",
        )
        for position, (one, values) in enumerate(savings(without, with_storage).items())
    ]
    return figure(
        traces,
        axis(say("axis.month", language), type="category"),
        axis(say("axis.saving", language, unit=unit), tickformat=",~f"),
        barmode="relative",
        bargap=0.25,
        showlegend=True,
    )
