"""L3 makes its tables, and lets tables of another layout alone."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cache.codec import encode
from cache.errors import ConfigError, TableVersionError
from cache.l3.sql import SqlTier
from cache.l3.table import LAYOUT
from cache.tier import Write
from tests.cache.l3.databases import BOTH, opened, sql, url_of

UNNUMBERED = """
CREATE TABLE cache_entries (
    namespace TEXT NOT NULL, key TEXT NOT NULL, value {bytes} NOT NULL,
    version BIGINT NOT NULL, expires_at DOUBLE PRECISION, PRIMARY KEY (namespace, key))"""


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind."""
    return url_of(request)


def _tables(url: str) -> list[str]:
    catalogue = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if url.startswith("sqlite")
        else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    return sorted(name for (name,) in sql(url, catalogue))


async def test_tables_are_made_once(url: str) -> None:
    """Opening again finds the tables, the values and the layout's number as they were."""
    async with opened(url) as tier:
        await tier.write({"a": Write(encode(1))})
        tables = _tables(url)
    async with opened(url) as tier:
        assert (await tier.read(["a"])).entries["a"].value == 1
    assert _tables(url) == tables
    assert sql(url, "SELECT layout FROM cache_layout") == [(LAYOUT,)]


async def test_many_open_an_empty_database_at_once(url: str) -> None:
    """Of caches that all find no tables one makes them, and the others wait."""
    tiers = [SqlTier(url, f"s{number}", 10.0) for number in range(8)]
    try:
        await asyncio.gather(*(tier.open() for tier in tiers))
    finally:
        await asyncio.gather(*(tier.close() for tier in tiers))
    assert sql(url, "SELECT layout FROM cache_layout") == [(LAYOUT,)]
    assert sql(url, "SELECT count(*) FROM cache_namespaces") == [(8,)]


async def test_the_layout_before_numbers_is_refused(url: str) -> None:
    """The error names the table and what to do, and nothing is written."""
    sql(url, UNNUMBERED.format(bytes="BLOB" if url.startswith("sqlite") else "BYTEA"))
    tier = SqlTier(url, "s", 5.0)
    with pytest.raises(
        TableVersionError, match=r"cache_entries.*drop the cache_\* tables"
    ) as error:
        await tier.open()
    assert (error.value.table, error.value.found, error.value.wanted) == (
        "cache_entries",
        None,
        LAYOUT,
    )
    assert isinstance(error.value, ConfigError)
    assert _tables(url) == ["cache_entries"]


async def test_another_number_is_refused(url: str) -> None:
    """A database of a newer version of the cache is let alone."""
    async with opened(url):
        sql(url, f"UPDATE cache_layout SET layout = {LAYOUT + 1}")
    with pytest.raises(TableVersionError, match=f"cache_layout .*layout {LAYOUT + 1}"):
        await SqlTier(url, "other", 5.0).open()
    assert sql(url, "SELECT namespace FROM cache_namespaces") == [("s",)]


async def test_foreign_tables_of_the_same_names_are_refused(url: str) -> None:
    """A table that merely has one of the names is not touched."""
    sql(url, "CREATE TABLE cache_tags (id INTEGER)")
    with pytest.raises(TableVersionError, match="cache_tags"):
        await SqlTier(url, "s", 5.0).open()
    assert _tables(url) == ["cache_tags"]


async def test_a_refused_file_is_not_changed(tmp_path: Path) -> None:
    """Not a byte of a foreign SQLite file changes, its journal mode neither."""
    path = tmp_path / "foreign.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute(UNNUMBERED.format(bytes="BLOB"))
    before = path.read_bytes()
    with pytest.raises(TableVersionError):
        await SqlTier(f"sqlite:///{path}", "s", 5.0).open()
    assert path.read_bytes() == before
    assert _tables(f"sqlite:///{path}") == ["cache_entries"]


async def test_a_missing_table_is_made_again(url: str) -> None:
    """Whoever drops one table gets an empty one."""
    async with opened(url) as tier:
        await tier.write({"a": Write(encode(1), tags=("t",))})
    sql(url, "DROP TABLE cache_entries")
    async with opened(url) as tier:
        assert (await tier.read(["a"])).entries == {}
        await tier.write({"a": Write(encode(2))})
        assert await tier.tagged(["t"]) == set()


async def test_other_tables_are_no_concern(url: str) -> None:
    """The cache shares a database with whatever else is in it."""
    sql(url, "CREATE TABLE cache_of_ours (id INTEGER)")
    async with opened(url) as tier:
        await tier.clear()
    assert "cache_of_ours" in _tables(url)


async def test_sqlite_reads_beside_writes(l3_url: str) -> None:
    """A SQLite file is put into write-ahead logging, and back into it."""
    async with opened(l3_url):
        assert sql(l3_url, "PRAGMA journal_mode") == [("wal",)]
    assert sql(l3_url, "PRAGMA journal_mode=DELETE") == [("delete",)]
    async with opened(l3_url):
        assert sql(l3_url, "PRAGMA journal_mode") == [("wal",)]
