"""Figures of one candidate's store: typical weeks, temperature and pressure over the year, cash flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from perdure.quantities import Language, label
from perdure.simulate.result import Result
from perdure.study.outcome import CandidateOutcome
from perdure.study.reports.drawing import (
    ACCENTS,
    GENERATION,
    INK,
    LOAD,
    MUTED,
    PRICE,
    Figure,
    Trace,
    axis,
    bars,
    faded,
    figure,
    line,
    plain,
)
from perdure.study.reports.figures_together import year_axis
from perdure.study.reports.seasons import typical_weeks
from perdure.study.reports.words import currency_name, money_scale, say

CASH_PARTS = (
    ("saving", ("saving",), "#5f9a78"),
    ("investment", ("investment", "grant"), "#8795a5"),
    ("replacement", ("replacement", "addition"), "#b08bbd"),
    ("operation", ("operation",), "#d3a24c"),
    ("tax", ("tax",), "#c27b6b"),
    ("residual", ("residual", "decommissioning"), "#6d93b5"),
)


def weeks(sample: Result, colour: str, language: Language) -> dict[int, tuple[str, Figure]]:
    """For each season the date its typical week starts, and its figure: power, stored energy, price."""
    each = {name: table["stored_kwh"] for name, table in sample.stores.items()}
    found = typical_weeks(sample.series.assign(**each), sample.site.timeline.zone)
    currency = currency_name(sample.bill.currency, language)
    return {
        season: (
            pd.DatetimeIndex(week.index)[0].strftime("%Y-%m-%d"),
            week_figure(week, currency, colour, language, list(each)),
        )
        for season, week in found.items()
    }


def week_figure(
    week: pd.DataFrame, currency: str, colour: str, language: Language, stores: Sequence[str] = ()
) -> Figure:
    """Three panels over one week of local time: power, stored energy, prices.

    `stores`: columns with the stored energy of each, where there are several.
    """
    stamps = pd.DatetimeIndex(week.index)
    x = stamps.strftime("%Y-%m-%d %H:%M").tolist()
    days = [stamps[0] + pd.Timedelta(days=day) for day in range(7)]
    x_axis = axis(
        say("axis.weekday", language),
        type="date",
        tickvals=[(day + pd.Timedelta(hours=12)).strftime("%Y-%m-%d %H:%M") for day in days],
        ticktext=[f"{n} {d:%m-%d}" for n, d in zip(say("weekdays", language).split(","), days, strict=True)],
        hoverformat="%m-%d %H:%M",
        range=[x[0], (stamps[0] + pd.Timedelta(days=7)).strftime("%Y-%m-%d %H:%M")],
    )
    midnights = [day.strftime("%Y-%m-%d %H:%M") for day in days[1:]]
    made = figure(
        [
            *_power(week, x, colour, language),
            *_store(week, x, colour, language, stores),
            *_price(week, x, currency, language),
        ],
        {**x_axis, "anchor": "y3"},
        axis(say("axis.power", language), domain=[0.5, 1.0]),
        height=640,
        yaxis2=axis(say("axis.energy", language), domain=[0.26, 0.45], rangemode="tozero"),
        yaxis3=axis(say("axis.price", language, currency=currency), domain=[0.0, 0.21], rangemode="tozero"),
        bargap=0,
        barmode="relative",
        shapes=[_midnight(stamp) for stamp in midnights],
    )
    made["layout"]["hoversubplots"] = "axis"
    return made


def _power(week: pd.DataFrame, x: list[str], colour: str, language: Language) -> list[Trace]:
    unit = "%{y:,.0f} kW"
    discharge, charge = plain(week["discharge_kw"], 1), plain(-week["charge_kw"], 1)
    traces = [
        bars(say("trace.discharge", language), x, discharge, faded(colour, 0.85), hovertemplate=unit),
        bars(say("trace.charge", language), x, charge, faded(colour, 0.35), hovertemplate=unit),
        line(say("trace.load", language), x, plain(week["load_kw"], 1), LOAD, width=1.4, hovertemplate=unit),
    ]
    if (week["generation_kw"] > 0.0).any():
        sun = plain(week["generation_kw"], 1)
        traces.append(line(say("trace.generation", language), x, sun, GENERATION, width=1.4, hovertemplate=unit))
    imported = plain(week["import_kw"], 1)
    dotted = {"dash": "dot"}
    traces.append(line(say("trace.import", language), x, imported, INK, width=1.2, line=dotted, hovertemplate=unit))
    return traces


def _store(week: pd.DataFrame, x: list[str], colour: str, language: Language, stores: Sequence[str]) -> list[Trace]:
    stored, unit = plain(week["stored_kwh"], 1), "%{y:,.0f} kWh"
    parts = [
        line(name, x, plain(week[name], 1), ACCENTS[(position + 3) % len(ACCENTS)], width=1.2, yaxis="y2",
             hovertemplate=unit)
        for position, name in enumerate(stores)
    ]  # fmt: skip
    return [
        *parts,
        line(
            say("trace.stored", language), x, stored, colour, width=1.2, yaxis="y2",
            fill="tozeroy", fillcolor=faded(colour, 0.15), hovertemplate=unit,
        )
    ]  # fmt: skip


def _price(week: pd.DataFrame, x: list[str], currency: str, language: Language) -> list[Trace]:
    style: dict[str, Any] = {"yaxis": "y3", "hovertemplate": f"%{{y:.3f}} {currency}/kWh", "width": 1.3}
    step = {"shape": "hv"}
    buy = plain(week["buy_price_per_kwh"], 4)
    traces = [line(say("trace.price", language), x, buy, PRICE, line=step, **style)]
    if week["energy_value_per_kwh"].notna().any():
        value = plain(week["energy_value_per_kwh"], 4)
        dotted = {"shape": "hv", "dash": "dot"}
        traces.append(line(say("trace.value", language), x, value, MUTED, line=dotted, **style))
    return traces


def _midnight(stamp: str) -> dict[str, Any]:
    return {
        "type": "line", "x0": stamp, "x1": stamp, "yref": "paper", "y0": 0, "y1": 1, "layer": "below",
        "line": {"color": "#eef0f3", "width": 1},
    }  # fmt: skip


@dataclass(frozen=True)
class Inside:
    """What goes on inside a store over a year: temperature, and hydrogen pressure where it has one."""

    name: str  # '' where there is one store only
    thermal: Figure
    pressure: Figure | None


def inside(sample: Result, colour: str, language: Language) -> list[Inside]:
    """Of every store."""
    zone, ambient = sample.site.timeline.zone, sample.series["ambient_c"]
    return [
        Inside(name, thermal(table, ambient, zone, colour, language), pressure(table, zone, colour, language))
        for name, table in (sample.stores or {"": sample.series}).items()
    ]


def thermal(table: pd.DataFrame, ambient_c: pd.Series[Any], zone: str, colour: str, language: Language) -> Figure:
    """Store temperature of a year by day: range, mean, and the mean ambient."""
    made = _by_day(table["temperature_c"], zone, "axis.temperature", "°C", colour, language)
    ambient = _daily(ambient_c, zone)["mean"]
    made["data"].append(
        line(
            say("trace.ambient", language), _dates(ambient), plain(ambient, 1), MUTED, width=1.2, line={"dash": "dot"},
            hovertemplate="%{y:.1f} °C",
        )
    )  # fmt: skip
    return made


def pressure(table: pd.DataFrame, zone: str, colour: str, language: Language) -> Figure | None:
    """Hydrogen pressure of a year by day; None for a store without."""
    if "pressure_bar" not in table or table["pressure_bar"].isna().all():
        return None
    made = _by_day(table["pressure_bar"], zone, "axis.pressure", "bar", colour, language)
    made["layout"]["yaxis"]["rangemode"] = "tozero"
    return made


def _daily(values: pd.Series[Any], zone: str) -> pd.DataFrame:
    local = pd.DatetimeIndex(values.index).tz_convert(zone)
    return values.groupby(local.tz_localize(None).normalize()).agg(["min", "mean", "max"])


def _dates(table: pd.DataFrame | pd.Series[Any]) -> list[str]:
    return pd.DatetimeIndex(table.index).strftime("%Y-%m-%d").tolist()


def _by_day(values: pd.Series[Any], zone: str, title: str, unit: str, colour: str, language: Language) -> Figure:
    table = _daily(values, zone)
    dates = _dates(table)
    hover = f"%{{y:.1f}} {unit}"
    edge = {"width": 0, "hoverinfo": "skip", "showlegend": False}
    band = {"fill": "tonexty", "fillcolor": faded(colour, 0.22)}
    traces = [
        line("", dates, plain(table["min"], 2), colour, **edge),
        line(
            say("trace.daily_range", language), dates, plain(table["max"], 2), colour, width=0, hoverinfo="skip", **band
        ),
        line(say("trace.daily_mean", language), dates, plain(table["mean"], 2), colour, hovertemplate=hover),
    ]
    return figure(traces, _month_axis(dates, language), axis(say(title, language)), height=320)


def _month_axis(dates: list[str], language: Language) -> dict[str, Any]:
    names = say("months", language).split(",")
    starts = [date for date in dates if date.endswith("-01")]
    ticks: dict[str, Any] = {"tickformat": "%m-%d"}
    if len(starts) > 1:
        ticks = {"tickvals": starts, "ticktext": [names[int(date[5:7]) - 1] for date in starts]}
    return axis(say("axis.date", language), type="date", hoverformat="%m-%d", **ticks)


def cash(one: CandidateOutcome, colour: str, language: Language) -> Figure:
    """Bars of every kind of payment by year, and the cumulative discounted flow as a line."""
    table = one.worth.cash_flow
    scale, unit = money_scale(one.worth.metrics.currency, language)
    years = plain(table["year"], 0)
    hover = f"%{{y:,.{2 if scale > 1 else 0}f}} {unit}"
    traces = []
    for name, columns, shade in CASH_PARTS:
        values = table[list(columns)].sum(axis=1) / scale
        if (values != 0.0).any():
            traces.append(bars(_cash_name(name, language), years, plain(values, 4), shade, hovertemplate=hover))
    total = plain(table["cumulative_discounted"] / scale, 4)
    traces.append(
        line(label("cumulative_discounted", language).split(" (")[0], years, total, colour, hovertemplate=hover)
    )
    return figure(
        traces,
        year_axis(len(table) - 1, language),
        axis(say("axis.cash", language, unit=unit), tickformat=",~f"),
        height=420,
        barmode="relative",
        bargap=0.3,
    )


def _cash_name(name: str, language: Language) -> str:
    own = {"investment": "trace.investment", "residual": "trace.residual"}
    return say(own[name], language) if name in own else label(name, language).split(" (")[0]
