"""The rows a life's tables hold of each year: of the site, of each store, of each billing month."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from perdure.market.charge import Bill
from perdure.simulate.run import RanStore, energy_totals
from perdure.simulate.standing import Renewal, Standing
from perdure.simulate.year import Year
from perdure.site.site import Site

ADDED_UP = (
    "capacity_kwh", "charged_kwh", "discharged_kwh", "converter_loss_kwh", "store_loss_kwh", "self_discharge_kwh",
    "auxiliary_kwh", "refused_kwh", "replaced_kwh", "added_kwh", "added_kw", "replaced", "stacks_renewed",
)  # fmt: skip
"""Columns of stores that add up to the site's."""
BY_CAPACITY = ("impedance_share", "mean_temperature_c", "unavailable_share", "full_cycles", "wear_price_per_kwh")
"""Columns of stores of which the site's is the mean by nominal capacity."""

Row = dict[str, object]


def store_row(
    number: int, wear_price_per_kwh: float, ran: RanStore, full_cycles: float, renewal: Renewal, site: Site
) -> Row:
    """One store's year."""
    totals = energy_totals(ran.track, site.timeline.step_h)
    drawn = totals["charged_kwh"] + totals["auxiliary_kwh"]
    return {
        "year": number,
        "capacity_share": ran.health.capacity_share,
        "impedance_share": ran.health.impedance_share,
        "capacity_kwh": ran.capacity_kwh,
        **totals,
        "full_cycles": full_cycles,
        "round_trip_share": totals["discharged_kwh"] / drawn if drawn > 0 else float("nan"),
        "mean_temperature_c": float(ran.track.temperature.mean()),
        "max_temperature_c": float(ran.track.temperature.max()),
        "unavailable_share": float(ran.track.unavailable.mean()),
        "wear_price_per_kwh": wear_price_per_kwh,
        "replaced": int(renewal.replaced_kwh > 0.0),
        "replaced_kwh": renewal.replaced_kwh,
        "added_kwh": renewal.added_kwh,
        "added_kw": renewal.added_kw,
        "stacks_renewed": int(renewal.stacks_renewed),
    }


def site_row(number: int, site: Site, year: Year, each: Sequence[Row], stores: Sequence[Standing]) -> Row:
    """The site's year: its stores together, and its money."""
    without, bill = site.bill_without, year.bill
    return {"year": number} | _together(each, [one.plant.energy_kwh for one in year.stores]) | {
        "unserved_kwh": year.unserved_kwh,
        "cost_without": without.total,
        "cost_with": bill.total,
        "saving": without.total - bill.total,
        "service_income": year.served.income if year.served is not None else 0.0,
        "planned_saving": without.total - year.planned_bill.total,
        "method": year.plan[0].method,
    }  # fmt: skip


def _together(each: Sequence[Row], nominal_kwh: Sequence[float]) -> Row:
    """The columns of several stores as one."""
    if len(each) == 1:
        return {name: value for name, value in each[0].items() if name != "year"}
    whole = sum(nominal_kwh)

    def values(name: str) -> list[float]:
        return [float(one[name]) for one in each]  # type: ignore[arg-type]

    told: Row = {name: sum(values(name)) for name in ADDED_UP}
    for name in BY_CAPACITY:
        told[name] = sum(kwh * value for kwh, value in zip(nominal_kwh, values(name), strict=True)) / whole
    told["capacity_share"] = sum(values("capacity_kwh")) / whole
    drawn = sum(values("charged_kwh")) + sum(values("auxiliary_kwh"))
    told["round_trip_share"] = sum(values("discharged_kwh")) / drawn if drawn > 0 else float("nan")
    told["max_temperature_c"] = max(values("max_temperature_c"))
    return {name: told[name] for name in each[0] if name != "year"}


def idle_row(number: int, like: Row) -> Row:
    """A year in which nothing stood."""
    nothing: Row = {name: 0.0 for name in like if name not in ("year", "method")}
    idle: Row = {"year": number} | nothing | {"round_trip_share": float("nan"), "replaced": 0, "stacks_renewed": 0}
    return idle | ({"method": "retired"} if "method" in like else {})


def month_columns(number: int, without: Bill, bill: Bill) -> dict[str, Sequence[object]]:
    """A year's billing months, column by column (billing months,)."""
    return {
        "year": [number] * len(bill.periods),
        "period": bill.periods,
        "cost_without": list(without.by_period),
        "cost_with": list(bill.by_period),
        "peak_without_kw": list(without.peak_kw),
        "peak_with_kw": list(bill.peak_kw),
    }


def month_table(years: Sequence[dict[str, Sequence[object]]]) -> pd.DataFrame:
    """The billing months of all years, a row each."""
    return pd.DataFrame({name: [value for year in years for value in year[name]] for name in years[0]})
