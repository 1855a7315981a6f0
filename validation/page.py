"""`docs/validation.md` and `docs/validation.csv` from the comparisons."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from perdure.quantities import Confidence
from perdure.technology.technology import TECHNOLOGIES, Technology
from validation.commercial_case import NOMINAL_RATE
from validation.comparison import MONEY, Comparison
from validation.figures import DRAWN
from validation.not_compared import NOT_COMPARED
from validation.registry import SUBJECTS, of_subject

COLUMNS = ("what", "outside", "model", "error", "allowed", "source, confidence", "set with it; remarks")
EXAMPLES = """Worked examples whose every number was read where the source column says. *Whole cash flow* means that
the example was written down as a life and a price list and priced like any case; the other lines call one formula.

| what | formula |
|---|---|
| net present value | sum of flow_t / (1 + r)^t, t = 0 the investment |
| internal rate of return | r with net present value 0; perdure tells *several* where there are several |
| annuity | present value × r / (1 - (1 + r)^-n) |
| levelised cost | sum of cost_t / (1 + r)^t over sum of energy_t / (1 + r)^t |"""
BESIDE_SAM = f"""SAM's battery, utility rate and commercial cash flow (PySAM, defaults of
`CustomGenerationBatteryCommercial`) beside perdure's LFP store, bills and cash flow. Alike on both sides: SAM's
commercial load and its time-of-use rate with demand charges in tiers; 500 kWh and 125 kW between 5 and 98 % of charge,
converter of 97.6 %; the same power asked for in every hour (the afternoon cut above 100 kW, refilled at night); no
ageing; 200 USD/kWh and 400 USD/kW, 2000 USD a year and 2 USD/MWh of operation; 25 years, all equity, discounted at
{100.0 * NOMINAL_RATE:.2f} % in money of the day; replacement 80 % of the store's price. Made alike, or different, and
why:

- The auxiliaries of perdure's store are put on SAM's bill too: SAM's default battery has none. They are 5.8 MWh a year.
- Each store carries its own cell losses, so the energy charged differs; the rest of the differences follows from it.
- SAM's prices are those of year 1 and grow by inflation from year 2. perdure states prices of year 0; here inflation is
  given as yearly change beyond an inflation of 0, which is the same thing. With inflation as such, perdure's year 1
  is dearer by one year's inflation.
- With a saving that is taxed, both count a lower bill as lost deduction.
- A replacement is deducted from tax at once in SAM and written off over the depreciation years in perdure: those lines
  are shown only. Deducted at once here too, the present value agrees.
- The discounted payback after a replacement is the first crossing in SAM, the last in perdure."""
HEAD = f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|"


def page(found: list[Comparison]) -> str:
    """The whole page."""
    parts = [_opening(found), "![Error over allowed error](images/validation/overview.svg)", _summary(found)]
    parts += [_technology(name, [one for one in found if one.technology == name]) for name in _order(found)]
    parts += [_money([one for one in found if not one.of_store])]
    parts += [_steps([one for one in found if _of_steps(one)]), _left_out()]
    return "\n\n".join(parts) + "\n"


def rows() -> str:
    """Every value of every comparison as CSV."""
    text = StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["subject", "name", "gates", "at", "outside", "model", "unit"])
    for subject in SUBJECTS:
        for one in of_subject(subject):
            for n, (outside, model) in enumerate(zip(one.outside, one.model, strict=True)):
                at = number(one.at[n]) if one.at else ""
                out.writerow([subject, one.name, int(one.gates), at, number(outside), number(model), one.unit])
    return text.getvalue()


def number(value: float) -> str:
    """Five significant digits."""
    return f"{value:.5g}"


def _order(found: list[Comparison]) -> list[str]:
    return list(dict.fromkeys(one.technology for one in found if one.of_store))


def title_of(technology: str) -> str:
    """What a reader calls that which a comparison is about."""
    return "Money" if technology == MONEY else TECHNOLOGIES.find(technology).title["en"]


def _of_steps(one: Comparison) -> bool:
    return one.quantity.endswith("by time step")


def _opening(found: list[Comparison]) -> str:
    gates = [one for one in found if one.gates]
    missed = [one for one in gates if not one.met]
    told = f"{len(gates)} of them stand behind a test; {len(gates) - len(missed)} are met"
    numbers = sum(len(one.outside) for one in found if not _of_steps(one))
    tail = "." if not missed else f", {len(missed)} are not: " + "; ".join(one.name for one in missed) + "."
    return f"""# Validation

Written by `make docs` from `validation/`; do not edit. Every value is in [validation.csv](validation.csv).

The stores and the cash flow of perdure beside {numbers} numbers from outside, and the stores beside themselves at
other time steps: {len(found)} comparisons. {told}{tail}

How to read the tables:

- **error** is model less outside, in the unit or in percent of the outside number; of several values the largest one,
  or the root mean square (rms). Inside a published band it is 0.
- **allowed** is what a test holds the error to; a dash means shown only. Who set it stands in the remarks.
- **confidence**: *published* was read in the source, *derived* was computed from such numbers or by another program,
  *claim* is a vendor's or the press's word, *unverified* was recalled and not seen. Recalled numbers never stand behind
  a test and are drawn hollow. In the figures points are from outside, lines are the model.
- **set with it**: the figures of the model that were fitted to these very numbers. Where it is empty, nothing was.
- A dagger (†) marks results kept from the last time the data were at hand; those data may not be passed on or are too
  large to ship.

No measured table of a nickel-hydrogen vessel for the ground is public. That store is checked against published
abstracts and against cells with the same nickel electrode, not validated against its own kind."""


def _summary(found: list[Comparison]) -> str:
    lines = [
        "| store, or money | comparisons | behind a test | met | shown only | of these recalled |",
        "|---|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(one.technology for one in found):
        own = [one for one in found if one.technology == name]
        gates = [one for one in own if one.gates]
        lines.append(
            f"| {title_of(name)} | {len(own)} | {len(gates)} | {sum(one.met for one in gates)} "
            f"| {len(own) - len(gates)} | {sum(one.recalled for one in own)} |"
        )
    return "\n".join(lines)


def _technology(name: str, found: list[Comparison]) -> str:
    technology: Technology = TECHNOLOGIES.find(name)
    own = [one for one in found if not _of_steps(one)]
    pictures = [f"![{drawn.title}](images/validation/{drawn.file}.svg)" for drawn in DRAWN if drawn.technology == name]
    parts = [
        f"## {technology.title['en']}",
        f"Measured on: {technology.measured_on}.\nSensitive to: {technology.sensitive_to}.",
        f"**Not valid for: {technology.not_valid_for}.**",
        "\n".join([HEAD, *(_line(one) for one in own)]) if own else "No outside number was found to compare it with.",
        *pictures,
    ]
    return "\n\n".join(parts)


def _money(found: list[Comparison]) -> str:
    """The cash flow's own section: worked examples, then SAM."""
    sam = [one for one in found if one.source.startswith("SAM")]
    examples = [one for one in found if one not in sam]
    pictures = [f"![{drawn.title}](images/validation/{drawn.file}.svg)" for drawn in DRAWN if drawn.technology == MONEY]
    parts = ["## Money", EXAMPLES, "\n".join([HEAD, *(_line(one) for one in examples)])]
    parts += ["### Beside SAM's commercial battery case", BESIDE_SAM, "\n".join([HEAD, *(_line(one) for one in sam)])]
    return "\n\n".join([*parts, *pictures])


def _line(one: Comparison) -> str:
    remarks = [f"set: {one.fitted_to}" if one.fitted_to else "", one.note]
    remarks.append(f"bound: {one.allowed_by}" if one.allowed_by else "")
    unit = f" {one.unit}" if one.unit else ""
    count = f", {len(one.outside)} values" if len(one.outside) > 1 else ""
    verdict = "" if one.met else f" **missed**{': ' if one.known_miss else ''}{one.known_miss}"
    return (
        f"| {one.quantity}: {one.conditions}{count}{' †' if one.beside else ''} | {_span(one, 'outside')}{unit} "
        f"| {_span(one, 'model')}{unit} | {_error(one)}{verdict} | {_allowed(one)} "
        f"| {one.source}; {one.confidence.value} | {'; '.join(text for text in remarks if text)} |"
    )


def _span(one: Comparison, side: str) -> str:
    numbers: tuple[float, ...] = getattr(one, side)
    if side == "outside" and one.outside_high:
        numbers = (*numbers, *one.outside_high)
        if max(numbers) == float("inf"):
            return f"at least {_told(min(numbers))} to {_told(max(one.outside))}"
    printed = not one.of_store and one.confidence is Confidence.PUBLISHED
    low, high = (_told(value, printed) for value in (min(numbers), max(numbers)))
    return low if low == high else f"{low} to {high}"


def _told(value: float, printed: bool = False) -> str:
    if printed:
        return f"{value:.10g}"
    if abs(value) >= 1000.0:
        return f"{value:.0f}"
    return f"{value:.4g}"


def _error(one: Comparison) -> str:
    error, scale = one.error, max(abs(value) for value in one.outside if value != float("inf"))
    if abs(error) < 1e-6 * (1.0 if one.relative else max(scale, 1.0)):
        return "0"
    shown = f"{100.0 * error:.2g} %" if one.relative else f"{error:.2g} {one.unit}".strip()
    return f"{shown} rms" if one.measure == "rms" else shown


def _allowed(one: Comparison) -> str:
    if one.allowed is None:
        return "–"
    return f"{100.0 * one.allowed:.3g} %" if one.relative else f"{one.allowed:.3g} {one.unit}".strip()


def _steps(found: Iterable[Comparison]) -> str:
    own = list(found)
    worst: dict[str, float] = {}
    for one in own:
        worst[one.technology] = max(worst.get(one.technology, 0.0), abs(one.error))
    lines = ["| store | laws | largest difference, points of capacity or of aged impedance |", "|---|---|---|"]
    for name, error in worst.items():
        laws = len([one for one in own if one.technology == name]) // 2
        lines.append(f"| {TECHNOLOGIES.find(name).title['en']} | {laws} | {0.0 if error < 1e-6 else error:.2g} |")
    return (
        "## The time step\n\nA full cycle a day for ten years, aged in steps of 60, 30, 15 and 5 minutes. What is left "
        "between them comes from a ramp sampled by the hour, not from the laws.\n\n" + "\n".join(lines)
    )


def _left_out() -> str:
    lines = [f"| {what} | {why} |" for what, why in NOT_COMPARED]
    return "## Read, and not compared\n\n| what | why |\n|---|---|\n" + "\n".join(lines)
