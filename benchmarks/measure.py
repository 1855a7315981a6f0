"""How things are timed and told: ratios of what ran side by side, as rows of one table."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Row:
    """One line of the table. `figure`: how it reads; `met`: None where there is no target."""

    phase: str
    what: str
    against: str
    figure: str
    target: str = "–"
    met: bool | None = None
    note: str = ""


@dataclass(frozen=True)
class Trial:
    """A peer's runs: seconds of each, perdure's seconds just before and after each, and what it answered."""

    seconds: tuple[float, ...]
    ours: tuple[float, ...]
    answers: tuple[Any, ...]

    def ratio(self, theirs: tuple[float, ...] | None = None) -> float:
        """Median over the rounds of peer's seconds (or `theirs`) over perdure's."""
        return float(np.median(np.array(theirs or self.seconds) / np.array(self.ours)))


def say(text: str) -> None:
    """Progress on the error stream: seconds of this machine belong there, not in the table."""
    print(text, file=sys.stderr, flush=True)


def seconds_of(work: Callable[[], Any]) -> tuple[float, Any]:
    """How long one call takes, and its answer."""
    began = time.perf_counter()
    answer = work()
    return time.perf_counter() - began, answer


def side_by_side(
    ours: Callable[[], Any], peers: dict[str, Callable[[], Any]], rounds: int, repeats: int = 10
) -> dict[str, Trial]:
    """Run perdure, a peer, perdure, the next peer, ... `rounds` times over: the machine's speed drifts.

    Each peer run is held against the median of the perdure runs around it, `repeats` before and as many after.
    """
    seconds: dict[str, list[float]] = {name: [] for name in peers}
    beside: dict[str, list[float]] = {name: [] for name in peers}
    answers: dict[str, list[Any]] = {name: [] for name in peers}
    before = [seconds_of(ours)[0] for _ in range(repeats)]
    for _ in range(rounds):
        for name, peer in peers.items():
            took, answer = seconds_of(peer)
            after = [seconds_of(ours)[0] for _ in range(repeats)]
            mine = float(np.median(before + after))
            before = after
            say(f"  {name}: {took:.3g} s, perdure beside it {mine:.3g} s")
            seconds[name].append(took)
            beside[name].append(mine)
            answers[name].append(answer)
    return {name: Trial(tuple(seconds[name]), tuple(beside[name]), tuple(answers[name])) for name in peers}


def at_least(phase: str, what: str, against: str, ratio: float, target: float | None, note: str = "") -> Row:
    """A row that says how many times faster, and whether that is enough."""
    told = f"{ratio:.0f} x" if ratio >= 20 else f"{ratio:.1f} x"
    if target is None:
        return Row(phase, what, against, told, note=note)
    return Row(phase, what, against, told, f">= {target:g} x", ratio >= target, note)


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    words = {True: "yes", False: "**no**", None: "–"}
    lines = ["| phase | perdure | against | figure | target | met | note |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {row.phase} | {row.what} | {row.against} | {row.figure} | {row.target} | {words[row.met]} | {row.note} |"
        for row in rows
    ]
    return "\n".join(lines)
