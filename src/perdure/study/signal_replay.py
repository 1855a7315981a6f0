"""A regulation signal from a file, replayed on a plant: what was delivered, lost and scored, as tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from perdure.errors import Faults, did_you_mean
from perdure.market.regulation.pjm import PjmRule, PjmScore
from perdure.simulate.regulation import Provider, Replay, replay
from perdure.simulate.regulation_exact import exact_cell
from perdure.site.plant import Plant
from perdure.study.technologies import find_technology
from perdure.technology.parts.nickel_hydrogen_cell import NickelHydrogenCell
from perdure.timeline import Floats


@dataclass(frozen=True)
class SignalReplay:
    """One replay: by hour (score, energy) and in all."""

    replay: Replay
    hours: pd.DataFrame  # hour, score, accuracy, delay, precision, delivered_kwh, missed_kwh
    totals: dict[str, float]

    @property
    def text(self) -> str:
        """The replay in lines for a terminal."""
        done = self.replay
        rows = [f"{len(done.signal)} samples of {done.step_s:g} s, {done.provider.capacity_kw:g} kW"]
        rows += [f"  {name:<22}{value:,.4g}" for name, value in self.totals.items()]
        rows += [f"  {'hour':>4} {'score':>7} {'delivered kWh':>14} {'missed kWh':>11}"]
        told = self.hours[["score", "delivered_kwh", "missed_kwh"]].to_numpy(dtype=np.float64)
        rows += [f"  {n:>4} {score:>7.4f} {gave:>14.1f} {lost:>11.2f}" for n, (score, gave, lost) in enumerate(told)]
        return "\n".join(rows)

    def write(self, folder: Path) -> None:
        """`hours.csv`, and `power.csv` with one row per sample."""
        done = self.replay
        self.hours.to_csv(folder / "hours.csv", index=False, float_format="%.6g")
        power = {"start": done.stamps, "signal": done.signal, "called_kw": done.called_kw,
                 "delivered_kw": done.delivered_kw, "stored_share": done.track.share}  # fmt: skip
        pd.DataFrame(power).to_csv(folder / "power.csv", index=False, float_format="%.6g")


def replay_signal(
    technology: str,
    file: Path,
    *,
    energy_kwh: float,
    power_kw: float,
    capacity_kw: float,
    step_s: float,
    column: str | None = None,
    bias_band_kw: float = 0.0,
) -> SignalReplay:
    """Replay the signal (shares of `capacity_kw`, positive into the grid) on a new plant at 25 °C.

    Raises InputError for a file, column or size that does not fit.
    """
    plant = Plant("store", find_technology(technology), energy_kwh, power_kw)
    signal = _signal(file, column)
    done = replay(plant, Provider(capacity_kw, bias_band_kw=bias_band_kw), signal, step_s)
    hour = np.floor(np.arange(signal.size) * step_s / 3600.0 + 1e-9).astype(np.int64)
    count = int(hour[-1]) + 1
    score = _score(done, count)
    missed = {round((one.start - done.start) / pd.Timedelta(hours=1)): one.energy_kwh for one in done.missed}
    delivered = np.bincount(hour, np.abs(np.nan_to_num(done.delivered_kw)) * step_s / 3600.0, minlength=count)
    hours = pd.DataFrame(
        {
            "hour": np.arange(count),
            "score": score.score,
            "accuracy": score.accuracy,
            "delay": score.delay,
            "precision": score.precision,
            "delivered_kwh": delivered[:count],
            "missed_kwh": [missed.get(n, 0.0) for n in range(count)],
        }
    )
    totals = {"drift_kwh": done.drift_kwh, **done.totals, "score": float(np.mean(score.score))}
    if isinstance(getattr(plant.technology.physics, "cell", None), NickelHydrogenCell):
        cell = exact_cell(done)
        totals |= {"map_loss_kwh": cell.map_lost_kwh, "exact_cell_loss_kwh": cell.lost_kwh}
    return SignalReplay(done, hours, totals)


def _score(done: Replay, hours: int) -> PjmScore:
    """PJM's score by hour; NaN where the signal's step does not divide the rule's sample time."""
    samples = PjmRule().sample_s.value / done.step_s
    if abs(samples - round(samples)) > 1e-9 or samples < 1.0:
        unknown = np.full(hours, np.nan)
        return PjmScore(unknown, unknown, unknown, unknown, unknown)
    return done.pjm_score()


def _signal(file: Path, column: str | None) -> Floats:
    faults = Faults(str(file))
    if not file.is_file():
        faults.add(str(file), "file not found", cure="Give a CSV or Parquet file with one row per sample.")
        faults.raise_if_any()
    table = pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file)
    numbers = [str(name) for name in table.columns if pd.api.types.is_numeric_dtype(table[name])]
    name = column or (numbers[-1] if numbers else "")
    if name not in table.columns:
        faults.add("--column", "no such column", repr(name), ", ".join(map(str, table.columns)),
                   did_you_mean(name, [str(one) for one in table.columns]))  # fmt: skip
        faults.raise_if_any()
    values = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64)
    worst = float(np.nanmax(np.abs(values), initial=0.0))
    if worst > 1.0 + 1e-6:
        faults.add(f"--column {name}", "is no signal: it goes beyond the capacity", f"{worst:.4g}", "-1 to 1",
                   "Divide it by the regulation capacity.")  # fmt: skip
        faults.raise_if_any()
    return np.asarray(values)
