"""One store as the exact method poses it, as a case of the general program: its independent check and its fallback."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from perdure.dispatch.exact import Problem
from perdure.dispatch.program.conflict import Conflict
from perdure.dispatch.program.general import GAP, GeneralProgram, Unsolved
from perdure.dispatch.program.solution import LimitPrice
from perdure.dispatch.program.terms import BilledTerms, PeakTerms, ProgramTerms, StoreTerms, TierTerms
from perdure.timeline import Floats

Bends = tuple[tuple[TierTerms, ...], tuple[BilledTerms, ...]]
"""Energy in tiers and demand as billed, beside straight prices."""


@dataclass(frozen=True, slots=True)
class Solved:
    """What HiGHS found. `energy_kwh` (steps+1,), `ac_kw` (steps,), `worth` (steps,) the value of stored energy."""

    objective: float
    energy_kwh: Floats
    ac_kw: Floats
    worth: Floats
    caps: Floats
    gap: float
    limit_prices: dict[str, LimitPrice]


def single_terms(
    p: Problem, rates: Floats, floors: Floats | None = None, extra: tuple[PeakTerms, ...] = (), name: str = "store"
) -> ProgramTerms:
    """The terms of a single-store problem; add reserves, commitments or stores with `dataclasses.replace`."""
    store = StoreTerms(
        name, p.season, p.ac_nodes, p.store_nodes, p.keep, p.drain_kwh, p.low_kwh, p.high_kwh, p.start_kwh,
        p.wear, p.end_value, p.end_length,
    )  # fmt: skip
    peak = PeakTerms(p.group, rates, np.zeros(rates.size) if floors is None else floors)
    return ProgramTerms(
        p.step_h, p.net_kw, p.buy, p.sell, (store,), p.import_limit, p.export_limit, peaks=(peak, *extra)
    )


def solve(
    problem: Problem,
    rates: Floats,
    floors: Floats | None = None,
    extra: tuple[PeakTerms, ...] = (),
    bends: Bends | None = None,
    solver: str = "choose",
    time_limit_s: float = 600.0,
    gap: float = GAP,
) -> Solved | Unsolved:
    """Minimise energy cost, wear and demand charges over all steps at once.

    `rates` (groups,) per kW of each group's highest import, at least `floors`; `extra` adds further demand charges.
    """
    program = GeneralProgram.build(_with(bends, single_terms(problem, rates, floors, extra)), time_limit_s, solver, gap)
    found = program.solve()
    if isinstance(found, Unsolved):
        return found
    return Solved(
        found.objective, found.energy_kwh[0], found.ac_kw[0], found.worth[0], found.caps_kw[0], found.gap,
        found.limit_prices,
    )  # fmt: skip


def explain(
    problem: Problem,
    rates: Floats,
    floors: Floats | None = None,
    extra: tuple[PeakTerms, ...] = (),
    bends: Bends | None = None,
) -> Conflict | None:
    """The limits of an infeasible problem that cannot be kept together; None where none were found in time."""
    return GeneralProgram.build(_with(bends, single_terms(problem, rates, floors, extra))).conflict()


def _with(bends: Bends | None, terms: ProgramTerms) -> ProgramTerms:
    return terms if bends is None else replace(terms, tiers=bends[0], billed=bends[1])
