"""Primary frequency response on the simulated plant: a measured frequency replayed, and the grid rule's step test."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from perdure.errors import Faults
from perdure.market.regulation.droop import DroopRule, StepAnswer, called_kw, step_answer
from perdure.simulate.regulation import Provider, Replay
from perdure.simulate.regulation import replay as replay_signal
from perdure.site.plant import Plant
from perdure.technology.ageing import Health
from perdure.timeline import Floats


@dataclass(frozen=True)
class FrequencyReplay:
    """A replay with the frequency it answered, and how well it kept to the droop line."""

    replay: Replay
    frequency_hz: Floats  # (steps,)
    rule: DroopRule

    @property
    def error_share(self) -> Floats:
        """|delivered - called| over rated power (steps,)."""
        seen = np.abs(self.replay.delivered_kw - self.replay.base_kw - self.replay.called_kw)
        return np.asarray(seen / self.replay.plant.power_kw)

    @property
    def settled(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Steps (steps,) whose call has stood unchanged for as long as settling may take."""
        rated, called = self.replay.plant.power_kw, self.replay.called_kw
        changed = np.abs(np.diff(called, prepend=0.0)) > 1e-12 * rated
        places = np.arange(called.size)
        since = places - np.maximum.accumulate(np.where(changed, places, 0))
        return np.asarray(since * self.replay.step_s >= self.rule.longest_settling_s.value - 1e-9)

    @property
    def passed_share(self) -> float:
        """Of the settled steps in which power was called for, the share within the accuracy; NaN if there are none."""
        settled = self.settled & (self.replay.called_kw != 0.0)
        if not settled.any():
            return float("nan")
        return float(np.mean(self.error_share[settled] <= self.rule.accuracy_share.value + 1e-12))


def replay_frequency(
    plant: Plant,
    frequency_hz: Floats,
    step_s: float,
    rule: DroopRule,
    provider: Provider | None = None,
    *,
    start: pd.Timestamp | None = None,
    ambient_c: float | Floats = 25.0,
    health: Health | None = None,
    start_share: float | None = None,
) -> FrequencyReplay:
    """Let the plant answer a frequency (steps,), NaN where not measured, by droop around the provider's base point.

    The provider's capacity is the rule's limit of rated power, whatever it says.
    """
    frequency_hz, faults = np.asarray(frequency_hz, dtype=np.float64), Faults()
    far = np.abs(np.nan_to_num(frequency_hz, nan=rule.nominal_hz.value) - rule.nominal_hz.value)
    if far.size and far.max() > 0.1 * rule.nominal_hz.value:
        worst = int(np.argmax(far))
        faults.add(f"frequency_hz[{worst}]", "is no grid frequency", frequency_hz[worst],
                   f"{rule.nominal_hz.value:g} Hz within a tenth", "Give Hz, not the deviation in mHz.")  # fmt: skip
    faults.raise_if_any()
    capacity = rule.limit_share.value * plant.power_kw
    promised = Provider(capacity) if provider is None else replace(provider, capacity_kw=capacity)
    signal = -called_kw(frequency_hz, plant.power_kw, rule) / capacity
    found = replay_signal(
        plant, promised, signal, step_s, start=start, ambient_c=ambient_c, health=health, start_share=start_share
    )
    return FrequencyReplay(found, frequency_hz, rule)


def step_test(
    plant: Plant,
    rule: DroopRule,
    frequency_hz: float,
    provider: Provider | None = None,
    *,
    step_s: float = 0.05,
    seconds: float = 30.0,
) -> StepAnswer:
    """Step the frequency from nominal to `frequency_hz` and read the answer against the rule."""
    steps = round(seconds / step_s)
    found = replay_frequency(plant, np.full(steps, frequency_hz), step_s, rule, provider).replay
    answered = found.delivered_kw - found.base_kw
    target = float(found.called_kw[-1])
    return step_answer(np.append(0.0, answered), 0.0, target, step_s, plant.power_kw, rule)
