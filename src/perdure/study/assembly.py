"""Builds the Site from the parts of a case file: series on one timeline, connection, tariff, and checks across them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from perdure.errors import Faults, InputError
from perdure.market.charge import UNLIMITED
from perdure.market.reading import read_tariff
from perdure.market.service import Service
from perdure.market.service_reading import read_services
from perdure.market.tariff import Connection, Tariff
from perdure.site.checks import Suspicions, check_power, check_sun, to_kw
from perdure.site.clock import clock
from perdure.site.inputs import AmbientInput, GenerationSeries, LoadSeries, ModelledGeneration, PvInput, SeriesInput
from perdure.site.photovoltaics import model_pv
from perdure.site.profiles import ambient_profile
from perdure.site.series import Reading, read_series
from perdure.site.site import Site
from perdure.site.weather import Weather, read_weather
from perdure.study.case_file import ConnectionInput, SiteInput, TimelineInput
from perdure.study.span import choose_timeline, covers
from perdure.timeline import Floats, Timeline

Loads = Sequence[tuple[str, LoadSeries]]
Generations = Sequence[tuple[str, GenerationSeries | ModelledGeneration]]


@dataclass(frozen=True)
class SiteParts:
    """What of a case file concerns the site, each part sound by itself or None; series with their dotted places."""

    folder: Path
    site: SiteInput | None
    timeline: TimelineInput | None
    load: Loads
    generation: Generations
    generation_sound: bool
    ambient: AmbientInput | None
    ambient_given: bool
    connection: ConnectionInput | None
    tariff: dict[str, object] | None
    services: object = ()


@dataclass
class _Work:
    """What has been found out so far."""

    parts: SiteParts
    faults: Faults
    zone: str
    zone_sound: bool
    connection: Connection
    remarks: list[str] = field(default_factory=list)

    @property
    def reference_kw(self) -> float | None:
        """What the size of a series is held against."""
        limit = min(self.connection.import_limit_kw, self.connection.transformer_kva or UNLIMITED)
        return limit if np.isfinite(limit) else None


def assemble_site(parts: SiteParts, faults: Faults) -> Site | None:
    """The site, or None where faults keep it from being built; reads on after a fault to tell as many as it can."""
    work = _start(parts, faults)
    loads = [(place, spec, reading) for place, spec in parts.load if (reading := _read(work, place, spec)) is not None]
    timeline = None
    if loads and parts.timeline:
        timeline = choose_timeline(parts.timeline, loads, work.zone, faults, work.remarks)
    tariff = _tariff(work, timeline)
    load = _sum_up(loads, timeline, faults)
    generation = _generation(work, timeline)
    ambient = _ambient(work, timeline)
    services = _services(work)
    if (
        timeline is None
        or tariff is None
        or parts.site is None
        or load is None
        or generation is None
        or ambient is None
    ):
        return None
    site = Site(
        parts.site.name, timeline, load, generation, ambient, work.connection, tariff, place=parts.site.place,
        remarks=(),
    )  # fmt: skip
    _check_limits(work, site)
    remarks = (*work.remarks, *getattr(tariff, "remarks", ()))
    return replace(site, services=services, remarks=remarks)


def _start(parts: SiteParts, faults: Faults) -> _Work:
    zone, sound = parts.site.zone if parts.site else "UTC", parts.site is not None
    try:
        if sound and zone[:1] in "+-":
            faults.add("site.zone", "is an offset, not a place's clock", repr(zone), "an IANA name",
                       "Use a name such as Asia/Shanghai; offsets are for the stamps of a file.")  # fmt: skip
            zone, sound = "UTC", False
        clock(zone, "site.zone")
    except InputError as error:
        faults.found += error.faults
        zone, sound = "UTC", False
    given = parts.connection or ConnectionInput.model_validate({})
    remarks = []
    limit = given.import_limit_kw
    if limit is None and given.transformer_kva is not None:
        limit = given.transformer_kva
        remarks.append(f"Import limit taken as {limit:g} kW: the transformer at power factor 1.")
    connection = Connection(UNLIMITED if limit is None else limit, given.export_limit_kw, given.transformer_kva)
    return _Work(parts, faults, zone, sound, connection, remarks)


def _read(work: _Work, place: str, spec: SeriesInput) -> Reading | None:
    """One series in kW, checked; None where it cannot be used."""
    with work.faults.under(place):
        reading = read_series(spec, work.parts.folder, work.zone)
        found = Faults()
        doubts = Suspicions(spec, found, work.remarks)
        power_kw = to_kw(spec, reading)
        check_power(spec, reading, power_kw, spec.rated_kw or work.reference_kw, doubts)
        if isinstance(spec, GenerationSeries) and spec.kind == "pv" and work.zone_sound:
            site = work.parts.site
            latitude, longitude = (site.latitude, site.longitude) if site else (None, None)
            check_sun(reading, power_kw, latitude, longitude, doubts)
        work.remarks += reading.remarks
        found.raise_if_any()
        return Reading(reading.timeline, power_kw, reading.rows, reading.origin)
    return None


def _sum_up(
    series: Sequence[tuple[str, SeriesInput, Reading]], timeline: Timeline | None, faults: Faults
) -> Floats | None:
    """All series added on the timeline (steps,) in kW."""
    if timeline is None:
        return None
    total = np.zeros(timeline.steps)
    for place, spec, reading in series:
        if not covers(place, spec, reading, timeline, faults):
            continue
        with faults.under(place):
            total += timeline.align(reading.values, reading.timeline, spec.column)
    return total


def _generation(work: _Work, timeline: Timeline | None) -> Floats | None:
    total = None if timeline is None else np.zeros(timeline.steps)
    for place, spec in work.parts.generation:
        if isinstance(spec, ModelledGeneration):
            made = _modelled(work, f"{place}.pv", spec.pv, timeline)
        else:
            reading = _read(work, place, spec)
            made = None if reading is None else _sum_up([(place, spec, reading)], timeline, work.faults)
        if total is not None and made is not None:
            total += made
    return total


def _modelled(work: _Work, place: str, pv: PvInput, timeline: Timeline | None) -> Floats | None:
    with work.faults.under(place):
        weather = read_weather(work.parts.folder, pv.weather_file)
        if timeline is None:
            return None
        latitude, longitude, altitude = _position(work, weather)
        power, remarks = model_pv(pv, weather, timeline, latitude, longitude, altitude)
        work.remarks += remarks
        return power
    return None


def _position(work: _Work, weather: Weather) -> tuple[float, float, float]:
    site = work.parts.site
    if site is None or site.latitude is None or site.longitude is None:
        work.remarks.append(f"Position taken from the weather file: {weather.name}.")
        return weather.latitude, weather.longitude, weather.altitude_m
    far = max(abs(site.latitude - weather.latitude), abs(site.longitude - weather.longitude))
    if far > 1.0:
        work.remarks.append(f"The weather file ({weather.name}) lies {far:.1f} degrees from the site.")
    return site.latitude, site.longitude, site.altitude_m


def _ambient(work: _Work, timeline: Timeline | None) -> Floats | None:
    spec, place = work.parts.ambient, "ambient"
    if spec is None:
        if work.parts.ambient_given:
            return None  # given, but faulty
        modelled = [(p, s.pv) for p, s in work.parts.generation if isinstance(s, ModelledGeneration)]
        if not modelled:
            if work.parts.generation_sound:
                work.faults.add("ambient", "is missing: the store's losses and ageing depend on the temperature",
                                cure="Add for example ambient: {constant_c: 20}, or monthly normals.")  # fmt: skip
            return None
        try:
            weather = read_weather(work.parts.folder, modelled[0][1].weather_file)
        except InputError:
            return None  # told where the photovoltaics are modelled
        work.remarks.append(f"Outdoor temperature from {modelled[0][1].weather_file} ({weather.name}).")
        return None if timeline is None else weather.ambient_c(timeline)
    with work.faults.under(place):
        profile, remarks = ambient_profile(spec, work.parts.folder, timeline or Timeline.year(2025, work.zone, 60))
        work.remarks += remarks
        return None if timeline is None else profile
    return None


def _tariff(work: _Work, timeline: Timeline | None) -> Tariff | None:
    """The tariff, laid over the timeline once to find holes; without a timeline only the connection is tried."""
    if work.parts.tariff is None:
        return None
    try:
        tariff = read_tariff(work.parts.tariff, work.parts.folder, "tariff")
    except InputError as error:
        work.faults.found += error.faults
        return None
    with work.faults.under("tariff"):
        try:
            tariff.charges(timeline or Timeline.year(2025, work.zone, 60), work.connection)
        except InputError as error:
            elsewhere = [fault for fault in error.faults if fault.place.startswith("connection")]
            work.faults.found += elsewhere
            if timeline is not None and len(elsewhere) < len(error.faults):
                raise InputError([fault for fault in error.faults if fault not in elsewhere]) from error
            return None
    return tariff


def _services(work: _Work) -> tuple[Service, ...]:
    try:
        return read_services(work.parts.services, work.parts.folder, "services")
    except InputError as error:
        work.faults.found += error.faults
        return ()


def _check_limits(work: _Work, site: Site) -> None:
    """Load above the import limit is a fault; generation nobody takes is a remark."""
    over = site.net_kw - site.connection.import_limit_kw
    worst = int(np.argmax(over))
    if over[worst] > 1e-6:
        stamp = site.timeline.local[worst].strftime("%Y-%m-%d %H:%M")
        said = (f"load less generation is above the import limit in {int((over > 1e-6).sum())} steps, "
                f"most by {over[worst]:.4g} kW at {stamp}")  # fmt: skip
        value, allowed = f"{site.net_kw[worst]:.5g} kW", f"at most {site.connection.import_limit_kw:g} kW"
        if any("import_limit" in spec.accept for _, spec in work.parts.load):
            work.remarks.append(f"{said[0].upper()}{said[1:]} (got {value}); accepted in the case file.")
        else:
            work.faults.add("connection.import_limit_kw", said, value, allowed,
                            "Raise the limit or scale the load; if storage shall serve the rest, "
                            "say accept: [import_limit] under load.")  # fmt: skip
    lost = np.maximum(-site.net_kw - site.connection.export_limit_kw, 0.0).sum() * site.timeline.step_h
    if lost > 0.0:
        work.remarks.append(f"{lost:,.0f} kWh a year of generation exceed load and export limit; "
                            "without storage they are curtailed.")  # fmt: skip
