"""Leases: one loader in the cluster, whose fill is taken unless somebody wrote meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from cache.codec import encode
from cache.l2.redis import RedisTier
from cache.tier import DELETE, MISS, Entry, Lease, LeaseRequest, Write
from tests.cache.l2.redis_tiers import (
    VERSION,
    in_another_process,
    open_tier,
    value,
    values,
)
from tests.support.servers import EmbeddedRedis
from tests.support.waiting import wait_until_async

OLD, NEW = encode("old"), encode("new")

Step = Callable[[RedisTier], Awaitable[object]]


async def _ask(tier: RedisTier, newer_than: int = 0, key: str = "a") -> Entry | Lease:
    return (await tier.lease({key: LeaseRequest(newer_than)}))[key]


async def _granted(tier: RedisTier, newer_than: int = 0) -> Lease:
    lease = await _ask(tier, newer_than)
    assert isinstance(lease, Lease)
    assert lease.is_granted
    return lease


def _fill(lease: Lease, payload: bytes = OLD, version: int = 0) -> dict[str, Write]:
    return {"a": Write(payload, 60, version=version, lease=lease.token, floor=lease.floor)}


async def _is_busy(tier: RedisTier) -> bool:
    return await _ask(tier) == Lease(b"")


async def test_one_of_many_gets_the_lease(shared_redis: EmbeddedRedis, namespace: str) -> None:
    """Whichever connection asked first; the others learn that it is held."""
    tiers = [RedisTier(shared_redis.url, namespace, 5.0, lease_s=30.0) for _ in range(4)]
    for tier in tiers:
        await tier.open()
    answers = await asyncio.gather(*[_ask(tier) for tier in tiers for _ in range(64)])
    assert all(isinstance(answer, Lease) for answer in answers)
    assert sum(answer.is_granted for answer in answers if isinstance(answer, Lease)) == 1
    for tier in tiers:
        await tier.close()


async def test_a_fill_under_the_lease_is_stored(tier: RedisTier, other: RedisTier) -> None:
    """And the lease ends with it; the next who asks gets the value."""
    lease = await _granted(tier)
    filled = await tier.write(_fill(lease, NEW))
    entry = await _ask(other)
    assert isinstance(entry, Entry)
    assert (entry.value, entry.version) == ("new", filled["a"])
    assert (await _granted(other, filled["a"])).token != lease.token


async def test_who_knows_the_value_already_gets_a_lease(tier: RedisTier) -> None:
    """A value that is not newer is no answer to who wants to load it anew."""
    await tier.write({"a": value(OLD, VERSION)})
    entry = await _ask(tier, VERSION - 1)
    assert isinstance(entry, Entry)
    lease = await _granted(tier, VERSION)
    assert await tier.write(_fill(lease, NEW)) == {"a": VERSION + 1}


async def test_a_fill_has_the_version_of_l3(tier: RedisTier, other: RedisTier) -> None:
    """It is refused where L2 has a newer one, and confirmed where it has the same."""
    lease = await _granted(tier)
    floor = (await other.read(["a"])).floor
    assert lease.floor == floor
    await other.write({"a": Write(NEW, version=VERSION + 1, floor=floor)})
    assert await tier.write(_fill(lease, OLD, VERSION)) == {}
    lease = await _granted(tier, VERSION + 1)
    assert await tier.write(_fill(lease, OLD, VERSION + 1)) == {"a": VERSION + 1}
    assert await values(tier, "a") == {"a": "new"}


async def _set(tier: RedisTier) -> None:
    await tier.write({"a": value(NEW)})


async def _set_of_l3(tier: RedisTier) -> None:
    await tier.write({"a": value(NEW, VERSION)})


async def _promote_and_set(tier: RedisTier) -> None:
    floor = (await tier.read(["a"])).floor
    await tier.write({"a": Write(NEW, version=VERSION, floor=floor)})
    await tier.write({"a": value(NEW, VERSION)})


async def _delete(tier: RedisTier) -> None:
    await tier.write({"a": DELETE})


async def _delete_of_l3(tier: RedisTier) -> None:
    await tier.write({"a": Write(None, version=VERSION)})


async def _clear(tier: RedisTier) -> None:
    await tier.clear()


@pytest.mark.parametrize(
    ("step", "left"),
    [
        (_set, {"a": "new"}),
        (_set_of_l3, {"a": "new"}),
        (_promote_and_set, {"a": "new"}),
        (_delete, {"a": MISS}),
        (_delete_of_l3, {"a": MISS}),
        (_clear, {}),
    ],
)
@pytest.mark.parametrize("version", [0, VERSION + 9])
async def test_a_write_during_a_load_wins(
    tier: RedisTier, other: RedisTier, step: Step, left: dict[str, object], version: int
) -> None:
    """Whoever writes ends the lease, so the load's older value is refused."""
    lease = await _granted(tier)
    await step(other)
    assert await tier.write(_fill(lease, OLD, version)) == {}
    assert await values(tier, "a") == left


async def test_a_clear_refuses_a_fill_whose_lease_it_missed(
    tier: RedisTier, other: RedisTier, namespace: str, server: Redis
) -> None:
    """The floor does, in case that the lease was taken behind the clear's back."""
    lease = await _granted(tier)
    await other.clear()
    await server.set(f"lease~{namespace}:a", lease.token)
    assert await tier.write(_fill(lease)) == {}
    assert await values(tier, "a") == {}


async def test_a_promotion_leaves_the_lease_alone(tier: RedisTier, other: RedisTier) -> None:
    """Who loads because the value is stale goes on."""
    lease = await _granted(tier)
    floor = (await other.read(["a"])).floor
    await other.write({"a": Write(OLD, version=VERSION, floor=floor)})
    assert await tier.write(_fill(lease, NEW)) == {"a": VERSION + 1}


async def test_another_ones_lease_admits_nothing(tier: RedisTier, other: RedisTier) -> None:
    """Neither a fill nor its end."""
    lease = await _granted(tier)
    stranger = Lease(b"0" * len(lease.token), lease.floor)
    assert await other.write(_fill(stranger)) == {}
    await other.release({"a": stranger.token})
    await other.renew({"a": stranger.token})
    assert await _is_busy(other)
    assert list(await tier.write(_fill(lease))) == ["a"]


async def test_a_released_lease_is_free(tier: RedisTier, other: RedisTier) -> None:
    """Who gives up lets the next one load, and fills no more."""
    lease = await _granted(tier)
    await tier.release({"a": lease.token, "b": lease.token})
    again = await _granted(other)
    assert await tier.write(_fill(lease)) == {}
    assert list(await other.write(_fill(again))) == ["a"]


async def test_a_lease_lapses(shared_redis: EmbeddedRedis, namespace: str) -> None:
    """A loader that died keeps nobody waiting, and one that comes late is refused."""
    async with open_tier(shared_redis.url, namespace, lease_s=0.05) as tier:
        lease = await _granted(tier)

        async def is_free() -> bool:
            return not await _is_busy(tier)

        await wait_until_async(is_free, what="the end of a lease")
        assert await tier.write(_fill(lease)) == {}
        assert await values(tier, "a") == {}


async def test_a_renewed_lease_lives_on(
    tier: RedisTier, shared_redis: EmbeddedRedis, namespace: str, server: Redis
) -> None:
    """For its whole time again."""
    async with open_tier(shared_redis.url, namespace, lease_s=600.0) as patient:
        lease = await _granted(tier)
        assert await server.pttl(f"lease~{namespace}:a") <= 30_000
        await patient.renew({"a": lease.token})
        assert await server.pttl(f"lease~{namespace}:a") > 500_000
        assert list(await tier.write(_fill(lease))) == ["a"]
        await patient.renew({"a": lease.token})
        assert not await server.exists(f"lease~{namespace}:a")


async def test_a_batch_is_answered_key_by_key(tier: RedisTier, other: RedisTier) -> None:
    """Values, leases and what others hold, in one question."""
    await tier.write({"a": value(NEW), "b": Write(None, version=VERSION)})
    await other.lease({"c": LeaseRequest()})
    answers = await tier.lease(dict.fromkeys("abcd", LeaseRequest()))
    assert answers.keys() == set("abcd")
    entry = answers.pop("a")
    assert isinstance(entry, Entry)
    assert entry.value == "new"
    granted = {key: bool(answer.token) for key, answer in answers.items()}
    assert granted == {"b": True, "c": False, "d": True}


async def test_tokens_are_never_the_same(tier: RedisTier, other: RedisTier) -> None:
    """Not over time, nor over processes."""
    tokens = set()
    for asking in (tier, other, tier, other):
        lease = await _granted(asking)
        tokens.add(lease.token)
        await asking.release({"a": lease.token})
    assert len({len(token) for token in tokens}) == 1
    assert len(tokens) == 4


async def test_processes_share_leases(
    tier: RedisTier, shared_redis: EmbeddedRedis, namespace: str
) -> None:
    """What one process holds, another is not granted; what that one writes ends it."""
    lease = await _granted(tier)
    printed = await in_another_process(f"""
        import asyncio
        from cache.l2.redis import RedisTier
        from cache.tier import LeaseRequest, Write

        async def main():
            tier = RedisTier({shared_redis.url!r}, {namespace!r}, 5.0)
            await tier.open()
            print((await tier.lease({{"a": LeaseRequest()}}))["a"].is_granted)
            await tier.write({{"a": Write(b'"theirs"')}})
            await tier.close()

        asyncio.run(main())
    """)
    assert printed.split() == ["False"]
    assert await tier.write(_fill(lease)) == {}
    assert await values(tier, "a") == {"a": "theirs"}
