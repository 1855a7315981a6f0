"""What services come to after a run: how much of the reserve the plant could really hold, and what each earned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perdure.market.charge import Bill
from perdure.market.service import Delivered, Reserve, Settlement
from perdure.simulate.kernel import Track
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.ageing import Health, Stress
from perdure.timeline import Floats

FOLLOWING_DEPTH = 0.02
"""Depth of the small cycles that following a signal makes, share of capacity; an estimate."""
FOLLOWING_RATE_PER_H = 0.25
"""Rate of those cycles; an estimate."""


@dataclass(frozen=True)
class Served:
    """One year's services: settlements by service, what was held (steps,) kW, energy lost in following signals."""

    settlements: dict[str, Settlement]
    reserves_kw: dict[str, Floats]
    following_loss_kw: Floats  # (plants, steps)
    following_cycles: Floats  # (plants,) equivalent full cycles

    @property
    def income(self) -> float:
        """All services together."""
        return sum(one.total for one in self.settlements.values())

    @property
    def told(self) -> tuple[str, ...]:
        """What was not kept, in words."""
        return tuple(text for one in self.settlements.values() for text in one.told)

    def stress(self, plant: int, track: Track) -> Stress:
        """The small cycles of following signals, on top of what rainflow finds in the run of a plant."""
        one, nothing = np.ones(1), np.zeros(0)
        warm = float(np.mean(track.temperature))
        return Stress(
            step_h=1.0, soc=nothing, temperature_c=nothing, depth=FOLLOWING_DEPTH * one, mean_soc=0.5 * one,
            rate_per_h=FOLLOWING_RATE_PER_H * one, cycle_temperature_c=warm * one,
            weight=self.following_cycles[plant] / FOLLOWING_DEPTH * one,
        )  # fmt: skip

    def on(self, bill: Bill) -> Bill:
        """The bill with what services earned as credits."""
        lines = dict(bill.lines)
        for name, settlement in self.settlements.items():
            for line, values in settlement.lines.items():
                key = line if line.startswith(name) else f"{name}: {line}"
                lines[key] = lines.get(key, 0.0) - values
        return Bill(bill.currency, bill.periods, lines, bill.import_kwh, bill.export_kwh, bill.peak_kw, bill.remarks)


@dataclass(frozen=True)
class Ran:
    """One plant's run: its size, health at the start, track, and what it was planned to hold by reserve (steps,) kW."""

    plant: Plant
    health: Health
    track: Track
    reserves_kw: dict[str, Floats]


def settle(site: Site, ran: Sequence[Ran]) -> Served:
    """Settle the site's services on what the runs delivered together.

    A reserve counts as far as power and energy of the runs allowed.
    """
    setting = site.setting()
    zero = np.zeros(site.timeline.steps)
    rooms = [_Room.left_by(one, setting.discharge_share) for one in ran]
    above = np.sum([np.maximum(one.stored_kwh, 0.0) for one in rooms], axis=0)
    held = {
        reserve.name: [room.take(reserve, one.reserves_kw[reserve.name]) for room, one in zip(rooms, ran, strict=True)]
        for reserve in site.promised.reserves
    }
    through = np.array(
        [
            sum((0.5 * reserve.throughput_share * held[reserve.name][k] for reserve in site.promised.reserves), zero)
            for k in range(len(ran))
        ]
    )
    loss = through * (1.0 / setting.discharge_share**2 - 1.0)
    together = {name: np.sum(each, axis=0) for name, each in held.items()}
    ac_kw = sum((one.track.ac_kw for one in ran), zero)
    imported, exported, _, _ = site.meter(ac_kw + sum((one.track.auxiliary_kw for one in ran), zero) + loss.sum(axis=0))
    delivered = Delivered(imported - exported, ac_kw, above, setting.discharge_share, together)
    settlements = {one.name: one.settle(setting, delivered) for one in site.services}
    capacity = np.array([max(one.plant.energy_kwh * one.health.capacity_share, 1e-9) for one in ran])
    return Served(settlements, together, loss, through.sum(axis=1) * site.timeline.step_h / capacity)


@dataclass
class _Room:
    """What a run left free (steps,): power up and down, kW; stored energy and room for more, kWh. Given away once."""

    up_kw: Floats
    down_kw: Floats
    stored_kwh: Floats
    space_kwh: Floats
    discharge_share: float

    @classmethod
    def left_by(cls, ran: Ran, discharge_share: float) -> _Room:
        """Of one run."""
        plant, track = ran.plant, ran.track
        capacity = plant.energy_kwh * ran.health.capacity_share
        low, high = plant.table(ran.health.capacity_share).window(float(np.mean(track.temperature)))
        return cls(
            plant.power_kw + track.ac_kw, plant.charge_kw - track.ac_kw, (track.share - low) * capacity,
            (high - track.share) * capacity, discharge_share,
        )  # fmt: skip

    def take(self, one: Reserve, planned_kw: Floats) -> Floats:
        """Of what was planned, what is left for this reserve (steps,); the next one finds the rest."""
        held, hours = planned_kw.copy(), one.hours
        if one.up:
            held = np.minimum(held, self.up_kw)
            held = np.minimum(held, self.stored_kwh * self.discharge_share / hours) if hours > 0.0 else held
        if one.down:
            held = np.minimum(held, self.down_kw)
            held = np.minimum(held, self.space_kwh / self.discharge_share / hours) if hours > 0.0 else held
        held = np.maximum(held, 0.0)
        if one.up:
            self.up_kw, self.stored_kwh = self.up_kw - held, self.stored_kwh - held * hours / self.discharge_share
        if one.down:
            self.down_kw, self.space_kwh = self.down_kw - held, self.space_kwh - held * hours * self.discharge_share
        return held
