"""Reads the YAML of a case file strictly: no duplicate keys, no surprises of YAML 1.1, every value with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from perdure.errors import Fault, Faults, InputError, nearest


class _Loader(yaml.SafeLoader):
    """PyYAML with the plain scalars of YAML 1.2: `no`, `10:30` and `2024-01-01` are words, `1e3` is a number."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _starts in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9_]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?$|^[-+]?\.inf$|^\.nan$",
     "-+.0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("merge", r"^(?:<<)$", "<"),
):  # fmt: skip
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_starts))


@dataclass(frozen=True)
class CaseText:
    """A YAML file as read: the text, its data, and the line of every dotted path."""

    path: Path
    text: str
    data: dict[str, Any]
    lines: dict[str, int] = field(default_factory=dict)

    def line(self, place: str) -> int | None:
        """The line of a dotted path, or of the nearest part above it that the file has."""
        while place:
            if place in self.lines:
                return self.lines[place]
            place = re.sub(r"(?:\.?[^.\[\]]+|\[\d+\])$", "", place)
        return None


def read_text(path: Path, start: str = "'perdure init DIR' writes a case to start from.") -> CaseText:
    """The YAML file at `path` (`start`: how to get one); InputError with line numbers where it is not sound YAML."""
    if not path.is_file():
        names = [entry.name for entry in path.parent.iterdir() if entry.is_file()] if path.parent.is_dir() else []
        match = nearest(path.name, names)
        problem = "is a folder, not a file" if path.is_dir() else "file not found"
        cure = f"Did you mean '{match}'?" if match else start
        raise InputError([Fault(str(path), problem, cure=cure)])
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError([Fault(str(path), f"is not UTF-8 text: {error}", cure="Save the file as UTF-8.")]) from error
    return parse_text(text, path)


def parse_text(text: str, path: Path) -> CaseText:
    """The case written in `text`, said to lie at `path`; InputError with line numbers where it is not sound YAML."""
    faults = Faults(str(path))
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        lines: dict[str, int] = {}
        if root is not None:
            _walk(root, "", lines, faults)
        faults.raise_if_any()
        data = loader.construct_document(root) if root is not None else None
    except yaml.MarkedYAMLError as error:
        raise InputError([_fault(error, text)], str(path)) from error
    except yaml.YAMLError as error:
        raise InputError([Fault("YAML", str(error))], str(path)) from error
    finally:
        loader.dispose()
    if not isinstance(data, dict):
        raise InputError([Fault("case", "is not a mapping of keys to values", type(data).__name__,
                                cure="'perdure init DIR' writes a case to start from.")], str(path))  # fmt: skip
    return CaseText(path, text, data, lines)


def _walk(node: yaml.Node, place: str, lines: dict[str, int], faults: Faults) -> None:
    """Notes the line of each path and every key that comes twice (PyYAML would silently keep the last)."""
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            here = f"{place}[{index}]"
            lines[here] = item.start_mark.line + 1
            _walk(item, here, lines, faults)
    elif isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            here, line = f"{place}.{key.value}".lstrip("."), key.start_mark.line + 1
            if key.value in seen and key.value != "<<":
                faults.add(here, f"key comes twice, on lines {seen[key.value]} and {line}", cure="Keep one of them.")
            seen[str(key.value)] = line
            lines[here] = line
            _walk(value, here, lines, faults)


def _fault(error: yaml.MarkedYAMLError, text: str) -> Fault:
    mark = error.problem_mark or error.context_mark
    lines = text.splitlines()
    shown = lines[mark.line] if mark and mark.line < len(lines) else ""
    place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "YAML"
    tab = "Use spaces, not tabs, to indent. " if "\t" in shown else ""
    problem = " ".join(part for part in (error.context, error.problem) if part)
    return Fault(place, f"is not sound YAML: {problem}", repr(shown.strip()) if shown else None,
                 cure=f"{tab}Check indentation, colons and quotes near this line.")  # fmt: skip
