"""`perdure sweep`: every case once whatever the workers, nothing lost by a kill, everything checked before a life."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

import perdure
from conftest import CaseFolder
from perdure.cli import main
from perdure.errors import InputError
from perdure.quantities import QUANTITIES
from perdure.study.case import read_case
from perdure.study.reports.words import money
from perdure.study.run import run_case
from perdure.study.sweeping import store
from perdure.study.sweeping.rows import RESULTS
from perdure.study.sweeping.study_file import read_study
from perdure.study.sweeping.sweep import duration, sweep
from perdure.study.workers import Workers
from study.test_translation import SENTENCE

SIZES = {"name": "Energy", "unit": "kWh", "key": "candidates[Store].energy_kwh", "values": [600, 800, 1000]}
RATES = {"name": "Rate", "key": "finance.discount_rate", "range": {"start": 0.05, "stop": 0.1, "step": 0.05}}
Folder = Callable[..., Path]


def one_year(data: dict[str, Any]) -> None:
    data["candidates"] = [{"name": "Store", "technology": "lfp", "energy_kwh": 1000.0, "power_kw": 250.0}]
    data["tariff"] = {"kind": "jiangsu_2025"}
    data["lifetime"] = {"years": 1}


@pytest.fixture
def study(tmp_path: Path) -> Folder:
    """Writes a sound case of one year and a study of it."""

    def write(axes: list[dict[str, Any]] | None = None, **more: Any) -> Path:
        folder = CaseFolder(tmp_path)
        folder.write(one_year)
        path = tmp_path / "study.yaml"
        told = {"case": "case.yaml", "axes": [SIZES, RATES] if axes is None else axes, "cases_per_part": 2, **more}
        path.write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
        return path

    return write


def faults(path: Path) -> str:
    """What is said of a study that must be refused; no life may have been lived."""
    with pytest.raises(InputError) as caught:
        sweep(read_study(path), path.parent / "out")
    assert not list(path.parent.glob("out/results/*.parquet"))
    return str(caught.value)


def contents(out: Path) -> dict[str, str]:
    """Digest of every file but the one that knows a clock."""
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*")) if path.is_file() and path.name != "made_by.json"
    }  # fmt: skip


def command(path: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-m", "perdure.cli", "sweep", str(path), "--out", str(out), *more]
    return subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)


def parts(out: Path) -> list[Path]:
    return sorted((out / "results").glob("part-*.parquet"))


def wait_for_parts(out: Path, count: int, running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120.0
    while len(parts(out)) < count:
        assert time.monotonic() < deadline, "no part was written"
        assert running.poll() is None, running.stderr.read().decode() if running.stderr else ""
        time.sleep(0.01)


def test_rows_are_what_run_says_of_the_same_case_written_by_hand(study: Folder):
    path = study()
    table = sweep(read_study(path), path.parent / "out").table
    assert len(table) == 6
    case = yaml.safe_load((path.parent / "case.yaml").read_text(encoding="utf-8"))
    case["candidates"][0]["energy_kwh"], case["finance"] = 800, {"discount_rate": 0.1}
    by_hand = path.parent / "by_hand.yaml"
    by_hand.write_text(yaml.safe_dump(case), encoding="utf-8")
    metrics = run_case(read_case(by_hand)).candidates[0].worth.metrics
    row = table[(table["candidates[Store].energy_kwh"] == 800) & (table["finance.discount_rate"] == 0.1)].iloc[0]
    for name in ("npv", "investment", "first_year_saving", "mean_saving"):
        assert row[name] == getattr(metrics, name), name
    assert row["irr"] == metrics.irr.rate


def test_folder_is_readable_and_its_index_knows_every_case(study: Folder):
    path = study()
    swept = sweep(read_study(path), path.parent / "out")
    read = pd.read_parquet(path.parent / "out/results")
    pd.testing.assert_frame_equal(read, swept.table)
    index = pd.read_parquet(path.parent / "out/index.parquet")
    assert list(index["case"]) == list(range(6))
    assert list(index["part"]) == [0, 0, 1, 1, 2, 2]
    assert index["content"].is_unique
    assert list(index["candidates[Store].energy_kwh"]) == [600, 600, 800, 800, 1000, 1000]
    assert list(index["finance.discount_rate"]) == [0.05, 0.1] * 3


def test_every_result_column_is_in_the_table_of_names():
    assert {*RESULTS, "case", "candidate", "status", "why", "part", "content"} <= set(QUANTITIES)


def test_two_jobs_write_the_bytes_one_job_writes(study: Folder):
    path = study()
    one, two = path.parent / "one", path.parent / "two"
    assert main(["sweep", str(path), "--out", str(one), "--jobs", "1"]) == 0
    assert main(["sweep", str(path), "--out", str(two), "--jobs", "2"]) == 0
    assert contents(one) == contents(two)
    assert len(contents(one)) >= 9


def test_killed_sweep_goes_on_without_repeating_or_losing_a_case(study: Folder):
    path = study([{**SIZES, "values": list(range(500, 1000, 50))}, RATES])
    whole, out = path.parent / "whole", path.parent / "out"
    running = command(path, out, "--jobs", "2")
    wait_for_parts(out, 3, running)
    os.kill(running.pid, signal.SIGKILL)
    running.wait(30)
    kept = {one: one.stat().st_mtime_ns for one in parts(out)}
    assert 3 <= len(kept) < 10
    found = pd.read_parquet(out / "results")
    assert len(found) == 2 * len(kept)

    again = sweep(read_study(path), out)
    assert again.lived == 20 - 2 * len(kept)
    assert {one: one.stat().st_mtime_ns for one in kept} == kept
    assert list(again.table["case"]) == list(range(20))
    assert not list(out.rglob("*.unfinished"))
    sweep(read_study(path), whole)
    assert contents(out) == {name: told for name, told in contents(whole).items() if name in contents(out)}


@pytest.mark.slow
def test_workers_do_not_outlive_a_killed_sweep(study: Folder):
    path = study([{**SIZES, "values": list(range(500, 1000, 5))}])
    running = command(path, path.parent / "out", "--jobs", "2")
    wait_for_parts(path.parent / "out", 1, running)
    os.kill(running.pid, signal.SIGKILL)
    running.wait(30)
    deadline = time.monotonic() + 20.0
    while alive(running.pid):
        assert time.monotonic() < deadline, alive(running.pid)
        time.sleep(0.1)


@pytest.mark.slow
def test_interrupted_sweep_leaves_at_once_with_its_code_and_goes_on_later(study: Folder):
    path = study([{**SIZES, "values": list(range(500, 1000, 5))}])
    out = path.parent / "out"
    running = command(path, out, "--jobs", "2")
    wait_for_parts(out, 1, running)
    os.killpg(running.pid, signal.SIGINT)
    assert running.wait(30) == 130
    assert running.stderr is not None
    assert running.stderr.read().decode().strip() == "Interrupted."
    assert not alive(running.pid)
    assert not list(out.rglob("*.unfinished"))


def test_interrupt_in_the_midst_of_writing_leaves_nothing_half_written(tmp_path: Path):
    def interrupted(target: Path) -> None:
        target.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt

    kept = tmp_path / "part.parquet"
    kept.write_text("before", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        store._replace(kept, interrupted)
    assert [one.name for one in tmp_path.iterdir()] == ["part.parquet"]
    assert kept.read_text(encoding="utf-8") == "before"


def test_jobs_beside_a_cluster_are_a_mistake_on_the_command_line(study: Folder, capsys: pytest.CaptureFixture[str]):
    assert main(["sweep", str(study()), "--jobs", "2", "--cluster", "tcp://127.0.0.1:8786"]) == 2
    assert "either --jobs or --cluster" in capsys.readouterr().err


def test_time_left_is_told_in_words_a_person_uses():
    assert [duration(seconds) for seconds in (4.4, 99.0, 600.0, 12_000.0)] == ["4 s", "99 s", "10 min", "3 h 20 min"]


def alive(session: int) -> list[str]:
    """Processes of a session that still run."""
    told = subprocess.run(["ps", "-o", "pid=,stat=,args=", "-s", str(session)], capture_output=True, text=True)
    return [line for line in told.stdout.splitlines() if not line.split()[1].startswith("Z")]


def test_half_written_part_is_done_again(study: Folder):
    path = study()
    out = path.parent / "out"
    sweep(read_study(path), out)
    before = contents(out)
    parts(out)[1].write_bytes(parts(out)[1].read_bytes()[:100])
    assert sweep(read_study(path), out).lived == 2
    assert contents(out) == before


def test_finished_sweep_is_not_lived_again(study: Folder, capsys: pytest.CaptureFixture[str]):
    path = study()
    assert main(["sweep", str(path), "--jobs", "1"]) == 0
    assert "6 cases lived now, 6 in all" in capsys.readouterr().err
    assert main(["sweep", str(path), "--jobs", "1"]) == 0
    assert "0 cases lived now, 6 in all" in capsys.readouterr().err
    made = json.loads((path.parent / "sweep/made_by.json").read_text(encoding="utf-8"))
    assert [one["cases"] for one in made["sessions"]] == [6, 0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda path, study: study([{**SIZES, "values": [600, 700]}, RATES]), "another study file"),
        (lambda path, study: CaseFolder(path).write(lambda data: (one_year(data), data.update(title="Other"))),
         "another case file"),
        (lambda path, study: (path / "load.csv").write_text(
            (path / "load.csv").read_text(encoding="utf-8").replace("275.77", "275.78"), encoding="utf-8"),
         "load.csv changed"),
    ],
)  # fmt: skip
def test_folder_of_another_study_is_refused(study: Folder, change: Callable[..., object], told: str):
    path = study()
    sweep(read_study(path), path.parent / "out")
    before = contents(path.parent / "out")
    change(path.parent, study)
    with pytest.raises(InputError, match=f"begun with.*{told}.*Name another folder"):
        sweep(read_study(path), path.parent / "out")
    assert contents(path.parent / "out") == before


def test_another_state_of_the_code_is_refused(study: Folder, monkeypatch: pytest.MonkeyPatch):
    path = study()
    sweep(read_study(path), path.parent / "out")
    monkeypatch.setattr("perdure.study.sweeping.sweep.code_digest", lambda: "0" * 16)
    with pytest.raises(InputError, match="state of perdure's code"):
        sweep(read_study(path), path.parent / "out")


def test_folder_with_other_files_is_left_alone(study: Folder):
    path = study()
    (path.parent / "out").mkdir()
    (path.parent / "out/diary.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="holds other files"):
        sweep(read_study(path), path.parent / "out")
    assert [one.name for one in (path.parent / "out").iterdir()] == ["diary.txt"]


def key(text: str, **more: Any) -> list[dict[str, Any]]:
    return [{"key": text, "values": [1, 2], **more}]


@pytest.mark.parametrize(
    ("axes", "told"),
    [
        (key("candidates[Stor].energy_kwh"), ("axes[0].key: candidates has no item [Stor]", "candidates[Store]")),
        (key("candidates.energy_kwh"), ("candidates is a list of 1", "Say which: candidates[Store]")),
        (key("candidates[0].energy_kwhh"), ("candidates[0].energy_kwhh", "unknown key", "Did you mean 'energy_kwh'?")),
        (key("finanze.discount_rate"), ("axes[0].key: unknown key", "Did you mean 'finance'?")),
        (key("load.scale.more"), ("load.scale", "is not a number")),
        (key("candidates[0"), ("is not a key of a case file",)),
        (key("finance.discount_rate", values=[0.05, 7.0]), ("finance.discount_rate: is out of range, in case 1",
                                                            "got 7.0", "less than 1")),
        (key("candidates[0].power_kw", values=[200, 9000]), ("above what its converter and cells take", "in case 1",
                                                             "allowed: ")),
        (key("candidates[0].technology", values=["lfp", "lfq"]), ("unknown technology", "Did you mean 'lfp'?")),
        (key("finance.discount_rate", range={"start": 0, "stop": 1, "count": 5}), ("needs either values or range",)),
        ([{"key": "finance.discount_rate", "range": {"start": 0, "stop": 1, "step": -0.1}}], ("leads away from stop",)),
        (key("finance.discount_rate", values=[0.1, 0.1]), ("the same value comes twice",)),
        (key("tariff", values=[{"kind": "jiangsu_2025"}, {"kind": "flat"}]), ("axes[0].labels: are missing",)),
        (key("lifetime.years") + key("lifetime"), ("change the same key twice",)),
        (key("candidates[0].energy_kwh", keys=["x"]), ("needs either key or keys",)),
    ],
)  # fmt: skip
def test_faulty_axes_are_told_before_the_first_life(study: Folder, axes: list[dict[str, Any]], told: tuple[str, ...]):
    found = faults(study(axes))
    for text in told:
        assert text in found, found


def test_all_faults_of_a_study_are_told_at_once(study: Folder):
    found = faults(study([*key("finanze.rate"), *key("candidates[7].energy_kwh")], keep=["npw"]))
    assert "3 faults" in found
    assert "Did you mean 'npv'?" in found
    found = faults(study([*key("finance.discount_rate", values=[0.05, 7.0]), *key("lifetime.years", values=[1, 99])]))
    assert "2 faults" in found
    assert "in case 2 (finance.discount_rate = 7.0, lifetime.years = 1) and 1 more" in found


def test_case_that_cannot_be_is_a_row_where_the_study_says_so(study: Folder):
    path = study(key("candidates[0].power_kw", values=[250, 9000]), when_refused="row")
    table = sweep(read_study(path), path.parent / "out").table
    assert list(table["status"]) == ["ok", "refused"]
    assert "above what its converter" in table["why"][1]
    assert table["npv"].notna().tolist() == [True, False]


def test_fault_of_every_case_is_told_even_where_rows_may_be_refused(study: Folder):
    assert "unknown key" in faults(study(key("candidates[0].powr_kw"), when_refused="row"))


def test_study_that_was_refused_leaves_nothing_behind(study: Folder):
    path = study(key("candidates[0].powr_kw"))
    assert "unknown key" in faults(path)
    assert not (path.parent / "out").exists()


@pytest.mark.parametrize("lost", [["index.parquet"], ["index.parquet", "case.yaml", "results"]])
def test_sweep_killed_while_it_began_begins_again(study: Folder, lost: list[str]):
    path = study()
    out = path.parent / "out"
    sweep(read_study(path), out)
    before = contents(out)
    for name in lost:
        shutil.rmtree(out / name) if (out / name).is_dir() else (out / name).unlink()
    (out / ".index.parquet.1.unfinished").write_text("half", encoding="utf-8")
    sweep(read_study(path), out)
    assert contents(out) == before


def test_case_without_a_plan_is_a_row_that_says_why(study: Folder):
    path = study(key("connection.import_limit_kw", values=[1200, 400]))
    case = path.parent / "case.yaml"
    data = yaml.safe_load(case.read_text(encoding="utf-8"))
    data["load"]["accept"] = ["import_limit"]
    data["connection"] = {"import_limit_kw": 1200.0, "transformer_kva": 1250.0}
    case.write_text(yaml.safe_dump(data), encoding="utf-8")
    swept = sweep(read_study(path), path.parent / "out")
    assert list(swept.table["status"]) == ["ok", "no_plan"]
    assert "400" in swept.table["why"][1] or "limit" in swept.table["why"][1]


def test_zip_links_axes_and_factors_link_keys(study: Folder):
    both = {"candidates[0].energy_kwh": 1, "candidates[0].power_kw": 0.25}
    path = study([{"keys": both, "values": [400, 800]}, {**RATES}], combine="zip")
    grid = read_study(path).grid
    assert [grid.values(number) for number in range(grid.count)] == [
        {"candidates[0].energy_kwh": 400, "candidates[0].power_kw": 100.0, "finance.discount_rate": 0.05},
        {"candidates[0].energy_kwh": 800, "candidates[0].power_kw": 200.0, "finance.discount_rate": 0.1},
    ]  # fmt: skip
    assert "zip needs axes of one length" in faults(study([SIZES, RATES], combine="zip"))


def test_axis_of_whole_parts_is_shown_by_its_labels(study: Folder):
    tariffs = [{"kind": "jiangsu_2025"}, {"kind": "flat", "currency": "CNY", "price_per_kwh": 0.7}]
    path = study([{"key": "tariff", "values": tariffs, "labels": ["two-part", "flat"]}])
    table = sweep(read_study(path), path.parent / "out").table
    assert list(table["tariff"]) == ["two-part", "flat"]
    assert table["first_year_saving"][0] > table["first_year_saving"][1]


def test_range_has_no_rounding_errors(study: Folder):
    axis = {"key": "finance.discount_rate", "range": {"start": 0.02, "stop": 0.1, "step": 0.02}}
    grid = read_study(study([axis])).grid
    assert [grid.values(number)["finance.discount_rate"] for number in range(grid.count)] == [
        0.02, 0.04, 0.06, 0.08, 0.1
    ]  # fmt: skip


def test_kept_columns_are_those_named_and_what_the_page_needs(study: Folder):
    path = study(keep=["irr"])
    table = sweep(read_study(path), path.parent / "out").table
    keys = ["candidates[Store].energy_kwh", "finance.discount_rate"]
    assert list(table.columns) == ["case", *keys, "candidate", "status", "why", "currency", "npv", "irr"]


@pytest.mark.slow
def test_cluster_completes_exactly_though_a_worker_is_killed(study: Folder, monkeypatch: pytest.MonkeyPatch):
    distributed = pytest.importorskip("distributed")
    path = study([{**SIZES, "values": list(range(500, 1000, 50))}, RATES])
    monkeypatch.setenv("PYTHONPATH", str(Path(perdure.__file__).parents[1]))
    killed: list[int] = []
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
            workers = list(client.run(os.getpid).values())
        assert len(set(workers)) == 2

        def kill_one(text: str, share: float) -> None:
            if share >= 0.25 and not killed:
                killed.append(workers[0])
                os.kill(workers[0], signal.SIGKILL)

        out = path.parent / "out"
        swept = sweep(read_study(path), out, Workers(cluster=cluster.scheduler_address), kill_one)
    assert killed
    assert swept.lived == 20
    assert list(swept.table["case"]) == list(range(20))
    assert set(swept.table["status"]) == {"ok"}
    sweep(read_study(path), path.parent / "here")
    assert contents(out) == contents(path.parent / "here")


@pytest.mark.slow
def test_cluster_whose_workers_cannot_see_the_files_is_told(study: Folder, monkeypatch: pytest.MonkeyPatch):
    distributed = pytest.importorskip("distributed")
    path = study()
    monkeypatch.setenv("PYTHONPATH", str(Path(perdure.__file__).parents[1]))
    monkeypatch.setattr("perdure.study.sweeping.sweep._files", lambda study: {"load.csv": "0" * 16})
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster,
        pytest.raises(InputError, match=r"load.csv: is missing or another file on"),
    ):
        sweep(read_study(path), path.parent / "out", Workers(cluster=cluster.scheduler_address))


def test_unknown_cluster_is_told_before_the_first_life(study: Folder, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("perdure.study.cluster.CONNECT_S", 1.0)
    path = study()
    with pytest.raises(InputError, match="no Dask scheduler answers there"):
        sweep(read_study(path), path.parent / "out", Workers(cluster="tcp://127.0.0.1:9"))


@pytest.mark.parametrize("axes", [[SIZES], [SIZES, RATES], [SIZES, RATES, {"key": "lifetime.years", "values": [1, 2]}]])
def test_page_and_terminal_tell_the_best_case(study: Folder, axes: list[Any], capsys: pytest.CaptureFixture[str]):
    path = study(axes)
    assert main(["sweep", str(path), "--jobs", "1", "--lang", "zh"]) == 0
    out = path.parent / "sweep"
    table = pd.read_csv(out / "cases.csv")
    best = money(table["npv"].max(), "CNY", "zh")
    page = (out / "sweep.html").read_text(encoding="utf-8")
    told = capsys.readouterr().out
    for text in (page, told):
        assert best.replace("\u00a0", " ") in text.replace("\u00a0", " ")
    body = re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.DOTALL)
    words = re.sub(r"<[^>]+>", " ", body).replace("A sound case", "")
    assert not SENTENCE.search(words), SENTENCE.search(words)
    mark = {1: '"mode":"lines+markers"', 2: '"type":"heatmap"', 3: 'data-figure="parallel0"'}[len(axes)]
    assert mark in page
