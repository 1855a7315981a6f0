"""Datasheets in words: what technologies and tariffs there are, and every number of one with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from textwrap import fill

import yaml
from rich.cells import cell_len

from perdure.market.datasheet import Datasheet, datasheet
from perdure.market.reading import TARIFFS
from perdure.market.service_reading import SERVICES
from perdure.quantities import Language, Sourced
from perdure.study.reports.translation import translated
from perdure.study.reports.words import say
from perdure.study.technologies import find_technology
from perdure.technology.technology import TECHNOLOGIES, Technology


def list_technologies(language: Language = "en") -> str:
    """One line per technology."""
    rows = [(one.name, one.title[language]) for one in (TECHNOLOGIES.find(name) for name in TECHNOLOGIES.names())]
    return _columns(rows)


def list_tariffs(language: Language = "en") -> str:
    """One line per kind of tariff."""
    rows = [(one.name, one.title(language)) for one in (TARIFFS.find(name) for name in TARIFFS.names())]
    return _columns(rows)


def list_services(language: Language = "en") -> str:
    """One line per kind of service."""
    return _columns([(one.name, one.title(language)) for one in (SERVICES.find(name) for name in SERVICES.names())])


def service_sheet(name: str, language: Language = "en") -> str:
    """What a kind of service is, its keys, an example, its sources; InputError with the nearest match."""
    one = SERVICES.find(name)
    keys = [(key, field.description or "") for key, field in one.fields.model_fields.items() if key != "kind"]
    written = yaml.safe_dump({"services": [dict(one.example)]}, allow_unicode=True, sort_keys=False)
    return "\n\n".join(
        [
            f"{one.name}: {one.title(language)}",
            fill(one.summary(language), 100),
            f"{say('sheet.keys', language)}\n" + _columns(keys),
            "\n".join([say("sheet.sources", language), *(f"  - {source}" for source in one.sources)]),
            written.rstrip(),
        ]
    )


def technology_datasheet(name: str, language: Language = "en") -> str:
    """Everything known about one technology; InputError with the nearest match for an unknown name."""
    one: Technology = find_technology(name)
    low, high = one.power_range_per_h
    cold, hot = one.temperature_range_c
    told = [
        f"{one.name}: {one.title[language]}",
        fill(one.summary[language], 100),
        _columns(
            [
                (say(f"sheet.{key}", language), value)
                for key, value in (
                    ("power", say("sheet.power_value", language, low=f"{low:g}", high=f"{high:g}")),
                    ("temperature", say("sheet.temperature_value", language, low=f"{cold:g}", high=f"{hot:g}")),
                    ("end", say("sheet.end_value", language, share=f"{one.end_of_life_capacity_share:.0%}")),
                    ("laws", ", ".join(f"{law.name} ({law.title[language]})" for law in one.ageing.values())),
                    ("measured", translated(one.measured_on, language)),
                    ("sensitive", translated(one.sensitive_to, language)),
                    ("invalid", translated(one.not_valid_for, language)),
                )
            ]
        ),
        _figures(one.all_figures(), language),
        *([_remarks(one.remarks, language)] if one.remarks else []),
    ]
    return "\n\n".join(told)


def tariff_datasheet(name: str, language: Language = "en") -> str:
    """Everything known about one kind of tariff: keys, example, and the numbers it brings."""
    sheet, kind = _in_words(datasheet(name, language=language), language).text(language), TARIFFS.find(name)
    if kind.example is None:
        return sheet
    written = yaml.safe_dump({"tariff": dict(kind.example)}, allow_unicode=True, sort_keys=False)
    return f"{sheet}\n\n{written}".rstrip()


def _columns(rows: list[tuple[str, str]]) -> str:
    width = max((cell_len(name) for name, _ in rows), default=0) + 2
    return "\n".join(f"  {name}{' ' * (width - cell_len(name))}{value}".rstrip() for name, value in rows)


def _figures(figures: Mapping[str, Sourced], language: Language) -> str:
    """Each number with range, confidence and source."""
    rows = [
        (
            name,
            f"{figure.text} [{figure.confidence.label(language)}] {translated(figure.source, language)}"
            + (f", {figure.year}" if figure.year else "")
            + (f"; {translated(figure.note, language)}" if figure.note else ""),
        )
        for name, figure in figures.items()
    ]
    told = _columns(rows) if rows else f"  {say('sheet.none', language)}"
    return f"{say('sheet.figures', language)}\n{told}"


def _remarks(remarks: tuple[str, ...], language: Language) -> str:
    told = (f"  - {translated(remark, language)}" for remark in remarks)
    return "\n".join([say("check.remarks", language), *told])


def _in_words(sheet: Datasheet, language: Language) -> Datasheet:
    """A tariff's datasheet with remarks, sources and notes in the reader's language."""
    figures = {
        name: replace(one, source=translated(one.source, language), note=translated(one.note, language))
        for name, one in sheet.figures.items()
    }
    return replace(sheet, figures=figures, remarks=tuple(translated(one, language) for one in sheet.remarks))
