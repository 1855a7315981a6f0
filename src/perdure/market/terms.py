"""What all typed tariffs share: export, demand, capacity and fixed charges, and where figures come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Annotated, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from perdure.errors import Fault, Faults, InputError
from perdure.market.charge import (
    UNLIMITED,
    BillingMonths,
    Charge,
    ChargeSheet,
    EnergyCharge,
    ExportCredit,
    FixedCharge,
    tiered_energy,
)
from perdure.market.demand import LookBack, UseDiscount, monthly_peaks
from perdure.market.tariff import Connection
from perdure.quantities import Confidence, Sourced
from perdure.timeline import Floats, Ints, Timeline

Positive = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="Three capital letters, such as CNY or EUR.")]
_UNITS = (
    ("_per_kw_month", "/kW·month"),
    ("_per_kva_month", "/kVA·month"),
    ("_per_kwh", "/kWh"),
    ("_per_month", "/month"),
    ("_per_day", "/day"),
)


YEAR_REPEATS = (
    "The look-back takes a year as repeating, and a shorter time as the first: no previous_peaks_kw are stated."
)


class Frozen(BaseModel):
    """A block of a case file: frozen, unknown keys forbidden."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class EnergyTier(Frozen):
    """A price up to a monthly use; the last tier has no bound."""

    up_to_kwh_per_month: Annotated[float, Field(gt=0)] | None = None
    price_per_kwh: float


class DemandTier(Frozen):
    """A demand price up to a peak; the last tier has no bound."""

    up_to_kw: Annotated[float, Field(gt=0)] | None = None
    price_per_kw_month: Positive


def check_tiers(bounds: Sequence[float | None], place: str, faults: Faults) -> None:
    """Tiers must rise and end open; each fault names its tier."""
    for i, bound in enumerate(bounds[:-1]):
        if bound is None:
            faults.add(f"{place}[{i}]", "has no upper bound but is not the last tier", cure="Give its upper bound.")
    closed = [bound for bound in bounds[:-1] if bound is not None]
    if any(low >= high for low, high in pairwise(closed)):
        faults.add(place, "has bounds that do not rise", ", ".join(f"{bound:g}" for bound in closed))
    if bounds and bounds[-1] is not None:
        faults.add(f"{place}[{len(bounds) - 1}]", "is the last tier and must be open", f"{bounds[-1]:g}",
                   cure="Leave out its upper bound.")  # fmt: skip


def energy_pairs(tiers: Iterable[EnergyTier]) -> tuple[tuple[float, float], ...]:
    """(upper kWh, price) per tier."""
    return tuple((tier.up_to_kwh_per_month or UNLIMITED, tier.price_per_kwh) for tier in tiers)


def unit_of(name: str, currency: str) -> str:
    """'CNY/kWh' for a field name that ends in `_per_kwh`, and so on."""
    return next((currency + unit for ending, unit in _UNITS if name.endswith(ending)), "")


def from_case(value: float, unit: str) -> Sourced:
    """A figure the user set."""
    return Sourced(value, unit, "case file", Confidence.USER)


class Terms(Frozen):
    """Fields every tariff may have besides its energy prices."""

    defaults: ClassVar[dict[str, Sourced]] = {}

    kind: str
    title: str = ""
    currency: Currency
    export_price_per_kwh: float = Field(0.0, description="Paid for exported energy.")
    demand_price_per_kw_month: Positive | None = Field(None, description="On the month's highest import.")
    demand_tiers: tuple[DemandTier, ...] = Field((), description="In place of one demand price.")
    minimum_billed_kw: Positive = Field(0.0, description="The least demand billed in a month.")
    look_back_share: Share = Field(0.0, description="Share of earlier months' peaks that is billed at least.")
    look_back_months: Annotated[int, Field(ge=1, le=12)] = Field(11, description="How many months are remembered.")
    previous_peaks_kw: Annotated[tuple[Positive, ...], Field(min_length=12, max_length=12)] | None = Field(
        None, description="January to December peaks of the year before; left out, the year repeats."
    )
    capacity_price_per_kva_month: Positive | None = Field(None, description="On the transformer's rating.")
    fixed_price_per_month: Positive = Field(0.0, description="Per whole month.")
    fixed_price_per_day: Positive = Field(0.0, description="Per day.")
    minimum_bill_per_month: Positive = Field(0.0, description="The least a whole month costs.")

    @property
    def name(self) -> str:
        """The kind."""
        return self.kind

    def figures(self) -> dict[str, Sourced]:
        """Every number with its source and confidence: what the case sets, otherwise the sourced default."""
        found = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if name in self.defaults and value is None:
                found[name] = self.defaults[name]
            elif isinstance(value, (int, float)) and not isinstance(value, bool) and name in self.model_fields_set:
                found[name] = from_case(float(value), unit_of(name, self.currency))
        for i, tier in enumerate(self.demand_tiers):
            found[f"demand_tiers[{i}]"] = from_case(tier.price_per_kw_month, f"{self.currency}/kW·month")
        return found

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was assumed, is unverified, or is left out."""
        found = [
            f"unverified: {name} {figure.text} ({figure.source}); set {name} in the case to replace it."
            for name, figure in self.figures().items()
            if figure.confidence is Confidence.UNVERIFIED
        ]
        if "export_price_per_kwh" not in self.model_fields_set:
            found.append("Exported energy is paid nothing: no export price is stated.")
        if self.look_back_share > 0 and self.previous_peaks_kw is None:
            found.append(YEAR_REPEATS)
        return tuple(found)

    def periods(self) -> tuple[str, ...]:
        """No price periods, unless the kind has some."""
        return ()

    def check(self, faults: Faults) -> None:
        """Note what does not fit together; called once all single fields are right."""
        if self.demand_price_per_kw_month is not None and self.demand_tiers:
            faults.add("demand_tiers", "is given besides demand_price_per_kw_month", cure="Keep one of the two.")
        check_tiers([tier.up_to_kw for tier in self.demand_tiers], "demand_tiers", faults)
        if self.look_back_share > 0 and not self.has_demand:
            faults.add("look_back_share", "is given without a demand price", self.look_back_share,
                       cure="Give demand_price_per_kw_month or demand_tiers.")  # fmt: skip

    @property
    def has_demand(self) -> bool:
        """True where a demand charge is billed."""
        return self.demand_price_per_kw_month is not None or bool(self.demand_tiers)

    def model_post_init(self, context: object) -> None:
        """Raise all faults that lie between fields."""
        faults = Faults()
        self.check(faults)
        faults.raise_if_any()

    @property
    def look_back(self) -> LookBack | None:
        """The look-back as the charge sees it."""
        if self.look_back_share == 0:
            return None
        before = None if self.previous_peaks_kw is None else np.array(self.previous_peaks_kw)
        return LookBack(
            self.look_back_months, np.full(12, self.look_back_share), np.ones(12, dtype=np.bool_), before
        )  # fmt: skip

    def demand_price(self) -> float | None:
        """The one demand price that holds, sourced default included."""
        return self._held("demand_price_per_kw_month")

    def capacity_price(self) -> float | None:
        """The capacity price that holds, sourced default included."""
        return self._held("capacity_price_per_kva_month")

    def _held(self, name: str) -> float | None:
        figure = self.figures().get(name)
        return None if figure is None else figure.value

    def standing_charges(
        self, months: BillingMonths, timeline: Timeline, connection: Connection, discount: UseDiscount | None = None
    ) -> list[Charge]:
        """Demand, capacity, fixed and export lines."""
        charges: list[Charge] = []
        tiers = tuple((tier.up_to_kw or UNLIMITED, tier.price_per_kw_month) for tier in self.demand_tiers)
        demand = self.demand_price() or 0.0
        if tiers or demand > 0:
            charges.append(
                monthly_peaks(
                    "Demand", months, timeline.steps, demand, self.minimum_billed_kw, self.look_back, discount, tiers
                )
            )
        capacity = self.capacity_price()
        if capacity is not None:
            charges.append(FixedCharge("Capacity", capacity * needed_kva(connection) * months.share))
        fixed = self.fixed_price_per_month * months.share + self.fixed_price_per_day * months.days
        if np.any(fixed):
            charges.append(FixedCharge("Fixed", fixed))
        if self.export_price_per_kwh:
            price = np.full(timeline.steps, self.export_price_per_kwh)
            charges.append(ExportCredit("Export credit", months, price))
        return charges

    def sheet(
        self,
        timeline: Timeline,
        connection: Connection,
        energy_price_per_kwh: Floats,
        remarks: tuple[str, ...] = (),
        discount: UseDiscount | None = None,
    ) -> ChargeSheet:
        """An energy price per step and the standing charges."""
        months = BillingMonths.of(timeline)
        energy = EnergyCharge("Energy", months, np.asarray(energy_price_per_kwh, dtype=np.float64))
        charges = (energy, *self.standing_charges(months, timeline, connection, discount))
        return ChargeSheet(self.currency, timeline, charges, self.remarks + remarks, self.minimum_bill_per_month)

    def tiered_sheet(
        self,
        timeline: Timeline,
        connection: Connection,
        period: Ints,
        tiers: Iterable[Iterable[tuple[float, float]]],
        remarks: tuple[str, ...] = (),
    ) -> ChargeSheet:
        """Energy in tiers per price period and the standing charges."""
        months = BillingMonths.of(timeline)
        energy = tiered_energy("Energy", months, period, tiers)
        charges = (energy, *self.standing_charges(months, timeline, connection))
        return ChargeSheet(self.currency, timeline, charges, self.remarks + remarks, self.minimum_bill_per_month)


def needed_kva(connection: Connection) -> float:
    """The transformer rating in kVA; InputError where it is not stated."""
    if connection.transformer_kva is None:
        raise InputError(
            [Fault("connection.transformer_kva", "is not stated, but this tariff bills by it", allowed="above 0 kVA",
                   cure="State the transformer rating, or choose a tariff without it.")]
        )  # fmt: skip
    return connection.transformer_kva
