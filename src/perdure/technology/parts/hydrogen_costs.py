"""What a hydrogen chain costs: sets by region and year, for either kind of electrolyser."""

from __future__ import annotations

from typing import Literal

from perdure.quantities import Confidence, Language, Sourced
from perdure.technology.technology import Costs

Kind = Literal["pem", "alkaline"]
PUBLISHED, DERIVED, ESTIMATE = Confidence.PUBLISHED, Confidence.DERIVED, Confidence.ESTIMATE

_BIDS = "winning bids in China 2023 (CEEC, hydrogeninsight): 210 USD/kW alkaline, 630 USD/kW PEM, at 7.2 CNY/USD"
_PNNL = "Viswanathan et al., 2022 Grid Energy Storage Technology Cost and Performance Assessment, p. 113"
_EITHER = "electrolyser and rectifier; the source does not tell the kinds apart"
_DEA = "Danish Energy Agency and IEA, as gathered in PyPSA technology-data"
_TANK = "estimate: no price of a hydride tank was found; 100 USD/kWh and more today, 30 to 60 in the long run"
_UPKEEP = "estimate: 1 to 2 % a year beside new stacks"
_STACKS = "estimate: stacks are about 40 % of either device, the rest stays"
_USD = {"CNY": 7.2, "USD": 1.0, "EUR": 0.92}


def _set(
    currency: str,
    title: dict[Language, str],
    year: int,
    electrolyser: Sourced,
    fuel_cell: Sourced,
    tank_usd: tuple[float, float, float],
) -> Costs:
    """One set; tank, construction and upkeep are the same estimates in all of them, at the year's tank price."""
    rate, per_kwh = _USD[currency], f"{currency}/kWh"
    tank, low, high = (round(rate * price) for price in tank_usd)
    return Costs(
        currency=currency,
        energy_per_kwh=Sourced(tank, per_kwh, _TANK, ESTIMATE, low, high, year),
        power_per_kw=fuel_cell,
        charge_power_per_kw=electrolyser,
        balance_per_kwh=Sourced(
            round(15.0 * rate), per_kwh, "estimate: housing, pipes, gas safety", ESTIMATE, round(8.0 * rate),
            round(30.0 * rate), year,
        ),
        development_share=Sourced(0.08, "share", "estimate", ESTIMATE, 0.04, 0.14, year),
        fixed_om_share_per_year=Sourced(0.015, "1/a", _UPKEEP, ESTIMATE, 0.01, 0.04, year),
        variable_om_per_kwh=Sourced(0.0, per_kwh, "estimate: counted as wear", ESTIMATE, 0.0, 0.01 * rate, year),
        replacement_share=Sourced(0.7, "share", "estimate: the alloy of the old tank is used again", ESTIMATE, 0.4, 1.0,
                                  year),
        decommissioning_per_kwh=Sourced(
            round(3.0 * rate), per_kwh, "estimate", ESTIMATE, 0.0, round(10.0 * rate), year
        ),
        residual_share=Sourced(
            0.05, "share", "estimate: nickel and rare earths of the alloy", ESTIMATE, 0.0, 0.15, year
        ),
        stack_renewal_share=Sourced(0.4, "share", _STACKS, ESTIMATE, 0.25, 0.6, year),
        title=title,
    )  # fmt: skip


def _read(value: float, unit: str, source: str, year: int, note: str = "") -> Sourced:
    return Sourced(round(value, 1), unit, source, PUBLISHED, round(0.7 * value), round(1.3 * value), year, note)


def costs_of(kind: Kind) -> dict[str, Costs]:
    """The sets for a kind of electrolyser, the default first."""
    bid = 7.2 * {"pem": 630.0, "alkaline": 210.0}[kind]
    china = Sourced(bid, "CNY/kW", _BIDS, DERIVED, round(0.8 * bid), round(1.6 * bid), 2023, "rectifier included")
    cell = Sourced(
        4000.0, "CNY/kW", "estimate: Chinese fuel-cell systems with inverter", ESTIMATE, 2500.0, 7000.0, 2025
    )
    return {
        "china_2025": _set("CNY", {"en": "China 2025", "zh": "中国 2025 年"}, 2025, china, cell, (120.0, 60.0, 250.0)),
        "pnnl_us_2021": _set(
            "USD", {"en": "United States 2021 (PNNL)", "zh": "美国 2021 年(PNNL)"}, 2021,
            _read(1316.0 + 130.0, "USD/kW", _PNNL, 2021, _EITHER),
            _read(1320.0 + 67.0 + 1.5 + 19.89, "USD/kW", _PNNL, 2021, "fuel cell, inverter, control, grid"),
            (120.0, 60.0, 250.0),
        ),
        "pnnl_us_2030": _set(
            "USD", {"en": "United States 2030 (PNNL)", "zh": "美国 2030 年(PNNL)"}, 2030,
            _read(350.0 + 84.0, "USD/kW", _PNNL, 2021, _EITHER),
            _read(425.0 + 39.0 + 1.06 + 16.3, "USD/kW", _PNNL, 2021, "fuel cell, inverter, control, grid"),
            (60.0, 30.0, 120.0),
        ),
        "dea_eu_2025": _set(
            "EUR", {"en": "Europe 2025 (DEA, IEA)", "zh": "欧洲 2025 年(丹麦能源署、IEA)"}, 2025,
            _read(2263.0, "EUR/kW", _DEA, 2020, "the source does not tell the kinds apart"),
            _read(1603.0, "EUR/kW", _DEA, 2015, "in money of 2015"),
            (120.0, 60.0, 250.0),
        ),
    }  # fmt: skip
