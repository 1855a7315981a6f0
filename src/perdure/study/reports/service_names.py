"""What services and their lines are called on the page: a kind by its title, a service the case named by that name."""

from __future__ import annotations

from perdure.market.service_reading import SERVICES
from perdure.quantities import Language
from perdure.study.reports.translation import translated


def service_title(name: str, language: Language) -> str:
    """The title of a service's kind where the case gave it no name of its own."""
    if name in SERVICES.names():
        return SERVICES.find(name).title(language)
    return translated(name, language, "words")


def line_title(line: str, language: Language) -> str:
    """A line of a settlement or a bill, such as 'firming: shortfall', with the service's title once before it."""
    name, colon, rest = line.partition(": ")
    while rest == name or rest.startswith(f"{name}: "):
        rest = rest[len(name) + 2 :]
    if not colon or not rest:
        return service_title(name, language)
    if language == "zh" and (told := translated(f"{name}: {rest}", language, "words")) != f"{name}: {rest}":
        return told
    mark = ": " if language == "en" else "："
    return f"{service_title(name, language)}{mark}{translated(rest, language, 'words')}"


def of_a_service(line: str) -> bool:
    """Whether a line of a bill begins with a kind of service."""
    return line.partition(": ")[0] in SERVICES.names()


def outage_title(what: str, language: Language) -> str:
    """'backup, 4 h' with the service's title."""
    name, comma, rest = what.rpartition(", ")
    return f"{service_title(name, language)}{comma}{rest}" if comma else service_title(what, language)
