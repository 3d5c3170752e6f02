"""One kept database connection that does one thing at a time and never outlasts its deadline."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cache.errors import TierError

T = TypeVar("T")


class Lane:
    """Runs work on its own connection, in the order in which it was asked.

    A connection whose work failed or overran is in an unknown state: the lane gives it up and
    refuses everything until it is opened again.

    Args:
        timeout_s: The longest to wait for one piece of work.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._connection: AsyncConnection | None = None
        self._driver: Any = None
        self._turn = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()

    async def open(self, engine: AsyncEngine) -> None:
        """Take a connection of ``engine``, in the driver's autocommit mode."""
        connection = await engine.connect()
        self._connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        self._driver = (await connection.get_raw_connection()).driver_connection

    async def run(self, work: Callable[[AsyncConnection], Coroutine[Any, Any, T]]) -> T:
        """Do one piece of work.

        Raises:
            TierError: The lane's connection is lost.
            TimeoutError: The work overran.
            Exception: What the database said.
        """
        async with self._turn:
            if self._connection is None:
                raise TierError("L3 is not connected")
            task = asyncio.create_task(work(self._connection))
            try:
                # Not wait_for: in Python 3.11 it can swallow a cancellation.
                async with asyncio.timeout(self._timeout_s):
                    return await asyncio.shield(task)
            except BaseException:
                self._give_up(task)
                raise

    async def close(self) -> None:
        """Give the connection up and wait for it to be gone, within the timeout."""
        async with self._turn:
            self._give_up(None)
        if self._leaving:
            await asyncio.wait(self._leaving, timeout=self._timeout_s)

    def _give_up(self, work: asyncio.Task[Any] | None) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if work is not None and not work.done():
            self._cut()
            work.cancel()
        leaving = asyncio.create_task(_leave(connection, work))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    def _cut(self) -> None:
        """Close psycopg's socket: a cancelled query would wait ten seconds for a dead server."""
        protocol = getattr(self._driver, "pgconn", None)
        if protocol is not None:
            protocol.finish()


async def _leave(connection: AsyncConnection, work: asyncio.Task[Any] | None) -> None:
    if work is not None:
        await asyncio.wait({work})
    with suppress(SQLAlchemyError, OSError):
        if work is not None:
            await connection.invalidate()
        await connection.close()
