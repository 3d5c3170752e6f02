"""The history of an attempt: what one worker notes of it, and what all know of it afterwards.

notes reads and changes -> the load ends everywhere -> hands its changes over, takes the others'
-> holds its own reads against all changes -> tells the others which writes its reads have seen
"""

from collections.abc import Callable, Mapping
from time import perf_counter_ns
from typing import Protocol

import numpy as np
import zstandard

from workers.checker import findings
from workers.checker.account import Account
from workers.checker.checked import Checked
from workers.checker.found import Found
from workers.checker.judged import Judged, Mask, judge
from workers.checker.log import CHANGE, NEVER, Kind, Log, decode, encode, joined
from workers.checker.noted import NotedSubject
from workers.group import Gathering
from workers.ledger import Ledger
from workers.subjects.base import Subject
from workers.threads import run_to_end

_NS_PER_MS = 1_000_000


class History(Protocol):
    """What is noted of an attempt's operations."""

    account: Account
    """Tells the operations of this worker."""
    changes: Log
    """All that the phases which were checked have changed, times on this worker's clock."""
    promised_ns: int | None
    """For how long others' changes may stay unseen; None where nothing is promised."""

    @property
    def subject(self) -> Subject:
        """The cache under test, as loads are to use it."""
        ...

    async def check(self, phase: str) -> Checked:
        """Check a phase once its load has ended; once for each, in their order.

        Raises:
            InvalidAttemptError: Not all workers of the group came in time.
            HistoryError: An operation was handed over twice, or not at all.
        """
        ...


class NoHistory:
    """Nothing is noted; the ledger's own findings are all there is."""

    def __init__(self, subject: Subject, ledger: Ledger, now_s: Callable[[], float]) -> None:
        self.account = Account(zero_ns=_zero_ns(now_s), worker=0, names={})
        self.changes: Log = np.zeros(0, dtype=CHANGE)
        self.promised_ns: int | None = None
        self.subject = subject
        self._ledger = ledger

    async def check(self, phase: str) -> Checked:
        """What comparing the values has found."""
        return Checked(findings=tuple(findings.of_ledger(self._ledger, phase, self.account)))


class KeptHistory:
    """Every operation is noted, and checked when its phase has ended.

    Args:
        subject: The cache under test.
        ledger: This worker's.
        group: All that take part in the attempt.
        max_staleness_ms: What the subject promises; None where it promises nothing.
        now_s: Seconds since the attempt began.
    """

    def __init__(
        self,
        subject: Subject,
        ledger: Ledger,
        group: Gathering,
        max_staleness_ms: float | None,
        now_s: Callable[[], float],
    ) -> None:
        self._noted = NotedSubject(subject, ledger, group.shard)
        self.account = Account(zero_ns=_zero_ns(now_s), worker=group.shard, names=self._noted.names)
        self.changes: Log = np.zeros(0, dtype=CHANGE)
        self.promised_ns = (
            None if max_staleness_ms is None else round(max_staleness_ms * _NS_PER_MS)
        )
        self.subject: Subject = self._noted
        self._ledger = ledger
        self._group = group

    async def check(self, phase: str) -> Checked:
        """Hold this worker's reads against what all have changed."""
        # What one still loads in the background another may already read.
        await self._group.hand_over(f"end of {phase}", b"")
        reads = self._noted.reads.taken()
        before = len(self.changes)
        await self._exchange(phase)
        shard, error_ns = self._group.shard, self._group.clock.error_ns
        judged = await run_to_end(judge, self.changes, reads, shard, error_ns)
        seen = await self._seen(judged, before, phase)
        return await run_to_end(self._checked, judged, before, seen, phase)

    async def _exchange(self, phase: str) -> None:
        offset_ns = self._group.clock.offset_ns
        own = await run_to_end(encode, self._noted.changes.taken(), offset_ns)
        handed_over = await self._group.hand_over(f"log of {phase}", own)
        self.changes = await run_to_end(self._joined, handed_over, offset_ns)

    def _joined(self, handed_over: Mapping[int, bytes], offset_ns: int) -> Log:
        more = [decode(each, offset_ns) for _shard, each in sorted(handed_over.items())]
        return joined(self.changes, more)

    async def _seen(self, judged: Judged, before: int, phase: str) -> Mask:
        """Which of the phase's changes any worker's read has seen."""
        seen = np.zeros(len(self.changes) - before, dtype=np.bool_)
        if not len(seen):
            return seen
        made_by = judged.made_by[judged.made_by >= before]
        seen[made_by - before] = True
        own = zstandard.compress(np.packbits(seen).tobytes())
        handed_over = await self._group.hand_over(f"seen in {phase}", own)
        for each in handed_over.values():
            bits = np.frombuffer(zstandard.decompress(each), dtype=np.uint8)
            seen |= np.unpackbits(bits, count=len(seen)).astype(np.bool_)
        return seen

    def _checked(self, judged: Judged, before: int, seen: Mask, phase: str) -> Checked:
        found = Found(judged, self.promised_ns)
        fresh = self.changes[before:]
        own = (fresh["shard"] == self._group.shard) & (fresh["kind"] <= Kind.CLEAR)
        written = own & (fresh["kind"] == Kind.WRITE) & (fresh["acked"] != NEVER)
        unread = before + np.flatnonzero(written & ~seen)
        counts = found.counts | {"checked_writes": int(np.count_nonzero(own))}
        if np.any(written):
            counts["never_read_writes"] = len(unread)
        if self._group.shards > 1 and len(judged.reads):
            counts["cross_reads"] = int(np.count_nonzero(judged.crossing))
            counts["cross_stale_reads"] = int(np.count_nonzero(judged.stale_by_others))
        return Checked(
            counts=counts,
            staleness_ns=judged.staleness_ns if np.any(judged.comparable) else None,
            stale=found.stale,
            findings=(
                *findings.of_ledger(self._ledger, phase, self.account),
                *found.findings(phase, self.account),
                *findings.never_read_writes(judged, unread.tolist(), phase, self.account),
            ),
        )


def history_of(
    subject: Subject,
    ledger: Ledger,
    group: Gathering,
    now_s: Callable[[], float],
    *,
    kept: bool,
    promises: Mapping[str, float],
) -> History:
    """The history of an attempt, to be used for all of its phases.

    Args:
        subject: The cache under test, started.
        ledger: This worker's.
        group: All that take part in the attempt.
        now_s: Seconds since the attempt began.
        kept: Whether operations are noted and checked; where not, the subject stays as it is.
        promises: What the subject states of itself.
    """
    if not kept:
        return NoHistory(subject, ledger, now_s)
    return KeptHistory(subject, ledger, group, promises.get("max_staleness_ms"), now_s)


def _zero_ns(now_s: Callable[[], float]) -> int:
    """When the attempt began, on `time.perf_counter_ns`."""
    return perf_counter_ns() - round(now_s() * 1e9)
