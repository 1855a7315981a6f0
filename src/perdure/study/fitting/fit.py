"""Test data in, figures of a technology out: least squares with confidence intervals, and what the data cannot tell.

Each residual is divided by the standard uncertainty of its data set, so that volts and bars can be fitted together;
the uncertainty is that of a common instrument at first, then the data set's own scatter about the model.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import least_squares
from scipy.special import stdtrit

from perdure.errors import Faults, InputError
from perdure.quantities import Confidence, Sourced
from perdure.study.fitting.choice import POINTS_PER_FIGURE, Choice, Reach, check_named, choose, keys_of, reach
from perdure.study.fitting.data import DataSet, Kind, KindName, read_data
from perdure.study.fitting.model import Blueprint, blueprint, predicted, starts
from perdure.timeline import Floats

CONFIDENCE = 0.95
WEIGHT_ROUNDS, WEIGHTS_SETTLED = 8, 0.01
LEAST_UNCERTAINTY = 0.02
"""Of the assumed uncertainty: no data set weighs more than this makes it, however well it is met."""
NEAR_BOUND = 1e-3
DIGITS = 8
SMALL = 1e-3
"""Of half a range: the move that tells an effect."""
BOUND_TRIES = 12
HANGS_TOGETHER = 0.5
"""Correlation of neighbouring residuals from which on the model misses a shape and intervals are too narrow."""


@dataclass(frozen=True)
class Fitted:
    """One figure after the fit; no interval where it ended at a bound."""

    key: str
    given: Sourced  # the datasheet's
    value: float
    error: float | None  # standard error
    low: float | None  # of the interval, 95 %
    high: float | None
    bounds: tuple[float, float]
    tests: tuple[KindName, ...]  # that it moves

    @property
    def at_bound(self) -> bool:
        """Whether the data pull it out of the range it may have."""
        return self.error is None


@dataclass(frozen=True)
class Met:
    """How well one data set is met, in the unit of its kind."""

    data: DataSet
    rmse_before: float  # with the datasheet's figures
    rmse: float
    uncertainty: float  # standard, that weighed the set
    hangs_together: float  # correlation of neighbouring residuals

    @property
    def kind(self) -> Kind:
        """The kind of test."""
        return self.data.kind


@dataclass(frozen=True, eq=False)
class Fit:
    """Figures from test data, with everything a reader needs to judge them."""

    blueprint: Blueprint
    named: bool  # figures were named by the user, not chosen here
    figures: tuple[Fitted, ...]
    correlation: Floats  # (figures, figures); nan where there is no interval
    sets: tuple[Met, ...]
    choices: tuple[Choice, ...]  # empty where the figures were named
    table: pd.DataFrame  # data_set, line, conditions, measured, model, residual, unit
    converged: bool

    @property
    def points(self) -> int:
        """Measurements of all sets."""
        return len(self.table)

    @property
    def source(self) -> str:
        """'fit to v.csv (120 points, rmse 0.004 V)'."""
        return self._source(tuple(one.kind.name for one in self.sets))

    def _source(self, tests: tuple[KindName, ...]) -> str:
        told = [f"{one.data.path.name} ({len(one.data.lines)} points, rmse {one.rmse:.3g} {one.kind.unit})"
                for one in self.sets if one.kind.name in tests]  # fmt: skip
        return f"fit to {' and '.join(told)}"

    @property
    def correlated(self) -> list[tuple[str, str, float]]:
        """Pairs of figures with |r| > 0.9."""
        size = len(self.figures)
        return [
            (self.figures[i].key, self.figures[j].key, float(self.correlation[i, j]))
            for i in range(size) for j in range(i) if abs(self.correlation[i, j]) > 0.9
        ]  # fmt: skip

    def sourced(self) -> dict[str, Sourced]:
        """The fitted figures as a datasheet holds them."""
        return {
            one.key: Sourced(one.value, one.given.unit, self._source(one.tests), Confidence.DERIVED, one.low, one.high,
                             note="interval: 95 % confidence" if one.low is not None else "ended at its bound")
            for one in self.figures
        }  # fmt: skip


def fit(
    written: str, files: Mapping[str, Path], figures: Sequence[str] | None = None, ageing: str | None = None
) -> Fit:
    """Fit figures of a technology (a name or a datasheet file) to CSV test data, one file per kind of test.

    Without `figures` those the data can tell are chosen. Raises InputError with every fault of the files, or naming
    the figure the data cannot tell and the cure.
    """
    return fit_to(blueprint(written, ageing), read_data(files), figures)


def fit_to(plan: Blueprint, data: Sequence[DataSet], figures: Sequence[str] | None = None) -> Fit:
    """Fit figures to data sets already read."""
    return _Work(plan, tuple(data)).fitted(figures)


class _Work:
    """One fit under way: the data laid end to end, and the weights of each set."""

    def __init__(self, plan: Blueprint, data: tuple[DataSet, ...]):
        self.plan, self.data = plan, data
        self.measured = np.concatenate([one.measured for one in data])
        self.part = np.repeat(np.arange(len(data)), [len(one.measured) for one in data])
        self.assumed = np.array([one.kind.assumed_uncertainty(one.measured) for one in data])
        # where a stand test begins must not move with the figures
        self.from_soc: dict[KindName, Floats] = {
            one.kind.name: starts(plan.technology, one) for one in data if one.kind.name == "stand"
        }
        self.unmoved: dict[str, set[int]] = {}  # places of the data sets each figure leaves as they are
        self.given = self.model({})

    def model(self, values: Mapping[str, float], unmoved: Collection[int] = ()) -> Floats:
        """The model's answer to all data (points,); 0 for the places of data sets a figure leaves `unmoved`."""
        told = np.zeros(len(self.measured))
        with np.errstate(all="ignore"):
            built = self.plan.built(values)
            for place, one in enumerate(self.data):
                if place not in unmoved:
                    told[self.part == place] = predicted(*built, one, self.from_soc.get(one.kind.name))
        return told

    def effects(self, keys: Sequence[str], at: Floats, reaches: Sequence[Reach], central: bool = False) -> Floats:
        """Change of the model per step of each figure (points, figures), by differences inside the bounds."""
        now = dict(zip(keys, at, strict=True))
        here, columns = self._or_nothing(now), []
        for key, value, room in zip(keys, at, reaches, strict=True):
            move = SMALL * room.step if value + SMALL * room.step <= room.high else -SMALL * room.step
            still = self.unmoved.get(key, set())
            apart = self._or_nothing(now | {key: value + move}, still) - here
            apart[np.isin(self.part, list(still))] = 0.0
            self.unmoved[key] = {place for place in range(len(self.data)) if not np.any(apart[self.part == place])}
            if central and room.low <= value - move <= room.high:
                back = self._or_nothing(now | {key: value - move}, self.unmoved[key]) - here
                back[np.isin(self.part, list(self.unmoved[key]))] = 0.0
                apart = 0.5 * (apart - back)
            columns.append(apart / move * room.step)
        return np.stack(columns, axis=1) if columns else np.zeros((len(self.measured), 0))

    def fitted(self, named: Sequence[str] | None) -> Fit:
        """The whole fit."""
        faults = Faults()
        self._check(faults)
        choices: tuple[Choice, ...] = ()
        if named:
            keys = keys_of(named, self.plan.figures, faults)
            if len(self.measured) < len(keys) + 2:
                faults.add(
                    "data",
                    f"{len(self.measured)} points cannot tell {len(keys)} figures",
                    allowed=f"{len(keys) + 2} points or more",
                    cure="Measure more, or fit fewer figures.",
                )
            faults.raise_if_any()
            check_named(keys, self._effects_at_start(keys), faults)
        else:
            faults.raise_if_any()
            choices = self._chosen()
            keys = [one.key for one in choices if one.why == "chosen"]
            if not keys:
                faults.add("data", "tell no figure better than the datasheet does", f"{len(self.measured)} points",
                           f"{POINTS_PER_FIGURE} points or more for each figure",
                           "Measure more, or name the figures with --figures.")  # fmt: skip
        faults.raise_if_any()
        return self._solved(keys, choices, named=bool(named))

    def _check(self, faults: Faults) -> None:
        kinds = {one.kind.name for one in self.data}
        law = self.plan.law.name
        if "capacity" in kinds and not any(key.startswith("ageing.") for key in self.plan.figures):
            faults.add(f"ageing.{law}", "this law has no figures a fit can turn",
                       cure="Fit a law of a shipped technology with --ageing, or write the capacities under "
                       "capacity_after_cycles in the datasheet file.")  # fmt: skip
        if not np.all(np.isfinite(self.given)):
            lines = np.concatenate([one.lines for one in self.data])[~np.isfinite(self.given)]
            faults.add("data", "the model has no answer there", f"lines {', '.join(f'{one:.0f}' for one in lines[:8])}",
                       cure="Take these rows out.")  # fmt: skip

    def _reaches(self, keys: Sequence[str]) -> list[Reach]:
        found = [reach(self.plan.figures[key]) for key in keys]
        return [one for one in found if one is not None]

    def _answered(self, key: str, room: Reach) -> Reach:
        """The reach, its bounds drawn in to where the model answers (one figure may be bound to another)."""
        value, ends = self.plan.figures[key].value, []
        for end in (room.low, room.high):
            for _ in range(BOUND_TRIES):
                if np.all(np.isfinite(self._or_nothing({key: end}))):
                    break
                end = 0.5 * (value + end)
            ends.append(end)
        return Reach(room.step, *ends)

    def _or_nothing(self, values: Mapping[str, float], unmoved: Collection[int] = ()) -> Floats:
        """The model's answer, not finite where these figures contradict each other."""
        try:
            return self.model(values, unmoved)
        except InputError:
            return np.full(len(self.measured), np.nan)

    def _effects_at_start(self, keys: Sequence[str]) -> Floats:
        at = np.array([self.plan.figures[key].value for key in keys])
        return np.asarray(self.effects(keys, at, self._reaches(keys)) / self.assumed[self.part][:, None])

    def _chosen(self) -> tuple[Choice, ...]:
        able: list[str] = []
        told: list[str] = []
        for key, figure in self.plan.figures.items():
            (told if reach(figure) is None else able).append(key)
        effects, usable = self._effects_by_figure(able)
        choices = choose(usable, effects, (self.measured - self.given) / self.assumed[self.part])
        return (*choices, *(Choice(key, "rangeless") for key in told))

    def _effects_by_figure(self, keys: Sequence[str]) -> tuple[Floats, list[str]]:
        """As `_effects_at_start`, without figures that cannot move alone (one limit bound to another)."""
        effects = self._effects_at_start(keys)
        usable = np.all(np.isfinite(effects), axis=0)
        return effects[:, usable], [key for key, one in zip(keys, usable, strict=True) if one]

    def _solved(self, keys: list[str], choices: tuple[Choice, ...], named: bool) -> Fit:
        reaches = [self._answered(key, one) for key, one in zip(keys, self._reaches(keys), strict=True)]
        start, step = (np.array(one) for one in ([self.plan.figures[key].value for key in keys],
                                                 [one.step for one in reaches]))  # fmt: skip
        low, high = (np.array([getattr(one, side) for one in reaches]) for side in ("low", "high"))
        sigma, at, converged = self.assumed.copy(), start, True
        for _ in range(WEIGHT_ROUNDS):
            weight = 1.0 / sigma[self.part]
            self.unmoved.clear()  # what lies still at one place may move at another
            answer = least_squares(
                lambda x, w=weight: self._residual(keys, start + step * x) * w, (at - start) / step,
                jac=lambda x, w=weight: np.nan_to_num(self.effects(keys, start + step * x, reaches)) * w[:, None],
                bounds=((low - start) / step, (high - start) / step), xtol=1e-7, ftol=1e-7, max_nfev=200,
            )  # fmt: skip
            at, converged = start + step * answer.x, bool(answer.status > 0)
            slope = np.nan_to_num(self.effects(keys, at, reaches, central=True)) * weight[:, None]
            newer = self._scatter(keys, at, slope, sigma)
            if len(self.data) == 1 or np.max(np.abs(np.log(newer / sigma))) < WEIGHTS_SETTLED:
                break
            sigma = newer
        return self._told(keys, choices, named, at, reaches, slope, sigma, converged)

    def _residual(self, keys: list[str], at: Floats) -> Floats:
        """Model less measurement; where the model has no answer, far off."""
        apart = self._or_nothing(dict(zip(keys, at, strict=True))) - self.measured
        return np.asarray(np.where(np.isfinite(apart), apart, 1e3 * self.assumed[self.part]))

    def _scatter(self, keys: list[str], at: Floats, slope: Floats, sigma: Floats) -> Floats:
        """Standard uncertainty of each set from its own residuals, less the freedom the figures took from it."""
        apart = self._residual(keys, at)
        basis = np.linalg.svd(slope, full_matrices=False)[0]
        taken = np.sum(basis**2, axis=1)
        newer = sigma.copy()
        for place in range(len(self.data)):
            mine = self.part == place
            free = float(np.sum(1.0 - taken[mine]))
            if free > 0.5:
                newer[place] = np.sqrt(np.sum(apart[mine] ** 2) / free)
        return np.maximum(newer, LEAST_UNCERTAINTY * self.assumed)

    def _told(
        self, keys: list[str], choices: tuple[Choice, ...], named: bool, at: Floats, reaches: list[Reach],
        slope: Floats, sigma: Floats, converged: bool,
    ) -> Fit:  # fmt: skip
        free = np.array([min(value - room.low, room.high - value) > NEAR_BOUND * (room.high - room.low)
                         for value, room in zip(at, reaches, strict=True)])  # fmt: skip
        apart = self._residual(keys, at)
        freedom = max(len(apart) - int(free.sum()), 1)
        faults = Faults()
        check_named([key for key, one in zip(keys, free, strict=True) if one], slope[:, free], faults)
        faults.raise_if_any()
        scaled = float(np.sum((apart / sigma[self.part]) ** 2)) / freedom
        spread = np.full((len(keys), len(keys)), np.nan)
        spread[np.ix_(free, free)] = scaled * np.linalg.inv(slope[:, free].T @ slope[:, free])
        quantile = float(stdtrit(freedom, 0.5 + 0.5 * CONFIDENCE))
        error = np.sqrt(np.diag(spread))
        figures = tuple(
            _figure(key, self.plan.figures[key], value, room, one * room.step, quantile, self._moved(column))
            for key, value, room, one, column in zip(keys, at, reaches, error, slope.T, strict=True)
        )
        model = self.model({one.key: one.value for one in figures})
        return Fit(self.plan, named, figures, spread / np.outer(error, error), self._met(model, sigma), choices,
                   self._table(model), converged)  # fmt: skip

    def _moved(self, column: Floats) -> tuple[KindName, ...]:
        """Tests a figure moves by more than a hundredth of what it moves most."""
        sizes = [float(np.max(np.abs(column[self.part == place]))) for place in range(len(self.data))]
        return tuple(one.kind.name for one, size in zip(self.data, sizes, strict=True) if size >= 0.01 * max(sizes))

    def _met(self, model: Floats, sigma: Floats) -> tuple[Met, ...]:
        told = []
        for place, one in enumerate(self.data):
            mine = self.part == place
            apart, before = (found[mine] - self.measured[mine] for found in (model, self.given))
            rmse = float(np.sqrt(np.mean(apart**2)))
            told.append(Met(one, float(np.sqrt(np.mean(before**2))), rmse, float(sigma[place] if len(self.data) > 1
                        else max(rmse, LEAST_UNCERTAINTY * self.assumed[place])), _hanging(apart)))  # fmt: skip
        return tuple(told)

    def _table(self, model: Floats) -> pd.DataFrame:
        parts = []
        for place, one in enumerate(self.data):
            conditions = one.rows.drop(columns=one.kind.measured)
            if one.kind.name == "stand":
                conditions = conditions.assign(from_soc=self.from_soc["stand"])
            mine = model[self.part == place]
            parts.append(
                conditions.assign(
                    data_set=one.kind.name, line=one.lines.astype(int), measured=one.measured, model=mine,
                    residual=one.measured - mine, unit=one.kind.unit,
                )
            )  # fmt: skip
        whole = pd.concat(parts, ignore_index=True)
        first, last = ["data_set", "line"], ["measured", "model", "residual", "unit"]
        return whole[[*first, *(name for name in whole if name not in (*first, *last)), *last]]


def _figure(
    key: str, given: Sourced, value: float, room: Reach, error: float, quantile: float, tests: tuple[KindName, ...]
) -> Fitted:
    value, bounds = _rounded(value), (room.low, room.high)
    if not np.isfinite(error):
        return Fitted(key, given, value, None, None, None, bounds, tests)
    low, high = max(value - quantile * error, room.low), min(value + quantile * error, room.high)
    return Fitted(key, given, value, float(error), min(_rounded(low), value), max(_rounded(high), value), bounds, tests)


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _hanging(apart: Floats) -> float:
    """Correlation of neighbouring residuals in file order; 0 for fewer than ten."""
    size = float(np.sum(apart**2))
    return float(np.sum(apart[1:] * apart[:-1]) / size) if len(apart) >= 10 and size > 0.0 else 0.0
