"""What a site asks of its stores, as plain arrays: the frozen description the general program is built from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from perdure.technology.dispatch_view import DispatchView
from perdure.timeline import Floats, Ints

Place = Literal["meter", "plant"]
"""Where a power is read: at the site's meter (import positive) or as the sum over all stores (charging positive)."""


def _none() -> Floats:
    return np.zeros(0)


@dataclass(frozen=True)
class StoreTerms:
    """One store. Conversions (one per season) are rows; `season` (steps,) says which row each step uses.

    `ac_nodes`, `store_nodes` (seasons, J+1): AC and stored power (kW) at the corners of the conversion, rising, both 0
    at one node. Over a step e' = keep e - drain_kwh + stored power h, within [low_kwh, high_kwh] (all (seasons,)).
    `wear_per_kwh`: per kWh cycled, half on the way in, half out. `end_value` per kWh over `end_length_kwh`, from the
    least energy up. `least_charge_kw`, `least_discharge_kw`: below it a running store cannot go, only off.
    """

    name: str
    season: Ints
    ac_nodes: Floats
    store_nodes: Floats
    keep: Floats
    drain_kwh: Floats
    low_kwh: Floats
    high_kwh: Floats
    start_kwh: float
    wear_per_kwh: float = 0.0
    end_value: Floats = field(default_factory=_none)
    end_length_kwh: Floats = field(default_factory=_none)
    least_end_kwh: float = -np.inf
    least_charge_kw: float = 0.0
    least_discharge_kw: float = 0.0

    @classmethod
    def of_views(
        cls, name: str, views: tuple[DispatchView, ...], season: Ints, step_h: float, start_kwh: float | None = None
    ) -> StoreTerms:
        """The store as its dispatch views say, one per season; it starts at the least energy unless told."""
        low = np.array([view.low_kwh for view in views])
        return cls(
            name,
            np.asarray(season, np.int64),
            np.stack([view.ac_nodes for view in views]),
            np.stack([view.store_nodes for view in views]),
            np.array([view.keep(step_h) for view in views]),
            np.array([view.drain_kwh(step_h) for view in views]),
            low,
            np.array([view.high_kwh for view in views]),
            float(low[season[0]]) if start_kwh is None else float(start_kwh),
        )

    @property
    def zero(self) -> int:
        """The node at 0 kW: pieces before it discharge, pieces from it on charge."""
        return int(np.argmin(np.abs(self.ac_nodes).max(axis=0)))

    @property
    def has_least_load(self) -> bool:
        """Whether it needs an on/off choice."""
        return self.least_charge_kw > 0.0 or self.least_discharge_kw > 0.0


@dataclass(frozen=True)
class ReserveTerms:
    """Capacity held ready: `up` can lower the plant's draw (or feed in more), `down` can raise it, `symmetric` both.

    `hours` of full delivery must fit in the stored energy at the start and the end of every step, beside all else held.
    `price_per_kw` (steps,) is paid for each kW held over a step. `least_kw`, `most_kw` (steps,) or one number: what is
    promised and what can be sold. `stores`: who may hold it (empty: all). `block` (steps,): steps of one block hold one
    amount. `throughput_share`: kWh cycled per kW held and hour, as wear.
    """

    name: str
    direction: Literal["up", "down", "symmetric"]
    hours: float
    price_per_kw: Floats
    least_kw: Floats | float = 0.0
    most_kw: Floats | float = np.inf
    stores: tuple[str, ...] = ()
    block: Ints | None = None
    throughput_share: float = 0.0


@dataclass(frozen=True)
class CommitmentTerms:
    """A schedule to follow: `power_kw` (steps,), NaN where nothing is promised; signs as `at` says (import positive).

    Within `tolerance_kw` a deviation is free; beyond it each kWh drawn too much (delivered too little) costs
    `over_price_per_kwh`, each kWh drawn too little `under_price_per_kwh`; infinite: it must not happen.
    """

    name: str
    power_kw: Floats
    tolerance_kw: Floats | float = 0.0
    over_price_per_kwh: Floats | float = np.inf
    under_price_per_kwh: Floats | float = np.inf
    at: Place = "meter"


@dataclass(frozen=True)
class RampTerms:
    """Power may rise by at most `up_kw` and fall by at most `down_kw` from one step to the next.

    `before_kw`: the power before the first step (NaN: not known, the first step is free). `price_per_kw`: of each kW
    beyond, in each step; infinite: it must not happen.
    """

    name: str
    up_kw: float
    down_kw: float
    at: Place = "meter"
    before_kw: float = np.nan
    price_per_kw: float = np.inf


@dataclass(frozen=True)
class HoldTerms:
    """Energy all stores together keep at the start of each step (steps,), kWh, beside what reserves may take.

    `price_per_kwh`: of each kWh missing, in each step; infinite: none may be missing.
    """

    name: str
    least_kwh: Floats
    price_per_kwh: float = np.inf


@dataclass(frozen=True)
class PaymentTerms:
    """Income per kWh at the stores' AC terminals (steps,): of discharging and of charging."""

    discharge_per_kwh: Floats
    charge_per_kwh: Floats


@dataclass(frozen=True, slots=True)
class PeakTerms:
    """A demand charge: `group` (steps,), -1: none; `rates` per kW of each group's highest import, `floors` (groups,).

    It costs rate * max(peak, floor), or rate * max(peak - floor, 0) where `above_floor` (a contracted step).
    """

    group: Ints
    rates: Floats
    floors: Floats
    above_floor: bool = False


def contracted_steps(group: Ints, edges_kw: Floats, rates: Floats) -> tuple[PeakTerms, ...]:
    """Demand paid by steps: `rates` (steps,) per kW from each of `edges_kw` (steps,) up, rising; one charge per step.

    `edges_kw[0]` is the least billed demand. Every group of `group` has the same steps.
    """
    groups = int(np.max(group, initial=-1)) + 1
    more = np.diff(rates, prepend=0.0)
    return tuple(
        PeakTerms(group, np.full(groups, rate), np.full(groups, edge), above_floor=k > 0)
        for k, (edge, rate) in enumerate(zip(edges_kw, more, strict=True))
    )


@dataclass(frozen=True)
class TierTerms:
    """Imported energy that grows dearer with a group's total: `extra_per_kwh` (tiers,) rising, on top of the price.

    `upper_kwh` (groups, tiers - 1): where each tier but the last ends; `group` (steps,), -1: none.
    """

    name: str
    group: Ints
    upper_kwh: Floats
    extra_per_kwh: Floats


@dataclass(frozen=True)
class BilledTerms:
    """Demand as it is billed: i is billed at least `least_kw[i]` and `share[i, j]` times the peak of each group j.

    `group` (steps,), -1: none; `share` (billed, groups): shares off the diagonal are a look-back. `upper_kw`, `rates`
    (billed, tiers): where each tier ends, the last open, and its price per kW, rising (contracted steps).
    """

    name: str
    group: Ints
    share: Floats
    least_kw: Floats
    upper_kw: Floats
    rates: Floats


@dataclass(frozen=True)
class ProgramTerms:
    """Everything one program decides on: `net_kw` (load minus generation and what the plant itself draws), prices.

    All series (steps,); `step_h` a number or (steps,). `curtail` 'surplus': only what exceeds load and export limit is
    curtailed, as the site's meter does; 'free': generation up to `curtailable_kw` may be turned down at any time.
    """

    step_h: Floats | float
    net_kw: Floats
    buy_per_kwh: Floats
    sell_per_kwh: Floats
    stores: tuple[StoreTerms, ...]
    import_limit_kw: Floats | float = np.inf
    export_limit_kw: Floats | float = np.inf
    curtail: Literal["surplus", "free"] = "surplus"
    curtailable_kw: Floats | None = None
    reserves: tuple[ReserveTerms, ...] = ()
    commitments: tuple[CommitmentTerms, ...] = ()
    peaks: tuple[PeakTerms, ...] = ()
    ramps: tuple[RampTerms, ...] = ()
    tiers: tuple[TierTerms, ...] = ()
    holds: tuple[HoldTerms, ...] = ()
    payments: tuple[PaymentTerms, ...] = ()
    billed: tuple[BilledTerms, ...] = ()

    @property
    def steps(self) -> int:
        """How many steps."""
        return int(self.net_kw.size)

    @property
    def hours(self) -> Floats:
        """Length of each step (steps,)."""
        return np.broadcast_to(np.asarray(self.step_h, float), self.steps)

    def series(self, value: Floats | float) -> Floats:
        """A number or a series as a series (steps,)."""
        return np.broadcast_to(np.asarray(value, float), self.steps)
