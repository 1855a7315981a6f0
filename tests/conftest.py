"""A small sound case and a small sound technology, from which tests break one thing at a time."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import settings

from perdure.quantities import Confidence, Sourced
from perdure.technology.ageing import AgeingLaw, Wear
from perdure.technology.converter import Converter
from perdure.technology.technology import TECHNOLOGIES, Costs, Response, Technology
from perdure.technology.thermal import Thermal

settings.register_profile("perdure", deadline=None)  # compiled on first use: the first example is slow
settings.load_profile("perdure")

SOUND: dict[str, Any] = {
    "title": "A sound case",
    "site": {"name": "Mill", "place": "Changzhou", "zone": "Asia/Shanghai", "latitude": 31.8, "longitude": 119.97},
    "load": {"file": "load.csv", "column": "load_kw", "unit": "kW", "time_column": "start"},
    "ambient": {"constant_c": 20.0},
    "connection": {"import_limit_kw": 1200.0, "transformer_kva": 1250.0},
    "tariff": {"kind": "flat", "currency": "CNY", "price_per_kwh": 0.7, "capacity_price_per_kva_month": 30.0},
    "candidates": [{"name": "Toy", "technology": "toy", "energy_kwh": 1000.0, "power_kw": 500.0}],
}


@cache
def hourly_load_csv(zone: str = "Asia/Shanghai", year: int = 2025) -> str:
    """A year of an hourly working-day load, peak 1000 kW, as CSV."""
    stamps = pd.date_range(f"{year}-01-01", f"{year + 1}-01-01", freq="h", tz=zone, inclusive="left")
    busy = (stamps.hour >= 7) & (stamps.hour < 19) & (stamps.day_of_week < 5)
    wave = 40.0 * np.sin(np.arange(len(stamps)) * 0.7)
    load = pd.Series(np.where(busy, 960.0, 240.0) + wave).round(2)
    return pd.DataFrame({"start": stamps.strftime("%Y-%m-%d %H:%M"), "load_kw": load}).to_csv(index=False)


class CaseFolder:
    """A folder with a sound case; `write(change)` writes it with `change` applied to its data."""

    def __init__(self, path: Path):
        self.path = path
        self.data = copy.deepcopy(SOUND)
        self.load_lines = hourly_load_csv().splitlines()

    def write(self, change: Callable[[dict[str, Any]], object] | None = None) -> Path:
        """The case file, written."""
        if change is not None:
            change(self.data)
        (self.path / "load.csv").write_text("\n".join(self.load_lines) + "\n", encoding="utf-8")
        case = self.path / "case.yaml"
        case.write_text(yaml.safe_dump(self.data, allow_unicode=True, sort_keys=False), encoding="utf-8")
        return case


@pytest.fixture
def case_folder(tmp_path: Path, toy_technology: Technology) -> CaseFolder:
    """A sound case whose one candidate is the toy technology."""
    return CaseFolder(tmp_path)


@pytest.fixture
def toy_technology(monkeypatch: pytest.MonkeyPatch) -> Technology:
    """A technology of round numbers, found as 'toy'; the real ones stay."""
    real = {name: TECHNOLOGIES.find(name) for name in TECHNOLOGIES.names()}
    toy = _toy()
    monkeypatch.setitem(TECHNOLOGIES.__dict__, "_entries", {**real, "toy": toy})
    return toy


def figure(value: float, unit: str = "") -> Sourced:
    """A number made up for a test."""
    return Sourced(value, unit, "made up for tests", Confidence.ESTIMATE)


class _LosslessPhysics:
    def respond(self, soc: Any, temperature_c: Any, power: Any, impedance_share: float) -> Response:
        zero = np.zeros(np.broadcast(soc, temperature_c, power).shape)
        return Response(zero, zero, zero, zero + 1.0)

    def power_limits(self, soc: Any, temperature_c: Any, impedance_share: float) -> Any:
        one = np.ones(np.broadcast(soc, temperature_c).shape)
        return one, one

    def soc_limits(self, temperature_c: Any) -> Any:
        return np.zeros_like(temperature_c), np.ones_like(temperature_c)

    def energy_share(self, soc: Any) -> Any:
        return np.asarray(soc, dtype=np.float64)


def _toy() -> Technology:
    law = AgeingLaw(
        "linear", {"en": "Linear", "zh": "线性"},
        (Wear("calendar", "capacity", 1.0, calendar=lambda temperature_c, soc: np.full_like(soc, 1e-5)),), {},
    )  # fmt: skip
    costs = Costs("USD", figure(200, "USD/kWh"), figure(80, "USD/kW"), figure(50, "USD/kWh"), figure(0.1), figure(0.01),
                  figure(0.001, "USD/kWh"), figure(0.6), figure(5, "USD/kWh"), figure(0.05))  # fmt: skip
    text = {"en": "Toy", "zh": "玩具"}
    return Technology(
        "toy", text, text, _LosslessPhysics(), {"linear": law, "slow": replace(law, name="slow")},
        Thermal(*[figure(1.0)] * 9), Converter(*[figure(0.01)] * 4), {"made_up": costs},
        {"nominal_energy": figure(1.0, "kWh")}, (0.1, 1.0), (-10.0, 45.0), 0.8,
        "nothing", "nothing", "anything but tests",
    )  # fmt: skip
