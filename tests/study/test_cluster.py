"""`--cluster`: size, compare and uncertainty on a Dask cluster of two workers find what this process finds."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import perdure
from conftest import CaseFolder
from perdure.cli import main
from perdure.errors import InputError
from perdure.study.case import read_case
from perdure.study.evaluate import Bench, Trial
from perdure.study.question import question_of, read_question
from perdure.study.workers import Workers
from study.test_size_command import two_stores

COST = {"input": "energy_cost", "distribution": "uniform", "low": 0.5, "high": 1.5}
FADE = {"input": "fade", "distribution": "lognormal", "median": 1.0, "log_deviation": 0.8}


def uncertain(data: dict[str, Any]) -> None:
    two_stores(data)
    data["uncertainty"] = {"samples": 4, "draws_per_life": 2, "inputs": [COST, FADE]}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The scheduler of a local cluster."""
    distributed = pytest.importorskip("distributed")
    with pytest.MonkeyPatch.context() as change:
        change.setenv("PYTHONPATH", str(Path(perdure.__file__).parents[1]))
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
            yield cluster.scheduler_address


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [["size", "--candidate", "Short"], ["compare", "--given-sizes", "--no-break-even"], ["uncertainty"]]
)
def test_cluster_writes_the_tables_this_process_writes(command: list[str], address: str, case_folder: CaseFolder):
    path = case_folder.write(uncertain)
    there, here = path.parent / "there", path.parent / "here"
    assert main([command[0], str(path), *command[1:], "--out", str(there), "--cluster", address]) == 0
    assert main([command[0], str(path), *command[1:], "--out", str(here), "--jobs", "1"]) == 0
    tables = {one.relative_to(here): one.read_bytes() for one in here.rglob("*.csv")}
    assert tables
    assert {one.relative_to(there): one.read_bytes() for one in there.rglob("*.csv")} == tables


@pytest.mark.slow
def test_lives_of_a_killed_worker_are_lived_by_the_other(address: str, case_folder: CaseFolder):
    distributed = pytest.importorskip("distributed")
    case = read_case(case_folder.write(two_stores))
    with distributed.Client(address, set_as_default=False) as client:
        victim = next(iter(client.run(os.getpid).values()))
    trials = [Trial("Short", 100.0 * size, 100.0) for size in range(2, 8)]
    killed: list[int] = []

    def kill_one() -> None:
        if not killed:
            killed.append(victim)
            os.kill(victim, signal.SIGKILL)

    with Bench(case, Workers(cluster=address)) as bench:
        there = [one.row for one in bench.ask(trials, kill_one)]
    assert killed
    with Bench(case) as bench:
        here = [one.row for one in bench.ask(trials)]
    pd.testing.assert_frame_equal(pd.DataFrame(there), pd.DataFrame(here), check_exact=True)


def test_case_with_other_files_is_refused_where_it_is_read(case_folder: CaseFolder):
    path = case_folder.write(two_stores)
    asked = question_of(read_case(path))
    assert [name for name, _ in asked.files] == ["load.csv"]
    (path.parent / "load.csv").write_text("start,load_kw\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"load.csv: is missing or another file on"):
        read_question(asked)


def test_case_read_elsewhere_is_found_from_any_working_folder(case_folder: CaseFolder, monkeypatch: pytest.MonkeyPatch):
    path = case_folder.write(two_stores)
    monkeypatch.chdir(path.parent)
    asked = question_of(read_case(Path(path.name)))
    monkeypatch.chdir("/")
    assert read_question(asked).title == "A sound case"
