"""What a plant costs to buy and to keep, component by component, in the currency of the results."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from perdure.errors import Fault, InputError
from perdure.site.plant import Plant
from perdure.technology.technology import Costs


@dataclass(frozen=True)
class Capital:
    """A plant's price list, all in the money of the base year and the currency of the results."""

    energy: float  # cells, vessels, racks
    power: float  # converter, transformer, switchgear, stacks
    charge_power: float  # a charging device of its own
    balance: float  # enclosure, wiring, integration, construction
    development: float
    replacement_per_kwh: float  # new modules in place of worn ones, at today's price level
    addition_per_kwh: float  # new modules beside the old ones, with their share of the balance and the development
    addition_per_kw: float  # further converters
    stack_renewal: float  # new stacks beside the old store
    fixed_operation_per_year: float
    variable_operation_per_kwh: float  # of discharged energy
    decommissioning_per_kwh: float
    residual_share: float  # of the whole capital

    @property
    def total(self) -> float:
        """The whole investment before any grant."""
        return self.energy + self.power + self.charge_power + self.balance + self.development

    @classmethod
    def of(cls, plant: Plant, costs: Costs, rate: float) -> Capital:
        """Price `plant`; `rate` turns the currency of `costs` into that of the results.

        Shares are of the whole capital, so development = share / (1 - share) of everything else.
        """
        _check(costs)
        energy = plant.energy_kwh * costs.energy_per_kwh.value * rate
        power = plant.power_kw * costs.power_per_kw.value * rate
        charging = costs.charge_power_per_kw
        charge_power = 0.0 if charging is None else plant.charge_kw * charging.value * rate
        balance = plant.energy_kwh * costs.balance_per_kwh.value * rate
        stacks = 0.0 if costs.stack_renewal_share is None else costs.stack_renewal_share.value
        built = 1.0 - costs.development_share.value
        total = (energy + power + charge_power + balance) / built
        later = costs.energy_per_kwh.value * rate * costs.replacement_share.value
        return cls(
            energy=energy,
            power=power,
            charge_power=charge_power,
            balance=balance,
            development=total * costs.development_share.value,
            replacement_per_kwh=later,
            addition_per_kwh=(later + costs.balance_per_kwh.value * rate) / built,
            addition_per_kw=(power + charge_power) / plant.power_kw / built,
            stack_renewal=stacks * (power + charge_power),
            fixed_operation_per_year=total * costs.fixed_om_share_per_year.value,
            variable_operation_per_kwh=costs.variable_om_per_kwh.value * rate,
            decommissioning_per_kwh=costs.decommissioning_per_kwh.value * rate,
            residual_share=costs.residual_share.value,
        )

    def table(self, costs: Costs, store: str = "") -> pd.DataFrame:
        """One row per component: `component`, `value` (result currency), `figure` (its Sourced price), `store`."""
        figures = {
            "energy": costs.energy_per_kwh,
            "power": costs.power_per_kw,
            "balance": costs.balance_per_kwh,
            "development": costs.development_share,
        }
        if costs.charge_power_per_kw is not None:
            figures["charge_power"] = costs.charge_power_per_kw
        rows = [
            {"component": name, "value": getattr(self, name), "figure": one, "store": store}
            for name, one in figures.items()
        ]
        return pd.DataFrame(rows, columns=["component", "value", "figure", "store"])


def _check(costs: Costs) -> None:
    share = costs.development_share.value
    if not 0.0 <= share < 1.0:
        raise InputError(
            [Fault("costs.development_share", "is a share of the whole capital", str(share), "0 up to below 1")]
        )
