"""China's peak-regulation market before spot: who is admitted, the highest price, and its end where spot runs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from perdure.errors import Faults
from perdure.market.service_kind import ServiceKind
from perdure.market.service_parts.calls import Call, CalledFields
from perdure.market.terms import Currency, Positive
from perdure.quantities import Confidence, Sourced

NATIONAL = "发改价格〔2024〕196号 (2024-02-08)"
_HENAN = "m.hsujglq.cn/tynfd/gnxw/20230530/202501.html, on Henan's storage peak regulation"
_JIANGSU = "苏发改能源发〔2023〕775号, recalled; the text was not seen"


def _henan(value: float, unit: str, note: str = "consultation draft of 2023-05") -> Sourced:
    return Sourced(value, unit, _HENAN, Confidence.PUBLISHED, year=2023, note=note)


PROVINCES: dict[str, dict[str, Sourced]] = {
    "henan_2023": {
        "highest_price_per_kwh": _henan(0.3, "CNY/kWh"),
        "minimum_kw": _henan(2000.0, "kW"),
        "minimum_hours": _henan(2.0, "h"),
    },
    "jiangsu_2023": {
        "highest_price_per_kwh": Sourced(
            0.5, "CNY/kWh", _JIANGSU, Confidence.UNVERIFIED, year=2023,
            note="extra per kWh discharged in called summer and winter peaks, falling to 0.3 later",
        ),
    },
}  # fmt: skip


class PeakRegulation(CalledFields):
    """Calls at a price of the case, or at the province's highest."""

    kind: Literal["peak_regulation"] = "peak_regulation"
    title: str = "Peak regulation"
    currency: Currency = Field("CNY", description="Currency of its prices.")
    province: Literal["henan_2023", "jiangsu_2023"] | None = Field(
        None, description="Whose sizes and highest price hold; those of the case unless set."
    )
    highest_price_per_kwh: Positive | None = Field(None, description="The market's cap; the province's unless set.")
    spot_market: Literal["none", "trial", "continuous"] = Field(
        "none", description="Whether a spot market runs there: continuous means this market is no longer run."
    )
    renewable_price_per_kwh: Positive | None = Field(
        None, description="On-grid price of local grid-parity renewables: the national cap on this market's price."
    )

    def held(self, name: str) -> float | None:
        """As the case sets it, or the province."""
        found = super().held(name)
        rule = PROVINCES.get(self.province or "", {})
        return rule[name].value if found is None and name in rule else found

    def price(self, call: Call) -> float | None:
        """The call's own price, else the highest."""
        return self.held("highest_price_per_kwh") if call.price_per_kwh is None else call.price_per_kwh

    def between(self, faults: Faults) -> None:
        """Prices under both caps; no spot market that runs continuously."""
        super().between(faults)
        if self.spot_market == "continuous":
            faults.add("spot_market", "ends this market: peak regulation is not run besides a continuous spot market "
                       f"({NATIONAL})", "continuous", "none, trial",
                       "Remove the service and give the spot prices as tariff (kind: hourly_prices).")  # fmt: skip
        caps = {"highest_price_per_kwh": self.held("highest_price_per_kwh"),
                "renewable_price_per_kwh": self.renewable_price_per_kwh}  # fmt: skip
        for i, call in enumerate(self.calls):
            for name, cap in caps.items():
                if cap is not None and call.price_per_kwh is not None and call.price_per_kwh > cap:
                    faults.add(f"calls[{i}].price_per_kwh", f"is above {name}", f"{call.price_per_kwh:g}",
                               f"at most {cap:g}")  # fmt: skip

    def figures(self) -> dict[str, Sourced]:
        """What the case sets, the province's rule for the rest."""
        return PROVINCES.get(self.province or "", {}) | super().figures()

    @property
    def remarks(self) -> tuple[str, ...]:
        """That a cap is no clearing price, and what spot will change."""
        told = list(super().remarks)
        if any(call.price_per_kwh is None for call in self.calls):
            cap = self.held("highest_price_per_kwh")
            told.append(f"{self.name}: calls without a price take the highest of {cap:g} {self.currency}/kWh; "
                        "markets may clear below it.")  # fmt: skip
        if self.spot_market == "trial":
            told.append(f"{self.name}: ends once the spot market runs continuously ({NATIONAL}).")
        return tuple(told)


ENTRY = ServiceKind(
    name="peak_regulation",
    title_en="Peak regulation (China, before spot)",
    title_zh="调峰(现货市场运行前)",
    summary_en="Called energy in peak and valley windows under a province's rule; the market is no longer run where "
    "the spot market runs continuously.",
    summary_zh="按省级规则在峰谷时段调用的电量补偿;现货市场连续运行的地区不再运行调峰市场。",
    sources=(NATIONAL, _HENAN, _JIANGSU),
    fields=PeakRegulation,
    example={"kind": "peak_regulation", "province": "henan_2023", "most_calls_per_year": 300.0,
             "calls": [{"direction": "charge", "hours": "11:00-14:00"},
                       {"direction": "discharge", "hours": "18:00-21:00", "price_per_kwh": 0.2}]},
)  # fmt: skip
