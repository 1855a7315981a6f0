"""The dispatch of a whole site as a linear (or mixed-integer) program for HiGHS: the independent check of the exact
method, and the path for all it does not cover."""

from perdure.dispatch.program.conflict import Conflict, ConflictLimit
from perdure.dispatch.program.general import GAP, GeneralProgram, Unsolved
from perdure.dispatch.program.services import with_services
from perdure.dispatch.program.single import Bends, Solved, explain, single_terms, solve
from perdure.dispatch.program.solution import GeneralSolution, LimitPrice
from perdure.dispatch.program.terms import (
    BilledTerms,
    CommitmentTerms,
    HoldTerms,
    PaymentTerms,
    PeakTerms,
    ProgramTerms,
    RampTerms,
    ReserveTerms,
    StoreTerms,
    TierTerms,
    contracted_steps,
)

__all__ = [
    "GAP",
    "Bends",
    "BilledTerms",
    "CommitmentTerms",
    "Conflict",
    "ConflictLimit",
    "GeneralProgram",
    "GeneralSolution",
    "HoldTerms",
    "LimitPrice",
    "PaymentTerms",
    "PeakTerms",
    "ProgramTerms",
    "RampTerms",
    "ReserveTerms",
    "Solved",
    "StoreTerms",
    "TierTerms",
    "Unsolved",
    "contracted_steps",
    "explain",
    "single_terms",
    "solve",
    "with_services",
]
