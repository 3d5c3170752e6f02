"""One phase: prepared, begun together with others, measured."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from pipeline.load import ClosedLoad, Load, OpenLoad, SearchLoad, TraceLoad
from pipeline.scenario import Phase
from pipeline.trace import synthetic_trace
from tests.workers.scenarios import DictSubject, a_stage
from workers.errors import LoadError
from workers.measured import MeasuredPhase
from workers.phase import run_phase
from workers.shared_clock import SharedClock
from workers.subjects.base import Loader, Served
from workers.validity import doubts


async def _run(load: Load, subject: DictSubject | None = None, **stage: object) -> MeasuredPhase:
    on = a_stage(subject or DictSubject(), **stage)
    return await run_phase(on, 0, Phase(name="one", load=load))


async def test_a_closed_load_has_no_schedule() -> None:
    """Every operation of every user, and nothing of what only an open loop has."""
    measured = await _run(ClosedLoad(users=3, operations=40))
    assert len(measured.samples) == 120
    assert (measured.offered, measured.lag_ns, measured.samples.due_ns) == (None, None, None)
    assert measured.span.loop == "closed"
    assert measured.machine.cpu_s > 0
    assert (measured.server, measured.start_offset_s, measured.skipped) == ({}, None, False)


async def test_an_open_load_is_measured_from_when_things_were_due() -> None:
    """Its lag, its due times and its begin are on one clock."""
    load = OpenLoad(rate=500.0, arrivals="constant", duration_s=0.1)
    measured = await _run(load)
    assert measured.offered == len(measured.samples) == len(measured.lag_ns) == 50
    due_ns = np.sort(measured.samples.due_ns) - measured.began_ns
    assert due_ns.tolist() == [2_000_000 * number for number in range(50)]
    assert (measured.dropped, measured.left_over, measured.span.loop) == (0, 0, "open")


async def test_an_open_phase_is_as_long_as_its_schedule() -> None:
    """The gap after the last arrival counts: 5 in half a second are 10 a second, not 12."""
    measured = await _run(OpenLoad(rate=10.0, arrivals="constant", duration_s=0.5))
    assert len(measured.samples) == 5
    assert measured.duration_s >= 0.499


@pytest.mark.parametrize("timed", [False, True])
async def test_a_trace_is_replayed_as_fast_as_it_goes_or_in_its_time(*, timed: bool) -> None:
    """All of its requests; where it is timed, they were due."""
    trace = synthetic_trace(3, 100, 20)
    if timed:
        trace = replace(trace, times_ns=np.arange(100) * 1_000_000)
    measured = await _run(TraceLoad(timed=timed), traces={0: trace})
    assert len(measured.samples) == 100
    assert (measured.samples.due_ns is not None) is timed
    assert measured.offered == (100 if timed else None)
    assert measured.span.loop == ("open" if timed else "closed")


class _Poor(DictSubject):
    lacks = DictSubject.lacks | {"delete", "get_many", "warm"}

    async def delete(self, key: str) -> None:
        raise AssertionError("it can't delete")

    async def warm(self) -> int:
        raise AssertionError("it can't warm")


async def test_what_a_subject_lacks_is_left_out_of_the_mix() -> None:
    """The rest of the mix makes up all of the operations."""
    stage = a_stage(_Poor())
    mix = {"get": 1.0, "delete": 5.0, "scan": 5.0, "set": 1.0}
    load = ClosedLoad(users=2, operations=50, mix=mix)
    measured = await run_phase(stage, 0, Phase(name="one", load=load, before=("warm",)))
    assert len(measured.samples) == 100
    assert {code.operation for code in stage.codes.codes} == {"get", "set"}


@pytest.mark.parametrize(
    "load",
    [
        ClosedLoad(operations=5, mix={"delete": 1.0}),
        OpenLoad(rate=100.0, duration_s=60.0, mix={"delete": 1.0, "scan": 1.0}),
        SearchLoad(p99_below_ms=1.0, mix={"delete": 1.0}),
    ],
    ids=lambda load: load.kind,
)
async def test_a_load_of_which_nothing_is_left_is_skipped(load: Load) -> None:
    """It is measured as nothing, at once: no error, and nothing invalid."""
    measured = await _run(load, _Poor())
    assert (measured.skipped, measured.unsupported) == (True, True)
    assert (len(measured.samples), measured.trials, measured.offered) == (0, (), None)
    assert doubts(measured) == []


class _Group:
    """Two shards, of which this is one; notes what it is asked for."""

    shards = 2
    clock = SharedClock()

    def __init__(self, shard: int, subject: DictSubject) -> None:
        self.shard = shard
        self._subject = subject
        self.started: list[tuple[str, int]] = []

    async def start(self, name: str) -> float:
        self.started.append((name, len(self._subject.stored)))
        return 0.25

    async def hand_over(self, name: str, content: bytes) -> Mapping[int, bytes]:
        return {0: content, 1: content}


async def test_a_shard_starts_with_the_others_and_does_its_part() -> None:
    """Prepared, then begun, then the users that are its own."""
    subject = DictSubject()
    group = _Group(1, subject)
    measured = await _run(ClosedLoad(users=5, operations=10), subject, group=group)
    assert group.started == [("one", 0)]
    assert measured.start_offset_s == 0.25
    assert len(measured.samples) == 20


async def test_a_shard_for_which_no_user_is_left_says_nothing_of_the_subject() -> None:
    """It has nothing to do, but the subject can do all of it."""
    subject = DictSubject()
    measured = await _run(ClosedLoad(operations=5), subject, group=_Group(1, subject))
    assert (measured.skipped, measured.unsupported) == (True, False)


async def test_the_shards_of_an_open_load_share_its_schedule() -> None:
    """Together what one worker would do, each at its own times."""
    load = OpenLoad(rate=500.0, arrivals="constant", duration_s=0.1)
    due_ns = []
    for shard in range(2):
        subject = DictSubject()
        measured = await _run(load, subject, group=_Group(shard, subject))
        due_ns += (measured.samples.due_ns - measured.began_ns).tolist()
    assert sorted(due_ns) == [2_000_000 * number for number in range(50)]


async def test_a_search_on_several_workers_is_refused_in_a_line() -> None:
    """None of them would know the others' trials."""
    subject = DictSubject()
    with pytest.raises(LoadError, match="a search runs on one worker, not on 2; set"):
        await _run(SearchLoad(p99_below_ms=1.0), subject, group=_Group(0, subject))


class _Endless(DictSubject):
    def __init__(self) -> None:
        super().__init__()
        self.is_asked = asyncio.Event()

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        self.is_asked.set()
        await asyncio.sleep(3_600)  # never: it is cancelled
        raise AssertionError("nobody waits for so long")


@pytest.mark.parametrize(
    "load",
    [
        ClosedLoad(users=3, operations=5),
        OpenLoad(rate=1_000.0, arrivals="constant", duration_s=60.0, max_in_flight=3),
        SearchLoad(p99_below_ms=1.0, trial_s=60.0),
    ],
    ids=lambda load: load.kind,
)
async def test_a_cancelled_load_leaves_no_task_behind(load: Load) -> None:
    """Neither users nor slots nor what watches beside them."""
    subject = _Endless()
    running = asyncio.create_task(_run(load, subject))
    await subject.is_asked.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert asyncio.all_tasks() == {asyncio.current_task()}
