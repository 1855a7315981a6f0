"""Clocks: zone names and offsets as a person writes them, and stamps turned into interval starts in UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pandas as pd

from perdure.errors import Fault, Faults, InputError, nearest
from perdure.site.inputs import TableInput

_OFFSET = re.compile(r"^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?$")
_AWARE = r"(?:Z|[+-]\d{2}:?\d{2})$"
_USUAL = r"\d{4}-\d{2}-\d{2} (?:[01]\d|2[0-3]):[0-5]\d"
_YEAR_FIRST = r"^(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$"
FIRST = 3
"""How many places of one kind of fault are named before the rest is counted."""


@dataclass(frozen=True)
class Rows:
    """How rows of a file are called when something is wrong with one."""

    word: str
    first: int

    def name(self, position: int) -> str:
        """'line 17' for the row at `position`."""
        return f"{self.word} {position + self.first}"

    def list(self, positions: np.ndarray, labels: pd.Series | pd.Index | None = None) -> str:
        """'line 17 (2024-01-01 03:45), line 18 (...) and 9 more'."""
        shown = np.asarray(positions[:FIRST], dtype=np.int64)
        told = [self.name(int(position)) for position in shown]
        if labels is not None:
            marks = pd.Series(labels).iloc[shown]
            told = [f"{name} ({_brief(mark)})" for name, mark in zip(told, marks, strict=True)]
        rest = len(positions) - len(told)
        return ", ".join(told) + (f" and {rest} more" if rest > 0 else "")


def _brief(mark: object) -> str:
    return mark.strftime("%Y-%m-%d %H:%M") if isinstance(mark, pd.Timestamp) else str(mark)


def clock(zone: str, place: str) -> tzinfo:
    """The clock a person means by 'Asia/Shanghai', '+08:00' or 'UTC+8'; InputError names the nearest zone."""
    offset = _OFFSET.match(zone.strip())
    if offset:
        sign, hours, minutes = offset.groups()
        shift = timedelta(hours=int(hours), minutes=int(minutes or 0))
        if shift <= timedelta(hours=14):
            return timezone(-shift if sign == "-" else shift)
    elif zone in available_timezones():
        return ZoneInfo(zone)
    match = nearest(zone, available_timezones()) or nearest(zone.split("/")[-1], _cities())
    match = _cities().get(match, match) if match else None
    cure = f"Did you mean '{match}'?" if match else "Give a name such as Asia/Shanghai or an offset such as +08:00."
    raise InputError([Fault(place, "unknown time zone", repr(zone), "an IANA name or an offset", cure)])


def _cities() -> dict[str, str]:
    return {name.split("/")[-1]: name for name in sorted(available_timezones()) if "/" in name}


def read_stamps(raw: pd.Series, spec: TableInput, rows: Rows, faults: Faults) -> pd.Series | None:
    """Stamps as written, parsed: naive or UTC-aware, in file order; None where some cannot be read."""
    if isinstance(raw.dtype, pd.DatetimeTZDtype):
        converted: pd.Series = raw.dt.tz_convert("UTC")
        return converted
    if pd.api.types.is_datetime64_dtype(raw.dtype):
        parsed, text = raw, raw.astype(str)
    else:
        text = raw.astype("string").str.strip()
        parsed = _parse(text, spec.time_format)
    lost = np.flatnonzero(parsed.isna().to_numpy())
    if len(lost):
        faults.add(
            spec.time_column or "start",
            f"stamps that cannot be read ({len(lost)}): {rows.list(lost, text.fillna('empty'))}",
            allowed=spec.time_format or "2024-01-31 14:15",
            cure="Mend the rows, or say how stamps are written with time_format, e.g. '%d.%m.%Y %H:%M'.",
        )
        return None
    return parsed


def _parse(text: pd.Series, time_format: str | None) -> pd.Series:
    if time_format:
        return pd.to_datetime(text, format=time_format, errors="coerce")
    if bool(text.str.fullmatch(_USUAL).fillna(True).all()):  # many times as fast as the parts below
        return pd.to_datetime(text, format="%Y-%m-%d %H:%M", errors="coerce")
    present = text.dropna()
    if len(present) and bool(present.str.contains(_AWARE, regex=True).all()):
        return pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce")
    # Year first is the only order that needs no guess; 24:00 is how meters write the end of a day.
    parts = text.str.extract(_YEAR_FIRST).astype("Float64")
    whole = parts[[0, 1, 2]].notna().all(axis=1)
    parts = parts.fillna(0.0).astype("float64")
    days = pd.to_datetime(
        pd.DataFrame({"year": parts[0], "month": parts[1], "day": parts[2]}).where(whole, np.nan), errors="coerce"
    )
    sane = (parts[3] * 60 + parts[4] <= 24 * 60) & (parts[4] < 60) & (parts[5] < 60)
    seconds = parts[3] * 3600 + parts[4] * 60 + parts[5]
    return (days + pd.to_timedelta(seconds, unit="s")).where(sane)


def to_utc(stamps: pd.Series, spec: TableInput, zone: str, rows: Rows, faults: Faults) -> pd.DatetimeIndex | None:
    """Stamps on the file's clock told in UTC, clock changes followed; None where a stamp does not exist there."""
    if isinstance(stamps.dtype, pd.DatetimeTZDtype):
        return pd.DatetimeIndex(stamps)
    naive, tz = pd.DatetimeIndex(stamps), clock(spec.zone or zone, "zone")
    missing = pd.isna(naive.tz_localize(tz, ambiguous=np.ones(len(naive), bool), nonexistent="NaT"))
    twice = pd.isna(naive.tz_localize(tz, ambiguous="NaT", nonexistent="shift_forward"))
    earlier, lonely = _earlier_half(stamps, twice)
    name = spec.zone or zone
    place = spec.time_column or "start"
    fixed = naive[0].tz_localize(tz, ambiguous=True, nonexistent="shift_forward").strftime("%z")
    cure = f"If the clock of the file never changes, say zone: '{fixed[:3]}:{fixed[3:]}'."
    if missing.any():
        where = np.flatnonzero(missing)
        faults.add(place, f"stamps ({len(where)}) that do not exist in {name}, where the clock was put forward: "
                   f"{rows.list(where, naive)}", cure=cure)  # fmt: skip
    if len(lonely):
        faults.add(place, f"stamps ({len(lonely)}) that are ambiguous in {name}: the clock went back, they came twice, "
                   f"the file has them once: {rows.list(lonely, naive)}", cure=cure)  # fmt: skip
    if missing.any() or len(lonely):
        return None
    return naive.tz_localize(tz, ambiguous=earlier).tz_convert("UTC")


def _earlier_half(stamps: pd.Series, twice: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For stamps the clock shows twice: whether each is the first showing, and those that come only once."""
    earlier = np.ones(len(stamps), dtype=bool)
    if not twice.any():
        return earlier, np.array([], dtype=int)
    shown = stamps[twice]
    order, count = shown.groupby(shown).cumcount(), shown.groupby(shown).transform("size")
    earlier[twice] = (order == 0).to_numpy()
    return earlier, np.flatnonzero(twice)[(count == 1).to_numpy()]
