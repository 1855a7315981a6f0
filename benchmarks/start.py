"""How long a user waits for the whole process, second start, so that compiled code is on disk. For information."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from measure import Row, say, seconds_of

PHASE = "whole process"
CASE = Path(__file__).parents[1] / "examples" / "wujin_factory" / "case.yaml"


def rows(quick: bool) -> list[Row]:
    """The help page, and the shipped example with its reports."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        told = [_row("perdure --help", ["--help"], 5, None)]
        if not CASE.exists():
            return [*told, Row(PHASE, "perdure run", "–", "not run", note="the example is missing")]
        words = ["run", str(CASE), "--out", str(out)]
        return [*told, _row("perdure run examples/wujin_factory/case.yaml", words, 1 if quick else 2, out)]


def _row(name: str, words: list[str], times: int, out: Path | None) -> Row:
    command = [sys.executable, "-c", "import sys; from perdure.cli import main; sys.exit(main())", *words]
    took = []
    for _ in range(times + 1):
        if out is not None:
            shutil.rmtree(out, ignore_errors=True)
        seconds, done = seconds_of(lambda: subprocess.run(command, capture_output=True, text=True, check=False))
        if done.returncode != 0:
            said = done.stderr.strip().splitlines()[-1][:80]
            return Row(PHASE, name, "–", f"ended with {done.returncode}", note=said)
        took.append(seconds)
    say(f"  {name}: first {took[0]:.3g} s, later {took[1:]}")
    return Row(PHASE, name, "–", f"{float(np.median(took[1:])):.2g} s", note="this machine; for information")
