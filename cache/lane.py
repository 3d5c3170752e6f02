"""One kept database connection that does one thing at a time and never outlasts its deadline."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cache.errors import TierError

T = TypeVar("T")


class Lane:
    """Runs work on its own connection, in the order in which it was asked.

    A connection whose work failed or overran is in an unknown state: the lane then refuses
    everything until it is opened again.

    Args:
        timeout_s: The longest to wait for one piece of work.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._connection: AsyncConnection | None = None
        self._turn = asyncio.Lock()

    async def open(self, engine: AsyncEngine) -> None:
        """Take a connection of ``engine``, in the driver's autocommit mode."""
        connection = await engine.connect()
        self._connection = await connection.execution_options(isolation_level="AUTOCOMMIT")

    async def run(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Do one piece of work.

        Raises:
            TierError: The lane's connection is lost.
            TimeoutError: The work overran.
            Exception: What the database said.
        """
        async with self._turn:
            connection = self._connection
            if connection is None:
                raise TierError("L3 is not connected")
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await work(connection)
            except BaseException:
                self._connection = None
                await _abandon(connection, self._timeout_s)
                raise

    async def close(self) -> None:
        """Give the connection up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await _abandon(connection, self._timeout_s)


async def _abandon(connection: AsyncConnection, timeout_s: float) -> None:
    with suppress(SQLAlchemyError, OSError, TimeoutError):
        async with asyncio.timeout(timeout_s):
            await connection.invalidate()
            await connection.close()
