"""What the other caches have in common as subjects: what they lack, and Redis's end of them."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from redis.asyncio import Redis

from workers.errors import SubjectError, UnsupportedError
from workers.subjects.base import (
    NO_HEALTH,
    NO_STATISTICS,
    NO_WARMING,
    TIERS,
    Addresses,
    Served,
    figures_of_tiers,
)

MISSED = Served(None, "miss")

POOL_SIZE = 256
"""Connections that a subject on Redis may open: more than a load's usual users at once."""

TIMEOUT_S = 5.0
"""How long a client waits for an answer that has no limit of its own; redis-py's default."""

NO_COPY: Mapping[str, float] = MappingProxyType({"max_staleness_ms": 0.0})
"""What a cache promises that keeps no copy of what lies in Redis."""

_BATCH = 1_000
_GLOB = re.compile(r"([*?\[\]\\])")


class Peer:
    """Another cache than ours: nobody can ask it to warm itself, for its counts or its health.

    What many libraries have no call for is refused; who lacks it says so in `lacks`.
    """

    async def start(self) -> None:
        """Nothing to connect."""

    async def stop(self) -> None:
        """Nothing to release."""

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        """It has no such call."""
        raise UnsupportedError(f"get_many of {len(keys)} keys: it has no such call")

    async def set_many(
        self,
        items: Mapping[str, Any],
        ttl_s: float | None = None,  # noqa: ARG002 - nothing is written
    ) -> None:
        """It has no such call."""
        raise UnsupportedError(f"set_many of {len(items)} keys: it has no such call")

    async def warm(self) -> int:
        """It can't be asked to."""
        return 0

    def statistics(self) -> Mapping[str, int]:
        """None that could be compared."""
        return {}

    async def health(self) -> str | None:
        """It can't say."""
        return None


def lacking(*others: str, has: Iterable[str]) -> frozenset[str]:
    """What a peer lacks.

    Args:
        others: Operations that it lacks, and `ttl`; without `get_many` there is no `scan` either.
        has: The tiers that it has.
    """
    tiers = figures_of_tiers(tier for tier in TIERS if tier not in set(has))
    scan = {"scan"} if "get_many" in others else set()
    return tiers | NO_WARMING | NO_STATISTICS | NO_HEALTH | scan | frozenset(others)


def redis_url(addresses: Addresses) -> str:
    """Where Redis is.

    Raises:
        SubjectError: This worker has no L2.
    """
    if addresses.l2_url is None:
        raise SubjectError("it needs Redis: give the worker an L2 (BENCH_L2_URL)")
    return addresses.l2_url


def prefix_of(addresses: Addresses) -> str:
    """What the names of all of an attempt's keys in Redis begin with."""
    return f"{addresses.namespace}:"


def milliseconds(ttl_s: float | None) -> int | None:
    """A TTL as Redis takes it, 1 or more; None is without end."""
    return None if ttl_s is None else max(1, math.ceil(ttl_s * 1000))


async def unlink_all(url: str, prefix: str) -> None:
    """Remove every key that begins with `prefix`, on a connection of its own.

    Args:
        url: A Redis or Valkey URL.
        prefix: Any text; characters that patterns know are taken as they are.
    """
    client: Any = Redis.from_url(url)
    pattern = _GLOB.sub(r"\\\1", prefix) + "*"
    async with client:
        cursor = -1
        while cursor:
            cursor, keys = await client.scan(max(cursor, 0), match=pattern, count=_BATCH)
            if keys:
                await client.unlink(*keys)
