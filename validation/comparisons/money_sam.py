"""A year's bills and 25 years' cash flow beside SAM's commercial battery case, run through PySAM."""

from __future__ import annotations

import pandas as pd

from perdure.economics.cashflow import Worth
from perdure.quantities import Confidence
from validation.commercial_case import (
    DEPRECIATION_YEARS,
    ENERGY_KWH,
    ENERGY_PER_KWH,
    INFLATION,
    LOAD,
    NOMINAL_RATE,
    REPLACED_AFTER,
    REPLACEMENT_SHARE,
    VARIANTS,
    Variant,
    energies_kwh,
    priced,
    replayed,
)
from validation.comparison import MONEY, Comparison, values
from validation.tables import kept, table

SOUGHT = "within 1 %, set beforehand"
BY_FIRST_CROSSING = "SAM tells the first crossing, perdure the last: here the replacement sinks the sum again"
AT_ONCE = "SAM deducts the replacement at once, perdure writes it off like the investment"


def comparisons(fresh: bool = True) -> list[Comparison]:
    """All of this subject."""
    return kept("sam_commercial_result", LOAD, beside_sam, fresh=fresh)


def beside_sam() -> list[Comparison]:
    """The replayed year, and its cash flow before and after tax, with and without a replacement."""
    flows = table("sam_commercial_flows").set_index("what")
    return [*first_year(), *(one for variant in VARIANTS for one in of_variant(variant, flows[variant.name]))]


def _beside(
    quantity: str, conditions: str, unit: str, outside: object, model: object, allowed: float | None = 0.01,
    note: str = "", years: bool = False,
) -> Comparison:  # fmt: skip
    outside, model = values(outside), values(model)  # type: ignore[arg-type]
    return Comparison(
        MONEY, quantity, conditions, unit, outside, model, f"SAM, PySAM {_version()}", Confidence.DERIVED,
        allowed=allowed, allowed_by="" if allowed is None else SOUGHT, relative=True, note=note,
        at=values(range(len(outside))) if years else (), at_name="year" if years else "",
    )  # fmt: skip


def _version() -> str:
    return str(table("sam_commercial_year")["version"].iloc[0])


def first_year() -> list[Comparison]:
    """Energies and bills of the year both stores were asked for the same powers."""
    told = table("sam_commercial_year").set_index("what")["value"]
    ran, year = replayed(), "the same request, one year"
    charged, discharged = energies_kwh(ran)
    without, with_store = ran.site.bill_without.total, ran.bill.total
    saved = float(told["bill_without"] - told["bill_with"])
    return [
        _beside("Bill without a store", "SAM's commercial load and rate", "USD", told["bill_without"], without),
        _beside("Saving", year, "USD", saved, without - with_store),
        _beside("Energy discharged", year, "kWh", told["discharged_kwh"], discharged),
        _beside("Energy charged", year, "kWh", told["charged_kwh"], charged,
                note="the stores' own losses; the converters lose alike"),
    ]  # fmt: skip


def of_variant(variant: Variant, told: pd.Series) -> list[Comparison]:
    """Flow by year, net present value, internal rate and paybacks of one way to price that year."""
    ours, both = priced(variant), variant.replaced and variant.tax > 0.0
    metrics, gate, note = ours.metrics, None if both else 0.01, AT_ONCE if both else ""
    assert metrics.payback_years is not None and metrics.discounted_payback_years is not None
    assert metrics.irr.rate is not None
    found = [
        _beside("Yearly net flow", variant.told, "USD", told.iloc[4:].to_numpy(float), ours.cash_flow["net"], gate,
                note, years=True),
        _beside("Net present value", variant.told, "USD", told["npv"], metrics.npv, gate, note),
        _beside("Internal rate of return", variant.told, "", told["irr"], metrics.irr.rate, gate, note),
        _beside("Payback", variant.told, "years", told["payback_years"], metrics.payback_years),
        _beside("Discounted payback", variant.told, "years", told["discounted_payback_years"],
                metrics.discounted_payback_years, None if variant.replaced else 0.01,
                BY_FIRST_CROSSING if variant.replaced else ""),
    ]  # fmt: skip
    if both:
        found.append(
            _beside("Net present value", f"{variant.told}, the replacement deducted at once", "USD", told["npv"],
                    deducted_at_once(variant, ours), note="the rest of the line above is that rule")
        )  # fmt: skip
    return found


def deducted_at_once(variant: Variant, ours: Worth) -> float:
    """Net present value had the replacement lowered the tax of the year it was paid in, as in SAM."""
    paid = REPLACEMENT_SHARE * ENERGY_PER_KWH * ENERGY_KWH * (1.0 + INFLATION) ** (REPLACED_AFTER - 1)
    later = range(REPLACED_AFTER + 1, REPLACED_AFTER + 1 + DEPRECIATION_YEARS)
    at_once = (1.0 + NOMINAL_RATE) ** -REPLACED_AFTER
    written_off = sum((1.0 + NOMINAL_RATE) ** -year for year in later) / DEPRECIATION_YEARS
    return ours.metrics.npv + variant.tax * paid * (at_once - written_off)
