"""`run_case`: every candidate of a case lived through and priced, beside doing nothing."""

from __future__ import annotations

from collections.abc import Callable

from perdure.economics.cashflow import worth
from perdure.simulate.lifetime import live_through
from perdure.study.candidate import Candidate
from perdure.study.case import Case
from perdure.study.outcome import CandidateOutcome, Outcome


def run_case(case: Case, tell: Callable[[str, float], None] | None = None) -> Outcome:
    """Answer a case. `tell(text, share)` hears the progress; raises NoPlanError where a candidate has no schedule."""
    count = len(case.candidates)
    outcomes = []
    for position, candidate in enumerate(case.candidates):

        def heard(text: str, share: float, position: int = position) -> None:
            if tell is not None:
                tell(text, (position + share) / count)

        outcomes.append(_live(case, candidate, heard))
    return Outcome(case, case.site.bill_without, tuple(outcomes))


def _live(case: Case, candidate: Candidate, tell: Callable[[str, float], None]) -> CandidateOutcome:
    life = live_through(
        case.site.with_plant(candidate.plant),
        case.lifetime,
        ageing=candidate.ageing,
        wear_price_per_kwh=candidate.wear_price_per_kwh,
        tell=tell,
    )
    return CandidateOutcome(candidate, life, worth(life, candidate.plant, candidate.costs, case.finance))
