"""A week's site, and the beginnings of services, that tests of services share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perdure.errors import InputError
from perdure.market.service import Delivered, Setting
from perdure.market.service_reading import read_service
from perdure.timeline import Timeline

ZONE = "Asia/Shanghai"
WEEK = Timeline(pd.Timestamp("2025-07-14", tz=ZONE), 30, 336, ZONE)  # Monday to Sunday
FIRM = {"kind": "firming", "currency": "CNY", "shortfall_price_per_kwh": 0.6, "surplus_price_per_kwh": 0.2}
CALLS = {"kind": "grid_calls", "currency": "CNY"}
REGULATION = {"kind": "frequency_regulation", "currency": "EUR", "capacity_price_per_kw_h": 0.01}
HUNAN = {"kind": "frequency_regulation_hunan_2025", "mileage_price_per_mw": 10.0}
PJM = {"kind": "frequency_regulation_pjm", "capability_price_per_mw_h": 30.0, "performance_price_per_mw": 6.0}


def site(timeline=WEEK, load_kw=100.0, generation_kw=0.0, **changed):
    steps = timeline.steps
    given = {"import_limit_kw": 2000.0, "export_limit_kw": 1500.0, "discharge_kw": 500.0, "charge_kw": 400.0,
             "energy_kwh": 2000.0, "discharge_share": 0.9} | changed  # fmt: skip
    return Setting(
        timeline, np.broadcast_to(load_kw, steps) * 1.0, np.broadcast_to(generation_kw, steps) * 1.0, **given
    )


LARGE = site(discharge_kw=20000.0, charge_kw=20000.0, energy_kwh=40000.0)


def read(data, folder="."):
    return read_service(data, Path(folder))


def faults_of(data, folder="."):
    with pytest.raises(InputError) as caught:
        read(data, folder)
    return "\n".join(str(fault) for fault in caught.value.faults)


def delivered(setting, grid_kw=0.0, plant_kw=0.0, stored_kwh=0.0, reserves=None):
    steps = setting.timeline.steps
    series = [np.broadcast_to(value, steps) * 1.0 for value in (grid_kw, plant_kw, stored_kwh)]
    return Delivered(*series, setting.discharge_share, reserves or {})
