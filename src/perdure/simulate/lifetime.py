"""`live_through`: plan, run, bill, age and replace, year after year."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from perdure.dispatch.schedule import Schedule
from perdure.market.charge import Bill, Prices
from perdure.simulate.options import LifeOptions
from perdure.simulate.result import Life, Result
from perdure.simulate.run import as_result
from perdure.simulate.serving import Served
from perdure.simulate.standing import Condition, Learned, Renewal, Standing, Upkeep
from perdure.simulate.year import PLAN_OPEN_SHARE, PROGRAM_PLAN_YEARS, REHEARSAL_OPEN_SHARE, LivingYear, Memory, Year
from perdure.simulate.year_rows import idle_row, month_columns, month_table, site_row, store_row
from perdure.site.outlook import Outlook
from perdure.site.site import Site
from perdure.technology.ageing import AgeingLaw

MOST_PRICE_READINGS = 4
"""How often a tariff that bends (tiers, ratchets) is straightened anew around the plan in the first year."""

Tell = Callable[[str, float], None]


def live_through(
    site: Site,
    options: LifeOptions | None = None,
    *,
    years: int | None = None,
    ageing: AgeingLaw | None = None,
    wear_price_per_kwh: float | None = None,
    upkeep: Mapping[str, Upkeep] | None = None,
    outlook: Outlook | None = None,
    tell: Tell | None = None,
) -> Life:
    """The life of the site's plants: each year planned with that year's capacity and efficiency, simulated, billed.

    `ageing`: default each technology's; `upkeep`: by plant name, in place of `ageing` and `wear_price_per_kwh`.
    `outlook`: how the years differ; default: growth as the options say. `tell(text, share)` hears the progress. Raises
    NoPlanError where no schedule keeps the site's limits.
    """
    options = options or LifeOptions()
    changes = {"years": years, "wear_price_per_kwh": wear_price_per_kwh}
    options = options.model_copy(update={name: value for name, value in changes.items() if value is not None})
    named = upkeep or {}
    stores = [
        Standing.new(plant, named.get(plant.name, Upkeep(ageing)), options, float(site.ambient_c[0]))
        for plant in site.plants or (site.the_plant,)
    ]
    return _Living(site, stores, options, outlook or grown(options), tell).live()


def grown(options: LifeOptions, outlook: Outlook | None = None) -> Outlook:
    """The outlook with the growth of load and generation that the options of a life name."""
    return replace(
        outlook or Outlook(), load_growth=1.0 + options.load_growth_share_per_year,
        generation_growth=1.0 - options.generation_loss_share_per_year,
    )  # fmt: skip


class _Living:
    def __init__(self, site: Site, stores: list[Standing], options: LifeOptions, outlook: Outlook, tell: Tell | None):
        self.site, self.stores, self.options, self.outlook, self.tell = site, stores, options, outlook, tell
        self.memory = Memory()
        self.rows: list[dict[str, object]] = []
        self.store_rows: dict[str, list[dict[str, object]]] = {one.name: [] for one in stores}
        self.months: list[dict[str, Sequence[object]]] = []
        self.bills: list[Bill] = []
        self.samples: dict[int, Result] = {}
        self.served: dict[int, Served] = {}
        self.plans: dict[int, Schedule] = {}
        self.remarks = dict.fromkeys(text for one in stores for text in one.law.remarks)  # a set that keeps its order

    @property
    def name(self) -> str:
        return " and ".join(one.name for one in self.stores)

    def live(self) -> Life:
        """All years."""
        began = time.perf_counter()
        for number in range(1, self.options.years + 1):
            site = self.outlook.site(self.site, number)
            renewals = {one.name: one.renew(number) for one in self.stores}
            if any(one.replaced_kwh or one.added_kwh or one.added_kw for one in renewals.values()):
                self.memory.plan = None
            standing = [one for one in self.stores if not one.retired]
            site = self._as_built(site, standing)
            if standing:
                self._note(number, site, standing, self._live_year(site, standing, number), renewals)
            else:
                self._note_idle(number, site)
            if self.tell is not None:
                self.tell(f"{self.name}: year {number} of {self.options.years}", number / self.options.years)
        return self._life(time.perf_counter() - began)

    def _as_built(self, site: Site, standing: list[Standing]) -> Site:
        """The site with the plants as large as they are now."""
        plants = tuple(one.plant for one in standing)
        return site if plants == site.plants or not plants else replace(site, plants=plants)

    def _live_year(self, site: Site, standing: list[Standing], number: int) -> Year:
        """One year; the first is planned again once its auxiliaries, temperatures and prices are known."""
        if number > 1:
            return self._attempt(site, standing, self._prices(site))
        start = [one.condition for one in standing]
        best: tuple[Year, list[tuple[Condition, Learned]]] | None = None
        prices = site.prices
        for reading in range(1 if site.prices.exact else MOST_PRICE_READINGS):
            for open_share in (REHEARSAL_OPEN_SHARE, PLAN_OPEN_SHARE) if reading == 0 else (PLAN_OPEN_SHARE,):
                for one, condition in zip(standing, start, strict=True):
                    one.restore(condition)
                year = self._attempt(site, standing, prices, open_share)
            if best is None or year.bill.total < best[0].bill.total:
                best = (year, [(one.condition, one.learned) for one in standing])
            if year.plan[0].in_full and not year.plan[0].remarks:
                break
            prices = self._prices(site)
        assert best is not None
        for one, (condition, learned) in zip(standing, best[1], strict=True):
            one.restore(condition)
            one.learned = learned
        return best[0]

    def _prices(self, site: Site) -> Prices:
        imported = self.memory.import_kw
        if site.prices.exact or imported is None or imported.size != site.timeline.steps:
            return site.prices
        return site.charges.prices(imported)

    def _attempt(
        self, site: Site, standing: list[Standing], prices: Prices, open_share: float = PLAN_OPEN_SHARE
    ) -> Year:
        monthly = self.options.replan == "month"
        return LivingYear(site, standing, self.memory, prices, monthly, open_share, self.remarks).live()

    def _note(
        self, number: int, site: Site, standing: list[Standing], year: Year, renewals: dict[str, Renewal]
    ) -> None:
        alive = {one.name for one in standing}
        each = {
            store.name: store_row(number, store.wear_price_per_kwh, ran, cycles, renewals[store.name], site)
            for store, ran, cycles in zip(standing, year.stores, year.full_cycles, strict=True)
        }
        for store in self.stores:
            row = each.get(store.name) or idle_row(number, self.store_rows[store.name][0])
            self.store_rows[store.name].append(row)
        self.rows.append(site_row(number, site, year, [each[name] for name in each if name in alive], self.stores))
        self._note_plan(year, site)
        self._note_months(number, site, year.bill)
        if number in (1, self.options.years):
            self._sample(number, site, year)

    def _note_plan(self, year: Year, site: Site) -> None:
        """What has to be said of how the year was planned."""
        if site.services:
            told = f"a plan with services is followed for {PROGRAM_PLAN_YEARS} years before it is made anew"
            self.remarks[told] = None
        elif len(year.plan) > 1:
            told = f"a plan for several stores is followed for {PROGRAM_PLAN_YEARS} years before it is made anew"
            self.remarks[told] = None
        elif year.plan[0].method == "program":
            self.remarks[f"dispatch by HiGHS, because {year.plan[0].why}"] = None
        self.remarks |= dict.fromkeys(year.plan[0].remarks)
        if not (year.prices.exact or year.plan[0].in_full):
            self.remarks |= dict.fromkeys(year.prices.remarks)

    def _sample(self, number: int, site: Site, year: Year) -> None:
        """Keep a year in full."""
        if year.served is not None:
            self.served[number] = year.served
            self.remarks |= dict.fromkeys(f"year {number}: {text}" for text in year.served.told)
        self.plans[number] = year.plan[0]
        self.samples[number] = as_result(site, year.stores)

    def _note_months(self, number: int, site: Site, bill: Bill) -> None:
        self.bills.append(bill)
        self.months.append(month_columns(number, site.bill_without, bill))

    def _note_idle(self, number: int, site: Site) -> None:
        """A year after all stores were retired: the bill is the one without them."""
        bill = site.bill_without
        for store in self.stores:
            self.store_rows[store.name].append(idle_row(number, self.store_rows[store.name][0]))
        row = idle_row(number, self.rows[0]) | {"cost_without": bill.total, "cost_with": bill.total}
        self.rows.append(row)
        self._note_months(number, site, bill)

    def _life(self, seconds: float) -> Life:
        years = pd.DataFrame(self.rows)
        each = {name: pd.DataFrame(rows) for name, rows in self.store_rows.items()}
        for store in self.stores:
            high, warmest = store.first.technology.temperature_range_c[1], each[store.name]["max_temperature_c"].max()
            if warmest > high:
                self.remarks[f"store reached {warmest:.0f} °C; its data end at {high:g} °C"] = None
        made_by = {
            "method": ", ".join(dict.fromkeys(years["method"])),
            "ageing": ", ".join(dict.fromkeys(one.law.name for one in self.stores)),
            "replan": self.options.replan,
            "sweeps": self.memory.sweeps,
            "seconds": round(seconds, 3),
        }
        bought = tuple(part for one in self.stores for part in one.bought())
        return Life(
            self.site, years, month_table(self.months), tuple(self.bills), self.samples,
            tuple(self.remarks), made_by, self.served, self.plans, bought, each,
        )  # fmt: skip
