"""What a case came to: each candidate's life and its worth, beside doing nothing."""

from __future__ import annotations

from dataclasses import dataclass

from perdure.economics.cashflow import Worth
from perdure.market.charge import Bill
from perdure.simulate.held_back import HeldBack
from perdure.simulate.result import Life
from perdure.study.case import Candidate, Case


@dataclass(frozen=True)
class CandidateOutcome:
    """One candidate lived through and priced."""

    candidate: Candidate
    life: Life
    worth: Worth
    held_back: HeldBack | None = None
    """What holding energy back cost in year 1, where it was asked and is held."""


@dataclass(frozen=True)
class Outcome:
    """A case answered. `candidates` in the order of the case file."""

    case: Case
    bill_without: Bill
    candidates: tuple[CandidateOutcome, ...]

    @property
    def best(self) -> CandidateOutcome | None:
        """The candidate with the highest net present value, or None when doing nothing is better."""
        leader = max(self.candidates, key=lambda one: one.worth.metrics.npv)
        return leader if leader.worth.metrics.npv > 0 else None
