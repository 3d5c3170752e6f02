"""How often each key is read, in bounded memory and without a clock on the read path."""

import time
from collections.abc import Callable
from typing import Final

TRACKED_KEYS: Final = 10_000


class AccessPatterns:
    """Read counts that halve with each half-life, of a bounded number of keys.

    When the bound is passed all counts are halved and keys at zero forgotten, as TinyLFU ages
    its sketch (Einziger et al., ACM ToS 2017): keys read once make room, hot ones stay.

    Args:
        half_life_s: Seconds in which an unread key loses half its count.
        limit: Keys tracked.
        clock: Seconds, never going back.
    """

    def __init__(
        self,
        half_life_s: float,
        *,
        limit: int = TRACKED_KEYS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._half_life_s = half_life_s
        self._limit = limit
        self._clock = clock
        self._counts: dict[str, int] = {}
        self._aged_at = clock()

    def __contains__(self, key: object) -> bool:
        return key in self._counts

    def __len__(self) -> int:
        return len(self._counts)

    def touch(self, key: str) -> None:
        """Count one read."""
        counts = self._counts
        counts[key] = counts.get(key, 0) + 1
        if len(counts) > self._limit:
            self._make_room()

    def count(self, key: str) -> int:
        """Return the decayed count of a key."""
        return self._counts.get(key, 0)

    def hottest(self, limit: int, at_least: int) -> list[tuple[str, int]]:
        """Return up to ``limit`` (key, count) pairs with that count or more, hottest first."""
        self._age()
        hot = [item for item in self._counts.items() if item[1] >= at_least]
        return sorted(hot, key=lambda item: item[1], reverse=True)[:limit]

    def _age(self) -> None:
        half_lives = int((self._clock() - self._aged_at) / self._half_life_s)
        if half_lives:
            self._aged_at += half_lives * self._half_life_s
            self._halve(half_lives)

    def _halve(self, times: int) -> None:
        halved = ((key, count >> times) for key, count in self._counts.items())
        self._counts = {key: count for key, count in halved if count}

    def _make_room(self) -> None:
        self._halve(1)
        if len(self._counts) > self._limit // 2:
            hottest = sorted(self._counts.items(), key=lambda item: item[1], reverse=True)
            self._counts = dict(hottest[: self._limit // 2])


class NoPatterns(AccessPatterns):
    """Tracks nothing: warming is off."""

    def __init__(self) -> None:
        super().__init__(1.0)

    def touch(self, key: str) -> None:
        """Ignore a read."""
