"""The closed loop."""

from collections import Counter
from itertools import islice

from pipeline.scenario import ClosedLoad, KeyChoice
from tests.workers.scenarios import DictSubject
from workers.caller import Caller
from workers.data import key_names
from workers.ledger import Ledger
from workers.load import draws, run_closed_load
from workers.origin import Origin
from workers.recorder import CodeBook, Recorder
from workers.values import Values

NAMES = key_names("simple", 30)
MIX = {"get": 6.0, "set": 2.0, "delete": 1.0, "get_many": 1.0, "set_many": 1.0}


def _drawn(load: ClosedLoad, user: int, count: int = 2_000) -> list[tuple[str, tuple[str, ...]]]:
    sequence = draws(load, NAMES, seed=5, phase=0, user=user)
    return [(operation, tuple(keys)) for operation, keys in islice(sequence, count)]


def test_a_users_operations_depend_on_nobody_else() -> None:
    """With more users beside it, a user does what it did alone."""
    alone = ClosedLoad(users=1, duration_s=1.0, mix=MIX)
    crowded = ClosedLoad(users=500, duration_s=1.0, mix=MIX)
    assert _drawn(alone, 0) == _drawn(crowded, 0)
    assert _drawn(crowded, 0) != _drawn(crowded, 1)


def test_operations_come_as_often_as_their_weights() -> None:
    """Of 20,000 operations each kind's share is within 1 % of all of its weight's."""
    load = ClosedLoad(duration_s=1.0, mix=MIX)
    counts = Counter(operation for operation, _keys in _drawn(load, 0, 20_000))
    for operation, weight in MIX.items():
        assert abs(counts[operation] / 20_000 - weight / 11) < 0.01


def test_many_operations_have_a_batch_of_keys_and_single_ones_one() -> None:
    """`batch` is the number of keys of one get_many or set_many."""
    load = ClosedLoad(duration_s=1.0, mix=MIX, batch=7)
    widths = {(operation, len(keys)) for operation, keys in _drawn(load, 0)}
    assert widths == {("get", 1), ("set", 1), ("delete", 1), ("get_many", 7), ("set_many", 7)}


def test_one_sequential_pass_asks_for_every_key_once() -> None:
    """Users that share the keys evenly touch each exactly once."""
    load = ClosedLoad(users=5, operations=6, keys=KeyChoice(distribution="sequential"))
    asked = [key for user in range(5) for _operation, (key,) in _drawn(load, user, 6)]
    assert sorted(asked) == sorted(NAMES)


async def _run(load: ClosedLoad, subject: DictSubject) -> tuple[int, Recorder, Caller, Ledger]:
    ledger, recorder = Ledger(Values(5, "simple")), Recorder()
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


async def test_a_timed_load_ends_by_itself() -> None:
    """A load without a number of operations ends with its duration."""
    done, recorder, _caller, _ledger = await _run(
        ClosedLoad(users=3, duration_s=0.1), DictSubject()
    )
    assert done == len(recorder.samples()) > 10


class _FailingSubject(DictSubject):
    async def set(self, key: str, value: object) -> None:
        raise ConnectionError("the server is gone")


async def test_errors_are_recorded_with_their_kind_and_stop_nothing() -> None:
    """A failed write is an operation with an outcome; its value may be read or not."""
    load = ClosedLoad(users=2, operations=200, mix={"get": 1.0, "set": 1.0})
    ledger, recorder, codes = Ledger(Values(5, "simple")), Recorder(), CodeBook()
    caller = Caller(_FailingSubject(), ledger, codes, recorder.record, Origin(ledger, 0).load)
    assert await run_closed_load(load, NAMES, caller, seed=5, phase=0) == 400
    assert ("set", "none", "ConnectionError") in codes.codes
    assert ledger.findings.stale_reads == 0
