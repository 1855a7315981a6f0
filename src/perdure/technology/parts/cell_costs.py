"""Price lists of stores built of cells in containers: read sets of PNNL and ATB, and sets of estimates."""

from __future__ import annotations

from dataclasses import replace

from perdure.quantities import Confidence, Language, Sourced
from perdure.technology.technology import Costs

PUBLISHED, DERIVED, ESTIMATE = Confidence.PUBLISHED, Confidence.DERIVED, Confidence.ESTIMATE
PNNL = "Viswanathan et al., 2022 Grid Energy Storage Technology Cost and Performance Assessment"
_PNNL_NOTE = "reference plant of 10 MW and 24 h"
_ATB = "NREL ATB 2024, as carried in PyPSA technology-data"
_ATB_NOTE = "line through its 2 h and 4 h plants, construction and development included"
_ATB_SPLIT = "split into store and balance as in PNNL 2022 for LFP"
_SPREAD_LOW, _SPREAD_HIGH = 0.8, 1.3
"""Range put on read single values: an estimate."""

LFP_2021 = {"block": 167.25, "balance": 36.92, "integration": 41.48, "construction": 49.80, "development": 59.76,
            "power": 73.05, "control": 7.75, "grid": 24.81, "upkeep": 0.158756, "power_upkeep": 2.1915,
            "scrap": 2.65}  # fmt: skip
LFP_2030 = {"block": 109.45, "balance": 27.57, "integration": 35.19, "construction": 42.26, "development": 50.71,
            "power": 64.62, "control": 5.78, "grid": 21.05, "upkeep": 0.118551, "power_upkeep": 1.9386,
            "scrap": 0.0}  # fmt: skip
"""PNNL's parts for lithium iron phosphate, USD of 2021 per kWh, kW and year: what other cells' sets borrow."""


def price_set(
    currency: str,
    title: dict[Language, str],
    year: int,
    energy: Sourced,
    power: Sourced,
    balance: Sourced,
    *,
    replacement: Sourced,
    scrap: float,
    upkeep: Sourced | None = None,
    development: Sourced | None = None,
    residual: float = 0.03,
) -> Costs:
    """One set; what no source tells apart is the same estimate in all of them. `scrap`: per kWh."""
    return Costs(
        currency=currency,
        energy_per_kwh=energy,
        power_per_kw=power,
        balance_per_kwh=balance,
        development_share=development
        or Sourced(0.05, "share", "estimate; PNNL 2022 has 14 % for LFP", ESTIMATE, 0.02, 0.14, year),
        fixed_om_share_per_year=upkeep
        or Sourced(
            0.015, "1/a", "estimate between PNNL 2022 (0.43 % of the block, 2 USD/kW) and ATB 2024 (2.3 to 2.5 %)",
            ESTIMATE, 0.005, 0.025, year,
        ),
        variable_om_per_kwh=Sourced(
            0.0, f"{currency}/kWh", "estimate: counted as wear", ESTIMATE,
            0.0, 0.01 if currency == "CNY" else 0.0015, year,
        ),
        replacement_share=replacement,
        decommissioning_per_kwh=Sourced(
            scrap, f"{currency}/kWh", "estimate within PNNL 2022, 2.65 USD/kWh in 2021 and 0 in 2030", ESTIMATE,
            0.0, max(1.9 * scrap, 2.65), year,
        ),
        residual_share=Sourced(residual, "share", "estimate", ESTIMATE, 0.0, residual + 0.02, year),
        title=title,
    )  # fmt: skip


def pnnl(title: dict[Language, str], parts: dict[str, float], page: str, replacement: Sourced) -> Costs:
    """PNNL's reference plant, its parts added up; `parts` as in `LFP_2021`."""
    power = parts["power"] + parts["control"] + parts["grid"]
    balance = parts["balance"] + parts["integration"] + parts["construction"]
    total = parts["block"] + balance + parts["development"] + power / 24.0
    upkeep = (parts["upkeep"] + parts["power_upkeep"] / 24.0) / total
    source = f"{PNNL}, {page}"

    def read(value: float, unit: str, low: float = _SPREAD_LOW, high: float = _SPREAD_HIGH) -> Sourced:
        return Sourced(round(value, 4), unit, source, PUBLISHED, low * value, high * value, 2021, _PNNL_NOTE)

    def shared(value: float, unit: str, low: float, high: float) -> Sourced:
        return Sourced(round(value, 5), unit, source, DERIVED, low, high, 2021, _PNNL_NOTE)

    made = price_set(
        "USD", title, 2021, read(parts["block"], "USD/kWh"), read(power, "USD/kW"), read(balance, "USD/kWh"),
        replacement=replacement, scrap=0.0,
        upkeep=shared(upkeep, "1/a", 0.5 * upkeep, 0.025),
        development=shared(parts["development"] / total, "share", 0.05, 0.2),
    )  # fmt: skip
    scrap = Sourced(parts["scrap"], "USD/kWh", source, PUBLISHED, 0.0, max(2.0 * parts["scrap"], 2.65), 2021)
    return replace(made, decommissioning_per_kwh=scrap)


def atb(
    title: dict[Language, str],
    year: int,
    per_kwh: tuple[float, float, float],
    per_kw: float,
    upkeep: float,
    replacement: Sourced,
) -> Costs:
    """ATB's moderate case, its advanced and conservative ones the range: `per_kwh` low, middle and high."""
    block = LFP_2021["block"]
    share = block / (block + LFP_2021["balance"] + LFP_2021["integration"] + LFP_2021["construction"])

    def part(of_whole: float) -> Sourced:
        low, middle, high = (round(of_whole * one, 1) for one in per_kwh)
        return Sourced(middle, "USD/kWh", _ATB, DERIVED, low, high, year, _ATB_SPLIT)

    return price_set(
        "USD", title, year, part(share),
        Sourced(per_kw, "USD/kW", _ATB, DERIVED, 0.8 * per_kw, 1.3 * per_kw, year, _ATB_NOTE), part(1.0 - share),
        replacement=replacement, scrap=2.65,
        upkeep=Sourced(upkeep, "1/a", _ATB, PUBLISHED, 0.015, 0.03, year),
        development=Sourced(0.0, "share", "counted with energy and power", DERIVED, 0.0, 0.05, year),
    )  # fmt: skip


def estimated(
    currency: str,
    title: dict[Language, str],
    year: int,
    energy: tuple[float, float, float],
    why: str,
    *,
    replacement: tuple[float, float, float] = (0.7, 0.4, 1.0),
    residual: float = 0.03,
) -> Costs:
    """Cells at an estimated price (value, low, high per kWh) in the plant of the day: lithium iron phosphate's."""
    chinese = currency == "CNY"
    power = (300.0, 160.0, 504.0) if chinese else (105.6, 84.0, 137.0)
    balance = (300.0, 200.0, 530.0) if chinese else (128.2, 100.0, 167.0)
    source = "as for lithium iron phosphate, estimate"
    return price_set(
        currency, title, year,
        Sourced(energy[0], f"{currency}/kWh", why, ESTIMATE, energy[1], energy[2], year),
        Sourced(power[0], f"{currency}/kW", source, ESTIMATE, power[1], power[2], year),
        Sourced(balance[0], f"{currency}/kWh", source, ESTIMATE, balance[1], balance[2], year),
        replacement=Sourced(replacement[0], "share", "estimate", ESTIMATE, replacement[1], replacement[2], year),
        scrap=10.0 if chinese else 2.0, residual=residual,
    )  # fmt: skip
