"""Lives and price lists written down by hand, so that a published example goes through the whole cash flow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perdure.market.reading import read_tariff
from perdure.market.tariff import Connection
from perdure.quantities import Confidence, Sourced
from perdure.simulate.result import Bought, Life
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.technology import TECHNOLOGIES, Costs
from perdure.timeline import Floats, Timeline
from validation.tables import DATA

PLAIN = {
    "power_per_kw": 0.0, "balance_per_kwh": 0.0, "development_share": 0.0, "fixed_om_share_per_year": 0.0,
    "variable_om_per_kwh": 0.0, "replacement_share": 0.0, "decommissioning_per_kwh": 0.0, "residual_share": 0.0,
}  # fmt: skip
ONE_KWH = Plant("store", TECHNOLOGIES.find("lfp"), 1.0, 0.5)
"""A store of 1 kWh, so that its price per kWh is the whole investment."""


def written_costs(currency: str, energy_per_kwh: float, **more: float) -> Costs:
    """A price list in which nothing costs but what is said."""
    figures = {"energy_per_kwh": energy_per_kwh, **PLAIN, **more}
    told = {name: Sourced(value, "", "the example", Confidence.DERIVED) for name, value in figures.items()}
    return Costs(currency=currency, **told)


def empty_site(currency: str) -> Site:
    """A site of one hour without load, whose tariff only names the currency."""
    tariff = read_tariff({"kind": "flat", "price_per_kwh": 0.0, "currency": currency}, DATA)
    hour = Timeline(pd.Timestamp("2025-01-01", tz="UTC"), 60, 1)
    nothing = np.zeros(1)
    return Site("example", hour, nothing, nothing, nothing, Connection(), tariff)


def written_life(
    site: Site,
    saving: Sequence[float] | Floats,
    discharged_kwh: Sequence[float] | Floats,
    bought: tuple[Bought, ...] = (),
) -> Life:
    """A life told by its yearly savings and discharged energies (years,), and by what was bought when."""
    years = pd.DataFrame({"year": np.arange(1, len(saving) + 1), "saving": saving, "discharged_kwh": discharged_kwh})
    years = years.assign(charged_kwh=0.0, capacity_kwh=1.0, full_cycles=discharged_kwh, replaced=0, stacks_renewed=0)
    return Life(site, years, pd.DataFrame(), (), {}, bought=bought)


def replaced_once(plant: Plant, after_years: int) -> tuple[Bought, ...]:
    """A plant whose store is bought again after so many years."""
    size, next_year = (plant.energy_kwh, plant.power_kw), after_years + 1
    return (
        Bought(plant.name, "first", 1, next_year, *size),
        Bought(plant.name, "replacement", next_year, None, *size),
    )
