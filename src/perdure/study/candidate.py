"""One store to be weighed: its plant, costs and ageing law, built from the case file and the datasheet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from perdure.economics.cashflow import Priced
from perdure.economics.finance import Finance
from perdure.errors import Faults, InputError, did_you_mean
from perdure.quantities import Confidence, Sourced
from perdure.simulate.options import Addition, LifeOptions
from perdure.simulate.standing import Upkeep
from perdure.site.plant import Plant
from perdure.study.case_file import FIELDS_OF_COST, CandidateInput, CostFigure, CostsInput, StoreInput
from perdure.study.technologies import find_technology
from perdure.technology.ageing import AgeingLaw
from perdure.technology.technology import Costs, Technology


@dataclass(frozen=True)
class Candidate:
    """One store to be weighed, or several that stand together: the first with those `beside` it.

    `wear_price_per_kwh` in the tariff's currency, yet to be sought where the case says 'lifetime'; `additions`: what
    is built onto the store later.
    """

    name: str
    plant: Plant
    costs: Costs
    ageing: AgeingLaw
    wear_price_per_kwh: float
    wear_price_is_sought: bool = False
    additions: tuple[Addition, ...] = ()
    beside: tuple[Candidate, ...] = ()

    @property
    def stores(self) -> tuple[Candidate, ...]:
        """Itself and what stands beside it."""
        return (self, *self.beside)

    @property
    def plants(self) -> tuple[Plant, ...]:
        """All plants."""
        return tuple(one.plant for one in self.stores)

    @property
    def upkeep(self) -> dict[str, Upkeep]:
        """How each plant is used and kept up."""
        return {one.plant.name: Upkeep(one.ageing, one.wear_price_per_kwh, one.additions) for one in self.stores}

    @property
    def priced_beside(self) -> tuple[Priced, ...]:
        """The plants beside the first with their costs."""
        return tuple((one.plant, one.costs) for one in self.beside)


def build_candidate(
    spec: StoreInput, finance: Finance | None, life: LifeOptions | None, folder: Path | None = None
) -> Candidate:
    """The candidate as written, over its technology's datasheet; InputError tells all that does not fit it.

    `folder`: where a technology's own datasheet file is looked for.
    """
    faults = Faults()
    beside = _beside(spec, finance, life, folder, faults) if isinstance(spec, CandidateInput) else ()
    technology = find_technology(spec.technology, "technology", folder)
    _check_power(spec, technology, faults)
    _check_additions(spec, technology, faults)
    law = technology.default_ageing
    if spec.ageing is not None and spec.ageing not in technology.ageing:
        faults.add("ageing", f"{technology.name} has no such ageing law", repr(spec.ageing),
                   cure=did_you_mean(spec.ageing, technology.ageing))  # fmt: skip
    elif spec.ageing is not None:
        law = technology.ageing[spec.ageing]
    costs = technology.default_costs
    if spec.costs.basis is not None and spec.costs.basis not in technology.costs:
        faults.add("costs.basis", f"{technology.name} has no such set of costs", repr(spec.costs.basis),
                   ", ".join(technology.costs), did_you_mean(spec.costs.basis, technology.costs))  # fmt: skip
    elif spec.costs.basis is not None:
        costs = technology.costs[spec.costs.basis]
    with faults.under("costs"):
        costs = override_costs(costs, spec.costs, finance)
    faults.raise_if_any()
    wear = spec.wear_price_per_kwh
    if wear is None:
        wear = life.wear_price_per_kwh if life else 0.0
    sought = wear == "lifetime"
    plant = Plant(spec.name, technology, spec.energy_kwh, spec.power_kw, spec.charge_power_kw)
    wear = 0.0 if wear == "lifetime" else wear
    return Candidate(spec.name, plant, costs, law, wear, sought, spec.additions, beside)


def _beside(
    spec: CandidateInput, finance: Finance | None, life: LifeOptions | None, folder: Path | None, faults: Faults
) -> tuple[Candidate, ...]:
    built = []
    for position, one in enumerate(spec.beside):
        with faults.under(f"beside[{position}]"):
            built.append(build_candidate(one, finance, life, folder))
    names = [spec.name, *(one.name for one in spec.beside)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.add("beside", "two stores have the same name", repr(name), cure="Give each its own name.")
    return tuple(built)


def _check_additions(spec: StoreInput, technology: Technology, faults: Faults) -> None:
    """After every addition the converter must still fit the store."""
    energy, power = spec.energy_kwh, spec.power_kw
    for position, one in sorted(enumerate(spec.additions), key=lambda pair: pair[1].year):
        energy, power = energy + one.energy_kwh, power + one.power_kw
        low, high = (rate * energy for rate in technology.power_range_per_h)
        if not low * (1 - 1e-9) <= power <= high * (1 + 1e-9):
            problem = f"leaves a power that does not fit {energy:g} kWh of {technology.name}"
            faults.add(f"additions[{position}]", problem, f"{power:g}",
                       f"{low:g} to {high:g} kW", "Change energy_kwh or power_kw.")  # fmt: skip


def _check_power(spec: StoreInput, technology: Technology, faults: Faults) -> None:
    own = technology.charge_power_range_per_h
    if spec.charge_power_kw is not None and own is None and spec.charge_power_kw != spec.power_kw:
        faults.add("charge_power_kw", f"{technology.name} charges and discharges through one converter",
                   f"{spec.charge_power_kw:g}", f"{spec.power_kw:g} kW", "Leave charge_power_kw out.")  # fmt: skip
    given = {"power_kw": (spec.power_kw, technology.power_range_per_h)}
    if spec.charge_power_kw is not None and own is not None:
        given["charge_power_kw"] = spec.charge_power_kw, own
    for name, (power, rates) in given.items():
        low, high = (rate * spec.energy_kwh for rate in rates)
        if not low * (1 - 1e-9) <= power <= high * (1 + 1e-9):
            side = "above what its converter and cells take" if power > high else "below any sensible converter"
            needed = power / rates[1 if power > high else 0]
            faults.add(name, f"is {side} for {spec.energy_kwh:g} kWh of {technology.name}", f"{power:g}",
                       f"{low:g} to {high:g} kW", f"Change {name}, or energy_kwh to {needed:.6g}.")  # fmt: skip


def override_costs(base: Costs, spec: CostsInput, finance: Finance | None) -> Costs:
    """The datasheet's costs with the case's put in; in the case's currency where it names another."""
    if spec.currency is not None and spec.currency != base.currency:
        base = _converted(base, spec.currency, finance or Finance.model_validate({}))
    faults, changes = Faults(), dict[str, Any]()
    for name in FIELDS_OF_COST:
        given = getattr(spec, name)
        if given is None:
            continue
        if getattr(base, name) is None:
            faults.add(name, "prices a part this technology does not have", cure=f"Leave {name} out.")
            continue
        figure = given if isinstance(given, CostFigure) else CostFigure.model_validate({"value": given})
        changes[name] = Sourced(figure.value, getattr(base, name).unit, figure.source, Confidence(figure.confidence),
                                figure.low, figure.high, figure.year)  # fmt: skip
    faults.raise_if_any()
    return replace(base, **changes)


def _converted(base: Costs, currency: str, finance: Finance) -> Costs:
    try:
        rate = finance.exchange_rate(base.currency, currency)
    except InputError as error:
        fault = replace(error.faults[0], place="currency")
        raise InputError([fault]) from error
    order = list(Confidence)

    def convert(one: Sourced) -> Sourced:
        return replace(
            one, value=one.value * rate.value, unit=one.unit.replace(base.currency, currency),
            low=None if one.low is None else one.low * rate.value,
            high=None if one.high is None else one.high * rate.value,
            confidence=max(one.confidence, rate.confidence, key=order.index),
            note=f"{one.note} converted at {rate.text} ({rate.source})".strip(),
        )  # fmt: skip

    shares = ("share", "per_year")
    money: dict[str, Any] = {
        name: convert(value) for name, value in base.figures().items() if not name.endswith(shares)
    }
    return replace(base, currency=currency, **money)
