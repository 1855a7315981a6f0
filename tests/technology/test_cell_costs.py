"""Price lists against the plants they were read from."""

from __future__ import annotations

import pytest

from perdure.economics.capital import Capital
from perdure.site.plant import Plant
from perdure.technology.technology import TECHNOLOGIES


def capital_per_kwh(name: str, costs: str, hours: float) -> float:
    technology = TECHNOLOGIES.find(name)
    plant = Plant("p", technology, 1000.0 * hours, 1000.0)
    return Capital.of(plant, technology.costs[costs], 1.0).total / plant.energy_kwh


@pytest.mark.parametrize(
    ("name", "costs", "per_kwh", "per_kw"),
    [
        ("lfp", "pnnl_us_2021", 167.25 + 36.92 + 41.48 + 49.80 + 59.76, 73.05 + 7.75 + 24.81),
        ("lfp", "pnnl_us_2030", 109.45 + 27.57 + 35.19 + 42.26 + 50.71, 64.62 + 5.78 + 21.05),
        ("nickel_zinc", "pnnl_us_2021", 197.0 + 30.0 + 41.48 + 49.80 + 59.76, 73.05 + 7.75 + 24.81),
        ("nickel_zinc", "pnnl_us_2030", 158.0 + 27.0 + 31.67 + 38.03 + 45.64, 64.62 + 5.78 + 21.05),
    ],
)
def test_a_24_hour_plant_costs_what_pnnl_says(name: str, costs: str, per_kwh: float, per_kw: float) -> None:
    assert capital_per_kwh(name, costs, 24.0) == pytest.approx(per_kwh + per_kw / 24.0, rel=1e-3)


@pytest.mark.parametrize(("year", "hours", "expected"), [(2025, 4.0, 461.0), (2025, 2.0, 575.0), (2030, 4.0, 391.0),
                                                         (2030, 2.0, 507.0), (2025, 8.0, 403.0)])  # fmt: skip
def test_a_plant_costs_what_atb_says(year: int, hours: float, expected: float) -> None:
    assert capital_per_kwh("lfp", f"atb_us_{year}", hours) == pytest.approx(expected, rel=0.005)


def test_chinese_tenders_come_back_as_they_were_read() -> None:
    """Storage and converter of 1, 2 and 4 hours without construction: 0.786, 0.465, 0.425 CNY/Wh."""
    costs = TECHNOLOGIES.find("lfp").costs["china_2025"]
    for hours, read in ((1.0, 786.0), (2.0, 465.0), (4.0, 425.0)):
        ours = costs.energy_per_kwh.value + costs.power_per_kw.value / hours
        assert ours == pytest.approx(read, rel=0.20)
