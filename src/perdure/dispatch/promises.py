"""Energy a rolling plan must hold in the store as far as it is known: backup, a reserve from a warning on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perdure.dispatch import expected
from perdure.site.site import Site
from perdure.timeline import Floats


@dataclass(frozen=True)
class Promises:
    """Holds of a site's services with the store's lower limit in them, and nothing held for a window past the end.

    `least_kwh` (holds, steps + window), `told_h` alike; `price` (holds,) per kWh missing in a step.
    """

    step_h: float
    least_kwh: Floats
    told_h: Floats
    price: Floats

    @classmethod
    def of(cls, site: Site, low_kwh: Floats, high_kwh: Floats, window: int) -> Promises:
        """Those of the site's services; `low_kwh`, `high_kwh` (billing months,) are the store's limits."""
        steps, season = site.timeline.steps, site.timeline.period
        holds = site.promised.holds if site.services else ()
        least, told = np.zeros((len(holds), steps + window)), np.full((len(holds), steps + window), np.inf)
        for row, one in enumerate(holds):
            within = np.minimum(one.least_kwh + low_kwh[season], high_kwh[season])
            least[row, :steps] = np.where(one.least_kwh > 0.0, within, 0.0)
            if one.told_h is not None:
                told[row, :steps] = one.told_h
        price = np.array([min(one.price_per_kwh, expected.PENALTY) for one in holds])
        return cls(site.timeline.step_h, least, told, price)

    def seen(self, first: int, window: int) -> Floats:
        """What is known at a step of the window that begins with it (holds, window)."""
        view = slice(first, first + window)
        if not self.price.size:
            return self.least_kwh[:, view]
        return np.where(np.arange(window) * self.step_h <= self.told_h[:, view], self.least_kwh[:, view], 0.0)

    def next_step(self, steps: int) -> Floats:
        """The most that is to be held at the end of each step, as far as it is known at its beginning (steps,)."""
        known = np.where(self.told_h[:, 1:] >= self.step_h, self.least_kwh[:, 1:], 0.0)
        return np.asarray(known.max(axis=0, initial=0.0)[:steps])

    def stands_as_long(self, first: int, window: int) -> bool:
        """False where more is held at a step than a window later: its value of energy says nothing of that time."""
        if not self.price.size:
            return True
        return bool(np.all(self.least_kwh[:, first] <= self.least_kwh[:, first + window] * 1.05 + 1e-9))

    def worth_without(self, first: int, value: Floats, store: expected.Store) -> Floats:
        """Values of energy (cells,) with that below what is held worth what it is above: the promise counts by step."""
        held = float(self.least_kwh[:, first].max(initial=0.0)) if self.price.size else 0.0
        if held <= store.low_kwh:
            return value
        width = (store.high_kwh - store.low_kwh) / value.size
        above = min(int(np.ceil((held - store.low_kwh) / width - 1e-9)), value.size - 1)
        return np.asarray(np.minimum(value, value[above]))
