"""One plain connection to a Redis-like server, as a probe makes it: nothing kept, nothing retried.

The subjects' own clients can't be used to look at a fault, since a fault is what they hide.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cache.address import L2Address, parse_l2_url
from cache.l2.tls import tls_context

# A probe may have to see replies of many KiB pass slowly.
_READ_LIMIT_BYTES = 1_048_576


class Wire:
    """A connection that sends commands and reads what comes, however little that is."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: L2Address
    ) -> None:
        self.reader = reader
        self._writer = writer
        self._address = address

    def send(self, *words: bytes) -> None:
        """Send one command; its reply is read by somebody else."""
        head = b"*%d\r\n" % len(words)
        self._writer.write(head + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))

    def abort(self) -> None:
        """End it at once, whatever is on its way."""
        self._writer.transport.abort()

    async def sign_in(self) -> None:
        """Give the URL's user and password, where it has a password; what comes is not judged.

        Raises:
            OSError: The connection broke.
            asyncio.IncompleteReadError: It ended before the reply.
        """
        credentials = self._address.credentials
        if credentials.password is not None:
            words = (credentials.username, credentials.password)
            self.send(b"AUTH", *(word.encode() for word in words if word))
            await self.reader.readuntil(b"\r\n")

    async def ask(self, *words: bytes) -> bytes:
        """Send one command and read the first line of its reply, without the line's end.

        Raises:
            OSError: The connection broke.
            asyncio.IncompleteReadError: It ended before the line did.
        """
        self.send(*words)
        return (await self.reader.readuntil(b"\r\n"))[:-2]


@asynccontextmanager
async def wire_to(url: str) -> AsyncIterator[Wire]:
    """Connect to a server for the length of the block, with TLS where the URL says so.

    Args:
        url: `redis://`, `rediss://` or `unix://`, with its credentials.

    Raises:
        OSError: Nobody listens there, or TLS failed.
        ConfigError: The URL is none, or names files of TLS that can't be read.
    """
    address = parse_l2_url(url)
    wire = Wire(*await _opened(address), address)
    try:
        yield wire
    finally:
        wire.abort()


async def _opened(address: L2Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if address.path:
        return await asyncio.open_unix_connection(address.path, limit=_READ_LIMIT_BYTES)
    host, port = address.hosts[0]
    context = None if address.tls is None else tls_context(address.tls)
    return await asyncio.open_connection(host, port, ssl=context, limit=_READ_LIMIT_BYTES)
