"""What the tests of L2 share: tiers that close themselves, a plain client, and what was pushed."""

import asyncio
import sys
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

from redis.asyncio import Redis

from cache.l2.redis import RedisTier
from cache.tier import LeasingTier, Write

_ROOT = Path(__file__).parents[3]

VERSION = 1_700_000_000_000_000
"""A version as L3 gives them: microseconds since 1970."""


@asynccontextmanager
async def opened(*tiers: LeasingTier) -> AsyncIterator[tuple[LeasingTier, ...]]:
    """Open tiers for the length of the block."""
    try:
        for tier in tiers:
            await tier.open()
        yield tiers
    finally:
        for tier in tiers:
            await tier.close()


@asynccontextmanager
async def open_tier(url: str, namespace: str, **settings: Any) -> AsyncIterator[RedisTier]:
    """Open one tier for the length of the block, with leases that a busy machine outlives."""
    tier = RedisTier(url, namespace, 5.0, **{"lease_s": 30.0, **settings})
    async with opened(tier):
        yield tier


@asynccontextmanager
async def plain_client(url: str, **settings: Any) -> AsyncIterator[Redis]:
    """Connect as somebody who knows nothing of caches."""
    client = Redis.from_url(url, **settings)
    try:
        yield client
    finally:
        await client.aclose()


async def values(tier: LeasingTier, *keys: str) -> dict[str, object]:
    """Return what the tier has for ``keys``: values, and MISS where it knows of a delete."""
    return {key: entry.value for key, entry in (await tier.read(keys)).entries.items()}


def value(payload: bytes, version: int = 0, **times: Any) -> Write:
    """Return a set of an encoded value."""
    return Write(payload, version=version, **times)


class Pushes:
    """Records what a tier tells of: keys, None for all of them, and the loss of its connection."""

    def __init__(self, tier: LeasingTier) -> None:
        self.seen: list[str | None] = []
        self.losses: list[Exception] = []
        tier.on_invalidated = self._note
        tier.on_lost = self.losses.append

    def _note(self, keys: Collection[str] | None) -> None:
        self.seen += [None] if keys is None else list(keys)


async def in_another_process(script: str) -> str:
    """Run a script in a Python of its own and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        dedent(script),
        cwd=_ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return printed.decode()
