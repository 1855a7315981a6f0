"""Compiles the kernels once, so that the first real run does not wait: `python -m perdure.warm`."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def warm() -> None:
    """Plan and live one short year of a small plant; the compiled code is kept on disk."""
    from perdure.market.reading import read_tariff
    from perdure.market.tariff import Connection
    from perdure.simulate.lifetime import live_through
    from perdure.site.plant import Plant
    from perdure.site.site import Site
    from perdure.technology.technology import TECHNOLOGIES
    from perdure.timeline import Timeline

    timeline = Timeline.year(2025, "UTC", 60)
    load = 100.0 + 50.0 * np.sin(np.arange(timeline.steps) * (2.0 * np.pi / 24.0))
    tariff = read_tariff(
        {"kind": "flat", "price_per_kwh": 0.2, "currency": "EUR", "demand_price_per_kw_month": 10.0}, Path.cwd()
    )
    site = Site("warm-up", timeline, load, np.zeros_like(load), np.full_like(load, 20.0), Connection(), tariff)
    technology = next(iter(TECHNOLOGIES))
    live_through(site.with_plant(Plant("warm-up", technology, 100.0, 25.0)), years=1)


if __name__ == "__main__":
    warm()
