"""The one door for services: a mapping with a `kind` becomes a Service, and all that is wrong with it is told once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from perdure.catalogue import Catalogue
from perdure.errors import Fault, Faults, InputError
from perdure.market.reading import named, read_as
from perdure.market.service import Service
from perdure.market.service_kind import ServiceKind

SERVICES: Catalogue[ServiceKind] = Catalogue("perdure.market.services", "service")


def read_service(data: Mapping[str, object], folder: Path, place: str = "service") -> Service:
    """The service a mapping such as {kind: backup, ...} describes; InputError names every fault under `place`."""
    kind = named(SERVICES, data, place)
    return read_as(kind, data, folder, place)


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
