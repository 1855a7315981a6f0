"""Which figures data can tell: how far each may go, which to turn when none is named, which cannot be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from perdure.errors import Faults, did_you_mean
from perdure.quantities import Sourced
from perdure.timeline import Floats

MOST_FIGURES, POINTS_PER_FIGURE = 6, 5
"""Unasked, a fit turns at most so many figures, and one for so many points."""
LEAST_EFFECT = 2.0
"""Moving a figure half its stated range must move the data at least so many times their uncertainty, all points
together and counting only what no figure chosen before could imitate."""
OWN_SHARE = 0.2
"""Part of a figure's effect no figure chosen before may be able to imitate (correlation up to 0.98)."""
SIGNIFICANT = 12.0
"""A figure is needed if it takes at least so many times the variance that is left (F test, 0.1 % of one figure)."""
NEARLY = 0.98
"""Of figures that take nearly as much of the misfit, the one the datasheet leaves most room is taken."""
SILENT = 1e-9
UNTOLD_SHARE = 1e-3
"""Below this own part, figures named by hand cannot be told apart at all."""
PLAIN_REACH, PLAIN_BOUND = 0.1, 5.0
"""Of a figure without a stated range: assumed half range over its value, and how many times larger it may become."""

Why = Literal["chosen", "silent", "weak", "alike", "enough", "needless", "rangeless"]


@dataclass(frozen=True)
class Choice:
    """What became of one figure: `effect` in standard uncertainties, `like` the figure that does the same."""

    key: str
    why: Why
    effect: float = 0.0
    like: str = ""


@dataclass(frozen=True)
class Reach:
    """How far a figure may go, and the step that counts as one."""

    step: float
    low: float
    high: float


def reach(figure: Sourced) -> Reach | None:
    """Half the stated range as step and the range widened by its own width as bounds; sign and shares are kept.

    Without a range: a tenth of the value, and a fifth to five times it. None where the value is 0 without a range.
    """
    value = figure.value
    if figure.low is not None and figure.high is not None and figure.high > figure.low:
        wide = figure.high - figure.low
        low, high = min(figure.low, value) - wide, max(figure.high, value) + wide
        if min(figure.low, value) > 0.0:
            low = max(low, 0.1 * min(figure.low, value))
        elif min(figure.low, value) == 0.0:
            low = 0.0
        if max(figure.high, value) < 0.0:
            high = min(high, 0.1 * max(figure.high, value))
        step = 0.5 * wide
    elif value == 0.0:
        return None
    elif figure.unit == "°C":
        step, low, high = 2.0, value - 20.0, value + 20.0
    else:
        step = PLAIN_REACH * abs(value)
        low, high = sorted((value / PLAIN_BOUND, value * PLAIN_BOUND))
    if figure.unit == "share" and 0.0 <= value <= 1.0:
        low, high = max(low, 0.0) if figure.low is None or figure.low >= 0.0 else low, min(high, 1.0)
    return Reach(step, low, high)


def choose(keys: Sequence[str], effects: Floats, misfit: Floats) -> list[Choice]:
    """Figures the data can tell and need, in the order found, then those left with the reason.

    Orthogonalisation with column pivoting of `effects` (points, figures): what half a range moves, in uncertainties.
    The pivot is the figure that takes most of what is left of `misfit` (points,), measurement less model in
    uncertainties; where no figure takes a significant part, the datasheet already fits and the strongest are taken.
    """
    whole = np.linalg.norm(effects, axis=0)
    able = [place for place, size in enumerate(whole) if size >= LEAST_EFFECT]
    order = _pivots(effects, able, misfit) or _pivots(effects, able, None)
    rest = effects
    for place in order:
        rest = _without(rest, rest[:, place])
    most = min(MOST_FIGURES, len(misfit) // POINTS_PER_FIGURE)
    left: list[Choice] = []
    for place in (one for one in range(len(keys)) if one not in order):
        own = float(np.linalg.norm(rest[:, place]))
        why: Why = "enough" if len(order) >= most else "needless"
        like = ""
        if whole[place] < LEAST_EFFECT:
            why = "silent" if whole[place] < SILENT else "weak"
        elif own < max(OWN_SHARE * whole[place], LEAST_EFFECT) and order:
            why, like = "alike", keys[_closest(effects, place, order)]
        left.append(Choice(keys[place], why, float(whole[place]), like))
    chosen = [Choice(keys[place], "chosen", float(whole[place])) for place in order]
    return chosen + sorted(left, key=lambda one: -one.effect)


def _pivots(effects: Floats, able: Sequence[int], misfit: Floats | None) -> list[int]:
    """Places of the figures taken, one after the other; by their effect where there is no misfit to go by."""
    whole, rest, waiting = np.linalg.norm(effects, axis=0), effects, list(able)
    most = min(MOST_FIGURES, len(effects) // POINTS_PER_FIGURE)
    missed, kept = misfit, list[int]()
    while waiting and len(kept) < most:
        own = np.linalg.norm(rest, axis=0)
        waiting = [one for one in waiting if own[one] >= max(OWN_SHARE * whole[one], LEAST_EFFECT)]
        if not waiting:
            break
        taken = own**2 if missed is None else (missed @ rest) ** 2 / np.maximum(own, SILENT) ** 2
        best = NEARLY * max(float(taken[one]) for one in waiting)
        place = max((one for one in waiting if taken[one] >= best), key=lambda one: float(own[one]))
        if missed is not None:
            free = max(len(missed) - len(kept) - 1, 1)
            if taken[place] < SIGNIFICANT * (float(missed @ missed) - taken[place]) / free:
                break
            missed = _without(missed[:, None], rest[:, place])[:, 0]
        kept.append(place)
        waiting.remove(place)
        rest = _without(rest, rest[:, place])
    return kept


def check_named(named: Sequence[str], effects: Floats, faults: Faults) -> None:
    """Note figures named by hand that move nothing, or that the data cannot tell from others named."""
    whole = np.linalg.norm(effects, axis=0)
    for key, size in zip(named, whole, strict=True):
        if size < SILENT:
            faults.add(f"--figures {key}", "moves nothing these data measure",
                       cure="Leave it out, or add a test that depends on it.")  # fmt: skip
    moving = [place for place, size in enumerate(whole) if size >= SILENT]
    rest, kept = effects.copy(), list[int]()
    while moving:
        own = np.linalg.norm(rest[:, moving], axis=0)
        place = moving.pop(int(np.argmax(own / whole[moving])))
        if np.linalg.norm(rest[:, place]) < UNTOLD_SHARE * whole[place]:
            like = named[_closest(effects, place, kept)]
            faults.add(f"--figures {named[place]}", f"cannot be told from {like} by these data",
                       cure="Fit one of the two, or add tests at other charges, rates or temperatures.")  # fmt: skip
            continue
        kept.append(place)
        rest = _without(rest, rest[:, place])


def keys_of(named: Sequence[str], figures: Mapping[str, Sourced], faults: Faults) -> list[str]:
    """The figures meant by names as written; a figure of the ageing law may be named without its law."""
    short = {key.rsplit(".", 1)[-1]: key for key in figures}
    keys: list[str] = []
    for name in named:
        key = name if name in figures else short.get(name)
        if key is None:
            cure = did_you_mean(name, [*figures, *short])
            faults.add(f"--figures {name}", "no such figure of this technology and ageing law", cure=cure)
        elif reach(figures[key]) is None:
            faults.add(f"--figures {name}", "is 0 without a range, so nothing tells how far it may go", None,
                       cure="Write it with value, low and high in a datasheet file and fit that file.")  # fmt: skip
        elif key not in keys:
            keys.append(key)
    return keys


def _without(columns: Floats, direction: Floats) -> Floats:
    """Columns less their part along a direction."""
    unit = direction / np.linalg.norm(direction)
    return np.asarray(columns - np.outer(unit, unit @ columns))


def _closest(effects: Floats, place: int, kept: Sequence[int]) -> int:
    """Of the figures kept, the one whose effect is most like that of another."""
    sizes = np.linalg.norm(effects, axis=0)
    alike = [abs(float(effects[:, place] @ effects[:, one])) / (sizes[place] * sizes[one]) for one in kept]
    return kept[int(np.argmax(alike))]
