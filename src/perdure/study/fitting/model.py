"""What a fit turns and what it compares: a technology built anew from changed figures, and its answer to test data."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from perdure.errors import Fault, InputError, did_you_mean
from perdure.quantities import Sourced
from perdure.study.case_text import read_text
from perdure.study.fitting.data import DataSet
from perdure.study.technologies import DATASHEET_SUFFIXES, find_technology
from perdure.technology.ageing import AgeingLaw
from perdure.technology.bench import cycled
from perdure.technology.parts.equivalent_circuit import EquivalentCircuit
from perdure.technology.technology import TECHNOLOGIES, Physics, Technology
from perdure.timeline import Floats

VOLTAGE_ROUNDS = 5
"""Rounds from a current to the power that drives it; each is closer by resistive drop over voltage."""
STAND_NODES = 1501


@dataclass(frozen=True, eq=False)
class Blueprint:
    """A technology and how to build it from changed figures.

    `figures` are those a fit may turn: physics by name, of the ageing law as 'ageing.LAW.NAME'. `written` is the
    datasheet file it came from, empty for a shipped technology.
    """

    technology: Technology
    base: str
    law: AgeingLaw
    figures: dict[str, Sourced]
    written: dict[str, Any]

    def built(self, values: Mapping[str, float]) -> tuple[Technology, AgeingLaw]:
        """The technology and its ageing law with some figures changed; only what a bench measures is built anew."""
        figures, prefix = dict(self.technology.figures), f"ageing.{self.law.name}."
        law = dict(self.law.figures)
        for key, value in values.items():
            where, name = (law, key.removeprefix(prefix)) if key.startswith(prefix) else (figures, key)
            where[name] = replace(where[name], value=float(value), low=None, high=None)
        physics = self.technology.physics
        if self.written.get("cell") is not None:
            assert isinstance(physics, EquivalentCircuit)
            circuit = EquivalentCircuit(figures, physics.curves)
            return replace(self.technology, physics=circuit, figures=figures, standing=None), self.law
        module = importlib.import_module(f"{TECHNOLOGIES.package}.{self.base}")
        laws = {name: self.technology.ageing[name].figures for name in module.LAWS} | {self.law.name: law}
        made: Technology = module.build(figures, {name: laws[name] for name in module.LAWS})
        return made, made.ageing.get(self.law.name, self.law)


def blueprint(written: str, ageing: str | None = None) -> Blueprint:
    """What to turn of a technology by name or datasheet file; `ageing` names the law a capacity test fits."""
    technology = find_technology(written)
    data = read_text(Path(written)).data if written.lower().endswith(DATASHEET_SUFFIXES) else {}
    law = technology.default_ageing
    if ageing is not None:
        if ageing not in technology.ageing:
            raise InputError([Fault("--ageing", "no such ageing law", repr(ageing), ", ".join(technology.ageing),
                                    did_you_mean(ageing, technology.ageing))])  # fmt: skip
        law = technology.ageing[ageing]
    base = str(data.get("base", technology.name))
    own = importlib.import_module(f"{TECHNOLOGIES.package}.{base}").LAWS
    turned = law.figures if law.name in own and data.get("cell") is None else {}
    figures = technology.figures | {f"ageing.{law.name}.{name}": one for name, one in turned.items()}
    return Blueprint(technology, base, law, figures, data)


def starts(technology: Technology, data: DataSet) -> Floats:
    """State of charge each row of a stand test begins at (rows,): as written, else the top of the window."""
    if "from_soc" in data.rows:
        return data.rows["from_soc"].to_numpy(dtype=np.float64)
    return np.asarray(technology.physics.soc_limits(data.rows["temperature_c"].to_numpy(dtype=np.float64))[1])


def predicted(technology: Technology, law: AgeingLaw, data: DataSet, from_soc: Floats | None = None) -> Floats:
    """What the model says where the data were measured (rows,), in the unit of the kind."""
    physics = technology.physics
    if data.kind.name == "voltage":
        return _voltage(physics, data.rows)
    if data.kind.name == "pressure":
        soc, celsius = (data.rows[name].to_numpy(dtype=np.float64) for name in ("soc", "temperature_c"))
        pressure = physics.respond(soc, celsius, np.zeros(len(soc)), 0.0).pressure_bar
        if pressure is None:
            raise InputError([Fault("--pressure", "this technology has no pressure",
                                    cure="Leave --pressure out, or name one that stores hydrogen.")])  # fmt: skip
        return np.asarray(pressure)
    if data.kind.name == "capacity":
        return _capacity(law, data.rows)
    begin = starts(technology, data) if from_soc is None else from_soc
    if (exact := technology.standing) is not None:
        celsius, days = (data.rows[name].to_numpy(dtype=np.float64) for name in ("temperature_c", "days"))
        return np.asarray(physics.energy_share(exact(begin, celsius, 24.0 * days)) / physics.energy_share(begin))
    return _stand(physics, data.rows, begin)


def _voltage(physics: Physics, rows: pd.DataFrame) -> Floats:
    soc, celsius = (rows[name].to_numpy(dtype=np.float64) for name in ("soc", "temperature_c"))
    if "power_kw_per_kwh" in rows:
        power = rows["power_kw_per_kwh"].to_numpy(dtype=np.float64)
        return np.asarray(physics.respond(soc, celsius, power, 0.0).voltage_v)
    mean = getattr(physics, "mean_voltage_v", None)
    if mean is None:
        raise InputError([Fault("--voltage", "this technology has no current over capacity of one cell",
                                "rate_per_h", "power_kw_per_kwh", "Give DC power over stored energy.")])  # fmt: skip
    rate, voltage = rows["rate_per_h"].to_numpy(dtype=np.float64), rows["voltage_v"].to_numpy(dtype=np.float64)
    for _ in range(VOLTAGE_ROUNDS):
        voltage = np.asarray(physics.respond(soc, celsius, rate * voltage / mean, 0.0).voltage_v)
    return voltage


def _capacity(law: AgeingLaw, rows: pd.DataFrame) -> Floats:
    kept = np.zeros(len(rows))
    for one in _alike(rows[["depth_share", "rate_per_h", "temperature_c"]].to_numpy(dtype=np.float64)):
        depth, rate, celsius = (float(rows[name].iloc[one[0]]) for name in
                                ("depth_share", "rate_per_h", "temperature_c"))  # fmt: skip
        healths = cycled(law, rows["cycles"].to_numpy(dtype=np.float64)[one], depth, rate, celsius)
        kept[one] = [health.capacity_share for health in healths]
    return kept


def _stand(physics: Physics, rows: pd.DataFrame, from_soc: Floats) -> Floats:
    """Stored energy left over the energy at the beginning, terminals open."""
    celsius, days = (rows[name].to_numpy(dtype=np.float64) for name in ("temperature_c", "days"))
    fine = np.linspace(0.0, 1.0, 2001)
    energy, kept = physics.energy_share(fine), np.zeros(len(rows))
    for one in _alike(np.stack([celsius, from_soc], axis=1)):
        top = float(np.interp(from_soc[one[0]], fine, energy))
        share = np.linspace(top, 1e-4, STAND_NODES)
        warm, still = np.full(STAND_NODES, celsius[one[0]]), np.zeros(STAND_NODES)
        rest = physics.respond(np.interp(share, energy, fine), warm, still, 0.0)
        slow = 1.0 / np.maximum(np.broadcast_to(rest.loss_kw + rest.self_discharge_kw, share.shape), 1e-12)
        hours = np.concatenate([[0.0], np.cumsum(-np.diff(share) * 0.5 * (slow[1:] + slow[:-1]))])
        kept[one] = np.interp(24.0 * days[one], hours, share, right=0.0) / top
    return kept


def _alike(conditions: Floats) -> list[np.ndarray[Any, np.dtype[np.int64]]]:
    """Positions of the rows of each set of equal conditions."""
    _, group = np.unique(conditions, axis=0, return_inverse=True)
    return [np.flatnonzero(group.ravel() == one) for one in range(int(group.max()) + 1)]
