"""What a vanadium flow battery costs: sets by region and year."""

from __future__ import annotations

from perdure.quantities import Confidence, Language, Sourced
from perdure.technology.technology import Costs

PUBLISHED, DERIVED, ESTIMATE = Confidence.PUBLISHED, Confidence.DERIVED, Confidence.ESTIMATE
_TENDER = "Chinese 4 h system tenders 2023 to 2025 at 2.0 to 2.6 CNY/Wh, recalled; split into energy and power here"
_UPKEEP = "estimate: 1 % a year beside new stacks"
_STACKS = "estimate: cells and frames are about half of the power equipment, the rest stays"
_PNNL = "Viswanathan et al., 2022 Grid Energy Storage Technology Cost and Performance Assessment, p. 42"
_BLOCK = "price of a 24 h plant: holds little of the stacks, so shorter plants come out too cheap"
_DEA = "Danish Energy Agency, technology catalogue for energy storage, 181"


def _set(
    currency: str,
    title: dict[Language, str],
    year: int,
    energy: Sourced,
    power: Sourced,
    balance: Sourced,
    *,
    upkeep: Sourced,
    variable: float = 0.0,
    scrap: float,
    development: Sourced | None = None,
    replacement: Sourced | None = None,
) -> Costs:
    """One set; what no source tells apart is the same estimate in all of them."""
    per_kwh = f"{currency}/kWh"
    return Costs(
        currency=currency,
        energy_per_kwh=energy,
        power_per_kw=power,
        balance_per_kwh=balance,
        development_share=development
        or Sourced(0.05, "share", "estimate; PNNL 2022 has 13 % for vanadium", ESTIMATE, 0.02, 0.14, year),
        fixed_om_share_per_year=upkeep,
        variable_om_per_kwh=Sourced(
            variable, per_kwh, _DEA if variable else "estimate: counted as wear",
            PUBLISHED if variable else ESTIMATE, 0.0, 2.0 * variable, year,
        ),
        replacement_share=replacement
        or Sourced(0.5, "share", "estimate: the old electrolyte's vanadium is used again", ESTIMATE, 0.2, 0.9, year),
        decommissioning_per_kwh=Sourced(
            scrap, per_kwh, "estimate after PNNL 2022, 20 to 23 USD/kWh without the worth of the vanadium", ESTIMATE,
            0.0, 1.5 * scrap, year,
        ),
        residual_share=Sourced(
            0.15, "share", "estimate: vanadium keeps part of its price", ESTIMATE, 0.05, 0.3, year
        ),
        stack_renewal_share=Sourced(0.5, "share", _STACKS, ESTIMATE, 0.3, 0.7, year),
        title=title,
    )  # fmt: skip


def _pnnl(year: int, title: dict[Language, str], parts: dict[str, float]) -> Costs:
    """PNNL's reference plant of 10 MW and 24 h, its parts added up."""
    energy, power = parts["block"] + parts["balance"], parts["power"] + parts["control"] + parts["grid"]
    build = parts["integration"] + parts["construction"]
    total = energy + build + parts["development"] + power / 24.0
    share = parts["development"] / total

    def read(value: float, unit: str, note: str = "") -> Sourced:
        return Sourced(round(value, 2), unit, _PNNL, PUBLISHED, 0.8 * value, 1.3 * value, 2021, note)

    return _set(
        "USD", title, 2021,
        read(energy, "USD/kWh", _BLOCK), read(power, "USD/kW"), read(build, "USD/kWh"),
        upkeep=Sourced(
            round((parts["upkeep"] + parts["power_upkeep"] / 24.0) / total, 5), "1/a", _PNNL, DERIVED, 0.002, 0.02, 2021
        ),
        scrap=parts["scrap"],
        development=Sourced(round(share, 4), "share", _PNNL, DERIVED, 0.05, 0.15, 2021),
    )  # fmt: skip


def _dea(year: int, title: dict[Language, str], energy: float, power: float, upkeep: float) -> Costs:
    """The Danish catalogue: energy and power, construction included."""

    def read(value: float, unit: str) -> Sourced:
        return Sourced(value, unit, _DEA, PUBLISHED, 0.7 * value, 1.3 * value, year)

    zero = Sourced(0.0, "EUR/kWh", "counted with energy and power", DERIVED, 0.0, 0.0, year)
    return _set(
        "EUR", title, year, read(energy, "EUR/kWh"), read(power, "EUR/kW"), zero,
        upkeep=Sourced(upkeep, "1/a", _DEA, PUBLISHED, 0.5 * upkeep, 1.5 * upkeep, year), variable=0.00096, scrap=20.0,
    )  # fmt: skip


COSTS: dict[str, Costs] = {
    "china_2025": _set(
        "CNY", {"en": "China 2025 (recalled tenders)", "zh": "中国 2025 年(凭记忆的招标价)"}, 2025,
        Sourced(1500.0, "CNY/kWh", _TENDER, Confidence.UNVERIFIED, 1300.0, 1750.0, 2025),
        Sourced(3200.0, "CNY/kW", _TENDER, Confidence.UNVERIFIED, 2400.0, 4000.0, 2025, "stacks, pumps, converter"),
        Sourced(300.0, "CNY/kWh", "estimate: construction as for lithium iron phosphate", ESTIMATE, 200.0, 530.0, 2025),
        upkeep=Sourced(0.01, "1/a", _UPKEEP, ESTIMATE, 0.005, 0.02, 2025), scrap=70.0,
    ),
    "pnnl_us_2021": _pnnl(
        2021, {"en": "United States 2021 (PNNL)", "zh": "美国 2021 年(PNNL)"},
        {"block": 189.83, "balance": 37.97, "integration": 35.03, "construction": 40.30, "development": 46.35,
         "power": 133.0, "control": 7.8, "grid": 25.0, "upkeep": 0.816269, "power_upkeep": 3.99, "scrap": 22.95},
    ),
    "pnnl_us_2030": _pnnl(
        2030, {"en": "United States 2030 (PNNL)", "zh": "美国 2030 年(PNNL)"},
        {"block": 157.79, "balance": 28.35, "integration": 29.72, "construction": 34.20, "development": 39.33,
         "power": 117.65, "control": 5.82, "grid": 21.21, "upkeep": 0.678497, "power_upkeep": 3.5295, "scrap": 19.77},
    ),
    "dea_eu_2020": _dea(2020, {"en": "Europe 2020 (DEA)", "zh": "欧洲 2020 年(丹麦能源署)"}, 478.5, 436.0, 0.02),
    "dea_eu_2030": _dea(2030, {"en": "Europe 2030 (DEA)", "zh": "欧洲 2030 年(丹麦能源署)"}, 255.2, 351.0, 0.015),
}  # fmt: skip
