"""The thermal lump of cells in a container with liquid cooling, as most stores built of cells have it."""

from __future__ import annotations

from dataclasses import replace

from perdure.quantities import Confidence, Sourced
from perdure.technology.thermal import Thermal

DERIVED, ESTIMATE = Confidence.DERIVED, Confidence.ESTIMATE

LIQUID_COOLED = Thermal(
    heat_capacity_kwh_per_k=Sourced(
        0.0022, "kWh/K per kWh", "1001 J/kgK (SimSES), 8 kg/kWh of rack by estimate", ESTIMATE, 0.0017, 0.0028
    ),
    conductance_kw_per_k=Sourced(4e-5, "kW/K per kWh", "estimate: insulated container", ESTIMATE, 2e-5, 1e-4),
    cool_above_c=Sourced(30.0, "°C", "estimate", ESTIMATE, 25.0, 35.0),
    cooling_kw=Sourced(0.03, "kW per kWh", "estimate: liquid chiller", ESTIMATE, 0.02, 0.05),
    cooling_cop=Sourced(3.0, "", "estimate", ESTIMATE, 2.0, 4.0),
    heat_below_c=Sourced(10.0, "°C", "estimate", ESTIMATE, 5.0, 15.0),
    heating_kw=Sourced(0.01, "kW per kWh", "estimate: resistive heater", ESTIMATE, 0.005, 0.02),
    heating_cop=Sourced(1.0, "", "resistive", DERIVED),
    base_load_kw=Sourced(
        0.0006, "kW per kWh", "estimate: pump, controls; auxiliaries then take 2 to 5 % of throughput", ESTIMATE,
        0.0003, 0.001,
    ),
    cooling_cop_per_k=Sourced(0.05, "1/K", "estimate: chillers lose with warm air", ESTIMATE, 0.0, 0.1),
)  # fmt: skip
"""As of lithium iron phosphate; others state what differs."""


def with_set_points(thermal: Thermal, heat_below_c: float, cool_above_c: float) -> Thermal:
    """The same container kept in another band."""
    return replace(
        thermal,
        heat_below_c=Sourced(heat_below_c, "°C", "estimate", ESTIMATE, heat_below_c - 5.0, heat_below_c + 5.0),
        cool_above_c=Sourced(cool_above_c, "°C", "estimate", ESTIMATE, cool_above_c - 5.0, cool_above_c + 5.0),
    )
