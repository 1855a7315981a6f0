"""A small site with every real technology of the catalogue."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from perdure.market.reading import read_tariff
from perdure.market.tariff import Connection
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.technology import TECHNOLOGIES
from perdure.timeline import Timeline


@pytest.fixture(scope="session")
def small_site() -> Site:
    """Two months of a factory at 15 minutes: time of use, a demand charge, some sun, a warm June."""
    whole = Timeline.year(2025, "Asia/Shanghai", 15)
    timeline = Timeline(whole.stamps[120 * 96], 15, 61 * 96, "Asia/Shanghai")
    hour = np.arange(timeline.steps) % 96 / 4.0
    rng = np.random.default_rng(5)
    load = 500.0 + 300.0 * np.clip(np.sin((hour - 7.0) / 12.0 * np.pi), 0.0, None) + rng.normal(0.0, 25.0, hour.size)
    sun = 250.0 * np.clip(np.sin((hour - 6.0) / 12.0 * np.pi), 0.0, None)
    ambient = 24.0 + 6.0 * np.sin((hour - 9.0) / 24.0 * 2.0 * np.pi)
    tariff = read_tariff({"kind": "jiangsu_2025"}, Path.cwd())
    connection = Connection(import_limit_kw=1500.0, export_limit_kw=0.0, transformer_kva=1600.0)
    return Site("small", timeline, load, sun, ambient, connection, tariff)


@pytest.fixture(scope="session", params=TECHNOLOGIES.names())
def store_site(request: pytest.FixtureRequest, small_site: Site) -> Site:
    """The small site with 1 MWh / 250 kW of each technology."""
    return small_site.with_plant(Plant("store", TECHNOLOGIES.find(request.param), 1000.0, 250.0))
