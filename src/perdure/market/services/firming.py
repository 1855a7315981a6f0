"""Firming: the meter keeps to a committed schedule, deviations beyond a tolerance cost."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from perdure.errors import Faults
from perdure.market.service import Commitment, ServiceTerms, Setting
from perdure.market.service_kind import ServiceKind
from perdure.market.service_parts.service_fields import Above, SeriesFile, ServiceFields
from perdure.market.service_parts.windows import Window, check_apart
from perdure.market.terms import Currency, Positive, Share
from perdure.quantities import Sourced
from perdure.timeline import Floats, Timeline

_ROUNDING_KW = 1e-6


class Promise(Window):
    """A constant power promised in a window."""

    export_kw: float = Field(description="Power promised to the grid; negative where power is to be drawn.")


class Firming(ServiceFields):
    """A promised power at the meter from a file, from windows, or as the plant's own generation smoothed."""

    kind: Literal["firming"] = "firming"
    title: str = "Firming to a schedule"
    currency: Currency = Field(description="Currency of the penalties.")
    schedule_kw: SeriesFile | None = Field(None, description="Promised export of each interval, kW.")
    windows: tuple[Promise, ...] = Field((), description="In its place: constant export in windows; elsewhere free.")
    smoothing: Literal["block_mean", "yesterday"] | None = Field(
        None, description="In its place: own generation as the mean of each block, or as it was a day before."
    )
    block_hours: Above = Field(1.0, description="Length of a block, on the clock.")
    promised_share: Share = Field(1.0, description="Share of the smoothed generation that is promised.")
    tolerance_kw: Positive = Field(0.0, description="Deviation that costs nothing.")
    tolerance_share: Positive = Field(0.0, description="Further such deviation, of the promised or installed power.")
    installed_kw: Above | None = Field(None, description="Renewable power the tolerance is a share of.")
    shortfall_price_per_kwh: Positive = Field(description="Per kWh delivered less (or drawn more) than promised.")
    surplus_price_per_kwh: Positive = Field(
        0.0, description="Per kWh delivered more than promised; nothing unless set."
    )

    def between(self, faults: Faults) -> None:
        """One source of the promise; windows do not meet; options belong to their source."""
        super().between(faults)
        given = [name for name in ("schedule_kw", "windows", "smoothing") if getattr(self, name)]
        if len(given) != 1:
            faults.add("schedule_kw", "exactly one of schedule_kw, windows and smoothing must be given",
                       ", ".join(given) or "none")  # fmt: skip
        check_apart(self.windows, "windows", faults)
        for name in ("block_hours", "promised_share"):
            if name in self.model_fields_set and self.smoothing is None:
                faults.add(name, "is given without smoothing", getattr(self, name), cure="Remove it, or set smoothing.")
        if self.smoothing == "yesterday" and "block_hours" in self.model_fields_set:
            faults.add("block_hours", "means nothing for yesterday's profile", self.block_hours, cure="Remove it.")

    def figures(self) -> dict[str, Sourced]:
        """What the case sets, the promises included."""
        found = {f"windows[{i}].export_kw": self.stated(one.export_kw, "kW") for i, one in enumerate(self.windows)}
        return super().figures() | found

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the promise knows beforehand, and that deviations are taken by step."""
        told = [f"{self.name}: deviations are settled on each step's mean power."]
        if "surplus_price_per_kwh" not in self.model_fields_set:
            told.append(
                f"{self.name}: what is delivered beyond the promise costs nothing, as no price is stated for it."
            )
        if self.smoothing == "block_mean":
            told.append(f"{self.name}: the mean of each block is promised as if generation in it were known.")
        if self.smoothing == "yesterday":
            told.append(f"{self.name}: on the first day nothing is promised.")
        return (*super().remarks, *told)

    def promised_kw(self, setting: Setting) -> Floats:
        """Grid power promised (steps,), export negative, NaN where nothing is promised."""
        timeline = setting.timeline
        if self.schedule_kw is not None:
            return -self.laid("schedule_kw", timeline)
        if self.smoothing is not None:
            smooth = self._smoothed(setting.generation_kw, timeline) * self.promised_share
            return np.clip(setting.load_kw - smooth, -setting.export_limit_kw, setting.import_limit_kw)
        found = np.full(timeline.steps, np.nan)
        for window in self.windows:
            found[window.inside(timeline)] = -window.export_kw
        return found

    def _smoothed(self, generation_kw: Floats, timeline: Timeline) -> Floats:
        if self.smoothing == "yesterday":
            day = round(24.0 / timeline.step_h)
            return np.concatenate([np.full(day, np.nan), generation_kw])[: timeline.steps]
        minutes = timeline.local.tz_localize(None).to_numpy().astype("datetime64[m]").astype(np.int64)
        # a block that the clock passes twice in autumn is two blocks
        block = minutes // round(self.block_hours * 60.0)
        block = np.cumsum(np.diff(block, prepend=block[0]) != 0)
        mean = np.bincount(block, weights=generation_kw) / np.bincount(block)
        return np.asarray(mean[block])

    def check(self, setting: Setting) -> tuple[str, ...]:
        """InputError where a promise exceeds the connection; told where there is nothing to smooth."""
        faults, promised = Faults(), self.promised_kw(setting)
        sides = (("export", -promised, setting.export_limit_kw), ("import", promised, setting.import_limit_kw))
        for side, power, limit in sides:
            over = np.nan_to_num(power - limit, nan=-np.inf)
            worst = int(np.argmax(over))
            if over[worst] > _ROUNDING_KW:
                stamp = setting.timeline.local[worst].strftime("%Y-%m-%d %H:%M")
                faults.add(f"{self.name}.{'schedule_kw' if self.schedule_kw else 'windows'}",
                           f"promises {over[worst]:.6g} kW more than the connection's {side} limit at {stamp}",
                           f"{power[worst]:.6g} kW", f"at most {limit:g} kW")  # fmt: skip
        if self.smoothing is not None and not np.any(setting.generation_kw > 0):
            faults.add(f"{self.name}.smoothing", "smooths own generation, but the site has none",
                       cure="Give the site a generation, or promise windows.")  # fmt: skip
        faults.raise_if_any()
        return ()

    def terms(self, setting: Setting) -> ServiceTerms:
        """One commitment."""
        promised = self.promised_kw(setting)
        steps = setting.timeline.steps
        basis = np.abs(np.nan_to_num(promised)) if self.installed_kw is None else np.full(steps, self.installed_kw)
        commitment = Commitment(
            self.name,
            promised,
            self.tolerance_kw + self.tolerance_share * basis,
            np.full(steps, self.shortfall_price_per_kwh),
            np.full(steps, self.surplus_price_per_kwh),
        )
        return ServiceTerms(commitments=(commitment,))


ENTRY = ServiceKind(
    name="firming",
    title_en="Firming to a schedule",
    title_zh="跟踪计划出力",
    summary_en="The power at the meter keeps to a promised schedule: a file's column, a constant in windows, or own "
    "generation smoothed; deviations beyond the tolerance cost.",
    summary_zh="并网功率跟踪承诺曲线:文件列、时段内恒定值或平滑后的自有发电;超出允许偏差须付考核费用。",
    sources=("The user's contract.",),
    fields=Firming,
    example={"kind": "firming", "currency": "CNY", "smoothing": "block_mean", "tolerance_share": 0.05,
             "shortfall_price_per_kwh": 0.6, "surplus_price_per_kwh": 0.2},
)  # fmt: skip
