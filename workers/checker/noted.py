"""A subject that notes what is read and changed, in the moments in which its caller sees it."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from time import perf_counter_ns
from typing import Any

from workers.checker.log import CHANGE, EVERY, NEVER, NOTHING, READ, Kind
from workers.checker.rows import Rows
from workers.ledger import Ledger
from workers.subjects.base import Loader, Served, Subject

_WRITE, _DELETE, _CLEAR, _ANSWER, _EMPTY = (int(kind) for kind in Kind)


class NotedSubject:
    """Passes every call on, and notes keys' numbers, revisions and times.

    Reads that find nothing are not noted, nor what does not tell its revision.

    Args:
        subject: The cache under test.
        ledger: Knows which revision a delete leaves behind, and reads revisions off values.
        shard: Whose subject it is.
    """

    def __init__(self, subject: Subject, ledger: Ledger, shard: int) -> None:
        self.names: dict[int, str] = {}
        """The keys that were noted, by their numbers."""
        self.reads = Rows(READ)
        self.changes = Rows(CHANGE)
        self._subject = subject
        self._newest = ledger.newest
        self._revision_of = ledger.revision_of
        self._shard = shard
        self._note_read = self.reads.note
        self._noted = 0
        self._numbers: dict[str, int] = {}
        self._loader: Loader | None = None
        self._noting: Loader | None = None

    @property
    def lacks(self) -> frozenset[str]:
        """As the subject's."""
        return self._subject.lacks

    async def start(self) -> None:
        """Passed on."""
        await self._subject.start()

    async def stop(self) -> None:
        """Passed on."""
        await self._subject.stop()

    async def get(self, key: str, loader: Loader | None, ttl_s: float | None = None) -> Served:
        """Read one key; what its loader answers is noted too."""
        if loader is not self._loader:
            self._loader, self._noting = loader, self._noting_loader(loader)
        began_ns = perf_counter_ns()
        served = await self._subject.get(key, self._noting, ttl_s)
        self._saw(key, served, began_ns, perf_counter_ns())
        return served

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Served]:
        """Read many keys; they were read at the same moment."""
        began_ns = perf_counter_ns()
        answer = await self._subject.get_many(keys)
        ended_ns = perf_counter_ns()
        for key, served in answer.items():
            self._saw(key, served, began_ns, ended_ns)
        return answer

    async def set(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """Write one key."""
        began_ns, acked_ns = perf_counter_ns(), NEVER
        try:
            await self._subject.set(key, value, ttl_s)
            acked_ns = perf_counter_ns()
        finally:
            self._wrote(key, value, began_ns, acked_ns)

    async def set_many(self, items: Mapping[str, Any], ttl_s: float | None = None) -> None:
        """Write many keys; they were written at the same moment."""
        began_ns, acked_ns = perf_counter_ns(), NEVER
        try:
            await self._subject.set_many(items, ttl_s)
            acked_ns = perf_counter_ns()
        finally:
            for key, value in items.items():
                self._wrote(key, value, began_ns, acked_ns)

    async def delete(self, key: str) -> None:
        """Delete one key."""
        # By the time that it is answered the key may have been written again.
        number, left = self._number(key), self._newest(key)
        began_ns, acked_ns = perf_counter_ns(), NEVER
        try:
            await self._subject.delete(key)
            acked_ns = perf_counter_ns()
        finally:
            self._note_change(number, left, began_ns, acked_ns, _DELETE)

    async def clear(self) -> None:
        """Remove every key."""
        began_ns, acked_ns = perf_counter_ns(), NEVER
        try:
            await self._subject.clear()
            acked_ns = perf_counter_ns()
        finally:
            self._note_change(EVERY, 0, began_ns, acked_ns, _CLEAR)

    async def empty(self, tier: str) -> None:
        """Remove every key from one tier."""
        began_ns, acked_ns = perf_counter_ns(), NEVER
        try:
            await self._subject.empty(tier)
            acked_ns = perf_counter_ns()
        finally:
            self._note_change(EVERY, 0, began_ns, acked_ns, _EMPTY)

    async def warm(self) -> int:
        """Passed on."""
        return await self._subject.warm()

    def statistics(self) -> Mapping[str, int]:
        """As the subject's."""
        return self._subject.statistics()

    async def health(self) -> str | None:
        """As the subject's."""
        return await self._subject.health()

    def _noting_loader(self, loader: Loader | None) -> Loader | None:
        if loader is None:
            return None

        async def load(key: str) -> Any:
            began_ns = perf_counter_ns()
            value = await loader(key)
            revision = NOTHING if value is None else self._revision_of(key, value)
            if revision is not None:
                self._note_change(self._number(key), revision, began_ns, began_ns, _ANSWER)
            return value

        return load

    def _saw(self, key: str, served: Served, began_ns: int, ended_ns: int) -> None:
        value, tier = served
        if tier == "miss":
            return
        revision = NOTHING if value is None else self._revision_of(key, value)
        if revision is not None:
            self._note_read(self._number(key), revision, began_ns, ended_ns)

    def _wrote(self, key: str, value: Any, began_ns: int, acked_ns: int) -> None:
        revision = self._revision_of(key, value)
        if revision is not None:
            self._note_change(self._number(key), revision, began_ns, acked_ns, _WRITE)

    def _note_change(
        self, number: int, revision: int, began_ns: int, acked_ns: int, kind: int
    ) -> None:
        self.changes.note(number, revision, began_ns, acked_ns, kind, self._shard, self._noted)
        self._noted += 1

    def _number(self, key: str) -> int:
        """A key's number, the same for all workers whatever keys they know."""
        number = self._numbers.get(key)
        if number is None:
            digest = blake2b(key.encode(), digest_size=8).digest()
            number = self._numbers[key] = int.from_bytes(digest, "big") >> 1
            self.names[number] = key
        return number
