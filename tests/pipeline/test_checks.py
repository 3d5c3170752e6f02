"""What must hold between a scenario's parts: each rule refuses what it is there for."""

import dataclasses
from typing import Any

import pytest

from pipeline.checks import problems
from pipeline.data import Data, Sizes
from pipeline.expectation_checks import TIMES_AND_RATES
from pipeline.fault import Fault
from pipeline.load import ClosedLoad, OpenLoad, SearchLoad, TraceLoad
from pipeline.load_checks import mean_rate
from pipeline.scenario import HitRatioTarget, Phase, Scenario
from pipeline.subject import SubjectSettings
from results.expectation import Expectation
from results.relative import TIMES_AND_RATES as JUDGED_AS_TIMES_AND_RATES

LOAD = ClosedLoad(duration_s=4.0)
FAULT = Fault(kind="l2_kill", at_s=1.0, duration_s=1.0)


def _scenario(**changes: Any) -> Scenario:
    given: dict[str, Any] = {
        "name": "mine",
        "purpose": "It shows something.",
        "type": "resilience",
        "time_s": 4.0,
        "l2_server": "own",
        "phases": (Phase(name="load", load=LOAD, faults=(FAULT,)),),
        "expectations": (Expectation(metric="errors", equals=0),),
    }
    return Scenario(**given | changes)


def _phase(**changes: Any) -> tuple[Phase, ...]:
    return (dataclasses.replace(Phase(name="load", load=LOAD), **changes),)


def _loaded(load: Any, **changes: Any) -> Scenario:
    return _scenario(phases=_phase(load=load), **changes)


def _together(
    load: Any = ClosedLoad(duration_s=4.0, users=2),  # noqa: B008 - frozen
    restart: int | None = None,
    **changes: Any,
) -> Scenario:
    """Two workers on shared servers."""
    phases = _phase(load=load, restart=restart)
    return _scenario(**{"phases": phases, "l2_server": "shared", "workers": 2} | changes)


def _open(**fields: Any) -> Scenario:
    return _loaded(OpenLoad(**{"rate": 100, "duration_s": 4.0} | fields))


def _expecting(**fields: Any) -> Scenario:
    return _scenario(expectations=(Expectation(**fields),))


def test_a_sound_scenario_has_no_problem() -> None:
    """The scenario that every case here spoils is sound by itself."""
    assert list(problems(_scenario())) == []


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        (_scenario(phases=_phase(load=ClosedLoad())), "phases.0.load: expected exactly one of"),
        (
            _scenario(phases=_phase(load=ClosedLoad(operations=1, duration_s=1.0))),
            "phases.0.load: expected exactly one of operations and duration_s",
        ),
        (
            _scenario(phases=_phase(load=ClosedLoad(operations=1, mix={}))),
            "phases.0.load.mix: expected at least one operation",
        ),
        (_scenario(phases=_phase() * 2), "phases: 2 phases are called load"),
        (_scenario(phases=_phase(warmup=True)), "phases: every phase is a warm-up"),
        (_scenario(suites=("resilience",)), "suites: resilience follows from the type"),
        (_expecting(metric="error", equals=0), "expectations.0.metric: no metric is called error"),
        (_expecting(metric="operations"), "expectations.0: expected one of at_least, at_most and"),
        (
            _expecting(metric="errors", phase="load", relative_to_phase="load"),
            "expectations.0: what is relative needs one of at_least, at_most and equals",
        ),
        (_expecting(metric="errors", at_most=1, equals=0), "expectations.0: expected at most one"),
        (
            _expecting(metric="errors", equals=0, phase="laod"),
            "expectations.0.phase: no phase is called laod; did you mean load?",
        ),
        (
            _expecting(metric="errors", equals=0, operation="gett"),
            "expectations.0.operation: no operation is called gett; did you mean get",
        ),
        (
            _expecting(metric="errors", equals=0, tier="l4"),
            "expectations.0.tier: no tier is called l4",
        ),
        (
            _expecting(metric="loads", equals=0, tier="l1"),
            "expectations.0: loads is not kept by operation or tier",
        ),
        (
            _expecting(metric="errors", equals=0, relative_to_phase="load"),
            "expectations.0: relative_to_phase needs phase",
        ),
        (_open(arrivals="stepped"), "phases.0.load.to_rate: missing, stepped arrivals need it"),
        (_open(arrivals="ramped"), "phases.0.load.to_rate: missing, ramped arrivals need it"),
        (_open(arrivals="bursty"), "phases.0.load.to_rate: missing, bursty arrivals need it"),
        (_open(to_rate=7), "phases.0.load.to_rate: means nothing to poisson arrivals"),
        (
            _open(arrivals="bursty", to_rate=200, burst_s=1.0),
            "phases.0.load.burst_s: expected less than burst_every_s, which is 1 s",
        ),
        (
            _open(duration_s=0.001),
            "phases.0.load: expected at least one operation, got 0.1 in the whole phase",
        ),
        (_open(mix={}), "phases.0.load.mix: expected at least one operation"),
        (
            _loaded(SearchLoad(p99_below_ms=5, from_rate=9.0, to_rate=8.0)),
            "phases.0.load.from_rate: expected at most to_rate, which is 8/s, got 9/s",
        ),
        (
            _loaded(TraceLoad(key_scale=1.5)),
            "phases.0.load.key_scale: expected a whole number above 1, got 1.5",
        ),
        (_loaded(TraceLoad(rate_scale=2)), "phases.0.load.rate_scale: needs timed = true"),
        (
            _scenario(phases=_phase(hit_ratio=HitRatioTarget())),
            "phases.0.hit_ratio: expected at_least above 0 or at_most below 1",
        ),
        (
            _scenario(phases=_phase(hit_ratio=HitRatioTarget(at_least=0.6, at_most=0.5))),
            "phases.0.hit_ratio: expected at_least <= at_most",
        ),
        (
            _loaded(ClosedLoad(operations=1, users=2), l2_server="shared", workers=2, writers=2),
            "writers: expected fewer than the 2 workers, got 2",
        ),
        (
            _loaded(ClosedLoad(operations=1), l2_server="shared", writers=1),
            "writers: expected fewer than the 1 workers, got 1",
        ),
        (
            _loaded(ClosedLoad(operations=1, users=2), workers=2),
            'l2_server: expected "shared" for several workers',
        ),
        (
            _together(l3_server="own"),
            'l3_server: expected "shared" for several workers',
        ),
        (_scenario(audit=("l1", "l2", "l3")), "audit: empties every tier that the subject has"),
        (
            _scenario(audit=("l1", "l2"), subject=SubjectSettings(enable_l3=False)),
            "audit: empties every tier that the subject has",
        ),
        (
            _together(ClosedLoad(duration_s=4.0, users=2, mix={"get": 1, "set": 1}), history=True),
            "workers: a history of several that write needs loader = false, or writers = 1",
        ),
        (_scenario(apart=True), "apart: needs suites"),
        (
            _scenario(phases=_phase(restart=0)),
            "phases.0.restart: expected several workers, counted from 0, got 0",
        ),
        (
            _together(restart=2),
            "phases.0.restart: expected one of 2 workers, counted from 0, got 2",
        ),
        (
            _together(ClosedLoad(operations=9, users=2), restart=1),
            "phases.0.restart: needs a closed load with duration_s, or an open one",
        ),
        (
            _loaded(ClosedLoad(operations=1, users=2), l2_server="shared", workers=3),
            "phases.0.load.users: expected at least one for each of 3 workers",
        ),
        (
            _loaded(SearchLoad(p99_below_ms=5), l2_server="shared", workers=2),
            "phases.0.load: a search is one worker's",
        ),
        (
            _loaded(ClosedLoad(operations=1), l2_server="shared", l2_settings={"hz": "100"}),
            'l2_settings: need l2_server = "own"',
        ),
        (
            _scenario(l2_settings={"dir": "/tmp"}),
            "l2_settings.dir: may not be set",
        ),
        (
            _scenario(data=Data(sizes=Sizes(min_bytes=9, max_bytes=8))),
            "data.sizes: expected min_bytes <= max_bytes, got 9 and 8",
        ),
        (
            _scenario(data=Data(sizes=Sizes(distribution="lognormal", bytes=9, max_bytes=8))),
            "data.sizes.bytes: expected 1 to 8, got 9",
        ),
        (
            _expecting(
                metric="errors",
                equals=0,
                phase="load",
                relative_to_phase="load",
                relative_to_subject="null",
            ),
            "expectations.0: expected at most one of relative_to_phase, relative_to_subject",
        ),
        (
            _expecting(metric="errors", equals=0, relative_to_subject="multilevl"),
            "expectations.0.relative_to_subject: no subject is called multilevl; did you mean mul",
        ),
        (
            _expecting(metric="errors", equals=0, relative_to_calibration="loop"),
            "expectations.0.relative_to_calibration: needs a metric in ms, s, us, ops/s; errors is",
        ),
    ],
)
def test_what_can_not_be_is_told(scenario: Scenario, expected: str) -> None:
    """One line with the key that is wrong."""
    (problem,) = problems(scenario)
    assert problem.startswith(expected)


@pytest.mark.parametrize(
    "scenario",
    [
        _open(),
        _open(arrivals="ramped", to_rate=50),
        _loaded(SearchLoad(p99_below_ms=5)),
        _loaded(TraceLoad(key_scale=3.0, timed=True, rate_scale=0.5)),
        _loaded(TraceLoad(key_scale=0.25)),
        _scenario(phases=_phase(load=OpenLoad(rate=9, duration_s=4.0), faults=(FAULT,))),
        _scenario(l2_settings={"maxmemory": "8mb"}),
        _loaded(ClosedLoad(operations=1, users=3), l2_server="shared", workers=3, writers=2),
        _expecting(metric="errors", equals=0, relative_to_subject="my.package:factory"),
        _expecting(metric="max_response_time_ms"),
        _together(restart=1),
        _together(ClosedLoad(duration_s=4.0, users=2, mix={"set": 1}), history=True),
        _together(
            ClosedLoad(duration_s=4.0, users=2, mix={"get": 1, "set": 1}, loader=False),
            history=True,
        ),
        _together(ClosedLoad(duration_s=4.0, users=2, mix={"get": 1, "set": 1}), writers=1),
        _scenario(audit=("l1", "l2")),
        _scenario(apart=True, suites=("special",)),
        _expecting(metric="p50_response_time_ms", at_most=9, relative_to_calibration="ping"),
        _expecting(metric="throughput_ops_per_second", at_least=9, relative_to_calibration="loop"),
    ],
)
def test_what_can_be_is_let_through(scenario: Scenario) -> None:
    """The rules refuse no more than they are there for."""
    assert list(problems(scenario)) == []


@pytest.mark.parametrize(
    ("fields", "rate"),
    [
        ({}, 100),
        ({"arrivals": "ramped", "to_rate": 300}, 200),
        ({"arrivals": "stepped", "to_rate": 300}, 200),
        ({"arrivals": "bursty", "to_rate": 600, "burst_every_s": 2, "burst_s": 0.5}, 225),
    ],
)
def test_the_mean_rate_is_that_over_the_whole_phase(fields: dict[str, Any], rate: float) -> None:
    """A ramp's is half way, a burst counts for as long as it lasts."""
    assert mean_rate(OpenLoad(rate=100, duration_s=4.0, **fields)) == pytest.approx(rate)


def test_what_a_calibration_may_stand_beside_is_what_it_is_judged_by() -> None:
    """The check and the judgement know the same units."""
    assert set(TIMES_AND_RATES) == set(JUDGED_AS_TIMES_AND_RATES)
