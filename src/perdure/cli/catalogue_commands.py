"""Commands on what perdure knows: technologies, their bench and fit, tariffs, services, signals, the case schema."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated

import typer

from perdure.cli.app import DataFile, Debug, Language, Name, Tongue, app, progress, say, show


@app.command(short_help="List technologies, tell all about one, or compare several.")
def technologies(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Names, or datasheet files; without one: a list.")
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="A table of the named (default: all) side by side.")
    ] = False,
    temperature: Annotated[float, typer.Option("--temperature", help="Store temperature of --compare, °C.")] = 25.0,
    c_rate: Annotated[float, typer.Option("--c-rate", help="AC power over stored energy of --compare, 1/h.")] = 0.25,
    lang: Language = Tongue.en,
    debug: Debug = False,
) -> None:
    """List technologies, tell everything about one with the source of every number, or compare several."""
    if compare:
        from perdure.study.side_by_side import compared

        width = get_terminal_size().columns if sys.stdout.isatty() else 100
        show(compared(names or [], temperature, c_rate, lang.value, width))
        return
    from perdure.study.datasheets import list_technologies, technology_datasheet

    sheets = [technology_datasheet(name, lang.value) for name in names or []]
    print("\n\n\n".join(sheets) if sheets else list_technologies(lang.value))


@app.command(short_help="Write the test-bench curves of a technology.")
def characterise(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A technology, or a datasheet file.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Output folder [default: characterisation-NAME here].")
    ] = None,
    lang: Language = Tongue.en,
    debug: Debug = False,
) -> None:
    """Write the test-bench curves of a technology: voltage, pressure, efficiency, stand loss, heat, life."""
    from perdure.study.characterise import characterise as on_the_bench
    from perdure.study.output_folder import check_target, mark, whole_folder
    from perdure.study.reports.characterisation import write_characterisation
    from perdure.study.technologies import find_technology

    technology = find_technology(name)
    target = (out or Path(f"characterisation-{technology.name}")).resolve()
    check_target(target)
    with progress() as tell, whole_folder(target) as folder:
        tell("On the bench", 0.0)
        measured = on_the_bench(technology)
        measured.write(folder)
        mark(folder, "characterise", technology.name)
        write_characterisation(measured, folder / "characterisation.html", lang.value)
    print(target / "characterisation.html")
    say(f"Curves as CSV beside it in {target}")


@app.command(short_help="Fit the figures of a technology to CSV test data.")
def fit(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A technology, or a datasheet file.")],
    voltage: DataFile = None,
    pressure: DataFile = None,
    capacity: DataFile = None,
    stand: DataFile = None,
    figures: Annotated[
        str | None, typer.Option("--figures", help="Figures to fit, a,b,c [default: those the data can tell].")
    ] = None,
    ageing: Annotated[
        str | None, typer.Option("--ageing", help="Ageing law --capacity fits [default: the first].")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Output folder [default: fit-NAME here].")] = None,
    lang: Language = Tongue.en,
    debug: Debug = False,
) -> None:
    """Fit figures of a technology to CSV test data, with confidence intervals; writes a datasheet file."""
    from perdure.study.fitting.file import write_fit
    from perdure.study.fitting.fit import fit as to_data
    from perdure.study.output_folder import check_target, whole_folder
    from perdure.study.reports.fitted import fit_summary, write_fitted

    target = (out or Path(f"fit-{Path(name).stem}")).resolve()
    check_target(target)
    given = {"voltage": voltage, "pressure": pressure, "capacity": capacity, "stand": stand}
    named = [one.strip() for one in (figures or "").split(",") if one.strip()]
    with progress() as tell, whole_folder(target) as folder:
        tell("Fitting", 0.0)
        fitted = to_data(name, {kind: file for kind, file in given.items() if file is not None}, named, ageing)
        sheet, unread = write_fit(fitted, folder)
        write_fitted(fitted, folder / "fit.html", lang.value, unread)
    show(fit_summary(fitted, lang.value, unread))
    say(f"Page: {target / 'fit.html'}\nDatasheet file: {target / sheet.name}")


@app.command(short_help="List kinds of tariff, or tell all about one.")
def tariffs(name: Name = None, lang: Language = Tongue.en, debug: Debug = False) -> None:
    """List kinds of tariff, or tell everything about one, with the source of every number."""
    from perdure.study.datasheets import list_tariffs, tariff_datasheet

    print(tariff_datasheet(name, lang.value) if name else list_tariffs(lang.value))


@app.command(short_help="List kinds of grid service, or tell all about one.")
def services(name: Name = None, lang: Language = Tongue.en, debug: Debug = False) -> None:
    """List kinds of service, or tell about one: what it is, an example, its sources."""
    from perdure.study.datasheets import list_services, service_sheet

    print(service_sheet(name, lang.value) if name else list_services(lang.value))


@app.command(short_help="Replay a frequency-regulation signal on a plant.")
def replay(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A technology, or a datasheet file.")],
    signal: Annotated[Path, typer.Argument(metavar="SIGNAL", help="CSV or Parquet: one sample a row, -1 to 1.")],
    energy: Annotated[float, typer.Option("--energy-kwh", help="Energy stored when new.")],
    power: Annotated[float, typer.Option("--power-kw", help="AC rating.")],
    capacity: Annotated[float, typer.Option("--capacity-kw", help="Regulation capacity the signal moves.")],
    step: Annotated[float, typer.Option("--step-s", help="Seconds between samples.")],
    column: Annotated[str | None, typer.Option("--column", help="Column [default: the last with numbers].")] = None,
    bias: Annotated[float, typer.Option("--bias-band-kw", help="How far the base point may shift for charge.")] = 0.0,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for hours.csv and power.csv [default: none].")
    ] = None,
    debug: Debug = False,
) -> None:
    """Replay a frequency-regulation signal on a plant, second by second: delivered power, drift, losses, score."""
    from perdure.study.output_folder import check_target, mark, whole_folder
    from perdure.study.signal_replay import replay_signal

    target = out.resolve() if out is not None else None
    if target is not None:
        check_target(target)
    done = replay_signal(
        name, signal, energy_kwh=energy, power_kw=power, capacity_kw=capacity, step_s=step, column=column,
        bias_band_kw=bias,
    )  # fmt: skip
    print(done.text)
    if target is not None:
        with whole_folder(target) as folder:
            done.write(folder)
            mark(folder, "replay", name)
        say(f"Tables: {target}")


@app.command()
def schema(debug: Debug = False) -> None:
    """Print the JSON Schema of a case file, for editors."""
    import json

    from perdure.study.case_file import case_schema

    print(json.dumps(case_schema(), indent=2, ensure_ascii=False))
