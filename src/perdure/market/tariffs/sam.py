"""Import of a tariff in the variables of SAM's utilityrate5 model, from its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from perdure.errors import Faults
from perdure.market.calendar import Calendar
from perdure.market.demand import LookBack
from perdure.market.imported import ImportedRate, number, refuse, unused
from perdure.market.kind import TariffKind
from perdure.market.rate_table import NO_TIERS, BillingDemand, RateTable, Tiers, hours_table, open_tiers

_USED = [
    "en_electricity_rates",
    "ur_ec_tou_mat",
    "ur_ec_sched_weekday",
    "ur_ec_sched_weekend",
    "ur_dc_enable",
    "ur_dc_tou_mat",
    "ur_dc_sched_weekday",
    "ur_dc_sched_weekend",
    "ur_dc_flat_mat",
    "ur_monthly_fixed_charge",
    "ur_monthly_min_charge",
    "ur_enable_billing_demand",
    "ur_billing_demand_minimum",
    "ur_billing_demand_lookback_period",
    "ur_billing_demand_lookback_percentages",
    "ur_dc_billing_demand_periods",
    "ur_yearzero_usage_peaks",
    "ur_metering_option",
]
_TOLD = ["source", "format", "ur_nm_credit_month", "ur_nm_credit_rollover", "ur_nm_yearend_sell_rate"]
_OFF = {  # key -> the switch without which it has no effect
    "ur_ts_buy_rate": "ur_en_ts_buy_rate",
    "ur_ts_sell_rate": "ur_en_ts_sell_rate",
}
_REFUSED = {
    "ur_annual_min_charge": "an annual minimum charge",
    "ur_en_ts_buy_rate": "a purchase price per time step (use hourly_prices)",
    "ur_en_ts_sell_rate": "an export price per time step (use hourly_prices)",
    "TOU_demand_single_peak": "one peak for all demand periods",
    "ur_sell_eq_buy": "an export rate equal to the purchase rate",
}
_METERING = {
    0: "net metering with a monthly carry-over in kWh",
    1: "net metering with a carry-over in dollars",
    2: "",
    3: "net billing with a carry-over in dollars",
}


class Sam(ImportedRate):
    """A flat JSON object of utilityrate5 variables (`ur_...`)."""

    kind: Literal["sam"] = "sam"
    title: str = "SAM utility rate"

    def parse(self, data: dict[str, Any], faults: Faults) -> RateTable:
        """The variables as a rate table."""
        refuse(data, _REFUSED, faults)
        energy, tiers, sells, per_day = _energy(data, faults)
        demand, demand_tiers, flat, numbers = _demand(data, faults)
        metering = int(number(data, "ur_metering_option", faults))
        if metering not in _METERING:
            faults.add("file.ur_metering_option", "is not supported and would change the bill", metering, "0 to 3")
        if metering in (2, 3) and _tiers_meet_periods(energy, tiers):
            faults.add("file.ur_metering_option", "net billing counts energy tiers in the order of time, which is not "
                       "supported with several periods a month", metering, "0 or 1 with tiers")  # fmt: skip
        carried = _METERING.get(metering, "")
        quiet = [key for key, switch in _OFF.items() if not data.get(switch)]
        return RateTable(
            currency=self.currency,
            source=self.file,
            energy=energy,
            energy_tiers=tiers,
            sell_per_kwh=sells,
            tiers_per_day=per_day,
            demand=demand,
            demand_tiers=demand_tiers,
            flat_demand_tiers=flat,
            fixed_per_month=number(data, "ur_monthly_fixed_charge", faults),
            minimum_per_month=number(data, "ur_monthly_min_charge", faults),
            billing_demand=self._billing_demand(data, numbers, faults),
            export_refused=f"the file settles exports by {carried}, which is not supported" if carried else "",
            remarks=unused(data, (*_USED, *_TOLD, *quiet, *_REFUSED)),
        )

    def _billing_demand(self, data: Mapping[str, Any], numbers: list[int], faults: Faults) -> BillingDemand | None:
        if not data.get("ur_enable_billing_demand") or not data.get("ur_dc_enable"):
            return None
        table = _rows(data, "ur_billing_demand_lookback_percentages", 2, faults)
        if len(table) != 12:
            faults.add("file.ur_billing_demand_lookback_percentages", "does not have 12 rows", len(table), "12")
            return None
        share = np.array([percent / 100 for percent, _ in table])
        own = np.array([flag == 1 for _, flag in table])
        months = int(number(data, "ur_billing_demand_lookback_period", faults))
        flags = {int(period): flag == 1 for period, flag in _rows(data, "ur_dc_billing_demand_periods", 2, faults)}
        flagged = frozenset(i for i, period in enumerate(numbers) if flags.get(period, False))
        look_back = LookBack(months, share, own, self.before_kw(data.get("ur_yearzero_usage_peaks") or None))
        return BillingDemand(number(data, "ur_billing_demand_minimum", faults), look_back, flagged)


def _rows(data: Mapping[str, Any], key: str, columns: int, faults: Faults) -> list[tuple[float, ...]]:
    """The rows of a matrix variable; a fault where it has other columns."""
    rows = data.get(key) or []
    try:
        found = [tuple(float(value) for value in row) for row in rows]
    except (TypeError, ValueError):
        faults.add(f"file.{key}", "is no matrix of numbers")
        return []
    if any(len(row) != columns for row in found):
        faults.add(f"file.{key}", "has rows of another length", len(found[0]), f"{columns} columns")
        return []
    return sorted(found[:]) if columns > 2 else found


def _by_number(rows: list[tuple[float, ...]]) -> dict[int, list[tuple[float, ...]]]:
    found: dict[int, list[tuple[float, ...]]] = {}
    for row in rows:
        found.setdefault(int(row[0]), []).append(row)
    return found


def _renumber(value: object, numbers: list[int]) -> object:
    """A schedule of period numbers as positions in `numbers`; unknown numbers become -1."""
    try:
        return [[numbers.index(int(number)) if int(number) in numbers else -1 for number in row] for row in value]  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        return value


def _calendar(data: Mapping[str, Any], what: str, numbers: list[int], faults: Faults) -> Calendar:
    tables = []
    for day in ("weekday", "weekend"):
        key = f"ur_{what}_sched_{day}"
        tables.append(hours_table(_renumber(data.get(key), numbers), f"file.{key}", len(numbers), faults, first=0))
    return Calendar.of_hours([f"period {number}" for number in numbers], *tables)


def _energy(data: Mapping[str, Any], faults: Faults) -> tuple[Calendar, tuple[Tiers, ...], tuple[float, ...], bool]:
    rows = _by_number(_rows(data, "ur_ec_tou_mat", 6, faults))
    if not rows:
        faults.add("file.ur_ec_tou_mat", "is missing or empty")
        return Calendar(("period 1",), np.zeros((12, 3, 48), dtype=np.int64)), (NO_TIERS,), (0.0,), False
    units = {int(row[3]) for table in rows.values() for row in table if row[2] < 1e37}
    if not units <= {0, 2}:
        faults.add("file.ur_ec_tou_mat", "has tiers per kW of demand, which are not supported", sorted(units), "0 or 2")
    if len(units) > 1:
        faults.add("file.ur_ec_tou_mat", "mixes tier units", sorted(units))
    tiers = tuple(
        open_tiers([(row[2], row[4]) for row in table], f"file.ur_ec_tou_mat period {i}", faults)
        for i, table in rows.items()
    )  # fmt: skip
    for i, table in rows.items():
        if len({row[5] for row in table}) > 1:
            faults.add(f"file.ur_ec_tou_mat period {i}", "has tiered export rates, which are not supported")
    return _calendar(data, "ec", list(rows), faults), tiers, tuple(table[0][5] for table in rows.values()), units == {2}


def _demand(
    data: Mapping[str, Any], faults: Faults
) -> tuple[Calendar | None, tuple[Tiers, ...], tuple[Tiers, ...], list[int]]:
    """Demand calendar, its tiers, flat tiers by month, and the period numbers in the file."""
    flat: tuple[Tiers, ...] = (NO_TIERS,) * 12
    if not data.get("ur_dc_enable"):
        return None, (), flat, []
    by_month = _by_number(_rows(data, "ur_dc_flat_mat", 4, faults))
    if by_month:
        flat = tuple(
            open_tiers([(row[2], row[3]) for row in by_month[i]], f"file.ur_dc_flat_mat month {i}", faults)
            if i in by_month else NO_TIERS
            for i in range(12)
        )  # fmt: skip
    rows = _by_number(_rows(data, "ur_dc_tou_mat", 4, faults))
    if not rows:
        return None, (), flat, []
    tiers = tuple(
        open_tiers([(row[2], row[3]) for row in table], f"file.ur_dc_tou_mat period {i}", faults)
        for i, table in rows.items()
    )
    return _calendar(data, "dc", list(rows), faults), tiers, flat, list(rows)


def _tiers_meet_periods(energy: Calendar, tiers: tuple[Tiers, ...]) -> bool:
    several = any(len(np.unique(energy.table[month])) > 1 for month in range(12))
    return several and any(len(table) > 1 for table in tiers)


ENTRY = TariffKind(
    name="sam",
    title_en="SAM utility rate (United States)",
    title_zh="SAM 电价文件",
    summary="A tariff in the variables of the System Advisor Model's utilityrate5: energy and demand periods with "
    "tiers, flat demand, fixed and minimum charge, billing demand with minimum and look-back. What a "
    "file holds beyond that is named, or refused where it would change the bill.",
    sources=("System Advisor Model, variables of the utilityrate5 module.",),
    fields=Sam,
)
