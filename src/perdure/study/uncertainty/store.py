"""A store that loses its charge faster or slower than its datasheet says."""

from __future__ import annotations

import importlib
from dataclasses import replace
from functools import lru_cache

from perdure.quantities import Sourced
from perdure.technology.parts.equivalent_circuit import EquivalentCircuit
from perdure.technology.technology import TECHNOLOGIES, Technology

FIGURES = ("self_discharge_per_day", "self_discharge_per_month", "rest_loss_per_day")
"""Figures of a datasheet that set how fast a resting store loses charge."""


def self_discharge_figure(technology: Technology) -> str | None:
    """The figure that sets its self-discharge; None where it has none, or where nothing tells how it acts."""
    name = next((one for one in FIGURES if one in technology.figures), None)
    if name is None or isinstance(technology.physics, EquivalentCircuit):
        return name
    return name if _base_of(technology) is not None else None


def with_self_discharge(technology: Technology, factor: float) -> Technology:
    """The technology losing charge `factor` times as fast at rest; all else is its own."""
    name = self_discharge_figure(technology)
    if name is None or factor == 1.0:
        return technology
    figures = dict(technology.figures)
    figures[name] = _times(figures[name], factor)
    if isinstance(technology.physics, EquivalentCircuit):
        return replace(technology, figures=figures, physics=EquivalentCircuit(figures, technology.physics.curves))
    module = importlib.import_module(f"{TECHNOLOGIES.package}.{_base_of(technology)}")
    made: Technology = module.build(figures, module.LAWS)
    return replace(
        technology, figures=figures, physics=made.physics, physics_at=made.physics_at, slow_states=made.slow_states
    )


def _times(figure: Sourced, factor: float) -> Sourced:
    return replace(figure, value=figure.value * factor)


@lru_cache(maxsize=32)
def _base_of(technology: Technology) -> str | None:
    """The shipped technology whose own figures these are, changed or not."""
    for name in TECHNOLOGIES.names():
        shipped = TECHNOLOGIES.find(name)
        if type(shipped.physics) is type(technology.physics) and set(shipped.figures) == set(technology.figures):
            module = importlib.import_module(f"{TECHNOLOGIES.package}.{name}")
            return name if hasattr(module, "build") else None
    return None
