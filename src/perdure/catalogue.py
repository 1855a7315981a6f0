"""A catalogue is a folder of one-file entries, found by name, with a hint on a typo."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from perdure.errors import Fault, InputError, did_you_mean

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Catalogue(Generic[Entry]):
    """The entries of one package folder: each module defines `ENTRY` (or `ENTRIES`, a tuple), each with a `.name`."""

    package: str
    kind: str

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        folder = importlib.import_module(self.package)
        found: dict[str, Entry] = {}
        for info in pkgutil.iter_modules(folder.__path__):
            module = importlib.import_module(f"{self.package}.{info.name}")
            for entry in getattr(module, "ENTRIES", None) or (module.ENTRY,):
                found[entry.name] = entry
        return dict(sorted(found.items()))

    def names(self) -> tuple[str, ...]:
        """All entry names, sorted."""
        return tuple(self._entries)

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._entries.values())

    def find(self, name: str, place: str | None = None) -> Entry:
        """The entry called `name`; InputError with the nearest match otherwise."""
        if name not in self._entries:
            raise InputError(
                [Fault(place or self.kind, f"unknown {self.kind}", repr(name), cure=did_you_mean(name, self._entries))]
            )
        return self._entries[name]
