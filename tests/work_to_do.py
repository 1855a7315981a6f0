"""Tasks that worker processes can import: plain, dying, failing."""

import os
import signal
import sys
from pathlib import Path

from perdure.errors import Fault, InputError


def square(number: int) -> tuple[int, int]:
    """The square, and who computed it."""
    return number * number, os.getpid()


def die_once(task: tuple[int, str]) -> int:
    """The square of the number; the first process that gets number 5 is killed, as by a lack of memory."""
    return _kill_once(task, os.getpid())


def always_die(number: int) -> int:
    """Number 5 kills whoever computes it."""
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def refuse(number: int) -> int:
    """Number 3 is refused."""
    if number == 3:
        raise InputError([Fault("number", "is three")])
    return number


def already_loaded(module: str) -> bool:
    """Whether this process had the module before its first task."""
    return module in sys.modules


def orphan_once(task: tuple[int, str]) -> int:
    """The square of the number; the first process that gets number 5 kills the one that started it."""
    return _kill_once(task, os.getppid())


def _kill_once(task: tuple[int, str], process: int) -> int:
    number, folder = task
    flag = Path(folder, "died")
    if number == 5 and not flag.exists():
        flag.touch()
        os.kill(process, signal.SIGKILL)
    return number * number
