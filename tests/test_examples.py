"""Every example answers, as a newcomer would run it, and the README's Python runs as written."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from perdure import read_case
from perdure.cli import main

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/case.yaml"))
QUICK = {"wujin_factory"}
TOLD = {  # column of a README's table -> its number in totals.json
    "investment": "investment",
    "saving in year 1": "first_year_saving",
    "mean saving": "mean_saving",
    "net present value": "npv",
}


def _patient(path: Path):
    return pytest.param(path, marks=() if path.name in QUICK else pytest.mark.slow)


def _table_of(path: Path) -> dict[str, dict[str, float]]:
    """The README's table of results: candidate -> column -> number."""
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    head = next(i for i, row in enumerate(rows) if row[0] == "candidate")
    found = {}
    for row in rows[head + 2 :]:
        if len(row) != len(rows[head]):
            break
        found[row[0]] = {
            name: float(cell.replace(",", "").replace("−", "-"))
            for name, cell in zip(rows[head], row, strict=True)
            if name in TOLD
        }
    return found


@pytest.fixture(scope="module", params=[_patient(path) for path in EXAMPLES], ids=lambda path: path.name)
def answered(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("example") / request.param.name
    shutil.copytree(request.param, folder, ignore=shutil.ignore_patterns("results"))
    assert main(["run", str(folder / "case.yaml"), "--lang", "zh"]) == 0
    return folder / "results"


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_example_is_read_and_every_candidate_fits_its_site(folder):
    case = read_case(folder / "case.yaml")
    assert len(case.candidates) >= 2
    assert case.site.bill_without.total != 0.0
    assert not [remark for remark in case.remarks if "not admitted" in remark or "not fulfilled" in remark]


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_example_says_where_its_data_come_from_and_stays_small(folder):
    told = (folder / "data" / "README.md").read_text(encoding="utf-8").lower()
    assert "licen" in told
    for file in (folder / "data").iterdir():
        assert file.stat().st_size < 1_500_000


@pytest.mark.parametrize("folder", [path for path in EXAMPLES if path.name not in QUICK], ids=lambda path: path.name)
def test_readme_of_an_example_tells_of_every_candidate_and_shows_pictures_that_exist(folder):
    readme = folder / "README.md"
    table = _table_of(readme)
    assert set(table) == {candidate.name for candidate in read_case(folder / "case.yaml").candidates}
    assert all(set(row) == set(TOLD) for row in table.values())
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", readme.read_text(encoding="utf-8"))
    assert pictures
    assert all((folder / picture).is_file() for picture in pictures)


def test_numbers_of_the_readme_still_hold_within_two_percent_of_the_investment(answered):
    readme = ROOT / "examples" / answered.parent.name / "README.md"
    if not readme.is_file():
        pytest.skip("this example tells no numbers")
    totals = json.loads((answered / "totals.json").read_text(encoding="utf-8"))["candidates"]
    for name, row in _table_of(readme).items():
        metrics = totals[name]["metrics"]
        for column, number in row.items():
            apart = 0.02 * (metrics["investment"] if column == "net present value" else abs(number))
            assert metrics[TOLD[column]] == pytest.approx(number, abs=apart), (name, column)


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
