"""A case: one site, the stores to be weighed, and the terms; read from a YAML file with every fault told at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from perdure.dispatch.posed import sells_above_purchase
from perdure.economics.finance import Finance
from perdure.errors import Faults, InputError, did_you_mean
from perdure.market.stack import check_stack
from perdure.simulate.options import LifeOptions
from perdure.site.inputs import AmbientInput, GenerationSeries, LoadSeries, ModelledGeneration
from perdure.site.outlook import Outlook
from perdure.site.site import Site
from perdure.site.table import existing
from perdure.study.assembly import SiteParts, assemble_site
from perdure.study.candidate import Candidate, build_candidate
from perdure.study.case_file import CandidateInput, CaseFile, ConnectionInput, SiteInput, TimelineInput
from perdure.study.case_text import CaseText, read_text
from perdure.study.foresight_choice import Foresight, read_foresight
from perdure.study.outlook_file import OutlookInput
from perdure.study.outlook_read import read_outlook
from perdure.study.sizing.options import SizeInput
from perdure.study.technologies import find_technology
from perdure.study.uncertainty.file import UncertaintyInput
from perdure.study.uncertainty.inputs import resolve
from perdure.validation import check

__all__ = ["Candidate", "Case", "build_case", "read_case"]
Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Case:
    """What is asked: `site` has no plant yet; `text` is the file as run; paths in it are relative to `folder`."""

    title: str
    site: Site
    candidates: tuple[Candidate, ...]
    finance: Finance
    lifetime: LifeOptions
    text: str
    folder: Path
    remarks: tuple[str, ...] = field(default=())
    size: SizeInput = field(default_factory=lambda: SizeInput.model_validate({}))
    foresight: Foresight = field(default_factory=Foresight)
    outlook: Outlook = field(default_factory=Outlook)
    uncertainty: UncertaintyInput = field(default_factory=lambda: UncertaintyInput.model_validate({}))


def read_case(path: Path | str) -> Case:
    """The case in the YAML file at `path`; one InputError tells every fault in the file and in what it names."""
    return build_case(read_text(Path(path)))


def build_case(text: CaseText, sites: dict[str, Site] | None = None) -> Case:
    """The case of a file already read; one InputError tells every fault in it and in what it names.

    `sites`: sites of other cases in the same folder, taken where all that makes them is the same, and added to; the
    caller vouches that the files they were read from did not change.
    """
    faults = Faults(str(text.path))
    case = _build(text, faults, sites)
    if faults.found or case is None:
        raise InputError(_with_lines(text, faults), str(text.path))
    return case


def _build(text: CaseText, faults: Faults, sites: dict[str, Site] | None) -> Case | None:
    data = text.data
    for key in data:
        if key not in CaseFile.model_fields:
            faults.add(str(key), "unknown key", cure=did_you_mean(str(key), CaseFile.model_fields))
    finance = _part(data, "finance", Finance, faults)
    lifetime = _part(data, "lifetime", LifeOptions, faults)
    size = _part(data, "size", SizeInput, faults)
    uncertainty = _part(data, "uncertainty", UncertaintyInput, faults)
    site = _site(data, text.path.parent, faults, sites)
    candidates = _candidates(data, text.path.parent, finance, lifetime, faults)
    if site is not None and finance is not None:
        _check_currencies(site, candidates, finance, faults)
    if site is not None:
        site = _with_service_remarks(site, candidates, faults)
    foresight = read_foresight(data.get("foresight"), site, text.path.parent, faults)
    outlook = _outlook(data, site, lifetime, text.path.parent, faults, sites)
    title = data.get("title", "")
    if not isinstance(title, str):
        faults.add("title", "is not a text", repr(title))
    if faults.found or site is None or finance is None or lifetime is None or size is None or foresight is None:
        return None
    if outlook is None or uncertainty is None:
        return None
    remarks = (*site.remarks, *_told_of_prices(site), *finance.remarks(finance.currency or site.tariff.currency))
    case = Case(title or site.name, site, candidates, finance, lifetime, text.text, text.path.parent, remarks,
                size, foresight, outlook, uncertainty)  # fmt: skip
    if uncertainty.inputs:
        resolve(case, uncertainty, faults)
    return case


def _told_of_prices(site: Site) -> tuple[str, ...]:
    """What a plan will make of export prices above purchase, where anything may be exported."""
    count = sells_above_purchase(site.prices) if site.connection.export_limit_kw > 0.0 else 0
    if not count:
        return ()
    told = (
        f"Export is paid above purchase in {count} of {site.timeline.steps} steps: a store gains by buying to sell, "
        "which contracts often forbid, and plans of such steps take long. If only own generation may be sold, price "
        "export no higher than purchase."
    )
    return (told,)


def _outlook(
    data: dict[str, Any], site: Site | None, life: LifeOptions | None, folder: Path, faults: Faults,
    sites: dict[str, Site] | None,
) -> Outlook | None:  # fmt: skip
    spec = _part(data, "outlook", OutlookInput, faults)
    if spec is None or site is None or life is None:
        return None
    return read_outlook(
        spec, data, site, life, folder, lambda parts, own: _site(parts, folder, own, sites), faults
    )  # fmt: skip


def _site(data: dict[str, Any], folder: Path, faults: Faults, sites: dict[str, Site] | None) -> Site | None:
    before = len(faults.found)
    parts = _site_parts(data, folder, faults)
    key = repr(parts)
    if sites is not None and key in sites and len(faults.found) == before:
        return sites[key]
    site = assemble_site(parts, faults)
    if sites is not None and site is not None and len(faults.found) == before:
        sites[key] = site
    return site


def _with_service_remarks(site: Site, candidates: tuple[Candidate, ...], faults: Faults) -> Site:
    """The site with what its services assume, and say of each candidate; what no plan can keep is a fault."""
    remarks = dict.fromkeys(text for one in site.services for text in one.remarks)
    for position, one in enumerate(candidates if site.services else ()):
        with faults.under(f"candidates[{position}]"):
            _check_service_money(site)
            told = check_stack(site.services, site.with_plant(*one.plants).setting(), site.tariff.name)
            remarks |= dict.fromkeys(f"{one.name}: {text}" for text in told)
    return replace(site, remarks=(*site.remarks, *remarks))


def _check_service_money(site: Site) -> None:
    """Services are billed with the tariff, so they must be in its currency."""
    faults = Faults()
    for one in site.services:
        if one.currency is not None and one.currency != site.tariff.currency:
            faults.add(f"services: {one.name}", "is in another currency than the tariff", one.currency,
                       site.tariff.currency, "Convert its prices.")  # fmt: skip
    faults.raise_if_any()


def _check_currencies(site: Site, candidates: tuple[Candidate, ...], finance: Finance, faults: Faults) -> None:
    """Every currency must turn into that of the results before anything is computed."""
    result = finance.currency or site.tariff.currency
    costs = [store.costs for one in candidates for store in one.stores]
    for currency in dict.fromkeys([site.tariff.currency, *(one.currency for one in costs)]):
        try:
            finance.exchange_rate(currency, result)
        except InputError as error:
            faults.found += error.faults


def _part(data: dict[str, Any], name: str, kind: type[Kind], faults: Faults) -> Kind | None:
    """One part of the file, its defaults where it is left out and may be; None where it is faulty."""
    raw = data.get(name)
    if raw is None:
        rule = CaseFile.model_fields[name]
        if rule.is_required():
            faults.add(name, "is missing", cure=rule.description)
            return None
        raw = {}
    return check(kind, raw, name, faults)


def _site_parts(data: dict[str, Any], folder: Path, faults: Faults) -> SiteParts:
    before = len(faults.found)
    generation: list[tuple[str, GenerationSeries | ModelledGeneration]] = []
    for place, raw in _items(data, "generation"):
        kind: type[GenerationSeries] | type[ModelledGeneration] = (
            ModelledGeneration if isinstance(raw, dict) and "pv" in raw else GenerationSeries
        )
        made = check(kind, raw, place, faults)
        if made is None:
            _check_files(raw, folder, place, faults)
        else:
            generation.append((place, made))
    sound = len(faults.found) == before
    return SiteParts(
        folder=folder,
        site=_part(data, "site", SiteInput, faults),
        timeline=_part(data, "timeline", TimelineInput, faults),
        load=_loads(data, folder, faults),
        generation=generation,
        generation_sound=sound,
        ambient=None if data.get("ambient") is None else _part(data, "ambient", AmbientInput, faults),
        ambient_given=data.get("ambient") is not None,
        connection=_part(data, "connection", ConnectionInput, faults),
        tariff=_tariff(data, faults),
        services=data.get("services") or (),
    )


def _items(data: dict[str, Any], name: str) -> list[tuple[str, Any]]:
    """A part that may be one or a list, as places and raw values."""
    raw = data.get(name)
    if isinstance(raw, list):
        return [(f"{name}[{index}]", item) for index, item in enumerate(raw)]
    return [] if raw is None else [(name, raw)]


def _loads(data: dict[str, Any], folder: Path, faults: Faults) -> list[tuple[str, LoadSeries]]:
    items = _items(data, "load")
    if not items:
        faults.add("load", "is missing" if data.get("load") is None else "is an empty list",
                   allowed="one series or more",
                   cure="Name the file, column and unit of the site's load.")  # fmt: skip
    sound: list[tuple[str, LoadSeries]] = []
    for place, raw in items:
        series = check(LoadSeries, raw, place, faults)
        if series is None:
            _check_files(raw, folder, place, faults)
        else:
            sound.append((place, series))
    return sound


def _check_files(raw: object, folder: Path, place: str, faults: Faults) -> None:
    """A series with another fault still has its file looked for."""
    if isinstance(raw, dict) and "pv" in raw:
        raw, place = raw["pv"], f"{place}.pv"
    for key in ("file", "weather_file"):
        name = raw.get(key) if isinstance(raw, dict) else None
        if isinstance(name, str) and name:
            with faults.under(place):
                existing(folder, name, key)


def _tariff(data: dict[str, Any], faults: Faults) -> dict[str, object] | None:
    raw = data.get("tariff")
    if isinstance(raw, dict):
        return raw
    if raw is None:
        faults.add(
            "tariff", "is missing", cure="'perdure tariffs' lists what there is, e.g. tariff: {kind: flat, ...}."
        )
    else:
        faults.add("tariff", "is not keys and values", repr(raw), cure=f"Write tariff: {{kind: {raw}}}.")
    return None


def _candidates(
    data: dict[str, Any], folder: Path, finance: Finance | None, lifetime: LifeOptions | None, faults: Faults
) -> tuple[Candidate, ...]:
    raw = data.get("candidates")
    items = raw if isinstance(raw, list) else [] if raw is None else [raw]
    if not items:
        faults.add("candidates", "is missing" if raw is None else "is an empty list", allowed="one candidate or more",
                   cure="Add '- {name: ..., technology: ..., energy_kwh: ..., power_kw: ...}'.")  # fmt: skip
    built: list[Candidate] = []
    for index, item in enumerate(items):
        place = f"candidates[{index}]"
        spec = check(CandidateInput, item, place, faults)
        if spec is None:
            _check_technology(item, place, folder, faults)
            continue
        with faults.under(place):
            built.append(build_candidate(spec, finance, lifetime, folder))
    names = [one.name for one in built]
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.add("candidates", "two candidates have the same name", repr(name), cure="Give each its own name.")
    return tuple(built)


def _check_technology(item: object, place: str, folder: Path, faults: Faults) -> None:
    """A candidate with another fault still has its technology looked up."""
    name = item.get("technology") if isinstance(item, dict) else None
    if isinstance(name, str) and name:
        with faults.under(place):
            find_technology(name, "technology", folder)


def _with_lines(text: CaseText, faults: Faults) -> list[Any]:
    """Faults in the order of the file, each with its line."""
    numbered = [(text.line(fault.place), fault) for fault in dict.fromkeys(faults.found)]
    numbered.sort(key=lambda pair: pair[0] or 0)
    return [replace(fault, place=f"{fault.place} (line {line})") if line else fault for line, fault in numbered]
