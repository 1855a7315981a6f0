"""Every comparison that gates, held to its allowed error; the page, current; what never may gate, not gating."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from validation.comparison import Comparison
from validation.page import page, rows
from validation.registry import KEPT, SUBJECTS, everything, of_subject
from validation.tables import BESIDE, as_kept, read_kept

from perdure.quantities import Confidence
from perdure.technology.technology import TECHNOLOGIES

DOCS = Path(__file__).parents[2] / "docs"
CSV = DOCS / "validation.csv"
NUMBER = re.compile(r"(?<![A-Za-z_])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
CURE = "run `make docs` and look at what changed"


def _told() -> list[tuple[str, str]]:
    """Subject and name of every gate, from the table that was written last: collecting computes nothing."""
    with CSV.open(encoding="utf-8", newline="") as file:
        return list(dict.fromkeys((row["subject"], row["name"]) for row in csv.DictReader(file) if row["gates"] == "1"))


@pytest.mark.parametrize(("subject", "name"), _told())
def test_model_stays_within_the_allowed_error(subject: str, name: str) -> None:
    (one,) = [each for each in of_subject(subject) if each.name == name]
    assert one.gates
    if one.known_miss:
        assert not one.met, f"{name}: met by now, take its `known_miss` away"
        return
    assert one.met, f"{name}: error {one.error:.4g}, allowed {one.allowed:.4g} {one.unit}"


def test_table_names_every_gate() -> None:
    gates = {(subject, one.name) for subject in SUBJECTS for one in of_subject(subject) if one.gates}
    assert gates == set(_told()), CURE


def test_names_are_told_apart() -> None:
    names = [one.name for one in everything()]
    assert len(names) == len(set(names))


def test_recalled_numbers_never_gate() -> None:
    recalled = [one for one in everything() if one.confidence is Confidence.UNVERIFIED]
    assert len(recalled) >= 5
    assert not any(one.gates for one in recalled)
    with pytest.raises(ValueError, match="never gate"):
        Comparison("lfp", "a", "b", "V", (1.0,), (1.0,), "memory", Confidence.UNVERIFIED, allowed=0.1)


def test_every_gate_says_who_allowed_its_error_and_every_row_its_source() -> None:
    for one in everything():
        assert one.source, one.name
        assert bool(one.allowed_by) is one.gates, one.name


def test_every_store_states_what_it_is_not_valid_for_on_the_page() -> None:
    text = (DOCS / "validation.md").read_text(encoding="utf-8")
    for name in {one.technology for one in everything() if one.of_store}:
        assert f"Not valid for: {TECHNOLOGIES.find(name).not_valid_for}." in text, CURE


@pytest.mark.parametrize(("name", "text"), [("validation.md", lambda: page(everything())), ("validation.csv", rows)])
def test_page_and_table_are_current(name: str, text: object) -> None:
    written, now = (DOCS / name).read_text(encoding="utf-8"), text()  # type: ignore[operator]
    assert NUMBER.sub("#", written) == NUMBER.sub("#", now), CURE
    pairs = zip(NUMBER.findall(written), NUMBER.findall(now), strict=True)
    off = [pair for pair in pairs if float(pair[0]) != pytest.approx(float(pair[1]), rel=0.05, abs=2e-4)]
    assert not off, f"{off[:5]}: {CURE}"


@pytest.mark.skipif(not BESIDE.exists(), reason="the reference data beside the project are absent")
@pytest.mark.parametrize("name", KEPT)
def test_kept_results_are_what_the_data_beside_give(name: str) -> None:
    for one, other in zip(as_kept(KEPT[name]), read_kept(name), strict=True):
        assert one.name == other.name, CURE
        assert one.model == pytest.approx(other.model, rel=1e-3, abs=1e-6), one.name
        assert one.outside == pytest.approx(other.outside, rel=1e-6, abs=1e-9), one.name


def test_an_error_is_measured_as_it_says() -> None:
    def one(**more: object) -> Comparison:
        return Comparison("lfp", "a", "b", "V", (1.0, 2.0), (1.1, 1.6), "made up", Confidence.ESTIMATE, **more)  # type: ignore[arg-type]

    assert one().error == pytest.approx(-0.4)
    assert one(relative=True).error == pytest.approx(-0.2)
    assert one(measure="rms").error == pytest.approx((0.17 / 2) ** 0.5)
    assert one(outside_high=(1.2, 3.0)).error == pytest.approx(-0.4)
    assert not one(allowed=0.3, allowed_by="x").met
    assert one(allowed=0.4001, allowed_by="x").met
