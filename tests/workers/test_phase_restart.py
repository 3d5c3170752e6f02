"""Phases that not every worker does: one restarts meanwhile, or the scenario asks for too much."""

from collections.abc import Mapping
from dataclasses import replace

from pipeline.fault import Fault
from pipeline.load import ClosedLoad
from pipeline.scenario import Phase
from tests.workers.scenarios import DictSubject, a_stage
from workers.phase import run_phase
from workers.shared_clock import SharedClock
from workers.subjects.restartable import RestartableSubject
from workers.validity import doubts

PHASE = Phase(name="one", load=ClosedLoad(users=4, duration_s=0.1), restart=1)


class _Group:
    """Two workers, of which this is one."""

    shards = 2
    clock = SharedClock()

    def __init__(self, shard: int) -> None:
        self.shard = shard

    async def start(self, name: str) -> float:
        return 0.0

    async def hand_over(self, name: str, content: bytes) -> Mapping[int, bytes]:
        return {0: content, 1: content}


async def test_one_worker_restarts_while_the_other_goes_on() -> None:
    """It does none of the load, which makes its part of the measurement no worse."""
    built: list[DictSubject] = []

    def build() -> DictSubject:
        built.append(DictSubject())
        return built[-1]

    subject = RestartableSubject(build)
    measured = await run_phase(a_stage(subject, group=_Group(1)), 0, PHASE)
    assert len(built) == 2
    assert (len(measured.samples), measured.skipped, measured.unsupported) == (0, True, False)
    assert measured.span.end_s - measured.span.start_s >= 0.05
    assert doubts(measured) == []

    other = await run_phase(a_stage(RestartableSubject(build), group=_Group(0)), 0, PHASE)
    assert len(built) == 3
    assert len(other.samples) > 0


async def test_a_subject_without_a_needed_tier_is_not_asked() -> None:
    """The phase ends at once, nothing is broken, and it is not supported rather than invalid."""
    fault = Fault(kind="l2_kill", at_s=0.01, duration_s=0.01)
    phase = replace(PHASE, restart=None, faults=(fault,))
    measured = await run_phase(a_stage(DictSubject(), has_support=False), 0, phase)
    assert (len(measured.samples), measured.skipped, measured.unsupported) == (0, True, True)
    assert measured.fault_windows == ()
    assert doubts(measured) == []
