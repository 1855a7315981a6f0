"""The response map of nickel-hydrogen against the exact cell on duty: what a map without hysteresis gets wrong."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perdure.simulate import kernel
from perdure.simulate.run import empty_track, slow_at_rest, store_of
from perdure.site.plant import Plant
from perdure.technology.ageing import Health
from perdure.technology.chemistries import nickel_hydrogen
from perdure.technology.parts.nickel_hydrogen_bench import DutyRun, follow_duty
from perdure.timeline import Floats

ENTRY = nickel_hydrogen.ENTRY
PHYSICS = ENTRY.physics
assert isinstance(PHYSICS, nickel_hydrogen.NickelHydrogenPhysics)
STEP_H, AMBIENT_C, DAY, DAYS = 1.0 / 6.0, 20.0, 144, 5
HOURS = np.arange(DAYS * DAY + 1) * STEP_H
REGULATION, PEAK_SHAVING = "duty_frequency_containment_reserve", "duty_commercial_peak_shaving"
BATTERY = Path(__file__).parents[3] / "shared" / "data" / "battery"


def mapped_loss(run: DutyRun) -> Floats:
    """Losses (lanes,) of the map under the same power, kWh per kWh, put back on the exact cell's state every day."""
    plant = Plant("p", ENTRY, 1.0, 0.5)
    store = store_of(plant, Health())._replace(
        charge_linear=0.0, charge_quadratic=0.0, discharge_linear=0.0, discharge_quadratic=0.0
    )
    lost = np.zeros(run.power.shape[1])
    for lane in range(len(lost)):
        for first in range(0, len(run.power), DAY):
            power = np.ascontiguousarray(run.power[first : first + DAY, lane])
            track, still = empty_track(len(power)), np.zeros(len(power))
            kernel.run(
                run.step_h, 1, power, still, still + 1e9, still - 1e9, still + AMBIENT_C, store,
                plant.tables_of(Health()), run.share[first, lane], run.temperature_c[first, lane],
                slow_at_rest(plant), track,
            )  # fmt: skip
            assert track.refused_kw.sum() <= 0.02 * np.abs(power).sum()
            lost[lane] += float((track.store_loss_kw + track.self_discharge_kw).sum()) * run.step_h
    return lost


def daily(rate: float) -> Floats:
    """One full cycle a day: charge from 2 h, discharge from 14 h; stored shares (steps + 1,)."""
    takes = 0.88 / rate
    corners = [0.0, 2.0, 2.0 + takes, 14.0, 14.0 + takes, 24.0]
    return np.interp(HOURS % 24.0, corners, [0.06, 0.06, 0.94, 0.94, 0.06, 0.06])


def published(name: str) -> dict[str, Floats]:
    """Six stretches of a published duty, drawn into 6 to 93 %; nothing where the file is absent."""
    path = BATTERY / f"{name}.parquet"
    if not path.exists():
        return {}
    soc = 0.06 + 0.87 * pd.read_parquet(path)["soc"].to_numpy()
    return {f"{name} {day}": soc[day * DAY : (day + DAYS) * DAY + 1] for day in range(30, 330, 50)}


@cache
def losses() -> dict[str, tuple[float, float]]:
    """Exact and mapped losses by duty, all run side by side."""
    targets = {f"daily {rate}": daily(rate) for rate in (0.125, 0.25, 0.45)}
    targets["tenth"] = 0.45 + 0.1 * np.abs((HOURS / 2.0) % 2.0 - 1.0)
    for name in (REGULATION, PEAK_SHAVING):
        targets |= published(name)
    run = follow_duty(PHYSICS, ENTRY.thermal, np.stack(list(targets.values()), axis=1), STEP_H, AMBIENT_C)
    exact = run.lost.sum(axis=0) * run.step_h
    return {name: pair for name, *pair in zip(targets, exact, mapped_loss(run), strict=True)}  # type: ignore[misc]


def excess(duty: str) -> float:
    """How much more the map loses than the exact cell, as a share of the exact losses, over all stretches."""
    pairs = [pair for name, pair in losses().items() if name.startswith(duty)]
    if not pairs:
        pytest.skip(f"{duty}.parquet is absent: published duty profiles are kept beside the repository")
    exact, mapped = np.sum(pairs, axis=0)
    return float(mapped / exact - 1.0)


@pytest.mark.parametrize("rate", [0.125, 0.25, 0.45])
def test_full_daily_cycles_lose_the_same_within_a_twentieth(rate: float) -> None:
    assert abs(excess(f"daily {rate}")) < 0.06


def test_shallow_cycles_lose_less_than_the_map_says() -> None:
    assert 1.5 < excess("tenth") < 2.5


def test_frequency_containment_loses_less_than_the_map_says() -> None:
    """The map is on the safe side: a published regulation duty costs it two and a half times what it costs the cell."""
    assert 0.8 < excess(REGULATION) < 2.2


def test_a_store_kept_nearly_full_for_days_loses_less_than_the_map_says() -> None:
    assert 0.3 < excess(PEAK_SHAVING) < 1.5
