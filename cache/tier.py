"""What a tier below memory looks like to the cache, and the sentinel that says "not here".

A tier works on many keys at a time, because one round trip for a loop tick's keys is worth an
order of magnitude; gathering those keys is the gate's business (see ``gate``).
"""

import enum
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, Literal, Protocol

import msgspec


class Sentinel(enum.Enum):
    """The type of ``MISS``, an enumeration so that type checkers can narrow on it."""

    MISS = "miss"

    def __repr__(self) -> str:
        return "MISS"


MISS: Final = Sentinel.MISS
Miss = Literal[Sentinel.MISS]


class Entry(msgspec.Struct, frozen=True, gc=False):
    """What a tier holds of a key. Times are seconds from the moment of the answer.

    Attributes:
        value: The value, or ``MISS`` where the key is known to be deleted or expired.
        ttl_s: How long the tier will keep it (None: until deleted).
        version: Its place in the order of the key's writes; 0 where there is none.
        fresh_s: How long it is fresh; below 0 it is stale, None is without end.
        age_s: How long ago it was written or loaded.
        cost_s: How long its load took; 0 where it was written or is not known.
        tags: What it can be invalidated by, beside its key.
        size_bytes: Its size as it was stored; 0 where it is not known.
        payload: The encoded value, where that makes copies; else None.
    """

    value: Any
    ttl_s: float | None = None
    version: int = 0
    fresh_s: float | None = None
    age_s: float = 0.0
    cost_s: float = 0.0
    tags: tuple[str, ...] = ()
    size_bytes: int = 0
    payload: bytes | None = None


class Write(msgspec.Struct, frozen=True, gc=False):
    """What a key becomes: an encoded value with its times to live, or nothing (a delete).

    Attributes:
        payload: The encoded value; None deletes.
        ttl_s: How long the tier keeps it (None: until deleted).
        fresh_s: How long it is fresh (None: as long as it is kept).
        age_s: How long ago it was written or loaded.
        cost_s: How long its load took.
        tags: What it can be invalidated by.
        version: The version that L3 gave it; 0 lets the tier choose one.
        seen: Makes it a fill, which L3 takes only while the key's version is this one (0: none).
        lease: Makes it a fill, which L2 takes only while this lease stands.
        floor: The tier's floor when the key was missed: a fill is refused when it has risen.
    """

    payload: bytes | None
    ttl_s: float | None = None
    fresh_s: float | None = None
    age_s: float = 0.0
    cost_s: float = 0.0
    tags: tuple[str, ...] = ()
    version: int = 0
    seen: int | None = None
    lease: bytes | None = None
    floor: int | None = None

    @property
    def is_fill(self) -> bool:
        """Whether it only adds what was found or loaded, and gives way to every write."""
        return self.seen is not None or self.lease is not None or self.floor is not None


DELETE: Final = Write(payload=None)


class Found(msgspec.Struct, frozen=True, gc=False):
    """What a tier answered to a read.

    Attributes:
        entries: What it knows of the keys; a key that it has never heard of is absent.
        floor: Rises with each ``clear``: what was missed under an older one may not be filled.
    """

    entries: Mapping[str, Entry]
    floor: int = 0


UNCOMMITTED: Final = 2**62
"""The version of what is yet to be committed: later than any that was given."""

CONNECT_TIMEOUT_S: Final = 1.0
"""The least time for connecting: nobody waits for it but the entry of a cache and the watch."""

TOMBSTONE_S: Final = 60.0
"""How long L2 remembers that a key was deleted, and the version with which it was."""

LATEST_S: Final = 10.0
"""The longest that a write may be on its way to L2; what comes later deletes instead."""


class Tier(Protocol):
    """A tier below memory. Every call ends, or raises, within the tier's own timeout."""

    @property
    def undecodable(self) -> int:
        """Payloads read so far that this cache can't have written."""

    async def open(self) -> None:
        """Connect, or connect anew: calls that an older connection still holds never take effect.

        Raises:
            Exception: Whatever kept the tier from answering.
        """

    async def close(self) -> None:
        """Let go of every connection; does nothing when there is none."""

    async def tend(self) -> None:
        """Ask the tier for a sign of life and do its small housekeeping."""

    async def read(self, keys: Collection[str]) -> Found:
        """Return what the tier knows of ``keys``."""

    async def write(self, writes: Mapping[str, Write]) -> dict[str, int]:
        """Store and delete, and return the version of each; a fill that was refused is absent.

        Later calls take effect after earlier ones.
        """

    async def tagged(self, tags: Collection[str]) -> set[str]:
        """Return the keys that were written, or are being loaded, under any of ``tags``."""

    async def clear(self, version: int = 0) -> int:
        """Raise the floor and remove every key of the namespace, and nothing else.

        Args:
            version: The version that L3 gave the clearing; a set below it comes too late.

        Returns:
            The clearing's version; 0 where the tier has none.
        """

    def lost_writes(self) -> bool:
        """Tell whether the last ``open`` found a server that may have forgotten writes."""


class LeaseRequest(msgspec.Struct, frozen=True, gc=False):
    """Asks L2 for the right to load a key.

    Attributes:
        newer_than: A value of a higher version is an answer, and nothing needs to be loaded.
        tags: What the loaded value will be invalidated by; an invalidation ends the lease.
    """

    newer_than: int = 0
    tags: tuple[str, ...] = ()


class Lease(msgspec.Struct, frozen=True, gc=False):
    """The right to load a key and to fill L2 with it, until it is written or lapses.

    Attributes:
        token: What the fill must show; empty where another holds the lease.
        floor: L2's floor when it was granted.
    """

    token: bytes
    floor: int = 0

    @property
    def is_granted(self) -> bool:
        """Whether it is ours."""
        return bool(self.token)


class LeasingTier(Tier, Protocol):
    """L2: a tier that also says who may load, and tells of others' writes.

    Attributes:
        on_invalidated: Called with the keys that somebody wrote, or None for all of them.
        on_lost: Called when the connection, and with it the channel of invalidations, ends.
    """

    on_invalidated: Callable[[Collection[str] | None], None]
    on_lost: Callable[[Exception], None]

    def clock_us(self) -> int:
        """Return a time in microseconds that the server has certainly not passed."""

    async def lease(self, requests: Mapping[str, LeaseRequest]) -> dict[str, Entry | Lease]:
        """Return for each key a newer value, a granted lease, or one that another holds."""

    async def renew(self, leases: Mapping[str, bytes]) -> None:
        """Let leases that still stand live for their whole time again."""

    async def release(self, leases: Mapping[str, bytes]) -> None:
        """End leases that still stand, because nothing will be filled."""


class PendingTier(Tier, Protocol):
    """L3: a tier that also remembers which keys L2 may have missed."""

    async def pending(self, older_than_s: float) -> dict[str, int]:
        """Return keys, with versions, whose write L2 has not confirmed for that long."""

    async def settle(self, versions: Mapping[str, int]) -> None:
        """Forget pending keys that L2 has at these versions, or has dropped."""

    async def expect(self, tags: Mapping[str, Collection[str]]) -> None:
        """Note keys that are being loaded under tags, so that ``tagged`` finds them."""
