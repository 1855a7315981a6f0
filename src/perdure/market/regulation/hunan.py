"""Hunan's regulation market of 2025: performance index K, admission, ranking, clearing and payment by mileage.

    K1 = V / V_pu (at most 3)     V: rate of an answer, V_pu: capacity-weighted standard rate of the regulating fleet
    K2 = 1 - T / T0               T: time to leave the dead zone toward the set point, T0 = 60 s
    K3 = 1 - E / E0               E: deviation in steady state, E0 = 2 % of rated power
    K  = 0.4 K1 + 0.3 K2 + 0.3 K3, mean over a trading period, two decimals, at most 2 in settlement
    R  = M sum(D B K)             D: mileage (MW), B: mileage price (CNY/MW), M: share of energy in the sharing scope

K2 and K3 fall below 0 for a slow or rough answer, as the formula has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from numpy.typing import NDArray

from perdure.errors import Faults, did_you_mean
from perdure.market.regulation.agc import Answers
from perdure.quantities import Confidence, Sourced
from perdure.timeline import Floats

CURRENCY = "CNY"
SOURCE = "湖南省电力调频辅助服务市场交易实施细则 (2025-10-24, in force 2026)"
SIBLING = "recalled from sibling rules of other provinces; the text was not seen"


def _rule(value: float, unit: str = "", note: str = "") -> Sourced:
    return Sourced(value, unit, SOURCE, Confidence.PUBLISHED, year=2025, note=note)


def _sibling(value: float, unit: str, note: str) -> Sourced:
    return Sourced(value, unit, SIBLING, Confidence.UNVERIFIED, note=note)


STANDARD_RATES = {
    "coal_ge_50pct": _rule(0.012, "1/min", "coal at or above half load"),
    "coal_lt_50pct": _rule(0.008, "1/min", "coal below half load"),
    "gas": _rule(0.04, "1/min"),
    "hydro": _rule(0.25, "1/min", "of running capacity"),
    "storage": _rule(1.0, "1/min"),
}
"""Standard ramp rates, share of rated power per minute."""

RESPONSE_LIMITS_S = {
    "coal": _rule(60.0, "s"), "gas": _rule(60.0, "s"), "thermal_with_storage": _rule(60.0, "s"),
    "hydro": _rule(20.0, "s"), "storage": _rule(5.0, "s"),
}  # fmt: skip
"""Response times beyond which an answer is assessed."""


@dataclass(frozen=True)
class HunanRule:
    """The figures of the rule; a case changes one with `dataclasses.replace`."""

    speed_weight: Sourced = field(default_factory=lambda: _rule(0.4))
    response_weight: Sourced = field(default_factory=lambda: _rule(0.3))
    accuracy_weight: Sourced = field(default_factory=lambda: _rule(0.3))
    highest_speed: Sourced = field(default_factory=lambda: _rule(3.0, "", "cap of K1"))
    standard_response_s: Sourced = field(default_factory=lambda: _rule(60.0, "s", "T0"))
    standard_deviation_share: Sourced = field(default_factory=lambda: _rule(0.02, "share", "E0, of rated power"))
    highest_settled: Sourced = field(default_factory=lambda: _rule(2.0, "", "cap of K in settlement"))
    lowest_admitted: Sourced = field(default_factory=lambda: _rule(0.3, "", "K a unit must have to take part"))
    days_ranked: Sourced = field(default_factory=lambda: _rule(5.0, "days", "cleared days K is averaged over to rank"))
    lowest_bid_per_mw: Sourced = field(default_factory=lambda: _rule(4.0, "CNY/MW"))
    highest_bid_per_mw: Sourced = field(default_factory=lambda: _rule(15.0, "CNY/MW"))
    least_cleared_mw: Sourced = field(default_factory=lambda: _rule(10.0, "MW"))
    highest_storage_share: Sourced = field(default_factory=lambda: _rule(0.4, "share", "of the requirement"))
    dead_zone_share: Sourced = field(
        default_factory=lambda: _sibling(0.01, "share", "of rated power, around the old and the new set point")
    )
    period_s: Sourced = field(default_factory=lambda: _sibling(3600.0, "s", "trading period"))

    def figures(self) -> dict[str, Sourced]:
        """All figures by name, with standard rates and response limits."""
        own = {name: getattr(self, name) for name in self.__dataclass_fields__}
        rates = {f"standard_rate_per_min.{name}": one for name, one in STANDARD_RATES.items()}
        return own | rates | {f"response_limit_s.{name}": one for name, one in RESPONSE_LIMITS_S.items()}


@dataclass(frozen=True)
class HunanIndex:
    """K of every answer (answers,) and of every trading period (periods,); NaN where no rate could be read."""

    k1: Floats
    k2: Floats
    k3: Floats
    k: Floats
    by_period: Floats  # two decimals
    mileage_mw: Floats  # (periods,)
    late: NDArray[np.bool_]  # (answers,) beyond the response limit

    def settled(self, rule: HunanRule | None = None) -> Floats:
        """K as it is paid (periods,): at most 2; 0 without an answer."""
        return np.minimum(np.nan_to_num(self.by_period), (rule or HunanRule()).highest_settled.value)


def standard_rate(fleet_mw: Mapping[str, float]) -> float:
    """Capacity-weighted mean standard rate (V_pu, 1/min) of a fleet: MW by kind of unit."""
    faults = Faults()
    for kind, megawatt in fleet_mw.items():
        if kind not in STANDARD_RATES:
            faults.add(f"fleet_mw.{kind}", "is no kind of unit", cure=did_you_mean(kind, STANDARD_RATES))
        if not megawatt >= 0:
            faults.add(f"fleet_mw.{kind}", "is out of range", megawatt, "at least 0 MW")
    if not sum(fleet_mw.values()) > 0:
        faults.add("fleet_mw", "is empty", cure="Name at least one kind of unit with its MW.")
    faults.raise_if_any()
    return sum(STANDARD_RATES[kind].value * mw for kind, mw in fleet_mw.items()) / sum(fleet_mw.values())


def hunan_index(
    seen: Answers,
    standard_rate_per_min: float,
    periods: int,
    rule: HunanRule | None = None,
    kind: str = "storage",
) -> HunanIndex:
    """K of every answer and of so many trading periods; `standard_rate_per_min` is V_pu."""
    rule, faults = rule or HunanRule(), Faults()
    if not standard_rate_per_min > 0:
        faults.add("standard_rate_per_min", "is out of range", standard_rate_per_min, "more than 0")
    if kind not in RESPONSE_LIMITS_S:
        faults.add("kind", "is no kind of unit", repr(kind), cure=did_you_mean(kind, RESPONSE_LIMITS_S))
    if periods < 1 or (len(seen) and seen.start_s.max() >= periods * rule.period_s.value):
        faults.add("periods", "do not cover the answers", periods, "at least one, up to the last set point")
    faults.raise_if_any()
    k1 = np.minimum(seen.rate_per_min / standard_rate_per_min, rule.highest_speed.value)
    k2 = 1.0 - seen.delay_s / rule.standard_response_s.value
    k3 = 1.0 - seen.deviation_share / rule.standard_deviation_share.value
    k = rule.speed_weight.value * k1 + rule.response_weight.value * k2 + rule.accuracy_weight.value * k3
    period = (seen.start_s / rule.period_s.value).astype(np.int64)
    told = np.isfinite(k)
    count = np.bincount(period[told], minlength=periods)
    mean = np.bincount(period[told], weights=k[told], minlength=periods) / np.maximum(count, 1)
    rounded = np.array([two_decimals(one) if n else np.nan for one, n in zip(mean, count, strict=True)])
    moved = np.bincount(period, weights=seen.mileage_kw / 1000.0, minlength=periods).astype(np.float64)
    return HunanIndex(k1, k2, k3, k, rounded, moved, seen.delay_s > RESPONSE_LIMITS_S[kind].value)


def two_decimals(value: float) -> float:
    """Rounded as accounts are: a half goes away from zero (twelve decimals are taken as told)."""
    return float(Decimal(f"{value:.12f}").quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def admitted(k: float, rule: HunanRule | None = None) -> bool:
    """Whether a unit of this K may take part."""
    return k >= (rule or HunanRule()).lowest_admitted.value


@dataclass(frozen=True)
class Bid:
    """What a unit offers: MW and a price for mileage; `k`: mean K of its last five cleared days."""

    name: str
    power_mw: float
    price_per_mw: float
    k: float
    storage: bool = False


@dataclass(frozen=True)
class Cleared:
    """The outcome: MW by unit, the uniform mileage price, ranking prices, who was left out and why."""

    power_mw: dict[str, float]
    price_per_mw: float
    ranking_per_mw: dict[str, float]
    left_out: dict[str, str]
    missing_mw: float


def ranking_prices(bids: Sequence[Bid]) -> dict[str, float]:
    """Bid over K_i / K_max, CNY/MW by unit: a better unit ranks as cheaper."""
    best = max((bid.k for bid in bids), default=0.0)
    return {bid.name: bid.price_per_mw * best / bid.k for bid in bids if bid.k > 0}


def clear(bids: Sequence[Bid], requirement_mw: float, rule: HunanRule | None = None) -> Cleared:
    """Accept bids in the order of their ranking price until the requirement is met.

    Storage together takes at most its share of the requirement; nobody is cleared for less than the least. The uniform
    price is the ranking price of the last unit taken, within the bid range (recalled from sibling rules).
    """
    rule = rule or HunanRule()
    _check_bids(bids, requirement_mw, rule)
    taking = [bid for bid in bids if admitted(bid.k, rule)]
    out = {bid.name: f"K {bid.k:g} below {rule.lowest_admitted.text}" for bid in bids if not admitted(bid.k, rule)}
    ranked, won = ranking_prices(taking), dict[str, float]()
    open_mw, open_storage = requirement_mw, rule.highest_storage_share.value * requirement_mw
    price = 0.0
    for bid in sorted(taking, key=lambda one: (ranked[one.name], -one.k)):
        room = min(open_mw, open_storage) if bid.storage else open_mw
        power = min(bid.power_mw, room)
        if power < rule.least_cleared_mw.value - 1e-9:
            out[bid.name] = f"only {power:g} MW left, less than {rule.least_cleared_mw.text}"
            continue
        won[bid.name], open_mw, price = power, open_mw - power, max(price, ranked[bid.name])
        open_storage -= power if bid.storage else 0.0
    return Cleared(won, min(price, rule.highest_bid_per_mw.value), ranked, out, max(open_mw, 0.0))


def _check_bids(bids: Sequence[Bid], requirement_mw: float, rule: HunanRule) -> None:
    faults, low, high = Faults(), rule.lowest_bid_per_mw.value, rule.highest_bid_per_mw.value
    if not requirement_mw > 0:
        faults.add("requirement_mw", "is out of range", requirement_mw, "more than 0")
    for place, bid in enumerate(bids):
        if not low <= bid.price_per_mw <= high:
            allowed = f"{low:g} to {high:g} CNY/MW"
            faults.add(f"bids[{place}].price_per_mw", "is out of range", bid.price_per_mw, allowed)
        if not bid.power_mw >= rule.least_cleared_mw.value:
            faults.add(f"bids[{place}].power_mw", "is out of range", bid.power_mw,
                       f"at least {rule.least_cleared_mw.text}")  # fmt: skip
        if [one.name for one in bids].index(bid.name) != place:
            faults.add(f"bids[{place}].name", "comes twice", bid.name, cure="Name every unit once.")
    faults.raise_if_any()


def hunan_pay(mileage_mw: Floats, price_per_mw: Floats, settled_k: Floats, shared_energy_share: float = 1.0) -> Floats:
    """Income of each trading period (periods,), CNY: M D B K."""
    faults = Faults()
    if not 0.0 <= shared_energy_share <= 1.0:
        faults.add("shared_energy_share", "is out of range", shared_energy_share, "0 to 1")
    for name, values in (("price_per_mw", price_per_mw), ("settled_k", settled_k)):
        if np.shape(values) != np.shape(mileage_mw):
            faults.add(name, "has a wrong shape", np.shape(values), str(np.shape(mileage_mw)))
    faults.raise_if_any()
    return np.asarray(shared_energy_share * mileage_mw * price_per_mw * settled_k)
