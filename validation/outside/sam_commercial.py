"""Runs SAM's commercial battery case (PySAM) on the same request and writes energies, bills and cash flows.

Runs where PySAM is installed and SAM's load and rate stand beside the repository, from its root:
`python -m validation.outside.sam_commercial`.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from perdure.timeline import Floats
from validation.commercial_case import (
    DEPRECIATION_YEARS,
    ENERGY_KWH,
    ENERGY_PER_KWH,
    FIXED_OM,
    INFLATION,
    INVESTMENT,
    POWER_KW,
    REAL_RATE,
    REPLACED_AFTER,
    REPLACEMENT_SHARE,
    VARIABLE_OM_PER_KWH,
    VARIANTS,
    YEARS,
    Variant,
    load_kw,
    replayed,
    request_kw,
)
from validation.tables import DATA

DEFAULTS = "CustomGenerationBatteryCommercial"
MANUAL_POWER = 2
"""`batt_dispatch_choice` 2, behind the meter: a battery power for every hour."""
STRAIGHT_LINE = 2
CONVERTER_PERCENT = 97.6
"""The peak of the converter perdure's store stands behind."""


def models() -> tuple[Any, Any, Any]:
    """SAM's battery, bills and cash flow with its defaults, sharing their values."""
    import PySAM.Battery as Battery
    import PySAM.Cashloan as Cashloan
    import PySAM.Utilityrate5 as Utilityrate5

    battery = Battery.default(DEFAULTS)
    bills = Utilityrate5.from_existing(battery, DEFAULTS)
    return battery, bills, Cashloan.from_existing(bills, DEFAULTS)


def store(model: Any, load: Floats) -> None:
    """SAM's battery at our size, window and converter, asked for the same powers, without ageing."""
    from PySAM.BatteryTools import battery_model_sizing

    battery_model_sizing(model, POWER_KW, ENERGY_KWH, 500.0)
    model.SystemOutput.gen = [0.0] * load.size
    model.Load.load = load.tolist()
    model.Lifetime.system_use_lifetime_output = 0
    model.BatterySystem.batt_replacement_option = 0
    model.BatterySystem.batt_ac_dc_efficiency = model.BatterySystem.batt_dc_ac_efficiency = CONVERTER_PERCENT
    model.BatteryCell.assign(
        {"batt_calendar_choice": 0, "batt_initial_SOC": 5.0, "batt_minimum_SOC": 5.0, "batt_maximum_SOC": 98.0}
    )
    dispatch = model.BatteryDispatch
    dispatch.batt_dispatch_choice = MANUAL_POWER
    dispatch.batt_custom_dispatch = (-request_kw(load)).tolist()
    dispatch.batt_dispatch_auto_can_gridcharge = dispatch.batt_dispatch_auto_can_charge = 1
    model.execute(0)


def bill(bills: Any, battery_kw: Floats, auxiliary_kw: Floats) -> None:
    """SAM's bills with its battery, and with the auxiliaries of perdure's store on top."""
    bills.Lifetime.analysis_period = YEARS
    bills.Lifetime.inflation_rate = 100.0 * INFLATION
    bills.SystemOutput.gen = (battery_kw - auxiliary_kw).tolist()
    bills.execute(0)


def finance(model: Any, variant: Variant) -> None:
    """SAM's commercial cash flow: all equity, no incentives, no salvage."""
    model.FinancialParameters.assign(
        {"debt_fraction": 0.0, "analysis_period": YEARS, "federal_tax_rate": [100.0 * variant.tax],
         "state_tax_rate": [0.0], "inflation_rate": 100.0 * INFLATION, "real_discount_rate": 100.0 * REAL_RATE}
    )  # fmt: skip
    model.SystemCosts.assign(
        {"total_installed_cost": INVESTMENT, "om_capacity": [0.0], "om_batt_capacity_cost": [0.0],
         "om_fixed": [FIXED_OM], "om_batt_variable_cost": [1e3 * VARIABLE_OM_PER_KWH], "om_fuel_cost": [0.0]}
    )  # fmt: skip
    model.Depreciation.assign(
        {"depr_fed_type": STRAIGHT_LINE, "depr_fed_sl_years": DEPRECIATION_YEARS, "depr_sta_type": 0}
    )
    if variant.replaced:
        _replace(model)
    model.execute(0)


def _replace(model: Any) -> None:
    """The whole store anew, paid in its last year of service."""
    when = [float(year == REPLACED_AFTER) for year in range(1, YEARS + 1)]
    per_kwh = REPLACEMENT_SHARE * ENERGY_PER_KWH * ENERGY_KWH / model.BatterySystem.batt_computed_bank_capacity
    model.SystemCosts.om_batt_replacement_cost = [per_kwh]
    model.BatterySystem.batt_replacement_option = 2
    model.BatterySystem.batt_bank_replacement = when
    model.BatterySystem.batt_replacement_schedule_percent = [100.0 * one for one in when]


def write_inputs(folder: Path) -> tuple[Path, Path]:
    """SAM's load and rate as PySAM brings them, where they do not stand beside the repository: both files."""
    battery, bills, _ = models()
    load, rate = folder / "load.parquet", folder / "rate.json"
    pd.DataFrame({"p_kw": np.array(battery.Load.load)}).to_parquet(load)
    told = {name: value for name, value in bills.ElectricityRates.export().items() if name.startswith("ur_")}
    rate.write_text(json.dumps(told), encoding="utf-8")
    return load, rate


def run() -> tuple[dict[str, float], pd.DataFrame]:
    """Energies and first-year bills; and per variant the net flow by year with its metrics."""
    load, columns, year = load_kw(), {}, {}
    for variant in VARIANTS:
        battery, bills, cash = models()
        store(battery, load)
        bill(bills, np.array(battery.Outputs.batt_power), replayed().track.auxiliary_kw)
        finance(cash, variant)
        year = {
            "bill_without": bills.Outputs.utility_bill_wo_sys_year1,
            "bill_with": bills.Outputs.utility_bill_w_sys_year1,
            "charged_kwh": battery.Outputs.batt_annual_charge_energy[0],
            "discharged_kwh": battery.Outputs.batt_annual_discharge_energy[0],
        }
        told = cash.Outputs
        metrics = [told.npv, told.irr / 100.0, told.payback, told.discounted_payback]
        columns[variant.name] = np.array([*metrics, *told.cf_payback_with_expenses])
    index = ["npv", "irr", "payback_years", "discounted_payback_years", *range(YEARS + 1)]
    return year, pd.DataFrame(columns, index=pd.Index(index, name="what"))


def main() -> None:
    """Write the tables."""
    year, flows = run()
    told = version("NREL-PySAM")
    year_table = pd.DataFrame({"what": list(year), "value": list(year.values()), "version": told})
    year_table.to_csv(DATA / "sam_commercial_year.csv", index=False, float_format="%.6f")
    flows.to_csv(DATA / "sam_commercial_flows.csv", float_format="%.6f")


if __name__ == "__main__":
    main()
