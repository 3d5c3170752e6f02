"""`set` through L3 and L2, beside an upsert with its own commit and then a SET for each key."""

import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import coredis

from cache import MultiLevelCache
from tests.perf.bench import Bench
from tests.perf.commits import PlainTable
from tests.perf.crowd import crowd
from tests.perf.errors import WrongAnswersError
from tests.perf.records import encoded, keys, record
from tests.perf.result import Measured, compared
from tests.perf.rounds import Contender, by_turns, timed

_PEER_IS_SLOWER_BY = 4

Item = tuple[str, Any]


async def measure(bench: Bench) -> list[Measured]:
    """Measure `set` by 64 tasks."""
    ours, others = bench.sizes.sets, max(1, bench.sizes.sets // _PEER_IS_SLOWER_BY)
    async with (
        MultiLevelCache(bench.config("set")) as cache,
        coredis.Redis.from_url(bench.redis_url) as client,
        PlainTable.opened(bench.database_url("set-plain")) as plain,
    ):

        async def cached(item: Item) -> None:
            await cache.set(*item)

        async def committed(item: Item) -> None:
            await plain.set(*item)
            await client.set(*item)

        samples = await by_turns(
            {
                "ours": _sets(cached, ours, record),
                "plain": _sets(committed, others, encoded),
            },
            bench.sizes.rounds,
        )
        await _check(cache, bench)
    return [compared("set-commits", samples["ours"], samples["plain"])]


def _sets(
    write: Callable[[Item], Awaitable[None]], count: int, make: Callable[[int], Any]
) -> Contender:
    """Write keys that were never written, each round anew."""
    rounds = itertools.count()

    async def turn() -> float:
        names = keys(count, f"round {next(rounds)}")
        items = [(name, make(number)) for number, name in enumerate(names)]
        return await timed(crowd(write, items), count)

    return turn


async def _check(cache: MultiLevelCache, bench: Bench) -> None:
    """Make sure that both tiers took what was written."""
    written = keys(bench.sizes.sets, "round 0")
    for level, off in (("l2", "l3_url"), ("l3", "l2_url")):
        async with MultiLevelCache(bench.config("set", **{off: None})) as reader:
            found = await reader.get_many(written)
            if len(found) != len(written):
                raise WrongAnswersError(f"{level} holds {len(found)} of {len(written)} keys")
