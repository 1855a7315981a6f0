"""The study file of a sweep as a person writes it, read and checked against the case it names."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from perdure.errors import Faults, did_you_mean
from perdure.site.inputs import Number, Part, Whole, mend
from perdure.study.case_text import CaseText, read_text
from perdure.study.sweeping.axes import Axis, Grid, find_steps, is_number, spaced
from perdure.study.sweeping.rows import RESULTS
from perdure.validation import check

MOST_CASES = 1_000_000
ALWAYS_KEPT = ("currency", "npv")
"""What page and summary are made of."""


class RangeInput(Part):
    """Evenly spaced values from start to stop, both included where the step allows."""

    start: Number | Whole = Field(description="First value.")
    stop: Number | Whole = Field(description="Last value.")
    count: Whole | None = Field(None, ge=2, le=10_000, description="How many values.")
    step: Number | Whole | None = Field(None, description="Distance between values.")

    @model_validator(mode="after")
    def _leads_somewhere(self) -> RangeInput:
        if (self.count is None) == (self.step is None):
            raise mend("needs either count or step", cure="Give one of them.")
        if self.step is not None and not (self.stop - self.start) * self.step > 0:
            raise mend("leads away from stop", allowed="a step other than 0, from start towards stop")
        if self.step is not None and (self.stop - self.start) / self.step > 10_000:
            raise mend("holds too many values", allowed="at most 10000", cure="Take a larger step.")
        return self


class AxisInput(Part):
    """One axis: a key of the case file, or several that change together."""

    name: str = Field("", description="Name in tables and figures; default: the first key.")
    unit: str = Field("", description="Unit beside the name.")
    key: str | None = Field(None, min_length=1, description="A key of the case file, e.g. candidates[0].energy_kwh.")
    keys: tuple[str, ...] | dict[str, Number | Whole] | None = Field(
        None, min_length=1, description="Several keys; or keys with the factor each value is multiplied by."
    )
    values: tuple[Any, ...] | None = Field(
        None, min_length=1, description="The values; with several keys, a list for each point may be given."
    )
    range: RangeInput | None = Field(None, description="Evenly spaced values.")
    labels: tuple[str, ...] | None = Field(None, description="What tables show in place of the values.")

    @model_validator(mode="after")
    def _one_way(self) -> AxisInput:
        if (self.key is None) == (self.keys is None):
            raise mend("needs either key or keys", cure="Name what of the case file changes.")
        if (self.values is None) == (self.range is None):
            raise mend("needs either values or range", cure="Give values: [...] or range: {start, stop, count}.")
        return self


class StudyFile(Part):
    """A study file."""

    title: str = Field("", description="Title of the page; default: the case's.")
    case: str = Field(min_length=1, description="The case file, relative to the study file.")
    axes: tuple[AxisInput, ...] = Field(min_length=1, description="What is varied.")
    combine: Literal["product", "zip"] = Field(
        "product", description="product: every value of each axis with every one of the others; zip: side by side."
    )
    keep: tuple[str, ...] | None = Field(
        None, min_length=1, description="Result columns to keep beside npv and currency; default: all."
    )
    cases_per_part: Whole = Field(20, ge=1, le=10_000, description="Cases in one Parquet file.")
    when_refused: Literal["stop", "row"] = Field(
        "stop", description="A case that cannot be: stop tells all before the first life, row notes it and goes on."
    )


@dataclass(frozen=True)
class Study:
    """A case, the axes to vary, and what is kept."""

    title: str
    path: Path
    text: CaseText
    study_text: str
    grid: Grid
    keep: tuple[str, ...]
    cases_per_part: int
    when_refused: Literal["stop", "row"]

    def case(self, number: int) -> CaseText:
        """The file of case `number`, as if it had been written by hand."""
        return CaseText(self.text.path, self.text.text, self.grid.data(self.text.data, number), self.text.lines)


def read_study(path: Path | str) -> Study:
    """The study at `path`; InputError tells every fault of the study file. Its cases are not yet built."""
    written = read_text(Path(path), "docs/sweep.md tells what a study file holds.")
    faults = Faults(str(path))
    spec = check(StudyFile, written.data, "", faults)
    faults.raise_if_any()
    assert spec is not None  # a missing one has left a fault
    text = read_text(written.path.parent / spec.case)
    axes = [_axis(one, f"axes[{position}]", text, faults) for position, one in enumerate(spec.axes)]
    sound = tuple(axis for axis in axes if axis is not None)
    _check_keys(sound, faults)
    for name in spec.keep or ():
        if name not in RESULTS:
            faults.add("keep", "no such result", repr(name), cure=did_you_mean(name, RESULTS))
    if spec.combine == "zip" and len({len(axis.points) for axis in sound}) > 1:
        faults.add("combine", "zip needs axes of one length", ", ".join(str(len(axis.points)) for axis in sound),
                   "as many values on each axis", "Use combine: product, or mend the values.")  # fmt: skip
    faults.raise_if_any()
    grid = Grid(sound, spec.combine)
    if grid.count > MOST_CASES:
        faults.add("axes", "make too many cases", f"{grid.count:,}", f"at most {MOST_CASES:,}", "Take fewer values.")
    faults.raise_if_any()
    title = spec.title or str(text.data.get("title", "")) or written.path.stem
    keep = tuple(name for name in RESULTS if spec.keep is None or name in (*ALWAYS_KEPT, *spec.keep))
    return Study(title, written.path, text, written.text, grid, keep, spec.cases_per_part, spec.when_refused)


def _check_keys(axes: tuple[Axis, ...], faults: Faults) -> None:
    """Two axes may not change the same thing, nor one a part of what the other changes."""
    placed = [(steps, key) for axis in axes for steps, key in zip(axis.steps, axis.keys, strict=True)]
    for position, (steps, key) in enumerate(placed):
        for other, name in placed[:position]:
            short = min(len(steps), len(other))
            if steps[:short] == other[:short]:
                faults.add("axes", "change the same key twice", f"{name} and {key}", cure="Keep one of them.")


def _axis(spec: AxisInput, place: str, text: CaseText, faults: Faults) -> Axis | None:
    keys = (spec.key,) if spec.key is not None else tuple(spec.keys or ())
    factors = spec.keys if isinstance(spec.keys, dict) else None
    before = len(faults.found)
    under = f"{place}.{'key' if spec.key is not None else 'keys'}"
    steps = [find_steps(text.data, key, under, faults) for key in keys]
    raw = spec.values
    if spec.range is not None:
        raw = tuple(spaced(spec.range.start, spec.range.stop, spec.range.count, spec.range.step))
    points = [_point(value, len(keys), factors, f"{place}.values[{at}]", faults) for at, value in enumerate(raw or ())]
    labels = _labels(spec, points, place, faults)
    if len(faults.found) > before:
        return None
    found = tuple(one for one in steps if one is not None)
    return Axis(spec.name or keys[0], spec.unit, keys, found, tuple(points), labels)


def _point(value: Any, count: int, factors: dict[str, float] | None, place: str, faults: Faults) -> tuple[Any, ...]:
    """One value for each key."""
    if isinstance(value, float) and not math.isfinite(value):
        faults.add(place, "is not a finite number", repr(value))
    if factors is not None:
        if not is_number(value):
            faults.add(place, "is not a number", repr(value), "numbers, for keys with factors")
            return ()
        return tuple(float(value * factor) if factor != 1 else value for factor in factors.values())
    if count > 1 and isinstance(value, list):
        if len(value) != count:
            faults.add(place, "does not fit the keys", repr(value), f"{count} values", "Give one value for each key.")
        return tuple(value)
    return (value,) * count


def _labels(spec: AxisInput, points: list[tuple[Any, ...]], place: str, faults: Faults) -> tuple[Any, ...]:
    if spec.labels is not None:
        if len(spec.labels) != len(points):
            faults.add(f"{place}.labels", "do not fit the values", str(len(spec.labels)), str(len(points)))
        labels: tuple[Any, ...] = spec.labels
    elif any(value is None or isinstance(value, dict | list) for point in points for value in point):
        faults.add(f"{place}.labels", "are missing: a value is more than a number or a word",
                   cure="Give a short label for each value.")  # fmt: skip
        return ()
    elif all(len(set(map(repr, point))) == 1 for point in points) or isinstance(spec.keys, dict) or _told_apart(points):
        labels = tuple(point[0] for point in points if point)
    else:
        labels = tuple(" / ".join(_short(value) for value in point) for point in points)
    for label in dict.fromkeys(one for one in labels if labels.count(one) > 1):
        faults.add(f"{place}.values", "the same value comes twice", repr(label), cure="Keep one of them.")
    return labels


def _told_apart(points: list[tuple[Any, ...]]) -> bool:
    """Whether the first key's numbers alone tell the points apart."""
    firsts = [point[0] for point in points if point]
    return all(is_number(one) for one in firsts) and len(set(firsts)) == len(points)


def _short(value: Any) -> str:
    return f"{value:g}" if is_number(value) else str(value)
