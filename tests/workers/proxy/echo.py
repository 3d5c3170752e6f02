"""A server that sends back what it gets, and clients for it: what goes through a proxy in tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Self

from tests.support.servers import LOOPBACK

WITHIN_S = 10.0


@dataclass(frozen=True)
class Client:
    """One connection; each wait has a ceiling."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    @asynccontextmanager
    async def to(cls, port: int) -> AsyncIterator[Self]:
        """Connect for the length of the block."""
        client = cls(*await asyncio.open_connection(LOOPBACK, port))
        try:
            yield client
        finally:
            client.writer.transport.abort()
            with suppress(OSError):
                await client.writer.wait_closed()

    async def get(self, size_bytes: int) -> bytes:
        """Wait for so many bytes."""
        async with asyncio.timeout(WITHIN_S):
            return await self.reader.readexactly(size_bytes)

    async def rest(self) -> bytes:
        """Wait for the connection's end, and return what came before it."""
        async with asyncio.timeout(WITHIN_S):
            return await self.reader.read()

    async def echo(self, data: bytes) -> bytes:
        """Send it, and wait for as much."""
        self.writer.write(data)
        return await self.get(len(data))

    async def is_silent(self, for_s: float = 0.05) -> bool:
        """Whether nothing comes for a while."""
        try:
            async with asyncio.timeout(for_s):
                await self.reader.read(1)
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def echo_server(greeting: bytes = b"") -> AsyncIterator[int]:
    """Listen for the length of the block; yield the port.

    Args:
        greeting: Sent to each client at once.
    """
    busy: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        try:
            with suppress(OSError):
                while data := await reader.read(65_536):
                    writer.write(data)
                    await writer.drain()
        finally:
            writer.close()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        busy.add(task := asyncio.ensure_future(serve(reader, writer)))
        task.add_done_callback(busy.discard)

    server = await asyncio.start_server(begin, LOOPBACK, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)
