"""What things are called on the page: candidates, their sizes, the figures of a datasheet."""

from __future__ import annotations

from collections.abc import Mapping

from perdure.errors import Fault, InputError
from perdure.market.reading import TARIFFS
from perdure.market.tariff import Tariff
from perdure.quantities import QUANTITIES, Language
from perdure.simulate.result import Life, Result
from perdure.site.plant import Plant
from perdure.study.outcome import CandidateOutcome
from perdure.study.reports.service_names import line_title, of_a_service
from perdure.study.reports.translation import NO_WORDS, in_chinese, translated
from perdure.study.reports.words import GAP, number, say, table

UNIT_CASE = {"kwh": "kWh", "kw": "kW", "kva": "kVA", "mwh": "MWh", "mw": "MW", "soc": "SOC", "ac": "AC", "dc": "DC"}


def display_name(one: CandidateOutcome, language: Language) -> str:
    """How a candidate is called in tables and legends: its own name in the case file, with those beside it."""
    return " + ".join(store.name for store in one.candidate.stores)


def size_text(one: CandidateOutcome) -> str:
    """'2,000 kWh / 500 kW', of several stores with ' + ' between."""
    return " + ".join(plant_text(plant) for plant in one.life.site.plants)


def plant_text(plant: Plant) -> str:
    """'2,000 kWh / 500 kW'."""
    return f"{number(plant.energy_kwh)}{GAP}kWh / {number(plant.power_kw)}{GAP}kW"


def first_sample(life: Life) -> Result:
    """The earliest year whose full series was kept; InputError when none was."""
    if not life.samples:
        raise InputError([Fault("life.samples", "no year was kept in full", cure="Keep at least the first year.")])
    return life.samples[min(life.samples)]


def figure_name(name: str, language: Language, words: Mapping[str, str] = NO_WORDS) -> str:
    """A datasheet figure in words: its own text where there is one, its name without underscores otherwise.

    `words`: Chinese of names inside the name, such as that of the ageing law.
    """
    kind, _, rest = name.partition(".")
    if kind == "cost" and "." in rest:  # one of several sets of costs: the component tells it
        name = f"cost.{rest.rsplit('.', 1)[-1]}"
    if language == "zh" and (told := in_chinese(name, "figures", words)):
        return told
    texts = table()
    if f"figure_name.{name}" in texts:
        return texts[f"figure_name.{name}"][language]
    last = name.rsplit(".", 1)[-1]
    if last in QUANTITIES:
        return QUANTITIES[last].label(language)
    parts = name.replace(".", ": ").replace("_", " ").split(" ")
    text = " ".join(UNIT_CASE.get(part, part) for part in parts)
    return text[:1].upper() + text[1:]


def tariff_title(tariff: Tariff, language: Language) -> str:
    """The tariff's title in a language where its kind has one, its own title otherwise."""
    if tariff.name in TARIFFS.names():
        return TARIFFS.find(tariff.name).title(language)
    return tariff.title


def charge_name(name: str, language: Language) -> str:
    """A line of the bill as the reader knows it; a tariff's own words where no translation is known."""
    if of_a_service(name):
        return line_title(name, language)
    if language == "zh":
        return translated(name, language, "words")
    texts = table()
    if f"charge.{name}" in texts:
        return texts[f"charge.{name}"][language]
    kind, _, period = name.partition(" ")
    if period and f"charge.{kind}" in texts:
        return f"{texts[f'charge.{kind}'][language]}{GAP}{period}"
    return name


def month_names(periods: tuple[str, ...], language: Language) -> list[str]:
    """'Jan', 'Feb', ... for billing months '2025-01', ...; the periods themselves where a month comes twice."""
    names = say("months", language).split(",")
    told = [names[int(period[5:7]) - 1] for period in periods]
    return told if len(set(told)) == len(told) else list(periods)
