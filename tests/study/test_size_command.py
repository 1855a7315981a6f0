"""`perdure size` and `perdure compare`: files, pages and the terminal tell the numbers of the search."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from conftest import CaseFolder
from perdure.cli import main
from perdure.study.reports.words import money
from study.test_translation import SENTENCE

SIZES = {"energy_kwh": [200, 800], "power_kw": [100, 300], "energy_step_kwh": 200, "power_step_kw": 100,
         "tolerance": 0.2}  # fmt: skip


def two_stores(data: dict[str, Any]) -> None:
    data["candidates"] = [
        {"name": "Short", "technology": "lfp", "energy_kwh": 400, "power_kw": 100},
        {"name": "Long", "technology": "nickel_hydrogen", "energy_kwh": 400, "power_kw": 100},
    ]
    data["tariff"] = {"kind": "jiangsu_2025"}
    data["lifetime"] = {"years": 1}
    data["size"] = SIZES


def ran(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """stdout of a command that succeeds."""
    given = [str(one) for one in arguments]
    code = main(given if "--jobs" in given else [*given, "--jobs", "1"])
    out, err = capsys.readouterr()
    assert code == 0, err
    return out


def shown(page: str) -> str:
    """What a reader of the page sees, figures aside."""
    return re.sub(r"<[^>]+>", "|", re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.S))


def test_technology_the_case_does_not_have_is_sized_too(case_folder: CaseFolder, capsys: pytest.CaptureFixture[str]):
    path = case_folder.write(two_stores)
    ran(capsys, "compare", path, "--technology", "nmc", "--candidate", "Short", "--no-break-even")
    table = pd.read_csv(path.parent / "compare" / "compare.csv")
    assert set(table["store"]) == {"nmc", "Short"}


def test_a_comparison_counts_the_figures_to_check(case_folder: CaseFolder, capsys: pytest.CaptureFixture[str]):
    path = case_folder.write(two_stores)
    told = ran(capsys, "compare", path, "--candidate", "Short", "--given-sizes", "--no-break-even")
    page = shown((path.parent / "compare" / "compare.html").read_text(encoding="utf-8"))
    for text in (page, re.sub(r"\s+", " ", told)):
        assert re.search(r"Short: of \d+ cost figures [1-9]\d* are claims, estimates or unverified", text)
        assert re.search(r"Technical figures to check[ |\s]+\d+ of \d+", text)


def test_size_writes_files_that_agree(case_folder: CaseFolder, capsys: pytest.CaptureFixture[str]):
    path = case_folder.write(two_stores)
    told = ran(capsys, "size", path, "--candidate", "Short", "--search-wear-price")
    folder = path.parent / "size"
    assert {one.name for one in folder.iterdir()} >= {
        "case.yaml", "made_by.json", "sizes.csv", "best.csv", "wear_price.csv", "size.html"
    }  # fmt: skip
    sizes, best = pd.read_csv(folder / "sizes.csv"), pd.read_csv(folder / "best.csv")
    assert best["npv"].iloc[0] == sizes["npv"].max()
    assert (sizes["store"] == "Short").all()
    page = (folder / "size.html").read_text(encoding="utf-8")
    value = re.sub(r"\s+", " ", money(abs(best["npv"].iloc[0]), "CNY", "en"))
    for text in (page, told):
        assert value in re.sub(r"\s+", " ", text)
    figures = [json.loads(one) for one in re.findall(r'application/json" data-figure="\w+">(.*?)</script>', page)]
    assert len(figures) == 3
    stars = [trace for trace in figures[0]["data"] if trace.get("name") == "Best"]
    assert stars[0]["x"] == [pytest.approx(best["energy_kwh"].iloc[0])]
    made = json.loads((folder / "made_by.json").read_text(encoding="utf-8"))
    assert made["stores"]["Short"]["lives"] >= len(sizes)


def test_compare_in_chinese_holds_no_english_sentence(case_folder: CaseFolder, capsys: pytest.CaptureFixture[str]):
    path = case_folder.write(two_stores)
    told = ran(capsys, "compare", path, "--given-sizes", "--lang", "zh", "--out", path.parent / "out")
    folder = path.parent / "out"
    page = (folder / "compare.html").read_text(encoding="utf-8")
    for text in (shown(page), told):
        assert SENTENCE.findall(text.replace("A sound case", "").replace("perdure regret", "")) == []
    table = pd.read_csv(folder / "compare.csv")
    assert list(table["rank"]) == [1, 2]
    assert table["npv"].is_monotonic_decreasing
    assert set(table["energy_kwh"]) == {400.0}
    differences = pd.read_csv(folder / "differences.csv").set_index("store")
    parts = differences.drop(columns=["rival", "npv"])
    assert np.allclose(parts.sum(axis=1), differences["npv"])
    turning = pd.read_csv(folder / "break_even.csv")
    assert set(turning["lever"]) == {"energy_cost", "fade", "spread"}
    assert len(turning) == 12


def test_unknown_candidate_and_target_are_told(case_folder: CaseFolder, capsys: pytest.CaptureFixture[str]):
    path = case_folder.write(two_stores)
    assert main(["size", str(path), "--candidate", "Shrot"]) == 2
    assert "Did you mean 'Short'?" in capsys.readouterr().err
    assert main(["size", str(path), "--by", "peak_kw"]) == 2
    assert "by peak_kw without peak_kw" in capsys.readouterr().err
    assert not (path.parent / "size").exists()


def test_wear_price_lifetime_is_read(case_folder: CaseFolder):
    from perdure.study.case import read_case

    def lifetime(data: dict[str, Any]) -> None:
        two_stores(data)
        data["candidates"][0]["wear_price_per_kwh"] = "lifetime"

    short, long = read_case(case_folder.write(lifetime)).candidates
    assert (short.wear_price_is_sought, short.wear_price_per_kwh) == (True, 0.0)
    assert not long.wear_price_is_sought


@pytest.mark.slow
def test_two_workers_find_what_one_finds(case_folder: CaseFolder, capsys: pytest.CaptureFixture[str]):
    path = case_folder.write(two_stores)
    texts = []
    for jobs in ("1", "2"):
        out = path.parent / f"jobs{jobs}"
        ran(capsys, "size", path, "--candidate", "Short", "--jobs", jobs, "--out", out)
        texts.append((out / "sizes.csv").read_bytes())
    assert texts[0] == texts[1]
