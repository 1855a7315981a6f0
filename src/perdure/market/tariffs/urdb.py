"""Import of a rate of the United States Utility Rate Database (URDB), API versions 7 and 8, from its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from pydantic import Field

from perdure.errors import Faults, did_you_mean
from perdure.market.calendar import Calendar
from perdure.market.charge import UNLIMITED
from perdure.market.demand import LookBack
from perdure.market.imported import ImportedRate, number, refuse, unused
from perdure.market.kind import TariffKind
from perdure.market.rate_table import NO_TIERS, BillingDemand, RateTable, Tiers, hours_table, open_tiers

_USED = [
    "energyratestructure",
    "energyweekdayschedule",
    "energyweekendschedule",
    "demandratestructure",
    "demandweekdayschedule",
    "demandweekendschedule",
    "flatdemandstructure",
    "flatdemandmonths",
    "fixedchargefirstmeter",
    "fixedchargeunits",
    "fixedmonthlycharge",
    "mincharge",
    "minchargeunits",
    "minmonthlycharge",
    "lookbackpercent",
    "lookbackrange",
    "lookbackmonths",
    "dgrules",
    "usenetmetering",
    "demandrateunit",
    "demandunits",
    "flatdemandunit",
    "flatdemandunits",
]
_TOLD = [
    "label",
    "uri",
    "name",
    "utility",
    "eia",
    "eiaid",
    "sector",
    "description",
    "source",
    "sourceparent",
    "startdate",
    "enddate",
    "latest_update",
    "revisions",
    "approved",
    "is_default",
    "isdefault",
    "basicinformationcomments",
    "energycomments",
    "demandcomments",
    "servicetype",
    "voltagecategory",
    "phasewiring",
    "supercedes",
    "supersedes",
    "country",
    "items",
]
_REFUSED = {
    "fueladjustmentsmonthly": "a monthly fuel adjustment",
    "demandreactivepowercharge": "a reactive power charge",
    "demandratchetpercentage": "a demand ratchet by month",
    "coincidentratestructure": "a coincident demand charge",
    "coincidentrateunit": "a coincident demand charge",
    "annualmincharge": "an annual minimum charge",
    "fixedchargeeaaddl": "a charge for further meters",
}
_PER_MONTH = {"$/month": 1.0, "$/year": 1 / 12}


class Urdb(ImportedRate):
    """A rate as the URDB API returns it: one item, or a response with `items`."""

    kind: Literal["urdb"] = "urdb"
    title: str = "URDB rate"
    label: str | None = Field(None, description="Chooses an item where the file holds several.")

    def parse(self, data: dict[str, Any], faults: Faults) -> RateTable:
        """The chosen item as a rate table."""
        rate = self._item(data, faults)
        refuse(rate, _REFUSED, faults)
        tiers, sells, per_day = _energy(rate, faults)
        demand_tiers = tuple(_tiers(period, f"file.demandratestructure[{i}]", ("kw",), faults)
                             for i, period in enumerate(rate.get("demandratestructure") or ()))  # fmt: skip
        for key in ("demandrateunit", "demandunits", "flatdemandunit", "flatdemandunits"):
            if str(rate.get(key) or "kW").lower() != "kw":
                faults.add(f"file.{key}", "is a demand unit not supported", rate[key], "kW")
        fixed_month, fixed_day = _fixed(rate, faults)
        refused, remarks = _export(rate)
        return RateTable(
            currency=self.currency,
            source=f"{self.file}: {rate.get('utility', '')} {rate.get('name', '')}".strip(": "),
            energy=_calendar(rate, "energy", len(tiers), faults) or Calendar(("period 1",), np.zeros((12, 3, 48), int)),
            energy_tiers=tiers or (NO_TIERS,),
            sell_per_kwh=sells or (0.0,),
            tiers_per_day=per_day,
            demand=_calendar(rate, "demand", len(demand_tiers), faults),
            demand_tiers=demand_tiers,
            flat_demand_tiers=_flat_demand(rate, faults),
            fixed_per_month=fixed_month,
            fixed_per_day=fixed_day,
            minimum_per_month=_minimum(rate, faults),
            billing_demand=self._look_back(rate, len(demand_tiers), faults),
            export_refused=refused,
            remarks=remarks + unused(rate, (*_USED, *_TOLD)),
        )

    def _item(self, data: dict[str, Any], faults: Faults) -> dict[str, Any]:
        items = data.get("items")
        if not isinstance(items, list):
            return data
        labels = [str(item.get("label", i)) for i, item in enumerate(items)]
        if self.label in labels:
            return dict(items[labels.index(str(self.label))])
        if self.label is None and len(items) == 1:
            return dict(items[0])
        if self.label is None:
            faults.add("label", f"is needed: the file holds {len(items)} rates", cure=f"One of {', '.join(labels)}.")
        else:
            faults.add("label", "is not in the file", repr(self.label), cure=did_you_mean(self.label, labels))
        return {}

    def _look_back(self, rate: Mapping[str, Any], periods: int, faults: Faults) -> BillingDemand | None:
        share, months = number(rate, "lookbackpercent", faults), number(rate, "lookbackrange", faults)
        if share == 0:
            return None
        held = np.array(rate.get("lookbackmonths") or [True] * 12, dtype=bool)
        if held.shape != (12,):
            faults.add("file.lookbackmonths", "does not have 12 entries", len(held), "12")
            return None
        look_back = LookBack(int(months) or 11, np.where(held, share, 0.0), np.ones(12, dtype=bool), self.before_kw())
        return BillingDemand(0.0, look_back, frozenset(range(periods)))


def _tiers(period: Any, place: str, units: tuple[str, ...], faults: Faults) -> Tiers:
    pairs = []
    for i, tier in enumerate(period):
        unit = str(tier.get("unit", units[0])).lower()
        if unit not in units:
            faults.add(f"{place}[{i}].unit", "is not supported", tier["unit"], ", ".join(units))
        upper = tier.get("max")
        pairs.append(
            (UNLIMITED if upper is None else float(upper), float(tier.get("rate", 0)) + float(tier.get("adj", 0)))
        )
    return open_tiers(pairs or [(UNLIMITED, 0.0)], place, faults)


def _energy(rate: Mapping[str, Any], faults: Faults) -> tuple[tuple[Tiers, ...], tuple[float, ...], bool]:
    """Tiers and first-tier sell rate of each energy period, and whether bounds hold per day."""
    structure = rate.get("energyratestructure") or []
    tiers = tuple(
        _tiers(period, f"file.energyratestructure[{i}]", ("kwh", "kwh daily"), faults)
        for i, period in enumerate(structure)
    )
    daily = {str(t.get("unit", "kWh")).lower() == "kwh daily" for period in structure for t in period if "max" in t}
    if len(daily) > 1:
        faults.add("file.energyratestructure", "mixes tiers per month and per day")
    for i, period in enumerate(structure):
        if len({float(tier.get("sell") or 0) for tier in period}) > 1:
            faults.add(f"file.energyratestructure[{i}]", "has tiered export rates, which are not supported")
    sells = tuple(float(period[0].get("sell") or 0) if period else 0.0 for period in structure)
    return tiers, sells, daily == {True}


def _calendar(rate: Mapping[str, Any], what: str, periods: int, faults: Faults) -> Calendar | None:
    if periods == 0:
        return None
    tables = [hours_table(rate.get(key), f"file.{key}", periods, faults, first=0)
              for key in (f"{what}weekdayschedule", f"{what}weekendschedule")]  # fmt: skip
    return Calendar.of_hours([f"{what} {i + 1}" for i in range(periods)], *tables)


def _flat_demand(rate: Mapping[str, Any], faults: Faults) -> tuple[Tiers, ...]:
    tiers = [_tiers(period, f"file.flatdemandstructure[{i}]", ("kw",), faults)
             for i, period in enumerate(rate.get("flatdemandstructure") or ())]  # fmt: skip
    months = rate.get("flatdemandmonths") or ([0] * 12 if len(tiers) == 1 else [])
    if not tiers:
        return (NO_TIERS,) * 12
    if len(months) != 12 or any(int(month) >= len(tiers) for month in months):
        faults.add("file.flatdemandmonths", "does not name one stated period for each month", months, "12 entries")
        return (NO_TIERS,) * 12
    return tuple(tiers[int(month)] for month in months)


def _fixed(rate: Mapping[str, Any], faults: Faults) -> tuple[float, float]:
    amount, unit = number(rate, "fixedchargefirstmeter", faults), rate.get("fixedchargeunits", "$/month")
    monthly = number(rate, "fixedmonthlycharge", faults)
    if unit == "$/day":
        return monthly, amount
    if amount and unit not in _PER_MONTH:
        faults.add("file.fixedchargeunits", "is not supported", unit, "$/month, $/day, $/year")
    return monthly + amount * _PER_MONTH.get(unit, 0.0), 0.0


def _minimum(rate: Mapping[str, Any], faults: Faults) -> float:
    amount, unit = number(rate, "mincharge", faults), rate.get("minchargeunits", "$/month")
    if amount and unit != "$/month":
        faults.add("file.minchargeunits", "is not supported and would change the bill", unit, "$/month")
    return max(amount, number(rate, "minmonthlycharge", faults))


def _export(rate: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Why exports cannot be billed ('' if they can), and what is remarkable."""
    rule = rate.get("dgrules") or ("Net Metering" if rate.get("usenetmetering") else None)
    if rule in ("Net Billing Instantaneous", "Net Billing Hourly"):
        hourly = rule == "Net Billing Hourly"
        return "", (("Net billing by the hour is billed step by step.",) if hourly else ())
    if rule is None:
        return "", ()
    return f"the file's rule for exports is '{rule}', which is not supported", (f"Exports ({rule}) are not billed.",)


ENTRY = TariffKind(
    name="urdb",
    title_en="URDB rate (United States)",
    title_zh="美国 URDB 电价文件",
    summary="A rate of the United States Utility Rate Database from its JSON: energy and demand periods with tiers, "
    "flat demand, fixed and minimum charge, look-back. What a file holds beyond that is named, or refused where it "
    "would change the bill.",
    sources=("OpenEI Utility Rate Database, API version 7 and 8 response fields.",),
    fields=Urdb,
)
