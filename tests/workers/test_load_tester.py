"""The seed's load tester."""

from cache.config import CacheConfig
from cache.multilevel import MultiLevelCache
from workers.load_tester import CacheLoadTester


async def test_users_times_operations_are_done_and_analysed(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """The seed's call, on a real cache: counts are exact, and nothing read was wrong."""
    config = CacheConfig.default(namespace=namespace, l2_url=redis_url, l3_url=sqlite_url)
    async with MultiLevelCache(config) as cache:
        results = await CacheLoadTester(cache).run_concurrent_load_test(
            concurrent_users=10, operations_per_user=50
        )
    assert results["operations"] == 500
    assert results["errors"] == results["wrong_values"] == results["stale_reads"] == 0
    assert results["values_checked"] > 300
    assert 0 < results["mean"] <= results["p99"] <= results["max"]
