"""Test data for a fit as CSV tables: which columns each kind needs, their ranges, and every fault with its line."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from perdure.errors import Fault, Faults, InputError, did_you_mean, nearest
from perdure.site.table import existing
from perdure.timeline import Floats

KindName = Literal["voltage", "pressure", "capacity", "stand"]
SHOWN_FAULTS = 8
"""Odd cells told of one column; the rest is counted."""


@dataclass(frozen=True)
class Column:
    """What may stand in one column."""

    unit: str
    low: float
    high: float
    hint: str = ""


_PERCENT = "Shares go from 0 to 1: divide percent by 100."
_SOC = Column("share", 0.0, 1.0, _PERCENT)
_WARMTH = Column("°C", -60.0, 150.0, "Temperatures are in °C: take 273.15 off kelvin.")
_SIGN = "Charging is positive, discharging negative."


@dataclass(frozen=True)
class Kind:
    """One kind of test: what was measured, under which conditions, and how well unless its own residuals tell."""

    name: KindName
    measured: str
    along: str  # what it is drawn against
    columns: Mapping[str, Column]
    either: tuple[str, ...] = ()  # one of these columns, not both
    optional: tuple[str, ...] = ()
    uncertainty: float = 0.0  # in the unit of `measured`
    uncertainty_share: float = 0.0  # of the largest measured value

    @property
    def unit(self) -> str:
        """Of what was measured."""
        return self.columns[self.measured].unit

    def assumed_uncertainty(self, measured: Floats) -> float:
        """Standard uncertainty taken before the residuals tell it."""
        return max(self.uncertainty, self.uncertainty_share * float(np.max(np.abs(measured))))


KINDS: dict[KindName, Kind] = {
    one.name: one
    for one in (
        Kind(
            "voltage", "voltage_v", "soc",
            {
                "soc": _SOC, "voltage_v": Column("V", 1e-3, 100.0, "The voltage is of one cell, in V."),
                "temperature_c": _WARMTH, "rate_per_h": Column("1/h", -50.0, 50.0, f"Current over capacity. {_SIGN}"),
                "power_kw_per_kwh": Column("kW/kWh", -50.0, 50.0, f"Power over stored energy. {_SIGN}"),
            },
            either=("rate_per_h", "power_kw_per_kwh"), uncertainty=0.005,
        ),
        Kind(
            "pressure", "pressure_bar", "soc",
            {"soc": _SOC, "temperature_c": _WARMTH,
             "pressure_bar": Column("bar", 1e-3, 2000.0, "Absolute pressure in bar; 1 MPa is 10 bar.")},
            uncertainty=0.02, uncertainty_share=0.01,
        ),
        Kind(
            "capacity", "capacity_share", "cycles",
            {"cycles": Column("", 0.0, 1e7), "capacity_share": Column("share", 1e-3, 1.2, _PERCENT),
             "depth_share": Column("share", 1e-4, 1.0, _PERCENT),
             "rate_per_h": Column("1/h", 1e-4, 50.0, "Mean size of the current over capacity, above 0."),
             "temperature_c": _WARMTH},
            uncertainty=0.005,
        ),
        Kind(
            "stand", "kept_share", "days",
            {"days": Column("d", 0.0, 36525.0), "kept_share": Column("share", 0.0, 1.05, _PERCENT),
             "temperature_c": _WARMTH, "from_soc": Column("share", 0.01, 1.0, _PERCENT)},
            optional=("from_soc",), uncertainty=0.005,
        ),
    )
}  # fmt: skip
"""Every kind of test a fit takes."""


@dataclass(frozen=True, eq=False)
class DataSet:
    """One file of one kind; rows in file order."""

    kind: Kind
    path: Path
    rows: pd.DataFrame  # the kind's columns, floats
    lines: Floats  # (rows,) line of each row in the file

    @property
    def measured(self) -> Floats:
        """What was measured (rows,), in the kind's unit."""
        return self.rows[self.kind.measured].to_numpy(dtype=np.float64)


def read_data(files: Mapping[str, Path]) -> tuple[DataSet, ...]:
    """Every file named, in the order of `KINDS`; InputError with all faults of all files, each with its line."""
    faults, sets = Faults(), []
    if not files:
        options = ", ".join(f"--{name}" for name in KINDS)
        faults.add("data", "no test data to fit to", cure=f"Name at least one CSV file: {options}.")
    for given in (one for one in files if one not in KINDS):
        faults.add(given, "no such kind of test", cure=did_you_mean(given, KINDS))
    for name, kind in KINDS.items():
        if name in files and (one := _read(kind, files[name], faults)) is not None:
            sets.append(one)
    faults.raise_if_any()
    return tuple(sets)


def _read(kind: Kind, path: Path, faults: Faults) -> DataSet | None:
    place = f"--{kind.name} {path.name}"
    try:
        numbered = _lines(existing(path.parent, path.name, place), place)
    except InputError as error:
        faults.found += error.faults
        return None
    if len(numbered) < 2:
        faults.add(place, "holds no rows", cure="The first line names the columns, each further one is a measurement.")
        return None
    header = [name.strip() for name in numbered[0][1]]
    before = len(faults.found)
    _check_header(kind, header, f"{place}, line {numbered[0][0]}", faults)
    if len(faults.found) > before:
        return None
    wanted = [name for name in header if name in kind.columns]
    rows = {name: _column(name, kind.columns[name], header.index(name), numbered[1:], place, faults) for name in wanted}
    for line, cells in numbered[1:]:
        if len(cells) != len(header):
            faults.add(f"{place}, line {line}", "does not fit the header", f"{len(cells)} cells", f"{len(header)}")
    lines = np.array([line for line, _ in numbered[1:]], dtype=np.float64)
    return None if len(faults.found) > before else DataSet(kind, path, pd.DataFrame(rows), lines)


def _lines(path: Path, place: str) -> list[tuple[int, list[str]]]:
    """Cells of every line that holds any, with its number; lines that begin with # are remarks."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError([Fault(place, f"is not UTF-8 text: {error}", cure="Save the file as UTF-8 CSV.")]) from error
    told = enumerate(text.splitlines(), start=1)
    kept = [(number, line) for number, line in told if line.strip(" ,;\t") and not line.lstrip().startswith("#")]
    return [(number, next(csv.reader([line]))) for number, line in kept]


def _check_header(kind: Kind, header: list[str], place: str, faults: Faults) -> None:
    """Note columns that are missing, unknown or come twice."""
    if len(header) == 1 and any(sign in header[0] for sign in ";\t"):
        faults.add(place, "is not separated by commas", repr(header[0][:60]), cure="Save it with commas, points in "
                   "decimals.")  # fmt: skip
        return
    unknown = [name for name in header if name not in kind.columns and name != "note"]
    needed = [name for name in kind.columns if name not in (*kind.either, *kind.optional)]
    allowed = ", ".join([*kind.columns, "note"])
    for name in (one for one in needed if one not in header):
        near = nearest(name, unknown)
        cure = f"Rename '{near}'?" if near else f"A {kind.name} file has: {allowed}."
        faults.add(place, "misses a column", f"no '{name}' [{kind.columns[name].unit or 'count'}]", cure=cure)
    given = [name for name in kind.either if name in header]
    if kind.either and len(given) != 1:
        problem = "misses a column" if not given else "has two columns that say the same"
        faults.add(place, problem, " and ".join(given) or None, f"one of {', '.join(kind.either)}")
    for name in unknown:
        faults.add(place, "has an unknown column", repr(name), cure=f"{did_you_mean(name, kind.columns)} "
                   "Remarks may stand in a column 'note'.")  # fmt: skip
    for name in sorted({one for one in header if header.count(one) > 1}):
        faults.add(place, "names a column twice", repr(name), cure="Keep one of them.")


def _column(
    name: str, rule: Column, position: int, rows: list[tuple[int, list[str]]], place: str, faults: Faults
) -> Floats:
    """The numbers of a column; cells that are none, or lie outside its range, are faults with their lines."""
    values, odd, outside = np.full(len(rows), np.nan), [], []
    for row, (line, cells) in enumerate(rows):
        cell = cells[position].strip() if position < len(cells) else ""
        try:
            values[row] = float(cell)
        except ValueError:
            odd.append((line, repr(cell) if cell else "empty"))
            continue
        if not rule.low <= values[row] <= rule.high:
            outside.append((line, cell))
    unit = f" {rule.unit}" if rule.unit not in ("", "share") else ""
    for found, problem, allowed in (
        (odd, "is no number", "a number with a decimal point"),
        (outside, "lies outside its range", f"{rule.low:g} to {rule.high:g}{unit}"),
    ):
        for line, cell in found[:SHOWN_FAULTS]:
            cure = rule.hint if found is outside else "Mend the cell or take the line out."
            faults.add(f"{place}, line {line}, {name}", problem, cell, allowed, cure or None)
        if len(found) > SHOWN_FAULTS:
            faults.add(f"{place}, {name}", f"{problem} on {len(found) - SHOWN_FAULTS} more lines")
    return values
