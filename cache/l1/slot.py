"""What L1 keeps for one key, in as few bytes as a read path without detours allows."""

import math
import struct
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

from cache.l1.copying import Copier

TIMED_EVERY: Final = 64
"""One hit in so many is timed."""

_LARGEST: Final = 2**32 - 1
_LAYOUT: Final = struct.Struct("<dddqfI")
_END: Final = struct.Struct("<d")

pack_facts: Final[Callable[..., bytes]] = _LAYOUT.pack
"""Packs the fields of ``Facts`` in their order: objects of their own would take 200 bytes."""


class Facts(NamedTuple):
    """What is asked of a slot only off the path of a hit. Times are those of L1's clock.

    Attributes:
        expires_at: When the value is gone; infinity is never.
        fresh_until: When it is stale; infinity is never.
        stored_at: When it was written or loaded.
        version: Its place in the order of the key's writes.
        cost_s: How long its load took.
        size_bytes: What it counts for against a limit of bytes.
    """

    expires_at: float
    fresh_until: float
    stored_at: float
    version: int
    cost_s: float
    size_bytes: int


class Slot(msgspec.Struct, gc=False, eq=False):
    """One key's place in L1. The garbage collector does not have to visit it.

    One countdown serves three purposes: it tells when to time a hit, what it lacks of ``mark``
    are the hits not yet collected, and these count for the eviction too.

    Attributes:
        key: The key; None once the slot is dead, though a queue may still hold it.
        value: What is kept; nobody outside may change it.
        copier: Makes a reader's own copy; None where the value can be shared.
        due_at: The earliest of its expiry, the end of its freshness and an early refresh.
        untimed: Hits until one is timed, that one included.
        mark: What ``untimed`` would be without the hits since they were last collected.
        spent: Uncollected hits that S3-FIFO has used up; below 0, collected ones that it has not.
        facts: Everything else, packed.
    """

    key: str | None
    value: Any
    copier: Copier | None
    due_at: float
    untimed: int
    mark: int
    spent: int
    facts: bytes

    def read_facts(self) -> Facts:
        """Return what is packed."""
        return Facts._make(_LAYOUT.unpack(self.facts))

    def expires_at(self) -> float:
        """Return when the value is gone."""
        end: float = _END.unpack_from(self.facts)[0]
        return end

    def fresh_end(self) -> float:
        """Return when the value is stale or gone."""
        facts = self.read_facts()
        return min(facts.expires_at, facts.fresh_until)

    def end_by(self, end_at: float) -> None:
        """Let the value be gone at ``end_at``, if it would not be sooner."""
        if end_at < self.expires_at():
            self.facts = _END.pack(end_at) + self.facts[_END.size :]
            self.due_at = min(self.due_at, end_at)


class Held(msgspec.Struct, frozen=True, gc=False):
    """What L1 holds of a key at one moment, due or not. Times are seconds from that moment.

    Attributes:
        kept: The value itself, which nobody may change.
        copier: Makes a copy of it; None where it can be shared.
        age_s: How long ago it was written or loaded.
        ttl_s: How long it will be kept (None: until it is evicted).
        fresh_s: How long it is fresh; below 0 it is stale, None is without end.
        cost_s: How long its load took.
        version: Its place in the order of the key's writes.
        tags: What it can be invalidated by.
    """

    kept: Any
    copier: Copier | None
    age_s: float
    ttl_s: float | None
    fresh_s: float | None
    cost_s: float
    version: int
    tags: tuple[str, ...]

    @property
    def value(self) -> Any:
        """The value: the caller's own copy, where it is mutable."""
        return self.kept if self.copier is None else self.copier(self.kept)

    @property
    def stale(self) -> bool:
        """Whether it is past its freshness."""
        return self.fresh_s is not None and self.fresh_s <= 0

    @property
    def stale_s(self) -> float:
        """How long it has been stale; 0 while it is fresh."""
        return 0.0 if self.fresh_s is None else max(0.0, -self.fresh_s)

    @property
    def lasts_s(self) -> float:
        """How long it can be served as fresh; infinity is without end."""
        ttl_s = math.inf if self.ttl_s is None else self.ttl_s
        return ttl_s if self.fresh_s is None else max(0.0, min(ttl_s, self.fresh_s))


def held_of(slot: Slot, tags: tuple[str, ...], now: float) -> Held | None:
    """Return a view of a slot, or None where its value has expired."""
    facts = slot.read_facts()
    if facts.expires_at <= now:
        return None
    return Held(
        slot.value,
        slot.copier,
        now - facts.stored_at,
        _left(facts.expires_at, now),
        _left(facts.fresh_until, now),
        facts.cost_s,
        facts.version,
        tags,
    )


def packable(size_bytes: int) -> int:
    """Return a size that fits into the facts."""
    return min(size_bytes, _LARGEST)


def _left(end_at: float, now: float) -> float | None:
    return None if end_at == math.inf else end_at - now
