"""One kept database connection that does one thing at a time and never outlasts its deadline."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cache.deadline import PATIENCE_S, arrives, end, ended
from cache.errors import TierError
from cache.l3.connecting import connect
from cache.l3.session import SqlSession, open_session

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
        self._session: SqlSession | None = None
        self._work: asyncio.Task[Any] | None = None
        self._turn = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()

    async def open(self, engine: AsyncEngine, timeout_s: float) -> None:
        """Take a connection of ``engine``.

        Args:
            engine: Of the database, in the driver's autocommit mode.
            timeout_s: The longest to wait for it.

        Raises:
            TimeoutError: It took longer.
            Exception: What the database said.
        """
        self._session = await open_session(await connect(engine, timeout_s))

    async def run(
        self,
        work: Callable[[SqlSession], Coroutine[Any, Any, T]],
        timeout_s: float | None = None,
    ) -> T:
        """Do one piece of work.

        Args:
            work: What to do with the connection.
            timeout_s: The longest to wait for it, where that is not the lane's.

        Raises:
            TierError: The lane's connection is lost.
            TimeoutError: The work overran.
            Exception: What the database said.
        """
        async with self._turn:
            if self._session is None:
                raise TierError("L3 is not connected")
            self._work = task = asyncio.create_task(work(self._session))
            try:
                return await self._outcome(task, timeout_s or self._timeout_s)
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
        # Cut short, SQLite's driver would be asked to end twice, and never answer the first; its
        # busy timeout, or the end of PostgreSQL's socket, lets go what still holds it.
        await ended(self._leaving, PATIENCE_S)

    async def _outcome(self, work: asyncio.Task[T], timeout_s: float) -> T:
        if not await arrives(work, timeout_s):
            raise TimeoutError
        if work.cancelled():
            raise TierError("L3 was closed")
        return work.result()

    def _give_up(self, work: asyncio.Task[Any] | None) -> None:
        session, self._session = self._session, None
        if session is None:
            return
        if work is not None and not work.done():
            session.cut(work)
        leaving = asyncio.create_task(_leave(session.connection, work))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)


async def _leave(connection: AsyncConnection, work: asyncio.Task[Any] | None) -> None:
    if work is not None and await ended({work}, PATIENCE_S):
        await end({work})
    with suppress(SQLAlchemyError, OSError):
        # Never back into the pool: that would send statements first, and where they fail the
        # connection would stay open.
        await connection.invalidate()
        await connection.close()
