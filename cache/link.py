"""One coredis connection in a task of its own, which every caller of L2 shares.

coredis runs on anyio: a client must leave in the task that entered it. With a task that does
nothing else, caches can be entered and left in any task and in any order.
"""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any, Protocol

from coredis.connection import Location
from coredis.pool import ConnectionPool

from cache.errors import TierError
from cache.tier import CONNECT_TIMEOUT_S

_LOOP_TURNS_OF_GRACE = 5


class Reply(Protocol):
    """What coredis returns for a request on its way: awaitable, and able to tell its state."""

    @property
    def complete(self) -> bool:
        """Whether the answer is here."""

    def __await__(self) -> Any: ...


class Link:
    """A multiplexed connection: requests are sent in the order of ``send``, replies await.

    Args:
        url: Where the server is.
        timeout_s: The longest to wait for each reply.
    """

    def __init__(self, url: str, timeout_s: float) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connection: Any = None

    @property
    def client_id(self) -> int:
        """The server's number for this connection."""
        return int(self._connection.client_id)

    async def open(self) -> None:
        """Connect and greet the server.

        Raises:
            TimeoutError: It took too long.
            Exception: What coredis says of a server that refuses.
        """
        ready: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._live(ready), name="cache-l2-link")
        try:
            async with asyncio.timeout(max(self._timeout_s, CONNECT_TIMEOUT_S)):
                self._connection = await ready
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """End the connection; replies on their way fail."""
        self._stop.set()
        if self._task is None:
            return
        if self._connection is None:
            self._task.cancel()
        await asyncio.wait({self._task}, timeout=self._timeout_s)

    def send(self, *command: bytes | str | int) -> Reply:
        """Queue one command and return its reply-to-be.

        Raises:
            Exception: The connection is lost.
        """
        if self._connection is None:
            raise TierError("L2 is not connected")
        name, *arguments = command
        reply: Reply = self._connection.create_request(name, *arguments, decode=False)
        return reply

    async def reply(self, reply: Reply) -> Any:
        """Wait for one reply.

        Raises:
            TimeoutError: It did not come in time.
            Exception: The server refused the command, or the connection was lost.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                return await reply
        except TimeoutError:
            # A loop that was blocked for longer than the timeout finds the timer and the answer
            # due at once: a few turns let an answer that has already arrived be read.
            for _ in range(_LOOP_TURNS_OF_GRACE):
                await asyncio.sleep(0)
                if reply.complete:
                    return await reply
            raise

    def ask(self, *command: bytes | str | int) -> Awaitable[Any]:
        """Send one command at once and return what waits for its reply."""
        return self.reply(self.send(*command))

    async def _live(self, ready: asyncio.Future[Any]) -> None:
        try:
            async with ConnectionPool.from_url(
                self._url,
                decode_components=True,
                connect_timeout=max(self._timeout_s, CONNECT_TIMEOUT_S),
                max_connections=1,
            ) as pool:
                await _check_listens(pool.location)
                connection = await pool.get_connection()
                if not ready.done():
                    ready.set_result(connection)
                await self._stop.wait()
        except Exception as error:  # noqa: BLE001 - handed to the opener, whatever it is
            if not ready.done():
                ready.set_exception(_innermost(error))


async def _check_listens(location: Location | None) -> None:
    """Fail early: coredis leaves streams unclosed behind a connection that is refused."""
    if location is None or not await location.check():
        raise TierError(f"nothing listens at {location}")


def _innermost(error: Exception) -> Exception:
    """Unwrap the groups in which anyio hands on an exception."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


class _NoHandshakeTraces(logging.Filter):
    """Drops coredis' traceback for each failed greeting; a stopped server causes four a second."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.msg != "Connection attempt failed unexpectedly!"


logging.getLogger("coredis").addFilter(_NoHandshakeTraces())
