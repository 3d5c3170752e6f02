"""A network before a server that can hold one connection's bytes back and never loses any."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Self
from urllib.parse import urlsplit

from tests.support.servers import LOOPBACK, EmbeddedRedis


class SlowNetwork:
    """Passes bytes between its own port and a server's.

    Args:
        server: Where connections lead.
    """

    def __init__(self, server: EmbeddedRedis) -> None:
        self.url = ""
        self.held = b""
        self._server_port = urlsplit(server.url).port
        self._newest: asyncio.StreamWriter | None = None
        self._slow: asyncio.StreamWriter | None = None
        self._answers: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}
        self._requests: set[asyncio.Task[None]] = set()
        self._clients: list[asyncio.StreamWriter] = []

    @classmethod
    @asynccontextmanager
    async def to(cls, server: EmbeddedRedis) -> AsyncIterator[Self]:
        """Listen on a free port for the length of the block."""
        network = cls(server)
        listener = await asyncio.start_server(network._join, LOOPBACK, 0)
        network.url = f"redis://{LOOPBACK}:{listener.sockets[0].getsockname()[1]}/0"
        try:
            yield network
        finally:
            listener.close()
            await network._end()

    def hold(self) -> None:
        """Pass nothing more of the newest connection to the server."""
        self._slow = self._newest

    async def deliver(self) -> None:
        """Pass what was held, and wait until the server has read it or had hung up before."""
        assert self._slow is not None
        with suppress(OSError):  # It has hung up already.
            self._slow.write(self.held)
            self._slow.write_eof()
        await asyncio.wait_for(asyncio.shield(self._answers[self._slow]), 10)

    async def _join(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        answers, server = await asyncio.open_connection(LOOPBACK, self._server_port)
        self._newest = server
        self._clients.append(client)
        self._answers[server] = asyncio.create_task(_copy(answers, client))
        self._requests.add(asyncio.create_task(self._pass_on(reader, server)))

    async def _pass_on(self, reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            if server is self._slow:
                self.held += data
            else:
                server.write(data)

    async def _end(self) -> None:
        pumps = [*self._answers.values(), *self._requests]
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for writer in (*self._answers, *self._clients):
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
