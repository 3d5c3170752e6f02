"""A gate before a tier that is away: calls pass it by, and are counted."""

from cache.codec import encode
from cache.gate import Gate
from cache.redis import RedisTier
from cache.tier import Write
from tests.support.servers import LOOPBACK, free_port


async def test_calls_that_passed_a_tier_by_are_counted() -> None:
    """A read and a write of one key each; the key that was not written is remembered."""
    gate = Gate("l2", RedisTier(f"redis://{LOOPBACK}:{free_port()}/0", "n", 5.0), interval_s=3600)
    await gate.open()
    assert not (await gate.read(["a"])).answered
    assert not await gate.write({"b": Write(encode(1))})
    assert gate.counts.skipped == 2
    assert gate.missed_keys == 1
    await gate.close()
