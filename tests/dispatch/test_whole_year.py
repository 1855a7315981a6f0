"""A whole year at fifteen minutes with twelve demand charges: the exact method against HiGHS."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from perdure.dispatch import program
from perdure.dispatch.optimise import demand_cost, optimise
from perdure.study.case import read_case

EXAMPLE = Path(__file__).parents[2] / "examples" / "wujin_factory" / "case.yaml"


@pytest.mark.slow
def test_year_of_the_example_costs_what_highs_says():
    case = read_case(EXAMPLE)
    for candidate in case.candidates:
        site = case.site.with_plant(candidate.plant)
        schedule = optimise(site)
        rates = site.prices.peaks[0].rate_per_kw
        solved = program.solve(schedule.problem, rates, solver="simplex")
        assert isinstance(solved, program.Solved)
        assert schedule.cost == pytest.approx(solved.objective, rel=1e-9)
        imported = np.maximum(schedule.problem.net_kw + schedule.power_kw, 0.0)
        assert demand_cost(site.prices, imported) == pytest.approx(float(rates @ schedule.caps_kw), rel=1e-9)
