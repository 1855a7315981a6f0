"""The public face: every name is there, and importing perdure alone loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

import perdure


@pytest.mark.parametrize("name", perdure.__all__)
def test_every_public_name_is_there(name):
    assert getattr(perdure, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = perdure.nothing_such


@pytest.mark.parametrize("first", ["", "import perdure.simulate.options;", "import perdure.study.case;"])
def test_simulate_is_the_verb_whatever_was_imported_before(first):
    code = "from perdure import simulate; import perdure.simulate.result; from perdure import simulate as again; "
    code += "assert callable(simulate) and simulate is again"
    subprocess.run([sys.executable, "-c", first + code], check=True)


def test_importing_perdure_loads_no_heavy_library():
    code = "import perdure, sys; print([m for m in ('numpy', 'pandas', 'pydantic', 'numba') if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
