"""The general program against the same site written down independently: dense with scipy, and in linopy."""

from __future__ import annotations

import numpy as np
import pytest
from sites import site

from perdure.dispatch import program

SEEDS = range(24)


class Dense:
    """A linear program by names, one coefficient at a time: slow, and with nothing of perdure in it."""

    def __init__(self):
        self.names, self.cost, self.bounds, self.rows = {}, [], [], []

    def variable(self, name, low, high, cost=0.0):
        self.names[name] = len(self.cost)
        self.cost.append(cost)
        self.bounds.append((low, None if np.isinf(high) else high))
        return name

    def at_most(self, terms, right):
        self.rows.append((terms, right))

    def at_least(self, terms, right):
        self.at_most([(name, -value) for name, value in terms], -right)

    def equal(self, terms, right):
        self.at_most(terms, right)
        self.at_least(terms, right)

    def solve(self):
        from scipy.optimize import linprog

        matrix = np.zeros((len(self.rows), len(self.cost)))
        for row, (terms, _) in enumerate(self.rows):
            for name, value in terms:
                matrix[row, self.names[name]] += value
        tight = {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}
        return linprog(self.cost, matrix, [right for _, right in self.rows], bounds=self.bounds, options=tight).fun


def written_anew(t):
    """The site of `sites.site` in plain words: chords for the conversion, one constraint after the other."""
    d, h, steps = Dense(), t.step_h, t.steps
    offset = 0.0
    for i in range(steps):
        d.variable(("in", i), 0, t.import_limit_kw, t.buy_per_kwh[i] * h)
        d.variable(("out", i), 0, t.export_limit_kw, -t.sell_per_kwh[i] * h)
        d.variable(("cut", i), 0, t.curtailable_kw[i])
    for s in t.stores:
        ac, st, size = s.ac_nodes[0], s.store_nodes[0], s.high_kwh[0] - s.low_kwh[0]
        for i in range(steps):
            d.variable((s.name, "p", i), ac[0], np.inf)  # AC power
            d.variable((s.name, "x", i), -np.inf, np.inf)  # stored power
            d.variable((s.name, "abs", i), 0, np.inf, 0.5 * s.wear_per_kwh * h)
            d.variable((s.name, "e", i), s.low_kwh[0], s.high_kwh[0])
            d.at_most([((s.name, "p", i), 1)], ac[-1])
            d.at_most([((s.name, "x", i), 1), ((s.name, "abs", i), -1)], 0)
            d.at_least([((s.name, "x", i), 1), ((s.name, "abs", i), 1)], 0)
            for j in range(len(ac) - 1):  # stored power lies under every chord of a concave curve
                slope = (st[j + 1] - st[j]) / (ac[j + 1] - ac[j])
                d.at_most([((s.name, "x", i), 1), ((s.name, "p", i), -slope)], st[j] - slope * ac[j])
            before = [((s.name, "e", i - 1), -s.keep[0])] if i else []
            right = -s.drain_kwh[0] + (0 if i else s.keep[0] * s.start_kwh)
            d.equal([((s.name, "e", i), 1), ((s.name, "x", i), -h), *before], right)
        for k, value in enumerate(s.end_value):
            d.variable((s.name, "end", k), 0, s.end_length_kwh[k], -value)
        assert s.end_length_kwh.sum() == pytest.approx(size)
        ends = [((s.name, "end", k), -1) for k in range(len(s.end_value))]
        d.at_least([((s.name, "e", steps - 1), 1), *ends], s.low_kwh[0])
    for r in t.reserves:
        holders = [s for s in t.stores if not r.stores or s.name in r.stores]
        for i in range(steps):
            held = [(d.variable((r.name, s.name, i), 0, np.inf, -r.price_per_kw[i]), 1) for s in holders]
            d.at_most(held, r.most_kw)
            d.at_least(held, r.least_kw)
            if r.block is not None and i and r.block[i] == r.block[i - 1]:
                d.equal([*held, *(((r.name, s.name, i - 1), -1) for s in holders)], 0)

    def lent(store, other):
        return [r for r in t.reserves if r.direction != other and store.name in (r.stores or (store.name,))]

    up, down = ({s.name: lent(s, other) for s in t.stores} for other in ("down", "up"))
    for s in t.stores:
        ac, st = s.ac_nodes[0], s.store_nodes[0]
        slopes = np.diff(st) / np.diff(ac)
        dear, best = slopes[ac[:-1] < 0].max(), slopes[ac[1:] > 0].max()
        for i in range(steps):
            ups = [((r.name, s.name, i), 1) for r in up[s.name]]
            downs = [((r.name, s.name, i), 1) for r in down[s.name]]
            d.at_least([((s.name, "p", i), 1), *((name, -1) for name, _ in ups)], ac[0])
            d.at_most([((s.name, "p", i), 1), *downs], ac[-1])
            out = [((r.name, s.name, i), -r.hours * dear) for r in up[s.name]]
            taken = [((r.name, s.name, i), r.hours * best) for r in down[s.name]]
            for at in (i - 1, i):
                own, start = ([((s.name, "e", at), 1)], 0) if at >= 0 else ([], s.start_kwh)
                d.at_least([*own, *out], s.low_kwh[0] - start)
                d.at_most([*own, *taken], s.high_kwh[0] - start)
    for i in range(steps):
        meter = [(("in", i), 1), (("out", i), -1)]
        plant = [((s.name, "p", i), 1) for s in t.stores]
        d.equal([*meter, (("cut", i), -1), *((name, -1) for name, _ in plant)], t.net_kw[i])
        d.at_least([*meter, *(((r.name, s.name, i), -1) for s in t.stores for r in up[s.name])], -t.export_limit_kw)
        d.at_most([*meter, *(((r.name, s.name, i), 1) for s in t.stores for r in down[s.name])], t.import_limit_kw)
        promise = t.commitments[0]
        if not np.isnan(promise.power_kw[i]):
            over = d.variable(("over", i), 0, np.inf, promise.over_price_per_kwh * h)
            under = d.variable(("under", i), 0, np.inf, promise.under_price_per_kwh * h)
            d.at_most([*meter, (over, -1)], promise.power_kw[i] + promise.tolerance_kw)
            d.at_least([*meter, (under, 1)], promise.power_kw[i] - promise.tolerance_kw)
        ramp = t.ramps[0]
        steep = d.variable(("steep", i), 0, np.inf, ramp.price_per_kw)
        last = [((s.name, "p", i - 1), -1) for s in t.stores] if i else []
        d.at_most([*plant, *last, (steep, -1)], ramp.up_kw)
        d.at_least([*plant, *last, (steep, 1)], -ramp.down_kw)
        missing = d.variable(("missing", i), 0, np.inf, t.holds[0].price_per_kwh)
        stored = [((s.name, "e", i - 1), 1) for s in t.stores] if i else []
        start = 0 if i else sum(s.start_kwh for s in t.stores)
        called = []
        for s in t.stores:
            dear = (np.diff(s.store_nodes[0]) / np.diff(s.ac_nodes[0])).max()
            called += [((r.name, s.name, i), -r.hours * dear) for r in up[s.name]]
        d.at_least([*stored, (missing, 1), *called], t.holds[0].least_kwh[i] - start)
    for k, peak in enumerate(t.peaks):
        for g in range(peak.rates.size):
            top = d.variable(("peak", k, g), peak.floors[g], np.inf, peak.rates[g])
            offset -= peak.rates[g] * peak.floors[g] if peak.above_floor else 0.0
            for i in np.flatnonzero(peak.group == g):
                d.at_most([(("in", i), 1), (top, -1)], 0)
    tier = t.tiers[0]
    for g in range(2):
        dear = d.variable(("tier", g), 0, np.inf, tier.extra_per_kwh[1])
        d.at_most([*((("in", i), h) for i in np.flatnonzero(tier.group == g)), (dear, -1)], tier.upper_kwh[g, 0])
    return d.solve() + offset


@pytest.mark.parametrize("seed", SEEDS)
def test_general_program_equals_the_site_written_anew(seed):
    terms = site(seed)
    found = program.GeneralProgram.build(terms).solve()
    assert isinstance(found, program.GeneralSolution)
    assert found.objective == pytest.approx(written_anew(terms), rel=1e-6)
    assert max(held.max() for held in found.reserve_kw.values()) > 1.0


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_general_program_equals_linopy(seed):
    """Two stores, one reserve, export and a commitment in a modelling layer's own words."""
    linopy = pytest.importorskip("linopy", reason="linopy (extra `peers`) is not installed")
    xarray = pytest.importorskip("xarray", reason="linopy brings it")
    from dataclasses import replace

    t = site(seed)
    t = replace(t, reserves=t.reserves[:1], peaks=(), ramps=(), tiers=(), holds=())
    found = program.GeneralProgram.build(t).solve()
    time, h, steps = range(t.steps), t.step_h, t.steps

    def over_time(values):
        return xarray.DataArray(np.broadcast_to(np.asarray(values, float), steps), coords=[("time", time)])

    model = linopy.Model()

    def flow(name, upper=np.inf):
        return model.add_variables(0.0, over_time(upper), name=name)

    imported, exported = flow("in", t.import_limit_kw), flow("out", t.export_limit_kw)
    meter = imported - exported
    cost = (imported * over_time(t.buy_per_kwh * h)).sum() - (exported * over_time(t.sell_per_kwh * h)).sum()
    plant, up_down, r = 0, 0, t.reserves[0]
    for s in t.stores:
        ac, st = s.ac_nodes[0], s.store_nodes[0]
        power = model.add_variables(float(ac[0]), over_time(ac[-1]), name=f"{s.name} power")
        stored = model.add_variables(-np.inf, over_time(np.inf), name=f"{s.name} stored")
        moved, held = flow(f"{s.name} moved"), flow(f"{s.name} held")
        energy = model.add_variables(float(s.low_kwh[0]), over_time(s.high_kwh[0]), name=f"{s.name} energy")
        slopes = np.diff(st) / np.diff(ac)
        for j, slope in enumerate(slopes):
            model.add_constraints(stored - slope * power <= st[j] - slope * ac[j])
        model.add_constraints(moved >= stored)
        model.add_constraints(moved >= -1 * stored)
        first = over_time(np.where(np.arange(steps) == 0, s.keep[0] * s.start_kwh, 0.0) - s.drain_kwh[0])
        model.add_constraints(energy - s.keep[0] * energy.shift(time=1).fillna(0) - h * stored == first)
        dear, best = slopes[ac[:-1] < 0].max() * r.hours, slopes[ac[1:] > 0].max() * r.hours
        model.add_constraints(power - held >= ac[0])
        model.add_constraints(power + held <= ac[-1])
        begin = over_time(np.where(np.arange(steps) == 0, s.start_kwh, 0.0))
        for at, known in ((energy, 0.0 * begin), (energy.shift(time=1).fillna(0), begin)):
            model.add_constraints(at - dear * held >= s.low_kwh[0] - known)
            model.add_constraints(at + best * held <= s.high_kwh[0] - known)
        for k, value in enumerate(s.end_value):
            part = model.add_variables(0.0, float(s.end_length_kwh[k]), name=f"{s.name} end {k}")
            cost = cost - value * part
        model.add_constraints(
            energy.isel(time=-1) - sum(model.variables[f"{s.name} end {k}"] for k in range(2)) >= float(s.low_kwh[0])
        )
        cost = cost + (0.5 * s.wear_per_kwh * h * moved).sum() - (held * over_time(r.price_per_kw)).sum()
        plant, up_down = power + plant, held + up_down
    model.add_constraints(up_down <= r.most_kw)
    model.add_constraints(meter - up_down >= -t.export_limit_kw)
    model.add_constraints(meter + up_down <= t.import_limit_kw)
    model.add_constraints(meter - flow("cut", t.curtailable_kw) - plant == over_time(t.net_kw))
    promise = t.commitments[0]
    free = np.isnan(promise.power_kw)
    over, under = flow("over"), flow("under")
    model.add_constraints(meter - over <= over_time(np.where(free, 1e5, promise.power_kw + promise.tolerance_kw)))
    model.add_constraints(meter + under >= over_time(np.where(free, -1e5, promise.power_kw - promise.tolerance_kw)))
    model.add_objective(cost + h * (promise.over_price_per_kwh * over + promise.under_price_per_kwh * under).sum())
    model.solve("highs", output_flag=False)
    assert found.objective == pytest.approx(float(model.objective.value), rel=1e-6)
