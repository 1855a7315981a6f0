"""The fit of a technology to test data as a page that stands alone, and as a table for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from perdure.quantities import Language
from perdure.study.fitting.choice import Why
from perdure.study.fitting.fit import HANGS_TOGETHER, Fit, Fitted, Met
from perdure.study.reports.drawing import ACCENTS, MUTED, Figure, Trace, axis, faded, figure, line, plain
from perdure.study.reports.naming import figure_name
from perdure.study.reports.shell import write_html
from perdure.study.reports.summary import what_to_know
from perdure.study.reports.words import GAP, number, say

MOST_GROUPS = 8
"""Curves of one condition each, with a legend; above it points are gathered by temperature."""
POINTS_OF_A_CURVE = 3
SCALES = {"voltage": 1000.0, "pressure": 1.0, "capacity": 100.0, "stand": 100.0}
"""Of residuals, from the kind's unit to that of the axis: mV, bar, points of percent."""
SHARES = ("soc", "from_soc", "depth_share")
LEFT_SHOWN: tuple[Why, ...] = ("alike", "needless", "enough", "weak")


@dataclass(frozen=True)
class Drawn:
    """Data and residuals of one test."""

    name: str
    title: str
    note: str
    fit: Figure
    residual: Figure


def write_fitted(one: Fit, path: Path, language: Language = "en", unread: str | None = None) -> Path:
    """Write the page; `unread` is what keeps the written datasheet from being accepted. Returns where it lies."""
    plan = one.blueprint
    return write_html(
        path, "fitted.html.j2", language,
        title=plan.technology.title[language],
        summary=_summary(one, language),
        cautions=cautions(one, language, unread),
        figures=[_row(each, language) for each in one.figures],
        sets=[_set_row(met, language) for met in one.sets],
        choices=_choices(one, language),
        drawn=[_drawn(one, met, language) for met in one.sets],
    )  # fmt: skip


def fit_summary(one: Fit, language: Language = "en", unread: str | None = None) -> RenderableType:
    """Figures with intervals, how well each test is met, and what to know, for the terminal."""
    figures = Table(title=_summary(one, language), title_justify="left", box=None, pad_edge=False)
    for key in ("figure", "value", "interval", "given"):
        figures.add_column(say(f"fit.{key}", language), justify="left" if key == "figure" else "right")
    for shown in (_row(each, language) for each in one.figures):
        figures.add_row(shown["name"], shown["value"], shown["interval"], shown["given"])
    sets = Table(box=None, pad_edge=False)
    for key in ("test", "points", "rmse_before", "rmse"):
        sets.add_column(say(f"fit.{key}", language), justify="left" if key == "test" else "right")
    for shown in (_set_row(met, language) for met in one.sets):
        sets.add_row(shown["name"], shown["points"], shown["before"], shown["rmse"])
    told = cautions(one, language, unread)
    return Group(figures, Text(), sets, *([Text(), *what_to_know(told, language)] if told else []))


def cautions(one: Fit, language: Language, unread: str | None = None) -> list[str]:
    """What keeps a figure or an interval from being taken at its word."""
    told = []
    if not one.converged:
        told.append(say("fit.not_converged", language))
    for each in one.figures:
        if each.at_bound:
            nearer = min(each.bounds, key=lambda bound: abs(bound - each.value))
            bound = f"{nearer:.4g} {each.given.unit}".strip()
            told.append(say("fit.at_bound", language, figure=_name(each.key, language), bound=bound))
    for left, right, r in one.correlated:
        told.append(say("fit.correlated", language, left=_name(left, language), right=_name(right, language),
                        r=number(r, 2)))  # fmt: skip
    for met in one.sets:
        if met.hangs_together > HANGS_TOGETHER:
            told.append(say("fit.hangs_together", language, test=say(f"fit.{met.kind.name}", language),
                            r=number(met.hangs_together, 2)))  # fmt: skip
        low, high = one.blueprint.technology.temperature_range_c
        warm = met.data.rows["temperature_c"]
        if warm.min() < low or warm.max() > high:
            told.append(say("fit.outside", language, test=say(f"fit.{met.kind.name}", language),
                            low=number(low), high=number(high)))  # fmt: skip
        if met.kind.name == "stand" and "from_soc" not in met.data.rows:
            told.append(say("fit.from_top", language))
    if unread is not None:
        told.append(say("fit.unread", language, problem=unread))
    return told


def _summary(one: Fit, language: Language) -> str:
    tests = ", ".join(f"{met.data.path.name} ({say(f'fit.{met.kind.name}', language)})" for met in one.sets)
    key = "fit.summary_named" if one.named else "fit.summary_chosen"
    return say(key, language, figures=len(one.figures), points=one.points, tests=tests)


def _name(key: str, language: Language) -> str:
    """The name files and `perdure technologies` know a figure by; in Chinese its words."""
    return key if language == "en" else figure_name(key, language)


def _row(one: Fitted, language: Language) -> dict[str, str]:
    unit = f"{GAP}{one.given.unit}" if one.given.unit else ""
    digits = _digits(one)
    value = f"{one.value:.{digits}g}"
    interval = say("fit.no_interval", language)
    if one.low is not None and one.high is not None:
        interval = say("fit.span", language, low=f"{one.low:.{digits}g}", high=f"{one.high:.{digits}g}")
    given = f"{one.given.value:.6g}"
    if one.given.low is not None and one.given.high is not None:
        given += f" ({say('fit.span', language, low=f'{one.given.low:.6g}', high=f'{one.given.high:.6g}')})"
    told = {"value": value + unit, "interval": interval, "given": given}
    return {"name": _name(one.key, language), "key": one.key, **{name: _minus(text) for name, text in told.items()}}


def _digits(one: Fitted) -> int:
    """So many that the standard error shows with two."""
    if one.error is None or one.error <= 0.0 or one.value == 0.0:
        return 4
    return int(np.clip(np.floor(np.log10(abs(one.value) / one.error)) + 3, 2, 7))


def _minus(text: str) -> str:
    return text.replace(" -", " −").replace("(-", "(−").replace("e-", "e−") if not text.startswith("-") else (
        "−" + _minus(text[1:]))  # fmt: skip


def _set_row(met: Met, language: Language) -> dict[str, str]:
    scale, unit = SCALES[met.kind.name], say(f"fit.{met.kind.name}_residual_unit", language)
    shown = {name: f"{getattr(met, name) * scale:.3g}{GAP}{unit}" for name in ("rmse_before", "rmse", "uncertainty")}
    return {
        "name": say(f"fit.{met.kind.name}", language), "file": met.data.path.name, "points": str(len(met.data.lines)),
        "before": shown["rmse_before"], "rmse": shown["rmse"], "uncertainty": shown["uncertainty"],
    }  # fmt: skip


def _choices(one: Fit, language: Language) -> list[tuple[str, str]]:
    """Why each figure was taken or left; those that move nothing are only counted."""
    told = []
    for choice in one.choices:
        if choice.why in ("chosen", *LEFT_SHOWN):
            like = _name(choice.like, language) if choice.like else ""
            effect = f"{choice.effect:.3g}"
            told.append((_name(choice.key, language), say(f"fit.why_{choice.why}", language, effect=effect, like=like)))
    silent = sum(choice.why in ("silent", "rangeless") for choice in one.choices)
    if silent:
        told.append((say("fit.others", language), say("fit.why_silent", language, count=silent)))
    return told


def _drawn(one: Fit, met: Met, language: Language) -> Drawn:
    kind = met.kind
    rows = one.table[one.table["data_set"] == kind.name]
    scale_x = 100.0 if kind.along in SHARES else 1.0
    scale_y = 100.0 if kind.unit == "share" else 1.0
    names = [name for name in _conditions(met, rows) if name != kind.along]
    groups = list(_groups(rows, names, language))
    data: list[Trace] = []
    apart: list[Trace] = []
    for place, (name, group) in enumerate(groups):
        colour = ACCENTS[place % len(ACCENTS)]
        x = plain(scale_x * group[kind.along], 3)
        dots = {"mode": "markers", "marker": {"size": 6, "color": faded(colour, 0.55)}}
        data.append(line(name, x, plain(scale_y * group["measured"], 5), colour, **dots))
        data.append(_model(group, names, kind.along, (scale_x, scale_y), colour))
        apart.append(line(name, x, plain(SCALES[kind.name] * group["residual"], 4), colour, **dots))
    band = 2.0 * met.uncertainty * SCALES[kind.name]
    shade = {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": -band, "y1": band, "layer": "below",
             "fillcolor": faded(MUTED, 0.1), "line": {"width": 0}}  # fmt: skip
    x_axis = axis(say(f"fit.axis_{kind.along}", language))
    top = {"margin": {"l": 64, "r": 20, "t": 46 + 20 * (len(groups) // 3), "b": 46}, "hovermode": "closest"}
    return Drawn(
        kind.name, say(f"fit.{kind.name}_title", language), say("fit.plot_note", language),
        figure(data, x_axis, axis(say(f"fit.axis_{kind.name}", language)), 400, **top),
        figure(apart, x_axis, axis(say(f"fit.axis_{kind.name}_residual", language), zeroline=True), 400,
               shapes=[shade], **top),
    )  # fmt: skip


def _model(group: pd.DataFrame, names: list[str], along: str, scales: tuple[float, float], colour: str) -> Trace:
    """A curve for each condition in the group; crosses where few points share one."""
    curves = [one.sort_values(along) for _, one in group.groupby([group[name].map(_coarse) for name in names])]
    if len(group) < POINTS_OF_A_CURVE * len(curves):
        x, y = (plain(scale * group[name], 5) for name, scale in zip((along, "model"), scales, strict=True))
        marks = {"mode": "markers", "marker": {"size": 8, "symbol": "x-thin-open", "color": colour}}
        return line("", x, y, colour, showlegend=False, hoverinfo="skip", **marks)
    x, y = [], []
    for one in curves:  # a gap after each
        x += [*plain(scales[0] * one[along], 3), None]
        y += [*plain(scales[1] * one["model"], 5), None]
    return line("", x, y, colour, width=1.5, showlegend=False, hoverinfo="skip")


def _coarse(value: float) -> float:
    return float(f"{value:.3g}")


def _conditions(met: Met, rows: pd.DataFrame) -> list[str]:
    """Columns of conditions that differ, temperature first and always."""
    others = [name for name in met.kind.columns if name not in ("temperature_c", met.kind.measured) and name in rows]
    return ["temperature_c", *(name for name in others if rows[name].round(6).nunique() > 1)]


def _groups(rows: pd.DataFrame, names: list[str], language: Language) -> Iterator[tuple[str, pd.DataFrame]]:
    """Rows of each condition with its name; by temperature alone, then by its tens, where these are too many."""
    rounded = rows[names].apply(lambda column: column.map(_coarse))
    if len(rounded.drop_duplicates()) > MOST_GROUPS:
        rounded = rounded[["temperature_c"]]
        if rounded["temperature_c"].nunique() > MOST_GROUPS:
            rounded = rounded.round(-1)
    for _, group in rounded.groupby(list(rounded.columns), sort=True):
        values = group.iloc[0]
        told = [_condition(name, float(values[name]), language) for name in group.columns]
        yield ", ".join(told), rows.loc[group.index]


def _condition(name: str, value: float, language: Language) -> str:
    shown = number(100.0 * value, 0) if name in SHARES else f"{value:g}".replace("-", "−")
    return say(f"fit.at_{name}", language, value=shown)
