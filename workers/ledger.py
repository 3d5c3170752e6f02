"""What was written, against which every value read is compared; also the origin's own truth.

Each write is a record with the moments at which it began and was acknowledged, on a clock that
counts the writes' beginnings and ends:

    record A  |-----|
    record B      |------|             A and B overlap: either may win
    record C                  |----|   C began after A and B were acknowledged
    read                             |---|  must see C, or what overlaps C or the read

A value is illegal where some record began after the value's own was acknowledged, and was itself
acknowledged before the read began. A write that raised may take effect at any later time, or
never: it makes nothing illegal and is never illegal itself.
Callers change the origin first and the cache after it, so a loader answers the revision that
was begun last. A delete is a change of the origin of which the cache is told no more than that
its value is no longer good: what is loaded after it differs from all that was cached before, so
that a resurrected value is recognised. A clear removes cached copies alone: after it the origin's
newest value is legal, and every older one that had been written by then is stale.
"""

from dataclasses import dataclass, field
from typing import Any

from workers.values import Values

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
class History:
    """One key's records in the order of their beginnings, and what was begun last."""

    value: Any
    revision: int = 0
    writes: list[Write] = field(default_factory=lambda: [Write(revision=0, begin=0, end=0)])


@dataclass(slots=True)
class Findings:
    """How many values were compared, and what was found wrong with them."""

    values_checked: int = 0
    wrong_values: int = 0
    stale_reads: int = 0
    resurrected_reads: int = 0


class Ledger:
    """The histories of all keys of an attempt.

    `clock` is to be read just before a read begins; it moves with writes only.

    Args:
        values: Makes the value of a key's revision.
    """

    def __init__(self, values: Values) -> None:
        self.clock = 0
        self.findings = Findings()
        self._value = values.value
        self.revision_of = values.revision_of
        self._histories: dict[str, History] = {}
        self._clears: list[Clear] = []

    @property
    def distinct_keys(self) -> int:
        """Number of different keys that were read, written or loaded."""
        return len(self._histories)

    def begin_phase(self) -> None:
        """Start counting findings afresh; what was written stays known."""
        self.findings = Findings()

    def truth(self, key: str) -> Any:
        """What the origin answers for `key`: the value of the revision begun last.

        What can be changed is made afresh: what a cache may do to it must not reach the ledger.
        """
        history = self._history(key)
        if type(history.value) is str:
            return history.value
        return self._value(key, history.revision)

    def missed(self, key: str) -> None:
        """Note a read that found nothing; always legal, since any tier may evict."""
        if key not in self._histories:
            self._history(key)

    def begin_write(self, key: str) -> tuple[Write, Any]:
        """Note that a new value of `key` is about to be written.

        Returns:
            The record, to be acknowledged, and the value to write.
        """
        write = self._begin(key, deletes=False)
        return write, self._value(key, write.revision)

    def begin_delete(self, key: str) -> Write:
        """Note that `key` is about to be deleted."""
        return self._begin(key, deletes=True)

    def begin_clear(self) -> Clear:
        """Note that every cached copy is about to be removed."""
        self.clock += 1
        self._clears.append(Clear(self.clock))
        return self._clears[-1]

    def acknowledge(self, change: Write | Clear) -> None:
        """Note that a write, delete or clear was answered without an error."""
        self.clock += 1
        change.end = self.clock

    def check(self, key: str, value: Any, begin: int) -> None:
        """Compare a value read with what may legally be seen.

        Args:
            key: The key that was read.
            value: What was read.
            begin: `clock` when the read began.
        """
        self.findings.values_checked += 1
        # What was begun last is never illegal, so most checks end here.
        if value == self._history(key).value:
            return
        writes = self._histories[key].writes
        position = self._written_at(key, value, writes)
        if position is None:
            self._check_unknown(key, value)
        else:
            self._check_age(writes, position, begin)

    def _check_unknown(self, key: str, value: Any) -> None:  # noqa: ARG002 - others may know it
        """Judge a value that this ledger has not written."""
        self.findings.wrong_values += 1

    def _check_age(self, writes: list[Write], position: int, begin: int) -> None:
        superseding = _superseding(writes, position, begin)
        if superseding is not None and superseding.deletes:
            self.findings.resurrected_reads += 1
        elif superseding is not None or self._cleared(writes, position, begin):
            self.findings.stale_reads += 1

    def _cleared(self, writes: list[Write], position: int, begin: int) -> bool:
        """Whether a clear removed the copy when the origin had a newer value already."""
        if position + 1 == len(writes):
            return False
        since = max(writes[position].end, writes[position + 1].begin)
        return any(since < clear.begin and clear.end <= begin for clear in self._clears)

    def _history(self, key: str) -> History:
        history = self._histories.get(key)
        if history is None:
            history = self._histories[key] = History(self._value(key, 0))
        return history

    def _begin(self, key: str, *, deletes: bool) -> Write:
        history = self._history(key)
        self.clock += 1
        revision = self._revision(len(history.writes))
        write = Write(revision=revision, begin=self.clock, deletes=deletes)
        history.writes.append(write)
        history.revision = write.revision
        history.value = self._value(key, write.revision)
        return write

    def _revision(self, position: int) -> int:
        """The revision of the key's record at `position`; that of the first is 0."""
        return position

    def _position(self, revision: int) -> int | None:
        """Where the record of a revision stands; None where it would not be this ledger's."""
        return revision

    def _written_at(self, key: str, value: Any, writes: list[Write]) -> int | None:
        revision = self.revision_of(key, value)
        if revision is None:
            return self._searched(key, value, writes)
        position = self._position(revision)
        if position is None or not 0 <= position < len(writes):
            return None
        return position if self._value(key, revision) == value else None

    def _searched(self, key: str, value: Any, writes: list[Write]) -> int | None:
        """Values of a few bytes don't tell their revision."""
        for position in range(len(writes) - 1, -1, -1):
            if self._value(key, writes[position].revision) == value:
                return position
        return None


def _superseding(writes: list[Write], position: int, begin: int) -> Write | None:
    acknowledged = writes[position].end
    for later in reversed(writes[position + 1 :]):
        if later.begin > acknowledged and later.end <= begin:
            return later
    return None
