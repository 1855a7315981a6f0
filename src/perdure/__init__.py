"""perdure plans, simulates and runs long-life energy storage: the public nouns and verbs, loaded when first used."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perdure.dispatch.optimise import optimise as optimise
    from perdure.errors import InputError as InputError
    from perdure.errors import NoPlanError as NoPlanError
    from perdure.errors import PerdureError as PerdureError
    from perdure.errors import SolverError as SolverError
    from perdure.market.reading import TARIFFS as TARIFFS
    from perdure.market.reading import read_tariff as read_tariff
    from perdure.market.tariff import Connection as Connection
    from perdure.simulate.lifetime import live_through as live_through
    from perdure.simulate.run import simulate as simulate
    from perdure.site.plant import Plant as Plant
    from perdure.site.site import Site as Site
    from perdure.study.case import Case as Case
    from perdure.study.case import read_case as read_case
    from perdure.study.run import run_case as run_case
    from perdure.technology.technology import TECHNOLOGIES as TECHNOLOGIES
    from perdure.technology.technology import Technology as Technology
    from perdure.timeline import Timeline as Timeline

__version__ = "0.1.0"

_HOMES = {
    "Case": "study.case",
    "Connection": "market.tariff",
    "InputError": "errors",
    "NoPlanError": "errors",
    "PerdureError": "errors",
    "Plant": "site.plant",
    "Site": "site.site",
    "SolverError": "errors",
    "TARIFFS": "market.reading",
    "TECHNOLOGIES": "technology.technology",
    "Technology": "technology.technology",
    "Timeline": "timeline",
    "live_through": "simulate.lifetime",
    "optimise": "dispatch.optimise",
    "read_case": "study.case",
    "read_tariff": "market.reading",
    "run_case": "study.run",
    "simulate": "simulate.run",
}
"""Where each public name lives; importing perdure alone loads none of it, so the command line answers at once."""

__all__ = sorted([*_HOMES, "__version__"])


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'perdure' has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"perdure.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return __all__


class _Face(ModuleType):
    """This module, with the verb `simulate` kept from being hidden by the package of the same name."""

    @property
    def simulate(self) -> Any:
        return __getattr__("simulate")

    @simulate.setter
    def simulate(self, package: ModuleType) -> None:
        """Called by the import of `perdure.simulate`; the package stays in sys.modules, the name here is the verb's."""


sys.modules[__name__].__class__ = _Face
