"""Nickel manganese cobalt against the implementation its ageing laws were read in, and against its own claims."""

from __future__ import annotations

import numpy as np
import pytest

from perdure.technology.ageing import Stress
from perdure.technology.chemistries import nmc


def daily_cycle(celsius: float, days: int = 365) -> Stress:
    """From 10 to 90 % and back each day without a rest."""
    hour = np.arange(24.0 * days) + 0.5
    soc, one = np.interp(hour % 24.0, [0.0, 12.0, 24.0], [0.1, 0.9, 0.1]), np.ones(days)
    return Stress(1.0, soc, np.full(len(hour), celsius), 0.8 * one, 0.5 * one, 0.8 / 12.0 * one, celsius * one, one)


BLAST_LITE = [
    ("blast_50ah", 15.0, 0.9624, 0.003), ("blast_50ah", 25.0, 0.9507, 0.003), ("blast_50ah", 40.0, 0.9244, 0.003),
    ("schmalstieg", 15.0, 0.8513, 0.01), ("schmalstieg", 25.0, 0.8375, 0.01), ("schmalstieg", 40.0, 0.7862, 0.01),
]  # fmt: skip


@pytest.mark.parametrize(("law", "celsius", "expected", "within"), BLAST_LITE)
def test_first_year_agrees_with_blast_lite(law: str, celsius: float, expected: float, within: float) -> None:
    """BLAST-Lite 1.1.1 on the same duty; it counts less throughput as a cell fades, so it keeps a little more."""
    ours = nmc.ENTRY.ageing[law]
    kept = ours.health(ours.increments(daily_cycle(celsius))).capacity_share
    assert kept == pytest.approx(expected, abs=within)
    assert kept < expected


def test_resistance_of_schmalstiegs_cell_agrees_with_blast_lite() -> None:
    law = nmc.ENTRY.ageing["schmalstieg"]
    grown = law.health(law.increments(daily_cycle(25.0))).impedance_share
    assert grown == pytest.approx(0.288, abs=0.035)


def test_no_law_heals_far_outside_its_range() -> None:
    for law in nmc.ENTRY.ageing.values():
        for wear in law.wears:
            if wear.calendar is not None:
                assert np.all(wear.calendar(np.array([-40.0, 70.0]), np.array([0.0, 1.0])) >= 0.0)
            if wear.cyclic is not None:
                tiny = np.array([1e-6, 0.01])
                assert np.all(wear.cyclic(tiny, tiny, np.array([-40.0, 70.0]), np.array([0.4, 0.5])) >= 0.0)


def test_the_two_laws_disagree_as_their_remarks_say() -> None:
    newer, older = (law.health(10.0 * law.increments(daily_cycle(25.0))) for law in nmc.ENTRY.ageing.values())
    assert newer.capacity_share > older.capacity_share + 0.2


def test_reversible_heat_warms_on_charge_and_cools_on_discharge_at_half_charge() -> None:
    for sign in (1.0, -1.0):
        response = nmc.ENTRY.physics.respond(np.asarray(0.5), np.asarray(25.0), np.asarray(sign * 0.25), 0.0)
        assert sign * float(response.heat_kw - response.loss_kw - response.self_discharge_kw) > 0.0
