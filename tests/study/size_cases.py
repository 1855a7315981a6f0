"""Four weeks of an hourly site, made from a seed, on which a life of a few years takes a fraction of a second."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from perdure.economics.finance import Finance
from perdure.market.reading import read_tariff
from perdure.market.tariff import Connection
from perdure.simulate.options import LifeOptions
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.study.candidate import Candidate
from perdure.study.case import Case
from perdure.study.sizing.options import SizeInput
from perdure.technology.technology import TECHNOLOGIES, Costs
from perdure.timeline import Timeline

HOURS = 24 * 28
SHARE_OF_YEAR = HOURS / 8760.0
"""Capital is cut by it: four weeks of saving stand for a year."""


def seeded_site(seed: int) -> Site:
    """A working-day load with a peak, some sun, a two-price tariff with a demand charge, all drawn from the seed."""
    draw = np.random.default_rng(seed)
    timeline = Timeline(pd.Timestamp("2025-03-02", tz="UTC"), 60, HOURS, "UTC")
    hour, day = np.arange(HOURS) % 24, np.arange(HOURS) // 24
    busy = (hour >= 8) & (hour < 18) & (day % 7 < 5)
    load = np.where(busy, draw.uniform(300, 600), draw.uniform(80, 200)) + draw.uniform(0, 80, HOURS)
    load = load + draw.uniform(50, 250) * np.exp(-0.5 * ((hour - draw.integers(9, 17)) / 1.5) ** 2) * (day % 7 < 5)
    sun = draw.uniform(0, 150) * np.maximum(np.sin((hour - 6) / 12 * np.pi), 0.0)
    low, high = draw.uniform(0.2, 0.4), draw.uniform(0.8, 1.2)
    tariff = read_tariff(
        {
            "kind": "time_of_use", "currency": "CNY", "prices_per_kwh": {"peak": float(high), "night": float(low)},
            "demand_price_per_kw_month": float(draw.uniform(5, 35)),
            "seasons": [{"name": "all", "months": list(range(1, 13)), "all": {
                "peak": "08:00-12:00, 17:00-21:00", "night": "00:00-08:00, 12:00-17:00, 21:00-24:00"}}],
        }, Path(), "tariff",
    )  # fmt: skip
    return Site(f"seed {seed}", timeline, load, sun, np.full(HOURS, 20.0), Connection(2000.0), tariff)


def scaled(costs: Costs, share: float) -> Costs:
    """The costs with all that is paid once at a share."""
    names = ("energy_per_kwh", "power_per_kw", "balance_per_kwh", "decommissioning_per_kwh")
    return replace(
        costs, **{name: replace(getattr(costs, name), value=getattr(costs, name).value * share) for name in names}
    )


def small_case(seed: int = 1, technology: str = "lfp", years: int = 3, cost_share: float = 0.8, **size: object) -> Case:
    """One candidate at a seeded site; `size`: keys of the case's `size` part."""
    one = TECHNOLOGIES.find(technology)
    plant = Plant("Store", one, 400.0, 100.0)
    costs = scaled(one.default_costs, cost_share * SHARE_OF_YEAR)
    candidate = Candidate("Store", plant, costs, one.default_ageing, 0.0)
    return Case(
        "A small site", seeded_site(seed), (candidate,), Finance(), LifeOptions(years=years), f"seed {seed}", Path(),
        size=SizeInput.model_validate(size),
    )  # fmt: skip
