"""Ages SimSES 2's Sony cell through the duties and writes its capacity by year to `validation/data`.

Runs where `simses` 2 is installed (Python 3.12 or later), from the root of the repository:
`python -m validation.outside.simses_ageing`.
"""

from __future__ import annotations

import csv
from importlib.metadata import version
from pathlib import Path

from validation.duties import DUTIES, STEP_H, YEARS, day

TARGET = Path(__file__).parents[1] / "data" / "simses_ageing.csv"
CELSIUS = 25.0


def capacities(duty: str, years: tuple[int, ...] = YEARS) -> list[float]:
    """Capacity over new after each of the years, by the tool's own loop over steps."""
    from simses.battery.state import BatteryState  # type: ignore[import-not-found]
    from simses.degradation import DegradationModel  # type: ignore[import-not-found]
    from simses.model.degradation.sony_lfp_calendar import SonyLFPCalendarDegradation  # type: ignore[import-not-found]
    from simses.model.degradation.sony_lfp_cyclic import SonyLFPCyclicDegradation  # type: ignore[import-not-found]

    charges = [float(one) for one in day(duty)]
    model = DegradationModel(SonyLFPCalendarDegradation(), SonyLFPCyclicDegradation(), initial_soc=charges[-1])
    state = BatteryState(
        v=3.2, i=0.0, T=CELSIUS, power=0.0, power_setpoint=0.0, soc=charges[-1], ocv=3.2, hys=0.0, rint=0.05,
        entropy=0.0, soh_Q=1.0, soh_R=1.0, is_charge=True, loss=0.0, heat=0.0, i_max_charge=3.0, i_max_discharge=-3.0,
    )  # fmt: skip
    found, seconds = [], 3600.0 * STEP_H
    for number in range(1, 365 * max(years) + 1):
        for charge in charges:
            state.soc = charge
            model.step(state, seconds)
        if number % 365 == 0 and number // 365 in years:
            found.append(float(state.soh_Q))
    return found


def main() -> None:
    """Write the table."""
    told = version("simses")
    with TARGET.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["duty", "year", "capacity_share", "tool", "version"])
        for duty in DUTIES:
            for year, share in zip(YEARS, capacities(duty), strict=True):
                out.writerow([duty, year, f"{share:.6f}", "simses", told])


if __name__ == "__main__":
    main()
