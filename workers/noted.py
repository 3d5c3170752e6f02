"""Subjects that note what is read and written, in the moments in which a caller sees it."""

from array import array
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from hashlib import blake2b
from time import perf_counter_ns
from typing import Any

import numpy as np

from workers.coherence import NEVER, REMOVED, Log
from workers.subjects.base import Loader, Served, Subject

RevisionOf = Callable[[str, Any], int | None]


class Notes:
    """Rows of whole numbers, noted in passing."""

    def __init__(self, width: int) -> None:
        self._noted = array("q")
        self._width = width
        self.note = self._noted.extend

    def taken(self, row: "np.dtype[Any]", offset_ns: int) -> Log:
        """The rows, with their times (from the third column on) on the group's clock."""
        table = np.array(self._noted, dtype=np.int64).reshape(-1, self._width)
        times = table[:, 2:]
        times[times != NEVER] += offset_ns
        return np.ascontiguousarray(table).view(row).reshape(-1)


class _Noted:
    """A subject whose calls pass through unchanged."""

    def __init__(self, subject: Subject, revision_of: RevisionOf, log: Notes) -> None:
        self._subject = subject
        self._revision_of = revision_of
        self._note = log.note
        self._numbers: dict[str, int] = {}

    @property
    def lacks(self) -> frozenset[str]:
        return self._subject.lacks

    async def start(self) -> None:
        await self._subject.start()

    async def stop(self) -> None:
        await self._subject.stop()

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        return await self._subject.get(key, loader, ttl_s)

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        return await self._subject.get_many(keys)

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        await self._subject.set(key, value, ttl_s)

    async def set_many(self, items: Mapping[str, Any], ttl_s: float | None = None) -> None:
        await self._subject.set_many(items, ttl_s)

    async def delete(self, key: str) -> None:
        await self._subject.delete(key)

    async def clear(self) -> None:
        await self._subject.clear()

    async def empty(self, tier: str) -> None:
        await self._subject.empty(tier)

    async def warm(self) -> int:
        return await self._subject.warm()

    def statistics(self) -> Mapping[str, int]:
        return self._subject.statistics()

    async def health(self) -> str | None:
        return await self._subject.health()

    def _number(self, key: str) -> int:
        """A key's number, the same for all workers whatever keys they know."""
        number = self._numbers.get(key)
        if number is None:
            digest = blake2b(key.encode(), digest_size=8).digest()
            number = self._numbers[key] = int.from_bytes(digest, "big") >> 1
        return number


class NotedReads(_Noted):
    """Notes the revision that each read sees, and when the read began."""

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """Read one key."""
        began_ns = perf_counter_ns()
        served = await self._subject.get(key, loader, ttl_s)
        self._saw(key, served, began_ns)
        return served

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        """Read many keys; they were read at the same moment."""
        began_ns = perf_counter_ns()
        answer = await self._subject.get_many(keys)
        for key, served in answer.items():
            self._saw(key, served, began_ns)
        return answer

    def _saw(self, key: str, served: Served, began_ns: int) -> None:
        # What this worker's own origin brought says nothing about the others' writes.
        if served.tier in ("miss", "origin"):
            return
        revision = self._revision_of(key, served.value)
        if revision is not None:
            self._note((self._number(key), revision, began_ns))


class NotedWrites(_Noted):
    """Notes the revision that each write makes, and when it began and was acknowledged."""

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """Write one key."""
        async with self._noting({key: self._revision_of(key, value)}):
            await self._subject.set(key, value, ttl_s)

    async def set_many(self, items: Mapping[str, Any], ttl_s: float | None = None) -> None:
        """Write many keys; they were written at the same moment."""
        async with self._noting({key: self._revision_of(key, items[key]) for key in items}):
            await self._subject.set_many(items, ttl_s)

    async def delete(self, key: str) -> None:
        """Delete one key."""
        async with self._noting({key: REMOVED}):
            await self._subject.delete(key)

    async def clear(self) -> None:
        """Remove every key."""
        async with self._noting({None: REMOVED}):
            await self._subject.clear()

    @asynccontextmanager
    async def _noting(self, revisions: Mapping[Any, int | None]) -> AsyncIterator[None]:
        began_ns, acked_ns = perf_counter_ns(), NEVER
        try:
            yield
            acked_ns = perf_counter_ns()
        finally:
            for key, revision in revisions.items():
                if revision is not None:
                    number = REMOVED if key is None else self._number(key)
                    self._note((number, revision, began_ns, acked_ns))
