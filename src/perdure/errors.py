"""The error tree, and the one way perdure tells a person what is wrong with their input.

    PerdureError            anything perdure raises on purpose
    ├── InputError          a file, key or number a person can mend: all faults told at once
    ├── NoPlanError         the site leaves no feasible plan: says which limit fails when
    ├── SolverError         a solver stopped without an answer
    └── WorkerLostError     a worker process or the cluster died, again and again

Each class carries the exit code the command line ends with.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace


class PerdureError(Exception):
    """Anything perdure raises on purpose; everything else is a bug."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: where, what, which value, what would be right, and the cure."""

    place: str
    problem: str
    value: str | None = None
    allowed: str | None = None
    cure: str | None = None

    def __str__(self) -> str:
        text = f"{self.place}: {self.problem}"
        if self.value is not None:
            text += f" (got {self.value})"
        if self.allowed is not None:
            text += f"; allowed: {self.allowed}"
        if self.cure is not None:
            text += f". {self.cure}"
        return text


class InputError(PerdureError):
    """Input a person can mend; carries every fault found, not only the first."""

    exit_code = 2

    def __init__(self, faults: Iterable[Fault], source: str | None = None):
        self.faults = tuple(faults)
        self.source = source
        super().__init__(str(self))

    def __str__(self) -> str:
        count = len(self.faults)
        head = f"{count} fault{'s' if count != 1 else ''}" + (f" in {self.source}" if self.source else "")
        return "\n".join([head + ":", *(f"  - {fault}" for fault in self.faults)])


class NoPlanError(PerdureError):
    """No schedule keeps all limits; says which limit fails at which time."""

    exit_code = 3


class SolverError(PerdureError):
    """A solver ended without an answer (time limit, numerical trouble)."""

    exit_code = 4


class WorkerLostError(PerdureError):
    """A worker process died again and again at the same task, or the cluster went away; what was written is kept."""

    exit_code = 5


class Faults:
    """Collects faults while a file is read, so that all are told together."""

    def __init__(self, source: str | None = None):
        self.source = source
        self.found: list[Fault] = []

    def add(
        self,
        place: str,
        problem: str,
        value: object = None,
        allowed: str | None = None,
        cure: str | None = None,
    ) -> None:
        """Note one fault; reading goes on."""
        self.found.append(Fault(place, problem, None if value is None else str(value), allowed, cure))

    @contextmanager
    def under(self, place: str) -> Iterator[None]:
        """Absorb an InputError raised inside, its places prefixed with `place`."""
        try:
            yield
        except InputError as error:
            self.found += [replace(fault, place=f"{place}.{fault.place}") for fault in error.faults]

    def raise_if_any(self) -> None:
        """Raise one InputError with everything found; return quietly if nothing was."""
        if self.found:
            raise InputError(self.found, self.source)


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice a person most likely meant by `word`, or None if nothing is close."""
    close = difflib.get_close_matches(word.lower(), {c.lower(): c for c in choices}, n=1, cutoff=0.6)
    return next((c for c in choices if close and c.lower() == close[0]), None)


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """A cure sentence: the nearest match if one is close, otherwise the list of what exists."""
    choices = sorted(choices)
    match = nearest(word, choices)
    return f"Did you mean '{match}'?" if match else f"Known: {', '.join(choices)}."
