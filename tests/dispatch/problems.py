"""Random dispatch problems for the tests, ordinary and degenerate ones."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from perdure.dispatch.exact import Problem


@st.composite
def problems(draw: st.DrawFn) -> tuple[Problem, np.ndarray, np.ndarray]:
    """A problem with convex prices, its demand rates and floors: zero and equal prices, full, empty, tight, capped."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps = draw(st.integers(1, 60))
    h = draw(st.sampled_from([0.25, 0.5, 1.0]))
    seasons = draw(st.integers(1, 3))
    power = rng.uniform(1.0, 100.0)
    size = power * rng.choice([0.3, 2.0, 8.0])
    nodes = draw(st.sampled_from([[-1.0, 0.0, 1.0], [-1.0, -0.4, 0.0, 0.5, 1.0], [0.0, 1.0], [-1.0, 0.0]]))
    ac = np.array(nodes) * power
    stored = np.stack(
        [ac - rng.uniform(0, 0.2) * np.abs(ac) - rng.uniform(0, 0.1) * ac**2 / power for _ in range(seasons)]
    )
    buy = {
        "noise": rng.uniform(0.0, 1.0, steps),
        "tiers": rng.choice([0.3, 0.6, 1.0], steps),
        "equal": np.full(steps, 0.5),
        "zero": np.zeros(steps),
    }[draw(st.sampled_from(["noise", "tiers", "equal", "zero"]))]
    sell = buy * draw(st.sampled_from([0.0, 0.5, 1.0]))
    group = np.full(steps, -1, np.int64)
    groups = draw(st.integers(0, 3))
    if groups:
        group = np.minimum(np.arange(steps) * groups // steps, groups - 1).astype(np.int64)
        if draw(st.booleans()):
            group = rng.permutation(group)
        group[rng.uniform(size=steps) < draw(st.sampled_from([0.0, 0.3]))] = -1
    rates = rng.choice([0.0, 1.0, 20.0], groups)
    low = rng.uniform(0.0, 0.2, seasons) * size
    high = low + rng.choice([0.0, 0.5, 0.8]) * size
    season = np.sort(rng.integers(0, seasons, steps)).astype(np.int64)
    start = rng.uniform(low[season[0]], high[season[0]])
    span = high[season[-1]] - low[season[-1]]
    problem = Problem(
        step_h=h,
        net_kw=rng.uniform(-60.0, 120.0, steps),
        buy=buy,
        sell=sell,
        season=season,
        ac_nodes=np.repeat(ac[None], seasons, axis=0),
        store_nodes=stored,
        keep=rng.choice([1.0, 0.999, 0.95], seasons),
        drain_kwh=rng.choice([0.0, 0.002]) * size * np.ones(seasons),
        low_kwh=low,
        high_kwh=high,
        wear=float(rng.choice([0.0, 0.1])),
        import_limit=float(rng.choice([1e6, 140.0, 100.0])),
        export_limit=float(rng.choice([0.0, 30.0, 1e6])),
        group=group,
        excess_price=2.0 * rates + 1.0,
        start_kwh=float(start),
        end_value=np.sort(rng.choice([0.0, 0.4, 0.8], 2))[::-1].copy(),
        end_length=np.array([0.3, 0.7]) * span,
    )
    floors = rng.choice([0.0, 20.0], groups)
    return problem, rates, floors
