"""A store as it stands in its life: modules bought at different times, their wear, its charge and warmth."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from perdure.errors import Fault, InputError
from perdure.simulate.options import Addition, LifeOptions
from perdure.simulate.result import Bought, Reason
from perdure.simulate.run import slow_at_rest
from perdure.site.plant import Plant
from perdure.technology.ageing import AgeingLaw, Health, Stress
from perdure.timeline import Floats


@dataclass(frozen=True)
class Upkeep:
    """How a store is used and kept up; None: the technology's law, the life's wear price.

    `additions`: what is built onto it at the start of given years. Several stores have one each.
    """

    ageing: AgeingLaw | None = None
    wear_price_per_kwh: float | None = None
    additions: tuple[Addition, ...] = ()


@dataclass(frozen=True)
class Renewal:
    """What happened to a store at the start of a year."""

    replaced_kwh: float = 0.0
    added_kwh: float = 0.0
    added_kw: float = 0.0
    stacks_renewed: bool = False


@dataclass(slots=True, eq=False)
class _Modules:
    """Modules of one age."""

    energy_kwh: float
    power_kw: float
    worn: Floats
    from_year: int
    reason: Reason


@dataclass(slots=True)
class Learned:
    """What a year tells the next plan: own use (steps,) kW; by month, temperature and what is out of reach."""

    auxiliary_kw: Floats | None = None
    monthly_temperature_c: Floats | None = None
    monthly_slow: Floats | None = None  # (billing months, slow states), the most of each month


@dataclass(slots=True)
class Condition:
    """What a run changes: wear of each age of modules, stored share, temperature, slow states."""

    worn: tuple[Floats, ...]
    share: float
    temperature_c: float
    slow: Floats


@dataclass
class Standing:
    """A store through its life. All modules stand in parallel at one state of charge; each ages by its own past."""

    first: Plant
    law: AgeingLaw
    wear_price_per_kwh: float
    additions: tuple[Addition, ...]
    options: LifeOptions
    share: float
    temperature_c: float
    slow: Floats
    learned: Learned = field(default_factory=Learned)
    added_kw: float = 0.0
    _modules: list[_Modules] = field(default_factory=list)
    _gone: list[Bought] = field(default_factory=list)
    _plant: Plant | None = None
    _year_worn: Floats | None = None  # by the year being lived
    _last_year_worn: Floats | None = None

    @classmethod
    def new(cls, plant: Plant, upkeep: Upkeep, options: LifeOptions, ambient_c: float) -> Standing:
        """The new store, empty, as warm as its surroundings allow."""
        thermal = plant.technology.thermal
        warmth = float(np.clip(ambient_c, thermal.heat_below_c.value, thermal.cool_above_c.value))
        law = upkeep.ageing or plant.technology.default_ageing
        wear = options.wear_price_per_kwh if upkeep.wear_price_per_kwh is None else upkeep.wear_price_per_kwh
        if wear == "lifetime":
            raise InputError([Fault("wear_price_per_kwh", "is sought over whole lives, not within one", wear,
                                    "a number", "Read it as a case, or give a number.")])  # fmt: skip
        low = plant.table().window(warmth)[0]
        made = cls(plant, law, wear, upkeep.additions, options, low, warmth, slow_at_rest(plant))
        made._modules.append(_Modules(plant.energy_kwh, plant.power_kw, law.fresh(), 1, "first"))
        return made

    @property
    def name(self) -> str:
        """The plant's name."""
        return self.first.name

    @property
    def retired(self) -> bool:
        """True once no modules are left."""
        return not self._modules

    @property
    def plant(self) -> Plant:
        """The plant of today's size."""
        if self._plant is None:
            energy = sum(one.energy_kwh for one in self._modules)
            grown = 1.0 + self.added_kw / self.first.power_kw
            charge = None if self.first.charge_power_kw is None else self.first.charge_power_kw * grown
            self._plant = self.first
            if energy != self.first.energy_kwh or self.added_kw:
                self._plant = replace(
                    self.first, energy_kwh=energy, power_kw=self.first.power_kw * grown, charge_power_kw=charge
                )
        return self._plant

    @property
    def worn_at(self) -> float:
        """Capacity at which modules count as worn, share of new."""
        return self.options.end_of_life_capacity_share or self.first.technology.end_of_life_capacity_share

    @property
    def health(self) -> Health:
        """Of all modules together: capacities add up, and parallel modules share the current by capacity."""
        return self._health([one.worn for one in self._modules])

    def ahead(self, years: int) -> Health | None:
        """The health after so many more years like the last one lived; None before one was lived.

        No worse than worn out, where worn modules are replaced.
        """
        year = self._last_year_worn
        if year is None:
            return None
        later = self._health([one.worn + years * year for one in self._modules])
        least = min(self.health.capacity_share, self.worn_at) if self.options.when_worn == "replace" else 0.0
        return replace(later, capacity_share=max(later.capacity_share, least))

    def _health(self, worn: list[Floats]) -> Health:
        each = [self.law.health(one) for one in worn]
        if len(each) == 1:
            return each[0]
        energy = np.array([one.energy_kwh for one in self._modules])
        left = energy * np.array([one.capacity_share for one in each])
        impedance = np.array([one.impedance_share for one in each])
        share = float(left.sum() / energy.sum())
        return Health(share, float(left @ impedance / left.sum()) if left.sum() > 0.0 else float(impedance.max()))

    @property
    def condition(self) -> Condition:
        """What a run changes, as it is now."""
        return Condition(tuple(one.worn for one in self._modules), self.share, self.temperature_c, self.slow.copy())

    def restore(self, condition: Condition) -> None:
        """Back to a condition of the same year."""
        self._close_year()
        for one, worn in zip(self._modules, condition.worn, strict=True):
            one.worn = worn
        self.share, self.temperature_c, self.slow = condition.share, condition.temperature_c, condition.slow.copy()

    def age(self, stress: Stress) -> None:
        """Every module goes through the same."""
        more = self.law.increments(stress)
        self._year_worn = more if self._year_worn is None else self._year_worn + more
        for one in self._modules:
            one.worn = one.worn + more

    def _close_year(self) -> None:
        """What wears from now on belongs to another year."""
        if self._year_worn is not None:
            self._last_year_worn, self._year_worn = self._year_worn, None

    def renew(self, year: int) -> Renewal:
        """Replace, retire, add or renew what the start of a year asks for."""
        if self.retired:
            return Renewal()
        self._close_year()
        replaced, stacks = 0.0, False
        if year > 1 and self.options.when_worn in ("replace", "retire"):
            replaced = self._replace_or_retire(year)
        added_kwh, added_kw = self._add(year)
        if not self.retired and self.options.when_worn == "replace":
            stacks = self._renew_stacks()
        return Renewal(replaced, added_kwh, added_kw, stacks)

    def bought(self) -> tuple[Bought, ...]:
        """All that was ever bought, with what is left of it."""
        still = [
            Bought(self.name, one.reason, one.from_year, None, one.energy_kwh, one.power_kw, self._left(one))
            for one in self._modules
        ]
        return (*self._gone, *still)

    def _left(self, one: _Modules) -> float:
        share = (self.law.health(one.worn).capacity_share - self.worn_at) / (1.0 - self.worn_at)
        return float(np.clip(share, 0.0, 1.0))

    def _replace_or_retire(self, year: int) -> float:
        """Modules at their end make way: for new ones of the same size, or for none. Returns the kWh replaced."""
        worn = [one for one in self._modules if self.law.health(one.worn).capacity_share <= self.worn_at]
        self._gone += [Bought(self.name, one.reason, one.from_year, year, one.energy_kwh, one.power_kw) for one in worn]
        kept = [one for one in self._modules if one not in worn]
        if self.options.when_worn == "retire":
            self._modules, self._plant = kept, None if worn else self._plant
            return 0.0
        new = [_Modules(one.energy_kwh, 0.0, self.law.fresh(), year, "replacement") for one in worn]
        self._modules = [*kept, *new]
        if new and not kept:
            self.slow = slow_at_rest(self.first)
        return sum(one.energy_kwh for one in new)

    def _add(self, year: int) -> tuple[float, float]:
        """Build on what is due this year, and in a life that is topped up what wear has taken."""
        wanted = [(one.energy_kwh, one.power_kw) for one in self.additions if one.year == year]
        share = self.health.capacity_share if self._modules else 1.0
        if self.options.when_worn == "augment" and year > 1 and share <= self.worn_at:
            missing = self.options.augment_to_share * self.first.energy_kwh - share * self.plant.energy_kwh
            wanted.append((max(missing, 0.0), 0.0))
        wanted = [one for one in wanted if sum(one) > 0.0]
        for energy_kwh, power_kw in wanted:
            self._modules.append(_Modules(energy_kwh, power_kw, self.law.fresh(), year, "addition"))
        if wanted:
            self.added_kw += sum(one[1] for one in wanted)
            self._blend(sum(one[0] for one in wanted))
        return sum(one[0] for one in wanted), sum(one[1] for one in wanted)

    def _blend(self, new_kwh: float) -> None:
        """New modules come empty: what is stored spreads over all of them, the least allowed taken as given."""
        self._plant = None
        whole = self.plant.energy_kwh * self.health.capacity_share
        low = self.first.table().window(self.temperature_c)[0]
        if whole > 0.0:
            self.share = max(low, self.share * (whole - new_kwh) / whole)

    def _renew_stacks(self) -> bool:
        limit = self.first.technology.stacks_worn_at
        if limit is None or self.health.impedance_share < limit:
            return False
        for one in self._modules:
            one.worn = self.law.with_new_stacks(one.worn)
        return True
