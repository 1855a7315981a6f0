"""Primary frequency response by droop: the power a frequency calls for, and whether an answer holds the grid rule.

With f0 the nominal frequency, b the dead band, d the droop and charging positive,

    called = P_rated x (|f - f0| - b) / (d f0) x sign(f - f0)   outside the dead band, at most limit x P_rated; else 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from perdure.errors import Faults
from perdure.quantities import Confidence, Sourced
from perdure.timeline import Floats

SOUTHERN = "Southern grid rules for independent storage, as a news summary on meipian.cn tells them"
STANDARD = "GB/T 40595-2021 and practice, recalled; the text was not seen"


def _southern(value: float, unit: str, low: float | None = None, high: float | None = None, note: str = "") -> Sourced:
    return Sourced(value, unit, SOUTHERN, Confidence.CLAIM, low, high, note=note)


def _standard(value: float, unit: str, low: float | None = None, high: float | None = None, note: str = "") -> Sourced:
    return Sourced(value, unit, STANDARD, Confidence.UNVERIFIED, low, high, note=note)


@dataclass(frozen=True)
class DroopRule:
    """What is called for and how it must be answered; a case changes a figure with `dataclasses.replace`."""

    nominal_hz: Sourced = field(
        default_factory=lambda: Sourced(50.0, "Hz", "nominal frequency in China and Europe", Confidence.PUBLISHED)
    )
    dead_band_hz: Sourced = field(default_factory=lambda: _southern(0.05, "Hz", 0.033, 0.05, "thermal units 0.033"))
    droop_share: Sourced = field(
        default_factory=lambda: _southern(0.02, "share", 0.005, 0.03, "the range is the rule's, the value chosen in it")
    )
    limit_share: Sourced = field(
        default_factory=lambda: _southern(0.2, "share", 0.2, 1.0, "of rated power; the rule asks for at least this")
    )
    longest_lag_s: Sourced = field(default_factory=lambda: _southern(1.0, "s", note="until the answer begins"))
    longest_rise_s: Sourced = field(default_factory=lambda: _standard(3.0, "s", 2.0, 5.0, "until 90 % of the answer"))
    longest_settling_s: Sourced = field(default_factory=lambda: _southern(4.0, "s", note="until it stays in accuracy"))
    accuracy_share: Sourced = field(default_factory=lambda: _southern(0.01, "share", note="of rated power, ±"))
    begun_share: Sourced = field(default_factory=lambda: _standard(0.1, "share", note="of the answer: it has begun"))

    def __post_init__(self) -> None:
        faults = Faults()
        for name, figure in self.figures().items():
            if not figure.value > 0 and name != "dead_band_hz":
                faults.add(f"droop.{name}", "is out of range", figure.value, "more than 0")
        if not self.dead_band_hz.value >= 0:
            faults.add("droop.dead_band_hz", "is out of range", self.dead_band_hz.value, "at least 0 Hz")
        if self.limit_share.value > 1:
            faults.add("droop.limit_share", "is out of range", self.limit_share.value, "at most 1",
                       "A share of rated power.")  # fmt: skip
        faults.raise_if_any()

    def figures(self) -> dict[str, Sourced]:
        """All figures by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def called_kw(frequency_hz: Floats, rated_kw: float, rule: DroopRule) -> Floats:
    """Power the frequency calls for (same shape), kW, charging positive: high frequency charges."""
    off = np.asarray(frequency_hz) - rule.nominal_hz.value
    beyond = np.maximum(np.abs(off) - rule.dead_band_hz.value, 0.0)
    share = beyond / (rule.droop_share.value * rule.nominal_hz.value)
    return np.asarray(np.sign(off) * np.minimum(share, rule.limit_share.value) * rated_kw)


@dataclass(frozen=True)
class StepAnswer:
    """How power answered one step of frequency; times from the step, infinite where it never came to that."""

    lag_s: float
    rise_s: float
    settling_s: float
    deviation_share: float  # of rated power: mean |power - called| once the settling time allowed is over

    def faults(self, rule: DroopRule) -> tuple[str, ...]:
        """What of the rule it breaks, in words; empty where it holds."""
        held = (
            ("lag", self.lag_s, rule.longest_lag_s),
            ("rise to 90 %", self.rise_s, rule.longest_rise_s),
            ("settling", self.settling_s, rule.longest_settling_s),
            ("deviation", self.deviation_share, rule.accuracy_share),
        )
        return tuple(f"{name} {value:.3g}, allowed {most.text}" for name, value, most in held if value > most.value)


def step_answer(
    power_kw: Floats, from_kw: float, target_kw: float, step_s: float, rated_kw: float, rule: DroopRule
) -> StepAnswer:
    """Read an answer: `power_kw` (samples,) at i x step_s after the frequency stepped, `from_kw` before it."""
    faults = Faults()
    if target_kw == from_kw:
        faults.add("target_kw", "asks for no change", target_kw, cure="Step the frequency beyond the dead band.")
    if power_kw.size * step_s <= rule.longest_settling_s.value:
        faults.add("power_kw", "ends before the settling time", f"{power_kw.size * step_s:g} s",
                   f"more than {rule.longest_settling_s.text}")  # fmt: skip
    faults.raise_if_any()
    came = (power_kw - from_kw) / (target_kw - from_kw)
    outside = np.flatnonzero(np.abs(power_kw - target_kw) > rule.accuracy_share.value * rated_kw)
    settled = 0 if not outside.size else int(outside[-1]) + 1
    late = power_kw[int(np.ceil(rule.longest_settling_s.value / step_s - 1e-9)) :]
    return StepAnswer(
        lag_s=_first(came >= rule.begun_share.value - 1e-9) * step_s,
        rise_s=_first(came >= 0.9 - 1e-9) * step_s,
        settling_s=settled * step_s if settled < power_kw.size else float("inf"),
        deviation_share=float(np.mean(np.abs(late - target_kw))) / rated_kw,
    )


def _first(true: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    where = np.flatnonzero(true)
    return float(where[0]) if where.size else float("inf")
