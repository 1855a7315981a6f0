"""Compiled passes over a response map: means over windows of charge, and its axes read at many places."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from perdure.timeline import Floats


class Means(NamedTuple):
    """Per kWh of present capacity and per window (months, ...): what dispatch takes from a map."""

    loss: Floats  # (months, powers) kW, mean over the window
    drain: Floats  # (months, shares) kW of self-discharge and loss at rest, by share
    discharge_limit: Floats  # (months,) kW, mean over the window, positive
    charge_limit: Floats  # (months,) kW


@njit(cache=True, error_model="numpy")
def averages(loss, self_discharge, discharge_limit, charge_limit, left, along, aged, inside):
    """The fields of `Means`, for temperatures `along` of the way from node `left` (months,) to the next.

    Tables: (2, shares, temperatures[, powers]), fresh and aged. `inside` (months, shares): the nodes of each window.
    """
    months, shares = inside.shape
    powers = loss.shape[3]
    mean, drain, limits = np.zeros((months, powers)), np.zeros((months, shares)), np.zeros((2, months))
    for m in range(months):
        j = left[m]
        count = 0
        for i in range(shares):
            if not inside[m, i]:
                continue
            count += 1
            for z in range(2):
                of_health = aged if z == 1 else 1.0 - aged
                for side in range(2):
                    weight = of_health * (along[m] if side == 1 else 1.0 - along[m])
                    if weight == 0.0:
                        continue
                    row = loss[z, i, j + side]
                    for k in range(powers):
                        mean[m, k] += weight * row[k]
                    drain[m, i] += weight * (self_discharge[z, i, j + side] + row[powers // 2])
                    limits[0, m] += weight * discharge_limit[z, i, j + side]
                    limits[1, m] += weight * charge_limit[z, i, j + side]
        mean[m] /= count
        limits[:, m] /= count
    return mean, drain, limits[0], limits[1]


@njit(cache=True, error_model="numpy")
def read_along(x, nodes, values):
    """What `np.interp` gives at `x` (any,) where `nodes` run from 0 to 1, nearly even: found without a search."""
    out, last = np.empty(x.size), nodes.size - 1
    for n in range(x.size):
        if not nodes[0] < x[n] < nodes[last]:
            out[n] = values[0] if x[n] <= nodes[0] else (values[last] if x[n] >= nodes[last] else np.nan)
            continue
        i = min(int(x[n] * last), last - 1)
        while nodes[i] > x[n]:
            i -= 1
        while nodes[i + 1] <= x[n]:
            i += 1
        out[n] = values[i] + (values[i + 1] - values[i]) / (nodes[i + 1] - nodes[i]) * (x[n] - nodes[i])
    return out
