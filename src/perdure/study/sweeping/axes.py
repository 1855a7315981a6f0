"""Axes of a study: dotted keys into a case file, the values put there, and every case they make together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import prod
from typing import Any, Literal

from perdure.errors import Faults, did_you_mean
from perdure.study.case_file import CaseFile

Steps = tuple[str | int, ...]
"""Where a key leads in the data of a case: names of keys and places in lists."""
_TOKEN = re.compile(r"(?P<name>[^.\[\]]+)|\[(?P<item>[^\[\]]+)\]|(?P<dot>\.)")


@dataclass(frozen=True)
class Axis:
    """What is varied together: at each point one value for each key; `labels` are what tables and figures show."""

    name: str
    unit: str
    keys: tuple[str, ...]
    steps: tuple[Steps, ...]
    points: tuple[tuple[Any, ...], ...]
    labels: tuple[Any, ...]

    @property
    def title(self) -> str:
        """'Store size (kWh)'."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    @property
    def numeric(self) -> bool:
        """Whether the labels are numbers."""
        return all(is_number(label) for label in self.labels)

    def shown(self, point: int, key: int) -> Any:
        """The value of a key at a point as a table holds it: the label where it is more than one number or word."""
        value = self.points[point][key]
        return self.labels[point] if isinstance(value, dict | list) else value


@dataclass(frozen=True)
class Grid:
    """Every case of a study, numbered from 0; as a product the last axis turns fastest."""

    axes: tuple[Axis, ...]
    combine: Literal["product", "zip"] = "product"

    @property
    def count(self) -> int:
        """How many cases there are."""
        sizes = [len(axis.points) for axis in self.axes]
        return prod(sizes) if self.combine == "product" else sizes[0]

    def place(self, number: int) -> tuple[int, ...]:
        """Which point of each axis case `number` stands at."""
        if self.combine == "zip":
            return (number,) * len(self.axes)
        found: list[int] = []
        for axis in reversed(self.axes):
            number, point = divmod(number, len(axis.points))
            found.append(point)
        return tuple(reversed(found))

    def data(self, base: dict[str, Any], number: int) -> dict[str, Any]:
        """The data of case `number`: that of the case file with the axes put in; `base` stays as it is."""
        made = base
        for axis, point in zip(self.axes, self.place(number), strict=True):
            for steps, value in zip(axis.steps, axis.points[point], strict=True):
                made = put(made, steps, value)
        return made

    def values(self, number: int) -> dict[str, Any]:
        """Key -> value of case `number`, as tables hold it."""
        return {
            key: axis.shown(point, position)
            for axis, point in zip(self.axes, self.place(number), strict=True)
            for position, key in enumerate(axis.keys)
        }

    def columns(self) -> dict[str, type]:
        """Key -> bool, int, float or str: the kind of its column."""
        return {
            key: _kind([axis.shown(point, position) for point in range(len(axis.points))])
            for axis in self.axes
            for position, key in enumerate(axis.keys)
        }


def is_number(value: object) -> bool:
    """A number, not true or false."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind(values: Sequence[Any]) -> type:
    for kind in (bool, int):
        if all(type(value) is kind for value in values):
            return kind
    return float if all(is_number(value) for value in values) else str


def put(data: Any, steps: Steps, value: Any) -> Any:
    """A copy of `data` with `value` at `steps`; parts on the way are made where they are missing."""
    if not steps:
        return value
    first, rest = steps[0], steps[1:]
    if isinstance(first, int):
        return [put(item, rest, value) if index == first else item for index, item in enumerate(data)]
    inside = dict(data or {})
    inside[first] = put(inside.get(first), rest, value)
    return inside


def spaced(start: float, stop: float, count: int | None, step: float | None) -> list[float]:
    """Evenly spaced values without rounding errors; whole numbers where start and step are whole."""
    first, last = Decimal(repr(start)), Decimal(repr(stop))
    if step is not None:
        width, many = Decimal(repr(step)), int((last - first) / Decimal(repr(step))) + 1
    else:
        many = count or 1
        width = (last - first) / (many - 1) if many > 1 else Decimal(0)
    values = [first + position * width for position in range(many)]
    whole = isinstance(start, int) and all(value == value.to_integral_value() for value in values)
    return [int(value) if whole else float(value) for value in values]


def find_steps(data: Mapping[str, Any], key: str, place: str, faults: Faults) -> Steps | None:
    """Where `key` leads in a case's data; None and a fault where that is nowhere."""
    tokens = _tokens(key)
    if tokens is None:
        faults.add(place, "is not a key of a case file", repr(key), "names with dots, items in brackets",
                   "Write for example candidates[0].energy_kwh or finance.discount_rate.")  # fmt: skip
        return None
    if tokens[0][1] not in CaseFile.model_fields:
        faults.add(place, "unknown key", repr(key), cure=did_you_mean(tokens[0][1], CaseFile.model_fields))
        return None
    steps: list[str | int] = []
    here: Any = data
    walked = ""
    for kind, text in tokens:
        told = _step(here, kind, text)
        if isinstance(told, _Lost):
            faults.add(place, f"{walked} {told.problem}", repr(key), cure=told.cure.replace("@", walked))
            return None
        here, step = told
        steps += [] if step is None else [step]
        walked += f"[{text}]" if kind == "item" else f"{'.' if walked else ''}{text}"
    return tuple(steps)


@dataclass(frozen=True)
class _Lost:
    """Why a key leads nowhere from here; '@' in the cure stands for where it got to."""

    problem: str
    cure: str


def _step(here: Any, kind: str, text: str) -> tuple[Any, str | int | None] | _Lost:
    if kind == "item":
        return _item(here, text)
    if isinstance(here, list):
        return _Lost(f"is a list of {len(here)}", f"Say which: {_which(here)}.")
    if here is not None and not isinstance(here, dict):
        return _Lost("holds a value, not keys", "Leave out what follows @.")
    return (here or {}).get(text), text


def _item(here: Any, text: str) -> tuple[Any, str | int | None] | _Lost:
    items = here if isinstance(here, list) else [here] if isinstance(here, dict) else []
    if not items:
        return _Lost("is not in the case file, so none of its items can be changed", "Add @ to the case file.")
    names = [str(item.get("name", item.get("kind", ""))) if isinstance(item, dict) else "" for item in items]
    if text in names:
        index = names.index(text)
    elif text.isdigit() and int(text) < len(items):
        index = int(text)
    else:
        return _Lost(f"has no item [{text}]", f"There is {_which(items)}.")
    return items[index], index if isinstance(here, list) else None


def _which(items: Sequence[Any]) -> str:
    names = [item.get("name") if isinstance(item, dict) else None for item in items]
    return ", ".join(f"@[{name or index}]" for index, name in enumerate(names))


def _tokens(key: str) -> list[tuple[str, str]] | None:
    """'a.b[c]' as (name, a), (name, b), (item, c); None where it is not of that form."""
    found: list[tuple[str, str]] = []
    position, dotted = 0, True
    while position < len(key):
        match = _TOKEN.match(key, position)
        if match is None or match.lastgroup is None:
            return None
        kind, text = match.lastgroup, match[match.lastgroup]
        if (kind == "name") != dotted:
            return None
        dotted = kind == "dot"
        if not dotted:
            found.append((kind, text))
        position = match.end()
    return found if found and not dotted else None
