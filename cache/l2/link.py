"""One coredis connection in a task of its own, which every caller of L2 shares.

coredis runs on anyio: a connection must end in the task that began it. With a task that does
nothing else, caches can be entered and left in any task and in any order.
"""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, Final, Protocol

from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from coredis.connection import BaseConnection
from coredis.connection._request import BaseRequest
from coredis.exceptions import ConnectionError as LostConnectionError

from cache.deadline import end, ended
from cache.errors import TierError
from cache.l2.endpoint import Endpoint
from cache.tier import CONNECT_TIMEOUT_S

_LOOP_TURNS_OF_GRACE: Final = 5
_CLOSE_TIMEOUT_S: Final = 0.5


Argument = bytes | str | int


class Reply(Protocol):
    """What stands for a request on its way: awaitable, and able to tell its state."""

    @property
    def complete(self) -> bool:
        """Whether the answer is here."""

    def __await__(self) -> Any: ...


class Answer(BaseRequest):
    """One request in coredis' queue, answered through a future of asyncio's own.

    coredis' own requests wait through an event and a cancel scope of anyio's, which took a fifth
    of a round trip.
    """

    current_decode = False
    current_encoding = None
    disconnect_on_cancellation = False

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._future: asyncio.Future[Any] = loop.create_future()

    @property
    def complete(self) -> bool:
        """Whether the answer is here, or nobody waits for it any more."""
        return self._future.done()

    def consume(self, response: Any) -> None:
        """Take what the server answered, an error too."""
        if not self._future.done():
            self._future.set_result(response)

    def fail(self, error: BaseException) -> None:
        """Take that the connection is lost."""
        self.consume(error)

    async def within(self, timeout_s: float) -> Any:
        """Wait for the answer.

        Raises:
            TimeoutError: It did not come in time.
            Exception: The server refused the command, or the connection was lost.
        """
        timer = self._loop.call_later(timeout_s, self._expire, _LOOP_TURNS_OF_GRACE)
        try:
            response = await self._future
        finally:
            timer.cancel()
        if isinstance(response, BaseException):
            raise response
        return response

    def __await__(self) -> Any:
        return self._future.__await__()

    def _expire(self, turns: int) -> None:
        """Give up, but not before an answer that has already arrived could be read.

        A loop that was blocked for longer than the timeout finds timer and answer due at once.
        """
        if turns:
            self._loop.call_soon(self._expire, turns - 1)
        else:
            self.consume(TimeoutError())


class Link:
    """A multiplexed connection: requests are sent in the order of ``send``, replies await.

    Args:
        endpoint: Where the server is.
        timeout_s: The longest to wait for each reply.
        on_push: Called with each message that the server sends unasked.
        on_lost: Called at once when the connection ends without ``close``.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        timeout_s: float,
        *,
        on_push: Callable[[list[Any]], None] = lambda _message: None,
        on_lost: Callable[[Exception], None] = lambda _error: None,
    ) -> None:
        self.endpoint = endpoint
        self._timeout_s = timeout_s
        self._connect_timeout_s = max(timeout_s, CONNECT_TIMEOUT_S)
        self._on_push = on_push
        self._on_lost = on_lost
        self._tasks: set[asyncio.Task[None]] = set()
        self._connection: Any = None
        self._closing = False

    @property
    def client_id(self) -> int:
        """The server's number for this connection."""
        return int(self._connection.client_id)

    async def open(self) -> None:
        """Connect and greet the server.

        Raises:
            ConfigError: The endpoint can't be used.
            TimeoutError: It took too long.
            Exception: What coredis says of a server that refuses.
        """
        connection = self.endpoint.connection(self._connect_timeout_s)
        greeted = _Greeted()
        self._start(self._live(connection, greeted))
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                await greeted.future
        except BaseException:
            # Also where the opener was cancelled: the connection lives in a task of its own.
            await self.close()
            raise
        self._connection = connection
        self._start(self._listen(connection))

    async def close(self) -> None:
        """End the connection; replies on their way fail."""
        self._closing = True
        if self._connection is not None:
            self._connection.invalidate()
            await ended(self._tasks, _CLOSE_TIMEOUT_S)
        await end(self._tasks, _CLOSE_TIMEOUT_S)

    def send(self, *command: Argument) -> Reply:
        """Queue one command and return its reply-to-be.

        Raises:
            Exception: The connection is lost.
        """
        connection = self._usable()
        name, *arguments = command
        answer = Answer(asyncio.get_running_loop())
        connection._write_buffer_in.send_nowait([(name, arguments)])  # noqa: SLF001 - see Answer
        connection._requests.append(answer)  # noqa: SLF001 - see Answer
        connection.statistics.request_created()
        return answer

    def send_all(self, commands: Iterable[tuple[Argument, ...]]) -> Reply:
        """Queue several commands; what awaits them returns a list of replies and errors.

        Raises:
            Exception: The connection is lost.
        """
        batch: Any = self._usable().create_request_batch([_Command(*each) for each in commands])
        # A caller that gives up is no reason to drop everybody's connection.
        batch.disconnect_on_cancellation = False
        replies: Reply = batch
        return replies

    async def reply(self, reply: Reply) -> Any:
        """Wait for one reply.

        Raises:
            TimeoutError: It did not come in time.
            Exception: The server refused the command, or the connection was lost.
        """
        if isinstance(reply, Answer):
            return await reply.within(self._timeout_s)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await reply
        except TimeoutError:
            # See Answer: an answer that has already arrived is read.
            for _ in range(_LOOP_TURNS_OF_GRACE):
                await asyncio.sleep(0)
                if reply.complete:
                    return await reply
            raise

    def ask(self, *command: Argument) -> Awaitable[Any]:
        """Send one command at once and return what waits for its reply."""
        return self.reply(self.send(*command))

    def _usable(self) -> Any:
        connection = self._connection
        if connection is None:
            raise TierError("L2 is not connected")
        if not connection.usable:
            raise TierError(f"{self.endpoint} ended the connection")
        return connection

    def _start(self, life: Coroutine[Any, Any, None]) -> None:
        self._tasks.add(asyncio.create_task(life, name="cache-l2-link"))

    async def _live(self, connection: BaseConnection, greeted: "_Greeted") -> None:
        lost: Exception = TierError(f"{self.endpoint} ended the connection")
        try:
            await connection.run(task_status=greeted)
        except Exception as error:  # noqa: BLE001 - handed to the opener, whatever it is
            lost = _explained(error, self.endpoint)
        finally:
            _close_streams(connection)
        if greeted.is_done and not self._closing:
            self._on_lost(lost)
        greeted.failed(lost)

    async def _listen(self, connection: BaseConnection) -> None:
        try:
            with suppress(LostConnectionError):
                async for message in connection.push_messages:
                    self._on_push(message)
        finally:
            # Without its listener a connection would look alive and deliver no invalidation.
            connection.invalidate()


class _Command:
    """One command of a batch, in the form that coredis reads."""

    __slots__ = ("decode", "name", "serialized_arguments")

    def __init__(self, name: Argument, *arguments: Argument) -> None:
        self.name = name
        self.serialized_arguments = arguments
        self.decode = False


class _Greeted:
    """Tells the opener, in anyio's way of telling it, that the server was greeted."""

    def __init__(self) -> None:
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def is_done(self) -> bool:
        return self.future.done()

    def started(self, _value: object = None) -> None:
        if not self.future.done():
            self.future.set_result(None)

    def failed(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)


def _explained(error: Exception, endpoint: Endpoint) -> Exception:
    """Name the server that refused; what it said itself passes unchanged."""
    cause = error.__cause__
    if isinstance(cause, TimeoutError):
        return cause
    if isinstance(cause, ssl.SSLError):
        return TierError(f"no TLS with {endpoint}: {cause.reason or cause}")
    if isinstance(cause, OSError):
        return TierError(f"nothing listens at {endpoint}")
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
