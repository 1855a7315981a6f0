"""What every chemistry of the catalogue must keep, and the proof that a new one is a single file."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from perdure.quantities import Confidence, Sourced
from perdure.technology.ageing import Stress
from perdure.technology.response_map import ResponseMap, response_map
from perdure.technology.technology import TECHNOLOGIES, Rating, Response, Technology

MODULES = {
    name: importlib.import_module(type(TECHNOLOGIES.find(name).physics).__module__) for name in TECHNOLOGIES.names()
}
AGED = (0.0, 0.5, 1.0)
EDGES = (-40.0, -30.0, 0.0, 25.0, 45.0, 60.0, 70.0)


def grid(technology: Technology, temperatures: tuple[float, ...] | None = None) -> list[Any]:
    """State of charge, temperature and power over all the map may ask."""
    most = technology.largest_rating
    low, high = technology.temperature_range_c
    warm = temperatures or tuple(np.linspace(low, high, 8))
    return np.meshgrid(np.linspace(0.0, 1.0, 21), warm, _powers(most.discharge_per_h, most.charge_per_h), indexing="ij")


def _powers(discharge: float, charge: float) -> Any:
    """Twelve discharging powers up to 1.2 times the rating, zero, twelve charging ones."""
    return np.concatenate([np.linspace(-1.2 * discharge, 0.0, 13)[:-1], np.linspace(0.0, 1.2 * charge, 13)])


def fields(response: Response) -> dict[str, Any]:
    names = ("loss_kw", "self_discharge_kw", "heat_kw", "voltage_v", "pressure_bar", "auxiliary_kw")
    return {name: value for name in names if (value := getattr(response, name)) is not None}


def check_losses_are_never_negative(module: ModuleType) -> None:
    technology: Technology = module.ENTRY
    for aged in AGED:
        response = technology.physics.respond(*grid(technology, EDGES), aged)
        assert response.loss_kw.min() >= -1e-12
        assert response.self_discharge_kw.min() >= 0.0
        if response.auxiliary_kw is not None:
            assert response.auxiliary_kw.min() >= 0.0
            assert np.all(response.auxiliary_kw <= response.loss_kw + 1e-12)


def check_everything_is_finite_at_the_edges(module: ModuleType) -> None:
    technology: Technology = module.ENTRY
    most = technology.largest_rating
    soc, celsius, _ = np.meshgrid([0.0, 1.0], EDGES, [0.0])
    for aged in AGED:
        for share in (-1.2, -0.5, -1e-9, 0.0, 1e-9, 0.5, 1.2):
            power = share * (most.charge_per_h if share > 0 else most.discharge_per_h)
            response = technology.physics.respond(soc, celsius, np.full(soc.shape, power), aged)
            assert all(np.isfinite(value).all() for value in fields(response).values())
            assert all(
                np.broadcast_shapes(np.shape(value), soc.shape) == soc.shape for value in fields(response).values()
            )


def check_loss_does_not_jump_at_rest(module: ModuleType) -> None:
    technology: Technology = module.ENTRY
    soc, celsius, _ = grid(technology)
    rest, charge, discharge = (
        technology.physics.respond(soc, celsius, np.full(soc.shape, power), 0.0).loss_kw for power in (0.0, 1e-9, -1e-9)
    )
    np.testing.assert_allclose(charge, rest, atol=1e-6)
    np.testing.assert_allclose(discharge, rest, atol=1e-6)


def check_heat_and_loss_differ_only_by_what_the_reaction_binds(module: ModuleType) -> None:
    """Heat less losses goes with the stored energy alone, at one state the same share whatever the power."""
    technology: Technology = module.ENTRY
    soc, celsius, power = grid(technology)
    response = technology.physics.respond(soc, celsius, power, 0.0)
    dissipated = response.loss_kw + response.self_discharge_kw
    stored = power - dissipated
    bound = response.heat_kw - dissipated
    share = bound[..., -1:] / stored[..., -1:]
    np.testing.assert_allclose(bound, share * stored, atol=1e-9)


def check_a_round_trip_returns_to_its_start_and_loses_energy(module: ModuleType) -> None:
    technology: Technology = module.ENTRY
    physics, most = technology.physics, technology.largest_rating
    soc = np.linspace(0.1, 0.9, 401)
    energy = physics.energy_share(soc)
    spent = []
    for sign, rate in ((1.0, 0.5 * most.charge_per_h), (-1.0, 0.5 * most.discharge_per_h)):
        response = physics.respond(soc, np.full(soc.shape, 25.0), np.full(soc.shape, sign * rate), 0.0)
        moved = sign * rate - response.loss_kw - response.self_discharge_kw
        assert np.all(sign * moved > 0.0)
        spent.append(np.trapezoid(rate / np.abs(moved), energy))
    assert 0.3 < spent[1] / spent[0] < 1.0


def check_stored_energy_rises_from_nothing_to_one(module: ModuleType) -> None:
    share = module.ENTRY.physics.energy_share(np.linspace(0.0, 1.0, 501))
    assert share[0] == 0.0
    assert share[-1] == pytest.approx(1.0, abs=1e-12)
    assert np.all(np.diff(share) > 0.0)


def check_limits_hold(module: ModuleType) -> None:
    technology: Technology = module.ENTRY
    celsius = np.linspace(-40.0, 70.0, 45)
    low, high = technology.physics.soc_limits(celsius)
    assert np.all(low >= 0.0)
    assert np.all(low < high)
    assert np.all(high <= 1.0)
    soc, warm = np.meshgrid(np.linspace(0.0, 1.0, 21), celsius, indexing="ij")
    limits = [technology.physics.power_limits(soc, warm, aged) for aged in (0.0, 1.0)]
    for fresh, aged in zip(*limits, strict=True):
        assert np.all(np.isfinite(fresh) & (fresh >= 0.0))
        # a steeper voltage under charge carries more power at the same current, up to a tenth
        assert np.all(aged <= 1.1 * fresh + 1e-9)
    inside = (soc > 0.3) & (soc < 0.9) & (np.abs(warm - 22.0) < 6.0)
    most = technology.largest_rating
    for side, rate in zip(limits[0], (most.discharge_per_h, most.charge_per_h), strict=True):
        assert np.all(side[inside] >= rate)


def check_power_at_the_limit_is_carried(module: ModuleType) -> None:
    """At the limits the terminal voltage is the model's own, not the held one: power follows from a real current."""
    technology: Technology = module.ENTRY
    soc, warm = np.meshgrid(np.linspace(0.05, 0.95, 10), np.linspace(*technology.temperature_range_c, 9), indexing="ij")
    for aged in (0.0, 1.0):
        for sign, limit in zip((-1.0, 1.0), technology.physics.power_limits(soc, warm, aged), strict=True):
            loss = technology.physics.respond(soc, warm, sign * limit, aged).loss_kw
            assert np.all(loss <= 0.5 * limit + technology.physics.respond(soc, warm, 0.0 * limit, aged).loss_kw + 1e-3)


def days_of_cycles(step_h: float, days: int = 60) -> Stress:
    """One full cycle a day (6 h up, 6 h rest, 6 h down, 6 h rest) with warm afternoons, as a run would report it."""
    hours = np.arange(0.0, 24.0 * days, step_h) + step_h / 2.0
    day = hours % 24.0
    soc = np.interp(day, [0.0, 6.0, 12.0, 18.0, 24.0], [0.1, 0.9, 0.9, 0.1, 0.1])
    celsius = 24.0 + 6.0 * np.sin(2.0 * np.pi * day / 24.0)
    one = np.ones(2 * days)
    return Stress(step_h, soc, celsius, 0.8 * one, 0.5 * one, 0.15 * one, 24.0 * one, 0.5 * one)


def check_ageing_never_heals(module: ModuleType) -> None:
    for law in module.ENTRY.ageing.values():
        cold_and_hot = replace(days_of_cycles(0.5), temperature_c=np.linspace(-30.0, 60.0, 60 * 48))
        odd = np.array([1e-4, 0.01, 0.3, 1.0])
        corners = replace(cold_and_hot, depth=odd, mean_soc=odd / 2, rate_per_h=np.array([0.0, 0.5, 1.0, 3.0]),
                          cycle_temperature_c=np.array([-30.0, 10.0, 40.0, 60.0]), weight=np.full(4, 0.5))  # fmt: skip
        for stress in (days_of_cycles(0.5), corners):
            step = law.increments(stress)
            assert np.all(np.isfinite(step) & (step >= 0.0))
            early, late = law.health(step), law.health(2.0 * step)
            assert late.capacity_share <= early.capacity_share < 1.0
            assert late.impedance_share >= early.impedance_share >= 0.0


def check_ageing_does_not_depend_on_the_time_step(module: ModuleType) -> None:
    for law in module.ENTRY.ageing.values():
        quarter, half, hour = (law.health(20.0 * law.increments(days_of_cycles(step))) for step in (0.25, 0.5, 1.0))
        for other in (half, hour):
            assert 1.0 - other.capacity_share == pytest.approx(1.0 - quarter.capacity_share, rel=0.01)
            assert other.impedance_share == pytest.approx(quarter.impedance_share, rel=0.01)


def check_every_figure_has_source_and_confidence(module: ModuleType) -> None:
    for name, figure in module.ENTRY.all_figures().items():
        assert len(figure.source) > 5 or figure.source == "resistive", name
        assert isinstance(figure.confidence, Confidence), name
        assert np.isfinite(figure.value), name
        if figure.low is not None and figure.high is not None:
            assert figure.low <= figure.value <= figure.high, name


def check_costs_name_their_range(module: ModuleType) -> None:
    for one in module.ENTRY.costs.values():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in one.title["zh"])
        for name, figure in one.figures().items():
            assert figure.low is not None, name
            assert figure.high is not None, name
            assert figure.year is not None, name


def check_default_ageing_is_no_claim(module: ModuleType) -> None:
    assert all(one.confidence is not Confidence.CLAIM for one in module.ENTRY.default_ageing.figures.values())


def check_words_are_in_both_languages(module: ModuleType) -> None:
    technology: Technology = module.ENTRY
    for words in (technology.title, technology.summary, *(law.title for law in technology.ageing.values())):
        assert words["en"]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in words["zh"])
    assert technology.measured_on
    assert technology.sensitive_to
    assert technology.not_valid_for


def interpolated(table: ResponseMap, values: np.ndarray, *places: np.ndarray) -> np.ndarray:
    """Multilinear between the nodes of stored share, temperature and power."""
    corners = []
    for place, axis in zip(places, (table.shares, table.temperatures, table.powers), strict=True):
        node = np.clip(np.searchsorted(axis, place, side="right") - 1, 0, len(axis) - 2)
        at = node + (place - axis[node]) / (axis[node + 1] - axis[node])
        corners.append(((node, 1.0 - (at - node)), (node + 1, at - node)))
    return sum(wi * wj * wk * values[i, j, k] for (i, wi), (j, wj), (k, wk) in product(*corners))


def check_map_follows_the_functions(module: ModuleType) -> None:
    """Every state inside the limits within 0.5 % of rated power: losses, heat, and what slow states move by an hour."""
    technology: Technology = module.ENTRY
    table, most = response_map(technology), technology.largest_rating
    random = np.random.default_rng(1)
    ranges = ((0.0, 1.0), technology.temperature_range_c, (-most.discharge_per_h, most.charge_per_h))
    share, celsius, power = (random.uniform(low, high, 40_000) for low, high in ranges)
    rated = np.where(power < 0.0, most.discharge_per_h, most.charge_per_h)
    soc = table.soc(share)
    low, high = technology.physics.soc_limits(celsius)
    most = technology.physics.power_limits(soc, celsius, 0.0)
    allowed = (soc > low) & (soc < high) & (power >= -most[0]) & (power <= most[1])
    response = technology.physics.respond(soc, celsius, power, 0.0)
    pairs = [(table.tables.loss[0], response.loss_kw), (table.tables.heat[0], response.heat_kw)]
    for n, slow in enumerate(technology.slow_states):
        pairs.append((table.tables.slow_growth[n], slow.growth_per_h(soc, celsius, power)))
    for values, exact in pairs:
        error = np.abs(interpolated(table, values, share, celsius, power) - exact) / rated
        assert error[allowed].max() < 0.005


def check_the_map_says_when_it_is_asked_outside(module: ModuleType) -> None:
    table = response_map(module.ENTRY)
    inside = table.outside(np.array([20.0]), np.array([0.0]))
    hot = table.outside(np.array([20.0, table.temperatures[-1] + 1.0]), np.array([0.0]))
    fast = table.outside(np.array([20.0]), np.array([1.5 * table.powers[0]]))
    assert not inside
    assert len(hot) == len(fast) == 1
    assert f"{table.temperatures[-1] + 1.0:.3g} °C" in hot[0]


def check_slow_states_stay_between_nothing_and_their_largest(module: ModuleType) -> None:
    technology: Technology = module.ENTRY
    for slow in technology.slow_states:
        for function in (slow.growth_per_h, slow.recovery_per_h):
            rate = function(*grid(technology, EDGES))
            assert np.all(np.isfinite(rate) & (rate >= 0.0))
        assert 0.0 <= slow.top_share <= 1.0
        assert 0.0 < slow.largest_share <= 1.0
        assert 0.0 <= slow.service_loss_share <= 1.0
        assert any("\u4e00" <= letter <= "\u9fff" for letter in slow.title["zh"])


def check_physics_at_the_largest_rating_is_the_physics(module: ModuleType) -> None:
    technology: Technology = module.ENTRY
    if technology.physics_at is not None:
        same = technology.physics_at(technology.largest_rating)
        where = (*grid(technology), 0.5)
        for left, right in zip(fields(same.respond(*where)).values(),
                               fields(technology.physics.respond(*where)).values(), strict=True):  # fmt: skip
            np.testing.assert_allclose(left, right)


def observed(technology: Technology) -> np.ndarray:
    """All a datasheet figure could move: responses, limits, stored energy, ageing, as one long array."""
    physics = technology.physics
    most, shares = technology.largest_rating, np.array([0.01, 0.02, 0.1, 0.25, 0.5, 1.0, 2.4])
    powers = np.concatenate([-most.discharge_per_h * shares[::-1], [0.0], most.charge_per_h * shares])
    axes = np.linspace(0.0, 1.0, 21), np.linspace(-40.0, 70.0, 56), powers
    points = [one.ravel() for one in np.meshgrid(*axes, indexing="ij")]
    seen = []
    for aged in (0.0, 1.0):
        seen += [np.broadcast_to(one, points[0].shape) for one in fields(physics.respond(*points, aged)).values()]
        seen += list(physics.power_limits(points[0], points[1], aged))
    for slow in technology.slow_states:
        seen += [slow.growth_per_h(*points), slow.recovery_per_h(*points)]
        seen.append(np.array([slow.top_share, slow.largest_share, slow.service_days or 0.0, slow.service_loss_share]))
    if technology.physics_at is not None:
        half = Rating(0.5 * most.charge_per_h, 0.5 * most.discharge_per_h)
        seen += list(fields(technology.physics_at(half).respond(*points, 0.0)).values())
    seen.append(np.array([one.value for one in technology.inventory.values()]))
    seen += [*physics.soc_limits(np.linspace(-40.0, 70.0, 45)), physics.energy_share(np.linspace(0.0, 1.0, 101))]
    stress = days_of_cycles(1.0)
    both = replace(stress, depth=np.linspace(0.02, 1.0, len(stress.depth)))
    seen += [law.increments(both) for law in technology.ageing.values()]
    health = [law.health(law.increments(both)) for law in technology.ageing.values()]
    return np.concatenate([*seen, np.array([[one.capacity_share, one.impedance_share] for one in health]).ravel()])


def changed(figure: Sourced) -> Sourced:
    return replace(figure, value=1.1 * figure.value if figure.value else 0.1)


def check_every_physics_figure_moves_some_output(module: ModuleType) -> None:
    before = observed(module.build(module.FIGURES, module.LAWS))
    for name, figure in module.FIGURES.items():
        after = observed(module.build({**module.FIGURES, name: changed(figure)}, module.LAWS))
        assert not np.array_equal(after, before), f"{name} moves nothing"


def check_every_ageing_figure_moves_some_output(module: ModuleType) -> None:
    before = observed(module.build(module.FIGURES, module.LAWS))
    for law, figures in module.LAWS.items():
        for name, figure in figures.items():
            laws = {**module.LAWS, law: {**figures, name: changed(figure)}}
            assert not np.array_equal(observed(module.build(module.FIGURES, laws)), before), (
                f"{law}.{name} moves nothing"
            )


CHECKS: dict[str, Callable[[ModuleType], None]] = {
    name.removeprefix("check_"): check for name, check in list(globals().items()) if name.startswith("check_")
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS.keys())
@pytest.mark.parametrize("name", MODULES)
def test_every_chemistry(name: str, check: Callable[[ModuleType], None]) -> None:
    check(MODULES[name])


def test_the_catalogue_finds_each_entry_by_the_name_of_its_file() -> None:
    assert {module.__name__.rsplit(".", 1)[1] for module in MODULES.values()} == set(TECHNOLOGIES.names())


LEAD_ACID = '''
"""A toy: a constant voltage behind a resistance."""
import numpy as np
from perdure.quantities import Confidence, Sourced
from perdure.technology.ageing import AgeingLaw, Wear
from perdure.technology.technology import Costs, Response, Technology
from perdure.technology.thermal import Thermal
from perdure.technology.two_way_converter import TWO_WAY_CONVERTER

def toy(value, unit=""):
    return Sourced(value, unit, "made up for a test", Confidence.ESTIMATE, value, value, 2026)

FIGURES = {"voltage_v": toy(2.0, "V"), "resistance_ohm_ah": toy(0.2), "leak_per_h": toy(1e-4), "rate_per_h": toy(0.6),
           "lowest_soc": toy(0.2), "top_loss": toy(0.5)}
LAWS = {"linear": {"fade_per_full_cycle": toy(1e-4), "growth_per_day": toy(1e-4)}}

class ToyPhysics:
    def __init__(self, figures):
        self.f = {name: figure.value for name, figure in figures.items()}
    def respond(self, soc, temperature_c, power, impedance_share):
        soc, _, power = np.broadcast_arrays(soc, temperature_c, power)
        resistance = self.f["resistance_ohm_ah"] * (1.0 + impedance_share) / self.f["voltage_v"]
        rate = power / (1.0 + resistance * np.abs(power))
        heat = np.maximum(power - rate, 0.0) + resistance * rate**2
        leak = self.f["leak_per_h"] + 0.0 * soc
        return Response(heat, leak, heat + leak, self.f["voltage_v"] + 0.0 * soc)
    def power_limits(self, soc, temperature_c, impedance_share):
        soc, warm = np.broadcast_arrays(soc, temperature_c)
        limit = np.where((warm > -20.0) & (warm < 50.0), self.f["rate_per_h"], 0.0)
        return limit, limit
    def soc_limits(self, temperature_c):
        return np.full(np.shape(temperature_c), self.f["lowest_soc"]), np.ones(np.shape(temperature_c))
    def energy_share(self, soc):
        return np.asarray(soc, dtype=float)

def build(figures, laws):
    text = {"en": "Toy", "zh": "玩具"}
    k = {name: figure.value for name, figure in laws["linear"].items()}
    law = AgeingLaw("linear", text, (
        Wear("cycles", "capacity", 1.0, cyclic=lambda depth, *_: np.full_like(depth, k["fade_per_full_cycle"])),
        Wear("time", "impedance", 1.0, calendar=lambda warm, soc: np.full_like(soc, k["growth_per_day"])),
    ), laws["linear"])
    thermal, costs = Thermal(*[toy(1.0)] * 9), {"made_up": Costs("EUR", *[toy(1.0)] * 9, title=text)}
    return Technology("toy", text, text, ToyPhysics(figures), {"linear": law}, thermal, TWO_WAY_CONVERTER, costs,
                      figures, (0.1, 0.5), (-20.0, 50.0), 0.8, "nothing", "power", "sites")

ENTRY = build(FIGURES, LAWS)
'''


def written(source: str) -> ModuleType:
    module = ModuleType("toy_chemistry")
    exec(compile(source, "toy_chemistry.py", "exec"), module.__dict__)
    return module


def test_a_chemistry_is_one_file() -> None:
    """A new file passes every check but one: it names a figure that moves nothing, and the check says which."""
    toy = written(LEAD_ACID)
    for name, check in CHECKS.items():
        if name == "every_physics_figure_moves_some_output":
            with pytest.raises(AssertionError, match="top_loss moves nothing"):
                check(toy)
        else:
            check(toy)
    mended = written(
        LEAD_ACID.replace(', "top_loss": toy(0.5)', "").replace('"lowest_soc": toy(0.2),\n', '"lowest_soc": toy(0.2)\n')
    )
    check_every_physics_figure_moves_some_output(mended)


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        (("np.maximum(power - rate, 0.0) + resistance * rate**2", "power - rate"), check_losses_are_never_negative),
        (('toy(1e-4)}}', 'toy(-1e-4)}}'), check_ageing_never_heals),
        (('"zh": "玩具"', '"zh": "toy"'), check_words_are_in_both_languages),
        (("heat + leak, self", "heat, self"), check_heat_and_loss_differ_only_by_what_the_reaction_binds),
        (("Confidence.ESTIMATE", "Confidence.CLAIM"), check_default_ageing_is_no_claim),
        (("np.asarray(soc, dtype=float)", "0.9 * np.asarray(soc)"), check_stored_energy_rises_from_nothing_to_one),
        (('self.f["rate_per_h"], 0.0)', 'self.f["rate_per_h"], -0.1)'), check_limits_hold),
    ],
)  # fmt: skip
def test_a_broken_chemistry_is_caught(broken: tuple[str, str], check: Callable[[ModuleType], None]) -> None:
    assert broken[0] in LEAD_ACID
    with pytest.raises(AssertionError):
        check(written(LEAD_ACID.replace(*broken)))
