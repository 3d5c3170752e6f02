"""L1 hits beside an `await` that does nothing, cashews and aiocache, all in memory.

cashews and aiocache are used as their documentation shows, with their defaults.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiocache  # type: ignore[import-untyped]  # it ships none
import cashews

from cache import MultiLevelCache
from tests.perf.answers import all_from, settle_in_l1
from tests.perf.bench import TTL_S, Bench
from tests.perf.records import keys, record
from tests.perf.result import Measured, compared
from tests.perf.rounds import Contender, by_turns, timed

_DISTINCT = 100

Get = Callable[[str], Awaitable[Any]]


async def measure(bench: Bench) -> list[Measured]:
    """Measure L1 hits of an immutable and of a mutable value."""
    reads = bench.sizes.l1_reads  # and fewer of what is slower, so that all turns are as long
    texts, records = keys(_DISTINCT, "text"), keys(_DISTINCT, "record")
    values: dict[str, Any] = {key: f"value of {key}" for key in texts}
    values |= {key: record(number) for number, key in enumerate(records)}
    async with _ours(bench, values) as ours, _cashews(values) as others, _aiocache(values) as slow:
        samples = await by_turns(
            {
                "await": _nothing(4 * reads),
                "text": _hits(ours, texts, reads),
                "cashews text": _reads(others, texts, reads // 10),
                "aiocache text": _reads(slow, texts, reads // 40),
                "record": _hits(ours, records, reads // 4),
                "cashews record": _reads(others, records, reads // 10),
            },
            3 * bench.sizes.rounds,
        )
    return [
        compared("l1-hit-await", samples["text"], samples["await"]),
        compared("l1-hit-cashews", samples["text"], samples["cashews text"]),
        compared("l1-hit-aiocache", samples["text"], samples["aiocache text"]),
        compared("l1-hit-dict", samples["record"], samples["cashews record"]),
    ]


@asynccontextmanager
async def _ours(bench: Bench, values: dict[str, Any]) -> AsyncIterator[MultiLevelCache]:
    async with MultiLevelCache(bench.config("l1-hit")) as cache:
        await cache.set_many(values)
        await settle_in_l1(cache, values)
        yield cache


@asynccontextmanager
async def _cashews(values: dict[str, Any]) -> AsyncIterator[Get]:
    cache = cashews.Cache()
    cache.setup("mem://", size=len(values))
    for key, value in values.items():
        await cache.set(key, value, expire=TTL_S)
    yield cache.get
    await cache.close()


@asynccontextmanager
async def _aiocache(values: dict[str, Any]) -> AsyncIterator[Get]:
    cache = aiocache.SimpleMemoryCache()
    for key, value in values.items():
        await cache.set(key, value, ttl=TTL_S)
    yield cache.get
    await cache.clear()


def _hits(cache: MultiLevelCache, wanted: list[str], reads: int) -> Contender:
    read = _reads(cache.get, wanted, reads)

    async def turn() -> float:
        with all_from(cache, "l1", reads):
            return await read()

    return turn


def _reads(get: Get, wanted: list[str], reads: int) -> Contender:
    asked = [wanted[number % len(wanted)] for number in range(reads)]

    async def read() -> None:
        for key in asked:
            await get(key)

    return lambda: timed(read(), reads)


def _nothing(awaits: int) -> Contender:
    asked = [""] * awaits

    async def nothing() -> None:
        pass

    async def wait() -> None:
        for _ in asked:
            await nothing()

    return lambda: timed(wait(), awaits)
