"""L2 as the cache builds it, and what one server may be shared by."""

import pytest

from cache import CacheConfig
from cache.codec import encode
from cache.errors import ConfigError
from cache.l2.redis import RedisTier, redis_tier
from tests.cache.l2.redis_tiers import opened, plain_client, value, values
from tests.support.servers import EmbeddedRedis


async def test_the_settings_reach_the_tier(shared_redis: EmbeddedRedis, namespace: str) -> None:
    """Each of those that are about L2."""
    config = CacheConfig(
        l2_url=shared_redis.url, namespace=namespace, l2_compress_over_bytes=100, l2_timeout_s=5
    )
    tier = redis_tier(config)
    async with opened(tier), plain_client(shared_redis.url) as server:
        await tier.write({"a": value(encode("x" * 1000))})
        assert await server.strlen(f"{namespace}:a") < 300
        assert await values(tier, "a") == {"a": "x" * 1000}


def test_a_cluster_is_no_server() -> None:
    """What builds one from settings knows the difference."""
    with pytest.raises(ConfigError, match="names a cluster"):
        RedisTier("redis+cluster://user:geheim@host:6379", "n", 5.0)


async def test_databases_are_apart(shared_redis: EmbeddedRedis, namespace: str) -> None:
    """The same namespace in another database is another."""
    zero = RedisTier(shared_redis.url, namespace, 5.0)
    one = RedisTier(shared_redis.url.removesuffix("/0") + "/1", namespace, 5.0)
    async with opened(zero, one):
        await zero.write({"a": value(encode(0))})
        await one.write({"a": value(encode(1))})
        await one.clear()
        assert await values(zero, "a") == {"a": 0}
        assert await values(one, "a") == {}
