"""Life of nickel-hydrogen cells: tests that failed, tests still running, their scatter, the vendor's claim."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from perdure.quantities import Confidence
from perdure.technology.chemistries import nickel_hydrogen
from perdure.timeline import Floats
from validation.comparison import Comparison, values
from validation.tables import table

NAME = "nickel_hydrogen"
FIRST = "the first, separate run of the model"
RATED_SHARE = 1.15
"""Capacity of a new space cell over its rating: a test at a depth D of the rating fails at D / 1.15 of the new one."""
about: Callable[..., Comparison] = partial(Comparison, NAME)


def comparisons() -> list[Comparison]:
    """All of this subject."""
    return [*tests(), *scatter(), *claim(), *recalled()]


def cycles_to_failure(depth: Floats) -> Floats:
    """Cycles until the law after the 26 % KOH test leaves less than a depth of the rating (any shape)."""
    figures = nickel_hydrogen.ENTRY.ageing["aerospace_26koh"].figures
    fade = figures["fade_per_cycle"].value * depth ** figures["depth_exponent"].value
    return np.asarray((1.0 - depth / RATED_SHARE) / fade)


def tests() -> list[Comparison]:
    """Published tests by electrolyte and by whether the cells had failed."""
    life = table("nickel_hydrogen_life")
    failed, running = life[life["event"] == 1], life[life["event"] == 0]
    weak, strong = failed[failed["koh_pct"] == 26.0], failed[failed["koh_pct"] != 26.0]
    found = [
        _of(weak, "Cycles to failure, 26 % KOH", allowed=np.exp(0.8) - 1.0, allowed_by="scatter between cells",
            fitted_to="fade_per_cycle of aerospace_26koh", note="depth and temperature recalled"),
        _of(strong, "Cycles to failure, 31 % KOH", note="older electrolyte, for which no law is shipped: the law of "
            "26 % KOH promises more, as it should"),
    ]  # fmt: skip
    found.append(
        about(
            "Cycles without failure", f"{len(running)} tests reported while still running", "cycles",
            values(running["cycles"].to_numpy()),
            values(cycles_to_failure(running["dod"].to_numpy())), _sources(running), Confidence.PUBLISHED, allowed=0.0,
            allowed_by="the tests themselves", outside_high=(float("inf"),) * len(running), relative=True,
            at=values(running["dod"].to_numpy()), at_name="depth",
        )
    )  # fmt: skip
    return found


def _of(rows: pd.DataFrame, quantity: str, **more: object) -> Comparison:
    return about(
        quantity, "80 % depth, capacity at 1.4C", "cycles", values(rows["cycles"].to_numpy()),
        values(cycles_to_failure(rows["dod"].to_numpy())), _sources(rows), Confidence.PUBLISHED, relative=True,
        at=values(rows["dod"].to_numpy()), at_name="depth", **more,
    )  # fmt: skip


def _sources(rows: pd.DataFrame) -> str:
    return "; ".join(dict.fromkeys(str(one) for one in rows["source"]))


def scatter() -> list[Comparison]:
    """Scatter of ln(life) by two censored fits made anew: the depth slope of the law, and a free one."""
    life = table("nickel_hydrogen_life").dropna(subset=["koh_pct"])
    cycles, depth = life["cycles"].to_numpy(float), life["dod"].to_numpy(float)
    weak = (life["koh_pct"] < 30.0).to_numpy(float)
    failed = np.asarray(life["event"], dtype=np.float64)
    steep, gain = _censored_fit(np.log(cycles / cycles_to_failure(depth)), np.column_stack([weak]), failed)
    free, more = _censored_fit(np.log(cycles), np.column_stack([weak, np.log(depth / 0.8)]), failed)
    told = nickel_hydrogen.ENTRY.default_ageing.scatter
    assert told is not None
    return [
        about(
            "Standard deviation of ln(life)", "censored log-normal fits, depth by the law and free", "",
            (min(steep, free),), (told.value,), "fits made here to the tests above", Confidence.DERIVED,
            outside_high=(max(steep, free),), fitted_to="scatter",
            note=f"26 % KOH lives {np.exp(gain):.1f} or {np.exp(more):.1f} times as long as 31 %; all failures are at "
            "80 % depth, so no test tells the slope",
        )
    ]  # fmt: skip


def _censored_fit(logs: Floats, factors: Floats, failed: Floats) -> tuple[float, float]:
    """Standard deviation, and weight of the first factor, of a line through logs that may be censored from above."""
    from scipy.optimize import minimize
    from scipy.stats import norm

    def unlikely(guess: Floats) -> float:
        place = (logs - guess[1] - factors @ guess[2:]) / np.exp(guess[0])
        return -float(np.sum(np.where(failed > 0.0, norm.logpdf(place) - guess[0], norm.logsf(place))))

    start = np.array([-0.3, float(np.mean(logs)), 2.0, -1.0])[: 2 + factors.shape[1]]
    best = minimize(
        unlikely, start, method="Nelder-Mead", options={"maxiter": 20000, "xatol": 1e-7, "fatol": 1e-10}
    ).x  # fmt: skip
    return round(float(np.exp(best[0])), 3), float(best[2])


def claim() -> list[Comparison]:
    """What the vendor says, beside each law: they cannot all hold."""
    facts = table("nickel_hydrogen")
    row = facts[facts["id"] == "vendor_retention"].iloc[0]
    one, found = np.ones(1), []
    for name, law in nickel_hydrogen.ENTRY.ageing.items():
        cyclic = law.wears[0].cyclic
        assert cyclic is not None
        left = 100.0 * (1.0 - 30_000.0 * float(cyclic(one, 0.25 * one, 20.0 * one, 0.5 * one)[0]))
        found.append(
            about(
                "Capacity after 30,000 full cycles", f"law {name}", "%", (float(row["low"]),), (left,),
                str(row["source"]), Confidence.CLAIM,
                fitted_to="fade_per_cycle of vendor_claim" if name == "vendor_claim" else "",
            )
        )  # fmt: skip
    return found


def recalled() -> list[Comparison]:
    """Tests recalled and not seen."""
    life = table("nickel_hydrogen_life_recalled")
    part = life[(life["event"] == 1) & (life["koh_pct"] == 26)]
    return [
        about(
            "Cycles to failure, 26 % KOH, recalled", "NASA and Hughes tests", "cycles",
            values(part["cycles"].to_numpy()),
            values(cycles_to_failure(part["dod"].to_numpy())), "NASA Lewis, Crane and Hughes tests, recalled",
            Confidence.UNVERIFIED, at=values(part["dod"].to_numpy()), at_name="depth", relative=True,
        )
    ]  # fmt: skip
