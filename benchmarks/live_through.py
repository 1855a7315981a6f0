"""Whole lives: 30 years planned, simulated, aged and billed, against SAM's battery and against one HiGHS plan.

Run as a program: `python live_through.py TECHNOLOGY YEARS` lives one life in a fresh process and prints a line of JSON.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from factory import ENERGY_KWH, factory
from measure import Row, at_least, say, seconds_of

PHASE = "whole life"
MOST_MEGABYTES = 400.0
YEARS, PEER_YEARS = 30, 25
TECHNOLOGIES = ("nickel_hydrogen", "lfp")


def rows(quick: bool, highs_s: float) -> list[Row]:
    """`highs_s`: seconds of one yearly HiGHS plan with demand charges, run just before."""
    years, peer_years = (3, 2) if quick else (YEARS, PEER_YEARS)
    lives = {name: [_life(name, years)] for name in TECHNOLOGIES}
    lives["nickel_hydrogen"].append(_life("nickel_hydrogen", years))
    told = [_against_plan(name, found[0], highs_s) for name, found in lives.items()]
    peer = _sam(peer_years)
    for name in TECHNOLOGIES:
        lives[name].append(_life(name, years))
    if peer is None:
        told.append(Row(PHASE, "–", "SAM (PySAM)", "not run", note="PySAM is not installed"))
    else:
        told += [_against_sam(name, found, peer) for name, found in lives.items()]
    return told + [_memory(name, found) for name, found in lives.items()]


def _life(name: str, years: int) -> dict[str, float]:
    return _child("live_through.py", name, str(years))


def _sam(years: int) -> dict[str, float] | None:
    return _child("sam.py", str(years)) if importlib.util.find_spec("PySAM") else None


def _child(program: str, *words: str) -> dict[str, float]:
    command = [sys.executable, str(Path(__file__).parent / program), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    say(f"  {program} {' '.join(words)}: {found['seconds']:.3g} s")
    return found


def _against_plan(name: str, life: dict[str, float], highs_s: float) -> Row:
    against = "one year's plan by HiGHS default, demand charges, no simulation"
    target = 1.0 if life["years"] == YEARS else None
    return at_least(PHASE, _title(name, life), against, highs_s / life["seconds"], target)


def _against_sam(name: str, lives: list[dict[str, float]], peer: dict[str, float]) -> Row:
    mine = float(np.median([life["seconds"] for life in lives]))
    steps = peer["steps"] / peer["years"]
    against = f"SAM battery, price-signal dispatch, {peer['years']:.0f} years of {steps:,.0f} steps"
    cycles = peer["discharged_kwh"] / peer["years"] / ENERGY_KWH
    note = f"whole runs, nothing scaled; SAM's bill not counted; its battery does {cycles:.0f} cycles a year"
    target = 100.0 if peer["years"] == PEER_YEARS else None
    return at_least(PHASE, _title(name, lives[0]), against, peer["seconds"] / mine, target, note)


def _memory(name: str, lives: list[dict[str, float]]) -> Row:
    most = max(life["peak_mb"] for life in lives)
    return Row(PHASE, _title(name, lives[0]), "peak memory of the whole process", f"{most:.0f} MB",
               f"< {MOST_MEGABYTES:g} MB", most < MOST_MEGABYTES)  # fmt: skip


def _title(name: str, life: dict[str, float]) -> str:
    return f"{name.replace('_', '-')}, {life['years']:.0f} years of {life['steps']:,.0f} steps"


def _live(name: str, years: int) -> dict[str, float]:
    """One life, kernels loaded beforehand by a year of it."""
    from perdure.simulate.lifetime import live_through

    site = factory(demand_charge=True, technology=name)
    live_through(site, years=1)
    seconds, life = seconds_of(lambda: live_through(site, years=years))
    return {"seconds": seconds, "years": len(life.years), "steps": site.timeline.steps, "peak_mb": peak_megabytes()}


def peak_megabytes() -> float:
    """Of this process alone: Linux's getrusage would count the parent's peak too."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) / 1024.0
    import resource

    per_megabyte = 1024.0**2 if sys.platform == "darwin" else 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / per_megabyte


if __name__ == "__main__":
    print(json.dumps(_live(sys.argv[1], int(sys.argv[2]))))
