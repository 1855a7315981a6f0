"""Random sites for the general program: two stores, reserve, a commitment, export, demand charges, tiers."""

from __future__ import annotations

import numpy as np

from perdure.dispatch import program


def store(rng: np.random.Generator, name: str, steps: int, pieces: int = 4) -> program.StoreTerms:
    power = rng.uniform(20.0, 80.0)
    size = power * rng.choice([1.0, 2.0, 5.0])
    ac = power * np.array([-1.0, -0.5, 0.0, 0.5, 1.0] if pieces == 4 else [-1.0, 0.0, 1.0])[None]
    stored = ac - rng.uniform(0.01, 0.1) * np.abs(ac) - rng.uniform(0.0, 0.1) * ac**2 / power
    return program.StoreTerms(
        name, np.zeros(steps, np.int64), ac, stored, np.array([rng.choice([1.0, 0.995])]), np.array([0.001 * size]),
        np.array([0.1 * size]), np.array([0.95 * size]), 0.5 * size, float(rng.choice([0.0, 0.03])),
        np.array([0.4, 0.1]), np.array([0.4, 0.45]) * size,
    )  # fmt: skip


def site(seed: int, steps: int = 24) -> program.ProgramTerms:
    """Two stores behind one meter with everything that can be asked of them, feasible and convex."""
    rng = np.random.default_rng(seed)
    h = float(rng.choice([0.25, 0.5, 1.0]))
    buy = rng.uniform(0.1, 1.0, steps)
    net = rng.uniform(-60.0, 140.0, steps)
    promised = np.where(rng.uniform(size=steps) < 0.5, net + rng.normal(0.0, 10.0, steps), np.nan)
    group = (np.arange(steps) * 2 // steps).astype(np.int64)
    return program.ProgramTerms(
        h, net, buy, 0.6 * buy, (store(rng, "nickel", steps), store(rng, "lithium", steps, 2)),
        import_limit_kw=200.0,
        export_limit_kw=float(rng.choice([20.0, 90.0])),
        curtail="free",
        curtailable_kw=np.maximum(-net, 0.0) + 10.0,
        reserves=(
            program.ReserveTerms("primary", "symmetric", 0.5, rng.uniform(0.0, 0.1, steps) * h, most_kw=30.0),
            program.ReserveTerms(
                "tertiary", "up", 1.0, rng.uniform(0.0, 0.1, steps) * h, least_kw=3.0, most_kw=25.0,
                stores=("nickel",), block=(np.arange(steps) // 4).astype(np.int64),
            ),
        ),
        commitments=(program.CommitmentTerms("schedule", promised, 2.0, 0.3, 0.2),),
        peaks=(
            program.PeakTerms(group, rng.uniform(0.5, 5.0, 2), np.array([20.0, 60.0])),
            program.PeakTerms(np.zeros(steps, np.int64), np.array([2.0]), np.array([100.0]), above_floor=True),
        ),
        ramps=(program.RampTerms("ramp", 90.0, 90.0, "plant", 0.0, 0.5),),
        tiers=(program.TierTerms("tiers", group, np.array([[150.0], [80.0]]), np.array([0.0, 0.2])),),
        holds=(program.HoldTerms("backup", np.full(steps, 25.0), 3.0),),
    )  # fmt: skip
