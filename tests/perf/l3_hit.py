"""L3 hits on SQLite, with L2 off, beside reads of one key each over aiosqlite."""

from collections.abc import Sequence

from cache import MultiLevelCache
from tests.perf.answers import all_from
from tests.perf.bench import Bench
from tests.perf.commits import PlainTable
from tests.perf.crowd import crowd, one_by_one
from tests.perf.records import encoded, keys, record
from tests.perf.result import Measured, compared
from tests.perf.rounds import Contender, by_turns, timed

_PEER_IS_SLOWER_BY = 8


async def measure(bench: Bench) -> list[Measured]:
    """Measure L3 hits of 64 tasks."""
    wanted = keys(bench.sizes.l3_keys)
    some = wanted[: max(1, len(wanted) // _PEER_IS_SLOWER_BY)]
    async with (
        MultiLevelCache(bench.config("l3-hit", l2_url=None)) as cache,
        PlainTable.opened(bench.database_url("l3-hit-plain")) as plain,
    ):
        await cache.set_many({key: record(number) for number, key in enumerate(wanted)})
        await plain.set_many({key: encoded(number) for number, key in enumerate(wanted)})
        samples = await by_turns(
            {
                "ours": _hits(cache, wanted),
                "plain": lambda: timed(one_by_one(plain.get, some), len(some)),
            },
            bench.sizes.rounds,
        )
    ours = samples["ours"]
    return [
        # No other side shares what disturbs this one: the best round tells what it takes.
        Measured(
            "l3-hit-us",
            ours.best * 1e6,
            ours.best,
            ours_rounds=ours.values,
            spread=ours.spread,
        ),
        compared("l3-hit-aiosqlite", ours, samples["plain"]),
    ]


def _hits(cache: MultiLevelCache, wanted: Sequence[str]) -> Contender:
    async def turn() -> float:
        await cache.clear_tier("l1")
        with all_from(cache, "l3", len(wanted)):
            return await timed(crowd(cache.get, wanted), len(wanted))

    return turn
