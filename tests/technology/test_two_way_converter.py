"""The converter: never a gain, a peak where large converters with a transformer have it."""

from __future__ import annotations

import numpy as np

from perdure.technology.parts.two_way_converter import TWO_WAY_CONVERTER

LOAD = np.linspace(0.01, 1.0, 100)


def efficiency() -> np.ndarray:
    lost = LOAD - TWO_WAY_CONVERTER.direct_share(LOAD) + TWO_WAY_CONVERTER.no_load_share.value
    return LOAD / (LOAD + lost)


def test_converter_always_loses_both_ways() -> None:
    assert np.all(TWO_WAY_CONVERTER.direct_share(LOAD) < LOAD)
    assert np.all(TWO_WAY_CONVERTER.direct_share(-LOAD) < -LOAD)


def test_peak_efficiency_and_its_fall_at_light_load() -> None:
    assert 0.970 < efficiency().max() < 0.980
    assert 0.5 < LOAD[efficiency().argmax()] < 0.9
    assert efficiency()[0] < 0.65
