"""L3: rows in SQLite or PostgreSQL, read in one statement and written in one commit a batch."""

import asyncio
import time
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping
from functools import partial
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from cache.address import async_l3_url, redacted
from cache.deadline import PATIENCE_S, end, ended
from cache.errors import ConfigError
from cache.l3 import layout, statements
from cache.l3.lane import Lane
from cache.l3.namespace import STEP, Namespace
from cache.l3.purge import purge_some
from cache.l3.rows import parts
from cache.l3.session import SqlSession
from cache.tier import CONNECT_TIMEOUT_S, Entry, Found, Write

T = TypeVar("T")

_CHUNK: Final = 500
_PURGE_INTERVAL_S: Final = 30.0


class SqlTier:
    """The tier on a database.

    Args:
        url: ``sqlite:///`` or ``postgresql://`` URL.
        namespace: Whose rows these are.
        timeout_s: The longest to wait for one statement.
        notes_pending: List each written key until L2 is known to have it (``pending``).

    Raises:
        ConfigError: SQLAlchemy can't read the URL.
    """

    def __init__(
        self, url: str, namespace: str, timeout_s: float, *, notes_pending: bool = False
    ) -> None:
        self.undecodable = 0
        self.purged = 0
        self._namespace = Namespace(namespace, notes_pending=notes_pending)
        self._timeout_s = timeout_s
        self._url = _parsed(url)
        # Imported here: while a loop runs, a driver's import would count against other tiers.
        self._url.get_dialect().import_dbapi()
        self._engine: AsyncEngine | None = None
        self._reader = Lane(timeout_s)
        self._writer = Lane(timeout_s)
        self._purge_at = time.monotonic() + _PURGE_INTERVAL_S

    async def open(self) -> None:
        """Connect anew and create the tables where they are missing.

        Raises:
            TableVersionError: The tables that are there have another layout.
        """
        await self.close()
        try:
            await self._open()
        except BaseException:
            await self.close()
            raise

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
        await self._reader.run(lambda session: session.fetch(statements.ASK))
        if time.monotonic() >= self._purge_at:
            self._purge_at = time.monotonic() + _PURGE_INTERVAL_S
            await self.purge()

    async def purge(self) -> int:
        """Delete what expired or was deleted long ago in any namespace; return the number."""
        purged = 0
        while True:
            count, more = await self._in_transaction(purge_some)
            purged += count
            self.purged += count
            if not more:
                return purged

    async def read(self, keys: Collection[str]) -> Found:
        """Fetch with one statement for each few hundred keys."""
        found: dict[str, Entry] = {}
        floors = []
        for chunk in _chunks(list(keys)):
            some, undecodable, floor = await self._reader.run(
                partial(self._namespace.read, keys=chunk)
            )
            found.update(some)
            floors.append(floor)
            self.undecodable += undecodable
        return Found(found, min(floors))

    async def write(self, writes: Mapping[str, Write]) -> dict[str, int]:
        """Store, delete and fill in one transaction."""
        divided = parts(writes)

        async def store(session: SqlSession) -> dict[str, int]:
            versions: dict[str, int] = {}
            for lines in divided:
                versions.update(await self._namespace.store(session, lines))
            return versions

        return await self._in_transaction(store, self._timeout_s * len(divided)) if writes else {}

    async def tagged(self, tags: Collection[str]) -> set[str]:
        """Look the keys up in the index of tags."""
        return await self._reader.run(partial(self._namespace.tagged, tags=tags))

    async def expect(self, tags: Mapping[str, Collection[str]]) -> None:
        """Have ``tagged`` find keys that are being loaded."""
        if any(tags.values()):
            await self._writer.run(partial(self._namespace.expect, tags=tags))

    async def pending(self, older_than_s: float) -> dict[str, int]:
        """Return the thousand oldest keys, with versions, that L2 may have missed so long."""
        return await self._reader.run(partial(self._namespace.pending, older_than_s=older_than_s))

    async def settle(self, versions: Mapping[str, int]) -> None:
        """Take keys off the list that have no newer version than these."""
        if versions:
            await self._writer.run(partial(self._namespace.settle, versions=versions))

    async def clear(self, version: int = 0) -> int:
        """Raise the floor, which is all that matters, then delete the rows, some at a time."""
        space = self._namespace
        # In a transaction: by itself the statement could take effect after it was given up, when
        # others have written again.
        floor, at = await self._in_transaction(partial(space.raise_floor, version=version))
        after: str | None = ""
        while after is not None:
            after = await self._in_transaction(partial(space.empty_some, floor=floor, after=after))
        while await self._writer.run(partial(space.empty_expected, until=at)) == STEP:
            pass
        return floor

    async def _in_transaction(
        self, work: Callable[[SqlSession], Coroutine[Any, Any, T]], timeout_s: float | None = None
    ) -> T:
        async def transact(session: SqlSession) -> T:
            # No ROLLBACK: the lane leaves a connection whose work failed, which undoes it.
            await session.fetch(statements.BEGIN)
            result = await work(session)
            await session.fetch(statements.COMMIT)
            return result

        return await self._writer.run(transact, timeout_s)

    async def _open(self) -> None:
        self._engine = self._new_engine()
        timeout_s = max(self._timeout_s, CONNECT_TIMEOUT_S)
        await self._reader.open(self._engine, timeout_s)
        await self._writer.open(self._engine, timeout_s)
        # The reader looks first: nothing may be written to tables of another layout.
        complete = await self._reader.run(layout.is_complete, timeout_s)
        await self._writer.run(layout.let_readers_in, timeout_s)
        if not complete:
            await self._writer.run(layout.create, timeout_s)
        await self._writer.run(self._namespace.enter, timeout_s)

    def _new_engine(self) -> AsyncEngine:
        if self._url.get_backend_name() == "postgresql":
            connect_timeout = {"connect_timeout": max(2, int(self._timeout_s))}
            return create_async_engine(
                self._url,
                hide_parameters=True,
                isolation_level="AUTOCOMMIT",
                connect_args=connect_timeout,
            )
        # Half the deadline, so that a lock is reported by the database and not by the deadline.
        engine = create_async_engine(
            self._url,
            hide_parameters=True,
            isolation_level="AUTOCOMMIT",
            connect_args={"timeout": self._timeout_s / 2},
        )
        sa.event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Leave transactions to this module, and syncing to checkpoints: the log is written ahead."""
    cursor = connection.cursor()
    try:
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
    for start in range(0, len(keys) or 1, _CHUNK):
        yield keys[start : start + _CHUNK]
