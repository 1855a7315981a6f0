"""The vanadium flow battery against the stack tables it was drawn from, and what only a flow battery does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from perdure.quantities import Confidence
from perdure.simulate.kernel import run
from perdure.simulate.run import empty_track, slow_at_rest, store_of
from perdure.site.plant import Plant
from perdure.technology.ageing import Health, Stress
from perdure.technology.chemistries import vanadium_flow
from perdure.technology.parts.flow_stack import TABLE_MEAN_OHM_CM2, FlowStack
from perdure.technology.technology import Rating

SHARED = Path(__file__).parents[2] / ".." / "shared"
VALIDATION = SHARED / "reference" / "validation"
PUMPS = SHARED / "data" / "battery" / "simses_celldata" / "pump__pump_efficiency_renner_RM1_5_35.csv"
ENTRY = vanadium_flow.ENTRY
PHYSICS = ENTRY.physics
assert isinstance(PHYSICS, vanadium_flow.VanadiumFlowPhysics)
STACK: FlowStack = PHYSICS.stack
WARM_K = 298.15


def table(path: Path, **options: Any) -> pd.DataFrame:
    if not path.exists():
        pytest.skip(f"the reference table {path.name} is not beside the project")
    return pd.read_csv(path, **options)


def test_rest_voltage_follows_the_stack_within_3_mv() -> None:
    read = table(VALIDATION / "20_vrfb_ocv_READ.csv", comment="#")
    error = STACK.rest_voltage(read["soc_pct"].to_numpy() / 100.0) - read["ocv_cell_V"].to_numpy()
    assert np.abs(error).max() < 0.003
    assert np.sqrt(np.mean(error**2)) < 0.001


@pytest.mark.parametrize(("charging", "columns"), [(True, slice(2, 5)), (False, slice(5, 8))])
def test_resistance_follows_the_cell_table(charging: bool, columns: slice) -> None:
    """At its own level: exact at 25 °C; within an eighth at 20 and 30 °C, where one activation energy serves all."""
    read = table(VALIDATION / "21_vrfb_resistance_READ.csv", comment="#")
    measured = read.iloc[:, columns].to_numpy() * 2160.0 / 40.0
    stack = replace(STACK, resistance_ohm_cm2=TABLE_MEAN_OHM_CM2)
    soc, kelvin = np.meshgrid(read["SOC"].to_numpy(), [293.15, WARM_K, 303.15], indexing="ij")
    ratio = stack.resistance(soc, kelvin, np.full(soc.shape, charging), 0.0) / measured
    np.testing.assert_allclose(ratio[:, 1], 1.0, atol=0.001)
    np.testing.assert_allclose(ratio, 1.0, atol=0.13)


def sweep(stack: FlowStack, current: float, low: float = 0.15, high: float = 0.85) -> tuple[float, float]:
    """Round trip at a constant current density, direct current, and the pumps' mean share of the terminal power."""
    soc = np.linspace(low, high, 141)
    kelvin, rest = np.full_like(soc, WARM_K), stack.rest_voltage(soc)
    spent, shares = [], []
    for sign in (1.0, -1.0):
        flow = stack.flow_share(np.full_like(soc, sign * current), soc)
        resistance = stack.resistance(soc, kelvin, np.full(soc.shape, sign > 0.0), 0.0)
        power = sign * current * (rest + sign * resistance * current) + stack.pump_power(flow, soc, kelvin)
        at = stack.solve(soc, kelvin, power, 0.0)
        np.testing.assert_allclose(at.current, sign * current, rtol=1e-3)
        spent.append(float(np.sum(rest * np.abs(power) / np.abs(rest * (at.current - at.leak)))))
        shares.append(float(np.mean(at.pumps / np.abs(power))))
    return spent[1] / spent[0], float(np.mean(shares))


@pytest.mark.parametrize(
    ("current", "expected"), [(0.025, 0.90), (0.05, 0.86), (0.075, 0.81), (0.1, 0.76), (0.125, 0.72), (0.15, 0.67)]
)
def test_round_trip_without_pumps_falls_with_current_density(current: float, expected: float) -> None:
    assert sweep(replace(STACK, piping_factor=0.0), current)[0] == pytest.approx(expected, abs=0.012)


def test_pumps_take_2_to_5_percent_of_the_power_each_way() -> None:
    for current in (0.05, 0.08, 0.1):
        assert 0.02 < sweep(STACK, current)[1] < 0.05
    assert sweep(STACK, 0.08)[0] < sweep(replace(STACK, piping_factor=0.0), 0.08)[0] - 0.03


def test_pump_efficiency_is_a_parabola_up_to_the_best_flow() -> None:
    read = table(PUMPS, header=None, index_col=0).T
    flow, share = read["Flowrate"].to_numpy(float) / 16.0, read["Efficiency"].to_numpy(float) / 100.0
    best = flow <= 1.0
    parabola = STACK.pump_efficiency * flow * (2.0 - flow)
    np.testing.assert_allclose(parabola[best], share[best], atol=0.03)


def test_pumps_stand_at_rest_and_are_told_apart_at_work() -> None:
    soc, celsius = np.full(3, 0.5), np.full(3, 25.0)
    told = PHYSICS.respond(soc, celsius, np.array([-0.25, 0.0, 0.25]), 0.0)
    assert told.auxiliary_kw is not None
    assert told.auxiliary_kw[1] == told.loss_kw[1] == 0.0
    assert np.all(told.auxiliary_kw[[0, 2]] > 0.0)
    assert np.all(told.auxiliary_kw < told.loss_kw + 1e-15)


def test_cold_electrolyte_costs_more_pumping_and_resistance() -> None:
    soc = np.full(2, 0.5)
    told = PHYSICS.respond(soc, np.array([12.0, 35.0]), np.full(2, 0.4), 0.0)
    assert told.auxiliary_kw is not None
    assert told.loss_kw[0] > told.loss_kw[1]
    assert told.auxiliary_kw[0] > told.auxiliary_kw[1]


def test_smaller_stacks_lose_more_at_the_same_power() -> None:
    assert ENTRY.physics_at is not None
    soc, celsius, power = np.full(1, 0.5), np.full(1, 25.0), np.full(1, 0.1)
    large, small = (ENTRY.physics_at(Rating(rate, rate)).respond(soc, celsius, power, 0.0) for rate in (0.4, 0.1))
    assert small.loss_kw > 1.5 * large.loss_kw


def test_hot_electrolyte_is_kept_from_full_charge_and_then_from_work() -> None:
    low, high = PHYSICS.soc_limits(np.array([25.0, 42.0, 50.0]))
    assert np.all(np.diff(high) < 0.0)
    assert np.all(low < high)
    for side in PHYSICS.power_limits(np.full(3, 0.5), np.array([25.0, 45.0, 51.0]), 0.0):
        assert side[0] > side[1] > side[2] == 0.0


def test_charging_cools_the_cell_reaction_and_discharging_warms_it() -> None:
    """At a tenth of rated power the reaction's heat outweighs the losses."""
    charge, discharge = (
        PHYSICS.respond(np.full(1, 0.5), np.full(1, 25.0), np.full(1, power), 0.0) for power in (0.05, -0.05)
    )
    assert charge.heat_kw < 0.0 < discharge.heat_kw
    assert discharge.heat_kw > discharge.loss_kw


def cycled(days: float) -> tuple[float, float]:
    """Share out of reach after so many days of two 4-hour halves, and the largest on the way."""
    plant = Plant("p", ENTRY, 1000.0, 200.0)
    steps = round(24 * days)
    hour = np.arange(steps) % 12
    planned = np.where(hour < 5, 200.0, np.where((hour >= 6) & (hour < 10), -200.0, 0.0))
    still, track = np.zeros(steps), empty_track(steps)
    slow = slow_at_rest(plant)
    run(1.0, 2, planned, still, still + 1e9, still - 1e9, still + 20.0, store_of(plant, Health()),
        plant.tables_of(Health()), 0.2, 20.0, slow, track)  # fmt: skip
    return float(slow[0, 0]), float(track.unavailable.max())


def test_imbalance_grows_with_cycles_and_service_sets_it_back() -> None:
    days = vanadium_flow.FIGURES["rebalancing_days"].value
    early, _ = cycled(days / 3.0)
    late, _ = cycled(days - 0.5)
    after, most = cycled(days + 1.0)
    assert early > 0.01
    assert 2.5 * early < late < 3.0 * early  # what is out of reach is not cycled
    assert after < 0.1 * late < most


def test_hydrogen_takes_less_than_one_percent_a_year() -> None:
    steps = 8760
    one, none = np.ones(steps), np.zeros(0)
    year = Stress(1.0, 0.5 * one, 25.0 * one, none, none, none, none, none)
    lost = 1.0 - ENTRY.default_ageing.health(ENTRY.default_ageing.increments(year)).capacity_share
    assert 0.001 < lost < 0.01


def test_default_prices_say_that_they_are_recalled() -> None:
    assert ENTRY.default_costs.energy_per_kwh.confidence is Confidence.UNVERIFIED
    assert ENTRY.costs["pnnl_us_2021"].energy_per_kwh.value == pytest.approx(189.83 + 37.97)
    assert ENTRY.costs["pnnl_us_2021"].energy_per_kwh.confidence is Confidence.PUBLISHED
