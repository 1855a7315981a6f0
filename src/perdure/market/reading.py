"""The one door for tariffs: a mapping with a `kind` becomes a Tariff, and all that is wrong with it is told once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from perdure.catalogue import Catalogue
from perdure.errors import Fault, Faults, InputError, did_you_mean
from perdure.market.kind import TariffKind
from perdure.market.tariff import Tariff

_BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
TARIFFS: Catalogue[TariffKind] = Catalogue("perdure.market.tariffs", "tariff")


def read_tariff(data: Mapping[str, object], folder: Path, place: str = "tariff") -> Tariff:
    """The tariff a mapping such as {kind: flat, ...} describes; InputError names every fault under `place`."""
    if not isinstance(data, Mapping):
        raise InputError([Fault(place, "is no mapping", repr(data), cure="Give a block that starts with 'kind: ...'.")])
    if "kind" not in data:
        known = ", ".join(TARIFFS.names())
        raise InputError([Fault(f"{place}.kind", "is missing", allowed=known)])
    kind = TARIFFS.find(str(data["kind"]), f"{place}.kind")
    faults = Faults()
    with faults.under(place):
        try:
            return kind.read(data, folder)
        except ValidationError as error:
            raise InputError(faults_of_validation(error, kind.fields)) from error
    raise InputError(faults.found)


def faults_of_validation(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """Every pydantic error as a fault with its place, value, and the nearest known key."""
    return [_fault(detail, model) for detail in error.errors(include_url=False)]


def _fault(detail: ErrorDetails, model: type[BaseModel]) -> Fault:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"]).lstrip(".")
    if detail["type"] == "extra_forbidden":
        known = list(_model_at(model, detail["loc"][:-1]).model_fields)
        return Fault(place, "unknown key", None, cure=did_you_mean(str(detail["loc"][-1]), known))
    if detail["type"] == "missing":
        return Fault(place, "is missing")
    context = detail.get("ctx", {})
    if detail["type"] in ("literal_error", "enum"):
        allowed = str(context.get("expected"))
        choices = [word.strip(" '") for word in allowed.replace(" or ", ", ").split(",")]
        return Fault(place, "is not one of the choices", _short(detail["input"]), allowed,
                     did_you_mean(str(detail["input"]), choices))  # fmt: skip
    bounds = [f"{words} {context[rule]}" for rule, words in _BOUNDS.items() if rule in context]
    message = detail["msg"].removeprefix("Value error, ")
    return Fault(place, message[:1].lower() + message[1:], _short(detail["input"]), ", ".join(bounds) or None)


def _short(value: object, longest: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= longest else text[: longest - 3] + "..."


def _model_at(model: type[BaseModel], path: tuple[int | str, ...]) -> type[BaseModel]:
    """The nested model a place lies in, as far as it can be followed."""
    for part in path:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Annotated, Union, UnionType, tuple, list, dict):
        return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)
    return None
