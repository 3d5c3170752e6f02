"""Values in L2: the higher version wins in whatever order writes arrive, and nothing else does."""

import asyncio

import msgspec
import pytest
from redis.asyncio import Redis

from cache.codec import encode
from cache.l2 import values as redis_values
from cache.l2.envelope import tombstone
from cache.l2.head import CHECK_MODULUS, HEAD_BYTES, MAX_VERSION, MIN_VERSION, VALUE, head
from cache.l2.redis import RedisTier
from cache.tier import DELETE, MISS, Found, Lease, LeaseRequest, Write
from tests.cache.l2.redis_tiers import (
    VERSION,
    open_tier,
    plain_client,
    value,
    values,
)
from tests.support.servers import EmbeddedRedis
from tests.support.waiting import wait_until_async

OLD, NEW = encode("old"), encode("new")


async def _floor(tier: RedisTier) -> int:
    return (await tier.read(["-"])).floor


async def _promotion(tier: RedisTier, payload: bytes, version: int) -> Write:
    return Write(payload, version=version, floor=await _floor(tier))


async def test_a_value_is_one_string_under_its_namespace(
    tier: RedisTier, namespace: str, server: Redis
) -> None:
    """JSON with the times in the server's clock, and the server's own expiry."""
    write = Write(encode({"x": 1}), 60, 30, 5, 0.5, ("t",), VERSION)
    assert await tier.write({"a": write}) == {"a": VERSION}
    name = f"{namespace}:a"
    assert await server.type(name) == b"string"
    envelope = await server.get(name)
    assert envelope[:HEAD_BYTES] == head(VALUE, VERSION)
    form, version, _, expires_ms, fresh_ms, stored_ms, cost_s, tags, size, payload = (
        msgspec.json.decode(envelope)
    )
    assert (form, version, cost_s, tags, size) == (5, VERSION, 0.5, ["t"], 7)
    assert payload == {"x": 1}
    now_ms = (await server.time())[0] * 1000
    assert 0 < expires_ms - now_ms <= 61_000
    assert (expires_ms - fresh_ms, expires_ms - stored_ms) == (30_000, 65_000)
    assert 0 < await server.pttl(name) <= 60_000
    await tier.write({"a": Write(encode(1))})
    assert await server.pttl(name) == -1


async def test_what_is_read_says_all_that_was_written(tier: RedisTier) -> None:
    """Times are what is left of them, on the safe side."""
    await tier.write({"a": Write(encode(1), 60, 30, 5, 0.5, ("t",), VERSION)})
    entry = (await tier.read(["a"])).entries["a"]
    assert (entry.value, entry.version, entry.cost_s, entry.tags) == (1, VERSION, 0.5, ("t",))
    assert 50 < entry.ttl_s <= 60
    assert 20 < entry.fresh_s <= 30
    assert 5 <= entry.age_s < 15


async def test_an_expired_envelope_is_a_known_miss(
    tier: RedisTier, namespace: str, server: Redis
) -> None:
    """The envelope's own expiry counts, also where the server's is missing."""
    await tier.write({"a": Write(encode(1), 0.05, version=VERSION)})
    await server.persist(f"{namespace}:a")

    async def has_ended() -> bool:
        return await values(tier, "a") == {"a": MISS}

    await wait_until_async(has_ended, what="the end of a value")
    assert await server.exists(f"{namespace}:a")


async def test_the_higher_version_wins(tier: RedisTier, other: RedisTier) -> None:
    """Of two writers, in whatever order they arrive; the loser learns of it."""
    assert await tier.write({"a": value(NEW, VERSION + 1)}) == {"a": VERSION + 1}
    assert await other.write({"a": value(OLD, VERSION)}) == {}
    assert await values(tier, "a") == {"a": "new"}
    assert await other.write({"a": value(NEW, VERSION + 2)}) == {"a": VERSION + 2}


async def test_an_equal_version_is_the_same_write(tier: RedisTier, other: RedisTier) -> None:
    """It is confirmed and not stored again."""
    await tier.write({"a": value(NEW, VERSION)})
    assert await other.write({"a": value(OLD, VERSION)}) == {"a": VERSION}
    assert await other.write({"a": await _promotion(other, OLD, VERSION)}) == {"a": VERSION}
    assert await values(tier, "a") == {"a": "new"}


async def test_without_a_version_the_server_counts(
    tier: RedisTier, other: RedisTier, server: Redis
) -> None:
    """Each write is later than the one before, whoever wrote, and whatever came between."""
    seen = [MIN_VERSION]
    for forget in (None, None, tier.clear, server.flushdb, None):
        if forget is not None:
            await forget()
            seen.append(await _floor(tier) or seen[-1])
        for writer in (tier, other):
            seen.append((await writer.write({"a": value(NEW)}))["a"])
            await writer.write({"a": DELETE})
            seen.append((await writer.write({"a": value(NEW)}))["a"])
    assert seen == sorted(seen)
    assert len(set(seen)) >= len(seen) - 1
    assert seen[-1] < VERSION


async def test_a_version_of_another_length_is_refused(tier: RedisTier) -> None:
    """A script would not find it; nothing is sent."""
    with pytest.raises(ValueError, match="version 5 is not of 16 digits"):
        await tier.write({"a": value(NEW), "b": value(NEW, 5)})
    assert await values(tier, "a", "b") == {}


async def test_a_delete_leaves_a_tombstone(
    tier: RedisTier, other: RedisTier, namespace: str, server: Redis
) -> None:
    """Which is a known miss, refuses what is older, lets what is newer pass, and ends by itself."""
    await tier.write({"a": value(OLD, VERSION)})
    delete = Write(None, version=VERSION + 1)
    assert await tier.write({"a": delete}) == {"a": VERSION + 1}
    assert 0 < await server.pttl(f"{namespace}:a") <= 60_000
    entry = (await other.read(["a"])).entries["a"]
    assert (entry.value, entry.version) == (MISS, VERSION + 1)
    assert await other.write({"a": await _promotion(other, OLD, VERSION)}) == {}
    assert await other.write({"a": await _promotion(other, OLD, VERSION + 1)}) == {}
    assert await other.write({"a": value(OLD, VERSION)}) == {}
    assert await values(other, "a") == {"a": MISS}
    promotion = await _promotion(other, NEW, VERSION + 2)
    assert await other.write({"a": promotion}) == {"a": VERSION + 2}


async def test_a_delete_without_a_version_only_removes(tier: RedisTier) -> None:
    """What comes after it is stored, whatever its version."""
    await tier.write({"a": value(NEW, VERSION)})
    assert await tier.write({"a": DELETE, "b": DELETE}) == {"a": 0, "b": 0}
    assert await values(tier, "a", "b") == {"a": MISS, "b": MISS}
    assert await tier.write({"a": value(OLD, VERSION - 1)}) == {"a": VERSION - 1}


async def test_a_promotion_of_what_was_read_before_a_clear_is_refused(
    tier: RedisTier, other: RedisTier
) -> None:
    """The floor has risen since."""
    promotion = await _promotion(tier, OLD, VERSION)
    await other.clear()
    assert await tier.write({"a": promotion}) == {}
    assert await tier.write({"a": await _promotion(tier, NEW, VERSION)}) == {"a": VERSION}


async def test_a_set_from_before_a_clear_is_refused(tier: RedisTier, other: RedisTier) -> None:
    """Its version is under the floor, which is L3's unless that is the lower."""
    assert await other.clear(VERSION) == VERSION
    assert await _floor(tier) == VERSION
    assert await tier.write({"a": value(OLD, VERSION)}) == {}
    assert await tier.write({"a": value(NEW, VERSION + 1)}) == {"a": VERSION + 1}
    assert await other.clear(VERSION - 5) == VERSION + 1
    assert await other.clear() == VERSION + 2


@pytest.mark.parametrize("version", [0, VERSION + 1])
async def test_a_set_that_comes_too_late_deletes(
    tier: RedisTier, other: RedisTier, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who sent it has given it up, and what it meant to replace is older."""
    await tier.write({"a": value(OLD, VERSION)})
    monkeypatch.setattr(redis_values, "LATEST_S", -1.0)
    assert await tier.write({"a": value(NEW, version), "b": value(NEW, version)}) == {}
    monkeypatch.undo()
    assert await values(other, "a", "b") == {"a": MISS, "b": MISS}
    assert await other.write({"a": await _promotion(other, OLD, VERSION)}) == {}


async def test_a_late_set_leaves_what_is_newer(
    tier: RedisTier, other: RedisTier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or is the same."""
    await tier.write({"a": value(NEW, VERSION + 1), "b": value(NEW, VERSION)})
    monkeypatch.setattr(redis_values, "LATEST_S", -1.0)
    assert await tier.write({key: value(OLD, VERSION) for key in "ab"}) == {"b": VERSION}
    assert await values(other, "a", "b") == {"a": "new", "b": "new"}


async def test_a_late_fill_stores_nothing(tier: RedisTier, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a promotion nor a load's; its lease ends."""
    lease = (await tier.lease({"a": LeaseRequest()}))["a"]
    assert isinstance(lease, Lease)
    promotion = await _promotion(tier, OLD, VERSION)
    monkeypatch.setattr(redis_values, "LATEST_S", -1.0)
    fill = Write(OLD, lease=lease.token, floor=lease.floor)
    assert await tier.write({"a": fill, "b": promotion}) == {}
    assert await values(tier, "a", "b") == {}
    assert (await tier.lease({"a": LeaseRequest()}))["a"].is_granted


@pytest.mark.parametrize(
    "payload",
    [
        b"plain",
        b"\x80\x04K\x01.",
        b"[1,null,1]",
        b'{"a":1}',
        head(VALUE, VERSION + 9) + b"0000000000,null,null,1,0,[],1,1]",
        head(VALUE, VERSION + 9)[:-1],
        head(VALUE, 9_999_999_999_999_999) + b"0000000000,null,null,1,0,[],1,1]",
        b"[2,%d,null,null,1,0,[],1,1]" % (VERSION + 9),
        tombstone("b", VERSION + 9),
    ],
)
async def test_a_foreign_payload_is_a_counted_miss(
    tier: RedisTier, namespace: str, server: Redis, payload: bytes
) -> None:
    """It is not served, and whatever version it claims, any write replaces it."""
    for write in (value(NEW), value(NEW, VERSION), await _promotion(tier, NEW, VERSION)):
        await server.set(f"{namespace}:a", payload)
        counted = tier.undecodable
        assert await values(tier, "a") == {}
        assert tier.undecodable == counted + 1
        assert list(await tier.write({"a": write})) == ["a"]
        assert await values(tier, "a") == {"a": "new"}


async def test_a_foreign_payload_is_replaced_by_a_load(
    tier: RedisTier, namespace: str, server: Redis
) -> None:
    """Also where it looks newer, and nobody has read it before the lease."""
    corrupt = head(VALUE, VERSION) + b"0000000000,null,null,1,0,[],1,1]"
    for payload in (b"plain", corrupt):
        await server.set(f"{namespace}:a", payload)
        lease = (await tier.lease({"a": LeaseRequest()}))["a"]
        assert isinstance(lease, Lease)
        assert lease.is_granted
        fill = Write(NEW, lease=lease.token, floor=lease.floor)
        assert list(await tier.write({"a": fill})) == ["a"]
        assert await values(tier, "a") == {"a": "new"}


async def test_another_keys_value_is_a_counted_miss(
    tier: RedisTier, namespace: str, server: Redis
) -> None:
    """However new it is, it is not served, protects nothing, and spoils no batch."""
    await tier.write({"a": value(NEW, VERSION + 9), "c": value(NEW)})
    for write in (value(OLD), value(OLD, VERSION), await _promotion(tier, OLD, VERSION)):
        await server.copy(f"{namespace}:a", f"{namespace}:b", replace=True)
        counted = tier.undecodable
        assert await values(tier, *"abc") == {"a": "new", "c": "new"}
        assert tier.undecodable == counted + 1
        assert list(await tier.write({"b": write})) == ["b"]
        assert await values(tier, "b") == {"b": "old"}


async def test_a_version_with_a_wrong_digit_keeps_nobody_out(
    tier: RedisTier, namespace: str, server: Redis
) -> None:
    """Also where nobody has read it before the write, for the server sees it too."""
    for form in ("value", "tombstone"):
        await tier.write({"a": value(OLD, VERSION) if form == "value" else DELETE})
        await server.setrange(f"{namespace}:a", 3, "8")
        assert await tier.write({"a": value(NEW, VERSION + 1)}) == {"a": VERSION + 1}
        assert await values(tier, "a") == {"a": "new"}
        await server.delete(f"{namespace}:a")


async def test_the_servers_checks_are_those_of_the_clients(
    tier: RedisTier, namespace: str, server: Redis
) -> None:
    """Of the versions that it writes itself, and of what it makes of those that it is given."""
    versions = [VERSION + 7_919 * number for number in range(200)]
    # Where a division by the modulus can't be exact.
    versions += [
        MIN_VERSION,
        *(CHECK_MODULUS * (MAX_VERSION // CHECK_MODULUS - n) - 1 for n in range(20)),
    ]
    keys = [f"k{number}" for number in range(len(versions))]
    given = dict(zip(keys, versions, strict=True))
    await tier.clear()
    await tier.write({key: value(NEW, version) for key, version in given.items()})
    await tier.write({f"own{key}": value(NEW) for key in keys})
    names = [f"{namespace}:{prefix}{key}" for prefix in ("", "own") for key in keys]
    found = [envelope for envelope in await server.mget(names) if envelope is not None]
    assert len(found) >= 2 * len(versions) - 1
    for envelope in found:
        assert envelope[:HEAD_BYTES] == head(VALUE, int(envelope[3:19]))


async def test_a_key_of_another_type_is_a_miss(
    tier: RedisTier, namespace: str, server: Redis
) -> None:
    """A list under our name fails no batch, and is replaced by a set, a fill or a tombstone."""
    for key in "abcd":
        await server.rpush(f"{namespace}:{key}", "x")
    await server.rpush(f"lease~{namespace}:c", "x")
    await tier.write({"e": value(NEW)})
    assert await values(tier, *"abcde") == {"e": "new"}
    await tier.write({"a": value(NEW), "c": value(NEW), "d": DELETE})
    counted = tier.undecodable
    leases = await tier.lease({key: LeaseRequest() for key in "bf"})
    lease = leases["b"]
    assert isinstance(lease, Lease)
    assert lease.is_granted
    assert tier.undecodable == counted + 1
    await tier.write({"b": Write(NEW, lease=lease.token, floor=lease.floor)})
    assert await values(tier, *"abcde") == dict.fromkeys("abce", "new") | {"d": MISS}


async def test_a_floor_of_another_kind_counts_as_none(
    tier: RedisTier, namespace: str, server: Redis
) -> None:
    """Whatever is there, it is below every version, and the next clear replaces it."""
    await server.delete(f"floor~{namespace}")
    await server.rpush(f"floor~{namespace}", "x")
    assert await _floor(tier) == 0
    assert list(await tier.write({"a": value(NEW)})) == ["a"]
    for floor in ("x", "1e300", "-7", ""):
        await server.set(f"floor~{namespace}", floor)
        assert await _floor(tier) == 0
        assert list(await tier.write({"a": value(NEW)})) == ["a"]
    assert await tier.clear() > MIN_VERSION


async def test_a_floor_that_was_lost_does_not_come_back(
    tier: RedisTier, server: Redis, namespace: str
) -> None:
    """What was missed before is not stored after, however often the server forgets."""
    seen = {await _floor(tier)}
    for _ in range(3):
        await server.delete(f"floor~{namespace}")
        floor = await tier.clear()
        assert floor not in seen
        seen.add(floor)


async def test_values_are_packed_where_it_is_asked_for(
    shared_redis: EmbeddedRedis, namespace: str, server: Redis, tier: RedisTier
) -> None:
    """And read by those who don't ask for it; those who allow less don't unpack them."""
    text = "x" * 10_000
    async with open_tier(shared_redis.url, namespace, compress_over_bytes=1000) as packing:
        await packing.write({"a": value(encode(text), VERSION), "b": value(encode("short"))})
    assert await server.strlen(f"{namespace}:a") < 1000
    assert await values(tier, "a", "b") == {"a": text, "b": "short"}
    async with open_tier(shared_redis.url, namespace, max_value_bytes=5000) as narrow:
        assert await values(narrow, "a", "b") == {"b": "short"}
        assert narrow.undecodable == 1


async def test_batches_of_any_size_are_split(tier: RedisTier) -> None:
    """Reads, writes, deletes, leases: thousands of keys, and many bytes."""
    keys = [f"k{number}" for number in range(2345)]
    written = await tier.write({key: value(encode(key)) for key in keys})
    assert written.keys() == set(keys)
    found = await tier.read(keys)
    assert {key: entry.value for key, entry in found.entries.items()} == {key: key for key in keys}
    assert found.floor == await _floor(tier)
    assert (await tier.write(dict.fromkeys(keys, DELETE))).keys() == set(keys)
    leases = await tier.lease(dict.fromkeys(keys, LeaseRequest()))
    assert all(isinstance(lease, Lease) and lease.is_granted for lease in leases.values())
    assert leases.keys() == set(keys)
    large = encode("x" * 3_000_000)
    assert len(await tier.write({key: value(large) for key in keys[:10]})) == 10
    await tier.clear()


async def test_nothing_is_asked_for_nothing(tier: RedisTier) -> None:
    """Empty batches are answered."""
    assert await tier.read([]) == Found({})
    assert await tier.write({}) == {}
    assert await tier.lease({}) == {}
    assert await tier.tagged([]) == set()


async def test_later_calls_take_effect_after_earlier_ones(tier: RedisTier) -> None:
    """Also where the earlier call needs several commands."""
    writes = {f"k{number}": value(encode(number)) for number in range(2500)}
    await asyncio.gather(tier.write(writes), tier.write({"k2499": DELETE}))
    assert await values(tier, "k2498", "k2499") == {"k2498": 2498, "k2499": MISS}


async def test_a_full_server_holds_no_older_value(redis_server: EmbeddedRedis) -> None:
    """What can't be stored is removed, deletes work, and loads go on without a lease kept."""
    async with (
        open_tier(redis_server.url, "full") as tier,
        plain_client(redis_server.url) as server,
    ):
        await tier.write({"a": value(OLD, VERSION), "b": value(OLD, VERSION)})
        await server.config_set("maxmemory-policy", "noeviction")
        await server.config_set("maxmemory", "1")
        assert await tier.write({"a": value(NEW, VERSION + 1), "c": value(NEW, VERSION)}) == {}
        assert await values(tier, "a", "b", "c") == {"b": "old"}
        assert await tier.write({"b": Write(None, version=VERSION + 1)}) == {"b": VERSION + 1}
        assert await values(tier, "b") == {}
        lease = (await tier.lease({"a": LeaseRequest()}))["a"]
        assert isinstance(lease, Lease)
        assert lease.is_granted
        assert await tier.write({"a": Write(NEW, lease=lease.token, floor=lease.floor)}) == {}
        await server.config_set("maxmemory", "0")
        assert await tier.write({"a": value(NEW, VERSION + 2)}) == {"a": VERSION + 2}


async def test_a_full_server_is_cleared(redis_server: EmbeddedRedis) -> None:
    """There is room for the floor once the values have gone."""
    async with (
        open_tier(redis_server.url, "full") as tier,
        plain_client(redis_server.url) as server,
    ):
        await server.config_set("maxmemory-policy", "noeviction")
        before = (await server.info("memory"))["used_memory"]
        await tier.write({f"k{n}": value(encode("x" * 1_000_000)) for n in range(20)})
        floor = await _floor(tier)
        await server.config_set("maxmemory", str(before + 10_000_000))
        await tier.clear()
        assert await values(tier, "k0", "k19") == {}
        assert await _floor(tier) > floor


async def test_a_value_ends_in_redis_too(tier: RedisTier, namespace: str, server: Redis) -> None:
    """What nobody reads takes no room."""
    await tier.write({"a": Write(OLD, 0.05)})

    async def is_gone() -> bool:
        return not await server.exists(f"{namespace}:a")

    await wait_until_async(is_gone, what="the expiry of a value")
