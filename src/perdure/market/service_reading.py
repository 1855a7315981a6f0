"""The one door for services: a mapping with a `kind` becomes a Service, and all that is wrong with it is told once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from perdure.catalogue import Catalogue
from perdure.errors import Fault, Faults, InputError
from perdure.market.service import Service
from perdure.market.service_kind import ServiceKind
from perdure.validation import tell

SERVICES: Catalogue[ServiceKind] = Catalogue("perdure.market.services", "service")


def read_service(data: Mapping[str, object], folder: Path, place: str = "service") -> Service:
    """The service a mapping such as {kind: backup, ...} describes; InputError names every fault under `place`."""
    if not isinstance(data, Mapping):
        raise InputError([Fault(place, "is no mapping", repr(data), cure="Give a block that starts with 'kind: ...'.")])
    if "kind" not in data:
        raise InputError([Fault(f"{place}.kind", "is missing", allowed=", ".join(SERVICES.names()))])
    kind = SERVICES.find(str(data["kind"]), f"{place}.kind")
    faults = Faults()
    with faults.under(place):
        try:
            return kind.read(data, folder)
        except ValidationError as error:
            tell(error, kind.fields, data, place, faults)
    raise InputError(faults.found)


def read_services(data: object, folder: Path, place: str = "services") -> tuple[Service, ...]:
    """A list of services with names of their own; InputError tells the faults of all."""
    if not isinstance(data, Sequence) or isinstance(data, str):
        raise InputError([Fault(place, "is no list", repr(data), cure="Give a list of blocks '- kind: ...'.")])
    faults, found = Faults(), list[Service]()
    for i, one in enumerate(data):
        try:
            found.append(read_service(one, folder, f"{place}[{i}]"))
        except InputError as error:
            faults.found += error.faults
    names = [service.name for service in found]
    for i, name in enumerate(names):
        if name in names[:i]:
            faults.add(f"{place}[{i}].name", "comes twice", repr(name), cure="Give each service a name of its own.")
    faults.raise_if_any()
    return tuple(found)
