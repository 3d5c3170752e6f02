"""The faults of the worker itself, each seen to come and to go."""

import asyncio
import subprocess
import sys
import time
from itertools import pairwise
from time import perf_counter_ns

import psutil
import pytest

from pipeline.fault import Fault
from pipeline.subject import SubjectSettings
from results.records import LostAttempt
from tests.support.waiting import wait_until, wait_until_async
from tests.workers.scenarios import DictSubject
from workers.errors import FaultError
from workers.faults.base import Fault as Broken
from workers.faults.base import Hindsight
from workers.faults.ground import Ground
from workers.faults.registry import FAULTS
from workers.faults.worker_kill import OWN_DEATH, resumed, window_of
from workers.leftovers import children
from workers.subjects.base import Addresses, Stepping, Subject
from workers.subjects.multilevel import build

_ORPHANED = """
import subprocess, sys
from workers.faults.takers import Takers
takers = Takers("cpu", 2)
takers.start()
print(*(each.pid for each in takers._started), flush=True)
sys.stdin.read()
"""


def _broken(kind: str, subject: Subject | None = None, **figures: object) -> Broken:
    ground = Ground(namespace="tests", subject=subject or DictSubject(), seed=11)
    plan = {"kind": kind, "at_s": 0.0, "duration_s": 0.05, **figures}
    return FAULTS[kind](Fault(**plan), ground)


@pytest.mark.parametrize(
    ("kind", "figures"), [("cpu_taken", {"processes": 2}), ("memory_pressed", {"memory_mib": 24})]
)
async def test_other_processes_take_what_they_take(kind: str, figures: dict[str, int]) -> None:
    """They are seen to have it, and gone afterwards."""
    before = children()
    broken = _broken(kind, **figures)
    await broken.inject()
    try:
        assert not await broken.is_cleared()
        await wait_until_async(broken.is_effective)
        assert len(children() - before) == figures.get("processes", 1)
    finally:
        await broken.undo()
    await wait_until_async(broken.is_cleared)
    assert not await broken.is_effective()
    assert children() <= before


async def test_less_memory_than_was_asked_for_is_no_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has too little left is spared, and the figure in the report is not met."""
    memory = psutil.virtual_memory()._replace(available=48 << 20)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    broken = _broken("memory_pressed", memory_mib=64)
    await broken.inject()
    try:
        taken = broken._takers  # type: ignore[attr-defined]
        await wait_until_async(lambda: sum(taken.memory_bytes) > 24 << 20)
        assert not await broken.is_effective()
    finally:
        await broken.undo()


def test_other_processes_end_with_the_one_that_started_them() -> None:
    """Also where it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", _ORPHANED], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        pids = [int(each) for each in owner.stdout.readline().split()]
        owner.kill()
    assert len(pids) == 2
    wait_until(lambda: not any(_runs(pid) for pid in pids))


def _runs(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


async def test_a_blocked_loop_is_seen_from_a_thread() -> None:
    """Nothing else ran meanwhile; its begin is that of the block."""
    ticks: list[int] = []

    async def tick() -> None:
        while True:
            ticks.append(perf_counter_ns())
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    broken = _broken("loop_block")
    began_ns = perf_counter_ns()
    await broken.inject()
    await wait_until_async(broken.is_effective)
    ticking.cancel()
    assert await broken.is_cleared()
    assert isinstance(broken, Hindsight)
    assert began_ns <= broken.since_ns < began_ns + 50_000_000
    longest_ns = max(after - before for before, after in pairwise(ticks))
    assert longest_ns >= 50_000_000


async def test_a_loop_that_was_not_blocked_is_not_seen_to_be() -> None:
    """Before it was injected nobody has asked."""
    assert not await _broken("loop_block").is_effective()


def _stepping() -> Subject:
    addresses = Addresses(namespace="tests", l2_url=None, l3_url=None, steps_clock=True)
    return build(SubjectSettings(l1_default_ttl=60.0), addresses)


async def test_the_caches_clock_is_stepped_and_stepped_back() -> None:
    """What lives for a minute is gone an hour later."""
    subject = _stepping()
    assert isinstance(subject, Stepping)
    broken = _broken("clock_step", subject, step_s=3_600.0)
    await subject.start()
    try:
        await subject.set("key", 1)
        assert (await subject.get("key", None)).tier == "l1"
        await broken.inject()
        assert await broken.is_effective()
        assert (await subject.get("key", None)).tier == "miss"
        assert not await broken.is_cleared()
        await broken.undo()
    finally:
        await subject.stop()
    assert await broken.is_cleared()
    assert abs(subject.clock_s() - time.monotonic()) < 1.0


def test_a_subject_whose_clock_can_not_be_stepped_is_an_error() -> None:
    """Where a phase asks for it, the phase is not supported before that."""
    with pytest.raises(FaultError, match="the subject's clock can't be stepped"):
        _broken("clock_step")


async def test_a_worker_is_killed_only_where_another_takes_its_job() -> None:
    """Without a supervisor it is an error; what ends the process can be given."""
    with pytest.raises(FaultError, match="only a worker process that has a supervisor"):
        await _broken("worker_kill").inject()
    killed: list[bool] = []
    ground = Ground(
        namespace="tests", subject=DictSubject(), seed=11, kill=lambda: killed.append(True)
    )
    broken = FAULTS["worker_kill"](Fault(kind="worker_kill", at_s=0.0, duration_s=1.0), ground)
    assert not await broken.is_effective()
    await broken.inject()
    assert killed == [True]
    assert await broken.is_effective()


def test_only_its_own_death_just_before_is_the_fault() -> None:
    """Neither what else has killed a worker, nor one after which another attempt came."""
    others = "its worker process died (killed by signal 9)"
    own = f"its worker process died (killed by signal 9 {OWN_DEATH})"
    lost = [
        LostAttempt(number=number, reason=reason, ended_ago_s=4.0)
        for number, reason in ((1, own), (2, others))
    ]
    assert resumed(lost, 3) == ()
    assert resumed(lost[:1], 3) == ()
    assert resumed(lost[:1], 2) == (lost[0],)


def test_the_last_death_before_an_attempt_is_its_window() -> None:
    """Of several, that which the attempt resumes."""
    lost = [
        LostAttempt(number=number, reason="its claim ran out", ended_ago_s=ago_s)
        for number, ago_s in ((1, 30.0), (2, 4.0))
    ]
    assert window_of(lost, "one", 2).requested_s == -4.0
