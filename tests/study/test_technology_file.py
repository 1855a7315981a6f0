"""Datasheet files of a user's own: what they change, what they inherit, what they are told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from perdure.errors import InputError
from perdure.quantities import Confidence
from perdure.study.technology_file import read_technology
from perdure.technology.bench import cycled, ramp
from perdure.technology.response_map import response_map
from perdure.technology.technology import TECHNOLOGIES, Technology

PAGE = (Path(__file__).parents[2] / "docs" / "technology-file.md").read_text(encoding="utf-8")
VESSEL, CELL = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))


def read(folder: Path, data: dict[str, Any]) -> Technology:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return read_technology(path)


def told(folder: Path, data: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, data)
    return str(caught.value)


def test_a_vendors_vessel_changes_what_it_states_and_inherits_the_rest(tmp_path: Path) -> None:
    one, base = read(tmp_path, VESSEL), TECHNOLOGIES.find("nickel_hydrogen")
    assert one.name == "acme_vessel"
    assert one.figures["full_pressure_bar"].value == 40.0
    assert one.figures["full_pressure_bar"].confidence is Confidence.CLAIM
    assert one.figures["self_discharge_per_day"].source == "Acme test report 17"
    assert one.figures["hysteresis_v"] == base.figures["hysteresis_v"]
    full = np.array([0.9]), np.array([25.0]), np.array([0.1])
    mine, theirs = (store.physics.respond(*full, 0.0).pressure_bar for store in (one, base))
    assert mine is not None
    assert theirs is not None
    assert mine[0] > 1.1 * theirs[0]
    assert one.default_costs.energy_per_kwh.value == 190.0
    assert one.default_costs.energy_per_kwh.low == 180.0
    assert one.default_costs.power_per_kw == base.default_costs.power_per_kw
    assert set(base.costs) < set(one.costs)
    assert one.inventory["mass_kg"].value == 26.0


def test_warranted_capacities_become_a_law_through_its_points(tmp_path: Path) -> None:
    one = read(tmp_path, VESSEL)
    assert one.default_ageing.name == "acme_warranty"
    kept = [health.capacity_share for health in cycled(one.default_ageing, np.array([1e4, 2e4]), 1.0, 0.5, 25.0)]
    assert kept == pytest.approx([0.95, 0.89], abs=1e-6)
    assert set(TECHNOLOGIES.find("nickel_hydrogen").ageing) < set(one.ageing)


def test_a_cell_of_tables_shows_its_own_voltage(tmp_path: Path) -> None:
    one = read(tmp_path, CELL)
    charge = ramp(response_map(one), 0.25, 25.0)
    half = float(np.interp(0.5, charge.soc, charge.response.voltage_v))
    assert half == pytest.approx(3.29 + 0.13 * 0.25 * one.physics.mean_voltage_v / 3.32, abs=2e-3)  # type: ignore[attr-defined]
    assert one.default_ageing.name == TECHNOLOGIES.find("lfp").default_ageing.name


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"base": "nickel_hydrogn"}, ["base", "Did you mean 'nickel_hydrogen'?"]),
        ({"figures": {"full_presure_bar": 40}}, ["figures.full_presure_bar", "Did you mean 'full_pressure_bar'?"]),
        ({"figures": {"hysteresis_v": {"value": 0.1, "high": 0.05}}}, ["lies outside its own range"]),
        (
            {"costs": {"offer": {"currency": "CNY", "energy_per_kwh": 900}}},
            ["costs.offer", "every figure must be given"],
        ),
        ({"default_ageing": "warranty"}, ["default_ageing", "acme_warranty"]),
        ({"ageing": {"mine": {"fade_per_cycle": 1e-5}}}, ["ageing.mine", "capacity_after_cycles"]),
        ({"colour": "red"}, ["colour", "unknown key"]),
        ({"capacity_after_cycles": {"odd": {"points": [[100, 0.9], [200, 0.95]]}}}, ["grows with cycles"]),
        ({"power_range_per_h": [0.5, 0.1]}, ["power_range_per_h does not rise"]),
        ({"power_range_per_h": [0.1, 2.0]}, ["does not keep the contract", "rated 2"]),
    ],
)
def test_faults_are_told_with_place_and_cure(tmp_path: Path, change: dict[str, Any], words: list[str]) -> None:
    said = told(tmp_path, VESSEL | change)
    assert all(word in said for word in words), said


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    said = told(
        tmp_path, VESSEL | {"figures": {"nonsense": 1.0}, "thermal": {"warmth": 2.0}, "converter": {"hum": 3.0}}
    )
    assert said.startswith("3 faults")
    assert "line" in said


def test_a_table_that_does_not_fit_is_told(tmp_path: Path) -> None:
    cell = CELL["cell"] | {"voltage_v": [3.0, 3.1]}
    assert "does not fit" in told(tmp_path, CELL | {"cell": cell})
    rising = CELL["figures"] | {"hot_full_c": 60}
    assert "must rise" in told(tmp_path, CELL | {"figures": rising})


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(InputError, match="file not found"):
        read_technology("nowhere/vessel.yaml")
