"""`run_case`: every candidate of a case lived through and priced, beside doing nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from perdure.economics.cashflow import worth
from perdure.simulate.held_back import held_back
from perdure.simulate.lifetime import live_through
from perdure.study.candidate import Candidate
from perdure.study.case import Case
from perdure.study.outcome import CandidateOutcome, Outcome
from perdure.study.sizing.wear_price import with_wear_price


def run_case(case: Case, tell: Callable[[str, float], None] | None = None) -> Outcome:
    """Answer a case. `tell(text, share)` hears the progress; raises NoPlanError where a candidate has no schedule."""
    count = len(case.candidates)
    outcomes = []
    for position, candidate in enumerate(case.candidates):

        def heard(text: str, share: float, position: int = position) -> None:
            if tell is not None:
                tell(text, (position + share) / count)

        outcomes.append(live(case, candidate, heard))
    return Outcome(case, case.site.bill_without, tuple(outcomes))


def with_cost_of_holding(outcome: Outcome) -> Outcome:
    """The outcome with what holding energy back cost each candidate in year 1: at most one more plan each."""
    told = tuple(replace(one, held_back=held_back(one.life)) for one in outcome.candidates)
    return replace(outcome, candidates=told)


def live(case: Case, candidate: Candidate, tell: Callable[[str, float], None] | None = None) -> CandidateOutcome:
    """One candidate of a case lived through and priced."""
    candidate = with_wear_price(case, candidate)
    life = live_through(
        case.site.worked_out().with_plant(*candidate.plants),
        case.lifetime,
        upkeep=candidate.upkeep,
        outlook=case.outlook,
        tell=tell,
    )
    priced = worth(life, candidate.plant, candidate.costs, case.finance, candidate.priced_beside)
    return CandidateOutcome(candidate, life, priced)
