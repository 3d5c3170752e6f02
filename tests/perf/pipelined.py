"""A client that can do nothing but GET: the practical limit of one Python process.

What is asked in one tick of the loop leaves in one write; hiredis, in C, parses the replies.
"""

import asyncio
from collections import deque
from typing import Self
from urllib.parse import urlsplit

import hiredis


class PipelinedProtocol(asyncio.Protocol):
    """One connection whose replies come in the order of the requests."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._replies: deque[asyncio.Future[bytes | None]] = deque()
        self._reader = hiredis.Reader()
        self._commands: list[bytes] = []
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def connect(cls, url: str) -> Self:
        """Connect to the server at a ``redis://`` URL."""
        address = urlsplit(url)
        loop = asyncio.get_running_loop()
        host, port = address.hostname or "127.0.0.1", address.port or 6379
        _, protocol = await loop.create_connection(cls, host, port)
        return protocol

    def get(self, key: str) -> "asyncio.Future[bytes | None]":
        """Ask for a key; the request leaves at the end of this tick."""
        if not self._commands:
            self._loop.call_soon(self._flush)
        name = key.encode()
        self._commands.append(b"*2\r\n$3\r\nGET\r\n$%d\r\n%b\r\n" % (len(name), name))
        reply: asyncio.Future[bytes | None] = self._loop.create_future()
        self._replies.append(reply)
        return reply

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Hand each reply to who waits for it."""
        self._reader.feed(data)
        while (reply := self._reader.gets()) is not False:
            self._replies.popleft().set_result(reply)

    def _flush(self) -> None:
        commands, self._commands = self._commands, []
        if self._transport is not None:
            self._transport.write(b"".join(commands))
