"""What an outcome says in words and rows: the verdict, the comparison, the cautions. Page and terminal both read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from perdure.economics.finance import Finance
from perdure.quantities import Language
from perdure.study.outcome import CandidateOutcome, Outcome
from perdure.study.reports.naming import display_name, first_sample, size_text
from perdure.study.reports.translation import NO_WORDS, translated
from perdure.study.reports.weakness import all_technical, checks, cost_figures, weak_words
from perdure.study.reports.words import money, number, percent, say, unit_price
from perdure.timeline import Floats


@dataclass(frozen=True)
class Row:
    """One line of the comparison: a text per candidate, the text of doing nothing, and which are best (-1: nothing)."""

    name: str
    label: str
    nothing: str
    cells: tuple[str, ...]
    best: tuple[int, ...] = ()


@dataclass(frozen=True)
class Caution:
    """Something a reader must know before relying on the result, and where it comes from ('' for a count)."""

    source: str
    text: str


def leader(outcome: Outcome) -> CandidateOutcome:
    """The candidate with the highest net present value, better than nothing or not."""
    return max(outcome.candidates, key=lambda one: one.worth.metrics.npv)


def verdict(outcome: Outcome, language: Language) -> str:
    """What to buy or not, in one sentence."""
    one = leader(outcome)
    metrics = one.worth.metrics
    return say(
        "verdict.leave" if outcome.best is None else "verdict.buy",
        language,
        name=display_name(one, language),
        size=size_text(one),
        years=len(one.life.years),
        npv=money(abs(metrics.npv), metrics.currency, language),
    )


def verdict_detail(outcome: Outcome, language: Language) -> str:
    """What it costs, saves and when it is paid back, and in which money this is told."""
    one = leader(outcome)
    metrics, finance = one.worth.metrics, one.worth.finance
    back = metrics.payback_years
    return say(
        "verdict.detail",
        language,
        investment=money(metrics.investment, metrics.currency, language),
        saving=money(metrics.mean_saving, metrics.currency, language),
        payback=say("verdict.no_payback", language)
        if back is None
        else say("verdict.payback", language, years=number(back, 1)),
        rate=percent(finance.discount_rate),
        **money_words(finance, language),
    )


def money_words(finance: Finance, language: Language) -> dict[str, str]:
    """'real' or 'nominal' as `basis`, before or after tax as `tax`."""
    return {
        "basis": say(f"basis.{finance.price_basis}", language),
        "tax": say("tax.after" if finance.tax_rate > 0.0 else "tax.before", language),
    }


def years_text(value: float | None, language: Language) -> str:
    """'6.3 years' or 'never'."""
    return say("value.never", language) if value is None else say("value.years", language, value=number(value, 1))


def rate_text(one: CandidateOutcome, language: Language) -> str:
    """The internal rate of return, or why there is not one."""
    found = one.worth.metrics.irr
    if found.rate is not None:
        return percent(found.rate)
    if found.status == "none":
        return say("value.no_rate", language)
    return say("value.several_rates", language, rates=", ".join(percent(rate) for rate in found.rates))


def life_text(one: CandidateOutcome, language: Language) -> str:
    """How long the first store lasted: '14 years', or 'over 20 years' when it outlived the project."""
    years = one.life.years
    ended = years.loc[(years["replaced"] > 0) | (years["capacity_kwh"] <= 0.0), "year"]
    if ended.empty:
        return say("value.beyond", language, value=len(years))
    return say("value.years", language, value=number(float(ended.iloc[0]) - float(years["year"].iloc[0])))


def comparison(outcome: Outcome, language: Language) -> list[Row]:
    """All candidates against doing nothing, row by row."""
    return [*_size_rows(outcome, language), *_money_rows(outcome, language), *_store_rows(outcome, language)]


def _row(
    outcome: Outcome,
    language: Language,
    name: str,
    cell: Callable[[CandidateOutcome], str],
    nothing: str | None = None,
    rank: Callable[[CandidateOutcome], float | None] | None = None,
    nothing_rank: float | None = None,
) -> Row:
    """A row; `rank` (higher is better) marks the best, doing nothing included where it has a rank."""
    scores = {i: rank(one) if rank else None for i, one in enumerate(outcome.candidates)} | {-1: nothing_rank}
    ranked = {i: score for i, score in scores.items() if score is not None}
    cells = tuple(cell(one) for one in outcome.candidates)
    shown = dict(enumerate(cells)) | {-1: nothing or say("value.none", language)}
    first = {shown[i] for i, score in ranked.items() if score == max(ranked.values())}  # what reads alike ranks alike
    best = tuple(i for i in ranked if shown[i] in first) if len({shown[i] for i in ranked}) > 1 else ()
    return Row(name, say(f"row.{name}", language), shown[-1], cells, best)


def _lower(value: float | None) -> float | None:
    return None if value is None else -value


def _size_rows(outcome: Outcome, language: Language) -> list[Row]:
    return [
        _row(outcome, language, "size", size_text),
        _row(
            outcome, language, "investment",
            lambda one: money(one.worth.metrics.investment, one.worth.metrics.currency, language),
            rank=lambda one: -one.worth.metrics.investment,
        ),
        _row(outcome, language, "confidence", lambda one: checks(cost_figures(outcome.case, one.candidate), language)),
    ]  # fmt: skip


def _money_rows(outcome: Outcome, language: Language) -> list[Row]:
    bill = outcome.bill_without
    currency = leader(outcome).worth.metrics.currency
    zero = money(0.0, currency, language)

    def amount(attribute: str) -> Row:
        def value(one: CandidateOutcome) -> float:
            return float(getattr(one.worth.metrics, attribute))

        name = {"first_year_saving": "first_saving"}.get(attribute, attribute)
        return _row(outcome, language, name, lambda one: money(value(one), currency, language), zero, value, 0.0)

    def years(name: str, attribute: str) -> Row:
        def value(one: CandidateOutcome) -> float | None:
            return None if (found := getattr(one.worth.metrics, attribute)) is None else float(found)

        return _row(
            outcome, language, name, lambda one: years_text(value(one), language), rank=lambda one: _lower(value(one))
        )

    return [
        _row(
            outcome, language, "bill",
            lambda one: money(float(one.life.years["cost_with"].iloc[0]), bill.currency, language),
            money(bill.total, bill.currency, language),
            lambda one: -float(one.life.years["cost_with"].iloc[0]),
            -bill.total,
        ),
        amount("first_year_saving"),
        amount("mean_saving"),
        amount("npv"),
        _row(
            outcome, language, "irr", lambda one: rate_text(one, language), rank=lambda one: one.worth.metrics.irr.rate
        ),
        years("payback", "payback_years"),
        years("discounted_payback", "discounted_payback_years"),
        *_unit_rows(outcome, language, currency),
    ]  # fmt: skip


def _unit_rows(outcome: Outcome, language: Language, currency: str) -> list[Row]:
    def row(name: str, attribute: str, unit: str) -> Row:
        def value(one: CandidateOutcome) -> float | None:
            return None if (found := getattr(one.worth.metrics, attribute)) is None else float(found)

        digits = 3 if unit == "kWh" else 0
        return _row(
            outcome, language, name, lambda one: unit_price(value(one), currency, unit, language, digits),
            rank=lambda one: _lower(value(one)),
        )  # fmt: skip

    cycle = "cycle" if language == "en" else "次"
    return [
        row("lcos", "lcos_per_kwh", "kWh"),
        row("lcos_without", "lcos_without_charging_per_kwh", "kWh"),
        row("cycle", "cost_per_cycle", cycle),
    ]


def _store_rows(outcome: Outcome, language: Language) -> list[Row]:
    def first(one: CandidateOutcome, column: str) -> float:
        return float(one.life.years[column].iloc[0])

    def last(one: CandidateOutcome) -> float:
        return float(one.life.years["capacity_share"].iloc[-1])

    def peak(one: CandidateOutcome, column: str) -> float:
        months = one.life.months
        return float(months.loc[months["year"] == months["year"].min(), column].max())

    return [
        _row(
            outcome, language, "peak", lambda one: f"{number(peak(one, 'peak_with_kw'))} kW",
            f"{number(float(outcome.bill_without.peak_kw.max()))} kW", lambda one: -peak(one, "peak_with_kw"),
            -float(outcome.bill_without.peak_kw.max()),
        ),
        *_surplus_rows(outcome, language),
        _row(outcome, language, "technical", lambda one: checks(all_technical(one.candidate), language)),
        _row(outcome, language, "life", lambda one: life_text(one, language)),
        _row(outcome, language, "replacements", lambda one: number(float(one.life.years["replaced"].sum()))),
        _row(outcome, language, "cycles", lambda one: number(float(one.life.years["full_cycles"].mean()))),
        _row(outcome, language, "capacity", lambda one: percent(last(one)), rank=last),
        _row(
            outcome, language, "round_trip", lambda one: percent(first(one, "round_trip_share")),
            rank=lambda one: first(one, "round_trip_share"),
        ),
    ]  # fmt: skip


def _surplus_rows(outcome: Outcome, language: Language) -> list[Row]:
    """Energy of year 1 that went to the grid or was curtailed, where there is any."""
    site = outcome.case.site
    hours = site.timeline.step_h
    _, exported, curtailed, _ = site.meter(site.net_kw * 0.0)

    def row(name: str, column: str, without_kw: Floats, better: float) -> list[Row]:
        def energy(one: CandidateOutcome) -> float:
            return float(first_sample(one.life).series[column].sum()) * hours

        without = float(without_kw.sum()) * hours
        if without < 1.0 and all(energy(one) < 1.0 for one in outcome.candidates):
            return []
        return [
            _row(outcome, language, name, lambda one: f"{number(energy(one))} kWh", f"{number(without)} kWh",
                 lambda one: better * energy(one), better * without)
        ]  # fmt: skip

    return [*row("exported", "export_kw", exported, 1.0), *row("curtailed", "curtailed_kw", curtailed, -1.0)]


def cautions(outcome: Outcome, language: Language, told_without: bool = False) -> list[Caution]:
    """Foresight, weak figures counted and named, then every remark of bill, site, lives and technologies, each once.

    `told_without`: whether the report also tells what is left of the saving without foresight.
    """
    told = [Caution("", say("caution.foresight_told" if told_without else "caution.foresight", language))]
    candidates = [one.candidate for one in outcome.candidates]
    told += [Caution("", text) for text in weak_words(outcome.case, candidates, language)]
    seen: set[str] = set()
    for source, remarks, words in _remarks(outcome, language):
        fresh = [remark for remark in dict.fromkeys(remarks) if remark not in seen]
        told += [Caution(source, translated(remark, language, words=words)) for remark in fresh]
        seen |= set(remarks)
    return told


def law_words(one: CandidateOutcome, language: Language) -> dict[str, str]:
    """What the ageing laws a candidate was lived through with are called, by their names."""
    return {store.ageing.name: store.ageing.title[language] for store in one.candidate.stores}


def _remarks(outcome: Outcome, language: Language) -> list[tuple[str, tuple[str, ...], Mapping[str, str]]]:
    """Where remarks come from, the remarks, and the words their translation needs besides the catalogue's."""
    site = outcome.case.site
    told: list[tuple[str, tuple[str, ...], Mapping[str, str]]] = [
        (say("caution.from.tariff", language), site.tariff.remarks, NO_WORDS),
        (say("caution.from.bill", language), outcome.bill_without.remarks, NO_WORDS),
        (say("caution.from.site", language), (*site.remarks, *outcome.case.remarks), NO_WORDS),
    ]
    for one in outcome.candidates:
        name = display_name(one, language)
        told.append((say("caution.from.life", language, name=name), one.life.remarks, law_words(one, language)))
        for technology in (plant.technology for plant in one.candidate.plants):
            title = say("caution.from.technology", language, name=technology.title[language])
            told.append((title, technology.remarks, NO_WORDS))
    return told
