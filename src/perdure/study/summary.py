"""What was read from a case file, in a page of words: the answer of `perdure check`."""

from __future__ import annotations

import numpy as np
from rich.cells import cell_len

from perdure.quantities import Language
from perdure.site.site import Site
from perdure.study.candidate import Candidate
from perdure.study.case import Case
from perdure.study.reports.naming import charge_name
from perdure.study.reports.service_names import service_title
from perdure.study.reports.translation import translated
from perdure.study.reports.words import say
from perdure.timeline import Floats

Rows = list[tuple[str, str]]


def summarise(case: Case, language: Language = "en") -> str:
    """Site, series, connection, tariff, candidates and every remark, as text."""
    parts = [
        _lines(case.title, _head(case, language)),
        _lines(say("check.series", language), _series(case.site, language)),
        _lines(say("check.terms", language), _terms(case, language)),
        _lines(say("check.candidates", language), _candidates(case.candidates, language)),
    ]
    if case.site.services:
        rows = [(one.name, service_title(one.name, language)) for one in case.site.services]
        parts.append(_lines(say("check.services", language), rows))
    if case.remarks:
        told = (translated(remark, language) for remark in case.remarks)
        parts.append("\n".join([say("check.remarks", language), *(f"  - {remark}" for remark in told)]))
    return "\n\n".join(parts)


def _lines(title: str, rows: Rows) -> str:
    width = max(cell_len(name) for name, _ in rows) + 2
    return "\n".join([title, *(f"  {name}{' ' * (width - cell_len(name))}{value}" for name, value in rows)])


def _head(case: Case, language: Language) -> Rows:
    timeline = case.site.timeline
    place = f", {case.site.place}" if case.site.place else ""
    span = say(
        "check.span", language, start=f"{timeline.local[0]:%Y-%m-%d %H:%M}",
        end=f"{timeline.end.tz_convert(timeline.zone):%Y-%m-%d %H:%M}", zone=timeline.zone, steps=timeline.steps,
        minutes=timeline.step_minutes,
    )  # fmt: skip
    return [(say("check.site", language), case.site.name + place), (say("check.year", language), span)]


def _series(site: Site, language: Language) -> Rows:
    rows = [(say("check.load", language), _power(site, site.load_kw, language))]
    if site.generation_kw.any():
        rows.append((say("check.generation", language), _power(site, site.generation_kw, language)))
    low, high, mean = (f"{one(site.ambient_c):.1f}" for one in (np.min, np.max, np.mean))
    told = say("check.temperatures", language, low=low, high=high, mean=mean)
    return [*rows, (say("check.outdoor", language), told)]


def _power(site: Site, power_kw: Floats, language: Language) -> str:
    year = float(power_kw.sum() * site.timeline.step_h)
    top = int(np.argmax(power_kw))
    when = site.timeline.local[top].strftime("%Y-%m-%d %H:%M")
    return say("check.power", language, year=f"{year:,.0f}", peak=f"{power_kw[top]:,.1f}", when=when)


def _terms(case: Case, language: Language) -> Rows:
    site, tariff, bill, money = case.site, case.site.tariff, case.site.bill_without, case.finance
    total = say("check.without", language, total=f"{bill.total:,.0f}", currency=bill.currency)
    lines = ((charge_name(name, language), values.sum()) for name, values in bill.lines.items())
    life = say("check.years", language, years=case.lifetime.years,
               when=say(f"check.when.{case.lifetime.when_worn}", language))  # fmt: skip
    rates = say("check.rates", language, rate=f"{money.discount_rate:.1%}", tax=f"{money.tax_rate:.0%}",
                basis=say(f"check.basis.{money.price_basis}", language))  # fmt: skip
    return [
        (say("check.connection", language), _connection(site, language)),
        (say("check.tariff", language), f"{translated(tariff.title, language)} ({tariff.name}, {tariff.currency})"),
        *(("", line) for line in getattr(tariff, "periods", tuple)()),
        (say("check.bill", language), total),
        *(("", f"{name}: {value:,.0f} {bill.currency}") for name, value in lines),
        (say("check.life", language), life),
        (say("check.finance", language), rates),
    ]


def _connection(site: Site, language: Language) -> str:
    one = site.connection
    most = f"{one.import_limit_kw:,.0f} kW" if np.isfinite(one.import_limit_kw) else say("check.unlimited", language)
    size = say("check.transformer", language, kva=f"{one.transformer_kva:,.0f}") if one.transformer_kva else ""
    return say("check.limits", language, most=most, least=f"{one.export_limit_kw:,.0f}", size=size)


def _candidates(candidates: tuple[Candidate, ...], language: Language) -> Rows:
    return [
        (
            one.name if one is candidate else f"+ {one.name}",
            say("check.store", language, technology=one.plant.technology.name, kwh=f"{one.plant.energy_kwh:,.0f}",
                kw=f"{one.plant.power_kw:,.0f}", ageing=one.ageing.name, currency=one.costs.currency),
        )
        for candidate in candidates
        for one in candidate.stores
    ]  # fmt: skip
