"""All comparisons, subject by subject; computed once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from validation.comparison import Comparison
from validation.comparisons import (
    field,
    flow_and_hydrogen,
    lithium,
    lithium_tools,
    money,
    money_sam,
    nickel_hydrogen,
    nickel_hydrogen_life,
    systems,
    time_step,
)

SUBJECTS: dict[str, Callable[[], list[Comparison]]] = {
    "nickel_hydrogen": nickel_hydrogen.comparisons,
    "nickel_hydrogen_life": nickel_hydrogen_life.comparisons,
    "lithium": lithium.comparisons,
    "lithium_tools": lithium_tools.comparisons,
    "field": field.comparisons,
    "flow_and_hydrogen": flow_and_hydrogen.comparisons,
    "systems": systems.comparisons,
    "time_step": time_step.comparisons,
    "money": money.comparisons,
    "money_sam": money_sam.comparisons,
}
KEPT: dict[str, Callable[[], list[Comparison]]] = {
    "lfp_cell_result": lithium.cell_tables,
    "lfp_blast_result": lithium.blast_duties,
    "field_bess_result": field.replayed,
    "vanadium_pump_result": flow_and_hydrogen.pump,
    "hydrogen_curves_result": flow_and_hydrogen.curves,
    "sam_commercial_result": money_sam.beside_sam,
}
"""What needs data from beside the repository, by the table its last result is kept in."""


@cache
def of_subject(subject: str) -> tuple[Comparison, ...]:
    """The comparisons of one subject."""
    return tuple(SUBJECTS[subject]())


def everything() -> list[Comparison]:
    """The comparisons of all subjects."""
    return [one for subject in SUBJECTS for one in of_subject(subject)]
