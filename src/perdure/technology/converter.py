"""The converter between grid and store: a loss that grows with power, and what it draws when idle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perdure.quantities import Sourced
from perdure.timeline import Floats


@dataclass(frozen=True)
class Converter:
    """Loss of a two-way converter over its rated power: `no_load + linear u + quadratic u^2`, u = |AC power|/rating.

    The no-load loss is drawn while it runs and counted with the auxiliaries; `standby` is drawn when it rests.
    """

    linear_share: Sourced
    quadratic_share: Sourced
    no_load_share: Sourced
    standby_share: Sourced

    def figures(self) -> dict[str, Sourced]:
        """All figures by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def direct_share(self, ac_share: Floats) -> Floats:
        """Direct-current power for an AC power, both over the rating, charging positive (any shape)."""
        load = np.abs(ac_share)
        return ac_share - (self.linear_share.value * load + self.quadratic_share.value * load**2)
