"""Net present value, internal rate, annuity and levelised cost beside published worked examples, to their digits."""

from __future__ import annotations

import numpy as np

from perdure.economics.cashflow import Worth, worth
from perdure.economics.finance import Finance
from perdure.economics.metrics import equivalent_annual, irr, npv, per_discounted_unit
from perdure.quantities import Confidence
from perdure.site.plant import Plant
from perdure.technology.technology import TECHNOLOGIES
from perdure.timeline import Floats
from validation.comparison import MONEY, Comparison, values
from validation.tables import table
from validation.written import ONE_KWH, empty_site, replaced_once, written_costs, written_life

PUBLISHED = Confidence.PUBLISHED
DIGITS = "the digits printed"
CENTS = "the printed flows are rounded to the cent"
WHOLE = "whole cash flow"  # a life written down, priced by `worth`
DER_VET = "EPRI, DER-VET, commit 1c82b9b, predefined case"
NUMPY = "numpy-financial, reference pages, after Gitman, Principles of Managerial Finance, Brief, 3rd ed., 2003"
BESSLAB = "acbalaga, BESSLab, tests/test_economics.py, known discounted case"
CENEP = "win8-cmd, cenep (Hubei factory, 500 kW, 1000 kWh), conftest.py, GOLDEN_LCOS_STORAGE"
USHER = "Usher, lcoe, tests/test_lcoe.py"
TOPPER = "Topper and Silva, dtocean-economics, README, usage"
HOMER = "HOMER Energy, HOMER Grid manual"
ENGR_ECON = (
    "EngrEcon (R package), present_to_annual, after Newnan et al., Engineering Economic Analysis, 14th ed., 2020"
)
TUTORS = "tutorsglobe.com, question 51108753, power plant of 500 000 USD"
NO_TAX = {"tax_rate": 0.0, "inflation_share_per_year": 0.0}


def comparisons() -> list[Comparison]:
    """All of this subject."""
    return [
        *present_values(), *storage_project(), *replaced_plants(), *rates_and_annuities(), *levelised_costs()
    ]  # fmt: skip


def _one(
    quantity: str, conditions: str, unit: str, outside: float, model: float, source: str, allowed: float,
    allowed_by: str = DIGITS, note: str = "",
) -> Comparison:  # fmt: skip
    return Comparison(
        MONEY, quantity, conditions, unit, (outside,), (model,), source, PUBLISHED, allowed=allowed,
        allowed_by=allowed_by, note=note,
    )  # fmt: skip


def _pro_forma(name: str) -> tuple[dict[str, Floats], dict[str, float]]:
    """The flows of a printed pro forma (years,) by line, and the present values printed under it."""
    frame = table(name).set_index("year")
    told = frame.loc["present_value"].astype(float).to_dict()
    return {line: frame[line].iloc[:-1].to_numpy(float) for line in frame}, told


def present_values() -> list[Comparison]:
    """Every line of two printed pro formas, discounted."""
    found = []
    for name, rate, case in (("der_vet_caiso", 0.07, "caiso_market_case"),
                             ("der_vet_bill", 0.06, "der_for_bill_reduction")):  # fmt: skip
        flows, told = _pro_forma(name)
        lines = list(told)
        found.append(
            Comparison(
                MONEY, "Present value, line by line", f"{case}, {100.0 * rate:g} %", "USD",
                values([told[line] for line in lines]), values([npv(flows[line], rate) for line in lines]),
                f"{DER_VET} {case}, npv.csv", PUBLISHED, allowed=0.02, allowed_by=CENTS, at=values(range(len(lines))),
                at_name="line", note="sum of flow over (1 + rate)^t",
            )
        )  # fmt: skip
    return found


def storage_project() -> list[Comparison]:
    """The storage project of DER-VET lived through from its first year's amounts: flows and net present value."""
    flows, told = _pro_forma("der_vet_caiso")
    priced = market_case(flows)
    net = priced.cash_flow["net"].to_numpy(float)
    source = f"{DER_VET} caiso_market_case, pro_forma.csv and npv.csv"
    grown = "amounts of the first year, grown by 2 % a year here"
    return [
        Comparison(
            MONEY, "Yearly net value", f"{WHOLE}, caiso_market_case", "USD", values(flows["net"]), values(net), source,
            PUBLISHED, allowed=0.05, allowed_by=CENTS, at=values(range(net.size)), at_name="year", note=grown,
        ),
        _one("Net present value", f"{WHOLE}, caiso_market_case", "USD", told["net"], priced.metrics.npv, source, 0.2,
             CENTS, grown),
    ]  # fmt: skip


def market_case(flows: dict[str, Floats]) -> Worth:
    """The project, 800 USD/kW and 200 USD/kWh, told by what its first year earns and costs."""
    first = {line: float(flow[1]) for line, flow in flows.items()}
    earned = sum(first[line] for line in ("day_ahead_energy", "regulation_energy", "regulation_down", "regulation_up"))
    plant, price = Plant("store", TECHNOLOGIES.find("lfp"), 4000.0, 1000.0), -float(flows["capital"][0])
    costs = written_costs(
        "USD", 200.0, power_per_kw=800.0, fixed_om_share_per_year=-first["fixed_om"] / price,
        variable_om_per_kwh=-first["variable_om"],
    )  # fmt: skip
    finance = Finance(
        discount_rate=0.07, energy_price_change_share_per_year=0.02, operation_cost_change_share_per_year=0.02, **NO_TAX
    )
    years = flows["net"].size - 1
    return worth(written_life(empty_site("USD"), [earned] * years, [1.0] * years), plant, costs, finance)


def replaced_plants() -> list[Comparison]:
    """HOMER's wind turbine, bought again after 20 of 25 years; its generator, bought again every 3.52 years."""
    life = written_life(empty_site("USD"), [0.0] * 25, [0.0] * 25, replaced_once(ONE_KWH, 20))
    costs = written_costs("USD", 165e3, fixed_om_share_per_year=5.0 / 165.0, replacement_share=95.0 / 165.0)
    turbine = worth(life, ONE_KWH, costs, Finance(discount_rate=0.06, **NO_TAX)).metrics
    left, told = "what is left of the second one comes back", f"{WHOLE}, turbine of 165 000, again after 20 years, 6 %"
    return [
        _one("Net present cost", told, "USD", 241_938.0, -turbine.npv, f"{HOMER}, annualized cost", 1.0,
             "its table is summed from entries rounded to the dollar", left),
        _one("Annuity", told, "USD", 18_926.0, -turbine.equivalent_annual_saving, f"{HOMER}, annualized cost", 0.5),
        _one("Net present cost", "generator of 96 000, 48 000 again every 3.52 years, 6 %", "USD", 725_240.0,
             -npv(_generator(), 1.06**0.01 - 1.0), f"{HOMER}, net present cost", 263.0,
             "a life told as 3.52 years, by half its last digit", "flows laid on hundredths of a year"),
    ]  # fmt: skip


def _generator() -> Floats:
    """Flows of HOMER's generator over 25 years, one entry a hundredth of a year (2501,)."""
    flows, every = np.zeros(2501), 352
    flows[0] = -96e3
    flows[100::100] -= 2_471.0 + 34_969.0
    bought = np.arange(every, 2500, every)
    flows[bought] -= 48e3
    flows[-1] += 48e3 * (1.0 - (2500 - bought[-1]) / every)
    return flows


def rates_and_annuities() -> list[Comparison]:
    """Examples printed beside the functions of numpy-financial."""
    rate, flows = 0.08, [-40_000.0, 5_000.0, 8_000.0, 12_000.0, 30_000.0]
    found = [
        _one("Net present value", "40 000 invested, 8 %", "USD", 3065.22267, npv(np.array(flows), rate),
             f"{NUMPY}, npv", 5e-6),
        _one("Net present value", f"{WHOLE}, 40 000 invested, 8 %", "USD", 3065.22267,
             _worth_of(-flows[0], flows[1:], rate).metrics.npv, f"{NUMPY}, npv", 5e-6),
        _one("Annuity", "200 000 at 7.5 % over 180 months", "USD", 1854.0247200054619,
             equivalent_annual(200_000.0, 0.075 / 12, 180), f"{NUMPY}, pmt", 1e-9),
        _one("Annuity", "200 000 at 8 % over 30 years", "USD", 17_765.49, equivalent_annual(200_000.0, 0.08, 30),
             ENGR_ECON, 0.005),
        _one("Net present value", f"{WHOLE}, 500 000 invested, 135 000 a year, 10 %", "USD", 11_756.21,
             _worth_of(500e3, [135e3] * 5, 0.1).metrics.npv, TUTORS, 0.005),
    ]  # fmt: skip
    for told, example in ((0.28095, (-100, 39, 59, 55, 20)), (-0.0955, (-100, 0, 0, 74)),
                          (-0.0833, (-100, 100, 0, -7)), (0.06206, (-100, 100, 0, 7)),
                          (0.0886, (-5, 10.5, 1, -8, 1))):  # fmt: skip
        rates = irr(np.array(example, dtype=float)).rates
        several = f"; the one nearest to zero of {len(rates)}, which perdure tells as several"
        found.append(
            _one("Internal rate of return", f"flows {', '.join(f'{one:g}' for one in example)}", "",
                 told, min(rates, key=abs), f"{NUMPY}, irr", 5e-6,
                 note="rounded to 5 digits there" + (several if len(rates) > 1 else ""))
        )  # fmt: skip
    return found


def _worth_of(price: float, saving: list[float], rate: float) -> Worth:
    life = written_life(empty_site("USD"), saving, [0.0] * len(saving))
    return worth(life, ONE_KWH, written_costs("USD", price), Finance(discount_rate=rate, **NO_TAX))


def levelised_costs() -> list[Comparison]:
    """Discounted cost over discounted energy, of stores and of plants."""
    besslab = _levelised(100e6, 0.03, [50e6] * 3, 0.05, growth=0.03)
    whole = _levelised(100e6, 0.03, [100e6] * 3, 0.05, growth=0.03)
    discharged = 1000.0 * 0.9 * 330.0 * np.sqrt(0.88) * 0.98 ** np.arange(25)
    hubei = _levelised(1e6, 0.02, discharged, 0.08, currency="CNY")
    usher = _levelised(500e6, 0.05, [2e9] * 20, 0.07)
    plants = [(told, _levelised(500e3, 0.54, [4.5e6] * 5, rate), rate) for told, rate in ((89.31, 0.1), (85.66, 0.05))]
    no_charging = "without charging, as there"
    found = [
        _one("Levelised cost of storage", f"{WHOLE}, 100 million, 50 GWh a year, 3 years, 5 %", "USD/MWh", 796.1757,
             1e3 * besslab, BESSLAB, 5e-5, note=no_charging),
        _one("Levelised cost of energy", f"{WHOLE}, 100 million, 100 GWh a year, 3 years, 5 %", "USD/MWh", 398.0879,
             1e3 * whole, BESSLAB, 5e-5),
        _one("Levelised cost of storage", f"{WHOLE}, 1000 kWh, 330 cycles a year fading 2 %, 25 years, 8 %",
             "CNY/kWh", 0.4776404621639379, hubei, CENEP, 1e-12, note=no_charging),
        _one("Levelised cost of energy", f"{WHOLE}, 500 million, 2 TWh a year, 20 years, 7 %", "USD/kWh",
             0.03609823143581392, usher, USHER, 1e-12),
    ]  # fmt: skip
    found += [
        _one("Levelised cost of energy", f"{WHOLE}, 500 000, 4500 MWh a year, 5 years, {100.0 * rate:g} %", "USD/MWh",
             told, 1e3 * model, TUTORS, 0.005)
        for told, model, rate in plants
    ]  # fmt: skip
    bought = np.array([1.0, 100_010.0, 100_020.0, 0.0, 0.0, 0.0])
    for told, operation, energy in (
        (12122.242424, [0.0, 1e5, 1e5, 1.0, 1.0, 1.0], [0.0, 1.0, 2.0, 0.0, 10.0, 20.0]),
        (7547.792453, [0.0, 1e5, 0.0, 1.0, 1.0, 1e5], [0.0, 1.0, 32.0, 0.0, 0.0, 20.0]),
    ):
        spent = bought + np.array(operation)
        price = per_discounted_unit(spent, np.array(energy), 0.0)
        assert price is not None
        found.append(
            _one("Levelised cost of energy", f"six years, {sum(energy):g} units, no discounting", "EUR/unit", told,
                 price, TOPPER, 5e-7)
        )  # fmt: skip
    return found


def _levelised(
    price: float, operation_share: float, discharged_kwh: list[float] | Floats, rate: float, growth: float = 0.0,
    currency: str = "USD",
) -> float:  # fmt: skip
    """Levelised cost without charging, per kWh, by the whole cash flow; operation a share of the price, growing."""
    life = written_life(empty_site(currency), [0.0] * len(discharged_kwh), discharged_kwh)
    costs = written_costs(currency, price, fixed_om_share_per_year=operation_share)
    finance = Finance(discount_rate=rate, operation_cost_change_share_per_year=growth, **NO_TAX)
    told = worth(life, ONE_KWH, costs, finance).metrics.lcos_without_charging_per_kwh
    assert told is not None
    return told
