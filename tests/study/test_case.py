"""Cases from files: what comes out, and what YAML, schema, files and costs must not do in silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from perdure.errors import InputError
from perdure.quantities import Confidence
from perdure.simulate.lifetime import live_through
from perdure.study.case import read_case
from perdure.study.datasheets import technology_datasheet
from perdure.study.reports.translation import translated
from perdure.study.reports.weakness import weak_words
from perdure.study.summary import summarise
from perdure.technology.technology import TECHNOLOGIES
from study.test_translation import SENTENCE


def faults(case):
    with pytest.raises(InputError) as told:
        read_case(case)
    return str(told.value)


def test_a_sound_case_becomes_a_site_and_candidates(case_folder):
    case = read_case(case_folder.write())
    assert case.title == "A sound case"
    assert case.site.timeline.steps == 8760
    assert case.site.load_kw.max() == pytest.approx(1000.0, abs=1.0)
    assert not case.site.generation_kw.any()
    assert case.site.connection.transformer_kva == 1250.0
    assert case.site.tariff.currency == "CNY"
    one = case.candidates[0]
    assert (one.plant.energy_kwh, one.plant.power_kw, one.ageing.name) == (1000.0, 500.0, "linear")
    assert one.costs == one.plant.technology.default_costs
    assert case.text.startswith("title:")
    assert case.folder == case_folder.path


def test_loads_add_up_and_scale(case_folder):
    single = read_case(case_folder.write()).site.load_kw
    part = dict(case_folder.data["load"])
    half = read_case(case_folder.write(lambda data: data.update(load=[part | {"scale": 0.25}, part | {"scale": 0.75}])))
    np.testing.assert_allclose(half.site.load_kw, single)


def test_steps_may_be_finer_than_the_load(case_folder):
    case = read_case(case_folder.write(lambda data: data.update(timeline={"step_minutes": 15})))
    assert case.site.timeline.steps == 35_040
    assert case.site.load_kw.reshape(-1, 4).std(axis=1).max() == 0.0


def test_a_short_load_says_how_much_is_missing(case_folder):
    del case_folder.load_lines[-36:]
    assert "shorter than a year: 36 h are missing" in faults(case_folder.write())


def test_a_load_of_another_year_says_what_is_missing(case_folder):
    told = faults(case_folder.write(lambda data: data.update(timeline={"year": 2024})))
    assert "load.load_kw" in told and "366 days at the start are missing" in told


def test_end_stamps_taken_for_start_stamps_are_suspected(case_folder):
    lines = case_folder.load_lines
    case_folder.load_lines = [lines[0], *lines[2:], "2026-01-01 00:00,240.0"]
    assert "Try stamps: end" in faults(case_folder.write())
    case = read_case(case_folder.write(lambda data: data["load"].update(stamps="end")))
    assert case.site.timeline.local[0].hour == 0


def test_accepted_import_limit_is_a_remark(case_folder):
    def change(data):
        data["connection"]["import_limit_kw"] = 700.0
        data["load"]["accept"] = ["import_limit"]

    assert any("above the import limit" in remark for remark in read_case(case_folder.write(change)).remarks)


def test_transformer_limits_import_where_no_limit_is_stated(case_folder):
    case = read_case(case_folder.write(lambda data: data["connection"].pop("import_limit_kw")))
    assert case.site.connection.import_limit_kw == 1250.0
    assert any("power factor 1" in remark for remark in case.remarks)


def test_generation_nobody_takes_is_a_remark(case_folder):
    def change(data):
        data["generation"] = {
            "file": "load.csv", "column": "load_kw", "unit": "kW", "time_column": "start", "scale": 1.1, "kind": "other"
        }  # fmt: skip

    case = read_case(case_folder.write(change))
    assert any("exceed load and export limit" in remark for remark in case.remarks)


WEATHER = Path(__file__).parents[2] / ".." / "shared" / "data" / "weather" / "CHN_Jiangsu.Nanjing.582380_CSWD.epw.gz"


@pytest.mark.skipif(not WEATHER.exists(), reason="the Nanjing weather year is not here (class B: tests only)")
def test_modelled_photovoltaics_bring_their_temperature(case_folder):
    def change(data):
        del data["ambient"]
        part = {
            "weather_file": str(WEATHER.resolve()),
            "dc_kwp": 400,
            "tilt_degrees": 20,
            "irradiance_shift_minutes": -60,
        }
        data["generation"] = [{"pv": part}, {"pv": part | {"azimuth_degrees": 90}}]

    case = read_case(case_folder.write(change))
    assert 600_000 < case.site.generation_kw.sum() < 900_000
    assert 14.0 < case.site.ambient_c.mean() < 18.0
    assert any("kWh per kWp" in remark for remark in case.remarks)


def test_costs_of_the_case_replace_those_of_the_datasheet(case_folder):
    offer = {"value": 150.0, "low": 120.0, "high": 180.0, "source": "offer of March"}
    change = {"energy_per_kwh": offer, "power_per_kw": 70}
    costs = read_case(case_folder.write(lambda data: data["candidates"][0].update(costs=change))).candidates[0].costs
    assert (costs.energy_per_kwh.value, costs.energy_per_kwh.high) == (150.0, 180.0)
    assert costs.energy_per_kwh.confidence is Confidence.USER
    assert (costs.power_per_kw.value, costs.power_per_kw.unit, costs.power_per_kw.source) == (
        70.0,
        "USD/kW",
        "case file",
    )
    assert costs.balance_per_kwh.confidence is Confidence.ESTIMATE


def test_costs_in_another_currency_convert_the_rest(case_folder):
    def change(data):
        data["candidates"][0]["costs"] = {"currency": "CNY", "energy_per_kwh": 900.0}
        data["finance"] = {"exchange_rates": {"USD": 7.0}}

    costs = read_case(case_folder.write(change)).candidates[0].costs
    assert (costs.currency, costs.energy_per_kwh.value, costs.energy_per_kwh.unit) == ("CNY", 900.0, "CNY/kWh")
    assert costs.power_per_kw.value == pytest.approx(560.0)
    assert costs.power_per_kw.unit == "CNY/kW"
    assert costs.development_share.value == 0.1


def test_a_price_for_a_part_the_technology_lacks_is_a_fault(case_folder):
    with pytest.raises(InputError, match=r"charge_power_per_kw.*prices a part"):
        read_case(case_folder.write(lambda data: data["candidates"][0].update(costs={"charge_power_per_kw": 100.0})))


def test_costs_without_an_exchange_rate_are_a_fault(case_folder):
    told = faults(case_folder.write(lambda data: data["candidates"][0].update(costs={"currency": "XAU"})))
    assert "candidates[0].costs.currency" in told and "USD to XAU" in told


def test_a_tariff_in_a_currency_without_a_rate_is_a_fault(case_folder):
    told = faults(case_folder.write(lambda data: data["tariff"].update(currency="XAU")))
    assert "finance.exchange_rates.USD" in told and "from USD to XAU" in told


def test_wear_price_falls_back_to_the_lifetime(case_folder):
    def change(data):
        data["lifetime"] = {"wear_price_per_kwh": 0.05}
        data["candidates"].append(dict(data["candidates"][0], name="Second", wear_price_per_kwh=0.02))

    assert [one.wear_price_per_kwh for one in read_case(case_folder.write(change)).candidates] == [0.05, 0.02]


def test_faults_carry_their_line_in_the_file(case_folder):
    case = case_folder.write(lambda data: data["candidates"][0].update(power_kw=0))
    line = next(n for n, text in enumerate(case.read_text().splitlines(), 1) if "power_kw" in text)
    assert f"candidates[0].power_kw (line {line}): is out of range (got 0); allowed: more than 0" in faults(case)


def test_a_key_given_twice_is_a_fault(case_folder):
    case = case_folder.write()
    case.write_text(case.read_text() + "title: again\n")
    assert "title" in faults(case) and "key comes twice, on lines 1 and " in faults(case)


def test_words_stay_words(case_folder):
    """YAML 1.1 would make a boolean of `no`, a number of `10:30` and a date of the title."""
    case = case_folder.write(lambda data: data["site"].update(name="no"))
    text = case.read_text().replace("'no'", "no").replace("A sound case", "2024-01-01")
    case.write_text(text)
    read = read_case(case)
    assert (read.site.name, read.title) == ("no", "2024-01-01")


def test_true_is_not_a_number(case_folder):
    told = faults(case_folder.write(lambda data: data["candidates"][0].update(energy_kwh=True)))
    assert "candidates[0].energy_kwh" in told and "is not a number" in told


@pytest.mark.parametrize("ambient", [{}, {"constant_c": 20.0, "weather_file": "w.epw"}])
def test_ambient_is_exactly_one_thing(case_folder, ambient):
    assert "exactly one of constant_c, monthly, series, weather_file" in faults(
        case_folder.write(lambda data: data.update(ambient=ambient))
    )


def test_missing_parts_are_all_named(tmp_path):
    (tmp_path / "case.yaml").write_text("title: nothing yet\n")
    told = faults(tmp_path / "case.yaml")
    for part in ("site", "load", "ambient", "tariff", "candidates"):
        assert f"- {part}: is missing" in told


def test_starter_reads_with_the_shipped_technologies(tmp_path):
    from perdure.study.starter import write_starter
    from perdure.technology.technology import TECHNOLOGIES

    if not {"nickel_hydrogen", "lfp"} <= set(TECHNOLOGIES.names()):
        pytest.skip("the chemistries of the starter are not there yet")
    write_starter(tmp_path)
    case = read_case(tmp_path / "case.yaml")
    assert case.site.timeline.steps == 35_040
    assert 6e6 < case.site.load_kw.sum() * 0.25 < 9e6
    assert [one.plant.technology.name for one in case.candidates] == ["nickel_hydrogen", "lfp"]


@pytest.mark.parametrize(("limit_kw", "price", "told"), [(500.0, 0.9, True), (500.0, 0.7, False), (0.0, 0.9, False)])
def test_export_paid_above_purchase_is_told_where_anything_may_be_exported(
    case_folder, limit_kw: float, price: float, told: bool
):
    def change(data):
        data["connection"]["export_limit_kw"] = limit_kw
        data["tariff"]["export_price_per_kwh"] = price

    case = read_case(case_folder.write(change))
    found = [text for text in case.remarks if "paid above purchase in 8760 of 8760 steps" in text]
    assert bool(found) is told
    assert all("高于购电价" in translated(text, "zh") for text in found)


def test_wear_price_of_all_candidates_may_be_left_to_be_sought(case_folder):
    def change(data):
        data["lifetime"] = {"wear_price_per_kwh": "lifetime"}
        data["candidates"].append({**data["candidates"][0], "name": "Own", "wear_price_per_kwh": 0.02})

    case = read_case(case_folder.write(change))
    assert [one.wear_price_is_sought for one in case.candidates] == [True, False]
    assert [one.wear_price_per_kwh for one in case.candidates] == [0.0, 0.02]
    with pytest.raises(InputError, match="sought over whole lives"):
        live_through(case.site.with_plant(case.candidates[0].plant), case.lifetime)


@pytest.mark.parametrize("wrong", ["life", -0.1])
def test_wear_price_of_all_candidates_is_a_price_or_that_word(case_folder, wrong):
    with pytest.raises(InputError, match=r"lifetime\.wear_price_per_kwh"):
        read_case(case_folder.write(lambda data: data.update(lifetime={"wear_price_per_kwh": wrong})))


def test_costs_of_a_case_carry_the_confidence_it_gives(case_folder):
    figure = {"value": 150.0, "source": "offer of 2025-03", "confidence": "claim"}
    case = read_case(case_folder.write(lambda data: data["candidates"][0].update(costs={"energy_per_kwh": figure})))
    told = case.candidates[0].costs.energy_per_kwh
    assert (told.source, told.confidence) == ("offer of 2025-03", Confidence.CLAIM)


def test_numbers_of_a_service_carry_the_source_and_confidence_of_the_case(case_folder):
    grid_calls = {"kind": "grid_calls", "currency": "CNY", "source": "notice read aloud", "confidence": "unverified",
                  "calls": [{"direction": "discharge", "hours": "18:00-21:00", "price_per_kwh": 0.4}]}  # fmt: skip
    case = read_case(case_folder.write(lambda data: data.update(services=[grid_calls])))
    figures = case.site.services[0].figures()
    told = figures["calls[0].price_per_kwh"]
    assert (told.value, told.source, told.confidence) == (0.4, "notice read aloud", Confidence.UNVERIFIED)
    remark = "grid_calls: the case gives its numbers as unverified (notice read aloud)."
    assert remark in case.remarks
    assert "未核实" in translated(remark, "zh")
    for language, words in (("en", "of 1 figures of the service 1"), ("zh", "1 项服务数据中有 1 项")):
        assert any(words in text for text in weak_words(case, [], language))
    with pytest.raises(InputError, match=r"services\[0\]\.confidence"):
        read_case(case_folder.write(lambda data: data["services"][0].update(confidence="sure")))


def test_what_was_read_is_told_in_chinese(case_folder):
    told = summarise(read_case(case_folder.write()), "zh").replace("A sound case", "")
    assert SENTENCE.findall(told) == []
    for words in ("8760 个时段", "变压器 1,250 kVA", "无储能时全年", "说明"):
        assert words in told


@pytest.mark.parametrize("name", TECHNOLOGIES.names())
def test_datasheet_in_chinese_holds_no_english_remark(name: str):
    one, told = TECHNOLOGIES.find(name), technology_datasheet(name, "zh")
    for text in (*one.remarks, one.measured_on, one.sensitive_to, one.not_valid_for):
        assert text not in told
        assert translated(text, "zh") in told
