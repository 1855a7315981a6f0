"""The peer of whole lives: SAM's battery (PySAM) behind the same meter, dispatched by price-signal forecast.

Run as a program: `python sam.py YEARS` lives so many years and prints a line of JSON.
"""

from __future__ import annotations

import json
import sys

import numpy as np
from factory import DEMAND_PER_KW_MONTH, ENERGY_KWH, POWER_KW, PRICES, SELL_PER_KWH, factory
from measure import seconds_of

PRICE_SIGNALS = 4
"""`batt_dispatch_choice` 4, behind the meter: RetailRateDispatch, 'price signals forecast' in SAM's own pages."""
EVERYTHING = 1e38


def battery(years: int):  # type: ignore[no-untyped-def]
    """SAM's default commercial battery at our size, with our quarter-hourly load, sun and tariff, ageing."""
    import PySAM.Battery as Battery
    from PySAM.BatteryTools import battery_model_sizing

    site = factory(demand_charge=True)
    model = Battery.default("CustomGenerationBatteryCommercial")
    battery_model_sizing(model, POWER_KW, ENERGY_KWH, 500.0)
    model.Lifetime.system_use_lifetime_output = 1
    model.Lifetime.analysis_period = years
    model.SystemOutput.gen = np.tile(site.generation_kw, years).tolist()
    model.Load.load = site.load_kw.tolist()
    model.Load.crit_load = [0.0] * site.timeline.steps
    model.BatteryDispatch.batt_dispatch_choice = PRICE_SIGNALS
    model.BatteryDispatch.batt_dispatch_auto_can_gridcharge = 1
    model.BatteryDispatch.batt_dispatch_auto_can_charge = 1
    _tariff(model.ElectricityRates, site.prices.buy_per_kwh)
    return model


def _tariff(rates, buy_per_kwh) -> None:  # type: ignore[no-untyped-def]
    """Four energy prices by hour and month, and one price on each month's highest import."""
    prices = np.array(list(PRICES.values()))
    rates.ur_ec_tou_mat = [[i + 1, 1, EVERYTHING, 0, price, SELL_PER_KWH] for i, price in enumerate(prices)]
    hourly = buy_per_kwh.reshape(365, 24, 4)[:, :, 0]
    firsts = np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30])
    schedule = [[1 + int(np.argmin(np.abs(prices - price))) for price in hourly[day]] for day in firsts]
    rates.ur_ec_sched_weekday = rates.ur_ec_sched_weekend = schedule
    rates.ur_metering_option = 2
    rates.ur_dc_enable = 1
    rates.ur_dc_flat_mat = [[month, 1, EVERYTHING, DEMAND_PER_KW_MONTH] for month in range(12)]
    rates.ur_dc_tou_mat = [[1, 1, EVERYTHING, 0.0]]
    rates.ur_dc_sched_weekday = rates.ur_dc_sched_weekend = [[1] * 24] * 12


if __name__ == "__main__":
    asked = int(sys.argv[1])
    sam = battery(asked)
    seconds, _ = seconds_of(lambda: sam.execute(0))
    discharged_kwh = sum(sam.Outputs.batt_annual_discharge_energy)
    steps = len(sam.Outputs.batt_power)
    print(json.dumps({"seconds": seconds, "years": asked, "steps": steps, "discharged_kwh": discharged_kwh}))
