"""A subject that leaves and comes back while others go on, as an instance does in a deployment."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workers.subjects.base import Loader, Promising, Served, Subject, Telling


class RestartableSubject:
    """Passes every call on to a subject, and replaces that by a new one.

    Args:
        build: Makes the subject; each has what it keeps in memory to itself.
    """

    def __init__(self, build: Callable[[], Subject]) -> None:
        self._build = build
        self._subject = build()
        self._counted: Counter[str] = Counter()
        self._listeners: list[Callable[[str, str, str], None]] = []

    async def restart(self, away_s: float) -> None:
        """Stop the subject, and start a new one after a while; nobody may call meanwhile.

        Args:
            away_s: Seconds between the two, from 0.
        """
        left, self._subject = self._subject, self._build()
        self._counted.update(left.statistics())
        try:
            await left.stop()
            await asyncio.sleep(away_s)
        finally:
            # Whoever ends the attempt finds one that can be emptied and stopped.
            await self._subject.start()
        for listener in self._listeners:
            self._let_tell(listener)

    @property
    def lacks(self) -> frozenset[str]:
        """What it can't do."""
        return self._subject.lacks

    @property
    def promises(self) -> Mapping[str, float]:
        """What it states of itself."""
        return self._subject.promises if isinstance(self._subject, Promising) else {}

    def tell(self, changed: Callable[[str, str, str], None]) -> None:
        """Have each of its instances tell of its turns."""
        self._listeners.append(changed)
        self._let_tell(changed)

    def _let_tell(self, changed: Callable[[str, str, str], None]) -> None:
        if isinstance(self._subject, Telling):
            self._subject.tell(changed)

    async def start(self) -> None:
        """Connect and be ready."""
        await self._subject.start()

    async def stop(self) -> None:
        """Release everything."""
        await self._subject.stop()

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """Read one key."""
        return await self._subject.get(key, loader, ttl_s)

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        """Read many keys."""
        return await self._subject.get_many(keys)

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """Write one key."""
        await self._subject.set(key, value, ttl_s)

    async def set_many(self, items: Mapping[str, Any], ttl_s: float | None = None) -> None:
        """Write many keys."""
        await self._subject.set_many(items, ttl_s)

    async def delete(self, key: str) -> None:
        """Delete one key."""
        await self._subject.delete(key)

    async def clear(self) -> None:
        """Remove everything of the attempt."""
        await self._subject.clear()

    async def empty(self, tier: str) -> None:
        """Remove everything of the attempt from one tier."""
        await self._subject.empty(tier)

    async def warm(self) -> int:
        """Run one warming cycle now."""
        return await self._subject.warm()

    def statistics(self) -> Mapping[str, int]:
        """The counts of all of its instances together."""
        now = self._subject.statistics()
        return {name: count + self._counted[name] for name, count in now.items()}

    async def health(self) -> str | None:
        """The health of the instance that is there."""
        return await self._subject.health()
