"""Hydrogen by a PEM electrolyser, kept in a metal hydride, turned back by a fuel cell."""

from __future__ import annotations

from functools import partial

from perdure.quantities import Confidence, Sourced
from perdure.technology.parts import hydrogen_chain as chain
from perdure.technology.parts.hydrogen_costs import costs_of
from perdure.technology.technology import Rating, Technology

PUBLISHED, DERIVED, ESTIMATE = Confidence.PUBLISHED, Confidence.DERIVED, Confidence.ESTIMATE

_FIT = "fit to the PEM curve at 1 bar in SimSES 1.3.12 (BSD-3); worst 0.8 mV from 0.01 A/cm² up"
_NREL = "NREL electrolyzer, cell and stack model"

FIGURES: dict[str, Sourced] = {
    "electrolyser_reversible_v": Sourced(1.17172, "V", _FIT, DERIVED),
    "electrolyser_slope_v": Sourced(0.031378, "V", _FIT, DERIVED),
    "electrolyser_exchange_a_per_cm2": Sourced(1.0612e-5, "A/cm²", _FIT, DERIVED),
    "electrolyser_resistance_ohm_cm2": Sourced(
        0.11909, "Ω cm²", _FIT, DERIVED, 0.11, 0.35, note="NREL's cell at 58 °C needs 0.4 V more at 1 A/cm²"
    ),
    "electrolyser_faraday_square_a2_per_cm4": Sourced(250e-6, "A²/cm⁴", _NREL, PUBLISHED),
    "electrolyser_faraday_limit_share": Sourced(0.996, "share", _NREL, PUBLISHED),
    "electrolyser_dryer_share": Sourced(
        0.065, "share", f"{_NREL}: hydrogen lost in the dryer", PUBLISHED, 0.02, 0.07
    ),
    "electrolyser_auxiliary_share": Sourced(
        0.06, "share", "estimate: pumps, cooling, controls; set to store 0.59 of the AC power at rated load (DEA)",
        ESTIMATE, 0.03, 0.12,
    ),
    "electrolyser_design_a_per_cm2": Sourced(2.0, "A/cm²", "estimate: a common choice", ESTIMATE, 1.0, 3.0),
    "electrolyser_minimum_load_share": Sourced(0.10, "share", _NREL, PUBLISHED, 0.05, 0.2),
    "electrolyser_aged_voltage_share": Sourced(
        0.10, "share", "estimate: common end of life of a stack", ESTIMATE, 0.08, 0.15
    ),
    "delivery_bar": Sourced(30.0, "bar", "typical of PEM electrolysers, recalled", Confidence.UNVERIFIED, 15.0, 40.0),
    **chain.CHAIN_FIGURES,
}  # fmt: skip

LAWS: dict[str, dict[str, Sourced]] = {
    "hours": {
        "electrolyser_ohm_cm2_per_h": Sourced(
            0.127 / 80_000.0, "Ω cm²/h", "SimSES 1.3.12 (BSD-3): 0.127 Ω cm² in 80,000 h", PUBLISHED
        ),
        **chain.HOURS_LAW,
    },
    "hours_and_starts": {
        "electrolyser_share_per_h": Sourced(
            5.10e-7, "1/h", f"{_NREL}: 1.417e-10 of the voltage per second", PUBLISHED, 2e-7, 2e-6
        ),
        "electrolyser_v_per_start": Sourced(
            1.478e-4, "V", f"{_NREL}, per switching on and off", PUBLISHED, 0.0, 1.5e-4
        ),
        **chain.STARTS_LAW,
    },
}  # fmt: skip


def build(figures: dict[str, Sourced], laws: dict[str, dict[str, Sourced]]) -> Technology:
    """The technology from its figures."""
    physics_at = partial(chain.HydrogenChainPhysics, figures)
    wear = chain.StackWear(physics_at(Rating(1.0, 1.0)))
    return chain.hydrogen_technology(
        "hydrogen_pem",
        {"en": "Hydrogen, PEM electrolyser and hydride", "zh": "氢储能(PEM 电解、金属氢化物)"},
        {
            "en": "PEM electrolyser, metal-hydride tank, fuel cell: power and energy sized apart, low pressure, no "
            "loss at rest; two thirds of the electricity is lost on the way.",
            "zh": "PEM 电解槽、金属氢化物储罐与燃料电池:功率与容量独立配置,低压、静置无损失;"
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
                {"en": "Hours and starts (NREL, Pei)", "zh": "运行小时与启停(NREL、Pei)"},
                laws["hours_and_starts"],
                ("Harsh on daily starts: stacks last about 3 years.",),
            ),
        },
        costs_of("pem"),
        measured_on="curves of a PEM electrolyser and a fuel cell (SimSES), LaNi5 pressures; no whole chain",
        not_valid_for="pressurised tanks, other alloys unless set, a tank below 10 °C or above 60 °C",
        remarks=("NREL's own electrolyser cell needs a quarter more voltage: vary the resistance.",),
    )  # fmt: skip


ENTRY = build(FIGURES, LAWS)
