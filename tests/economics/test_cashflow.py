"""The cash flow against numbers worked by hand, and the rules it must keep for any input."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perdure.economics.capital import Capital
from perdure.economics.cashflow import CASH_FLOW, Finance, cash_flow, worth
from perdure.errors import InputError
from perdure.market.tariff import Connection
from perdure.quantities import QUANTITIES, Confidence, Sourced
from perdure.simulate.result import Bought, Life, Result
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.technology import Costs

BEFORE_TAX = Finance(tax_rate=0.0, discount_rate=0.1)
PLANT = Plant("store", cast(Any, None), 100.0, 50.0)
# 100 kWh * 500 + 50 kW * 300 + 100 kWh * 200 = 50,000 + 15,000 + 20,000
PRICE = 85_000.0


def figure(value: float, unit: str = "") -> Sourced:
    return Sourced(value, unit, "made up for the test", Confidence.ESTIMATE)


def make_costs(**changes: float | str) -> Costs:
    plain = Costs(
        currency="CNY",
        energy_per_kwh=figure(500.0),
        power_per_kw=figure(300.0),
        balance_per_kwh=figure(200.0),
        development_share=figure(0.0),
        fixed_om_share_per_year=figure(0.0),
        variable_om_per_kwh=figure(0.0),
        replacement_share=figure(0.5),
        decommissioning_per_kwh=figure(0.0),
        residual_share=figure(0.0),
    )
    told: dict[str, Any] = {name: figure(v) if isinstance(v, float) else v for name, v in changes.items()}
    return replace(plain, **told)


def make_site(currency: str = "CNY", export_limit_kw: float = 0.0) -> Site:
    tariff = SimpleNamespace(currency=currency, name="test", title="test")
    return cast(Site, SimpleNamespace(tariff=tariff, connection=Connection(export_limit_kw=export_limit_kw)))


def make_life(
    savings: list[float],
    replaced: list[int] | None = None,
    discharged_kwh: float = 1000.0,
    currency: str = "CNY",
    samples: dict[int, Result] | None = None,
    renewed: list[int] | None = None,
) -> Life:
    count = len(savings)
    years = pd.DataFrame(
        {
            "year": np.arange(1, count + 1),
            "capacity_kwh": np.full(count, 100.0),
            "charged_kwh": np.full(count, discharged_kwh / 0.8),
            "discharged_kwh": np.full(count, discharged_kwh),
            "full_cycles": np.full(count, discharged_kwh / 100.0),
            "saving": savings,
            "replaced": replaced or [0] * count,
            "stacks_renewed": renewed or [0] * count,
        }
    )
    return Life(make_site(currency), years, pd.DataFrame(), (), samples or {}, bought=bought(replaced or [0] * count))


def bought(replaced: list[int]) -> tuple[Bought, ...]:
    """The whole store bought first, and again in each year that says 1."""
    starts = [1, *(year for year, new in enumerate(replaced, start=1) if new)]
    return tuple(
        Bought("store", "replacement" if position else "first", begin, until, 100.0, 0.0 if position else 50.0)
        for position, (begin, until) in enumerate(zip(starts, [*starts[1:], None], strict=True))
    )


@pytest.fixture
def plant() -> Plant:
    return PLANT


def test_new_stacks_are_paid_at_the_end_of_the_year_before() -> None:
    costs = make_costs(stack_renewal_share=0.4)
    table = cash_flow(make_life([0.0] * 4, renewed=[0, 0, 1, 0]), PLANT, costs, BEFORE_TAX)
    assert table["replacement"].tolist() == [0.0, 0.0, -0.4 * 15_000.0, 0.0, 0.0]


def test_a_charging_device_of_its_own_is_priced_by_its_own_power() -> None:
    plant = replace(PLANT, charge_power_kw=80.0)
    capital = Capital.of(plant, make_costs(charge_power_per_kw=100.0, stack_renewal_share=0.5), 1.0)
    assert capital.charge_power == 8_000.0
    assert capital.total == PRICE + 8_000.0
    assert capital.stack_renewal == 0.5 * (15_000.0 + 8_000.0)


def test_investment_is_the_sum_of_components(plant: Plant) -> None:
    capital = Capital.of(plant, make_costs(), 1.0)
    assert (capital.energy, capital.power, capital.balance) == (50_000.0, 15_000.0, 20_000.0)
    assert capital.total == PRICE


def test_development_is_a_share_of_the_whole_capital(plant: Plant) -> None:
    capital = Capital.of(plant, make_costs(development_share=0.15), 1.0)
    assert capital.total == pytest.approx(100_000.0)
    assert capital.development == pytest.approx(15_000.0)


def test_development_share_of_one_is_refused(plant: Plant) -> None:
    with pytest.raises(InputError, match="development_share"):
        Capital.of(plant, make_costs(development_share=1.0), 1.0)


def test_columns_are_in_the_table_of_names(plant: Plant) -> None:
    table = cash_flow(make_life([1000.0]), plant, make_costs(), BEFORE_TAX)
    assert tuple(table.columns) == CASH_FLOW
    assert set(CASH_FLOW) <= set(QUANTITIES)


def test_plain_saving_is_discounted_from_the_end_of_each_year(plant: Plant) -> None:
    outcome = worth(make_life([50_000.0, 50_000.0]), plant, make_costs(), BEFORE_TAX)
    assert outcome.cash_flow["net"].tolist() == [-PRICE, 50_000.0, 50_000.0]
    assert outcome.metrics.npv == pytest.approx(-85_000 + 50_000 / 1.1 + 50_000 / 1.21)
    assert outcome.metrics.payback_years == pytest.approx(1.7)


def test_operation_is_fixed_share_plus_discharged_energy(plant: Plant) -> None:
    costs = make_costs(fixed_om_share_per_year=0.02, variable_om_per_kwh=0.1)
    table = cash_flow(make_life([0.0, 0.0]), plant, costs, BEFORE_TAX)
    assert table["operation"].tolist() == pytest.approx([0.0, -1800.0, -1800.0])


def test_replacement_is_paid_at_the_end_of_the_year_before(plant: Plant) -> None:
    life = make_life([0.0] * 6, replaced=[0, 0, 0, 0, 1, 0])
    table = cash_flow(life, plant, make_costs(decommissioning_per_kwh=10.0), BEFORE_TAX)
    assert table["replacement"].tolist() == [0.0, 0.0, 0.0, 0.0, -25_000.0, 0.0, 0.0]
    assert table["decommissioning"].tolist() == [0.0, 0.0, 0.0, 0.0, -1000.0, 0.0, -1000.0]


def test_unexpired_part_of_a_replaced_store_returns_at_the_end(plant: Plant) -> None:
    # first store lasted 4 years; the second has served 2 of its 4: half of 25,000 less the 10 % in the residual share
    life = make_life([0.0] * 6, replaced=[0, 0, 0, 0, 1, 0])
    table = cash_flow(life, plant, make_costs(residual_share=0.1), BEFORE_TAX)
    assert table["residual"].iloc[-1] == pytest.approx(0.1 * PRICE + 0.5 * 25_000.0 * 0.9)
    assert table["residual"].iloc[:-1].abs().sum() == 0.0


def test_replacement_price_falls_by_the_stated_change(plant: Plant) -> None:
    life = make_life([0.0] * 4, replaced=[0, 0, 0, 1])
    finance = Finance(tax_rate=0.0, replacement_cost_change_share_per_year=-0.1)
    table = cash_flow(life, plant, make_costs(), finance)
    assert table["replacement"].iloc[3] == pytest.approx(-25_000.0 * 0.9**2)


def test_a_retired_store_costs_no_fixed_operation(plant: Plant) -> None:
    life = make_life([100.0, 0.0])
    life.years.loc[1, ["capacity_kwh", "charged_kwh", "discharged_kwh"]] = 0.0
    table = cash_flow(life, plant, make_costs(fixed_om_share_per_year=0.02), BEFORE_TAX)
    assert table["operation"].tolist() == pytest.approx([0.0, -1700.0, 0.0])


def test_tax_takes_its_share_of_saving_less_depreciation(plant: Plant) -> None:
    finance = Finance(tax_rate=0.25, depreciation_years=2, inflation_share_per_year=0.0)
    table = cash_flow(make_life([50_000.0] * 3), plant, make_costs(), finance)
    assert table["depreciation"].tolist() == pytest.approx([0.0, 42_500.0, 42_500.0, 0.0])
    assert table["tax"].tolist() == pytest.approx([0.0, -1875.0, -1875.0, -12_500.0])


def test_book_value_left_at_the_end_is_written_off(plant: Plant) -> None:
    finance = Finance(depreciation_years=10, inflation_share_per_year=0.0)
    table = cash_flow(make_life([0.0] * 3), plant, make_costs(), finance)
    assert table["depreciation"].tolist() == pytest.approx([0.0, 8500.0, 8500.0, 68_000.0])


def test_real_depreciation_shrinks_with_inflation(plant: Plant) -> None:
    finance = Finance(depreciation_years=2, inflation_share_per_year=0.05)
    table = cash_flow(make_life([0.0] * 2), plant, make_costs(), finance)
    assert table["depreciation"].tolist() == pytest.approx([0.0, 42_500 / 1.05, 42_500 / 1.05**2])


def test_loss_is_carried_forward_until_profits_come(plant: Plant) -> None:
    finance = Finance(tax_rate=0.25, depreciation_years=1, inflation_share_per_year=0.0, losses="carry_forward")
    table = cash_flow(make_life([50_000.0] * 3), plant, make_costs(), finance)
    # profits -35,000, 50,000, 50,000: the loss shields the first profit
    assert table["tax"].tolist() == pytest.approx([0.0, 0.0, -3750.0, -12_500.0])


def test_grant_lowers_investment_and_depreciation(plant: Plant) -> None:
    finance = Finance(grant_share=0.2, depreciation_years=1, tax_rate=0.0, inflation_share_per_year=0.0)
    outcome = worth(make_life([0.0]), plant, make_costs(), finance)
    assert outcome.cash_flow["grant"].tolist() == pytest.approx([17_000.0, 0.0])
    assert outcome.cash_flow["depreciation"].tolist() == pytest.approx([0.0, 68_000.0])
    assert outcome.metrics.investment == pytest.approx(68_000.0)


def test_two_kinds_of_grant_are_refused() -> None:
    with pytest.raises(ValueError, match="not both"):
        Finance(grant=1.0, grant_share=0.1)


def test_unknown_key_is_refused() -> None:
    with pytest.raises(ValueError, match="discont_rate"):
        Finance.model_validate({"discont_rate": 0.05})


def test_costs_in_another_currency_are_exchanged(plant: Plant) -> None:
    finance = Finance(exchange_rates={"USD": 7.0}, tax_rate=0.0)
    outcome = worth(make_life([1.0]), plant, make_costs(currency="USD"), finance)
    assert outcome.metrics.currency == "CNY"
    assert outcome.metrics.investment == pytest.approx(7.0 * PRICE)
    assert outcome.capital["value"].sum() == pytest.approx(7.0 * PRICE)
    assert outcome.assumptions["finance.exchange_rates.USD"].confidence is Confidence.USER


def test_default_exchange_rate_is_marked_an_estimate(plant: Plant) -> None:
    outcome = worth(make_life([1.0]), plant, make_costs(currency="USD"), Finance())
    assert outcome.assumptions["finance.exchange_rates.USD"].confidence is Confidence.ESTIMATE


def test_missing_exchange_rate_names_currency_and_cure(plant: Plant) -> None:
    with pytest.raises(InputError, match=r"finance\.exchange_rates\.JPY.*Add 'exchange_rates"):
        worth(make_life([1.0]), plant, make_costs(currency="JPY"), Finance())


def test_savings_follow_the_currency_of_the_results(plant: Plant) -> None:
    finance = Finance(currency="USD", exchange_rates={"CNY": 0.14}, tax_rate=0.0)
    outcome = worth(make_life([1000.0]), plant, make_costs(), finance)
    assert outcome.metrics.first_year_saving == pytest.approx(140.0)
    assert outcome.cash_flow["saving"].iloc[1] == pytest.approx(140.0)


def test_energy_price_change_starts_in_the_second_year(plant: Plant) -> None:
    finance = Finance(tax_rate=0.0, energy_price_change_share_per_year=0.03)
    table = cash_flow(make_life([1000.0] * 3), plant, make_costs(), finance)
    assert table["saving"].tolist() == pytest.approx([0.0, 1000.0, 1030.0, 1060.9])


def test_user_values_and_defaults_tell_their_confidence() -> None:
    told = Finance(discount_rate=0.06).assumptions()
    assert told["discount_rate"].value == 0.06
    assert told["discount_rate"].confidence is Confidence.USER
    assert told["tax_rate"].confidence is Confidence.UNVERIFIED


def test_levelised_cost_divides_discounted_cost_by_discounted_energy(plant: Plant) -> None:
    metrics = worth(make_life([0.0, 0.0]), plant, make_costs(), BEFORE_TAX).metrics
    energy = 1000 / 1.1 + 1000 / 1.21
    assert metrics.lcos_without_charging_per_kwh == pytest.approx(PRICE / energy)
    assert metrics.cost_per_cycle == pytest.approx(100 * PRICE / energy)
    assert metrics.lcos_per_kwh is None  # no sample year tells what charging costs


def sample(
    charge: list[float],
    imports: list[float],
    generation: list[float],
    export_limit_kw: float = 0.0,
    auxiliary_kw: float = 0.0,
) -> Result:
    count = len(charge)
    series = pd.DataFrame(
        {
            "charge_kw": charge,
            "import_kw": imports,
            "export_kw": np.zeros(count),
            "auxiliary_kw": np.full(count, auxiliary_kw),
            "generation_kw": generation,
            "load_kw": np.zeros(count),
            "buy_price_per_kwh": np.full(count, 0.3),
            "sell_price_per_kwh": np.full(count, 0.2),
        }
    )
    return Result(make_site(export_limit_kw=export_limit_kw), series, cast(Any, None), {}, 0.5, 25.0)


@pytest.mark.parametrize(
    ("imports", "generation", "limit", "price"),
    [
        ([10.0, 10.0], [0.0, 0.0], 0.0, 0.3),  # all from the grid
        ([10.0, 0.0], [0.0, 10.0], 100.0, 0.25),  # half from generation that could have been sold
        ([10.0, 0.0], [0.0, 10.0], 0.0, 0.15),  # half from generation that would have been curtailed
    ],
)
def test_charging_costs_what_the_energy_would_have_been_worth(
    imports: list[float], generation: list[float], limit: float, price: float
) -> None:
    life = make_life([0.0, 0.0], samples={1: sample([10.0, 10.0], imports, generation, limit)})
    metrics = worth(life, PLANT, make_costs(), BEFORE_TAX).metrics
    assert metrics.lcos_per_kwh is not None
    assert metrics.lcos_without_charging_per_kwh is not None
    assert metrics.lcos_per_kwh - metrics.lcos_without_charging_per_kwh == pytest.approx(price / 0.8)


def test_auxiliary_energy_counts_among_the_energy_drawn() -> None:
    drawn = sample([10.0, 10.0], [11.0, 11.0], [0.0, 0.0], auxiliary_kw=1.0)
    metrics = worth(make_life([0.0, 0.0], samples={1: drawn}), PLANT, make_costs(), BEFORE_TAX).metrics
    assert metrics.lcos_per_kwh is not None
    assert metrics.lcos_without_charging_per_kwh is not None
    assert metrics.lcos_per_kwh - metrics.lcos_without_charging_per_kwh == pytest.approx(0.3 * 1.1 / 0.8)


shares = st.floats(0.0, 0.06)


@given(
    st.lists(st.floats(-1e4, 5e4), min_size=2, max_size=25),
    st.floats(0.01, 0.15),
    shares,
    st.sampled_from(["offset", "carry_forward"]),
    st.integers(1, 20),
)
def test_real_and_nominal_reckoning_give_the_same_present_value(
    savings: list[float], real_rate: float, inflation: float, losses: Any, depreciation_years: int
) -> None:
    common = {
        "inflation_share_per_year": inflation,
        "losses": losses,
        "depreciation_years": depreciation_years,
        "energy_price_change_share_per_year": 0.01,
    }
    replaced = [0] * len(savings)
    replaced[len(savings) // 2] = 1
    life = make_life(savings, replaced=replaced)
    costs = make_costs(fixed_om_share_per_year=0.02, residual_share=0.05, decommissioning_per_kwh=20.0)
    real = Finance(discount_rate=real_rate, **common)
    nominal = Finance(discount_rate=(1 + real_rate) * (1 + inflation) - 1, price_basis="nominal", **common)
    one, other = (worth(life, PLANT, costs, finance).metrics for finance in (real, nominal))
    assert one.npv == pytest.approx(other.npv, abs=1e-6, rel=1e-9)


@given(st.lists(st.floats(0.0, 1e5), min_size=1, max_size=30), st.integers(1, 40), st.floats(0.0, 1.0))
def test_depreciation_sums_to_what_was_paid_less_the_grant(
    savings: list[float], depreciation_years: int, grant_share: float
) -> None:
    finance = Finance(depreciation_years=depreciation_years, grant_share=grant_share, inflation_share_per_year=0.0)
    table = cash_flow(make_life(savings), PLANT, make_costs(), finance)
    assert table["depreciation"].sum() == pytest.approx(PRICE * (1 - grant_share), abs=1e-6)


@given(st.lists(st.floats(-1e5, 1e5), min_size=1, max_size=30))
def test_running_sums_end_at_the_totals(savings: list[float]) -> None:
    outcome = worth(make_life(savings), PLANT, make_costs(residual_share=0.1), Finance())
    table = outcome.cash_flow
    assert table["cumulative"].iloc[-1] == pytest.approx(table["net"].sum(), abs=1e-6)
    assert table["cumulative_discounted"].iloc[-1] == pytest.approx(outcome.metrics.npv, abs=1e-6)


@given(st.lists(st.floats(0.0, 1e5), min_size=1, max_size=20), st.floats(1.0, 1e4))
def test_more_saving_is_never_worth_less(savings: list[float], extra: float) -> None:
    poor, rich = (
        worth(make_life([s + more for s in savings]), PLANT, make_costs(), Finance()).metrics for more in (0.0, extra)
    )
    assert rich.npv > poor.npv
