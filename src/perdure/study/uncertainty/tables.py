"""What the draws come to: the spread of each candidate's value, the chances of each pair, the outages survived."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd

from perdure.study.case import Case
from perdure.study.uncertainty.draws import Draws
from perdure.study.uncertainty.life import Lived
from perdure.study.uncertainty.sample import mean_interval, resamples
from perdure.timeline import Floats

PERCENTILES = (5, 10, 25, 50, 75, 90, 95)
Row = dict[str, object]


def summary_table(
    draws: Draws, npv: pd.DataFrame, base: dict[str, float], lives: dict[str, list[Lived]], seed: int
) -> pd.DataFrame:
    """One row per candidate: spread, chance of loss with its 95 % interval, chance of being the best.

    Of draws without a plan only the share is told. The standard error and the intervals treat lives as drawn at
    random; an even sample is nearer than that.
    """
    best = npv.max(axis=1)
    return pd.DataFrame(
        [{"candidate": name, "npv_base": base[name]} | _spread(draws, npv[name].to_numpy(dtype=np.float64), seed)
         | {"best_share": float(np.mean((npv[name] == best) & (best > 0.0) & (npv.eq(best, axis=0).sum(axis=1) == 1)))}
         | _lived(lives[name]) for name in map(str, npv)]
    )  # fmt: skip


def _spread(draws: Draws, value: Floats, seed: int) -> Row:
    grouped = value.reshape(draws.clusters)
    grouped = grouped[np.isfinite(grouped).all(axis=1)]
    told: Row = {"no_plan_share": 1.0 - grouped.size / value.size}
    if not grouped.size:
        return told
    low, high = mean_interval((grouped < 0.0).astype(np.float64), resamples(len(grouped), seed))
    told |= {
        "npv_mean": float(grouped.mean()), "npv_deviation": float(grouped.std()),
        "npv_mean_error": float(grouped.mean(axis=1).std() / np.sqrt(max(len(grouped) - 1, 1))),
        "loss_share": float((grouped < 0.0).mean()), "loss_share_low": low, "loss_share_high": high,
    }  # fmt: skip
    return told | {f"npv_p{one:02d}": float(np.percentile(grouped, one)) for one in PERCENTILES}


def _lived(lives: list[Lived]) -> Row:
    """The spread of the first store's life (inf: it outlives the project) and of the mean saving."""
    answered = [one for one in lives if not one.why]
    if not answered:
        return {}
    return {f"{name}_p{share}": float(np.percentile([getattr(one, name) for one in answered], share, method="lower"))
            for name in ("life_years", "mean_saving") for share in (10, 50, 90)}  # fmt: skip


def pair_table(draws: Draws, npv: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One row per ordered pair: the chance that the first is worth more under the same draw, a tie counting half."""
    rows: list[Row] = []
    for first, second in permutations(npv.columns, 2):
        apart = (npv[first] - npv[second]).to_numpy(dtype=np.float64).reshape(draws.clusters)
        apart = apart[np.isfinite(apart).all(axis=1)]
        if not apart.size:
            continue
        ahead = 0.5 * (1.0 + np.sign(apart))
        low, high = mean_interval(ahead, resamples(len(ahead), seed))
        rows.append({
            "candidate": first, "rival": second, "ahead_share": float(ahead.mean()), "ahead_share_low": low,
            "ahead_share_high": high, "difference_mean": float(apart.mean()),
            "difference_p10": float(np.percentile(apart, 10)), "difference_p90": float(np.percentile(apart, 90)),
        })  # fmt: skip
    return pd.DataFrame(rows, columns=["candidate", "rival", "ahead_share", "ahead_share_low", "ahead_share_high",
                                       "difference_mean", "difference_p10", "difference_p90"])  # fmt: skip


def outage_table(case: Case, draws: Draws, lives: dict[str, list[Lived]]) -> pd.DataFrame:
    """Per candidate: the share of drawn outages survived, and how many a year are not; empty without backup.

    Lengths between those the service tells are interpolated; beyond the longest its share is taken, so that what is
    told is then an upper bound (`beyond_share` of the draws).
    """
    drawn = {one.kind.name: draws.value(one, next(iter(one.laws)))
             for one in draws.pricing if one.kind.needs == "outage"}  # fmt: skip
    rows: list[Row] = []
    for name, own in lives.items():
        if not drawn or not any(one.survived for one in own):
            continue
        service = next(one for one in case.site.services if getattr(one, "kind", "") == "backup")
        hours = drawn.get("outage_hours", np.full(draws.count, float(getattr(service, "hours", 0.0))))
        number = drawn.get(
            "outages_per_year", np.full(draws.count, getattr(service, "outages_per_year", None) or np.nan)
        )
        share = np.concatenate([_survived(one, part) for one, part in zip(
            own, hours.reshape(len(own), -1), strict=True)])  # fmt: skip
        lost = number * (1.0 - share)
        longest = max(max(one.survived, default=0.0) for one in own)
        rows.append({
            "candidate": name, "outages_per_year": float(np.mean(number)), "outage_hours": float(np.mean(hours)),
            "survived_share": float(np.nanmean(share)), "lost_outages_per_year": float(np.nanmean(lost)),
            "lost_outages_per_year_p90": float(np.nanpercentile(lost, 90)) if np.isfinite(lost).any() else np.nan,
            "beyond_share": float(np.mean(hours > longest)),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _survived(life: Lived, hours: Floats) -> Floats:
    if not life.survived:
        return np.full(len(hours), np.nan)
    return np.interp(hours, list(life.survived), list(life.survived.values()))
