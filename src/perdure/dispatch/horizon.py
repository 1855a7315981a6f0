"""Planning without foresight: a window ahead, replanned every few hours, and the month's cap chosen under doubt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from perdure.dispatch import demand, exact, expected
from perdure.dispatch.forecast import LEVELS, Forecaster, Published, Series, targets_of
from perdure.dispatch.forecasters import SimilarDay
from perdure.dispatch.optimise import monthly_views
from perdure.dispatch.promises import Promises
from perdure.dispatch.ranks import chances, mixing, rank_chances
from perdure.market.charge import PeakPrice
from perdure.site.plant import Plant
from perdure.site.site import Site
from perdure.technology.ageing import Health
from perdure.timeline import Floats

BLOCK_DAYS = 28
"""Forecasts of so many days' origins are made at once (a multiple of what forecasters learn in one go)."""
CAP_OPEN_SHARE = 1e-3
"""How far from the optimum the search for a cap in past weeks may end: the coming weeks differ by more."""


@dataclass(frozen=True)
class Horizon:
    """How a rolling plan looks ahead.

    `net`, `price`: forecasters of net load and of prices (None: known ahead, as a tariff's are); `published`: series
    known ahead that the price forecaster may use, its own day-ahead price first. `replan_h`, `window_h`: how often and
    how far; beyond `near_h` hour by hour. `control`: each step decided by the value of stored energy, or a power
    schedule. `sees_price`: the price of a step is known when it begins. `persist`: chance per hour that a forecast's
    error keeps its rank; None counts it in the past. `cap_margin`: the month's cap over what would have been best in
    the `cap_days` before. `excess_share`: how much of the demand rate the plan takes for each step above the cap, of
    which only the highest is billed. `cells`: stretches of energy with a value each. `levels`: the quantiles planned
    for. The defaults were chosen on the first half of a year of a measured load;
    `excess_share` was settled after its second half had been seen. `weather`: the net load's forecaster sees the
    outdoor temperature up to its origin.
    """

    net: Forecaster | None = field(default_factory=SimilarDay)
    price: Forecaster | None = None
    replan_h: float = 1.0
    window_h: float = 48.0
    near_h: float = 6.0
    control: Literal["value", "power"] = "value"
    sees_price: bool = True
    persist: float | None = 0.95
    cap_margin: float = 1.1
    cap_days: int = 28
    excess_share: float = 0.25
    cells: int = 32
    levels: tuple[float, ...] = tuple(LEVELS)
    wear_price_per_kwh: float = 0.0
    published: tuple[Published, ...] = ()
    weather: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """One replan: what stored energy is worth after each of the steps until the next replan."""

    first: int
    steps: int
    store: expected.Store
    kept: Floats  # (steps, scenarios, cells) per kWh
    net_levels: Floats  # (levels, steps) kW with the plant's own draw
    price_levels: Floats  # (levels, steps)
    middle: Floats  # (3, steps) net load, purchase and export price as the plan expects them
    cap_kw: Floats  # (steps,)
    excess_price: Floats  # (steps,) per kW beyond the cap


class Planner:
    """Replans a site's plant from origin to origin, on forecasts; knows no step at or after its origin."""

    def __init__(self, site: Site, horizon: Horizon, health: Health | None = None):
        self.site, self.horizon = site, horizon
        self.plant = site.the_plant
        self.h, self.steps = site.timeline.step_h, site.timeline.steps
        self.window = round(horizon.window_h / self.h)
        self.control = round(horizon.replan_h / self.h)
        self.origins = np.arange(0, self.steps, self.control)
        self.net_series = Series(site.timeline, site.net_kw, weather=(site.ambient_c,) if horizon.weather else ())
        self.price_series = Series(site.timeline, site.prices.buy_per_kwh, horizon.published)
        self.coarse = max(round(1.0 / self.h), 1)
        self.near = min(max(round(horizon.near_h / self.h), self.control), self.window)
        self.near += (self.window - self.near) % self.coarse
        self.nothing = np.empty((0, 1, 1))
        self.replans_a_day = max(round(24.0 / horizon.replan_h), 1)
        self.no_cap, self.no_rate = np.full(self.window, np.inf), np.zeros(self.window)
        self.own_kw = running_kw(self.plant)
        self.peak, self.left_out = one_peak(site.prices.peaks, self.steps)
        self.groups = np.concatenate([self.peak.group, np.full(self.window, -1, np.int64)])
        self.any_free = bool(np.any(self.peak.group < 0))
        n = len(horizon.levels) if horizon.net is not None else 1
        m = len(horizon.levels) if horizon.price is not None and horizon.sees_price else 1
        self.nothing_after = np.zeros((n * m, horizon.cells))
        self.stores, self.problem = self._stores(health or Health())
        self.promises = Promises.of(site, self.problem.low_kwh, self.problem.high_kwh, self.window)
        self.month_starts = np.unique(self.problem.season, return_index=True)[1]
        self.end: dict[int, Floats] = {}
        self.best_caps: dict[int, float] = {}
        self._block = -1

    def floors_kw(self) -> Floats:
        """The peaks that are billed anyway, before anything is imported (groups,)."""
        floors = self.peak.floor_kw
        return np.zeros(self.peak.rate_per_kw.size) if floors is None else np.array(floors, dtype=np.float64)

    def _stores(self, health: Health) -> tuple[list[expected.Store], exact.Problem]:
        views = monthly_views(self.site, self.plant, health)
        h, connection, wear = self.h, self.site.connection, self.horizon.wear_price_per_kwh
        low, high = (np.array([getattr(view, name) for view in views]) for name in ("low_kwh", "high_kwh"))
        ac, stored = np.stack([view.ac_nodes for view in views]), np.stack([view.store_nodes for view in views])
        keep, drain = np.array([v.keep(h) for v in views]), np.array([v.drain_kwh(h) for v in views])
        limits = float(connection.import_limit_kw), float(connection.export_limit_kw)
        stores = [
            expected.Store(
                h, ac[i : i + 1], stored[i : i + 1], expected.ratios(ac[i : i + 1], stored[i : i + 1]), float(keep[i]),
                float(drain[i]), float(low[i]), float(high[i]), float(wear), *limits,
            )
            for i in range(len(views))
        ]  # fmt: skip
        prices = self.site.prices
        problem = exact.Problem(
            h, self.site.net_kw + self.own_kw, np.ascontiguousarray(prices.buy_per_kwh, dtype=float),
            np.ascontiguousarray(prices.sell_per_kwh, dtype=float), self.site.timeline.period, ac, stored, keep, drain,
            low, high, float(wear), *limits, self.peak.group, 2.0 * self.peak.rate_per_kw + 1.0, float(low[0]),
            np.zeros(1), np.array([high[-1] - low[-1]]),
        )  # fmt: skip
        self.far_stores = [
            one._replace(
                step_h=h * self.coarse, keep=float(views[i].keep(h * self.coarse)),
                drain_kwh=float(views[i].drain_kwh(h * self.coarse)),
            )
            for i, one in enumerate(stores)
        ]  # fmt: skip
        return stores, problem

    def _forecast(self, number: int) -> None:
        """The quantiles of a block of origins, and the scenarios they make."""
        per_block = round(BLOCK_DAYS * 24.0 / self.horizon.replan_h)
        if number // per_block == self._block:
            return
        self._block = number // per_block
        origins = self.origins[self._block * per_block : (self._block + 1) * per_block]
        levels = np.array(self.horizon.levels)
        target = targets_of(origins, self.window, self.steps)
        site, h = self.site, self.horizon
        self.net = (site.net_kw[target] + self.own_kw)[:, None, :]
        if h.net is not None:
            self.net = h.net.quantiles(self.net_series, origins, self.window, levels) + self.own_kw
        buy, sell = site.prices.buy_per_kwh, site.prices.sell_per_kwh
        self.buy, self.sell = buy[target][:, None, :], sell[target][:, None, :]
        if h.price is not None:
            self.buy = np.maximum(h.price.quantiles(self.price_series, origins, self.window, levels), 0.0)
            if not h.sees_price:
                self.buy = np.tensordot(chances(levels), self.buy, (0, 1))[:, None, :]
            self.sell = self.buy if np.array_equal(buy, sell) else np.minimum(self.buy, self.sell)
        self.base = self._block * per_block
        self._lay_out(levels)

    def _lay_out(self, levels: Floats) -> None:
        """The block's forecasts as scenarios: every net load with every price; hour by hour where far ahead."""
        parts, middle = (self.net, self.buy, self.sell), int(np.searchsorted(levels, 0.5))
        self.middle = np.stack([part[:, middle if part.shape[1] > 1 else 0, : self.control] for part in parts], axis=1)
        n, m = self.net.shape[1], self.buy.shape[1]
        ends = self.origins[self.base : self.base + len(self.middle)] + self.window > self.steps
        for row in np.flatnonzero(ends):  # after the timeline nothing has a price: energy left over earns nothing
            over = self.steps - int(self.origins[self.base + row])
            self.buy[row, :, over:] = self.sell[row, :, over:] = 0.0
        wide = np.repeat(self.net, m, axis=1), np.tile(self.buy, (1, n, 1)), np.tile(self.sell, (1, n, 1))
        self.close = [np.ascontiguousarray(part[:, :, : self.near]) for part in wide]
        self.distant: list[Floats] = [
            part[:, :, self.near :].reshape(len(part), n * m, -1, self.coarse).mean(axis=3, dtype=np.float64)
            for part in wide
        ]
        self.weights = np.kron(chances(levels) if n > 1 else np.ones(1), chances(levels) if m > 1 else np.ones(1))
        before, h = int(self.origins[self.base]), self.horizon
        own = []
        for count, forecaster, series in ((n, h.net, self.net_series), (m, h.price, self.price_series)):
            stay = (0.8 if h.persist is None else h.persist) ** self.h
            if count == 1 or forecaster is None:
                own.append(np.ones((1, 1)))
            elif h.persist is None:
                own.append(rank_chances(forecaster, series, before, levels, stay))
            else:
                own.append(mixing(levels, stay))
        self.chance = np.asarray(np.kron(*own), dtype=np.float64)
        self.chance_far = np.asarray(np.linalg.matrix_power(self.chance, self.coarse), dtype=np.float64)

    def replan(self, number: int, peaks_kw: Floats) -> Window:
        """The values of the window that starts at origin `number`, with the month's peaks so far (groups,)."""
        first = int(self.origins[number])
        self._forecast(number)
        row, season = number - self.base, self.problem.season[first]
        steps, near = min(self.control, self.steps - first), self.near
        cap, excess = self._caps(first, peaks_kw)
        held = excess * self.horizon.excess_share
        holds, prices = self.promises.seen(first, self.window), self.promises.price
        clock = number % self.replans_a_day
        end = self.end.get(clock, self.nothing_after) if first + self.window < self.steps else self.nothing_after
        if near < self.window:
            far = slice(near, None, self.coarse)
            later = expected.Scenarios(*_row(self.distant, row), cap[far], held[far], self.chance_far,
                                       np.ascontiguousarray(holds[:, far]), prices)  # fmt: skip
            end = expected.sweep(self.far_stores[season], later, end, 0, self.nothing)
        kept = np.empty((steps, self.weights.size, self.horizon.cells))
        now = expected.Scenarios(*_row(self.close, row), cap[:near], held[:near], self.chance,
                                 np.ascontiguousarray(holds[:, :near]), prices)  # fmt: skip
        start = expected.sweep(self.stores[season], now, end, steps, kept)
        if self.promises.stands_as_long(first, self.window):
            mean = np.minimum(self.weights @ start, expected.PENALTY)
            mean = self.promises.worth_without(first, mean, self.stores[season])
            self.end[clock] = np.repeat(mean[None, :], self.weights.size, axis=0)
        return Window(
            first, steps, self.stores[season], kept, self.net[row, :, :steps], self.buy[row, :, :steps],
            self.middle[row, :, :steps], cap[:steps], excess[:steps],
        )  # fmt: skip

    def _caps(self, first: int, peaks_kw: Floats) -> tuple[Floats, Floats]:
        """Cap and demand rate of each step of the window."""
        group = self.groups[first : first + self.window]
        if peaks_kw.size == 0:
            return self.no_cap, self.no_rate
        floors = np.maximum(peaks_kw, self.chosen_cap(first))
        cap, rate = floors[group], np.asarray(self.peak.rate_per_kw[group], dtype=np.float64)
        if self.any_free or first + self.window > self.steps:
            cap[group < 0], rate[group < 0] = np.inf, 0.0
        return cap, rate

    def chosen_cap(self, first: int) -> float:
        """The cap that would have been best in the weeks before, with a margin.

        Looked for anew with each billing month, and every week before there are `cap_days` to look back on.
        """
        week = round(7 * 24 / self.h)
        begin = first // week * week
        if begin * self.h > self.horizon.cap_days * 24.0:
            begin = int(self.month_starts[self.problem.season[first]])
        if begin not in self.best_caps:
            past = max(begin - round(self.horizon.cap_days * 24 / self.h), 0)
            hint = next(reversed(self.best_caps.values()), None)
            self.best_caps[begin] = self._best_cap(past, begin, hint or None)
        return self.horizon.cap_margin * self.best_caps[begin]

    def _best_cap(self, begin: int, end: int, hint: float | None) -> float:
        if end - begin < round(24 / self.h):
            return 0.0
        cut, p = slice(begin, end), self.problem
        rate = self.peak.rate_per_kw.max()
        season = int(p.season[begin])
        past = p._replace(
            net_kw=p.net_kw[cut], buy=p.buy[cut], sell=p.sell[cut], season=np.full(end - begin, season),
            group=np.zeros(end - begin, np.int64), excess_price=np.array([2.0 * rate + 1.0]),
            start_kwh=float(p.low_kwh[season]), end_length=np.array([p.high_kwh[season] - p.low_kwh[season]]),
        )  # fmt: skip
        share = (end - begin) * self.h / (24.0 * 30.0)
        found = demand.solve(
            past, np.array([rate * min(share, 1.0)]), hint=None if hint is None else np.array([hint]),
            open_share=CAP_OPEN_SHARE,
        )  # fmt: skip
        return 0.0 if isinstance(found, demand.Stuck) else float(found[0].caps[0])


def _row(parts: list[Floats], row: int) -> tuple[Floats, Floats, Floats]:
    net, buy, sell = parts
    return net[row], buy[row], sell[row]


def running_kw(plant: Plant) -> float:
    """What the plant itself draws while its converter runs: controls and no-load losses (kW)."""
    technology = plant.technology
    converter = technology.converter.no_load_share.value * plant.power_kw
    if technology.charge_converter is not None:
        converter = max(converter, technology.charge_converter.no_load_share.value * plant.charge_kw)
    return float(technology.thermal.base_load_kw.value * plant.energy_kwh + converter)


def one_peak(peaks: tuple[PeakPrice, ...], steps: int) -> tuple[PeakPrice, tuple[str, ...]]:
    """Demand charges that never meet in a step as one; names of those that do and are left out of the plan."""
    group, rates, floors = np.full(steps, -1, np.int64), np.zeros(0), np.zeros(0)
    labels: tuple[str, ...] = ()
    left_out: list[str] = []
    for peak in sorted(peaks, key=lambda one: -float(one.rate_per_kw.max(initial=0.0))):
        charged = (peak.group >= 0) & (peak.rate_per_kw[np.maximum(peak.group, 0)] > 0)
        if np.any(charged & (group >= 0)):
            left_out.append(peak.name)
            continue
        group = np.where(charged, peak.group + rates.size, group)
        rates = np.concatenate([rates, peak.rate_per_kw])
        floors = np.concatenate([floors, np.zeros(peak.rate_per_kw.size) if peak.floor_kw is None else peak.floor_kw])
        labels += tuple(peak.labels)
    return PeakPrice("demand", np.ascontiguousarray(group), rates, labels, floors), tuple(left_out)
