"""The draws of a study under uncertainty, and the lives they ask for: each life once, priced as often as needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from perdure.errors import Faults
from perdure.study.case import Case
from perdure.study.question import question_of
from perdure.study.sweeping.sweep import duration
from perdure.study.uncertainty.correlation import correlated, matrix
from perdure.study.uncertainty.file import UncertaintyInput
from perdure.study.uncertainty.inputs import Resolved, Variable
from perdure.study.uncertainty.life import Column, Drawn, LifeTask, Lived, live_drawn, live_task
from perdure.study.uncertainty.sample import Points, points
from perdure.study.workers import Workers
from perdure.timeline import Floats
from perdure.validation import check

Tell = Callable[[str, float], None]
LIVES, PRICES = 0, 1
"""Streams of the sample: what lives depend on, and what only their pricing does."""


@dataclass(frozen=True)
class Draws:
    """One sample for all candidates. Draw n belongs to life n // `each`.

    `lives` and `prices`: shares in 0..1 by which `living` and `pricing` variables are drawn. Where no variable needs a
    life, all draws price one life; where none needs pricing, each life is priced once.
    """

    living: tuple[Variable, ...]
    pricing: tuple[Variable, ...]  # with outages last
    lives: Points
    prices: Points
    each: int

    @classmethod
    def of(cls, resolved: Resolved, spec: UncertaintyInput) -> Draws:
        """As the case asks."""
        living = tuple(resolved.needing("life"))
        pricing = (*resolved.needing("pricing"), *resolved.needing("outage"))
        count = spec.samples if living else 1
        each = (spec.draws_per_life if living else spec.samples * spec.draws_per_life) if pricing else 1
        lives = points(count, len(living), spec.method, spec.seed, LIVES)
        prices = points(count * each, len(pricing), spec.method, spec.seed, PRICES)
        if resolved.together:
            scores = matrix([one.key for one in (*living, *pricing)], resolved.together)
            drawn = correlated(lives.drawn, prices.drawn, each, scores)
            lives, prices = (replace(one, drawn=own) for one, own in zip((lives, prices), drawn, strict=True))
        return cls(living, pricing, lives, prices, each)

    @property
    def count(self) -> int:
        """All draws."""
        return len(self.prices.drawn)

    @property
    def clusters(self) -> tuple[int, int]:
        """How draws group for the bootstrap: (lives, draws of each); draws alone where there is one life."""
        return (len(self.lives.drawn), self.each) if self.living else (self.count, 1)

    def drawn(self, candidate: str, shares: Floats) -> list[Drawn]:
        """What each life of a candidate depends on; `shares` (lives, living)."""
        told = [(one.kind.name, one.values(candidate, shares[:, i])) for i, one in enumerate(self.living)
                if candidate in one.laws]  # fmt: skip
        return [tuple((name, tuple(map(float, values[row]))) for name, values in told) for row in range(len(shares))]

    def columns(self, candidate: str) -> tuple[Column, ...]:
        """Drawn costs and rates of a candidate, store by store."""
        return tuple(
            (one.kind.name, store) for one in self._priced(candidate) for store in range(len(one.laws[candidate]))
        )

    def rows(self, candidate: str, shares: Floats) -> Floats:
        """Their values (draws, columns); `shares` (draws, pricing)."""
        told = [one.values(candidate, shares[:, self.pricing.index(one)]) for one in self._priced(candidate)]
        return np.concatenate(told, axis=1) if told else np.zeros((len(shares), 0))

    def _priced(self, candidate: str) -> list[Variable]:
        return [one for one in self.pricing if candidate in one.laws and one.kind.needs == "pricing"]

    def value(self, variable: Variable, candidate: str) -> Floats:
        """A variable's values in a candidate's first store (draws,)."""
        if variable in self.living:
            shares = np.repeat(self.lives.drawn[:, self.living.index(variable)], self.each)
        else:
            shares = self.prices.drawn[:, self.pricing.index(variable)]
        return variable.values(candidate, shares)[:, 0]


@dataclass(frozen=True)
class Asked:
    """Where the answer to a request lies: in which life, at which of its prices."""

    life: tuple[str, Drawn]
    start: int
    stop: int


@dataclass
class Requests:
    """Lives and prices asked for; the same life asked twice is lived once."""

    case: Case
    draws: Draws
    wear: dict[str, float]
    prices: dict[tuple[str, Drawn], list[Floats]] = field(default_factory=dict)
    lived: dict[tuple[str, Drawn], Lived] = field(default_factory=dict)

    def ask(self, candidate: str, drawn: Drawn, rows: Floats | None = None) -> Asked:
        """Note a life with rows of prices (draws, columns); without rows, at the case's own."""
        if rows is None:
            rows = np.full((1, len(self.draws.columns(candidate))), np.nan)
        known = self.prices.setdefault((candidate, drawn), [])
        start = sum(len(one) for one in known)
        known.append(rows)
        return Asked((candidate, drawn), start, start + len(rows))

    def live(self, workers: Workers, tell: Tell | None) -> None:
        """Live and price everything asked for."""
        began, keys = time.monotonic(), list(self.prices)
        told = tell or (lambda text, share: None)
        told(f"0 of {len(keys)} lives", 0.0)
        alone = workers.alone
        run = workers.run(partial(live_drawn, self.case) if alone else live_task, self._tasks(keys, alone))
        for done, (position, found) in enumerate(run, start=1):
            self.lived[keys[position]] = found
            rate = done / max(time.monotonic() - began, 1e-9)
            left = duration((len(keys) - done) / rate)
            told(f"{done} of {len(keys)} lives, {rate:.2f} a second, {left} left", done / len(keys))

    def _tasks(self, keys: Iterable[tuple[str, Drawn]], alone: bool) -> Iterable[LifeTask]:
        question = None if alone else question_of(self.case)
        for name, drawn in keys:
            rows = np.concatenate(self.prices[name, drawn])
            yield LifeTask(name, drawn, self.draws.columns(name), rows, self.wear[name], question)

    def npv(self, asked: Asked) -> Floats:
        """The net present values of a request (draws,)."""
        return self.lived[asked.life].npv[asked.start : asked.stop]


def with_changes(spec: UncertaintyInput, samples: int | None) -> UncertaintyInput:
    """The options with what the command line says; InputError where it is out of range."""
    if samples is None:
        return spec
    faults = Faults()
    changed = check(UncertaintyInput, spec.model_dump() | {"samples": samples}, "--", faults)
    faults.found = [replace(one, place=one.place.replace("--.", "--")) for one in faults.found]
    faults.raise_if_any()
    return changed or spec
