"""Settles the five forms of terms: what held reserves, kept and broken promises and called energy earn or cost."""

from __future__ import annotations

import numpy as np

from perdure.market.service import (
    Commitment,
    Delivered,
    EnergyPayment,
    Hold,
    RampLimit,
    Reserve,
    ServiceTerms,
    Settlement,
)
from perdure.timeline import Floats, Timeline

NEGLIGIBLE = 1e-6  # kW or kWh: below it nothing is told


def reserve_income(reserve: Reserve, held_kw: Floats, step_h: float) -> Floats:
    """Price times what is held (steps,)."""
    return np.asarray(reserve.price_per_kw_h * held_kw * step_h)


def payment_income(payment: EnergyPayment, plant_kw: Floats, step_h: float) -> Floats:
    """Price times discharged and charged energy at the AC terminals (steps,)."""
    discharged, charged = np.maximum(-plant_kw, 0.0), np.maximum(plant_kw, 0.0)
    return np.asarray((payment.discharge_per_kwh * discharged + payment.charge_per_kwh * charged) * step_h)


def deviations_kw(commitment: Commitment, grid_kw: Floats) -> tuple[Floats, Floats]:
    """Shortfall and surplus beyond the tolerance, kW, zero where nothing is promised (steps,)."""
    off = np.where(np.isnan(commitment.grid_kw), 0.0, grid_kw - commitment.grid_kw)
    return np.maximum(off - commitment.tolerance_kw, 0.0), np.maximum(-off - commitment.tolerance_kw, 0.0)


def missing_kwh(hold: Hold, stored_kwh: Floats) -> Floats:
    """Energy missing at the beginning of each step (steps,)."""
    return np.maximum(hold.least_kwh - stored_kwh, 0.0)


def ramp_excess_kw(ramp: RampLimit, grid_kw: Floats) -> Floats:
    """Change of grid power beyond the limit (steps,), 0 in the first step."""
    return np.maximum(np.abs(np.diff(grid_kw, prepend=grid_kw[:1])) - ramp.most_kw, 0.0)


def settle_terms(terms: ServiceTerms, timeline: Timeline, delivered: Delivered) -> Settlement:
    """Every line of the terms by billing month, costs negative, and what was not kept in words.

    A limit (infinite price) that is not kept costs nothing here: it is told.
    """
    book = _Book(timeline)
    for reserve in terms.reserves:
        held = delivered.reserves_kw.get(reserve.name, np.zeros(timeline.steps))
        book.add(reserve.name, reserve_income(reserve, held, timeline.step_h))
    for payment in terms.payments:
        book.add(payment.name, payment_income(payment, delivered.plant_kw, timeline.step_h))
    for commitment in terms.commitments:
        _settle_commitment(commitment, delivered.grid_kw, book)
    for hold in terms.holds:
        missing = missing_kwh(hold, delivered.stored_kwh)
        book.charge(hold.name, missing, np.full(timeline.steps, hold.price_per_kwh))
        book.tell(hold.name, "stored energy below what had to be held", missing, "kWh")
    for ramp in terms.ramps:
        excess = ramp_excess_kw(ramp, delivered.grid_kw)
        book.charge(ramp.name, excess, np.full(timeline.steps, ramp.price_per_kw))
        book.tell(ramp.name, "ramp of grid power above the limit", excess, "kW")
    return Settlement(book.lines, tuple(book.told))


def _settle_commitment(commitment: Commitment, grid_kw: Floats, book: _Book) -> None:
    step_h = book.timeline.step_h
    sides = zip(
        ("shortfall", "surplus"),
        deviations_kw(commitment, grid_kw),
        (commitment.shortfall_per_kwh, commitment.surplus_per_kwh),
        strict=True,
    )
    for side, off, price in sides:
        book.charge(f"{commitment.name}: {side}", off * step_h, price)
        book.tell(commitment.name, f"{side} beyond the tolerance", off, "kW", off.sum() * step_h)


class _Book:
    """Lines and words as they come in."""

    def __init__(self, timeline: Timeline):
        self.timeline = timeline
        self.lines: dict[str, Floats] = {}
        self.told: list[str] = []

    def add(self, name: str, income: Floats) -> None:
        found = self.timeline.sum_by_period(income)
        self.lines[name] = self.lines[name] + found if name in self.lines else found

    def charge(self, name: str, amount: Floats, price: Floats) -> None:
        priced = np.isfinite(price)
        self.add(name, np.where(priced, -amount * np.where(priced, price, 0.0), 0.0))

    def tell(self, name: str, problem: str, off: Floats, unit: str, energy_kwh: float | None = None) -> None:
        steps = int(np.count_nonzero(off > NEGLIGIBLE))
        if steps:
            worst = int(np.argmax(off))
            stamp = self.timeline.local[worst].strftime("%Y-%m-%d %H:%M")
            whole = "" if energy_kwh is None else f", {energy_kwh:.6g} kWh in all"
            hours = steps * self.timeline.step_h
            self.told.append(f"{name}: {problem}: {hours:g} h, at most {off[worst]:.4g} {unit} at {stamp}{whole}.")
