"""What the importers of foreign tariff files share: the case's fields, and naming what a file holds beyond use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from pydantic import Field, PrivateAttr

from perdure.errors import Faults
from perdure.market.charge import ChargeSheet
from perdure.market.files import fault, read_json, resolve
from perdure.market.rate_table import RateTable
from perdure.market.tariff import Connection
from perdure.market.terms import YEAR_REPEATS, Currency, Frozen, Positive, from_case
from perdure.quantities import Sourced
from perdure.timeline import Timeline


class ImportedRate(Frozen):
    """A tariff read from a file of a foreign format; the file is read when the case is."""

    kind: str
    title: str = ""
    currency: Currency = "USD"
    file: str = Field(description="JSON; relative to the case file.")
    export_price_per_kwh: float | None = Field(
        None, description="Settles exports at one price, in place of the file's."
    )
    previous_peaks_kw: tuple[Positive, ...] | None = Field(
        None, min_length=12, max_length=12, description="January to December peaks of the year before, for a look-back."
    )
    _table: RateTable = PrivateAttr()

    @property
    def name(self) -> str:
        """The kind."""
        return self.kind

    def parse(self, data: dict[str, Any], faults: Faults) -> RateTable:
        """The file's content as a rate table, faults noted."""
        raise NotImplementedError

    def model_post_init(self, context: object) -> None:
        """Read the file; raise all that is wrong with it together."""
        faults = Faults()
        try:
            table = self.parse(read_json(resolve(self.file, context)), faults)
        except (TypeError, ValueError, AttributeError, KeyError, IndexError) as error:
            raise fault("file", f"does not have the shape of a {self.kind} file: {error}", self.file) from error
        faults.raise_if_any()
        self._table = table

    def figures(self) -> dict[str, Sourced]:
        """Every rate of the file, and what the case sets."""
        found = self._table.figures()
        if self.export_price_per_kwh is not None:
            found["export_price_per_kwh"] = from_case(self.export_price_per_kwh, f"{self.currency}/kWh")
        return found

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the file holds that is not used, what is assumed, and how exports are settled."""
        billing = self._table.billing_demand
        repeats = () if billing is None or billing.look_back.before_kw is not None else (YEAR_REPEATS,)
        return self._table.remarks + repeats + self._on_export()

    def _on_export(self) -> tuple[str, ...]:
        if self.export_price_per_kwh is not None:
            return ("Exports are settled at export_price_per_kwh, not by the file.",)
        if not any(self._table.sell_per_kwh) and not self._table.export_refused:
            return ("Exported energy is paid nothing: the file states no export price.",)
        return ()

    def periods(self) -> tuple[str, ...]:
        """The energy periods as text."""
        return self._table.energy.text()

    def charges(self, timeline: Timeline, connection: Connection) -> ChargeSheet:
        """Lay the rate on a timeline."""
        sheet = self._table.charges(timeline, connection, self.export_price_per_kwh)
        return ChargeSheet(
            sheet.currency, timeline, sheet.charges, self.remarks + sheet.remarks[len(self._table.remarks) :],
            sheet.minimum_per_month,
        )  # fmt: skip

    def before_kw(self, stated: object = None) -> Any:
        """Peaks of the year before (12,): the case's, otherwise the file's, otherwise None."""
        held = self.previous_peaks_kw if self.previous_peaks_kw is not None else stated
        return None if held is None else np.array(held, dtype=np.float64)


def holds(value: object) -> bool:
    """True where a value of the file says anything: not None, zero, empty, or nested all-empty."""
    if isinstance(value, Mapping):
        return any(holds(part) for part in value.values())
    if isinstance(value, (list, tuple)):
        return any(holds(part) for part in value)
    return bool(value)


def refuse(data: Mapping[str, Any], keys: Mapping[str, str], faults: Faults) -> None:
    """A fault for every key that holds something and would change the bill, with what it is."""
    for key, what in keys.items():
        if holds(data.get(key)):
            text = repr(data[key])
            faults.add(f"file.{key}", f"{what} is not supported and would change the bill",
                       text if len(text) < 80 else text[:77] + "...", "absent or zero",
                       "Remove it from the file if it does not apply to you.")  # fmt: skip


def unused(data: Mapping[str, Any], known: Iterable[str]) -> tuple[str, ...]:
    """A remark naming every key of the file that holds something and is not used."""
    left = sorted(key for key in data if key not in set(known) and holds(data[key]))
    return (f"Not used from the file: {', '.join(left)}.",) if left else ()


def number(data: Mapping[str, Any], key: str, faults: Faults) -> float:
    """A number of the file; 0 where absent, a fault where it is none."""
    value = data.get(key)
    if value is None or value == "":
        return 0.0
    try:
        return float(value)
    except (TypeError, ValueError):
        faults.add(f"file.{key}", "is no number", repr(value))
        return 0.0
