"""The nickel-hydrogen cell under a regulation signal with its exact states, hysteresis above all.

The response map takes a mean place in the hysteresis loop. Fast small turns stay inside the loop, so the cell loses
less than the map says. Here the cell of the same chemistry takes the same DC power with a state of its own: after the
fact (`exact_cell`), or within the replay, where the bias then answers the cell's own charge (`replay_exact`).
Charge and hysteresis meet only through the split of the current, weakly: whole series are iterated (waveform
relaxation) until they stand still, without a loop over steps. Temperature, auxiliaries and limits stay the map's: its
heat is the larger one. The loop is a one-state model tuned to low-orbit cycles; nobody measured such small turns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from perdure.errors import Fault, InputError, SolverError
from perdure.simulate.following import recurrence
from perdure.simulate.kernel import Track
from perdure.simulate.regulation import Provider, Replay, replay
from perdure.site.plant import Plant
from perdure.technology.ageing import Health
from perdure.technology.parts.nickel_hydrogen_cell import NickelHydrogenCell
from perdure.technology.response_map import ResponseMap
from perdure.timeline import Floats

MOST_PASSES, STANDS_STILL = 40, 1e-10


@dataclass(frozen=True)
class ExactCell:
    """The cell's own way through a replay; series (steps + 1,) at step starts and at the end."""

    soc: Floats
    share: Floats
    hysteresis: Floats
    lost_kwh: float  # losses and self-discharge
    map_lost_kwh: float  # the same as the response map has it
    heat_kwh: float
    gap_share: Floats  # distance of the cell's stored share from the map's


class _Walker:
    """The cell between two control intervals: where it stands, and how it goes through the next stretch."""

    def __init__(self, plant: Plant, health: Health, step_s: float, start_hysteresis: float):
        self.table: ResponseMap = plant.table(health.capacity_share)
        cell, mean_v = (getattr(self.table.physics, name, None) for name in ("cell", "mean_voltage_v"))
        if not isinstance(cell, NickelHydrogenCell) or mean_v is None:
            raise InputError([Fault("plant.technology", "has no exact cell", plant.technology.name,
                                    "nickel_hydrogen", "Its response map already holds its state.")])  # fmt: skip
        if not -1.0 <= start_hysteresis <= 1.0:
            raise InputError([Fault("start_hysteresis", "is out of range", str(start_hysteresis), "-1 to 1")])
        self.cell, self.mean_v, self.impedance = cell, float(mean_v), health.impedance_share
        self.capacity_kwh, self.step_h = plant.energy_kwh * health.capacity_share, step_s / 3600.0
        self.soc: float | None = None
        self.hysteresis, self.heat_kwh = start_hysteresis, 0.0

    def walk(self, dc_kw: Floats, temperature_c: Floats, first_share: float) -> tuple[Floats, Floats, Floats]:
        """State of charge, stored share and hysteresis (steps + 1,) of a stretch; moves the cell to its end."""
        first = float(self.table.soc(np.array([first_share]))[0]) if self.soc is None else self.soc
        power_v, kelvin = dc_kw / self.capacity_kwh * self.mean_v, temperature_c + 273.15
        ageing = self.cell.ageing_polarisation(np.sign(power_v), self.impedance)
        soc, hysteresis = np.full(dc_kw.size + 1, first), np.full(dc_kw.size + 1, self.hysteresis)
        for _ in range(MOST_PASSES):
            at = self.cell.standing(soc[:-1], kelvin, hysteresis[:-1], hysteresis[:-1], ageing)
            flow = self.cell.flow_at_power(at, power_v)
            idle = self.cell.self_discharge(soc[:-1], kelvin)
            moved = (flow.main - idle) * self.step_h
            kept = np.exp(-self.cell.hysteresis_per_charge * np.abs(moved))
            turned = np.append(self.hysteresis, recurrence(kept, np.sign(moved) * (1.0 - kept), self.hysteresis))
            charged = first + np.append(0.0, np.cumsum(moved))
            change = max(float(np.abs(charged - soc).max()), float(np.abs(turned - hysteresis).max()))
            soc, hysteresis = charged, turned
            if change < STANDS_STILL:
                self.soc, self.hysteresis = float(soc[-1]), float(hysteresis[-1])
                heat = float(self.cell.heat(flow, idle).sum())
                self.heat_kwh += heat / self.mean_v * self.capacity_kwh * self.step_h
                return soc, self.table.physics.energy_share(soc), hysteresis
        raise SolverError(f"the exact cell did not settle in {MOST_PASSES} passes (last change {change:.2g})")

    def correct(self, walked: Track, end_share: float) -> float:
        """One control interval with the cell's own stored share and losses (see `Corrector`)."""
        _, share, _ = self.walk(walked.dc_kw, walked.temperature, float(walked.share[0]))
        lost = walked.dc_kw - np.diff(share) * self.capacity_kwh / self.step_h
        walked.share[:] = share[:-1]
        walked.store_loss_kw[:] = lost - walked.self_discharge_kw
        return float(share[-1])


def exact_cell(done: Replay, start_hysteresis: float = 0.0) -> ExactCell:
    """Take a replay's DC power and temperature through the exact cell; InputError for another chemistry."""
    walker = _Walker(done.plant, done.health, done.step_s, start_hysteresis)
    soc, share, hysteresis = walker.walk(done.track.dc_kw, done.track.temperature, float(done.track.share[0]))
    taken = float(done.track.dc_kw.sum()) * done.step_h
    lost = taken - float(share[-1] - share[0]) * done.capacity_kwh
    gap = np.abs(share - np.append(done.track.share, done.end_share))
    return ExactCell(soc, share, hysteresis, lost, taken - done.drift_kwh, walker.heat_kwh, gap)


def replay_exact(
    plant: Plant,
    provider: Provider,
    signal: Floats,
    step_s: float,
    *,
    health: Health | None = None,
    start_hysteresis: float = 0.0,
    **options: Any,
) -> Replay:
    """`replay` (same options) with the exact cell in it, brought in at the end of every control interval.

    A step's store loss may then be negative: at a turn the loop gives back for a while. Sums close as ever.
    """
    walker = _Walker(plant, health or Health(), step_s, start_hysteresis)
    done = replay(plant, provider, signal, step_s, health=health, corrector=walker.correct, **options)
    return replace(done, corrected_heat_kwh=walker.heat_kwh)
