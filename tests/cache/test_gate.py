"""A gate before a tier that is away: calls pass it by, and are counted."""

import asyncio

from cache.codec import encode
from cache.gate import Gate
from cache.l2.redis import RedisTier
from cache.tier import Write
from tests.support.servers import LOOPBACK, EmbeddedRedis, free_port
from tests.support.waiting import wait_until_async


async def test_a_call_that_failed_is_counted_unless_the_cache_is_left(
    redis_server: EmbeddedRedis,
) -> None:
    """What was cut by the end of the cache is no failure of the tier."""
    gate = Gate("l2", RedisTier(redis_server.url, "n", 0.2), interval_s=3600)
    await gate.open()
    redis_server.pause()
    assert await gate.read(["a"]) is None
    assert gate.counts.failures == 1
    statistics = gate.tier._session.link._connection.statistics
    before = statistics.requests_created
    cut = asyncio.create_task(gate.read(["a"]))
    await wait_until_async(lambda: statistics.requests_created > before, what="the read's request")
    await gate.close()
    assert await cut is None
    assert gate.counts.failures == 1


async def test_calls_that_passed_a_tier_by_are_counted() -> None:
    """A read and a write of one key each; the key that was not written is remembered."""
    gate = Gate("l2", RedisTier(f"redis://{LOOPBACK}:{free_port()}/0", "n", 5.0), interval_s=3600)
    await gate.open()
    assert await gate.read(["a"]) is None
    assert await gate.write({"b": Write(encode(1))}) is None
    assert gate.counts.skipped == 2
    assert gate.missed_keys == 1
    await gate.close()


class _Deaf(RedisTier):
    async def tend(self) -> None:
        await asyncio.Event().wait()


async def test_a_question_that_outlives_its_tier_is_ended(shared_redis: EmbeddedRedis) -> None:
    """Nobody goes on waiting for a sign of life that can't come."""
    gate = Gate("l2", _Deaf(shared_redis.url, "n", 5.0), interval_s=3600)
    await gate.open()
    check = asyncio.create_task(gate.check())
    await wait_until_async(lambda: gate.recovery._beating is not None, what="the question")
    await gate.close()
    assert not await asyncio.wait_for(check, 5)
