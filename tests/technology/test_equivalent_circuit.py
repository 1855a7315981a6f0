"""A cell from plain curves and figures: what a measured table says comes out again, and faults are told together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perdure.errors import InputError
from perdure.quantities import Confidence, Sourced
from perdure.technology.chemistries import lfp
from perdure.technology.parts.equivalent_circuit import CellCurves, EquivalentCircuit

CELL = Path(__file__).parents[2] / ".." / "shared" / "data" / "battery" / "simses_celldata"
SONY_AH = 3.0
ONE = np.ones((1, 1))
CURVES = CellCurves(
    np.array([0.0, 1.0]), np.array([3.0, 3.4]), np.array([0.5]), np.array([25.0]), 0.1 * ONE, 0.2 * ONE
)  # fmt: skip


def figure(value: float) -> Sourced:
    return Sourced(value, "", "made up for a test", Confidence.ESTIMATE)


PLAIN = {
    name: figure(value)
    for name, value in {
        "charge_rate_limit_per_h": 0.5, "discharge_rate_limit_per_h": 1.0, "charge_voltage_limit_v": 3.6,
        "discharge_voltage_limit_v": 2.5, "cold_charge_off_c": 0.0, "cold_charge_full_c": 10.0,
        "cold_discharge_off_c": -20.0, "cold_discharge_full_c": -10.0, "hot_full_c": 45.0, "hot_off_c": 55.0,
    }.items()
}  # fmt: skip


def cell(**more: float) -> EquivalentCircuit:
    return EquivalentCircuit(PLAIN | {name: figure(value) for name, value in more.items()}, CURVES)


@pytest.mark.skipif(not CELL.exists(), reason="the reference data beside the project are absent")
def test_open_circuit_voltage_follows_the_measured_cell() -> None:
    table = pd.read_csv(CELL / "lithium_ion__cell__CLFP_Sony_US26650_OCV_thinned.csv")
    ours = EquivalentCircuit(lfp.FIGURES, lfp.CURVES).reference_voltage(table["SOC"].to_numpy())
    np.testing.assert_allclose(ours, table["OCV"], atol=0.005)


@pytest.mark.skipif(not CELL.exists(), reason="the reference data beside the project are absent")
@pytest.mark.parametrize("rate", [0.25, 1.0])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_terminal_voltage_follows_the_measured_cell(rate: float, sign: float) -> None:
    """Without our scale and hysteresis, the voltage under current is the table's, at each of its points."""
    bare = {**lfp.FIGURES, "resistance_scale": figure(1.0), "hysteresis_v": figure(0.0)}
    physics = EquivalentCircuit(bare, lfp.CURVES)
    table = pd.read_csv(CELL / "lithium_ion__cell__CLFP_Sony_US26650_Rint.csv")
    voltages = pd.read_csv(CELL / "lithium_ion__cell__CLFP_Sony_US26650_OCV_thinned.csv")
    soc = table["SOC"].to_numpy()
    rest = np.interp(soc, voltages["SOC"], voltages["OCV"])
    first = 2 if sign > 0.0 else 6
    for column, celsius in enumerate((10.0, 25.0, 40.0)):
        measured = rest + sign * rate * SONY_AH * table.iloc[:, first + column].to_numpy()
        power = sign * rate * measured / physics.mean_voltage_v
        ours = physics.respond(soc, np.full(soc.shape, celsius), power, 0.0).voltage_v
        np.testing.assert_allclose(ours, measured, atol=0.005)


def test_loss_of_a_plain_cell_is_what_ohm_says() -> None:
    physics = cell()
    for rate, resistance in ((0.3, 0.1), (-0.3, 0.2)):
        voltage = 3.2 + rate * resistance
        response = physics.respond(np.asarray(0.5), np.asarray(25.0), np.asarray(rate * voltage / 3.2), 0.0)
        assert float(response.voltage_v) == pytest.approx(voltage)
        assert float(response.loss_kw) == pytest.approx(resistance * rate**2 / 3.2)


def test_reversible_heat_of_a_full_cycle_cancels() -> None:
    """Power is set so that each way moves the same charge at the same speed: what is warmed comes back."""
    physics, soc = cell(entropy_v_per_k=0.0002), np.asarray(0.5)
    heats = []
    for rate, resistance in ((0.3, 0.1), (-0.3, 0.2)):
        response = physics.respond(soc, np.asarray(25.0), np.asarray(rate * (3.2 + rate * resistance) / 3.2), 0.0)
        heats.append(float(response.heat_kw - response.loss_kw))
    assert heats[0] == pytest.approx(298.15 * 0.0002 * 0.3 / 3.2)
    assert heats[0] == pytest.approx(-heats[1])


def test_a_side_reaction_takes_its_share_of_the_charge() -> None:
    power = np.asarray(0.2)
    plain, leaky = (
        one.respond(np.asarray(0.5), np.asarray(25.0), power, 0.0) for one in (cell(), cell(side_reaction_share=0.1))
    )
    assert float(power - leaky.loss_kw) == pytest.approx(0.9 * float(power - plain.loss_kw))


def test_resistance_keeps_rising_below_the_table_and_falling_above() -> None:
    physics = cell(resistance_cold_activation_j_per_mol=20e3, resistance_hot_activation_j_per_mol=10e3)
    warm = np.array([-20.0, 0.0, 25.0, 45.0])
    resistance = physics.resistance_ohm_ah(np.full(4, 0.5), warm, np.full(4, 1.0), 0.0)
    assert np.all(np.diff(resistance) < 0.0)
    assert resistance[2] == pytest.approx(0.1)
    cold = np.exp(20e3 / 8.314462618 * (1.0 / 273.15 - 1.0 / 298.15))
    assert resistance[1] == pytest.approx(0.1 * cold)


def test_self_discharge_rises_with_warmth_and_charge() -> None:
    physics = cell(
        self_discharge_per_month=0.1, self_discharge_activation_j_per_mol=40e3, self_discharge_soc_slope=1.0
    )  # fmt: skip
    soc, warm, rest = np.array([0.5, 0.5, 1.0]), np.array([25.0, 45.0, 25.0]), np.zeros(3)
    lost = physics.respond(soc, warm, rest, 0.0).self_discharge_kw
    assert lost[0] == pytest.approx(0.1 / 730.5)
    assert lost[1] > 2.0 * lost[0]
    assert lost[2] == pytest.approx(1.5 * lost[0] * 3.4 / 3.2)


def test_each_direction_keeps_its_own_rate() -> None:
    discharge, charge = cell().power_limits(np.asarray(0.5), np.asarray(25.0), 0.0)
    assert float(discharge) == pytest.approx(1.0 * (3.2 - 0.2) / 3.2)
    assert float(charge) == pytest.approx(0.5 * (3.2 + 0.05) / 3.2)


def test_every_fault_of_a_datasheet_is_told_at_once() -> None:
    figures = {**PLAIN, "hot_full_c": figure(60.0), "hysteresis": figure(0.02), "lowest_soc": figure(1.0)}
    curves = replace(CURVES, soc=np.array([0.1, 0.9]), charge_resistance=-ONE)
    with pytest.raises(InputError) as told:
        EquivalentCircuit(figures, curves)
    places = [fault.place for fault in told.value.faults]
    assert set(places) == {"soc", "charge_resistance", "hysteresis", "cold_charge_off_c", "cold_discharge_off_c",
                           "lowest_soc"}  # fmt: skip
    assert "Did you mean 'hysteresis_v'?" in str(told.value)


def test_a_missing_figure_is_named() -> None:
    with pytest.raises(InputError, match="hot_off_c: is missing"):
        EquivalentCircuit({name: one for name, one in PLAIN.items() if name != "hot_off_c"}, CURVES)
