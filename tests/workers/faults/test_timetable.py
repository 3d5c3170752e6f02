"""The faults of a phase together: beside each other, in turn, or not at all."""

import itertools
import time
from dataclasses import replace

import pytest

from pipeline.fault import Fault
from pipeline.load import ClosedLoad
from pipeline.scenario import Phase
from results.records import LostAttempt
from tests.support.waiting import wait_until_async
from tests.workers.faults.pretended import PretendedFault, pretending
from tests.workers.scenarios import DictSubject
from workers.faults.ground import Ground
from workers.faults.timetable import Timetable


class _Whole(DictSubject):
    lacks = frozenset()


GROUND = Ground(namespace="tests", subject=_Whole(), seed=11)


def _timetable(*faults: Fault, ground: Ground = GROUND, **load: object) -> Timetable:
    phase = Phase(name="one", load=ClosedLoad(duration_s=1.0, **load), faults=faults)
    return Timetable(phase, ground, 0, time.perf_counter, itertools.count())


def _fault(kind: str, at_s: float = 0.0, **more: object) -> Fault:
    return Fault(kind=kind, at_s=at_s, **{"duration_s": 0.02, **more})


async def _come(*faults: Fault) -> tuple[Timetable, list[str]]:
    """Let all of them come, within a load that is long enough."""
    told: list[str] = []
    comings = sum(fault.times for fault in faults)
    with pretending(lambda plan, _ground: PretendedFault(plan.kind, told)):
        timetable = _timetable(*faults)
        async with timetable.running():
            await wait_until_async(lambda: len(told) == 2 * comings)
    return timetable, told


async def test_faults_of_different_kinds_overlap() -> None:
    """Windows are numbered as they were requested."""
    timetable, told = await _come(_fault("loader_slow", 0.01), _fault("l2_kill", duration_s=0.05))
    assert told == [
        "l2_kill injected",
        "loader_slow injected",
        "loader_slow undone",
        "l2_kill undone",
    ]
    assert [(each.number, each.kind) for each in timetable.windows] == [
        (0, "l2_kill"),
        (1, "loader_slow"),
    ]


async def test_faults_of_one_group_follow_each_other() -> None:
    """However long the one before takes to be gone."""
    _, told = await _come(_fault("l2_latency", duration_s=0.03), _fault("l2_reset", 0.01))
    assert told == [
        "l2_latency injected",
        "l2_latency undone",
        "l2_reset injected",
        "l2_reset undone",
    ]


async def test_a_fault_comes_as_often_as_it_is_planned() -> None:
    """Each coming is a window of its own."""
    timetable, told = await _come(_fault("l2_kill", times=3, every_s=0.03))
    assert told == ["l2_kill injected", "l2_kill undone"] * 3
    assert [each.number for each in timetable.windows] == [0, 1, 2]
    begins_s = [each.requested_s for each in timetable.windows]
    assert begins_s[1] - begins_s[0] >= 0.025
    assert timetable.doubts == ()


async def test_what_is_under_way_when_the_load_ends_is_seen_to_its_end() -> None:
    """What was not due yet is dropped, and makes the measurement doubtful."""
    broken = PretendedFault()
    with pretending(lambda _plan, _ground: broken):
        timetable = _timetable(_fault("l2_kill"), _fault("loader_slow", 3_600.0))
        async with timetable.running():
            await wait_until_async(lambda: broken.told)
    assert broken.told == ["it injected", "it undone"]
    assert timetable.doubts == ("phase one: the load ended before the fault loader_slow was due",)


@pytest.mark.parametrize(
    ("kind", "lacks", "load"),
    [
        ("l2_kill", {"l2"}, {}),
        ("l3_slow", {"l3"}, {}),
        ("loader_slow", set(), {"loader": False}),
        ("clock_step", set(), {}),
    ],
)
def test_a_subject_without_what_is_broken_has_no_support(
    kind: str, lacks: set[str], load: dict[str, object]
) -> None:
    """Nothing of the phase is broken then, not even what could be."""
    subject = _Whole()
    subject.lacks = frozenset(lacks)
    timetable = _timetable(
        _fault("loop_block"), _fault(kind), ground=replace(GROUND, subject=subject), **load
    )
    assert not timetable.has_support
    assert timetable.windows == ()


def test_a_fault_of_one_shard_leaves_the_others_alone() -> None:
    """It is neither broken by them nor missed."""
    with pretending(lambda _plan, _ground: PretendedFault()):
        timetable = _timetable(_fault("l2_latency", shard=1))
    assert timetable.has_support
    assert timetable.doubts == ()


def test_a_worker_that_was_killed_before_is_not_killed_again() -> None:
    """What killed it is a window that lies before the attempt."""
    lost = (LostAttempt(number=1, reason="its worker process died", ended_ago_s=4.5),)
    timetable = _timetable(_fault("worker_kill"), ground=replace(GROUND, lost=lost))
    (window,) = timetable.windows
    assert (window.requested_s, window.effective_s, window.cleared_s) == (-4.5, -4.5, 0.0)
    assert timetable.doubts == ()
