"""What a tier below memory looks like to the cache, and the sentinel that says "not here".

A tier works on many keys at a time, because one round trip for a loop tick's keys is worth an
order of magnitude; gathering those keys is the gate's business (see ``gate``).
"""

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol


class Sentinel(enum.Enum):
    """The type of ``MISS``, an enumeration so that type checkers can narrow on it."""

    MISS = "miss"

    def __repr__(self) -> str:
        return "MISS"


MISS: Final = Sentinel.MISS
Miss = Literal[Sentinel.MISS]


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as a tier holds it, with the seconds it has left there (None: until deleted)."""

    value: Any
    ttl_s: float | None


@dataclass(frozen=True, slots=True)
class Write:
    """What a key becomes: an encoded value with its time to live, or nothing (a delete)."""

    payload: bytes | None
    ttl_s: float | None = None


DELETE: Final = Write(payload=None)

CONNECT_TIMEOUT_S: Final = 1.0
"""The least time for connecting: nobody waits for it but the entry of a cache and the watch."""


class Tier(Protocol):
    """A tier below memory. Every call ends, or raises, within the tier's own timeout."""

    undecodable: int
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

    async def read(self, keys: Collection[str]) -> dict[str, Entry]:
        """Return the entries that exist and have not expired."""

    async def write(self, writes: Mapping[str, Write]) -> None:
        """Store and delete; later calls take effect after earlier ones."""

    async def clear(self) -> None:
        """Remove every key of the namespace and nothing else."""

    def lost_writes(self) -> bool:
        """Tell whether the last ``open`` found a server that may have forgotten writes."""
