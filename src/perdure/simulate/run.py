"""`simulate`: what really happens when a plant follows a schedule, at full resolution, physics first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from perdure.dispatch.schedule import Schedule
from perdure.simulate.closed_loop import run_held
from perdure.simulate.kernel import Store, Track, run
from perdure.simulate.result import SERIES, Result
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.ageing import Health
from perdure.technology.response_map import ResponseMap
from perdure.timeline import Floats

LONGEST_SUBSTEP_H = 0.25


def simulate(
    site: Site,
    schedule: Schedule,
    *,
    health: Health | None = None,
    start_share: float | None = None,
    start_temperature_c: float | None = None,
) -> Result:
    """Run the site's plant through the schedule; where the physics refuses a planned power, the physics wins.

    `start_share`: stored energy over capacity at the start (default: what the schedule starts with);
    `start_temperature_c`: default the first hour's ambient, within the thermal set points.
    """
    plant = site.the_plant
    health = health or Health()
    capacity = plant.energy_kwh * health.capacity_share
    share = schedule.stored_kwh[0] / capacity if start_share is None else start_share
    if start_temperature_c is None:
        thermal = plant.technology.thermal
        start_temperature_c = float(np.clip(site.ambient_c[0], thermal.heat_below_c.value, thermal.cool_above_c.value))
    track = empty_track(site.timeline.steps)
    end = follow(site, schedule, health, share, start_temperature_c, slow_at_rest(plant), track)
    ran = RanStore(plant, health, schedule.power_kw, schedule.energy_value_per_kwh, track, *end)
    return as_result(site, [ran])


def empty_track(steps: int) -> Track:
    """Room for a run of so many steps."""
    return Track(*(np.zeros(steps) for _ in Track._fields))


def slow_at_rest(plant: Plant) -> Floats:
    """The slow states of a new store (2, slow): shares out of reach, hours since the last service."""
    return np.zeros((2, len(plant.technology.slow_states)))


def follow(
    site: Site,
    schedule: Schedule,
    health: Health,
    share: float,
    temperature_c: float,
    slow: Floats,
    track: Track,
    first: int = 0,
    held_kwh: Floats | None = None,
) -> tuple[float, float]:
    """Follow a schedule that starts at step `first` of `track`, as far as `site` reaches; writes into `track`.

    Returns stored share and temperature at the end; moves `slow` (2, slow states). What else stands behind the meter
    must be part of the site's load. `held_kwh` (steps,): what a controller keeps stored at the end of each step.
    """
    plant = site.the_plant
    steps, h = site.timeline.steps, site.timeline.step_h
    stretch = slice(first, first + steps)
    part = Track(*(column[stretch] for column in track))
    ceiling = np.full(steps, site.connection.import_limit_kw)
    group = schedule.problem.group[:steps]
    capped = group >= 0
    ceiling[capped] = np.minimum(ceiling[capped], schedule.caps_kw[group[capped]])
    floor = np.full(steps, -site.connection.export_limit_kw)
    substeps = max(1, int(np.ceil(h / LONGEST_SUBSTEP_H - 1e-9)))
    given = (
        substeps, schedule.power_kw[:steps], site.net_kw, ceiling, floor, site.ambient_c, store_of(plant, health),
        plant.tables_of(health), float(share), float(temperature_c), slow, part,
    )  # fmt: skip
    end = run(h, *given) if held_kwh is None else run_held(schedule.problem, held_kwh, *given)
    return float(end[0]), float(end[1])


def store_of(plant: Plant, health: Health) -> Store:
    """The plant as the compiled loop needs it."""
    technology, energy = plant.technology, plant.energy_kwh
    out, thermal = technology.converter, technology.thermal
    into = technology.charge_converter or out
    standby = out.standby_share.value * plant.power_kw
    if technology.charge_converter is not None:
        standby += into.standby_share.value * plant.charge_kw
    return Store(
        capacity_kwh=float(energy * health.capacity_share),
        charge_kw=float(plant.charge_kw),
        charge_linear=float(into.linear_share.value),
        charge_quadratic=float(into.quadratic_share.value),
        charge_no_load_kw=float(into.no_load_share.value * plant.charge_kw),
        discharge_kw=float(plant.power_kw),
        discharge_linear=float(out.linear_share.value),
        discharge_quadratic=float(out.quadratic_share.value),
        discharge_no_load_kw=float(out.no_load_share.value * plant.power_kw),
        standby_kw=float(standby),
        base_load_kw=float(thermal.base_load_kw.value * energy),
        heat_capacity=float(thermal.heat_capacity_kwh_per_k.value * energy),
        conductance=float(thermal.conductance_kw_per_k.value * energy),
        cool_above=float(thermal.cool_above_c.value),
        fan_conductance=float(thermal.fan_conductance_kw_per_k.value * energy),
        fan_kw=float(thermal.fan_kw.value * energy),
        cooling_kw=float(thermal.cooling_kw.value * energy),
        cooling_cop=float(thermal.cooling_cop.value),
        cooling_cop_per_k=float(thermal.cooling_cop_per_k.value),
        heat_below=float(thermal.heat_below_c.value),
        heating_kw=float(thermal.heating_kw.value * energy),
        heating_cop=float(thermal.heating_cop.value),
    )


@dataclass(frozen=True)
class RanStore:
    """One store's run: as planned (steps,) kW and value of energy per kWh, as lived, and how it ended."""

    plant: Plant
    health: Health
    planned_kw: Floats
    energy_value: Floats
    track: Track
    end_share: float
    end_temperature_c: float

    @property
    def capacity_kwh(self) -> float:
        """Energy it can store now."""
        return self.plant.energy_kwh * self.health.capacity_share

    @property
    def end_soc(self) -> float:
        """State of charge at the end."""
        return float(self.plant.table(self.health.capacity_share).soc(np.array([self.end_share]))[0])

    def columns(self) -> dict[str, Floats]:
        """What its table holds, in the order of a result's columns."""
        track, table = self.track, self.plant.table(self.health.capacity_share)
        return {
            "planned_kw": self.planned_kw,
            "charge_kw": np.maximum(track.ac_kw, 0.0),
            "discharge_kw": np.maximum(-track.ac_kw, 0.0),
            "auxiliary_kw": track.auxiliary_kw,
            "refused_kw": track.refused_kw,
            "converter_loss_kw": track.ac_kw - track.dc_kw,
            "store_loss_kw": track.store_loss_kw,
            "self_discharge_kw": track.self_discharge_kw,
            "stored_kwh": track.share * self.capacity_kwh,
            "soc": table.soc(track.share),
            "temperature_c": track.temperature,
            "energy_value_per_kwh": self.energy_value,
        } | _cell_columns(table, track, self.capacity_kwh, self.health)

    def totals(self, step_h: float) -> dict[str, float]:
        """Energies of the run, and how much more is stored at its end."""
        changed = (self.end_share - float(self.track.share[0])) * self.capacity_kwh
        return energy_totals(self.track, step_h) | {"stored_change_kwh": changed}


def as_result(site: Site, stores: Sequence[RanStore]) -> Result:
    """The runs of all stores of a site with the one bill.

    Powers and energies of several add up; `soc` and temperature are means by capacity, and what only one store has
    (voltage, pressure) stands in its own table.
    """
    timeline = site.timeline
    index = pd.DatetimeIndex(timeline.stamps, name="start")
    each = [one.columns() for one in stores]
    store = each[0] if len(each) == 1 else _joined(each, [one.capacity_kwh for one in stores])
    drawn_kw = store["charge_kw"] - store["discharge_kw"] + store["auxiliary_kw"]
    import_kw, export_kw, curtailed, unserved = site.meter(drawn_kw)
    columns = store | {
        "load_kw": site.load_kw, "generation_kw": site.generation_kw, "import_kw": import_kw, "export_kw": export_kw,
        "curtailed_kw": curtailed, "unserved_kw": unserved, "ambient_c": site.ambient_c,
        "buy_price_per_kwh": site.prices.buy_per_kwh, "sell_price_per_kwh": site.prices.sell_per_kwh,
    }  # fmt: skip
    order = [*SERIES, *(name for name in columns if name not in SERIES)]
    weights = np.array([one.capacity_kwh for one in stores]) / max(sum(one.capacity_kwh for one in stores), 1e-9)
    ends = [one.end_soc for one in stores]
    totals = [one.totals(timeline.step_h) for one in stores]
    return Result(
        site,
        pd.DataFrame({name: columns[name] for name in order}, index=index),
        site.charges.bill(import_kw, export_kw),
        {name: sum(one[name] for one in totals) for name in totals[0]},
        float(weights @ ends),
        float(weights @ [one.end_temperature_c for one in stores]),
        {one.plant.name: pd.DataFrame(own, index=index) for one, own in zip(stores, each, strict=True)}
        if len(stores) > 1
        else {},
    )


def _joined(each: list[dict[str, Floats]], capacities_kwh: list[float]) -> dict[str, Floats]:
    """Several stores as one: sums, and means by capacity where a sum says nothing."""
    weight = np.array(capacities_kwh) / max(sum(capacities_kwh), 1e-9)
    shared = [name for name in each[0] if all(name in one for one in each) and name not in ("voltage_v",)]
    means = ("soc", "temperature_c", "unavailable_share")
    told = {}
    for name in shared:
        values = np.array([one[name] for one in each])
        told[name] = np.asarray(weight @ values if name in means else values.sum(axis=0))
    told["energy_value_per_kwh"] = np.full(values.shape[1], np.nan)
    told.pop("pressure_bar", None)
    return told


def _cell_columns(table: ResponseMap, track: Track, capacity: float, health: Health) -> dict[str, Floats]:
    """Voltage, and pressure where the store has one, from the chemistry itself."""
    response = table.physics.respond(
        table.soc(track.share), track.temperature, track.dc_kw / capacity, health.impedance_share
    )
    columns = {"voltage_v": np.asarray(response.voltage_v)}
    if response.pressure_bar is not None:
        columns["pressure_bar"] = np.asarray(response.pressure_bar)
    if table.technology.slow_states:
        columns["unavailable_share"] = track.unavailable
    return columns


def energy_totals(track: Track, step_h: float) -> dict[str, float]:
    """Energies of a run (kWh): drawn and returned at the AC side, lost, self-discharged, auxiliaries, refused."""
    ac = track.ac_kw
    return {
        "charged_kwh": float(np.maximum(ac, 0.0).sum()) * step_h,
        "discharged_kwh": float(np.maximum(-ac, 0.0).sum()) * step_h,
        "converter_loss_kwh": float((ac - track.dc_kw).sum()) * step_h,
        "store_loss_kwh": float(track.store_loss_kw.sum()) * step_h,
        "self_discharge_kwh": float(track.self_discharge_kw.sum()) * step_h,
        "auxiliary_kwh": float(track.auxiliary_kw.sum()) * step_h,
        "refused_kwh": float(track.refused_kw.sum()) * step_h,
    }
