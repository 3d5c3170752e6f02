"""What must hold within faults and between them: each rule refuses what it is there for."""

import dataclasses
from collections.abc import Mapping
from typing import Any, get_args

import pytest

from pipeline.checks import problems
from pipeline.fault import FAULTS, Fault, FaultKind
from pipeline.load import ClosedLoad, Load, OpenLoad, SearchLoad, TraceLoad
from pipeline.scenario import Phase, Scenario
from pipeline.subject import SubjectSettings

ALONE: Mapping[str, Any] = {"l2_server": "own", "l3_server": "own"}
TOGETHER: Mapping[str, Any] = {"workers": 3, "writers": 1}
LOAD = ClosedLoad(duration_s=4.0, users=3)


def _fault(kind: FaultKind = "l2_kill", **changes: Any) -> Fault:
    return Fault(**{"kind": kind, "at_s": 1.0, "duration_s": 1.0} | changes)


def _scenario(*faults: Fault, load: Load = LOAD, **changes: Any) -> Scenario:
    given = ALONE | {
        "name": "mine",
        "purpose": "It shows something.",
        "type": "resilience",
        "time_s": 4.0,
        "phases": (Phase(name="load", load=load, faults=faults),),
    }
    return Scenario(**given | changes)


def _told(scenario: Scenario) -> list[str]:
    return list(problems(scenario))


@pytest.mark.parametrize("kind", get_args(FaultKind))
def test_every_kind_can_be_asked_for(kind: FaultKind) -> None:
    """With its own figures, on servers of the job's own."""
    own = "own_postgresql" if "own_postgresql" in FAULTS[kind].needs else "own"
    given = {name: each for name, each in FAULTS[kind].figures.items() if each is not None}
    assert _told(_scenario(_fault(kind), l3_server=own)) == []
    assert _told(_scenario(_fault(kind, **given), l3_server=own)) == []


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (_fault("l2_latency", share=0.5), "share: means nothing to l2_latency; it takes delay_s, "),
        (_fault(delay_s=0.5), "delay_s: means nothing to l2_kill; it takes no figures"),
        (_fault("l2_latency", jitter_s=0.5), "jitter_s: expected at most delay_s, which is 0.02 s"),
        (_fault("clock_step", step_s=0.0), "step_s: expected a step to one side or the other"),
        (_fault(times=2), "times: 2 times need every_s or within_s"),
        (_fault(every_s=2.0), "every_s: needs times above 1"),
        (
            _fault(times=2, every_s=0.5),
            "every_s: expected at least duration_s, which is 1 s",
        ),
        (
            _fault(times=2, within_s=1.5),
            "within_s: expected at least times * duration_s, which is 2 s",
        ),
        (
            _fault(times=2, every_s=1.0, within_s=2.0),
            "expected at most one of every_s and within_s",
        ),
        (_fault(at_s=3.5), "expected to end within the phase's 4 s, got 4.5 s"),
        (
            _fault(times=2, every_s=2.5),
            "expected to end within the phase's 4 s, got 4.5 s",
        ),
        (_fault(within_s=3.5), "expected to end within the phase's 4 s, got 4.5 s"),
        (_fault("worker_kill", shard=1), "shard: expected below 1, the number of workers"),
        (
            _fault("worker_kill", times=2, every_s=1.0),
            "worker_kill comes once in a scenario; the next attempt measures",
        ),
    ],
)
def test_a_fault_that_can_not_be_is_told(fault: Fault, expected: str) -> None:
    """One line with the key that is wrong."""
    (line,) = _told(_scenario(fault))
    assert line.removeprefix("phases.0.faults.0").lstrip(".: ").startswith(expected)


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        (_scenario(_fault(), l2_server="shared"), 'l2_kill needs l2_server = "own"'),
        (_scenario(_fault("l2_failover"), l2_server="shared"), 'l2_failover needs l2_server = "'),
        (
            _scenario(_fault("l3_slow"), l3_server="shared"),
            'l3_slow needs l3_server = "own" or "own_postgresql"',
        ),
        (
            _scenario(_fault("l3_gone"), l3_server="own_postgresql"),
            'l3_gone needs l3_server = "own"; it is about an SQLite file',
        ),
        (_scenario(_fault("l3_stop")), 'l3_stop needs l3_server = "own_postgresql"'),
        (
            _scenario(_fault(), subject=SubjectSettings(enable_l2=False)),
            "breaks L2, but the subject has none",
        ),
        (
            _scenario(_fault(), subject=SubjectSettings(preset="l2_disabled")),
            "breaks L2, but the subject has none",
        ),
        (
            _scenario(_fault("l3_slow"), subject=SubjectSettings(enable_l3=False)),
            "breaks L3, but the subject has none",
        ),
        (
            _scenario(_fault("loader_slow"), load=dataclasses.replace(LOAD, loader=False)),
            "breaks the loader, which needs loader = true in the load",
        ),
        (
            _scenario(_fault("loop_block", duration_s=6.0), load=OpenLoad(rate=9, duration_s=9.0)),
            "duration_s: expected at most 5 s; a worker that stands still",
        ),
        (
            _scenario(_fault("l2_flush"), **TOGETHER, l2_server="shared", l3_server="shared"),
            "l2_flush needs workers = 1",
        ),
        (
            _scenario(_fault("l3_slow"), **TOGETHER, l2_server="shared", l3_server="shared"),
            "l3_slow needs workers = 1",
        ),
        (
            _scenario(
                _fault("l2_reset", shard=3), **TOGETHER, l2_server="shared", l3_server="shared"
            ),
            "shard: expected below 3, the number of workers",
        ),
    ],
)
def test_what_a_fault_needs_is_told(scenario: Scenario, expected: str) -> None:
    """With the setting that gives it."""
    (line,) = _told(scenario)
    assert line.removeprefix("phases.0.faults.0").lstrip(".: ").startswith(expected)


@pytest.mark.parametrize(
    "load", [TraceLoad(), ClosedLoad(operations=9), SearchLoad(p99_below_ms=5)]
)
def test_a_fault_needs_a_load_of_known_length(load: Load) -> None:
    """Or nobody could say that it ends within it."""
    (line,) = _told(_scenario(_fault(), load=load))
    assert line == "phases.0.faults: need a closed load with duration_s, or an open one"


@pytest.mark.parametrize(
    "faults",
    [
        (_fault(), _fault("l2_stop", at_s=1.5)),
        (_fault("l2_reset"), _fault("l2_latency", at_s=1.9)),
        (
            _fault(duration_s=0.5, times=3, every_s=1.0),
            _fault("l2_flush", at_s=2.2, duration_s=0.5),
        ),
        (_fault(duration_s=0.5, within_s=3.0), _fault("l2_stop", at_s=3.0, duration_s=0.5)),
    ],
)
def test_faults_of_one_group_do_not_overlap(faults: tuple[Fault, ...]) -> None:
    """Each would undo what the other does; one at random may be anywhere in its span."""
    (line,) = _told(_scenario(*faults))
    assert line.startswith(
        f"phases.0.faults: 0 ({faults[0].kind}) and 1 ({faults[1].kind}) overlap"
    )


@pytest.mark.parametrize(
    "scenario",
    [
        _scenario(_fault(), _fault("l3_slow"), _fault("loop_block"), _fault("l2_corrupt")),
        _scenario(_fault(), _fault("l2_stop", at_s=2.0)),
        _scenario(
            _fault(duration_s=0.5, times=3, every_s=1.0),
            _fault("l2_flush", at_s=1.5, duration_s=0.5),
        ),
        _scenario(_fault(), load=OpenLoad(rate=9, duration_s=4.0)),
        _scenario(_fault("l2_flush"), l2_server="shared"),
        _scenario(_fault("l2_latency"), l2_server="shared", l3_server="shared"),
        _scenario(
            _fault("l2_refused", shard=0),
            _fault("l2_refused", shard=2),
            **TOGETHER,
            l2_server="shared",
            l3_server="shared",
        ),
        _scenario(_fault("clock_step", step_s=-60.0)),
    ],
)
def test_what_can_be_is_let_through(scenario: Scenario) -> None:
    """The rules refuse no more than they are there for."""
    assert _told(scenario) == []
