"""L1: an in-process map under S3-FIFO, read on every call and so kept free of locks and awaits."""

import math
import time
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

from cache.codec import decode_payload
from cache.errors import ConfigError
from cache.l1.copying import SHARED, Copier, copier_for, flat_copier_for
from cache.l1.sizes import estimated_bytes
from cache.l1.slot import Held, Slot, held_of, pack_facts, packable
from cache.l1.slots import SlotTable
from cache.tier import MISS, Entry, Miss
from cache.timing import DurationHistogram

_NEVER: Final = math.inf
_SWEPT: Final = 1_000

Keys = set[str]


class MemoryTier(SlotTable):
    """A bounded map with expiry, freshness and tags. Eviction is S3-FIFO.

    A caller may write the path of a hit out: ``find_slot(key)``, and while the slot's ``due_at``
    lies ahead, take one from its ``untimed``; where that leaves 0, ``timed_hit`` takes over.

    Args:
        max_size: The most entries held, 1 or more.
        max_bytes: The most bytes of values held; None is without limit.
        max_value_bytes: A larger value is not held; None is without limit.
        copy_values: Keep and hand out copies of mutable values.
        clock: Seconds, never going back.

    Attributes:
        hit_times: How long hits take; one in 64 is timed, by chance.
        bypassed: Values that were too large to be held.

    Raises:
        ConfigError: The size is not a whole number of at least 1.
    """

    def __init__(
        self,
        max_size: int,
        *,
        max_bytes: int | None = None,
        max_value_bytes: int | None = None,
        copy_values: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if type(max_size) is not int or max_size < 1:
            raise ConfigError(
                f"l1_max_size is {max_size!r}: give a whole number of at least 1 entry"
            )
        super().__init__(max_size, max_bytes)
        self.hit_times = DurationHistogram()
        self.bypassed = 0
        limits = [limit for limit in (max_bytes, max_value_bytes) if limit is not None]
        self._largest_bytes = min(limits, default=None)
        self._copy_values = copy_values
        self._clock = clock
        self._unswept: list[Slot] = []

    def __contains__(self, key: str) -> bool:
        """Tell whether ``key`` is held, fresh or stale, without counting as a read of it."""
        slot = self._slots.get(key)
        return slot is not None and not self._has_expired(slot)

    def get(self, key: str) -> Any | Miss:
        """Return the value (a copy, where it is mutable) or ``MISS``; stale ones are values."""
        # A name is called faster than an attribute that holds a function.
        clock = self._clock
        slot = self._slots.get(key)
        if slot is None or (slot.due_at <= clock() and self._has_expired(slot)):
            return MISS
        left = slot.untimed - 1
        if not left:
            return self.timed_hit(slot)
        slot.untimed = left
        return slot.value if slot.copier is None else slot.copier(slot.value)

    def fresh(self, key: str) -> Any | Miss:
        """Return the value if nothing is due: it is fresh, and needs no early refresh."""
        slot = self._slots.get(key)
        return MISS if slot is None or slot.due_at <= self._clock() else self.get(key)

    def timed_hit(self, slot: Slot) -> Any:
        """Count the hit that ends a slot's countdown, and time the steps of a hit."""
        self._restart(slot)
        started_ns = time.perf_counter_ns()
        self.find_slot(slot.key or "")
        self._clock()
        value = slot.value if slot.copier is None else slot.copier(slot.value)
        self.hit_times.record(time.perf_counter_ns() - started_ns)
        return value

    def held(self, key: str) -> Held | None:
        """Return what is held of a key, due or not, without counting as a read of it."""
        slot = self._slots.get(key)
        if slot is None:
            return None
        held = held_of(slot, self._tags.by_key.get(key, ()), self._clock())
        if held is None:
            self._bury(slot)
        return held

    def lasts(self, key: str, for_s: float) -> bool:
        """Tell whether a key is held, and neither stale nor expired within ``for_s``."""
        slot = self._slots.get(key)
        if slot is None:
            return False
        until = self._clock() + for_s
        return slot.due_at > until or slot.fresh_end() > until

    def postpone_refresh(self, key: str) -> None:
        """Let nothing be due before the value is stale or expires."""
        slot = self._slots.get(key)
        if slot is not None:
            slot.due_at = slot.fresh_end()

    def set(
        self,
        key: str,
        value: Any,
        ttl_s: float | None = None,
        *,
        fresh_s: float | None = None,
        refresh_s: float | None = None,
        age_s: float = 0.0,
        cost_s: float = 0.0,
        tags: tuple[str, ...] = (),
        version: int = 0,
        size_bytes: int = 0,
        payload: bytes | None = None,
    ) -> None:
        """Hold a value for ``ttl_s`` seconds (None: until evicted or deleted).

        Args:
            key: A non-empty string.
            value: Anything that can be copied.
            ttl_s: Seconds until it is gone.
            fresh_s: Seconds until it is stale (None: never); 0 or less is stale.
            refresh_s: Seconds until it is to be refreshed early (None: never).
            age_s: Seconds since it was written or loaded.
            cost_s: Seconds that its load took.
            tags: What it can be invalidated by.
            version: Its place in the order of the key's writes.
            size_bytes: What it counts for; 0 has it estimated where there is a limit of bytes.
            payload: The value as JSON, where it is a dict or list that JSON holds exactly. A
                nested one is decoded for each reader: that takes half the time of a copy.

        Raises:
            InvalidValueError: The value is mutable and can't be copied.
        """
        entry = Entry(value, ttl_s, version, fresh_s, age_s, cost_s, tags, size_bytes, payload)
        self.take(key, entry, ttl_s, refresh_s)

    def take(self, key: str, entry: Entry, ttl_s: float | None, refresh_s: float | None) -> None:
        """Hold what a tier below has: ``set`` in fewer steps, for the path of an L2 hit.

        Raises:
            InvalidValueError: The value is mutable and can't be copied.
        """
        value, size_bytes = entry.value, entry.size_bytes
        if self._largest_bytes is not None:
            size_bytes = packable(size_bytes or estimated_bytes(value))
            if size_bytes > self._largest_bytes:
                self.bypassed += 1
                self.delete(key)
                return
        copier = None
        if self._copy_values and type(value) not in SHARED:
            copier, value = _kept(value, entry.payload)
        now = self._clock()
        fresh_s = entry.fresh_s
        expires_at = _NEVER if ttl_s is None else now + ttl_s
        fresh_until = _NEVER if fresh_s is None else now + fresh_s
        due_at = expires_at if expires_at < fresh_until else fresh_until  # noqa: FURB136 - a call takes twice as long
        if refresh_s is not None and now + refresh_s < due_at:
            due_at = now + refresh_s
        facts = pack_facts(
            expires_at, fresh_until, now - entry.age_s, entry.version, entry.cost_s, size_bytes
        )
        slot = self._slots.get(key)
        if slot is None or not self._reuse(slot, size_bytes):
            self._insert(key, value, copier, due_at, facts, size_bytes)
        else:
            slot.value, slot.copier, slot.due_at, slot.facts = value, copier, due_at, facts
        if entry.tags or self._tags.by_key:
            self._tags.put(key, entry.tags)

    def delete_many(self, keys: Iterable[str]) -> None:
        """Forget keys, held or not."""
        for key in keys:
            self.delete(key)

    def clear(self) -> None:
        """Forget every key, and what is known of those that left."""
        super().clear()
        self._unswept.clear()

    def tagged(self, tags: Collection[str]) -> Keys:
        """Return the keys held under any of ``tags``."""
        return self._tags.keys(tags)

    def cap(self, within_s: float) -> None:
        """Let nothing that is held now live for longer than ``within_s`` from now."""
        end_at = self._clock() + within_s
        for slot in self._slots.values():
            slot.end_by(end_at)

    def sweep(self, limit: int = _SWEPT) -> int:
        """Free what has expired among the next ``limit`` entries, and return how many.

        Each entry's turn comes once in ``len(tier) / limit`` calls.
        """
        swept = 0
        if not self._unswept:
            self._unswept = list(self._slots.values())
        for _ in range(min(limit, len(self._unswept))):
            slot = self._unswept.pop()
            swept += slot.key is not None and self._has_expired(slot)
        return swept

    def _has_expired(self, slot: Slot) -> bool:
        """Tell whether a slot's value is gone, and if so, free the slot."""
        now = self._clock()
        if slot.due_at > now or slot.expires_at() > now:
            return False
        self._bury(slot)
        return True


def _kept(value: Any, payload: bytes | None) -> tuple[Copier | None, Any]:
    """Return what makes copies of a value for its readers, and what it makes them of."""
    if payload is not None:
        flat = flat_copier_for(value, payload)
        return (decode_payload, payload) if flat is None else (flat, flat(value))
    copier = copier_for(value)
    return copier, value if copier is None else copier(value)
