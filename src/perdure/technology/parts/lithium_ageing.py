"""Published ageing laws of cells with a carbon anode, as functions from figures to wears.

Sources are told beside the figures. Temperatures in °C outside, K inside; times in days, cycles in full cycles.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from perdure.quantities import Confidence, Sourced
from perdure.technology.ageing import Wear
from perdure.timeline import Floats

PUBLISHED = Confidence.PUBLISHED
GAS, REFERENCE_K = 8.314462618, 298.15
NAUMANN_CALENDAR = "Naumann et al., doi 10.1016/j.est.2018.01.019, as in SimSES"
NAUMANN_CYCLE = "Naumann et al., doi 10.1016/j.jpowsour.2019.227666, as in SimSES"

NAUMANN_RESISTANCE = {
    "resistance_calendar_per_s": Sourced(3.4194e-10, "1/s", NAUMANN_CALENDAR, PUBLISHED),
    "resistance_activation_j_per_mol": Sourced(71827.0, "J/mol", NAUMANN_CALENDAR, PUBLISHED),
    "resistance_soc_square": Sourced(-3.3903, "", NAUMANN_CALENDAR, PUBLISHED),
    "resistance_soc_constant": Sourced(1.5604, "", NAUMANN_CALENDAR, PUBLISHED),
    "resistance_rate_slope": Sourced(-0.0020, "% h", NAUMANN_CYCLE, PUBLISHED),
    "resistance_rate_constant": Sourced(0.0021, "%", NAUMANN_CYCLE, PUBLISHED),
    "resistance_depth_cube": Sourced(6.8477, "", NAUMANN_CYCLE, PUBLISHED),
    "resistance_depth_constant": Sourced(0.91882, "", NAUMANN_CYCLE, PUBLISHED),
}
NAUMANN_CAPACITY = {
    "calendar_factor": Sourced(1.2571e-5, "1/s^0.5", NAUMANN_CALENDAR, PUBLISHED),
    "calendar_activation_j_per_mol": Sourced(17126.0, "J/mol", NAUMANN_CALENDAR, PUBLISHED),
    "calendar_soc_cube": Sourced(2.8575, "", NAUMANN_CALENDAR, PUBLISHED),
    "calendar_soc_constant": Sourced(0.60225, "", NAUMANN_CALENDAR, PUBLISHED),
    "cycle_rate_slope": Sourced(0.0630, "% h", NAUMANN_CYCLE, PUBLISHED),
    "cycle_rate_constant": Sourced(0.0971, "%", NAUMANN_CYCLE, PUBLISHED),
    "cycle_depth_cube": Sourced(4.0253, "", NAUMANN_CYCLE, PUBLISHED),
    "cycle_depth_constant": Sourced(1.0923, "", NAUMANN_CYCLE, PUBLISHED),
}


def anode_voltage(soc: Floats) -> Floats:
    """Graphite against lithium, V, at a state of charge (BLAST-Lite's fit)."""
    x = 0.0085 + 0.7715 * soc
    steps = 0.044 * np.tanh(-(x - 0.1958) / 0.1088) - 0.1978 * np.tanh((x - 1.0571) / 0.0854)
    steps -= 0.6875 * np.tanh((x + 0.0117) / 0.0529) + 0.0175 * np.tanh((x - 0.5692) / 0.0875)
    return np.asarray(0.6379 + 0.5416 * np.exp(-305.5309 * x) + steps)


def naumann_capacity(figures: Mapping[str, Sourced]) -> tuple[Wear, ...]:
    """Capacity wears of Naumann: square roots of time (here days) and of full cycles; the cycle law is in percent."""
    f = {name: figure.value for name, figure in figures.items()}

    def calendar(celsius: Floats, soc: Floats) -> Floats:
        warm = np.exp(-f["calendar_activation_j_per_mol"] / GAS * (1.0 / (celsius + 273.15) - 1.0 / REFERENCE_K))
        stress = f["calendar_soc_cube"] * (soc - 0.5) ** 3 + f["calendar_soc_constant"]
        return np.asarray(f["calendar_factor"] * np.sqrt(86400.0) * warm * stress)

    def cyclic(depth: Floats, rate: Floats, celsius: Floats, mean: Floats) -> Floats:
        stress = f["cycle_depth_cube"] * (depth - 0.6) ** 3 + f["cycle_depth_constant"]
        return np.asarray((f["cycle_rate_slope"] * rate + f["cycle_rate_constant"]) * stress / 100.0)

    return (
        Wear("calendar", "capacity", 0.5, calendar=calendar),
        Wear("cycling", "capacity", 0.5, cyclic=cyclic),
    )


def naumann_resistance(figures: Mapping[str, Sourced]) -> tuple[Wear, ...]:
    """Resistance wears of Naumann, linear in time and full cycles; its rate factor, negative beyond 1C, ends at 0."""
    f = {name: figure.value for name, figure in figures.items()}

    def calendar(celsius: Floats, soc: Floats) -> Floats:
        warm = np.exp(-f["resistance_activation_j_per_mol"] / GAS * (1.0 / (celsius + 273.15) - 1.0 / REFERENCE_K))
        stress = f["resistance_soc_square"] * (soc - 0.5) ** 2 + f["resistance_soc_constant"]
        return np.asarray(f["resistance_calendar_per_s"] * 86400.0 * warm * stress)

    def cyclic(depth: Floats, rate: Floats, celsius: Floats, mean: Floats) -> Floats:
        by_rate = np.maximum(f["resistance_rate_slope"] * rate + f["resistance_rate_constant"], 0.0)
        by_depth = f["resistance_depth_cube"] * (depth - 0.5) ** 3 + f["resistance_depth_constant"]
        return np.asarray(by_rate * by_depth / 100.0)

    return (
        Wear("resistance with time", "impedance", 1.0, calendar=calendar),
        Wear("resistance with cycles", "impedance", 1.0, cyclic=cyclic),
    )
