"""A technology on the test bench as tables: the curves a manufacturer shows, each from the store's own functions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from perdure.technology.bench import cycled, ramp, round_trip, stand
from perdure.technology.response_map import response_map
from perdure.technology.technology import Technology

RATES_SHOWN = (1.0, 0.5, 0.25, 0.125)
"""Rates of the charge curves, over the technology's largest."""
RATE_STEPS = 13
TEMPERATURES_SHOWN = (-20.0, -10.0, 0.0, 10.0, 25.0, 35.0, 45.0)
STAND_DAYS = np.array([0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 14.0, 21.0, 30.0])
DEPTHS = (0.2, 0.4, 0.6, 0.8, 1.0)
BENCH_C = 25.0


@dataclass(frozen=True)
class Characterisation:
    """The bench tables of one technology; every column is named with its unit."""

    technology: Technology
    curves: pd.DataFrame  # direction, rate_per_h, temperature_c, soc, voltage_v, pressure_bar, heat_kw_per_kwh
    efficiency: pd.DataFrame  # rate_per_h, temperature_c, direct_share, alternating_share, with_auxiliaries_share, ...
    stand: pd.DataFrame  # temperature_c, days, kept_share
    life: pd.DataFrame  # ageing, depth, cycles, capacity_share

    def write(self, folder: Path) -> list[Path]:
        """One CSV per table; returns their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for name in ("curves", "efficiency", "stand", "life"):
            path = folder / f"{name}.csv"
            getattr(self, name).to_csv(path, index=False, float_format="%.6g")
            written.append(path)
        return written


def characterise(technology: Technology) -> Characterisation:
    """Run the bench: charge curves, round trips, stand loss, life."""
    low, high = technology.temperature_range_c
    warmths = tuple(one for one in TEMPERATURES_SHOWN if low <= one <= high)
    return Characterisation(
        technology, _curves(technology, warmths), _efficiency(technology, warmths), _standing(technology, warmths),
        _life(technology),
    )  # fmt: skip


def _curves(technology: Technology, warmths: tuple[float, ...]) -> pd.DataFrame:
    """At the bench temperature all rates; at a quarter of the largest rate all temperatures."""
    most, rows = technology.largest_rating, []
    table = response_map(technology)
    places = [(share, BENCH_C) for share in RATES_SHOWN] + [(0.5, one) for one in warmths if one != BENCH_C]
    for share, celsius in places:
        for direction, power in (("charge", share * most.charge_per_h), ("discharge", -share * most.discharge_per_h)):
            one = ramp(table, power, celsius)
            if len(one.share) < 2:
                continue
            pick = np.unique(np.linspace(0, len(one.share) - 1, 101).astype(int))
            pressure = one.response.pressure_bar
            rows.append(
                pd.DataFrame(
                    {
                        "direction": direction,
                        "rate_per_h": abs(power),
                        "temperature_c": celsius,
                        "soc": one.soc[pick],
                        "power_kw_per_kwh": np.abs(one.power[pick]),
                        "voltage_v": one.response.voltage_v[pick],
                        "pressure_bar": np.nan if pressure is None else pressure[pick],
                        "heat_kw_per_kwh": one.response.heat_kw[pick],
                    }
                )
            )
    return pd.concat(rows, ignore_index=True)


def _efficiency(technology: Technology, warmths: tuple[float, ...]) -> pd.DataFrame:
    low, high = technology.power_range_per_h
    rows, table = [], response_map(technology)  # stacks apart from the tank stay at their largest: part load shows
    for rate in np.geomspace(low, high, RATE_STEPS):
        for celsius in warmths:
            trip = round_trip(table, float(rate), celsius)
            told = {name: getattr(trip, name) for name in trip.__dataclass_fields__}
            rows.append({"rate_per_h": rate, "temperature_c": celsius} | told)
    return pd.DataFrame(rows)


def _standing(technology: Technology, warmths: tuple[float, ...]) -> pd.DataFrame:
    table, rows = response_map(technology), []
    for celsius in warmths:
        top = table.window(celsius)[1]
        kept = stand(table, STAND_DAYS, celsius) / top
        rows.append(pd.DataFrame({"temperature_c": celsius, "days": STAND_DAYS, "kept_share": kept}))
    return pd.concat(rows, ignore_index=True)


def _life(technology: Technology) -> pd.DataFrame:
    """Capacity against cycles run one after the other at half the largest rate, for every ageing law and depth."""
    rate, rows = 0.5 * technology.power_range_per_h[1], []
    for law in technology.ageing.values():
        for depth in DEPTHS:
            most = 10_000.0
            while most < 2e6 and cycled(law, np.array([most]), depth, rate, BENCH_C)[0].capacity_share > 0.6:
                most *= 1.6
            count = np.linspace(0.0, most, 61)
            kept = np.array([one.capacity_share for one in cycled(law, count, depth, rate, BENCH_C)])
            shown = kept >= 0.55
            rows.append(
                pd.DataFrame(
                    {"ageing": law.name, "depth": depth, "cycles": count[shown], "capacity_share": kept[shown]}
                )
            )
    return pd.concat(rows, ignore_index=True)
