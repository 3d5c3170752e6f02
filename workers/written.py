"""What was written, key by key: the ledger's records, with times in ns on its clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

NEVER = 2**63


@dataclass(slots=True)
class Write:
    """One write or delete of a key; `end` is `NEVER` until it is acknowledged."""

    revision: int
    begin: int
    deletes: bool = False
    end: int = NEVER


@dataclass(slots=True)
class Clear:
    """One removal of all cached copies; `end` is `NEVER` until it is acknowledged."""

    begin: int
    end: int = NEVER


@dataclass(slots=True)
class Written:
    """One key's records in the order of their beginnings, and what was begun last.

    `none_at` is when the origin answered None last; `NEVER` where it never did.
    """

    value: Any
    revision: int = 0
    none_at: int = NEVER
    writes: list[Write] = field(default_factory=lambda: [Write(revision=0, begin=0, end=0)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The operations that show that a value read was wrong.

    Args:
        key: The key that was read.
        value: What was read.
        began_ns: When the read began.
        seen_ns: When its value was looked at, just after the read.
        made: What wrote the value; None where nothing did.
        replaced: What replaced or removed it before the read began; None where nothing had to.
    """

    key: str
    value: Any
    began_ns: int
    seen_ns: int
    made: Write | None = None
    replaced: Write | Clear | None = None


def superseding(writes: Sequence[Write], acknowledged: int, begin: int) -> Write | None:
    """What replaced for certain, before a read began, a value that was acknowledged before.

    Args:
        writes: In the order of their beginnings.
        acknowledged: When the value's own write was.
        begin: When the read began.
    """
    for later in reversed(writes):
        if later.begin <= acknowledged:
            return None
        if later.end <= begin:
            return later
    return None


def clearing(clears: Sequence[Clear], since: int, begin: int) -> Clear | None:
    """What removed, before a read began, all copies that there were at `since`."""
    found = (clear for clear in clears if since < clear.begin and clear.end <= begin)
    return next(found, None)
