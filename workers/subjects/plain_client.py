"""What plain Redis clients have in common as subjects: cache-aside by hand, values as JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from workers.subjects.base import Loader, Served
from workers.subjects.peer import MISSED, NO_COPY, Peer, lacking, milliseconds, unlink_all


class PlainClient(Peer):
    """Cache-aside by hand: read, and where nothing is there, load and write.

    Args:
        url: A Redis or Valkey URL.
        prefix: What the names of all keys begin with.
        ttl_s: Seconds that a value is kept where no TTL is given; None is without end.
    """

    lacks = lacking("clear", has=["l2"])
    promises = NO_COPY

    def __init__(self, url: str, prefix: str, ttl_s: float | None) -> None:
        self._url = url
        self._prefix = prefix
        self._ttl_s = ttl_s
        self._client: Any = None

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """Read one key; each caller that finds nothing loads for itself."""
        found = await self._client.get(self._prefix + key)
        if found is not None:
            return Served(json.loads(found), "l2")
        if loader is None:
            return MISSED
        value = await loader(key)
        await self.set(key, value, ttl_s)
        return Served(value, "origin")

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        """Read many keys with one MGET."""
        found = await self._client.mget([self._prefix + key for key in keys])
        return {
            key: MISSED if text is None else Served(json.loads(text), "l2")
            for key, text in zip(keys, found, strict=True)
        }

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """Write one key."""
        life_ms = milliseconds(ttl_s or self._ttl_s)
        await self._client.set(self._prefix + key, json.dumps(value), px=life_ms)

    async def clear(self) -> None:
        """Remove every key of the attempt."""
        await unlink_all(self._url, self._prefix)

    async def empty(self, tier: str) -> None:
        """Remove every key of the attempt from Redis, its only tier."""
        if tier == "l2":
            await self.clear()
