"""Builds a case's outlook: further measured years as sites, tariffs of reforms, growth, stages; all checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from perdure.errors import Faults, InputError
from perdure.market.price_levels import PriceLevels
from perdure.market.reading import read_tariff
from perdure.market.tariff import Tariff
from perdure.simulate.lifetime import grown
from perdure.simulate.options import LifeOptions
from perdure.site.outlook import Outlook, Reform, Stage
from perdure.site.site import Site
from perdure.study.outlook_file import OutlookInput, ReformInput

ReadSite = Callable[[dict[str, Any], Faults], Site | None]
"""Reads the site of a case file's parts."""


def read_outlook(
    spec: OutlookInput, data: Mapping[str, Any], site: Site, life: LifeOptions, folder: Path, read_site: ReadSite,
    faults: Faults,
) -> Outlook:  # fmt: skip
    """The outlook of a case; `data`: the case as written, for the parts a measured year does not name."""
    growth = spec.price_growth_share_per_year
    return grown(
        life,
        Outlook(
            measured=_measured(spec, data, site, read_site, faults),
            price_growth=PriceLevels(*(1.0 + getattr(growth, name) for name in PriceLevels.__dataclass_fields__)),
            reforms=_reforms(spec, site, folder, faults),
            stages=tuple(Stage(**one.model_dump()) for one in spec.stages),
        ),
    )


def _measured(
    spec: OutlookInput, data: Mapping[str, Any], site: Site, read_site: ReadSite, faults: Faults
) -> tuple[Site, ...]:
    found = []
    for position, one in enumerate(spec.measured):
        parts = dict(data)
        for name in ("load", "generation", "ambient"):
            if getattr(one, name) is not None:
                given = getattr(one, name)
                parts[name] = list(given) if isinstance(given, tuple) else given
        timeline = data.get("timeline")
        parts["timeline"] = {"step_minutes": site.timeline.step_minutes} | (
            timeline if isinstance(timeline, dict) else {}
        ) | {"year": one.year}  # fmt: skip
        with faults.under(f"outlook.measured[{position}]"):
            own = Faults()
            read = read_site(parts, own)
            own.raise_if_any()
            if read is not None:
                found.append(read)
    return tuple(found)


def _reforms(spec: OutlookInput, site: Site, folder: Path, faults: Faults) -> tuple[Reform, ...]:
    found = []
    for position, one in enumerate(spec.reforms):
        place = f"outlook.reforms[{position}]"
        tariff = _tariff(one, place, folder, faults)
        if tariff is None:
            continue
        with faults.under(f"{place}.tariff"):
            tariff.charges(site.timeline, site.connection)
            found.append(Reform(one.from_year, tariff))
        if tariff.currency != site.tariff.currency:
            faults.add(f"{place}.tariff", "is in another currency than the case's tariff", tariff.currency,
                       site.tariff.currency, "Convert its prices.")  # fmt: skip
    return tuple(found)


def _tariff(one: ReformInput, place: str, folder: Path, faults: Faults) -> Tariff | None:
    try:
        return read_tariff(one.tariff, folder, f"{place}.tariff")
    except InputError as error:
        faults.found += error.faults
        return None
