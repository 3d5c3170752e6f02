"""One coredis connection in a task of its own, which every caller of L2 shares.

coredis runs on anyio: a connection must end in the task that began it. With a task that does
nothing else, caches can be entered and left in any task and in any order.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from coredis.connection import BaseConnection
from coredis.pool import ConnectionPool

from cache.deadline import end, ended
from cache.errors import TierError
from cache.tier import CONNECT_TIMEOUT_S

_LOOP_TURNS_OF_GRACE = 5
_CLOSE_TIMEOUT_S = 0.5


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
        self._connect_timeout_s = max(timeout_s, CONNECT_TIMEOUT_S)
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
        connection = _connection_to(self._url, self._connect_timeout_s)
        greeted = _Greeted()
        self._task = asyncio.create_task(_live(connection, greeted), name="cache-l2-link")
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                await greeted.future
        except BaseException:
            # Also where the opener was cancelled: the connection lives in a task of its own.
            await self.close()
            raise
        self._connection = connection

    async def close(self) -> None:
        """End the connection; replies on their way fail."""
        if self._task is None:
            return
        if self._connection is not None:
            self._connection.invalidate()
            await ended({self._task}, _CLOSE_TIMEOUT_S)
        await end({self._task}, _CLOSE_TIMEOUT_S)

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


class _Greeted:
    """Tells the opener, in anyio's way of telling it, that the server was greeted."""

    def __init__(self) -> None:
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def started(self, _value: object = None) -> None:
        if not self.future.done():
            self.future.set_result(None)

    def failed(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)


def _connection_to(url: str, connect_timeout_s: float) -> BaseConnection:
    """Return a connection not yet made; the pool serves to read the URL and is never entered."""
    pool = ConnectionPool.from_url(url, decode_components=True, connect_timeout=connect_timeout_s)
    make: Callable[..., BaseConnection] = pool.connection_class
    return make(pool.location, **pool.connection_kwargs)


async def _live(connection: BaseConnection, greeted: _Greeted) -> None:
    try:
        await connection.run(task_status=greeted)
        greeted.failed(TierError(f"{connection.location} ended the connection"))
    except Exception as error:  # noqa: BLE001 - handed to the opener, whatever it is
        greeted.failed(_explained(error, connection))
    finally:
        _close_streams(connection)


def _explained(error: Exception, connection: BaseConnection) -> Exception:
    """Name the server that refused; what it said itself passes unchanged."""
    cause = error.__cause__
    if isinstance(cause, TimeoutError):
        return cause
    if isinstance(cause, OSError):
        return TierError(f"nothing listens at {connection.location}")
    return error


def _close_streams(connection: BaseConnection) -> None:
    """Close what coredis leaves open of a connection that it could not make."""
    for stream in vars(connection).values():
        if isinstance(stream, MemoryObjectReceiveStream | MemoryObjectSendStream):
            stream.close()


class _NoHandshakeTraces(logging.Filter):
    """Drops coredis' traceback for each failed greeting; a stopped server causes four a second."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.msg != "Connection attempt failed unexpectedly!"


logging.getLogger("coredis").addFilter(_NoHandshakeTraces())
