"""What one more kW or kWh of every limit would save, in words a buyer reads."""

from __future__ import annotations

import re

from perdure.quantities import Language
from perdure.study.outcome import CandidateOutcome
from perdure.study.reports.service_names import service_title
from perdure.study.reports.words import currency_name, number, say

LIMITS_SHOWN = 8
LEAST_SHOWN = 0.05
"""A year, in the bill's currency: less is nothing."""
LIMITS = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        ("import limit", "import"),
        ("export limit", "export"),
        ("capacity of (?P<whose>.+)", "capacity"),
        ("charge power of (?P<whose>.+)", "charge"),
        ("discharge power of (?P<whose>.+)", "discharge"),
        ("least charge of (?P<whose>.+)", "least_charge"),
        ("energy left at the end in (?P<whose>.+)", "left_at_end"),
        ("least billed demand of (?P<whose>.+)", "least_billed"),
        ("least of (?P<whose>.+)", "least_held"),
        ("most of (?P<whose>.+)", "most_held"),
        ("(?P<whose>.+): highest power", "highest_power"),
        ("(?P<whose>.+): lowest power", "lowest_power"),
        ("(?P<whose>.+): rise", "rise"),
        ("(?P<whose>.+): fall", "fall"),
        (".+: width of cheaper (steps|tiers)", ""),
    )
)
"""How dispatch names its limits, and the text that tells a reader; '' is nothing anybody can buy."""
OF_A_STORE = ("capacity", "charge", "discharge", "converter", "least_charge", "left_at_end")


def limit_rows(one: CandidateOutcome, language: Language) -> list[tuple[str, str]]:
    """(limit, what one more unit of it would save in the first year), dearest first; what saves nothing is left out.

    Charging and discharging power of a store with one converter are one row.
    """
    prices = one.life.limit_prices
    if not prices:
        return []
    currency = currency_name(one.life.bills[0].currency, language)
    found = prices[min(prices)]
    worth = _by_text(one, {(price.name, price.unit): price.total for price in found}, language)
    shown = sorted((pair for pair in worth.items() if pair[1] >= LEAST_SHOWN), key=lambda pair: -pair[1])
    return [
        (name, say("services.limit.a_year", language, value=number(value, 1 if value < 1000.0 else 0), unit=currency))
        for name, value in shown[:LIMITS_SHOWN]
    ]


def _by_text(one: CandidateOutcome, totals: dict[tuple[str, str], float], language: Language) -> dict[str, float]:
    """What each limit (by name and unit) is worth by what a reader calls it."""
    several = sum(name.startswith("capacity of ") for name, _ in totals) > 1
    found: dict[str, float] = {}
    for (name, unit), total in totals.items():
        key, whose = _kind(name)
        if key in ("charge", "discharge") and one.candidate.plant.technology.charge_converter is None:
            key = "converter"
        if key:
            text = say(f"services.limit.{key}", language, name=service_title(whose, language), unit=unit)
            if several and key in OF_A_STORE:
                text = say("services.limit.of", language, text=text, name=whose)
            found[text] = found.get(text, 0.0) + total
    return found


def _kind(name: str) -> tuple[str, str]:
    """The text's key and whose limit it is."""
    for pattern, key in LIMITS:
        if match := pattern.fullmatch(name):
            return key, match.groupdict().get("whose") or ""
    return "other", name
