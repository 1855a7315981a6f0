"""What every technology must keep, shipped or a user's own: each check raises `ContractError` with place and size.

Tests run it on every entry of the catalogue; reading a datasheet file runs it on that file's technology.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields as parts_of
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from perdure.quantities import Confidence
from perdure.technology.ageing import Stress
from perdure.technology.response_map import ResponseMap, response_map
from perdure.technology.technology import Response, Technology
from perdure.timeline import Floats

AGED = (0.0, 0.5, 1.0)
EDGES = (-40.0, -30.0, 0.0, 25.0, 45.0, 60.0, 70.0)
MAP_ERROR_SHARE = 0.005
"""How far the map may stray from the functions, over rated power."""


class ContractError(ValueError):
    """A technology does not keep the contract: what, where, by how much."""


def _must(fine: object, text: str) -> None:
    if not np.all(np.asarray(fine)):
        raise ContractError(text)


def _close(left: Floats, right: Floats, within: float, text: str) -> None:
    apart = np.abs(np.asarray(left) - np.asarray(right))
    _must(apart <= within, f"{text}: apart by {float(np.max(apart)):.3g}, allowed {within:g}")


def grid(technology: Technology, temperatures: tuple[float, ...] | None = None) -> tuple[Floats, Floats, Floats]:
    """State of charge, temperature and power over all the map may ask."""
    most = technology.largest_rating
    warm = temperatures or tuple(np.linspace(*technology.temperature_range_c, 8))
    powers = np.concatenate(
        [np.linspace(-1.2 * most.discharge_per_h, 0.0, 13)[:-1], np.linspace(0.0, 1.2 * most.charge_per_h, 13)]
    )
    soc, celsius, power = np.meshgrid(np.linspace(0.0, 1.0, 21), warm, powers, indexing="ij")
    return soc, celsius, power


def outputs(response: Response) -> dict[str, Floats]:
    """Every array of a response by name."""
    return {one.name: value for one in parts_of(Response) if (value := getattr(response, one.name)) is not None}


def check_losses_are_never_negative(technology: Technology) -> None:
    """Losses and self-discharge at any state and power, pumps a part of the losses."""
    for aged in AGED:
        response = technology.physics.respond(*grid(technology, EDGES), aged)
        _must(response.loss_kw >= -1e-12, f"a loss is negative: {np.min(response.loss_kw):.3g} kW per kWh")
        _must(response.self_discharge_kw >= 0.0, "self-discharge is negative")
        if response.auxiliary_kw is not None:
            _must(response.auxiliary_kw >= 0.0, "the power of pumps and drives is negative")
            _must(response.auxiliary_kw <= response.loss_kw + 1e-12, "pumps and drives take more than all losses")


def check_everything_is_finite_at_the_edges(technology: Technology) -> None:
    """Empty and full, far below and above the temperature range, at rest and at overload."""
    most = technology.largest_rating
    soc, celsius, _ = np.meshgrid([0.0, 1.0], EDGES, [0.0])
    for aged, share in product(AGED, (-1.2, -0.5, -1e-9, 0.0, 1e-9, 0.5, 1.2)):
        power = share * (most.charge_per_h if share > 0 else most.discharge_per_h)
        for name, value in outputs(technology.physics.respond(soc, celsius, np.full(soc.shape, power), aged)).items():
            _must(np.isfinite(value), f"{name} is not finite at an edge")
            _must(np.broadcast_shapes(np.shape(value), soc.shape) == soc.shape, f"{name} has the wrong shape")


def check_loss_does_not_jump_at_rest(technology: Technology) -> None:
    """A billionth of a kilowatt loses what rest loses."""
    soc, celsius, _ = grid(technology)
    rest, charge, discharge = (
        technology.physics.respond(soc, celsius, np.full(soc.shape, power), 0.0).loss_kw for power in (0.0, 1e-9, -1e-9)
    )
    _close(charge, rest, 1e-6, "the loss jumps where charging begins")
    _close(discharge, rest, 1e-6, "the loss jumps where discharging begins")


def check_heat_is_what_the_reaction_binds_and_a_share_of_the_losses(technology: Technology) -> None:
    """At one state and direction, heat is `bound x stored power + carried x losses`, carried between 0 and 1.

    A closed cell carries all its losses; a stack apart from the tank may carry some elsewhere.
    """
    soc, celsius, power = grid(technology)
    response = technology.physics.respond(soc, celsius, power, 0.0)
    loss, heat, drain = (np.broadcast_to(one, power.shape) for one in (
        response.loss_kw, response.heat_kw, response.self_discharge_kw))  # fmt: skip
    stored = power - loss - drain
    for side in (slice(0, 13), slice(12, None)):
        design = np.stack([stored[..., side], loss[..., side] + drain[..., side]], axis=-1)
        share = np.linalg.pinv(design, rcond=1e-9) @ heat[..., side, None]
        _close((design @ share)[..., 0], heat[..., side], 1e-7, "heat is neither bound nor carried loss")
        told = np.linalg.matrix_rank(design, tol=1e-6) == 2
        carried = share[..., 1, 0][told]
        _must((carried >= -1e-3) & (carried <= 1.0 + 1e-3), "heat carries more than the losses, or less than none")


def check_a_round_trip_returns_to_its_start_and_loses_energy(technology: Technology) -> None:
    """From 10 to 90 % and back at half power, 25 °C: between 10 and 100 % comes back."""
    physics, most = technology.physics, technology.largest_rating
    soc = np.linspace(0.1, 0.9, 401)
    energy, spent = physics.energy_share(soc), []
    for sign, rate in ((1.0, 0.5 * most.charge_per_h), (-1.0, 0.5 * most.discharge_per_h)):
        response = physics.respond(soc, np.full(soc.shape, 25.0), np.full(soc.shape, sign * rate), 0.0)
        moved = sign * rate - response.loss_kw - response.self_discharge_kw
        _must(sign * moved > 0.0, "half power moves nothing at 25 °C")
        spent.append(float(np.trapezoid(rate / np.abs(moved), energy)))
    _must(0.1 < spent[1] / spent[0] < 1.0, f"a round trip returns {spent[1] / spent[0]:.3g} of what it took")


def check_stored_energy_rises_from_nothing_to_one(technology: Technology) -> None:
    """Along the state of charge."""
    share = technology.physics.energy_share(np.linspace(0.0, 1.0, 501))
    _close(share[[0, -1]], np.array([0.0, 1.0]), 1e-12, "stored energy does not go from nothing to one")
    _must(np.diff(share) > 0.0, "stored energy does not rise with state of charge")


def check_limits_hold(technology: Technology) -> None:
    """Windows lie within 0 and 1; limits are finite, shrink with age and reach the rated power in the middle."""
    physics, most, celsius = technology.physics, technology.largest_rating, np.linspace(-40.0, 70.0, 45)
    low, high = (np.asarray(one) for one in physics.soc_limits(celsius))
    _must(
        (np.asarray(low) >= 0.0) & (low < high) & (np.asarray(high) <= 1.0), "the window of charge is not within 0..1"
    )
    soc, warm = np.meshgrid(np.linspace(0.0, 1.0, 21), celsius, indexing="ij")
    limits = [physics.power_limits(soc, warm, aged) for aged in (0.0, 1.0)]
    for fresh, aged in zip(*limits, strict=True):
        _must(np.isfinite(fresh) & (fresh >= 0.0), "a power limit is negative or undefined")
        # a steeper voltage under charge carries more power at the same current, up to a tenth
        _must(aged <= 1.1 * fresh + 1e-9, "an aged store takes more power than a new one")
    inside = (soc > 0.3) & (soc < 0.9) & (np.abs(warm - 22.0) < 6.0)
    for side, rate in zip(limits[0], (most.discharge_per_h, most.charge_per_h), strict=True):
        least = float(np.min(np.broadcast_to(side, soc.shape)[inside]))
        _must(least >= rate, f"at half charge and 16 to 28 °C it takes {least:.3g} kW per kWh, rated {rate:.3g}")


def check_power_at_the_limit_is_carried(technology: Technology) -> None:
    """At the limits the terminal voltage is the model's own, not a held one: power follows from a real current."""
    physics = technology.physics
    soc, warm = np.meshgrid(np.linspace(0.05, 0.95, 10), np.linspace(*technology.temperature_range_c, 9), indexing="ij")
    for aged in (0.0, 1.0):
        rest = physics.respond(soc, warm, 0.0 * soc, aged).loss_kw
        for sign, limit in zip((-1.0, 1.0), physics.power_limits(soc, warm, aged), strict=True):
            share = 0.5 if technology.physics_at is None else 2.0  # a fuel cell loses more than it gives
            loss = physics.respond(soc, warm, sign * limit, aged).loss_kw
            _must(loss <= share * limit + rest + 1e-3, "the power limit lies beyond what the store carries")


def days_of_cycles(step_h: float, days: int = 60) -> Stress:
    """One full cycle a day (6 h up, 6 h rest, 6 h down, 6 h rest) with warm afternoons, as a run would report it."""
    hours = np.arange(0.0, 24.0 * days, step_h) + step_h / 2.0
    day = hours % 24.0
    soc = np.interp(day, [0.0, 6.0, 12.0, 18.0, 24.0], [0.1, 0.9, 0.9, 0.1, 0.1])
    celsius = 24.0 + 6.0 * np.sin(2.0 * np.pi * day / 24.0)
    one = np.ones(2 * days)
    return Stress(
        step_h,
        soc,
        celsius,
        0.8 * one,
        0.5 * one,
        0.15 * one,
        24.0 * one,
        0.5 * one,
        6.0 * days,
        6.0 * days,
        days,
        days,
    )


def hard_stress() -> Stress:
    """Cold and hot, shallow and deep, slow and fast, far outside what any law was measured in."""
    base, odd = days_of_cycles(0.5), np.array([1e-4, 0.01, 0.3, 1.0])
    return replace(
        base, temperature_c=np.linspace(-30.0, 60.0, len(base.soc)), soc=np.linspace(0.0, 1.0, len(base.soc)),
        depth=odd, mean_soc=odd / 2, rate_per_h=np.array([0.0, 0.5, 1.0, 3.0]),
        cycle_temperature_c=np.array([-30.0, 10.0, 40.0, 60.0]), weight=np.full(4, 0.5),
    )  # fmt: skip


def check_ageing_never_heals(technology: Technology) -> None:
    """Wear only grows, stays finite, leaves capacity between 0 and 1, inside and outside the range of the law."""
    for law in technology.ageing.values():
        for stress in (days_of_cycles(0.5), hard_stress()):
            step = law.increments(stress)
            _must(np.isfinite(step) & (step >= 0.0), f"{law.name}: wear is negative or undefined")
            early, late, far = law.health(step), law.health(2.0 * step), law.health(1e6 * step)
            _must(late.capacity_share <= early.capacity_share < 1.0, f"{law.name}: capacity heals, or never fades")
            _must(late.impedance_share >= early.impedance_share >= 0.0, f"{law.name}: impedance heals")
            _must(0.0 <= far.capacity_share <= 1.0, f"{law.name}: capacity leaves 0..1")


def check_ageing_does_not_depend_on_the_time_step(technology: Technology) -> None:
    """15, 30 and 60 minutes of the same duty agree within 1 % of the fade."""
    for law in technology.ageing.values():
        quarter, half, hour = (law.health(20.0 * law.increments(days_of_cycles(step))) for step in (0.25, 0.5, 1.0))
        for other in (half, hour):
            fade = 1.0 - quarter.capacity_share
            _must(abs(1.0 - other.capacity_share - fade) <= 0.01 * fade, f"{law.name}: fade depends on the time step")
            grown = quarter.impedance_share
            _must(abs(other.impedance_share - grown) <= 0.01 * grown, f"{law.name}: growth depends on the time step")


def check_every_figure_has_source_and_confidence(technology: Technology) -> None:
    """And lies in its own range."""
    for name, figure in technology.all_figures().items():
        _must(len(figure.source) > 5, f"{name} names no source")
        _must(isinstance(figure.confidence, Confidence), f"{name} has no confidence")
        _must(np.isfinite(figure.value), f"{name} is not finite")
        if figure.low is not None and figure.high is not None:
            _must(figure.low <= figure.value <= figure.high, f"{name} lies outside its own range")


def check_costs_name_their_range(technology: Technology) -> None:
    """Every cost its range and year, every set its region in both languages."""
    for one in technology.costs.values():
        _must(one.title.get("en") and one.title.get("zh"), "a set of costs has no title")
        for name, figure in one.figures().items():
            _must(figure.low is not None and figure.high is not None and figure.year, f"cost {name}: range or year")


def check_default_ageing_is_no_claim(technology: Technology) -> None:
    """A vendor's promise is never what a study uses unasked."""
    for name, one in technology.default_ageing.figures.items():
        _must(one.confidence is not Confidence.CLAIM, f"the default ageing law rests on a claim ({name})")


def check_it_says_what_it_rests_on(technology: Technology) -> None:
    """Title, summary, what it was measured on, is sensitive to, is not valid for."""
    for words in (technology.title, technology.summary, *(law.title for law in technology.ageing.values())):
        _must(words.get("en") and words.get("zh"), "a title or summary is missing in one language")
    for text in (technology.measured_on, technology.sensitive_to, technology.not_valid_for):
        _must(text, "measured_on, sensitive_to or not_valid_for is empty")


def interpolated(table: ResponseMap, values: Floats, *places: Floats) -> Floats:
    """Multilinear between the nodes of stored share, temperature and power."""
    corners: list[tuple[tuple[NDArray[np.int64], Floats], tuple[NDArray[np.int64], Floats]]] = []
    for place, axis in zip(places, (table.shares, table.temperatures, table.powers), strict=True):
        node = np.clip(np.searchsorted(axis, place, side="right") - 1, 0, len(axis) - 2)
        at = (place - axis[node]) / (axis[node + 1] - axis[node])
        corners.append(((node, 1.0 - at), (node + 1, at)))
    total = np.zeros(len(places[0]))
    for (i, wi), (j, wj), (k, wk) in product(*corners):
        total += wi * wj * wk * values[i, j, k]
    return total


def map_error(technology: Technology, count: int = 40_000) -> Floats:
    """Distance between map and functions over rated power at random allowed states: losses, heat, slow states."""
    table, most = response_map(technology), technology.largest_rating
    random = np.random.default_rng(1)
    ranges = ((0.0, 1.0), technology.temperature_range_c, (-most.discharge_per_h, most.charge_per_h))
    share, celsius, power = (random.uniform(low, high, count) for low, high in ranges)
    rated = np.where(power < 0.0, most.discharge_per_h, most.charge_per_h)
    soc = table.soc(share)
    low, high = technology.physics.soc_limits(celsius)
    discharge, charge = technology.physics.power_limits(soc, celsius, 0.0)
    allowed = (soc > low) & (soc < high) & (power >= -discharge) & (power <= charge)
    response = technology.physics.respond(soc, celsius, power, 0.0)
    pairs = [(table.tables.loss[0], response.loss_kw), (table.tables.heat[0], response.heat_kw)]
    pairs += [
        (table.tables.slow_growth[n], one.growth_per_h(soc, celsius, power))
        for n, one in enumerate(technology.slow_states)
    ]
    errors = [np.abs(interpolated(table, values, share, celsius, power) - exact) / rated for values, exact in pairs]
    return np.asarray(np.max(np.stack(errors), axis=0)[allowed])


def check_map_follows_the_functions(technology: Technology) -> None:
    """Every state inside the limits within 0.5 % of rated power."""
    worst = float(map_error(technology).max())
    _must(worst < MAP_ERROR_SHARE, f"the map strays from the functions by {worst:.2%} of rated power")


def check_the_map_says_when_it_is_asked_outside(technology: Technology) -> None:
    """Beyond its edges in temperature and in power."""
    table = response_map(technology)
    hot = table.outside(np.array([20.0, table.temperatures[-1] + 1.0]), np.array([0.0]))
    fast = table.outside(np.array([20.0]), np.array([1.5 * table.powers[0]]))
    _must(not table.outside(np.array([20.0]), np.array([0.0])), "the map calls an inner state outside")
    _must(len(hot) == len(fast) == 1 and "temperature" in hot[0], "the map is silent beyond its edges")


def check_slow_states_stay_between_nothing_and_their_largest(technology: Technology) -> None:
    """Rates are finite and not negative, shares within 0..1, titles in both languages."""
    for slow in technology.slow_states:
        for function in (slow.growth_per_h, slow.recovery_per_h):
            rate = function(*grid(technology, EDGES))
            _must(np.isfinite(rate) & (rate >= 0.0), f"{slow.name}: a rate is negative or undefined")
        inside = 0.0 <= slow.top_share <= 1.0 and 0.0 < slow.largest_share <= 1.0
        _must(inside and 0.0 <= slow.service_loss_share <= 1.0, f"{slow.name}: a share lies outside 0..1")
        _must(slow.title.get("en") and slow.title.get("zh"), f"{slow.name}: a title is missing in one language")


def check_physics_at_the_largest_rating_is_the_physics(technology: Technology) -> None:
    """Where stacks are sized apart from the energy."""
    if technology.physics_at is not None:
        same, where = technology.physics_at(technology.largest_rating), (*grid(technology), 0.5)
        for name, value in outputs(same.respond(*where)).items():
            _close(
                value, outputs(technology.physics.respond(*where))[name], 1e-9, f"{name} differs at the largest rating"
            )


CHECKS: dict[str, Callable[[Technology], None]] = {
    name.removeprefix("check_"): check for name, check in list(globals().items()) if name.startswith("check_")
}
"""Every check by what it says."""


def broken(technology: Technology, but: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What a technology does not keep, in words; empty where it keeps all. `but`: checks left out, by name."""
    told = []
    for name, check in CHECKS.items():
        if name in but:
            continue
        try:
            check(technology)
        except ContractError as error:
            told.append(str(error))
    return tuple(told)
