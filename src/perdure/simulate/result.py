"""What happened, what it cost, how it was made: one simulated stretch (`Result`) and one whole life (`Life`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from perdure.dispatch.program import LimitPrice
from perdure.dispatch.schedule import Schedule
from perdure.market.charge import Bill
from perdure.simulate.serving import Served
from perdure.site.site import Site

SERIES = (
    "load_kw", "generation_kw", "planned_kw", "charge_kw", "discharge_kw", "auxiliary_kw", "import_kw", "export_kw",
    "curtailed_kw", "unserved_kw", "refused_kw", "converter_loss_kw", "store_loss_kw", "self_discharge_kw",
    "stored_kwh", "soc", "temperature_c", "ambient_c", "buy_price_per_kwh", "sell_price_per_kwh",
    "energy_value_per_kwh",
)  # fmt: skip
"""Columns of `Result.series` (all in quantities.py);
`voltage_v`, `pressure_bar` and `unavailable_share` follow where the store has them."""


@dataclass(frozen=True)
class Result:
    """One simulated stretch: a table with one row per step (UTC index), the bill, the totals."""

    site: Site
    series: pd.DataFrame
    bill: Bill
    totals: dict[str, float]
    end_soc: float
    end_temperature_c: float
    stores: dict[str, pd.DataFrame] = field(default_factory=dict)  # of several stores each one's own columns


Reason = Literal["first", "replacement", "addition"]


@dataclass(frozen=True)
class Bought:
    """Modules bought together, which stand from the start of `from_year` until that of `until_year` (None: the end).

    `left_share`: usable life still ahead at the end of the project, by wear: 1 new, 0 worn.
    """

    store: str
    reason: Reason
    from_year: int
    until_year: int | None
    energy_kwh: float
    power_kw: float
    left_share: float = 0.0


@dataclass(frozen=True)
class Life:
    """A whole life of the plants at one site.

    `years`: one row per project year (columns of quantities.py). `months`: one row per project year and billing
    month: `year, period, cost_without, cost_with, peak_without_kw, peak_with_kw`. `bills`: per project year the bill
    with storage; `samples`: full results of a few years (the first and the last, by year number from 1).
    """

    site: Site
    years: pd.DataFrame
    months: pd.DataFrame
    bills: tuple[Bill, ...]
    samples: dict[int, Result]
    remarks: tuple[str, ...] = field(default=())
    made_by: dict[str, object] = field(default_factory=dict)
    served: dict[int, Served] = field(default_factory=dict)  # what services earned in the sampled years
    plans: dict[int, Schedule] = field(default_factory=dict)  # of those years; of several stores the first one's
    bought: tuple[Bought, ...] = ()
    stores: dict[str, pd.DataFrame] = field(default_factory=dict)  # by plant name one row per year, its own columns

    @property
    def limit_prices(self) -> dict[int, tuple[LimitPrice, ...]]:
        """What loosening each limit of the sampled years' plans saves, dearest first; found when first asked for."""
        return {
            number: tuple(price for price in plan.limit_prices.values() if price.total > 0.0)
            for number, plan in self.plans.items()
        }
