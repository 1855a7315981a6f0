"""What every service of the catalogue must keep, on a year, on clock changes and on a piece of two months."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perdure.errors import InputError
from perdure.market.service import Delivered, ServiceTerms, Setting
from perdure.market.service_reading import SERVICES, read_service
from perdure.quantities import Confidence
from perdure.timeline import Timeline

TIMELINES = {
    "a year of quarter hours": Timeline.year(2025, "Asia/Shanghai", 15),
    "a leap year of hours with clock changes": Timeline.year(2024, "Europe/Berlin", 60),
    "a month and a half from mid July": Timeline(pd.Timestamp("2025-07-15", tz="Asia/Shanghai"), 30, 2160,
                                                 "Asia/Shanghai"),
}  # fmt: skip
CALLS = [{"direction": "discharge", "price_per_kwh": 0.4, "hours": ["17:30-21:00"], "days": ["Mon", "Fri"]}]
STORM = {"from": "2025-07-20 18:10", "until": "2025-07-22 06:00", "lead_hours": 5.0, "reserve_kwh": 30000.0}
CASES = {
    "firming in windows": {"kind": "firming", "currency": "CNY", "tolerance_kw": 100.0,
                           "shortfall_price_per_kwh": 0.6, "surplus_price_per_kwh": 0.2,
                           "windows": [{"hours": "17:00-21:00", "export_kw": 4000.0},
                                       {"hours": "23:00-02:00", "export_kw": -3000.0}]},
    "firming to yesterday": {"kind": "firming", "currency": "CNY", "smoothing": "yesterday", "installed_kw": 30000.0,
                             "tolerance_share": 0.05, "shortfall_price_per_kwh": 0.6, "surplus_price_per_kwh": 0.0},
    "forbidden ramp": {"kind": "ramp_limit", "most_kw": 3000.0, "within_minutes": 10.0},
    "regulation upward in windows": {"kind": "frequency_regulation", "currency": "EUR", "direction": "up",
                                     "capacity_price_per_kw_h": 0.01, "least_kw": 500.0, "most_kw": 2000.0,
                                     "windows": [{"days": "weekend", "hours": "08:00-20:00"}]},
    "few calls": {"kind": "grid_calls", "currency": "CNY", "calls": CALLS, "most_calls_per_year": 10.0},
    "jiangsu": {"kind": "peak_regulation", "province": "jiangsu_2023", "spot_market": "trial",
                "calls": [{"direction": "discharge", "hours": "18:00-20:00", "months": [7, 8, 12, 1]}]},
    "backup by value of lost load": {"kind": "backup", "currency": "EUR", "critical_share": 0.5, "hours": 6.0,
                                     "generation_share": 0.5, "lost_load_per_kwh": 12.0, "outages_per_year": 2.0},
    "storm with a price": {"kind": "storm_reserve", "currency": "CNY", "critical_kw": 900.0, "warnings": [STORM],
                           "missing_price_per_kwh": 3.0},
}  # fmt: skip
EVERY = (*SERVICES.names(), *CASES)


def case_of(name):
    return CASES[name] if name in CASES else dict(SERVICES.find(name).example)


def setting_of(timeline, seed=0):
    """A 20 MW site with sun, load and a store of 20 MW and 40 MWh."""
    rng = np.random.default_rng(seed)
    sun = np.maximum(np.sin((timeline.half_hour - 12) / 24 * np.pi), 0.0)
    return Setting(
        timeline,
        load_kw=rng.uniform(1000.0, 2000.0, timeline.steps),
        generation_kw=30000.0 * sun * rng.uniform(0.5, 1.0, timeline.steps),
        import_limit_kw=30000.0,
        export_limit_kw=25000.0,
        discharge_kw=20000.0,
        charge_kw=20000.0,
        energy_kwh=40000.0,
        discharge_share=0.93,
    )


@pytest.fixture(params=EVERY)
def service(request):
    return read_service(case_of(request.param), Path())


@pytest.fixture(params=TIMELINES)
def setting(request, service):
    timeline = TIMELINES[request.param]
    if service.kind == "storm_reserve" and timeline.local[0].year != 2025:
        timeline = Timeline.year(2025, timeline.zone, timeline.step_minutes)
    return setting_of(timeline)


def arrays(terms: ServiceTerms):
    """Every array of the terms with its name."""
    for group in (terms.reserves, terms.commitments, terms.holds, terms.payments, terms.ramps):
        for one in group:
            yield from ((one, key, value) for key, value in vars(one).items() if isinstance(value, np.ndarray))


def test_terms_have_the_timelines_shape_and_are_finite_and_not_negative(service, setting):
    service.check(setting)
    found = list(arrays(service.terms(setting)))
    for one, key, value in found:
        promise = key == "grid_kw"
        assert value.shape == (setting.timeline.steps,) and value.dtype == np.float64
        assert np.isfinite(value[~np.isnan(value)] if promise else value).all(), (one.name, key)
        assert promise or (value >= 0).all(), (one.name, key)
    assert found or service.kind in ("ramp_limit", "capacity_ratio")


def test_terms_lie_within_plant_and_connection(service, setting):
    terms = service.terms(setting)
    for one in terms.reserves:
        assert (one.least_kw <= one.most_kw).all()
        assert one.most_kw.max() == pytest.approx(min(20000.0, service.most_kw or np.inf))
        assert one.hours > 0 and one.throughput_share > 0
        assert one.block_steps == max(round(service.block_hours / setting.timeline.step_h), 1)
    for one in terms.holds:
        assert one.least_kwh.max() <= setting.energy_kwh and one.least_kwh.max() > 0
    for one in terms.commitments:
        assert np.nanmin(one.grid_kw) >= -setting.export_limit_kw
        assert np.nanmax(one.grid_kw) <= setting.import_limit_kw


def kept(terms: ServiceTerms, setting: Setting) -> Delivered:
    """What a run delivers that keeps every promise of the terms and moves in between."""
    rng = np.random.default_rng(3)
    steps = setting.timeline.steps
    grid = np.full(steps, 500.0)
    for one in terms.commitments:
        off = rng.uniform(-1.0, 1.0, steps) * one.tolerance_kw
        grid = np.where(np.isnan(one.grid_kw), rng.normal(0.0, 900.0, steps), np.nan_to_num(one.grid_kw) + off)
    stored = np.full(steps, setting.energy_kwh)
    for one in terms.holds:
        stored = np.maximum(one.least_kwh, rng.uniform(0.0, setting.energy_kwh, steps))
    held = {one.name: rng.uniform(one.least_kw, one.most_kw) for one in terms.reserves}
    return Delivered(grid, rng.normal(0.0, 5000.0, steps), stored, 0.93, held)


def earned(terms: ServiceTerms, setting: Setting, delivered: Delivered) -> float:
    """The optimiser's view of the same terms, written here step by step and apart from the package."""
    step_h, total = setting.timeline.step_h, 0.0
    before = None
    for t in range(setting.timeline.steps):
        grid, plant = delivered.grid_kw[t], delivered.plant_kw[t]
        for one in terms.reserves:
            total += one.price_per_kw_h[t] * delivered.reserves_kw[one.name][t] * step_h
        for one in terms.payments:
            total += (one.discharge_per_kwh[t] * max(-plant, 0.0) + one.charge_per_kwh[t] * max(plant, 0.0)) * step_h
        for one in terms.commitments:
            if not np.isnan(one.grid_kw[t]):
                off = grid - one.grid_kw[t]
                total -= one.shortfall_per_kwh[t] * max(off - one.tolerance_kw[t], 0.0) * step_h
                total -= one.surplus_per_kwh[t] * max(-off - one.tolerance_kw[t], 0.0) * step_h
        for one in terms.holds:
            missing = max(one.least_kwh[t] - delivered.stored_kwh[t], 0.0)
            total -= one.price_per_kwh * missing if missing > 0 and np.isfinite(one.price_per_kwh) else 0.0
        for one in terms.ramps:
            over = 0.0 if before is None else max(abs(grid - before) - one.most_kw, 0.0)
            total -= one.price_per_kw * over if over > 0 and np.isfinite(one.price_per_kw) else 0.0
        before = grid
    return total


def test_what_is_delivered_exactly_earns_what_the_terms_promise(service, setting):
    terms = service.terms(setting)
    delivered = kept(terms, setting)
    found = service.settle(setting, delivered)
    assert found.total == pytest.approx(earned(terms, setting, delivered), rel=1e-9, abs=1e-6)
    assert found.total >= -1e-6
    assert not any("not admitted" in told or "below what had" in told or "beyond" in told for told in found.told)
    assert all(line.shape == (len(setting.timeline.period_labels),) for line in found.lines.values())
    if terms.reserves or terms.payments:
        assert found.total > 0


def test_what_is_delivered_badly_costs_what_the_terms_say_and_is_told(service, setting):
    terms = service.terms(setting)
    rng = np.random.default_rng(4)
    steps = setting.timeline.steps
    nothing = {one.name: np.zeros(steps) for one in terms.reserves}
    bad = Delivered(rng.normal(0.0, 9000.0, steps), np.zeros(steps), np.zeros(steps), 0.93, nothing)
    found = service.settle(setting, bad)
    assert found.total == pytest.approx(earned(terms, setting, bad), rel=1e-9, abs=1e-6)
    if terms.commitments or terms.holds or terms.ramps:
        assert found.told
        priced = [*(one.price_per_kwh for one in terms.holds), *(one.price_per_kw for one in terms.ramps)]
        assert found.total < 0 or (priced and np.isinf(priced).all())


ADMITTING = [name for name in EVERY if case_of(name)["kind"].startswith("frequency")]
ADMITTING = [*(name for name in ADMITTING if "windows" not in name), "peak_regulation", "grid_calls", "capacity_ratio"]


@pytest.mark.parametrize("name", ADMITTING)
def test_a_plant_too_small_for_a_market_earns_nothing_and_is_told(name):
    service = read_service(case_of(name), Path())
    small = replace(setting_of(TIMELINES["a month and a half from mid July"]), discharge_kw=50.0, charge_kw=50.0,
                    energy_kwh=100.0)  # fmt: skip
    told = service.check(small)
    assert any("not admitted" in line or "not fulfilled" in line for line in told)
    assert service.terms(small) == ServiceTerms()


def test_every_figure_has_a_source_and_weak_ones_are_remarked(service):
    figures = service.figures()
    assert figures
    for name, figure in figures.items():
        assert figure.source and np.isfinite(figure.value), name
        if figure.confidence in (Confidence.UNVERIFIED, Confidence.ESTIMATE) and name in type(service).model_fields:
            assert any(remark.startswith(f"{figure.confidence}: {name} ") for remark in service.remarks)


def numbers(part: object) -> list[float]:
    """Every number a case states."""
    if isinstance(part, dict):
        return [number for key, inner in part.items() if key not in ("months", "days") for number in numbers(inner)]
    if isinstance(part, list):
        return [number for inner in part for number in numbers(inner)]
    return [float(part)] if isinstance(part, int | float) and not isinstance(part, bool) else []


@pytest.mark.parametrize("name", EVERY)
def test_every_number_a_case_sets_is_a_figure(name):
    case = case_of(name)
    values = [figure.value for figure in read_service(case, Path()).figures().values()]
    assert set(numbers(case)) <= set(values)


@pytest.mark.parametrize("name", SERVICES.names())
def test_entry_introduces_itself_in_both_languages_and_refuses_unknown_keys(name):
    kind = SERVICES.find(name)
    assert kind.title("en") and kind.title("zh") != kind.title("en") and kind.sources
    assert len(kind.summary("en")) > 60 and len(kind.summary("zh")) > 20
    assert all(field.description for key, field in kind.fields.model_fields.items() if key not in ("kind", "title"))
    service = read_service(case_of(name), Path())
    assert service.name == name and service.title
    with pytest.raises(InputError, match="unknown key"):
        read_service(case_of(name) | {"nonsense": 1}, Path())
    named = read_service(case_of(name) | {"name": "mine"}, Path())
    setting = setting_of(TIMELINES["a month and a half from mid July"])
    terms = named.terms(setting)
    for group in (terms.reserves, terms.commitments, terms.holds, terms.payments, terms.ramps):
        assert all(one.name.startswith("mine") for one in group)


def test_settling_twice_is_the_same(service, setting):
    delivered = kept(service.terms(setting), setting)
    one, two = service.settle(setting, delivered), service.settle(setting, delivered)
    assert one.total == two.total and one.told == two.told


def test_checking_and_asking_change_nothing(service, setting):
    before = {key: value.copy() for key, value in vars(setting).items() if isinstance(value, np.ndarray)}
    service.check(setting)
    service.terms(setting)
    service.settle(setting, kept(service.terms(setting), setting))
    assert all(np.array_equal(getattr(setting, key), value) for key, value in before.items())
