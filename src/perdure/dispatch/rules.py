"""The rules stores are run by today: no forecast, no optimiser, each a few lines a person can check.

A rule tells a power for every step from what is known when the step begins: the net load measured, the tariff, the
past. What a full or empty store cannot do, it does not do: the physics says so, not the rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from perdure.site.site import Site
from perdure.timeline import Floats, Ints

Marks = NDArray[np.bool_]


@dataclass(frozen=True)
class Ruled:
    """What a rule asks for: AC power (steps,), charging positive, and the import it tries to stay under (steps,)."""

    power_kw: Floats
    cap_kw: Floats


class Rule(Protocol):
    """Anything that tells the powers of a site's plant step by step without looking ahead of the tariff."""

    @property
    def name(self) -> str:
        """Its name in a case file."""

    def powers(self, site: Site, known_price: Floats | None = None) -> Ruled:
        """Powers and caps; `known_price` (steps,): prices known a day ahead where the tariff's are not."""


@dataclass(frozen=True)
class SelfConsumption:
    """Charge from surplus generation, discharge into the load, whatever the price."""

    name: str = "self_consumption"

    def powers(self, site: Site, known_price: Floats | None = None) -> Ruled:
        """Minus the net load, within the plant's ratings."""
        plant = site.the_plant
        power = np.clip(-site.net_kw, -plant.power_kw, plant.charge_kw)
        return Ruled(power, np.full(power.size, np.inf))


@dataclass(frozen=True)
class PeakShaving:
    """Discharge what the net load exceeds a threshold by, charge in what room is left below it.

    `threshold_kw`: None takes `threshold_share` of the highest net load of the four weeks before the step's day.
    """

    threshold_kw: float | None = None
    threshold_share: float = 0.7
    name: str = "peak_shaving"

    def powers(self, site: Site, known_price: Floats | None = None) -> Ruled:
        """Threshold minus net load, within the plant's ratings."""
        plant, cap = site.the_plant, threshold(site, self.threshold_kw, self.threshold_share)
        room = np.where(np.isfinite(cap), cap, site.net_kw) - site.net_kw
        return Ruled(np.clip(room, -plant.power_kw, plant.charge_kw), cap)


@dataclass(frozen=True)
class TimeWindows:
    """Charge at the day's lowest prices, discharge into the load at its highest.

    `charge_h`, `discharge_h`: how many hours of each day (None: as long as the price is at its lowest or highest);
    `charge_half_hours`, `discharge_half_hours`: half hours of the local day (0..47) set by hand, in their place.
    `under_threshold`: also keep the import under the threshold of peak shaving, charging and discharging. `even`:
    spread the store's energy evenly over a day's charging and discharging steps.
    """

    charge_h: float | None = None
    discharge_h: float | None = None
    charge_half_hours: tuple[int, ...] = ()
    discharge_half_hours: tuple[int, ...] = ()
    under_threshold: bool = False
    threshold_kw: float | None = None
    threshold_share: float = 0.7
    even: bool = False
    name: str = "time_windows"

    def powers(self, site: Site, known_price: Floats | None = None) -> Ruled:
        """Full power in the charging hours, the load (or full power where export is paid) in the others."""
        plant, steps = site.the_plant, site.timeline.steps
        price = site.prices.buy_per_kwh if known_price is None else known_price
        low, high = self._windows(site, price)
        paid = site.prices.sell_per_kwh.max() > 0.0 and site.connection.export_limit_kw > 0.0
        out = np.full(steps, plant.power_kw) if paid else np.clip(site.net_kw, 0.0, plant.power_kw)
        into = np.full(steps, plant.charge_kw)
        if self.even:
            out = np.minimum(out, self._evenly(site, high))
            into = np.minimum(into, self._evenly(site, low))
        power = np.where(high, -out, np.where(low, into, 0.0))
        if not self.under_threshold:
            return Ruled(power, np.full(steps, np.inf))
        return Ruled(power, threshold(site, self.threshold_kw, self.threshold_share))

    def _evenly(self, site: Site, window: Marks) -> Floats:
        """The power that moves the whole store's energy within a day's steps of the window (steps,)."""
        day = days(site)
        hours = np.bincount(day, weights=window)[day] * site.timeline.step_h
        return np.asarray(site.the_plant.energy_kwh / np.maximum(hours, site.timeline.step_h))

    def _windows(self, site: Site, price: Floats) -> tuple[Marks, Marks]:
        now, day = site.timeline.half_hour, days(site)
        low = np.isin(now, self.charge_half_hours) if self.charge_half_hours else None
        high = np.isin(now, self.discharge_half_hours) if self.discharge_half_hours else None
        if low is None:
            low = cheapest(day, price, self.charge_h, site.timeline.step_h)
        if high is None:
            high = cheapest(day, -price, self.discharge_h, site.timeline.step_h)
        return low & ~high, high & ~low


def days(site: Site) -> Ints:
    """Local days since the start (steps,)."""
    stamps = site.timeline.local.tz_localize(None).normalize()
    return np.asarray((stamps - stamps[0]).days, dtype=np.int64)


def cheapest(day: Ints, price: Floats, hours: float | None, step_h: float) -> Marks:
    """True in so many of each day's cheapest hours, or (None) wherever the price is the day's lowest (steps,)."""
    if hours is None:
        lowest = np.full(int(day.max()) + 1, np.inf)
        np.minimum.at(lowest, day, price)
        return np.asarray(price <= lowest[day] + 1e-12)
    order = np.lexsort((np.arange(price.size), price, day))
    first = np.searchsorted(day[order], np.arange(int(day.max()) + 1))
    rank = np.arange(price.size) - first[day[order]]
    out = np.zeros(price.size, bool)
    out[order] = rank < round(hours / step_h)
    return out


def threshold(site: Site, fixed_kw: float | None, share: float) -> Floats:
    """The import to stay under (steps,): fixed, or a share of the highest net load of the four weeks before.

    On the first day nothing is known: no threshold.
    """
    steps, day = site.timeline.steps, round(24.0 / site.timeline.step_h)
    if fixed_kw is not None:
        return np.full(steps, float(fixed_kw))
    cap = np.full(steps, np.inf)
    for start in range(day, steps, day):
        cap[start : start + day] = share * site.net_kw[max(start - 28 * day, 0) : start].max()
    return cap


RULES: dict[str, Rule] = {
    one.name: one
    for one in (
        SelfConsumption(),
        PeakShaving(),
        TimeWindows(),
        TimeWindows(under_threshold=True, even=True, name="even_windows_under_threshold"),
    )
}
"""Those a case file can name without more."""
