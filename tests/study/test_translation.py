"""Every remark, note and name of a figure that can reach a report has its Chinese, and keeps its numbers in it."""

from __future__ import annotations

import ast
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

import perdure
from contracts.test_tariffs import CASES
from perdure.dispatch.posed import why_program
from perdure.economics.finance import _DEFAULT_RATES, _DEFAULTS
from perdure.market.charge import Prices
from perdure.market.reading import TARIFFS, read_tariff
from perdure.market.tariff import Connection, Tariff
from perdure.quantities import Sourced
from perdure.study.case import read_case
from perdure.study.outcome import Outcome
from perdure.study.reports import findings, weakness
from perdure.study.reports.assumptions import assumption_blocks, made_rows
from perdure.study.reports.naming import charge_name, figure_name
from perdure.study.reports.page import report_html
from perdure.study.reports.summary import Flowing, summary
from perdure.study.reports.translation import BLANK, in_chinese, phrases, translated
from perdure.study.run import run_case
from perdure.technology.ageing import Stress
from perdure.technology.technology import TECHNOLOGIES
from perdure.timeline import Timeline

SOURCE = Path(perdure.__file__).parent
LONG = ("park",)
EXAMPLES = [
    pytest.param(path, marks=pytest.mark.slow if path.parent.name in LONG else (), id=path.parent.name)
    for path in sorted((Path(__file__).parents[2] / "examples").glob("*/case.yaml"))
]
CONNECTION = Connection(import_limit_kw=2000.0, export_limit_kw=500.0, transformer_kva=800.0)
YEAR = Timeline.year(2025, "Asia/Shanghai", 60)
CHINESE = re.compile("[\u4e00-\u9fff]")
SENTENCE = re.compile(r"[A-Za-z]{2,}(?: [a-z]{2,}){2,}")
"""Three English words in a row, the last two small: no name, no unit."""
CITATIONS = ("NREL BLAST-Lite,", "Naumann et al.,", "Kim et al.", "Mao et al.,", "Yardney cells,", "Vaidyanathan, Rao,")
"""Beginnings of sources that stay in their own language."""
UNITS = {"bar", "J/mol", "m³/mol", "EUR/kWh", "USD/kWh", "USD/kW"}
"""Units that hold letters but no English word."""
WHERE = "Add its pattern and Chinese to src/perdure/study/reports/phrases.json, part '{part}':\n{lines}"


def numbers(text: str) -> list[str]:
    return sorted(re.findall(r"\d+(?:[.,]\d+)*", text))


def check(texts: Iterable[str], part: str = "texts", words: Mapping[str, str] | None = None, own: str = "") -> None:
    """All have a Chinese form that holds the same numbers and no English sentence but `own`, the user's words."""
    missing, broken = [], []
    for text in dict.fromkeys(texts):
        told = in_chinese(text, part, words or {})
        if told is None or not CHINESE.search(told):
            missing.append(text)
        elif (own and own not in told) or SENTENCE.search(told.replace(own, "")) or numbers(told) != numbers(text):
            broken.append(f"{text}\n    -> {told}")
    assert not missing, WHERE.format(part=part, lines="\n".join(missing))
    assert not broken, "Lost numbers, or English left inside:\n" + "\n".join(broken)


def check_figures(figures: Mapping[str, Sourced], words: Mapping[str, str] | None = None) -> None:
    names = [name for name in figures if not name.startswith("cost.")]
    missing = [name for name in names if SENTENCE.search(figure_name(name, "zh", words or {}))]
    missing += [name for name in names if not CHINESE.search(figure_name(name, "zh", words or {}))]
    assert not missing, WHERE.format(part="figures", lines="\n".join(missing))
    texts = [text for one in figures.values() for text in (one.source, one.note) if text]
    # A source that is Chinese, a file's name, or a citation needs no translation.
    check(text for text in texts if SENTENCE.search(text) and not text.startswith(CITATIONS))
    units = {one.unit for one in figures.values() if re.search(r"[a-z]{3,}|\bper\b|CNY", one.unit)}
    missing = [unit for unit in units if unit not in UNITS and in_chinese(unit, "units") is None]
    assert not missing, WHERE.format(part="units", lines="\n".join(missing))


def tariff_texts(tariff: Tariff, timeline: Timeline = YEAR, connection: Connection = CONNECTION) -> list[str]:
    """Remarks of a tariff, of its bill and of its prices."""
    sheet = tariff.charges(timeline, connection)
    load = 300.0 + 250.0 * np.sin(np.arange(timeline.steps) / 5.0)
    return [*tariff.remarks, *sheet.bill(load, 0.0 * load).remarks, *sheet.prices(load).remarks]


@cache
def answered(path: Path) -> Outcome:
    case = read_case(path)
    return run_case(replace(case, lifetime=case.lifetime.model_copy(update={"years": 3})))


@pytest.mark.parametrize("path", EXAMPLES)
def test_everything_an_example_says_has_its_chinese(path: Path) -> None:
    outcome = answered(path)
    own = re.search(r"source: (.*)", path.read_text(encoding="utf-8"))
    site = [text for text in outcome.case.remarks if own is None or own.group(1) not in text]
    check([*site, *outcome.bill_without.remarks])
    check((text for text in outcome.case.remarks if text not in site), own=own.group(1) if own else "")
    check_figures(outcome.case.site.tariff.figures())
    for one in outcome.candidates:
        words = findings.law_words(one, "zh")
        check(one.life.remarks, words=words)
        check_figures(weakness.technical_figures(one.candidate), words)
        check_figures(one.worth.assumptions)


@pytest.mark.parametrize("path", EXAMPLES)
def test_chinese_page_shows_no_english_sentence_of_ours(path: Path) -> None:
    outcome = answered(path)
    page = report_html(outcome, "zh")
    for one in outcome.candidates:
        technology = one.candidate.plant.technology
        for text in (*technology.remarks, technology.measured_on, technology.sensitive_to, technology.not_valid_for):
            assert text not in page
            assert translated(text, "zh").split("（")[0] in page
    told = [line for block in assumption_blocks(outcome, "zh") for line in block.lines]
    english = [line.source for line in told if SENTENCE.search(line.source) and not line.source.startswith(CITATIONS)]
    assert english == []
    assert [line.note for line in told if SENTENCE.search(line.note)] == []
    for name, values in made_rows(outcome, "zh"):
        assert CHINESE.search(name), WHERE.format(part="keys", lines=name)
        assert "blast_250ah" not in values


@pytest.mark.parametrize("path", EXAMPLES)
def test_english_report_is_untouched_by_the_catalogue(path: Path) -> None:
    outcome = answered(path)
    told = {caution.text for caution in findings.cautions(outcome, "en")}
    assert set(outcome.case.remarks) <= told
    lines = [line for block in assumption_blocks(outcome, "en") for line in block.lines]
    assert all((line.source, line.note, line.unit) == (one.source, one.note, one.unit)
               for line in lines for one in (line.figure,))  # fmt: skip


@pytest.mark.parametrize("name", TECHNOLOGIES.names())
def test_every_technology_has_its_chinese(name: str) -> None:
    one = TECHNOLOGIES.find(name)
    laws = {law.name: law.title["zh"] for law in one.ageing.values()}
    check([*one.remarks, one.measured_on, one.sensitive_to, one.not_valid_for])
    check(text for law in one.ageing.values() for text in law.remarks)
    check_figures(one.all_figures(), laws)
    assert figure_name(f"ageing.{one.default_ageing.name}.nothing", "zh", laws).startswith("Ageing")
    hot = Stress(1.0, np.full(9, 0.5), np.full(9, 95.0), *(np.full(1, 9.0) for _ in range(5)))
    told = one.default_ageing.outside(hot)
    assert len(told) == 2
    check(told, words=laws)
    assert all(
        one.default_ageing.title["zh"] in translated(text, "zh", words=laws).replace("\u00a0", " ") for text in told
    )


@pytest.mark.parametrize("name", [name for name in TARIFFS.names() if TARIFFS.find(name).example])
def test_every_kind_of_tariff_has_its_chinese(name: str) -> None:
    tariff = read_tariff(TARIFFS.find(name).example or {}, Path())
    check(tariff_texts(tariff))
    check_figures(tariff.figures())
    bill = tariff.charges(YEAR, CONNECTION).bill(np.ones(YEAR.steps), np.ones(YEAR.steps))
    assert [line for line in bill.lines if not CHINESE.search(charge_name(line, "zh"))] == []


@pytest.mark.parametrize("name", CASES)
def test_tariffs_that_bend_have_their_chinese(name: str) -> None:
    tariff = read_tariff(CASES[name], Path())
    half = Timeline(YEAR.start, 60, 480, YEAR.zone)
    check([*tariff_texts(tariff), *tariff_texts(tariff, half)])
    check_figures(tariff.figures())


def test_all_bends_of_a_demand_charge_are_told_in_one_sentence() -> None:
    data = {
        "kind": "flat", "currency": "EUR", "price_per_kwh": 0.2, "minimum_billed_kw": 90, "look_back_share": 0.5,
        "demand_tiers": [{"up_to_kw": 300, "price_per_kw_month": 4.0}, {"price_per_kw_month": 9.0}],
        "minimum_bill_per_month": 1e6,
    }  # fmt: skip
    told = [translated(text, "zh") for text in tariff_texts(read_tariff(data, Path()))]
    assert any(text.count("；") == 2 and text.startswith("需量电费：") for text in told)
    check(tariff_texts(read_tariff(data, Path())))


@pytest.mark.parametrize(("kind", "content"), {
    "sam": {"ur_ec_tou_mat": [[1, 1, 500, 0, 0.1, 0], [1, 2, 1e38, 0, 0.2, 0]],
            "ur_ec_sched_weekday": [[1] * 24] * 12, "ur_ec_sched_weekend": [[1] * 24] * 12, "ur_more": 3,
            "ur_metering_option": 2, "ur_dc_enable": 1,
            "ur_dc_flat_mat": [[month, 1, 1e38, 2.0] for month in range(12)]},
    "urdb": {"energyratestructure": [[{"rate": 0.1}]], "energyweekdayschedule": [[0] * 24] * 12,
             "energyweekendschedule": [[0] * 24] * 12, "dgrules": "Net Billing Hourly", "lookbackpercent": 0.5,
             "demandratestructure": [[{"rate": 2.0}]], "demandweekdayschedule": [[0] * 24] * 12,
             "demandweekendschedule": [[0] * 24] * 12, "more": 3},
}.items())  # fmt: skip
def test_imported_rates_have_their_chinese(kind: str, content: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "rate.json").write_text(json.dumps(content))
    for more in ({}, {"export_price_per_kwh": 0.1}):
        tariff = read_tariff({"kind": kind, "file": "rate.json", **more}, tmp_path)
        check(tariff_texts(tariff))
        check_figures(tariff.figures())


def test_price_series_have_their_chinese() -> None:
    prices = {"kind": "hourly_prices", "unit": "CNY/MWh", "start": "2025-01-01T00:00+08:00", "zone": "Asia/Shanghai"}
    tariff = read_tariff(prices | {"buy_prices": [400.0] * 8760, "added_price_per_kwh": 0.1}, Path())
    check(tariff_texts(tariff, Timeline.year(2025, "Asia/Shanghai", 120)))
    check_figures(tariff.figures())


def test_reasons_for_the_linear_program_have_their_chinese() -> None:
    ones = np.ones(3)
    why = [
        why_program(Prices(-ones, 0 * ones), False),
        why_program(Prices(ones, 2 * ones), False),
        why_program(Prices(ones, 0 * ones), True),
    ]
    why.append("the tariff bends with use or demand")
    assert None not in why
    check(f"dispatch by HiGHS, because {reason}" for reason in why)


def test_defaults_of_finance_have_their_chinese() -> None:
    check_figures({f"finance.{name}": one for name, one in _DEFAULTS.items()})
    check(one.source for one in _DEFAULT_RATES.values())


CHANGES = {
    "constant": {"ambient": {"constant_c": 20.0}},
    "monthly": {"ambient": {"monthly": {"mean_c": [float(t) for t in range(12)], "source": "a table"}}},
    "daily": {"ambient": {"monthly": {"mean_c": [9.0] * 12, "min_c": [5.0] * 12, "max_c": [15.0] * 12,
                                      "source": "a table"}}},
    "series": {"ambient": {"series": {"file": "warm.csv", "column": "celsius", "time_column": "start"}}},
    "transformer": {"connection": {"transformer_kva": 1250.0}},
    "limit": {"connection": {"import_limit_kw": 700.0, "transformer_kva": 1250.0}},
    "unit": {"connection": {"import_limit_kw": 1e7, "transformer_kva": 1e6}},
    "sun": {"generation": {"file": "load.csv", "column": "load_kw", "unit": "W", "time_column": "start", "kind": "pv",
                           "fill": "zero", "accept": ["zone", "unit", "spikes", "negative"]}},
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_told_of_a_site_has_its_chinese(name: str, case_folder: Any) -> None:
    lines = [line.replace("load_kw", "celsius").split(",") for line in case_folder.load_lines]
    warm = [f"{start},{value if value == 'celsius' else 20}" for start, value in lines]
    (case_folder.path / "warm.csv").write_text("\n".join(warm), encoding="utf-8")
    case_folder.load_lines[500:900] = [f"{line.split(',')[0]},0" for line in case_folder.load_lines[500:900]]
    case_folder.load_lines[700] = case_folder.load_lines[700].split(",")[0] + ","
    case_folder.load_lines[800] = case_folder.load_lines[800].split(",")[0] + ",-0.001"
    case_folder.load_lines[900] = case_folder.load_lines[900].split(",")[0] + ",9999"
    case_folder.load_lines[1000] = case_folder.load_lines[1000].split(",")[0] + ",-400"
    accepted = {"fill": "interpolate", "accept": ["spikes", "negative", "unit", "import_limit"]}

    def change(data: dict[str, Any]) -> None:
        data["load"] |= accepted
        data |= CHANGES[name]

    remarks = read_case(case_folder.write(change)).site.remarks
    assert len(remarks) >= 4
    check(remarks, own="")


ZONE = "a.csv, pv: the zone looks wrong: 9.1% of the solar energy comes"
PHOTOVOLTAICS = "Photovoltaics modelled from a.epw (Wujin): 1012 kWh per kWp"


@pytest.mark.parametrize("text", [
    f"{PHOTOVOLTAICS}.",
    f"{PHOTOVOLTAICS}, irradiance moved by 30 min.",
    f"{PHOTOVOLTAICS}; 0.4% of the irradiation falls too near the horizon and is left out.",
    f"{PHOTOVOLTAICS}, irradiance moved by 30 min; 0.4% of the irradiation falls too near the horizon and is left out.",
    "a.epw: its irradiance is centred 0.6 h after solar noon; accepted in the case file.",
    "Position taken from the weather file: Wujin.",
    "The weather file (Wujin) lies 2.3 degrees from the site.",
    "Outdoor temperature from a.epw (Wujin).",
    "store reached 61 °C; its data end at 60 °C",
    "temperature went beyond the map, -30 to 60 °C; its edge was taken",
    f"{ZONE} between 22:00 and 03:00 (got UTC); accepted in the case file.",
    f"{ZONE} between 22:00 and 03:00, for example row 7 (2025-01-01 03:45) and 9 more (got UTC); accepted in the case "
    "file.",
    f"{ZONE} while the sun is down; its middle lies 2.5 h before solar noon, for example line 7 (2025-01-01 03:45), "
    "filled step 2025-01-01 04:00 (got UTC); accepted in the case file.",
    "a.csv, load: the series is zero throughout; accepted in the case file.",
    "a.csv, load: the values only ever rise, as a meter reading does; accepted in the case file.",
    "a.csv, load: looks wrong by a factor of about 1000: far above any site perdure is meant for (got a mean of 2e+06 "
    "kW with unit MW); accepted in the case file.",
])  # fmt: skip
def test_what_needs_a_rare_file_has_its_chinese(text: str) -> None:
    check([text])


def test_blanks_are_the_same_on_both_sides() -> None:
    for part, table in phrases().items():
        for english, chinese in table.items():
            told = re.findall(r"{(\w+)(?::(\w+))?}", chinese)
            assert {name for name, _ in told} == set(BLANK.findall(english)), english
            assert {other for _, other in told if other} <= set(phrases()), english
            same = numbers(BLANK.sub("", english)) == numbers(re.sub(r"{[^}]*}", "", chinese))
            assert same or part == "figures", english


def test_no_phrase_outlives_what_it_translates() -> None:
    """A remark that was reworded leaves a phrase behind that nothing says any more."""
    said = [*_strings_of_the_source(), (SOURCE / "market/tariffs/china_rules.yaml").read_text(encoding="utf-8")]
    whole = "\n".join(said).lower()
    dead = [
        english
        for part in ("texts", "bends", "estimates", "figures")
        for english in phrases()[part]
        for piece in re.split(r"[;:,.()\[\]]| and ", BLANK.sub(";", english))
        if piece.strip().lower() not in whole
    ]
    assert not dead, f"{dead}: nothing in src/perdure says these any more; mend or remove them in phrases.json."


def _strings_of_the_source() -> list[str]:
    """String constants, names of fields, and the fixed parts of f-strings, in Python's reading of them."""
    found = []
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.append(node.target.id)
    return found


def test_text_nobody_translated_is_shown_as_it_is() -> None:
    assert translated("a remark of tomorrow, 3 kW", "zh") == "a remark of tomorrow, 3 kW"
    assert figure_name("colour_of_the_door", "zh") == "Colour of the door"
    assert charge_name("Standing", "zh") == "Standing"


def test_names_of_files_are_not_translated() -> None:
    told = translated("peak.csv, night: 3 values lie below zero by a rounding's size; kept.", "zh")
    assert told.startswith("peak.csv，night：3 ")


def test_names_of_periods_are_told_in_chinese() -> None:
    assert charge_name("Demand peak", "zh") == "峰段需量电费"
    assert charge_name("Minimum bill", "zh") == "最低电费差额"
    assert charge_name("Minimum bill", "en") == "Minimum bill"
    assert charge_name("Demand peak", "en") == "Demand\u00a0peak"
    assert figure_name("prices_per_kwh.peak", "zh") == "峰段电价"


def test_number_and_unit_stay_on_one_line() -> None:
    remark = next(one for one in TECHNOLOGIES.find("nickel_hydrogen").remarks if "30 °C" in one)
    assert "30\u00a0°C" in translated(remark, "zh")


def test_chinese_in_a_terminal_breaks_between_characters() -> None:
    text = "  • 电价：可能另有尖峰电价（demand_price_per_kw_month），未计费；每月 260\u00a0kWh 时按 0.9 倍计。"
    console = Console(file=io.StringIO(), width=36)
    console.print(Flowing(text, "", 4))
    assert isinstance(console.file, io.StringIO)
    lines = [line.rstrip() for line in console.file.getvalue().splitlines()]
    assert "".join(line.strip() for line in lines).replace(" ", "") == text.replace(" ", "").strip()
    assert all(line.startswith("    ") for line in lines[1:])
    assert not any(line.strip()[0] in "，。；：）" for line in lines)
    assert all(cell_len(line) <= 36 for line in lines)
    assert len(lines) > 2
    assert any("260\u00a0kWh" in line for line in lines)


@pytest.mark.parametrize("path", EXAMPLES)
def test_terminal_summary_tells_remarks_in_chinese(path: Path) -> None:
    console = Console(file=io.StringIO(), width=400)
    console.print(summary(answered(path), "zh"))
    assert isinstance(console.file, io.StringIO)
    told = console.file.getvalue()
    for one in answered(path).candidates:
        for text in one.candidate.plant.technology.remarks:
            assert text not in told
            assert translated(text, "zh") in told
