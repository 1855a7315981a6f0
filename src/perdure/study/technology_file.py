"""A technology of the user's own as a YAML file: figures over a shipped chemistry, or the measured tables of a cell."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

from perdure.errors import Faults, InputError, did_you_mean
from perdure.quantities import Sourced
from perdure.study.case_text import read_text
from perdure.study.technology_schema import Capacities, CostSet, Figure, TableCell, TechnologyFile
from perdure.technology.ageing import AgeingLaw, Wear
from perdure.technology.contract import broken
from perdure.technology.converter import Converter
from perdure.technology.parts.equivalent_circuit import CellCurves, EquivalentCircuit
from perdure.technology.technology import STOCK_UNITS, TECHNOLOGIES, Costs, Technology
from perdure.technology.thermal import Thermal
from perdure.timeline import Floats
from perdure.validation import check

COSTS_OF_SOME = ("charge_power_per_kw", "stack_renewal_share")
"""Costs only some technologies have."""
Parts = TypeVar("Parts", Thermal, Converter, Costs)


def read_technology(path: Path | str) -> Technology:
    """The technology a datasheet file describes, checked by the contract every shipped one keeps.

    Raises InputError with every fault of the file, or with what of the contract the technology does not keep.
    """
    text = read_text(Path(path), "docs/technology-file.md tells what a datasheet file holds.")
    faults = Faults(str(path))
    asked = check(TechnologyFile, text.data, "", faults)
    if asked is not None:
        made = _Reading(asked, faults).technology()
        if made is not None and not faults.found:
            chosen = ("default_ageing_is_no_claim",) if asked.default_ageing else ()  # whoever names it, wants it
            for told in broken(made, chosen):
                cure = "Mend the figures it speaks of; docs/technology-file.md tells what every technology must keep."
                faults.add(asked.name, f"does not keep the contract of a technology: {told}", cure=cure)
    located = [
        replace(fault, place=f"line {text.line(fault.place)}: {fault.place}") if text.line(fault.place) else fault
        for fault in faults.found
    ]
    if located or asked is None or made is None:
        raise InputError(located, str(path))
    return made


class _Reading:
    """One file on its way to a technology; every fault is noted, none ends the reading."""

    def __init__(self, asked: TechnologyFile, faults: Faults):
        self.asked, self.faults = asked, faults

    def technology(self) -> Technology | None:
        """The technology, or None where its base or its tables are faulty."""
        if self.asked.base not in TECHNOLOGIES.names():
            self.faults.add("base", "unknown technology", repr(self.asked.base),
                            cure=did_you_mean(self.asked.base, TECHNOLOGIES.names()))  # fmt: skip
            return None
        base = TECHNOLOGIES.find(self.asked.base)
        made = self._from_cell(base) if self.asked.cell is not None else self._from_figures(base)
        return None if made is None else self._dressed(made)

    def _from_figures(self, base: Technology) -> Technology | None:
        """The base's own file built anew from its figures and those of the user."""
        module: ModuleType = importlib.import_module(f"{TECHNOLOGIES.package}.{base.name}")
        figures = self._overlaid(module.FIGURES, self.asked.figures, "figures")
        laws = {
            name: self._overlaid(own, self.asked.ageing.get(name, {}), f"ageing.{name}")
            for name, own in module.LAWS.items()
        }
        for name in self.asked.ageing:
            if name not in module.LAWS:
                self.faults.add(f"ageing.{name}", f"{base.name} has no such ageing law", None, ", ".join(module.LAWS),
                                "Put a law of your own under capacity_after_cycles.")  # fmt: skip
        try:
            made: Technology = module.build(figures, laws)
        except InputError as error:
            self.faults.found += [replace(fault, place=f"figures.{fault.place}") for fault in error.faults]
            return None
        return made

    def _from_cell(self, base: Technology) -> Technology | None:
        """A cell of the user's own tables; everything but the cell comes from the base."""
        cell = self.asked.cell
        assert cell is not None
        figures = {name: self._sourced(one, "", name) for name, one in self.asked.figures.items()}
        if self.asked.ageing:
            self.faults.add("ageing", "overrides figures of the base's laws, which a cell of tables does not have",
                            cure="Put a law of your own under capacity_after_cycles.")  # fmt: skip
        try:
            physics = EquivalentCircuit(figures, _curves(cell))
        except InputError as error:
            places = {"soc": "cell.soc", "voltage_v": "cell.voltage_v"}
            self.faults.found += [
                replace(fault, place=places.get(fault.place, f"figures.{fault.place}")) for fault in error.faults
            ]
            return None
        return replace(base, physics=physics, figures=figures, physics_at=None, slow_states=(), levels=(), inventory={})

    def _dressed(self, made: Technology) -> Technology:
        """Everything around the physics."""
        asked = self.asked
        laws = {**{law.name: law for law in map(self._law, asked.capacity_after_cycles.items())}, **made.ageing}
        if asked.default_ageing is not None and asked.default_ageing not in laws:
            self.faults.add("default_ageing", "no such ageing law", repr(asked.default_ageing), ", ".join(laws))
        elif asked.default_ageing is not None:
            laws = {asked.default_ageing: laws[asked.default_ageing], **laws}
        costs = {name: self._costs(name, one, made.default_costs) for name, one in asked.costs.items()}
        for name in set(asked.inventory) - set(STOCK_UNITS):
            self.faults.add(f"inventory.{name}", "unknown stock", None, ", ".join(STOCK_UNITS))
        inventory = {
            name: self._sourced(asked.inventory[name], f"{unit}/kWh", name)
            for name, unit in STOCK_UNITS.items()
            if name in asked.inventory
        }
        said = {
            name: value
            for name in ("measured_on", "sensitive_to", "not_valid_for", "power_range_per_h", "temperature_range_c",
                         "end_of_life_capacity_share")
            if (value := getattr(asked, name)) is not None
        }  # fmt: skip
        title = _both(asked.title)
        return replace(
            made, name=asked.name, title=title, summary=_both(asked.summary) if asked.summary else title, ageing=laws,
            thermal=self._over(made.thermal, asked.thermal, "thermal"),
            converter=self._over(made.converter, asked.converter, "converter"),
            costs={**costs, **made.costs}, inventory={**made.inventory, **inventory},
            remarks=(*asked.remarks, f"From a datasheet file over {asked.base}.", *made.remarks), **said,
        )  # fmt: skip

    def _law(self, item: tuple[str, Capacities]) -> AgeingLaw:
        """Fade `k (depth / tested depth)^m cycles^p` through the points, by least squares of the logarithms."""
        name, told = item
        points = np.array([one for one in told.points if one[0] > 0.0 and one[1] < 1.0])
        cycles, fade = points[:, 0], 1.0 - points[:, 1]
        exponent = 1.0
        if len(points) > 1:
            exponent = float(np.clip(np.polyfit(np.log(cycles), np.log(fade), 1)[0], 0.3, 2.0))
        factor = float(np.exp(np.mean(np.log(fade) - exponent * np.log(cycles))))
        yearly, tested, steep = told.calendar_fade_per_year, told.depth_share, told.depth_exponent

        def cyclic(depth: Floats, rate: Floats, celsius: Floats, mean: Floats) -> Floats:
            return np.asarray(factor * np.power(depth / tested, steep))

        def calendar(celsius: Floats, soc: Floats) -> Floats:
            return np.full_like(soc, yearly / 365.25)

        source = self._source(told.source)
        figures = {
            "fade_factor": Sourced(factor, "", f"fit to the points of {source}", told.confidence),
            "cycle_exponent": Sourced(exponent, "", f"fit to the points of {source}", told.confidence),
            "depth_exponent": Sourced(steep, "", source, told.confidence),
            "calendar_fade_per_year": Sourced(yearly, "1/a", source, told.confidence),
        }
        wears = (
            Wear("cycling", "capacity", exponent, cyclic=cyclic, per="cycle"),
            Wear("calendar", "capacity", 1.0, calendar=calendar),
        )
        return AgeingLaw(
            name, _both(told.title or name), wears, figures, temperature_range_c=told.temperature_range_c,
            rate_range_per_h=(0.0, told.rate_per_h),
        )  # fmt: skip

    def _costs(self, name: str, told: CostSet, base: Costs) -> Costs:
        """A set of costs over the base's default one; in another currency every figure must be given."""
        given = {key: value for key in base.figures() if (value := getattr(told, key)) is not None}
        for key in COSTS_OF_SOME:
            if getattr(told, key) is not None and key not in given:
                self.faults.add(f"costs.{name}.{key}", f"prices a part {self.asked.base} does not have")
        missing = sorted(set(base.figures()) - set(given))
        if told.currency is not None and told.currency != base.currency and missing:
            self.faults.add(f"costs.{name}", f"is in {told.currency}, so every figure must be given",
                            f"without {', '.join(missing)}")  # fmt: skip
        over = self._over(base, given, f"costs.{name}", year=told.year)
        return replace(over, currency=told.currency or base.currency, title=_both(told.title or name))

    def _over(self, base: Parts, told: Mapping[str, float | Figure], place: str, year: int | None = None) -> Parts:
        """A part of the datasheet with the user's figures put in."""
        own = base.figures()
        changed: dict[str, Any] = {}
        for name, one in told.items():
            if name not in own:
                self.faults.add(f"{place}.{name}", "unknown figure", cure=did_you_mean(name, own))
                continue
            figure = self._sourced(one, own[name].unit, name)
            if isinstance(base, Costs):  # a cost always tells its range and year
                low = figure.value if figure.low is None else figure.low
                high = figure.value if figure.high is None else figure.high
                figure = replace(figure, low=low, high=high, year=figure.year or year or own[name].year)
            changed[name] = figure
        return replace(base, **changed)

    def _overlaid(
        self, own: Mapping[str, Sourced], told: Mapping[str, float | Figure], place: str
    ) -> dict[str, Sourced]:
        """The base's figures with the user's put in."""
        merged = dict(own)
        for name, one in told.items():
            if name not in own:
                self.faults.add(f"{place}.{name}", "unknown figure", cure=did_you_mean(name, own))
            else:
                merged[name] = self._sourced(one, own[name].unit, name)
        return merged

    def _sourced(self, told: float | Figure, unit: str, name: str) -> Sourced:
        one = told if isinstance(told, Figure) else Figure(value=told)
        confidence = one.confidence or self.asked.confidence
        return Sourced(one.value, one.unit or unit or _unit(name), self._source(one.source), confidence, one.low,
                       one.high, one.year, one.note)  # fmt: skip

    def _source(self, own: str | None) -> str:
        return own or self.asked.source


def _both(text: str | Mapping[str, str]) -> dict[Any, str]:
    """A text in both languages; one given serves both."""
    if isinstance(text, str):
        return {"en": text, "zh": text}
    english = text.get("en") or text.get("zh") or ""
    return {"en": english, "zh": text.get("zh") or english}


def _unit(name: str) -> str:
    """The unit a figure's name ends in."""
    ends = {"_v": "V", "_per_h": "1/h", "_c": "°C", "_share": "share", "_soc": "share", "_ah": "Ω Ah",
            "_per_month": "1/month", "_j_per_mol": "J/mol", "_v_per_k": "V/K"}  # fmt: skip
    return next((unit for end, unit in ends.items() if name.endswith(end)), "")


def _curves(cell: TableCell) -> CellCurves:
    resistance = cell.resistance
    charge = np.array(resistance.charge_ohm_ah, dtype=float)
    discharge = charge if resistance.discharge_ohm_ah is None else np.array(resistance.discharge_ohm_ah, dtype=float)
    return CellCurves(
        soc=np.array(cell.soc, dtype=float),
        voltage_v=np.array(cell.voltage_v, dtype=float),
        resistance_soc=np.array(resistance.soc, dtype=float),
        resistance_c=np.array(resistance.temperature_c, dtype=float),
        charge_resistance=charge,
        discharge_resistance=discharge,
        entropy_soc=np.array(cell.entropy_soc, dtype=float),
        entropy_v_per_k=np.array(cell.entropy_v_per_k, dtype=float),
    )
