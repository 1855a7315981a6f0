"""Writes `docs/validation.md`, `docs/validation.csv` and the figures; keeps results whose data stand beside."""

from __future__ import annotations

import sys
from pathlib import Path

from validation.figures import write_all
from validation.page import page, rows
from validation.registry import KEPT, everything
from validation.tables import write_kept_where_possible

DOCS = Path(__file__).parents[1] / "docs"


def main() -> None:
    """All of it."""
    for name, compute in KEPT.items():
        write_kept_where_possible(name, compute)
    found = everything()
    (DOCS / "validation.md").write_text(page(found), encoding="utf-8")
    (DOCS / "validation.csv").write_text(rows(), encoding="utf-8")
    if not write_all(found):
        print("figures left as they are: install the extra `validation` to draw them", file=sys.stderr)
    for one in found:
        if not one.met:
            print(f"missed: {one.name}: {one.error:.3g}, allowed {one.allowed:.3g}", file=sys.stderr)


if __name__ == "__main__":
    main()
