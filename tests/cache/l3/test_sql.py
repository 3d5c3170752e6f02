"""L3 as the database sees it: lives, namespaces, floors, locks, and many processes at once."""

import asyncio
import multiprocessing
import sqlite3
from contextlib import closing
from typing import Any

import psycopg
import pytest

from cache.codec import encode
from cache.errors import TierError
from cache.l3.sql import SqlTier
from cache.tier import DELETE, MISS, Entry, Write
from tests.cache.l3.databases import age, opened, several, sql
from tests.support.waiting import wait_until_async


async def _entry(tier: SqlTier, key: str) -> Entry:
    return (await tier.read([key])).entries[key]


async def test_an_entry_tells_lives_age_cost_tags_and_size(tier: SqlTier) -> None:
    """What is written comes back, its times counted from the answer."""
    payload = encode({"x": 1})
    write = Write(payload, 600, 60, age_s=5, cost_s=0.25, tags=("a", "b\0ü"))
    versions = await tier.write({"k": write})
    entry = await _entry(tier, "k")
    assert entry.value == {"x": 1}
    assert entry.ttl_s == pytest.approx(600, abs=30)
    assert entry.fresh_s == pytest.approx(60, abs=30)
    assert 5 <= entry.age_s < 35
    assert (entry.cost_s, entry.tags, entry.size_bytes) == (0.25, ("a", "b\0ü"), len(payload))
    assert (entry.version, entry.payload) == (versions["k"], payload)


async def test_what_has_no_end_of_its_own_takes_the_other(tier: SqlTier) -> None:
    """Without a time of freshness a value is fresh as long as it is kept, which may be for good."""
    await tier.write({"endless": Write(encode(1)), "kept": Write(encode(1), 600)})
    endless, kept = await _entry(tier, "endless"), await _entry(tier, "kept")
    assert (endless.ttl_s, endless.fresh_s) == (None, None)
    assert kept.fresh_s == kept.ttl_s


async def test_the_database_counts_the_time(tier: SqlTier, url: str) -> None:
    """A value gets older and staler by the database's clock alone."""
    await tier.write({"k": Write(encode(1), 600, 60)})
    sql(
        url, "UPDATE cache_entries SET stored_at = stored_at - 100, fresh_until = fresh_until - 100"
    )
    entry = await _entry(tier, "k")
    assert entry.age_s >= 100
    assert entry.fresh_s < -30


async def test_what_ended_or_was_deleted_is_a_miss_with_a_version(tier: SqlTier, url: str) -> None:
    """The version of what is gone is known, that of an unknown key is not."""
    versions = await tier.write({"ended": Write(encode(1), 600), "deleted": Write(encode(1))})
    versions |= await tier.write({"deleted": DELETE})
    age(url, 700)
    found = await tier.read(["ended", "deleted", "unknown"])
    assert found.entries == {
        "ended": Entry(MISS, None, versions["ended"]),
        "deleted": Entry(MISS, None, versions["deleted"]),
    }


async def test_a_corrupt_value_is_a_counted_miss_that_can_be_replaced(tier: SqlTier) -> None:
    """A payload that isn't JSON is not served; a load may put another in its place."""
    versions = await tier.write({"a": Write(b"\x80\x04K\x01.")})
    found = await tier.read(["a"])
    assert found.entries == {"a": Entry(MISS, None, versions["a"])}
    assert tier.undecodable == 1
    await tier.write({"a": Write(encode(2), seen=versions["a"], floor=found.floor)})
    assert (await _entry(tier, "a")).value == 2


async def test_namespaces_do_not_see_each_other(tier: SqlTier, url: str) -> None:
    """The same key in two namespaces is two rows; a clear takes one."""
    async with opened(url, "other") as other:
        await tier.write({"a": Write(encode(1), tags=("t",))})
        await other.write({"a": Write(encode(2), tags=("t",))})
        await tier.clear()
        assert (await tier.read(["a"])).entries == {}
        assert (await _entry(other, "a")).value == 2
        assert (await tier.tagged(["t"]), await other.tagged(["t"])) == (set(), {"a"})
        assert (await other.read([])).floor == 0


@pytest.mark.parametrize("name", ["x" * 5000, "nul\0byte", "ключ 🔑", "'; --"])
async def test_any_text_is_a_namespace(url: str, name: str) -> None:
    """Long and odd names are names like any other."""
    async with opened(url, name, notes_pending=True) as tier, opened(url, f"{name}!") as other:
        versions = await tier.write({"a": Write(encode(1), tags=("t",))})
        assert (await _entry(tier, "a")).value == 1
        assert (await tier.pending(0), await tier.tagged(["t"])) == (versions, {"a"})
        assert (await other.read(["a"])).entries == {}
        await tier.clear()
        assert (await tier.read(["a"])).entries == {}


async def test_nothing_to_write_needs_no_database(url: str) -> None:
    """Empty batches are answered before a connection is asked for."""
    tier = SqlTier(url, "s", 1.0)
    assert await tier.write({}) == {}
    await tier.settle({})
    await tier.expect({})
    await tier.expect({"k": ()})


async def test_a_clear_raises_the_floor(tier: SqlTier, url: str) -> None:
    """Reads tell the floor, also where they find nothing; what is written later lies above."""
    assert (await tier.read(["a"])).floor == 0
    before = await tier.write({"a": Write(encode(1)), "b": Write(encode(1))})
    floor = await tier.clear()
    assert floor > max(before.values()) - 1_000_000
    found = await tier.read(["a", "b"])
    assert (found.entries, found.floor) == ({}, floor)
    assert sql(url, "SELECT count(*) FROM cache_entries") == [(0,)]
    assert (await tier.write({"a": Write(encode(2))}))["a"] > floor
    assert (await tier.clear()) > floor


async def test_a_clear_takes_a_version_over(tier: SqlTier) -> None:
    """The floor is never below the version that the clearing was given."""
    assert await tier.clear(8 * 10**15) == 8 * 10**15
    assert await tier.clear() == 8 * 10**15 + 1
    assert (await tier.write({"a": Write(encode(2))}))["a"] == 8 * 10**15 + 2


async def test_a_clear_leaves_what_was_written_after_it(
    tier: SqlTier, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What others write while the rows below the floor are deleted is above it, and stays."""
    versions: dict[str, int] = {}
    in_transaction = tier._in_transaction
    async with opened(url) as other:

        async def transact_and_write(*arguments: Any) -> Any:
            done = await in_transaction(*arguments)
            if not versions:
                versions.update(await other.write({"a": Write(encode(2)), "new": Write(encode(2))}))
            return done

        await tier.write({"a": Write(encode(1)), "b": Write(encode(1))})
        monkeypatch.setattr(tier, "_in_transaction", transact_and_write)
        floor = await tier.clear()
    assert min(versions.values()) > floor
    found = await tier.read(["a", "b", "new"])
    assert {key: entry.version for key, entry in found.entries.items()} == versions


async def test_what_a_clear_left_behind_is_not_read(tier: SqlTier, url: str) -> None:
    """A clear that is cut short has still emptied the namespace, and its rows give way to fills."""
    await tier.write({"a": Write(encode(1))})
    sql(url, "UPDATE cache_namespaces SET floor = floor + 1")
    found = await tier.read(["a"])
    assert found.entries == {}
    assert "a" in await tier.write({"a": Write(encode(2), seen=0, floor=found.floor)})
    assert (await _entry(tier, "a")).value == 2


async def test_a_lost_namespace_is_entered_again(tier: SqlTier, url: str) -> None:
    """Whoever empties the tables by hand gets an error for once, and no wrong answer."""
    for call in (tier.read(["a"]), tier.write({"a": DELETE}), tier.clear()):
        sql(url, "DELETE FROM cache_namespaces")
        with pytest.raises(TierError, match="no row"):
            await call
        await tier.open()
    assert (await tier.read(["a"])).entries == {}


@pytest.mark.postgresql
async def test_a_fill_that_overlaps_a_clear_is_not_read(postgresql_url: str) -> None:
    """A fill that has passed the check of the floor when it rises leaves nothing to be read."""
    async with several(postgresql_url, 2) as (tier, other):
        versions = await tier.write({"a": Write(encode(1), tags=("t",))})
        async with await psycopg.AsyncConnection.connect(postgresql_url) as holder:
            await holder.execute("SELECT 1 FROM cache_entries FOR UPDATE")
            fill = Write(encode(2), seen=versions["a"], floor=0)
            filling = asyncio.create_task(tier.write({"a": fill}))
            await wait_until_async(lambda: _waits(postgresql_url), what="the fill to wait")
            await other.clear()
        await filling
        assert (await other.read(["a"])).entries == {}


@pytest.mark.postgresql
async def test_a_set_that_overlaps_a_clear_hides_no_later_one(postgresql_url: str) -> None:
    """What began before a clear and ends after a later set leaves a value that can be read."""
    async with several(postgresql_url, 2) as (tier, other):
        await tier.write({"a": Write(encode(1)), "b": Write(encode(1))})
        async with await psycopg.AsyncConnection.connect(postgresql_url) as holder:
            await holder.execute("SELECT 1 FROM cache_entries WHERE key = 'a' FOR UPDATE")
            sets = {"a": Write(encode(2)), "b": Write(encode(2))}
            setting = asyncio.create_task(tier.write(sets))
            await wait_until_async(lambda: _waits(postgresql_url), what="the set to wait")
            await other.clear()
            later = await other.write({"b": Write(encode(3))})
        versions = await setting
        assert versions["b"] > later["b"]
        assert (await _entry(other, "b")).value == 2


def _waits(url: str) -> bool:
    return bool(sql(url, "SELECT 1 FROM pg_locks WHERE NOT granted"))


async def test_a_locked_database_is_an_error_within_the_timeout(l3_url: str) -> None:
    """Another writer's lock ends the wait, and opening again mends the tier."""
    async with opened(l3_url, timeout_s=0.3) as tier:
        with closing(sqlite3.connect(l3_url.removeprefix("sqlite:///"))) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Exception, match="locked"):
                await asyncio.wait_for(tier.write({"a": Write(encode(1))}), 5)
            other.rollback()
        with pytest.raises(TierError, match="not connected"):
            await tier.write({"a": Write(encode(1))})
        await tier.open()
        await tier.write({"a": Write(encode(2))})
        assert (await _entry(tier, "a")).value == 2


@pytest.mark.postgresql
async def test_a_locked_row_is_an_error_within_the_timeout(postgresql_url: str) -> None:
    """The write of a row that another holds is given up, and takes no effect afterwards."""
    async with opened(postgresql_url, timeout_s=0.5) as tier:
        await tier.write({"a": Write(encode(1))})
        async with await psycopg.AsyncConnection.connect(postgresql_url) as holder:
            await holder.execute("SELECT 1 FROM cache_entries FOR UPDATE")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(tier.write({"a": Write(encode(2))}), 5)
            await tier.open()
        assert (await _entry(tier, "a")).value == 1


async def test_a_writer_elsewhere_does_not_hold_up_reads(l3_url: str) -> None:
    """Readers see what was committed last, even beside a transaction that shuts all others out."""
    async with opened(l3_url) as tier:
        await tier.write({"a": Write(encode(1))})
        with closing(sqlite3.connect(l3_url.removeprefix("sqlite:///"))) as other:
            other.execute("BEGIN EXCLUSIVE")
            other.execute("DELETE FROM cache_entries")
            assert (await _entry(tier, "a")).value == 1
            other.rollback()


async def test_a_failed_batch_leaves_nothing(url: str) -> None:
    """A batch is one transaction: what its last statement can't do, its first has not done."""
    async with opened(url, notes_pending=True) as tier:
        sql(url, "ALTER TABLE cache_pending_invalidation RENAME TO elsewhere")
        with pytest.raises(Exception, match="cache_pending_invalidation"):
            await tier.write({"a": Write(encode(1))})
        await tier.close()
        sql(url, "ALTER TABLE elsewhere RENAME TO cache_pending_invalidation")
        await tier.open()
        assert (await tier.read(["a"])).entries == {}


def _open_and_write(url: str, number: int) -> None:
    async def work() -> None:
        async with opened(url) as tier:
            for step in range(20):
                await tier.write({f"k{number}-{step}": Write(encode(step))})

    asyncio.run(work())


def test_several_processes_start_at_once(url: str) -> None:
    """Creating the tables and writing to them is safe against other processes doing the same."""
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_open_and_write, args=(url, n)) for n in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert sql(url, "SELECT count(*) FROM cache_entries") == [(80,)]
