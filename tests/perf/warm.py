"""`warm_cache` beside reading the same keys one by one with the same cache."""

from collections.abc import Awaitable, Callable, Sequence

from cache import MultiLevelCache
from tests.perf.answers import Level, all_from, settle_in_l1
from tests.perf.bench import Bench
from tests.perf.crowd import one_by_one
from tests.perf.errors import WrongAnswersError
from tests.perf.records import keys, record
from tests.perf.result import Measured, compared
from tests.perf.rounds import Contender, by_turns, timed


async def measure(bench: Bench) -> list[Measured]:
    """Measure warming from L2, and from L3 while L2 is empty."""
    return [
        await _measured(bench, "warm-l2", "l2", emptied=("l1",)),
        await _measured(bench, "warm-l3", "l3", emptied=("l1", "l2")),
    ]


async def _measured(bench: Bench, row: str, level: Level, *, emptied: Sequence[Level]) -> Measured:
    wanted = keys(bench.sizes.warm_keys)
    async with MultiLevelCache(bench.config(row)) as cache:
        await cache.set_many({key: record(number) for number, key in enumerate(wanted)})
        await settle_in_l1(cache, wanted)

        async def warmed() -> None:
            count = await cache.warm_cache(wanted)
            if count != len(wanted):
                raise WrongAnswersError(f"{count} of {len(wanted)} keys were warmed")

        async def read() -> None:
            with all_from(cache, level, len(wanted)):
                await one_by_one(cache.get, wanted)

        contenders = {
            "warmed": _after_emptying(cache, emptied, warmed, len(wanted)),
            "read": _after_emptying(cache, emptied, read, len(wanted)),
        }
        samples = await by_turns(contenders, bench.sizes.slow_rounds)
    return compared(row, samples["warmed"], samples["read"])


def _after_emptying(
    cache: MultiLevelCache,
    emptied: Sequence[Level],
    work: Callable[[], Awaitable[None]],
    count: int,
) -> Contender:
    async def turn() -> float:
        # The deepest first, so that nothing that it announces comes while L1 is filled.
        for level in reversed(emptied):
            await cache.clear_tier(level)
        return await timed(work(), count)

    return turn
