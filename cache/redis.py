"""L2: one Redis string a value at ``<namespace>:<key>``, over one multiplexed connection."""

import re
import time
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from coredis.exceptions import RedisError

from cache.codec import seal, unseal
from cache.errors import DecodeError
from cache.link import Link, Reply
from cache.tier import Entry, Write

_CHUNK: Final = 1000
_GLOB_SPECIAL: Final = re.compile(r"([*?\[\]\\^-])")


class ServerClock:
    """The server's time, estimated from this host's monotonic clock and one ``TIME`` round trip.

    Two hosts' clocks are never compared: expiries are in the server's time, and the estimate's
    error, at most half the round trip, always shortens them.
    """

    def __init__(self) -> None:
        self._offset_s = 0.0
        self._error_s = 0.0

    async def measure(self, link: Link) -> None:
        """Ask the server for its time."""
        sent_s = time.monotonic()
        seconds, microseconds = await link.ask(b"TIME")
        arrived_s = time.monotonic()
        self._error_s = (arrived_s - sent_s) / 2
        self._offset_s = int(seconds) + int(microseconds) / 1e6 - (sent_s + arrived_s) / 2

    def earliest_ms(self) -> float:
        """Return a time that the server has certainly reached."""
        return (time.monotonic() + self._offset_s - self._error_s) * 1000

    def latest_ms(self) -> float:
        """Return a time that the server has certainly not passed."""
        return (time.monotonic() + self._offset_s + self._error_s) * 1000


class RedisTier:
    """The tier on Redis or Valkey.

    Args:
        url: Where the server is.
        namespace: Prefix of every key.
        timeout_s: The longest to wait for one round trip.
    """

    def __init__(self, url: str, namespace: str, timeout_s: float) -> None:
        self.undecodable = 0
        self._url = url
        self._prefix = f"{namespace}:"
        self._timeout_s = timeout_s
        self._link = Link(url, timeout_s)
        self._clock = ServerClock()
        self._old_client_id: int | None = None
        self._run_id = b""
        self._forgot = False

    async def open(self) -> None:
        """Connect anew, and end the connection before: its queued writes must not come late."""
        await self._link.close()
        self._link = Link(self._url, self._timeout_s)
        await self._link.open()
        run_id = await self._ask_run_id()
        restarted = self._run_id not in {b"", run_id}
        # A server that was started again has given the old connection's number to another.
        forgot = restarted or not await self._ended_old_connection()
        await self._clock.measure(self._link)
        self._run_id, self._old_client_id = run_id, self._link.client_id
        self._forgot = forgot

    async def close(self) -> None:
        """Close the connection."""
        await self._link.close()

    def lost_writes(self) -> bool:
        """Tell whether the server was restarted between the last two connections."""
        return self._forgot

    async def tend(self) -> None:
        """Ask for the server's time, which is a sign of life and keeps the clock's offset true."""
        await self._clock.measure(self._link)

    async def read(self, keys: Collection[str]) -> dict[str, Entry]:
        """Fetch with MGET."""
        found: dict[str, Entry] = {}
        for chunk in _chunks(list(keys)):
            envelopes = await self._link.ask(b"MGET", *map(self._name, chunk))
            now_ms = self._clock.latest_ms()
            for key, envelope in zip(chunk, envelopes, strict=True):
                entry = self._opened(envelope, now_ms)
                if entry is not None:
                    found[key] = entry
        return found

    async def write(self, writes: Mapping[str, Write]) -> None:
        """Store with pipelined SETs and remove with UNLINK.

        All is sent before the first reply is awaited, so that a later call can't come between.
        """
        replies = [reply for chunk in _chunks(list(writes)) for reply in self._sent(chunk, writes)]
        for reply in replies:
            await self._link.reply(reply)

    async def clear(self) -> None:
        """Remove the namespace with SCAN and UNLINK, a step at a time."""
        pattern = _GLOB_SPECIAL.sub(r"\\\1", self._prefix) + "*"
        cursor: bytes | int = 0
        while True:
            cursor, names = await self._link.ask(b"SCAN", cursor, b"MATCH", pattern, b"COUNT", 1000)
            if names:
                await self._link.ask(b"UNLINK", *names)
            if int(cursor) == 0:
                return

    def _name(self, key: str) -> str:
        return self._prefix + key

    def _sent(self, keys: list[str], writes: Mapping[str, Write]) -> list[Reply]:
        replies = []
        deleted = []
        for key in keys:
            write = writes[key]
            if write.payload is None:
                deleted.append(self._name(key))
            else:
                replies.append(self._store(self._name(key), write.payload, write.ttl_s))
        if deleted:
            replies.append(self._link.send(b"UNLINK", *deleted))
        return replies

    def _store(self, name: str, payload: bytes, ttl_s: float | None) -> Reply:
        if ttl_s is None:
            return self._link.send(b"SET", name, seal(payload, None))
        ttl_ms = max(1, int(ttl_s * 1000))
        expires_ms = int(self._clock.earliest_ms()) + ttl_ms
        return self._link.send(b"SET", name, seal(payload, expires_ms), b"PX", ttl_ms)

    def _opened(self, envelope: bytes | None, now_ms: float) -> Entry | None:
        if envelope is None:
            return None
        try:
            value, expires_ms = unseal(envelope)
        except DecodeError:
            self.undecodable += 1
            return None
        if expires_ms is None:
            return Entry(value, None)
        left_s = (expires_ms - now_ms) / 1000
        return Entry(value, left_s) if left_s > 0 else None

    async def _ended_old_connection(self) -> bool:
        """Make a server that was only stopped drop what the old connection had still queued."""
        if self._old_client_id is None:
            return True
        try:
            await self._link.ask(b"CLIENT", b"KILL", b"ID", self._old_client_id)
        except RedisError:
            # An ACL may forbid it: then, as after a restart, nothing in the namespace is sure.
            return False
        return True

    async def _ask_run_id(self) -> bytes:
        info = await self._link.ask(b"INFO", b"server")
        match = re.search(rb"run_id:(\w+)", info if isinstance(info, bytes) else info.encode())
        return match[1] if match else b""


def _chunks(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), _CHUNK):
        yield keys[start : start + _CHUNK]
