"""What a plant can sell or must promise besides energy: each service as terms for the plan and a settlement after it.

A service says what it wants of a plan in five plain forms (`ServiceTerms`); the optimiser shares power and energy
between them and knows no service by name. After the run the same service reads what was delivered and bills it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

import numpy as np

from perdure.quantities import Sourced
from perdure.timeline import Floats, Timeline

Part = TypeVar("Part")


@dataclass(frozen=True)
class Setting:
    """What a service may know beforehand: series (steps,) in kW at the meter, the plant's ratings."""

    timeline: Timeline
    load_kw: Floats
    generation_kw: Floats
    import_limit_kw: float
    export_limit_kw: float
    discharge_kw: float  # AC ratings of the plant
    charge_kw: float
    energy_kwh: float  # usable, stored when new
    discharge_share: float  # AC energy out over stored energy taken, typical


@dataclass(frozen=True)
class Reserve:
    """Power held ready: paid per kW and hour, deliverable for `hours` from what is stored, both directions or one.

    `price_per_kw_h` (steps,) income; `least_kw`, `most_kw` (steps,) bounds of what is held; `throughput_share`: kWh
    through the plant, charged and discharged together, per kW held and hour, from following the signal;
    `block_steps`: held equal over each block of so many steps (a market's trading period), 1 for freely.
    """

    name: str
    up: bool  # discharging more, or charging less
    down: bool
    hours: float
    price_per_kw_h: Floats
    least_kw: Floats
    most_kw: Floats
    throughput_share: float = 0.0
    block_steps: int = 1


@dataclass(frozen=True)
class Commitment:
    """Grid power promised (steps,), export negative; NaN where nothing is. Deviation beyond `tolerance_kw` costs.

    `shortfall_per_kwh`: delivered less (or drew more) than promised; `surplus_per_kwh`: the other way.
    """

    name: str
    grid_kw: Floats
    tolerance_kw: Floats
    shortfall_per_kwh: Floats
    surplus_per_kwh: Floats


@dataclass(frozen=True)
class Hold:
    """Energy that must stay in the store at the beginning of each step (steps,), kWh; 0 where nothing is held.

    `price_per_kwh`: of energy missing in a step; infinite makes it a limit. `told_h` (steps,): how long before a step
    its energy is made known (a storm's warning); None: always known.
    """

    name: str
    least_kwh: Floats
    price_per_kwh: float = float("inf")
    told_h: Floats | None = None


@dataclass(frozen=True)
class EnergyPayment:
    """Paid for the plant's own energy, kWh at its AC terminals (steps,): income of discharging and of charging."""

    name: str
    discharge_per_kwh: Floats
    charge_per_kwh: Floats


@dataclass(frozen=True)
class RampLimit:
    """Change of grid power from step to step, kW; what exceeds it costs `price_per_kw`."""

    name: str
    most_kw: float
    price_per_kw: float


@dataclass(frozen=True)
class ServiceTerms:
    """What a service asks of the plan."""

    reserves: tuple[Reserve, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    holds: tuple[Hold, ...] = ()
    payments: tuple[EnergyPayment, ...] = ()
    ramps: tuple[RampLimit, ...] = ()


def joined(parts: Sequence[ServiceTerms]) -> ServiceTerms:
    """What several services ask together."""
    return ServiceTerms(
        reserves=tuple(one for part in parts for one in part.reserves),
        commitments=tuple(one for part in parts for one in part.commitments),
        holds=tuple(one for part in parts for one in part.holds),
        payments=tuple(one for part in parts for one in part.payments),
        ramps=tuple(one for part in parts for one in part.ramps),
    )


def cut(terms: ServiceTerms, first: int, last: int) -> ServiceTerms:
    """The terms from one step to before another; trading periods begin anew at the first."""
    kept = slice(first, last)

    def part(one: Part) -> Part:
        series = {name: value[kept] for name, value in vars(one).items() if isinstance(value, np.ndarray)}
        return replace(one, **series)  # type: ignore[type-var]

    return ServiceTerms(
        tuple(part(one) for one in terms.reserves),
        tuple(part(one) for one in terms.commitments),
        tuple(part(one) for one in terms.holds),
        tuple(part(one) for one in terms.payments),
        terms.ramps,
    )


@dataclass(frozen=True)
class Delivered:
    """What was metered (steps,), kW and kWh at the start of each step; reserves held by name (steps,), kW."""

    grid_kw: Floats  # import positive
    plant_kw: Floats  # charging positive
    stored_kwh: Floats
    discharge_share: float  # AC energy out over stored energy taken, typical
    reserves_kw: dict[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True)
class Settlement:
    """What a service earned (costs negative) by line and billing month (periods,), and what went wrong in words.

    `survived`: of the moments an outage may begin, the share in which the store carries it, by place and length.
    """

    lines: dict[str, Floats]
    told: tuple[str, ...] = ()
    survived: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """The whole sum."""
        return float(np.sum([values.sum() for values in self.lines.values()]))


class Service(Protocol):
    """A service of a case file."""

    @property
    def name(self) -> str:
        """Its name in the case, or its kind."""

    @property
    def title(self) -> str:
        """What a reader calls it."""

    @property
    def currency(self) -> str | None:
        """Currency of its prices; None where it has none."""

    def check(self, setting: Setting) -> tuple[str, ...]:
        """What the site or plant does not fulfil (an admission size, a missing generation); InputError for faults."""

    def terms(self, setting: Setting) -> ServiceTerms:
        """What it asks of the plan."""

    def settle(self, setting: Setting, delivered: Delivered) -> Settlement:
        """What the run earned or owes."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was assumed, is unverified, or is left out."""

    def figures(self) -> dict[str, Sourced]:
        """Every number with source and confidence."""
