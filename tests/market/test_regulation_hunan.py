"""Hunan's index, clearing and pay against numbers worked on paper."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from perdure.errors import InputError
from perdure.market.regulation.agc import answers, mileage
from perdure.market.regulation.hunan import (
    Bid,
    HunanRule,
    admitted,
    clear,
    hunan_index,
    hunan_pay,
    ranking_prices,
    standard_rate,
    two_decimals,
)
from perdure.quantities import Confidence, Sourced

RATED = 100_000.0  # kW


def paper_answer():
    """0 to 40 MW: rest for 2 s, 5 MW/s to 40 MW at 10 s, then 40.4 MW to the end of the minute."""
    seconds = np.arange(60.0)
    power = np.clip((seconds - 2.0) * 5000.0, 0.0, 40_000.0)
    power[11:] = 40_400.0
    return np.full(60, 40_000.0), power


def test_an_answer_is_read_as_on_paper():
    """Out of the 1 MW dead zone at 2.2 s, into the other at 9.8 s: 38 MW in 7.6 s are 300 MW/min, 3 times rated."""
    seen = answers(*paper_answer(), 1.0, RATED, 0.01)
    assert len(seen) == 1
    assert seen.delay_s[0] == pytest.approx(2.2)
    assert seen.rate_per_min[0] == pytest.approx(3.0)
    assert seen.deviation_share[0] == pytest.approx(49 * 0.004 / 50)
    assert seen.mileage_kw[0] == pytest.approx(40_400.0)
    assert seen.reached[0]


def test_k_is_the_formula_worked_on_paper():
    """V_pu 0.1108/min caps K1 at 3; K2 = 1 - 2.2/60; K3 = 1 - 0.00392/0.02; K = 1.2 + 0.289 + 0.2412 = 1.7302."""
    rate = standard_rate({"coal_ge_50pct": 900.0, "storage": 100.0})
    assert rate == pytest.approx(0.1108)
    index = hunan_index(answers(*paper_answer(), 1.0, RATED, 0.01), rate, 1)
    assert (index.k1[0], index.k2[0], index.k3[0]) == pytest.approx((3.0, 1 - 2.2 / 60, 0.804))
    assert index.k[0] == pytest.approx(1.7302)
    assert index.by_period == pytest.approx([1.73])
    assert index.mileage_mw == pytest.approx([40.4])
    assert not index.late[0]


def test_without_the_cap_speed_is_the_rate_over_the_standard():
    index = hunan_index(answers(*paper_answer(), 1.0, RATED, 0.01), 2.0, 1)
    assert index.k1[0] == pytest.approx(1.5)


def test_downward_answers_are_read_like_upward_ones():
    ordered, power = paper_answer()
    up, down = answers(ordered, power, 1.0, RATED, 0.01), answers(-ordered, -power, 1.0, RATED, 0.01)
    assert down.delay_s == pytest.approx(up.delay_s)
    assert down.rate_per_min == pytest.approx(up.rate_per_min)
    assert down.deviation_share == pytest.approx(up.deviation_share)


def test_a_plant_that_stands_still_is_late_slow_and_off():
    seen = answers(np.full(61, 40_000.0), np.zeros(61), 1.0, RATED, 0.01)
    index = hunan_index(seen, 1.0, 1)
    assert (index.k1[0], index.k2[0], index.k3[0]) == pytest.approx((0.0, 0.0, 1 - 0.4 / 0.02))
    assert index.late[0] and not seen.reached[0] and seen.mileage_kw[0] == 0.0


def test_a_set_point_within_the_dead_zone_asks_for_nothing():
    assert len(answers(np.full(60, 900.0), np.zeros(60), 1.0, RATED, 0.01)) == 0


def test_a_move_between_touching_dead_zones_counts_as_mileage_but_tells_no_k():
    power = np.clip(np.arange(60.0) * 200.0, 0.0, 1500.0)
    seen = answers(np.full(60, 1500.0), power, 1.0, RATED, 0.01)
    index = hunan_index(seen, 1.0, 1)
    assert np.isnan(seen.rate_per_min[0]) and np.isnan(index.by_period[0])
    assert seen.delay_s[0] == pytest.approx(5.0)
    assert index.mileage_mw[0] == pytest.approx(1.5)


def test_periods_are_averaged_to_two_decimals_and_empty_ones_told():
    rule = replace(HunanRule(), period_s=Sourced(60.0, "s", "test", Confidence.USER))
    ordered, power = paper_answer()
    quiet = np.full(60, 40_400.0)
    seen = answers(np.concatenate([ordered, quiet, 0.0 * quiet]), np.concatenate([power, quiet, 40_400 - power]), 1.0,
                   RATED, 0.01)  # fmt: skip
    index = hunan_index(seen, 0.1108, 3, rule)
    assert index.by_period[0] == 1.73
    assert np.isnan(index.by_period[1])
    assert index.settled(rule)[1] == 0.0
    assert two_decimals(1.005) == 1.01


def test_with_the_rule_s_own_weights_no_answer_exceeds_one_point_eight():
    """0.4 x 3 + 0.3 + 0.3: the settlement cap of 2 binds only where a case raises a weight or the cap of K1."""
    ordered = np.full(60, 40_000.0)
    power = np.full(60, 40_000.0)
    power[0] = 0.0
    index = hunan_index(answers(ordered, power, 1.0, RATED, 0.01), 1e-3, 1)
    assert 1.79 < index.k[0] <= 1.8
    wide = replace(HunanRule(), highest_speed=Sourced(10.0, "", "test", Confidence.USER))
    index = hunan_index(answers(ordered, power, 1.0, RATED, 0.01), 1e-3, 1, wide)
    assert index.by_period[0] > 4.0
    assert index.settled(wide)[0] == 2.0


def test_better_units_rank_as_cheaper():
    ranked = ranking_prices([Bid("a", 60, 6, 1.8), Bid("b", 100, 5, 0.6), Bid("c", 50, 8, 1.2)])
    assert ranked == pytest.approx({"a": 6.0, "b": 15.0, "c": 12.0})


def test_clearing_keeps_the_storage_share_the_least_and_the_admission():
    """120 MW: storage gets 40 % = 48, hydro 50, coal the last 22 at its ranking price 15; K 0.2 stays out."""
    bids = [Bid("a", 60, 6, 1.8, storage=True), Bid("b", 100, 5, 0.6), Bid("c", 50, 8, 1.2), Bid("d", 50, 4, 0.2)]
    cleared = clear(bids, 120.0)
    assert cleared.power_mw == pytest.approx({"a": 48.0, "c": 50.0, "b": 22.0})
    assert cleared.price_per_mw == pytest.approx(15.0)
    assert cleared.missing_mw == pytest.approx(0.0)
    assert set(cleared.left_out) == {"d"}
    small = clear(bids, 105.0)  # 105 - 42 - 50 = 13 for coal
    assert small.power_mw["b"] == pytest.approx(13.0)
    tiny = clear(bids, 100.0)  # 100 - 40 - 50 = 10, just enough
    assert tiny.power_mw["b"] == pytest.approx(10.0)
    none = clear(bids, 99.0)
    assert "b" in none.left_out and none.missing_mw == pytest.approx(9.4)
    assert none.price_per_mw == pytest.approx(12.0)


def test_admission_is_at_the_stated_k():
    assert admitted(0.3) and not admitted(0.299)


def test_pay_is_the_product_of_the_rule():
    """0.8 x 100 x 6 x 1.5 = 720 and 0.8 x 50 x 8 x 1 = 320 CNY."""
    pay = hunan_pay(np.array([100.0, 50.0]), np.array([6.0, 8.0]), np.array([1.5, 1.0]), 0.8)
    assert pay == pytest.approx([720.0, 320.0])


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(InputError) as told:
        clear([Bid("a", 5, 20, 1.0), Bid("a", 50, 3, 1.0)], 0.0)
    assert len(told.value.faults) == 5
    with pytest.raises(InputError, match="Did you mean 'storage'"):
        standard_rate({"storag": 5.0})
    with pytest.raises(InputError) as told:
        answers(np.ones(3), np.ones(4), 0.0, -1.0, 0.01)
    assert len(told.value.faults) == 3


def test_mileage_is_the_sum_of_moves_and_passes_over_gaps():
    assert mileage(np.array([0.0, 3.0, np.nan, 1.0, 1.0])) == 5.0


def test_what_was_recalled_is_marked_and_what_was_read_is_not():
    figures = HunanRule().figures()
    recalled = {name for name, one in figures.items() if one.confidence is Confidence.UNVERIFIED}
    assert recalled == {"dead_zone_share", "period_s"}
    assert all(one.source for one in figures.values())
