"""The general program: dual prices, warm solves, honest on/off choices, and what it says when nothing is possible."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sites import site, store
from test_exact import simple

from perdure.dispatch import program
from perdure.dispatch.program import GeneralProgram, GeneralSolution, Unsolved
from perdure.errors import InputError
from perdure.market import service

STEP = 1e-3


def solved(terms) -> GeneralSolution:
    found = GeneralProgram.build(terms).solve()
    assert isinstance(found, GeneralSolution), found
    return found


def capacity(terms, by):
    first = replace(terms.stores[0], high_kwh=terms.stores[0].high_kwh + by)
    return replace(terms, stores=(first, *terms.stores[1:]))


def discharge_power(terms, by):
    """The outermost corner moves on along its own slope."""
    one = terms.stores[0]
    ac, stored = one.ac_nodes.copy(), one.store_nodes.copy()
    slope = (stored[0, 1] - stored[0, 0]) / (ac[0, 1] - ac[0, 0])
    ac[0, 0] -= by
    stored[0, 0] -= by * slope
    return replace(terms, stores=(replace(one, ac_nodes=ac, store_nodes=stored), *terms.stores[1:]))


def start(terms, by):
    return replace(terms, holds=(replace(terms.holds[0], least_kwh=terms.holds[0].least_kwh - by),))


LOOSENED = {
    "import limit": lambda t, by: replace(t, import_limit_kw=t.import_limit_kw + by),
    "export limit": lambda t, by: replace(t, export_limit_kw=t.export_limit_kw + by),
    "capacity of nickel": capacity,
    "discharge power of nickel": discharge_power,
    "most of primary": lambda t, by: replace(t, reserves=(replace(t.reserves[0], most_kw=30.0 + by), t.reserves[1])),
    "least of tertiary": lambda t, by: replace(t, reserves=(t.reserves[0], replace(t.reserves[1], least_kw=3.0 - by))),
    "backup": start,
}


@pytest.mark.parametrize("name", LOOSENED)
def test_dual_price_lies_between_the_finite_differences(name):
    """One more kW everywhere saves what the price says: at most the saving of the last kW, at least of the next."""
    worth = []
    for seed in range(8):
        terms = replace(site(seed), import_limit_kw=118.0)
        here = solved(terms)
        more, less = (solved(LOOSENED[name](terms, by)).objective for by in (STEP, -STEP))
        price = here.limit_prices[name].total
        slack = 1e-6 * (1.0 + abs(here.objective))
        assert (here.objective - more) / STEP - slack <= price <= (less - here.objective) / STEP + slack
        worth.append(price)
    assert max(worth) > 0


def test_power_price_is_the_cost_of_one_more_kw_of_load():
    terms = site(3)
    here = solved(terms)
    for step in (2, 9, 17):
        nudge = STEP * (np.arange(terms.steps) == step)
        more, less = (solved(replace(terms, net_kw=terms.net_kw + sign * nudge)).objective for sign in (1, -1))
        assert (here.objective - less) / STEP - 1e-5 <= here.power_price[step] <= (more - here.objective) / STEP + 1e-5


@pytest.mark.parametrize("seed", range(6))
def test_warm_solve_equals_a_cold_one(seed):
    terms = site(seed)
    warm, rng = GeneralProgram.build(terms), np.random.default_rng(seed)
    assert isinstance(warm.solve(), GeneralSolution)
    for turn in range(4):
        net = np.roll(terms.net_kw, -turn) + rng.normal(0.0, 3.0, terms.steps)
        changes = {"net_kw": net, "buy_per_kwh": np.roll(terms.buy_per_kwh, -turn)}
        begin = {"nickel": terms.stores[0].start_kwh * rng.uniform(0.8, 1.1)}
        floors = tuple(peak.floors + 5.0 for peak in terms.peaks)
        if turn % 2:
            warm.shift()
        else:
            changes["commitments"] = (replace(terms.commitments[0], tolerance_kw=4.0),)
        warm.update(start_kwh=begin, floors=floors, **changes)
        again, cold = warm.solve(), solved(warm.terms)
        assert isinstance(again, GeneralSolution)
        assert again.objective == pytest.approx(cold.objective, rel=1e-9)


def test_plan_keeps_power_and_energy_for_the_reserve_it_sells():
    terms = site(5)
    found = solved(terms)
    for k, one in enumerate(terms.stores):
        held = sum(found.reserve_kw[r.name][k] for r in terms.reserves)
        primary = found.reserve_kw["primary"][k]
        assert np.all(found.ac_kw[k] - held >= one.ac_nodes[0, 0] - 1e-6)
        assert np.all(found.ac_kw[k] + primary <= one.ac_nodes[0, -1] + 1e-6)
        needed = sum(r.hours * found.reserve_kw[r.name][k] for r in terms.reserves)
        assert np.all(found.energy_kwh[k, :-1] - needed >= one.low_kwh[0] - 1e-6)
        assert np.all(found.energy_kwh[k, 1:] + 0.5 * 0.8 * primary <= one.high_kwh[0] + 1e-6)
    blocks = found.reserve_kw["tertiary"].sum(axis=0).reshape(-1, 4)
    assert np.ptp(blocks, axis=1) == pytest.approx(0.0, abs=1e-6)


def test_least_load_is_kept_or_the_store_is_off():
    rng = np.random.default_rng(1)
    one = store(rng, "chain", 12)
    least = 0.4 * one.ac_nodes[0, -1]
    buffer = store(rng, "buffer", 12, 2)
    terms = program.ProgramTerms(
        1.0, rng.uniform(-50.0, 40.0, 12), rng.uniform(0.1, 1.0, 12), np.zeros(12),
        (replace(one, least_charge_kw=least, least_discharge_kw=least), buffer), export_limit_kw=0.0,
    )  # fmt: skip
    found = solved(terms)
    running = np.abs(found.ac_kw[0]) > 1e-6
    assert found.has_choices
    assert running.any()
    assert np.all(np.abs(found.ac_kw[0][running]) >= least - 1e-6)
    assert found.objective >= solved(replace(terms, stores=(one, buffer))).objective - 1e-9


def test_penalised_surplus_is_not_burnt_in_the_store():
    """Drawing too little costs; charging and discharging at once would draw more, but no store can."""
    terms = program.single_terms(simple([0.0] * 4, [0.1] * 4), np.zeros(0))
    terms = replace(terms, commitments=(program.CommitmentTerms("band", np.full(4, 10.0), 0.0, 5.0, 5.0),))
    found = solved(terms)
    assert found.energy_kwh[0, -1] == pytest.approx(20.0)
    assert found.ac_kw[0].sum() == pytest.approx(20.0 / 0.9)
    assert found.deviation_kw["band"][1].sum() == pytest.approx(40.0 - 20.0 / 0.9)


def test_stores_with_different_prices_share_the_work():
    """Of two stores the one without wear is cycled first."""
    base = program.single_terms(simple([20.0, 20.0], [0.1, 1.0]), np.zeros(0))
    worn = replace(base.stores[0], name="worn", wear_per_kwh=2.0)
    found = solved(replace(base, stores=(base.stores[0], worn)))
    assert found.ac_kw[0] == pytest.approx([10.0, -8.1])
    assert found.ac_kw[1] == pytest.approx([0.0, 0.0])


def test_contracted_demand_is_paid_by_steps():
    """10 per kW from 0 up, 30 beyond 15 kW: a flat load of 20 costs 10 * 15 + 30 * 5."""
    base = program.single_terms(simple([20.0], [0.0]), np.zeros(0))
    steps = program.contracted_steps(np.zeros(1, np.int64), np.array([0.0, 15.0]), np.array([10.0, 30.0]))
    found = solved(replace(base, peaks=steps))
    assert found.objective == pytest.approx(300.0)


def test_services_are_planned_for_by_their_own_words():
    """Frequency reserve in blocks of two hours, backup energy, a promised import and paid discharge, each seen once."""
    base = program.single_terms(simple([10.0] * 8, [0.2, 0.9] * 4), np.zeros(0))
    full, series = np.zeros(8), np.full(8, 0.5)
    wanted = service.ServiceTerms(
        reserves=(service.Reserve("frequency", True, False, 0.5, series, full, full + 4.0, 0.1, 2),),
        commitments=(service.Commitment("plan", full + 10.0, full + 20.0, full + 1.0, full + 1.0),),
        holds=(service.Hold("backup", full + np.arange(8) * (np.arange(8) > 4), 100.0),),
        payments=(service.EnergyPayment("green", full + 0.3, full),),
        ramps=(service.RampLimit("ramp", 15.0, 9.0),),
    )
    found = solved(program.with_services(base, [wanted]))
    held = found.reserve_kw["frequency"][0]
    assert held.reshape(-1, 2)[:, 0] == pytest.approx(held.reshape(-1, 2)[:, 1])
    assert held.max() == pytest.approx(4.0)
    needed = wanted.holds[0].least_kwh + 0.5 * held / 0.9
    assert np.all(found.energy_kwh[0, :-1] + found.missing_kwh["backup"] >= needed - 1e-6)
    power = np.clip(found.ac_kw[0], 0.0, None), np.clip(-found.ac_kw[0], 0.0, None)
    bill = float(base.buy_per_kwh @ found.import_kw) - 0.3 * power[1].sum() - 0.5 * held.sum()
    change = np.maximum(np.abs(np.diff(found.import_kw)) - 15.0, 0.0)
    assert found.objective == pytest.approx(bill + 9.0 * change.sum() + 100.0 * found.missing_kwh["backup"].sum())


CONFLICTS = {
    "a load beyond connection and store": (
        program.single_terms(simple([5, 5, 40], [1, 1, 1], import_limit=25), np.zeros(0)),
        {"import limit": 5.0, "discharge power of store": 5.0}, 2,
    ),
    "a peak longer than the store": (
        program.single_terms(simple([0] * 40 + [30] * 4, [1] * 44, import_limit=25), np.zeros(0)),
        {"import limit": 0.5, "capacity of store": 20.0 / 9.0, "least charge of store": 20.0 / 9.0}, 43,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CONFLICTS)
def test_infeasible_names_the_limits_the_hour_and_by_how_much(what):
    terms, expected, step = CONFLICTS[what]
    impossible = GeneralProgram.build(terms)
    assert impossible.solve() == Unsolved("infeasible")
    conflict = impossible.conflict()
    assert conflict is not None
    assert conflict.step == step
    assert {one.name: one.short_by for one in conflict.limits} == pytest.approx(expected)


def test_loosening_one_limit_of_a_conflict_settles_it():
    terms = site(2)
    promised = replace(terms.reserves[1], least_kw=np.where(np.arange(24) == 9, 200.0, 0.0), most_kw=500.0)
    terms = replace(terms, reserves=(terms.reserves[0], promised))
    impossible = GeneralProgram.build(terms)
    assert isinstance(impossible.solve(), Unsolved)
    conflict = impossible.conflict()
    assert conflict is not None
    assert "least of tertiary" in conflict.names
    short = next(one.short_by for one in conflict.limits if one.name == "least of tertiary")
    for share, possible in ((1.001, True), (0.999, False)):
        eased = replace(promised, least_kw=np.maximum(promised.least_kw - share * short, 0.0))
        answer = GeneralProgram.build(replace(terms, reserves=(terms.reserves[0], eased))).solve()
        assert isinstance(answer, GeneralSolution) is possible


def test_least_load_that_cannot_be_kept_is_a_conflict():
    base = program.single_terms(simple([5.0] * 6, [1.0] * 6), np.zeros(0))
    always = replace(
        base,
        stores=(replace(base.stores[0], least_charge_kw=8.0),),
        commitments=(program.CommitmentTerms("band", np.full(6, 9.0), 1.0),),
    )
    impossible = GeneralProgram.build(always)
    assert isinstance(impossible.solve(), Unsolved)
    conflict = impossible.conflict()
    assert conflict is not None
    assert conflict.names <= {"band: lowest power", "band: highest power"}


def test_feasible_program_has_no_conflict():
    assert GeneralProgram.build(site(1)).conflict() is None


def test_all_faults_are_told_at_once():
    terms = site(0)
    wrong = replace(
        terms,
        net_kw=np.append(terms.net_kw[:-1], np.nan),
        reserves=(replace(terms.reserves[0], stores=("nikel",)),),
        tiers=(replace(terms.tiers[0], extra_per_kwh=np.array([0.2, 0.0])),),
    )
    with pytest.raises(InputError) as caught:
        GeneralProgram.build(wrong)
    assert len(caught.value.faults) == 3
    assert "Did you mean 'nickel'?" in str(caught.value)


def test_update_that_needs_other_coefficients_is_refused():
    terms = site(0)
    built = GeneralProgram.build(terms)
    with pytest.raises(InputError, match="coefficients"):
        built.update(reserves=(replace(terms.reserves[0], hours=2.0), terms.reserves[1]))
