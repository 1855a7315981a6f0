"""The critical load of a building, what generation leaves of it in an outage, and which outages a store carries."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from perdure.errors import Faults
from perdure.market.service import Delivered, Setting
from perdure.market.service_parts.service_fields import Number, SeriesFile, ServiceFields
from perdure.market.service_parts.survival import Survival, survival
from perdure.market.terms import Share
from perdure.timeline import Floats

_ROUNDING = 1e-9


class CriticalFields(ServiceFields):
    """A critical load: a number, a series, or a share of the site's load."""

    critical_kw: Number | None = Field(None, description="Load that must not fail; a number or a series.")
    critical_share: Share | None = Field(None, description="In its place: share of the site's load.")
    generation_share: Share = Field(0.0, description="Share of the generation that keeps running in an outage.")

    def between(self, faults: Faults) -> None:
        """One way to state the load, never negative."""
        super().between(faults)
        if (self.critical_kw is None) == (self.critical_share is None):
            faults.add("critical_kw", "must be given, or else critical_share, but not both", self.critical_kw)
        if isinstance(self.critical_kw, float) and self.critical_kw < 0:
            faults.add("critical_kw", "is out of range", self.critical_kw, "at least 0")

    def loaded(self, context: object, faults: Faults) -> None:
        """A series of loads is never negative."""
        super().loaded(context, faults)
        if "critical_kw" in self._series and isinstance(self.critical_kw, SeriesFile):
            values = self._series["critical_kw"][1]
            if values.min() < 0:
                faults.add("critical_kw.column", f"is negative in row {int(np.argmin(values)) + 1}",
                           f"{values.min():g}", "at least 0")  # fmt: skip

    def load_kw(self, setting: Setting) -> Floats:
        """The critical load (steps,)."""
        if self.critical_share is not None:
            return np.asarray(setting.load_kw * self.critical_share)
        return self.laid("critical_kw", setting.timeline)

    def net_kw(self, setting: Setting) -> Floats:
        """What the store must give in an outage (steps,)."""
        return np.maximum(self.load_kw(setting) - self.generation_share * setting.generation_kw, 0.0)

    def survival(self, setting: Setting, delivered: Delivered, lengths_h: tuple[float, ...]) -> Survival:
        """Every outage's outcome from what was stored."""
        return survival(
            delivered.stored_kwh,
            self.load_kw(setting),
            self.generation_share * setting.generation_kw,
            setting.discharge_kw,
            setting.timeline.step_h,
            delivered.discharge_share,
            lengths_h,
        )

    def check_size(
        self, setting: Setting, least_kwh: Floats, asked: NDArray[np.bool_], key: str, faults: Faults
    ) -> None:
        """Note where the held energy (steps,) or, in the steps asked, the critical net load exceeds the plant."""
        over_kw = np.where(asked, self.net_kw(setting) - setting.discharge_kw, -np.inf)
        over_kwh = least_kwh - setting.energy_kwh
        sides = (("critical_kw", over_kw, setting.discharge_kw, "kW", "is"),
                 (key, over_kwh, setting.energy_kwh, "kWh", "needs"))  # fmt: skip
        for place, over, limit, unit, verb in sides:
            worst = int(np.argmax(over))
            if over[worst] > _ROUNDING * (limit + 1.0):
                stamp = setting.timeline.local[worst].strftime("%Y-%m-%d %H:%M")
                problem = f"{verb} {over[worst]:.6g} {unit} more than the plant has at {stamp}"
                faults.add(f"{self.name}.{place}", problem,
                           f"{over[worst] + limit:.6g} {unit}", f"at most {limit:g} {unit}")  # fmt: skip

    def survived(
        self, setting: Setting, delivered: Delivered, lengths_h: tuple[float, ...], steps: NDArray[np.bool_], place: str
    ) -> dict[str, float]:
        """Share of the starts in some steps that are survived, by '{place}, 4 h'; none where no start counts."""
        share = self.survival(setting, delivered, lengths_h).within(steps)
        return {
            f"{place}, {length:g} h": float(part)
            for length, part in zip(lengths_h, share, strict=True)
            if np.isfinite(part)
        }

    def tell_survival(
        self, setting: Setting, delivered: Delivered, lengths_h: tuple[float, ...], steps: NDArray[np.bool_]
    ) -> tuple[str, ...]:
        """'outages of 4 h that begin ... are survived in 98.2 %', one line per length; none where no start counts."""
        share = self.survival(setting, delivered, lengths_h).within(steps)
        return tuple(
            f"{self.name}: outages of {length:g} h are survived from {100 * part:.4g} % of the moments they may begin."
            for length, part in zip(lengths_h, share, strict=True)
            if np.isfinite(part)
        )
