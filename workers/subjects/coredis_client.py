"""coredis as a subject: a plain client, Redis alone, values as JSON."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from coredis import Redis

from pipeline.subject import SubjectSettings
from workers.subjects.base import Addresses
from workers.subjects.limits import Limits
from workers.subjects.peer import POOL_SIZE, TIMEOUT_S, milliseconds, prefix_of, redis_url
from workers.subjects.plain_client import PlainClient


class CoredisSubject(PlainClient):
    """A client of coredis must be left in the task that entered it, so it lives in one of its own.

    Args:
        url: A Redis or Valkey URL.
        prefix: What the names of all keys begin with.
        ttl_s: Seconds that a value is kept where no TTL is given; None is without end.
    """

    def __init__(self, url: str, prefix: str, ttl_s: float | None) -> None:
        super().__init__(url, prefix, ttl_s)
        self._is_ready = asyncio.Event()
        self._is_done = asyncio.Event()
        self._life: asyncio.Task[None]

    async def start(self) -> None:
        """Connect."""
        self._life = asyncio.create_task(self._live())
        ready = asyncio.create_task(self._is_ready.wait())
        await asyncio.wait((ready, self._life), return_when=asyncio.FIRST_COMPLETED)
        if self._life.done():
            ready.cancel()
            await self._life

    async def stop(self) -> None:
        """Close every connection."""
        self._is_done.set()
        await self._life

    async def set_many(self, items: Mapping[str, Any], ttl_s: float | None = None) -> None:
        """Write many keys in one pipeline."""
        life_ms = milliseconds(ttl_s or self._ttl_s)
        async with self._client.pipeline(transaction=False) as pipeline:
            for key, value in items.items():
                pipeline.set(self._prefix + key, json.dumps(value), px=life_ms)

    async def delete(self, key: str) -> None:
        """Delete one key."""
        await self._client.delete([self._prefix + key])

    async def _live(self) -> None:
        """Hold the client until the subject is stopped."""
        async with Redis.from_url(
            self._url,
            decode_components=True,
            max_connections=POOL_SIZE,
            connect_timeout=TIMEOUT_S,
            stream_timeout=TIMEOUT_S,
        ) as self._client:
            self._is_ready.set()
            await self._is_done.wait()


def build(settings: SubjectSettings, addresses: Addresses) -> CoredisSubject:
    """The entry point `coredis` of `tierbench.subjects`."""
    limits = Limits.of(settings, addresses)
    return CoredisSubject(redis_url(addresses), prefix_of(addresses), limits.l2_ttl_s)
