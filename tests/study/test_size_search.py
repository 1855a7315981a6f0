"""`size` against brute force, and what it must respect: modules, bounds, targets, and that none may be best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from perdure.errors import InputError
from perdure.study.evaluate import Bench, Evaluated, Trial
from perdure.study.reports import size_figures
from perdure.study.reports.size_page import remarks
from perdure.study.sizing.axes import axes_of, nice
from perdure.study.sizing.size import score, size, stores_of, with_by
from study.size_cases import small_case

BOUNDS = {"energy_kwh": (100.0, 1200.0), "power_kw": (50.0, 400.0), "energy_step_kwh": 100.0, "power_step_kw": 50.0,
          "tolerance": 0.001}  # fmt: skip
SEEDS = [pytest.param(1), *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3, 4, 5))]


@pytest.mark.parametrize("seed", SEEDS)
def test_search_finds_the_best_of_all_sizes_within_one_module(seed: int):
    case = small_case(seed, **BOUNDS)
    found = size(case, "Store")
    axes = axes_of(case, case.candidates[0], case.size)
    points = [(i, j, 0, 0) for i in range(1, 13) for j in range(1, 9)]
    allowed = [one for one in points if axes.allowed(one)]
    with Bench(case) as bench:
        lived = dict(zip(allowed, bench.ask([axes.trial(one, 0.0) for one in allowed]), strict=True))
    best = max(allowed, key=lambda one: lived[one].npv)
    own = found.surface[found.surface["best"] == 1].iloc[0]
    assert abs(own["modules"] - best[0]) <= 1
    assert abs(own["power_steps"] - best[1]) <= 1
    assert found.best is not None
    assert found.best.npv == pytest.approx(lived[best].npv, abs=2e-3 * lived[best].row["investment"])
    assert 1 < best[0] < 12, "the site must not drive the best size to a bound"


def test_every_size_lived_is_whole_modules_within_bounds():
    found = size(small_case(**BOUNDS), "Store")
    table = found.surface
    assert np.allclose(table["energy_kwh"] % 100.0, 0.0)
    assert np.allclose(table["power_kw"] % 50.0, 0.0)
    assert table["energy_kwh"].between(100.0, 1200.0).all()
    assert table["power_kw"].between(50.0, 400.0).all()
    low, high = found.store.plant.technology.power_range_per_h
    assert (table["power_kw"] / table["energy_kwh"]).between(low - 1e-9, high + 1e-9).all()
    assert not table.duplicated(["energy_kwh", "power_kw", "wear_price_per_kwh"]).any()
    assert table["best"].sum() == 1
    assert table.loc[table["best"] == 1, "npv"].iloc[0] == table["npv"].max()


def test_dear_stores_are_worth_less_than_none():
    found = size(small_case(cost_share=40.0, tolerance=0.1), "Store")
    assert found.none_is_best
    assert "none_is_best" in found.remarks
    assert found.surface["npv"].max() < 0.0


def test_default_module_is_a_part_of_the_technology():
    case = small_case()
    axes = axes_of(case, case.candidates[0], case.size)
    technology = case.candidates[0].plant.technology
    assert axes.module_name in [one.name for one in technology.levels]
    assert axes.module_kwh in technology.level_kwh
    assert nice(4.6) == 2.0
    assert nice(50.0) == 50.0


def test_result_does_not_depend_on_what_was_asked_before():
    case = small_case(years=1, **(BOUNDS | {"tolerance": 0.1}))
    alone = size(case, "Store")
    with Bench(case) as bench:
        bench.ask([Trial("Store", 400.0, 100.0)])
        again = size(case, "Store", bench=bench)
    told = alone.surface.drop(columns=["irr_status"]), again.surface.drop(columns=["irr_status"])
    assert told[0].equals(told[1])


def test_levelised_cost_is_lowest_where_it_says():
    found = size(small_case(by="lcos", tolerance=0.1), "Store")
    table = found.surface
    assert table.loc[table["best"] == 1, "lcos_per_kwh"].iloc[0] == table["lcos_per_kwh"].min()


def test_autonomy_sets_the_least_energy_of_a_worn_store():
    hours, critical = 5.0, 60.0
    case = small_case(by="autonomy_hours", autonomy_hours=hours, critical_kw=critical, tolerance=0.1, cost_share=8.0)
    found = size(case, "Store")
    assert found.best is not None
    worn = found.store.plant.technology.end_of_life_capacity_share
    assert found.best.trial.energy_kwh * worn > hours * critical
    assert found.best.trial.power_kw >= critical
    assert found.surface["energy_kwh"].min() * worn > hours * critical


def test_peak_asked_is_kept_in_every_month():
    free = small_case(1)
    peak = 0.9 * float(free.site.net_kw.max())
    found = size(small_case(1, by="peak_kw", peak_kw=peak, tolerance=0.1), "Store")
    assert found.best is not None
    assert found.best.row["peak_kw"] <= peak * (1.0 + 1e-6)
    refused = found.surface[found.surface["why"] != ""]
    assert len(refused), "small stores cannot keep the peak"
    assert refused["npv"].isna().all()


def test_more_generation_is_bought_where_it_is_cheap_and_not_where_it_is_dear():
    def best_share(cost: float) -> float:
        more = {"shares": [0.5, 1, 2], "rated_kw": 100, "cost_per_kw": cost}
        case = small_case(3, years=1, **(BOUNDS | {"tolerance": 0.2, "generation": more}))
        found = size(case, "Store")
        assert found.best is not None
        return found.best.trial.generation_share

    assert best_share(0.0) == 2.0
    assert best_share(1e5) == 0.5


def test_faults_are_told_with_their_place():
    case = small_case()
    with pytest.raises(InputError, match="no such candidate"):
        stores_of(case, ["Stroe"])
    with pytest.raises(InputError, match="by peak_kw without peak_kw"):
        with_by(case.size, by="peak_kw")
    with pytest.raises(InputError, match="--target"):
        with_by(case.size, target=4.0)
    with pytest.raises(InputError, match="leaves no size"):
        size(small_case(energy_kwh=(1000.0, 1100.0), power_kw=(1.0, 2.0)), "Store")
    with pytest.raises(InputError, match="critical_kw"):
        size(small_case(by="autonomy_hours", autonomy_hours=4.0), "Store")
    with pytest.raises(InputError, match="need more of Store"):
        size(small_case(by="autonomy_hours", autonomy_hours=4.0, critical_kw=500.0, energy_kwh=(1.0, 100.0)), "Store")


def test_size_without_a_plan_ranks_below_every_loss():
    case = small_case()
    with Bench(case) as bench:
        good, none = bench.ask([Trial("Store", 400.0, 100.0), Trial("Store", 400.0, 100.0, import_limit_kw=10.0)])
    assert none.why
    assert score(none, "npv") < score(good, "npv")
    assert score(none, "irr") < score(good, "irr")


class Drawn:
    """A bench whose lives are drawn on paper: value by energy and power, no life is lived."""

    def __init__(self, value: Callable[[float, float], float]):
        self.value = value

    def ask(self, trials: Sequence[Trial], heard: Callable[[], None] | None = None) -> list[Evaluated]:
        return [Evaluated(one, self.row(one)) for one in trials]

    def row(self, trial: Trial) -> dict[str, float | None]:
        npv = self.value(trial.energy_kwh, trial.power_kw)
        return {"npv": npv, "investment": 2.0 * trial.energy_kwh + trial.power_kw, "irr": None, "payback_years": None,
                "lcos_per_kwh": None, "import_limit_kw": 2000.0}  # fmt: skip


def hill(energy: float, power: float, height: float, width: float = 0.5) -> Callable[[float, float], float]:
    """A round hill on logarithmic axes."""
    return lambda e, p: height * float(np.exp(-(np.log(e / energy) ** 2 + np.log(p / power) ** 2) / width))


FINE = {"energy_kwh": (10.0, 1000.0), "power_kw": (2.0, 1000.0), "energy_step_kwh": 1.0, "power_step_kw": 0.5}


def test_smooth_surface_takes_few_lives_to_a_hundredth():
    for energy, power in ((73.0, 31.0), (400.0, 140.0), (220.0, 40.0)):
        found = size(small_case(**FINE), "Store", bench=Drawn(hill(energy, power, 1000.0)))  # type: ignore[arg-type]
        assert found.best is not None
        assert found.best.trial.energy_kwh == pytest.approx(energy, rel=0.01)
        assert found.best.trial.power_kw == pytest.approx(power, rel=0.01)
        assert found.lives <= 45
        assert (found.surface["phase"] == "coarse").sum() <= 16


def test_higher_hill_is_found_though_a_coarse_point_of_another_is_higher():
    low, high = hill(25.0, 12.5, 90.0, 1.0), hill(500.0, 120.0, 120.0, 0.25)
    found = size(small_case(**FINE), "Store", bench=Drawn(lambda e, p: low(e, p) + high(e, p)))  # type: ignore[arg-type]
    coarse = found.surface[found.surface["phase"] == "coarse"]
    assert coarse.loc[coarse["npv"].idxmax(), "energy_kwh"] < 100.0
    assert found.best is not None
    assert found.best.trial.energy_kwh == pytest.approx(500.0, rel=0.01)
    assert found.lives <= 70


def test_rugged_surface_is_climbed_by_its_neighbours():
    def value(energy: float, power: float) -> float:
        return -abs(energy - 150.0) - 0.5 * abs(power - 60.0) - (3.0 if energy % 3.0 else 0.0)

    found = size(small_case(**(FINE | {"tolerance": 0.0001})), "Store", bench=Drawn(value))  # type: ignore[arg-type]
    assert found.best is not None
    assert (found.best.trial.energy_kwh, found.best.trial.power_kw) == (150.0, 60.0)


def test_stores_beside_are_told_to_stay_as_they_are():
    case = small_case(**FINE)
    other = replace(case.candidates[0], name="Flywheel", plant=replace(case.candidates[0].plant, name="Flywheel"))
    store = replace(case.candidates[0], beside=(other,))
    found = size(case, store, bench=Drawn(hill(73.0, 31.0, 1000.0)))  # type: ignore[arg-type]
    assert "beside" in found.remarks
    for language, told in (("en", "only this store is sized"), ("zh", "仅对该储能进行规模寻优")):
        said = " ".join(remarks([found], language))
        assert told in said
        assert "Flywheel (400" in said


def test_surface_draws_no_line_past_the_lives_along_its_edge():
    """Three lives nearly on one line at the lower edge: between the outer two the middle one counts."""
    places = np.array([[0.0, 0.0], [0.5, 0.505], [1.0, 1.0], [0.0, 0.6], [0.5, 1.0], [1.0, 1.4]])
    value = np.array([1.0, 3.0, -3.0, 1.0, 3.0, -3.0])
    drawn = size_figures._between(places, value)
    middle = drawn[:, drawn.shape[1] // 2]
    known = middle[np.isfinite(middle)]
    assert known.size > 10
    assert known.min() > 2.8


def test_surface_of_lives_on_one_line_is_empty():
    places = np.array([[0.0, 0.0], [0.5, 0.0], [1.0, 0.0], [2.0, 0.0]])
    assert np.isnan(size_figures._between(places, np.ones(4))).all()
