"""Writes L3 behind its callers: in batches, after their calls have returned.

write -> waiting: the newest write of each key --(every interval, or when full)--> L3
                     |
                     +-- overlay: what a read of L3 would not show yet
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Final

import msgspec

from cache.deadline import end
from cache.tier import DELETE, Write

WriteThrough = Callable[[Mapping[str, Write]], Awaitable[Mapping[str, int] | None]]

_BATCH: Final = 1000


@dataclass(slots=True)
class WriteBehindCounts:
    """What became of the keys that were to be written.

    Attributes:
        queued: Accepted; a later write of a key that still waits takes the place of the earlier.
        flushed: Written to L3.
        refused: Not accepted, because there was no room in time.
        lost: Still waiting when the cache was closed.
    """

    queued: int = 0
    flushed: int = 0
    refused: int = 0
    lost: int = 0


class _Waiting(msgspec.Struct, frozen=True, gc=False):
    """A write, and when it was asked for."""

    write: Write
    since_s: float

    def as_of(self, now_s: float) -> Write:
        """Return what is left of the write: its lives began when it was asked for."""
        write, waited_s = self.write, now_s - self.since_s
        if write.payload is None:
            return write
        if write.ttl_s is not None and write.ttl_s <= waited_s:
            return DELETE
        return msgspec.structs.replace(
            write,
            ttl_s=None if write.ttl_s is None else write.ttl_s - waited_s,
            fresh_s=None if write.fresh_s is None else write.fresh_s - waited_s,
            age_s=write.age_s + waited_s,
        )


class WriteBehind:
    """Holds writes of L3 for a short time, so that nobody waits for its commit.

    What waits is in this process alone. A crash, a kill or a machine that stops loses every write
    since the last batch: those of one interval, or all that wait where L3 is away. L3 then still
    has what was there before, a deleted value too, and answers with it once L2 has lost the key.
    Until their batch is committed, other processes find the same in L3. Closing writes what
    waits, and counts what it could not write.

    Args:
        write_through: Commits a batch of writes and returns their versions, or None where it
            could not. It must not raise, and gets the keys again until it has committed them.
        limit: Keys that wait at most.
        interval_s: Time between the first write that waits and its batch.
        timeout_s: The longest that a caller waits for room.
        clock: Seconds, never going back.
    """

    def __init__(
        self,
        write_through: WriteThrough,
        *,
        limit: int,
        interval_s: float,
        timeout_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.counts = WriteBehindCounts()
        self._write_through = write_through
        self._limit = limit
        self._interval_s = interval_s
        self._timeout_s = timeout_s
        self._clock = clock
        # A key stays here while it is on its way: a batch that fails has lost nothing, and a
        # newer write that came meanwhile has simply taken its place.
        self._waiting: dict[str, _Waiting] = {}
        self._closed = False
        self._entrance = asyncio.Lock()
        self._turn = asyncio.Lock()
        self._filled = asyncio.Event()
        self._hurry = asyncio.Event()
        self._room = asyncio.Event()
        self._flusher: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """Return the number of keys that wait."""
        return len(self._waiting)

    def start(self) -> None:
        """Begin to flush."""
        self._flusher = asyncio.create_task(self._keep_flushing(), name="cache-write-behind")

    async def write(self, writes: Mapping[str, Write]) -> dict[str, int] | None:
        """Accept sets and deletes; where there is no room, wait for it.

        Fills are not for here: whether one is taken is known only at its commit.

        Returns:
            No versions, as there are none yet. None where there was no room for every key in
            time: L3 will not have those, and what it has of them is out of date.
        """
        left = dict(writes)
        since_s = self._clock()
        if not self._entrance.locked():
            self._put(left, since_s)
        if not left:
            return {}
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timeout_s), self._entrance:
                await self._put_when_there_is_room(left, since_s)
        self._refuse(left)
        return None if left else {}

    def overlay(self, keys: Collection[str]) -> dict[str, Write]:
        """Return what L3 does not have yet of ``keys``, also what is on its way."""
        now_s = self._clock()
        return {
            key: waiting.as_of(now_s)
            for key in keys
            if (waiting := self._waiting.get(key)) is not None
        }

    def tagged(self, tags: Collection[str]) -> set[str]:
        """Return the waiting keys that carry any of ``tags``."""
        wanted = set(tags)
        return {
            key
            for key, waiting in self._waiting.items()
            if not wanted.isdisjoint(waiting.write.tags)
        }

    async def flush(self) -> bool:
        """Write what waits now; tell whether that succeeded."""
        for _ in range(0, len(self._waiting), _BATCH):
            if not await self._flush_batch():
                return False
        return True

    async def forget(self) -> None:
        """Drop what waits, before L3 is cleared, and let the batch on its way end."""
        self._waiting.clear()
        self._make_room()
        async with self._turn:
            pass

    async def close(self, within_s: float) -> int:
        """Accept nothing more, write what waits, and return the number of keys that are lost."""
        self._closed = True
        self._room.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not await self.flush():  # noqa: ASYNC110 - nothing tells when L3 is back
                    await asyncio.sleep(self._interval_s)
        if self._flusher is not None:
            await end({self._flusher})
        lost = len(self._waiting)
        self.counts.lost += lost
        self._waiting.clear()
        return lost

    def _put(self, left: dict[str, Write], since_s: float) -> None:
        """Accept what there is room for, and take it out of ``left``."""
        if self._closed:
            return
        before = len(left)
        for key in list(left):
            # A key that waits needs no room of its own.
            if key in self._waiting or len(self._waiting) < self._limit:
                self._waiting[key] = _Waiting(left.pop(key), since_s)
        self.counts.queued += before - len(left)
        self._filled.set()

    async def _put_when_there_is_room(self, left: dict[str, Write], since_s: float) -> None:
        self._put(left, since_s)
        while left and not self._closed:
            self._room.clear()
            self._hurry.set()
            await self._room.wait()
            self._put(left, since_s)

    def _refuse(self, left: Mapping[str, Write]) -> None:
        """Give up on keys, and on older writes of them: those must not reach L3 after all."""
        self.counts.refused += len(left)
        for key in left:
            self._waiting.pop(key, None)

    async def _keep_flushing(self) -> None:
        while True:
            await self._filled.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._interval_s):
                    await self._hurry.wait()
            self._hurry.clear()
            await self.flush()

    async def _flush_batch(self) -> bool:
        async with self._turn:
            batch = dict(islice(self._waiting.items(), _BATCH))
            now_s = self._clock()
            writes = {key: waiting.as_of(now_s) for key, waiting in batch.items()}
            if writes and await self._write_through(writes) is None:
                return False
            for key, waiting in batch.items():
                if self._waiting.get(key) is waiting:
                    del self._waiting[key]
            self.counts.flushed += len(batch)
            self._make_room()
            return True

    def _make_room(self) -> None:
        self._room.set()
        if not self._waiting:
            self._filled.clear()
