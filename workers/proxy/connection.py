"""One proxied connection: the client's socket, the server's, and a lane each way.

client  <->  Side  -- to_server --->  Side  <->  server
<-- from_server --
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from random import Random

from workers.proxy.conditions import Conditions, Way
from workers.proxy.lane import Lane
from workers.proxy.side import Side

Dial = Callable[[Callable[[], asyncio.BaseProtocol]], Awaitable[object]]


class Connection:
    """Joins a client that was accepted to the server, as the conditions in force let it.

    Args:
        dial: Connects a protocol to the server.
        in_force: The conditions at first.
        number: Of the connection; what is random in it follows from that.
        forget: Called once both of its sockets are gone.
    """

    def __init__(
        self,
        dial: Dial,
        in_force: Iterable[Conditions],
        number: int,
        forget: Callable[["Connection"], None],
    ) -> None:
        self.client = Side(self._accepted, self._lost)
        self.server = Side(self._connected, self._lost)
        every = tuple(in_force)
        draw = Random(number)
        self.to_server = Lane(
            Way.of(every, "to_server"),
            draw,
            pause=self.client.pause_reading,
            resume=self.client.resume_reading,
            cut=self.reset,
        )
        self.from_server = Lane(
            Way.of(every, "from_server"),
            draw,
            pause=self.server.pause_reading,
            resume=self.server.resume_reading,
            cut=self.close,
        )
        self.client.incoming = self.server.outgoing = self.to_server
        self.server.incoming = self.client.outgoing = self.from_server
        self._dial = dial
        self._forget = forget
        self._dialling: asyncio.Task[None] | None = None
        self._closing: asyncio.TimerHandle | None = None

    def heed(self, in_force: Iterable[Conditions]) -> None:
        """Act by these conditions from now on, also on what is on its way."""
        every = tuple(in_force)
        self.to_server.heed(Way.of(every, "to_server"))
        self.from_server.heed(Way.of(every, "from_server"))

    def close_in(self, wait_s: float | None) -> None:
        """Close it after so many seconds; None takes that back."""
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        if wait_s is not None:
            self._closing = asyncio.get_running_loop().call_later(wait_s, self.close)

    def close(self) -> None:
        """End it after what has been handed on, which may be half a reply."""
        self.client.close()
        self._drop_server(reset=False)

    def cut(self) -> None:
        """End it at once, as the system does for a server that is killed."""
        self.client.abort(reset=False)
        self._drop_server(reset=False)

    def reset(self) -> None:
        """End it at once by a RST."""
        self.client.abort(reset=True)
        self._drop_server(reset=True)

    def _accepted(self) -> None:
        if self.client.transport is not None:
            self.from_server.lead(self.client.transport, self.client.finish)
        self._dialling = asyncio.get_running_loop().create_task(self._reach())

    async def _reach(self) -> None:
        try:
            await self._dial(lambda: self.server)
        except OSError:
            # Accepted it was: a reset is the nearest to a refusal, and travels like any answer.
            self.from_server.end(reset=True)

    def _connected(self) -> None:
        if self.client.is_gone:
            self.server.abort(reset=False)
        elif self.server.transport is not None:
            self.to_server.lead(self.server.transport, self.server.finish)

    def _drop_server(self, *, reset: bool) -> None:
        if self._dialling is not None:
            self._dialling.cancel()
        self.server.abort(reset=reset)

    def _lost(self) -> None:
        if self.client.is_gone and self.server.transport is None and self._dialling is not None:
            self._dialling.cancel()
        if self.client.is_gone and (self.server.is_gone or self.server.transport is None):
            self.close_in(None)
            self._forget(self)
