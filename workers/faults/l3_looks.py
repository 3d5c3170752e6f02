"""Looks at L3 from outside of the subject: a fresh connection each, over within `LOOK_S`."""

import asyncio
import sqlite3
import struct
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from workers.faults.looking import at_most
from workers.statements import Statements
from workers.threads import run_to_end

LOOK_S = 0.1
# What a write of the subject's may hold the lock while all is well.
_LOCK_S = 0.05
_CONNECT_S = 2
# Asks PostgreSQL for TLS, which it answers with one byte before anybody has signed in.
_SSL_REQUEST = struct.pack("!ii", 8, 80_877_103)


def open_sqlite(path: Path) -> sqlite3.Connection:
    """A connection past all hooks, which makes no file.

    Args:
        path: The file.

    Raises:
        sqlite3.OperationalError: There is none.
    """
    return sqlite3.connect(
        f"{path.as_uri()}?mode=rw", uri=True, timeout=_LOCK_S, isolation_level=None
    )


def refusal(connect: Callable[[], sqlite3.Connection], *statements: str) -> str | None:
    """SQLite's name of the error that keeps statements from being executed; None where none does.

    Args:
        connect: Makes a fresh connection.
        statements: What to try; a transaction that it leaves open is rolled back.
    """
    try:
        with closing(connect()) as connection:
            for statement in statements:
                connection.execute(statement)
    except sqlite3.OperationalError as error:
        return error.sqlite_errorname
    return None


def open_postgresql(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    """A connection without transactions, that gives up soon.

    Args:
        url: `postgresql://`, with the credentials.

    Raises:
        psycopg.OperationalError: The server does not let us in.
    """
    return psycopg.connect(url, connect_timeout=_CONNECT_S, autocommit=True)


class HeldLook:
    """Sees whether a statement on a new connection to SQLite is answered late, or not at all.

    Args:
        statements: What disturbs them.
        least_s: By how much late.
    """

    def __init__(self, statements: Statements, least_s: float = LOOK_S) -> None:
        self._statements = statements
        self._least_s = min(least_s, LOOK_S / 2)
        self._asked: asyncio.Task[float] | None = None

    async def is_there(self) -> bool:
        """Whether the answer is late; a question that is out is asked only once."""
        answered_s = await self._answered_s()
        return answered_s is None or answered_s >= self._least_s

    async def is_gone(self) -> bool:
        """Whether a question that was asked after all others were answered is answered soon."""
        if self._asked is not None and await self._answered_s() is None:
            return False
        answered_s = await self._answered_s()
        return answered_s is not None and answered_s < self._least_s

    async def _answered_s(self) -> float | None:
        if self._asked is None:
            self._asked = asyncio.ensure_future(asyncio.to_thread(self._ask))
        try:
            async with at_most(LOOK_S / 2):
                await asyncio.wait({self._asked})
        except TimeoutError:
            return None
        asked, self._asked = self._asked, None
        return asked.result()

    def _ask(self) -> float:
        with closing(self._statements.connect()) as connection:
            began_s = time.perf_counter()
            connection.execute("SELECT 1")
            return time.perf_counter() - began_s


class PostgresqlLook:
    """Sees whether PostgreSQL greets who connects: late, not at all, or as ever.

    Args:
        url: What is looked at.
        least_s: By how much it is late.
    """

    def __init__(self, url: str, least_s: float = LOOK_S) -> None:
        parts = urlsplit(url)
        self._place = parts.hostname, parts.port
        self._least_s = min(least_s, LOOK_S)

    async def is_late(self) -> bool:
        """Whether its greeting takes so long, twice: our own loop may have stood still."""
        try:
            return min([await self._greeted_s() for _ in range(2)]) >= self._least_s
        except TimeoutError:
            return True
        except (OSError, asyncio.IncompleteReadError):
            return False

    async def is_prompt(self) -> bool:
        """Whether its greeting comes sooner."""
        try:
            return await self._greeted_s() < self._least_s
        except (OSError, asyncio.IncompleteReadError):
            return False

    async def is_refused(self) -> bool:
        """Whether nobody listens."""
        try:
            await self._greeted_s()
        except ConnectionRefusedError:
            return True
        except (OSError, asyncio.IncompleteReadError):
            return False
        return False

    async def is_reset(self) -> bool:
        """Whether who connects is cut off."""
        try:
            await self._greeted_s()
        except (ConnectionResetError, asyncio.IncompleteReadError):
            return True
        except OSError:
            return False
        return False

    async def _greeted_s(self) -> float:
        now_s = asyncio.get_running_loop().time
        async with at_most(LOOK_S):
            reader, writer = await asyncio.open_connection(*self._place)
            try:
                asked_s = now_s()
                writer.write(_SSL_REQUEST)
                await reader.readexactly(1)
                return now_s() - asked_s
            finally:
                writer.transport.abort()


async def lets_in(url: str) -> bool:
    """Whether PostgreSQL lets a new connection in and answers it.

    Args:
        url: With the credentials.
    """

    def answers() -> bool:
        try:
            with open_postgresql(url) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    return await run_to_end(answers)
