"""The `uncertainty` part of a case file: which figures are uncertain, how they are spread, how often they are drawn."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from perdure.site.inputs import Number, Part, Whole, mend
from perdure.study.uncertainty.laws import Law, Shape

Method = Literal["sobol", "latin_hypercube"]
Ranking = Literal["auto", "sobol", "regression"]
Name = Literal[
    "energy_cost", "power_cost", "balance_cost", "operation_cost", "replacement_cost",
    "discount_rate", "saving_growth", "operation_cost_growth", "replacement_cost_growth",
    "fade", "self_discharge",
    "spread_growth", "energy_price_growth", "demand_price_growth", "export_price_growth",
    "load_growth", "generation_loss", "measured_year", "year_order",
    "outages_per_year", "outage_hours",
]  # fmt: skip
KEYS: dict[Shape, tuple[str, ...]] = {
    "uniform": ("low", "high"),
    "triangular": ("low", "likely", "high"),
    "normal": ("mean", "deviation"),
    "lognormal": ("median", "log_deviation"),
    "choice": ("values",),
}
"""What each distribution must be given."""
CUTS = ("low", "high")
Positive = Annotated[Number, Field(ge=0.0)]


class UncertainInput(Part):
    """One uncertain figure with its distribution."""

    input: Name = Field(description="What is uncertain; docs/uncertainty.md tells each with its unit.")
    candidate: str | None = Field(None, description="Of this candidate only; default: of every candidate.")
    common: bool = Field(
        False, description="One draw for all candidates, of a figure each would otherwise draw for itself."
    )
    range: Literal["datasheet"] | None = Field(
        None, description="Take low and high from the figure's source; triangular around the figure unless uniform."
    )
    distribution: Shape | None = Field(None, description="How it is spread.")
    low: Number | None = Field(None, description="Lowest value; of normal and lognormal: where the tail is cut off.")
    likely: Number | None = Field(None, description="triangular: the most likely value.")
    high: Number | None = Field(None, description="Highest value, or where the tail is cut off.")
    mean: Number | None = Field(None, description="normal: the mean before any cut.")
    deviation: Positive | None = Field(None, description="normal: the standard deviation before any cut.")
    median: Annotated[Number, Field(gt=0.0)] | None = Field(None, description="lognormal: the median before any cut.")
    log_deviation: Positive | None = Field(None, description="lognormal: the standard deviation of the logarithm.")
    values: tuple[Number, ...] = Field((), description="choice: the values.")
    weights: tuple[Positive, ...] = Field((), description="choice: how often each comes; default: all alike.")

    @model_validator(mode="after")
    def _complete(self) -> UncertainInput:
        given = {name for name in ("likely", "mean", "deviation", "median", "log_deviation", "low", "high")
                 if getattr(self, name) is not None}  # fmt: skip
        given |= {name for name in ("values", "weights") if getattr(self, name)}
        if self.range is not None:
            if given or self.distribution not in (None, "uniform", "triangular"):
                raise mend("has a range from the datasheet and numbers of its own", cure="Keep one of the two.")
            return self
        if self.distribution is None:
            if self.input in ("measured_year", "year_order") and not given:
                return self
            raise mend("has no distribution", allowed=", ".join(KEYS), cure="Or write range: datasheet.")
        self._check_keys(self.distribution, given)
        self._check_order(self.distribution)
        return self

    def _check_keys(self, shape: Shape, given: set[str]) -> None:
        needed = set(KEYS[shape])
        more = {"choice": {"weights"}, "normal": set(CUTS), "lognormal": set(CUTS)}.get(shape, set())
        if missing := sorted(needed - given):
            raise mend(f"is {shape} without {', '.join(missing)}", cure=f"Add {', '.join(missing)}.")
        if extra := sorted(given - needed - more):
            raise mend(f"is {shape}, which does not take {', '.join(extra)}", allowed=", ".join(sorted(needed | more)))

    def _check_order(self, shape: Shape) -> None:
        told = [one for one in (self.low, self.likely, self.high) if one is not None]
        if told != sorted(told):
            raise mend("has its numbers out of order", allowed="low, likely and high rising")
        if shape in ("normal", "lognormal") and self.low is not None and self.low == self.high:
            raise mend("is cut off to nothing", allowed="low below high")
        if self.weights and (len(self.weights) != len(self.values) or sum(self.weights) <= 0.0):
            raise mend(f"has {len(self.weights)} weights for {len(self.values)} values",
                       allowed="one weight for each value, not all 0")  # fmt: skip

    @property
    def law(self) -> Law | None:
        """The distribution as written; None where it comes from the datasheet or the case."""
        if self.distribution is None or self.range is not None:
            return None
        if self.distribution == "choice":
            return Law("choice", self.values, weights=self.weights)
        numbers: tuple[Any, ...] = tuple(getattr(self, name) for name in KEYS[self.distribution])
        if self.distribution in ("normal", "lognormal"):
            low, high = -np.inf if self.low is None else self.low, np.inf if self.high is None else self.high
            return Law(self.distribution, numbers, low, high)
        return Law(self.distribution, numbers)


class Correlation(Part):
    """Two uncertain figures that rise and fall together, or against each other."""

    between: Annotated[tuple[str, ...], Field(min_length=2, max_length=2)] = Field(
        description="Two inputs: 'energy_cost' within every candidate, 'energy_cost of NAME' of one."
    )
    rank_correlation: Annotated[Number, Field(ge=-1.0, le=1.0)] = Field(
        description="Correlation of their ranks (Spearman), -1 to 1; 0 leaves them independent."
    )


class UncertaintyInput(Part):
    """What `perdure uncertainty` draws; without `inputs`, the ranges of datasheets and of finance's assumptions."""

    samples: Whole = Field(
        32, ge=2, le=65536, description="Lives drawn for each candidate; powers of two are spread most evenly."
    )
    draws_per_life: Whole = Field(
        64, ge=1, le=4096, description="How often each life is priced, with figures that only touch the cash flow."
    )
    seed: Whole = Field(1, ge=0, description="The same seed draws the same.")
    method: Method = Field("sobol", description="How draws are spread.")
    ranking: Ranking = Field(
        "auto",
        description="How inputs are ranked: 'sobol' by total-order indices, which need as many lives again for every "
        "input a life depends on; 'regression' by rank regression; 'auto': sobol where it needs no further life.",
    )
    inputs: tuple[UncertainInput, ...] = Field((), description="What is uncertain.")
    correlations: tuple[Correlation, ...] = Field(
        (), description="Inputs that move together; all others are independent."
    )

    @model_validator(mode="after")
    def _ranks_what_is_independent(self) -> UncertaintyInput:
        if self.ranking == "sobol" and any(one.rank_correlation for one in self.correlations):
            problem = "asks for Sobol indices of correlated inputs, which hold of independent ones only"
            cure = "Change ranking, or leave correlations out."
            raise mend(problem, allowed="ranking: auto or regression", cure=cure)
        return self
