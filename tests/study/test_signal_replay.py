"""A regulation signal from a file: followed, scored, written; what is wrong with it is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from perdure.cli import main
from perdure.errors import InputError
from perdure.study.signal_replay import replay_signal

SIZES = {"energy_kwh": 2000.0, "power_kw": 1000.0, "capacity_kw": 600.0, "step_s": 2.0}


@pytest.fixture
def signal_file(tmp_path):
    """Two hours of a slow wave."""
    path = tmp_path / "signal.csv"
    pd.DataFrame({"sample": range(3600), "regd": 0.8 * np.sin(np.arange(3600) / 60.0)}).to_csv(path, index=False)
    return path


def test_a_plant_with_room_follows_and_scores_high(signal_file):
    done = replay_signal("nickel_hydrogen", signal_file, column="regd", **SIZES)
    assert len(done.hours) == 2
    assert done.hours["score"].min() > 0.9
    assert done.totals["missed_kwh"] < 0.01 * done.hours["delivered_kwh"].sum()
    assert 0.0 < done.totals["exact_cell_loss_kwh"] < done.totals["map_loss_kwh"]


def test_a_plant_too_small_misses_and_is_told(signal_file):
    tight = SIZES | {"energy_kwh": 2000.0, "power_kw": 1000.0, "capacity_kw": 1000.0}
    full = replay_signal("lfp", signal_file, column="regd", **tight)
    assert full.totals["delivered_mileage_kw"] <= full.totals["ordered_mileage_kw"] + 1e-6


def test_a_signal_pjm_cannot_sample_is_followed_without_a_score(signal_file):
    done = replay_signal("lfp", signal_file, column="regd", **(SIZES | {"step_s": 4.0}))
    assert done.hours["score"].isna().all()
    assert done.hours["delivered_kwh"].min() > 0.0


def test_the_command_prints_and_writes(signal_file, tmp_path, capsys):
    words = ["replay", "lfp", str(signal_file), "--energy-kwh", "2000", "--power-kw", "1000", "--capacity-kw", "600"]
    for _ in range(2):  # an earlier folder of its own is replaced
        assert main([*words, "--step-s", "2", "--out", str(tmp_path / "out")]) == 0
    assert "score" in capsys.readouterr().out
    assert len(pd.read_csv(tmp_path / "out" / "power.csv")) == 3600


def test_a_signal_beyond_the_capacity_is_a_fault(signal_file):
    with pytest.raises(InputError, match="goes beyond the capacity"):
        replay_signal("lfp", signal_file, column="sample", **SIZES)
    with pytest.raises(InputError, match="no such column"):
        replay_signal("lfp", signal_file, column="rgd", **SIZES)
    with pytest.raises(InputError, match="file not found"):
        replay_signal("lfp", signal_file.parent / "none.csv", **SIZES)
