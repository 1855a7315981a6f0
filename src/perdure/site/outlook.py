"""How the years of a project differ: measured years in turn, growth, price levels, tariff reforms, stages."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from perdure.market.price_levels import PriceLevels, tariff_at
from perdure.market.tariff import Connection, Tariff
from perdure.site.site import Site


@dataclass(frozen=True)
class Reform:
    """Another tariff from a project year on, at the prices of that year."""

    from_year: int
    tariff: Tariff


@dataclass(frozen=True)
class Stage:
    """What changes at the site at the start of a project year and stays; None: as before."""

    from_year: int
    load_scale: float = 1.0
    generation_scale: float = 1.0
    import_limit_kw: float | None = None
    export_limit_kw: float | None = None
    transformer_kva: float | None = None


@dataclass(frozen=True)
class Outlook:
    """The project's years. `measured`: sites of further measured years, taken in turn after the case's own.

    Yearly factors: 1.02 grows by 2 %. `price_growth` counts from the first year, a reformed tariff's from its own.
    """

    measured: tuple[Site, ...] = ()
    load_growth: float = 1.0
    generation_growth: float = 1.0
    price_growth: PriceLevels = field(default_factory=PriceLevels)
    reforms: tuple[Reform, ...] = ()
    stages: tuple[Stage, ...] = ()

    def site(self, first: Site, year: int) -> Site:
        """What stands there in a project year, from 1; `first` is the case's site with its plants."""
        base = self._measured(first, year)
        site = base if base is first else replace(base, plants=first.plants)
        load, generation = self.load_growth ** (year - 1), self.generation_growth ** (year - 1)
        for stage in self.due(year):
            load, generation = load * stage.load_scale, generation * stage.generation_scale
            site = replace(site, connection=_changed(site, stage))
        reform, growing_from = self.reform(year), 1
        tariff = site.tariff
        if reform is not None:
            tariff, growing_from = reform.tariff, reform.from_year
        tariff = tariff_at(tariff, self.price_growth.after(year - growing_from))
        if tariff is not site.tariff:
            site = replace(site, tariff=tariff)
        if load != 1.0 or generation != 1.0:
            site = replace(site, load_kw=site.load_kw * load, generation_kw=site.generation_kw * generation)
        return site

    def due(self, year: int) -> tuple[Stage, ...]:
        """The stages that have come by a year."""
        return tuple(one for one in self.stages if one.from_year <= year)

    def reform(self, year: int) -> Reform | None:
        """The reform in force in a year."""
        found = [one for one in self.reforms if one.from_year <= year]
        return max(found, key=lambda one: one.from_year) if found else None

    def measured_name(self, first: Site, year: int) -> str:
        """The calendar year whose series a project year uses."""
        base = self._measured(first, year)
        return str(base.timeline.local[base.timeline.steps // 2].year)

    def _measured(self, first: Site, year: int) -> Site:
        return (first, *self.measured)[(year - 1) % (1 + len(self.measured))]


def _changed(site: Site, stage: Stage) -> Connection:
    """The connection with what a stage names."""
    named = {name: getattr(stage, name) for name in ("import_limit_kw", "export_limit_kw", "transformer_kva")}
    return replace(site.connection, **{name: value for name, value in named.items() if value is not None})
