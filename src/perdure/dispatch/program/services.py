"""What services ask of a plan, added to the terms of a program: the one place where both vocabularies meet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from perdure.dispatch.program.terms import (
    CommitmentTerms,
    HoldTerms,
    PaymentTerms,
    ProgramTerms,
    RampTerms,
    ReserveTerms,
)
from perdure.market.service import Reserve, ServiceTerms


def with_services(terms: ProgramTerms, wanted: Iterable[ServiceTerms]) -> ProgramTerms:
    """The same site, with all that its services promise and pay; names must differ between services."""
    for service in wanted:
        terms = replace(
            terms,
            reserves=(*terms.reserves, *(_reserve(terms, one) for one in service.reserves)),
            commitments=(
                *terms.commitments,
                *(
                    CommitmentTerms(c.name, c.grid_kw, c.tolerance_kw, c.shortfall_per_kwh, c.surplus_per_kwh)
                    for c in service.commitments
                ),
            ),
            holds=(*terms.holds, *(HoldTerms(h.name, h.least_kwh, h.price_per_kwh) for h in service.holds)),
            payments=(
                *terms.payments,
                *(PaymentTerms(paid.discharge_per_kwh, paid.charge_per_kwh) for paid in service.payments),
            ),
            ramps=(
                *terms.ramps,
                *(RampTerms(r.name, r.most_kw, r.most_kw, price_per_kw=r.price_per_kw) for r in service.ramps),
            ),
        )
    return terms


def _reserve(terms: ProgramTerms, one: Reserve) -> ReserveTerms:
    steps = np.arange(terms.steps)
    return ReserveTerms(
        one.name,
        "symmetric" if one.up and one.down else "up" if one.up else "down",
        one.hours,
        one.price_per_kw_h * terms.hours,
        one.least_kw,
        one.most_kw,
        block=steps // one.block_steps if one.block_steps > 1 else None,
        throughput_share=one.throughput_share,
    )
