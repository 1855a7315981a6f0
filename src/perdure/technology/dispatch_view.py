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
    """The view of a store of `energy_kwh` (new) and `power_kw` (AC) at a health and a mean temperature.

    `charge_power_kw`: AC rating when charging where it is another; `slow` (slow states,): shares out of reach.
    Losses are the mean over the allowed window of charge, taken `PESSIMISM` times; where they would make a
    larger power look more efficient than a smaller one, the smaller one's efficiency holds for both.
    """
    capacity, technology = energy_kwh * health.capacity_share, table.technology
    low, high = table.window(temperature_c, slow)
    inside = _inside(table, low, high)
    loss = table.along_share(table.tables.loss, temperature_c, health.impedance_share)[inside]  # (shares, powers)
    discharge, charge = (
        float(np.mean(table.along_share(limit, temperature_c, health.impedance_share)[inside])) * capacity
        for limit in (table.tables.discharge_limit, table.tables.charge_limit)
    )
    charger, charge_kw = technology.charge_converter or technology.converter, charge_power_kw or power_kw
    most = _ac_limit(technology.converter, power_kw, -discharge), _ac_limit(charger, charge_kw, charge)
    ac_kw = np.abs(NODE_SHARES) * np.where(NODE_SHARES < 0, *most)
    dc_kw = np.where(
        ac_kw < 0.0,
        technology.converter.direct_share(ac_kw / power_kw) * power_kw,
        charger.direct_share(ac_kw / charge_kw) * charge_kw,
    )
    mean_loss = np.mean(loss, axis=0)
    rest = float(np.interp(0.0, table.powers, mean_loss))
    moving = np.interp(dc_kw / capacity, table.powers, mean_loss) - rest
    stored = dc_kw - PESSIMISM * np.maximum(moving, 0.0) * capacity
    drain_per_h, drain = _drain_line(table, health, temperature_c, inside, loss)
    return DispatchView(ac_kw, _bend(ac_kw, stored), drain_per_h, drain * capacity, low * capacity, high * capacity)


def _inside(table: ResponseMap, low: float, high: float) -> NDArray[np.bool_]:
    """The nodes of charge in the window; of a window that holds none, the one next to its middle."""
    inside = (table.shares >= low) & (table.shares <= high)
    if not inside.any():
        inside[int(np.argmin(np.abs(table.shares - 0.5 * (low + high))))] = True
    return inside


def _ac_limit(converter: Converter, power_kw: float, dc_limit_kw: float) -> float:
    """AC power (signed) at which the converter or the store's DC limit binds first."""
    sign, most_dc = np.sign(dc_limit_kw), abs(dc_limit_kw) + 1e-9 * power_kw
    if abs(converter.direct_share(sign) * power_kw) <= most_dc:  # the rating binds, as a rule
        return float(sign * power_kw)
    trial = np.linspace(0.0, sign * power_kw, 201)
    fits = np.abs(converter.direct_share(trial / power_kw) * power_kw) <= most_dc
    return float(trial[fits][-1])


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


def _drain_line(
    table: ResponseMap, health: Health, temperature_c: float, inside: NDArray[np.bool_], loss: Floats
) -> tuple[float, float]:
    """Self-discharge and rest loss as `per_h * share + constant` (per kWh of capacity), both not negative."""
    shares = table.shares[inside]
    middle = len(table.powers) // 2
    rate = (
        table.along_share(table.tables.self_discharge, temperature_c, health.impedance_share)[inside] + loss[:, middle]
    )
    apart = shares - shares.mean()
    slope = float(apart @ rate / max(apart @ apart, 1e-300))
    constant = float(rate.mean() - slope * shares.mean())
    if constant < 0.0:
        return float(shares @ rate / (shares @ shares)), 0.0
    if slope < 0.0:
        return 0.0, float(rate.max())
    return float(slope), float(constant)
