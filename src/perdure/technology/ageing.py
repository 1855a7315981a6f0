"""Ageing laws as stateless increments: what a stretch of use adds to each wear, and what health the sum leaves.

A wear q = u^p grows with k dt^p; kept as u, it adds up linearly over any steps: du = k^(1/p) dt (calendar, days) or
du = k^(1/p) dN (cycles). So a law holds no state, and its result does not depend on the time step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from perdure.quantities import Language, Sourced
from perdure.timeline import Floats


@dataclass(frozen=True)
class Stress:
    """What a store went through: series per step, and the half cycles rainflow found in its state of charge."""

    step_h: float
    soc: Floats  # (steps,)
    temperature_c: Floats  # (steps,)
    depth: Floats  # (cycles,) of state of charge
    mean_soc: Floats  # (cycles,)
    rate_per_h: Floats  # (cycles,) mean rate over the cycle, 1/h
    cycle_temperature_c: Floats  # (cycles,)
    weight: Floats  # (cycles,) 1 for a whole cycle, 0.5 for a half
    charging_h: float = 0.0  # time spent charging
    discharging_h: float = 0.0
    charge_starts: int = 0  # times it began to charge
    discharge_starts: int = 0

    @property
    def days(self) -> float:
        """Length of the stretch in days."""
        return len(self.soc) * self.step_h / 24.0

    @property
    def full_cycles(self) -> float:
        """Equivalent full cycles."""
        return float(np.dot(self.weight, self.depth))


@dataclass(frozen=True)
class Wear:
    """One mechanism: its share of lost capacity (or of impedance growth) is u^exponent.

    `calendar(temperature_c, soc)` gives k per day^exponent; `cyclic(depth, rate_per_h, temperature_c, mean_soc)`
    gives k per (equivalent full cycle or cycle)^exponent, `per` saying which. `running(stress)` is for what goes with
    hours of running and starts: it gives what a stretch adds to u outright.
    """

    name: str
    affects: Literal["capacity", "impedance"]
    exponent: float
    calendar: Callable[[Floats, Floats], Floats] | None = None
    cyclic: Callable[[Floats, Floats, Floats, Floats], Floats] | None = None
    per: Literal["full_cycle", "cycle"] = "full_cycle"
    running: Callable[[Stress], float] | None = None
    pace: float = 1.0  # of u against the law as published: scatter between stores

    def increment(self, stress: Stress) -> float:
        """What the stretch adds to u (never negative)."""
        total = 0.0
        if self.calendar is not None:
            rate = self.calendar(stress.temperature_c, stress.soc)
            total += float(np.sum(np.power(rate, 1.0 / self.exponent))) * stress.step_h / 24.0
        if self.cyclic is not None and len(stress.depth):
            rate = self.cyclic(stress.depth, stress.rate_per_h, stress.cycle_temperature_c, stress.mean_soc)
            count = stress.weight * (stress.depth if self.per == "full_cycle" else 1.0)
            total += float(np.dot(np.power(rate, 1.0 / self.exponent), count))
        if self.running is not None:
            total += self.running(stress)
        return total * self.pace


@dataclass(frozen=True)
class Health:
    """Remaining capacity (share of new) and ageing of the impedance (0 fresh, 1 the chemistry's aged state)."""

    capacity_share: float = 1.0
    impedance_share: float = 0.0


@dataclass(frozen=True)
class AgeingLaw:
    """A set of wears with its sources. `impedance_at_one` is the growth that `impedance_share` 1 stands for.

    `scatter`: standard deviation of ln(fade) between stores of one make under one duty; None where nothing tells it.
    """

    name: str
    title: dict[Language, str]
    wears: tuple[Wear, ...]
    figures: dict[str, Sourced]
    impedance_at_one: float = 1.0
    temperature_range_c: tuple[float, float] = (-273.15, 1000.0)
    rate_range_per_h: tuple[float, float] = (0.0, float("inf"))
    scatter: Sourced | None = None
    remarks: tuple[str, ...] = field(default=())

    def increments(self, stress: Stress) -> Floats:
        """What a stretch adds to each wear's u (wears,)."""
        return np.array([wear.increment(stress) for wear in self.wears])

    def scattered(self, factor: float) -> AgeingLaw:
        """The law of a store that fades `factor` times as much under the same duty."""
        wears = tuple(replace(one, pace=one.pace * factor ** (1.0 / one.exponent)) for one in self.wears)
        return replace(self, wears=wears)

    def drawn(self, random: np.random.Generator) -> AgeingLaw:
        """One store out of the scatter, for Monte Carlo; itself where no scatter is known."""
        return self if self.scatter is None else self.scattered(float(np.exp(random.normal(0.0, self.scatter.value))))

    def fresh(self) -> Floats:
        """The wear of a new store (wears,)."""
        return np.zeros(len(self.wears))

    def with_new_stacks(self, worn: Floats) -> Floats:
        """The wear (wears,) after what ages the impedance was renewed and what ages the capacity stayed."""
        keeps = np.array([wear.affects == "capacity" for wear in self.wears])
        return np.where(keeps, worn, 0.0)

    def health(self, worn: Floats) -> Health:
        """The health that accumulated wear leaves; capacity never below 0."""
        lost = {"capacity": 0.0, "impedance": 0.0}
        for wear, u in zip(self.wears, worn, strict=True):
            lost[wear.affects] += float(u) ** wear.exponent
        return Health(max(0.0, 1.0 - lost["capacity"]), lost["impedance"] / self.impedance_at_one)

    def outside(self, stress: Stress) -> tuple[str, ...]:
        """What of a stretch lies outside the range the law was measured in, in words; empty if nothing does."""
        low, high = self.temperature_range_c
        share = float(np.mean((stress.temperature_c < low) | (stress.temperature_c > high)))
        said = [f"{share:.0%} of the time outside {low:g} to {high:g} °C"] if share > 0.005 else []
        fast = float(np.max(stress.rate_per_h, initial=0.0))
        if fast > self.rate_range_per_h[1] * 1.001:
            said.append(f"cycles up to {fast:.2g} per hour, beyond {self.rate_range_per_h[1]:g}")
        return tuple(f"{self.name}: {text}" for text in said)
