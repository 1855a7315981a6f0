"""Many tasks on a Dask cluster: bounded, as completed, with clear words where it is not there or goes away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from perdure.errors import Fault, InputError, WorkerLostError

if TYPE_CHECKING:
    from distributed import Client

Task = TypeVar("Task")
Result = TypeVar("Result")

CONNECT_S, LOOK_S, ALONE_S = 10.0, 5.0, 60.0
"""Seconds to wait for the scheduler; between looks at the cluster; without any worker before giving up."""
IN_FLIGHT_PER_WORKER = 2
_ONE_AT_A_TIME = threading.Lock()
"""Solver and caches are used by one thread of a process at a time, however many threads a worker was given."""


def on_cluster(address: str, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[tuple[int, Result]]:
    """What `Workers.run` gives, from the workers of the scheduler at `address`; a dead worker's tasks move on."""
    client = _connect(address)
    under_way: dict[Any, int] = {}
    try:
        yield from _results(client, function, enumerate(tasks), under_way)
    finally:
        if client.status == "running":
            client.cancel(list(under_way))
        client.close(timeout=CONNECT_S)


def _results(
    client: Client, function: Callable[[Task], Result], source: Iterator[tuple[int, Task]], under_way: dict[Any, int]
) -> Iterator[tuple[int, Result]]:
    wanted = IN_FLIGHT_PER_WORKER * _workers(client)
    while True:
        while len(under_way) < wanted and (item := next(source, None)) is not None:
            # No key of its own content: a failed earlier run of the same task must not answer for this one.
            under_way[client.submit(_one, function, item[1], pure=False)] = item[0]
        if not under_way:
            return
        for future in _some_done(client, list(under_way)):
            index = under_way.pop(future)
            yield index, _result(future, index)
        wanted = IN_FLIGHT_PER_WORKER * max(_workers(client), 1)


def _some_done(client: Client, futures: list[Any]) -> list[Any]:
    """The futures that are done, at least one; WorkerLostError when the cluster has had no worker for a while."""
    from distributed import wait

    deadline = time.monotonic() + ALONE_S
    while True:
        try:
            with client.as_current():
                done = list(wait(futures, LOOK_S, "FIRST_COMPLETED").done)
            return done or [future for future in futures if future.done()]
        except TimeoutError:
            if client.status != "running":
                raise WorkerLostError("The cluster's scheduler went away. Start again when it is back.") from None
            if _workers(client):
                deadline = time.monotonic() + ALONE_S
            elif time.monotonic() > deadline:
                raise WorkerLostError(f"The cluster has had no worker for {ALONE_S:g} s. "
                                      "Start again when it has some.") from None  # fmt: skip


def _result(future: Any, index: int) -> Any:
    from concurrent.futures import CancelledError

    from distributed.scheduler import KilledWorker

    try:
        return future.result()
    except KilledWorker as error:
        raise WorkerLostError(f"Several workers died at task {index + 1}, most often because memory ran out. "
                              "Give each worker more memory.") from error  # fmt: skip
    except CancelledError as error:
        raise WorkerLostError("The cluster dropped a task: its scheduler went away. "
                              "Start again when it is back.") from error  # fmt: skip


def _workers(client: Client) -> int:
    return len(client.nthreads())


def _one(function: Callable[[Task], Result], task: Task) -> Result:
    with _ONE_AT_A_TIME:
        return function(task)


def _connect(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError as error:
        raise _fault("needs the packages dask and distributed", address,
                     "Install them: pip install 'perdure[cluster]'.") from error  # fmt: skip
    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False, name="perdure")
    except (OSError, ValueError, TypeError) as error:
        raise _fault("no Dask scheduler answers there", address,
                     "Start one with 'dask scheduler' and workers with 'dask worker ADDRESS --nthreads 1', "
                     "and give the address it prints, e.g. tcp://10.0.0.5:8786.") from error  # fmt: skip
    try:
        _check_workers(client, address)
    except BaseException:
        client.close()
        raise
    return client


def _check_workers(client: Client, address: str) -> None:
    """There must be workers, and each must have this version of perdure, or results would depend on who computed."""
    if not _workers(client):
        raise _fault("the scheduler has no workers", address, f"Start some: dask worker {address} --nthreads 1.")
    here = _version()
    for worker, there in client.run(_version, on_error="return").items():
        if there != here:
            what = f"has perdure {there}" if isinstance(there, str) else f"has no working perdure ({there})"
            cure = f"Install perdure {here} on every worker."
            raise _fault(f"the worker at {worker} {what}", address, cure)


def _version() -> str:
    from perdure import __version__
    from perdure.study.sweeping.fingerprint import code_digest

    return f"{__version__}, code {code_digest()}"


def _fault(problem: str, address: str, cure: str) -> InputError:
    return InputError([Fault("--cluster", problem, repr(address), "the address of a Dask scheduler", cure)])
