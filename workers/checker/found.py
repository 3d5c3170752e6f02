"""What one worker's reads of a phase come to: counts, ages, and proofs."""

from collections.abc import Iterator

import numpy as np

from results.attempt_result import Finding
from workers.checker import findings
from workers.checker.account import Account
from workers.checker.checked import StaleReads
from workers.checker.judged import Judged
from workers.checker.repeats import repeated


class Found:
    """The sum of a worker's judged reads.

    Args:
        judged: The reads.
        promised_ns: For how long others' changes may stay unseen; None where nothing is promised.
    """

    def __init__(self, judged: Judged, promised_ns: int | None) -> None:
        self._judged = judged
        self._promised_ns = promised_ns
        self._overdue = (
            np.zeros(len(judged.reads), dtype=np.bool_)
            if promised_ns is None
            else judged.overdue(promised_ns)
        )
        wrong = judged.stale if promised_ns is None else self._overdue
        self._again = repeated(judged) & wrong
        written = self._again & (judged.made_by >= 0)
        self._repeated = len(np.unique(judged.made_by[written]))

    @property
    def counts(self) -> dict[str, int]:
        """By metric; what there was nothing of to check is left out."""
        judged = self._judged
        counts = {"checked_reads": len(judged.reads)}
        if len(judged.reads):
            counts["impossible_reads"] = int(np.count_nonzero(judged.impossible))
        if np.any(judged.comparable):
            counts["repeated_writes"] = self._repeated
            if self._promised_ns is not None:
                counts["overdue_reads"] = int(np.count_nonzero(self._overdue))
        return counts

    @property
    def stale(self) -> StaleReads:
        """The stale reads among them, and when those began that might have been stale."""
        judged = self._judged
        stale = judged.stale
        return StaleReads(
            comparable_ns=judged.reads["began"][judged.comparable],
            began_ns=judged.reads["began"][stale],
            staleness_ns=judged.staleness_ns[stale],
            overdue=None if self._promised_ns is None else self._overdue[stale],
        )

    def findings(self, phase: str, account: Account) -> Iterator[Finding]:
        """What is wrong with them.

        Args:
            phase: The phase's name.
            account: Tells the operations.
        """
        judged = self._judged
        yield from findings.impossible_reads(judged, phase, account)
        if self._promised_ns is not None:
            promised_ns = self._promised_ns
            yield from findings.overdue_reads(judged, self._overdue, phase, account, promised_ns)
        again = self._again & (judged.made_by >= 0)
        yield from findings.repeated_writes(judged, again, self._repeated, phase, account)
