"""Warming on a whole cache: after L1 was emptied, the same load finds more of its keys there."""

import random
from itertools import accumulate

from cache import CacheConfig, MultiLevelCache
from tests.cache.conftest import ConfigMaker

KEYS = [f"k{number}" for number in range(2_000)]
LEARNT = 6_000
MEASURED = 600


def zipf(reads: int, seed: int) -> list[str]:
    """Reads of keys, the n-th key 1/n as often as the first."""
    weights = list(accumulate(1 / rank for rank in range(1, len(KEYS) + 1)))
    return random.Random(seed).choices(KEYS, cum_weights=weights, k=reads)


async def l1_hits(cache: MultiLevelCache, keys: list[str]) -> int:
    """Read keys one after another, and return how many L1 answered."""
    before = cache.get_performance_stats()["l1_cache"]["hits"]
    for key in keys:
        assert await cache.get(key) == f"value of {key}"
    return int(cache.get_performance_stats()["l1_cache"]["hits"] - before)


async def hits_after_l1_was_emptied(config: CacheConfig) -> tuple[int, int]:
    """Learn a load, empty L1, warm, and return the L1 hits of more of it and those gained."""
    async with MultiLevelCache(config) as cache:
        await cache.set_many({key: f"value of {key}" for key in KEYS})
        await l1_hits(cache, zipf(LEARNT, seed=1))
        await cache.clear_tier("l1")
        await cache.warm_now()
        hits = await l1_hits(cache, zipf(MEASURED, seed=2))
        return hits, cache._warmer.hits_gained


async def test_warming_raises_the_hit_ratio_of_l1(make_config: ConfigMaker) -> None:
    """On a Zipf load whose L1 was emptied, by more than a tenth of all reads."""
    settings = {"l1_max_size": 200, "max_warming_keys": 150, "enable_l3": False}
    cold, none_gained = await hits_after_l1_was_emptied(
        make_config(enable_warming=False, **settings)
    )
    warm, gained = await hits_after_l1_was_emptied(make_config(**settings))
    assert none_gained == 0
    assert warm - cold > MEASURED / 10
    assert warm >= gained > warm - cold
