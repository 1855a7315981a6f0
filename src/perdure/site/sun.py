"""Where the sun stands in the middle of each step, by pvlib's analytical formulas: quick, good to about a degree."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perdure.timeline import Floats, Timeline


def _middles(timeline: Timeline) -> pd.DatetimeIndex:
    return timeline.stamps + pd.Timedelta(minutes=timeline.step_minutes / 2.0)


def solar_hour(timeline: Timeline, longitude: float) -> Floats:
    """Hours after solar noon, -12..12 (steps,): hour angle over 15 degrees, equation of time after Spencer (1971)."""
    from pvlib import solarposition

    stamps = _middles(timeline)
    hours = np.asarray(stamps.hour + stamps.minute / 60.0, dtype=np.float64)
    minutes = np.asarray(solarposition.equation_of_time_spencer71(np.asarray(stamps.day_of_year)), dtype=np.float64)
    return np.asarray((hours + longitude / 15.0 + minutes / 60.0 - 12.0 + 12.0) % 24.0 - 12.0)


def sun_is_down(timeline: Timeline, latitude: float, longitude: float, below_degrees: float = 1.0) -> NDArray[np.bool_]:
    """True where the sun stands more than `below_degrees` under the horizon in the middle of a step (steps,)."""
    from pvlib import solarposition

    declination = solarposition.declination_spencer71(np.asarray(_middles(timeline).day_of_year))
    angle = np.radians(solar_hour(timeline, longitude) * 15.0)
    zenith = solarposition.solar_zenith_analytical(np.radians(latitude), angle, declination)
    return np.asarray(np.degrees(zenith) > 90.0 + below_degrees, dtype=np.bool_)
