"""Why a store wins or loses in a comparison, in plain sentences built from its numbers."""

from __future__ import annotations

from perdure.economics.cashflow import CASH
from perdure.quantities import Language
from perdure.study.reports.sizing import life_words, size_words, years_words
from perdure.study.reports.words import money, number, percent, say, unit_price
from perdure.study.sizing.break_even import BreakEven
from perdure.study.sizing.versus import Comparison, Contender

NEGLIGIBLE_SHARE = 1e-3
"""A part of the difference below this share of the investment is not worth a word."""


def verdict(outcome: Comparison, language: Language) -> str:
    """One sentence: which store is worth most, or that none is worth building."""
    if not outcome.contenders:
        return say("compare.verdict_no_plan", language)
    first = outcome.contenders[0]
    row = first.lived.row
    told = {"name": first.store.name, "size": size_words(row), "years": outcome.case.lifetime.years}
    if outcome.none_is_best:
        loss = money(-row["npv"], row["currency"], language)
        return say("compare.verdict_none", language, loss=loss, **told)
    told["npv"] = money(row["npv"], row["currency"], language)
    rival = outcome.rival(0)
    if rival is None:
        return say("compare.verdict", language, **told)
    ahead = money(row["npv"] - rival.lived.npv, row["currency"], language)
    return say("compare.verdict_ahead", language, ahead=ahead, rival=rival.store.name, **told)


def reasons(outcome: Comparison, position: int, language: Language) -> str:
    """One paragraph: where the store stands, what makes the difference, how it is used, how long it lasts, wear."""
    one = outcome.contenders[position]
    told = [
        _place(outcome, position, language),
        _difference(outcome, position, language),
        _use(one, language),
        *_lasting(outcome, one, language),
        _wear(one, language),
    ]
    return say("compare.gap", language).join(text for text in told if text)


def _place(outcome: Comparison, position: int, language: Language) -> str:
    one, rival = outcome.contenders[position], outcome.rival(position)
    row, currency = one.lived.row, one.lived.row["currency"]
    told = {
        "name": one.store.name, "npv": money(row["npv"], currency, language),
        "investment": money(row["investment"], currency, language),
        "saving": money(row["mean_saving"], currency, language),
    }  # fmt: skip
    key = "first" if position == 0 else "later"
    if row["payback_years"] is None:
        key += "_never"
    else:
        told["payback"] = years_words(row["payback_years"], language)
    if position > 0 and rival is not None:
        told["rank"] = say("compare.rank", language, rank=position + 1)
        told["behind"] = money(rival.lived.npv - row["npv"], currency, language)
        told["rival"] = rival.store.name
    return say(f"compare.{key}", language, **told)


def _difference(outcome: Comparison, position: int, language: Language) -> str:
    """The largest part of the cash flow on either side."""
    one, rival = outcome.contenders[position], outcome.rival(position)
    if rival is None:
        return ""
    row = outcome.differences[outcome.differences["store"] == one.store.name].iloc[0]
    parts = {name: float(row[name]) for name in CASH if name != "tax"}  # tax only follows the others
    least = NEGLIGIBLE_SHARE * float(one.lived.row["investment"])
    best, worst = max(parts, key=lambda name: parts[name]), min(parts, key=lambda name: parts[name])
    currency = one.lived.row["currency"]
    told = {"rival": rival.store.name}
    gains, loses = parts[best] > least, parts[worst] < -least
    if gains:
        told |= {"gain": say(f"compare.part.{best}", language), "gain_value": money(parts[best], currency, language)}
    if loses:
        told |= {"loss": say(f"compare.part.{worst}", language), "loss_value": money(-parts[worst], currency, language)}
    if not gains and not loses:
        return ""
    key = "gains" if gains and loses else "only_gains" if gains else "only_loses"
    return say(f"compare.{key}", language, **told)


def _use(one: Contender, language: Language) -> str:
    row = one.lived.row
    if row["round_trip_share"] is None:
        return ""
    lcos = unit_price(row["lcos_without_charging_per_kwh"], row["currency"], "kWh", language)
    cycles, lost = number(row["full_cycles_per_year"]), number(row["lost_kwh_per_year"] / 1000.0, 1)
    share = percent(row["round_trip_share"])
    return say("compare.use", language, cycles=cycles, lcos=lcos, round_trip=share, lost=lost)


def _lasting(outcome: Comparison, one: Contender, language: Language) -> list[str]:
    row, years = one.lived.row, outcome.case.lifetime.years
    stacks = _stacks(int(row["stacks_renewed"]), language)
    if row["life_years"] is None:
        capacity = percent(row["capacity_at_end_share"])
        return [say("compare.lasts", language, years=years, capacity=capacity), *stacks]
    life = life_words(row, years, language)
    if not row["replaced"]:
        return [say("compare.retired", language, years=years, life=life), *stacks]
    cost = money(-row["present_replacement"], row["currency"], language)
    key = "replaced_once" if row["replaced"] == 1 else "replaced"
    told = {} if row["replaced"] == 1 else {"count": row["replaced"]}
    return [say(f"compare.{key}", language, years=years, life=life, cost=cost, **told), *stacks]


def _stacks(renewed: int, language: Language) -> list[str]:
    if renewed == 1:
        return [say("compare.stacks_once", language)]
    return [say("compare.stacks", language, count=renewed)] if renewed else []


def _wear(one: Contender, language: Language) -> str:
    if one.wear is None:
        return ""
    row = one.lived.row
    if row["wear_price_per_kwh"] == 0.0:
        return say("compare.wear_none", language)
    price = unit_price(row["wear_price_per_kwh"], row["tariff_currency"], "kWh", language)
    return say("compare.wear_some", language, price=price, gain=money(one.wear.gain, row["currency"], language))


def break_even_words(one: BreakEven, price: float | None, currency: str, language: Language) -> str:
    """'yes, up to × 2.85 (969 CNY/kWh)': whether it pays or leads today, and where that turns."""
    if one.share is None:
        key = "always" if one.leads else "never"
        return say(f"compare.{key}", language, low=f"{one.low:.3g}", high=f"{one.high:.3g}")
    key = f"{'ceases' if one.leads else 'begins'}_{'above' if one.share > 1.0 else 'below'}"
    text = say(f"compare.{key}", language, share=number(one.share, 2))
    if price is None:
        return text
    told = unit_price(price * one.share, currency, "kWh", language, 0)
    return say("compare.with_price", language, text=text, price=told)
