"""The stored results of other tools, run again where the tools are installed."""

from __future__ import annotations

import pytest
from validation.comparisons import money_sam
from validation.duties import DUTIES
from validation.outside import pybamm_cycles, sam_commercial, simses_ageing
from validation.tables import table

from validation import commercial_case


@pytest.mark.slow
@pytest.mark.parametrize("duty", DUTIES)
def test_simses_ages_its_cell_as_stored(duty: str) -> None:
    pytest.importorskip("simses.degradation", reason="SimSES 2 is not installed (Python 3.12 or later)")
    rows = table("simses_ageing").query("duty == @duty")
    assert simses_ageing.capacities(duty) == pytest.approx(rows["capacity_share"].tolist(), abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("cell", pybamm_cycles.CELLS)
def test_pybamm_cycles_its_cell_as_stored(cell: str) -> None:
    pytest.importorskip("pybamm", reason="PyBaMM is not installed")
    rest, pulses, result = pybamm_cycles.run(cell)
    stored = table("pybamm_cycles").set_index("cell").loc[cell]
    for name, value in result.items():
        assert value == pytest.approx(stored[name], rel=1e-3), name
    assert [row[1] for row in rest] == pytest.approx(table(f"pybamm_{cell}_rest")["voltage_v"].tolist(), abs=1e-4)
    held = table(f"pybamm_{cell}_pulses")
    for column, name in enumerate(("charge_end_v", "discharge_end_v"), start=1):
        assert [row[column] for row in pulses] == pytest.approx(held[name].tolist(), abs=2e-3)


@pytest.mark.slow
def test_sam_prices_its_commercial_battery_as_stored_and_as_perdure_does(tmp_path, monkeypatch) -> None:
    pytest.importorskip("PySAM.Cashloan", reason="PySAM is not installed")
    if not commercial_case.LOAD.exists():
        load, rate = sam_commercial.write_inputs(tmp_path)
        monkeypatch.setattr(commercial_case, "LOAD", load)
        monkeypatch.setattr(commercial_case, "RATE", rate)
    year, flows = sam_commercial.run()
    held = table("sam_commercial_year").set_index("what")["value"]
    assert year == pytest.approx(held.to_dict(), rel=1e-3)
    stored = table("sam_commercial_flows").set_index("what")
    for variant in flows:
        assert flows[variant].tolist() == pytest.approx(stored[variant].tolist(), rel=2e-3), variant
    missed = [one.name for one in money_sam.beside_sam() if not one.met]
    assert not missed
