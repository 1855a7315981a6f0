"""Digests that tell whether two runs are about the same thing: of data, of files, of perdure's own code."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from perdure.errors import Fault, InputError

LENGTH = 16
"""Hexadecimal digits kept: no two of a million cases meet by chance."""


def digest(data: Any) -> str:
    """Of plain data, whatever the order of its keys."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def file_digest(path: Path) -> str:
    """Of a file's content; empty where there is no such file."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:LENGTH]


def check_files(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    """InputError unless each file is the one whose digest is given, on whatever machine this runs."""
    wrong = [
        Fault(file, f"is missing or another file on {socket.gethostname()}", allowed="the file this was begun with",
              cure="All workers must see the case's folder under the same path, with the same files.")
        for file, digest in files
        if file_digest(folder / file) != digest
    ]  # fmt: skip
    if wrong:
        raise InputError(wrong, str(folder))


def files_named(data: Any, folder: Path) -> list[str]:
    """Every text in `data` that is the name of a file in or below `folder`, or a path to one; sorted."""
    return sorted({text for text in _texts(data) if _is_file(folder, text)})


def _is_file(folder: Path, text: str) -> bool:
    try:
        return bool(text) and "\n" not in text and (folder / text).is_file()
    except OSError:  # longer than a file's name can be
        return False


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list | tuple):
        inner: Iterable[Any] = data.values() if isinstance(data, dict) else data
        for one in inner:
            yield from _texts(one)


@cache
def code_digest() -> str:
    """Of perdure as installed: what computes and what it computes from."""
    root = Path(__file__).parents[2]
    files = sorted(path for ending in ("*.py", "*.yaml") for path in root.rglob(ending))
    return digest([(path.relative_to(root).as_posix(), file_digest(path)) for path in files])
