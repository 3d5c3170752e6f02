"""Writes of L3 that return before their commit: what waits, what is written, what may be lost."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Mapping

import pytest

from cache.codec import encode
from cache.l3.sql import SqlTier
from cache.l3.write_behind import WriteBehind
from cache.tier import DELETE, MISS, Write
from tests.cache.conftest import ManualClock
from tests.support.waiting import wait_until_async

FOREVER_S = 3600.0
ONE, TWO, THREE = (Write(encode(number)) for number in (1, 2, 3))


class Store:
    """Takes batches as L3 does, and can be away, or slow."""

    def __init__(self) -> None:
        self.batches: list[dict[str, Write]] = []
        self.values: dict[str, Write] = {}
        self.is_away = False
        self.attempts = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def write(self, writes: Mapping[str, Write]) -> dict[str, int] | None:
        """Keep a batch, unless away."""
        self.attempts += 1
        await self.gate.wait()
        if self.is_away:
            return None
        self.batches.append(dict(writes))
        self.values.update(writes)
        return dict.fromkeys(writes, 1)

    def stop(self) -> None:
        """Keep batches on their way until ``gate`` is set."""
        self.gate.clear()


@pytest.fixture
def store() -> Store:
    """What is written to."""
    return Store()


def _behind(store: Store, **settings: object) -> WriteBehind:
    chosen = {"limit": 100, "interval_s": FOREVER_S, "timeout_s": 5.0, **settings}
    return WriteBehind(store.write, **chosen)


@pytest.fixture
async def behind(store: Store) -> AsyncIterator[WriteBehind]:
    """Writes that go out only when they are told to, or have no room."""
    behind = _behind(store)
    behind.start()
    yield behind
    store.gate.set()
    await behind.close(1.0)


async def test_a_write_returns_before_its_commit(store: Store, behind: WriteBehind) -> None:
    """Versions are not known yet, and the store has nothing."""
    store.stop()
    assert await behind.write({"a": ONE, "b": DELETE}) == {}
    assert (len(behind), store.values) == (2, {})


async def test_what_waits_is_written_after_the_interval(store: Store) -> None:
    """Without anybody's doing, and all of it in one batch."""
    behind = _behind(store, interval_s=0.02)
    behind.start()
    for number in range(10):
        await behind.write({f"k{number}": ONE})
    await wait_until_async(lambda: len(behind) == 0, what="the batch")
    assert [len(batch) for batch in store.batches] == [10]
    await behind.write({"late": TWO})
    await wait_until_async(lambda: len(behind) == 0, what="the second batch")
    assert len(store.values) == 11
    await behind.close(1.0)


async def test_only_the_newest_write_of_a_key_is_written(store: Store, behind: WriteBehind) -> None:
    """What was overwritten while it waited costs nothing."""
    for write in (ONE, DELETE, TWO):
        await behind.write({"a": write})
    assert await behind.flush()
    assert store.values["a"].payload == TWO.payload
    assert (behind.counts.queued, behind.counts.flushed) == (3, 1)


async def test_reads_are_overlaid_until_the_commit(store: Store, behind: WriteBehind) -> None:
    """What waits and what is on its way is seen, and nothing else."""
    await behind.write({"a": ONE, "gone": DELETE})
    store.stop()
    flushing = asyncio.create_task(behind.flush())
    await wait_until_async(lambda: store.attempts == 1, what="the batch to be on its way")
    overlay = behind.overlay(["a", "gone", "unknown"])
    assert {key: write.payload for key, write in overlay.items()} == {
        "a": ONE.payload,
        "gone": None,
    }
    store.gate.set()
    await flushing
    assert behind.overlay(["a", "gone"]) == {}


async def test_a_newer_write_is_not_lost_to_a_batch_on_its_way(
    store: Store, behind: WriteBehind
) -> None:
    """The older one's arrival leaves the newer one waiting, and it is what is read meanwhile."""
    await behind.write({"a": ONE})
    store.stop()
    flushing = asyncio.create_task(behind.flush())
    await wait_until_async(lambda: store.attempts == 1, what="the batch to be on its way")
    await behind.write({"a": TWO})
    store.gate.set()
    await flushing
    assert store.values["a"].payload == ONE.payload
    assert behind.overlay(["a"])["a"].payload == TWO.payload
    await behind.flush()
    assert store.values["a"].payload == TWO.payload


async def test_a_failed_batch_is_kept_and_written_in_order(store: Store) -> None:
    """While L3 is away all of it waits; newer writes take the places of older ones."""
    behind = _behind(store, interval_s=0.01)
    behind.start()
    store.is_away = True
    await behind.write({"a": ONE, "b": ONE})
    assert not await behind.flush()
    await wait_until_async(lambda: store.attempts >= 2, what="two attempts")
    await behind.write({"c": ONE, "a": TWO})
    assert len(behind) == 3
    store.is_away = False
    await wait_until_async(lambda: len(behind) == 0, what="the batch")
    assert list(store.values) == ["a", "b", "c"]
    assert store.values["a"].payload == TWO.payload
    assert behind.counts.lost == 0
    await behind.close(1.0)


async def test_large_backlogs_are_written_in_parts(store: Store) -> None:
    """A flush takes everything, a bounded number of keys at a time."""
    behind = _behind(store, limit=5000)
    await behind.write({f"k{number}": ONE for number in range(2500)})
    assert await behind.flush()
    assert [len(batch) for batch in store.batches] == [1000, 1000, 500]


async def test_one_flush_takes_all_that_waits(store: Store) -> None:
    """A long backlog does not wait for an interval between its parts."""
    behind = _behind(store, limit=2500)
    behind.start()
    await behind.write({f"k{number}": ONE for number in range(2501)})
    await wait_until_async(lambda: len(behind) <= 1, what="the backlog")
    await behind.close(1.0)


async def test_a_full_queue_is_written_at_once(store: Store) -> None:
    """Whoever finds no room waits for a batch, not for the interval, and its keys are not lost."""
    behind = _behind(store, limit=3)
    behind.start()
    for number in range(10):
        assert await behind.write({f"k{number}": ONE}) == {}
        assert len(behind) <= 3
    assert await behind.write({f"m{number}": ONE for number in range(10)}) == {}
    assert await behind.close(1.0) == 0
    assert len(store.values) == 20


async def test_a_key_that_waits_needs_no_room(store: Store) -> None:
    """A full queue still takes newer writes of what is in it."""
    behind = _behind(store, limit=1, timeout_s=0.05)
    await behind.write({"a": ONE})
    assert await behind.write({"a": TWO}) == {}
    assert behind.overlay(["a"])["a"].payload == TWO.payload


async def test_who_finds_no_room_in_time_is_told(store: Store) -> None:
    """Nobody waits for an L3 that is away for longer than was asked for."""
    behind = _behind(store, limit=2, timeout_s=0.05)
    behind.start()
    store.is_away = True
    await behind.write({"a": ONE})
    assert await behind.write({"a": TWO, "b": TWO, "c": TWO}) is None
    assert behind.counts.refused == 1
    assert set(behind.overlay("abc")) == {"a", "b"}
    await behind.close(0.01)


async def test_a_refused_write_takes_an_older_one_along(store: Store) -> None:
    """A key whose newer write found no room is not written with its older value later."""
    behind = _behind(store, limit=1, timeout_s=0.05)
    await behind.write({"a": ONE})
    writes = [asyncio.create_task(behind.write({key: TWO})) for key in ("b", "a")]
    await asyncio.sleep(0)
    # The loop is blocked, so that the time of both is over at once.
    time.sleep(0.1)  # noqa: ASYNC251 - see above
    assert await asyncio.gather(*writes) == [None, None]
    assert behind.overlay(["a", "b"]) == {}


async def test_a_cancelled_write_has_not_happened(store: Store) -> None:
    """Who stops waiting for room leaves what waited before."""
    behind = _behind(store, limit=1)
    await behind.write({"a": ONE})
    writes = [asyncio.create_task(behind.write({key: TWO})) for key in ("b", "a")]
    await asyncio.sleep(0)
    for writing in reversed(writes):
        writing.cancel()
    await asyncio.wait(writes)
    assert {key: write.payload for key, write in behind.overlay("ab").items()} == {"a": ONE.payload}


async def test_waiting_callers_come_in_in_order(store: Store) -> None:
    """A write that waits for room is not overtaken by a later one of the same key."""
    behind = _behind(store, limit=1)
    behind.start()
    store.stop()
    await behind.write({"a": ONE})
    writes = [asyncio.create_task(behind.write({"b": write})) for write in (ONE, TWO, THREE)]
    await wait_until_async(lambda: store.attempts == 1, what="the batch to be on its way")
    store.gate.set()
    assert await asyncio.gather(*writes) == [{}, {}, {}]
    await behind.close(1.0)
    assert store.values["b"].payload == THREE.payload


async def test_closing_writes_what_waits(store: Store) -> None:
    """Nothing is lost where L3 answers, also a batch that is on its way; later writes are told."""
    behind = _behind(store)
    behind.start()
    store.stop()
    await behind.write({"a": ONE})
    flushing = asyncio.create_task(behind.flush())
    await wait_until_async(lambda: store.attempts == 1, what="the batch to be on its way")
    await behind.write({"a": TWO, "b": ONE})
    closing = asyncio.create_task(behind.close(5.0))
    await asyncio.sleep(0)
    store.gate.set()
    assert await closing == 0
    await flushing
    assert {key: write.payload for key, write in store.values.items()} == {
        "a": TWO.payload,
        "b": ONE.payload,
    }
    assert await behind.write({"c": ONE}) is None
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_closing_waits_for_l3_to_come_back(store: Store) -> None:
    """A short outage at the end loses nothing."""
    behind = _behind(store, interval_s=0.01)
    store.is_away = True
    await behind.write({"a": ONE})
    closing = asyncio.create_task(behind.close(10.0))
    await wait_until_async(lambda: store.attempts >= 2, what="two attempts")
    store.is_away = False
    assert await closing == 0


@pytest.mark.parametrize("reason", ["away", "hanging"])
async def test_closing_is_bounded_and_counts_the_lost(store: Store, reason: str) -> None:
    """An L3 that does not come back holds nobody up."""
    behind = _behind(store, interval_s=0.01)
    behind.start()
    store.is_away = reason == "away"
    if reason == "hanging":
        store.stop()
    await behind.write({"a": ONE, "b": ONE})
    assert await asyncio.wait_for(behind.close(0.1), 5) == 2
    assert (behind.counts.lost, len(behind), store.values) == (2, 0, {})


async def test_closing_ends_a_caller_that_waits_for_room(store: Store) -> None:
    """A caller is told that its write will not be written."""
    behind = _behind(store, limit=1)
    behind.start()
    store.is_away = True
    await behind.write({"a": ONE})
    waiting = asyncio.create_task(behind.write({"b": ONE}))
    await wait_until_async(lambda: store.attempts >= 1, what="the call to wait for room")
    await behind.close(0.05)
    assert await asyncio.wait_for(waiting, 2) is None


async def test_what_waited_has_lived_meanwhile(store: Store, clock: ManualClock) -> None:
    """Time in the queue counts: lives get shorter, and what has ended is deleted instead."""
    behind = _behind(store, clock=clock)
    await behind.write({"a": Write(b"1", 100, 50, age_s=1), "short": Write(b"1", 10), "b": ONE})
    clock.advance(30)
    assert behind.overlay(["short"]) == {"short": DELETE}
    await behind.flush()
    a = store.values["a"]
    assert (a.ttl_s, a.fresh_s, a.age_s) == (70, 20, 31)
    assert store.values["short"] == DELETE
    assert (store.values["b"].ttl_s, store.values["b"].fresh_s) == (None, None)


async def test_what_is_forgotten_is_not_written(store: Store, behind: WriteBehind) -> None:
    """Before a clear nothing waits any more, and nothing is on its way."""
    await behind.write({"a": ONE})
    store.stop()
    flushing = asyncio.create_task(behind.flush())
    await wait_until_async(lambda: store.attempts == 1, what="the batch to be on its way")
    await behind.write({"a": TWO, "b": ONE})
    forgetting = asyncio.create_task(behind.forget())
    await asyncio.sleep(0)
    assert not forgetting.done()
    store.gate.set()
    await forgetting
    await flushing
    assert await behind.flush()
    assert list(store.values) == ["a"]
    assert store.values["a"].payload == ONE.payload


async def test_waiting_keys_are_found_by_their_tags(behind: WriteBehind) -> None:
    """The newest write's tags count."""
    await behind.write({"a": Write(b"1", tags=("red", "big")), "b": Write(b"1", tags=("red",))})
    await behind.write({"b": Write(b"2", tags=("blue",)), "c": DELETE})
    assert behind.tagged(["red", "unknown"]) == {"a"}
    assert behind.tagged(["big", "blue"]) == {"a", "b"}


async def test_the_newest_writes_arrive_whatever_happens(store: Store) -> None:
    """A random course of writes, outages and flushes ends with each key's last value."""
    chance = random.Random(7)
    behind = _behind(store, limit=8, interval_s=0.001)
    behind.start()
    last: dict[str, Write] = {}
    for step in range(600):
        key = f"k{chance.randrange(12)}"
        store.is_away = chance.random() < 0.5
        last[key] = Write(encode(step))
        writing = asyncio.create_task(behind.write({key: last[key]}))
        if chance.random() < 0.3:
            await asyncio.sleep(0)
        store.is_away = False
        assert await writing == {}
    assert await behind.close(5.0) == 0
    assert {key: write.payload for key, write in store.values.items()} == {
        key: write.payload for key, write in last.items()
    }


async def test_l3_gets_what_waited(l3_url: str) -> None:
    """Sets and deletes reach a real database, tags and lives included."""
    tier = SqlTier(l3_url, "s", 5.0)
    await tier.open()
    behind = WriteBehind(tier.write, limit=10, interval_s=0.01, timeout_s=5.0)
    behind.start()
    await tier.write({"old": ONE})
    await behind.write({"a": Write(encode(1), 600, tags=("t",)), "old": DELETE})
    assert await behind.close(5.0) == 0
    entries = (await tier.read(["a", "old"])).entries
    assert (entries["a"].value, entries["old"].value) == (1, MISS)
    assert await tier.tagged(["t"]) == {"a"}
    await tier.close()
