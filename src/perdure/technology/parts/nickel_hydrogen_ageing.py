"""How nickel-hydrogen vessels age: three laws with their sources, from space life tests to the vendor's claim."""

from __future__ import annotations

import numpy as np

from perdure.quantities import Confidence, Language, Sourced
from perdure.technology.ageing import AgeingLaw, Wear

DERIVED, CLAIM = Confidence.DERIVED, Confidence.CLAIM
UNVERIFIED, ESTIMATE = Confidence.UNVERIFIED, Confidence.ESTIMATE

HUBBLE = (
    "Vaidyanathan, Rao, J. Power Sources (1996) abstract: Hubble cells lost 0.69 mV per 1000 cycles over 23,000 cycles"
)

_CALENDAR = Sourced(0.002, "1/a", "estimate: at most 0.2 % a year", ESTIMATE, 0.0, 0.004)
_IMPEDANCE = Sourced(30000.0, "cycles", HUBBLE, DERIVED, note="cycles to the declared aged state, 20.7 mV")
_IMPEDANCE_DEPTH = Sourced(
    0.1,
    "share",
    "Hubble's depth, about 8 to 10 %, recalled; shallower cycles count in proportion",
    UNVERIFIED,
    0.08,
    0.1,
)
SCATTER_REMARK = "Life scatters by a factor e^0.8 = 2.2 between cells (censored fit to published life tests)."
SCATTER = Sourced(
    0.775, "", "censored log-normal fit to published life tests of cells: standard deviation of ln(life)", DERIVED,
    0.3, 0.8, note="fade grows with the cycles, so ln(fade) spreads as ln(life); makes differ in it, one make less",
)  # fmt: skip

LAWS: dict[str, dict[str, Sourced]] = {
    "default": {
        "fade_per_cycle": Sourced(
            1.0e-5, "1/cycle", "estimate between aerospace tests and the vendor's claim", ESTIMATE, 4.67e-6, 2.1e-5
        ),
        "depth_exponent": Sourced(0.85, "", "estimate between the two other sets", ESTIMATE, 0.7, 1.0),
        "calendar_fade_per_year": _CALENDAR,
        "impedance_cycles": _IMPEDANCE,
        "impedance_depth": _IMPEDANCE_DEPTH,
    },
    "aerospace_26koh": {
        "fade_per_cycle": Sourced(
            2.1e-5, "1/cycle", "Lim et al., 26 % KOH: 19,500 cycles to failure at 80 % depth", DERIVED, 1.0e-5, 4.6e-5
        ),
        "depth_exponent": Sourced(0.7, "", "estimate: no test identifies the depth slope", ESTIMATE, 0.5, 1.0),
        "calendar_fade_per_year": _CALENDAR,
        "impedance_cycles": _IMPEDANCE,
        "impedance_depth": _IMPEDANCE_DEPTH,
    },
    "vendor_claim": {
        "fade_per_cycle": Sourced(
            4.67e-6, "1/cycle", "vendor's statement in the press 2023: 86 % after 30,000 cycles", CLAIM, year=2023
        ),
        "depth_exponent": Sourced(1.0, "", "estimate: the claim names full cycles only", ESTIMATE, 0.7, 1.0),
        "calendar_fade_per_year": Sourced(0.0, "1/a", "part of the claimed 14 % in 30 years", CLAIM, year=2023),
        "impedance_cycles": _IMPEDANCE,
        "impedance_depth": _IMPEDANCE_DEPTH,
    },
}  # fmt: skip

_TITLES: dict[str, dict[Language, str]] = {
    "default": {"en": "Between space tests and claim", "zh": "介于航天试验与厂商宣称之间"},
    "aerospace_26koh": {"en": "Space life tests, 26 % KOH", "zh": "航天寿命试验(26% KOH)"},
    "vendor_claim": {"en": "Vendor's claim", "zh": "厂商宣称"},
}
_TESTED_C = {"default": (-10.0, 40.0), "aerospace_26koh": (0.0, 25.0), "vendor_claim": (-20.0, 50.0)}
"""Space tests ran at 0 to 23 °C; the claim holds where both the vendor's statements agree; the default is between."""
_TESTED_RATE_PER_H = {"default": 1.4, "aerospace_26koh": 1.4, "vendor_claim": 0.5}


def law(name: str, figures: dict[str, Sourced]) -> AgeingLaw:
    """Fade k D^m per cycle of depth D, a small calendar share, and a voltage loss that grows with the cycles."""
    k, m = figures["fade_per_cycle"].value, figures["depth_exponent"].value
    yearly = figures["calendar_fade_per_year"].value
    cycles, shallow = figures["impedance_cycles"].value, figures["impedance_depth"].value
    return AgeingLaw(
        name,
        _TITLES[name],
        (
            Wear("cycling", "capacity", 1.0, cyclic=lambda depth, rate, celsius, mean: k * depth**m, per="cycle"),
            Wear("calendar", "capacity", 1.0, calendar=lambda celsius, soc: np.full_like(soc, yearly / 365.25)),
            Wear(
                "voltage loss", "impedance", 1.0, per="cycle",
                cyclic=lambda depth, rate, celsius, mean: np.minimum(depth / shallow, 1.0) / cycles,
            ),
        ),
        figures,
        temperature_range_c=_TESTED_C[name],
        rate_range_per_h=(0.0, _TESTED_RATE_PER_H[name]),
        scatter=SCATTER,
        remarks=(SCATTER_REMARK,),
    )  # fmt: skip
