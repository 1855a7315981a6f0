"""Figures with all candidates in one frame: import, demand peaks, capacity, efficiency, money."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from perdure.quantities import Language
from perdure.simulate.result import Result
from perdure.study.outcome import Outcome
from perdure.study.reports.drawing import WITHOUT, Figure, Trace, accent, axis, bars, figure, line, plain
from perdure.study.reports.naming import display_name, first_sample, month_names
from perdure.study.reports.words import money_scale, say
from perdure.timeline import Floats

DURATION_POINTS = 1000


def without_kw(sample: Result) -> Floats:
    """Grid power with no storage (steps,), export below zero, from the sample's own load and generation."""
    load, generation = (sample.series[name].to_numpy(dtype=np.float64) for name in ("load_kw", "generation_kw"))
    limits = sample.site.connection
    return np.asarray(np.clip(load - generation, -limits.export_limit_kw, limits.import_limit_kw), dtype=np.float64)


def together(outcome: Outcome, language: Language) -> dict[str, Figure]:
    """All figures that compare the candidates, by name."""
    return {
        "duration": duration(outcome, language),
        "peaks": peaks(outcome, language),
        "capacity": capacity(outcome, language),
        "efficiency": efficiency(outcome, language),
        "cumulative": cumulative(outcome, language),
    }


def duration(outcome: Outcome, language: Language) -> Figure:
    """Hours of the year against grid power, with and without storage, thinned but true at the peak."""
    sample = first_sample(outcome.candidates[0].life)
    traces = [_sorted(say("trace.without", language), without_kw(sample), sample, WITHOUT)]
    for position, one in enumerate(outcome.candidates):
        sample = first_sample(one.life)
        power = (sample.series["import_kw"] - sample.series["export_kw"]).to_numpy(dtype=np.float64)
        traces.append(_sorted(display_name(one, language), power, sample, accent(position)))
    return figure(traces, axis(say("axis.hours", language)), axis(say("axis.grid", language), rangemode="tozero"))


def _sorted(name: str, power_kw: Floats, sample: Result, colour: str) -> Trace:
    ordered = np.sort(power_kw)[::-1]
    even = np.linspace(0, len(ordered) - 1, DURATION_POINTS - 100).astype(np.int64)
    kept = np.unique(np.concatenate([np.arange(min(100, len(ordered))), even]))
    hours = kept * sample.site.timeline.step_h
    return line(name, plain(hours, 2), plain(ordered[kept], 1), colour, hovertemplate="%{y:,.0f} kW")


def peaks(outcome: Outcome, language: Language) -> Figure:
    """The highest import of each billing month of year 1."""
    first = _year_one(outcome.candidates[0].life.months)
    periods = month_names(tuple(str(name) for name in first["period"]), language)
    traces = [bars(say("trace.without", language), periods, plain(first["peak_without_kw"], 1), WITHOUT)]
    for position, one in enumerate(outcome.candidates):
        values = _year_one(one.life.months)["peak_with_kw"]
        traces.append(bars(display_name(one, language), periods, plain(values, 1), accent(position)))
    for trace in traces:
        trace["hovertemplate"] = "%{y:,.0f} kW"
    return figure(
        traces,
        axis(say("axis.month", language), type="category"),
        axis(say("axis.peak", language), rangemode="tozero"),
        barmode="group",
        bargap=0.25,
    )


def _year_one(months: pd.DataFrame) -> pd.DataFrame:
    first: pd.DataFrame = months.loc[months["year"] == months["year"].min()]
    return first


def capacity(outcome: Outcome, language: Language) -> Figure:
    """Remaining capacity at the start of each year, a mark where a new store came."""
    return _by_year(outcome, "capacity_share", "axis.capacity", language)


def efficiency(outcome: Outcome, language: Language) -> Figure:
    """Round-trip efficiency by year."""
    return _by_year(outcome, "round_trip_share", "axis.efficiency", language)


def _by_year(outcome: Outcome, column: str, title: str, language: Language) -> Figure:
    traces = []
    for position, one in enumerate(outcome.candidates):
        years = one.life.years
        traces.append(
            line(
                display_name(one, language),
                plain(years["year"], 0),
                plain(100.0 * years[column].where(years["capacity_kwh"] > 0.0), 2),
                accent(position),
                mode="lines+markers",
                marker={
                    "size": [12 if new else 5 for new in years["replaced"]],
                    "color": accent(position),
                    "opacity": 1.0,
                    "line": {"width": 0},
                },
                hovertemplate="%{y:.1f} %",
            )
        )
    last = max(len(one.life.years) for one in outcome.candidates)
    return figure(traces, year_axis(last, language), axis(say(title, language)), height=320, showlegend=True)


def cumulative(outcome: Outcome, language: Language) -> Figure:
    """Cumulative discounted cash flow of every candidate."""
    traces: list[Trace] = []
    unit = ""
    for position, one in enumerate(outcome.candidates):
        scale, unit = money_scale(one.worth.metrics.currency, language)
        table = one.worth.cash_flow
        traces.append(
            line(
                display_name(one, language),
                plain(table["year"], 0),
                plain(table["cumulative_discounted"] / scale, 2),
                accent(position),
                hovertemplate=f"%{{y:,.{2 if scale > 1 else 0}f}} {unit}",
            )
        )
    return figure(
        traces,
        year_axis(max(len(one.life.years) for one in outcome.candidates), language),
        axis(say("axis.cumulative", language, unit=unit), tickformat=",~f"),
        height=320,
        showlegend=True,
    )


def year_axis(years: int, language: Language) -> dict[str, Any]:
    """Project years in whole numbers."""
    return axis(say("axis.project_year", language), tickformat="d", dtick=1 if years <= 12 else 5)
