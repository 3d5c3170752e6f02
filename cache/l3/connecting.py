"""Connects to L3's database in bounded time, and leaves nothing half-open."""

import asyncio
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cache.deadline import PATIENCE_S, arrives, end, ended
from cache.l3.session import hang_up


async def connect(engine: AsyncEngine, timeout_s: float) -> AsyncConnection:
    """Return a connection of ``engine``.

    SQLAlchemy sends statements on each connection that it makes. To cancel one that hangs is not
    enough: it would wait for the statement's end, so as to close the connection in order.

    Args:
        engine: Of this database.
        timeout_s: The longest to wait.

    Raises:
        TimeoutError: It took longer.
        Exception: What the database said.
    """
    made: list[Any] = []

    def note(connection: Any, _record: object) -> None:
        made.append(connection.driver_connection)

    sa.event.listen(engine.sync_engine, "connect", note, insert=True)
    connecting = asyncio.create_task(_start(engine))
    try:
        return await _in_time(connecting, timeout_s)
    except BaseException:
        await _abandon(connecting, made, engine.dialect.name)
        raise
    finally:
        sa.event.remove(engine.sync_engine, "connect", note)


async def _start(engine: AsyncEngine) -> AsyncConnection:
    return await engine.connect()


async def _in_time(connecting: asyncio.Task[AsyncConnection], timeout_s: float) -> AsyncConnection:
    if not await arrives(connecting, timeout_s):
        raise TimeoutError
    return connecting.result()


async def _abandon(
    connecting: asyncio.Task[AsyncConnection], made: list[Any], dialect: str
) -> None:
    if not connecting.done():
        await _cut_short(connecting, made, dialect)
    if connecting.done() and not connecting.cancelled() and connecting.exception() is None:
        connection = connecting.result()
        with suppress(SQLAlchemyError, OSError):
            await connection.invalidate()
            await connection.close()


async def _cut_short(connecting: asyncio.Task[Any], made: list[Any], dialect: str) -> None:
    """End a connect without waiting for the server or the thread, which may hang."""
    # Before the task is cancelled: on an open connection its cleaning up would wait, too.
    for driver in made:
        if dialect == "sqlite":
            driver.stop()
        else:
            hang_up(driver)
    if made and dialect == "postgresql":
        # By itself: cancelled, psycopg would ask the server to cancel what it does.
        await ended({connecting}, PATIENCE_S)
    await end({connecting})
