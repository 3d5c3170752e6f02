"""L1 hits of a key after a million reads of it, beside a key that was read ten times."""

import gc
import itertools
import tracemalloc

from cache import MultiLevelCache
from tests.perf.answers import settle_in_l1
from tests.perf.bench import Bench
from tests.perf.result import Measured, compared
from tests.perf.rounds import Contender, by_turns, timed

_FEW = 10
_TIMED_READS = 5_000


async def measure(bench: Bench) -> list[Measured]:
    """Measure that neither time nor memory grows with the reads of one key."""
    async with MultiLevelCache(bench.config("l1-steady")) as cache:
        await _hold(cache, "hot", _FEW)
        grown_bytes = await _growth_bytes(cache, "hot", bench.sizes.long_reads)
        await _read(cache, "hot", bench.sizes.long_reads)
        contenders = {"hot": _hot(cache), "fresh": _fresh(cache)}
        samples = await by_turns(contenders, 3 * bench.sizes.rounds)
    return [
        compared("l1-steady-time", samples["hot"], samples["fresh"]),
        Measured("l1-steady-bytes", grown_bytes, grown_bytes, unit="B"),
    ]


async def _growth_bytes(cache: MultiLevelCache, key: str, reads: int) -> int:
    """Return by how much what is allocated grows while a key is read so often."""
    tracemalloc.start()
    try:
        await _read(cache, key, _FEW)
        before = _allocated_bytes()
        await _read(cache, key, reads)
        return max(0, _allocated_bytes() - before)
    finally:
        tracemalloc.stop()


def _allocated_bytes() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def _hot(cache: MultiLevelCache) -> Contender:
    return lambda: timed(_read(cache, "hot", _TIMED_READS), _TIMED_READS)


def _fresh(cache: MultiLevelCache) -> Contender:
    numbers = itertools.count()

    async def turn() -> float:
        key = f"fresh {next(numbers)}"
        await _hold(cache, key, _FEW)
        return await timed(_read(cache, key, _TIMED_READS), _TIMED_READS)

    return turn


async def _hold(cache: MultiLevelCache, key: str, reads: int) -> None:
    await cache.set(key, "value")
    await settle_in_l1(cache, [key])
    await _read(cache, key, reads)


async def _read(cache: MultiLevelCache, key: str, reads: int) -> None:
    for _ in range(reads):
        await cache.get(key)
