"""What was written, against which every value read is compared; also the origin's own truth.

Each write is a record with the moments at which it began and was acknowledged:

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
newest value is legal, and every older one that had been written by then is stale. None is legal
from when the origin answered it until a write that began after that is acknowledged.
"""

from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any

from workers.values import Values
from workers.written import NEVER, Clear, Evidence, Write, Written, clearing, superseding


@dataclass(slots=True)
class Findings:
    """How many values were compared, and what was found wrong with them."""

    values_checked: int = 0
    wrong_values: int = 0
    stale_reads: int = 0
    resurrected_reads: int = 0


class Ledger:
    """The records of all keys of an attempt.

    Args:
        values: Makes the value of a key's revision.
    """

    def __init__(self, values: Values) -> None:
        self.findings = Findings()
        self.evidence: dict[str, Evidence] = {}
        """Of each finding, by its name, what showed the first of this phase."""
        self.revision_of = values.revision_of
        self._value = values.value
        self._keys: dict[str, Written] = {}
        self._clears: list[Clear] = []
        self._told_ns = 0

    @property
    def clock(self) -> int:
        """Now, on `time.perf_counter_ns`; every look is later than the one before."""
        self._told_ns = max(perf_counter_ns(), self._told_ns + 1)
        return self._told_ns

    @property
    def distinct_keys(self) -> int:
        """Number of different keys that were read, written or loaded."""
        return len(self._keys)

    def begin_phase(self) -> None:
        """Start counting findings afresh; what was written stays known."""
        self.findings, self.evidence = Findings(), {}

    def truth(self, key: str) -> Any:
        """What the origin answers for `key`: the value of the revision begun last.

        What can be changed is made afresh: what a cache may do to it must not reach the ledger.
        """
        written = self._written(key)
        if type(written.value) is str:
            return written.value
        return self._value(key, written.revision)

    def newest(self, key: str) -> int:
        """The revision of `key` that was begun last."""
        return self._written(key).revision

    def missed(self, key: str) -> None:
        """Note a read that found nothing; always legal, since any tier may evict."""
        if key not in self._keys:
            self._written(key)

    def origin_answered_none(self, key: str) -> None:
        """Note that the origin has answered None for `key`, which a cache may keep."""
        self._written(key).none_at = self.clock

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
        self._clears.append(Clear(self.clock))
        return self._clears[-1]

    def acknowledge(self, change: Write | Clear) -> None:
        """Note that a write, delete or clear was answered without an error."""
        change.end = self.clock

    def check(self, key: str, value: Any, began_ns: int) -> None:
        """Compare a value read with what may legally be seen.

        Args:
            key: The key that was read.
            value: What was read.
            began_ns: When the read began, on `clock`.
        """
        self.findings.values_checked += 1
        # What was begun last is never illegal, so most checks end here.
        if value == self._written(key).value:
            return
        written = self._keys[key]
        position = self._written_at(key, value, written.writes)
        if position is not None:
            self._check_age(key, value, position, began_ns)
        elif value is None and written.none_at != NEVER:
            self._check_none(key, began_ns)
        else:
            self._check_unknown(key, value, began_ns)

    def _check_unknown(self, key: str, value: Any, began_ns: int) -> None:
        """Judge a value that this ledger has not written."""
        self._found("wrong_values", key, value, began_ns)

    def _check_none(self, key: str, began_ns: int) -> None:
        written = self._keys[key]
        replaced = superseding(written.writes, written.none_at, began_ns)
        if replaced is not None:
            self._found("stale_reads", key, None, began_ns, replaced=replaced)

    def _check_age(self, key: str, value: Any, position: int, began_ns: int) -> None:
        writes = self._keys[key].writes
        made = writes[position]
        replaced = superseding(writes, made.end, began_ns)
        if replaced is not None:
            kind = "resurrected_reads" if replaced.deletes else "stale_reads"
            self._found(kind, key, value, began_ns, made=made, replaced=replaced)
        elif position + 1 < len(writes):
            # A clear removed the copy when the origin had a newer value already.
            since_ns = max(made.end, writes[position + 1].begin)
            cleared = clearing(self._clears, since_ns, began_ns)
            if cleared is not None:
                self._found("stale_reads", key, value, began_ns, made=made, replaced=cleared)

    def _found(
        self,
        kind: str,
        key: str,
        value: Any,
        began_ns: int,
        *,
        made: Write | None = None,
        replaced: Write | Clear | None = None,
    ) -> None:
        setattr(self.findings, kind, getattr(self.findings, kind) + 1)
        if kind not in self.evidence:
            self.evidence[kind] = Evidence(
                key=key,
                value=value,
                began_ns=began_ns,
                seen_ns=self.clock,
                made=made,
                replaced=replaced,
            )

    def _written(self, key: str) -> Written:
        written = self._keys.get(key)
        if written is None:
            written = self._keys[key] = Written(self._value(key, 0))
        return written

    def _begin(self, key: str, *, deletes: bool) -> Write:
        written = self._written(key)
        revision = self._revision(len(written.writes))
        write = Write(revision=revision, begin=self.clock, deletes=deletes)
        written.writes.append(write)
        written.revision = write.revision
        written.value = self._value(key, write.revision)
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
