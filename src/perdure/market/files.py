"""Files a tariff names: where they lie, and reading JSON and price series from them with faults a person can act on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from perdure.errors import Fault, InputError, did_you_mean
from perdure.timeline import Floats, Timeline


def fault(place: str, problem: str, value: object = None, allowed: str | None = None, cure: str = "") -> InputError:
    """One fault, ready to raise."""
    return InputError([Fault(place, problem, None if value is None else str(value), allowed, cure or None)])


def resolve(file: str, context: object, place: str = "file") -> Path:
    """An existing path; relative ones lie in the context's `folder`."""
    folder = context.get("folder") if isinstance(context, Mapping) else None
    path = Path(file) if folder is None else Path(folder) / file
    if not path.is_file():
        raise fault(place, "does not exist", path, cure="Give a path relative to the case file, or an absolute one.")
    return path


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise fault("file", f"is no JSON: {error}", path) from error
    if not isinstance(found, dict):
        raise fault("file", "holds no JSON object", path)
    return found


def zone_of(name: str, place: str = "zone") -> str:
    """A time zone name that exists."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise fault(place, "is no time zone", name, "a name such as Europe/Berlin or Etc/GMT-8") from error
    return name


def read_table(path: Path) -> pd.DataFrame:
    """A CSV or Parquet table; a named index becomes a column."""
    if path.suffix.lower() == ".csv":
        return pd.read_csv(path)
    if path.suffix.lower() in (".parquet", ".pq"):
        table = pd.read_parquet(path)
        return table if isinstance(table.index, pd.RangeIndex) else table.reset_index()
    raise fault("file", "is no CSV or Parquet file", path.name, ".csv, .parquet")


def column(table: pd.DataFrame, name: str, place: str) -> Floats:
    """A column of finite numbers (rows,)."""
    if name not in table.columns:
        raise fault(place, "is not in the file", repr(name), cure=did_you_mean(name, map(str, table.columns)))
    values = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64)
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise fault(place, f"has {len(bad)} gaps or no numbers in '{name}', the first in row {bad[0] + 1}",
                    cure="Fill the gaps.")  # fmt: skip
    return values


def timeline_of(table: pd.DataFrame, time_column: str | None, zone: str | None) -> Timeline:
    """The regular grid of a table's interval starts; naive stamps are read on the clock of `zone`."""
    name = time_column or _time_column(table)
    if name not in table.columns:
        raise fault("time_column", "is not in the file", repr(name), cure=did_you_mean(name, map(str, table.columns)))
    stamps = _stamps(table[name], name)
    if len(stamps) < 2:
        raise fault("file", "has fewer than two rows", len(stamps))
    if stamps.tz is None and zone is None:
        raise fault("zone", "is needed: the file's time stamps name no zone", cure="Give zone, such as Asia/Shanghai.")
    zone = zone or _zone_name(stamps)
    clock = stamps if stamps.tz is None else stamps.tz_convert(zone).tz_localize(None)
    minutes = int((stamps[1] - stamps[0]) / pd.Timedelta(minutes=1))
    if minutes < 1:
        raise fault("time_column", "does not rise by whole minutes", f"{stamps[0]}, {stamps[1]}")
    start = (
        stamps[0] if stamps.tz is not None else clock[0].tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    )
    timeline = Timeline(start, minutes, len(stamps), zone)
    off = np.flatnonzero(np.asarray(timeline.local.tz_localize(None) != clock))
    if len(off):
        raise fault("time_column", f"leaves the regular grid of {minutes} min in row {off[0] + 1}", clock[off[0]],
                    str(timeline.local[off[0]].tz_localize(None)),
                    "Fill the gap; if the clock has no summer time, give a fixed zone such as Etc/GMT-1.")  # fmt: skip
    return timeline


def _time_column(table: pd.DataFrame) -> str:
    for name in table.columns:
        if pd.api.types.is_datetime64_any_dtype(table[name]):
            return str(name)
    known = [str(name) for name in table.columns if str(name).lower() in ("time", "t", "start", "timestamp", "date")]
    if not known:
        raise fault("time_column", "is needed: no column holds time stamps", ", ".join(map(str, table.columns)))
    return known[0]


def _zone_name(stamps: pd.DatetimeIndex) -> str:
    """The stamps' zone; a bare offset such as +08:00 names none and keeps to UTC."""
    try:
        return ZoneInfo(str(stamps.tz)).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"


def _stamps(values: pd.Series[Any], name: str) -> pd.DatetimeIndex:
    try:
        found = pd.DatetimeIndex(pd.to_datetime(values))
    except (ValueError, TypeError):
        found = pd.DatetimeIndex(pd.to_datetime(values, utc=True, errors="coerce"))
    if found.hasnans:
        raise fault("time_column", f"'{name}' holds no time stamp in row {int(np.argmax(found.isna())) + 1}")
    return found
