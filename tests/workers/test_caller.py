"""One caller's operations: what is timed, what is recorded, what is compared."""

import asyncio
from collections.abc import Mapping
from time import perf_counter_ns
from typing import Any

import pytest

from pipeline.data import Data, TtlShare
from tests.workers.scenarios import DictSubject
from workers.caller import Caller
from workers.ledger import Ledger
from workers.origin import Origin
from workers.recorder import Code, CodeBook, Recorder, Samples
from workers.subjects.base import Loader, Served, Subject
from workers.values import Values

MS = 1_000_000
KEYS = [f"simple:{number}" for number in range(4)]


class _Called:
    """A caller with all that it needs, on a subject."""

    def __init__(self, subject: Subject, data: Data | None = None, *, loader: bool = True) -> None:
        self.values = Values(5, data or Data())
        self.ledger, self.codes, self.recorder = Ledger(self.values), CodeBook(), Recorder()
        self.caller = Caller(
            subject,
            self.ledger,
            self.codes,
            self.recorder.record,
            Origin(self.ledger, 0.0).load if loader else None,
            ttl_of=self.values.ttl_s if self.values.has_ttls else None,
        )

    async def do(self, operation: str, *keys: str) -> int:
        return await self.caller.operations[operation](keys)

    @property
    def samples(self) -> Samples:
        return self.recorder.samples()

    @property
    def recorded(self) -> list[Code]:
        return [self.codes.codes[code] for code in self.samples.code]

    @property
    def faults(self) -> int:
        found = self.ledger.findings
        return found.wrong_values + found.stale_reads + found.resurrected_reads


class _Slow(DictSubject):
    """Reads and writes take 20 ms each; a write may fail."""

    fails = False

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        await asyncio.sleep(0.02)
        return await super().get(key, loader)

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        await asyncio.sleep(0.02)
        if self.fails:
            raise ConnectionError("the server is gone")
        await super().set(key, value)


async def test_a_read_modify_write_is_one_operation_of_both_times() -> None:
    """A get with the loader, then a set; the read counts as one, by the tier that served it."""
    called = _Called(_Slow())
    ended_ns = await called.do("read_modify_write", KEYS[0])
    await called.do("read_modify_write", KEYS[0])
    assert called.recorded == [
        ("read_modify_write", "origin", "ok"),
        ("read_modify_write", "l1", "ok"),
    ]
    assert (called.samples.duration_ns > 39 * MS).all()
    assert called.samples.start_ns[0] + called.samples.duration_ns[0] <= ended_ns
    assert called.caller.reads == {"l1": 1, "l2": 0, "l3": 0, "origin": 1, "miss": 0}
    assert (called.ledger.findings.values_checked, called.faults) == (2, 0)


async def test_a_read_modify_write_whose_write_fails_is_one_failure() -> None:
    """Its read was compared and counts; what it wrote may be there or not."""
    subject = _Slow()
    called = _Called(subject)
    subject.fails = True
    await called.do("read_modify_write", KEYS[0])
    assert called.recorded == [("read_modify_write", "none", "ConnectionError")]
    assert called.caller.reads["origin"] == 1
    subject.fails = False
    await called.do("get", KEYS[0])
    assert called.faults == 0


async def test_a_read_modify_write_whose_read_fails_writes_nothing() -> None:
    """There is nothing to modify."""

    class _Unreadable(DictSubject):
        async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
            raise TimeoutError

    subject = _Unreadable()
    called = _Called(subject)
    await called.do("read_modify_write", KEYS[0])
    assert called.recorded == [("read_modify_write", "none", "TimeoutError")]
    assert subject.stored == {}


async def test_an_insert_is_a_write_of_its_own_name() -> None:
    """What it wrote is known and compared."""
    called = _Called(DictSubject())
    await called.do("insert", "simple:200")
    await called.do("get", "simple:200")
    assert called.recorded == [("insert", "none", "ok"), ("get", "l1", "ok")]
    assert (called.ledger.findings.values_checked, called.faults) == (1, 0)


async def test_a_scan_reads_all_of_its_keys_and_shows_the_deepest_tier() -> None:
    """Two keys from memory and two that nobody has."""
    called = _Called(DictSubject())
    await called.do("set_many", *KEYS[:2])
    await called.do("scan", *KEYS)
    assert called.recorded == [("set_many", "none", "ok"), ("scan", "miss", "ok")]
    assert (called.caller.reads["l1"], called.caller.reads["miss"]) == (2, 2)


async def test_a_clear_makes_no_later_read_illegal() -> None:
    """What was written is gone or comes from the origin again, which still has the newest."""
    subject = DictSubject()
    called = _Called(subject)
    await called.do("set", KEYS[0])
    await called.do("clear")
    assert subject.stored == {}
    for _ in range(2):
        await called.do("get", KEYS[0])
    assert called.recorded[1:] == [
        ("clear", "none", "ok"),
        ("get", "origin", "ok"),
        ("get", "l1", "ok"),
    ]
    assert called.faults == 0


async def test_a_clear_that_leaves_what_was_superseded_is_caught() -> None:
    """A copy from before the newest write, seen after a clear that was acknowledged."""

    class _KeepsOld(DictSubject):
        async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
            self.stored.setdefault(key, value)

        async def clear(self) -> None:
            pass

    called = _Called(_KeepsOld())
    for operation in ("set", "set", "clear", "get"):
        await called.do(operation, KEYS[0])
    assert called.faults == 1


class _Noting(DictSubject):
    """Notes the TTLs that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.ttls_s: list[float | None] = []

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        self.ttls_s.append(ttl_s)
        return await super().get(key, loader)

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        self.ttls_s.append(ttl_s)

    async def set_many(self, items: Mapping[str, Any], ttl_s: float | None = None) -> None:
        self.ttls_s.append(ttl_s)


class _NotingWithoutTtls(_Noting):
    lacks = _Noting.lacks | {"ttl"}


MIXED = Data(ttls=(TtlShare(ttl_s=5.0), TtlShare(ttl_s=50.0), TtlShare()))


def _key_of_ttl(ttl_s: float | None) -> str:
    values = Values(5, MIXED)
    return next(key for key in (f"simple:{n}" for n in range(99)) if values.ttl_s(key) == ttl_s)


@pytest.mark.parametrize("operation", ["get", "set", "insert", "set_many"])
@pytest.mark.parametrize("ttl_s", [5.0, 50.0, None])
async def test_a_keys_ttl_goes_with_each_operation_on_it(
    operation: str, ttl_s: float | None
) -> None:
    """Where it has none, the subject does what it does by itself."""
    subject = _Noting()
    await _Called(subject, MIXED).do(operation, _key_of_ttl(ttl_s))
    assert subject.ttls_s == [ttl_s]


async def test_a_read_modify_write_gives_its_ttl_twice_and_many_keys_the_smallest() -> None:
    """For what the loader brings and for what is written; a batch has one TTL."""
    subject = _Noting()
    called = _Called(subject, MIXED)
    await called.do("read_modify_write", _key_of_ttl(5.0))
    await called.do("set_many", *(_key_of_ttl(each) for each in (None, 50.0, 5.0)))
    assert subject.ttls_s == [5.0, 5.0, 5.0]


@pytest.mark.parametrize(
    ("subject", "data"), [(_Noting(), Data()), (_NotingWithoutTtls(), MIXED)], ids=["data", "lacks"]
)
async def test_no_ttl_is_given_where_there_is_none_or_the_subject_has_none(
    subject: _Noting, data: Data
) -> None:
    """Neither from data without TTLs nor to a subject that can't keep them."""
    called = _Called(subject, data)
    for key in KEYS:
        await called.do("set", key)
        await called.do("get", key)
    assert set(subject.ttls_s) == {None}


def test_what_a_subject_lacks_is_no_operation_nor_what_is_made_of_it() -> None:
    """Without get_many there is no scan either; without set no insert and no modifying."""

    class _Poor(DictSubject):
        lacks = DictSubject.lacks | {"get_many", "set"}

    assert set(_Called(_Poor()).caller.operations) == {"get", "delete", "set_many", "clear"}
    every = {"insert", "scan", "read_modify_write"}
    assert every < set(_Called(DictSubject()).caller.operations)


@pytest.mark.parametrize("operation", ["get", "get_many", "set", "set_many", "delete", "clear"])
async def test_an_operation_says_when_it_ended(operation: str) -> None:
    """On the recorder's clock, so that whoever asked needs no look of its own."""
    called = _Called(DictSubject(), loader=False)
    before_ns = perf_counter_ns()
    ended_ns = await called.do(operation, KEYS[0])
    assert ended_ns == called.samples.start_ns[0] + called.samples.duration_ns[0]
    assert before_ns <= ended_ns <= perf_counter_ns()


@pytest.mark.parametrize("operation", ["get", "scan", "set", "clear", "read_modify_write"])
async def test_a_failure_is_recorded_with_its_time_and_kind(operation: str) -> None:
    """Whatever it was that failed."""

    class _Failing(DictSubject):
        async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
            raise TimeoutError

        async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
            raise TimeoutError

        async def clear(self) -> None:
            raise TimeoutError

    called = _Called(_Failing())
    ended_ns = await called.do(operation, KEYS[0])
    assert called.recorded == [(operation, "none", "TimeoutError")]
    assert ended_ns == called.samples.start_ns[0] + called.samples.duration_ns[0]
    assert called.caller.reads.total() == 0
