"""L2 hits beside plain clients: coredis, redis-py with hiredis, and a protocol made for GET only.

The cache also decodes each value and fills L1 with it. The others read the same stored bytes
with a GET each and hand them out as they are.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import coredis
import redis.asyncio
from redis.utils import HIREDIS_AVAILABLE

from cache import MultiLevelCache
from tests.perf.answers import all_from, settle_in_l1
from tests.perf.bench import Bench
from tests.perf.crowd import crowd, one_by_one
from tests.perf.errors import PerfError, WrongAnswersError
from tests.perf.pipelined import PipelinedProtocol
from tests.perf.records import keys, record
from tests.perf.result import Measured, compared
from tests.perf.rounds import Contender, by_turns, timed

_NAMESPACE = "l2-hit"

Get = Callable[[str], Awaitable[Any]]
Walk = Callable[[Get, Sequence[str]], Awaitable[None]]


async def measure(bench: Bench) -> list[Measured]:
    """Measure L2 hits, 64 tasks at once and one at a time."""
    wanted = keys(bench.sizes.l2_keys)
    half = wanted[: len(wanted) // 2]  # all turns are to take about as long
    alone = wanted[: bench.sizes.one_keys]
    async with (
        MultiLevelCache(bench.config(_NAMESPACE, l3_url=None)) as cache,
        coredis.Redis.from_url(bench.redis_url) as plain,
        _redis_py(bench.redis_url) as redis_py,
        _pipelined(bench.redis_url) as pipelined,
    ):
        await cache.set_many({key: record(number) for number, key in enumerate(wanted)})
        await settle_in_l1(cache, wanted)
        samples = await by_turns(
            {
                "ours": _hits(cache, crowd, wanted),
                "coredis": await _gets(plain.get, crowd, half),
                "redis-py": await _gets(redis_py.get, crowd, half),
                "pipelined": await _gets(pipelined.get, crowd, wanted * 8),
                "ours alone": _hits(cache, one_by_one, alone),
                "coredis alone": await _gets(plain.get, one_by_one, alone),
            },
            bench.sizes.rounds,
        )
    return [
        compared("l2-hit-coredis", samples["ours"], samples["coredis"]),
        compared("l2-hit-redis-py", samples["ours"], samples["redis-py"]),
        compared("l2-hit-pipelined", samples["ours"], samples["pipelined"]),
        compared("l2-hit-one", samples["ours alone"], samples["coredis alone"]),
    ]


@asynccontextmanager
async def _redis_py(url: str) -> "AsyncIterator[redis.asyncio.Redis]":
    if not HIREDIS_AVAILABLE:
        raise PerfError("redis-py does not find hiredis: install the extra perf")
    async with redis.asyncio.Redis.from_url(url) as client:
        yield client


@asynccontextmanager
async def _pipelined(url: str) -> AsyncIterator[PipelinedProtocol]:
    protocol = await PipelinedProtocol.connect(url)
    try:
        yield protocol
    finally:
        protocol.close()


def _hits(cache: MultiLevelCache, walk: Walk, wanted: Sequence[str]) -> Contender:
    async def turn() -> float:
        await cache.clear_tier("l1")
        with all_from(cache, "l2", len(wanted)):
            return await timed(walk(cache.get, wanted), len(wanted))

    return turn


async def _gets(get: Get, walk: Walk, wanted: Sequence[str]) -> Contender:
    """Let a client read what the cache stored, under its name in Redis; it keeps nothing."""
    names = [f"{_NAMESPACE}:{key}" for key in wanted]
    if await get(names[-1]) is None:
        raise WrongAnswersError(f"Redis holds nothing at {names[-1]}")
    return lambda: timed(walk(get, names), len(names))
