"""Reads one column (and its stamps) from a CSV or Parquet file, with faults a person can act on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from perdure.errors import Fault, Faults, InputError, did_you_mean, nearest
from perdure.site.clock import Rows
from perdure.site.inputs import TableInput
from perdure.timeline import Floats

_PARQUET = (".parquet", ".pq")
_CSV = (".csv", ".txt", ".tsv", ".csv.gz")


def existing(folder: Path, file: str, place: str = "file") -> Path:
    """The path of `file` beside the case; InputError with the nearest file name where it is missing."""
    path = folder / file
    if path.is_file():
        return path
    near = path.parent if path.parent.is_dir() else folder
    names = [entry.name for entry in sorted(near.iterdir()) if entry.is_file()] if near.is_dir() else []
    match = nearest(path.name, names)
    cure = f"Did you mean '{match}'?" if match else f"Looked in {near.resolve()}."
    problem = "is a folder, not a file" if path.is_dir() else "file not found"
    raise InputError([Fault(place, problem, repr(file), "an existing file", cure)])


def read_table(spec: TableInput, folder: Path) -> tuple[pd.DataFrame, Rows]:
    """The columns a series needs, in file order; InputError for anything that keeps them from being read."""
    path = existing(folder, spec.file)
    name = path.name.lower()
    if name.endswith(_PARQUET):
        return _read_parquet(path, spec), Rows("row", 1)
    if name.endswith(_CSV):
        return _read_csv(path, spec), Rows("line", 2)
    raise InputError([Fault("file", "unknown kind of file", repr(spec.file), "CSV or Parquet",
                            "Save the table as CSV (from Excel: UTF-8 CSV).")])  # fmt: skip


def _wanted(spec: TableInput, header: list[str], hint: str = "") -> list[str]:
    faults = Faults()
    wanted = {"column": spec.column} | ({"time_column": spec.time_column} if spec.time_column else {})
    for place, column in wanted.items():
        if column not in header:
            faults.add(place, f"no such column in {spec.file}", repr(column), cure=hint or did_you_mean(column, header))
    faults.raise_if_any()
    return list(dict.fromkeys(wanted.values()))


def _read_parquet(path: Path, spec: TableInput) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        wanted = _wanted(spec, list(pq.read_schema(path).names))
        frame: pd.DataFrame = pq.read_table(path, columns=wanted).to_pandas(ignore_metadata=True)
    except pa.ArrowInvalid as error:
        raise InputError([Fault("file", f"is not Parquet: {error}", repr(spec.file))]) from error
    return frame


def _read_csv(path: Path, spec: TableInput) -> pd.DataFrame:
    encoding = "utf-8-sig" if spec.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else spec.encoding
    try:
        header = [str(name) for name in pd.read_csv(path, sep=spec.separator, encoding=encoding, nrows=0).columns]
        wanted = _wanted(spec, header, _header_hint(header))
        frame = pd.read_csv(
            path, sep=spec.separator, decimal=spec.decimal, encoding=encoding, usecols=wanted, skip_blank_lines=False,
            dtype={spec.time_column: str} if spec.time_column else None, low_memory=False,
        )  # fmt: skip
    except (UnicodeError, LookupError) as error:
        raise InputError(
            [Fault("encoding", f"{spec.file} cannot be read so: {error}", repr(spec.encoding),
                   cure="Chinese Excel often writes encoding: gbk; best save as UTF-8.")]
        ) from error  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError([Fault("file", f"cannot be read as CSV: {error}", repr(spec.file))]) from error
    filled = np.flatnonzero(frame.notna().any(axis=1).to_numpy())
    return frame.iloc[: filled[-1] + 1] if len(filled) else frame.iloc[:0]


def _header_hint(header: list[str]) -> str:
    for sign, told in ((";", "';'"), ("\t", 'a tab: separator: "\\t"'), (",", "','")):
        if len(header) == 1 and sign in header[0]:
            return f"The columns seem to be separated by {told}: {', '.join(header[0].split(sign)[:5])}. Set separator."
    if all(name.replace(".", "").replace("-", "").isdigit() for name in header):
        return "The first line seems to hold values: add a line with column names."
    return ""


def read_numbers(raw: pd.Series, spec: TableInput, rows: Rows, faults: Faults) -> Floats:
    """The values as floats in file order, NaN where a cell is empty; text and infinities are faults."""
    numbers = pd.to_numeric(raw, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = np.flatnonzero(np.isnan(numbers) & raw.notna().to_numpy())
    if len(wrong):
        faults.add(
            spec.column,
            f"cells that are not numbers ({len(wrong)}): {rows.list(wrong, raw.astype(str))}",
            allowed="numbers with '" + spec.decimal + "' as decimal sign and no thousands sign",
            cure="Mend or empty the cells; empty ones can be filled with fill.",
        )
    endless = np.flatnonzero(np.isinf(numbers))
    if len(endless):
        faults.add(spec.column, f"infinite values ({len(endless)}): {rows.list(endless)}")
    return numbers
