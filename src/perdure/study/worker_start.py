"""What every worker process needs before its first task, made ready once by the process that they are forked from."""

from __future__ import annotations

import logging

import perdure.study.evaluate
import perdure.study.sweeping.rows
import perdure.study.uncertainty.life  # noqa: F401
from perdure.warm import warm


def make_ready() -> None:
    """Loads the compiled kernels. What goes wrong here goes wrong in the first task too, where it is told."""
    from highspy import Highs

    try:
        warm()
    except Exception:
        logging.getLogger("perdure").debug("The kernels could not be loaded ahead.", exc_info=True)
    # The solver's threads would be missing in what is forked.
    Highs.resetGlobalScheduler(True)


make_ready()
