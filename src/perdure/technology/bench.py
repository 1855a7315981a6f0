"""A store on the test bench: round trips, stand loss, charge curves, heat and life, from a technology's functions.

All of it per kWh of stored energy when new, by quadrature over the stored share: no time step, no plant, no site.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np

from perdure.technology.ageing import AgeingLaw, Health, Stress
from perdure.technology.response_map import ResponseMap
from perdure.technology.technology import Response
from perdure.timeline import Floats

NODES = 801
"""Nodes along the stored share."""


@dataclass(frozen=True)
class Ramp:
    """One charge (or discharge) over the allowed window; arrays (nodes,) from where it begins to where it ends."""

    share: Floats  # of stored energy
    soc: Floats
    power: Floats  # DC, kW per kWh, charging positive
    hours: Floats  # since the beginning
    response: Response

    @property
    def direct_kwh(self) -> float:
        """Energy through the DC terminals per kWh of store."""
        return float(np.trapezoid(np.abs(self.power), self.hours))


@dataclass(frozen=True)
class RoundTrip:
    """A full charge and discharge at constant power; efficiencies are shares, energies per kWh of store."""

    direct_share: float  # DC out over DC in
    alternating_share: float  # AC out over AC in, converter included
    with_auxiliaries_share: float  # the AC out over AC in with base load, cooling or heating
    returned_kwh: float  # AC energy out
    charge_h: float
    discharge_h: float
    heat_kwh: float  # net heat of the round trip


def ramp(table: ResponseMap, power: float, temperature_c: float, impedance_share: float = 0.0) -> Ramp:
    """Charge (`power` > 0) or discharge at a DC power, kW per kWh, held back where the store's limits bind.

    The temperature is held. Ends early where the store takes or gives nothing more.
    """
    physics, sign = table.physics, np.sign(power)
    low, high = table.window(temperature_c)
    share = np.linspace(low, high, NODES) if power > 0 else np.linspace(high, low, NODES)
    soc, warm = table.soc(share), np.full(NODES, temperature_c)
    discharge, charge = physics.power_limits(soc, warm, impedance_share)
    held = sign * np.minimum(abs(power), charge if power > 0 else discharge)
    response = physics.respond(soc, warm, held, impedance_share)
    pace = np.abs(held - response.loss_kw - response.self_discharge_kw)
    going = np.logical_and.accumulate(sign * (held - response.loss_kw - response.self_discharge_kw) > 1e-6)
    share, soc, held, pace = share[going], soc[going], held[going], pace[going]
    step = np.abs(np.diff(share))
    hours = np.concatenate([[0.0], np.cumsum(step * 0.5 * (1.0 / pace[1:] + 1.0 / pace[:-1]))]) if len(share) else share
    return Ramp(share, soc, held, hours, _part(response, going))


def round_trip(table: ResponseMap, rate_per_h: float, temperature_c: float, impedance_share: float = 0.0) -> RoundTrip:
    """Full charge, then full discharge at `rate_per_h` (AC power over stored energy) through a converter of that size.

    The converter and auxiliaries are those of a plant rated at `rate_per_h`; ambient and store share one temperature,
    so cooling moves exactly the heat that arises above the set point and heating what it lacks below.
    """
    technology = table.technology
    into = technology.charge_converter or technology.converter
    most = technology.largest_rating
    out_rate, in_rate = min(rate_per_h, most.discharge_per_h), min(rate_per_h, most.charge_per_h)
    into_dc = float(into.direct_share(np.array(1.0))) * in_rate
    out_dc = float(technology.converter.direct_share(np.array(-1.0))) * out_rate
    charge = ramp(table, into_dc, temperature_c, impedance_share)
    discharge = ramp(table, out_dc, temperature_c, impedance_share)
    covered = abs(charge.share[-1] - charge.share[0]) if len(charge.share) else 0.0
    given = abs(discharge.share[-1] - discharge.share[0]) if len(discharge.share) else 0.0
    if min(covered, given) <= 0.0:
        nothing = float("nan")
        return RoundTrip(nothing, nothing, nothing, 0.0, 0.0, 0.0, 0.0)
    common = min(covered, given)  # both moved the same stored energy
    drawn, returned = charge.direct_kwh * common / covered, discharge.direct_kwh * common / given
    ac_in, ac_out = drawn * in_rate / into_dc, returned * out_rate / -out_dc
    hours = charge.hours[-1] + discharge.hours[-1]
    heat = _heat(charge) + _heat(discharge)
    no_load = into.no_load_share.value * in_rate * charge.hours[-1]
    no_load += technology.converter.no_load_share.value * out_rate * discharge.hours[-1]
    auxiliary = no_load + technology.thermal.base_load_kw.value * hours
    auxiliary += _conditioning(table, heat, hours, temperature_c)
    return RoundTrip(
        direct_share=returned / drawn,
        alternating_share=ac_out / ac_in,
        with_auxiliaries_share=ac_out / (ac_in + auxiliary),
        returned_kwh=ac_out,
        charge_h=float(charge.hours[-1]),
        discharge_h=float(discharge.hours[-1]),
        heat_kwh=heat,
    )


def stand(table: ResponseMap, days: Floats, temperature_c: float, from_share: float | None = None) -> Floats:
    """Stored share left after `days` (n,) at open terminals, from the top of the window (or `from_share`)."""
    start = table.window(temperature_c)[1] if from_share is None else from_share
    if (exact := table.technology.standing) is not None:
        hours = 24.0 * np.asarray(days, dtype=float)
        return table.share(
            exact(np.full(hours.shape, table.soc(np.array(start))), np.full(hours.shape, temperature_c), hours)
        )
    share = np.linspace(start, 1e-4, 4001)
    soc, warm, still = table.soc(share), np.full(4001, temperature_c), np.zeros(4001)
    rest = table.physics.respond(soc, warm, still, 0.0)
    rate = np.maximum(rest.loss_kw + rest.self_discharge_kw, 1e-12)
    hours = np.concatenate([[0.0], np.cumsum(-np.diff(share) * 0.5 * (1.0 / rate[1:] + 1.0 / rate[:-1]))])
    return np.interp(24.0 * np.asarray(days), hours, share, right=0.0)


def cycled(law: AgeingLaw, cycles: Floats, depth: float, rate_per_h: float, temperature_c: float) -> list[Health]:
    """Health after `cycles` (n,) of one depth, one after the other around half charge, calendar included."""
    stress = one_duty(depth, rate_per_h, temperature_c)
    step = law.increments(stress) / (np.sum(stress.weight) or 1.0)
    return [law.health(step * count) for count in np.asarray(cycles, float)]


def daily(law: AgeingLaw, years: Floats, depth: float, rate_per_h: float, temperature_c: float) -> list[Health]:
    """Health after `years` (n,) of one cycle a day, resting at half charge between, calendar included."""
    stress = one_duty(depth, rate_per_h, temperature_c, cycle_h=24.0)
    step = law.increments(stress) / stress.days
    return [law.health(step * 365.25 * year) for year in np.asarray(years, float)]


def one_duty(depth: float, rate_per_h: float, temperature_c: float, cycle_h: float | None = None) -> Stress:
    """Ten equal cycles: up, down, and rest where `cycle_h` leaves time; 60 samples of charge a cycle."""
    moving = 2.0 * depth / rate_per_h
    length = max(cycle_h or moving, moving)
    step = length / 60.0
    hour = (np.arange(600) + 0.5) * step % length
    top, bottom = 0.5 + 0.5 * depth, 0.5 - 0.5 * depth
    quarter = 0.25 * moving
    soc = np.interp(hour, [0.0, quarter, 3.0 * quarter, moving, length + 1e-9], [0.5, top, bottom, 0.5, 0.5])
    ones = np.ones(10)
    return Stress(
        step_h=step,
        soc=soc,
        temperature_c=np.full(600, temperature_c),
        depth=depth * ones,
        mean_soc=0.5 * ones,
        rate_per_h=rate_per_h * ones,
        cycle_temperature_c=temperature_c * ones,
        weight=ones,
        charging_h=5.0 * moving,
        discharging_h=5.0 * moving,
        charge_starts=10,
        discharge_starts=10,
    )


def cycles_to(law: AgeingLaw, capacity_share: float, depth: float, rate_per_h: float, temperature_c: float) -> float:
    """Cycles of one depth, run without rest, until so much capacity is left; infinite where 10 million do not do it."""
    return _until(
        lambda count: cycled(law, np.array([count]), depth, rate_per_h, temperature_c)[0].capacity_share,
        capacity_share, 1e7,
    )  # fmt: skip


def years_to(law: AgeingLaw, capacity_share: float, depth: float, rate_per_h: float, temperature_c: float) -> float:
    """Years of one cycle a day until so much capacity is left; infinite beyond 200."""
    return _until(
        lambda year: daily(law, np.array([year]), depth, rate_per_h, temperature_c)[0].capacity_share,
        capacity_share, 200.0,
    )  # fmt: skip


def _until(capacity: Callable[[float], float], share: float, most: float) -> float:
    """Where a falling function meets a share, by halving; infinite where it does not."""
    if capacity(most) > share:
        return float("inf")
    low, high = 0.0, most
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if capacity(middle) > share else (low, middle)
    return high


def _part(response: Response, keep: Floats) -> Response:
    """The response at some of its nodes."""
    cut = {one.name: value[keep] for one in fields(response) if (value := getattr(response, one.name)) is not None}
    return replace(response, **cut)


def _heat(one: Ramp) -> float:
    return float(np.trapezoid(one.response.heat_kw, one.hours))


def _conditioning(table: ResponseMap, heat_kwh: float, hours: float, temperature_c: float) -> float:
    """Energy of fans, chiller or heater per kWh of store while a round trip sheds its heat at one temperature."""
    thermal = table.technology.thermal
    if temperature_c < thermal.heat_below_c.value:
        missing = thermal.conductance_kw_per_k.value * (thermal.heat_below_c.value - temperature_c) * hours - heat_kwh
        return max(missing, 0.0) / thermal.heating_cop.value
    passive = thermal.conductance_kw_per_k.value * (thermal.cool_above_c.value - temperature_c) * hours
    surplus = max(heat_kwh - max(passive, 0.0), 0.0)
    fans = thermal.fan_conductance_kw_per_k.value * max(thermal.cool_above_c.value - temperature_c, 0.0) * hours
    by_fans = min(surplus, fans)
    drawn = thermal.fan_kw.value * hours * by_fans / fans if fans > 0.0 else 0.0
    if thermal.cooling_kw.value > 0.0:
        cop = thermal.cooling_cop.value - thermal.cooling_cop_per_k.value * (temperature_c - 35.0)
        drawn += min(surplus - by_fans, thermal.cooling_kw.value * hours) / max(cop, 1.0)
    return drawn
