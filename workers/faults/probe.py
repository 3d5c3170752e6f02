"""The probe that sees whether a server answers: a fresh connection and one PING each time."""

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

TIMEOUT_S = 0.1
PAUSE_S = 0.005


class Probe:
    """Asks one server for signs of life.

    Args:
        url: Its URL, `redis://host:port/...`; only servers without a password are broken.
        now_s: Seconds since the attempt began.
    """

    def __init__(self, url: str, now_s: Callable[[], float]) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port or 6379
        self._now_s = now_s

    async def answers(self) -> bool:
        """Whether a PING is answered within `TIMEOUT_S`."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._ping()
        except (OSError, asyncio.IncompleteReadError):
            return False

    async def silent_since(self, within_s: float) -> float | None:
        """When the first PING was sent that got no answer; None where all got theirs in time."""
        give_up_s = self._now_s() + within_s
        while (sent_s := self._now_s()) < give_up_s:
            if not await self.answers():
                return sent_s
            await asyncio.sleep(PAUSE_S)
        return None

    async def answers_since(self, within_s: float) -> float | None:
        """When the first answer to a PING came; None where none came in time."""
        give_up_s = self._now_s() + within_s
        while self._now_s() < give_up_s:
            if await self.answers():
                return self._now_s()
            await asyncio.sleep(PAUSE_S)
        return None

    async def _ping(self) -> bool:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            writer.write(b"PING\r\n")
            return await reader.readexactly(5) == b"+PONG"
        finally:
            writer.transport.abort()
