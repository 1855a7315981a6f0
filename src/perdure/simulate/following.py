"""How a plant's control carries an order out: delay, first-order lag and ramp, exact for orders held over each step."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from perdure.errors import Faults
from perdure.quantities import Confidence, Sourced
from perdure.timeline import Floats

_CHAIN = "engineering estimate of telemetry, plant controller and converter; measure your own plant"


@dataclass(frozen=True)
class Following:
    """Time from an order to power at the terminals. Ramp: share of rated power per second."""

    delay_s: Sourced = field(default_factory=lambda: Sourced(0.5, "s", _CHAIN, Confidence.ESTIMATE, 0.1, 4.0))
    time_constant_s: Sourced = field(default_factory=lambda: Sourced(0.2, "s", _CHAIN, Confidence.ESTIMATE, 0.02, 1.0))
    ramp_share_per_s: Sourced = field(
        default_factory=lambda: Sourced(1.0, "1/s", _CHAIN, Confidence.ESTIMATE, 0.017, 10.0)
    )

    def __post_init__(self) -> None:
        faults = Faults()
        for name, figure in self.figures().items():
            if not figure.value >= 0 or (name == "ramp_share_per_s" and not figure.value > 0):
                low = "more than 0" if name == "ramp_share_per_s" else "at least 0"
                faults.add(f"following.{name}", "is out of range", figure.value, low)
        faults.raise_if_any()

    def figures(self) -> dict[str, Sourced]:
        """All figures by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def delayed(self, order_kw: Floats, step_s: float) -> Floats:
        """Mean of the delayed order over each step (steps,); before its first arrival the order was 0."""
        whole, part = divmod(self.delay_s.value / step_s, 1.0)
        lead = np.zeros(int(whole) + 1)
        known = np.concatenate([lead, order_kw])
        now, before = known[lead.size - int(whole) :][: order_kw.size], known[: order_kw.size]
        return np.asarray((1.0 - part) * now + part * before)

    def lagged(self, order_kw: Floats, step_s: float, at_kw: float) -> tuple[Floats, float]:
        """Mean power over each step (steps,) and the power at the end, from `at_kw` at the start."""
        slow = self.time_constant_s.value / step_s
        if slow == 0.0 or not order_kw.size:
            return order_kw, float(order_kw[-1]) if order_kw.size else at_kw
        kept = float(np.exp(-1.0 / slow))
        ends = recurrence(np.full(order_kw.size, kept), (1.0 - kept) * order_kw, at_kw)
        begins = np.append(at_kw, ends[:-1])
        return order_kw + (begins - order_kw) * slow * (1.0 - kept), float(ends[-1])

    def ramped(self, power_kw: Floats, step_s: float, rated_kw: float, at_kw: float) -> Floats:
        """Power that moves no faster than the ramp from `at_kw` on (steps,)."""
        most = self.ramp_share_per_s.value * rated_kw * step_s
        if not power_kw.size or np.abs(np.diff(power_kw, prepend=at_kw)).max() <= most:
            return power_kw
        held, out = at_kw, []
        for wanted in power_kw.tolist():
            held = min(max(wanted, held - most), held + most)
            out.append(held)
        return np.array(out)


def recurrence(factor: Floats, added: Floats, first: float) -> Floats:
    """x_t = factor_t x_(t-1) + added_t (steps,) from x_(-1) = `first`, by doubling spans: no loop over steps."""
    a, b = factor.astype(np.float64), added.astype(np.float64)
    span = 1
    while span < a.size:
        head = a[span:].copy()
        b[span:] += head * b[:-span].copy()
        a[span:] = head * a[:-span].copy()
        span *= 2
    return np.asarray(a * first + b)
