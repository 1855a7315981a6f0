"""The one-way converters of a hydrogen chain: a rectifier with transformer before the electrolyser."""

from __future__ import annotations

from perdure.quantities import Confidence, Sourced
from perdure.technology.converter import Converter

_PNNL = "estimate after PNNL 2022, p. 111: 0.98 for the converter times 0.98 for the transformer at rated power"

RECTIFIER = Converter(
    linear_share=Sourced(0.020, "share", _PNNL, Confidence.ESTIMATE, 0.010, 0.030, 2022),
    quadratic_share=Sourced(0.012, "share", _PNNL, Confidence.ESTIMATE, 0.006, 0.018, 2022),
    no_load_share=Sourced(0.007, "share", _PNNL, Confidence.ESTIMATE, 0.003, 0.010, 2022),
    standby_share=Sourced(
        0.001, "share", "estimate: controls and transformer magnetising at rest", Confidence.ESTIMATE, 0.0005, 0.003
    ),
)
