"""Makes sure that what was measured is what the row says: every read a hit of one tier."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final, Literal

from cache import MultiLevelCache
from tests.perf.errors import WrongAnswersError

Level = Literal["l1", "l2", "l3"]

_ATTEMPTS: Final = 20


def hits(cache: MultiLevelCache, level: Level) -> int:
    """Return how many reads a tier has answered, as the cache's own statistics count them."""
    return int(cache.get_performance_stats()[f"{level}_cache"]["hits"])


@contextmanager
def all_from(cache: MultiLevelCache, level: Level, reads: int) -> Iterator[None]:
    """Refuse a block in which the tier did not answer exactly so many reads.

    Raises:
        WrongAnswersError: Other tiers answered some.
    """
    before = hits(cache, level)
    yield
    answered = hits(cache, level) - before
    if answered != reads:
        raise WrongAnswersError(f"{level} answered {answered:,} of {reads:,} reads")


async def settle_in_l1(cache: MultiLevelCache, keys: Collection[str]) -> None:
    """Read keys until L1 answers all of them, several times over.

    What was just written may be announced by L2 once more and leave L1 for one read.

    Raises:
        WrongAnswersError: They do not stay in L1.
    """
    quiet = 0
    for _ in range(_ATTEMPTS):
        before = hits(cache, "l1")
        for key in keys:
            await cache.get(key)
        quiet = quiet + 1 if hits(cache, "l1") - before == len(keys) else 0
        if quiet == 3:
            return
    raise WrongAnswersError(f"{len(keys):,} keys do not stay in L1")
