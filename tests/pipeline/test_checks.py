"""What must hold between a scenario's parts: each rule refuses what it is there for."""

import dataclasses
from typing import Any

import pytest

from pipeline.checks import problems
from pipeline.scenario import ClosedLoad, Fault, Phase, Scenario, TraceLoad
from pipeline.subject import SubjectSettings
from results.expectation import Expectation

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


def _expecting(**fields: Any) -> Scenario:
    return _scenario(expectations=(Expectation(**fields),))


def test_a_sound_scenario_has_no_problem() -> None:
    """The scenario that every case here spoils is sound by itself."""
    assert list(problems(_scenario())) == []


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        (_scenario(l2_server="shared"), 'phases.0.faults: need l2_server = "own"'),
        (_scenario(subject=SubjectSettings(enable_l2=False)), "phases.0.faults: break L2"),
        (_scenario(subject=SubjectSettings(preset="l2_disabled")), "phases.0.faults: break L2"),
        (_scenario(phases=_phase(load=TraceLoad(), faults=(FAULT,))), "phases.0.faults: need a"),
        (
            _scenario(phases=_phase(load=ClosedLoad(operations=9), faults=(FAULT,))),
            "phases.0.faults: need a closed load with duration_s",
        ),
        (
            _scenario(phases=_phase(faults=(dataclasses.replace(FAULT, at_s=3.5),))),
            "phases.0.faults.0: expected to end within the phase's 4 s, got 4.5 s",
        ),
        (
            _scenario(phases=_phase(faults=(FAULT, dataclasses.replace(FAULT, at_s=1.5)))),
            "phases.0.faults: overlap",
        ),
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
        (_expecting(metric="errors"), "expectations.0: expected exactly one of at_least"),
        (_expecting(metric="errors", at_most=1, equals=0), "expectations.0: expected exactly one"),
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
    ],
)
def test_what_can_not_be_is_told(scenario: Scenario, expected: str) -> None:
    """One line with the key that is wrong."""
    (problem,) = problems(scenario)
    assert problem.startswith(expected)
