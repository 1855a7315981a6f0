"""What stands around the nickel-hydrogen cell: its levels and gas, pressure ceiling, fans, storage fade."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from perdure.quantities import Confidence
from perdure.simulate import kernel
from perdure.simulate.run import empty_track, slow_at_rest, store_of
from perdure.site.plant import Plant
from perdure.technology.ageing import Health
from perdure.technology.chemistries import nickel_hydrogen
from perdure.technology.parts.nickel_hydrogen_vessel import THERMAL_WITHOUT_FANS, hydrogen_share_of_air, vessel_kwh
from perdure.technology.technology import Technology

ENTRY = nickel_hydrogen.ENTRY
PHYSICS = ENTRY.physics
assert isinstance(PHYSICS, nickel_hydrogen.NickelHydrogenPhysics)


def with_figure(name: str, value: float) -> Technology:
    figures = nickel_hydrogen.FIGURES
    return nickel_hydrogen.build({**figures, name: replace(figures[name], value=value)}, nickel_hydrogen.LAWS)


def test_a_rack_holds_150_kwh_of_vessels_of_3_kwh() -> None:
    holds = {level.name: level.holds.value for level in ENTRY.levels}
    assert list(holds) == ["battery_cell", "vessel", "rack", "container"]
    vessel = vessel_kwh(PHYSICS.mean_voltage_v)
    assert vessel == pytest.approx(holds["battery_cell"] * holds["vessel"] * PHYSICS.mean_voltage_v / 1000.0)
    assert vessel == pytest.approx(3.0, rel=0.02)
    assert vessel * holds["rack"] == pytest.approx(150.0, rel=0.02)
    assert all(level.holds.confidence in (Confidence.ESTIMATE, Confidence.UNVERIFIED) for level in ENTRY.levels)


def test_gas_and_hydrogen_are_those_of_published_arithmetic() -> None:
    """30 g of hydrogen and 11.3 L of gas per kWh delivered at 1.25 V; here per kWh stored at the mean rest voltage."""
    delivered = PHYSICS.mean_voltage_v / 1.25
    inventory = ENTRY.inventory
    assert inventory["gas_volume_m3"].value * delivered == pytest.approx(0.0113, rel=0.02)
    assert inventory["hydrogen_kg"].value * delivered == pytest.approx(0.0310, rel=0.01)  # precharge of 1 bar included
    assert inventory["hydrogen_normal_m3"].value * delivered == pytest.approx(0.344, rel=0.01)
    fuel = inventory["hydrogen_kg"].value * 33.33  # lower heating value, kWh per kg
    assert fuel == pytest.approx(1.0, abs=0.06)


def test_half_the_pressure_needs_twice_the_gas_volume() -> None:
    half = with_figure("full_pressure_bar", 17.5)
    ratio = half.inventory["gas_volume_m3"].value / ENTRY.inventory["gas_volume_m3"].value
    assert ratio == pytest.approx(34.0 / 16.5, rel=0.01)


def test_an_emptied_vessel_leaves_container_air_between_alarm_and_flame() -> None:
    """3 kWh into 60 m³: above the 1 % alarm, below the 4 % that burn."""
    share = hydrogen_share_of_air(3.0 * 0.030, 60.0)
    assert share == pytest.approx(0.0165, abs=0.0005)


def test_pressure_inverts_to_charge() -> None:
    kelvin = np.array([253.15, 298.15, 333.15])
    for soc in (0.05, 0.5, 1.0):
        pressure = PHYSICS.cell.pressure_bar(np.full(3, soc), kelvin)
        back = [float(PHYSICS.cell.soc_at_pressure(float(p), k)) for p, k in zip(pressure, kelvin, strict=True)]
        assert back == pytest.approx([soc] * 3, abs=1e-12)


def test_the_ceiling_of_pressure_does_not_bind_a_vessel_at_its_working_pressure() -> None:
    celsius = np.linspace(-20.0, 44.0, 33)
    _, high = PHYSICS.soc_limits(celsius)
    free = with_figure("allowable_pressure_bar", 450.0).physics
    np.testing.assert_array_equal(high, free.soc_limits(celsius)[1])
    np.testing.assert_array_equal(PHYSICS.power_limits(high, celsius, 0.0)[1], free.power_limits(high, celsius, 0.0)[1])


def test_an_overfilled_vessel_stops_charging_below_its_relief_pressure() -> None:
    """Filled to 60 bar in a 45 bar vessel: charging slows from 36.8 bar and stops at 39.2, whatever the temperature."""
    physics = with_figure("full_pressure_bar", 60.0).physics
    assert isinstance(physics, nickel_hydrogen.NickelHydrogenPhysics)
    for celsius in (0.0, 25.0, 40.0):
        warm = np.asarray(celsius)
        top = physics.soc_limits(warm)[1]
        assert float(physics.cell.pressure_bar(top, warm + 273.15)) == pytest.approx(0.871 * 45.0, rel=1e-6)
        slow, full = (
            physics.power_limits(physics.cell.soc_at_pressure(bar, warm + 273.15), warm, 0.0)[1] for bar in (38.0, 36.0)
        )
        assert 0.0 < float(slow) < 0.6 * float(full)
        assert float(physics.power_limits(top + 0.01, warm, 0.0)[1]) == 0.0
    assert physics.soc_limits(np.asarray(40.0))[1] < physics.soc_limits(np.asarray(0.0))[1]


def run(entry: Technology, power: float, hours: int, ambient: float, share: float, slow: np.ndarray | None = None):
    """Hold a DC power for hours; the track and the slow states at the end."""
    plant = Plant("p", entry, 1000.0, 500.0)
    flat = np.full(hours, power * 1000.0)
    state, track = slow_at_rest(plant) if slow is None else slow, empty_track(hours)
    wide = np.full(hours, 1e9)
    kernel.run(
        1.0, 4, flat, 0.0 * flat, wide, -wide, np.full(hours, ambient),
        store_of(plant, Health()), plant.tables_of(Health()), share, ambient, state, track,
    )  # fmt: skip
    return track, state


def cycling(entry: Technology) -> tuple[float, float]:
    """Highest temperature and auxiliary energy (kWh) of three days of full cycles at C/4 in warm air."""
    plant, hours = Plant("p", entry, 1000.0, 500.0), 72
    power = np.where(np.arange(hours) % 8 < 4, 230.0, -210.0).astype(float)
    track, wide = empty_track(hours), np.full(hours, 1e9)
    kernel.run(
        1.0, 4, power, 0.0 * power, wide, -wide, np.full(hours, 28.0), store_of(plant, Health()),
        plant.tables_of(Health()), 0.1, 28.0, slow_at_rest(plant), track,
    )  # fmt: skip
    return float(track.temperature.max()), float(track.auxiliary_kw.sum())


def test_fans_keep_the_vessels_cooler_and_cost_little() -> None:
    warm, drawn = cycling(replace(ENTRY, thermal=THERMAL_WITHOUT_FANS))
    fanned, more = cycling(ENTRY)
    assert fanned < warm - 2.0
    assert 0.0 < more - drawn < 72.0 * 1.2
    assert ENTRY.thermal.cooling_kw.value == 0.0


def test_standing_empty_and_warm_costs_a_fifth_percent_a_day() -> None:
    """Half a year at 2 % charge; self-discharge is shut off so that the charge stays where the fade is."""
    still = with_figure("self_discharge_per_day", 0.0)
    _, warm = run(still, 0.0, 24 * 100, 25.0, 0.02)
    assert warm[0, 0] == pytest.approx(0.2, abs=0.02)
    _, cold = run(still, 0.0, 24 * 210, 0.0, 0.02)
    assert cold[0, 0] < 0.001  # seven months at 0 °C did no harm (INTELSAT VI, abstract)
    _, long = run(still, 0.0, 24 * 400, 25.0, 0.02)
    assert long[0, 0] == pytest.approx(0.47, abs=1e-9)


def test_faded_storage_cannot_be_emptied_until_a_charge_to_the_top() -> None:
    faded = np.array([[0.3], [0.0]])
    track, faded = run(ENTRY, -0.2, 6, 20.0, 0.6, faded)
    assert track.share[-1] == pytest.approx(0.35, abs=0.01)
    _, faded = run(ENTRY, 0.15, 10, 20.0, 0.35, faded)
    assert faded[0, 0] < 0.03
    track, _ = run(ENTRY, -0.2, 8, 20.0, 0.95, faded)
    assert track.share[-1] < 0.08


def test_normal_use_loses_nothing_to_storage_fade() -> None:
    _, slow = run(ENTRY, 0.0, 24 * 5, 20.0, 0.5)
    assert slow[0, 0] < 1e-6


def test_every_set_of_costs_marks_the_vessels_as_an_estimate() -> None:
    assert next(iter(ENTRY.costs)) == "china_2025"
    for costs in ENTRY.costs.values():
        assert costs.energy_per_kwh.confidence is Confidence.ESTIMATE
    assert ENTRY.costs["china_2030"].energy_per_kwh.value < ENTRY.costs["china_2025"].energy_per_kwh.value


def test_scatter_of_fade_is_that_of_life() -> None:
    """Fade goes with the cycles, so a store that fades f times as fast lives 1/f as long: ln spreads alike."""
    for law in ENTRY.ageing.values():
        assert law.scatter is not None
        assert law.wears[0].exponent == 1.0
        twice = law.scattered(2.0)
        one = np.ones(1)
        cyclic = law.wears[0].cyclic
        assert cyclic is not None
        assert twice.wears[0].pace == pytest.approx(2.0)
        assert float(cyclic(one, one, one, one)[0]) > 0.0
