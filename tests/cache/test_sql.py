"""L3 as the database sees it: rows, versions, expiry, purge, and several processes at once."""

import asyncio
import multiprocessing
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from cache.codec import encode
from cache.errors import TierError
from cache.sql import SqlTier
from cache.tier import Write


@pytest.fixture
async def tier(l3_url: str) -> AsyncIterator[SqlTier]:
    """L3 in the namespace `s`."""
    tier = SqlTier(l3_url, "s", 2.0)
    await tier.open()
    yield tier
    await tier.close()


def _rows(l3_url: str, columns: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(l3_url.removeprefix("sqlite:///"))) as database:
        return database.execute(f"SELECT {columns} FROM cache_entries ORDER BY 1").fetchall()


async def test_rows_carry_namespace_key_value_and_version(tier: SqlTier, l3_url: str) -> None:
    """Each write of a key raises its version."""
    for number in range(3):
        await tier.write({"a": Write(encode(number))})
    assert _rows(l3_url, "namespace, key, value, version, expires_at") == [
        ("s", "a", b"2", 3, None)
    ]


async def test_expired_rows_are_purged(tier: SqlTier, l3_url: str) -> None:
    """A purge deletes what has expired by the database's clock, and nothing else."""
    await tier.write({f"k{number}": Write(encode(1), 0.001) for number in range(1100)})
    await tier.write({"kept": Write(encode(1), 600), "endless": Write(encode(1))})
    await asyncio.sleep(0.05)
    assert len(_rows(l3_url, "key")) == 1102
    assert await tier.purge() == 1100
    assert _rows(l3_url, "key") == [("endless",), ("kept",)]


async def test_namespaces_do_not_see_each_other(tier: SqlTier, l3_url: str) -> None:
    """The same key in two namespaces is two rows; a clear takes one."""
    other = SqlTier(l3_url, "other", 2.0)
    await other.open()
    await tier.write({"a": Write(encode(1))})
    await other.write({"a": Write(encode(2))})
    await tier.clear()
    assert await tier.read(["a"]) == {}
    assert (await other.read(["a"]))["a"].value == 2
    await other.close()


async def test_a_row_that_is_not_json_is_a_counted_miss(tier: SqlTier, l3_url: str) -> None:
    """A corrupt value is not served."""
    await tier.write({"a": Write(b"\x80\x04K\x01.")})
    assert await tier.read(["a"]) == {}
    assert tier.undecodable == 1


async def test_a_locked_database_is_an_error_within_the_timeout(l3_url: str) -> None:
    """Another writer's lock ends the wait, and opening again mends the tier."""
    tier = SqlTier(l3_url, "s", 0.3)
    await tier.open()
    with closing(sqlite3.connect(l3_url.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Exception, match="locked"):
            await asyncio.wait_for(tier.write({"a": Write(encode(1))}), 5)
        other.rollback()
    with pytest.raises(TierError, match="not connected"):
        await tier.write({"a": Write(encode(1))})
    await tier.open()
    await tier.write({"a": Write(encode(2))})
    assert (await tier.read(["a"]))["a"].value == 2
    await tier.close()


async def test_a_writer_elsewhere_does_not_hold_up_reads(tier: SqlTier, l3_url: str) -> None:
    """Readers see what was committed last, even beside a transaction that shuts all others out."""
    await tier.write({"a": Write(encode(1))})
    with closing(sqlite3.connect(l3_url.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN EXCLUSIVE")
        other.execute("DELETE FROM cache_entries")
        assert (await tier.read(["a"]))["a"].value == 1
        other.rollback()


def _open_and_write(l3_url: str, number: int) -> None:
    async def work() -> None:
        tier = SqlTier(l3_url, "s", 10.0)
        await tier.open()
        for step in range(20):
            await tier.write({f"k{number}-{step}": Write(encode(step))})
        await tier.close()

    asyncio.run(work())


def test_several_processes_start_at_once(l3_url: str) -> None:
    """Creating the table and writing to it is safe against other processes doing the same."""
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_open_and_write, args=(l3_url, n)) for n in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert len(_rows(l3_url, "key")) == 80
