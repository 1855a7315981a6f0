"""The page on services: its keys are all there are, its examples read, its worked numbers come out."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from perdure.market.service import Delivered, Setting
from perdure.market.service_reading import SERVICES, read_service, read_services
from perdure.timeline import Timeline

PAGE = (Path(__file__).parents[2] / "docs" / "services.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))
DAYS = Timeline(pd.Timestamp("2025-07-18", tz="Asia/Shanghai"), 60, 120, "Asia/Shanghai")
QUARTERS = Timeline(DAYS.start, 15, 480, DAYS.zone)


def site(timeline=DAYS, power_kw=20000.0, energy_kwh=40000.0):
    load = np.full(timeline.steps, 1000.0)
    return Setting(timeline, load, 0.0 * load, 30000.0, 30000.0, power_kw, power_kw, energy_kwh, 0.93)


def block(name):
    return yaml.load(re.search(r"```yaml\n(.*?)```", SECTIONS[name], re.DOTALL)[1], yaml.BaseLoader)


def from_page(name):
    return read_service(block(name), Path())


def earned(name, setting, grid_kw=None, plant_kw=None, reserve_kw=0.0):
    steps = setting.timeline.steps
    nothing = np.zeros(steps)
    held = {name: np.where(np.arange(steps) == 0, reserve_kw, 0.0)}
    run = Delivered(nothing if grid_kw is None else grid_kw, nothing if plant_kw is None else plant_kw,
                    np.full(steps, setting.energy_kwh), 0.93, held)  # fmt: skip
    return from_page(name).settle(setting, run).total


def at(hours, power, otherwise=0.0, timeline=DAYS):
    return np.where(np.isin(np.arange(timeline.steps), hours), power, otherwise)


WORKED = {
    "firming": lambda: -earned("firming", site(), grid_kw=at([18], -3500.0, -4000.0)),
    "ramp_limit": lambda: -earned("ramp_limit", site(QUARTERS), grid_kw=np.where(np.arange(480) < 9, 0.0, 2000.0)),
    "capacity_ratio": lambda: float(
        re.search(r"is (\d+) kWh below", from_page("capacity_ratio").check(site(power_kw=1e4, energy_kwh=18000.0))[0])[
            1
        ]
    ),
    "grid_calls": lambda: earned("grid_calls", site(), plant_kw=at(range(17, 21), -500.0)),
    "peak_regulation": lambda: earned("peak_regulation", site(), plant_kw=at(range(11, 14), 2000.0)),
    "frequency_regulation": lambda: earned("frequency_regulation", site(), reserve_kw=1000.0),
    "frequency_regulation_hunan_2025": lambda: earned("frequency_regulation_hunan_2025", site(), reserve_kw=20000.0),
    "frequency_regulation_pjm": lambda: earned("frequency_regulation_pjm", site(), reserve_kw=20000.0),
    "backup": lambda: from_page("backup").terms(site()).holds[0].least_kwh[0],
    "storm_reserve": lambda: from_page("storm_reserve").terms(site()).holds[0].least_kwh.max(),
}

COMMON = {"kind", "name", "title", "source", "confidence"}


@pytest.mark.parametrize("name", SERVICES.names())
def test_page_tells_every_key_of_a_kind_and_no_other(name):
    rows = [row.split("|")[1] for row in SECTIONS[name].splitlines() if row.startswith("| `")]
    told = set(re.findall(r"`(\w+)`", "".join(rows)))
    assert told == set(SERVICES.find(name).fields.model_fields) - COMMON


@pytest.mark.parametrize("name", SERVICES.names())
def test_worked_number_comes_out(name):
    told = float(re.search(r"\*\*([\d.]+)\*\*", SECTIONS[name])[1])
    assert WORKED[name]() == pytest.approx(told, rel=1e-6)


def test_page_has_no_kind_that_is_not_there():
    assert sorted(SECTIONS) == sorted(SERVICES.names())


def test_list_at_the_top_reads():
    top = yaml.safe_load(re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1])
    assert [service.name for service in read_services(top["services"], Path())] == ["backup", "frequency_regulation"]
