from __future__ import annotations

from pathlib import Path

import pytest

from perdure.errors import InputError
from perdure.market.datasheet import datasheet
from perdure.market.reading import TARIFFS, read_tariff


@pytest.mark.parametrize("name", TARIFFS.names())
@pytest.mark.parametrize("language", ["en", "zh"])
def test_datasheet_tells_title_fields_and_sources(name, language):
    sheet = datasheet(name, language=language)
    text = sheet.text(language)
    assert TARIFFS.find(name).title(language) in text
    assert all(source in text for source in sheet.sources)
    assert all(row.meaning for row in sheet.fields)
    assert ("字段" in text) == (language == "zh")


def test_datasheet_shows_figures_with_source_and_confidence():
    text = datasheet("jiangsu_2025").text()
    assert "demand_price_per_kw_month: 51.2 CNY/kW·month [unverified;" in text
    assert "valley 00:00-06:00, 11:00-13:00" in text
    assert "unverified: demand_price_per_kw_month" in text


def test_datasheet_of_a_case_shows_the_cases_figures():
    tariff = read_tariff({"kind": "jiangsu_2025", "demand_price_per_kw_month": 33.5}, Path())
    assert "33.5 CNY/kW·month [user; case file]" in datasheet("jiangsu_2025", tariff).text()


def test_datasheet_of_an_unknown_kind_names_the_nearest():
    with pytest.raises(InputError, match="Did you mean 'flat'"):
        datasheet("flaat")
