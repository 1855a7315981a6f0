"""The rule that renewables come with storage of a share of their power and of so many hours."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from perdure.market.service import Delivered, Setting, Settlement
from perdure.market.service_kind import ServiceKind
from perdure.market.service_parts.service_fields import Above, ServiceFields


class CapacityRatio(ServiceFields):
    """Asks for power and energy, asks nothing of the plan."""

    kind: Literal["capacity_ratio"] = "capacity_ratio"
    title: str = "Storage paired with renewables"
    installed_kw: Above = Field(description="Renewable power the rule counts.")
    power_share: Annotated[float, Field(gt=0, le=10)] = Field(description="Storage power over renewable power.")
    hours: Above = Field(description="Energy of the storage over that power.")

    @property
    def needed_kw(self) -> float:
        """Storage power asked for."""
        return self.installed_kw * self.power_share

    @property
    def needed_kwh(self) -> float:
        """Usable energy asked for."""
        return self.needed_kw * self.hours

    def check(self, setting: Setting) -> tuple[str, ...]:
        """What is missing, in kW and kWh; empty where the rule is fulfilled."""
        sides = (
            ("power", setting.discharge_kw, self.needed_kw, "kW"),
            ("energy", setting.energy_kwh, self.needed_kwh, "kWh"),
        )
        return tuple(
            f"{self.name}: not fulfilled: {what} {has:g} {unit} is {needed - has:.6g} {unit} below the "
            f"{needed:g} {unit} asked for."
            for what, has, needed, unit in sides
            if has < needed * (1 - 1e-9)
        )

    def settle(self, setting: Setting, delivered: Delivered) -> Settlement:
        """No money; whether the rule is fulfilled."""
        fulfilled = (
            f"{self.name}: fulfilled: {setting.discharge_kw:g} kW and {setting.energy_kwh:g} kWh against "
            f"{self.needed_kw:g} kW and {self.needed_kwh:g} kWh."
        )
        return Settlement({}, self.check(setting) or (fulfilled,))


ENTRY = ServiceKind(
    name="capacity_ratio",
    title_en="Storage paired with renewables",
    title_zh="新能源配储比例",
    summary_en="A rule that asks for storage of a share of the renewable power and of so many hours: says whether the "
    "plant, when new, fulfils it and by how much it misses.",
    summary_zh="要求按新能源装机的一定比例和时长配置储能:说明新建时是否满足以及差额。",
    sources=("The grid operator's rule, as the user states it.",),
    fields=CapacityRatio,
    example={"kind": "capacity_ratio", "installed_kw": 100000.0, "power_share": 0.1, "hours": 2.0},
)
