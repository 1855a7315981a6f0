"""SAM's commercial battery case as perdure states it: the same load, rate, request to the store, prices and taxes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from perdure.dispatch.rules import Ruled
from perdure.economics.cashflow import Worth, worth
from perdure.economics.finance import Finance
from perdure.market.reading import read_tariff
from perdure.market.tariff import Connection
from perdure.simulate.without_foresight import ByRule, Rolled
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.ageing import Health
from perdure.technology.technology import TECHNOLOGIES
from perdure.timeline import Floats, Timeline
from validation.tables import BESIDE
from validation.written import replaced_once, written_costs, written_life

LOAD = BESIDE.parent / "load" / "us_sam_commercial_hourly_kw.parquet"
RATE = BESIDE.parent / "tariff" / "us_sam_commercial_tou_demand.json"
ENERGY_KWH, POWER_KW, YEARS = 500.0, 125.0, 25
ENERGY_PER_KWH, POWER_PER_KW = 200.0, 400.0
INVESTMENT = ENERGY_PER_KWH * ENERGY_KWH + POWER_PER_KW * POWER_KW
FIXED_OM, VARIABLE_OM_PER_KWH, REPLACEMENT_SHARE = 2000.0, 0.002, 0.8
INFLATION, REAL_RATE = 0.025, 0.064  # SAM's defaults
NOMINAL_RATE = (1.0 + REAL_RATE) * (1.0 + INFLATION) - 1.0
TAX, DEPRECIATION_YEARS, REPLACED_AFTER = 0.21, 7, 12
SHAVED_ABOVE_KW, MOST_KW, REFILL_KW = 100.0, 60.0, 55.0


@dataclass(frozen=True)
class Variant:
    """One way to price the same operation."""

    name: str
    told: str
    tax: float = 0.0
    replaced: bool = False


VARIANTS = (
    Variant("before_tax", "before tax"),
    Variant("replaced", "before tax, store replaced after 12 years", replaced=True),
    Variant("taxed", "21 % tax, straight line over 7 years", tax=TAX),
    Variant("taxed_replaced", "21 % tax, store replaced after 12 years", tax=TAX, replaced=True),
)


@dataclass(frozen=True)
class Replayed:
    """A rule that asks for a given series (steps,) kW, charging positive, whatever happens."""

    power_kw: Floats
    name: str = "replayed"

    def powers(self, site: Site, known_price: Floats | None = None) -> Ruled:
        """The series, under no cap."""
        return Ruled(self.power_kw, np.full(self.power_kw.size, np.inf))


def load_kw() -> Floats:
    """SAM's commercial load (8760,)."""
    return pd.read_parquet(LOAD)["p_kw"].to_numpy(float)


def request_kw(load: Floats) -> Floats:
    """What the store is asked for (8760,), charging positive: cut the afternoon above 100 kW, refill at night."""
    hour = np.arange(load.size) % 24
    cut = np.where((hour >= 15) & (hour < 20), np.clip(load - SHAVED_ABOVE_KW, 0.0, MOST_KW), 0.0)
    return np.where(hour < 6, REFILL_KW, -cut)


@cache
def replayed() -> Rolled:
    """The request carried out by perdure's LFP store at that meter, one year, new."""
    load = load_kw()
    tariff = read_tariff({"kind": "sam", "file": RATE.name}, RATE.parent)
    timeline = Timeline.year(2018, "UTC", 60)
    site = Site("commercial", timeline, load, np.zeros(load.size), np.full(load.size, 20.0),
                Connection(import_limit_kw=1e4), tariff)  # fmt: skip
    plant = Plant("store", TECHNOLOGIES.find("lfp"), ENERGY_KWH, POWER_KW)
    return ByRule(Replayed(request_kw(load))).run(site.with_plant(plant), Health())


def energies_kwh(ran: Rolled) -> tuple[float, float]:
    """Charged and discharged AC energy of the year."""
    return float(np.maximum(ran.track.ac_kw, 0.0).sum()), float(-np.minimum(ran.track.ac_kw, 0.0).sum())


def priced(variant: Variant) -> Worth:
    """The replayed year, repeated for 25 years without ageing, as a cash flow in money of the day."""
    ran = replayed()
    discharged = energies_kwh(ran)[1]
    saving = ran.site.bill_without.total - ran.bill.total
    plant = ran.site.the_plant
    bought = replaced_once(plant, REPLACED_AFTER) if variant.replaced else ()
    life = written_life(ran.site, [saving] * YEARS, [discharged] * YEARS, bought)
    costs = written_costs(
        "USD", ENERGY_PER_KWH, power_per_kw=POWER_PER_KW, fixed_om_share_per_year=FIXED_OM / INVESTMENT,
        variable_om_per_kwh=VARIABLE_OM_PER_KWH, replacement_share=REPLACEMENT_SHARE,
    )  # fmt: skip
    finance = Finance(
        price_basis="nominal", discount_rate=NOMINAL_RATE, inflation_share_per_year=0.0,
        energy_price_change_share_per_year=INFLATION, operation_cost_change_share_per_year=INFLATION,
        replacement_cost_change_share_per_year=INFLATION, tax_rate=variant.tax, depreciation_years=DEPRECIATION_YEARS,
    )  # fmt: skip
    return worth(life, plant, costs, finance)
