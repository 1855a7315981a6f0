"""The page of `perdure uncertainty`: chances, spread, which input matters, and what was drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from perdure.quantities import Language
from perdure.study.reports.sizing import Line, Part, Sheet, in_terminal, write_page
from perdure.study.reports.summary import Flowing, what_to_know
from perdure.study.reports.uncertainty_figures import (
    cumulative,
    end,
    histogram,
    input_name,
    ranking,
    swings,
    tornado,
    value_words,
)
from perdure.study.reports.weakness import weak_words
from perdure.study.reports.words import GAP, money, number, percent, say
from perdure.study.uncertainty.inputs import Variable, base
from perdure.study.uncertainty.prospects import Prospects

SURE = 0.005
"""Chances nearer to 0 or 1 than this are told as 'under 1 %' and 'over 99 %'."""


def write_uncertainty(found: Prospects, path: Path, language: Language = "en") -> Path:
    """Write the page as one HTML file; returns where it lies."""
    parts = [_together(found, language)]
    for position, name in enumerate(found.summary["candidate"]):
        parts += _parts(found, str(name), position, language)
    parts.append(Part(tables=[_drawn(found, language)], name=say("uncertainty.drawn", language)))
    summary = say("uncertainty.summary", language, draws=number(found.draws.count), lives=number(found.lives))
    weak = weak_words(found.case, found.case.candidates, language)
    return write_page(path, found.case.title, say("uncertainty.eyebrow", language), summary, parts, weak,
                      remarks(found, language), language)  # fmt: skip


def uncertainty_summary(found: Prospects, language: Language = "en") -> RenderableType:
    """Verdict, chances and ranking, for the terminal."""
    told: list[RenderableType] = [Text(found.case.title, style="bold")]
    style = "bold green" if _good(found) else "bold yellow"
    told.append(Padding(Flowing(verdict(found, language), style), (1, 0, 0, 0)))
    told.append(in_terminal(_chances(found, language)))
    if len(found.pairs):
        told.append(in_terminal(_pairs(found, language)))
    named = [matters(found, str(name), language) for name in found.summary["candidate"]]
    told += [Flowing(text, "") for text in named if text]
    known = [*weak_words(found.case, found.case.candidates, language), *remarks(found, language)]
    return Group(*told, *what_to_know(known, language))


def chance(share: float, language: Language) -> str:
    """'37 %', 'under 1 %', 'over 99 %'."""
    if np.isnan(share):
        return say("value.none", language)
    if share < SURE:
        return say("uncertainty.hardly", language)
    return say("uncertainty.nearly", language) if share > 1.0 - SURE else percent(share, 0)


def _leader(found: Prospects) -> pd.Series | None:
    if "npv_mean" not in found.summary or found.summary["npv_mean"].isna().all():
        return None
    return found.summary.iloc[int(np.nanargmax(found.summary["npv_mean"].to_numpy(dtype=np.float64)))]


def _good(found: Prospects) -> bool:
    leader = _leader(found)
    return leader is not None and float(leader["npv_mean"]) > 0.0 and float(leader["loss_share"]) < 0.5


def verdict(found: Prospects, language: Language) -> str:
    """One or two sentences: who is worth most on average, how likely it loses, how likely it is ahead."""
    leader = _leader(found)
    if leader is None:
        return say("uncertainty.verdict_no_plan", language, why=next(iter(found.why.values()), ""))
    name = str(leader["candidate"])
    told = say(
        "uncertainty.verdict", language, name=name, mean=money(float(leader["npv_mean"]), found.currency, language),
        low=money(float(leader["npv_p10"]), found.currency, language),
        high=money(float(leader["npv_p90"]), found.currency, language),
        loss=chance(float(leader["loss_share"]), language),
    )  # fmt: skip
    own = found.pairs[found.pairs["candidate"] == name] if len(found.pairs) else found.pairs
    if not len(own):
        return told
    ahead = [say("uncertainty.verdict_pair", language, rival=row["rival"], share=chance(row["ahead_share"], language))
             for _, row in own.iterrows()]  # fmt: skip
    return told + say("list.sentence", language) + say("uncertainty.verdict_ahead", language,
                                                         ahead=say("list.comma", language).join(ahead))  # fmt: skip


def matters(found: Prospects, name: str, language: Language) -> str:
    """The three inputs that matter most to a candidate."""
    table = found.ranking[found.ranking["candidate"] == name].head(3)
    if not len(table):
        return ""
    listed = say("list.comma", language).join(input_name(str(one), language) for one in table["input"])
    return say("uncertainty.matters", language, name=name, inputs=listed)


def _together(found: Prospects, language: Language) -> Part:
    tables = [_chances(found, language)]
    if len(found.pairs):
        tables.append(_pairs(found, language))
    if len(found.outages):
        tables.append(_outages(found, language))
    drawn = [cumulative(found, language), histogram(found, language)] if _leader(found) is not None else []
    return Part(name=say("uncertainty.together", language), verdict=verdict(found, language), good=_good(found),
                tables=tables, drawn=drawn)  # fmt: skip


def _chances(found: Prospects, language: Language) -> Sheet:
    """One column per candidate."""
    table, currency = found.summary, found.currency

    def amounts(column: str) -> list[str]:
        return [_money(row.get(column), currency, language) for _, row in table.iterrows()]

    rows = [Line(say("uncertainty.npv_base", language), amounts("npv_base")),
            Line(say("uncertainty.npv_mean", language), amounts("npv_mean"))]  # fmt: skip
    rows += [Line(say("uncertainty.percentile", language, share=share), amounts(f"npv_p{share:02d}"))
             for share in (5, 10, 50, 90, 95)]  # fmt: skip
    rows.append(Line(say("uncertainty.mean_error", language), amounts("npv_mean_error")))
    rows.append(
        Line(say("uncertainty.loss", language), [_interval(row, "loss_share", language) for _, row in table.iterrows()])
    )
    rows.append(Line(say("uncertainty.best", language), [chance(float(one), language) for one in table["best_share"]]))
    rows.append(
        Line(
            say("row.life", language), [_life(row, found.case.lifetime.years, language) for _, row in table.iterrows()]
        )
    )
    if (table["no_plan_share"] > 0.0).any():
        rows.append(Line(say("uncertainty.no_plan", language), [percent(one) for one in table["no_plan_share"]]))
    return Sheet(say("uncertainty.chances", language), [say("size.figure", language), *table["candidate"]], rows,
                 say("uncertainty.chances_note", language))  # fmt: skip


def _money(value: object, currency: str, language: Language) -> str:
    if not isinstance(value, float) or np.isnan(value):
        return say("value.none", language)
    return money(value, currency, language)


def _interval(row: pd.Series, column: str, language: Language) -> str:
    """'37 % (33 % – 41 %)'."""
    share = float(row.get(column, np.nan))
    if np.isnan(share) or share in (0.0, 1.0):
        return chance(share, language)
    low, high = (percent(float(row[f"{column}_{end}"]), 0) for end in ("low", "high"))
    return f"{chance(share, language)} ({say('value.to', language, low=low, high=high)})"


def _life(row: pd.Series, years: int, language: Language) -> str:
    """'10 – over 30 years'."""
    told = [
        say("value.beyond", language, value=years)
        if np.isinf(value)
        else say("value.years", language, value=number(value))
        for value in (float(row.get("life_years_p10", np.nan)), float(row.get("life_years_p90", np.nan)))
        if not np.isnan(value)
    ]
    if not told:
        return say("value.none", language)
    return told[0] if told[0] == told[-1] else say("value.to", language, low=told[0], high=told[-1])


def _pairs(found: Prospects, language: Language) -> Sheet:
    """Chance that the row's candidate is worth more than the column's."""
    names = [str(one) for one in found.summary["candidate"]]
    told = {(row["candidate"], row["rival"]): row for _, row in found.pairs.iterrows()}
    rows = []
    for name in names:
        cells = [say("value.none", language) if (name, other) not in told
                 else _interval(told[name, other], "ahead_share", language) for other in names]  # fmt: skip
        ahead = tuple(
            i for i, other in enumerate(names) if (name, other) in told and told[name, other]["ahead_share"] > 0.5
        )
        rows.append(Line(name, cells, ahead))
    heads = [say("uncertainty.ahead", language), *names]
    return Sheet(say("uncertainty.pairs", language), heads, rows, say("uncertainty.pairs_note", language))


def _outages(found: Prospects, language: Language) -> Sheet:
    rows = [
        Line(str(row["candidate"]), [
            _count(row["outages_per_year"], language), f"{number(row['outage_hours'], 1)}{GAP}h",
            percent(row["survived_share"]), _count(row["lost_outages_per_year"], language),
        ])
        for _, row in found.outages.iterrows()
    ]  # fmt: skip
    heads = [say(f"uncertainty.outage_{one}", language) for one in ("candidate", "number", "hours", "survived", "lost")]
    return Sheet(say("uncertainty.outages", language), heads, rows, say("uncertainty.outages_note", language))


def _count(value: float, language: Language) -> str:
    return number(value, 2) if np.isfinite(value) else say("value.none", language)


def _parts(found: Prospects, name: str, position: int, language: Language) -> list[Part]:
    """What matters to a candidate, drawn; then each input alone as a table."""
    text = matters(found, name, language)
    scenarios = found.scenarios[found.scenarios["candidate"] == name] if len(found.scenarios) else found.scenarios
    key, drawn = f"u{position}", []
    if text:
        drawn.append(ranking(found, name, position, key, language))
    if len(scenarios) and np.isfinite(scenarios["npv"]).any():
        drawn.append(tornado(found, name, key, language))
    parts = [Part(name=name, paragraphs=[text] if text else [], drawn=drawn, about=name)]
    return [*parts, Part(tables=[_scenarios(found, scenarios, language)])] if len(scenarios) else parts


def _scenarios(found: Prospects, table: pd.DataFrame, language: Language) -> Sheet:
    """One row per input: low and high with what they come to; of a choice its worst and best value."""
    rows = []
    for one in swings(table).index:
        cells: list[str] = []
        for side in ("low", "high"):
            row = end(table[table["input"] == one], side)
            cells += [value_words(str(one), float(row["input_value"])), _money(row["npv"], found.currency, language)]
        rows.append(Line(input_name(str(one), language), cells))
    heads = [say("uncertainty.head_input", language)]
    for side in ("low", "high"):
        heads += [say(f"uncertainty.head_{side}", language), say("uncertainty.head_npv", language)]
    return Sheet(say("uncertainty.scenarios", language), heads, rows, say("uncertainty.scenarios_note", language))


def _drawn(found: Prospects, language: Language) -> Sheet:
    """What was drawn, with its low, middle and high."""
    rows = []
    for one in found.resolved.variables:
        rows += [
            Line(input_name(one.kind.name, language), _spread(found, one, name, language)) for name in _told_apart(one)
        ]
    named = ("input", "whose", "base", "shape", "p10", "p50", "p90")
    heads = [say(f"uncertainty.head_{one}", language) for one in named]
    return Sheet("", heads, rows, say("uncertainty.drawn_note", language))


def _spread(found: Prospects, one: Variable, name: str, language: Language) -> list[str]:
    """Whose it is, its value in the case, its distribution with low, middle and high."""
    kind, candidate = one.kind, name or next(iter(one.laws))
    law = one.laws[candidate][0]
    own = value_words(kind.name, base(found.case, kind.name)) if kind.needs != "outage" else say("value.none", language)
    told = [value_words(kind.name, float(value)) for value in law.quantile(np.array([0.1, 0.5, 0.9]))]
    if one.is_choice:
        told = [", ".join(f"{value:.0f}" for value in law.numbers), "", ""]
    return [name or say("uncertainty.for_all", language), own, say(f"uncertainty.shape.{law.shape}", language), *told]


def _told_apart(variable: Variable) -> list[str]:
    """Whose distribution is shown: the owner's, each candidate's where one draw means several, or that of all."""
    if variable.owner:
        return [variable.owner]
    return [""] if len(set(variable.laws.values())) == 1 else list(variable.laws)


def _correlated(found: Prospects, language: Language) -> list[str]:
    """Which inputs are correlated, and how."""
    known = {
        one.key: input_name(one.kind.name, language) + (f" ({one.owner})" if one.owner else "")
        for one in found.resolved.variables
    }
    return [
        say("uncertainty.pair", language, first=known[first], second=known[second], rank=f"{rank:g}")
        for first, second, rank in found.resolved.together
    ]


def remarks(found: Prospects, language: Language) -> list[str]:
    """What a reader must know: how much was computed and how, what was not drawn, how sure the numbers are."""
    draws, together, told = found.draws, _correlated(found, language), []
    if found.resolved.by_default:
        told.append(say("uncertainty.remark_default", language))
    told.append(say(
        "uncertainty.remark_draws", language, draws=number(draws.count), lives=number(len(draws.lives.drawn)),
        each=number(draws.each), method=say(f"uncertainty.method.{found.spec.method}", language),
        seed=found.spec.seed, total=number(found.lives), seconds=number(found.seconds),
    ))  # fmt: skip
    told.append(say("uncertainty.remark_common", language))
    told.append(say("uncertainty.remark_correlated" if together else f"uncertainty.remark_{found.measure}", language))
    if draws.living:
        told.append(say("uncertainty.remark_interval", language))
    for name in found.case.candidates:
        without = [input_name(one, language) for other, one in found.resolved.certain if other == name.name]
        if without:
            told.append(say("uncertainty.remark_certain", language, name=name.name,
                            inputs=say("list.comma", language).join(without)))  # fmt: skip
    if found.resolved.needing("outage"):
        counted = len(found.outages) > 0
        told.append(say(f"uncertainty.remark_outage{'' if counted else '_uncounted'}", language))
        if counted and (found.outages["beyond_share"] > 0.0).any():
            told.append(say("uncertainty.remark_beyond", language))
    told += [say("uncertainty.remark_why", language, name=name, why=why) for name, why in found.why.items()]
    if together:
        told.append(say("uncertainty.remark_together", language, pairs=say("list.comma", language).join(together)))
    else:
        told.append(say("uncertainty.remark_independent", language))
    return told
