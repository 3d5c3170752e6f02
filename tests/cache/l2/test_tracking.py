"""What the server says of writes: to whom, when, and what it keeps to itself."""

import asyncio
from pathlib import Path

import pytest

from cache.codec import encode
from cache.errors import ConfigError
from cache.l2.names import Names
from cache.l2.redis import RedisTier
from cache.l2.tracking import written_keys
from cache.tier import DELETE, Write
from tests.cache.l2.redis_places import valkey
from tests.cache.l2.redis_tiers import (
    VERSION,
    Pushes,
    open_tier,
    opened,
    plain_client,
    value,
    values,
)
from tests.support.servers import EmbeddedRedis, RedisServer
from tests.support.waiting import wait_until_async

ONE = encode(1)


@pytest.fixture(params=["own_redis", pytest.param("docker_redis", marks=pytest.mark.docker)])
def tracking_server(request: pytest.FixtureRequest) -> RedisServer:
    """Valkey 9 from a wheel, and Redis 7 in a container."""
    server: RedisServer = request.getfixturevalue(request.param)
    return server


async def _round_trip(tier: RedisTier, times: int = 3) -> None:
    """Have the server go through its own loop: what it had to push by now has arrived."""
    for _ in range(times):
        await tier.tend()
        await asyncio.sleep(0)


@pytest.mark.resilience
async def test_what_the_server_tells(tracking_server: RedisServer) -> None:
    """The facts that the cache's coherence rests on, one after another on each kind of server."""
    url = tracking_server.url
    one, another = RedisTier(url, "t", 5.0), RedisTier(url, "t", 5.0)
    mine, theirs = Pushes(one), Pushes(another)
    async with opened(one, another), plain_client(url) as stranger:
        # A plain delete of one's own is told to all others.
        await one.write({"a": DELETE})
        await wait_until_async(lambda: theirs.seen == ["a"], what="another's delete")
        await _round_trip(one)
        assert mine.seen == []
        # A script's write is told to its writer too, after its reply.
        await one.write({"a": value(ONE, VERSION)})
        await wait_until_async(lambda: mine.seen == ["a"], what="the echo of a script")
        await wait_until_async(lambda: theirs.seen == ["a", "a"], what="another's write")
        # Strangers' writes and deletes are told, many at once too.
        await stranger.mset({"t:b": "x", "t:c": "y", "u:b": "z"})
        await wait_until_async(lambda: {"b", "c"} <= set(mine.seen), what="a stranger's writes")
        mine.seen.clear()
        await stranger.delete("t:b")
        await wait_until_async(lambda: mine.seen == ["b"], what="a stranger's delete")
        # So is the end of a value's time.
        await stranger.set("t:d", "x", px=20)
        await wait_until_async(lambda: mine.seen.count("d") == 2, what="an expiry")
        # A flush is told as such.
        mine.seen.clear()
        await stranger.flushdb()
        await wait_until_async(lambda: None in mine.seen, what="a flush")
        assert mine.losses == theirs.losses == []


@pytest.mark.resilience
async def test_a_lost_connection_is_told_at_once(tracking_server: RedisServer) -> None:
    """And only where nobody asked for its end; the next one is told of writes again."""
    tier = RedisTier(tracking_server.url, "t", 5.0)
    pushes = Pushes(tier)
    async with opened(tier):
        async with plain_client(tracking_server.url) as stranger:
            await stranger.client_kill_filter(skipme=True)
            await wait_until_async(lambda: pushes.losses, what="the loss")
        assert "ended the connection" in str(pushes.losses[0])
        tracking_server.restart()
        for _ in range(3):
            await tier.open()
        async with plain_client(tracking_server.url) as stranger:
            await stranger.set("t:a", "x")
            await wait_until_async(lambda: pushes.seen == ["a"], what="a stranger's write")
        assert tier.lost_writes() is False
    assert len(pushes.losses) == 1


async def test_only_the_own_namespace_is_told_of(
    shared_redis: EmbeddedRedis, namespace: str
) -> None:
    """Leases, tags, floors and other namespaces are no news."""
    async with (
        open_tier(shared_redis.url, namespace) as tier,
        open_tier(shared_redis.url, namespace) as other,
        open_tier(shared_redis.url, f"{namespace}:b") as stranger,
    ):
        pushes = Pushes(tier)
        await stranger.write({"a": value(ONE, tags=("t",))})
        await other.write({"a": value(ONE, tags=("t",))})
        await other.clear()
        await wait_until_async(lambda: pushes.seen == ["a", "a"], what="a write and a clear")


async def test_bytes_that_are_no_key_stop_nothing(
    shared_redis: EmbeddedRedis, namespace: str
) -> None:
    """What no key of ours can be named is passed over, what comes after it is told."""
    async with (
        open_tier(shared_redis.url, namespace) as tier,
        plain_client(shared_redis.url) as stranger,
    ):
        pushes = Pushes(tier)
        await stranger.set(f"{namespace}:".encode() + b"\xff\xfe", "x")
        await stranger.set(f"{namespace}:ключ", "x")
        await wait_until_async(lambda: pushes.seen == ["ключ"], what="the other key")


async def test_a_listener_that_fails_ends_the_connection(
    shared_redis: EmbeddedRedis, namespace: str
) -> None:
    """A tier that can't tell of writes any more must not look alive."""
    tier = RedisTier(shared_redis.url, namespace, 5.0)
    pushes = Pushes(tier)

    def fail(_keys: object) -> None:
        raise RuntimeError("a mistake of the listener's")

    tier.on_invalidated = fail
    async with opened(tier), plain_client(shared_redis.url) as stranger:
        await stranger.set(f"{namespace}:a", "x")
        await wait_until_async(lambda: pushes.losses, what="the end of the connection")


async def test_without_tracking_nothing_is_told(
    shared_redis: EmbeddedRedis, namespace: str
) -> None:
    """As the setting says; the loss of the connection is, still."""
    tier = RedisTier(shared_redis.url, namespace, 5.0, coherence="ttl")
    pushes = Pushes(tier)
    async with (
        opened(tier),
        open_tier(shared_redis.url, namespace) as witness,
        plain_client(shared_redis.url) as stranger,
    ):
        told = Pushes(witness)
        await stranger.set(f"{namespace}:a", "x")
        await wait_until_async(lambda: told.seen == ["a"], what="the witness to be told")
        await _round_trip(tier)
        assert pushes.seen == []
        await stranger.client_kill_filter(skipme=True)
        await wait_until_async(lambda: pushes.losses, what="the loss")


async def test_a_server_that_does_not_permit_it(redis_server: EmbeddedRedis) -> None:
    """One line says what to do, and the other setting works."""
    async with plain_client(redis_server.url) as admin:
        await admin.execute_command(
            *("ACL", "SETUSER", "ann", "on", ">pw", "~*", "+@all", "-client|tracking")
        )
    url = redis_server.url.replace("redis://", "redis://ann:pw@")
    with pytest.raises(ConfigError, match="does not permit CLIENT TRACKING: grant") as caught:
        await RedisTier(url, "t", 5.0).open()
    assert "\n" not in str(caught.value)
    assert 'set coherence="ttl"' in str(caught.value)
    async with open_tier(url, "t", coherence="ttl") as tier:
        await tier.write({"a": Write(ONE)})
        assert await values(tier, "a") == {"a": 1}


async def test_a_server_that_does_not_know_it(tmp_path: Path) -> None:
    """As some that are rented out: one line says what to do, and the other setting works."""
    with valkey(tmp_path, rename_command='CLIENT ""') as url:
        with pytest.raises(ConfigError, match='has no CLIENT TRACKING: set coherence="ttl"'):
            await RedisTier(url, "t", 5.0).open()
        async with open_tier(url, "t", coherence="ttl") as tier:
            await tier.write({"a": Write(ONE)})
            assert await values(tier, "a") == {"a": 1}
            await tier.open()
            assert tier.lost_writes()


def test_other_pushes_are_no_invalidations() -> None:
    """A server may push what nobody asked for."""
    assert written_keys([b"message", b"channel", b"t:a"], Names("t")) == []
    assert written_keys([b"invalidate", [b"t:a", b"u:b"]], Names("t")) == ["a"]
    assert written_keys([b"invalidate", None], Names("t")) is None
