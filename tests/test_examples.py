"""Every example answers, as a newcomer would run it, and the README's Python runs as written."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from perdure.cli import main

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/case.yaml"))


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda path: path.name)
def answered(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("example") / request.param.name
    shutil.copytree(request.param, folder, ignore=shutil.ignore_patterns("results"))
    assert main(["run", str(folder / "case.yaml"), "--lang", "zh"]) == 0
    return folder / "results"


def test_example_answers_every_candidate(answered):
    totals = json.loads((answered / "totals.json").read_text(encoding="utf-8"))
    assert len(totals["candidates"]) >= 2
    for told in totals["candidates"].values():
        assert told["metrics"]["first_year_saving"] > 0
        year = told["years"]["1"]
        drawn = year["charged_kwh"] - year["discharged_kwh"]
        used = year["stored_change_kwh"] + sum(
            year[name] for name in ("converter_loss_kwh", "store_loss_kwh", "self_discharge_kwh")
        )
        assert used == pytest.approx(drawn, rel=1e-6)


def test_example_writes_a_report_that_says_what_is_unverified(answered):
    page = (answered / "report.html").read_text(encoding="utf-8")
    assert "未核实" in page
    assert len(page) > 1_000_000  # the drawing library is inside: the page works offline


def test_result_can_be_repeated_from_its_own_folder(answered):
    made_by = json.loads((answered / "made_by.json").read_text(encoding="utf-8"))
    assert made_by["perdure"] and made_by["libraries"]["highspy"]
    assert (answered / "case.yaml").read_text(encoding="utf-8").startswith("# yaml-language-server")


def test_python_of_the_readme_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    code = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    scope: dict[str, object] = {}
    exec(code.group(1).replace("years=30", "years=2"), scope)
    assert len(scope["life"].years) == 2
    assert scope["schedule"].method == "exact"
