"""The table of metrics, and the flat names that come from it."""

import re

from cache import CacheConfig, MultiLevelCache
from cache.metrics import METRICS

WITH_EVERYTHING = CacheConfig(l2_url="redis://127.0.0.1:1/0", l3_url="sqlite:///none.db")
LEVELLED = {"l1", "l2", "l3", "origin"}


def test_each_metric_is_declared_once_and_well() -> None:
    """Names are unique and plain, units are known, and the help is one clause."""
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)
    for metric in METRICS:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", metric.name), metric.name
        assert re.fullmatch(r"1|s|By|\{[a-z]+\}", metric.unit), metric.name
        assert metric.help[0].isalnum()
        assert "\n" not in metric.help
        assert not metric.help.endswith(".")
        assert set(metric.levels) <= LEVELLED | {""}


def test_every_metric_of_a_whole_cache_is_a_number() -> None:
    """With all tiers, every metric has a figure for each of its levels."""
    figures = MultiLevelCache(WITH_EVERYTHING).get_monitoring_metrics()
    assert len(figures) == sum(len(metric.levels) for metric in METRICS)
    assert all(isinstance(figure, int | float) for figure in figures.values())
    assert {name for name in figures if not name.startswith("cache_")} == set()


def test_names_tell_level_unit_and_kind() -> None:
    """As monitoring systems want them: the unit in words, and total where it only rises."""
    figures = MultiLevelCache(WITH_EVERYTHING).get_monitoring_metrics()
    assert {
        "cache_reads_total",
        "cache_l1_hits_total",
        "cache_l3_misses_total",
        "cache_l2_p95_seconds",
        "cache_overall_hit_rate",
        "cache_error_rate",
        "cache_l1_entries",
        "cache_l1_size_bytes",
        "cache_l2_serves",
        "cache_l2_breaker_opened_total",
        "cache_keys_warmed_total",
        "cache_coherence_up",
    } <= set(figures)


def test_a_counter_reads_the_count_of_its_name() -> None:
    """No two metrics are mixed up: each count is given a number of its own."""
    cache = MultiLevelCache(WITH_EVERYTHING)
    counts = {
        name: number
        for number, name in enumerate(vars(cache._stats), start=1000)
        if isinstance(getattr(cache._stats, name), int)
    }
    for name, number in counts.items():
        setattr(cache._stats, name, number)
    figures = cache.get_monitoring_metrics()
    assert {name: figures[f"cache_{name}_total"] for name in counts} == counts
    assert len(counts) > 10


def test_figures_by_level_are_those_of_the_level() -> None:
    """Hits, misses and a tier's failures are told apart."""
    cache = MultiLevelCache(WITH_EVERYTHING)
    cache._l1_cache.set("a", 1)
    cache._l1_cache.get("a")
    for level, reads in {"l2": 2, "l3": 3, "origin": 4, "miss": 5}.items():
        cache._stats.record_read(level, 1000, reads)
    cache._l2_cache.counts.failures = 6
    cache._l3_cache.counts.failures = 7
    figures = cache.get_monitoring_metrics()
    assert [figures[f"cache_{level}_hits_total"] for level in ("l1", "l2", "l3")] == [1, 2, 3]
    assert [figures[f"cache_{level}_misses_total"] for level in ("l1", "l2", "l3")] == [14, 12, 9]
    assert [figures[f"cache_{level}_failures_total"] for level in ("l2", "l3")] == [6, 7]
    assert figures["cache_reads_total"] == 15
    assert figures["cache_l1_entries"] == 1


def test_what_a_cache_has_not_has_no_figure() -> None:
    """A tier that is off does not look like one that is down."""
    figures = MultiLevelCache(CacheConfig()).get_monitoring_metrics()
    assert [name for name in figures if re.search("_l[23]_|coherence_up", name)] == []
    assert "cache_l1_hits_total" in figures
    without_channel = CacheConfig(l2_url=WITH_EVERYTHING.l2_url, coherence="ttl")
    assert "cache_coherence_up" not in MultiLevelCache(without_channel).get_monitoring_metrics()
