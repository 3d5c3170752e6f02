"""Fixtures of L2's tests: one namespace of a server, seen by two processes and from outside."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from cache.l2.redis import RedisTier
from tests.cache.l2.redis_tiers import open_tier, plain_client
from tests.support.servers import EmbeddedRedis


@pytest.fixture
async def server(shared_redis: EmbeddedRedis) -> AsyncIterator[Redis]:
    """A plain client of the server."""
    async with plain_client(shared_redis.url) as client:
        yield client


@pytest.fixture
async def tier(shared_redis: EmbeddedRedis, namespace: str) -> AsyncIterator[RedisTier]:
    """L2."""
    async with open_tier(shared_redis.url, namespace) as tier:
        yield tier


@pytest.fixture
async def other(shared_redis: EmbeddedRedis, namespace: str) -> AsyncIterator[RedisTier]:
    """L2 as another process has it."""
    async with open_tier(shared_redis.url, namespace) as tier:
        yield tier
