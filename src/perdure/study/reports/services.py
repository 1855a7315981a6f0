"""What a plant's services earned, who held which part of it at which hour, and what every limit is worth."""

from __future__ import annotations

import numpy as np

from perdure.quantities import Language
from perdure.study.outcome import CandidateOutcome
from perdure.study.reports.drawing import ACCENTS, Figure, axis, faded, figure, line, plain
from perdure.study.reports.naming import first_sample
from perdure.study.reports.translation import translated
from perdure.study.reports.words import money, number, say
from perdure.timeline import Floats

LIMITS_SHOWN = 8


def service_rows(one: CandidateOutcome, language: Language) -> list[tuple[str, str]]:
    """(line, income of the first sampled year); empty without services."""
    if not one.life.served:
        return []
    served = one.life.served[min(one.life.served)]
    currency = one.life.bills[0].currency
    rows = [
        (f"{name}: {translated(text, language, 'words')}" if text != name else name,
         money(float(values.sum()), currency, language))
        for name, settlement in served.settlements.items()
        for text, values in settlement.lines.items()
    ]  # fmt: skip
    return [*rows, (say("services.total", language), money(served.income, currency, language))]


def limit_rows(one: CandidateOutcome, language: Language) -> list[tuple[str, str]]:
    """(limit, what one more unit of it would save in the year); only the general program tells them."""
    prices = one.life.limit_prices
    if not prices:
        return []
    currency = one.life.bills[0].currency
    return [
        (translated(price.name, language, "words"), f"{number(price.total, 1)} {currency}/{price.unit}")
        for price in prices[min(prices)][:LIMITS_SHOWN]
    ]


def sharing(one: CandidateOutcome, colour: str, language: Language) -> Figure | None:
    """Mean day of the first sampled year: charging, discharging, and what each reserve held."""
    if not one.life.served or not one.life.served[min(one.life.served)].reserves_kw:
        return None
    sample, served = first_sample(one.life), one.life.served[min(one.life.served)]
    slot = sample.site.timeline.local.hour * 4 + sample.site.timeline.local.minute // 15
    hours = np.arange(96) / 4.0

    def mean_day(values: Floats) -> list[float | None]:
        count = np.bincount(slot, minlength=96)
        total = np.bincount(slot, weights=values, minlength=96)
        filled = np.divide(total, count, out=np.full(96, np.nan), where=count > 0)
        return plain(np.interp(np.arange(96), np.flatnonzero(count > 0), filled[count > 0]), 1)

    x = plain(hours, 2)
    series = sample.series
    data = [
        line(say("services.charging", language), x, mean_day(series["charge_kw"].to_numpy()), colour),
        line(say("services.discharging", language), x, mean_day(-series["discharge_kw"].to_numpy()), colour,
             line={"dash": "dash"}),
    ]  # fmt: skip
    for position, (name, held) in enumerate(served.reserves_kw.items()):
        shade = ACCENTS[(position + 3) % len(ACCENTS)]
        data.append(line(say("services.held", language, name=name), x, mean_day(held), shade, fill="tozeroy",
                         fillcolor=faded(shade, 0.15)))  # fmt: skip
    return figure(data, axis(say("services.hour", language), dtick=3), axis(say("axis.power", language)), 340)
