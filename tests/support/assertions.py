"""Assertions in the words of caching: which tier served, what was counted, who is healthy."""

import time
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from cache import MultiLevelCache
from tests.support.waiting import wait_until_async

TIERS = ("l1", "l2", "l3")
BEYOND = "beyond"
"""What served a read that no tier could answer: a loader, or nobody."""

LONGEST_CALL_S = 1.0
"""The cache's promise: no call takes longer because a tier hangs."""

T = TypeVar("T")
Counts = dict[str, tuple[int, int]]


def tier_counts(cache: MultiLevelCache) -> Counts:
    """Hits and misses of each tier so far, as the cache's own statistics have them."""
    statistics = cache.get_performance_stats()
    return {
        tier: (statistics[f"{tier}_cache"]["hits"], statistics[f"{tier}_cache"]["misses"])
        for tier in TIERS
    }


def assert_counts_equal(cache: MultiLevelCache, expected_reads: Mapping[str, int]) -> None:
    """Check that the statistics are those of reads of which each tier served so many.

    Args:
        cache: A cache with all three tiers.
        expected_reads: Reads by the tier that served them: `l1`, `l2`, `l3` or `beyond`.
    """
    assert tier_counts(cache) == counts_of(expected_reads)


def counts_of(reads: Mapping[str, int]) -> Counts:
    """Hits and misses that the reads must leave: one that a tier served missed all above it."""
    order = (*TIERS, BEYOND)
    return {
        tier: (reads.get(tier, 0), sum(reads.get(lower, 0) for lower in order[depth + 1 :]))
        for depth, tier in enumerate(TIERS)
    }


@contextmanager
def served_by(cache: MultiLevelCache, tier: str, *, reads: int = 1) -> Iterator[None]:
    """Check that the block's reads, and no others, were all served by one tier.

    Args:
        cache: A cache with all three tiers.
        tier: `l1`, `l2`, `l3` or `beyond`.
        reads: How many keys the block reads.
    """
    before = tier_counts(cache)
    yield
    after = tier_counts(cache)
    seen = {
        name: (after[name][0] - before[name][0], after[name][1] - before[name][1]) for name in TIERS
    }
    assert seen == counts_of({tier: reads}), f"not all of {reads} reads were served by {tier}"


def assert_same_value(actual: object, expected: object) -> None:
    """Check equality of values and, unlike `==`, of their types, all the way down."""
    assert _typed(actual) == _typed(expected)


async def answered_in_time(call: Awaitable[T]) -> T:
    """Return the call's answer; it must not have taken longer than the cache promises."""
    start = time.perf_counter()
    answer = await call
    duration_s = time.perf_counter() - start
    assert duration_s < LONGEST_CALL_S, f"the call took {duration_s:.2f} s"
    return answer


async def wait_for_health(cache: MultiLevelCache, status: str) -> dict[str, Any]:
    """Wait until the cache's health has this status, and return the health."""
    last: dict[str, Any] = {}

    async def reached() -> bool:
        last.update(await cache.get_health_check())
        return last["status"] == status

    await wait_until_async(reached, what=f"health {status!r}", diagnosis=lambda: last)
    return last


def _typed(value: object) -> object:
    if isinstance(value, dict):
        return dict, [(_typed(key), _typed(item)) for key, item in sorted(value.items(), key=repr)]
    if isinstance(value, list | tuple):
        return type(value), [_typed(item) for item in value]
    return type(value), value
