"""The one door for tariffs: a mapping with a `kind` becomes a Tariff, and all that is wrong with it is told once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError

from perdure.catalogue import Catalogue
from perdure.errors import Fault, Faults, InputError
from perdure.market.kind import TariffKind
from perdure.market.tariff import Tariff
from perdure.validation import tell

Found = TypeVar("Found")
Read = TypeVar("Read", covariant=True)
TARIFFS: Catalogue[TariffKind] = Catalogue("perdure.market.tariffs", "tariff")


class Kind(Protocol[Read]):
    """What reads a mapping with its name as `kind`; `fields` is its pydantic model."""

    @property
    def fields(self) -> type[Any]:
        """The keys it takes."""

    def read(self, data: Mapping[str, object], folder: Path) -> Read:
        """What the mapping describes; relative files resolve against `folder`."""


def read_tariff(data: Mapping[str, object], folder: Path, place: str = "tariff") -> Tariff:
    """The tariff a mapping such as {kind: flat, ...} describes; InputError names every fault under `place`."""
    kind = named(TARIFFS, data, place)
    return read_as(kind, data, folder, place)


def named(kinds: Catalogue[Found], data: Mapping[str, object], place: str) -> Found:
    """The kind a mapping names; InputError where it names none, or one there is not."""
    if not isinstance(data, Mapping):
        raise InputError([Fault(place, "is no mapping", repr(data), cure="Give a block that starts with 'kind: ...'.")])
    if "kind" not in data:
        raise InputError([Fault(f"{place}.kind", "is missing", allowed=", ".join(kinds.names()))])
    return kinds.find(str(data["kind"]), f"{place}.kind")


def read_as(kind: Kind[Read], data: Mapping[str, object], folder: Path, place: str) -> Read:
    """What a mapping describes as this kind; InputError names every fault under `place`."""
    faults = Faults()
    with faults.under(place):
        try:
            return kind.read(data, folder)
        except ValidationError as error:
            tell(error, kind.fields, data, place, faults)
    raise InputError(faults.found)
