"""What a plant's services earned, and who held which part of it at which hour."""

from __future__ import annotations

import numpy as np

from perdure.quantities import Language
from perdure.study.outcome import CandidateOutcome
from perdure.study.reports.drawing import ACCENTS, Figure, axis, faded, figure, line, plain
from perdure.study.reports.naming import first_sample
from perdure.study.reports.service_names import line_title, outage_title, service_title
from perdure.study.reports.words import money, number, percent, say
from perdure.timeline import Floats


def service_rows(one: CandidateOutcome, language: Language) -> list[tuple[str, str]]:
    """(line, income of the first sampled year); empty without services."""
    if not one.life.served:
        return []
    served = one.life.served[min(one.life.served)]
    currency = one.life.bills[0].currency
    rows = [
        (line_title(f"{name}: {text}", language),
         money(float(values.sum()), currency, language))
        for name, settlement in served.settlements.items()
        for text, values in settlement.lines.items()
    ]  # fmt: skip
    return [*rows, (say("services.total", language), money(served.income, currency, language))]


def held_back_rows(one: CandidateOutcome, language: Language) -> list[tuple[str, str, str]]:
    """(what, with energy held back, without) of year 1; empty where nothing is held."""
    told = one.held_back
    if told is None:
        return []
    bills = [money(value, told.currency, language) for value in (told.bill, told.bill_without)]
    cycles = [number(value) for value in (told.full_cycles, told.full_cycles_without)]
    outages = [
        (say("held_back.survived", language, outage=outage_title(what, language)), percent(share), percent(without))
        for what, (share, without) in told.survived.items()
    ]
    return [(say("held_back.bill", language), *bills), (say("row.cycles", language), *cycles), *outages]  # type: ignore[list-item]


def held_back_text(one: CandidateOutcome, language: Language) -> str:
    """What holding energy back cost, in one sentence; empty where nothing is held."""
    told = one.held_back
    if told is None:
        return ""
    names = say("list.comma", language).join(service_title(name, language) for name in told.services)
    cost = money(abs(told.cost), told.currency, language)
    return say("held_back.cost" if told.cost >= 0.0 else "held_back.gain", language, names=names, cost=cost)


def sharing(one: CandidateOutcome, colour: str, language: Language) -> Figure | None:
    """Mean day of the first sampled year: discharging above zero, charging below, and what each reserve held."""
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
        line(say("services.discharging", language), x, mean_day(series["discharge_kw"].to_numpy()), colour),
        line(say("services.charging", language), x, mean_day(-series["charge_kw"].to_numpy()), colour,
             line={"dash": "dash"}),
    ]  # fmt: skip
    for position, (name, held) in enumerate(served.reserves_kw.items()):
        shade = ACCENTS[(position + 3) % len(ACCENTS)]
        told = say("services.held", language, name=service_title(name, language))
        data.append(line(told, x, mean_day(held), shade, fill="tozeroy", fillcolor=faded(shade, 0.15)))
    return figure(data, axis(say("services.hour", language), dtick=3), axis(say("axis.power", language)), 340)
