"""Hunan's frequency regulation of 2025: mileage at a uniform price times the index K, for plants of 10 MW and more."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field, PrivateAttr

from perdure.errors import Faults, InputError
from perdure.market.regulation.agc import answers
from perdure.market.regulation.hunan import CURRENCY, SOURCE, HunanRule, hunan_index, hunan_pay, standard_rate
from perdure.market.service import Setting
from perdure.market.service_kind import ServiceKind
from perdure.market.service_parts.replay import Replayed
from perdure.market.service_parts.reserve_fields import DELIVERY, THROUGHPUT, ReserveFields, replayed
from perdure.market.service_parts.service_fields import Number
from perdure.market.terms import Currency, Positive, Share
from perdure.quantities import Confidence, Sourced
from perdure.timeline import Floats, Timeline

RULE = HunanRule()
_RATED_KW = 1000.0  # K and mileage of a replay are per rated power


class HunanRegulation(ReserveFields):
    """R = M sum(D B K): sharing factor, mileage, mileage price, performance index."""

    defaults: ClassVar[dict[str, Sourced]] = {
        "delivery_hours": DELIVERY,
        "throughput_share": THROUGHPUT,
        "minimum_kw": Sourced(RULE.least_cleared_mw.value * 1000.0, "kW", SOURCE, Confidence.PUBLISHED, year=2025),
        "sharing_share": Sourced(
            1.0, "share", "engineering estimate: all dispatched energy shares the cost", Confidence.ESTIMATE, 0.0, 1.0
        ),
    }

    kind: Literal["frequency_regulation_hunan_2025"] = "frequency_regulation_hunan_2025"
    title: str = "Frequency regulation (Hunan 2025)"
    currency: Currency = Field(CURRENCY, description="Currency of its prices.")
    mileage_price_per_mw: Number = Field(description="B: uniform clearing price per MW of mileage, 4 to 15.")
    mileage_mw_per_mw_h: Positive | None = Field(None, description="D: mileage per MW cleared and hour, MW.")
    performance: Positive | None = Field(None, description="K expected; from the replay's response unless set.")
    sharing_share: Share | None = Field(None, description="M: energy in the sharing scope over all dispatched.")
    fleet_mw: dict[str, Positive] = Field({}, description="Regulating fleet by kind of unit, for K1 of a replay.")
    _replay_of: tuple[float, float] = PrivateAttr(default=(float("nan"), float("nan")))

    def between(self, faults: Faults) -> None:
        """Prices within the bid range; mileage and K from somewhere."""
        super().between(faults)
        if self.currency != CURRENCY:
            faults.add("currency", "differs from the rule's", self.currency, CURRENCY)
        if isinstance(self.mileage_price_per_mw, float):
            self._check_range(self.mileage_price_per_mw, faults)
        if self.mileage_mw_per_mw_h is None and self.replay is None:
            faults.add("mileage_mw_per_mw_h", "is missing", cure="State it, or give a replay of the signal.")
        if self.performance is None and (self.replay is None or self.replay.response_column is None):
            faults.add("performance", "is missing", cure="State K, or give a replay with response_column and fleet_mw.")
        elif self.performance is None and not self.fleet_mw:
            faults.add("fleet_mw", "is missing", cure="K1 compares with the mean standard rate of the fleet.")

    def _check_range(self, price: float, faults: Faults) -> None:
        low, high = RULE.lowest_bid_per_mw.value, RULE.highest_bid_per_mw.value
        if not low <= price <= high:
            faults.add("mileage_price_per_mw", "is out of range", f"{price:g}", f"{low:g} to {high:g} CNY/MW")

    def loaded(self, context: object, faults: Faults) -> None:
        """A price series lies in the bid range as well; the fleet's kinds are known."""
        super().loaded(context, faults)
        if "mileage_price_per_mw" in self._series:
            values = self._series["mileage_price_per_mw"][1]
            middle = RULE.lowest_bid_per_mw.value + RULE.highest_bid_per_mw.value
            self._check_range(float(values[np.argmax(np.abs(values - middle / 2))]), faults)
        if self.fleet_mw:
            try:
                standard_rate(self.fleet_mw)
            except InputError as error:
                faults.found += error.faults
                return
        if self._replayed is not None:
            with faults.under("replay"):
                self._replay_of = self._index_and_mileage(self._replayed)

    def figures(self) -> dict[str, Sourced]:
        """What the case sets, K and D of the replay, the rule's figures."""
        found = super().figures()
        found |= {
            f"fleet_mw.{name}": Sourced(mw, "MW", "case file", Confidence.USER) for name, mw in self.fleet_mw.items()
        }
        if self._replayed is not None and self.replay is not None:
            k, moved = self._replay_of
            if self.performance is None:
                found["performance"] = replayed(k, "", self.replay)
            if self.mileage_mw_per_mw_h is None:
                found["mileage_mw_per_mw_h"] = replayed(moved, "MW/MW·h", self.replay)
        kept = ("lowest_bid_per_mw", "highest_bid_per_mw", "highest_settled", "lowest_admitted")
        return found | {name: getattr(RULE, name) for name in kept}

    def _index_and_mileage(self, seen: Replayed) -> tuple[float, float]:
        """Mean settled K weighted by mileage (NaN without a response), and mileage per MW and hour."""
        if seen.response is None or not self.fleet_mw:
            return float("nan"), seen.mileage_per_h
        zone = RULE.dead_zone_share.value
        rows = answers(-seen.signal * _RATED_KW, -seen.response * _RATED_KW, seen.step_s, _RATED_KW, zone)
        periods = int(np.ceil(seen.hours * 3600.0 / RULE.period_s.value - 1e-9))
        index = hunan_index(rows, standard_rate(self.fleet_mw), periods)
        moved = float(index.mileage_mw.sum())
        paid = float((index.mileage_mw * index.settled()).sum())
        return (paid / moved if moved > 0 else 0.0), moved * 1000.0 / _RATED_KW / seen.hours

    def refused(self, setting: Setting) -> tuple[str, ...]:
        """Also a K below the lowest admitted."""
        found, least = super().refused(setting), RULE.lowest_admitted.value
        k = self.figures()["performance"].value
        if k < least:
            found = (*found, f"{self.name}: not admitted and earns nothing: K {k:.3g} is below {least:g}.")
        return found

    def income_per_kw_h(self, timeline: Timeline) -> Floats:
        """M D B K per kW held and hour (steps,)."""
        figures = self.figures()
        k = min(figures["performance"].value, RULE.highest_settled.value)
        mileage_mw = np.full(timeline.steps, figures["mileage_mw_per_mw_h"].value / 1000.0)
        price = self.laid("mileage_price_per_mw", timeline)
        return hunan_pay(mileage_mw, price, np.full(timeline.steps, k), figures["sharing_share"].value)


ENTRY = ServiceKind(
    name="frequency_regulation_hunan_2025",
    title_en="Frequency regulation (Hunan 2025)",
    title_zh="调频(湖南2025)",
    summary_en="Mileage at the uniform clearing price times the index K (at most 2 in settlement); plants from 10 MW, "
    "K from 0.3, bids 4 to 15 CNY/MW.",
    summary_zh="按统一出清价与性能指标K(结算不超过2)支付调频里程;不小于10兆瓦,K不低于0.3,报价4至15元/兆瓦。",
    sources=(SOURCE,),
    fields=HunanRegulation,
    example={"kind": "frequency_regulation_hunan_2025", "mileage_price_per_mw": 10.0, "mileage_mw_per_mw_h": 12.0,
             "performance": 1.2},
)  # fmt: skip
