"""What one phase measured, before anything is derived from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.scenario import Phase
from results.attempt_result import FaultWindow, PhaseSpan, SearchTrial
from workers.checker.checked import Checked
from workers.ledger import Findings
from workers.machine import MachineView
from workers.recorder import Samples

_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredPhase:
    """One phase as it went.

    Args:
        phase: What was planned.
        began_ns: When its load began, on the samples' clock.
        span: When its load ran.
        samples: Every operation.
        reads: Keys read by serving tier.
        findings: What comparing the values read has found.
        warmed_keys: Keys that its warming steps put into L1; None where it has no such step.
        cpu_s: Processor time of this process during the load.
        fault_windows: Its faults' times.
        health_turned_s: From a fault's effect to the subject's health saying so.
        health_recovered_s: From a fault's end to the subject's health being healthy.
        load_began_ns: When each call of the loader began, on the samples' clock; shape (loads,).
        health: The subject's health at each look at it, with seconds since the attempt began.
        doubts: Why the measurement can't be trusted.
        skipped: Whether nothing of its load was left for this worker.
        unsupported: Whether that is because the subject can do nothing of it.
        offered: Operations that were due; None where the load has no schedule.
        dropped: Operations that were due and never sent.
        left_over: Operations that waited when the schedule's last was due.
        arrivals_ns: When each operation of a schedule was due, on the samples' clock, ascending;
            shape (offered,); None without a schedule.
        lag_ns: How late the generator handed over each of these; None as above.
        trials: The trials of a search.
        machine: What was seen of the worker and its machine; None where nobody watched.
        server: What L2's server counted, by metric.
        checked: What the checker says of its reads and writes.
        start_offset_s: From the moment that a group agreed upon to this worker's begin.
        clock_error_s: How far apart two workers of the group may see the same moment.
    """

    phase: Phase
    began_ns: int
    span: PhaseSpan
    samples: Samples
    reads: Mapping[str, int]
    findings: Findings
    warmed_keys: int | None
    cpu_s: float
    fault_windows: tuple[FaultWindow, ...] = ()
    health_turned_s: float | None = None
    health_recovered_s: float | None = None
    load_began_ns: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    health: tuple[tuple[float, str], ...] = ()
    doubts: tuple[str, ...] = field(default=())
    skipped: bool = False
    unsupported: bool = False
    offered: int | None = None
    dropped: int = 0
    left_over: int = 0
    arrivals_ns: NDArray[np.int64] | None = None
    lag_ns: NDArray[np.int64] | None = None
    trials: tuple[SearchTrial, ...] = ()
    machine: MachineView | None = None
    server: Mapping[str, float] = field(default_factory=dict)
    checked: Checked = field(default_factory=Checked)
    start_offset_s: float | None = None
    clock_error_s: float | None = None

    @property
    def duration_s(self) -> float:
        """Wall time of its load."""
        return self.span.end_s - self.span.start_s

    def at_ns(self, at_s: float) -> int:
        """A moment in seconds since the attempt began, on the samples' clock."""
        return self.began_ns + round((at_s - self.span.start_s) * 1e9)

    @property
    def loads(self) -> int:
        """Calls of the loader."""
        return len(self.load_began_ns)

    @property
    def recorded_mib(self) -> float:
        """Memory that is taken by what was recorded of it."""
        samples = self.samples
        of_samples = (samples.start_ns, samples.duration_ns, samples.code, samples.due_ns)
        kept = (*of_samples, self.arrivals_ns, self.lag_ns, self.load_began_ns)
        return sum(each.nbytes for each in kept if each is not None) / _MIB
