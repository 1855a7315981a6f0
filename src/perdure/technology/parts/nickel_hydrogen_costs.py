"""What nickel-hydrogen vessels may cost: no price is published, so an estimate meets published costs of the rest."""

from __future__ import annotations

from dataclasses import replace

from perdure.quantities import Confidence, Sourced
from perdure.technology.technology import Costs

DERIVED, ESTIMATE = Confidence.DERIVED, Confidence.ESTIMATE

_AS_LFP = "as for lithium iron phosphate, converted at 7.2 CNY/USD"
_PNNL = "PNNL 2022 for LFP in 2030, 24 h: {}"

CHINA_2025 = Costs(
    currency="USD",
    energy_per_kwh=Sourced(
        250.0, "USD/kWh", "estimate, no vendor publishes one; materials 49 to 83 (PNAS 2018, Adv. Mater. 2023)",
        ESTIMATE, 150.0, 400.0, 2026, "vessel and rack; 150 (90 to 250) thought possible by 2030",
    ),
    power_per_kw=Sourced(42.0, "USD/kW", f"{_AS_LFP}: Chinese system tenders June 2025", DERIVED, 22.0, 70.0, 2025),
    balance_per_kwh=Sourced(42.0, "USD/kWh", f"{_AS_LFP}: Bernstein 2025, with construction less system", ESTIMATE,
                            28.0, 90.0, 2025),
    development_share=Sourced(0.05, "share", "estimate; PNNL 2022 has 14 % for LFP", ESTIMATE, 0.02, 0.14, 2026),
    fixed_om_share_per_year=Sourced(0.0075, "1/a", "estimate: 0.5 to 1 % a year", ESTIMATE, 0.005, 0.01, 2026),
    variable_om_per_kwh=Sourced(0.0, "USD/kWh", "estimate: nothing wears by energy alone", ESTIMATE, 0.0, 0.002, 2026),
    replacement_share=Sourced(0.6, "share", "estimate: 150 over 250 USD/kWh, 2030 over 2026", ESTIMATE, 0.4, 1.0, 2026),
    decommissioning_per_kwh=Sourced(3.0, "USD/kWh", "estimate; PNNL 2022 has 2.65 for LFP", ESTIMATE, 0.0, 10.0, 2026),
    residual_share=Sourced(0.05, "share", "estimate: nickel scrap", ESTIMATE, 0.0, 0.15, 2026),
    title={"en": "China 2025 (vessels estimated)", "zh": "中国 2025 年（压力容器为估计价）"},
)  # fmt: skip

_VESSELS_2030 = Sourced(
    150.0, "USD/kWh", "estimate, no vendor publishes one; materials 49 to 83 (PNAS 2018, Adv. Mater. 2023)", ESTIMATE,
    90.0, 250.0, 2030, "vessel and rack, built in large numbers",
)  # fmt: skip
_LATER = Sourced(0.8, "share", "estimate: less left to fall after 2030", ESTIMATE, 0.6, 1.0, 2030)

CHINA_2030 = replace(
    CHINA_2025,
    energy_per_kwh=_VESSELS_2030,
    power_per_kw=Sourced(
        36.0, "USD/kW", "estimate: 2025 tenders less the fall PNNL 2022 expects to 2030", ESTIMATE, 20.0, 60.0, 2030
    ),
    balance_per_kwh=Sourced(
        34.0, "USD/kWh", "estimate: 2025 tenders less the fall PNNL 2022 expects to 2030", ESTIMATE, 22.0, 75.0, 2030
    ),
    replacement_share=_LATER,
    title={"en": "China 2030 (estimate)", "zh": "中国 2030 年（估计）"},
)

PNNL_US_2030 = replace(
    CHINA_2025,
    energy_per_kwh=_VESSELS_2030,
    power_per_kw=Sourced(
        91.45, "USD/kW", _PNNL.format("power equipment, controls, grid integration"), DERIVED, 65.0, 120.0, 2030
    ),
    balance_per_kwh=Sourced(
        105.0, "USD/kWh", _PNNL.format("balance of system, integration, construction"), DERIVED, 80.0, 130.0, 2030
    ),
    development_share=Sourced(
        0.154, "share", _PNNL.format("51 USD/kWh over vessels, balance and a quarter of a kW"), DERIVED, 0.1, 0.2, 2030
    ),
    replacement_share=_LATER,
    title={"en": "US 2030 (vessels estimated, balance by PNNL)", "zh": "美国 2030 年（压力容器为估计价，其余据 PNNL）"},
)

COST_SETS = {"china_2025": CHINA_2025, "china_2030": CHINA_2030, "pnnl_us_2030": PNNL_US_2030}
