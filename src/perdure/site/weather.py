"""Typical weather years from EnergyPlus (EPW) and TMY3 files, on standard time, as hourly means and hour-end values."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from perdure.errors import Fault, Faults, InputError
from perdure.site.table import existing
from perdure.timeline import Floats, Timeline

HOURS = 8760
_EPW = {"ghi": (13, 9999.0), "dni": (14, 9999.0), "dhi": (15, 9999.0), "air": (6, 99.9), "wind": (21, 999.0)}
_TMY3 = {"ghi": "GHI (W/m^2)", "dni": "DNI (W/m^2)", "dhi": "DHI (W/m^2)", "air": "Dry-bulb (C)", "wind": "Wspd (m/s)"}


@dataclass(frozen=True)
class Weather:
    """A year of 8760 hours. Irradiance (W/m2) is the mean of each hour, temperature and wind hold at its end."""

    name: str
    latitude: float
    longitude: float
    altitude_m: float
    utc_offset_h: float
    ghi_wm2: Floats
    dhi_wm2: Floats
    temperature_c: Floats
    wind_ms: Floats

    def hour_of_year(self, stamps: pd.DatetimeIndex) -> Floats:
        """Hours since 1 January on the file's standard clock, 0..8760 (stamps,); 29 February reads 28 February."""
        local = stamps + pd.Timedelta(hours=self.utc_offset_h)
        day = np.asarray(local.day_of_year, dtype=np.int64)
        day = day - (np.asarray(local.is_leap_year) & (day >= 60))
        seconds = np.asarray((local.hour * 60 + local.minute) * 60 + local.second, dtype=np.float64)
        return (day - 1) * 24.0 + seconds / 3600.0

    def at(self, values: Floats, stamps: pd.DatetimeIndex) -> Floats:
        """An hour-end quantity, interpolated at moments of any year (stamps,)."""
        return np.interp(self.hour_of_year(stamps), np.arange(1, HOURS + 1), values, period=HOURS)

    def ambient_c(self, timeline: Timeline) -> Floats:
        """Outdoor temperature in the middle of each step (steps,)."""
        return self.at(self.temperature_c, timeline.stamps + pd.Timedelta(minutes=timeline.step_minutes / 2.0))


def read_weather(folder: Path, file: str, place: str = "weather_file") -> Weather:
    """A typical year from .epw, .epw.gz or TMY3 .csv; InputError names what is missing in it."""
    path = existing(folder, file, place)
    name = path.name.lower()
    try:
        if name.endswith((".epw", ".epw.gz")):
            return _read_epw(path, place)
        if name.endswith(".csv"):
            return _read_tmy3(path, place)
    except (ValueError, IndexError, KeyError, OSError) as error:
        raise InputError([Fault(place, f"cannot be read as weather: {error}", repr(file), "EPW or TMY3")]) from error
    raise InputError([Fault(place, "unknown kind of weather file", repr(file), ".epw, .epw.gz or TMY3 .csv")])


def _read_epw(path: Path, place: str) -> Weather:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("latin-1")
    head = text.split("\n", 1)[0].split(",")
    if head[0].strip().upper() != "LOCATION":
        raise ValueError("the first line does not start with LOCATION")
    table = pd.read_csv(StringIO(text), header=None, skiprows=8, usecols=[column for column, _ in _EPW.values()])
    columns = {name: _epw_column(table[column], missing) for name, (column, missing) in _EPW.items()}
    latitude, longitude, offset, altitude = (float(word) for word in head[6:10])
    return _weather(head[1].strip(), (latitude, longitude, altitude, offset), columns, place)


def _epw_column(column: pd.Series, missing: float) -> Floats:
    values = column.to_numpy(dtype=np.float64)
    return np.where(values >= missing, np.nan, values)


def _read_tmy3(path: Path, place: str) -> Weather:
    with path.open(encoding="latin-1") as lines:
        head = lines.readline().split(",")
        table = pd.read_csv(lines)
    columns = {name: table[column].to_numpy(dtype=np.float64) for name, column in _TMY3.items()}
    offset, latitude, longitude, altitude = (float(word) for word in head[3:7])
    return _weather(head[1].strip(' "'), (latitude, longitude, altitude, offset), columns, place)


def _weather(name: str, where: tuple[float, ...], columns: dict[str, Floats], place: str) -> Weather:
    faults = Faults()
    for column, values in columns.items():
        if len(values) != HOURS:
            faults.add(place, "is not a typical year", f"{len(values)} hours", f"{HOURS} hours")
            break
        empty = int(np.isnan(values).sum())
        if empty and column in ("ghi", "dhi", "air"):
            faults.add(place, f"{empty} hours have no {column}", cure="Use a complete weather file.")
    faults.raise_if_any()
    latitude, longitude, altitude, offset = where
    wind = np.nan_to_num(columns["wind"], nan=1.0)  # a light breeze warms cells a little more than the mean wind
    return Weather(name, latitude, longitude, altitude, offset, columns["ghi"], columns["dhi"], columns["air"], wind)
