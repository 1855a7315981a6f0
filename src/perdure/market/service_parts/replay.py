"""A regulation signal replayed from a file: mileage and throughput per kW held, and a logged response."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydantic import Field

from perdure.market.files import column, fault, read_table, resolve
from perdure.market.regulation.agc import mileage
from perdure.market.service_parts.service_fields import Above
from perdure.market.terms import Frozen
from perdure.timeline import Floats


@dataclass(frozen=True)
class Replayed:
    """A signal and, where logged, the response (samples,), shares of the power held, positive into the grid."""

    signal: Floats
    response: Floats | None
    step_s: float

    @property
    def hours(self) -> float:
        """How long the signal runs."""
        return self.signal.size * self.step_s / 3600.0

    @property
    def mileage_per_h(self) -> float:
        """Sum of the signal's movements per hour: kW of mileage per kW held and hour."""
        return mileage(self.signal) / self.hours

    @property
    def throughput_share(self) -> float:
        """Mean |signal|: kWh through the plant, both directions, per kW held and hour."""
        return float(np.mean(np.abs(self.signal)))


class Replay(Frozen):
    """A signal of a past day, and what a plant answered."""

    file: str = Field(description="CSV or Parquet; relative to the case file.")
    signal_column: str = Field(description="Signal, share of the power held (-1 to 1), positive into the grid.")
    response_column: str | None = Field(None, description="Measured response in the same unit; scores the plant.")
    step_s: Above = Field(description="Seconds between samples.")

    def read(self, context: object) -> Replayed:
        """The samples; InputError where the signal leaves -1..1 or a column is missing."""
        table = read_table(resolve(self.file, context))
        signal = column(table, self.signal_column, "signal_column")
        high = int(np.argmax(np.abs(signal)))
        if abs(signal[high]) > 1.0 + 1e-6:
            raise fault("signal_column", f"leaves its range in row {high + 1}", signal[high], "-1 to 1",
                        "Give shares of the power held.")  # fmt: skip
        name = self.response_column
        response = None if name is None else column(table, name, "response_column")
        return Replayed(signal, response, self.step_s)
