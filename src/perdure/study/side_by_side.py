"""Technologies side by side at one temperature and rate: what a buyer asks first, each from its own functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from perdure.economics.finance import Finance
from perdure.errors import Faults
from perdure.quantities import Confidence, Language, Sourced
from perdure.study.reports.words import percent, say
from perdure.study.technologies import find_technology
from perdure.technology.bench import RoundTrip, cycles_to, round_trip, stand, years_to
from perdure.technology.response_map import ResponseMap, response_map
from perdure.technology.technology import TECHNOLOGIES, Costs, Rating, Technology

if TYPE_CHECKING:
    from rich.console import RenderableType

DEPTH = 0.8
"""Depth of the cycles whose number to the end of life is told."""
CURRENCY = "USD"
FOUNDED = (Confidence.PUBLISHED, Confidence.DERIVED, Confidence.USER)


@dataclass(frozen=True)
class _Bench:
    """One technology with what the rows ask of it."""

    technology: Technology
    table: ResponseMap
    temperature_c: float
    rate_per_h: float
    trip: RoundTrip


def side_by_side(
    technologies: list[Technology], temperature_c: float = 25.0, rate_per_h: float = 0.25, language: Language = "en"
) -> pd.DataFrame:
    """One row per question, one column per technology, as text; NaN-free: what does not apply is a dash.

    `rate_per_h`: AC power over stored energy. Raises InputError for a temperature or rate outside every sense.
    """
    faults = Faults()
    if not -40.0 <= temperature_c <= 70.0:
        faults.add("--temperature", "is no temperature of a store", f"{temperature_c:g}", "-40 to 70 °C")
    if not 0.001 <= rate_per_h <= 10.0:
        faults.add("--c-rate", "is no rate of a store", f"{rate_per_h:g}", "0.001 to 10 per hour")
    faults.raise_if_any()
    columns = {one.name: _column(one, temperature_c, rate_per_h, language) for one in technologies}
    return pd.DataFrame(columns, index=pd.Index([say(f"side.{name}", language) for name in ROWS], name=""))


def compared(
    names: list[str], temperature_c: float, rate_per_h: float, language: Language = "en", width: int = 100
) -> RenderableType:
    """The tables for a terminal of the named technologies (none: all), as many side by side as its width holds."""
    from rich.console import Group
    from rich.table import Table

    chosen = [find_technology(name) for name in names or TECHNOLOGIES.names()]
    told = side_by_side(chosen, temperature_c, rate_per_h, language)
    title = say("side.title", language, temperature=f"{temperature_c:g}", rate=f"{rate_per_h:g}")
    each = max(1, (width - 30) // 21)
    tables = []
    for first in range(0, len(told.columns), each):
        part = told.iloc[:, first : first + each]
        table = Table(title=title if first == 0 else None, title_justify="left")
        table.add_column("", overflow="fold", min_width=28)
        for name in part:
            table.add_column(str(name), justify="right", overflow="fold", min_width=12)
        for question, answers in part.iterrows():
            table.add_row(str(question), *(str(answer) for answer in answers))
        tables.append(table)
    return Group(*tables, say("side.caption", language))


def _column(one: Technology, temperature_c: float, rate_per_h: float, language: Language) -> list[str]:
    most = one.largest_rating
    held = Rating(min(rate_per_h, most.charge_per_h), min(rate_per_h, most.discharge_per_h))
    table = response_map(one, held if one.physics_at is not None else None)
    bench = _Bench(one, table, temperature_c, rate_per_h, round_trip(table, rate_per_h, temperature_c))
    return [row(bench, language) for row in ROWS.values()]


def _share(value: float) -> str:
    return "-" if np.isnan(value) else percent(value).replace("\u00a0", " ")


def _rates(bench: _Bench, _: Language) -> str:
    most = bench.technology.largest_rating
    charge, discharge = min(bench.rate_per_h, most.charge_per_h), min(bench.rate_per_h, most.discharge_per_h)
    return f"{charge:.3g} / {discharge:.3g}"


def _limits(bench: _Bench, _: Language) -> str:
    soc, warm = bench.table.soc(np.array([0.5])), np.array([bench.temperature_c])
    discharge, charge = bench.table.physics.power_limits(soc, warm, 0.0)
    most = bench.technology.largest_rating
    return f"{min(float(charge[0]), most.charge_per_h):.3g} / {min(float(discharge[0]), most.discharge_per_h):.3g}"


def _window(bench: _Bench, _: Language) -> str:
    low, high = bench.table.window(bench.temperature_c)
    return _share(high - low)


def _standing(bench: _Bench, _: Language) -> str:
    left = stand(bench.table, np.array([1.0, 7.0, 30.0]), bench.temperature_c)
    top = bench.table.window(bench.temperature_c)[1]
    return " / ".join(f"{100.0 * (top - one) / top:.1f}" for one in left) + " %"


def _cycles(bench: _Bench, _: Language) -> str:
    one = bench.technology
    rate = min(bench.rate_per_h, one.largest_rating.discharge_per_h)
    count = cycles_to(one.default_ageing, one.end_of_life_capacity_share, DEPTH, rate, bench.temperature_c)
    return "> 10,000,000" if np.isinf(count) else f"{count:,.0f}"


def _years(bench: _Bench, _: Language) -> str:
    one = bench.technology
    rate = min(bench.rate_per_h, one.largest_rating.discharge_per_h)
    depth = min(DEPTH, 12.0 * rate)
    years = years_to(one.default_ageing, one.end_of_life_capacity_share, depth, rate, bench.temperature_c)
    return "> 200" if np.isinf(years) else f"{years:.1f}"


def _capital(bench: _Bench, _: Language) -> str:
    costs = bench.technology.default_costs
    rate = Finance.model_validate({}).exchange_rate(costs.currency, CURRENCY).value
    value, low, high = (capital_per_kwh(costs, bench.technology, bench.rate_per_h, end) for end in _ENDS)
    return f"{rate * value:.0f} ({rate * low:.0f} to {rate * high:.0f})"


def _lowest(one: Sourced) -> float:
    return one.value if one.low is None else one.low


def _highest(one: Sourced) -> float:
    return one.value if one.high is None else one.high


_ENDS: tuple[Callable[[Sourced], float], ...] = (float, _lowest, _highest)


def capital_per_kwh(costs: Costs, technology: Technology, rate_per_h: float, end: Callable[[Sourced], float]) -> float:
    """Capital per kWh of stored energy at a rate, in the costs' own currency, at one end of every range."""
    most = technology.largest_rating
    direct = end(costs.energy_per_kwh) + end(costs.balance_per_kwh)
    direct += end(costs.power_per_kw) * min(rate_per_h, most.discharge_per_h)
    if costs.charge_power_per_kw is not None:
        direct += end(costs.charge_power_per_kw) * min(rate_per_h, most.charge_per_h)
    return direct / (1.0 - end(costs.development_share))


def _inventory(name: str) -> Callable[[_Bench, Language], str]:
    def told(bench: _Bench, _: Language) -> str:
        figure = bench.technology.inventory.get(name)
        return "-" if figure is None else f"{figure.value:.3g}"

    return told


def _range(bench: _Bench, language: Language) -> str:
    low, high = bench.technology.temperature_range_c
    outside = "" if low <= bench.temperature_c <= high else f" ({say('side.outside', language)})"
    return f"{low:g} to {high:g}{outside}" if language == "en" else f"{low:g} 至 {high:g}{outside}"


def _founded(bench: _Bench, _: Language) -> str:
    figures = bench.technology.all_figures().values()
    return f"{sum(one.confidence in FOUNDED for one in figures)} / {len(figures)}"


ROWS: dict[str, Callable[[_Bench, Language], str]] = {
    "rate": _rates,
    "direct": lambda bench, _: _share(bench.trip.direct_share),
    "alternating": lambda bench, _: _share(bench.trip.alternating_share),
    "auxiliaries": lambda bench, _: _share(bench.trip.with_auxiliaries_share),
    "returned": lambda bench, _: f"{bench.trip.returned_kwh:.3f}",
    "hours": lambda bench, _: f"{bench.trip.charge_h:.1f} / {bench.trip.discharge_h:.1f}",
    "limits": _limits,
    "window": _window,
    "stand": _standing,
    "cycles": _cycles,
    "years": _years,
    "capital": _capital,
    "mass": _inventory("mass_kg"),
    "floor": _inventory("floor_m2"),
    "hydrogen": _inventory("hydrogen_kg"),
    "range": _range,
    "founded": _founded,
}
"""The questions, in the order of the table; their words are `side.<name>` in the reports' words."""
