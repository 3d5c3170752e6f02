"""What an L2 server says that it did."""

import dataclasses

import redis

from tests.support.servers import EmbeddedRedis
from workers.server_view import difference, snapshot


def test_it_counts_what_was_done_between_two_looks(own_redis: EmbeddedRedis) -> None:
    """Hits, misses, expirations and traffic are counted exactly; the looks themselves are not."""
    with redis.Redis.from_url(own_redis.url, protocol=2, driver_info=None) as client:
        client.ping()
        before = snapshot(own_redis.url)
        client.set("key", "x" * 100_000)
        client.get("key")
        client.get("other")
        client.pexpire("key", 0)
        after = snapshot(own_redis.url)
    seen = difference(before, after)
    assert seen["server_commands"] == 4
    assert (seen["server_hits"], seen["server_misses"]) == (1, 1)
    assert seen["server_evictions"] == 0
    assert 0.09 < seen["server_network_in_mib"] < 0.2
    assert 0.09 < seen["server_network_out_mib"] < 0.2
    assert seen["server_memory_mib"] > 0.1


def test_a_server_that_was_started_again_or_is_gone_gives_no_figures(
    own_redis: EmbeddedRedis,
) -> None:
    """Counters that began afresh are no difference of anything."""
    before = snapshot(own_redis.url)
    assert before is not None
    own_redis.restart()
    with redis.Redis.from_url(own_redis.url) as client:
        for _ in range(100):
            client.set("key", "more than before")
    after = snapshot(own_redis.url)
    assert after is not None
    assert difference(before, after) == {}
    own_redis.kill()
    assert snapshot(own_redis.url) is None
    assert difference(after, None) == {}
    assert difference(None, after) == {}


def test_counters_that_were_reset_give_no_figures(own_redis: EmbeddedRedis) -> None:
    """A CONFIG RESETSTAT in between leaves nothing to subtract from."""
    before = snapshot(own_redis.url)
    with redis.Redis.from_url(own_redis.url) as client:
        client.config_resetstat()
    assert difference(before, snapshot(own_redis.url)) == {}


def test_a_counter_that_a_server_does_not_have_is_left_out(redis_url: str) -> None:
    """What is not told is not 0."""
    before, after = snapshot(redis_url), snapshot(redis_url)
    assert after is not None
    less = {name: count for name, count in after.counters.items() if name != "server_hits"}
    seen = difference(before, dataclasses.replace(after, counters=less, memory_mib=None))
    assert "server_hits" not in seen
    assert "server_memory_mib" not in seen
    assert "server_misses" in seen
