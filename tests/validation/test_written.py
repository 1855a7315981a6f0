"""What the examples are written down with: prices of one thing, a store bought twice."""

from __future__ import annotations

import numpy as np
import pytest
from validation.commercial_case import MOST_KW, REFILL_KW, request_kw
from validation.comparisons.money_sam import deducted_at_once
from validation.written import ONE_KWH, empty_site, replaced_once, written_costs, written_life

from perdure.economics.cashflow import worth
from perdure.economics.finance import Finance


def test_a_written_life_costs_what_is_said_and_nothing_else() -> None:
    life = written_life(empty_site("EUR"), [40.0, 60.0], [0.0, 0.0])
    priced = worth(life, ONE_KWH, written_costs("EUR", 100.0), Finance(tax_rate=0.0, discount_rate=0.0))
    assert priced.cash_flow["net"].tolist() == [-100.0, 40.0, 60.0]
    assert priced.metrics.currency == "EUR"


def test_a_store_bought_twice_is_paid_twice() -> None:
    life = written_life(empty_site("EUR"), [0.0] * 4, [0.0] * 4, replaced_once(ONE_KWH, 2))
    costs = written_costs("EUR", 100.0, replacement_share=0.5)
    flow = worth(life, ONE_KWH, costs, Finance(tax_rate=0.0)).cash_flow
    assert flow["replacement"].tolist() == [0.0, 0.0, -50.0, 0.0, 0.0]


def test_the_request_cuts_the_afternoon_and_refills_at_night() -> None:
    load = np.tile(np.r_[np.full(15, 50.0), 90.0, 120.0, 300.0, 120.0, 90.0, np.full(4, 50.0)], 2)
    asked = request_kw(load)[:24]
    assert asked[:6].tolist() == [REFILL_KW] * 6
    assert asked[15:20].tolist() == [0.0, -20.0, -MOST_KW, -20.0, 0.0]
    assert not asked[6:15].any()


def test_deducting_a_replacement_at_once_raises_the_present_value_by_the_tax_of_waiting() -> None:
    from types import SimpleNamespace

    from validation.commercial_case import VARIANTS

    taxed = next(one for one in VARIANTS if one.tax > 0.0 and one.replaced)
    untaxed = next(one for one in VARIANTS if one.tax == 0.0 and one.replaced)
    ours = SimpleNamespace(metrics=SimpleNamespace(npv=1000.0))
    # 80,000 * 1.025^11 = 104,966.93; 21 % of it; 1.0906^-12 less the mean of 1.0906^-13 to 1.0906^-19
    factors = [1.0906**-year for year in range(13, 20)]
    expected = 1000.0 + 0.21 * 80_000.0 * 1.025**11 * (1.0906**-12 - sum(factors) / 7)
    assert deducted_at_once(taxed, ours) == pytest.approx(expected, rel=1e-9)  # type: ignore[arg-type]
    assert deducted_at_once(untaxed, ours) == 1000.0  # type: ignore[arg-type]
