"""From quantiles to scenarios: how likely each is, and how the rank of what comes moves from step to step."""

from __future__ import annotations

import numpy as np

from perdure.dispatch.forecast import MEMORY_DAYS, Forecaster, Series, targets_of
from perdure.timeline import Floats

PRIOR_COUNT = 20.0
"""Made-up steps per rank beside the counted ones."""


def rank_chances(forecaster: Forecaster, series: Series, before: int, levels: Floats, stay: float) -> Floats:
    """How the rank of what came among its forecast quantiles moved from step to step in the weeks before a step.

    (levels, levels), rows sum to one. Counts are joined by a few made up from `stay`, the chance that a rank stays.
    """
    day = series.day_steps
    origins = np.arange(max(before - MEMORY_DAYS * day, day), before - day + 1, day)
    prior = mixing(levels, stay)
    if origins.size == 0:
        return prior
    found = np.sort(forecaster.quantiles(series, origins, day, levels), axis=1)
    borders = 0.5 * (found[:, 1:] + found[:, :-1])
    actual = series.values[targets_of(origins, day, series.values.size)]
    ties = np.random.default_rng(0).uniform(-1e-6, 1e-6, actual.shape) * (1e-9 + np.abs(series.values[:before]).max())
    rank = (borders < (actual + ties)[:, None, :]).sum(axis=1).ravel()
    moves = np.bincount(rank[:-1] * levels.size + rank[1:], minlength=levels.size**2)
    counts = moves.reshape(levels.size, levels.size) + PRIOR_COUNT * prior
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def mixing(levels: Floats, stay: float) -> Floats:
    """Chances from rank to rank: it stays, or is drawn anew by the width of each level's range (levels, levels)."""
    return np.asarray(stay * np.eye(levels.size) + (1.0 - stay) * chances(levels))


def chances(levels: Floats) -> Floats:
    """The share of all outcomes that each quantile level stands for: up to halfway to its neighbours (levels,)."""
    borders = np.concatenate([[0.0], 0.5 * (levels[1:] + levels[:-1]), [1.0]])
    return np.diff(borders)
