"""One server as L2 uses it: a connection that is made anew, and what outlives each of them.

locate -> connect -> right kind of server? -> track -> same run as before? -> end the
connection before -> measure the clock
"""

import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Literal

from coredis.exceptions import AuthorizationError, RedisError, UnknownCommandError

from cache.errors import ConfigError, TierError
from cache.l2 import scripts
from cache.l2.endpoint import Endpoint
from cache.l2.link import Argument, Link, Reply
from cache.l2.names import Names
from cache.l2.server_clock import ServerClock
from cache.l2.tracking import deliver, track

Mode = Literal["standalone", "cluster"]


class Session:
    """The connection to one server of L2.

    Args:
        locate: Says where the server is now.
        names: The namespace's names there.
        timeout_s: The longest to wait for each reply.
        mode: Whether the server must be a node of a cluster, or must not.
        is_tracking: Whether the server is to tell of others' writes.

    Attributes:
        names: The namespace's names there.
        clock: The server's time.
        on_invalidated: Called with the keys that somebody wrote, or None for all of them.
        on_lost: Called when the connection ends without ``close``.
    """

    def __init__(
        self,
        locate: Callable[[], Awaitable[Endpoint]],
        names: Names,
        timeout_s: float,
        *,
        mode: Mode = "standalone",
        is_tracking: bool = True,
    ) -> None:
        self.clock = ServerClock()
        self.on_invalidated: Callable[[Collection[str] | None], None] = lambda _keys: None
        self.on_lost: Callable[[Exception], None] = lambda _error: None
        self._locate = locate
        self.names = names
        self._timeout_s = timeout_s
        self._mode = mode
        self._is_tracking = is_tracking
        self._link: Link | None = None
        self._old_client_id: int | None = None
        self._run_id: bytes | None = None
        self._forgot = False

    @property
    def link(self) -> Link:
        """The connection.

        Raises:
            TierError: There is none.
        """
        if self._link is None:
            raise TierError("L2 is not connected")
        return self._link

    @property
    def forgot(self) -> bool:
        """Whether the server may have lost writes between the last two connections."""
        return self._forgot

    async def open(self) -> None:
        """Connect anew, and end the connection before: its queued writes must not come late.

        Raises:
            ConfigError: The server is none that L2 can use.
            TimeoutError: It took too long.
            Exception: What the server or the network said.
        """
        await self.close()
        link = Link(
            await self._locate(),
            self._timeout_s,
            on_push=self._take_push,
            on_lost=self._lose,
        )
        try:
            await self._greet(link)
        except BaseException:
            await link.close()
            raise
        self._link = link

    async def close(self) -> None:
        """Close the connection."""
        if self._link is not None:
            await self._link.close()

    def run(self, script: str, *arguments: Argument) -> Awaitable[Any]:
        """Send a script at once and return what waits for its result."""
        return self.link.reply(self.send_script(script, *arguments))

    def send_script(self, script: str, *arguments: Argument) -> Reply:
        """Queue a script and return its reply-to-be."""
        return self.link.send(b"EVAL", script, 1, self.names.floor, *arguments)

    def removals(self, names: Sequence[Argument]) -> list[tuple[Argument, ...]]:
        """Return the commands that remove ``names``."""
        if self.names.spans_slots:
            return [(b"UNLINK", name) for name in names]
        return [(b"UNLINK", *names)] if names else []

    async def remove(self, names: Sequence[Argument]) -> None:
        """Remove ``names``."""
        for reply in await self.link.reply(self.link.send_all(self.removals(names))):
            checked(reply)

    async def measure(self) -> None:
        """Ask for the server's time, which is a sign of life and keeps the clock true."""
        await self.clock.measure(lambda: self.link.ask(b"TIME"))

    def _take_push(self, message: list[Any]) -> None:
        deliver(message, self.names, self.on_invalidated)

    def _lose(self, error: Exception) -> None:
        self.on_lost(error)

    async def _greet(self, link: Link) -> None:
        try:
            await link.open()
        except UnknownCommandError:
            raise ConfigError(
                f"{link.endpoint} is too old: Redis 6.2 or newer, or Valkey, is needed"
            ) from None
        await self._check_kind(link)
        if self._is_tracking:
            await track(link, self.names)
        run_id = await _ask_run_id(link)
        restarted = self._run_id is not None and self._run_id != run_id
        # A server that was started again has given the old connection's number to another.
        forgot = restarted or not await self._ended_old_connection(link)
        await self.clock.measure(lambda: link.ask(b"TIME"))
        await link.ask(b"EVAL", scripts.ENTER, 1, self.names.floor)
        self._run_id, self._old_client_id = run_id, link.client_id
        self._forgot = forgot

    async def _check_kind(self, link: Link) -> None:
        greeting: dict[bytes, Any] = await link.ask(b"HELLO")
        mode = greeting.get(b"mode", b"standalone").decode()
        if mode == "sentinel":
            raise ConfigError(
                f"{link.endpoint} is a sentinel: give redis+sentinel://host:26379/service"
            )
        if mode != self._mode:
            is_node, scheme = (
                ("is a", "redis+cluster://") if mode == "cluster" else ("is no", "redis://")
            )
            raise ConfigError(f"{link.endpoint} {is_node} node of a cluster: give {scheme}")
        if greeting.get(b"role", b"master") != b"master":
            raise TierError(f"{link.endpoint} is a replica, which takes no writes")

    async def _ended_old_connection(self, link: Link) -> bool:
        """Make a server that was only stopped drop what the old connection had still queued."""
        if self._old_client_id is None:
            return True
        try:
            await link.ask(b"CLIENT", b"KILL", b"ID", self._old_client_id)
        except RedisError:
            # An ACL may forbid it: then, as after a restart, nothing in the namespace is sure.
            return False
        return True


async def _ask_run_id(link: Link) -> bytes:
    """Return what tells one run of the server from the next; never the same where it is secret."""
    try:
        info = await link.ask(b"INFO", b"server")
    except AuthorizationError:
        return b"unknown to %d" % link.client_id
    match = re.search(rb"run_id:(\w+)", info if isinstance(info, bytes) else info.encode())
    return match[1] if match else b""


def checked(reply: Any) -> Any:
    """Return one reply of several, or raise it where it is an error."""
    if isinstance(reply, Exception):
        raise reply
    return reply
