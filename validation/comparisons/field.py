"""A real grid battery of August 2020: its metered power through the LFP plant."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from perdure.quantities import Confidence
from perdure.simulate.kernel import run
from perdure.simulate.run import empty_track, slow_at_rest, store_of
from perdure.site.plant import Plant
from perdure.technology.ageing import Health
from perdure.technology.chemistries import lfp
from perdure.technology.response_map import response_map
from perdure.technology.technology import Technology
from perdure.timeline import Floats
from validation.comparison import Comparison
from validation.tables import BESIDE, kept

FILE = BESIDE / "bess_field_soc_meter_2020-08_a.parquet"
SOURCE = "meters of a grid battery in use, public repository"
STEP_H = 1.0 / 12.0
CELSIUS = 25.0
START = (43_000.0, 0.97, 0.97)
"""Where the fit starts: energy, kWh; efficiencies between meter and plant, charging and discharging."""


def comparisons(fresh: bool = True) -> list[Comparison]:
    """All of this subject; the record itself never enters the repository, so only the errors are kept."""
    return kept("field_bess_result", FILE, replayed, fresh=fresh)


@dataclass(frozen=True)
class Record:
    """The battery's meters: power in and out of each step (steps,), kW; state of charge (steps + 1,)."""

    received_kw: Floats
    delivered_kw: Floats
    soc: Floats

    @classmethod
    def read(cls) -> Record:
        """The record from beside the repository."""
        frame = pd.read_parquet(FILE)
        received, delivered = (np.diff(frame[name].to_numpy()) / STEP_H for name in ("e_received", "e_delivered"))
        return cls(received, delivered, frame["soc_pct"].to_numpy() / 100.0)


def replayed() -> list[Comparison]:
    """Fit energy and two efficiencies on the first half, then carry on through the second without a correction."""
    from scipy.optimize import least_squares

    record, technology = Record.read(), _to_the_ends()
    half = len(record.received_kw) // 2

    def off(fitted: Floats) -> Floats:
        return followed(technology, record, fitted)[:half] - record.soc[:half]

    fitted = least_squares(off, START, x_scale=(1e4, 0.1, 0.1), diff_step=1e-3).x
    errors = 100.0 * (followed(technology, record, fitted) - record.soc[:-1])
    told = f"{fitted[0] / 1000.0:.1f} MWh, {100 * fitted[1]:.1f} % into the plant, {100 * fitted[2]:.1f} % out of it"
    return [
        _rms("first half, fitted", errors[:half], f"energy and two efficiencies: {told}", None),
        _rms("second half, carried on", errors[half:], "", 4.0),
    ]


def _rms(conditions: str, errors: Floats, fitted_to: str, allowed: float | None) -> Comparison:
    return Comparison(
        "lfp", "State of charge of a battery in use, rms off", conditions, "points", (0.0,),
        (float(np.sqrt(np.mean(errors**2))),), SOURCE, Confidence.PUBLISHED, allowed=allowed,
        allowed_by="set beforehand" if allowed else "", fitted_to=fitted_to,
        note=f"{len(errors) * STEP_H / 24.0:.1f} days of 5 min, largest {np.abs(errors).max():.1f} points; "
        "25 °C taken, window of charge opened",
    )  # fmt: skip


def _to_the_ends() -> Technology:
    """The LFP plant with its window opened, since this battery reports 0 to 98 % of its own scale."""
    figures = dict(lfp.FIGURES)
    for name, value in (("lowest_soc", 0.0), ("highest_soc", 1.0)):
        figures[name] = replace(figures[name], value=value)
    return lfp.build(figures, lfp.LAWS)


def followed(technology: Technology, record: Record, fitted: Floats) -> Floats:
    """State of charge at the start of each step (steps,) of the plant under the metered power, from one first value."""
    energy_kwh, into, out = fitted
    plant, table = Plant("field", technology, float(energy_kwh), 0.5 * float(energy_kwh)), response_map(technology)
    power = record.received_kw * into - record.delivered_kw / out
    still, track = np.zeros(len(power)), empty_track(len(power))
    run(
        STEP_H, 1, power, still, still + 1e9, still - 1e9, still + CELSIUS, store_of(plant, Health()), table.at(0.0),
        float(table.share(np.asarray(record.soc[0]))), CELSIUS, slow_at_rest(plant), track,
    )  # fmt: skip
    return table.soc(track.share)
