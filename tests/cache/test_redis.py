"""L2 as a server sees it: the names, the envelopes, the expiries, and what is not ours."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from redis.asyncio import Redis

from cache.codec import encode, seal
from cache.redis import RedisTier
from cache.tier import DELETE, Write
from tests.cache.slow_network import SlowNetwork
from tests.support.servers import EmbeddedRedis
from tests.support.waiting import wait_until_async


@pytest.fixture
async def server(shared_redis: EmbeddedRedis) -> AsyncIterator[Redis]:
    """A plain client of the server."""
    client = Redis.from_url(shared_redis.url)
    yield client
    await client.aclose()


@pytest.fixture
async def tier(shared_redis: EmbeddedRedis, server: Redis) -> AsyncIterator[RedisTier]:
    """L2 in the namespace `r`."""
    tier = RedisTier(shared_redis.url, "r", 2.0)
    await tier.open()
    await tier.clear()
    yield tier
    await tier.close()


async def test_a_value_is_one_string_under_its_namespace(tier: RedisTier, server: Redis) -> None:
    """The envelope is JSON: format, expiry in the server's clock, value."""
    await tier.write({"a": Write(encode({"x": 1}), 60)})
    assert await server.type("r:a") == b"string"
    form, expires_ms, value = msgspec.json.decode(await server.get("r:a"))
    assert (form, value) == (1, {"x": 1})
    assert 0 < expires_ms - (await server.time())[0] * 1000 <= 61_000
    assert 0 < await server.pttl("r:a") <= 60_000
    await tier.write({"a": Write(encode(1))})
    assert await server.pttl("r:a") == -1


async def test_the_time_left_is_never_longer_than_the_servers(
    tier: RedisTier, server: Redis
) -> None:
    """What is read says how long the value still lives, on the safe side."""
    await tier.write({"a": Write(encode(1), 60)})
    left_s = (await tier.read(["a"]))["a"].ttl_s
    assert 50 < left_s <= 60


async def test_an_expired_envelope_is_a_miss(tier: RedisTier, server: Redis) -> None:
    """The envelope's own expiry counts, also where the server's is missing."""
    await server.set("r:a", seal(encode(1), 1))
    assert await tier.read(["a"]) == {}


@pytest.mark.parametrize("payload", [b"plain", b"\x80\x04K\x01.", b"[9,null,1]", b'{"a":1}'])
async def test_a_foreign_payload_is_a_counted_miss(
    tier: RedisTier, server: Redis, payload: bytes
) -> None:
    """What this cache can't have written is not served, and a write replaces it."""
    await server.set("r:a", payload)
    assert await tier.read(["a"]) == {}
    assert tier.undecodable == 1
    await tier.write({"a": Write(encode(2))})
    assert (await tier.read(["a"]))["a"].value == 2


async def test_a_key_of_another_type_is_a_miss(tier: RedisTier, server: Redis) -> None:
    """A list under our name breaks nothing."""
    await server.rpush("r:a", "x")
    await tier.write({"b": Write(encode(2))})
    assert {key: entry.value for key, entry in (await tier.read(["a", "b"])).items()} == {"b": 2}
    await tier.write({"a": DELETE})
    assert not await server.exists("r:a")


async def test_clear_touches_its_own_namespace_only(
    shared_redis: EmbeddedRedis, server: Redis
) -> None:
    """Other namespaces stay, also those that a pattern would match."""
    await server.mset({"[a]:1": "x", "[a]*:1": "x", "a:1": "x", "[a]:2": "x", "other": "x"})
    tier = RedisTier(shared_redis.url, "[a]", 2.0)
    await tier.open()
    await tier.clear()
    await tier.close()
    assert await server.mget("[a]:1", "[a]:2", "[a]*:1", "a:1", "other") == [
        None,
        None,
        b"x",
        b"x",
        b"x",
    ]


async def test_passwords_reach_the_server_and_no_error_text(redis_server: EmbeddedRedis) -> None:
    """A percent-encoded password works, a wrong one is refused without being shown."""
    client = Redis.from_url(redis_server.url)
    await client.config_set("requirepass", "ge/heim@1")
    await client.aclose()
    right = redis_server.url.replace("redis://", "redis://:ge%2Fheim%401@")
    tier = RedisTier(right, "r", 2.0)
    await tier.open()
    await tier.write({"a": Write(encode(1))})
    await tier.close()
    wrong = RedisTier(right.replace("heim", "heim-x"), "r", 2.0)
    with pytest.raises(Exception, match=r"WRONGPASS|invalid") as caught:
        await wrong.open()
    await wrong.close()
    assert "heim-x" not in repr(caught.value)


@pytest.mark.resilience
async def test_what_an_old_connection_had_on_its_way_never_comes_late(
    shared_redis: EmbeddedRedis,
) -> None:
    """Bytes that a network holds back while the tier reconnects reach a server that has hung up."""
    async with SlowNetwork.to(shared_redis) as network:
        tier = RedisTier(network.url, f"late-{id(network)}", 5.0)
        await tier.open()
        network.hold()
        late = asyncio.create_task(tier.write({"a": Write(encode("old"))}))
        await wait_until_async(lambda: network.held, what="the write to be held back")
        await tier.open()
        await tier.write({"a": DELETE})
        with pytest.raises(Exception, match=r"lost|closed|unexpectedly|Connection"):
            await late
        await network.deliver()
        assert await tier.read(["a"]) == {}
        await tier.close()
