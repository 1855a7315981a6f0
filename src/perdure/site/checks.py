"""Looks for values that cannot be right: negative, spiked, in the wrong unit, on the wrong clock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perdure.errors import Faults
from perdure.site.inputs import GenerationSeries, SeriesInput, Suspicion
from perdure.site.series import Reading
from perdure.site.sun import solar_hour, sun_is_down
from perdure.timeline import Floats

SPIKE_FACTOR = 5.0
"""A value this many times the 99.5 % quantile of its series is taken for a spike."""
ROUNDING_SHARE = 1e-3
"""Values negative by less than this share of the largest are remarked, not doubted."""
NIGHT_SHARE = 0.02
"""Share of a year's solar energy that may fall while the sun is down (coarse steps, inaccurate clocks)."""
NOON_HOURS = 2.0
"""Hours by which the middle of solar production may differ from solar noon (modules facing east or west)."""


@dataclass
class Suspicions:
    """Turns a suspicion into a fault, or into a remark where the case accepts it."""

    spec: SeriesInput
    faults: Faults
    remarks: list[str]

    def add(self, kind: Suspicion, problem: str, value: str | None = None, allowed: str | None = None,
            cure: str = "") -> None:  # fmt: skip
        """Note one suspicion about the series."""
        if kind in self.spec.accept:
            said = f"{self.spec.file}, {self.spec.column}: {problem}" + (f" (got {value})" if value else "")
            self.remarks.append(f"{said}; accepted in the case file.")
            return
        cure = f"{cure} If it is right, say accept: [{kind}].".strip()
        place = {"counter": "unit"}.get(kind, kind if kind in ("unit", "zone", "stamps") else self.spec.column)
        self.faults.add(place, problem, value, allowed, cure)


def to_kw(spec: SeriesInput, reading: Reading) -> Floats:
    """Mean power of each step in kW (steps,)."""
    per_hour = 60.0 / reading.timeline.step_minutes
    factor = {"W": 1e-3, "kW": 1.0, "MW": 1e3, "kWh": per_hour, "MWh": 1e3 * per_hour, "share": spec.rated_kw or 0.0}
    return np.asarray(reading.values * (factor[spec.unit] * spec.scale))


def check_power(
    spec: SeriesInput, reading: Reading, power_kw: Floats, reference_kw: float | None, doubts: Suspicions
) -> None:
    """Signs, spikes, meter counters and factors of a thousand; `reference_kw` is what its size is held against."""
    if _is_counter(spec, reading):
        doubts.add(
            "counter", "the values only ever rise, as a meter reading does", cure="Give differences per interval."
        )
        return
    _check_sign(spec, reading, power_kw, doubts)
    usual = float(np.quantile(np.abs(power_kw), 0.995))
    spikes = np.flatnonzero(np.abs(power_kw) > SPIKE_FACTOR * usual) if usual > 0 else np.array([], dtype=np.int64)
    if len(spikes):
        doubts.add("spikes", f"values far above the rest ({len(spikes)}): {reading.list(spikes)}",
                   f"{np.abs(reading.values[spikes]).max():g} {spec.unit}",
                   f"up to {SPIKE_FACTOR:g} times what 99.5 % of the values keep",
                   "Mend or empty the cells.")  # fmt: skip
    power = np.delete(power_kw, spikes)
    _check_unit(spec, power if len(power) else power_kw, reference_kw, doubts)
    zeros = float(np.mean(power_kw == 0.0))
    if not isinstance(spec, GenerationSeries) and zeros > 0.02:
        doubts.remarks.append(f"{spec.file}, {spec.column}: {zeros:.1%} of the values are exactly zero.")


def _check_sign(spec: SeriesInput, reading: Reading, power_kw: Floats, doubts: Suspicions) -> None:
    """Values below zero; those of a rounding's size are kept and remarked."""
    below = np.flatnonzero(power_kw < -ROUNDING_SHARE * float(np.abs(power_kw).max()))
    if len(below):
        doubts.add("negative", f"negative values ({len(below)}): {reading.list(below)}",
                   f"{reading.values.min():g} {spec.unit}", "0 or more", "Mend the values.")  # fmt: skip
    elif (tiny := int((power_kw < 0.0).sum())) > 0:
        doubts.remarks.append(f"{spec.file}, {spec.column}: {tiny} values lie below zero by a rounding's size; kept.")


def _is_counter(spec: SeriesInput, reading: Reading) -> bool:
    rise = np.diff(reading.values)
    return len(rise) > 100 and spec.unit in ("kWh", "MWh") and bool(np.all(rise >= 0.0)) and bool(np.any(rise > 0.0))


def _check_unit(spec: SeriesInput, power_kw: Floats, reference_kw: float | None, doubts: Suspicions) -> None:
    """A factor of a thousand shows against the connection or the rated power, or else against all experience."""
    peak, mean = float(power_kw.max()), float(power_kw.mean())
    if peak <= 0.0:
        doubts.add("unit", "the series is zero throughout", allowed="some power")
        return
    if reference_kw is not None and np.isfinite(reference_kw):
        low, high, what = 0.002 * reference_kw, 50.0 * reference_kw, f"the {reference_kw:g} kW it is measured by"
        value = f"a peak of {peak:.4g} kW with unit {spec.unit}"
        wrong = not low <= peak <= high
    else:
        low, high, what = 0.1, 100_000.0, "any site perdure is meant for"
        value, wrong = f"a mean of {mean:.4g} kW with unit {spec.unit}", not low <= mean <= high
    if wrong:
        size = "far above" if (peak if "peak" in value else mean) > high else "far below"
        doubts.add("unit", f"looks wrong by a factor of about 1000: {size} {what}", value,
                   f"{low:.4g} to {high:.4g} kW",
                   f"Is the unit rather {_other_unit(spec.unit, size)}?")  # fmt: skip


def _other_unit(unit: str, size: str) -> str:
    down = {"kW": "W", "MW": "kW", "MWh": "kWh", "W": "mW (use scale: 0.001)", "kWh": "Wh (use scale: 0.001)"}
    up = {"W": "kW", "kW": "MW", "kWh": "MWh", "MW": "GW (use scale: 1000)", "MWh": "GWh (use scale: 1000)"}
    return (down if size == "far above" else up).get(unit, "another one, or rated_kw another number")


def check_sun(
    reading: Reading, power_kw: Floats, latitude: float | None, longitude: float | None, doubts: Suspicions
) -> None:
    """Solar production while the sun is down, or centred far from solar noon, betrays a wrong zone."""
    made = np.maximum(power_kw, 0.0)
    if made.sum() <= 0.0:
        return
    cure = "Check zone, stamps and start; if it is not solar say kind: wind or kind: other."
    if latitude is None or longitude is None:
        hour = np.asarray(reading.timeline.local.hour)
        dark, what = (hour >= 22) | (hour < 3), "between 22:00 and 03:00"
    else:
        dark, what = sun_is_down(reading.timeline, latitude, longitude), "while the sun is down"
    share = float(made[dark].sum() / made.sum())
    late = _hours_late(reading, made, longitude) if longitude is not None else None
    told = f"; its middle lies {abs(late):.1f} h {'after' if late > 0 else 'before'} solar noon" if late else ""
    if share > NIGHT_SHARE or (late is not None and abs(late) > NOON_HOURS):
        steps = np.flatnonzero(dark & (made > 0.2 * made.max()))
        seen = f", for example {reading.list(steps)}" if len(steps) else ""
        doubts.add("zone", f"the zone looks wrong: {share:.1%} of the solar energy comes {what}{told}{seen}",
                   doubts.spec.zone or reading.timeline.zone, cure=cure)  # fmt: skip


def _hours_late(reading: Reading, made: Floats, longitude: float) -> float:
    """Energy-weighted mean hour of the day after solar noon, taken on the circle so that any zone error shows."""
    angle = solar_hour(reading.timeline, longitude) * (2.0 * np.pi / 24.0)
    return float(np.angle(np.sum(made * np.exp(1j * angle))) * 24.0 / (2.0 * np.pi))
