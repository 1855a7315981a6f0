"""What may be uncertain in a case, over which range, and the variables that a case's `uncertainty` part comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from perdure.errors import Faults, did_you_mean
from perdure.quantities import Sourced
from perdure.study.candidate import Candidate
from perdure.study.uncertainty.correlation import Pair, pairs_of
from perdure.study.uncertainty.file import Name, UncertainInput, UncertaintyInput
from perdure.study.uncertainty.laws import Law
from perdure.study.uncertainty.store import self_discharge_figure
from perdure.timeline import Floats

if TYPE_CHECKING:
    from perdure.study.case import Case

Needs = Literal["pricing", "life", "outage"]


@dataclass(frozen=True)
class Kind:
    """One figure that may be uncertain: `unit` of its value, what a new value `needs`, and where values must lie.

    `own`: every candidate has its own figure.
    """

    name: Name
    unit: Literal["factor", "share_per_year", "year", "per_year", "h"]
    needs: Needs
    own: bool
    low: float
    high: float


def _kinds() -> dict[str, Kind]:
    costs: tuple[Name, ...] = ("energy_cost", "power_cost", "balance_cost", "operation_cost", "replacement_cost")
    growths: tuple[Name, ...] = ("spread_growth", "energy_price_growth", "demand_price_growth", "export_price_growth",
                                 "load_growth")  # fmt: skip
    changes: tuple[Name, ...] = ("saving_growth", "operation_cost_growth", "replacement_cost_growth")
    made = [Kind(name, "factor", "pricing", True, 0.0, 20.0) for name in costs]
    made += [Kind("discount_rate", "share_per_year", "pricing", False, 0.0, 0.5)]
    made += [Kind(name, "share_per_year", "pricing", False, -0.199, 0.199) for name in changes]
    made += [Kind(name, "factor", "life", True, 0.001, 1000.0) for name in ("fade",)]
    made += [Kind("self_discharge", "factor", "life", True, 0.0, 100.0)]
    made += [Kind(name, "share_per_year", "life", False, -0.199, 0.199) for name in growths]
    made += [Kind("generation_loss", "share_per_year", "life", False, 0.0, 0.099)]
    made += [Kind(name, "year", "life", False, 1990.0, 2100.0) for name in ("measured_year", "year_order")]
    made += [Kind("outages_per_year", "per_year", "outage", False, 0.0, 1000.0)]
    made += [Kind("outage_hours", "h", "outage", False, 0.0, 8760.0)]
    return {one.name: one for one in made}


KINDS = _kinds()
COST_FIELDS: dict[str, tuple[str, ...]] = {
    "energy_cost": ("energy_per_kwh",),
    "power_cost": ("power_per_kw", "charge_power_per_kw"),
    "balance_cost": ("balance_per_kwh",),
    "operation_cost": ("fixed_om_share_per_year", "variable_om_per_kwh"),
    "replacement_cost": ("replacement_share", "stack_renewal_share"),
}
"""Fields of Costs that a factor scales; the first one's range is that of the factor."""
FINANCE_FIELDS: dict[str, str] = {
    "discount_rate": "discount_rate",
    "saving_growth": "energy_price_change_share_per_year",
    "operation_cost_growth": "operation_cost_change_share_per_year",
    "replacement_cost_growth": "replacement_cost_change_share_per_year",
}
PRICE_PARTS = {"spread_growth": "spread", "energy_price_growth": "energy", "demand_price_growth": "demand",
               "export_price_growth": "export"}  # fmt: skip
DEFAULTS: tuple[Name, ...] = (
    "energy_cost", "power_cost", "balance_cost", "operation_cost", "replacement_cost", "fade", "self_discharge",
    "saving_growth", "operation_cost_growth", "replacement_cost_growth",
)  # fmt: skip
"""Drawn from their datasheet's range where a case names no inputs. The discount rate is a choice, not a chance."""


@dataclass(frozen=True)
class Variable:
    """One draw. `laws`: of each candidate it acts on, the distribution in each of its stores.

    A figure that is not a store's own has one distribution, the same for all. `owner`: the one candidate it belongs
    to, '' where one draw serves all.
    """

    kind: Kind
    owner: str
    laws: dict[str, tuple[Law, ...]]

    @property
    def key(self) -> str:
        """'energy_cost of LFP', or 'discount_rate'."""
        return f"{self.kind.name} of {self.owner}" if self.owner else self.kind.name

    @property
    def is_choice(self) -> bool:
        """Whether it draws from a few values without an order."""
        return self.kind.unit == "year"

    def values(self, candidate: str, share: Floats) -> Floats:
        """The value in each store of a candidate (draws, stores)."""
        return np.stack([law.quantile(share) for law in self.laws[candidate]], axis=-1)


@dataclass(frozen=True)
class Resolved:
    """The variables of a case, in a fixed order.

    `certain`: (candidate, input) whose figure has no range; `together`: rank correlations that are not 0.
    """

    variables: tuple[Variable, ...]
    certain: tuple[tuple[str, Name], ...] = ()
    by_default: bool = False
    together: tuple[Pair, ...] = ()

    def needing(self, needs: Needs) -> list[Variable]:
        """Those a new value of which needs this."""
        return [one for one in self.variables if one.kind.needs == needs]


def resolve(case: Case, spec: UncertaintyInput, faults: Faults) -> Resolved:
    """The variables that `spec` comes to; every fault is noted under `uncertainty`."""
    asked = spec.inputs or tuple(UncertainInput(input=name, range="datasheet") for name in DEFAULTS)
    names = [one.name for one in case.candidates]
    found: list[Variable] = []
    certain: list[tuple[str, Name]] = []
    _check_named_once(asked, faults)
    for position, one in enumerate(asked):
        place, own = f"uncertainty.inputs[{position}]", Faults()
        kind = KINDS[one.input]
        _check_scope(one, kind, names, own)
        if not own.found:
            made, without = _variables(case, one, kind, _acted_on(one, asked, case.candidates), own)
            certain += [(name, one.input) for name in without]
            found += made
            if not made and not own.found and spec.inputs:
                own.add("range", "is taken from the datasheet, which has none for this figure", one.input,
                        cure="Give a distribution and its numbers.")  # fmt: skip
        faults.found += [replace(fault, place=f"{place}.{fault.place}".rstrip(".")) for fault in own.found]
    if not found and not faults.found:
        faults.add("uncertainty", "leaves nothing to draw", cure="Name inputs; docs/uncertainty.md lists them.")
    pairs = pairs_of(found, spec.correlations, faults) if not faults.found else ()
    return Resolved(tuple(found), tuple(certain), not spec.inputs, tuple(one for one in pairs if one[2] != 0.0))


def _check_named_once(asked: Sequence[UncertainInput], faults: Faults) -> None:
    seen: set[tuple[str, str | None]] = set()
    for position, one in enumerate(asked):
        if (one.input, one.candidate) in seen:
            faults.add(f"uncertainty.inputs[{position}].input", "comes twice", repr(one.input), cure="Keep one.")
        seen.add((one.input, one.candidate))
    names = {one.input for one in asked}
    if {"measured_year", "year_order"} <= names:
        faults.add("uncertainty.inputs", "draw both measured_year and year_order", cure="Keep one of the two.")


def _check_scope(one: UncertainInput, kind: Kind, names: list[str], faults: Faults) -> None:
    if one.candidate is not None and not kind.own:
        faults.add("candidate", f"{kind.name} is the same for all candidates", repr(one.candidate),
                   cure="Leave candidate out.")  # fmt: skip
    elif one.candidate is not None and one.candidate not in names:
        faults.add("candidate", "the case has no such candidate", repr(one.candidate), ", ".join(names),
                   did_you_mean(one.candidate, names))  # fmt: skip


def _acted_on(
    one: UncertainInput, asked: Sequence[UncertainInput], candidates: tuple[Candidate, ...]
) -> list[Candidate]:
    """The candidates an input acts on: what names a candidate goes before what names none."""
    if one.candidate is not None:
        return [store for store in candidates if store.name == one.candidate]
    named = {other.candidate for other in asked if other.input == one.input}
    return [store for store in candidates if store.name not in named]


def _variables(
    case: Case, one: UncertainInput, kind: Kind, candidates: list[Candidate], faults: Faults
) -> tuple[list[Variable], list[str]]:
    """One variable for all, or one for each candidate; and the candidates whose figure has no range."""
    laws: dict[str, tuple[Law, ...]] = {}
    for candidate in candidates:
        stores = candidate.stores if kind.own else (candidate,)
        made = [_law(case, one, kind, store, faults) for store in stores]
        if any(law is not None for law in made):
            laws[candidate.name] = tuple(law or Law("choice", (base(case, kind.name, store),))
                                         for law, store in zip(made, stores, strict=True))  # fmt: skip
    without = [store.name for store in candidates if store.name not in laws] if kind.own or not laws else []
    for law in dict.fromkeys(law for own in laws.values() for law in own):
        low, high = law.span
        if low < kind.low or high > kind.high:
            faults.add("", f"draws {kind.name} out of its range", f"{low:.4g} to {high:.4g}",
                       f"{kind.low:g} to {kind.high:g}", "Change its numbers, or cut its tails.")  # fmt: skip
            return [], []
    if not laws:
        return [], without
    if kind.own and not one.common:
        return [Variable(kind, name, {name: own}) for name, own in laws.items()], without
    return [Variable(kind, "", laws)], without


def _law(case: Case, one: UncertainInput, kind: Kind, store: Candidate, faults: Faults) -> Law | None:
    """The distribution in a store; None where its figure has no range, or where the store has no such figure."""
    if kind.unit == "year":
        return _years(case, one, faults)
    if kind.name == "self_discharge" and self_discharge_figure(store.plant.technology) is None:
        return None
    if one.law is not None:
        return one.law
    if kind.name == "fade":
        return None if store.ageing.scatter is None else Law("lognormal", (1.0, store.ageing.scatter.value))
    figure = _figure(case, kind.name, store)
    return None if figure is None else _from_range(figure, kind, one)


def _years(case: Case, one: UncertainInput, faults: Faults) -> Law | None:
    """A choice among the case's measured years."""
    known = measured_years(case)
    wanted = one.law or Law("choice", tuple(map(float, known)))
    if one.distribution not in (None, "choice"):
        faults.add("distribution", f"{one.input} is drawn from a list", str(one.distribution), "choice")
    elif missing := [value for value in wanted.numbers if value not in known]:
        faults.add("values", "the case has no such measured year", ", ".join(f"{value:g}" for value in missing),
                   ", ".join(map(str, known)), "Add it under outlook.measured.")  # fmt: skip
    elif len(set(known)) < 2:
        faults.add("input", "the case has one measured year only", one.input, "two or more",
                   "Add others under outlook.measured.")  # fmt: skip
    else:
        return wanted
    return None


def measured_years(case: Case) -> list[int]:
    """Calendar years whose series the case has, its own first."""
    return [int(one.timeline.local[one.timeline.steps // 2].year) for one in (case.site, *case.outlook.measured)]


def _figure(case: Case, name: Name, store: Candidate) -> Sourced | None:
    """The sourced figure behind an input."""
    if name in COST_FIELDS:
        figure: Sourced | None = getattr(store.costs, COST_FIELDS[name][0])
        return figure
    if name == "self_discharge":
        found = self_discharge_figure(store.plant.technology)
        return None if found is None else store.plant.technology.figures[found]
    return case.finance.assumptions().get(FINANCE_FIELDS.get(name, ""))


def _from_range(figure: Sourced, kind: Kind, one: UncertainInput) -> Law | None:
    """Triangular around the figure, or uniform; of a factor, over the figure."""
    if figure.low is None or figure.high is None or figure.high <= figure.low:
        return None
    scale = figure.value if kind.unit == "factor" else 1.0
    if scale <= 0.0 or not figure.low <= figure.value <= figure.high:
        return None
    low, likely, high = figure.low / scale, figure.value / scale, figure.high / scale
    return Law("uniform", (low, high)) if one.distribution == "uniform" else Law("triangular", (low, likely, high))


def base(case: Case, name: Name, store: Candidate | None = None) -> float:
    """The value of an input in the case as it is written."""
    kind, outlook = KINDS[name], case.outlook
    if kind.unit == "factor":
        return 1.0
    if name in FINANCE_FIELDS:
        return float(getattr(case.finance, FINANCE_FIELDS[name]))
    if name in PRICE_PARTS:
        return float(getattr(outlook.price_growth, PRICE_PARTS[name])) - 1.0
    if name == "load_growth":
        return outlook.load_growth - 1.0
    if name == "generation_loss":
        return 1.0 - outlook.generation_growth
    return float(measured_years(case)[0]) if kind.unit == "year" else float("nan")
