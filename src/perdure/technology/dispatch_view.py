"""What dispatch may believe of a store: convex pieces of AC power against stored power, never rosier than the map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perdure.technology.ageing import Health
from perdure.technology.converter import Converter
from perdure.technology.response_map import ResponseMap
from perdure.timeline import Floats

NODE_SHARES = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
"""Corners of the pieces, as shares of the AC power the store can take at the temperature."""
PESSIMISM = 1.02
"""Losses in the view over the map's mean: a plan should find at least the energy it counts on."""


@dataclass(frozen=True)
class DispatchView:
    """One store at one health and temperature, in kW and kWh of the whole plant.

    Stored energy e obeys de/dt = stored power - drain_per_h e - drain_kw; `ac_nodes` and `store_nodes` (J+1,) are
    the corners of the conversion, rising, both 0 at one node.
    """

    ac_nodes: Floats
    store_nodes: Floats
    drain_per_h: float
    drain_kw: float
    low_kwh: float
    high_kwh: float

    def keep(self, step_h: float) -> float:
        """Share of stored energy left after a step."""
        return float(np.exp(-self.drain_per_h * step_h))

    def drain_kwh(self, step_h: float) -> float:
        """Energy lost per step whatever is stored."""
        return self.drain_kw * step_h


def dispatch_view(
    table: ResponseMap,
    energy_kwh: float,
    power_kw: float,
    health: Health,
    temperature_c: float,
    *,
    charge_power_kw: float | None = None,
    slow: Floats | None = None,
) -> DispatchView:
    """`dispatch_views` at one temperature."""
    hidden = None if slow is None else slow[None, :]
    warmth = np.array([temperature_c])
    return dispatch_views(table, energy_kwh, power_kw, health, warmth, charge_power_kw=charge_power_kw, slow=hidden)[0]


def dispatch_views(
    table: ResponseMap,
    energy_kwh: float,
    power_kw: float,
    health: Health,
    temperature_c: Floats,
    *,
    charge_power_kw: float | None = None,
    slow: Floats | None = None,
) -> tuple[DispatchView, ...]:
    """The views of a store of `energy_kwh` (new) and `power_kw` (AC) at a health and mean temperatures (months,).

    `charge_power_kw`: AC rating when charging where it is another; `slow` (months, slow states): shares out of reach.
    Losses are the mean over the allowed window of charge, taken `PESSIMISM` times; where they would make a
    larger power look more efficient than a smaller one, the smaller one's efficiency holds for both.
    """
    capacity, converter = energy_kwh * health.capacity_share, table.technology.converter
    charger, charge_kw = table.technology.charge_converter or converter, charge_power_kw or power_kw
    low, high = table.windows(temperature_c, slow)
    inside = _inside(table, low, high)
    means = table.means(temperature_c, health.impedance_share, inside)
    discharge = _ac_limits(converter, power_kw, -means.discharge_limit * capacity)
    charge = _ac_limits(charger, charge_kw, means.charge_limit * capacity)
    ac_kw = np.abs(NODE_SHARES) * np.where(NODE_SHARES < 0, discharge[:, None], charge[:, None])
    dc_kw = np.where(
        ac_kw < 0.0,
        converter.direct_share(ac_kw / power_kw) * power_kw,
        charger.direct_share(ac_kw / charge_kw) * charge_kw,
    )
    views = []
    for m, mean_loss in enumerate(means.loss):
        rest = mean_loss[len(table.powers) // 2]
        moving = np.interp(dc_kw[m] / capacity, table.powers, mean_loss) - rest
        stored = dc_kw[m] - PESSIMISM * np.maximum(moving, 0.0) * capacity
        per_h, drain = _drain_line(table.shares[inside[m]], means.drain[m, inside[m]])
        views.append(
            DispatchView(
                ac_kw[m],
                _bend(ac_kw[m], stored),
                per_h,
                drain * capacity,
                low[m] * capacity,
                high[m] * capacity,
            )
        )
    return tuple(views)


def _inside(table: ResponseMap, low: Floats, high: Floats) -> NDArray[np.bool_]:
    """The nodes of charge in each window (months, shares); of one that holds none, the one next to its middle."""
    inside = (table.shares >= low[:, None]) & (table.shares <= high[:, None])
    nearest = np.argmin(np.abs(table.shares - 0.5 * (low + high)[:, None]), axis=1)
    empty = np.flatnonzero(~inside.any(axis=1))
    inside[empty, nearest[empty]] = True
    return inside


def _ac_limits(converter: Converter, power_kw: float, dc_limit_kw: Floats) -> Floats:
    """AC powers (signed) at which the converter or the store's DC limits (months,) bind first."""
    sign, most_dc = np.sign(dc_limit_kw), np.abs(dc_limit_kw) + 1e-9 * power_kw
    limits = np.asarray(sign * power_kw)
    for m in np.flatnonzero(np.abs(converter.direct_share(sign) * power_kw) > most_dc):  # as a rule the rating binds
        trial = np.linspace(0.0, limits[m], 201)
        fits = np.abs(converter.direct_share(trial / power_kw) * power_kw) <= most_dc[m]
        limits[m] = trial[fits][-1]
    return limits


def _bend(ac_kw: Floats, stored_kw: Floats) -> Floats:
    """Make stored power concave in AC power by holding the worse slope outward from zero; all slopes stay positive."""
    out = stored_kw.copy()
    zero = int(np.argmin(np.abs(NODE_SHARES)))
    slope = np.inf
    for j in range(zero, len(ac_kw) - 1):
        width = ac_kw[j + 1] - ac_kw[j]
        if width > 0:
            slope = max(min(slope, (stored_kw[j + 1] - stored_kw[j]) / width), 0.05)
        out[j + 1] = out[j] + (slope * width if width > 0 else 0.0)
    slope = 0.0
    for j in range(zero, 0, -1):
        width = ac_kw[j] - ac_kw[j - 1]
        if width > 0:
            slope = max(slope, (stored_kw[j] - stored_kw[j - 1]) / width)
        out[j - 1] = out[j] - slope * width
    return out


def _drain_line(shares: Floats, rate: Floats) -> tuple[float, float]:
    """Self-discharge and rest loss (nodes,) at shares as `per_h * share + constant` (per kWh), both not negative."""
    apart = shares - shares.mean()
    slope = float(apart @ rate / max(apart @ apart, 1e-300))
    constant = float(rate.mean() - slope * shares.mean())
    if constant < 0.0:
        return float(shares @ rate / (shares @ shares)), 0.0
    if slope < 0.0:
        return 0.0, float(rate.max())
    return slope, constant
