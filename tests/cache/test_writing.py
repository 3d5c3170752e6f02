"""The write path where a tier does not take what it is given."""

import pytest

from cache import MultiLevelCache
from cache.codec import encode
from cache.tier import Write
from tests.cache.conftest import ConfigMaker
from tests.cache.l2.redis_tiers import open_tier

FAR_AHEAD = 9_000_000_000_000_000
"""A version that L3's clock reaches in the year 2255."""


@pytest.mark.parametrize("coherence", ["tracking", "ttl"])
async def test_a_value_that_l2_refuses_leaves_no_older_one(
    make_config: ConfigMaker, coherence: str
) -> None:
    """L2 holds a version from a clock far ahead: it goes, and reads are answered from L3."""
    config = make_config(coherence=coherence)
    async with (
        MultiLevelCache(config) as cache,
        MultiLevelCache(config) as other,
        open_tier(config.l2_url or "", config.namespace) as l2,
    ):
        await l2.write({"key": Write(encode("ahead"), version=FAR_AHEAD)})
        assert await cache.get("key") == "ahead"
        await cache.set("key", "new")
        assert cache._l1_cache.get("key") != "ahead"
        assert (await l2.read(["key"])).entries["key"].value != "ahead"
        for _ in range(2):
            assert await cache.get("key") == "new"
            assert (await other.get_with_info("key"))[0] == "new"
            await cache.clear_tier("l1")
            await other.clear_tier("l1")


async def test_the_next_write_reaches_l2_again(make_config: ConfigMaker) -> None:
    """The version from far ahead is gone with its value, so it refuses nothing any more."""
    config = make_config()
    async with (
        MultiLevelCache(config) as cache,
        open_tier(config.l2_url or "", config.namespace) as l2,
    ):
        await l2.write({"key": Write(encode("ahead"), version=FAR_AHEAD)})
        await cache.set("key", "refused")
        await cache.set("key", "taken")
        assert (await l2.read(["key"])).entries["key"].value == "taken"
