"""An ageing law of few numbers, for chemistries whose fade no open test has fitted yet."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from perdure.quantities import Language, Sourced
from perdure.technology.ageing import AgeingLaw, Wear
from perdure.timeline import Floats

GAS, REFERENCE_K, DAYS_PER_YEAR = 8.314462618, 298.15, 365.25
LOST_AT_LIFE = 0.2
"""Share of capacity lost when the stated number of cycles is over."""


def plain_law(
    name: str,
    title: dict[Language, str],
    figures: dict[str, Sourced],
    temperature_range_c: tuple[float, float],
    rate_range_per_h: tuple[float, float],
    remarks: tuple[str, ...] = (),
    scatter: Sourced | None = None,
) -> AgeingLaw:
    """Fade with the power `exponent` of time and of full cycles, and a resistance growing in step with both.

    `calendar_loss_share` is lost in 10 years at 25 °C and rest; `cycle_life` full cycles lose a fifth; cycles of depth
    d count d^`depth_exponent` for each kWh; resistance has grown by `resistance_growth` when a fifth is lost to either.
    """
    wears = (*_capacity(figures), *_resistance(figures))
    return AgeingLaw(name, title, wears, figures, temperature_range_c=temperature_range_c,
                     rate_range_per_h=rate_range_per_h, scatter=scatter, remarks=remarks)  # fmt: skip


def _pace(figures: Mapping[str, Sourced], celsius: Floats) -> Floats:
    """Speed of time at a temperature, over 25 °C; not below its value at -20 °C."""
    kelvin = np.maximum(celsius, -20.0) + 273.15
    return np.asarray(np.exp(-figures["activation_j_per_mol"].value / GAS * (1.0 / kelvin - 1.0 / REFERENCE_K)))


def _capacity(figures: Mapping[str, Sourced]) -> tuple[Wear, ...]:
    exponent, lost = figures["exponent"].value, figures["calendar_loss_share"].value
    per_day = lost ** (1.0 / exponent) / (10.0 * DAYS_PER_YEAR)
    per_cycle = LOST_AT_LIFE ** (1.0 / exponent) / figures["cycle_life"].value

    def calendar(celsius: Floats, soc: Floats) -> Floats:
        return np.asarray(np.power(per_day * _pace(figures, celsius), exponent) + 0.0 * soc)

    def cyclic(depth: Floats, rate: Floats, celsius: Floats, mean: Floats) -> Floats:
        return np.asarray(np.power(per_cycle * np.power(depth, figures["depth_exponent"].value), exponent))

    return (
        Wear("calendar", "capacity", exponent, calendar=calendar),
        Wear("cycling", "capacity", exponent, cyclic=cyclic),
    )


def _resistance(figures: Mapping[str, Sourced]) -> tuple[Wear, ...]:
    growth = figures["resistance_growth"].value
    per_day = growth * figures["calendar_loss_share"].value / LOST_AT_LIFE / (10.0 * DAYS_PER_YEAR)
    per_cycle = growth / figures["cycle_life"].value

    def calendar(celsius: Floats, soc: Floats) -> Floats:
        return np.asarray(per_day * _pace(figures, celsius) + 0.0 * soc)

    def cyclic(depth: Floats, rate: Floats, celsius: Floats, mean: Floats) -> Floats:
        return np.asarray(per_cycle * np.power(depth, figures["depth_exponent"].value))

    return (
        Wear("resistance with time", "impedance", 1.0, calendar=calendar),
        Wear("resistance with cycles", "impedance", 1.0, cyclic=cyclic),
    )
