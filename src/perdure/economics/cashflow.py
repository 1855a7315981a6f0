"""The cash flow of a life: what is paid and saved each year, taxed, discounted and summed; and `Worth`, all of it.

Conventions. Year 0 is the investment; whatever happens during project year t falls at the end of year t. Modules
replaced or added at the start of year t are paid at the end of year t - 1, and the old ones disposed of then; new
stacks are paid the same way. The saving is the
difference of two bills and counts as profit of the site's owner. Value-added tax is left out: give tariff and costs
both with it or both without it.

Residual value at the end: `residual_share` of the whole capital; and of modules bought later the unexpired part,
their price without the residual share times the share of their life still ahead: of a replacement the life is taken as
long as that of the modules before it, of an addition what is left is told by its wear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from perdure.economics.capital import Capital
from perdure.economics.finance import Finance
from perdure.economics.metrics import (
    InternalRate,
    discount_factors,
    equivalent_annual,
    irr,
    npv,
    payback_years,
    per_discounted_unit,
)
from perdure.quantities import Sourced
from perdure.simulate.result import Bought, Life, Result
from perdure.site.plant import Plant
from perdure.technology.technology import Costs
from perdure.timeline import Floats

CASH_FLOW = (
    "year", "investment", "grant", "replacement", "addition", "operation", "saving", "residual", "decommissioning",
    "depreciation", "tax", "net", "discounted", "cumulative", "cumulative_discounted",
)  # fmt: skip
"""Columns of a cash flow. `depreciation` is no cash and only lowers the tax."""

CASH = ("investment", "grant", "replacement", "addition", "operation", "saving", "residual", "decommissioning", "tax")
"""The columns that are cash; `net` is their sum."""


@dataclass(frozen=True)
class Metrics:
    """What a cash flow comes to, in `currency` and the price basis of its Finance; after tax unless said otherwise.

    `irr` is typed: `.rate` is a number only when there is exactly one, `.status` says 'one', 'none' or 'several'.
    Paybacks are None when the money never comes back. Costs per kWh and per cycle are before tax and may be None.
    Savings are in the money of the base year, as billed.
    """

    currency: str
    investment: float  # after the grant
    npv: float
    irr: InternalRate
    payback_years: float | None
    discounted_payback_years: float | None
    lcos_per_kwh: float | None  # charging and auxiliary energy included, demand charges not
    lcos_without_charging_per_kwh: float | None
    cost_per_cycle: float | None  # without charging
    first_year_saving: float
    mean_saving: float
    equivalent_annual_saving: float


@dataclass(frozen=True)
class Worth:
    """What a life is worth: the cash flow by year, its metrics, the capital by component, and every assumption."""

    cash_flow: pd.DataFrame
    metrics: Metrics
    capital: pd.DataFrame  # component, value, figure
    assumptions: dict[str, Sourced]
    finance: Finance


Priced = tuple[Plant, Costs]
"""A store and what it costs."""


def worth(life: Life, plant: Plant, costs: Costs, finance: Finance, beside: Sequence[Priced] = ()) -> Worth:
    """Price a life: cash flow, metrics, capital and assumptions; `beside`: further stores of the same life.

    InputError where an exchange rate is missing.
    """
    priced = ((plant, costs), *beside)
    table = cash_flow(life, plant, costs, finance, beside)
    money = _Money.of(life, priced, finance)
    return Worth(
        cash_flow=table,
        metrics=_metrics(life, table, money, finance),
        capital=pd.concat(
            [Capital.of(one, own, money.rate(own)).table(own, one.name) for one, own in priced], ignore_index=True
        ),
        assumptions=_assumptions(priced, finance, money),
        finance=finance,
    )


def cash_flow(life: Life, plant: Plant, costs: Costs, finance: Finance, beside: Sequence[Priced] = ()) -> pd.DataFrame:
    """One row per year 0..N with the columns CASH_FLOW, income positive, in the currency and basis of `finance`."""
    priced = ((plant, costs), *beside)
    money = _Money.of(life, priced, finance)
    each = [_store_flows(life, one, Capital.of(one, own, money.rate(own)), finance) for one, own in priced]
    real = {name: np.sum([flows[name] for flows in each], axis=0) for name in each[0]}
    growth = _growth(finance.energy_price_change_share_per_year, len(life.years))
    real["saving"] = _column(life.years, "saving") * money.bill_rate * growth
    flows = {name: values * money.inflation for name, values in real.items()}
    flows["grant"] = _grant(flows["investment"], finance)
    flows["depreciation"] = _depreciation(flows, finance, money)
    flows["tax"] = _tax(flows, finance, money)
    net = np.sum([flows[name] for name in CASH], axis=0)
    discounted = net * discount_factors(finance.discount_rate, len(net) - 1)
    flows |= {"net": net, "discounted": discounted, "cumulative": np.cumsum(net)}
    flows["cumulative_discounted"] = np.cumsum(discounted)
    return pd.DataFrame({"year": np.arange(len(net)), **flows}, columns=list(CASH_FLOW))


@dataclass(frozen=True)
class _Money:
    """In which currency results are told, and what a unit of each input is worth in it, year by year."""

    currency: str
    bill_rate: float
    inflation: Floats  # (years + 1,) value of base-year money in the money of the basis
    price_level: Floats  # (years + 1,) inflation whatever the basis
    rates: dict[str, Sourced]

    @classmethod
    def of(cls, life: Life, priced: Sequence[Priced], finance: Finance) -> _Money:
        billed = life.site.tariff.currency
        currency = finance.currency or billed
        named = dict.fromkeys([*(costs.currency for _, costs in priced), billed])
        rates = {name: finance.exchange_rate(name, currency) for name in named}
        level = (1.0 + finance.inflation_share_per_year) ** np.arange(len(life.years) + 1.0)
        inflation = level if finance.price_basis == "nominal" else np.ones_like(level)
        return cls(currency, rates[billed].value, inflation, level, rates)

    def rate(self, costs: Costs) -> float:
        """What a unit of the costs' currency is worth in that of the results."""
        return self.rates[costs.currency].value


def _store_flows(life: Life, plant: Plant, capital: Capital, finance: Finance) -> dict[str, Floats]:
    """What one store costs in base-year money, before grant and tax (years + 1,)."""
    count, years = len(life.years), life.stores.get(plant.name, life.years)
    dearer = _growth(finance.replacement_cost_change_share_per_year, count)
    flows = {name: np.zeros(count + 1) for name in ("investment", "replacement", "addition", "residual")}
    ended, added = np.zeros(count + 1), np.zeros(count + 1)
    flows["investment"][0] = -capital.total
    flows["residual"][-1] = capital.residual_share * capital.total
    for one in (part for part in life.bought if part.store == plant.name):
        paid = one.from_year - 1
        ended[count if one.until_year is None else one.until_year - 1] += one.energy_kwh
        if one.reason == "first":
            continue
        price = dearer[paid] * _price(one, capital)
        flows[one.reason][paid] -= price
        added[paid + 1 :] += price if one.reason == "addition" else 0.0
        if one.until_year is None:
            flows["residual"][-1] += _left_share(one, life, count) * price * (1.0 - capital.residual_share)
    flows["replacement"] -= capital.stack_renewal * dearer * _started(years, "stacks_renewed")
    flows["operation"] = -_operation(years, capital, added, finance)
    flows["decommissioning"] = -capital.decommissioning_per_kwh * ended
    return flows


def _price(one: Bought, capital: Capital) -> float:
    """What modules bought later cost at today's price level."""
    if one.reason == "replacement":
        return capital.replacement_per_kwh * one.energy_kwh
    return capital.addition_per_kwh * one.energy_kwh + capital.addition_per_kw * one.power_kw


def _left_share(one: Bought, life: Life, count: int) -> float:
    """Share of the life of modules still ahead at the end of the project, by the rule on top of this file."""
    before = [
        part
        for part in life.bought
        if (part.store, part.until_year, part.energy_kwh) == (one.store, one.from_year, one.energy_kwh)
    ]
    if one.reason == "addition" or not before:
        return one.left_share
    return max(0.0, 1.0 - (count + 1 - one.from_year) / (one.from_year - before[0].from_year))


def _growth(change: float, count: int) -> Floats:
    """Price level of years 0..count: years 0 and 1 at today's price, then changing once a year (count + 1,)."""
    return np.asarray((1.0 + change) ** np.maximum(np.arange(count + 1.0) - 1.0, 0.0))


def _column(years: pd.DataFrame, name: str) -> Floats:
    """A yearly column with a zero for year 0 in front (years + 1,)."""
    return np.concatenate([[0.0], years[name].to_numpy(dtype=np.float64)])


def _started(years: pd.DataFrame, name: str) -> Floats:
    """What starts with each next year, at the end of the year before (years + 1,)."""
    return np.concatenate([_column(years, name)[1:], [0.0]])


def _operation(years: pd.DataFrame, capital: Capital, added: Floats, finance: Finance) -> Floats:
    """Operation of a store; `added` (years + 1,): price of what was built onto it by then."""
    works = _column(years, "capacity_kwh") > 0.0
    fixed = capital.fixed_operation_per_year * (1.0 + added / capital.total)
    cost = fixed * works + capital.variable_operation_per_kwh * _column(years, "discharged_kwh")
    return np.asarray(cost * _growth(finance.operation_cost_change_share_per_year, len(years)))


def _grant(investment: Floats, finance: Finance) -> Floats:
    paid = np.zeros(len(investment))
    paid[0] = finance.grant + finance.grant_share * -investment[0]
    return paid


def _depreciation(flows: dict[str, Floats], finance: Finance, money: _Money) -> Floats:
    """Straight line on what was paid (less the grant) from the year after; what is left is written off at the end.

    Tax books are kept in money of the day: in real terms the same allowance shrinks with inflation.
    """
    shrink = money.inflation / money.price_level
    paid = -(flows["investment"] + flows["grant"] + flows["replacement"] + flows["addition"]) / shrink
    last = len(paid) - 1
    allowance = np.zeros(len(paid))
    for year in np.flatnonzero(paid):
        ends = min(int(year) + finance.depreciation_years, last)
        allowance[year + 1 : ends + 1] += paid[year] / finance.depreciation_years
        allowance[last] += paid[year] * (1.0 - (ends - year) / finance.depreciation_years)
    return np.asarray(allowance * shrink)


def _tax(flows: dict[str, Floats], finance: Finance, money: _Money) -> Floats:
    """Tax as a flow, negative when paid; reckoned in money of the day, as tax books are. Losses by `finance.losses`."""
    profit = flows["saving"] + flows["operation"] + flows["residual"] + flows["decommissioning"] - flows["depreciation"]
    if finance.losses == "offset":
        return -finance.tax_rate * profit
    shrink = money.inflation / money.price_level
    carried, tax = 0.0, np.zeros(len(profit))
    for year, amount in enumerate(profit / shrink):
        used = min(max(amount, 0.0), carried)
        carried += max(-amount, 0.0) - used
        tax[year] = -finance.tax_rate * (max(amount, 0.0) - used)
    return tax * shrink


def _metrics(life: Life, table: pd.DataFrame, money: _Money, finance: Finance) -> Metrics:
    flows = {name: table[name].to_numpy(dtype=np.float64) for name in CASH_FLOW}
    rate, years = finance.discount_rate, len(life.years)
    cost = -sum((flows[n] for n in CASH if n not in ("saving", "tax")), np.zeros(years + 1))
    charging = _charging_cost(life, finance)
    present = npv(flows["net"], rate)
    discharged, saving = _column(life.years, "discharged_kwh"), _column(life.years, "saving")[1:] * money.bill_rate

    def per_unit(amount: Floats, extra: Floats | None) -> float | None:
        return None if extra is None else per_discounted_unit(cost + extra, amount, rate)

    return Metrics(
        currency=money.currency,
        investment=float(-flows["investment"][0] - flows["grant"][0]),
        npv=present,
        irr=irr(flows["net"]),
        payback_years=payback_years(flows["net"]),
        discounted_payback_years=payback_years(flows["discounted"]),
        lcos_per_kwh=per_unit(discharged, None if charging is None else charging * money.bill_rate * money.inflation),
        lcos_without_charging_per_kwh=per_unit(discharged, np.zeros(years + 1)),
        cost_per_cycle=per_unit(_column(life.years, "full_cycles"), np.zeros(years + 1)),
        first_year_saving=float(saving[0]),
        mean_saving=float(saving.mean()),
        equivalent_annual_saving=equivalent_annual(present, rate, years),
    )


def _charging_cost(life: Life, finance: Finance) -> Floats | None:
    """Cost of charged energy in base-year money of the tariff's currency (years + 1,); None without a sample year."""
    if not life.samples:
        return None
    numbers = sorted(life.samples)
    prices = [_charging_price(life.samples[number]) for number in numbers]
    years = np.arange(len(life.years) + 1.0)
    price = np.interp(years, numbers, prices) * _growth(finance.energy_price_change_share_per_year, len(life.years))
    return np.asarray(_column(life.years, "charged_kwh") * price)


def _charging_price(sample: Result) -> float:
    """Cost of all energy drawn over the energy charged: what was bought, and generation that could have been sold.

    Auxiliaries are priced like any other load: at the purchase price while the site needs power from outside.
    """
    series = {name: sample.series[name].to_numpy(dtype=np.float64) for name in sample.series.columns}
    charge, buy, sell = series["charge_kw"], series["buy_price_per_kwh"], series["sell_price_per_kwh"]
    limit = sample.site.connection.export_limit_kw
    surplus = np.maximum(series["generation_kw"] - series["load_kw"], 0.0)
    bought = np.minimum(charge, series["import_kw"])
    forgone = np.minimum(charge - bought, np.maximum(np.minimum(surplus, limit) - series["export_kw"], 0.0))
    aside = np.where(surplus > 0.0, sell if limit > 0.0 else 0.0, buy)
    cost = bought * buy + forgone * sell + series["auxiliary_kw"] * aside
    return float(cost.sum() / charge.sum()) if charge.sum() > 0.0 else 0.0


def _assumptions(priced: Sequence[Priced], finance: Finance, money: _Money) -> dict[str, Sourced]:
    told: dict[str, Sourced] = {}
    for plant, costs in priced:
        prefix = "cost." if len(priced) == 1 else f"cost.{plant.name}."
        told |= {f"{prefix}{name}": figure for name, figure in costs.figures().items()}
    told |= {f"finance.{name}": figure for name, figure in finance.assumptions().items()}
    told["finance.grant"] = replace(told["finance.grant"], unit=money.currency)
    rates = {name: figure for name, figure in money.rates.items() if name != money.currency}
    return told | {f"finance.exchange_rates.{name}": figure for name, figure in rates.items()}


__all__ = ["CASH", "CASH_FLOW", "Finance", "Metrics", "Worth", "cash_flow", "worth"]
