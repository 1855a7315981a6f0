"""`size`: the energy and power of a store that are worth most at a site, and the surface they were found on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from perdure.errors import Fault, Faults, InputError, did_you_mean
from perdure.study.candidate import Candidate
from perdure.study.case import Case
from perdure.study.evaluate import Bench, Evaluated, store_of
from perdure.study.sizing.axes import DURATION_POINTS, ENERGY_POINTS, ENERGY_SPAN, Axes, Point, axes_of
from perdure.study.sizing.model import Model, model_of
from perdure.study.sizing.options import By, SizeInput
from perdure.study.sizing.wear_price import WearCurve, search_wear_price
from perdure.study.workers import Workers
from perdure.validation import check

Tell = Callable[[str, float], None]
EXPECTED_LIVES = 70
"""Of one search to a hundredth, for the progress bar only."""
_NO_VALUE = -1e9
SHRINK = 4.0
HILLS = 3
"""Hills of the coarse picture that are climbed, at most."""
NEXT_TO = 1.3
"""Grid distance up to which two coarse sizes are neighbours."""
AT_ONCE = 4
"""Sizes asked at once while climbing, however many workers: what is lived must not depend on them."""
RETRY_SHARE = 0.06
"""How far around the best size is looked again once its wear price is known."""


@dataclass(frozen=True)
class Sized:
    """One store at its best size.

    `surface`: one row per size lived through, in the order asked: `phase` ('coarse', 'refined', 'wear'), `modules`,
    `power_steps`, `score`, `best`, the trial's figures and what they came to (see docs/size.md), `why` where there is
    no plan. `best` is None where no size has a plan. `remarks`: keys of what a reader must know.
    """

    store: Candidate
    axes: Axes
    by: By
    options: SizeInput
    best: Evaluated | None
    surface: pd.DataFrame
    wear: WearCurve | None
    remarks: tuple[str, ...] = ()
    lives: int = 0
    coarse_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def none_is_best(self) -> bool:
        """True where no size is worth more than none."""
        return self.best is None or self.best.npv <= 0.0


def stores_of(case: Case, names: Sequence[str] = (), technologies: Sequence[str] = ()) -> list[Candidate]:
    """The candidates of these names and stores of these technologies; all candidates where none is named."""
    own = [one.name for one in case.candidates]
    for name in names:
        if name not in own:
            raise InputError([Fault("--candidate", "the case has no such candidate", repr(name), ", ".join(own),
                                    did_you_mean(name, own))])  # fmt: skip
    asked = [store_of(case, name) for name in (*names, *technologies)]
    return list({one.name: one for one in asked}.values()) or list(case.candidates)


def size(
    case: Case,
    store: Candidate | str,
    options: SizeInput | None = None,
    *,
    workers: Workers | None = None,
    bench: Bench | None = None,
    tell: Tell | None = None,
) -> Sized:
    """The best size of one store of the case, a candidate or a technology by name; every life is kept.

    `options` default the case's `size` part. `bench`: lives already lived, and where to live more; else one of
    `workers`. `tell(text, share)` hears the progress. InputError where bounds or targets leave no size.
    """
    if isinstance(store, str):
        store = store_of(case, store)
    options = options or case.size
    axes = axes_of(case, store, options)
    if bench is not None:
        return _Search(case, axes, options, bench, tell).find()
    with Bench(case, workers) as own:
        return _Search(case, axes, options, own, tell).find()


@dataclass
class _Search:
    case: Case
    axes: Axes
    options: SizeInput
    bench: Bench
    tell: Tell | None
    wear_price: float = 0.0
    phase: str = "coarse"
    lived: int = 0
    rows: dict[tuple[Point, float], tuple[str, Evaluated]] = field(default_factory=dict)

    def find(self) -> Sized:
        """Coarse grid, refinement, and the wear price with one more look around where it is sought."""
        began, self.wear_price = time.perf_counter(), self.axes.store.wear_price_per_kwh
        grid = self.axes.grid()
        self._ask(grid)
        coarse_seconds = time.perf_counter() - began
        self.phase, wear = "refined", None
        hills = [self._climb(one, self._coarse_ratio(), once=True) for one in self._hills(grid)]
        best = self._climb(max(hills, key=self._score), self._coarse_ratio())
        if self._seeks_wear() and self._score(best)[0] > _NO_VALUE:
            wear = search_wear_price(self.bench, self.axes.trial(best, 0.0), self._tell_wear)
            if wear.best.trial.wear_price_per_kwh != self.wear_price:
                self.phase, self.wear_price = "wear", wear.best.trial.wear_price_per_kwh
                best = self._climb(best, RETRY_SHARE)
        return self._sized(best, wear, coarse_seconds, time.perf_counter() - began)

    def _seeks_wear(self) -> bool:
        return self.options.wear_price == "search" or self.axes.store.wear_price_is_sought

    def _hills(self, grid: Sequence[Point]) -> list[Point]:
        """The best points of the coarse grid that no neighbour beats, best first."""
        logs = np.log([one[:2] for one in grid])
        places = np.column_stack([logs[:, 0], logs[:, 1] - logs[:, 0]])
        places /= np.maximum(np.ptp(places, axis=0) / (ENERGY_POINTS - 1, DURATION_POINTS - 1), 1e-9)
        found = []
        for at, one in enumerate(grid):
            near = np.abs(places - places[at]).max(axis=1) < NEXT_TO
            if self._score(one) >= max(self._score(grid[i]) for i in map(int, np.flatnonzero(near))):
                found.append(one)
        return sorted(found, key=self._score, reverse=True)[:HILLS]

    def _coarse_ratio(self) -> float:
        """Half the way, in ratio, between neighbours of the coarse grid."""
        own = self.options.energy_kwh
        span = own[1] / own[0] if own else ENERGY_SPAN
        return float(max(span ** (0.5 / (ENERGY_POINTS - 1)) - 1.0, 0.05))

    def _ask(self, points: Sequence[Point]) -> None:
        """Live the points through that were not yet."""
        new = [one for one in dict.fromkeys(points) if (one, self.wear_price) not in self.rows]
        trials = [self.axes.trial(one, self.wear_price) for one in new]
        for point, lived in zip(new, self.bench.ask(trials, self._tell_one), strict=True):
            self.rows[point, self.wear_price] = self.phase, lived

    def _tell_one(self) -> None:
        self.lived += 1
        if self.tell is not None:
            share = self.lived / (self.lived + max(8, EXPECTED_LIVES - self.lived))
            self.tell(f"{self.axes.store.name}: {self.lived} sizes ({self.phase})", share)

    def _tell_wear(self, count: int) -> None:
        if self.tell is not None:
            self.tell(f"{self.axes.store.name}: wear price, {count} lives", 0.9)

    def _score(self, point: Point) -> tuple[float, float]:
        """How good, larger is better; sizes without the wanted figure rank below, by what they lose per investment."""
        return score(self.rows[point, self.wear_price][1], self.options.by)

    def _climb(self, best: Point, ratio: float, once: bool = False) -> Point:
        """From a size to better ones until none is left: pattern search, led by a model of the surface.

        Neighbours are asked few at a time, the most promising first, and not where the model rules them out. The step
        shrinks to a quarter whenever none is better, down to a module or the tolerance; not where it is `once`.
        """
        self._ask([best])
        while True:
            found = self._better(best, ratio, self._around(best, ratio))
            if found is None and once:
                return best
            if found is None and not self._finest(best, ratio):
                ratio /= SHRINK
                continue
            found = found or self._better(best, ratio, self._two_away(best, ratio))
            if found is None:
                return best
            best = found

    def _better(self, best: Point, ratio: float, around: Sequence[Point]) -> Point | None:
        """A size that beats `best`: one of those around it, or where the model has its top; None where none does."""
        while asked := self._most_promising(best, ratio, around):
            self._ask(asked)
            leader = max(asked, key=self._score)
            if self._score(leader) > self._score(best):
                return leader
        return None

    def _most_promising(self, best: Point, ratio: float, around: Sequence[Point]) -> list[Point]:
        """What to live through next: the model's top, then what it holds best; last what it knows nothing of."""
        new = [one for one in around if (one, self.wear_price) not in self.rows]
        model = self._model(best, ratio)
        if model is None:
            return new[:AT_ONCE]
        kind, reached = self._score(best)
        own = [one for one in new if one[2:] == best[2:] and not (kind == 1.0 and model.rules_out(one[:2], reached))]
        if own:
            own = [own[at] for at in np.argsort(-model.foretell(np.array(own)[:, :2])[0], kind="stable")]
        top = self.axes.nearest((*model.top(), *best[2:]))
        if self.axes.allowed(top) and (top, self.wear_price) not in self.rows:
            own = list(dict.fromkeys([top, *own]))
        return [*own, *(one for one in new if one[2:] != best[2:])][:AT_ONCE]

    def _model(self, best: Point, ratio: float) -> Model | None:
        """The surface at the generation and connection of `best`."""
        near = []
        for (point, wear_price), (_, lived) in self.rows.items():
            kind, value = score(lived, self.options.by)
            if wear_price == self.wear_price and point[2:] == best[2:] and kind == 1.0:
                capital = 0.0 if self.options.by in ("irr", "payback", "lcos") else lived.row["investment"]
                near.append((point[0], point[1], value, capital))
        told = np.array(near, dtype=np.float64).reshape(-1, 4)
        return model_of(told[:, :2], told[:, 2], told[:, 3], best[:2], ratio)

    def _strides(self, point: Point, ratio: float) -> tuple[int, int]:
        return max(1, round(point[0] * ratio)), max(1, round(point[1] * ratio))

    def _finest(self, point: Point, ratio: float) -> bool:
        finest = max(ratio, 1e-12) <= self.options.tolerance
        return finest or self._strides(point, ratio) == (1, 1)

    def _two_away(self, point: Point, ratio: float) -> list[Point]:
        """Points two steps away: the edge of a kink hides a better size behind a worse one.

        Only where steps are coarse beside the tolerance; else it asks for less than what lies so near can differ.
        """
        if self._strides(point, ratio) != (1, 1) or 1.0 / min(point[:2]) <= 2.0 * self.options.tolerance:
            return []
        reach = range(-2, 3)
        near = [self.axes.nearest((point[0] + a, point[1] + b, *point[2:])) for a in reach for b in reach]
        return [one for one in dict.fromkeys(near) if one != point and self.axes.allowed(one)]

    def _around(self, point: Point, ratio: float) -> list[Point]:
        """More or less energy, power, both at one duration, and each further axis one up and down."""
        energy, power, share, limit = point
        more, stronger = self._strides(point, ratio)
        moves = [(more, 0), (-more, 0), (0, stronger), (0, -stronger), (more, stronger), (-more, -stronger)]
        near = [self.axes.nearest((energy + a, power + b, share, limit)) for a, b in moves]
        near += [(energy, power, share + a, limit + b) for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))]
        return [one for one in dict.fromkeys(near) if one != point and self.axes.allowed(one)]

    def _sized(self, point: Point, wear: WearCurve | None, coarse_seconds: float, seconds: float) -> Sized:
        found = self.rows[point, self.wear_price][1]
        best = found if found.row else None
        lives = len(self.rows) + (len(wear.table) if wear is not None else 0)
        return Sized(
            self.axes.store, self.axes, self.options.by, self.options, best, self._surface(point), wear,
            self._remarks(point, best), lives, coarse_seconds, seconds,
        )  # fmt: skip

    def _surface(self, best: Point) -> pd.DataFrame:
        rows = []
        for (point, wear_price), (phase, lived) in self.rows.items():
            trial, told = lived.trial, score(lived, self.options.by)
            own = {"store": trial.store, "phase": phase, "modules": point[0], "power_steps": point[1],
                   "energy_kwh": trial.energy_kwh, "power_kw": trial.power_kw,
                   "duration_h": trial.energy_kwh / trial.power_kw, "wear_price_per_kwh": wear_price,
                   "best": int((point, wear_price) == (best, self.wear_price)),
                   "score": told[1] if told[0] == 1.0 else float("nan"), "why": lived.why}  # fmt: skip
            rows.append(own | lived.row)
        return pd.DataFrame(rows)

    def _remarks(self, point: Point, best: Evaluated | None) -> tuple[str, ...]:
        axes, told = self.axes, []
        if best is None:
            return ("no_plan",)
        if axes.store.beside:
            told.append("beside")
        if best.npv <= 0.0:
            told.append("none_is_best")
        low, high = axes.power_steps(point[0])
        if point[0] == axes.modules[0]:
            told.append("at_least_energy")
        if point[0] == axes.modules[1]:
            told.append("at_most_energy")
        if point[1] == high:
            told.append("at_shortest" if high < axes.steps[1] else "at_most_power")
        elif point[1] == low and low > max(axes.steps[0], 1):
            told.append("at_longest")
        return tuple(told)


def score(lived: Evaluated, by: By) -> tuple[float, float]:
    """(1, figure) with larger better; (0, value per investment) without the figure; (_NO_VALUE, 0) without a plan."""
    row = lived.row
    if not row:
        return _NO_VALUE, 0.0
    figure = {
        "irr": row["irr"],
        "payback": None if row["payback_years"] is None else -row["payback_years"],
        "lcos": None if row["lcos_per_kwh"] is None else -row["lcos_per_kwh"],
    }.get(by, row["npv"])
    if figure is None:
        return 0.0, row["npv"] / max(row["investment"], 1e-9)
    return 1.0, float(figure)


def size_all(
    case: Case,
    stores: Sequence[Candidate],
    options: SizeInput | None = None,
    *,
    workers: Workers | None = None,
    tell: Tell | None = None,
) -> list[Sized]:
    """`size` of several stores, one after the other on the same workers."""
    found = []
    with Bench(case, workers) as bench:
        for position, store in enumerate(stores):

            def heard(text: str, share: float, position: int = position) -> None:
                if tell is not None:
                    tell(text, (position + share) / len(stores))

            found.append(size(case, store, options, bench=bench, tell=heard))
    return found


def with_by(options: SizeInput, *, target: float | None = None, **changes: object) -> SizeInput:
    """The options with what is not None changed and checked anew; `target` belongs to `by`. InputError for faults."""
    told = {name: value for name, value in changes.items() if value is not None}
    by = told.get("by", options.by)
    if target is not None:
        if by not in ("autonomy_hours", "peak_kw"):
            raise InputError([Fault("--target", "goes with --by autonomy_hours or peak_kw", f"{target:g}")])
        told[str(by)] = target
    if not told:
        return options
    faults = Faults("options")
    asked = check(SizeInput, options.model_dump(exclude_unset=True) | told, "size", faults)
    faults.raise_if_any()
    assert asked is not None
    return asked


__all__ = ["Sized", "score", "size", "size_all", "stores_of", "with_by"]
