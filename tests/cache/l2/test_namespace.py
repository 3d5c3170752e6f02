"""A namespace as a whole: its tags, found by all of its instances, and its removal."""

import asyncio

import pytest
from redis.asyncio import Redis

from cache.codec import encode
from cache.l2.redis import RedisTier
from cache.tier import Lease, LeaseRequest, Write
from tests.cache.l2.redis_tiers import (
    VERSION,
    Pushes,
    open_tier,
    opened,
    value,
    values,
)
from tests.support.servers import EmbeddedRedis
from tests.support.waiting import wait_until_async

ONE = encode(1)


async def test_tagged_keys_are_found_by_everybody(tier: RedisTier, other: RedisTier) -> None:
    """Whoever wrote them, and however: sets, promotions and fills."""
    floor = (await tier.read([])).floor or (await tier.read(["-"])).floor
    await tier.write({"a": value(ONE, tags=("red", "round"))})
    await tier.write({"b": Write(ONE, tags=("red",), version=VERSION, floor=floor)})
    lease = (await tier.lease({"c": LeaseRequest()}))["c"]
    assert isinstance(lease, Lease)
    await tier.write({"c": Write(ONE, tags=("round",), lease=lease.token, floor=lease.floor)})
    assert await other.tagged(["red"]) == {"a", "b"}
    assert await other.tagged(["round"]) == {"a", "c"}
    assert await other.tagged(["red", "round", "blue"]) == {"a", "b", "c"}
    assert await other.tagged(["re"]) == set()


@pytest.mark.parametrize("tag", ["ключ 🔑", 'a "b"\n\\', "*", "nul\0", "a:b~c", ""])
async def test_any_text_is_a_tag(tier: RedisTier, other: RedisTier, tag: str) -> None:
    """And any text a tagged key."""
    await tier.write({"k:~ \n🔑": value(ONE, tags=(tag,))})
    assert await other.tagged([tag]) == {"k:~ \n🔑"}
    entry = (await other.read(["k:~ \n🔑"])).entries["k:~ \n🔑"]
    assert entry.tags == (tag,)


async def test_a_load_is_found_by_its_tags(tier: RedisTier, other: RedisTier) -> None:
    """From the moment of the lease, so that an invalidation can end it; busy or not."""
    await tier.lease({"a": LeaseRequest(tags=("t",)), "b": LeaseRequest()})
    await other.lease({"b": LeaseRequest(tags=("t",))})
    assert await other.tagged(["t"]) == {"a"}


async def test_a_refused_write_adds_no_tag(tier: RedisTier) -> None:
    """Its key has other tags now."""
    await tier.write({"a": value(ONE, VERSION + 1, tags=("new",))})
    await tier.write({"a": value(ONE, VERSION, tags=("old",))})
    assert await tier.tagged(["old"]) == set()


async def test_a_tag_lives_as_long_as_its_longest_key(
    tier: RedisTier, namespace: str, server: Redis
) -> None:
    """And forgets those that ended, so that it does not grow for ever."""
    name = f"tag~{namespace}:t"
    await tier.write({"a": value(ONE, ttl_s=100.0, tags=("t",))})
    assert 120_000 < await server.pttl(name) <= 160_000
    await tier.write({"b": value(ONE, ttl_s=10.0, tags=("t",))})
    await tier.write({"a": value(ONE, ttl_s=5.0, tags=("t",))})
    assert 120_000 < await server.pttl(name) <= 160_000
    await tier.write({"c": value(ONE, tags=("t",))})
    assert await server.pttl(name) == -1
    await server.zadd(name, {f"{namespace}:gone": 1})
    assert await tier.tagged(["t"]) == {"a", "b", "c"}
    await tier.write({"d": value(ONE, ttl_s=10.0, tags=("t",))})
    assert await server.zcard(name) == 4


async def test_a_long_load_keeps_its_tags(
    shared_redis: EmbeddedRedis, namespace: str, server: Redis
) -> None:
    """Each renewal of its lease renews them."""
    async with open_tier(shared_redis.url, namespace, lease_s=30.0) as tier:
        lease = (await tier.lease({"a": LeaseRequest(tags=("t", "u"))}))["a"]
        assert isinstance(lease, Lease)
        for tag in "tu":
            await server.zadd(f"tag~{namespace}:{tag}", {f"{namespace}:a": 1})
        assert await tier.tagged(["t", "u"]) == set()
        await tier.renew({"a": lease.token})
        assert await tier.tagged(["t"]) == await tier.tagged(["u"]) == {"a"}


async def test_a_tag_of_another_type_is_replaced(
    tier: RedisTier, namespace: str, server: Redis
) -> None:
    """A string under its name holds no keys, and fails nothing."""
    await server.set(f"tag~{namespace}:t", "x")
    assert await tier.tagged(["t", "u"]) == set()
    await tier.write({"a": value(ONE, tags=("t", "u"))})
    assert await tier.tagged(["t"]) == await tier.tagged(["u"]) == {"a"}


async def test_clear_leaves_nothing_of_its_own(
    tier: RedisTier, other: RedisTier, namespace: str, server: Redis
) -> None:
    """Values, leases and tags go, only the floor stays."""
    await tier.write({f"k{n}": value(ONE, tags=("t",)) for n in range(1500)})
    await tier.lease({"l": LeaseRequest(tags=("u",))})
    await other.clear()
    assert await server.keys(f"*{namespace}*") == [f"floor~{namespace}".encode()]
    assert (await tier.read(["k0"])).entries == {}


@pytest.mark.parametrize(
    ("one", "another"),
    [("{n}", "{n}:b"), ("{n}:b", "{n}"), ("[{n}]", "{n}"), ("{n}*", "{n}x"), ("x{n}", "yx{n}")],
)
async def test_clear_touches_its_own_namespace_only(
    shared_redis: EmbeddedRedis, server: Redis, namespace: str, one: str, another: str
) -> None:
    """Others stay, also those that a pattern would match, and so do strangers' keys."""
    mine, yours = (
        RedisTier(shared_redis.url, name.format(n=namespace), 5.0, lease_s=30.0)
        for name in (one, another)
    )
    async with opened(mine, yours):
        writes = {key: value(ONE, tags=("t",)) for key in ("x", "b:x", "*")}
        await mine.write(writes)
        await yours.write(writes)
        await yours.lease({"l": LeaseRequest()})
        await server.set(f"other-{namespace}:x", "x")
        floor = (await yours.read(["x"])).floor
        await mine.clear()
        assert await values(mine, *writes) == {}
        assert await values(yours, *writes) == dict.fromkeys(writes, 1)
        assert (await yours.read(["x"])).floor == floor
        assert await yours.tagged(["t"]) == set(writes)
        assert (await yours.lease({"l": LeaseRequest()}))["l"] == Lease(b"")
        assert await server.get(f"other-{namespace}:x") == b"x"


async def test_keys_of_different_namespaces_never_meet(
    shared_redis: EmbeddedRedis, namespace: str
) -> None:
    """Where one's namespace and the other's key would give the same name."""
    mine = RedisTier(shared_redis.url, namespace, 5.0)
    yours = RedisTier(shared_redis.url, f"{namespace}:b", 5.0)
    async with opened(mine, yours):
        await mine.write({"b:x": value(encode("mine"))})
        await yours.write({"x": value(encode("yours"))})
        assert await values(mine, "b:x") == {"b:x": "mine"}
        assert await values(yours, "x") == {"x": "yours"}


async def test_what_is_written_during_a_clear_keeps_its_tags(
    tier: RedisTier, other: RedisTier
) -> None:
    """Or goes with them: no value is left that its tag does not find."""
    await tier.write({f"k{n}": value(ONE, tags=("t",)) for n in range(3000)})

    async def keep_writing() -> None:
        number = 0
        while not clearing.done():
            await other.write({f"w{number}": value(ONE, tags=("t",))})
            number += 1

    clearing = asyncio.create_task(tier.clear())
    await keep_writing()
    await clearing
    keys = [f"w{n}" for n in range(5000)] + [f"k{n}" for n in range(3000)]
    left = set((await tier.read(keys)).entries)
    assert not left & {f"k{n}" for n in range(3000)}
    assert left <= await tier.tagged(["t"])


async def test_others_are_told_of_a_clear(tier: RedisTier, other: RedisTier) -> None:
    """Each key that goes is one that L1 must drop; the own L1 is emptied by whoever clears."""
    await tier.write({"a": value(ONE), "b": value(ONE)})
    pushes = Pushes(other)
    await tier.clear()
    await wait_until_async(lambda: {"a", "b"} <= set(pushes.seen), what="the invalidations")
