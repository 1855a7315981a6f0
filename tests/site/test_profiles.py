"""Outdoor temperature: constant, from monthly normals, from a series."""

from __future__ import annotations

import numpy as np
import pytest

from perdure.errors import InputError
from perdure.site.inputs import AmbientInput
from perdure.site.profiles import ambient_profile
from perdure.timeline import Timeline

MEANS = [3.0, 5.0, 10.0, 16.0, 21.0, 25.0, 29.0, 28.0, 24.0, 18.0, 12.0, 5.0]
YEAR = Timeline.year(2025, "Asia/Shanghai", 60)


def profile(folder=None, **parts):
    return ambient_profile(AmbientInput.model_validate(parts), folder, YEAR)


def test_monthly_means_are_kept_and_months_join_smoothly():
    air, remarks = profile(monthly={"mean_c": MEANS, "source": "a table", "confidence": "unverified"})
    means = [air[YEAR.month == month].mean() for month in range(1, 13)]
    np.testing.assert_allclose(means, MEANS, atol=0.05)
    assert np.abs(np.diff(air)).max() < 0.05
    assert "a table; unverified" in remarks[0]


def test_daily_swing_is_as_wide_as_stated_and_keeps_the_mean():
    low, high = [mean - 4.0 for mean in MEANS], [mean + 6.0 for mean in MEANS]
    air, _ = profile(monthly={"mean_c": MEANS, "min_c": low, "max_c": high, "source": "a table"})
    july = air[YEAR.month == 7].reshape(-1, 24)
    assert np.ptp(july, axis=1).mean() == pytest.approx(10.0, abs=0.4)
    assert july.mean() == pytest.approx(29.0, abs=0.05)
    assert set(july.argmax(axis=1)) <= {14, 15}


def test_temperature_from_a_series_is_checked(tmp_path):
    values = np.full(YEAR.steps, 20.0)
    values[3] = 999.0
    (tmp_path / "t.csv").write_text("c\n" + "\n".join(map(str, values)) + "\n")
    part = {"file": "t.csv", "column": "c", "start": "2025-01-01", "step_minutes": 60}
    with pytest.raises(InputError, match=r"temperatures that cannot be \(1\): line 5"):
        profile(tmp_path, series=part)
