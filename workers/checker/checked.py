"""What the checker says of one phase's reads and writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from results.attempt_result import Finding
from workers.checker.judged import Mask
from workers.checker.log import Times


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleReads:
    """The stale reads of one worker, an element each, shape (n,), and those that might have been.

    Args:
        comparable_ns: When each read began of whose key anything had been changed before, stale or
            not, on `time.perf_counter_ns`; shape (m,).
        began_ns: When it began, on the same clock.
        staleness_ns: How long what it saw had been replaced by then.
        overdue: Whether that was longer than the subject promises; None where it promises nothing.
    """

    comparable_ns: Times = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    began_ns: Times = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    staleness_ns: Times = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    overdue: Mask | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One phase's check.

    Args:
        counts: What was counted, by the names of `results.metrics`; what there was nothing of to
            check is left out.
        staleness_ns: How old what each read saw was, 0 where it was current; None where no history
            was kept, or nothing had been changed before it was read.
        stale: The reads for which it was not current.
        findings: Of each kind found, how often, and the operations that prove the first.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    staleness_ns: Times | None = None
    stale: StaleReads = field(default_factory=StaleReads)
    findings: tuple[Finding, ...] = ()
