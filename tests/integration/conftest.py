"""Caches over a real Redis in a container and over the embedded server, each with a real L3."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import redis

from cache import CacheConfig, MultiLevelCache
from tests.support.origin import SqliteOrigin
from tests.support.servers import EmbeddedRedis, RedisServer, embedded_redis
from workers.data import CacheTestDataGenerator

Clock = Callable[[], float]
MakeCache = Callable[..., Awaitable[MultiLevelCache]]


@pytest.fixture(scope="session")
def breakable_redis() -> Iterator[EmbeddedRedis]:
    """An embedded server for this folder alone; what breaks it must mend it again."""
    with embedded_redis() as server:
        yield server


@pytest.fixture(
    params=[
        pytest.param("breakable_redis", id="embedded"),
        pytest.param("docker_redis", id="docker", marks=pytest.mark.docker),
    ]
)
def server(request: pytest.FixtureRequest) -> RedisServer:
    """The server behind L2: each test meets the embedded one and the one in a container."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def l2(server: RedisServer) -> Iterator[redis.Redis]:
    """A plain client, to look at what L2 really holds and to put other things there."""
    with redis.Redis.from_url(server.url) as client:
        yield client


@pytest.fixture
def patience(request: pytest.FixtureRequest) -> dict[str, float]:
    """Settings that make a cache wait for a slow tier, where nothing is broken on purpose.

    A tier that overruns its timeout is a miss, so that a busy machine would change the answers.
    """
    breaks_something = request.node.get_closest_marker("resilience")
    return {} if breaks_something else {"l2_timeout_s": 30.0, "l3_timeout_s": 30.0}


@pytest.fixture
async def make_cache(
    server: RedisServer, namespace: str, sqlite_url: str, patience: dict[str, float]
) -> AsyncIterator[MakeCache]:
    """Make entered caches of this test's namespace: they share L2 and L3, never L1.

    The settings that are given replace those of the test's configuration.
    """
    addresses = {"namespace": namespace, "l2_url": server.url, "l3_url": sqlite_url}
    async with AsyncExitStack() as exits:

        async def make(
            preset: str = "default", *, clock: Clock = time.monotonic, **settings: Any
        ) -> MultiLevelCache:
            config = getattr(CacheConfig, preset)(**(addresses | patience | settings))
            return await exits.enter_async_context(MultiLevelCache(config, clock=clock))

        yield make


@pytest.fixture
async def cache(make_cache: MakeCache) -> MultiLevelCache:
    """A cache with three real tiers, in its default configuration."""
    return await make_cache()


@pytest.fixture
def generator() -> CacheTestDataGenerator:
    """Seeded, realistic values."""
    return CacheTestDataGenerator(seed=20)


@pytest.fixture
def expected_data(generator: CacheTestDataGenerator) -> Any:
    """What the origin holds under `key`."""
    return generator.value("users", "key")


@pytest.fixture
def mock_database(tmp_path: Path, expected_data: Any) -> SqliteOrigin:
    """The origin behind the cache: small, but a real database."""
    return SqliteOrigin(tmp_path / "origin.db", {"key": expected_data})
