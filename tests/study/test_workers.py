"""Workers: every task once, none lost with a worker, little under way, nothing left behind."""

import multiprocessing
import pickle
import sys

import pytest

from perdure.errors import InputError, WorkerLostError
from perdure.study.workers import IN_FLIGHT_PER_WORKER, Workers
from work_to_do import already_loaded, always_die, die_once, orphan_once, refuse, square


def test_one_job_works_in_this_process_and_in_order():
    found = list(Workers().run(square, range(4)))
    assert [index for index, _ in found] == [0, 1, 2, 3]
    assert {who for _, (_, who) in found} == {multiprocessing.current_process().pid}


def test_two_jobs_give_every_task_once_from_other_processes():
    found = dict(Workers(2).run(square, range(20)))
    assert {index: value for index, (value, _) in found.items()} == {n: n * n for n in range(20)}
    assert multiprocessing.current_process().pid not in {who for _, who in found.values()}


def test_few_tasks_are_drawn_ahead_of_the_results():
    drawn = []

    def tasks():
        for number in range(200):
            drawn.append(number)
            yield number

    for count, _ in enumerate(Workers(2).run(square, tasks()), 1):
        assert len(drawn) <= count + 2 * IN_FLIGHT_PER_WORKER + 2
    assert len(drawn) == 200


def test_tasks_of_a_killed_worker_are_done_again(tmp_path, caplog):
    found = dict(Workers(2).run(die_once, [(number, str(tmp_path)) for number in range(12)]))
    assert found == {n: n * n for n in range(12)}
    assert "A worker process died" in caplog.text


def test_task_that_kills_every_worker_is_named_and_ends_the_run():
    with pytest.raises(WorkerLostError, match="at task 6, the last time alone"):
        list(Workers(2).run(always_die, range(12)))
    assert not multiprocessing.active_children()


def test_what_a_task_raises_is_raised_here_and_the_processes_end():
    with pytest.raises(InputError, match="is three"):
        list(Workers(2).run(refuse, range(12)))
    assert not multiprocessing.active_children()


def test_function_that_cannot_be_imported_there_is_told_as_such():
    def local(number: int) -> int:
        return number

    with pytest.raises((AttributeError, pickle.PicklingError)):
        list(Workers(2).run(local, range(3)))


def test_leaving_the_loop_early_ends_the_processes():
    for _ in (running := Workers(2).run(square, range(1000))):
        break
    running.close()
    assert not multiprocessing.active_children()


def test_no_jobs_is_refused_with_the_range():
    with pytest.raises(InputError, match="at least 1"):
        Workers(0)


def test_missing_extra_names_its_cure(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'perdure\[cluster\]'"):
        list(Workers(cluster="tcp://127.0.0.1:8786").run(square, [1]))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x", "8786"])
def test_address_without_scheduler_is_told_with_its_cure(address, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("perdure.study.cluster.CONNECT_S", 1.0)
    with pytest.raises(InputError, match=r"no Dask scheduler answers there.*dask scheduler"):
        list(Workers(cluster=address).run(square, [1]))


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every worker loads by itself")


@on_linux
def test_workers_begin_with_all_loaded():
    modules = ["perdure.study.evaluate", "perdure.study.sweeping.rows", "perdure.dispatch.exact", "highspy"]
    assert dict(Workers(2).run(already_loaded, modules)) == dict.fromkeys(range(4), True)


@on_linux
def test_run_is_completed_though_the_process_that_starts_workers_is_killed(tmp_path):
    found = dict(Workers(2).run(orphan_once, [(number, str(tmp_path)) for number in range(12)]))
    assert found == {n: n * n for n in range(12)}
    assert (tmp_path / "died").exists()


def test_making_ready_ahead_starts_nothing_where_no_process_is_needed(monkeypatch):
    monkeypatch.setattr("perdure.study.workers._context", lambda: pytest.fail("was started"))
    Workers().make_ready()
    Workers(cluster="tcp://127.0.0.1:8786").make_ready()
