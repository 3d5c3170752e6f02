"""SQLite as one would use it without a cache: SQLAlchemy over aiosqlite, a connection each."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_METADATA = sa.MetaData()
_TABLE = sa.Table(
    "entries",
    _METADATA,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("payload", sa.LargeBinary, nullable=False),
)
_READ = sa.select(_TABLE.c.payload).where(_TABLE.c.key == sa.bindparam("wanted"))
_INSERT = insert(_TABLE)
_UPSERT = _INSERT.on_conflict_do_update(set_={"payload": _INSERT.excluded.payload})


class PlainTable:
    """A table of keys and payloads, each statement with a connection of the pool."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._one_writer = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def opened(cls, url: str) -> AsyncIterator[Self]:
        """Open the table in the file of a ``sqlite:///`` URL, with the cache's journal mode."""
        engine = create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:", 1))
        sa.event.listen(engine.sync_engine, "connect", _prepare)
        async with engine.begin() as connection:
            await connection.run_sync(_METADATA.create_all)
        try:
            yield cls(engine)
        finally:
            await engine.dispose()

    async def get(self, key: str) -> bytes | None:
        """Read one key."""
        async with self._engine.connect() as connection:
            payload: bytes | None = await connection.scalar(_READ, {"wanted": key})
            return payload

    async def set(self, key: str, payload: bytes) -> None:
        """Write one key with its own commit; SQLite takes one writer at a time anyhow."""
        async with self._one_writer, self._engine.begin() as connection:
            await connection.execute(_UPSERT, {"key": key, "payload": payload})

    async def set_many(self, payloads: dict[str, bytes]) -> None:
        """Write keys in one commit, to have something to read."""
        rows = [{"key": key, "payload": payload} for key, payload in payloads.items()]
        async with self._engine.begin() as connection:
            await connection.execute(_UPSERT, rows)


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
    finally:
        cursor.close()
