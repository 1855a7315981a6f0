"""What stands behind one meter: load, generation, weather, connection and tariff; and what it costs with no store."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from perdure.errors import Fault, InputError
from perdure.market.charge import Bill, Prices
from perdure.market.service import Service, ServiceTerms, Setting, joined
from perdure.market.tariff import Charges, Connection, Tariff
from perdure.site.plant import Plant
from perdure.technology.dispatch_view import DispatchView
from perdure.timeline import Floats, Timeline

WHATEVER_THE_PLANTS = ("charges", "net_kw", "prices", "bill_without")
"""What is worked out once and does not depend on the plants."""


@dataclass(frozen=True)
class Site:
    """One meter and all behind it. Series are means over each step: kW and °C, shape (steps,)."""

    name: str
    timeline: Timeline
    load_kw: Floats
    generation_kw: Floats
    ambient_c: Floats
    connection: Connection
    tariff: Tariff
    plants: tuple[Plant, ...] = ()
    place: str = ""
    remarks: tuple[str, ...] = field(default=())  # what was filled, modelled or assumed on the way in
    services: tuple[Service, ...] = ()
    service_terms: ServiceTerms | None = None  # of the services on the whole timeline, where this is a part of it

    def with_plant(self, *plants: Plant) -> Site:
        """The same site with these plants behind the meter, one or several; what is worked out already is shared."""
        site = replace(self, plants=plants)
        known = vars(self)
        vars(site).update({name: known[name] for name in WHATEVER_THE_PLANTS if name in known})
        return site

    def worked_out(self) -> Site:
        """This site, with all that does not depend on plants worked out, so that many lives on it share it."""
        for name in WHATEVER_THE_PLANTS:
            getattr(self, name)
        return self

    @property
    def the_plant(self) -> Plant:
        """The only plant; InputError where the site has none or several."""
        if len(self.plants) != 1:
            problem = "holds several plants, and this works on one" if self.plants else "is missing"
            raise InputError([Fault("site.plants", problem, cure="Use site.with_plant(...).")])
        return self.plants[0]

    @cached_property
    def charges(self) -> Charges:
        """The tariff over this site's timeline and connection."""
        return self.tariff.charges(self.timeline, self.connection)

    def setting(self) -> Setting:
        """What the site's services may know of it and of all its plants together; InputError without a plant."""
        views = [plant.view_when_new() for plant in self.plants or (self.the_plant,)]
        usable = [view.high_kwh - view.low_kwh for view in views]
        return Setting(
            self.timeline, self.load_kw, self.generation_kw, self.connection.import_limit_kw,
            self.connection.export_limit_kw, sum(-float(view.ac_nodes[0]) for view in views),
            sum(float(view.ac_nodes[-1]) for view in views), sum(usable),
            sum(_out_share(view) * one for view, one in zip(views, usable, strict=True)) / sum(usable),
        )  # fmt: skip

    @cached_property
    def promised(self) -> ServiceTerms:
        """What the services together ask of the plan."""
        if self.service_terms is not None:
            return self.service_terms
        setting = self.setting()
        return joined([one.terms(setting) for one in self.services])

    @cached_property
    def net_kw(self) -> Floats:
        """Load minus generation (steps,)."""
        return self.load_kw - self.generation_kw

    @cached_property
    def prices(self) -> Prices:
        """The tariff as the optimiser sees it, straightened around the import without storage."""
        return self.charges.prices(np.maximum(self.net_kw, 0.0))

    def meter(self, plant_kw: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Import, export, curtailed and unserved power (kW) when the plant draws `plant_kw`."""
        net = self.net_kw + plant_kw
        import_kw = np.clip(net, 0.0, self.connection.import_limit_kw)
        surplus = np.maximum(-net, 0.0)
        export_kw = np.minimum(surplus, self.connection.export_limit_kw)
        return import_kw, export_kw, surplus - export_kw, np.maximum(net, 0.0) - import_kw

    @cached_property
    def bill_without(self) -> Bill:
        """What the site pays with no store."""
        import_kw, export_kw, _, _ = self.meter(np.zeros(self.timeline.steps))
        return self.charges.bill(import_kw, export_kw)


def _out_share(view: DispatchView) -> float:
    """AC energy out over stored energy taken at full power."""
    return float(view.ac_nodes[0] / view.store_nodes[0])
