"""The text for Prometheus, read back by Prometheus' own parser."""

from collections.abc import Iterator

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from cache import CacheConfig, ConfigError, MultiLevelCache
from cache.prometheus import CONTENT_TYPE, prometheus_text

WITH_EVERYTHING = CacheConfig(l2_url="redis://127.0.0.1:1/0", l3_url="sqlite:///none.db")

Labels = tuple[tuple[str, str], ...]


def families(*caches: MultiLevelCache) -> dict[str, Metric]:
    """What the parser makes of the text, by name."""
    parsed = list(text_string_to_metric_families(prometheus_text(*caches)))
    by_name = {family.name: family for family in parsed}
    assert len(by_name) == len(parsed), "a metric is described twice"
    return by_name


def samples(family: Metric) -> Iterator[tuple[str, dict[str, str], float]]:
    """Name, labels and figure of each sample."""
    return ((sample.name, sample.labels, sample.value) for sample in family.samples)


def test_the_text_tells_what_the_monitoring_metrics_tell() -> None:
    """Each flat name is a sample whose level has become a label, and nothing is missing."""
    cache = MultiLevelCache(WITH_EVERYTHING)
    cache._stats.record_read("l2", 3_000_000, 5)
    cache._stats.writes = 7
    flat = cache.get_monitoring_metrics()
    told = {
        name.replace("cache_", f"cache_{labels['level']}_") if "level" in labels else name: value
        for family in families(cache).values()
        if family.type != "histogram"
        for name, labels, value in samples(family)
    }
    assert told == flat
    assert (flat["cache_l2_hits_total"], flat["cache_writes_total"]) == (5, 7)


def test_every_metric_is_typed_explained_and_labelled() -> None:
    """A counter is a counter, and each sample says whose it is."""
    parsed = families(MultiLevelCache(WITH_EVERYTHING))
    assert parsed["cache_hits"].type == "counter"
    assert parsed["cache_entries"].type == "gauge"
    assert parsed["cache_read_duration_seconds"].type == "histogram"
    for family in parsed.values():
        assert family.documentation.endswith("."), family.name
        for _, labels, _ in samples(family):
            assert labels["namespace"] == "cache"


def test_histograms_are_cumulative_and_agree_with_the_times() -> None:
    """By level: rising buckets, the last of which is everything, and the sum in seconds."""
    cache = MultiLevelCache(WITH_EVERYTHING)
    durations_ns = [90, 900, 15_000, 240_000, 3_000_000, 40_000_000, 99_000_000_000]
    for duration_ns in durations_ns:
        cache._stats.record_read("l3", duration_ns)
    cache._stats.write_times.record(1_000)
    parsed = families(cache)
    of_l3 = [
        (name, labels.get("le"), value)
        for name, labels, value in samples(parsed["cache_read_duration_seconds"])
        if labels["level"] == "l3"
    ]
    buckets = {float(edge): value for name, edge, value in of_l3 if edge is not None}
    assert list(buckets.values()) == sorted(buckets.values())
    for edge_s, value in buckets.items():
        assert value == sum(duration_ns <= edge_s * 1e9 for duration_ns in durations_ns), edge_s
    totals = {name.rpartition("_")[2]: value for name, edge, value in of_l3 if edge is None}
    assert totals == {"sum": pytest.approx(sum(durations_ns) / 1e9), "count": 7}
    writes = {name: value for name, _, value in samples(parsed["cache_write_duration_seconds"])}
    assert writes["cache_write_duration_seconds_count"] == 1


def test_a_tier_that_is_off_has_no_samples() -> None:
    """An alert on a tier that does not serve is not raised by one that was never there."""
    text = prometheus_text(MultiLevelCache(CacheConfig()))
    assert 'level="l1"' in text
    assert 'level="l2"' not in text
    assert "cache_serves" not in text


def test_any_namespace_can_be_a_label() -> None:
    """Quotes, backslashes and ends of lines come back as they were."""
    namespace = 'a"b\\c\nd\\n€'
    cache = MultiLevelCache(CacheConfig(namespace=namespace))
    for family in families(cache).values():
        for _, labels, _ in samples(family):
            assert labels["namespace"] == namespace


def test_several_caches_share_one_text() -> None:
    """Each metric is described once; two of one namespace could not be told apart."""
    users = MultiLevelCache(CacheConfig(namespace="users"))
    shops = MultiLevelCache(CacheConfig(namespace="shops"))
    users._stats.writes, shops._stats.writes = 1, 2
    writes = families(users, shops)["cache_writes"]
    assert {labels["namespace"]: value for _, labels, value in samples(writes)} == {
        "users": 1,
        "shops": 2,
    }
    with pytest.raises(ConfigError, match="give each of them its own"):
        prometheus_text(users, MultiLevelCache(CacheConfig(namespace="users")))


def test_the_content_type_names_the_format() -> None:
    """Prometheus asks for it in the answer's header."""
    assert "version=0.0.4" in CONTENT_TYPE
    assert prometheus_text(MultiLevelCache(CacheConfig())).endswith("\n")
