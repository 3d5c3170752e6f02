"""Makes L3's tables where there are none, and refuses tables of another layout untouched."""

import asyncio
import sqlite3
from typing import Final

import sqlalchemy as sa

from cache.errors import TableVersionError
from cache.l3 import statements
from cache.l3.session import SqlSession
from cache.l3.table import LAYOUT, entries, layouts, metadata

_SCHEMA_LOCK: Final = 7_110_243
_PAUSE_S: Final = 0.01


async def is_complete(session: SqlSession) -> bool:
    """Tell whether all tables are there, without writing anything.

    Raises:
        TableVersionError: The tables that are there are not of this layout.
    """
    return await session.connection.run_sync(_is_complete)


async def create(session: SqlSession) -> None:
    """Create the tables that are missing, all or none, safely against others that do the same.

    Raises:
        TableVersionError: Tables of another layout appeared meanwhile.
    """
    await session.fetch(statements.BEGIN)
    if session.dialect == "postgresql":
        # CREATE TABLE IF NOT EXISTS is not safe against itself in PostgreSQL.
        await session.fetch(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")
    await session.connection.run_sync(_create)
    await session.fetch(statements.COMMIT)


async def let_readers_in(session: SqlSession) -> None:
    """Have readers and a writer work at the same time, which only SQLite must be told.

    A change of the journal's mode does not wait for others that change it too, so it is tried
    until the caller's time is over.
    """
    while session.dialect == "sqlite":
        try:
            await session.fetch("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            await asyncio.sleep(_PAUSE_S)
        else:
            return


def _is_complete(connection: sa.Connection) -> bool:
    names = set(sa.inspect(connection).get_table_names()) & set(metadata.tables)
    if not names:
        return False
    if layouts.name not in names:
        raise TableVersionError(min(names, key=lambda name: name != entries.name), None, LAYOUT)
    found = connection.scalar(sa.select(layouts.c.layout))
    if found != LAYOUT:
        raise TableVersionError(layouts.name, found, LAYOUT)
    return len(names) == len(metadata.tables)


def _create(connection: sa.Connection) -> None:
    if _is_complete(connection):
        return
    metadata.create_all(connection)
    if connection.scalar(sa.select(layouts.c.layout)) is None:
        connection.execute(sa.insert(layouts).values(layout=LAYOUT))
