"""A technology by what a user writes: a name of the catalogue, or the path of a datasheet file of their own."""

from __future__ import annotations

from pathlib import Path

from perdure.study.technology_file import read_technology
from perdure.technology.technology import TECHNOLOGIES, Technology

DATASHEET_SUFFIXES = (".yaml", ".yml")


def find_technology(written: str, place: str = "technology", folder: Path | None = None) -> Technology:
    """The technology meant; a path is taken from `folder`. InputError names the nearest match or the file's faults."""
    if written.lower().endswith(DATASHEET_SUFFIXES):
        return read_technology((folder or Path()) / written)
    return TECHNOLOGIES.find(written, place)
