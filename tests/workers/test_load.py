"""The closed loop."""

import asyncio
from itertools import islice
from time import perf_counter_ns

from pipeline.data import Data
from pipeline.load import ClosedLoad, KeyChoice
from tests.workers.scenarios import DictSubject
from workers.caller import Caller
from workers.data import key_names
from workers.ledger import Ledger
from workers.load import draws, run_closed_load, users_of
from workers.origin import Origin
from workers.part import Part
from workers.recorder import CodeBook, Recorder
from workers.values import Values

NAMES = key_names("simple", 30)
MIX = {
    "get": 6.0,
    "set": 2.0,
    "delete": 1.0,
    "get_many": 1.0,
    "set_many": 1.0,
    "scan": 1.0,
    "insert": 1.0,
    "read_modify_write": 1.0,
    "clear": 0.1,
}


def _drawn(load: ClosedLoad, user: int, count: int = 2_000) -> list[tuple[str, tuple[str, ...]]]:
    sequence = draws(load, NAMES, seed=5, phase=0, user=user)
    return [(operation, tuple(keys)) for operation, keys in islice(sequence, count)]


def test_a_users_operations_depend_on_nobody_else() -> None:
    """With more users beside it, a user does what it did alone."""
    mix = {name: weight for name, weight in MIX.items() if name != "insert"}
    alone = ClosedLoad(users=1, duration_s=1.0, mix=mix)
    crowded = ClosedLoad(users=500, duration_s=1.0, mix=mix)
    assert _drawn(alone, 0) == _drawn(crowded, 0)
    assert _drawn(crowded, 0) != _drawn(crowded, 1)


def test_one_sequential_pass_asks_for_every_key_once() -> None:
    """Users that share the keys evenly touch each exactly once."""
    load = ClosedLoad(users=5, operations=6, keys=KeyChoice(distribution="sequential"))
    asked = [key for user in range(5) for _operation, (key,) in _drawn(load, user, 6)]
    assert sorted(asked) == sorted(NAMES)


def test_the_users_of_all_shards_are_those_of_one_worker() -> None:
    """Each user belongs to one shard, and does there what it does anywhere."""
    load = ClosedLoad(users=7, operations=20, mix=MIX)
    alone = users_of(load, NAMES, seed=5, phase=0)
    shards = [
        users_of(load, NAMES, seed=5, phase=0, part=Part(shard=shard, shards=3))
        for shard in range(3)
    ]
    assert [len(users) for users in shards] == [3, 2, 2]
    first_of_each = [[next(user) for user in users] for users in shards]
    dealt = [first_of_each[user % 3][user // 3] for user in range(7)]
    assert dealt == [next(user) for user in alone]


def test_a_worker_whose_role_has_nothing_in_the_mix_draws_nothing() -> None:
    """A writer of a mix that only reads."""
    load = ClosedLoad(mix={"get": 1.0}, operations=5)
    part = Part(shard=0, shards=2, writers=1)
    assert list(draws(load, NAMES, seed=5, phase=0, user=0, part=part)) == []


async def _run(load: ClosedLoad, subject: DictSubject) -> tuple[int, Recorder, Caller, Ledger]:
    ledger, recorder = Ledger(Values(5, Data())), Recorder()
    origin = Origin(ledger, load.loader_time_s)
    caller = Caller(subject, ledger, CodeBook(), recorder.record, origin.load)
    done = await run_closed_load(load, NAMES, caller, seed=5, phase=0)
    return done, recorder, caller, ledger


async def test_fixed_operations_are_done_and_recorded_to_the_last() -> None:
    """Users x operations, no more and no fewer, and a correct cache shows no fault."""
    load = ClosedLoad(users=7, operations=300, mix=MIX)
    done, recorder, caller, ledger = await _run(load, DictSubject())
    assert done == len(recorder.samples()) == 2_100
    found = ledger.findings
    assert found.values_checked == caller.reads.total() - caller.reads["miss"] > 1_000
    assert (found.wrong_values, found.stale_reads, found.resurrected_reads) == (0, 0, 0)


async def test_think_time_paces_a_user() -> None:
    """Ten pauses of 10 ms can't take less than 100 ms."""
    load = ClosedLoad(operations=10, think_time_s=0.01)
    _done, recorder, _caller, _ledger = await _run(load, DictSubject())
    starts = recorder.samples().start_ns
    assert starts[-1] - starts[0] >= 0.09 * 1e9


async def test_nobody_thinks_after_the_last_operation() -> None:
    """A user that was asked for two operations pauses once, and no pause outlasts the phase."""
    for load in (
        ClosedLoad(operations=2, think_time_s=0.2),
        ClosedLoad(duration_s=0.2, think_time_s=9.0),
    ):
        began_ns = perf_counter_ns()
        await _run(load, DictSubject())
        assert 0.19 * 1e9 < perf_counter_ns() - began_ns < 0.39 * 1e9


async def test_a_timed_load_ends_by_itself() -> None:
    """A load without a number of operations ends with its duration."""
    done, recorder, _caller, _ledger = await _run(
        ClosedLoad(users=3, duration_s=0.1), DictSubject()
    )
    assert done == len(recorder.samples()) > 10


class _FailingSubject(DictSubject):
    async def set(self, key: str, value: object, ttl_s: float | None = None) -> None:
        raise ConnectionError("the server is gone")


async def test_errors_are_recorded_with_their_kind_and_stop_nothing() -> None:
    """A failed write is an operation with an outcome; its value may be read or not."""
    load = ClosedLoad(users=2, operations=200, mix={"get": 1.0, "set": 1.0})
    ledger, recorder, codes = Ledger(Values(5, Data())), Recorder(), CodeBook()
    caller = Caller(_FailingSubject(), ledger, codes, recorder.record, Origin(ledger, 0).load)
    assert await run_closed_load(load, NAMES, caller, seed=5, phase=0) == 400
    assert ("set", "none", "ConnectionError") in codes.codes
    assert ledger.findings.stale_reads == 0


class _Crowded(DictSubject):
    """Serves from memory while somebody else wants the loop too."""

    turns = 0

    async def watch(self) -> None:
        while True:
            await asyncio.sleep(0)
            self.turns += 1


async def test_users_that_never_wait_leave_the_loop_to_others() -> None:
    """While 20 users read from memory for 0.3 s, somebody else gets hundreds of turns."""
    subject = _Crowded()
    watching = asyncio.create_task(subject.watch())
    await _run(ClosedLoad(users=20, duration_s=0.3), subject)
    watching.cancel()
    assert subject.turns > 100
