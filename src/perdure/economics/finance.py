"""The `finance` part of a case file: rates, taxes, grants and currencies, each default with its source."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from perdure.errors import Fault, InputError
from perdure.quantities import Confidence, Sourced

PriceBasis = Literal["real", "nominal"]

_DEFAULTS: dict[str, Sourced] = {
    "discount_rate": Sourced(
        0.08, "share/a", "common hurdle rate of Chinese storage appraisals at constant prices", Confidence.ESTIMATE,
        0.05, 0.12,
    ),
    "inflation_share_per_year": Sourced(0.02, "share/a", "long-run expectation", Confidence.ESTIMATE, 0.0, 0.04),
    "energy_price_change_share_per_year": Sourced(
        0.0, "share/a", "energy prices taken to follow inflation", Confidence.ESTIMATE, -0.03, 0.03
    ),
    "operation_cost_change_share_per_year": Sourced(
        0.0, "share/a", "operation costs taken to follow inflation", Confidence.ESTIMATE, -0.01, 0.02
    ),
    "replacement_cost_change_share_per_year": Sourced(
        0.0, "share/a", "the technology's replacement share already says what a later store costs",
        Confidence.ESTIMATE, -0.04, 0.0,
    ),
    "tax_rate": Sourced(
        0.25, "share", "general rate, Enterprise Income Tax Law of China, article 4", Confidence.UNVERIFIED,
        0.15, 0.25, note="15 % for recognised high-technology enterprises",
    ),
    "depreciation_years": Sourced(
        10.0, "a", "shortest for machinery, China, implementing regulation of the income tax law, article 60",
        Confidence.PUBLISHED, note="read as quoted by a third party",
    ),
    "grant": Sourced(0.0, "currency", "the case names no grant", Confidence.USER),
    "grant_share": Sourced(0.0, "share", "the case names no grant", Confidence.USER),
}  # fmt: skip

_DEFAULT_RATES: dict[tuple[str, str], Sourced] = {
    ("USD", "CNY"): Sourced(
        7.1, "CNY/USD", "level implied by 2025 press figures quoted in both currencies", Confidence.ESTIMATE, 6.8, 7.3,
        2025,
    ),
    ("EUR", "CNY"): Sourced(
        8.0, "CNY/EUR", "rough level of recent years, not looked up", Confidence.ESTIMATE, 7.4, 8.5, 2025
    ),
}  # fmt: skip


def _default(name: str) -> float:
    return float(_DEFAULTS[name])


class Finance(BaseModel):
    """The `finance` part of a case file.

    Every yearly change is stated *beyond inflation*, whatever the price basis, so that real and nominal flows cannot
    be mixed: `price_basis` only says in which money flows and discount rate are told.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str | None = Field(
        None, min_length=3, max_length=3, description="Currency of all results, e.g. CNY; default: the tariff's."
    )
    price_basis: PriceBasis = Field(
        "real",
        description="'real': flows in the money of the base year, discount rate above inflation. "
        "'nominal': flows in the money of their day, discount rate including inflation.",
    )
    discount_rate: float = Field(
        _default("discount_rate"), ge=0.0, lt=1.0, description="Discount rate a year (share), in the price basis."
    )
    inflation_share_per_year: float = Field(
        _default("inflation_share_per_year"), gt=-0.1, lt=0.5, description="General inflation a year (share)."
    )
    energy_price_change_share_per_year: float = Field(
        _default("energy_price_change_share_per_year"),
        gt=-0.2,
        lt=0.2,
        description="Yearly change of all tariff prices beyond inflation (share); 0: prices follow inflation.",
    )
    operation_cost_change_share_per_year: float = Field(
        _default("operation_cost_change_share_per_year"),
        gt=-0.2,
        lt=0.2,
        description="Yearly change of operation and maintenance cost beyond inflation (share).",
    )
    replacement_cost_change_share_per_year: float = Field(
        _default("replacement_cost_change_share_per_year"),
        gt=-0.2,
        lt=0.2,
        description="Yearly change of the price of a replacement store beyond inflation (share), "
        "on top of the technology's own replacement share.",
    )
    tax_rate: float = Field(_default("tax_rate"), ge=0.0, lt=1.0, description="Tax on profit (share); 0: before tax.")
    losses: Literal["offset", "carry_forward"] = Field(
        "offset",
        description="What a taxable loss does: 'offset' lowers the owner's other tax in the same year, "
        "'carry_forward' waits for the plant's own later profits, without a time limit.",
    )
    depreciation_years: int = Field(
        int(_default("depreciation_years")), ge=1, le=60, description="Years of straight-line tax depreciation to zero."
    )
    grant: float = Field(0.0, ge=0.0, description="Investment grant, in the result currency; paid with the investment.")
    grant_share: float = Field(0.0, ge=0.0, le=1.0, description="Investment grant as a share of the investment.")
    exchange_rates: dict[str, float] = Field(
        default_factory=dict,
        description="What one unit of another currency costs in the result currency, e.g. {USD: 7.1} for CNY results.",
    )

    @field_validator("exchange_rates")
    @classmethod
    def _rates_are_positive(cls, rates: dict[str, float]) -> dict[str, float]:
        for name, rate in rates.items():
            if not 0.0 < rate < float("inf"):
                raise ValueError(f"the exchange rate of {name} must be a positive number, got {rate}")
        return rates

    @model_validator(mode="after")
    def _one_grant(self) -> Finance:
        if self.grant > 0.0 and self.grant_share > 0.0:
            raise ValueError("give grant or grant_share, not both")
        return self

    def exchange_rate(self, source: str, target: str) -> Sourced:
        """What one `source` costs in `target`; InputError names the missing rate."""
        if source == target:
            return Sourced(1.0, f"{target}/{source}", "same currency", Confidence.DERIVED)
        if source in self.exchange_rates:
            return Sourced(self.exchange_rates[source], f"{target}/{source}", "case file", Confidence.USER)
        if (source, target) in _DEFAULT_RATES:
            return _DEFAULT_RATES[source, target]
        if (target, source) in _DEFAULT_RATES:
            back = _DEFAULT_RATES[target, source]
            return Sourced(1.0 / back.value, f"{target}/{source}", back.source, back.confidence, year=back.year)
        raise InputError(
            [
                Fault(
                    f"finance.exchange_rates.{source}",
                    f"no exchange rate from {source} to {target}",
                    cure=f"Add 'exchange_rates: {{{source}: <{target} per {source}>}}' under finance.",
                )
            ]
        )

    def remarks(self, currency: str) -> tuple[str, ...]:
        """What a reader of results in `currency` must know of the defaults; empty where nothing is foreign."""
        local = {"tax_rate", "depreciation_years"}
        if currency == "CNY" or self.tax_rate == 0.0 or local <= self.model_fields_set:
            return ()
        return ("Tax or depreciation are China's by default: set finance.tax_rate and finance.depreciation_years.",)

    def assumptions(self) -> dict[str, Sourced]:
        """Every figure of this part with its source: the case file where it was set, the default's otherwise."""
        told = {}
        for name, default in _DEFAULTS.items():
            value = float(getattr(self, name))
            told[name] = (
                Sourced(value, default.unit, "case file", Confidence.USER) if name in self.model_fields_set else default
            )
        return told
