"""What the general program answers: power, energy, reserve, flows, and what every limit is worth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import highspy
import numpy as np

from perdure.dispatch.program.arrays import Numbers
from perdure.dispatch.program.layout import Layout
from perdure.dispatch.program.limits import limit_bounds
from perdure.dispatch.program.terms import ProgramTerms
from perdure.timeline import Floats


@dataclass(frozen=True, slots=True)
class LimitPrice:
    """What one more kW (or kWh) of a limit saves: `per_step` (steps,), and in all steps together."""

    name: str
    unit: str
    per_step: Floats

    @property
    def total(self) -> float:
        """Cost saved per unit by which the limit is loosened in every step."""
        return float(self.per_step.sum())

    def __str__(self) -> str:
        return f"one more {self.unit} of {self.name} would be worth {self.total:.4g}"


@dataclass(frozen=True)
class GeneralSolution:
    """The schedule. `objective`: everything the terms price; `gap`: relative, 0 where no integers were needed.

    With `has_choices` prices hold with the on/off choices as they are.
    """

    terms: ProgramTerms
    layout: Layout
    numbers: Numbers
    x: Floats
    highs: highspy.HighsSolution
    objective: float
    gap: float
    has_choices: bool
    iterations: int

    @cached_property
    def row_dual(self) -> Floats:
        """Change of the objective per unit of each row's binding bound (rows,)."""
        return np.array(self.highs.row_dual)

    @cached_property
    def column_dual(self) -> Floats:
        """Change of the objective per unit of each column's binding bound (columns,)."""
        return np.array(self.highs.col_dual)

    @cached_property
    def ac_kw(self) -> Floats:
        """AC power of each store, charging positive (stores, steps)."""
        return np.stack([place.sign @ self.x[place.piece] for place in self.layout.stores])

    @cached_property
    def energy_kwh(self) -> Floats:
        """Stored energy (stores, steps + 1)."""
        return np.stack([self.x[place.energy] for place in self.layout.stores])

    @cached_property
    def worth(self) -> Floats:
        """What one more stored kWh is worth at the end of each step (stores, steps)."""
        return np.stack([-self.row_dual[place.balance] for place in self.layout.stores])

    @cached_property
    def power_price(self) -> Floats:
        """What one more kW of load costs in each step (steps,)."""
        return self.row_dual[self.layout.balance]

    @property
    def import_kw(self) -> Floats:
        """Power bought (steps,)."""
        return self.x[self.layout.imported]

    @property
    def export_kw(self) -> Floats:
        """Power sold (steps,)."""
        return self.x[self.layout.exported]

    @property
    def curtailed_kw(self) -> Floats:
        """Power turned down (steps,)."""
        return self.x[self.layout.curtailed]

    @cached_property
    def reserve_kw(self) -> dict[str, Floats]:
        """Capacity held by product (stores, steps)."""
        found = {}
        for place, reserve in zip(self.layout.reserves, self.terms.reserves, strict=True):
            held = np.zeros((len(self.terms.stores), self.terms.steps))
            held[list(place.stores)] = self.x[place.held]
            found[reserve.name] = held
        return found

    @property
    def caps_kw(self) -> tuple[Floats, ...]:
        """Billed peaks of every demand charge (groups,)."""
        return tuple(self.x[caps] for caps in self.layout.caps)

    @cached_property
    def deviation_kw(self) -> dict[str, tuple[Floats, Floats]]:
        """By commitment: kW drawn too much and too little beyond the tolerance (steps,)."""
        found = {}
        for place, one in zip(self.layout.commitments, self.terms.commitments, strict=True):
            over, under = np.zeros(self.terms.steps), np.zeros(self.terms.steps)
            over[place.at], under[place.at] = self.x[place.over], self.x[place.under]
            found[one.name] = (over, under)
        return found

    @cached_property
    def missing_kwh(self) -> dict[str, Floats]:
        """By hold: energy missing at the start of each step (steps,)."""
        pairs = zip(self.layout.holds, self.terms.holds, strict=True)
        return {hold.name: self.x[place.missing] for place, hold in pairs}

    @cached_property
    def limit_prices(self) -> dict[str, LimitPrice]:
        """What loosening each named limit saves, dearest first; limits that bind nowhere are worth 0."""
        steps, found = self.terms.steps, dict[str, LimitPrice]()
        for bound in limit_bounds(self.layout, self.terms, self.numbers):
            dual = (self.row_dual if bound.on_rows else self.column_dual)[bound.index]
            worth = -dual if bound.upper else dual
            if not bound.on_rows:  # a column held at one value has a dual either way; loosened it would take either
                held = self.numbers.lower[bound.index] == self.numbers.upper[bound.index]
                worth = np.where(held, worth, np.maximum(worth, 0.0))
            worth = (np.maximum(worth, 0.0) if bound.on_rows else worth) * bound.weight
            price = found.setdefault(bound.name, LimitPrice(bound.name, bound.unit, np.zeros(steps)))
            np.add.at(price.per_step, np.minimum(bound.step, steps - 1), worth)
        for price in found.values():
            np.maximum(price.per_step, 0.0, out=price.per_step)
        return dict(sorted(found.items(), key=lambda item: -item[1].total))
