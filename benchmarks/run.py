"""Runs every phase beside its peers and prints one table of ratios."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import live_through
import plan_demand
import plan_energy
import program
import regulation
import start
import stores
import sweep
import without_foresight
from measure import Row, say, table

RESULTS = Path(__file__).parent / "RESULTS.md"
PHASES = (
    "stores",
    "plan_energy",
    "plan_demand",
    "program",
    "without_foresight",
    "live_through",
    "sweep",
    "regulation",
    "start",
)
PLAIN = {
    "stores": stores, "plan_energy": plan_energy, "program": program, "without_foresight": without_foresight,
    "sweep": sweep, "regulation": regulation, "start": start,
}  # fmt: skip
"""Phases that need nothing from another."""
PEERS = ("highspy", "highspy-extras", "NREL-PySAM", "numba", "numpy")


def measured(phases: tuple[str, ...], quick: bool) -> list[Row]:
    """All rows, phase by phase."""
    rows: list[Row] = []
    highs_s = float("nan")  # a year's plan by HiGHS: the demand phase measures it, the life is held against it
    for name in phases:
        say(name.replace("_", " "))
        if name == "plan_demand":
            found, highs_s = plan_demand.rows(quick)
            rows += found
        elif name == "live_through":
            rows += live_through.rows(quick, highs_s)
        else:
            rows += PLAIN[name].rows(quick)
    return rows


def made_with(quick: bool) -> str:
    """Date, versions, cores: what a reader needs to repeat the figures."""
    import perdure

    found = [f"perdure {perdure.__version__}", f"Python {platform.python_version()}"]
    for name in PEERS:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    how = "quick" if quick else "full"
    return f"{time.strftime('%Y-%m-%d')}, {how} run, {cores} cores. " + ", ".join(found) + "."


def main() -> int:
    """Measure, print, and keep the table of a whole full run."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("phases", nargs="*", metavar="phase", help=f"any of {', '.join(PHASES)}; default: all")
    reader.add_argument("--quick", action="store_true", help="under two minutes; fewer rounds, short lives")
    asked = reader.parse_args()
    unknown = sorted(set(asked.phases) - set(PHASES))
    if unknown:
        reader.error(f"no phase {', '.join(unknown)}; there are {', '.join(PHASES)}")
    phases = tuple(name for name in PHASES if name in asked.phases) or PHASES
    text = f"{made_with(asked.quick)}\n\n{table(measured(phases, asked.quick))}\n"
    print(text)
    if phases == PHASES and not asked.quick:
        RESULTS.write_text(f"# Results of the last full run\n\n{text}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
