"""The proxy itself: listens, joins connections to the server, and keeps what is in force."""

import asyncio
import random
import socket
from collections.abc import Callable
from itertools import count
from typing import Any

from workers.proxy.conditions import Conditions
from workers.proxy.connection import Connection

HOST = "127.0.0.1"
# Below the ephemeral range, as the servers' ports are: a client that knocks at a refused port of
# that range can end up connected to itself.
_PORTS = range(20_000, 32_000)
_PORT_TRIES = 100
_BACKLOG = 1_024

Upstream = tuple[str, int] | str


class Relay:
    """Leads connections of one port to one server.

    Args:
        upstream: The server: host and port, or the path of its Unix socket.
    """

    def __init__(self, upstream: Upstream) -> None:
        self.port = 0
        self._upstream = upstream
        self._in_force: dict[str, Conditions] = {}
        self._connections: set[Connection] = set()
        self._numbers = count()
        self._accepted = 0
        self._ended_bytes = {"to_server": 0, "from_server": 0}
        self._listener: asyncio.Server | None = None

    async def listen(self) -> int:
        """Listen on a free port of loopback; the port.

        Raises:
            OSError: None is free.
        """
        for port in random.SystemRandom().sample(_PORTS, _PORT_TRIES):
            self.port = port
            try:
                await self._listen()
            except OSError:
                continue
            return port
        raise OSError(f"no free port among {_PORT_TRIES} on {HOST}")

    async def add(self, name: str, conditions: Conditions) -> None:
        """Put conditions in force, for open connections and new ones.

        Raises:
            ValueError: The name is taken.
        """
        if name in self._in_force:
            raise ValueError(f"{name} is in force already")
        self._in_force[name] = conditions
        if conditions.refuse:
            self._refuse()
        elif conditions.reset:
            self._each(Connection.reset)
        self._heed()
        if conditions.close_after_s is not None:
            self._each(lambda connection: connection.close_in(conditions.close_after_s))

    async def remove(self, name: str) -> None:
        """End conditions; what was held back goes on. Harmless where the name is unknown.

        Raises:
            OSError: Somebody has taken the port while connections were refused.
        """
        conditions = self._in_force.pop(name, Conditions())
        if conditions.half_open:
            self._each(Connection.reset)
        if conditions.close_after_s is not None:
            self._each(lambda connection: connection.close_in(self._close_after_s))
        self._heed()
        if self._listener is None and not any(each.refuse for each in self._in_force.values()):
            await self._listen()

    async def lead_to(self, upstream: Upstream) -> None:
        """Lead new connections to another server, and cut all that are open."""
        self._upstream = upstream
        self._each(Connection.cut)

    def state(self) -> dict[str, int]:
        """What it has seen so far."""
        lanes = self._connections
        return {
            "open_connections": len(lanes),
            "accepted": self._accepted,
            "bytes_to_server": self._ended_bytes["to_server"]
            + sum(each.to_server.passed_bytes for each in lanes),
            "bytes_from_server": self._ended_bytes["from_server"]
            + sum(each.from_server.passed_bytes for each in lanes),
        }

    @property
    def _close_after_s(self) -> float | None:
        waits_s = [each.close_after_s for each in self._in_force.values()]
        return min((each for each in waits_s if each is not None), default=None)

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        listener = socket.socket()
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((HOST, self.port))
            self._listener = await loop.create_server(self._accept, sock=listener, backlog=_BACKLOG)
        except OSError:
            listener.close()
            raise

    def _refuse(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self._each(Connection.cut)

    def _accept(self) -> asyncio.BaseProtocol:
        self._accepted += 1
        connection = Connection(
            self._dial, self._in_force.values(), next(self._numbers), self._forget
        )
        self._connections.add(connection)
        connection.close_in(self._close_after_s)
        return connection.client

    async def _dial(self, protocol: Callable[[], asyncio.BaseProtocol]) -> Any:
        loop = asyncio.get_running_loop()
        if isinstance(self._upstream, str):
            return await loop.create_unix_connection(protocol, self._upstream)
        return await loop.create_connection(protocol, *self._upstream)

    def _heed(self) -> None:
        every = tuple(self._in_force.values())
        self._each(lambda connection: connection.heed(every))

    def _each(self, act: Callable[[Connection], None]) -> None:
        for connection in tuple(self._connections):
            act(connection)

    def _forget(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._ended_bytes["to_server"] += connection.to_server.passed_bytes
        self._ended_bytes["from_server"] += connection.from_server.passed_bytes
