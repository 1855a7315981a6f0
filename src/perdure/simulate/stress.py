"""From a simulated run to what ages a store: its series and the half cycles rainflow finds in them."""

from __future__ import annotations

from perdure.simulate.kernel import Track, counted, moves, rainflow
from perdure.technology.ageing import Stress
from perdure.technology.response_map import ResponseMap
from perdure.timeline import Floats


def stress_of(track: Track, table: ResponseMap, step_h: float) -> Stress:
    """The stress of a run."""
    return stress_of_series(table.soc(track.share), track.temperature, step_h)


def stress_of_series(soc: Floats, temperature_c: Floats, step_h: float) -> Stress:
    """The stress of a state-of-charge series (steps,) at temperatures (steps,)."""
    first, last, weight = rainflow(soc)
    depth, mean, rate, warmth, weight = counted(soc, temperature_c, first, last, weight, step_h)
    charging, discharging, charge_starts, discharge_starts = moves(soc)
    return Stress(
        step_h=step_h,
        soc=soc,
        temperature_c=temperature_c,
        depth=depth,
        mean_soc=mean,
        rate_per_h=rate,
        cycle_temperature_c=warmth,
        weight=weight,
        charging_h=charging * step_h,
        discharging_h=discharging * step_h,
        charge_starts=charge_starts,
        discharge_starts=discharge_starts,
    )
