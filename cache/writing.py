"""The write path: L3 commits first and gives the version, then L2, then L1.

One key's writes of one process follow one another; those of several are put in order by their
versions. L2 pushes a write by script back to its writer, so it enters L1 by being read again.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec

from cache.codec import decode_payload, encode
from cache.errors import EncodeError, ValueTooLargeError
from cache.gate import Gate
from cache.l1.copying import copied
from cache.loading import Reread
from cache.null import NullGate
from cache.tier import DELETE, Entry, LeasingTier, PendingTier, Write
from cache.tiers import Tiers
from cache.ttl import Life, TTLs

_CLOSE_TIMEOUT_S: Final = 3.0


class _Kept(msgspec.Struct, frozen=True, gc=False):
    """A value on its way into the tiers: its JSON, or where it has none, a copy of its own."""

    value: Any
    payload: bytes | None
    life: Life


class Writer:
    """Writes through every tier, to the end even where its caller is cancelled."""

    def __init__(self, tiers: Tiers, reread: Reread) -> None:
        self._tiers = tiers
        self._reread = reread
        self._tasks: set[asyncio.Task[None]] = set()

    async def set_many(
        self, values: Mapping[str, Any], ttls: TTLs, tags: tuple[str, ...] = ()
    ) -> None:
        """Store values; a value that JSON can't hold stays in L1 and its older copies go.

        Raises:
            InvalidValueError: A value can't be copied; no tier was changed.
            ValueTooLargeError: A value is larger than allowed; no tier was changed.
        """
        draw = self._tiers.lives.draw
        kept = {}
        for key, value in values.items():
            payload = self._encoded(key, value)
            # What JSON holds exactly is its own copy; anything else the caller may still change.
            own = copied(value) if payload is None else None
            kept[key] = _Kept(own, payload, draw(ttls))
        l3 = {key: _write(one, one.life.l3_s, tags) for key, one in kept.items()}
        l2 = {key: _write(one, one.life.l2_s, tags) for key, one in kept.items()}

        pushed: list[str] = []

        def keep_in_l1(pushed_back: set[str]) -> None:
            pushed.extend(pushed_back)
            self._tiers.l1.delete_many(pushed)
            for key in kept.keys() - pushed_back:
                self._keep(key, kept[key], tags)

        await self._to_the_end(self._write(l3, l2, keep_in_l1))
        if pushed:
            await self._reread(pushed, ttls)

    async def delete_many(self, keys: Collection[str]) -> None:
        """Remove keys from every tier."""

        def drop_from_l1(_pushed_back: set[str]) -> None:
            self._tiers.l1.delete_many(keys)

        gone = dict.fromkeys(keys, DELETE)
        await self._to_the_end(self._write(gone, gone, drop_from_l1))

    async def delete_tagged(self, tags: Collection[str]) -> int:
        """Remove the keys under any of ``tags`` and return how many were known.

        A tier that can't be asked which keys those are is emptied when it is back.
        """
        tiers = self._tiers
        keys = tiers.l1.tagged(tags) | set(tiers.flights.tagged(tags)) | tiers.l3.waiting(tags)
        answers = await asyncio.gather(_tagged(tiers.l2, tags), _tagged(tiers.l3, tags))
        keys.update(*answers)
        if keys:
            await self.delete_many(keys)
        return len(keys)

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
        finish: Callable[[set[str]], None],
    ) -> None:
        tiers = self._tiers
        async with tiers.order.turn(l3.keys()):
            tiers.flights.overtake(l3)
            epoch = tiers.epoch
            versions = await self._write_l3(l3)
            pushed_back = await self._write_l2(l2, versions)
            if tiers.epoch == epoch:
                finish(pushed_back)
            else:
                tiers.l1.delete_many(l3)
            tiers.flights.overtake(l3)

    async def _write_l3(self, writes: Mapping[str, Write]) -> dict[str, int]:
        """Commit to L3 and return the versions for L2.

        While L3 is away L2's time stands in for a version, so that L3's older rows can't come
        back through a promotion; L3 drops them when it is back.
        """
        tiers = self._tiers
        versions = await tiers.l3.write(writes)
        if versions is not None:
            return versions
        stand_in = self._stand_in()
        if not stand_in:
            return {}
        missed = dict.fromkeys(writes, stand_in)
        tiers.l3.outdated(missed)
        return missed

    def _stand_in(self) -> int:
        """Return what stands in for a version that L3 could not give; 0 where nothing need."""
        l2, l3 = self._tiers.l2, self._tiers.l3
        if not isinstance(l3, Gate) or not isinstance(l2, Gate) or not l2.serves:
            return 0
        return l2.tier.clock_us()

    async def _write_l2(self, writes: Mapping[str, Write], versions: Mapping[str, int]) -> set[str]:
        """Store in L2 what L3 has, and return the keys that L1 may not simply take over.

        Those are the ones that are pushed back, and those for which L2 has something newer.
        """
        tiers = self._tiers
        if versions:
            writes = {
                key: msgspec.structs.replace(write, version=versions.get(key, 0))
                for key, write in writes.items()
            }
        stored = await tiers.l2.write(writes)
        if stored is None:
            return set()
        sets = {key for key, write in writes.items() if write.payload is not None}
        refused = sets - stored.keys()
        if refused:
            # It has something newer, or its clock is not L3's: either way nothing is safe.
            await tiers.l2.write(
                {key: Write(None, version=versions.get(key, 0)) for key in refused}
            )
        tiers.settler.confirm(versions)
        return sets if tiers.coherence.is_up else refused

    def _keep(self, key: str, kept: _Kept, tags: tuple[str, ...]) -> None:
        life = kept.life
        payload = kept.payload
        value = kept.value if payload is None else decode_payload(payload)
        size_bytes = 0 if payload is None else len(payload)
        entry = Entry(value, life.l1_s, 0, life.fresh_s, 0.0, 0.0, tags, size_bytes, payload)
        self._tiers.keep(key, entry, life.l1_s)

    async def _clear(self) -> None:
        """Empty L3, then L2 with the version that L3 gave the clearing, then L1."""
        self._begin_step()
        version = await self._tiers.l3.clear()
        self._begin_step()
        await self._tiers.l2.clear(self._stand_in() if version is None else version)
        self._begin_step()
        self._tiers.l1.clear()

    def _begin_step(self) -> None:
        """Turn back what started before: loads store nothing, and no write enters L1."""
        self._tiers.epoch += 1
        self._tiers.flights.overtake_all()

    async def _to_the_end(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` so that a cancelled caller can't leave it half done."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.shield(task)

    def _encoded(self, key: str, value: Any) -> bytes | None:
        try:
            payload = encode(value)
        except EncodeError:
            self._tiers.stats.unencodable += 1
            return None
        limit_bytes = self._tiers.config.max_value_bytes
        if len(payload) > limit_bytes:
            raise ValueTooLargeError(
                f"the value of {key!r:.80} has {len(payload):,} bytes, and max_value_bytes is "
                f"{limit_bytes:,}: store less, or raise the limit"
            )
        return payload


def _write(kept: _Kept, ttl_s: float | None, tags: tuple[str, ...]) -> Write:
    if kept.payload is None:
        return DELETE
    return Write(kept.payload, ttl_s, kept.life.fresh_s, tags=tags)


async def _tagged(
    gate: Gate[LeasingTier] | Gate[PendingTier] | NullGate, tags: Collection[str]
) -> set[str]:
    if isinstance(gate, NullGate):
        return set()
    tier = gate.tier
    keys = await gate.ask(lambda: tier.tagged(tags))
    if keys is None:
        gate.pass_everything_by()
        return set()
    return keys
