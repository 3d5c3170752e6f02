"""What the cache's tests share: real servers, fresh namespaces and a clock set by hand."""

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from cache import CacheConfig, MultiLevelCache
from tests.support.servers import EmbeddedRedis, embedded_redis

_numbers = itertools.count()

ConfigMaker = Callable[..., CacheConfig]


class ManualClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        """Tell the time that was set."""
        return self.now_s

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now_s += seconds


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still."""
    return ManualClock()


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[EmbeddedRedis]:
    """A server that tests share and leave alone; each has a namespace of its own."""
    with embedded_redis() as server:
        yield server


@pytest.fixture
def redis_server() -> Iterator[EmbeddedRedis]:
    """A server of the test's own, to be broken."""
    with embedded_redis() as server:
        yield server


@pytest.fixture
def l3_url(tmp_path: Path) -> str:
    """A SQLite file of the test's own."""
    return f"sqlite:///{tmp_path / 'l3.db'}"


@pytest.fixture
def make_config(shared_redis: EmbeddedRedis, l3_url: str) -> ConfigMaker:
    """Settings with all three tiers and a fresh namespace; keywords replace any of them."""
    namespace = f"test-{next(_numbers)}"

    def make(**overrides: object) -> CacheConfig:
        settings = {
            "namespace": namespace,
            "l2_url": shared_redis.url,
            "l3_url": l3_url,
            "health_interval_s": 0.05,
            # Generous: these tests break nothing, and the machine may be busy.
            "l2_timeout_s": 5.0,
            "l3_timeout_s": 5.0,
            **overrides,
        }
        return CacheConfig(**settings)

    return make


@pytest.fixture
async def cache(make_config: ConfigMaker) -> AsyncIterator[MultiLevelCache]:
    """A cache with all three tiers."""
    async with MultiLevelCache(make_config()) as opened:
        yield opened


@pytest.fixture
async def breakable(
    make_config: ConfigMaker, redis_server: EmbeddedRedis
) -> AsyncIterator[MultiLevelCache]:
    """A cache whose L2 is `redis_server`."""
    config = make_config(l2_url=redis_server.url, l2_timeout_s=0.25)
    async with MultiLevelCache(config) as opened:
        yield opened
