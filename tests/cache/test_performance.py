"""The nested statistics, over a cache that is memory alone."""

from collections.abc import Callable

import pytest

from cache import CacheConfig, MultiLevelCache
from cache.l1.memory import MemoryTier
from cache.prometheus import prometheus_text


async def test_the_figures_are_what_a_caller_saw() -> None:
    """Reads by level, loads that were shared, and failed reads are each counted as they were."""
    async with MultiLevelCache(CacheConfig(l1_max_size=7)) as cache:
        await cache.set_many({"a": 1, "b": 2})
        await cache.get_many(["a", "b", "none"])
        await cache.get("loaded", lambda: 3)
        with pytest.raises(ZeroDivisionError):
            await cache.get("broken", lambda: 1 / 0)
        await cache.delete("a")
        stats = cache.get_performance_stats()
    assert stats["requests_by_level"] == {"l1": 2, "l2": 0, "l3": 0, "origin": 1, "miss": 1}
    assert stats["total_requests"] == 4
    assert stats["overall_hit_rate"] == 0.5
    assert stats["origin_loads"] == stats["loads"]["started"] == 2
    assert stats["loads"]["failed"] == 1
    l1 = stats["l1_cache"]
    assert (l1["hits"], l1["misses"], l1["size"], l1["max_size"]) == (2, 2, 2, 7)
    rate = stats["performance_metrics"]["error_rate"]
    assert (rate["failed_reads"], rate["total_errors"], rate["total_operations"]) == (1, 1, 8)
    assert rate["overall_error_rate"] == 1 / 8


def test_failed_calls_of_tiers_are_errors() -> None:
    """They count beside failed reads, and the rate never exceeds the whole."""
    config = CacheConfig(l2_url="redis://127.0.0.1:1/0", l3_url="sqlite:///none.db")
    cache = MultiLevelCache(config)
    cache._l2_cache.counts.failures = 3
    cache._l3_cache.counts.failures = 4
    cache._stats.failed_reads = 1
    rate = cache.get_performance_stats()["performance_metrics"]["error_rate"]
    assert rate["errors_by_tier"] == {"l2": 3, "l3": 4}
    assert (rate["total_errors"], rate["overall_error_rate"]) == (8, 1.0)
    cache._stats.writes = 15
    rate = cache.get_performance_stats()["performance_metrics"]["error_rate"]
    assert rate["overall_error_rate"] == 0.5


def test_a_tier_that_is_off_has_counted_nothing() -> None:
    """It says that it is off, with the figures that every tier has."""
    stats = MultiLevelCache(CacheConfig()).get_performance_stats()
    assert stats["l2_cache"] == {"enabled": False, "hits": 0, "misses": 0, "hit_rate": 0.0}
    assert stats["coherence"]["enabled"] is False
    assert stats["warming"]["running"] is False


@pytest.mark.parametrize(
    "ask",
    [
        MultiLevelCache.get_performance_stats,
        MultiLevelCache.get_monitoring_metrics,
        MultiLevelCache.get_alert_metrics,
        prometheus_text,
    ],
)
def test_an_answer_is_made_of_the_counts_of_one_moment(
    ask: Callable[[MultiLevelCache], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """L1 adds up its hits once for each, because that takes time that grows with its size."""
    asked: list[MemoryTier] = []

    def hits(l1: MemoryTier) -> int:
        asked.append(l1)
        return 7

    monkeypatch.setattr(MemoryTier, "hits", property(hits))
    ask(MultiLevelCache(CacheConfig()))
    assert len(asked) == 1
