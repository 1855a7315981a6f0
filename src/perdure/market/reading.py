"""The one door for tariffs: a mapping with a `kind` becomes a Tariff, and all that is wrong with it is told once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from perdure.catalogue import Catalogue
from perdure.errors import Fault, Faults, InputError
from perdure.market.kind import TariffKind
from perdure.market.tariff import Tariff
from perdure.validation import tell

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
            tell(error, kind.fields, data, place, faults)
    raise InputError(faults.found)
