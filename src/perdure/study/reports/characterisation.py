"""The bench sheet of one technology as a page that stands alone: charge curves, efficiency, stand loss, heat, life."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from perdure.quantities import Language
from perdure.study.characterise import BENCH_C, Characterisation
from perdure.study.reports.drawing import ACCENTS, Figure, Trace, axis, figure, line, plain
from perdure.study.reports.shell import write_html
from perdure.study.reports.translation import translated
from perdure.study.reports.words import number, percent, say

WARM_TO_COLD = ("#2b5c8a", "#3f8fbf", "#7fb9cf", "#9fb08a", "#d9a514", "#c4552d", "#8e2f2f")


@dataclass(frozen=True)
class Shown:
    """One figure with its heading."""

    name: str
    title: str
    note: str
    figure: Figure


def write_characterisation(one: Characterisation, path: Path, language: Language = "en") -> Path:
    """Write the sheet as one HTML file; returns where it lies."""
    technology = one.technology
    return write_html(
        path, "sheet.html.j2", language,
        title=technology.title[language],
        eyebrow=say("bench.eyebrow", language),
        summary=technology.summary[language],
        facts=_facts(one, language),
        cautions=[translated(remark, language) for remark in technology.remarks],
        shown=_shown(one, language),
    )  # fmt: skip


def _facts(one: Characterisation, language: Language) -> list[tuple[str, str]]:
    technology = one.technology
    told = {
        "bench.measured_on": technology.measured_on,
        "bench.sensitive_to": technology.sensitive_to,
        "bench.not_valid_for": technology.not_valid_for,
    }
    return [(say(name, language), translated(text, language)) for name, text in told.items()]


def _shown(one: Characterisation, language: Language) -> list[Shown]:
    made = {
        "voltage_rate": _by_rate(one, "voltage_v", language),
        "voltage_temperature": _by_temperature(one, "voltage_v", language),
        "pressure": _pressure(one, language),
        "efficiency": _efficiency(one, language),
        "stand": _stand(one, language),
        "heat": _heat(one, language),
        "life": _life(one, language),
    }
    return [
        Shown(name, say(f"bench.{name}", language), say(f"bench.{name}_note", language), drawn)
        for name, drawn in made.items()
        if drawn is not None
    ]


def _rate_name(rate: float, language: Language) -> str:
    return say("bench.rate_name", language, rate=f"{rate:.3g}", hours=f"{1.0 / rate:.3g}")


def _degrees(celsius: float) -> str:
    return f"{celsius:g} °C".replace("-", "−")


def _groups(rows: pd.DataFrame, column: str) -> list[tuple[float, pd.DataFrame]]:
    """The rows by each value of a column, rising."""
    return [(float(value), rows[rows[column] == value]) for value in sorted(rows[column].unique())]


def _soc(part: pd.DataFrame) -> list[float | None]:
    return plain(100.0 * part["soc"], 2)


def _by_rate(one: Characterisation, column: str, language: Language) -> Figure | None:
    curves = one.curves[one.curves["temperature_c"] == BENCH_C]
    return _charge_figure(curves, "rate_per_h", column, ACCENTS, lambda rate: _rate_name(rate, language), language)


def _by_temperature(one: Characterisation, column: str, language: Language) -> Figure | None:
    most = one.technology.largest_rating
    rates = {"charge": 0.5 * most.charge_per_h, "discharge": 0.5 * most.discharge_per_h}
    curves = one.curves[np.isclose(one.curves["rate_per_h"], one.curves["direction"].map(rates))]
    return _charge_figure(curves, "temperature_c", column, WARM_TO_COLD, _degrees, language)


def _charge_figure(
    curves: pd.DataFrame,
    key: str,
    column: str,
    colours: tuple[str, ...],
    name: Callable[[float], str],
    language: Language,
) -> Figure:
    """One colour per value of `key`; charging solid, discharging dashed."""
    data: list[Trace] = []
    for position, value in enumerate(sorted(curves[key].unique())):
        for direction, dash in (("charge", "solid"), ("discharge", "dash")):
            curve = curves[(curves[key] == value) & (curves["direction"] == direction)]
            if not curve.empty:
                shown = f"{name(value)}, {say(f'bench.{direction}', language)}"
                colour = colours[position % len(colours)]
                data.append(line(shown, _soc(curve), plain(curve[column], 4), colour, line={"dash": dash}))
    return figure(data, axis(say("bench.axis_soc", language)), axis(say(f"bench.axis_{column}", language)), 420)


def _pressure(one: Characterisation, language: Language) -> Figure | None:
    if one.curves["pressure_bar"].isna().all():
        return None
    most = one.technology.largest_rating
    half = np.isclose(one.curves["rate_per_h"], 0.5 * most.charge_per_h)
    charging = one.curves[(one.curves["direction"] == "charge") & half]
    data = [
        line(_degrees(celsius), _soc(rows), plain(rows["pressure_bar"], 3), WARM_TO_COLD[position % len(WARM_TO_COLD)])
        for position, (celsius, rows) in enumerate(_groups(charging, "temperature_c"))
    ]
    return figure(
        data, axis(say("bench.axis_soc", language)), axis(say("bench.axis_pressure_bar", language), rangemode="tozero")
    )


def _efficiency(one: Characterisation, language: Language) -> Figure:
    data = []
    for position, (celsius, rows) in enumerate(_groups(one.efficiency, "temperature_c")):
        colour = WARM_TO_COLD[position % len(WARM_TO_COLD)]
        shares = plain(100.0 * rows["alternating_share"], 2)
        data.append(line(_degrees(celsius), plain(rows["rate_per_h"], 5), shares, colour))
    x = axis(say("bench.axis_rate", language), type="log", tickvals=[0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2])
    return figure(data, x, axis(say("bench.axis_round_trip", language)), 400)


def _stand(one: Characterisation, language: Language) -> Figure:
    data = [
        line(_degrees(celsius), plain(rows["days"], 2), plain(100.0 * rows["kept_share"], 2),
             WARM_TO_COLD[position % len(WARM_TO_COLD)])
        for position, (celsius, rows) in enumerate(_groups(one.stand, "temperature_c"))
    ]  # fmt: skip
    return figure(data, axis(say("bench.axis_days", language)), axis(say("bench.axis_kept", language)), 380)


def _heat(one: Characterisation, language: Language) -> Figure:
    curves = one.curves[(one.curves["temperature_c"] == BENCH_C) & (one.curves["direction"] == "charge")]
    data = [
        line(_rate_name(rate, language), _soc(rows), plain(1000.0 * rows["heat_kw_per_kwh"], 3), ACCENTS[position])
        for position, (rate, rows) in enumerate(_groups(curves, "rate_per_h"))
    ]
    y = axis(say("bench.axis_heat", language), zeroline=True)
    return figure(data, axis(say("bench.axis_soc", language)), y, 380)


def _life(one: Characterisation, language: Language) -> Figure:
    dashes = ("solid", "dash", "dot", "dashdot")
    data = []
    for place, (name, law) in enumerate(one.technology.ageing.items()):
        rows_of_law = one.life[one.life["ageing"] == name]
        if place > 0:  # the other laws at two depths only: the figure stays legible
            rows_of_law = rows_of_law[rows_of_law["depth"] >= 0.8]
        for depth, rows in _groups(rows_of_law, "depth"):
            shown, colour = f"{law.title[language]}, {percent(depth, 0)}", ACCENTS[round(5.0 * depth) - 1]
            kept, dash = plain(100.0 * rows["capacity_share"], 2), dashes[place % len(dashes)]
            data.append(line(shown, plain(rows["cycles"], 0), kept, colour, line={"dash": dash}))
    end = 100.0 * one.technology.end_of_life_capacity_share
    mark = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": end, "y1": end,
            "line": {"color": "#7b8794", "width": 1, "dash": "dot"}}  # fmt: skip
    text = {"xref": "paper", "x": 1, "y": end, "text": say("bench.end_of_life", language, share=number(end)),
            "showarrow": False, "xanchor": "right", "yanchor": "bottom",
            "font": {"size": 11, "color": "#7b8794"}}  # fmt: skip
    return figure(
        data, axis(say("bench.axis_cycles", language), rangemode="tozero"), axis(say("bench.axis_capacity", language)),
        460, shapes=[mark], annotations=[text],
    )  # fmt: skip
