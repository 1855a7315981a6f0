"""A technology as tables: what the one simulation kernel interpolates and the dispatch view is drawn from.

The axis of charge is the share of stored energy (0..1), not of electric charge: a step then moves it by exactly
power minus losses, and interpolation touches the losses only. All powers are DC, kW per kWh of present capacity.
"""

from __future__ import annotations

import hashlib
import pickle
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from perdure.technology.averages import Means, averages, read_along
from perdure.technology.technology import Physics, Rating, Technology
from perdure.timeline import Floats

SHARES, TEMPERATURES, POWERS = 81, 46, 69
"""Nodes along stored share, temperature and power (odd: the middle one is zero power)."""
REACH = 1.15
"""Largest power of the map over the rating of a store at the end of its life: room for the converter's losses."""
MAPS_KEPT = 32


class Tables(NamedTuple):
    """The arrays of a map. First axis of those `BY_HEALTH`: fresh, aged; of `slow_...`: slow states."""

    share_step: float
    temperature_low: float
    temperature_step: float
    charge_step: float  # between the nodes of charging power
    discharge_step: float
    loss: Floats  # (2, shares, temperatures, powers)
    heat: Floats  # (2, shares, temperatures, powers)
    self_discharge: Floats  # (2, shares, temperatures)
    discharge_limit: Floats  # (2, shares, temperatures), positive
    charge_limit: Floats  # (2, shares, temperatures)
    lowest_share: Floats  # (temperatures,)
    highest_share: Floats  # (temperatures,)
    slow_growth: Floats  # (slow, shares, temperatures, powers), 1/h
    slow_recovery: Floats  # (slow, shares, temperatures, powers), 1/h
    slow_rules: Floats  # (slow, 4): top share, largest share, hours between services, share of x a service loses


BY_HEALTH = ("loss", "heat", "self_discharge", "discharge_limit", "charge_limit")
"""Tables whose first axis is fresh and aged."""


@dataclass(frozen=True, eq=False)
class ResponseMap:
    """Tables of one technology with their axes."""

    technology: Technology
    physics: Physics
    tables: Tables
    shares: Floats
    temperatures: Floats
    powers: Floats
    soc_of_share: Floats  # (shares_fine,) electric state of charge at `fine_shares`
    fine_shares: Floats

    def soc(self, share: Floats) -> Floats:
        """State of charge (electric) at a stored share (any shape)."""
        places = np.asarray(share, dtype=np.float64)
        found = read_along(places.ravel(), self.fine_shares, self.soc_of_share)
        return np.asarray(found.reshape(places.shape))

    def at(self, impedance_share: float) -> Tables:
        """The tables at one health, without the axis of it."""
        found = {}
        for name in BY_HEALTH:
            fresh, aged = getattr(self.tables, name)
            found[name] = fresh + float(impedance_share) * (aged - fresh)
        return self.tables._replace(**found)

    def share(self, soc: Floats) -> Floats:
        """Stored share at a state of charge (any shape)."""
        return np.interp(soc, self.soc_of_share, self.fine_shares)

    def means(self, temperature_c: Floats, impedance_share: float, inside: NDArray[np.bool_]) -> Means:
        """Means at temperatures (months,) and one health over the nodes of charge `inside` (months, shares)."""
        place = np.clip((temperature_c - self.temperatures[0]) / self.tables.temperature_step, 0, TEMPERATURES - 1)
        left = np.minimum(place.astype(np.int64), TEMPERATURES - 2)
        t = self.tables
        return Means(
            *averages(
                t.loss, t.self_discharge, t.discharge_limit, t.charge_limit, left, place - left,
                float(impedance_share), inside,
            )
        )  # fmt: skip

    def window(self, temperature_c: float) -> tuple[float, float]:
        """Lowest and highest stored share in reach at a temperature."""
        low, high = self.windows(np.array([temperature_c]))
        return float(low[0]), float(high[0])

    def windows(self, temperature_c: Floats, slow: Floats | None = None) -> tuple[Floats, Floats]:
        """Lowest and highest stored share in reach at temperatures (months,), less what slow states take.

        `slow` (months, slow states).
        """
        low = np.interp(temperature_c, self.temperatures, self.tables.lowest_share)
        high = np.interp(temperature_c, self.temperatures, self.tables.highest_share)
        if slow is not None and slow.size:
            top = self.tables.slow_rules[:, 0]
            low, high = low + slow @ (1.0 - top), high - slow @ top
        return low, np.maximum(high, low)

    def outside(self, temperature_c: Floats, power: Floats) -> tuple[str, ...]:
        """In words, what of a run (steps,) the map was asked beyond its edges, where it holds its last value."""
        said = []
        for values, axis, name, unit in (
            (temperature_c, self.temperatures, "temperature", "°C"),
            (power, self.powers, "direct-current power", "kW per kWh"),
        ):
            low, high = float(np.min(values, initial=axis[0])), float(np.max(values, initial=axis[-1]))
            if low < axis[0] - 1e-9 or high > axis[-1] + 1e-9:
                said.append(f"{name} went beyond the map, {axis[0]:.3g} to {axis[-1]:.3g} {unit}; its edge was taken")
        return tuple(said)


@lru_cache(maxsize=256)
def response_map(technology: Technology, rating: Rating | None = None) -> ResponseMap:
    """Tabulate a technology, at a rating where its stacks are sized apart from its energy.

    Kept by content: two technologies of the same physics and range share one set of tables.
    """
    physics = technology.physics
    if technology.physics_at is None:
        rating = technology.largest_rating
    else:
        rating = rating or technology.largest_rating
        physics = technology.physics_at(rating)
    reach = REACH / (technology.end_of_life_capacity_share if technology.physics_at is None else 1.0)
    low, high = technology.temperature_range_c
    temperatures = np.linspace(min(low, -30.0), max(high, 60.0), TEMPERATURES)
    powers = np.concatenate(
        [
            np.linspace(-reach * rating.discharge_per_h, 0.0, POWERS // 2 + 1)[:-1],
            np.linspace(0.0, reach * rating.charge_per_h, POWERS // 2 + 1),
        ]
    )
    fine_soc = np.linspace(0.0, 1.0, 2001)
    fine_shares = physics.energy_share(fine_soc)
    shares = np.linspace(0.0, 1.0, SHARES)
    soc = np.interp(shares, fine_shares, fine_soc)
    tables = _kept(technology, physics, soc, temperatures, powers, fine_soc, fine_shares)
    return ResponseMap(technology, physics, tables, shares, temperatures, powers, fine_soc, fine_shares)


_TABLES: OrderedDict[bytes, Tables] = OrderedDict()


def forget_maps() -> None:
    """Drop every map kept: for who draws many technologies and uses each once."""
    response_map.cache_clear()
    _TABLES.clear()


def _kept(technology: Technology, physics: Physics, *axes: Floats) -> Tables:
    """The tables of this content, made once."""
    rules = [(one.name, one.top_share, one.largest_share, one.service_days) for one in technology.slow_states]
    try:
        content = pickle.dumps((physics, sorted(technology.figures.items()), rules))
    except (pickle.PicklingError, AttributeError, TypeError):  # physics written inline: nothing tells its content
        return _tabulated(technology, physics, *axes)
    key = hashlib.sha256(b"".join([content, *(axis.tobytes() for axis in axes)])).digest()
    if key not in _TABLES:
        _TABLES[key] = _tabulated(technology, physics, *axes)
    _TABLES.move_to_end(key)
    while len(_TABLES) > MAPS_KEPT:
        _TABLES.popitem(last=False)
    return _TABLES[key]


def _tabulated(
    technology: Technology,
    physics: Physics,
    soc: Floats,
    temperatures: Floats,
    powers: Floats,
    fine_soc: Floats,
    fine_shares: Floats,
) -> Tables:
    grid = np.meshgrid(soc, temperatures, powers, indexing="ij")
    flat = np.meshgrid(soc, temperatures, indexing="ij")
    responses = [physics.respond(*grid, impedance_share=aged) for aged in (0.0, 1.0)]
    limits = [physics.power_limits(*flat, impedance_share=aged) for aged in (0.0, 1.0)]
    lowest, highest = physics.soc_limits(temperatures)
    middle, size, slow = POWERS // 2, grid[0].shape, technology.slow_states

    def stacked(arrays: list[Floats], shape: tuple[int, ...]) -> Floats:
        return np.array([np.broadcast_to(one, shape) for one in arrays]).reshape((len(arrays), *shape))

    return Tables(
        share_step=1.0 / (SHARES - 1),
        temperature_low=float(temperatures[0]),
        temperature_step=float(temperatures[1] - temperatures[0]),
        charge_step=float(powers[middle + 1]),
        discharge_step=float(-powers[middle - 1]),
        loss=stacked([one.loss_kw for one in responses], size),
        heat=stacked([one.heat_kw for one in responses], size),
        self_discharge=stacked(
            [np.broadcast_to(one.self_discharge_kw, size)[..., middle] for one in responses], size[:2]
        ),
        discharge_limit=stacked([one[0] for one in limits], size[:2]),
        charge_limit=stacked([one[1] for one in limits], size[:2]),
        lowest_share=np.interp(lowest, fine_soc, fine_shares),
        highest_share=np.interp(highest, fine_soc, fine_shares),
        slow_growth=stacked([one.growth_per_h(*grid) for one in slow], size),
        slow_recovery=stacked([one.recovery_per_h(*grid) for one in slow], size),
        slow_rules=np.array(
            [
                (
                    one.top_share,
                    one.largest_share,
                    24.0 * one.service_days if one.service_days else np.inf,
                    one.service_loss_share,
                )
                for one in slow
            ]
        ).reshape(len(slow), 4),
    )
