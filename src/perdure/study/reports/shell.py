"""What every page is wrapped in: templates, style, script and plotly.js in one file; nothing is loaded from afar."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from perdure.quantities import Language
from perdure.study.reports.words import say


def write_html(path: Path | str, template: str, language: Language, **values: Any) -> Path:
    """Write a template, filled with `values`, as one HTML file; returns where it lies."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(html(template, language, **values), encoding="utf-8")
    return target


def html(template: str, language: Language, **values: Any) -> str:
    """The whole page as text."""
    return _environment().get_template(template).render(
        language=language,
        say=lambda key, **words: say(key, language, **words),
        style=Markup(_part("page.css")),
        script=Markup(_part("page.js")),
        plotly=Markup(_plotly_source()),
        **values,
    )  # fmt: skip


@cache
def _plotly_source() -> str:
    """The plotly.js that comes with the installed plotly package."""
    return (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


def _part(name: str) -> str:
    """A file of the page's parts as text."""
    return (files(__package__) / "page_parts" / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    """The templates of the pages."""
    loader = PackageLoader("perdure.study.reports", "page_parts")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["figure_json"] = _figure_json
    return environment


def _figure_json(value: Any) -> Markup:
    """JSON that can stand inside a script element: no tag can be closed from within."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
