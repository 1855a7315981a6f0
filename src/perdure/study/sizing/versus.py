"""`compare`: stores side by side at one site, each at its own best size and wear price, and why each wins or loses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from perdure.economics.cashflow import CASH
from perdure.study.candidate import Candidate
from perdure.study.case import Case
from perdure.study.evaluate import Bench, Evaluated, Trial
from perdure.study.sizing.break_even import BreakEven, break_evens
from perdure.study.sizing.options import SizeInput
from perdure.study.sizing.size import Sized, Tell, size
from perdure.study.sizing.wear_price import WearCurve, search_wear_price
from perdure.study.workers import Workers


@dataclass(frozen=True)
class Contender:
    """One store at its best. `sized` is None where it was compared at the size given in the case."""

    store: Candidate
    lived: Evaluated
    wear: WearCurve | None
    sized: Sized | None
    break_evens: tuple[BreakEven, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Stores side by side, the most valuable first.

    `table`: one row per store: `rank` and the figures of its best life. `differences`: one row per store but the only
    one: its rival (the first, or for the first the second) and the present value of each part of the cash flow less
    the rival's; they add up to the difference in net present value. `without_plan`: stores no size of which has a
    plan, with the reason.
    """

    case: Case
    options: SizeInput
    contenders: tuple[Contender, ...]
    table: pd.DataFrame
    differences: pd.DataFrame
    without_plan: dict[str, str]

    @property
    def none_is_best(self) -> bool:
        """True where no store is worth more than none."""
        return not self.contenders or self.contenders[0].lived.npv <= 0.0

    def rival(self, position: int) -> Contender | None:
        """Whom a store is held against."""
        if len(self.contenders) < 2:
            return None
        return self.contenders[1 if position == 0 else 0]


def compare(
    case: Case,
    stores: Sequence[Candidate] = (),
    options: SizeInput | None = None,
    *,
    given_sizes: bool = False,
    with_break_even: bool = True,
    workers: Workers | None = None,
    tell: Tell | None = None,
) -> Comparison:
    """The stores (default: the case's candidates) each at its best size and wear price, same site, same years.

    `given_sizes`: at the sizes of the case, only the wear price is sought. Raises InputError as `size` does.
    """
    options = (options or case.size).model_copy(update={"wear_price": "search"})
    chosen, found, missing = tuple(stores or case.candidates), list[Contender](), dict[str, str]()
    with Bench(case, workers) as bench:
        for position, store in enumerate(chosen):
            heard = _share_of(tell, position, len(chosen) + (1 if with_break_even else 0))
            one = _at_given_size(bench, store, heard) if given_sizes else _at_best(bench, store, options, heard)
            if isinstance(one, str):
                missing[store.name] = one
            else:
                found.append(one)
        ranked = tuple(sorted(found, key=lambda one: -one.lived.npv))
        outcome = Comparison(case, options, ranked, _table(ranked), pd.DataFrame(), missing)
        if with_break_even:
            outcome = replace(outcome, contenders=_with_break_evens(bench, outcome, tell))
    return replace(outcome, differences=_differences(outcome))


def _share_of(tell: Tell | None, position: int, count: int) -> Tell | None:
    if tell is None:
        return None
    return lambda text, share: tell(text, (position + share) / count)


def _at_best(bench: Bench, store: Candidate, options: SizeInput, tell: Tell | None) -> Contender | str:
    sized = size(bench.case, store, options, bench=bench, tell=tell)
    if sized.best is None:
        return str(sized.surface["why"].iloc[-1])
    return Contender(store, sized.best, sized.wear, sized)


def _at_given_size(bench: Bench, store: Candidate, tell: Tell | None) -> Contender | str:
    plant = store.plant
    trial = Trial(store.name, plant.energy_kwh, plant.power_kw, plant.charge_power_kw)
    first = bench.ask([trial])[0]
    if not first.row:
        return first.why
    wear = search_wear_price(bench, trial, lambda count: tell(store.name, min(count / 20.0, 1.0)) if tell else None)
    return Contender(store, wear.best, wear, None)


def _with_break_evens(bench: Bench, outcome: Comparison, tell: Tell | None) -> tuple[Contender, ...]:
    told, count = [], len(outcome.contenders)
    for position, one in enumerate(outcome.contenders):
        if tell is not None:
            tell(f"{one.store.name}: break-even", (count + position / count) / (count + 1))
        rival = outcome.rival(position)
        evens = break_evens(bench, one.lived, None if rival is None else rival.lived)
        told.append(replace(one, break_evens=tuple(evens)))
    return tuple(told)


def _table(ranked: Sequence[Contender]) -> pd.DataFrame:
    rows = [
        {"rank": position + 1, "store": one.store.name, "technology": one.store.plant.technology.name}
        | one.lived.row
        | {"greedy_npv": None if one.wear is None else one.wear.greedy.npv}
        for position, one in enumerate(ranked)
    ]
    return pd.DataFrame(rows)


def _differences(outcome: Comparison) -> pd.DataFrame:
    rows = []
    for position, one in enumerate(outcome.contenders):
        rival = outcome.rival(position)
        if rival is not None:
            parts = {name: one.lived.row[f"present_{name}"] - rival.lived.row[f"present_{name}"] for name in CASH}
            difference = one.lived.npv - rival.lived.npv
            rows.append({"store": one.store.name, "rival": rival.store.name, "npv": difference} | parts)
    return pd.DataFrame(rows)
