"""The two-way converter with transformer before an electrochemical store, fitted to a published table."""

from __future__ import annotations

from perdure.quantities import Confidence, Sourced
from perdure.technology.converter import Converter

_TABLE = "least-squares fit to the measured Sinamics S120 efficiency table in SimSES 1.3.12 (BSD-3)"
_NOTE = (
    "loss against delivered power, mean of both directions, worst error 0.02 % of rating; peak 97.6 %, "
    "taken to stand for a 98.5 % converter with a 99 % transformer"
)

TWO_WAY_CONVERTER = Converter(
    linear_share=Sourced(0.0062, "share", _TABLE, Confidence.DERIVED, 0.004, 0.008, 2023, _NOTE),
    quadratic_share=Sourced(0.0133, "share", _TABLE, Confidence.DERIVED, 0.010, 0.016, 2023, _NOTE),
    no_load_share=Sourced(0.0066, "share", _TABLE, Confidence.DERIVED, 0.003, 0.008, 2023, _NOTE),
    standby_share=Sourced(
        0.0015, "share", "estimate: controls and transformer magnetising at rest", Confidence.ESTIMATE, 0.0005, 0.003
    ),
)
