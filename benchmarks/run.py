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
import without_foresight
from measure import Row, say, table

RESULTS = Path(__file__).parent / "RESULTS.md"
PHASES = ("stores", "plan_energy", "plan_demand", "program", "without_foresight", "live_through", "regulation", "start")
PEERS = ("highspy", "highspy-extras", "NREL-PySAM", "numba", "numpy")


def measured(phases: tuple[str, ...], quick: bool) -> list[Row]:
    """All rows, phase by phase."""
    rows: list[Row] = []
    highs_s = float("nan")
    if "stores" in phases:
        say("stores")
        rows += stores.rows(quick)
    if "plan_energy" in phases:
        say("plan, energy only")
        rows += plan_energy.rows(quick)
    if "plan_demand" in phases:
        say("plan, 12 demand charges")
        found, highs_s = plan_demand.rows(quick)
        rows += found
    if "program" in phases:
        say("replan by the general program")
        rows += program.rows(quick)
    if "without_foresight" in phases:
        say("without foresight")
        rows += without_foresight.rows(quick)
    if "live_through" in phases:
        say("whole life")
        rows += live_through.rows(quick, highs_s)
    if "regulation" in phases:
        say("regulation replay")
        rows += regulation.rows(quick)
    if "start" in phases:
        say("whole process")
        rows += start.rows(quick)
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
    phases = tuple(asked.phases) or PHASES
    text = f"{made_with(asked.quick)}\n\n{table(measured(phases, asked.quick))}\n"
    print(text)
    if phases == PHASES and not asked.quick:
        RESULTS.write_text(f"# Results of the last full run\n\n{text}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
