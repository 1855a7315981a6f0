"""An output folder that is either whole or not there: written beside its place, then moved into it."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from perdure.errors import Fault, InputError

LIBRARIES = ("numpy", "pandas", "numba", "highspy", "pvlib", "pyarrow", "pydantic")
"""Whose versions a result tells."""
MARK = "made_by.json"
"""A folder with this file holds perdure results and may be replaced by newer ones."""


def mark(folder: Path, command: str, about: str) -> None:
    """Note what made a folder, so that a later run of the command may replace it."""
    from perdure import __version__

    told = {"perdure": __version__, "command": command, "about": about}
    (folder / MARK).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def check_target(target: Path) -> None:
    """InputError unless `target` is absent, empty or holds earlier results."""
    if target.is_dir():
        if any(target.iterdir()) and not (target / MARK).exists():
            raise InputError([Fault("--out", "holds other files", repr(str(target)),
                                    "a new, empty or earlier results folder", "Name another folder.")])  # fmt: skip
    elif target.exists():
        raise InputError([Fault("--out", "is a file", repr(str(target)), "a folder", "Name another folder.")])


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A fresh folder to write into; it takes the place of `target` at the end, and vanishes if anything is raised."""
    check_target(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield fresh
        fresh.chmod(0o755)
        if target.is_dir():
            shutil.rmtree(target)
        fresh.rename(target)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
