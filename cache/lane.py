"""One kept database connection that does one thing at a time and never outlasts its deadline."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from contextlib import suppress
from socket import SHUT_RDWR, socket
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cache.deadline import PATIENCE_S, arrives, end, ended
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
        self._work: asyncio.Task[Any] | None = None
        self._turn = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()

    async def open(self, engine: AsyncEngine) -> None:
        """Take a connection of ``engine``, in the driver's autocommit mode."""
        self._connection = await engine.connect()
        await self._connection.execution_options(isolation_level="AUTOCOMMIT")
        self._driver = (await self._connection.get_raw_connection()).driver_connection

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
            self._work = task = asyncio.create_task(work(self._connection))
            try:
                return await self._outcome(task)
            except BaseException:
                # A caller that is cancelled, too, leaves a statement on the connection.
                self._give_up(task)
                raise

    async def close(self) -> None:
        """Give the connection up and wait for it to be gone, within bounds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S), self._turn:
                self._give_up(None)
        self._give_up(self._work)
        if await ended(self._leaving, PATIENCE_S):
            await end(self._leaving)

    async def _outcome(self, work: asyncio.Task[T]) -> T:
        if not await arrives(work, self._timeout_s):
            raise TimeoutError
        if work.cancelled():
            raise TierError("L3 was closed")
        return work.result()

    def _give_up(self, work: asyncio.Task[Any] | None) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if work is not None and not work.done():
            self._cut(work)
        leaving = asyncio.create_task(_leave(connection, work))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    def _cut(self, work: asyncio.Task[Any]) -> None:
        """End work that overran.

        A query of psycopg's fails by itself when its socket ends; cancelled, it would first ask
        a server that may be dead, for ten seconds, to cancel it too.
        """
        protocol = getattr(self._driver, "pgconn", None)
        if protocol is None:
            work.cancel()
        elif not self._driver.closed:
            with suppress(OSError), socket(fileno=os.dup(protocol.socket)) as wire:
                wire.shutdown(SHUT_RDWR)


async def _leave(connection: AsyncConnection, work: asyncio.Task[Any] | None) -> None:
    if work is not None and await ended({work}, PATIENCE_S):
        await end({work})
    with suppress(SQLAlchemyError, OSError):
        if work is not None:
            await connection.invalidate()
        await connection.close()
