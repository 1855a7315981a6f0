"""How reports call strategies and shares of perfect foresight."""

from __future__ import annotations

import numpy as np

from perdure.quantities import Language
from perdure.study.reports.words import percent, say, table


def strategy_name(name: str, language: Language) -> str:
    """A strategy as a reader knows it; one of the case's own by its own name."""
    key = f"regret.strategy.{name}"
    return say(key, language) if key in table() else name


def share_text(value: float, language: Language) -> str:
    """'85.3 %', or a dash where there is nothing to have a share of."""
    return percent(value) if np.isfinite(value) else say("value.none", language)
