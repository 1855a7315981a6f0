"""What was read from a case file, in a page of words: the answer of `perdure check`."""

from __future__ import annotations

import numpy as np

from perdure.site.site import Site
from perdure.study.candidate import Candidate
from perdure.study.case import Case
from perdure.timeline import Floats


def summarise(case: Case) -> str:
    """Site, series, connection, tariff, candidates and every remark, as text."""
    parts = [_head(case), _series(case.site), _terms(case), _candidates(case.candidates)]
    if case.site.services:
        parts.append(_lines("Services", [(one.name, one.title) for one in case.site.services]))
    if case.remarks:
        parts.append("Remarks\n" + "\n".join(f"  - {remark}" for remark in case.remarks))
    return "\n\n".join(parts)


def _lines(title: str, rows: list[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in rows) + 2
    return "\n".join([title, *(f"  {name:<{width}}{value}" for name, value in rows)])


def _head(case: Case) -> str:
    timeline = case.site.timeline
    place = f", {case.site.place}" if case.site.place else ""
    span = f"{timeline.local[0]:%Y-%m-%d %H:%M} to {timeline.end.tz_convert(timeline.zone):%Y-%m-%d %H:%M}"
    return _lines(
        case.title,
        [
            ("Site", case.site.name + place),
            ("Year", f"{span} ({timeline.zone}), {timeline.steps} steps of {timeline.step_minutes} min"),
        ],
    )


def _series(site: Site) -> str:
    rows = [("Load", _power(site, site.load_kw))]
    if site.generation_kw.any():
        rows.append(("Generation", _power(site, site.generation_kw)))
    temperature = site.ambient_c
    rows.append(("Outdoor", f"{temperature.min():.1f} to {temperature.max():.1f} °C, mean {temperature.mean():.1f} °C"))
    return _lines("Series", rows)


def _power(site: Site, power_kw: Floats) -> str:
    year = float(power_kw.sum() * site.timeline.step_h)
    top = int(np.argmax(power_kw))
    when = site.timeline.local[top].strftime("%Y-%m-%d %H:%M")
    return f"{year:,.0f} kWh a year, peak {power_kw[top]:,.1f} kW on {when}"


def _terms(case: Case) -> str:
    site, connection, money = case.site, case.site.connection, case.finance
    limit = f"{connection.import_limit_kw:,.0f} kW" if np.isfinite(connection.import_limit_kw) else "unlimited"
    size = f", transformer {connection.transformer_kva:,.0f} kVA" if connection.transformer_kva else ""
    bill = site.bill_without
    rows = [
        ("Connection", f"import {limit}, export {connection.export_limit_kw:,.0f} kW{size}"),
        ("Tariff", f"{site.tariff.title} ({site.tariff.name}, {site.tariff.currency})"),
        *(("", line) for line in getattr(site.tariff, "periods", tuple)()),
        ("Bill", f"{bill.total:,.0f} {bill.currency} a year without storage"),
        *(("", f"{name}: {values.sum():,.0f} {bill.currency}") for name, values in bill.lines.items()),
        ("Life", f"{case.lifetime.years} years, a worn store: {case.lifetime.when_worn}"),
        ("Finance", f"discount {money.discount_rate:.1%} ({money.price_basis}), tax {money.tax_rate:.0%}"),
    ]  # fmt: skip
    return _lines("Terms", rows)


def _candidates(candidates: tuple[Candidate, ...]) -> str:
    return _lines(
        "Candidates",
        [
            (
                one.name if one is candidate else f"+ {one.name}",
                f"{one.plant.technology.name}, {one.plant.energy_kwh:,.0f} kWh, {one.plant.power_kw:,.0f} kW, "
                f"ageing {one.ageing.name}, costs in {one.costs.currency}",
            )
            for candidate in candidates
            for one in candidate.stores
        ],
    )
