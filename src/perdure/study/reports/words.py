"""Every text of the reports in both languages, and how numbers and money are written in each."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from perdure.quantities import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@cache
def table() -> dict[str, dict[Language, str]]:
    """All texts: key -> language -> text."""
    text = (files(__package__) / "words.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[Language, str]] = json.loads(text)
    return loaded


def say(key: str, language: Language, **values: object) -> str:
    """The text `key` in `language`, its blanks filled; KeyError for a missing text or blank."""
    text = table()[key][language]
    return text.format(**values) if values else text


GAP = "\u00a0"
"""Between a number and its unit, so that no line ends there."""


def number(value: float, digits: int = 0) -> str:
    """'1,234.5' with a true minus sign."""
    text = f"{value:,.{digits}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) != 0.0 else text.lstrip("-")


def percent(share: float, digits: int = 1) -> str:
    """'85.3 %'."""
    return f"{number(100.0 * share, digits)}{GAP}%"


def money(value: float, currency: str, language: Language) -> str:
    """'CNY 1,234,567', or '123.46 万元' in Chinese."""
    if language == "en":
        return f"{currency}{GAP}{number(value)}"
    unit = currency_name(currency, language)
    if abs(value) < 1e4:
        return f"{number(value)}{GAP}{unit}"
    joint = "" if currency == "CNY" else GAP
    return f"{number(value / 1e4, 2)}{GAP}万{joint}{unit}"


def currency_name(currency: str, language: Language) -> str:
    """'CNY', or '元' in Chinese."""
    return "元" if (language, currency) == ("zh", "CNY") else currency


def money_scale(currency: str, language: Language) -> tuple[float, str]:
    """What an axis of money is divided by, and its unit: (1, 'CNY') or (10,000, '万元')."""
    if language == "en":
        return 1.0, currency
    return 1e4, "万元" if currency == "CNY" else f"万 {currency}"


def unit_price(value: float | None, currency: str, unit: str, language: Language, digits: int = 3) -> str:
    """'0.412 CNY/kWh', '0.412 元/kWh', or a dash where there is none."""
    if value is None:
        return say("value.none", language)
    return f"{number(value, digits)}{GAP}{currency_name(currency, language)}/{unit}"
