"""Which year a case computes, and whether a series covers it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from perdure.errors import Faults
from perdure.site.checks import Suspicions
from perdure.site.inputs import SeriesInput
from perdure.site.series import Reading
from perdure.study.case_file import TimelineInput
from perdure.timeline import Timeline

_WRITTEN = "%Y-%m-%d %H:%M"


def choose_timeline(
    spec: TimelineInput,
    loads: Sequence[tuple[str, SeriesInput, Reading]],
    zone: str,
    faults: Faults,
    remarks: list[str],
) -> Timeline | None:
    """The stated calendar year, else the year the first load holds; None (and faults) where that is no year."""
    place, series, reading = loads[0]
    held = reading.timeline
    step = spec.step_minutes or min(held.step_minutes, 60)
    if spec.year is not None:
        return Timeline.year(spec.year, zone, step)
    if not held.covers_a_year:
        _tell_length(place, series, held, faults)
        return None
    found = Faults()
    _check_midnight(series, held, Suspicions(series, found, remarks))
    with faults.under(place):
        found.raise_if_any()
    return Timeline(held.start, step, int(held.hours * 60) // step, zone)


def _tell_length(place: str, series: SeriesInput, held: Timeline, faults: Faults) -> None:
    last = held.end.tz_convert(held.zone)
    value = f"{held.steps} steps of {held.step_minutes} min, {held.local[0]:{_WRITTEN}} to {last:{_WRITTEN}}"
    missing = 8760.0 - held.hours
    if missing > 0:
        faults.add(f"{place}.{series.column}", f"is shorter than a year: {_hours(missing)} are missing", value,
                   "365 or 366 days", "Complete the file" + _hint(missing, held) + ".")  # fmt: skip
    else:
        faults.add(f"{place}.{series.column}", f"is longer than 365 days by {_hours(-missing)}", value,
                   "365 or 366 days",
                   f"Say which year to take, e.g. timeline: {{year: {held.local[0].year}}}.")  # fmt: skip


def _hours(hours: float) -> str:
    return f"{hours:g} h" if hours < 48 else f"{hours / 24:.4g} days"


def _hint(missing_h: float, held: Timeline) -> str:
    return "; a single step may be a matter of stamps: start or end" if missing_h == held.step_h else ""


def _check_midnight(series: SeriesInput, held: Timeline, doubts: Suspicions) -> None:
    """A year that starts one step beside midnight was most likely stamped at the other end of its intervals."""
    first = held.local[0]
    minute = first.hour * 60 + first.minute
    if held.step_minutes < 1440 and minute in (held.step_minutes, 1440 - held.step_minutes):
        other = "end" if series.stamps == "start" else "start"
        doubts.add("stamps", f"the year starts one step beside midnight, at {first:%H:%M}: stamps may tell the {other} "
                   "of intervals", series.stamps, other, f"Try stamps: {other}.")  # fmt: skip


def covers(place: str, series: SeriesInput, reading: Reading, timeline: Timeline, faults: Faults) -> bool:
    """True where a series covers the timeline; otherwise a fault says what is missing."""
    held = reading.timeline
    before = max((held.start - timeline.start) / pd.Timedelta(hours=1), 0.0)
    after = max((timeline.end - held.end) / pd.Timedelta(hours=1), 0.0)
    if not before and not after:
        return True
    parts = [f"{_hours(gap)} at the {side}" for gap, side in ((before, "start"), (after, "end")) if gap]
    ends = [moment.tz_convert(timeline.zone).strftime(_WRITTEN) for moment in
            (held.start, held.end, timeline.start, timeline.end)]  # fmt: skip
    cure = "Complete the file" + _hint(before + after, held)
    far = before + after > 24.0 * 30
    cure += "; to lay it on another year, leave out time_column and give start and step_minutes" if far else ""
    faults.add(f"{place}.{series.column}", f"does not cover the year: {' and '.join(parts)} are missing",
               f"{ends[0]} to {ends[1]}", f"{ends[2]} to {ends[3]}", cure + ".")  # fmt: skip
    return False
