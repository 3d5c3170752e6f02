"""The slots of L1 by key, under S3-FIFO, with every hit accounted for."""

from operator import attrgetter
from typing import Any, Final, Protocol

from cache.l1.compaction import Compactor
from cache.l1.copying import Copier
from cache.l1.s3fifo import MOST_FREQUENT, PROMOTED, S3Fifo
from cache.l1.slot import TIMED_EVERY, Slot
from cache.l1.tag_index import TagIndex

_PHASE_STEP: Final = 27
_COMPACTED_EVERY: Final = 1_024
_LARGEST_MARK: Final = 256 - TIMED_EVERY
_untimed: Final = attrgetter("untimed")


class HitSink(Protocol):
    """Takes the hits that were counted since they were last collected."""

    def add(self, key: str, hits: int) -> None:
        """Take the hits of one key."""

    def add_many(self, hits: list[tuple[str, int]]) -> None:
        """Take the hits of many keys."""


class NoSink:
    """Lets the hits of single keys go."""

    def add(self, key: str, hits: int) -> None:
        """Take no notice."""

    def add_many(self, hits: list[tuple[str, int]]) -> None:
        """Take no notice."""


class SlotTable:
    """A bounded map of slots.

    Args:
        max_size: The most slots, 1 or more.
        max_bytes: The most bytes of their values; None is without limit.

    Attributes:
        find_slot: Returns a key's slot, or None.
        sink: Learns how often each key is hit: after some 200 hits, when its slot leaves, and at
            each ``harvest``.
        evictions: Slots that made room for others.
        size_bytes: Bytes of the values, where ``max_bytes`` is set; else 0.
    """

    def __init__(self, max_size: int, max_bytes: int | None) -> None:
        self.max_size = max_size
        self.max_bytes = max_bytes
        self.sink: HitSink = NoSink()
        self.evictions = 0
        self.size_bytes = 0
        self._slots: dict[str, Slot] = {}
        self.find_slot = self._slots.get
        self._queues = S3Fifo()
        self._compactor = Compactor(self._slots)
        self._tags = TagIndex()
        self._warmed: set[str] = set()
        self._warmed_hits = 0
        self._phase = 0
        self._countdowns = 0
        """All countdowns ever begun, less what was left of those that ended early."""

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def hits(self) -> int:
        """How many reads were answered, exactly."""
        left: int = sum(map(_untimed, self._slots.values()))
        return self._countdowns - left

    @property
    def warmed_hits(self) -> int:
        """How many of them found what warming had put there."""
        slots = (self._slots[key] for key in self._warmed)
        return self._warmed_hits + sum(slot.mark - slot.untimed for slot in slots)

    def delete(self, key: str) -> bool:
        """Forget a key and tell whether it was held."""
        slot = self._slots.get(key)
        if slot is None:
            return False
        self._bury(slot)
        return True

    def clear(self) -> None:
        """Forget every key, and what is known of those that left."""
        self.harvest()
        self._countdowns = self.hits
        self._slots.clear()
        self._queues = S3Fifo()
        self._tags.clear()
        self._warmed.clear()
        self.size_bytes = 0

    def harvest(self) -> None:
        """Hand the hits that were not yet collected to ``sink``."""
        collected = []
        for key, slot in self._slots.items():
            hits = slot.mark - slot.untimed
            if hits:
                self._settle(slot, hits)
                collected.append((key, hits))
        self.sink.add_many(collected)

    def mark_warmed(self, key: str) -> None:
        """Count the hits of a key from now on among ``warmed_hits``, until it is set again.

        It is known to be read often, so it need not earn its place in the main queue.
        """
        slot = self._slots.get(key)
        if slot is not None:
            self._collect(slot)
            slot.spent = min(slot.spent, -PROMOTED)
            self._warmed.add(key)

    def _insert(  # noqa: PLR0917 - keywords would take longer than the rest of the call
        self,
        key: str,
        kept: Any,
        copier: Copier | None,
        due_at: float,
        facts: bytes,
        size_bytes: int,
    ) -> None:
        """Put in a new slot, after others made room for it."""
        slots = self._slots
        while len(slots) >= self.max_size:
            self._evict()
        if self.max_bytes is not None:
            while self.size_bytes + size_bytes > self.max_bytes:
                self._evict()
            self.size_bytes += size_bytes
        # Countdowns begin anywhere, so that keys with few hits are timed as often as others.
        self._phase = countdown = (self._phase + _PHASE_STEP) % TIMED_EVERY or TIMED_EVERY
        self._countdowns += countdown
        slots[key] = slot = Slot(key, kept, copier, due_at, countdown, countdown, 0, facts)
        self._queues.admit(key, slot)

    def _reuse(self, slot: Slot, size_bytes: int) -> bool:
        """Make a slot ready for a new value, or free it where that takes the room of others."""
        if slot.mark != slot.untimed:
            self._collect(slot)
        if self._warmed:
            self._warmed.discard(slot.key or "")
        if self.max_bytes is None:
            return True
        grown_bytes = size_bytes - slot.read_facts().size_bytes
        if self.size_bytes + grown_bytes > self.max_bytes:
            self._bury(slot)
            return False
        self.size_bytes += grown_bytes
        return True

    def _restart(self, slot: Slot) -> None:
        """Count the last hit of a slot's countdown, and begin another."""
        slot.untimed = TIMED_EVERY
        slot.mark += TIMED_EVERY
        self._countdowns += TIMED_EVERY
        # Python keeps numbers up to 256 ready; above, each slot would have one of its own.
        if slot.mark > _LARGEST_MARK:
            self._collect(slot)

    def _evict(self) -> None:
        self._drop(self._queues.evict(len(self._slots)))
        self.evictions += 1
        if not self.evictions % _COMPACTED_EVERY:
            self._compactor.run()

    def _bury(self, slot: Slot) -> None:
        """Drop a slot that is still in a queue."""
        self._drop(slot)
        self._queues.bury(len(self._slots))

    def _drop(self, slot: Slot) -> None:
        if slot.mark != slot.untimed:
            self._collect(slot)
        self._countdowns -= slot.untimed
        if self.max_bytes is not None:
            self.size_bytes -= slot.read_facts().size_bytes
        key = slot.key or ""
        if self._tags.by_key:
            self._tags.remove(key)
        if self._warmed:
            self._warmed.discard(key)
        del self._slots[key]
        slot.key = slot.value = None

    def _collect(self, slot: Slot) -> None:
        hits = slot.mark - slot.untimed
        if hits:
            self._settle(slot, hits)
            self.sink.add(slot.key or "", hits)

    def _settle(self, slot: Slot, hits: int) -> None:
        slot.mark = slot.untimed
        slot.spent = -min(MOST_FREQUENT, hits - slot.spent)
        if slot.key in self._warmed:
            self._warmed_hits += hits
