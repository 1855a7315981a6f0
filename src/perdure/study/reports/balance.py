"""Where the energy went and what the physics refused: two small tables of one candidate's first year and life."""

from __future__ import annotations

from perdure.quantities import Language
from perdure.simulate.result import Result
from perdure.study.outcome import CandidateOutcome
from perdure.study.reports.words import money, number, percent, say
from perdure.technology.technology import STOCK_UNITS


def energy_balance(sample: Result) -> dict[str, float]:
    """Energy in kWh from the first to the last stamp of a sample: what was drawn, where it went, what does not add up.

    Drawn: charged and auxiliary energy. Gone: delivered, lost in converter and store, self-discharged, used by
    auxiliaries, still in the store. The last step is left out, for only its beginning is known.
    """
    hours = sample.site.timeline.step_h
    rows = sample.series.iloc[:-1]

    def energy(column: str) -> float:
        return float(rows[column].sum()) * hours

    stored = sample.series["stored_kwh"]
    told = {
        "charge": energy("charge_kw"),
        "auxiliary_drawn": energy("auxiliary_kw"),
        "discharge": energy("discharge_kw"),
        "converter": energy("converter_loss_kw"),
        "store": energy("store_loss_kw"),
        "self": energy("self_discharge_kw"),
        "auxiliary": energy("auxiliary_kw"),
        "stored": float(stored.iloc[-1] - stored.iloc[0]),
    }
    told["total"] = told["charge"] + told["auxiliary_drawn"]
    told["error"] = told["total"] - sum(
        told[name] for name in ("discharge", "converter", "store", "self", "auxiliary", "stored")
    )
    return told


def balance_rows(sample: Result, language: Language) -> list[tuple[str, str, str, bool]]:
    """(label, energy, share of drawn, whether it is a sum) for a table; total first."""
    told = energy_balance(sample)
    order = (
        "charge", "auxiliary_drawn", "total", "discharge", "converter", "store", "self", "auxiliary", "stored", "error",
    )  # fmt: skip
    total = told["total"] or 1.0
    return [
        (say(f"balance.{name}", language), number(told[name]), percent(told[name] / total), name == "total")
        for name in order
    ]


def refused_text(one: CandidateOutcome, language: Language) -> list[str]:
    """What the store could not do of the plan, in one or two sentences."""
    years, currency = one.life.years, one.life.site.tariff.currency
    first = years.iloc[0]
    refused, moved = float(first["refused_kwh"]), float(first["charged_kwh"] + first["discharged_kwh"])
    if refused < 0.5:
        told = [say("refused.none", language)]
    else:
        told = [
            say(
                "refused.some", language, energy=number(refused), share=percent(refused / (moved + refused), 2),
                planned=money(float(first["planned_saving"]), currency, language),
                saving=money(float(first["saving"]), currency, language),
            )
        ]  # fmt: skip
    whole, unserved = float(years["refused_kwh"].sum()), float(years["unserved_kwh"].sum())
    if whole >= 0.5 or unserved >= 0.5:
        told.append(say("refused.life", language, energy=number(whole), unserved=number(unserved)))
    return told


def stands_rows(one: CandidateOutcome, language: Language) -> list[tuple[str, str]]:
    """(what, how much) of the parts and the stock of a plant; empty where its technology does not tell."""
    rows = []
    for plant in one.candidate.plants:
        before = f"{plant.name}: " if one.candidate.beside else ""
        counts = plant.parts()
        rows += [(f"{before}{level.title[language]}", number(counts[level.name])) for level in plant.technology.levels]
        for name, value in plant.stock().items():
            digits = 0 if value >= 100 else 1
            told = f"{number(value, digits)} {STOCK_UNITS[name]}"
            rows.append((f"{before}{say(f'stands.{name}', language)}", told))
    return rows
