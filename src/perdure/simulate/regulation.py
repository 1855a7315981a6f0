"""A regulation signal replayed on the simulated plant, second by second: power, drift, what was missed, score and pay.

Signals are shares of the regulation capacity, positive for more power into the grid; powers are AC, charging positive:

    ordered = base + bias - signal x capacity, then the plant's control (delay, lag, ramp), its rating and the store.

The bias is an energy-neutral controller: once per control interval it moves the base point, within a declared band, by
what is missing to the wanted stored share over the restore time. Scores are taken against the base point so declared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from perdure.errors import Faults
from perdure.market.regulation.agc import Answers, answers, mileage
from perdure.market.regulation.hunan import HunanIndex, HunanRule, hunan_index
from perdure.market.regulation.pjm import PjmRule, PjmScore, pjm_score
from perdure.simulate.following import Following
from perdure.simulate.kernel import Track, run
from perdure.simulate.run import empty_track, energy_totals, slow_at_rest, store_of
from perdure.simulate.stress import stress_of
from perdure.site.plant import Plant
from perdure.technology.ageing import Health, Stress
from perdure.technology.response_map import Tables
from perdure.timeline import Floats

LONGEST_STEP_S = 60.0
NOTICED_SHARE = 1e-6
"""Missed power below this share of the regulation capacity is rounding."""
Corrector = Callable[[Track, float], float]
"""Takes one control interval as the response map walked it and the stored share at its end; may rewrite the interval
from a finer model of the store, and gives the share to go on with."""
_NO_DATE = pd.Timestamp("2000-01-01", tz="UTC")


@dataclass(frozen=True)
class Provider:
    """What a plant promises: `capacity_kw` up and down around `base_kw` (a number or (steps,), charging positive).

    `bias_band_kw`: how far the base point may move to bring the store back to `target_share` within `restore_h`,
    decided every `control_s`; 0 for never. `lowest_share`, `highest_share`: the window kept of stored energy, within
    the store's own.
    """

    capacity_kw: float
    base_kw: float | Floats = 0.0
    bias_band_kw: float = 0.0
    target_share: float = 0.5
    restore_h: float = 1.0
    control_s: float = 300.0
    lowest_share: float = 0.0
    highest_share: float = 1.0
    following: Following = field(default_factory=Following)


@dataclass(frozen=True)
class Missed:
    """One hour in which the order was not followed: how much, how far, in how many seconds, and what held it back."""

    start: pd.Timestamp
    energy_kwh: float
    largest_kw: float
    seconds: float
    because: tuple[str, ...]


@dataclass(frozen=True)
class Replay:
    """What happened; series (steps,) in kW, charging positive, means over each step."""

    plant: Plant
    provider: Provider
    health: Health
    start: pd.Timestamp
    step_s: float
    signal: Floats  # as received, NaN where it was missing
    base_kw: Floats  # with the bias
    called_kw: Floats  # ordered beyond the base point
    expected_kw: Floats  # the order after delay and lag, before ramp, rating and store
    ramped_kw: Floats
    track: Track
    end_share: float
    end_temperature_c: float
    corrected_heat_kwh: float | None = None  # heat as the finer model of a corrector has it

    @property
    def step_h(self) -> float:
        """Length of a step in hours."""
        return self.step_s / 3600.0

    @property
    def delivered_kw(self) -> Floats:
        """Power at the AC terminals (steps,)."""
        return self.track.ac_kw

    @property
    def response(self) -> Floats:
        """Delivered beyond the base point as a share of the capacity, positive into the grid (steps,)."""
        return (self.base_kw - self.delivered_kw) / self.provider.capacity_kw

    @property
    def stamps(self) -> pd.DatetimeIndex:
        """Step starts (steps,)."""
        return pd.date_range(self.start, periods=self.signal.size, freq=pd.Timedelta(seconds=self.step_s))

    @property
    def capacity_kwh(self) -> float:
        """Energy capacity as it is now."""
        return self.plant.energy_kwh * self.health.capacity_share

    @property
    def drift_kwh(self) -> float:
        """Change of stored energy over the whole replay."""
        return (self.end_share - float(self.track.share[0])) * self.capacity_kwh

    @cached_property
    def cuts(self) -> dict[str, Floats]:
        """What held the order back, by cause: kW cut in each step (steps,); any power where the signal was missing."""
        rating = np.clip(self.ramped_kw, -self.plant.power_kw, self.plant.charge_kw)
        return {
            "signal missing": np.where(np.isfinite(self.signal), 0.0, np.inf),
            "ramp": np.abs(self.ramped_kw - self.expected_kw),
            "power rating": np.abs(rating - self.ramped_kw),
            "store (window of stored energy or power limit)": np.abs(self.delivered_kw - rating),
        }

    @cached_property
    def missed(self) -> tuple[Missed, ...]:
        """Every hour in which the order was not followed."""
        least, per_hour = NOTICED_SHARE * self.provider.capacity_kw, max(round(3600.0 / self.step_s), 1)
        short = np.abs(self.delivered_kw - self.expected_kw)
        told = []
        for first in range(0, short.size, per_hour):
            part = slice(first, first + per_hour)
            noticed = {cause: cut[part] > least for cause, cut in self.cuts.items()}
            because = tuple(cause for cause, steps in noticed.items() if steps.any())
            if because:
                stamp = self.start + pd.Timedelta(seconds=first * self.step_s)
                seconds = float(np.any(list(noticed.values()), axis=0).sum()) * self.step_s
                energy = float(short[part].sum()) * self.step_h
                told.append(Missed(stamp, energy, float(short[part].max()), seconds, because))
        return tuple(told)

    @cached_property
    def stress(self) -> Stress:
        """What the replay asks of the store, for its ageing law."""
        return stress_of(self.track, self.plant.table(self.health.capacity_share), self.step_h)

    @cached_property
    def heat_kwh(self) -> float:
        """Heat of the store (negative where it cools)."""
        if self.corrected_heat_kwh is not None:
            return self.corrected_heat_kwh
        table = self.plant.table(self.health.capacity_share)
        power = self.track.dc_kw / self.capacity_kwh
        seen = table.physics.respond(
            table.soc(self.track.share), self.track.temperature, power, self.health.impedance_share
        )
        return float(np.broadcast_to(seen.heat_kw, power.shape).sum()) * self.capacity_kwh * self.step_h

    @cached_property
    def totals(self) -> dict[str, float]:
        """Energies (kWh), mileage (kW) and equivalent full cycles of the whole replay."""
        energies = energy_totals(self.track, self.step_h)
        del energies["refused_kwh"]  # the loop sees neither ramp nor rating: `missed_kwh` is the whole
        return energies | {
            "drift_kwh": self.drift_kwh,
            "bias_kwh": float((self.base_kw - self.provider.base_kw).sum()) * self.step_h,
            "missed_kwh": float(np.abs(self.delivered_kw - self.expected_kw).sum()) * self.step_h,
            "ordered_mileage_kw": mileage(self.called_kw),
            "delivered_mileage_kw": mileage(self.delivered_kw - self.base_kw),
            "full_cycles": float(np.maximum(-self.track.dc_kw, 0.0).sum()) * self.step_h / self.capacity_kwh,
        }

    def pjm_score(self, rule: PjmRule | None = None) -> PjmScore:
        """PJM's score of every hour."""
        return pjm_score(self.signal, self.response, self.step_s, rule)

    def answers(self, rule: HunanRule | None = None) -> Answers:
        """How each set point was answered; a step's mean power stands at its end."""
        answered = self.delivered_kw - self.base_kw
        zone = (rule or HunanRule()).dead_zone_share.value
        seen = np.append(0.0, answered[:-1])
        return answers(self.called_kw, seen, self.step_s, self.plant.power_kw, zone)

    def hunan_index(self, standard_rate_per_min: float, rule: HunanRule | None = None) -> HunanIndex:
        """Hunan's K of every set point and trading period; `standard_rate_per_min` is V_pu."""
        rule = rule or HunanRule()
        periods = int(np.ceil(self.signal.size * self.step_s / rule.period_s.value - 1e-9))
        return hunan_index(self.answers(rule), standard_rate_per_min, periods, rule)


def replay(
    plant: Plant,
    provider: Provider,
    signal: Floats,
    step_s: float,
    *,
    start: pd.Timestamp | None = None,
    ambient_c: float | Floats = 25.0,
    health: Health | None = None,
    start_share: float | None = None,
    start_temperature_c: float | None = None,
    corrector: Corrector | None = None,
) -> Replay:
    """Replay `signal` (steps,), NaN where none came (the plant then keeps its base point).

    `start_share`: stored energy over capacity, default the provider's target; `start_temperature_c`: default the first
    ambient within the thermal set points. Without `start` hours are stamped from 2000-01-01 UTC.
    """
    signal = np.asarray(signal, dtype=np.float64)
    faults = Faults()
    known = signal[np.isfinite(signal)]
    if known.size and np.abs(known).max() > 1.0 + 1e-9:
        at = int(np.nanargmax(np.abs(signal)))
        faults.add(f"signal[{at}]", "is out of range", signal[at], "-1 to 1", "Divide by the regulation capacity.")
    if np.isinf(signal).any():
        faults.add("signal", "is infinite", int(np.argmax(np.isinf(signal))), "-1 to 1, NaN where missing")
    _check(plant, provider, signal, step_s, faults)
    called = -np.nan_to_num(signal) * provider.capacity_kw
    return carry(
        plant, provider, signal, called, step_s, start or _NO_DATE, ambient_c, health or Health(), start_share,
        start_temperature_c, corrector,
    )  # fmt: skip


def _check(plant: Plant, provider: Provider, signal: Floats, step_s: float, faults: Faults) -> None:
    """Raise InputError with all that is wrong with a promise for a plant."""
    if signal.ndim != 1 or not signal.size:
        faults.add("signal", "has a wrong shape", signal.shape, "(steps,), at least one step")
    if not 0.0 < step_s <= LONGEST_STEP_S:
        faults.add("step_s", "is out of range", step_s, f"more than 0, at most {LONGEST_STEP_S:g} s")
    most = min(plant.power_kw, plant.charge_kw)
    if not 0.0 < provider.capacity_kw <= most * (1.0 + 1e-9):
        faults.add("provider.capacity_kw", "is out of range", provider.capacity_kw, f"more than 0, at most {most:g} kW",
                   "Offer no more than the plant's rating in both directions.")  # fmt: skip
    if np.ndim(provider.base_kw) and np.shape(provider.base_kw) != signal.shape:
        faults.add("provider.base_kw", "has a wrong shape", np.shape(provider.base_kw), f"a number or {signal.shape}")
    if not np.isfinite(provider.base_kw).all():
        faults.add("provider.base_kw", "has gaps", cure="Give a base point for every step.")
    if not provider.bias_band_kw >= 0.0:
        faults.add("provider.bias_band_kw", "is out of range", provider.bias_band_kw, "at least 0 kW")
    for name in ("restore_h", "control_s"):
        if not getattr(provider, name) > 0.0:
            faults.add(f"provider.{name}", "is out of range", getattr(provider, name), "more than 0")
    if not 0.0 <= provider.lowest_share <= provider.target_share <= provider.highest_share <= 1.0:
        shares = f"{provider.lowest_share:g}, {provider.target_share:g}, {provider.highest_share:g}"
        faults.add("provider.target_share", "does not lie in the window", shares,
                   "0 <= lowest_share <= target_share <= highest_share <= 1")  # fmt: skip
    faults.raise_if_any()


def carry(
    plant: Plant,
    provider: Provider,
    signal: Floats,
    called_kw: Floats,
    step_s: float,
    start: pd.Timestamp,
    ambient_c: float | Floats,
    health: Health,
    start_share: float | None,
    start_temperature_c: float | None,
    corrector: Corrector | None,
) -> Replay:
    """Carry `called_kw` (steps,) beyond the base point through control, rating and store, interval by interval."""
    steps, step_h, following = called_kw.size, step_s / 3600.0, provider.following
    ambient = np.broadcast_to(np.asarray(ambient_c, dtype=np.float64), (steps,)).copy()
    schedule = np.broadcast_to(np.asarray(provider.base_kw, dtype=np.float64), (steps,))
    answered, _ = following.lagged(following.delayed(called_kw, step_s), step_s, 0.0)
    store, slow, track = store_of(plant, health), slow_at_rest(plant), empty_track(steps)
    tables = _tables(plant, provider, health)
    share = provider.target_share if start_share is None else start_share
    temperature = _at_first(plant, ambient) if start_temperature_c is None else start_temperature_c
    interval = max(round(provider.control_s / step_s), 1)
    none, high, low = np.zeros(interval), np.full(interval, np.inf), np.full(interval, -np.inf)
    base, expected, ramped = np.empty(steps), np.empty(steps), np.empty(steps)
    at = float(schedule[0])
    for first in range(0, steps, interval):
        part = slice(first, min(first + interval, steps))
        n = part.stop - first
        missing_kw = (provider.target_share - share) * store.capacity_kwh / provider.restore_h
        base[part] = schedule[part] + min(max(missing_kw, -provider.bias_band_kw), provider.bias_band_kw)
        expected[part] = base[part] + answered[part]
        ramped[part] = following.ramped(expected[part], step_s, plant.power_kw, at)
        at = float(ramped[part.stop - 1])
        walked = Track(*(column[part] for column in track))
        share, temperature = run(
            step_h, 1, ramped[part], none[:n], high[:n], low[:n], ambient[part], store, tables, float(share),
            float(temperature), slow, walked,
        )  # fmt: skip
        share = share if corrector is None else corrector(walked, float(share))
    return Replay(
        plant, provider, health, start, step_s, signal, base, called_kw, expected, ramped, track, float(share),
        float(temperature),
    )  # fmt: skip


def _tables(plant: Plant, provider: Provider, health: Health) -> Tables:
    """The plant's tables with the provider's window of stored energy."""
    tables = plant.tables_of(health)
    return tables._replace(
        lowest_share=np.maximum(tables.lowest_share, provider.lowest_share),
        highest_share=np.minimum(tables.highest_share, provider.highest_share),
    )


def _at_first(plant: Plant, ambient_c: Floats) -> float:
    """The first ambient, within the thermal set points."""
    thermal = plant.technology.thermal
    return float(np.clip(ambient_c[0], thermal.heat_below_c.value, thermal.cool_above_c.value))
