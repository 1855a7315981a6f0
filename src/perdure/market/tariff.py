"""What a tariff is to everyone above it: a name, a currency, its sources, and charges over a timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from perdure.market.charge import Bill, Prices
from perdure.quantities import Sourced
from perdure.timeline import Floats, Timeline


@dataclass(frozen=True)
class Connection:
    """The wire to the grid: limits in kW at the meter, transformer size in kVA (None: not stated)."""

    import_limit_kw: float = float("inf")
    export_limit_kw: float = 0.0
    transformer_kva: float | None = None


class Charges(Protocol):
    """A tariff laid over one timeline and connection."""

    @property
    def currency(self) -> str:
        """Three letters, such as CNY."""

    def bill(self, import_kw: Floats, export_kw: Floats) -> Bill:
        """The bill of metered power (steps,) in kW."""

    def prices(self, import_kw: Floats) -> Prices:
        """The straight-line view for the optimiser, straightened where needed around `import_kw` (steps,)."""


class Tariff(Protocol):
    """A tariff before it meets a timeline."""

    @property
    def name(self) -> str:
        """Its name in the catalogue."""

    @property
    def currency(self) -> str:
        """Three letters, such as CNY."""

    @property
    def title(self) -> str:
        """What a reader calls it."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was assumed, is unverified, or is left out of this tariff."""

    def charges(self, timeline: Timeline, connection: Connection) -> Charges:
        """Lay the tariff over a timeline; InputError names every hole or missing figure."""

    def figures(self) -> dict[str, Sourced]:
        """Every number of the datasheet with its source and confidence."""

    def periods(self) -> tuple[str, ...]:
        """The price periods as text, one line each; empty where there are none."""
