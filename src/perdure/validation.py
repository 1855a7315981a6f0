"""Tells pydantic's complaints about what a person wrote as perdure faults: place, value, range, nearest key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from perdure.errors import Faults, did_you_mean, nearest

Kind = TypeVar("Kind")
_BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than", "multiple_of": "a multiple of",
           "min_length": "length at least", "max_length": "length at most"}  # fmt: skip
_KINDS = {
    "float": "a number", "int": "a whole number", "string": "a text", "bool": "true or false",
    "dict": "keys and values", "model": "keys and values",
     "tuple": "a list", "list": "a list", "finite": "a finite number",
}  # fmt: skip


def check(kind: type[Kind], raw: object, place: str, faults: Faults) -> Kind | None:
    """`raw` as `kind`, or None with every fault noted under `place`."""
    try:
        return TypeAdapter(kind).validate_python(raw)
    except ValidationError as error:
        tell(error, kind, raw, place, faults)
        return None


def tell(error: ValidationError, kind: type[Any], raw: object, place: str, faults: Faults) -> None:
    """Note every complaint of `error` about `raw`, which was to be a `kind`, under `place`."""
    for detail in error.errors(include_url=False):
        _note(detail, kind, raw, place, faults)


def _note(detail: ErrorDetails, kind: type[Any], raw: object, place: str, faults: Faults) -> None:
    said, context = detail["type"], detail.get("ctx", {})
    where = _path(raw, detail["loc"], place)
    if said == "extra_forbidden":
        key = str(detail["loc"][-1])
        faults.add(where, "unknown key", cure=did_you_mean(key, _keys(kind, detail["loc"][:-1])))
        return
    if said == "missing":
        faults.add(where, "is missing", allowed=_allowed(kind, detail["loc"]), cure=_describe(kind, detail["loc"]))
        return
    value = _shown(detail.get("input"))
    if said == "perdure":
        faults.add(where or place, context["problem"], None, context.get("allowed"), context.get("cure"))
    elif said in ("literal_error", "enum"):
        choices = _choices(kind, detail["loc"])
        match = nearest(str(detail["input"]), choices)
        cure = f"Did you mean '{match}'?" if match else None
        faults.add(where, "is not one of the choices", value, ", ".join(choices), cure)
    elif said == "value_error":
        faults.add(
            where, detail["msg"].removeprefix("Value error, "), None if isinstance(detail.get("input"), dict) else value
        )
    elif not (said == "too_short" and len(detail["input"]) >= context["min_length"]):  # short by what is told anyway
        problem = _problem(said, detail["msg"])
        allowed = _bounds(context) if isinstance(detail["loc"][-1], int) else _allowed(kind, detail["loc"])
        cure = _describe(kind, detail["loc"]) if problem.startswith("is not ") else None
        faults.add(where, problem, value, allowed, cure)


def _problem(said: str, message: str) -> str:
    expected = next((word for start, word in _KINDS.items() if said.startswith(start) and "_" in said), None)
    if expected and said.rsplit("_", 1)[-1] in ("type", "parsing", "number", "float"):
        return f"is not {expected}"
    if said.startswith(("greater", "less", "multiple", "too_", "string_too")):
        return "is out of range"
    return message[0].lower() + message[1:]


def _shown(value: object) -> str | None:
    text = repr(value)
    return None if isinstance(value, dict) else text if len(text) < 60 else text[:57] + "..."


def _path(raw: object, loc: tuple[str | int, ...], place: str) -> str:
    """The dotted path in the file; names pydantic adds for alternatives are left out."""
    for index, part in enumerate(loc):
        if isinstance(part, int):
            if isinstance(raw, list | tuple):
                place, raw = f"{place}[{part}]", raw[part] if part < len(raw) else None
        elif isinstance(raw, dict) and (part in raw or index == len(loc) - 1):
            place, raw = f"{place}.{part}".lstrip("."), raw.get(part)
    return place


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _fields(kind: object, loc: tuple[str | int, ...]) -> list[FieldInfo]:
    """The fields a location may mean, over all alternatives."""
    annotations: list[object] = [kind]
    fields: list[FieldInfo] = []
    for part in (part for part in loc if isinstance(part, str)):
        found = [
            model.model_fields[part] for one in annotations for model in _models(one) if part in model.model_fields
        ]
        if found:
            fields, annotations = found, [field.annotation for field in found]
    return fields


def _keys(kind: object, loc: tuple[str | int, ...]) -> list[str]:
    fields = _fields(kind, loc)
    owners: list[object] = [field.annotation for field in fields] if fields else [kind]
    return sorted({name for owner in owners for model in _models(owner) for name in model.model_fields})


def _choices(kind: object, loc: tuple[str | int, ...]) -> list[str]:
    def texts(annotation: object) -> Iterator[str]:
        for inner in get_args(annotation):
            if isinstance(inner, str):
                yield inner
            else:
                yield from texts(inner)

    return sorted({text for field in _fields(kind, loc) for text in texts(field.annotation)})


def _allowed(kind: object, loc: tuple[str | int, ...]) -> str | None:
    """'more than 0, at most 60', from the field's own bounds."""
    told: list[str] = []
    for field in _fields(kind, loc)[:1]:
        for rule in field.metadata:
            told += [f"{words} {bound:g}" for name, words in _BOUNDS.items()
                     if isinstance(bound := getattr(rule, name, None), int | float)]  # fmt: skip
    return ", ".join(told) or None


def _bounds(context: dict[str, Any]) -> str | None:
    """'more than 0', of one item of a list."""
    told = [f"{words} {context[name]:g}" for name, words in _BOUNDS.items() if name in context]
    return ", ".join(told) or None


def _describe(kind: object, loc: tuple[str | int, ...]) -> str | None:
    fields = _fields(kind, loc)
    return fields[0].description if fields and fields[0].description else None
