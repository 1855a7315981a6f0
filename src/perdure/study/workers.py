"""Many tasks on many workers: in this process, on the cores of this machine, or on a Dask cluster."""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.connection import wait as wait_for_end
from multiprocessing.context import BaseContext
from typing import Any, Generic, TypeVar

from perdure.errors import Fault, InputError, WorkerLostError

Task = TypeVar("Task")
Result = TypeVar("Result")

TRIES = 3
"""A task whose worker died this often is given up; its last try is made alone, so that no other can be to blame."""
IN_FLIGHT_PER_WORKER = 2
"""One task at work, one waiting: memory stays small and no worker idles."""
_LOG = logging.getLogger("perdure")


@dataclass(frozen=True)
class Workers:
    """Where tasks are done: `jobs` processes of this machine, or the Dask scheduler at `cluster` (tcp://host:port)."""

    jobs: int = 1
    cluster: str | None = None

    def __post_init__(self) -> None:
        if self.jobs < 1:
            raise InputError([Fault("jobs", "is out of range", str(self.jobs), "at least 1",
                                    f"This machine has {os.cpu_count()} cores.")])  # fmt: skip

    @property
    def alone(self) -> bool:
        """Whether tasks are done in this process."""
        return self.jobs == 1 and self.cluster is None

    def make_ready(self) -> None:
        """Starts ahead what takes seconds to start, if anything: call it before the tasks are known."""
        if self.cluster is None and self.jobs > 1:
            _context()

    def run(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[tuple[int, Result]]:
        """(index of the task, what `function` gave for it), as they are completed.

        `function` must be importable by name, tasks and results picklable. Tasks are drawn one by one and few are
        under way at a time, so they may be many. What `function` raises is raised here and ends the run; so does a
        task whose worker died TRIES times (WorkerLostError). Leaving the loop early ends the workers.
        """
        if self.cluster is not None:
            from perdure.study.cluster import on_cluster

            yield from on_cluster(self.cluster, function, tasks)
        elif self.alone:
            for index, task in enumerate(tasks):
                yield index, function(task)
        else:
            yield from _Processes(self.jobs, function, enumerate(tasks)).results()


@dataclass
class _Processes(Generic[Task, Result]):
    """Tasks on a pool of processes that is made anew when one of them dies."""

    jobs: int
    function: Callable[[Task], Result]
    source: Iterator[tuple[int, Task]]
    pool: ProcessPoolExecutor | None = None
    under_way: dict[Future[Result], tuple[int, Task]] = field(default_factory=dict)
    again: deque[tuple[int, Task]] = field(default_factory=deque)
    suspects: deque[tuple[int, Task]] = field(default_factory=deque)
    deaths: Counter[int] = field(default_factory=Counter)

    def results(self) -> Iterator[tuple[int, Result]]:
        """As completed; the processes end with the generator, however it ends."""
        try:
            while self._hand_out():
                done, _ = wait(self.under_way, return_when=FIRST_COMPLETED)
                lost = []
                for future in done:
                    item = self.under_way.pop(future)
                    if isinstance(future.exception(), BrokenProcessPool):
                        lost.append(item)
                    else:
                        yield item[0], future.result()
                if lost:
                    yield from self._recover(lost)
        finally:
            _end(self.pool)

    def _hand_out(self) -> bool:
        """Fills the pool; False when everything is done. A suspect is given out only when nothing else is under way."""
        while len(self.under_way) < self.jobs * IN_FLIGHT_PER_WORKER:
            if self.suspects:
                if not self.under_way:
                    self._submit(self.suspects.popleft())
                break
            item = self.again.popleft() if self.again else next(self.source, None)
            if item is None or not self._submit(item):
                break
        return bool(self.under_way or self.again or self.suspects)

    def _submit(self, item: tuple[int, Task]) -> bool:
        if self.pool is None:
            self.pool = ProcessPoolExecutor(self.jobs, mp_context=_context(), initializer=_begin)
        try:
            self.under_way[self.pool.submit(_call, pickle.dumps((self.function, item[1])))] = item
        except BrokenProcessPool:
            self.again.appendleft(item)
            self._renew()
            return False
        return True

    def _recover(self, lost: list[tuple[int, Task]]) -> Iterator[tuple[int, Result]]:
        """After a death: what was ready is given, the rest is done again; WorkerLostError where that was in vain."""
        wait(self.under_way)
        for future, item in self.under_way.items():
            if isinstance(future.exception(), BrokenProcessPool):
                lost.append(item)
            else:
                yield item[0], future.result()
        self.under_way.clear()
        self._renew()
        for item in sorted(lost, key=lambda pair: pair[0]):
            self.deaths[item[0]] += 1
            if self.deaths[item[0]] >= TRIES:
                raise WorkerLostError(f"A worker died {TRIES} times at task {item[0] + 1}, the last time alone. {CURE}")
            (self.suspects if self.deaths[item[0]] == TRIES - 1 else self.again).append(item)
        _LOG.warning("A worker process died (out of memory?); %d tasks are done again.", len(lost))

    def _renew(self) -> None:
        _end(self.pool)
        self.pool = None


CURE = (
    "Most often memory ran out: use fewer jobs. In a script of your own, what starts workers must stand under "
    "if __name__ == '__main__'."
)


def _context() -> BaseContext:
    """How processes are started: where forking is sound, from a server that has loaded all once and holds no threads.

    Forking this process instead could hang what it forks: it may hold threads of a solver, a compiler or a terminal.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["perdure.study.worker_start"])
    # Inherited by the server: Ctrl-C is this process's to answer.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    _end_at_exit(getattr(forkserver, "_forkserver", None))
    return context


@cache
def _end_at_exit(server: Any) -> None:
    """The server would end by itself, but a moment after this process."""

    def end() -> None:
        if getattr(server, "_forkserver_pid", None) is not None:
            os.kill(server._forkserver_pid, signal.SIGTERM)
            server._stop()

    atexit.register(end)


def _end(pool: ProcessPoolExecutor | None) -> None:
    """Ends the processes at once, whatever they are doing: their results are not wanted any more."""
    if pool is None:
        return
    processes: list[Any] = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    # The pool's own thread reaps them too: a join here may return before it has noted the end.
    deadline = time.monotonic() + 5.0
    while any(process.is_alive() for process in processes) and time.monotonic() < deadline:
        time.sleep(0.01)


def _call(packed: bytes) -> Any:
    """Unpacked here, not by the pool: a module that cannot be imported is then told instead of ending the process."""
    function, task = pickle.loads(packed)
    return function(task)


def _begin() -> None:
    """In each process: Ctrl-C is the parent's to answer, and none outlives a parent that was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent.sentinel,), daemon=True).start()


def _leave_with(sentinel: int) -> None:
    wait_for_end([sentinel])
    os._exit(1)
