"""One comparison of the model with numbers from outside: what, how far apart, how far allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from perdure.quantities import Confidence
from perdure.timeline import Floats

MONEY = "money"
"""Stands where a comparison of no store but of the cash flow would name its technology."""
Measure = Literal["worst", "rms"]
Values = tuple[float, ...]


@dataclass(frozen=True)
class Comparison:
    """The model beside numbers from outside, one value or a row of them (points,).

    `allowed`: largest error, in `error_unit`; None where the comparison is shown only. `outside_high`: where the
    outside is a band from `outside` up to there (infinite: at least). `fitted_to`: which figure of the model was set
    with these very numbers, empty if none. `allowed_by`: who says so.
    """

    technology: str
    quantity: str
    conditions: str
    unit: str
    outside: Values
    model: Values
    source: str
    confidence: Confidence
    allowed: float | None = None
    allowed_by: str = ""
    measure: Measure = "worst"
    relative: bool = False
    outside_high: Values = ()
    at: Values = ()  # (points,) what each value belongs to
    at_name: str = ""
    fitted_to: str = ""
    note: str = ""
    known_miss: str = ""  # why the error is larger than allowed, where it is and stays so for now
    beside: bool = False  # its data stand beside the repository: elsewhere it is told as last measured

    def __post_init__(self) -> None:
        if self.gates and self.confidence is Confidence.UNVERIFIED:
            raise ValueError(f"{self.name}: numbers recalled and not seen never gate")
        sizes = {len(one) for one in (self.outside, self.model, self.at, self.outside_high) if one}
        if len(sizes) != 1:
            raise ValueError(f"{self.name}: values do not pair up, {sorted(sizes)}")

    @property
    def name(self) -> str:
        """How a list of comparisons tells it apart."""
        return f"{self.technology}: {self.quantity}, {self.conditions}"

    @property
    def of_store(self) -> bool:
        """Whether it is about a technology."""
        return self.technology != MONEY

    @property
    def gates(self) -> bool:
        """Whether a test stands on it."""
        return self.allowed is not None

    @property
    def recalled(self) -> bool:
        """Whether the outside numbers were recalled, not read."""
        return self.confidence is Confidence.UNVERIFIED

    @property
    def errors(self) -> Floats:
        """Model less outside (points,), in the unit, or over the outside; 0 inside a band."""
        outside, model = np.asarray(self.outside), np.asarray(self.model)
        if self.outside_high:
            outside = np.clip(model, outside, np.asarray(self.outside_high))
        off = model - outside
        return np.asarray(off / np.abs(outside) if self.relative else off)

    @property
    def error(self) -> float:
        """The error told: with its sign where there is one value, else the largest, or the root mean square."""
        errors = self.errors
        if len(errors) == 1:
            return float(errors[0])
        if self.measure == "rms":
            return float(np.sqrt(np.mean(errors**2)))
        return float(errors[np.argmax(np.abs(errors))])

    @property
    def met(self) -> bool:
        """Whether the error is as small as allowed (or nothing is asked)."""
        return self.allowed is None or bool(abs(self.error) <= self.allowed)


def values(numbers: Sequence[float] | Floats | float) -> Values:
    """Numbers as a comparison keeps them."""
    return tuple(float(one) for one in np.atleast_1d(np.asarray(numbers, dtype=np.float64)))
