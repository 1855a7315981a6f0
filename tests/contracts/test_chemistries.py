"""What every chemistry of the catalogue must keep, and the proof that a new one is a single file."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from perdure.quantities import Sourced
from perdure.technology import contract
from perdure.technology.contract import CHECKS, ContractError, days_of_cycles, outputs
from perdure.technology.technology import TECHNOLOGIES, Rating, Technology

MODULES = {name: importlib.import_module(f"{TECHNOLOGIES.package}.{name}") for name in TECHNOLOGIES.names()}


def observed(technology: Technology) -> np.ndarray:
    """All a datasheet figure could move: responses, limits, stored energy, ageing, as one long array."""
    physics = technology.physics
    most, shares = technology.largest_rating, np.array([0.01, 0.02, 0.1, 0.25, 0.5, 1.0, 2.4])
    powers = np.concatenate([-most.discharge_per_h * shares[::-1], [0.0], most.charge_per_h * shares])
    axes = np.linspace(0.0, 1.0, 21), np.linspace(-40.0, 70.0, 56), powers
    points = [one.ravel() for one in np.meshgrid(*axes, indexing="ij")]
    seen = []
    for aged in (0.0, 1.0):
        seen += [np.broadcast_to(one, points[0].shape) for one in outputs(physics.respond(*points, aged)).values()]
        seen += list(physics.power_limits(points[0], points[1], aged))
    for slow in technology.slow_states:
        seen += [slow.growth_per_h(*points), slow.recovery_per_h(*points)]
        seen.append(np.array([slow.top_share, slow.largest_share, slow.service_days or 0.0, slow.service_loss_share]))
    if technology.physics_at is not None:
        half = Rating(0.5 * most.charge_per_h, 0.5 * most.discharge_per_h)
        seen += list(outputs(technology.physics_at(half).respond(*points, 0.0)).values())
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


def check_chinese_is_chinese(module: ModuleType) -> None:
    technology: Technology = module.ENTRY
    titled = (*technology.ageing.values(), *technology.costs.values(), *technology.slow_states, *technology.levels)
    for words in (technology.title, technology.summary, *(one.title for one in titled)):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in words["zh"])


MODULE_CHECKS: dict[str, Callable[[ModuleType], None]] = {
    name.removeprefix("check_"): check for name, check in list(globals().items()) if name.startswith("check_")
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS.keys())
@pytest.mark.parametrize("name", MODULES)
def test_every_technology(name: str, check: Callable[[Technology], None]) -> None:
    check(MODULES[name].ENTRY)


@pytest.mark.parametrize("check", MODULE_CHECKS.values(), ids=MODULE_CHECKS.keys())
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
from perdure.technology.parts.two_way_converter import TWO_WAY_CONVERTER

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
    assert contract.broken(toy.ENTRY) == ()
    for name, check in MODULE_CHECKS.items():
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
    ("change", "check", "told"),
    [
        (("np.maximum(power - rate, 0.0) + resistance * rate**2", "power - rate"), "losses_are_never_negative", "loss"),
        (("toy(1e-4)}}", "toy(-1e-4)}}"), "ageing_never_heals", "linear"),
        (('"zh": "玩具"', '"zh": ""'), "it_says_what_it_rests_on", "title"),
        (("heat + leak, self", "heat**2, self"), "heat_is_what_the_reaction_binds_and_a_share_of_the_losses", "heat"),
        (("Confidence.ESTIMATE", "Confidence.CLAIM"), "default_ageing_is_no_claim", "claim"),
        (("np.asarray(soc, dtype=float)", "0.9 * np.asarray(soc)"), "stored_energy_rises_from_nothing_to_one", "one"),
        (('self.f["rate_per_h"], 0.0)', 'self.f["rate_per_h"], -0.1)'), "limits_hold", "limit is negative"),
    ],
)  # fmt: skip
def test_a_broken_chemistry_is_caught(change: tuple[str, str], check: str, told: str) -> None:
    assert change[0] in LEAD_ACID
    with pytest.raises(ContractError, match=told):
        CHECKS[check](written(LEAD_ACID.replace(*change)).ENTRY)


def test_english_for_chinese_is_caught() -> None:
    with pytest.raises(AssertionError):
        check_chinese_is_chinese(written(LEAD_ACID.replace('"zh": "玩具"', '"zh": "toy"')))
