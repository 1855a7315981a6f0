"""Hydrogen by an alkaline electrolyser, kept in a metal hydride, turned back by a fuel cell."""

from __future__ import annotations

from functools import partial

from perdure.quantities import Confidence, Sourced
from perdure.technology.parts import hydrogen_chain as chain
from perdure.technology.parts.hydrogen_costs import costs_of
from perdure.technology.technology import Rating, Technology

PUBLISHED, DERIVED, ESTIMATE = Confidence.PUBLISHED, Confidence.DERIVED, Confidence.ESTIMATE
UNVERIFIED = Confidence.UNVERIFIED

_FIT = "fit to seven points of a Stuart electrolyser at 53.5 °C in SimSES 1.3.12 (BSD-3); worst 3 mV"
_ULLEBERG = "Ulleberg, Int. J. Hydrogen Energy (2003), recalled"

FIGURES: dict[str, Sourced] = {
    "electrolyser_reversible_v": Sourced(1.2048, "V", "water at 53.5 °C; 1.229 V less 0.85 mV/K", DERIVED),
    "electrolyser_slope_v": Sourced(0.056392, "V", _FIT, DERIVED),
    "electrolyser_exchange_a_per_cm2": Sourced(1.6178e-4, "A/cm²", _FIT, DERIVED),
    "electrolyser_resistance_ohm_cm2": Sourced(1.06742, "Ω cm²", _FIT, DERIVED, 0.4, 1.1),
    "electrolyser_faraday_square_a2_per_cm4": Sourced(250e-6, "A²/cm⁴", _ULLEBERG, UNVERIFIED),
    "electrolyser_faraday_limit_share": Sourced(0.96, "share", _ULLEBERG, UNVERIFIED, 0.96, 0.99),
    "electrolyser_dryer_share": Sourced(
        0.03, "share", "estimate: hydrogen used to clean and dry the rest", ESTIMATE, 0.01, 0.065
    ),
    "electrolyser_auxiliary_share": Sourced(
        0.06, "share", "estimate: pumps, cooling and controls", ESTIMATE, 0.03, 0.12
    ),
    "electrolyser_design_a_per_cm2": Sourced(
        0.2, "A/cm²", "estimate: upper end of the read curve; newer stacks run at twice that", ESTIMATE, 0.15, 0.45
    ),
    "electrolyser_minimum_load_share": Sourced(0.25, "share", "20 to 40 %, recalled", UNVERIFIED, 0.15, 0.4),
    "electrolyser_aged_voltage_share": Sourced(
        0.10, "share", "estimate: common end of life of a stack", ESTIMATE, 0.08, 0.15
    ),
    "delivery_bar": Sourced(15.0, "bar", "typical of pressurised alkaline stacks, recalled", UNVERIFIED, 1.1, 32.0),
    **chain.CHAIN_FIGURES,
}  # fmt: skip

LAWS: dict[str, dict[str, Sourced]] = {
    "hours": {
        "electrolyser_ohm_cm2_per_h": Sourced(
            1.0e-5, "Ω cm²/h", "estimate: 2 µV/h at design current", ESTIMATE, 0.2e-5, 2e-5
        ),
        **chain.HOURS_LAW,
    },
    "hours_and_starts": {
        "electrolyser_share_per_h": Sourced(6.0e-7, "1/h", "estimate: 1 µV/h", ESTIMATE, 2e-7, 2e-6),
        "electrolyser_v_per_start": Sourced(
            5.0e-5, "V", "estimate: below NREL's figure for PEM", ESTIMATE, 0.0, 1.5e-4
        ),
        **chain.STARTS_LAW,
    },
}  # fmt: skip


def build(figures: dict[str, Sourced], laws: dict[str, dict[str, Sourced]]) -> Technology:
    """The technology from its figures."""
    physics_at = partial(chain.HydrogenChainPhysics, figures)
    wear = chain.StackWear(physics_at(Rating(1.0, 1.0)))
    return chain.hydrogen_technology(
        "hydrogen_alkaline",
        {"en": "Hydrogen, alkaline electrolyser and hydride", "zh": "氢储能(碱性电解、金属氢化物)"},
        {
            "en": "Alkaline electrolyser, metal-hydride tank, fuel cell: the cheapest electrolyser, slow to start and "
            "bound to a least load; two thirds of the electricity is lost on the way.",
            "zh": "碱性电解槽、金属氢化物储罐与燃料电池:电解槽最便宜,启动慢、有最低负荷限制;"
            "全程约三分之二电量损失。",
        },
        physics_at,
        figures,
        {
            "hours": wear.by_hours(
                {"en": "Hours alone", "zh": "仅按运行小时"}, laws["hours"],
                ("It knows no starts: kind to daily duty.",),
            ),
            "hours_and_starts": wear.by_hours_and_starts(
                {"en": "Hours and starts (estimate, Pei)", "zh": "运行小时与启停(估计、Pei)"},
                laws["hours_and_starts"],
                ("Its figures for the electrolyser are estimates.",),
            ),
        },
        costs_of("alkaline"),
        measured_on="seven points of a Stuart electrolyser, a fuel-cell curve (SimSES), LaNi5 pressures; no chain",
        not_valid_for="pressurised tanks, other alloys unless set, a tank below 10 °C or above 60 °C",
        remarks=(
            "Ramps of an hour from cold are not modelled; the electrolyser is taken to be kept warm.",
            "An old curve at 0.2 A/cm²: newer stacks run at twice the current.",
        ),
    )  # fmt: skip


ENTRY = build(FIGURES, LAWS)
