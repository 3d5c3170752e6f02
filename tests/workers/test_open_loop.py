"""The open loop."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from time import perf_counter_ns

import numpy as np
import pytest

from pipeline.data import Data
from tests.workers.scenarios import DictSubject
from workers import open_loop
from workers.caller import Caller
from workers.draws import Draw
from workers.ledger import Ledger
from workers.open_loop import OpenOutcome, run_schedule
from workers.recorder import CodeBook, Recorder, Samples
from workers.subjects.base import Loader, Served
from workers.values import Values

MS = 1_000_000


class _Gated(DictSubject):
    """Its reads wait until the gate opens, and it knows how many are under way."""

    def __init__(self, *, is_open: bool = False) -> None:
        super().__init__()
        self.gate, self.three_are_busy = asyncio.Event(), asyncio.Event()
        self.in_flight = self.most_in_flight = 0
        self.asked: list[str] = []
        if is_open:
            self.gate.set()

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        self.asked.append(key)
        self.in_flight += 1
        self.most_in_flight = max(self.in_flight, self.most_in_flight)
        if self.in_flight == 3:
            self.three_are_busy.set()
        try:
            await self.gate.wait()
        finally:
            self.in_flight -= 1
        return await super().get(key, loader)


def _reads(then: Mapping[int, Callable[[], object]] | None = None) -> Iterator[Draw]:
    """Reads of one key after the other; what is to happen as some of them are handed over."""
    for number in count():
        if then and number in then:
            then[number]()
        yield "get", (f"simple:{number}",)


async def _run(
    subject: DictSubject,
    due_ms: list[float],
    *,
    max_in_flight: int = 4,
    max_waiting: int = 1_000,
    then: Mapping[int, Callable[[], object]] | None = None,
) -> tuple[OpenOutcome, Samples]:
    recorder = Recorder()
    caller = Caller(subject, Ledger(Values(5, Data())), CodeBook(), recorder.record, None)
    outcome = await run_schedule(
        (np.array(due_ms) * MS).astype(np.int64),
        _reads(then),
        caller,
        max_in_flight=max_in_flight,
        max_waiting=max_waiting,
    )
    return outcome, recorder.samples(outcome.due_ns)


def _tasks() -> int:
    return len(asyncio.all_tasks())


async def test_every_operation_is_sent_when_it_is_due_and_never_before() -> None:
    """Its times run from when it was due; its lag is what the dispatcher was late."""
    due_ms = [0, 1, 1, 2.5, 9, 9.01, 30]
    outcome, samples = await _run(DictSubject(), due_ms)
    assert (outcome.done, outcome.offered, outcome.dropped, outcome.left_over) == (7, 7, 0, 0)
    assert sorted(outcome.due_ns - outcome.began_ns) == [round(each * MS) for each in due_ms]
    assert (outcome.lag_ns >= 0).all()
    assert (samples.start_ns >= samples.due_ns).all()
    assert (samples.intended_ns >= samples.duration_ns).all()
    assert _tasks() == 1


async def test_due_times_and_records_belong_together_in_whatever_order_they_end() -> None:
    """Reads that end in another order than they were due keep their own due times."""

    class _Backwards(DictSubject):
        """Each read waits for the next one's end, the fourth for none."""

        ended = tuple(asyncio.Event() for _ in range(4))

        async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
            number = int(key.removeprefix("simple:"))
            if number < 3:
                await self.ended[number + 1].wait()
            self.ended[number].set()
            return await super().get(key, loader)

    outcome, samples = await _run(_Backwards(), [0, 1, 2, 3])
    assert (np.diff(outcome.due_ns) < 0).all()
    assert (np.diff(samples.start_ns) < 0).all()
    assert (samples.start_ns >= outcome.due_ns).all()


async def test_what_finds_no_slot_waits_and_its_waiting_counts() -> None:
    """With 2 slots shut for a while, the others' intended time is long, their service short."""
    subject, opened_ns = _Gated(), []

    def open_the_gate() -> None:
        opened_ns.append(perf_counter_ns())
        subject.gate.set()

    def open_the_gate_soon() -> None:
        asyncio.get_running_loop().call_later(0.05, open_the_gate)

    due_ms = [0, 1, 2, 3, 4, 5]
    outcome, samples = await _run(subject, due_ms, max_in_flight=2, then={5: open_the_gate_soon})
    assert (outcome.done, outcome.dropped, outcome.left_over) == (6, 0, 4)
    assert subject.most_in_flight == 2
    assert subject.asked == [f"simple:{number}" for number in range(6)]
    assert (samples.intended_ns >= opened_ns[0] - samples.due_ns).all()
    assert (samples.start_ns >= opened_ns[0]).sum() == 4
    assert (outcome.due_ns + outcome.lag_ns < opened_ns[0]).all()


async def test_what_is_due_beyond_those_that_may_wait_is_dropped_and_counted() -> None:
    """One in the slot, three waiting, the rest never sent; the sequence goes on behind them."""
    subject = _Gated()

    def open_the_gate_next() -> None:
        asyncio.get_running_loop().call_soon(subject.gate.set)

    due_ms = [0, *[10] * 9, 150]
    outcome, _samples = await _run(
        subject, due_ms, max_in_flight=1, max_waiting=3, then={9: open_the_gate_next}
    )
    assert (outcome.done, outcome.offered, outcome.dropped) == (5, 11, 6)
    assert subject.asked == [f"simple:{number}" for number in (0, 1, 2, 3, 10)]


async def test_what_does_not_end_is_given_up_after_the_drain_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither what waits nor what is under way is waited for for ever, and no task is left."""
    monkeypatch.setattr(open_loop, "DRAIN_S", 0.05)
    subject = _Gated()
    outcome, samples = await _run(subject, [0, 1, 2, 3], max_in_flight=2)
    assert (outcome.done, outcome.dropped, outcome.left_over, len(samples)) == (0, 4, 2, 0)
    assert subject.in_flight == 0
    assert _tasks() == 1


async def test_a_cancelled_schedule_leaves_no_task_behind() -> None:
    """Whether its slots are busy or idle."""
    subject = _Gated()
    running = asyncio.create_task(_run(subject, [0, 1, 2, 60_000]))
    await subject.three_are_busy.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert _tasks() == 1
    assert subject.in_flight == 0


async def test_an_error_of_the_generators_own_ends_the_schedule_at_once() -> None:
    """What is no failure of the subject is raised, and nothing goes on behind it."""

    class _Broken(Ledger):
        def check(self, key: str, value: object, begin: int) -> None:
            raise AssertionError("the ledger is broken")

    subject = DictSubject()
    subject.stored["simple:0"] = 1
    caller = Caller(subject, _Broken(Values(5, Data())), CodeBook(), Recorder().record, None)
    due_ns = np.array([0, 60_000 * MS])
    with pytest.raises(ExceptionGroup) as raised:
        await run_schedule(due_ns, _reads(), caller, max_in_flight=4, max_waiting=9)
    assert raised.group_contains(AssertionError, match="the ledger is broken")
    assert _tasks() == 1


async def test_slots_are_made_as_they_are_needed() -> None:
    """A subject that answers at once needs few of the 100,000 slots that it may have."""
    subject = _Gated(is_open=True)
    outcome, _samples = await _run(
        subject, [float(due) for due in range(50)], max_in_flight=100_000
    )
    assert outcome.done == 50
    assert subject.most_in_flight <= 10


async def test_a_blocked_loop_shows_as_lag_and_as_intended_time() -> None:
    """Blocking for 100 ms makes all that is due meanwhile late by what is left of them."""
    asyncio.get_running_loop().call_later(0.02, time.sleep, 0.1)
    outcome, samples = await _run(DictSubject(), [float(due) for due in range(150)])
    assert outcome.lag_ns.max() > 80 * MS
    assert samples.intended_ns.max() > 80 * MS
    assert (outcome.lag_ns > 10 * MS).sum() > 50


async def test_others_on_the_loop_get_their_turns_while_much_is_due() -> None:
    """Under a load far beyond what can be done, somebody else still gets hundreds of turns."""
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(take_turns())
    due_ms = np.linspace(0, 20, 60_000).tolist()
    outcome, _samples = await _run(DictSubject(), due_ms, max_waiting=100_000)
    counting.cancel()
    assert outcome.done == 60_000
    assert turns > 200


async def test_a_schedule_of_nothing_ends_at_once() -> None:
    """Nothing was due."""
    outcome, _samples = await _run(DictSubject(), [])
    assert (outcome.done, outcome.offered, len(outcome.lag_ns)) == (0, 0, 0)
