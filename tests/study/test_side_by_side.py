"""Technologies side by side and on the bench: the tables agree with the bench, the commands write what they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from perdure.cli import main
from perdure.errors import InputError
from perdure.study.characterise import characterise
from perdure.study.side_by_side import side_by_side
from perdure.technology.bench import cycled, cycles_to, daily, ramp, round_trip, stand, years_to
from perdure.technology.response_map import response_map
from perdure.technology.technology import TECHNOLOGIES

NAMES = TECHNOLOGIES.names()


@pytest.mark.parametrize("name", NAMES)
def test_bench_energy_closes(name: str) -> None:
    """What goes in over a charge is what is stored, lost and leaked."""
    table = response_map(TECHNOLOGIES.find(name))
    one = ramp(table, 0.2, 25.0)
    lost = np.trapezoid(one.response.loss_kw + one.response.self_discharge_kw, one.hours)
    assert one.direct_kwh == pytest.approx(one.share[-1] - one.share[0] + lost, rel=2e-3)


@pytest.mark.parametrize("name", NAMES)
def test_each_step_from_cell_to_grid_costs_efficiency(name: str) -> None:
    trip = round_trip(response_map(TECHNOLOGIES.find(name)), 0.2, 25.0)
    assert 0.15 < trip.with_auxiliaries_share < trip.alternating_share < trip.direct_share < 1.0


@pytest.mark.parametrize("name", NAMES)
def test_standing_loses_and_never_gains(name: str) -> None:
    left = stand(response_map(TECHNOLOGIES.find(name)), np.array([0.0, 1.0, 7.0, 30.0]), 25.0)
    assert np.all(np.diff(left) <= 1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_cycles_to_an_end_leave_just_that_capacity(name: str) -> None:
    technology = TECHNOLOGIES.find(name)
    law, end = technology.default_ageing, technology.end_of_life_capacity_share
    count = cycles_to(law, end, 0.8, 0.2, 25.0)
    assert cycled(law, np.array([count]), 0.8, 0.2, 25.0)[0].capacity_share == pytest.approx(end, abs=1e-6)
    years = years_to(law, end, 0.8, 0.2, 25.0)
    assert daily(law, np.array([years]), 0.8, 0.2, 25.0)[0].capacity_share == pytest.approx(end, abs=1e-6)


def test_a_table_has_a_column_for_each_and_no_gap() -> None:
    table = side_by_side([TECHNOLOGIES.find(name) for name in NAMES], 35.0, 0.25)
    assert list(table.columns) == list(NAMES)
    assert (table.map(str) != "").all().all()
    assert not table.map(lambda text: "nan" in text).any().any()
    assert table.loc["Round trip, DC", "lfp"] == "96.4 %"


def test_hot_and_cold_beyond_a_store_are_marked() -> None:
    table = side_by_side([TECHNOLOGIES.find("hydrogen_pem")], -15.0, 0.1)
    assert "asked outside" in table.loc["Temperature range (°C)", "hydrogen_pem"]


def test_impossible_questions_are_faults() -> None:
    with pytest.raises(InputError, match="2 faults"):
        side_by_side([TECHNOLOGIES.find("lfp")], 200.0, -1.0)


def test_bench_tables_are_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perdure.study.characterise.TEMPERATURES_SHOWN", (0.0, 25.0))
    monkeypatch.setattr("perdure.study.characterise.STAND_DAYS", np.array([0.0, 1.0, 7.0]))
    one = characterise(TECHNOLOGIES.find("nickel_hydrogen"))
    assert set(one.curves["direction"]) == {"charge", "discharge"}
    assert one.curves["pressure_bar"].notna().all()
    assert one.efficiency["direct_share"].between(0.5, 1.0).all()
    assert (one.stand.groupby("temperature_c")["kept_share"].agg(["first", "last"]).diff(axis=1)["last"] < 0.0).all()
    assert (one.life.groupby(["ageing", "depth"])["capacity_share"].first() == 1.0).all()


def test_characterise_writes_curves_and_a_page(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "bench"
    assert main(["characterise", "vanadium_flow", "--out", str(folder)]) == 0
    assert "characterisation.html" in capsys.readouterr().out
    for name in ("curves", "efficiency", "stand", "life"):
        assert len(pd.read_csv(folder / f"{name}.csv")) > 10
    page = (folder / "characterisation.html").read_text(encoding="utf-8")
    assert "Vanadium flow battery" in page
    assert "http://" not in page.split("<script>")[0]


def test_compare_is_printed(capsys) -> None:  # type: ignore[no-untyped-def]
    assert main(["technologies", "--compare", "lfp", "nickel_hydrogen", "--temperature", "35", "--c-rate", "0.25"]) == 0
    out = capsys.readouterr().out
    assert "nickel_hydrogen" in out
    assert "35 °C" in out
    assert main(["technologies", "--compare", "lpf"]) == 2
    assert "Did you mean 'lfp'?" in capsys.readouterr().err
