"""The folder of a sweep: numbered Parquet parts that are whole or not there, an index, and what the sweep is about."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from perdure.errors import Faults, InputError
from perdure.study.sweeping.rows import RESULTS, Row
from perdure.study.sweeping.study_file import Study

IDENTITY, INDEX, PARTS = "study.json", "index.parquet", "results"
_KINDS = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}


class SweepFolder:
    """Where a sweep's results lie. `rows` of a part are written once, all at a time."""

    def __init__(self, path: Path, study: Study):
        self.path, self.study = path, study
        self.parts = path / PARTS
        columns = {"case": int, **study.grid.columns(), "candidate": str, "status": str, "why": str}
        self.schema = _schema(columns | {name: RESULTS[name] for name in study.keep})

    def open(self, about: dict[str, Any]) -> bool:
        """True where a sweep of the same begun earlier is gone on with, False where this is new; else InputError."""
        earlier, faults = self.path / IDENTITY, Faults()
        if earlier.is_file():
            _check_same(json.loads(earlier.read_text(encoding="utf-8")), about, self.path)
            return (self.path / INDEX).is_file()
        if self.path.exists() and not self.path.is_dir():
            faults.add("--out", "is a file", repr(str(self.path)), "a folder", "Name another folder.")
        elif self.path.is_dir() and not all(_is_unfinished(one) for one in self.path.iterdir()):
            faults.add("--out", "holds other files", repr(str(self.path)), "a new or empty folder, or this sweep's own",
                       "Name another folder.")  # fmt: skip
        faults.raise_if_any()
        return False

    def begin(self, about: dict[str, Any], contents: Iterable[str]) -> None:
        """Notes what the sweep is about and, last, its index: a row per case with its axes, part and digest."""
        grid, size = self.study.grid, self.study.cases_per_part
        schema = _schema({"case": int, **grid.columns(), "part": int, "content": str})
        rows = [
            {"case": number, **_as_columns(grid.values(number), schema), "part": number // size, "content": content}
            for number, content in enumerate(contents)
        ]
        self.path.mkdir(parents=True, exist_ok=True)
        whole(self.path / IDENTITY, json.dumps(about, indent=2, ensure_ascii=False) + "\n")
        whole(self.path / "case.yaml", self.study.text.text)
        whole(self.path / "study.yaml", self.study.study_text)
        self._table(rows, schema, self.path / INDEX)

    def written(self) -> set[int]:
        """Numbers of the parts that are there; what is not whole is removed."""
        self.parts.mkdir(exist_ok=True)
        for path in filter(_is_unfinished, self.path.rglob("*")):
            path.unlink()
        found = set()
        for path in sorted(self.parts.glob("part-*.parquet")):
            try:
                pq.read_metadata(path)
            except (pa.ArrowInvalid, OSError):
                path.unlink()
            else:
                found.add(int(path.stem.removeprefix("part-")))
        return found

    def write(self, part: int, cases: dict[int, list[Row]]) -> None:
        """All cases of a part, in their order."""
        rows = [
            {**dict.fromkeys(self.schema.names), "case": number,
             **_as_columns(self.study.grid.values(number), self.schema), **row}
            for number in sorted(cases) for row in cases[number]
        ]  # fmt: skip
        self._table(rows, self.schema, self.parts / f"part-{part:06d}.parquet")

    def read(self) -> pd.DataFrame:
        """Every row written so far, in the order of cases."""
        tables = [pq.read_table(path) for path in sorted(self.parts.glob("part-*.parquet"))]
        frame: pd.DataFrame = pa.concat_tables([self.schema.empty_table(), *tables]).to_pandas()
        return frame

    def _table(self, rows: list[Row], schema: pa.Schema, path: Path) -> None:
        table = pa.Table.from_pylist(rows, schema)
        _replace(path, lambda target: pq.write_table(table, target, compression="zstd"))


def _schema(columns: dict[str, type]) -> pa.Schema:
    """Fixed from the start: a part in which a column is empty must fit the others."""
    return pa.schema([(name, _KINDS[kind]) for name, kind in columns.items()])


def _as_columns(values: dict[str, Any], schema: pa.Schema) -> dict[str, Any]:
    """Axis values as their column takes them: a word where a column has words and numbers."""
    return {
        name: str(value) if schema.field(name).type == pa.string() else value
        for name, value in values.items()
    }  # fmt: skip


def whole(path: Path, text: str) -> None:
    """Writes a text so that whoever reads the file sees all of it or what was there before."""
    _replace(path, lambda target: target.write_text(text, encoding="utf-8"))


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    # A leading dot: readers of the folder pass over what is not finished.
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        write(unfinished)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:  # an interrupt too
        unfinished.unlink(missing_ok=True)
        raise


def _is_unfinished(path: Path) -> bool:
    return path.name.startswith(".") and path.name.endswith(".unfinished")


def _check_same(earlier: dict[str, Any], about: dict[str, Any], path: Path) -> None:
    """InputError saying what differs between the sweep in a folder and the one asked for."""
    if earlier == about:
        return
    faults = Faults()
    cure = f"Name another folder with --out, or remove {path} to begin anew."
    for key in sorted({*earlier, *about}):
        if earlier.get(key) == about.get(key):
            continue
        if key == "files":
            old, new = earlier.get(key) or {}, about.get(key) or {}
            changed = ", ".join(name for name in sorted({*old, *new}) if old.get(name) != new.get(name))
            faults.add("--out", f"was begun with other data: {changed} changed", cure=cure)
        else:
            faults.add("--out", f"was begun with another {_PARTS_OF_IDENTITY.get(key, key)}", earlier.get(key),
                       str(about.get(key)), cure)  # fmt: skip
    raise InputError(faults.found, str(path))


_PARTS_OF_IDENTITY = {"study": "study file", "case": "case file", "perdure": "version of perdure",
                      "code": "state of perdure's code"}  # fmt: skip
