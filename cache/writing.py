"""The write path: L3 commits first, then L2, then L1; one key's writes follow one another."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import suppress
from typing import Any, Final

from cache.codec import encode
from cache.copying import copied
from cache.errors import EncodeError
from cache.tier import DELETE, Write
from cache.tiers import Tiers
from cache.ttl import TTLs

_CLOSE_TIMEOUT_S: Final = 3.0


class Writer:
    """Writes through every tier, to the end even where its caller is cancelled."""

    def __init__(self, tiers: Tiers) -> None:
        self._tiers = tiers
        self._tasks: set[asyncio.Task[None]] = set()

    async def set_many(self, values: Mapping[str, Any], ttls: TTLs) -> None:
        """Store values; a value that JSON can't hold stays in L1 and its older copies go.

        Raises:
            InvalidValueError: A value can't be copied; no tier was changed.
        """
        own = {key: copied(value) for key, value in values.items()}
        payloads = {key: self._encoded(value) for key, value in own.items()}

        def keep_in_l1() -> None:
            for key, value in own.items():
                self._tiers.l1.set(key, value, ttls.l1_s)

        l3 = {key: Write(payload, ttls.l3_s) for key, payload in payloads.items()}
        l2 = {key: Write(payload, ttls.l2_s) for key, payload in payloads.items()}
        await self._to_the_end(self._write(l3, l2, keep_in_l1))

    async def delete_many(self, keys: Collection[str]) -> None:
        """Remove keys from every tier."""

        def drop_from_l1() -> None:
            for key in keys:
                self._tiers.l1.delete(key)

        gone = dict.fromkeys(keys, DELETE)
        await self._to_the_end(self._write(gone, gone, drop_from_l1))

    async def clear(self) -> None:
        """Empty every tier of the namespace."""
        await self._to_the_end(self._clear())

    async def close(self) -> None:
        """Wait for the writes on their way, which the tiers' timeouts bound, and for no more."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                while self._tasks:
                    await asyncio.wait(self._tasks)

    async def _write(
        self,
        l3: Mapping[str, Write],
        l2: Mapping[str, Write],
        finish: Callable[[], None],
    ) -> None:
        tiers = self._tiers
        async with tiers.order.turn(l3.keys()):
            tiers.flights.overtake(l3)
            while True:
                epoch = tiers.epoch
                await tiers.l3.write(l3)
                await tiers.l2.write(l2)
                if tiers.epoch == epoch:
                    break
            finish()
            tiers.flights.overtake(l3)

    async def _clear(self) -> None:
        self._begin_step()
        for gate in self._tiers.lower():
            await gate.clear()
            self._begin_step()
        self._tiers.l1.clear()

    def _begin_step(self) -> None:
        """Turn back what started before: loads store nothing, writes start again."""
        self._tiers.epoch += 1
        self._tiers.flights.overtake_all()

    async def _to_the_end(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` so that a cancelled caller can't leave it half done."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.shield(task)

    def _encoded(self, value: Any) -> bytes | None:
        try:
            return encode(value)
        except EncodeError:
            self._tiers.stats.unencodable += 1
            return None
