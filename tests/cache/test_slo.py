"""Service levels: met, missed, or not to be judged yet."""

from typing import Any

import pytest

from cache import CacheConfig, MultiLevelCache
from cache.slo import ENOUGH_READS

MS = 1_000_000


@pytest.fixture
def cache() -> MultiLevelCache:
    """A cache that is memory alone, with service levels of its own."""
    return MultiLevelCache(CacheConfig(slo_error_rate=0.1, slo_hit_rate=0.6, slo_p95_s=0.02))


def levels(cache: MultiLevelCache) -> dict[str, dict[str, Any]]:
    """The service levels by name."""
    return {level["name"]: level for level in cache.get_alert_metrics()["slos"]}


def alerts(cache: MultiLevelCache) -> dict[str, dict[str, Any]]:
    """The alerts by name."""
    return {alert["name"]: alert for alert in cache.get_alert_metrics()["alerts"]}


def test_without_reads_there_is_nothing_to_judge(cache: MultiLevelCache) -> None:
    """Neither met nor missed, and no alert."""
    assert cache.get_alert_metrics() == {
        "alerts": [],
        "slo_compliant": True,
        "slos": [
            {"name": "error_rate", "target": 0.1, "actual": None, "met": None},
            {"name": "hit_rate", "target": 0.6, "actual": None, "met": None},
            {"name": "p95_response_time_s", "target": 0.02, "actual": None, "met": None},
        ],
    }


def test_a_level_that_is_just_kept_is_met(cache: MultiLevelCache) -> None:
    """The target itself is good enough."""
    cache._stats.record_read("l2", MS, 60)
    cache._stats.record_read("miss", MS, 40)
    cache._stats.writes, cache._stats.failed_reads = 17, 13
    slos = levels(cache)
    assert {name: (slo["actual"], slo["met"]) for name, slo in slos.items()} == {
        "error_rate": (0.1, True),
        "hit_rate": (0.6, True),
        "p95_response_time_s": (0.001, True),
    }
    assert cache.get_alert_metrics()["slo_compliant"]


def test_a_level_that_is_missed_is_an_alert(cache: MultiLevelCache) -> None:
    """With its severity, the figure and the setting that it misses."""
    cache._stats.record_read("l2", 30 * MS, 59)
    cache._stats.record_read("miss", MS, 41)
    cache._stats.failed_reads = 25
    assert alerts(cache) == {
        "error_rate": {
            "name": "error_rate",
            "severity": "critical",
            "value": 0.2,
            "threshold": 0.1,
        },
        "hit_rate": {"name": "hit_rate", "severity": "warning", "value": 0.59, "threshold": 0.6},
        "p95_response_time_s": {
            "name": "p95_response_time_s",
            "severity": "warning",
            "value": 0.03,
            "threshold": 0.02,
        },
    }
    assert not cache.get_alert_metrics()["slo_compliant"]
    assert [slo["met"] for slo in levels(cache).values()] == [False, False, False]


def test_a_hit_rate_is_judged_by_enough_reads(cache: MultiLevelCache) -> None:
    """A cache that has just begun has nothing but misses."""
    cache._stats.record_read("miss", MS, ENOUGH_READS - 1)
    assert levels(cache)["hit_rate"]["met"] is None
    assert alerts(cache) == {}
    cache._stats.record_read("miss", MS)
    assert levels(cache)["hit_rate"]["met"] is False


def test_the_slowest_tier_is_judged_and_the_origin_is_not(cache: MultiLevelCache) -> None:
    """How long a load takes is not the cache's doing."""
    cache._stats.record_read("origin", 5000 * MS)
    cache._stats.record_read("miss", 5000 * MS)
    assert levels(cache)["p95_response_time_s"]["met"] is None
    cache._stats.record_read("l2", MS)
    cache._stats.record_read("l3", 15 * MS)
    assert levels(cache)["p95_response_time_s"]["actual"] == pytest.approx(0.015)


def test_a_tier_that_does_not_serve_is_an_alert() -> None:
    """And so is a lost channel, though every service level is met; what is off raises none."""
    urls = {"l2_url": "redis://127.0.0.1:1/0", "l3_url": "sqlite:///none.db"}
    down = MultiLevelCache(CacheConfig(**urls))
    assert {name: alert["severity"] for name, alert in alerts(down).items()} == {
        "l2_unavailable": "critical",
        "l3_unavailable": "critical",
        "coherence_lost": "warning",
    }
    assert not down.get_alert_metrics()["slo_compliant"]
    without_channel = MultiLevelCache(CacheConfig(coherence="ttl", **urls))
    assert "coherence_lost" not in alerts(without_channel)
    off = MultiLevelCache(CacheConfig(enable_l2=False, enable_l3=False, **urls))
    assert alerts(off) == {}
