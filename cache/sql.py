"""L3: rows in SQLite or PostgreSQL, read in one IN and written in one commit a batch."""

import asyncio
import time
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from cache.address import async_l3_url, redacted
from cache.codec import decode
from cache.deadline import PATIENCE_S, end, ended
from cache.errors import ConfigError, DecodeError
from cache.lane import Lane
from cache.table import CLEAR_SOME, DELETE, PURGE_SOME, READ, metadata, row_key, upsert
from cache.tier import CONNECT_TIMEOUT_S, Entry, Write

T = TypeVar("T")

_CHUNK: Final = 500
_PURGE_INTERVAL_S: Final = 30.0
_SCHEMA_LOCK: Final = 7_110_243


class SqlTier:
    """The tier on a database.

    Args:
        url: ``sqlite:///`` or ``postgresql://`` URL.
        namespace: Whose rows these are.
        timeout_s: The longest to wait for one statement.

    Raises:
        ConfigError: SQLAlchemy can't read the URL.
    """

    def __init__(self, url: str, namespace: str, timeout_s: float) -> None:
        self.undecodable = 0
        self.purged = 0
        self._namespace = namespace
        self._timeout_s = timeout_s
        self._url = _parsed(url)
        self._dialect = self._url.get_backend_name()
        self._upsert = upsert(self._dialect)
        # Imported here: while a loop runs, a driver's import would count against other tiers.
        self._url.get_dialect().import_dbapi()
        self._engine: AsyncEngine | None = None
        self._reader = Lane(timeout_s)
        self._writer = Lane(timeout_s)
        self._purge_at = time.monotonic() + _PURGE_INTERVAL_S

    async def open(self) -> None:
        """Connect anew and create the table where it is missing."""
        await self.close()
        self._engine = self._new_engine()
        async with asyncio.timeout(max(self._timeout_s, CONNECT_TIMEOUT_S)):
            await self._reader.open(self._engine)
            await self._writer.open(self._engine)
        await self._create_table()

    async def close(self) -> None:
        """Close every connection."""
        await asyncio.gather(self._reader.close(), self._writer.close())
        engine, self._engine = self._engine, None
        if engine is not None:
            disposing = asyncio.create_task(engine.dispose())
            if await ended({disposing}, PATIENCE_S):
                await end({disposing})

    def lost_writes(self) -> bool:
        """Answer no: a commit that a database confirmed is kept."""
        return False

    async def tend(self) -> None:
        """Ask for a sign of life, and now and then purge what has expired."""
        await self._reader.run(_ask)
        if time.monotonic() >= self._purge_at:
            self._purge_at = time.monotonic() + _PURGE_INTERVAL_S
            await self.purge()

    async def purge(self) -> int:
        """Delete the expired rows of every namespace and return their number."""
        purged = await self._delete_in_steps(PURGE_SOME, {})
        self.purged += purged
        return purged

    async def read(self, keys: Collection[str]) -> dict[str, Entry]:
        """Fetch with one IN for each few hundred keys."""
        found: dict[str, Entry] = {}
        for chunk in _chunks(list(keys)):
            found.update(await self._read_chunk({row_key(key): key for key in chunk}))
        return found

    async def write(self, writes: Mapping[str, Write]) -> None:
        """Store and delete in one transaction."""
        stored = [
            self._row(key, payload=write.payload, ttl_s=write.ttl_s)
            for key, write in writes.items()
            if write.payload is not None
        ]
        deleted = [self._row(key) for key, write in writes.items() if write.payload is None]

        async def store_and_delete(connection: AsyncConnection) -> None:
            if stored:
                await connection.execute(self._upsert, stored)
            if deleted:
                await connection.execute(DELETE, deleted)

        await self._in_transaction(store_and_delete)

    async def clear(self) -> None:
        """Delete the namespace's rows, some at a time."""
        await self._delete_in_steps(CLEAR_SOME, {"in_namespace": self._namespace})

    async def _read_chunk(self, keys_by_row: Mapping[str, str]) -> dict[str, Entry]:
        parameters = {"in_namespace": self._namespace, "keys": list(keys_by_row)}

        async def fetch(connection: AsyncConnection) -> list[Any]:
            return list((await connection.execute(READ, parameters)).all())

        found: dict[str, Entry] = {}
        for name, payload, left_s in await self._reader.run(fetch):
            try:
                found[keys_by_row[name]] = Entry(decode(payload), left_s)
            except DecodeError:
                self.undecodable += 1
        return found

    async def _delete_in_steps(self, statement: sa.Delete, parameters: dict[str, str]) -> int:
        deleted = 0
        while True:

            async def step(connection: AsyncConnection) -> int:
                result = await connection.execute(statement, {**parameters, "rows": _CHUNK})
                return int(result.rowcount)

            count = await self._in_transaction(step)
            deleted += count
            if count < _CHUNK:
                return deleted

    async def _in_transaction(self, work: Callable[[AsyncConnection], Coroutine[Any, Any, T]]) -> T:
        async def transact(connection: AsyncConnection) -> T:
            # IMMEDIATE: a SQLite transaction that starts as a reader can't wait for its turn to
            # write, it fails at once with "database is locked".
            begin = "BEGIN IMMEDIATE" if self._dialect == "sqlite" else "BEGIN"
            # No ROLLBACK: the lane leaves a connection whose work failed, which undoes it.
            await connection.exec_driver_sql(begin)
            result = await work(connection)
            await connection.exec_driver_sql("COMMIT")
            return result

        return await self._writer.run(transact)

    async def _create_table(self) -> None:
        async def create(connection: AsyncConnection) -> None:
            if self._dialect == "postgresql":
                # CREATE TABLE IF NOT EXISTS is not safe against itself in PostgreSQL.
                await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
            await connection.run_sync(metadata.create_all)

        await self._in_transaction(create)

    def _row(self, key: str, **columns: Any) -> dict[str, Any]:
        return {"in_namespace": self._namespace, "row_key": row_key(key), **columns}

    def _new_engine(self) -> AsyncEngine:
        if self._dialect == "postgresql":
            connect_timeout = {"connect_timeout": max(2, int(self._timeout_s))}
            return create_async_engine(
                self._url, hide_parameters=True, connect_args=connect_timeout
            )
        # Half the deadline, so that a lock is reported by the database and not by the deadline.
        engine = create_async_engine(
            self._url,
            hide_parameters=True,
            connect_args={"timeout": self._timeout_s / 2},
        )
        sa.event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        return engine


async def _ask(connection: AsyncConnection) -> None:
    await connection.execute(sa.select(1))


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Let readers and a writer work at the same time, and leave transactions to this module."""
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA journal_mode")
        if cursor.fetchone()[0] != "wal":
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
    finally:
        cursor.close()


def _parsed(url: str) -> sa.URL:
    try:
        return sa.make_url(async_l3_url(url))
    except (ArgumentError, ValueError):
        # `from None`: SQLAlchemy's own error quotes the URL, and with it the password.
        raise ConfigError(f"l3_url {redacted(url)!r} is not a database URL") from None


def _chunks(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), _CHUNK):
        yield keys[start : start + _CHUNK]
