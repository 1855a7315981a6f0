"""A year without foresight: rolling plans by the value of energy, in the closed loop with the physics, and one replan.

Targets are seconds on one core: a year of daily replans over 48 h, of hourly replans over 48 h, and a single replan.
"""

from __future__ import annotations

import time

import numpy as np
from factory import factory
from measure import Row, say, seconds_of

from perdure.dispatch.horizon import Horizon, Planner
from perdure.simulate.without_foresight import PERFECT, Rolling, regret
from perdure.site.site import Site

PHASE = "without foresight"
TARGETS_S = {24.0: 0.3, 1.0: 4.0}
REPLAN_MS = 1.0
NAMES = {24.0: "daily replans", 1.0: "hourly replans"}


def rows(quick: bool) -> list[Row]:
    """Seconds of a year by replan interval, milliseconds of a replan, and what the plans keep of the saving."""
    site = factory(demand_charge=True, technology="nickel_hydrogen")
    rounds = 1 if quick else 5
    Rolling(Horizon(replan_h=24.0)).run(site, _new())  # compiled code comes from disk
    told = [_year(site, replan_h, rounds) for replan_h in TARGETS_S]
    return [*told, _replan(site), *([] if quick else _kept(site))]


def _new():  # type: ignore[no-untyped-def]
    from perdure.technology.ageing import Health

    return Health()


def _year(site: Site, replan_h: float, rounds: int) -> Row:
    strategy, target = Rolling(Horizon(replan_h=replan_h)), TARGETS_S[replan_h]
    took = [seconds_of(lambda: strategy.run(site, _new()))[0] for _ in range(rounds)]
    seconds = float(np.median(took))
    say(f"  {NAMES[replan_h]}: {seconds:.3g} s")
    what = f"year, {NAMES[replan_h]} over 48 h"
    note = "forecasts, plans, physics and bill"
    return Row(PHASE, what, "–", f"{seconds:.2g} s", f"<= {target:g} s", seconds <= target, note)


def _replan(site: Site) -> Row:
    planner = Planner(site, Horizon())
    peaks = planner.floors_kw()
    numbers = range(4100, 4300)
    planner.replan(numbers[0], peaks)
    took = []
    for number in numbers:
        began = time.perf_counter()
        planner.replan(number, peaks)
        took.append(time.perf_counter() - began)
    found = float(np.median(took)) * 1e3
    return Row(PHASE, "one replan over 48 h", "–", f"{found:.2g} ms", f"<= {REPLAN_MS:g} ms", found <= REPLAN_MS)


def _kept(site: Site) -> list[Row]:
    """What is kept of perfect foresight's saving."""
    found = regret(site, [Rolling(Horizon(replan_h=step, control=control), f"{NAMES[step]}, {control}")
                          for step in TARGETS_S for control in ("value", "power")])  # fmt: skip
    table = found.table[found.table["strategy"] != PERFECT]
    return [
        Row(PHASE, str(one["strategy"]), PERFECT, f"{one['saving_share']:.0%} of the saving")
        for one in table.to_dict("records")
    ]
