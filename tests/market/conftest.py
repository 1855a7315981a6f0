"""What the tests of the tariff floor share: the reference data beside the project, and a year of random metering."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from perdure.market.charge import ChargeSheet
from perdure.market.reading import read_tariff
from perdure.market.tariff import Connection
from perdure.timeline import Floats, Timeline

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
CONNECTION = Connection(export_limit_kw=500.0, transformer_kva=800.0)


@pytest.fixture
def reference() -> Callable[[str], Path]:
    def find(name: str) -> Path:
        path = DATA / name
        if not path.is_file():
            pytest.skip(f"reference data {name} is not beside the project (../shared/data)")
        return path

    return find


@pytest.fixture
def year() -> Timeline:
    return Timeline.year(2025, "Asia/Shanghai", 15)


@pytest.fixture
def meter() -> Callable[[Timeline, int], tuple[Floats, Floats]]:
    def draw(timeline: Timeline, seed: int = 0) -> tuple[Floats, Floats]:
        rng = np.random.default_rng(seed)
        net = rng.normal(200.0, 150.0, timeline.steps) + 100.0 * np.sin(np.arange(timeline.steps) / 900.0)
        return np.maximum(net, 0.0), np.maximum(-net, 0.0)

    return draw


@pytest.fixture
def lay() -> Callable[..., ChargeSheet]:
    def lay_on(data: dict[str, object], timeline: Timeline, connection: Connection = CONNECTION) -> ChargeSheet:
        return read_tariff(data, Path()).charges(timeline, connection)  # type: ignore[return-value]

    return lay_on
